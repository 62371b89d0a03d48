"""Tracked actions: an owner, a day, evidence that somebody else accepts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from saferpractice.changes.models import CompletionEvidence, EvidenceDecision, TrackedAction
from saferpractice.changes.operations import ACCEPT, ACTION, decide_evidence, give_evidence, hand_over_action
from saferpractice.changes.queries import state_of_action
from saferpractice.changes.rules import ActionState
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.files.models import StoredFile
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.changes import a_change, a_file, an_action, owed, some_evidence
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R35")

LATER = NOW + timedelta(days=2)


def state(action: TrackedAction) -> ActionState:
    return state_of_action(TrackedAction.objects.get(pk=action.pk))


class TestGivingOut:
    def test_the_owner_owes_it_by_its_day_and_is_told(self, cast: Cast) -> None:
        action = an_action(cast)
        due = owed(action, ACTION)
        assert due
        assert (due.owner, due.title) == (cast.duty_manager, action.what)
        assert due.due_at == datetime(2026, 3, 19, 0, 0, tzinfo=UTC)  # the end of 18 March
        assert OutboxMessage.objects.filter(to=cast.duty_manager, key__startswith="action:").count() == 1
        assert state(action) is ActionState.OPEN

    @pytest.mark.requirement("R11")
    def test_a_review_has_actions_of_its_own(self, cast: Cast) -> None:
        review = a_review(cast, tier="C")
        action = an_action(cast, review=review)
        assert (action.review, action.change, action.incident) == (review, None, review.incident)

    @pytest.mark.parametrize(
        ("given", "field"),
        [({"what": " "}, "what"), ({"due_on": local_day(NOW) - timedelta(days=1)}, "due_on")],
    )
    def test_it_needs_words_and_a_day_to_come(self, cast: Cast, given: dict, field: str) -> None:
        with pytest.raises(Invalid) as no:
            an_action(cast, **given)
        assert list(no.value.problems) == [field]

    @pytest.mark.parametrize("who", ["stranger", "commissioner", "inspector"])
    def test_its_owner_works_here(self, cast: Cast, who: str) -> None:
        with pytest.raises(Invalid) as no:
            an_action(cast, owner=cast.people()[who])
        assert list(no.value.problems) == ["owner"]

    def test_the_same_form_again_gives_the_same_action(self, cast: Cast) -> None:
        change = a_change(cast)
        assert an_action(cast, change=change, key="k") == an_action(cast, change=change, key="k")
        with pytest.raises(Invalid, match="already sent"):
            an_action(cast, change=change, key="k", what="Something else")

    def test_it_belongs_to_a_change_or_to_a_review(self, cast: Cast) -> None:
        change, review = a_change(cast), a_review(cast)
        with pytest.raises(ValueError, match="to one of them"):
            an_action(cast, change=change, review=review)

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("reviewer", True),
            ("lead", True),
            ("duty_manager", True),
            ("quality_lead", True),
            ("director", True),
            ("supervisor", False),
            ("worker", False),
            ("duty_manager_elsewhere", False),
            ("administrator", False),
            ("commissioner", False),
            ("stranger", False),
        ],
    )
    def test_who_may_give_it_out(self, cast: Cast, who: str, may: bool) -> None:
        review, person = a_review(cast), cast.people()[who]
        if may:
            assert an_action(cast, review=review, by=person).decided_by == person
        else:
            with pytest.raises(Refused):
                an_action(cast, review=review, by=person)


class TestEvidence:
    def test_the_owner_has_done_their_part_and_somebody_else_must_decide(self, cast: Cast) -> None:
        action = an_action(cast)
        evidence = some_evidence(action, at=LATER)
        assert state(action) is ActionState.EVIDENCE_GIVEN
        assert owed(action, ACTION) is None
        due = owed(evidence, ACCEPT)
        assert due
        assert (due.role, due.due_at) == ("quality_lead", datetime(2026, 3, 14, 0, 0, tzinfo=UTC))

    def test_a_file_is_kept_with_its_hash(self, cast: Cast) -> None:
        action = an_action(cast)
        evidence = some_evidence(action, record="", upload=a_file("form.txt", b"The form"))
        stored = StoredFile.objects.get(pk=evidence.file_id)
        assert (stored.story_id, stored.name, stored.size) == (action.incident_id, "form.txt", 8)
        assert TrailEntry.objects.filter(facts__sha256=stored.sha256).count() == 1

    def test_words_alone_are_refused_and_nothing_is_half_written(self, cast: Cast) -> None:
        action = an_action(cast)
        with pytest.raises(Invalid) as no:
            some_evidence(action, record="")
        assert list(no.value.problems) == ["file"]
        assert not CompletionEvidence.objects.exists()
        assert owed(action, ACTION)

    def test_evidence_waits_before_more_is_given(self, cast: Cast) -> None:
        action = an_action(cast)
        one = some_evidence(action)
        assert some_evidence(action) == one  # the same form sent twice
        with pytest.raises(Stale, match="already waits"):
            some_evidence(action, words="And this as well.")

    @pytest.mark.parametrize(
        "name",
        [
            "../../etc/passwd",
            "..\\..\\windows\\system32\\note.txt",
            "<script>alert(1)</script>.txt",
            "note\u202etxt.exe",
            "a" * 400 + ".txt",
            "\x00.txt",
            "CON",
        ],
    )
    def test_a_hostile_name_names_nothing_but_itself(self, cast: Cast, name: str) -> None:
        stored = some_evidence(an_action(cast), upload=a_file(name, b"x")).file
        assert stored is not None
        assert stored.name
        assert len(stored.name) <= 150
        assert not set(stored.name) & set("/\\\x00\u202e")
        assert ".." not in stored.path
        assert name not in stored.path

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("duty_manager", True),
            ("reviewer", True),
            ("lead", True),
            ("worker", False),
            ("supervisor", False),
            ("administrator", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_who_may_give_it(self, cast: Cast, who: str, may: bool) -> None:
        action, person = an_action(cast), cast.people()[who]
        if may:
            assert some_evidence(action, by=person).decided_by == person
        else:
            with pytest.raises(Refused):
                some_evidence(action, by=person)

    def test_an_owner_who_may_not_open_the_incident_still_gives_evidence(self, cast: Cast) -> None:
        action = an_action(cast, owner=cast.worker_elsewhere)
        assert some_evidence(action).decided_by == cast.worker_elsewhere


class TestDeciding:
    def test_accepted_evidence_makes_the_action_done(self, cast: Cast) -> None:
        action = an_action(cast)
        evidence = some_evidence(action)
        decide_evidence(by=cast.quality_lead, at=LATER, evidence=evidence, accepted=True)
        assert state(action) is ActionState.DONE
        assert owed(evidence, ACCEPT) is None
        with pytest.raises(Stale):
            some_evidence(action)

    def test_sent_back_the_owner_owes_it_again_by_the_same_day(self, cast: Cast) -> None:
        action = an_action(cast)
        first_due = owed(action, ACTION)
        assert first_due
        evidence = some_evidence(action)
        decide_evidence(
            by=cast.quality_lead, at=LATER, evidence=evidence, accepted=False, reason="Show the form in use."
        )
        assert state(action) is ActionState.SENT_BACK
        again = owed(action, ACTION)
        assert again
        assert (again.owner, again.due_at) == (cast.duty_manager, first_due.due_at)
        assert OutboxMessage.objects.filter(to=cast.duty_manager, key__endswith=f"sent-back:{cast.duty_manager.pk}")
        second = some_evidence(action, at=LATER, words="Here is a note made with it.")
        decide_evidence(by=cast.lead, at=LATER, evidence=second, accepted=True)
        assert state(action) is ActionState.DONE
        assert action.evidence.count() == 2

    def test_sending_back_late_gives_no_more_time(self, cast: Cast) -> None:
        action = an_action(cast)
        first_due = owed(action, ACTION)
        assert first_due
        evidence = some_evidence(action)
        much_later = NOW + timedelta(days=60)
        decide_evidence(by=cast.lead, at=much_later, evidence=evidence, accepted=False, reason="Show the form in use.")
        again = owed(action, ACTION)
        assert again
        assert again.due_at == first_due.due_at

    def test_sending_back_says_what_is_lacking(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast))
        with pytest.raises(Invalid) as no:
            decide_evidence(by=cast.lead, at=LATER, evidence=evidence, accepted=False, reason=" ")
        assert list(no.value.problems) == ["reason"]
        assert not EvidenceDecision.objects.exists()

    def test_the_owner_does_not_accept_their_own_work(self, cast: Cast) -> None:
        action = an_action(cast, owner=cast.quality_lead)
        evidence = some_evidence(action, by=cast.reviewer)
        with pytest.raises(Refused, match="You own this action"):
            decide_evidence(by=cast.quality_lead, at=LATER, evidence=evidence, accepted=True)

    def test_whoever_gave_the_evidence_does_not_accept_it(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast), by=cast.lead)
        with pytest.raises(Refused, match="You gave this evidence"):
            decide_evidence(by=cast.lead, at=LATER, evidence=evidence, accepted=True)

    def test_passing_the_action_on_does_not_make_an_owner_its_judge(self, cast: Cast) -> None:
        action = an_action(cast, owner=cast.quality_lead)
        evidence = some_evidence(action, by=cast.reviewer)
        hand_over_action(by=cast.quality_lead, at=LATER, action=action, owner=cast.worker, reason="Theirs to do")
        with pytest.raises(Refused, match="or did"):
            decide_evidence(by=cast.quality_lead, at=LATER, evidence=evidence, accepted=True)

    def test_when_the_quality_lead_owns_it_somebody_else_is_asked_to_decide(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast, owner=cast.quality_lead))
        due = owed(evidence, ACCEPT)
        assert due
        assert due.role == "safeguarding_lead"

    def test_on_a_restricted_incident_somebody_is_asked_who_can_see_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")
        action = an_action(cast, review=a_review(cast, incident=incident), owner=cast.reviewer)
        due = owed(some_evidence(action), ACCEPT)
        assert due
        assert (due.role, due.restricted) == ("safeguarding_lead", True)

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("quality_lead", True),
            ("lead", True),
            ("director", True),
            ("reviewer", False),
            ("supervisor", False),
            ("colleague", False),
            ("duty_manager_elsewhere", False),
            ("administrator", False),
            ("commissioner", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_who_may_decide(self, cast: Cast, who: str, may: bool) -> None:
        evidence, person = some_evidence(an_action(cast)), cast.people()[who]
        if may:
            assert decide_evidence(by=person, at=LATER, evidence=evidence, accepted=True).decided_by == person
        else:
            with pytest.raises(Refused):
                decide_evidence(by=person, at=LATER, evidence=evidence, accepted=True)
            assert not EvidenceDecision.objects.exists()

    def test_it_is_decided_once(self, cast: Cast) -> None:
        evidence = some_evidence(an_action(cast))
        decide_evidence(by=cast.lead, at=LATER, evidence=evidence, accepted=True)
        with pytest.raises(Stale, match="meanwhile"):
            decide_evidence(by=cast.director, at=LATER, evidence=evidence, accepted=False, reason="I disagree")
        assert EvidenceDecision.objects.get().accepted


class TestHandOver:
    def test_what_is_owed_passes_and_its_day_stays(self, cast: Cast) -> None:
        action = an_action(cast)
        before = owed(action, ACTION)
        assert before
        hand_over_action(by=cast.lead, at=LATER, action=action, owner=cast.worker, reason="Moved to another team")
        after = owed(action, ACTION)
        assert after
        assert (after.owner, after.due_at) == (cast.worker, before.due_at)
        action.refresh_from_db()
        assert action.owner == cast.worker
        assert give_evidence(by=cast.worker, at=LATER, action=action, words="Done.", record="Note of today")

    def test_what_is_over_is_not_passed_on(self, cast: Cast) -> None:
        action = an_action(cast)
        decide_evidence(by=cast.lead, at=LATER, evidence=some_evidence(action), accepted=True)
        with pytest.raises(Stale):
            hand_over_action(by=cast.lead, at=LATER, action=action, owner=cast.worker, reason="Moved")

    def test_an_owner_without_a_role_for_it_does_not_pass_it_on(self, cast: Cast) -> None:
        action = an_action(cast, owner=cast.worker)
        with pytest.raises(Refused):
            hand_over_action(by=cast.worker, at=LATER, action=action, owner=cast.colleague, reason="Too busy")
