"""Every person at every step: who may do what with a change and with an action, in each state it can be in.

Each row names all who may; everybody else of the cast must be refused, or be told that it is too late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from saferpractice.access.models import Person
from saferpractice.changes.models import CompletionEvidence, OperationalChange, TrackedAction
from saferpractice.changes.operations import (
    add_action,
    decide_evidence,
    give_evidence,
    go_live,
    hand_over_action,
    hand_over_change,
    keep_briefing,
    record_proof,
    withdraw_change,
)
from saferpractice.changes.queries import state_of, state_of_action
from saferpractice.changes.rules import ActionState, ChangeState, ProposedProof
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
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

NOBODY: frozenset[str] = frozenset()
WORKS_ON_IT = frozenset({"duty_manager", "lead", "reviewer", "quality_lead", "director"})
"""Who may agree changes about the incident. The duty manager also owns the change and the action."""
SENIOR = frozenset({"lead", "quality_lead", "director"})
LEADS_THE_TEAM = WORKS_ON_IT | {"supervisor"}


def outcomes(cast: Cast, do: Callable[[Person], object]) -> dict[str, str]:
    """What happens when each person does it, as if nobody else had: done, refused or too late. Nothing is kept."""
    found: dict[str, str] = {}
    for name, person in cast.people().items():
        before = TrailEntry.objects.count()
        with transaction.atomic():
            try:
                do(person)
                found[name] = "done"
                assert TrailEntry.objects.count() > before
            except Refused:
                found[name] = "refused"
            except Stale:
                found[name] = "too late"
            if found[name] != "done":
                assert TrailEntry.objects.count() == before, f"{name} left a trace of what was not done"
            transaction.set_rollback(True)
    return found


def those(found: dict[str, str], outcome: str) -> set[str]:
    return {name for name, what in found.items() if what == outcome}


class TestActions:
    def in_state(self, cast: Cast, state: ActionState) -> TrackedAction:
        action = an_action(cast)
        if state in {ActionState.EVIDENCE_GIVEN, ActionState.SENT_BACK, ActionState.DONE}:
            evidence = some_evidence(action)
            if state is ActionState.SENT_BACK:
                decide_evidence(by=cast.lead, at=NOW, evidence=evidence, accepted=False, reason="Show the form.")
            if state is ActionState.DONE:
                decide_evidence(by=cast.lead, at=NOW, evidence=evidence, accepted=True)
        if state is ActionState.WITHDRAWN:
            some_evidence(action)
            assert action.change is not None
            withdraw_change(by=cast.lead, at=NOW, change=action.change, reason="Another way was found.")
        action = TrackedAction.objects.get(pk=action.pk)
        assert state_of_action(action) is state
        return action

    @pytest.mark.parametrize(
        ("state", "may", "too_late"),
        [
            (ActionState.OPEN, WORKS_ON_IT, NOBODY),
            (ActionState.EVIDENCE_GIVEN, NOBODY, WORKS_ON_IT),
            (ActionState.SENT_BACK, WORKS_ON_IT, NOBODY),
            (ActionState.DONE, NOBODY, WORKS_ON_IT),
            (ActionState.WITHDRAWN, NOBODY, WORKS_ON_IT),
        ],
    )
    def test_giving_evidence(
        self, cast: Cast, state: ActionState, may: frozenset[str], too_late: frozenset[str]
    ) -> None:
        action = self.in_state(cast, state)
        found = outcomes(
            cast, lambda by: give_evidence(by=by, at=NOW, action=action, words="New words.", record="Form 15")
        )
        assert those(found, "done") == may
        assert those(found, "too late") == too_late

    @pytest.mark.parametrize("accepted", [True, False], ids=["accepting", "sending back"])
    @pytest.mark.parametrize(
        ("state", "may", "too_late"),
        [
            (ActionState.EVIDENCE_GIVEN, SENIOR, NOBODY),
            (ActionState.SENT_BACK, NOBODY, SENIOR),
            (ActionState.DONE, NOBODY, SENIOR),
            (ActionState.WITHDRAWN, NOBODY, SENIOR),
        ],
    )
    def test_deciding_on_it(
        self, cast: Cast, state: ActionState, may: frozenset[str], too_late: frozenset[str], accepted: bool
    ) -> None:
        evidence = self.in_state(cast, state).evidence.get()
        found = outcomes(
            cast, lambda by: decide_evidence(by=by, at=NOW, evidence=evidence, accepted=accepted, reason="Seen.")
        )
        assert those(found, "done") == may
        assert those(found, "too late") == too_late

    @pytest.mark.parametrize(
        ("state", "may", "too_late"),
        [
            (ActionState.OPEN, WORKS_ON_IT, NOBODY),
            (ActionState.EVIDENCE_GIVEN, WORKS_ON_IT, NOBODY),
            (ActionState.SENT_BACK, WORKS_ON_IT, NOBODY),
            (ActionState.DONE, NOBODY, WORKS_ON_IT),
            (ActionState.WITHDRAWN, NOBODY, WORKS_ON_IT),
        ],
    )
    def test_passing_it_on(self, cast: Cast, state: ActionState, may: frozenset[str], too_late: frozenset[str]) -> None:
        action = self.in_state(cast, state)
        found = outcomes(
            cast, lambda by: hand_over_action(by=by, at=NOW, action=action, owner=cast.supervisor, reason="New post")
        )
        assert those(found, "done") == may
        assert those(found, "too late") == too_late

    @pytest.mark.parametrize("owner", ["worker", "worker_elsewhere", "supervisor", "lead", "quality_lead", "director"])
    def test_whoever_owns_it_gives_evidence_and_never_decides_on_it(self, cast: Cast, owner: str) -> None:
        action = an_action(cast, owner=cast.people()[owner])
        gave = outcomes(cast, lambda by: some_evidence(action, by=by))
        assert those(gave, "done") == WORKS_ON_IT | {owner}
        evidence = some_evidence(action)
        decided = outcomes(cast, lambda by: decide_evidence(by=by, at=NOW, evidence=evidence, accepted=True))
        assert those(decided, "done") == SENIOR - {owner}

    @pytest.mark.parametrize("giver", ["lead", "quality_lead", "reviewer"])
    def test_nor_does_whoever_gave_it_for_them(self, cast: Cast, giver: str) -> None:
        evidence = some_evidence(an_action(cast), by=cast.people()[giver])
        decided = outcomes(cast, lambda by: decide_evidence(by=by, at=NOW, evidence=evidence, accepted=True))
        assert those(decided, "done") == SENIOR - {giver}

    def test_nor_does_a_new_owner_who_opened_it_before_it_became_theirs(self, cast: Cast) -> None:
        action = an_action(cast)
        given = some_evidence(action)
        opened = CompletionEvidence.objects.select_related("action").get(pk=given.pk)
        assert opened.action.owner == cast.duty_manager
        hand_over_action(by=cast.lead, at=NOW, action=action, owner=cast.quality_lead, reason="New post")
        with pytest.raises(Refused, match="You own this action"):
            decide_evidence(by=cast.quality_lead, at=NOW, evidence=opened, accepted=True)

    def test_of_a_restricted_incident_only_those_named_do_anything(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(hours=3))
        change = a_change(cast, findings=[a_finding(cast, review=a_review(cast, "B", incident=incident))])
        action = an_action(cast, change=change, owner=cast.worker_elsewhere)
        evidence = some_evidence(action)
        type(incident).objects.filter(pk=incident.pk).update(restricted=True)
        decided = those(
            outcomes(cast, lambda by: decide_evidence(by=by, at=NOW, evidence=evidence, accepted=True)), "done"
        )
        assert "duty_manager" not in decided
        assert decided <= SENIOR
        seen = {name for name, one in cast.people().items() if TrackedAction.objects.visible_to(one, NOW).exists()}
        assert decided <= seen
        assert "worker_elsewhere" in seen
        assert not {"worker", "colleague", "supervisor", "commissioner", "inspector", "stranger"} & seen


@pytest.mark.requirement("R3", "R14")
class TestChanges:
    def in_state(self, cast: Cast, state: ChangeState) -> OperationalChange:
        change = a_change(cast) if state is ChangeState.AGREED else a_live_change(cast)
        if state is ChangeState.PARTLY_PROVEN:
            a_briefing_held(cast, change, cast.north)
        if state is ChangeState.PROVEN:
            a_template_in_use(cast, change, [cast.north, cast.south])
        if state is ChangeState.WITHDRAWN:
            withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        change = OperationalChange.objects.get(pk=change.pk)
        assert state_of(change) is state
        return change

    def do(self, cast: Cast, what: str, change: OperationalChange, by: Person) -> Any:
        if what == "go live":
            return go_live(by=by, at=NOW, change=change, live_at=NOW)
        if what == "brief":
            return keep_briefing(by=by, at=NOW, change=change, text="Look twice.", submission_key=uuid4().hex)
        if what == "pass on":
            return hand_over_change(by=by, at=NOW, change=change, owner=cast.supervisor, reason="New post")
        if what == "withdraw":
            return withdraw_change(by=by, at=NOW, change=change, reason="Another way was found.")
        if what == "give out an action":
            return add_action(
                by=by,
                at=NOW,
                change=change,
                what="Print the cards",
                owner=cast.supervisor,
                due_on=local_day(NOW),
                submission_key=uuid4().hex,
            )
        return record_proof(
            by=by,
            at=NOW,
            change=change,
            teams=[cast.north],
            proof=ProposedProof(kind="briefing", held_on=local_day(NOW), reached=9, needed=10, who="Nights"),
            submission_key=uuid4().hex,
        )

    @pytest.mark.parametrize("what", ["brief", "pass on", "give out an action", "withdraw"])
    @pytest.mark.parametrize("state", list(ChangeState), ids=str)
    def test_what_can_be_done_while_it_stands(self, cast: Cast, state: ChangeState, what: str) -> None:
        change = self.in_state(cast, state)
        found = outcomes(cast, lambda by: self.do(cast, what, change, by))
        stands = state is not ChangeState.WITHDRAWN
        assert those(found, "done") == (WORKS_ON_IT if stands else NOBODY)
        assert those(found, "too late") == (NOBODY if stands else WORKS_ON_IT)

    @pytest.mark.parametrize("state", list(ChangeState), ids=str)
    def test_it_goes_live_once(self, cast: Cast, state: ChangeState) -> None:
        change = self.in_state(cast, state)
        found = outcomes(cast, lambda by: self.do(cast, "go live", change, by))
        may = state is ChangeState.AGREED
        assert those(found, "done") == (WORKS_ON_IT if may else NOBODY)
        assert those(found, "too late") == (NOBODY if may else WORKS_ON_IT)

    @pytest.mark.parametrize("state", list(ChangeState), ids=str)
    def test_its_rollout_is_proven_by_those_who_lead_the_team_too(self, cast: Cast, state: ChangeState) -> None:
        change = self.in_state(cast, state)
        found = outcomes(cast, lambda by: self.do(cast, "prove", change, by))
        stands = state is not ChangeState.WITHDRAWN
        assert those(found, "done") == (LEADS_THE_TEAM if stands else NOBODY)
        assert those(found, "too late") == (NOBODY if stands else LEADS_THE_TEAM)

    @pytest.mark.parametrize("owner", ["worker", "supervisor", "worker_elsewhere"])
    def test_an_owner_carries_it_and_does_not_withdraw_it(self, cast: Cast, owner: str) -> None:
        change = a_change(cast, owner=cast.people()[owner])
        for what in ("go live", "brief", "give out an action", "prove"):
            assert self.do(cast, what, change, change.owner), what
        with pytest.raises(Refused, match="withdraw a change"):
            self.do(cast, "withdraw", change, change.owner)

    @pytest.mark.parametrize("owner", ["commissioner", "inspector", "stranger"])
    def test_who_only_reads_or_works_elsewhere_owns_nothing(self, cast: Cast, owner: str) -> None:
        with pytest.raises(Invalid) as refused:
            a_change(cast, owner=cast.people()[owner])
        assert list(refused.value.problems) == ["owner"]
        change = a_change(cast)
        with pytest.raises(Invalid) as refused:
            hand_over_change(by=cast.lead, at=NOW, change=change, owner=cast.people()[owner], reason="New post")
        assert list(refused.value.problems) == ["owner"]
