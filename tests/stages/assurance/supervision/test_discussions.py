"""Learning points from real changes and findings; discussions, what workers say of them, corrections, pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.rules import Place
from saferpractice.assurance.models import DiscussionAnswer, LearningPoint, SupervisionDiscussion
from saferpractice.assurance.operations.supervision import (
    answer_discussion,
    ask_for_discussion,
    correct_discussion,
    withdraw_learning_point,
)
from saferpractice.assurance.queries.supervision import (
    GridFilter,
    coverage,
    grid,
    point_seen,
    prompted,
    without_words,
)
from saferpractice.assurance.rules.supervision import CellState
from saferpractice.changes.operations import keep_briefing, withdraw_change
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.operations import decide_restriction
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.conftest import TestClock
from tests.factories.changes import a_change, a_finding, a_live_change
from tests.factories.pathways import a_case, a_pick
from tests.factories.supervision import AT, WORDING, WORKER, a_point, a_talk, account, supervised, talked
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R38", "R33")]

MARCH = date(2026, 3, 1)
LATER = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(cast: Cast) -> Cast:
    """North team with its supervisor."""
    supervised(cast)
    return cast


class TestLearningPoints:
    def test_of_a_change_for_the_teams_it_must_reach(self, cast: Cast) -> None:
        point = a_point(cast)
        assert (point.wording, point.source) == (WORDING, point.change)
        assert {one.name for one in point.teams.all()} == {"North team", "South team"}

    def test_of_a_finding_for_its_team(self, cast: Cast) -> None:
        finding = a_finding(cast)
        point = a_point(cast, source=finding)
        assert list(point.teams.all()) == [finding.team]
        assert TrailEntry.objects.get(operation="assurance.word_learning_point").story_id == finding.incident_id

    def test_of_a_briefing_beside_that_of_its_change(self, cast: Cast) -> None:
        change = a_live_change(cast)
        briefing = keep_briefing(by=cast.reviewer, at=NOW, change=change, text="Read it.", submission_key="b")
        a_point(cast, source=change)
        assert a_point(cast, source=briefing).change == change

    @pytest.mark.parametrize(
        ("name", "may"),
        [("reviewer", True), ("quality_lead", True), ("lead", False), ("duty_manager", False), ("worker", False),
         ("supervisor", False), ("stranger", False)],
    )  # fmt: skip
    def test_by_whoever_agreed_it_or_a_quality_lead(self, cast: Cast, name: str, may: bool) -> None:
        change, by = a_live_change(cast), cast.people()[name]
        if may:
            assert a_point(cast, source=change, by=by)
        else:
            with pytest.raises(Refused):
                a_point(cast, source=change, by=by)

    @pytest.mark.parametrize("wording", ["", "   ", "x" * 301])
    def test_in_one_sentence(self, cast: Cast, wording: str) -> None:
        with pytest.raises(Invalid):
            a_point(cast, wording=wording)

    def test_one_wording_until_it_is_withdrawn_with_a_reason(self, cast: Cast) -> None:
        point = a_point(cast)
        with pytest.raises(Invalid, match="has its words already"):
            a_point(cast, source=point.change, by=cast.quality_lead)
        with pytest.raises(Invalid):
            withdraw_learning_point(by=cast.reviewer, at=AT, point=point, reason=" ")
        with pytest.raises(Refused):
            withdraw_learning_point(by=cast.lead, at=AT, point=point, reason="Unclear")
        withdraw_learning_point(by=cast.reviewer, at=AT, point=point, reason="Unclear")
        assert a_point(cast, source=point.change, by=cast.quality_lead, wording="Ring at two signs.")

    def test_sent_twice_it_is_one_and_other_words_are_told_apart(self, cast: Cast) -> None:
        point = a_point(cast, key="k")
        assert a_point(cast, source=point.change, key="k") == point
        with pytest.raises(SentBefore):
            a_point(cast, source=point.change, key="k", wording="Something else.")

    def test_nothing_is_learnt_from_a_change_that_was_withdrawn(self, cast: Cast) -> None:
        point, change = a_point(cast), a_change(cast)
        for one in (point.change, change):
            withdraw_change(by=cast.reviewer, at=AT, change=one, reason="Another way was found")
        with pytest.raises(Stale):
            a_point(cast, source=change)
        assert not LearningPoint.objects.standing().exists()

    @pytest.mark.requirement("R34")
    def test_a_finding_that_few_may_know_of_reaches_no_team(self, cast: Cast) -> None:
        finding = a_finding(cast)
        decide_restriction(by=cast.lead, at=AT, incident=finding.incident, restricted=True, reason="About a colleague")
        finding.incident.refresh_from_db()
        with pytest.raises(Invalid, match="Few people may know"):
            a_point(cast, source=finding)
        assert without_words(cast.quality_lead, AT) == ([], [])

    def test_those_of_other_teams_are_not_read(self, cast: Cast) -> None:
        point = a_point(cast)
        people = cast.people()
        seen = {name for name, who in people.items() if point_seen(who, AT, point.pk)}
        assert {"worker", "colleague", "supervisor", "duty_manager", "reviewer", "quality_lead"} <= seen
        assert not {"worker_elsewhere", "duty_manager_elsewhere", "stranger", "administrator"} & seen


class TestPrompts:
    def test_what_came_since_the_last_discussion_of_this_worker(self, team: Cast) -> None:
        old = a_point(team)
        talked(team.supervisor, team.worker, old, at=AT)
        new = a_point(team, at=AT + timedelta(days=2), wording="Ring twice.")
        coming = a_point(team, source=a_change(team), wording="Not yet live.")
        found, other = prompted(team.worker, LATER), prompted(team.colleague, LATER)
        assert [one.point for one in found.prompts] == [new, coming, old]
        assert [one.point for one in found.new] == [new]
        assert [one.point for one in other.new] == [new, old]
        assert prompted(team.worker_elsewhere, LATER).prompts == ()


class TestRecording:
    def test_one_each_for_a_group(self, team: Cast) -> None:
        point = a_point(team)
        made = talked(team.supervisor, [team.worker, team.colleague], point)
        assert {one.worker for one in made} == {team.worker, team.colleague}
        told = TrailEntry.objects.filter(sentence__startswith="wrote down the supervision of")
        assert {entry.subject_id for entry in told} == {one.pk for one in made}
        assert [list(one.points.all()) for one in made] == [[point], [point]]
        assert all((one.team, one.supervisor) == (team.north, team.supervisor) for one in made)

    @pytest.mark.parametrize(
        ("name", "may"),
        [
            ("supervisor", True), ("duty_manager", True), ("lead", True), ("quality_lead", True), ("director", True),
            ("worker", False), ("colleague", False), ("duty_manager_elsewhere", False), ("reviewer", False),
            ("administrator", False), ("stranger", False),
        ],
    )  # fmt: skip
    def test_by_the_supervisor_or_who_oversees_the_place(self, team: Cast, name: str, may: bool) -> None:
        point, by = a_point(team), team.people()[name]
        if may:
            assert talked(by, team.worker, point)[0].supervisor == by
        else:
            with pytest.raises(Refused):
                talked(by, team.worker, point)

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({"words": "  "}, "words"),
            ({"words": "x" * 2001}, "words"),
            ({"held_on": date(2026, 3, 13)}, "held_on"),
            ({"held_on": date(2026, 3, 3)}, "held_on"),
        ],
        ids=["no sentence", "too long", "a day ahead", "before the change was agreed"],
    )
    def test_what_does_not_fit(self, team: Cast, given: dict[str, Any], wrong: str) -> None:
        with pytest.raises(Invalid) as refused:
            a_talk(team, **given)
        assert set(refused.value.problems) == {wrong}
        assert not SupervisionDiscussion.objects.exists()

    def test_not_without_a_learning_point_of_the_worker_s_team(self, team: Cast) -> None:
        elsewhere = a_point(team, reach=[team.east])
        withdrawn = a_point(team)
        withdraw_learning_point(by=team.reviewer, at=AT, point=withdrawn, reason="Unclear")
        for points in ((), (elsewhere,), (withdrawn,)):
            with pytest.raises(Invalid) as refused:
                talked(team.supervisor, team.worker, *points)
            assert set(refused.value.problems) == {"points"}
        with pytest.raises(Invalid):
            talked(team.supervisor, [], a_point(team))

    def test_all_of_a_group_or_none(self, team: Cast) -> None:
        with pytest.raises(Refused):
            talked(team.supervisor, [team.worker, team.worker_elsewhere], a_point(team))
        assert not SupervisionDiscussion.objects.exists()

    def test_sent_twice_it_is_one(self, team: Cast) -> None:
        point, people = a_point(team), [team.worker, team.colleague]
        made = [talked(team.supervisor, people, point, key="k") for _ in range(2)]
        assert made[0] == made[1]
        assert SupervisionDiscussion.objects.count() == 2

    @pytest.mark.parametrize(
        ("people", "given", "question"),
        [
            (["worker"], {}, "With whom"),
            (["worker", "colleague"], {"words": "Other words"}, "What will be done differently"),
            (["worker", "colleague"], {"held_on": date(2026, 3, 11)}, "On which day"),
        ],
    )
    def test_other_answers_are_told_apart(
        self, team: Cast, people: list[str], given: dict[str, Any], question: str
    ) -> None:
        point = a_point(team)
        talked(team.supervisor, [team.worker, team.colleague], point, key="k")
        with pytest.raises(SentBefore) as told:
            talked(team.supervisor, [team.people()[name] for name in people], point, key="k", **given)
        assert [one.question for one in told.value.differences] == [question]

    @pytest.mark.requirement("R19")
    def test_a_case_drawn_in_the_team_may_be_named(self, team: Cast) -> None:
        pick = a_pick(a_case(team), MARCH)
        assert a_talk(team, pick=pick).pick == pick
        other = a_pick(a_case(team, by=team.worker_elsewhere, team=team.east, person="P-9"), MARCH)
        with pytest.raises(Invalid) as refused:
            a_talk(team, pick=other)
        assert set(refused.value.problems) == {"pick"}


class TestAnswers:
    def test_both_accounts_stand_and_the_lead_is_told_of_a_dispute(self, team: Cast) -> None:
        made = a_talk(team)
        answer_discussion(by=team.worker, at=AT, discussion=made, confirmed=False, words="We did not meet.")
        assert OutboxMessage.objects.get(key__startswith="supervision-disputed").to == team.lead
        answer_discussion(by=team.worker, at=LATER, discussion=made, confirmed=True)
        assert list(made.answers.order_by("decided_at").values_list("confirmed", flat=True)) == [False, True]
        made.refresh_from_db()
        assert made.words == "Ring first."

    def test_the_same_answer_again_adds_nothing(self, team: Cast) -> None:
        made = a_talk(team)
        for _ in range(2):
            answer_discussion(by=team.worker, at=AT, discussion=made, confirmed=True)
        assert DiscussionAnswer.objects.count() == 1

    @pytest.mark.parametrize("name", ["supervisor", "colleague", "lead", "director", "administrator", "stranger"])
    def test_nobody_else_answers(self, team: Cast, name: str) -> None:
        made = a_talk(team)
        with pytest.raises(Refused):
            answer_discussion(by=team.people()[name], at=AT, discussion=made, confirmed=True)

    def test_a_dispute_says_how_it_was(self, team: Cast) -> None:
        with pytest.raises(Invalid):
            answer_discussion(by=team.worker, at=AT, discussion=a_talk(team), confirmed=False, words=" ")


class TestCorrections:
    def corrected(self, team: Cast, made: SupervisionDiscussion, **more: Any) -> SupervisionDiscussion:
        given = {"because": "A slip", "submission_key": "c", **more}
        return correct_discussion(
            by=team.supervisor, at=LATER, discussion=made,
            account=account(*made.points.all(), held_on=date(2026, 3, 10)), **given,
        )  # fmt: skip

    def test_the_earlier_stays_and_the_worker_is_asked_anew(self, team: Cast) -> None:
        made = a_talk(team)
        answer_discussion(by=team.worker, at=AT, discussion=made, confirmed=False, words="It was on Tuesday.")
        later = self.corrected(team, made)
        assert (later.corrects, later.held_on, made.held_on) == (made, date(2026, 3, 10), date(2026, 3, 12))
        assert self.corrected(team, made) == later
        with pytest.raises(Stale):
            answer_discussion(by=team.worker, at=LATER, discussion=made, confirmed=True)
        assert Obligation.objects.open().filter(subject_id=later.pk, owner=team.worker).count() == 1
        (cell,) = coverage(team.north.place, MARCH, MARCH, LATER).in_month(MARCH).cells[-1:]
        assert cell.state is CellState.UNCONFIRMED

    def test_once_and_with_a_reason(self, team: Cast) -> None:
        made = a_talk(team)
        with pytest.raises(Invalid) as refused:
            self.corrected(team, made, because=" ")
        assert set(refused.value.problems) == {"because"}
        self.corrected(team, made)
        with pytest.raises(Stale):
            self.corrected(team, made, submission_key="d")
        with pytest.raises(SentBefore):
            self.corrected(team, made, because="Another reason")


class TestWhoSees:
    @pytest.mark.parametrize(
        ("name", "names"),
        [
            ("worker", {"Wren Ashdown"}),
            ("supervisor", {"Wren Ashdown", "Corin Vale"}),
            ("duty_manager", {"Wren Ashdown", "Corin Vale", "Dale Marlow"}),
            ("duty_manager_elsewhere", {"Esme Holt", "Dinah Frost"}),
            ("quality_lead", {"Wren Ashdown", "Corin Vale", "Dale Marlow", "Esme Holt", "Dinah Frost"}),
            ("lead", {"Wren Ashdown", "Corin Vale", "Dale Marlow", "Esme Holt", "Dinah Frost"}),
            ("commissioner", set()),
            ("administrator", set()),
            ("stranger", set()),
        ],
    )
    def test_the_grid_of_each(self, team: Cast, name: str, names: set[str]) -> None:
        found = grid(team.people()[name], AT, GridFilter(first=MARCH, last=MARCH))
        assert {one.name for one in found.people.values()} == names

    def test_it_is_narrowed(self, team: Cast) -> None:
        def of(**wanted: Any) -> set[str]:
            found = grid(team.lead, AT, GridFilter(first=MARCH, last=MARCH, **wanted))
            return {one.name for one in found.people.values()}

        assert of(service_id=team.harbour.pk) == {"Esme Holt", "Dinah Frost"}
        assert of(team_id=team.north.pk) == of(supervisor_id=team.supervisor.pk) == {"Wren Ashdown", "Corin Vale"}

    def test_it_costs_the_same_however_many_months(self, team: Cast) -> None:
        grid(team.lead, AT, GridFilter(first=MARCH, last=MARCH))  # reads the roles of the lead, once
        counts = []
        for first in (MARCH, date(2025, 4, 1)):
            with CaptureQueriesContext(connection) as asked:
                grid(team.lead, AT, GridFilter(first=first, last=MARCH))
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestCoverage:
    def test_of_team_service_and_provider(self, team: Cast) -> None:
        a_talk(team)
        places = {
            "team": team.north.place,
            "service": Place(team.provider.pk, team.riverside.pk),
            "provider": Place(team.provider.pk),
        }
        found = {name: coverage(place, MARCH, MARCH, AT) for name, place in places.items()}
        assert {name: (one.discussed, one.owed) for name, one in found.items()} == {
            "team": (1, 2), "service": (1, 3), "provider": (1, 5)
        }  # fmt: skip
        assert [one.worker for one in found["team"].not_yet] == [team.colleague.pk]


class TestPages:
    @pytest.fixture(autouse=True)
    def _now(self, the_clock: TestClock) -> None:
        the_clock.stand_at(AT)

    def test_a_discussion_sent_twice_and_then_with_other_answers(self, team: Cast) -> None:
        point, client = a_point(team), signed_in(team.supervisor)
        address = f"{reverse('assurance:record_discussion')}?worker={team.worker.pk}"
        sent = {
            "submission_key": "k", "workers": [str(team.worker.pk)], "points": [str(point.pk)],
            "held_on": "2026-03-12", "words": "Ring first.",
        }  # fmt: skip
        for _ in range(2):
            assert client.post(address, sent).status_code == 302
        again = client.post(address, sent | {"words": "Ring twice."})
        assert (again.status_code, SupervisionDiscussion.objects.count()) == (409, 1)
        assert "Write it down as a later one" in words(again)
        assert "Ring twice." in words(again)

    def test_what_is_missing_is_asked_beside_its_field_and_nothing_is_lost(self, team: Cast) -> None:
        a_point(team)
        answer = signed_in(team.supervisor).post(
            reverse("assurance:record_discussion"),
            {"submission_key": "k", "workers": [str(team.worker.pk)], "held_on": "2026-03-12", "words": "Ring."},
        )
        assert "Choose at least one learning point" in words(answer)
        assert "Ring." in words(answer)

    def test_names_stand_beside_the_numbers(self, team: Cast, the_clock: TestClock) -> None:
        a_talk(team)
        the_clock.stand_at(datetime(2026, 4, 2, 9, 0, tzinfo=UTC))
        page = words(signed_in(team.lead).get(reverse("assurance:supervision")))
        assert "Who is missing" in page
        assert page.index("Corin Vale") < page.index("Every worker, month by month")

    def test_the_file_holds_what_the_page_shows(self, team: Cast) -> None:
        a_talk(team)
        answer = signed_in(team.supervisor).get(reverse("assurance:supervision_file"), {"months": "3"})
        lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 1 + 2 * 3
        assert '"Wren Ashdown","North team","Sorrel Beck","2026-03","Yes","Discussed, not yet confirmed",""' in lines
        assert '"Corin Vale","North team","Sorrel Beck","2026-03","Yes","Not yet","14 working days"' in lines

    @pytest.mark.parametrize("odd", ["months=99", "place=team:x", "supervisor=nobody", "place=service:"])
    def test_an_odd_address_shows_the_usual(self, team: Cast, odd: str) -> None:
        assert signed_in(team.lead).get(f"{reverse('assurance:supervision')}?{odd}").status_code == 200

    def test_what_is_owed_leads_to_where_it_is_done(self, team: Cast) -> None:
        expected = ask_for_discussion(by=WORKER, at=AT, worker=team.worker)
        assert expected is not None
        address = reverse("assurance:supervise", args=[expected.pk])
        ways = {name: signed_in(team.people()[name]).get(address)["Location"] for name in ("supervisor", "worker")}
        assert ways["supervisor"].endswith(f"/record?worker={team.worker.pk}")
        assert ways["worker"] == reverse("assurance:worker", args=[team.worker.pk])

    def test_an_absence_and_its_correction(self, team: Cast) -> None:
        client = signed_in(team.supervisor)
        client.post(reverse("assurance:away", args=[team.worker.pk]), {"from_on": "2026-03-02"})
        absence = team.worker.absences.get()
        client.post(reverse("assurance:correct_absence", args=[absence.pk]), {"away": "no"})
        assert team.worker.absences.get(corrects=absence).taken_back
        assert not team.worker.absences.standing().exists()

    def test_a_discussion_that_was_not_held_is_taken_back(self, team: Cast) -> None:
        made = a_talk(team)
        answer = signed_in(team.supervisor).post(
            reverse("assurance:correct_discussion", args=[made.pk]),
            {"submission_key": "c", "held": "no", "because": "It was put off"},
        )
        assert answer.status_code == 302
        assert "Was not held" in words(signed_in(team.worker).get(answer["Location"]))
        assert not SupervisionDiscussion.objects.standing().exists()
