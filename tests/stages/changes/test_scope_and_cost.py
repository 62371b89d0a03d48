"""Lists of changes and actions: what each person finds in them, what filters leave, and that cost does not grow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.changes.operations import go_live, withdraw_change
from saferpractice.changes.presenters import panel
from saferpractice.changes.queries import (
    ChangeFilter,
    actions_seen,
    answers_to,
    change_seen,
    changes_after,
    changes_seen,
    mix_seen,
    owners_to_choose,
    page_after,
    planned_actions,
    state_of,
)
from saferpractice.changes.rules import ChangeState
from saferpractice.findings.models import Finding
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from tests.factories.changes import (
    a_briefing_held,
    a_change,
    a_finding,
    a_live_change,
    a_template_in_use,
    an_action,
    some_evidence,
)
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]

FEW, MANY = 3, 30


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(NOW)


def cost(do: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def titles(person: Person, **wanted: Any) -> set[str]:
    return {change.title for change in changes_seen(person, NOW, ChangeFilter(**wanted))}


class TestWhatEachPersonFinds:
    @pytest.fixture
    def four(self, cast: Cast) -> dict[str, OperationalChange]:
        """Riverside's incident for its own teams; one for Harbour; one of Harbour for itself; one hidden for North."""
        finding = a_finding(cast)
        at_harbour = an_incident(by=cast.worker_elsewhere, team=cast.east, at=NOW - timedelta(hours=2))
        harbour = a_finding(cast, review=a_review(cast, "B", incident=at_harbour))
        hidden_incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(hours=2))
        hidden = a_finding(cast, review=a_review(cast, "B", incident=hidden_incident))
        made = {
            "own": a_change(cast, findings=[finding], title="own"),
            "across": a_change(cast, findings=[finding], reach=[cast.east], title="across"),
            "harbour": a_change(cast, findings=[harbour], reach=[cast.east], owner=cast.lead, title="harbour"),
            "hidden": a_change(cast, findings=[hidden], reach=[cast.north], owner=cast.lead, title="hidden"),
        }
        type(hidden_incident).objects.filter(pk=hidden_incident.pk).update(restricted=True)
        return made

    @pytest.mark.parametrize(
        ("who", "found"),
        [
            ("worker", {"own", "hidden"}),
            ("colleague", {"own", "hidden"}),
            ("worker_elsewhere", {"across", "harbour"}),
            ("duty_manager", {"own", "across", "hidden"}),
            ("duty_manager_elsewhere", {"across", "harbour"}),
            ("supervisor", {"own", "across", "hidden"}),
            ("lead", {"own", "across", "harbour", "hidden"}),
            ("administrator", set()),
            ("commissioner", set()),
            ("inspector", set()),
            ("stranger", set()),
        ],
    )
    def test_what_reaches_them_what_they_own_and_what_answers_their_incidents(
        self, cast: Cast, four: dict[str, OperationalChange], who: str, found: set[str]
    ) -> None:
        person = cast.people()[who]
        assert titles(person) == found
        for name, change in four.items():
            assert (change_seen(person, NOW, change.pk) is not None) is (name in found)

    def test_whoever_owns_one_sees_it_wherever_it_is(self, cast: Cast) -> None:
        change = a_change(cast, owner=cast.worker_elsewhere)
        assert titles(cast.worker_elsewhere) == {change.title}

    def test_a_person_of_two_teams_finds_it_once(self, cast: Cast) -> None:
        place = cast.south.place
        RoleAssignment.objects.create(
            provider=cast.provider,
            person=cast.worker,
            role="support_worker",
            service_id=place.service_id,
            team_id=place.team_id,
            from_at=NOW - timedelta(days=1),
        )
        a_change(cast)
        assert changes_seen(cast.worker, NOW, ChangeFilter()).count() == 1

    @pytest.mark.parametrize(("minutes", "found"), [(0, False), (1, True)])
    def test_somebody_who_left_finds_nothing(self, cast: Cast, minutes: int, found: bool) -> None:
        a_change(cast)
        RoleAssignment.objects.filter(person=cast.worker).update(until_at=NOW + timedelta(minutes=minutes))
        assert bool(titles(Person.objects.get(pk=cast.worker.pk))) is found

    def test_an_account_that_was_closed_finds_nothing(self, cast: Cast) -> None:
        a_change(cast)
        Person.objects.filter(pk=cast.worker.pk).update(is_active=False)
        assert titles(Person.objects.get(pk=cast.worker.pk)) == set()

    def test_somebody_kept_from_the_incident_sees_the_change_and_none_of_its_actions(self, cast: Cast) -> None:
        change = a_change(cast)
        an_action(cast, change=change)
        assert actions_seen(change, cast.supervisor, NOW)
        keep_from(
            by=cast.lead,
            at=NOW,
            incident=change.findings.get().incident,
            person=cast.supervisor,
            because=KeptFromReason.RELATIVE,
        )
        assert titles(cast.supervisor) == {change.title}, "it reaches their team"
        assert actions_seen(change, cast.supervisor, NOW) == []

    def test_an_owner_of_one_action_sees_that_one_only(self, cast: Cast) -> None:
        change = a_change(cast)
        own = an_action(cast, change=change, owner=cast.worker)
        an_action(cast, change=change, what="Another")
        assert actions_seen(change, cast.worker, NOW) == [own]

    def test_only_people_who_work_here_now_are_offered_as_owners(self, cast: Cast) -> None:
        offered = set(owners_to_choose(cast.lead, NOW))
        assert not {cast.commissioner, cast.inspector, cast.stranger} & offered
        assert {cast.worker, cast.duty_manager, cast.lead, cast.administrator} <= offered
        RoleAssignment.objects.filter(person=cast.colleague).update(until_at=NOW)
        assert cast.colleague not in owners_to_choose(cast.lead, NOW)
        assert cast.colleague in owners_to_choose(cast.lead, NOW - timedelta(minutes=1))


class TestFilters:
    @pytest.fixture
    def made(self, cast: Cast) -> list[OperationalChange]:
        finding = a_finding(cast)
        agreed = a_change(cast, findings=[finding], title="Money questions", change_type="risk-prompt")
        live = a_live_change(
            cast,
            findings=[finding],
            title="Locked step",
            change_type="tool",
            cannot_be_passed=True,
            why_not_passed="The note does not close.",
        )
        partly = a_live_change(cast, findings=[finding], title="Training day", change_type="training")
        a_briefing_held(cast, partly, cast.north)
        proven = a_live_change(cast, findings=[finding], title="Door money", reach=[cast.east])
        a_template_in_use(cast, proven, [cast.east])
        given_up = a_change(cast, findings=[finding], title="Given up", monday="A phone call about money each week.")
        withdraw_change(by=cast.lead, at=NOW, change=given_up, reason="Another way was found.")
        return list(OperationalChange.objects.filter(pk__in=[c.pk for c in (agreed, live, partly, proven, given_up)]))

    @pytest.mark.parametrize("words", ["", "money", "MONEY", "door money", "money door", "nothing like it", "%", "_"])
    def test_every_filter_leaves_what_it_says_and_all_of_it(
        self, cast: Cast, made: list[OperationalChange], words: str
    ) -> None:
        for state in (None, *ChangeState):
            for strength in ("", "intermediate"):
                for service in (None, cast.riverside.pk, cast.harbour.pk):
                    expected = {
                        change.title
                        for change in made
                        if (state is None or state_of(change) is state)
                        and strength in {"", change.strength}
                        and (service is None or any(team.service_id == service for team in change.reach.all()))
                        and all(word in f"{change.title}\n{change.monday}".lower() for word in words.lower().split())
                    }
                    found = titles(cast.lead, state=state, strength=strength, service_id=service, words=words)
                    assert found == expected, (state, strength, service)

    def test_a_type_of_change(self, cast: Cast, made: list[OperationalChange]) -> None:
        assert titles(cast.lead, change_type="training") == {"Training day"}

    def test_the_mix_counts_those_that_stand(self, cast: Cast, made: list[OperationalChange]) -> None:
        standing = [change.strength for change in made if change.title != "Given up"]
        mix = mix_seen(cast.lead, NOW)
        assert {grade: number for grade, number in mix.counts.items() if number} == {
            grade: standing.count(grade) for grade in set(standing)
        }
        assert mix_seen(cast.lead, NOW, cast.harbour.pk).total == 1

    def test_pages_follow_one_another_without_a_gap_or_a_double(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("saferpractice.changes.queries.seen.PAGE", 2)
        finding = a_finding(cast)
        made = [a_change(cast, findings=[finding], title=f"Change {number}") for number in range(5)]
        shown, last = [], None
        for _ in range(4):
            rows, last = page_after(changes_seen(cast.lead, NOW, ChangeFilter()), last)
            shown += [row.title for row in rows]
            if last is None:
                break
        assert shown == [change.title for change in reversed(made)]


class TestCost:
    """A list of thirty asks the database as often as a list of three."""

    def grown(self, cast: Cast, do: Callable[[], object], add: Callable[[int], object]) -> tuple[int, int]:
        do()  # what is read once for each process
        for number in range(FEW):
            add(number)
        few = cost(do)
        for number in range(FEW, MANY):
            add(number)
        return few, cost(do)

    def varied(self, cast: Cast, finding: Finding) -> Callable[[int], object]:
        """Changes in every state, one after the other."""

        def add(number: int) -> None:
            change = a_change(cast, findings=[finding], title=f"Change {number}", reach=[cast.north])
            if number % 3:
                go_live(by=change.owner, at=NOW, change=change, live_at=NOW)
            if number % 3 == 2:
                a_briefing_held(cast, change, cast.north)

        return add

    @pytest.mark.parametrize("name", ["list", "export"])
    def test_the_list_and_its_file(self, cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.changes.queries.seen.PAGE", 100)
        client = signed_in(cast.lead)

        def read() -> str:
            response = client.get(reverse(f"changes:{name}"))
            return b"".join(response.streaming_content if response.streaming else [response.content]).decode()

        few, many = self.grown(cast, read, self.varied(cast, a_finding(cast)))
        assert many == few
        assert read().count("Change ") >= MANY

    def test_the_panel_of_an_incident_and_what_answers_its_findings(self, cast: Cast) -> None:
        finding = a_finding(cast)
        incident = finding.incident
        shown: list[int] = []

        def read() -> None:
            content = panel(incident=incident, by=cast.lead, at=NOW)
            assert content is not None
            shown.append(len(content["changes"]))
            answers_to([finding])
            changes_after([incident.pk])

        few, many = self.grown(cast, read, self.varied(cast, finding))
        assert many == few
        assert shown[-1] == MANY

    def test_the_page_of_a_change_with_its_actions_proofs_and_briefings(self, cast: Cast) -> None:
        change = a_live_change(cast, reach=[cast.north])
        client, address = signed_in(cast.lead), reverse("changes:change", args=[change.pk])

        def add(number: int) -> None:
            action = an_action(cast, change=change, what=f"Thing {number}")
            if number % 2:
                some_evidence(action)
            a_briefing_held(cast, change, cast.north, reached=number + 1, needed=MANY)

        few, many = self.grown(cast, lambda: client.get(address), add)
        assert many == few
        assert client.get(address).content.decode().count("Thing ") >= MANY

    def test_an_action_plan(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        client, address = signed_in(cast.lead), reverse("changes:action_plan", args=[review.pk])
        few, many = self.grown(
            cast, lambda: client.get(address), lambda number: an_action(cast, review=review, what=f"Thing {number}")
        )
        assert many == few
        assert planned_actions(review).count() == TrackedAction.objects.count() == MANY
