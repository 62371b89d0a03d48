"""Going live, passing on, withdrawing: the right order, what is owed, and who may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import (
    ACCEPT,
    ACTION,
    GO_LIVE,
    PLAN,
    PROOF,
    go_live,
    hand_over_change,
    withdraw_change,
)
from saferpractice.changes.queries import state_of, state_of_action
from saferpractice.changes.rules import ActionState, ChangeState
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.findings.operations import ANSWER, correct_finding
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.changes import (
    a_briefing_held,
    a_change,
    a_finding,
    a_live_change,
    a_template_in_use,
    an_action,
    owed,
    some_evidence,
)
from tests.factories.findings import finding_words
from tests.personas import NOW, Cast

LATER = NOW + timedelta(days=7)


def fresh(change: OperationalChange) -> OperationalChange:
    return OperationalChange.objects.get(pk=change.pk)


@pytest.mark.requirement("R3")
class TestGoLive:
    def test_going_live_meets_one_obligation_and_opens_the_next(self, cast: Cast) -> None:
        change = a_change(cast)
        live = go_live(by=cast.duty_manager, at=LATER, change=change, live_at=LATER)
        met = Obligation.objects.get(subject_id=change.pk, kind=GO_LIVE)
        assert (met.met_at, met.met_by_id) == (LATER, live.pk)
        proof = owed(change, PROOF)
        assert proof
        assert proof.owner == cast.duty_manager
        assert proof.due_at == datetime(2026, 3, 26, 0, 0, tzinfo=UTC)  # the end of the 10th working day
        assert proof.clock == "local"
        assert state_of(fresh(change)) is ChangeState.LIVE

    def test_proof_is_due_from_the_day_it_went_live_not_the_day_it_was_written_down(self, cast: Cast) -> None:
        change = a_change(cast)
        live_at = NOW + timedelta(days=1)
        go_live(by=cast.duty_manager, at=NOW + timedelta(days=20), change=change, live_at=live_at)
        proof = owed(change, PROOF)
        assert proof
        assert proof.due_at == datetime(2026, 3, 20, 0, 0, tzinfo=UTC)

    def test_it_cannot_go_live_before_it_was_agreed(self, cast: Cast) -> None:
        change = a_change(cast)
        with pytest.raises(Invalid) as no:
            go_live(by=cast.duty_manager, at=NOW, change=change, live_at=NOW - timedelta(days=1))
        assert list(no.value.problems) == ["live_at"]
        assert owed(change, GO_LIVE)

    def test_it_can_go_live_earlier_on_the_day_it_was_agreed(self, cast: Cast) -> None:
        change = a_change(cast)
        assert go_live(by=cast.duty_manager, at=NOW, change=change, live_at=NOW - timedelta(hours=2))

    def test_it_cannot_have_gone_live_tomorrow(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as no:
            go_live(by=cast.duty_manager, at=NOW, change=a_change(cast), live_at=LATER)
        assert list(no.value.problems) == ["live_at"]

    def test_it_goes_live_once(self, cast: Cast) -> None:
        change = a_live_change(cast)
        with pytest.raises(Stale, match="already recorded as live"):
            go_live(by=cast.duty_manager, at=LATER, change=change, live_at=LATER)

    def test_a_rollout_already_proven_owes_no_more_proof(self, cast: Cast) -> None:
        change = a_change(cast)
        a_template_in_use(cast, change, [cast.north, cast.south])
        assert state_of(fresh(change)) is ChangeState.AGREED
        go_live(by=cast.duty_manager, at=LATER, change=change, live_at=LATER)
        assert owed(change, PROOF) is None
        assert state_of(fresh(change)) is ChangeState.PROVEN

    @pytest.mark.parametrize("who", ["reviewer", "lead", "quality_lead", "director", "owner"])
    def test_who_may_take_it_live(self, cast: Cast, who: str) -> None:
        change = a_change(cast, owner=cast.worker)
        person = change.owner if who == "owner" else cast.people()[who]
        assert go_live(by=person, at=LATER, change=change, live_at=LATER).decided_by == person

    @pytest.mark.parametrize(
        "who", ["colleague", "worker_elsewhere", "supervisor", "administrator", "commissioner", "inspector", "stranger"]
    )
    def test_who_may_not(self, cast: Cast, who: str) -> None:
        change = a_change(cast)
        with pytest.raises(Refused):
            go_live(by=cast.people()[who], at=LATER, change=change, live_at=LATER)


@pytest.mark.requirement("R2", "R35")
class TestWithdraw:
    def test_what_was_owed_about_it_is_cancelled(self, cast: Cast) -> None:
        change = a_live_change(cast)
        open_action, waiting = an_action(cast, change=change), an_action(cast, change=change)
        evidence = some_evidence(waiting)
        withdraw_change(by=cast.lead, at=LATER, change=change, reason="The form is replaced by another.")
        for subject, kind in ((change, PLAN), (change, PROOF), (open_action, ACTION), (evidence, ACCEPT)):
            assert owed(subject, kind) is None
            cancelled = Obligation.objects.get(subject_id=subject.pk, kind=kind)
            assert (cancelled.cancelled_at, cancelled.cancelled_because) == (LATER, "The change was withdrawn")
        assert state_of(fresh(change)) is ChangeState.WITHDRAWN
        assert state_of_action(fresh(change).tracked_actions.get(pk=open_action.pk)) is ActionState.WITHDRAWN

    def test_a_finding_nothing_else_answers_is_asked_about_again(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        first = Obligation.objects.get(subject_id=finding.pk, kind=ANSWER)
        withdraw_change(by=cast.lead, at=LATER, change=change, reason="It made the visits too long.")
        again = owed(finding, ANSWER)
        assert again
        assert again.pk != first.pk
        assert (again.owner, again.role, again.title) == (first.owner, first.role, first.title)
        assert again.due_at > first.due_at

    def test_what_put_the_finding_right_is_asked_about(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        words = finding_words(finding.review, statement="Duty cover ended at 11pm, and the rota said midnight.")
        later = correct_finding(
            by=cast.reviewer, at=NOW, finding=finding, words=words, corrected_because="The rota was read again today."
        )
        assert owed(later, ANSWER) is None
        withdraw_change(by=cast.lead, at=LATER, change=change, reason="It made the visits too long.")
        assert owed(finding, ANSWER) is None
        assert owed(later, ANSWER)

    def test_a_finding_now_about_something_else_is_asked_about_once(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        words = finding_words(finding.review, condition="unclear-threshold")
        later = correct_finding(
            by=cast.reviewer, at=NOW, finding=finding, words=words, corrected_because="It was the threshold after all."
        )
        withdraw_change(by=cast.lead, at=LATER, change=change, reason="It made the visits too long.")
        assert Obligation.objects.open().filter(subject_id__in=[finding.pk, later.pk], kind=ANSWER).count() == 1

    def test_a_finding_another_change_answers_is_not(self, cast: Cast) -> None:
        finding = a_finding(cast)
        one, _ = a_change(cast, findings=[finding]), a_change(cast, findings=[finding])
        withdraw_change(by=cast.lead, at=LATER, change=one, reason="The other one does it better.")
        assert owed(finding, ANSWER) is None

    def test_it_needs_a_reason(self, cast: Cast) -> None:
        change = a_change(cast)
        with pytest.raises(Invalid) as no:
            withdraw_change(by=cast.lead, at=NOW, change=change, reason="  ")
        assert list(no.value.problems) == ["reason"]
        assert owed(change, GO_LIVE)

    def test_it_is_withdrawn_once(self, cast: Cast) -> None:
        change = a_change(cast)
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Not needed any more.")
        with pytest.raises(Stale):
            withdraw_change(by=cast.lead, at=NOW, change=change, reason="Not needed any more.")

    def test_owning_it_is_not_enough(self, cast: Cast) -> None:
        change = a_change(cast, owner=cast.worker)
        with pytest.raises(Refused):
            withdraw_change(by=cast.worker, at=NOW, change=change, reason="Too much work.")

    def test_nothing_can_be_done_with_it_afterwards(self, cast: Cast) -> None:
        change = a_change(cast)
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Not needed any more.")
        for late in (
            lambda: go_live(by=cast.duty_manager, at=LATER, change=change, live_at=LATER),
            lambda: a_briefing_held(cast, change, cast.north),
            lambda: an_action(cast, change=change),
            lambda: hand_over_change(by=cast.lead, at=NOW, change=change, owner=cast.worker, reason="x"),
        ):
            with pytest.raises(Stale, match="withdrawn"):
                late()


@pytest.mark.requirement("R35")
class TestHandOver:
    def test_what_is_owed_passes_and_its_day_stays(self, cast: Cast) -> None:
        change = a_change(cast)
        before = owed(change, GO_LIVE)
        assert before
        handover = hand_over_change(
            by=cast.duty_manager, at=LATER, change=change, owner=cast.supervisor, reason="On leave from Friday"
        )
        after = owed(change, GO_LIVE)
        assert after
        assert (after.owner, after.due_at) == (cast.supervisor, before.due_at)
        assert handover.previous_owner == cast.duty_manager
        assert fresh(change).owner == cast.supervisor
        assert OutboxMessage.objects.filter(to=cast.supervisor, key__startswith="handover:").count() == 1

    def test_the_role_that_owes_the_impact_plan_keeps_it(self, cast: Cast) -> None:
        change = a_change(cast)
        hand_over_change(by=cast.lead, at=LATER, change=change, owner=cast.supervisor, reason="On leave")
        plan = owed(change, PLAN)
        assert plan
        assert (plan.owner, plan.role) == (None, "quality_lead")

    @pytest.mark.parametrize("who", ["duty_manager", "stranger", "inspector"])
    def test_the_new_owner_is_somebody_else_who_works_here(self, cast: Cast, who: str) -> None:
        with pytest.raises(Invalid) as no:
            hand_over_change(by=cast.lead, at=LATER, change=a_change(cast), owner=cast.people()[who], reason="On leave")
        assert list(no.value.problems) == ["owner"]

    def test_it_needs_a_reason(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as no:
            hand_over_change(by=cast.lead, at=LATER, change=a_change(cast), owner=cast.supervisor, reason="")
        assert list(no.value.problems) == ["reason"]
