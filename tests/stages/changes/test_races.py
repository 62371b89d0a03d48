"""Two people at once: one decision, one go-live, one change for one form."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections

from saferpractice.changes.models import (
    Briefing,
    ChangeWithdrawal,
    CompletionEvidence,
    EvidenceDecision,
    GoLive,
    OperationalChange,
    OwnerHandover,
    RolloutProof,
    TrackedAction,
)
from saferpractice.changes.operations import (
    PROOF,
    agree_change,
    decide_evidence,
    go_live,
    hand_over_action,
    hand_over_change,
    keep_briefing,
    record_proof,
    withdraw_change,
)
from saferpractice.changes.queries import state_of
from saferpractice.changes.rules import ChangeState, ProposedProof
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Stale
from tests.databases import Database
from tests.factories.changes import (
    a_briefing_held,
    a_change,
    a_finding,
    a_live_change,
    an_action,
    proposed,
    some_evidence,
)
from tests.personas import NOW, build_cast

pytestmark = pytest.mark.requirement("R35")


def at_once(*doing: Callable[[], object]) -> list[object]:
    """Do these in threads that start together; what each gave, or the refusal it met."""
    together = threading.Barrier(len(doing))
    results: list[object] = [None] * len(doing)

    def run(number: int, do: Callable[[], object]) -> None:
        together.wait()
        try:
            results[number] = do()
        except Exception as error:  # looked at by the test
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, do)) for number, do in enumerate(doing)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_decisions_on_one_piece_of_evidence_are_one(fresh_database: Database) -> None:
    cast = build_cast()
    evidence = some_evidence(an_action(cast))
    results = at_once(
        lambda: decide_evidence(by=cast.quality_lead, at=NOW, evidence=evidence, accepted=True),
        lambda: decide_evidence(by=cast.lead, at=NOW, evidence=evidence, accepted=False, reason="Show the form."),
        lambda: decide_evidence(by=cast.director, at=NOW, evidence=evidence, accepted=True),
    )
    assert sorted(type(result).__name__ for result in results) == ["EvidenceDecision", "Stale", "Stale"]
    assert EvidenceDecision.objects.count() == 1
    assert TrailEntry.objects.filter(operation="changes.decide_evidence").count() == 1
    assert check_chain(cast.provider.pk).whole


def test_evidence_given_twice_at_once_is_given_once(fresh_database: Database) -> None:
    cast = build_cast()
    action = an_action(cast)
    results = at_once(
        lambda: some_evidence(action),
        lambda: some_evidence(action, by=cast.reviewer, words="The reviewer saw it in use."),
    )
    assert sorted(type(result).__name__ for result in results) == ["CompletionEvidence", "Stale"]
    assert CompletionEvidence.objects.count() == 1


def test_a_change_goes_live_or_is_withdrawn_in_one_order(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast)
    results = at_once(
        lambda: go_live(by=cast.duty_manager, at=NOW, change=change, live_at=NOW),
        lambda: withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found."),
    )
    assert ChangeWithdrawal.objects.count() == 1
    assert isinstance(results[0], Stale) == (not GoLive.objects.exists())
    assert not Obligation.objects.open().filter(subject_id=change.pk).exists()


def test_one_form_sent_twice_at_once_agrees_one_change(fresh_database: Database) -> None:
    cast = build_cast()
    finding = a_finding(cast)
    answer = proposed(go_live_on=local_day(NOW) + timedelta(days=7))

    def agree() -> OperationalChange:
        return agree_change(
            by=cast.reviewer,
            at=NOW,
            findings=[finding],
            proposed=answer,
            owner=cast.duty_manager,
            reach=[cast.north],
            submission_key="one-form",
        )

    def send() -> OperationalChange:
        return twice_at_once(agree)

    results = at_once(send, send, send)
    assert {getattr(result, "pk", result) for result in results} == {OperationalChange.objects.get().pk}
    assert TrailEntry.objects.filter(operation="changes.agree_change").count() == 1


def test_the_last_two_teams_proven_at_once_prove_the_rollout(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast)
    go_live(by=cast.duty_manager, at=NOW, change=change, live_at=NOW)
    at_once(
        lambda: a_briefing_held(cast, change, cast.north),
        lambda: a_briefing_held(cast, change, cast.south),
    )
    assert RolloutProof.objects.count() == 2
    assert Obligation.objects.get(subject_id=change.pk, kind=PROOF).met_at is not None


def test_two_take_a_change_live_and_it_is_live_once(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast)
    results = at_once(
        lambda: go_live(by=cast.duty_manager, at=NOW, change=change, live_at=NOW),
        lambda: go_live(by=cast.lead, at=NOW, change=change, live_at=NOW - timedelta(minutes=1)),
    )
    assert sorted(type(result).__name__ for result in results) == ["GoLive", "Stale"]
    assert GoLive.objects.count() == 1
    owed = Obligation.objects.filter(subject_id=change.pk, kind=PROOF)
    assert owed.count() == 1, "the rollout is asked for once"


@pytest.mark.requirement("R3")
def test_a_change_withdrawn_while_it_is_proven_owes_nothing_afterwards(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast, reach=[cast.north])
    go_live(by=cast.duty_manager, at=NOW, change=change, live_at=NOW)
    results = at_once(
        lambda: a_briefing_held(cast, change, cast.north),
        lambda: withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found."),
    )
    assert isinstance(results[1], ChangeWithdrawal)
    assert isinstance(results[0], Stale) is not RolloutProof.objects.exists()
    assert not Obligation.objects.open().filter(subject_id=change.pk).exists()
    assert state_of(OperationalChange.objects.get(pk=change.pk)) is ChangeState.WITHDRAWN


def test_an_action_passed_to_its_judge_while_they_accept_is_not_judged_by_its_owner(fresh_database: Database) -> None:
    cast = build_cast()
    action = an_action(cast)
    evidence = some_evidence(action)
    at_once(
        lambda: decide_evidence(by=cast.quality_lead, at=NOW, evidence=evidence, accepted=True),
        lambda: hand_over_action(by=cast.lead, at=NOW, action=action, owner=cast.quality_lead, reason="New post"),
    )
    owner = TrackedAction.objects.get(pk=action.pk).owner
    assert (owner == cast.quality_lead) is not EvidenceDecision.objects.exists()


def test_a_change_passed_on_twice_has_the_owner_of_its_newest_handover(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast)
    at_once(
        lambda: hand_over_change(by=cast.lead, at=NOW, change=change, owner=cast.supervisor, reason="New post"),
        lambda: hand_over_change(by=cast.director, at=NOW, change=change, owner=cast.quality_lead, reason="Leave"),
    )
    change = OperationalChange.objects.get(pk=change.pk)
    first, second = OwnerHandover.objects.order_by("pk")
    assert (first.previous_owner, first.owner) == (cast.duty_manager, second.previous_owner)
    assert change.owner == second.owner
    owed = Obligation.objects.open().filter(subject_id=change.pk, owner__isnull=False)
    assert {one.owner for one in owed} == {change.owner}


@pytest.mark.requirement("R15")
def test_one_briefing_sent_twice_at_once_is_kept_once(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast)

    def keep() -> Briefing:
        return keep_briefing(by=cast.lead, at=NOW, change=change, text="Look twice.", submission_key="one")

    results = at_once(keep, keep)
    assert [type(result) for result in results] == [Briefing, Briefing]
    assert Briefing.objects.count() == 1


def test_one_action_sent_twice_at_once_is_given_out_once(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_change(cast)

    def send() -> TrackedAction:
        return twice_at_once(lambda: an_action(cast, change=change, what="Print the cards.", key="one"))

    results = at_once(send, send)
    assert {getattr(result, "pk", result) for result in results} == {TrackedAction.objects.get().pk}
    assert Obligation.objects.open().filter(subject_id=TrackedAction.objects.get().pk).count() == 1


@pytest.mark.requirement("R3")
def test_one_proof_sent_twice_at_once_is_recorded_once(fresh_database: Database) -> None:
    cast = build_cast()
    change = a_live_change(cast)

    def prove() -> object:
        return record_proof(
            by=cast.lead,
            at=NOW,
            change=change,
            teams=[cast.north],
            proof=ProposedProof(kind="briefing", held_on=local_day(NOW), reached=9, needed=10, who="Nights"),
            submission_key="one",
        )

    results = at_once(prove, prove)
    assert results[0] == results[1]
    assert RolloutProof.objects.count() == 1
