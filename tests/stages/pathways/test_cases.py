"""A case runs: what is written down makes obligations, meets them, and can be put right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import PersonSupported
from saferpractice.jobs.sweeps import escalate_due
from saferpractice.pathways import operations
from saferpractice.pathways.models import LocalValues, PathwayCase, PathwayRecord, PathwayVersion
from saferpractice.pathways.queries import definition_of, library, owed_rows, state_of
from saferpractice.pathways.rules.definition import Definition
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.incidents import an_incident
from tests.factories.partners import a_decision, a_risk_review, a_summary, an_agency
from tests.factories.pathways import CONSULTATION, NOTE, a_case, a_record, hours, used
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R18")
TWO = ("infection-risk", "refusal-of-care")
RESTRICTED = {"restricted": True, "restricted_reason": "About staff"}


def obligations(case: PathwayCase) -> list[Obligation]:
    return [row.obligation for row in owed_rows(case)]


def told(case: PathwayCase) -> list[tuple[str, str]]:
    """Each obligation of a case in order: its code, and open, met or cancelled."""
    return [
        (
            row.row.code,
            "met" if row.obligation.met_at else "cancelled" if row.obligation.cancelled_at else "open",
        )
        for row in owed_rows(case)
    ]


class TestPuttingInUse:
    def test_a_version_holds_its_definition_whole(self, cast: Cast) -> None:
        version = used(cast)
        assert (version.number, version.title) == (1, "Self-neglect threshold")
        assert definition_of(a_case(cast)) == library()["self-neglect"]

    @pytest.mark.parametrize("code", ["self-neglect", "lost-contact", "exploitation"])
    def test_each_of_the_library_survives_being_kept(self, cast: Cast, code: str) -> None:
        assert definition_of(a_case(cast, code)) == library()[code]

    def test_the_same_again_changes_nothing(self, cast: Cast) -> None:
        assert used(cast) == used(cast)
        assert PathwayVersion.objects.count() == 1

    def test_another_is_the_next_version(self, cast: Cast) -> None:
        used(cast)
        other = library()["self-neglect"].model_copy(update={"about": "Otherwise."})
        assert used(cast, definition=other).number == 2

    @pytest.mark.parametrize("who", ["lead", "quality_lead", "director"])
    def test_who_may(self, cast: Cast, who: str) -> None:
        version = operations.put_in_use(
            by=cast.people()[who], at=NOW, provider=cast.provider, definition=library()["lost-contact"]
        )
        assert version.decided_by == cast.people()[who]

    @pytest.mark.parametrize(
        "who",
        ["worker", "duty_manager", "supervisor", "reviewer", "administrator", "commissioner", "inspector", "stranger"],
    )
    def test_who_may_not(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            operations.put_in_use(
                by=cast.people()[who], at=NOW, provider=cast.provider, definition=library()["lost-contact"]
            )


class TestOpening:
    def test_by_a_reference_however_it_is_typed(self, cast: Cast) -> None:
        case = a_case(cast, person=" p-1042 ")
        assert case.person_supported.reference == "P-1042"
        assert PersonSupported.objects.count() == 1

    def test_one_open_case_of_a_person_on_a_pathway(self, cast: Cast) -> None:
        assert a_case(cast) == a_case(cast, person="p-1042", by=cast.colleague)
        assert a_case(cast, "lost-contact") != a_case(cast)
        assert a_case(cast, person="P-2") != a_case(cast)

    def test_from_an_incident(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW)
        case = a_case(cast, by=cast.duty_manager, incident=incident)
        assert case.incident == incident

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("worker", True),
            ("colleague", True),
            ("duty_manager", True),
            ("lead", True),
            ("supervisor", True),
            ("director", True),
            ("worker_elsewhere", False),
            ("duty_manager_elsewhere", False),
            ("administrator", False),
            ("commissioner", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_who_may(self, cast: Cast, who: str, may: bool) -> None:
        if may:
            assert a_case(cast, by=cast.people()[who])
            return
        with pytest.raises(Refused):
            a_case(cast, by=cast.people()[who])

    def test_an_incident_one_may_not_open_is_refused(self, cast: Cast) -> None:
        incident = an_incident(
            by=cast.worker, team=cast.north, at=NOW, restricted=True, restricted_reason="About staff"
        )
        with pytest.raises(Refused):
            a_case(cast, by=cast.colleague, incident=incident)

    @pytest.mark.parametrize("reference", ["", "  ", "x" * 61])
    def test_a_reference_is_needed(self, cast: Cast, reference: str) -> None:
        with pytest.raises(Invalid):
            a_case(cast, person=reference)

    def test_a_pathway_of_another_provider(self, cast: Cast) -> None:
        version = operations.put_in_use(
            by=cast.stranger, at=NOW, provider=cast.stranger.provider, definition=library()["self-neglect"]
        )
        with pytest.raises(Invalid):
            operations.open_case(
                by=cast.worker, at=NOW, team=cast.north, version=version, person_reference="P-1", submission_key="k"
            )


class TestOwing:
    def test_two_indicators_make_an_obligation_of_the_same_day(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        [owed] = obligations(case)
        assert owed.title == "Consult the duty manager or safeguarding lead: Self-neglect threshold, P-1042"
        assert (owed.role, owed.team, owed.opened_at) == ("support_worker", cast.north, hours(1))
        assert owed.due_at == datetime(2026, 3, 5, tzinfo=UTC)
        assert owed.clock_source == "Pathway “Self-neglect threshold”, version 1"
        assert owed.next_escalation_at is not None

    def test_one_makes_none(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO[:1])
        assert obligations(case) == []

    def test_the_consultation_meets_it_and_proves_it(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        record = a_record(case, "consultation", 2, by=cast.duty_manager, values=CONSULTATION)
        [owed] = obligations(case)
        assert (owed.met_at, owed.met_by_type, owed.met_by_id) == (hours(2), "pathways.pathwayrecord", record.pk)
        assert owed.next_escalation_at is None

    def test_an_unfinished_one_is_kept_and_does_not(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        record = a_record(case, "consultation", 2, by=cast.worker, decision="do-not-refer")
        assert told(case) == [("consult", "open")]
        operations.correct_record(
            by=cast.worker,
            at=hours(3),
            record=record,
            happened_at=hours(2),
            values=CONSULTATION,
            reason="The rest",
            submission_key="rest",
        )
        assert told(case) == [("consult", "met")]

    @pytest.mark.requirement("R22", "R23")
    def test_three_at_once_and_one_note(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact")
        a_record(case, "missed-contact", 1, by=cast.worker, what="no-reply")
        a_record(case, "attempt", 2, by=cast.worker, method="phone", reached="no")
        a_record(case, "missed-contact", 26, by=cast.worker, what="not-at-home")
        assert told(case)[:1] == [("try-preferred-ways", "met")]
        assert sorted(told(case)[1:]) == [
            ("review-risk", "open"),
            ("start-welfare-check", "open"),
            ("tell-leadership", "open"),
            ("try-preferred-ways", "open"),
        ]
        a_record(case, "escalation-note", 27, by=cast.worker, values={**NOTE, "next-review": hours(50)})
        left = [code for code, state in told(case) if state == "open"]
        assert sorted(left) == ["next-review", "try-preferred-ways"]
        assert next(o for o in obligations(case) if "Review as" in o.title).due_at == hours(50)

    @pytest.mark.requirement("R30")
    def test_a_weekly_review_until_risk_has_fallen(self, cast: Cast) -> None:
        case = a_case(cast, "exploitation")
        a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
        police = an_agency(cast)
        a_risk_review(case, police, by=cast.lead, hour=5)
        assert [state for code, state in told(case) if code == "review-risk"] == ["met", "open"]
        a_risk_review(case, police, by=cast.lead, hour=100, risk_level="low", has_fallen="yes")
        assert [state for code, state in told(case) if code == "review-risk"] == ["met", "met"]

    def test_written_late_it_is_late_from_the_start(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact")
        note = {**NOTE, "next-review": hours(5)}
        a_record(case, "escalation-note", 4, written=30, by=cast.worker, values=note)
        [owed] = obligations(case)
        assert owed.due_at == owed.opened_at == hours(30)

    def test_a_sooner_reason_known_later_brings_it_forward(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "consultation", 4, written=30, by=cast.worker, values={**CONSULTATION, "decision": "refer"})
        late = obligations(case)[0].due_at
        a_record(case, "consultation", 2, written=31, by=cast.worker, values={**CONSULTATION, "decision": "refer"})
        assert [owed.due_at for owed in obligations(case)] == [late], "known later, it changes nothing"

    def test_late_it_is_told_as_the_pathway_says_each_level_once(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        [owed] = obligations(case)
        midnight = datetime(2026, 3, 5, tzinfo=UTC)
        told = {}
        for hour in (0, 0.5, 2.5, 2.6, 13):
            escalate_due(midnight + timedelta(hours=hour, seconds=1))
            told[hour] = [(one.level, {p.name for p in one.told.all()}) for one in owed.escalations.order_by("level")]
        first = (1, {cast.worker.name, cast.colleague.name, cast.duty_manager.name})
        assert told[0] == told[0.5] == [first]
        assert told[2.5] == told[2.6] == [first, (2, {cast.lead.name})]
        assert told[13] == [first, (2, {cast.lead.name}), (3, {cast.director.name})]

    def test_met_meanwhile_nobody_else_is_told(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        escalate_due(datetime(2026, 3, 5, 0, 1, tzinfo=UTC))
        a_record(case, "consultation", 23, by=cast.worker, values=CONSULTATION)
        escalate_due(datetime(2026, 3, 6, tzinfo=UTC))
        assert [one.level for one in obligations(case)[0].escalations.all()] == [1]

    def test_restricted_with_its_incident(self, cast: Cast) -> None:
        incident = an_incident(
            by=cast.worker, team=cast.north, at=NOW, restricted=True, restricted_reason="About staff"
        )
        case = a_case(cast, by=cast.lead, incident=incident, at=hours(1))
        a_record(case, "checklist", 2, by=cast.lead, present=TWO)
        [owed] = obligations(case)
        assert (owed.restricted, owed.story_id) == (True, incident.pk)


class TestPuttingRight:
    def ticked(self, cast: Cast) -> tuple[PathwayCase, PathwayRecord]:
        case = a_case(cast)
        return case, a_record(case, "checklist", 1, by=cast.worker, present=TWO)

    def put_right(self, cast: Cast, record: PathwayRecord, at: float, key: str = "c", **given: object) -> PathwayRecord:
        usual = {
            "happened_at": record.happened_at,
            "values": {"present": ["infection-risk"]},
            "reason": "Ticked by mistake",
        }
        return operations.correct_record(
            by=cast.worker, at=hours(at), record=record, submission_key=key, **{**usual, **given}
        )  # type: ignore[arg-type]

    def test_what_was_never_due_is_cancelled_with_the_reason(self, cast: Cast) -> None:
        case, record = self.ticked(cast)
        self.put_right(cast, record, 2)
        [owed] = obligations(case)
        why = "What was written down since shows that it was not due"
        assert (owed.cancelled_at, owed.cancelled_because) == (hours(2), why)

    def test_the_first_stays_beside_it(self, cast: Cast) -> None:
        _, record = self.ticked(cast)
        correction = self.put_right(cast, record, 2)
        record.refresh_from_db()
        assert record.values == {"present": list(TWO)}
        assert (correction.corrects, correction.reason) == (record, "Ticked by mistake")

    def test_still_due_it_does_not_start_again(self, cast: Cast) -> None:
        case, record = self.ticked(cast)
        before = obligations(case)[0].due_at
        self.put_right(cast, record, 30, values={"present": [*TWO, "unsafe-environment"]})
        assert [owed.due_at for owed in obligations(case)] == [before]
        assert told(case) == [("consult", "open")]

    def test_what_met_it_taken_back_it_is_owed_anew(self, cast: Cast) -> None:
        case, _ = self.ticked(cast)
        record = a_record(case, "consultation", 2, by=cast.worker, values=CONSULTATION)
        self.put_right(cast, record, 3, withdrawn=True, values={})
        assert told(case) == [("consult", "met"), ("consult", "open")]
        assert obligations(case)[0].due_at == obligations(case)[1].due_at

    def test_withdrawn_says_it_did_not_happen(self, cast: Cast) -> None:
        case, record = self.ticked(cast)
        self.put_right(cast, record, 2, withdrawn=True)
        assert told(case) == [("consult", "cancelled")]
        assert TrailEntry.objects.filter(story_id=case.pk).latest("at").sentence == (
            "said that “Self-neglect checklist” did not happen"
        )

    def test_it_needs_a_reason(self, cast: Cast) -> None:
        _, record = self.ticked(cast)
        with pytest.raises(Invalid, match="why"):
            self.put_right(cast, record, 2, reason=" ")

    def test_one_already_put_right_is_not_put_right_again(self, cast: Cast) -> None:
        _, record = self.ticked(cast)
        first = self.put_right(cast, record, 2)
        with pytest.raises(Invalid, match="meanwhile"):
            self.put_right(cast, record, 3, key="d")
        assert self.put_right(cast, first, 4, key="e").corrects == first


class TestWriting:
    def test_the_same_form_again_is_the_same_record(self, cast: Cast) -> None:
        case = a_case(cast)
        given = {
            "by": cast.worker,
            "at": hours(1),
            "case": case,
            "kind": "checklist",
            "happened_at": hours(1),
            "submission_key": "k",
        }
        first = operations.write_record(**given, values={"present": TWO})
        assert operations.write_record(**given, values={"present": TWO}) == first
        with pytest.raises(Invalid, match="already sent"):
            operations.write_record(**given, values={"present": TWO[:1]})

    @pytest.mark.parametrize(
        ("kind", "values", "field"),
        [
            ("checklist", {"present": ["nothing"]}, "present"),
            ("consultation", {"decision": "perhaps"}, "decision"),
            ("consultation", {"more-by": "tomorrow"}, "more-by"),
            ("consultation", {"more-by": datetime(2026, 3, 9)}, "more-by"),  # noqa: DTZ001
            ("referral", {"told-person": "maybe"}, "told-person"),
            ("consultation", {"rationale": "x" * 20_001}, "rationale"),
            ("consultation", {"surplus": "x"}, ""),
        ],
    )
    def test_what_cannot_be_kept_is_refused_beside_its_field(
        self, cast: Cast, kind: str, values: dict[str, object], field: str
    ) -> None:
        case = a_case(cast)
        with pytest.raises(Invalid) as refused:
            a_record(case, kind, 1, by=cast.duty_manager, values=values)
        assert set(refused.value.problems) == {field}
        assert not case.records.exists()

    def test_the_future_is_refused(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as refused:
            a_record(a_case(cast), "checklist", 5, written=4, by=cast.worker, present=TWO)
        assert set(refused.value.problems) == {"happened_at"}

    def test_long_texts_and_emoji_come_back_whole(self, cast: Cast) -> None:
        text = "Ünïcode 🙂 <b>not bold</b> " * 400
        record = a_record(a_case(cast), "checklist", 1, by=cast.worker, present=[], seen=text)
        record.refresh_from_db()
        assert record.values["seen"] == text.strip()

    @pytest.mark.parametrize(
        ("who", "kind", "may"),
        [
            ("worker", "checklist", True),
            ("worker", "supervision", False),
            ("supervisor", "supervision", True),
            ("duty_manager", "consultation", True),
            ("supervisor", "consultation", False),
            ("worker_elsewhere", "checklist", False),
            ("administrator", "checklist", False),
            ("commissioner", "checklist", False),
            ("stranger", "checklist", False),
            ("reviewer", "checklist", False),
        ],
    )
    def test_who_writes_what(self, cast: Cast, who: str, kind: str, may: bool) -> None:
        case = a_case(cast)
        values = {"present": []} | ({"agreed": "Visit twice a week"} if kind == "supervision" else {})
        values = {} if kind == "consultation" else values
        if may:
            assert a_record(case, kind, 1, by=cast.people()[who], values=values).decided_by == cast.people()[who]
            return
        with pytest.raises(Refused):
            a_record(case, kind, 1, by=cast.people()[who], values=values)

    def test_a_kind_that_is_not_of_this_pathway(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="no such record"):
            a_record(a_case(cast), "escalation-note", 1, by=cast.worker)


class TestClosing:
    def ready(self, cast: Cast) -> PathwayCase:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO[:1])
        return case

    def close(self, cast: Cast, case: PathwayCase, who: str = "duty_manager", reason: str = "Settled") -> None:
        operations.close_case(by=cast.people()[who], at=hours(50), case=case, reason=reason)

    def test_when_its_pathway_allows(self, cast: Cast) -> None:
        case = self.ready(cast)
        self.close(cast, case)
        assert not PathwayCase.objects.open().exists()

    def test_not_while_something_is_owed(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        a_record(case, "checklist", 2, by=cast.worker, present=())
        with pytest.raises(Invalid, match="Something is still owed: Consult"):
            self.close(cast, case)

    def test_not_before_its_condition_holds(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="cannot be closed yet"):
            self.close(cast, a_case(cast))

    def test_it_needs_a_reason(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="why"):
            self.close(cast, self.ready(cast), reason="")

    @pytest.mark.parametrize(
        "who", ["worker", "supervisor", "reviewer", "administrator", "duty_manager_elsewhere", "stranger"]
    )
    def test_who_may_not(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            self.close(cast, self.ready(cast), who)

    def test_closed_nothing_more_is_written_and_a_new_one_can_be_opened(self, cast: Cast) -> None:
        case = self.ready(cast)
        self.close(cast, case)
        with pytest.raises(Invalid, match="closed"):
            a_record(case, "checklist", 60, by=cast.worker)
        assert a_case(cast, at=hours(60)) != case

    def test_closing_ends_what_repeats(self, cast: Cast) -> None:
        case = a_case(cast, "exploitation")
        a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
        police = an_agency(cast)
        a_summary(case, police, by=cast.worker)
        a_decision(case, police, by=cast.lead)
        a_risk_review(case, police, by=cast.lead, hour=3)
        a_risk_review(case, police, by=cast.lead, hour=4, risk_level="low", has_fallen="yes")
        operations.close_case(by=cast.lead, at=hours(5), case=case, reason="Risk has fallen")
        assert [state for _, state in told(case)] == ["met", "met", "met", "met"]


class TestSight:
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("worker", True),
            ("colleague", True),
            ("duty_manager", True),
            ("supervisor", True),
            ("lead", True),
            ("reviewer", True),
            ("quality_lead", True),
            ("director", True),
            ("worker_elsewhere", False),
            ("duty_manager_elsewhere", False),
            ("administrator", False),
            ("commissioner", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_of_an_ordinary_case(self, cast: Cast, who: str, sees: bool) -> None:
        case = a_case(cast)
        assert PathwayCase.objects.visible_to(cast.people()[who], hours(1)).filter(pk=case.pk).exists() is sees

    @pytest.mark.parametrize(
        ("who", "sees"), [("lead", True), ("worker", False), ("duty_manager", False), ("director", False)]
    )
    def test_of_one_from_a_restricted_incident(self, cast: Cast, who: str, sees: bool) -> None:
        incident = an_incident(
            by=cast.worker, team=cast.north, at=NOW, restricted=True, restricted_reason="About staff"
        )
        case = a_case(cast, by=cast.lead, incident=incident, at=hours(1))
        assert PathwayCase.objects.visible_to(cast.people()[who], hours(1)).filter(pk=case.pk).exists() is sees


class TestTheDatabaseItself:
    @pytest.mark.parametrize("table", ["pathways_pathwayrecord", "pathways_pathwaycase", "pathways_pathwayversion"])
    def test_nothing_is_changed_or_deleted(self, cast: Cast, table: str) -> None:
        a_record(a_case(cast), "checklist", 1, by=cast.worker, present=TWO)
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET decided_by_name = 'x'"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_story_says_what_was_done(cast: Cast) -> None:
    case = a_case(cast)
    a_record(case, "checklist", 1, by=cast.worker, present=TWO)
    told = [entry.sentence for entry in TrailEntry.objects.story(case.pk)]
    assert told == ["opened a case on the pathway “Self-neglect threshold”", "wrote down “Self-neglect checklist”"]


def test_rows_and_engine_never_disagree(cast: Cast) -> None:
    case = a_case(cast, "lost-contact")
    for number in range(4):
        a_record(case, "missed-contact", number * 20, by=cast.worker, what="no-reply")
    a_record(case, "escalation-note", 61, by=cast.worker, values={**NOTE, "next-review": hours(70)})
    state = state_of(case, hours(62))
    assert sorted((owed.obligation.id, owed.due_at) for owed in state.open) == sorted(
        (row.row.code, row.obligation.due_at) for row in owed_rows(case) if row.obligation.met_at is None
    )
    assert isinstance(definition_of(case), Definition)


class TestLocalValues:
    def set(
        self, cast: Cast, who: str = "lead", at: datetime = NOW, code: str = "lost-contact", **values: object
    ) -> None:
        operations.set_local_values(
            by=cast.people()[who], at=at, service=cast.riverside, definition=library()[code], values=values
        )  # type: ignore[arg-type]

    def test_they_hold_for_the_cases_of_the_service(self, cast: Cast) -> None:
        self.set(cast, code="self-neglect", **{"how-many": 1})
        case, other = a_case(cast), a_case(cast, by=cast.worker_elsewhere, team=cast.east, person="P-2")
        a_record(case, "checklist", 1, by=cast.worker, present=TWO[:1])
        a_record(other, "checklist", 1, by=cast.worker_elsewhere, present=TWO[:1])
        assert (told(case), told(other)) == ([("consult", "open")], [])

    def test_what_is_owed_already_is_never_due_later(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact")
        a_record(case, "missed-contact", 8, by=cast.worker, what="no-reply")
        before = obligations(case)[0].due_at
        self.set(cast, at=hours(9), **{"attempts-within": "8 working hours"})
        a_record(case, "missed-contact", 9.5, by=cast.worker, what="explained")
        assert obligations(case)[0].due_at == before
        self.set(cast, at=hours(10), **{"attempts-within": "1 working hour"})
        a_record(case, "missed-contact", 10.5, by=cast.worker, what="explained")
        assert obligations(case)[0].due_at < before

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"window": "29 days"}, "window"),
            ({"window": "soon"}, "window"),
            ({"window": 3}, "window"),
            ({"other": 1}, ""),
        ],
    )
    def test_outside_the_bounds_they_are_refused(self, cast: Cast, values: dict[str, object], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            self.set(cast, **values)
        assert set(refused.value.problems) == {field}

    @pytest.mark.parametrize("who", ["worker", "duty_manager", "supervisor", "administrator", "stranger"])
    def test_who_may_not(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            self.set(cast, who, window="3 days")

    def test_only_what_differs_is_kept_and_the_same_again_says_nothing(self, cast: Cast) -> None:
        self.set(cast, window="7 days")
        assert not LocalValues.objects.exists()
        for _ in range(2):
            self.set(cast, window="3 days")
        assert [one.values for one in LocalValues.objects.all()] == [{"window": "3 days"}]
        self.set(cast, at=hours(1), window="7 days")
        assert LocalValues.objects.count() == 2


class TestWhatEnded:
    """Something that ended without being met."""

    def test_is_one_row_whatever_is_written_afterwards(self, cast: Cast) -> None:
        case = a_case(cast, "exploitation", by=cast.lead)
        a_record(case, "checklist", 0, by=cast.lead, values={"present": ["coercion"]})
        police = an_agency(cast)
        a_risk_review(case, police, by=cast.lead, hour=1)
        a_risk_review(case, police, by=cast.lead, hour=2, risk_level="low", has_fallen="yes", dissent="")
        a_record(case, "checklist", 3, by=cast.lead, values={"present": []})
        rows = case.obligations.filter(code="review-risk").values_list("occurrence", flat=True)
        assert sorted(rows) == [1, 2]


@pytest.mark.requirement("R22")
def test_contact_missed_again_after_the_note_is_a_thing_of_its_own(cast: Cast) -> None:
    """The second missed contact is a reason of both: what is met stays met, and each thing owed is one row."""
    case = a_case(cast, "lost-contact")
    for hour in (0, 2):
        a_record(case, "missed-contact", hour, by=cast.worker, what="no-reply")
    a_record(case, "escalation-note", 3, by=cast.worker, values={**NOTE, "next-review": hours(90)})
    a_record(case, "missed-contact", 5, by=cast.worker, what="no-reply")
    a_record(case, "attempt", 6, by=cast.worker, method="phone", reached="no")
    a_record(case, "missed-contact", 7, by=cast.worker, what="no-reply")

    told = [row for row in owed_rows(case) if row.row.code == "tell-leadership"]
    assert [(row.obligation.opened_at, row.obligation.met_at) for row in told] == [
        (hours(2), hours(3)),
        (hours(5), None),
    ]


@pytest.mark.requirement("R28", "R29")
def test_a_checklist_written_late_cancels_nothing_and_gives_no_more_time(cast: Cast) -> None:
    """It happened before the one that opened the pathway, so it would have opened it itself, had it been known."""
    case = a_case(cast, "exploitation")
    a_record(case, "checklist", 5, by=cast.worker, values={"present": ["coercion"]})
    before = {row.row.pk: row.obligation.due_at for row in owed_rows(case)}
    a_record(case, "checklist", 4, by=cast.worker, written=50, values={"present": ["coercion"]})
    assert {row.row.pk: row.obligation.due_at for row in owed_rows(case)} == before
    assert {state for _, state in told(case)} == {"open"}
    [once] = [row.row for row in owed_rows(case) if row.row.code == "decide-on-sharing"]
    assert len(once.because) == 2


@pytest.mark.requirement("R28")
def test_what_is_owed_once_and_turns_out_to_be_done_is_met(cast: Cast) -> None:
    """The decision answers an earlier checklist, written down late: it is the same duty, and not a second one."""
    case = a_case(cast, "exploitation")
    a_decision(case, an_agency(cast), by=cast.lead, hour=5)
    a_record(case, "checklist", 10, by=cast.worker, values={"present": ["coercion"]})
    assert ("decide-on-sharing", "open") in told(case)
    a_record(case, "checklist", 4, by=cast.worker, written=20, values={"present": ["coercion"]})
    [row] = [row for row in owed_rows(case) if row.row.code == "decide-on-sharing"]
    assert (row.obligation.opened_at, row.obligation.met_at) == (hours(10), hours(20))


@pytest.mark.requirement("R30")
def test_what_is_over_is_over_once(cast: Cast) -> None:
    """A review that lacks its decision does not count, but risk has fallen: the next review is not owed any more."""
    case = a_case(cast, "exploitation")
    sign = definition_of(case).indicators[0].id
    a_record(case, "checklist", 0, by=cast.worker, values={"present": [sign]})
    police = an_agency(cast)
    a_risk_review(case, police, by=cast.lead, hour=5)
    a_risk_review(case, police, by=cast.lead, hour=200, risk_level="low", has_fallen="yes", decision="")
    for hour in (210, 220):
        a_record(case, "checklist", hour, by=cast.worker, values={"present": []})
    assert [each for each in told(case) if each[0] == "review-risk"] == [
        ("review-risk", "met"),
        ("review-risk", "cancelled"),
    ]
