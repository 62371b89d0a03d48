"""Actions that a quality meeting gave out: about the whole provider, with no incident behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.changes.models import TrackedAction
from saferpractice.changes.operations import (
    ACCEPT,
    ACTION,
    add_meeting_action,
    decide_evidence,
    give_evidence,
    hand_over_action,
)
from saferpractice.changes.queries import state_of_action
from saferpractice.changes.rules import ActionState
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from tests.factories.changes import an_action, owed, some_evidence
from tests.factories.web import signed_in, words
from tests.personas import LONG_AGO, NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R35", "R36")
DUE = local_day(NOW) + timedelta(days=14)


def given_out(cast: Cast, **changes: Any) -> TrackedAction:
    given: dict[str, Any] = {
        "by": cast.quality_lead,
        "at": NOW,
        "provider": cast.provider,
        "decision_id": uuid4(),
        "what": "Count the nights without cover.",
        "owner": cast.duty_manager,
        "due_on": DUE,
        "submission_key": f"test-{uuid4()}",
    }
    return add_meeting_action(**(given | changes))


def fresh(action: TrackedAction) -> TrackedAction:
    return TrackedAction.objects.get(pk=action.pk)


class TestGivingOut:
    def test_its_owner_owes_it_and_is_told(self, cast: Cast) -> None:
        action = given_out(cast)
        obligation = owed(action, ACTION)
        assert obligation is not None
        assert (obligation.owner, obligation.team, obligation.story_id) == (cast.duty_manager, None, None)
        assert OutboxMessage.objects.filter(to=cast.duty_manager, key__startswith=f"action:{action.pk}").exists()

    def test_the_same_form_twice_is_one_action(self, cast: Cast) -> None:
        first = given_out(cast, submission_key="once")
        assert given_out(cast, submission_key="once") == first
        with pytest.raises(SentBefore):
            given_out(cast, submission_key="once", what="Something else.")

    @pytest.mark.parametrize("name", ["quality_lead", "lead", "director"])
    def test_whoever_leads_the_whole_provider_gives_out(self, cast: Cast, name: str) -> None:
        given_out(cast, by=cast.people()[name])

    @pytest.mark.parametrize("name", ["reviewer", "duty_manager", "supervisor", "worker", "administrator", "stranger"])
    def test_nobody_else_does(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused, match="give out an action of a quality meeting"):
            given_out(cast, by=cast.people()[name])
        assert not TrackedAction.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"what": "  "}, "what"),
            ({"due_on": local_day(NOW) - timedelta(days=1)}, "due_on"),
        ],
    )
    def test_what_cannot_be_given_out(self, cast: Cast, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            given_out(cast, **changes)
        assert set(refused.value.problems) == {field}

    @pytest.mark.parametrize("name", ["inspector", "commissioner", "stranger"])
    def test_who_cannot_own_it(self, cast: Cast, name: str) -> None:
        with pytest.raises(Invalid) as refused:
            given_out(cast, owner=cast.people()[name])
        assert set(refused.value.problems) == {"owner"}

    def test_somebody_who_has_left_cannot_own_it(self, cast: Cast) -> None:
        set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
        with pytest.raises(Invalid):
            given_out(cast, owner=Person.objects.get(pk=cast.duty_manager.pk))


class TestItsLife:
    def test_evidence_is_given_and_accepted_by_somebody_else(self, cast: Cast) -> None:
        action = given_out(cast)
        evidence = some_evidence(action)
        waiting = owed(evidence, ACCEPT)
        assert waiting is not None
        assert (waiting.role, waiting.story_id) == (Role.QUALITY_LEAD, None)
        decide_evidence(by=cast.director, at=NOW, evidence=evidence, accepted=True)
        assert state_of_action(fresh(action)) is ActionState.DONE
        assert not Obligation.objects.open().exists()

    def test_sent_back_it_is_owed_again_by_the_same_day(self, cast: Cast) -> None:
        action = given_out(cast)
        first = owed(action, ACTION)
        evidence = some_evidence(action)
        decide_evidence(by=cast.lead, at=NOW, evidence=evidence, accepted=False, reason="Which nights?")
        again = owed(action, ACTION)
        assert first is not None
        assert again is not None
        assert (again.due_at, again.owner) == (first.due_at, cast.duty_manager)

    def test_who_decides_never_judges_their_own(self, cast: Cast) -> None:
        action = given_out(cast, owner=cast.quality_lead)
        evidence = some_evidence(action)
        waiting = owed(evidence, ACCEPT)
        assert waiting is not None
        assert waiting.role == Role.SAFEGUARDING_LEAD, "the quality lead owns it"
        with pytest.raises(Refused, match="You own this action"):
            decide_evidence(by=cast.quality_lead, at=NOW, evidence=evidence, accepted=True)

    @pytest.mark.parametrize("name", ["reviewer", "supervisor", "worker", "stranger"])
    def test_who_may_neither_evidence_nor_decide_nor_pass_it_on(self, cast: Cast, name: str) -> None:
        person, action = cast.people()[name], given_out(cast)
        with pytest.raises(Refused):
            give_evidence(by=person, at=NOW, action=action, words="Done.", record="Rota")
        with pytest.raises(Refused):
            hand_over_action(by=person, at=NOW, action=action, owner=cast.lead, reason="Left")
        with pytest.raises(Refused):
            decide_evidence(by=person, at=NOW, evidence=some_evidence(action), accepted=True)

    def test_its_owner_does_not_pass_it_on_alone(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            hand_over_action(by=cast.duty_manager, at=NOW, action=given_out(cast), owner=cast.lead, reason="Busy")

    def test_it_passes_on_with_its_day(self, cast: Cast) -> None:
        action = given_out(cast)
        hand_over_action(by=cast.director, at=NOW, action=action, owner=cast.supervisor, reason="Changed post")
        passed = owed(action, ACTION)
        assert passed is not None
        assert passed.owner == cast.supervisor
        with pytest.raises(Invalid):
            hand_over_action(by=cast.director, at=NOW, action=fresh(action), owner=cast.stranger, reason="No")

    def test_a_lead_of_one_service_is_not_enough(self, cast: Cast) -> None:
        place = Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=SET_UP, at=LONG_AGO, person=cast.supervisor, role=Role.DIRECTOR, place=place)
        supervisor = Person.objects.get(pk=cast.supervisor.pk)
        action = given_out(cast)
        assert not TrackedAction.objects.visible_to(supervisor, NOW).filter(pk=action.pk).exists()
        with pytest.raises(Refused):
            decide_evidence(by=supervisor, at=NOW, evidence=some_evidence(action), accepted=True)


class TestSight:
    @pytest.mark.parametrize(
        ("name", "sees"),
        [
            ("duty_manager", True),
            ("quality_lead", True),
            ("lead", True),
            ("director", True),
            ("reviewer", False),
            ("supervisor", False),
            ("duty_manager_elsewhere", False),
            ("worker", False),
            ("administrator", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_its_owner_and_whoever_leads_the_provider(self, cast: Cast, name: str, sees: bool) -> None:
        action = given_out(cast)
        answer = signed_in(cast.people()[name]).get(reverse("changes:action", args=[action.pk]))
        assert answer.status_code == (200 if sees else 404)

    def test_nobody_whose_sign_in_is_closed_or_role_has_ended(self, cast: Cast) -> None:
        action = given_out(cast)
        end_role(by=cast.administrator, at=NOW, assignment=cast.director.role_assignments.get())
        set_active(by=cast.administrator, at=NOW, person=cast.lead, active=False)
        for person in (cast.director, cast.lead):
            again = Person.objects.get(pk=person.pk)
            assert not TrackedAction.objects.visible_to(again, NOW).filter(pk=action.pk).exists()

    def test_it_says_of_itself_that_it_has_no_incident(self, cast: Cast) -> None:
        page = words(signed_in(cast.duty_manager).get(reverse("changes:action", args=[given_out(cast).pk])))
        assert "Action of a quality meeting" in page
        assert "Back to my work" in page
        assert "incident" not in page.partition("<main")[2].partition("</main>")[0].lower()

    def test_an_action_of_an_incident_is_seen_as_before(self, cast: Cast) -> None:
        action = an_action(cast)
        assert not TrackedAction.objects.visible_to(cast.duty_manager_elsewhere, NOW).filter(pk=action.pk).exists()
        assert TrackedAction.objects.visible_to(cast.reviewer, NOW).filter(pk=action.pk).exists()


class TestTheTable:
    @pytest.mark.parametrize("columns", [{"decision_id": None}, {"incident": True}])
    def test_an_action_belongs_to_an_incident_or_to_a_meeting(self, cast: Cast, columns: dict[str, Any]) -> None:
        like = an_action(cast)
        given: dict[str, Any] = {
            "provider": cast.provider, "what": "W", "owner": cast.lead, "due_on": DUE, "submission_key": "x",
            "decided_by_name": "X", "decided_by_role": "", "decided_at": NOW, "decision_id": UUID(int=1),
        }  # fmt: skip
        if "incident" in columns:
            columns = {"incident": like.incident}
        with pytest.raises(IntegrityError), transaction.atomic():
            TrackedAction.objects.create(**(given | columns))

    @pytest.mark.parametrize(
        "column", ["what = 'Else'", "decision_id = NULL", "incident_id = NULL", "due_on = '2030-01-01'"]
    )
    def test_it_is_still_never_changed(self, cast: Cast, column: str) -> None:
        """The migration that gave it a column made its triggers anew."""
        given_out(cast)
        an_action(cast)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE changes_trackedaction SET {column}")

    def test_nor_deleted(self, cast: Cast) -> None:
        given_out(cast)
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM changes_trackedaction")


def test_whoever_leads_finds_it_in_the_tracker(cast: Cast) -> None:
    given_out(cast)
    for name, seen in (("director", True), ("lead", True), ("duty_manager", True), ("supervisor", False)):
        page = words(signed_in(cast.people()[name]).get(reverse("home:tracker")))
        assert ("Count the nights without cover." in page) == seen, name
