"""Agreeing a change: what it takes, what it meets and opens, and who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import GO_LIVE, PLAN, agree_change, keep_briefing
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.findings.operations import ANSWER, correct_finding
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import Process
from tests.factories import findings
from tests.factories.changes import a_change, a_finding, owed, proposed
from tests.factories.findings import finding_words
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R2", "R14")

MAY_AGREE = {"duty_manager", "lead", "reviewer", "quality_lead", "director"}


def problems(cast: Cast, **given: object) -> dict[str, str]:
    with pytest.raises(Invalid) as no:
        a_change(cast, **given)  # type: ignore[arg-type]
    return no.value.problems


class TestWhatIsKept:
    def test_the_change_says_what_is_different_on_monday_for_whom_and_from_when(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        change = OperationalChange.objects.get(pk=change.pk)
        assert change.monday.startswith("The visit note asks five questions.")
        assert change.owner == cast.duty_manager
        assert set(change.reach.all()) == {cast.north, cast.south}
        assert list(change.findings.all()) == [finding]
        assert change.go_live_on == local_day(NOW) + timedelta(days=7)
        assert (change.decided_by, change.decided_by_role) == (cast.reviewer, "Reviewer")

    @pytest.mark.parametrize(
        ("change_type", "cannot_be_passed", "strength"),
        [
            ("risk-prompt", False, "intermediate"),
            ("risk-prompt", True, "stronger"),
            ("tool", False, "intermediate"),
            ("tool", True, "stronger"),
            ("training", False, "weaker"),
            ("policy", False, "weaker"),
            ("escalation-route", False, "intermediate"),
        ],
    )
    def test_its_strength_is_worked_out_from_the_hierarchy(
        self, cast: Cast, change_type: str, cannot_be_passed: bool, strength: str
    ) -> None:
        change = a_change(
            cast,
            change_type=change_type,
            cannot_be_passed=cannot_be_passed,
            why_not_passed="The note does not close." if cannot_be_passed else "",
        )
        assert change.strength == strength

    def test_what_stops_the_work_is_kept_only_where_it_was_claimed(self, cast: Cast) -> None:
        assert a_change(cast, why_not_passed="A left-over word").why_not_passed == ""

    def test_one_change_may_answer_findings_of_two_incidents_and_is_told_in_both_stories(self, cast: Cast) -> None:
        here, there = a_finding(cast), a_finding(cast)
        change = a_change(cast, findings=[here, there])
        said = TrailEntry.objects.filter(subject_id=change.pk).values_list("story_id", flat=True)
        assert set(said) == {here.incident_id, there.incident_id}


class TestWhatIsOwed:
    def test_the_finding_is_answered(self, cast: Cast) -> None:
        finding = a_finding(cast)
        assert owed(finding, ANSWER)
        a_change(cast, findings=[finding])
        assert not owed(finding, ANSWER)

    def test_the_owner_owes_the_go_live_on_its_day(self, cast: Cast) -> None:
        change = a_change(cast)
        due = owed(change, GO_LIVE)
        assert due
        assert (due.owner, due.clock) == (cast.duty_manager, "local")
        assert due.due_at == datetime(2026, 3, 12, 0, 0, tzinfo=UTC)  # the end of 11 March

    def test_an_impact_plan_is_owed_before_the_change_is_live(self, cast: Cast) -> None:
        due = owed(a_change(cast), PLAN)
        assert due
        assert (due.owner, due.role) == (None, "quality_lead")
        assert due.due_at == datetime(2026, 3, 12, 0, 0, tzinfo=UTC)

    def test_a_restricted_incident_hides_what_is_owed_about_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")
        change = a_change(cast, findings=[a_finding(cast, review=a_review(cast, "B", incident=incident))])
        plan = owed(change, PLAN)
        assert plan
        assert plan.restricted
        assert plan.role == "safeguarding_lead"

    def test_the_owner_is_told_without_a_word_of_what_it_is(self, cast: Cast) -> None:
        change = a_change(cast)
        (message,) = OutboxMessage.objects.filter(to=cast.duty_manager, key__startswith="change:")
        assert change.title not in message.subject + message.body

    def test_nobody_is_told_of_what_they_gave_themselves(self, cast: Cast) -> None:
        a_change(cast, owner=cast.reviewer)
        assert not OutboxMessage.objects.filter(to=cast.reviewer, key__startswith="change:").exists()


class TestRefusals:
    def test_a_change_must_answer_something(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as no:
            agree_change(
                by=cast.reviewer,
                at=NOW,
                findings=[],
                proposed=proposed(),
                owner=cast.duty_manager,
                reach=[cast.north],
                submission_key="k",
            )
        assert list(no.value.problems) == ["findings"]

    def test_a_change_must_reach_somebody(self, cast: Cast) -> None:
        finding = a_finding(cast)
        with pytest.raises(Invalid) as no:
            agree_change(
                by=cast.reviewer,
                at=NOW,
                findings=[finding],
                proposed=proposed(),
                owner=cast.duty_manager,
                reach=[],
                submission_key="k",
            )
        assert no.value.problems == {"reach": "Choose at least one team that this change must reach."}
        assert not OperationalChange.objects.exists()
        assert owed(finding, ANSWER)

    def test_a_team_of_another_provider_is_not_reached(self, cast: Cast) -> None:
        from saferpractice.access.operations import create_service, create_team

        by = Process("set-up for tests")
        service = create_service(by=by, at=NOW, provider=cast.stranger.provider, name="Elsewhere")
        team = create_team(by=by, at=NOW, service=service, name="Their team")
        assert list(problems(cast, reach=[cast.north, team])) == ["reach"]

    def test_the_day_cannot_have_passed(self, cast: Cast) -> None:
        assert list(problems(cast, go_live_on=local_day(NOW) - timedelta(days=1))) == ["go_live_on"]

    def test_a_type_that_is_not_in_the_list_is_refused(self, cast: Cast) -> None:
        assert list(problems(cast, change_type="telepathy")) == ["change_type"]

    @pytest.mark.parametrize("who", ["stranger", "commissioner", "inspector"])
    def test_the_owner_works_here(self, cast: Cast, who: str) -> None:
        assert list(problems(cast, owner=cast.people()[who])) == ["owner"]

    def test_somebody_with_a_conflict_of_interest_does_not_own_it(self, cast: Cast) -> None:
        finding = a_finding(cast)
        keep_from(
            by=cast.lead,
            at=NOW,
            incident=finding.incident,
            person=cast.colleague,
            because=KeptFromReason.ALLEGED_SOURCE,
        )
        found = problems(cast, findings=[finding], owner=cast.colleague)
        assert found == {"owner": "Corin Vale has a conflict of interest in this. Choose somebody else."}

    def test_a_corrected_finding_is_answered_through_the_later_one(self, cast: Cast) -> None:
        first = a_finding(cast)
        words = finding_words(first.review, statement="Duty cover ended at 11pm, and the rota said midnight.")
        correct_finding(
            by=cast.reviewer, at=NOW, finding=first, words=words, corrected_because="The rota was read again today."
        )
        assert list(problems(cast, findings=[first])) == ["findings"]

    @pytest.mark.parametrize("who", sorted(MAY_AGREE | {"worker", "supervisor", "administrator", "inspector"}))
    def test_who_may_agree(self, cast: Cast, who: str) -> None:
        finding = a_finding(cast)
        person = cast.people()[who]
        if who in MAY_AGREE:
            assert a_change(cast, findings=[finding], by=person).decided_by == person
            return
        with pytest.raises(Refused):
            a_change(cast, findings=[finding], by=person)
        assert not OperationalChange.objects.exists()

    def test_every_finding_must_be_one_the_person_may_work_on(self, cast: Cast) -> None:
        here = a_finding(cast)
        elsewhere = an_incident(by=cast.worker_elsewhere, team=cast.east)
        there = a_finding(cast, review=a_review(cast, "B", incident=elsewhere))
        with pytest.raises(Refused):
            a_change(cast, findings=[here, there], by=cast.duty_manager)

    def test_a_reviewer_from_another_place_agrees_changes_of_their_review(self, cast: Cast) -> None:
        """Somebody from elsewhere is the more independent reviewer."""
        outsider = cast.duty_manager_elsewhere
        review = a_review(cast, "B", reviewer=outsider)
        finding = findings.a_finding(review, replace(cast, reviewer=outsider))
        assert a_change(cast, findings=[finding], by=outsider).decided_by == outsider
        with pytest.raises(Refused):
            a_change(cast, findings=[a_finding(cast)], by=outsider)


class TestTwice:
    def test_the_same_form_again_gives_the_same_change(self, cast: Cast) -> None:
        finding = a_finding(cast)
        one = a_change(cast, findings=[finding], key="once")
        other = a_change(cast, findings=[finding], key="once")
        assert one.pk == other.pk
        assert OperationalChange.objects.count() == 1
        assert TrailEntry.objects.filter(operation="changes.agree_change").count() == 1

    def test_a_form_sent_before_with_other_words_is_refused(self, cast: Cast) -> None:
        finding = a_finding(cast)
        a_change(cast, findings=[finding], key="once")
        with pytest.raises(Invalid, match="already sent"):
            a_change(cast, findings=[finding], key="once", title="Another change")


@pytest.mark.requirement("R15")
class TestReminders:
    @pytest.mark.parametrize(
        ("title", "monday", "field"),
        [
            ("Remind staff", "Remind staff to check for signs of self-neglect.", "monday"),
            ("Threshold", "All staff will be e-mailed about the importance of the threshold.", "monday"),
            ("More care", "Staff should be more careful with handovers.", "monday"),
            ("Remind staff of the checklist", "As above.", "title"),
            ("The checklist", "Everybody knows it.", "monday"),
        ],
    )
    def test_a_reminder_is_no_control(self, cast: Cast, title: str, monday: str, field: str) -> None:
        finding = a_finding(cast)
        found = problems(cast, findings=[finding], title=title, monday=monday)
        assert list(found) == [field]
        assert "a reminder is not a control" in found[field]
        assert "a revised risk prompt" in found[field]
        assert not OperationalChange.objects.exists()
        assert owed(finding, ANSWER)

    def test_a_change_with_a_reminder_beside_it_is_agreed(self, cast: Cast) -> None:
        monday = "The visit note asks five questions and does not close unanswered. Staff are reminded by e-mail."
        assert a_change(cast, monday=monday).monday == monday


@pytest.mark.requirement("R15")
class TestBriefing:
    def test_a_briefing_goes_with_a_change(self, cast: Cast) -> None:
        change = a_change(cast, briefing="Please remember the new questions from Monday.")
        assert [one.text for one in change.briefings.all()] == ["Please remember the new questions from Monday."]

    def test_a_briefing_is_kept_beside_a_change_that_stands(self, cast: Cast) -> None:
        change = a_change(cast)
        one = keep_briefing(by=cast.duty_manager, at=NOW, change=change, text="Remember!", submission_key="b")
        again = keep_briefing(by=cast.duty_manager, at=NOW, change=change, text="Remember!", submission_key="b")
        assert one == again
        assert change.briefings.count() == 1

    def test_an_empty_briefing_is_none(self, cast: Cast) -> None:
        with pytest.raises(Invalid):
            keep_briefing(by=cast.duty_manager, at=NOW, change=a_change(cast), text=" ", submission_key="b")

    def test_a_briefing_answers_nothing(self, cast: Cast) -> None:
        """The finding was met by the change; no briefing opens, meets or proves anything."""
        change = a_change(cast)
        before = [(o.kind, o.met_at) for o in _all_owed(change)]
        keep_briefing(by=cast.duty_manager, at=NOW, change=change, text="Remember!", submission_key="b")
        assert [(o.kind, o.met_at) for o in _all_owed(change)] == before

    def test_a_withdrawn_change_takes_no_briefing(self, cast: Cast) -> None:
        from saferpractice.changes.operations import withdraw_change

        change = a_change(cast)
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found")
        change.refresh_from_db()
        with pytest.raises(Stale):
            keep_briefing(by=cast.duty_manager, at=NOW, change=change, text="Remember!", submission_key="b")


def _all_owed(change: OperationalChange):
    from saferpractice.deadlines.models import Obligation

    return Obligation.objects.filter(subject_id=change.pk).order_by("kind")
