"""A replay in the background: begun once, done once whoever is killed, stopped, and true to the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.access.operations import assign_role
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.operations import add_non_working_day
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.jobs.sweeps import round_of_work
from saferpractice.pathways import operations
from saferpractice.pathways.models import (
    PathwayCase,
    Replay,
    ReplayCase,
    ReplayPart,
    ReplayResult,
    ReplayStopped,
)
from saferpractice.pathways.operations import replaying
from saferpractice.pathways.queries import library
from saferpractice.pathways.queries.replays import (
    candidates,
    cases_done,
    differing,
    differing_hidden,
    incidents_shown,
    running,
    setting_of,
)
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, NOTE, a_case, a_record, hours, used
from tests.factories.replays import a_replay, content_of, one_is_enough
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R17", "R18", "R20")
AFTER = hours(241)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "CASES_A_PART", 2)


def with_one(cast: Cast, number: int = 0, **more: Any) -> PathwayCase:
    """A case on which one indicator was ticked an hour after it was opened: the candidate asks, the other does not."""
    case = a_case(cast, person=f"P-{number}", at=hours(number), **more)
    who = more.get("by", cast.worker)
    a_record(case, "checklist", number + 1, by=who, values={"present": ["infection-risk"]})
    return case


def with_two(cast: Cast, number: int = 0, **more: Any) -> PathwayCase:
    """A case on which two indicators were ticked at once, and consulted about: both definitions ask for the same."""
    case = a_case(cast, person=f"P-{number}", at=hours(number), **more)
    a_record(case, "checklist", number + 1, by=cast.worker, values={"present": ["infection-risk", "refusal-of-care"]})
    a_record(case, "consultation", number + 2, by=cast.worker, values=CONSULTATION)
    return case


def done(replay: Replay) -> ReplayResult:
    """Worked off by the worker."""
    while operations.carry_on_replays(at=AFTER):
        pass
    return ReplayResult.objects.get(replay=replay)


class TestWhatItSays:
    def test_cases_triggered_and_those_that_differ(self, cast: Cast) -> None:
        one, _ = with_one(cast), with_two(cast, 5)
        result = done(a_replay(cast))
        assert result.tally["cases"] == 2
        assert result.tally["triggered"] == [1, 2]
        assert result.tally["differ"] == 1
        (found,) = ReplayCase.objects.filter(replay=result.replay)
        assert (found.case, found.kinds) == (one, ",asked,")
        assert found.differences == [["consult", [0, None, 0], [1, hours(1).isoformat(), 1]]]
        assert (found.live_at, found.candidate_at) == (None, hours(1))

    def test_earlier_by_days(self, cast: Cast) -> None:
        case = with_one(cast)
        a_record(case, "checklist", 49, by=cast.worker, values={"present": ["infection-risk", "refusal-of-care"]})
        incident = an_incident(
            by=cast.worker, team=cast.north, at=hours(121), person_reference="P-0", occurred_at=hours(121)
        )
        result = done(a_replay(cast))
        assert result.incidents == {"incidents": 1, "before": [1, 1], "earlier": [2.0], "later": []}
        (found,) = ReplayCase.objects.filter(replay=result.replay)
        assert (found.incident, found.incident_at) == (incident, hours(121))
        assert found.kinds == ",earlier,"

    def test_an_incident_withdrawn_or_of_somebody_else_is_not_counted(self, cast: Cast) -> None:
        with_one(cast)
        gone = an_incident(by=cast.worker, team=cast.north, at=hours(100), person_reference="P-0")
        withdraw_incident(by=cast.lead, at=hours(101), incident=gone, reason="Made twice.")
        an_incident(by=cast.worker, team=cast.north, at=hours(100), person_reference="P-99")
        an_incident(by=cast.worker, team=cast.north, at=hours(300), person_reference="P-0")
        assert done(a_replay(cast)).incidents["incidents"] == 0, "withdrawn, another's, and known only after the replay"

    def test_a_case_opened_from_an_incident(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=hours(-5), person_reference="P-0")
        with_one(cast, by=cast.duty_manager, incident=incident)
        result = done(a_replay(cast))
        assert result.incidents == {"incidents": 1, "before": [0, 0], "earlier": [], "later": []}
        assert ReplayCase.objects.get(replay=result.replay).incident == incident

    def test_only_its_own_pathway_provider_and_time(self, cast: Cast) -> None:
        with_one(cast, 0)
        kept = with_one(cast, 100)
        a_case(cast, "lost-contact", person="P-7", at=hours(101))
        with_one(cast, 300)
        result = done(a_replay(cast, since=hours(50)))
        assert result.replay.cases == result.tally["cases"] == 1
        assert [each.case for each in ReplayCase.objects.all()] == [kept]

    def test_what_was_written_after_it_began_is_not_looked_at(self, cast: Cast) -> None:
        case = a_case(cast)
        replay = a_replay(cast, at=hours(10))
        a_record(case, "checklist", 9, written=11, by=cast.worker, values={"present": ["infection-risk"]})
        assert done(replay).tally["triggered"] == [0, 0]

    def test_a_closed_case_is_over_when_it_was_closed(self, cast: Cast) -> None:
        """What one indicator would have asked for was open when it was closed, and could not be late after that."""
        case = with_one(cast)
        operations.close_case(by=cast.lead, at=hours(3), case=case, reason="Moved away.")
        closed = done(a_replay(cast))
        assert closed.tally["late"] == {"consult": [0, 0]}
        with_one(cast, 3)
        assert done(a_replay(cast)).tally["late"] == {"consult": [0, 1]}

    def test_the_values_a_service_set_count_where_the_candidate_allows_them(self, cast: Cast) -> None:
        with_one(cast)
        live = used(cast)
        operations.set_local_values(
            by=cast.lead,
            at=hours(2),
            service=cast.riverside,
            definition=library()["self-neglect"],
            values={"how-many": 3},
        )
        result = done(a_replay(cast, live=live))
        assert result.tally["triggered"] == [0, 0], "the service asks at three under both"
        without = content_of("self-neglect")
        without["local"][0]["highest"] = 2
        without["local"][0]["default"] = 1
        assert done(a_replay(cast, without)).tally["triggered"] == [0, 1]

    def test_the_provider_s_days_off_count(self, cast: Cast) -> None:
        case = a_case(cast, at=hours(0))
        refer = {**CONSULTATION, "decision": "refer"}
        a_record(case, "consultation", 8, by=cast.duty_manager, values=refer)  # five past ten on Wednesday
        a_record(case, "referral", 32, by=cast.duty_manager, authority="Anyshire", reference="A1", told_person="yes")
        assert done(a_replay(cast)).tally["late"]["refer"] == [1, 1]
        add_non_working_day(by=cast.administrator, at=NOW, provider=cast.provider, day=date(2026, 3, 4), reason="Move")
        assert done(a_replay(cast)).tally["late"]["refer"] == [0, 0]

    def test_by_service_and_week_with_the_duty_managers_there(self, cast: Cast) -> None:
        with_two(cast, 0)
        a_case(cast, by=cast.worker_elsewhere, team=cast.east, person="P-8")
        assign_role(by=SET_UP, at=NOW, person=cast.reviewer, role=Role.DUTY_MANAGER, place=Place(cast.provider.pk))
        result = done(a_replay(cast))
        assert result.tally["opened"] == [["2026-03-02", str(cast.riverside.pk), "consult", 1, 1]]
        assert result.replay.setting["duty_managers"] == {str(cast.riverside.pk): 2, str(cast.harbour.pk): 2}

    def test_records_the_candidate_reads_otherwise(self, cast: Cast) -> None:
        """A field that the candidate makes a moment is read as one, and one it does not know is passed over."""
        content = content_of("lost-contact")
        note = next(kind for kind in content["records"] if kind["id"] == "escalation-note")
        note["fields"] = [field for field in note["fields"] if field["id"] != "welfare-check"]
        content["obligations"] = [each for each in content["obligations"] if each["id"] != "start-welfare-check"]
        live = used(cast, "lost-contact")
        case = a_case(cast, "lost-contact", at=NOW)
        for hour in (1, 2):
            a_record(case, "missed-contact", hour, by=cast.worker, what="no-reply")
        a_record(case, "escalation-note", 3, by=cast.worker, values={**NOTE, "next-review": hours(90)})
        result = done(a_replay(cast, content, live=live))
        assert result.tally["unread"] == 0
        assert result.tally["kinds"] == {"not-asked": 1}

    def test_one_case_that_cannot_be_read_does_not_stop_the_others(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad = with_one(cast)
        with_one(cast, 3)
        real = replaying.openings

        def fails(definition: Any, timeline: Any, *more: Any) -> Any:
            if any(record.id == str(bad.records.get().pk) for record in timeline):
                raise ValueError("no time zone")
            return real(definition, timeline, *more)

        monkeypatch.setattr(replaying, "openings", fails)
        result = done(a_replay(cast))
        assert (result.tally["cases"], result.tally["unread"], result.tally["differ"]) == (1, 1, 1)


class TestBeginning:
    @pytest.mark.parametrize("who", ["lead", "quality_lead", "director"])
    def test_who_may(self, cast: Cast, who: str) -> None:
        a_case(cast)
        assert a_replay(cast, by=getattr(cast, who)).cases == 1

    @pytest.mark.parametrize(
        "who",
        ["worker", "duty_manager", "supervisor", "reviewer", "administrator", "commissioner", "inspector", "stranger"],
    )
    def test_nobody_else(self, cast: Cast, who: str) -> None:
        a_case(cast)
        with pytest.raises(Refused, match="Only a safeguarding lead, quality lead or director of this place"):
            a_replay(cast, by=getattr(cast, who))
        assert not Replay.objects.exists()

    def test_a_lead_of_one_service_only_may_not(self, cast: Cast) -> None:
        a_case(cast)
        place = Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=SET_UP, at=NOW, person=cast.reviewer, role=Role.SAFEGUARDING_LEAD, place=place)
        with pytest.raises(Refused):
            a_replay(cast, by=cast.reviewer)

    def test_the_same_form_twice_is_one_replay(self, cast: Cast) -> None:
        a_case(cast)
        assert a_replay(cast, key="same") == a_replay(cast, key="same", by=cast.lead)
        assert ReplayPart.objects.count() == 1

    def test_one_at_a_time_of_each_pathway(self, cast: Cast) -> None:
        a_case(cast)
        first = a_replay(cast)
        with pytest.raises(Invalid, match="A replay of this pathway is running"):
            a_replay(cast)
        a_case(cast, "lost-contact")
        other = a_replay(cast, content_of("lost-contact"), live=used(cast, "lost-contact"))
        assert running(cast.provider.pk, "self-neglect") == first
        assert running(cast.provider.pk, "lost-contact") == other
        done(first)
        assert running(cast.provider.pk, "self-neglect") is None
        assert a_replay(cast).pk != first.pk

    def test_without_a_case(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="There is no case to replay"):
            a_replay(cast)

    def test_the_version_in_use_must_still_be(self, cast: Cast) -> None:
        a_case(cast)
        old = used(cast)
        used(cast, definition=definition_from_data(one_is_enough(), name="new"))
        with pytest.raises(Invalid, match="Another version went live meanwhile"):
            a_replay(cast, live=old)

    def test_it_is_on_the_trail(self, cast: Cast) -> None:
        a_case(cast)
        replay = a_replay(cast)
        done(replay)
        told = TrailEntry.objects.filter(subject_id=replay.pk).order_by("sequence")
        assert [(each.by_name, each.sentence.split(" over")[0]) for each in told] == [
            ("Quill Harker", "began to replay “One is enough” of the pathway “Self-neglect threshold”"),
            ("Safer Practice replay", "finished the replay of “One is enough”"),
        ]

    def test_what_can_be_replayed(self, cast: Cast) -> None:
        first = used(cast)
        assert candidates(first) == [], "what ships is what is in use"
        second = used(cast, definition=definition_from_data(one_is_enough(), name="new"))
        assert [(each.key, each.name) for each in candidates(second)] == [
            ("shipped", "As the product ships it"),
            (f"version:{first.pk}", "Version 1"),
        ]
        assert all(each.definition().pathway == "self-neglect" for each in candidates(second))


@pytest.mark.usefixtures("small_parts")
class TestWorkingItOff:
    def cases(self, cast: Cast, count: int = 5) -> None:
        for number in range(count):
            (with_one if number % 2 else with_two)(cast, number)

    def test_part_by_part_with_progress(self, cast: Cast) -> None:
        self.cases(cast)
        replay = a_replay(cast)
        looked = []
        while operations.carry_on_replays(at=AFTER):
            looked.append(cases_done(replay))
        assert looked == [2, 4, 5]
        assert replay.result.tally["cases"] == 5

    def test_the_worker_does_it_in_its_rounds(self, cast: Cast) -> None:
        self.cases(cast, 3)
        replay = a_replay(cast)
        for _ in range(3):
            round_of_work(AFTER)
        assert ReplayResult.objects.get(replay=replay).tally["cases"] == 3

    def test_in_parts_it_says_what_it_says_at_once(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cases(cast)
        in_parts = done(a_replay(cast))
        monkeypatch.setattr(replaying, "CASES_A_PART", 99)
        at_once = done(a_replay(cast))
        assert at_once.replay.parts.count() == 1
        assert (in_parts.tally, in_parts.incidents) == (at_once.tally, at_once.incidents)

    def test_a_part_claimed_is_left_alone_until_its_worker_must_have_died(self, cast: Cast) -> None:
        self.cases(cast, 2)
        replay = a_replay(cast)
        ReplayPart.objects.filter(replay=replay).update(claimed_until=AFTER + replaying.CLAIMED_FOR)
        assert operations.carry_on_replays(at=AFTER) == 0
        assert operations.carry_on_replays(at=AFTER + replaying.CLAIMED_FOR - timedelta(seconds=1)) == 0
        assert operations.carry_on_replays(at=AFTER + replaying.CLAIMED_FOR) == 2
        assert ReplayResult.objects.get(replay=replay).tally["cases"] == 2

    def test_killed_between_looking_and_keeping_it_counts_once(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.cases(cast)
        replay = a_replay(cast)
        operations.carry_on_replays(at=AFTER)

        class Killed(BaseException):
            pass

        def dies(*_: object, **__: object) -> None:
            raise Killed

        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(ReplayCase.objects, "bulk_create", dies)
            operations.carry_on_replays(at=AFTER)
        assert cases_done(replay) == 2, "nothing of it was kept"
        assert operations.carry_on_replays(at=AFTER) == 1, "the next part is free, the claimed one waits"
        late = AFTER + replaying.CLAIMED_FOR
        assert operations.carry_on_replays(at=late) == 2
        result = ReplayResult.objects.get(replay=replay)
        assert (result.tally["cases"], result.tally["differ"]) == (5, 2)
        assert ReplayCase.objects.filter(replay=replay).count() == 2

    def test_two_at_one_part_keep_it_once(self, cast: Cast) -> None:
        """The first was so slow that its claim ran out, and both come to an end."""
        self.cases(cast, 2)
        replay = a_replay(cast)
        part = ReplayPart.objects.select_related("replay__live").get(replay=replay)
        for _ in range(2):
            replaying._do(part, AFTER)
        assert ReplayCase.objects.filter(replay=replay).count() == 1
        assert ReplayResult.objects.get(replay=replay).tally["cases"] == 2

    def test_a_database_that_does_not_answer_frees_the_part(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cases(cast, 2)
        replay = a_replay(cast)

        def gone(*_: object) -> None:
            raise DatabaseError

        with monkeypatch.context() as patched, pytest.raises(DatabaseError):
            patched.setattr(replaying, "standing_incidents", gone)
            operations.carry_on_replays(at=AFTER)
        assert done(replay).tally["cases"] == 2

    def test_stopped_it_goes_no_further(self, cast: Cast) -> None:
        self.cases(cast)
        replay = a_replay(cast)
        operations.carry_on_replays(at=AFTER)
        stopped = operations.stop_replay(by=cast.lead, at=AFTER, replay=replay)
        assert operations.stop_replay(by=cast.director, at=AFTER, replay=replay) == stopped
        assert operations.carry_on_replays(at=AFTER) == 0
        assert not ReplayResult.objects.exists()
        assert running(cast.provider.pk, "self-neglect") is None
        assert a_replay(cast).pk != replay.pk, "another may begin"

    def test_stopped_while_its_last_part_was_at_work_it_has_no_result(self, cast: Cast) -> None:
        self.cases(cast, 2)
        replay = a_replay(cast)
        part = ReplayPart.objects.select_related("replay__live").get(replay=replay)
        operations.stop_replay(by=cast.lead, at=AFTER, replay=replay)
        replaying._do(part, AFTER)
        assert not ReplayResult.objects.exists()

    @pytest.mark.parametrize("who", ["worker", "duty_manager", "reviewer", "administrator", "stranger"])
    def test_who_may_not_stop_it(self, cast: Cast, who: str) -> None:
        self.cases(cast, 1)
        replay = a_replay(cast)
        with pytest.raises(Refused):
            operations.stop_replay(by=getattr(cast, who), at=AFTER, replay=replay)
        assert not ReplayStopped.objects.exists()

    def test_what_is_done_cannot_be_stopped(self, cast: Cast) -> None:
        self.cases(cast, 1)
        replay = a_replay(cast)
        done(replay)
        with pytest.raises(Invalid, match="done already"):
            operations.stop_replay(by=cast.lead, at=AFTER, replay=replay)

    def test_it_is_not_finished_before_all_of_it_is_done(self, cast: Cast) -> None:
        self.cases(cast, 3)
        replay = a_replay(cast)
        operations.carry_on_replays(at=AFTER)
        with pytest.raises(Invalid, match="not done yet"):
            replaying.finish_replay(by=cast.lead, at=AFTER, replay=replay)
        result = done(replay)
        assert replaying.finish_replay(by=cast.lead, at=AFTER, replay=replay) == result

    @pytest.mark.parametrize(
        "change",
        [
            lambda replay: Replay.objects.filter(pk=replay.pk).update(cases=1),
            lambda replay: ReplayResult.objects.update(tally={}),
            lambda replay: ReplayCase.objects.update(differs=False),
            lambda replay: ReplayPart.objects.update(cases=1),
            lambda replay: ReplayCase.objects.all()._raw_delete("default"),
        ],
        ids=["start", "result", "case", "part", "delete"],
    )
    def test_what_was_found_is_never_changed(self, cast: Cast, change: Callable[[Replay], Any]) -> None:
        self.cases(cast, 2)
        replay = a_replay(cast)
        done(replay)
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change(replay)


class TestWhoSeesWhichCases:
    def test_restricted_ones_are_counts(self, cast: Cast) -> None:
        """The quality lead may replay, and is not named on the restricted incident from which one case was opened."""
        secret = an_incident(
            by=cast.worker,
            team=cast.north,
            at=hours(0),
            person_reference="P-1",
            restricted=True,
            restricted_reason="About staff",
        )
        plain = with_one(cast, 0)
        hidden = with_one(cast, 1, by=cast.lead, incident=secret)
        replay = done(a_replay(cast)).replay
        assert [each.case for each in differing(replay, cast.quality_lead, AFTER)] == [plain]
        assert differing_hidden(replay, cast.quality_lead, AFTER) == 1
        assert {each.case for each in differing(replay, cast.lead, AFTER)} == {plain, hidden}
        assert differing_hidden(replay, cast.lead, AFTER) == 0

    def test_an_incident_one_may_not_open_is_not_shown_beside_a_case_one_may(self, cast: Cast) -> None:
        with_one(cast, 0)
        an_incident(
            by=cast.worker,
            team=cast.north,
            at=hours(50),
            person_reference="P-0",
            restricted=True,
            restricted_reason="About staff",
        )
        replay = done(a_replay(cast)).replay
        for person, shown in ((cast.quality_lead, 0), (cast.lead, 1)):
            found = list(differing(replay, person, AFTER))
            assert len(found) == 1
            assert len(incidents_shown(found, person, AFTER)) == shown

    def test_narrowed(self, cast: Cast) -> None:
        one = with_one(cast, 0)
        a_record(one, "checklist", 20, by=cast.worker, values={"present": ["infection-risk", "refusal-of-care"]})
        two = with_one(cast, 3)
        replay = done(a_replay(cast)).replay
        asked = differing(replay, cast.lead, AFTER, kind="asked")
        assert [each.case for each in asked] == [two]
        assert [each.case for each in differing(replay, cast.lead, AFTER, kind="earlier")] == [one]
        riverside, harbour = (str(service.pk) for service in (cast.riverside, cast.harbour))
        assert differing(replay, cast.lead, AFTER, service=riverside).count() == 2
        assert differing(replay, cast.lead, AFTER, service=harbour).count() == 0


def test_the_setting_keeps_the_newest_values_of_each_service(cast: Cast) -> None:
    definition = library()["self-neglect"]
    for hour, number in ((1, 3), (2, 4), (9, 1)):
        operations.set_local_values(
            by=cast.lead, at=hours(hour), service=cast.riverside, definition=definition, values={"how-many": number}
        )
    moment: datetime = hours(5)
    assert setting_of(cast.provider.pk, "self-neglect", moment)["local"] == {str(cast.riverside.pk): {"how-many": 4}}
