"""Thematic reviews: drawn, commented on, minuted and signed; what is frozen stays frozen; who may what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.queries import newest_check, plans_of
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.deadlines.models import Obligation
from saferpractice.evidence.models import ThematicCommentary, ThematicDraft, ThematicReview, ThematicSignature
from saferpractice.evidence.operations import (
    There,
    draw_review,
    give_out,
    keep_commentary,
    owe_review,
    record_decision,
    record_meeting,
    sign_review,
)
from saferpractice.evidence.queries.facts import facts_of, verdicts_of
from saferpractice.evidence.queries.thematic import (
    OWED,
    SIGN,
    changed_since_signed,
    decisions_of,
    hash_to_sign,
    quarters_to_review,
    review_seen,
    still_holds,
)
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.incidents.rules import Answer, Precision
from saferpractice.jobs.sweeps import ask_for_reviews, escalate_due, tidy
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from saferpractice.trail.rules import Process
from saferpractice.triage.rules.form import Answer as Triaged
from tests.factories.assurance import FIRST_LOOK, a_plan, counted
from tests.factories.changes import a_change, a_live_change, an_action
from tests.factories.findings import a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review, completed
from tests.factories.thematic import (
    DRAWN_AT,
    IN_QUARTER,
    MET_AT,
    QUARTER,
    a_draft,
    a_meeting,
    a_meeting_decision,
    commented,
    ready,
    signed,
    something_to_do,
)
from tests.factories.triage import a_triage
from tests.personas import LONG_AGO, NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R36")
DAY = timedelta(days=1)


def total(draft: ThematicDraft, code: str = "overall") -> int:
    return int(next(one["total"] for one in draft.data["sections"] if one["code"] == code))


def again(review: ThematicReview) -> ThematicReview:
    return ThematicReview.objects.select_related("signature", "provider").get(pk=review.pk)


class TestDrawing:
    def test_it_counts_everything_also_what_few_may_open(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        an_incident(by=cast.worker, team=cast.east, at=IN_QUARTER, restricted=True, restricted_reason="A colleague")
        gone = an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        withdraw_incident(by=cast.lead, at=NOW, incident=gone, reason="Reported twice")
        an_incident(by=cast.stranger, team=_their_team(cast), at=IN_QUARTER)
        assert total(a_draft(cast)) == 2

    def test_the_london_day_of_the_last_evening_counts(self, cast: Cast) -> None:
        summer = datetime(2025, 6, 30, 22, 30, tzinfo=UTC)
        an_incident(by=cast.worker, team=cast.north, at=summer + DAY, occurred_at=summer)
        an_incident(by=cast.worker, team=cast.north, at=summer + DAY, occurred_at=summer + timedelta(hours=1))
        assert total(a_draft(cast, quarter=Quarter(2025, 1))) == 1
        assert total(a_draft(cast, quarter=Quarter(2025, 2))) == 1

    def test_what_nobody_knows_when_happened_counts_when_it_became_known(self, cast: Cast) -> None:
        an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER, occurred_at=None, occurred_precision=Precision.UNKNOWN
        )
        assert total(a_draft(cast)) == 1

    def test_the_quarter_must_be_over(self, cast: Cast) -> None:
        last_evening = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
        with pytest.raises(Invalid, match="not over"):
            a_draft(cast, at=last_evening)
        a_draft(cast, at=last_evening + timedelta(hours=1))

    @pytest.mark.parametrize("supported", [0, -4])
    def test_nobody_cannot_have_been_supported(self, cast: Cast, supported: int) -> None:
        with pytest.raises(Invalid, match="how many people"):
            a_draft(cast, supported=supported)

    def test_the_same_numbers_are_drawn_once(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        first = a_draft(cast, at=DRAWN_AT)
        assert a_draft(cast, at=DRAWN_AT + timedelta(hours=2)) == first
        assert TrailEntry.objects.filter(operation="evidence.draw_review").count() == 1

    def test_fresh_numbers_stand_beside_the_earlier_ones(self, cast: Cast) -> None:
        first = a_draft(cast)
        an_incident(by=cast.worker, team=cast.north, at=NOW, occurred_at=IN_QUARTER)
        second = a_draft(cast, at=NOW)
        assert (first.number, second.number) == (1, 2)
        assert (total(ThematicDraft.objects.get(pk=first.pk)), total(second)) == (0, 1)

    @pytest.mark.parametrize(
        "name", ["lead", "director", "reviewer", "worker", "administrator", "inspector", "stranger"]
    )
    def test_only_the_quality_lead_draws(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused, match="Only a quality lead"):
            a_draft(cast, by=cast.people()[name])

    def test_not_the_quality_lead_of_one_service(self, cast: Cast) -> None:
        place = Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=SET_UP, at=LONG_AGO, person=cast.supervisor, role=Role.QUALITY_LEAD, place=place)
        with pytest.raises(Refused):
            a_draft(cast, by=Person.objects.get(pk=cast.supervisor.pk))

    def test_the_quarters_there_are(self, cast: Cast) -> None:
        assert quarters_to_review(cast.provider, DRAWN_AT) == [QUARTER]
        an_incident(by=cast.worker, team=cast.north, at=LONG_AGO + timedelta(days=120))
        assert quarters_to_review(cast.provider, DRAWN_AT) == [QUARTER, Quarter(2025, 2), Quarter(2025, 1)]


def _their_team(cast: Cast) -> Any:
    from saferpractice.access.operations import create_service, create_team

    service = create_service(by=SET_UP, at=LONG_AGO, provider=cast.stranger.provider, name="Theirs")
    return create_team(by=SET_UP, at=LONG_AGO, service=service, name="Their team")


class TestFacts:
    """What the numbers are drawn from: the records of every stage."""

    def facts(self, cast: Cast, at: datetime = NOW, quarter: Quarter = QUARTER) -> Any:
        return facts_of(cast.provider, quarter, at=at)

    def test_a_finding_taken_further_counts_once(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        first = a_review(cast, "A", incident=incident, at=IN_QUARTER)
        a_finding(first, cast, at=IN_QUARTER)
        assert len(self.facts(cast).findings) == 1
        later = a_review(cast, "B", incident=incident, at=IN_QUARTER + DAY)
        assert len(self.facts(cast).findings) == 1, "until it is found again it stands where it was found"
        found = a_finding(later, cast, at=IN_QUARTER + DAY)
        assert [one.id for one in self.facts(cast).findings] == [str(found.pk)]
        a_finding(later, cast, at=IN_QUARTER + DAY, condition="workload", statement="Two people did the work of four.")
        assert len(self.facts(cast).findings) == 2

    def test_the_verdict_on_record_is_the_one_the_plan_has(self, cast: Cast) -> None:
        change = a_live_change(cast)
        plan = a_plan(by=cast.lead, change=change)
        counted(by=cast.lead, plan=plan, count=3, out_of=30)
        assert verdicts_of([change]) == {}
        counted(by=cast.lead, plan=plan, count=28, out_of=30, look=FIRST_LOOK)
        check = newest_check(plans_of(change)[0])
        assert check is not None
        suffix = " (exploratory)" if check.exploratory else ""
        assert verdicts_of([change]) == {change.pk: f"{check.verdict}{suffix}"}

    def test_changes_agreed_by_the_end_of_the_quarter(self, cast: Cast) -> None:
        change = a_live_change(cast, at=IN_QUARTER)
        a_change(cast, at=NOW)
        (found,) = self.facts(cast).changes
        assert (found.id, found.live_on, found.planned) == (str(change.pk), IN_QUARTER.date(), False)
        assert len(found.incidents) == 1

    def test_somebody_is_at_risk_until_triage_or_a_whole_review_says_otherwise(self, cast: Cast) -> None:
        def at_risk() -> tuple[str, ...]:
            found: tuple[str, ...] = self.facts(cast).risks.at_risk
            return found

        incident = an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER, still_at_risk=Answer.UNKNOWN, risk_words="Not seen"
        )
        safe = an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        assert at_risk() == (str(incident.pk),)
        a_triage(by=cast.lead, incident=incident, at=IN_QUARTER + DAY)
        assert at_risk() == ()
        a_triage(by=cast.lead, incident=safe, at=IN_QUARTER + DAY, still_at_risk=Triaged.YES, risk_words="Alone")
        assert at_risk() == (str(safe.pk),)
        completed(a_review(cast, "A", incident=safe, at=IN_QUARTER + DAY), cast, at=IN_QUARTER + DAY)
        assert at_risk() == ()

    def test_late_actions_and_late_duties(self, cast: Cast) -> None:
        change = a_change(cast, at=IN_QUARTER)
        an_action(cast, change=change, at=IN_QUARTER, due_on=IN_QUARTER.date() + 7 * DAY)
        risks = self.facts(cast, at=NOW).risks
        assert risks.late_actions == 1
        assert risks.late_duties["changes and their rollout"] >= 1, "the go-live is late, and the action is not in it"
        assert self.facts(cast, at=IN_QUARTER + DAY).risks.late_actions == 0


class TestCommentary:
    def say(self, cast: Cast, review: ThematicReview, words: str = "More is noticed.", **changes: Any) -> Any:
        given: dict[str, Any] = {"by": cast.quality_lead, "at": DRAWN_AT, "section": "overall", "based_on": 0}
        return keep_commentary(review=review, words=words, **(given | changes))

    def test_a_newer_one_stands_and_the_earlier_is_kept(self, cast: Cast) -> None:
        review = a_draft(cast).review
        first = self.say(cast, review)
        assert self.say(cast, review) == first, "the very same again adds nothing"
        second = self.say(cast, review, "Much more is noticed.", based_on=1)
        assert [one.number for one in (first, second)] == [1, 2]
        assert ThematicCommentary.objects.count() == 2

    def test_whoever_did_not_see_the_newest_is_told(self, cast: Cast) -> None:
        review = a_draft(cast).review
        self.say(cast, review)
        self.say(cast, review, "Second.", based_on=1)
        with pytest.raises(SentBefore, match="meanwhile") as refused:
            self.say(cast, review, "Third.", based_on=1)
        assert [(one.recorded, one.typed) for one in refused.value.differences] == [("Second.", "Third.")]

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"words": " "}, "Enter what there is to say"),
            ({"words": "See 2025-00001."}, "Take out 2025-00001"),
            ({"section": "theme:weather"}, "no such section"),
        ],
    )
    def test_what_cannot_be_kept(self, cast: Cast, changes: dict[str, Any], sentence: str) -> None:
        with pytest.raises(Invalid, match=sentence):
            self.say(cast, a_draft(cast).review, **changes)

    @pytest.mark.parametrize("name", ["director", "lead", "worker"])
    def test_only_the_quality_lead_comments(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused):
            self.say(cast, a_draft(cast).review, by=cast.people()[name])


class TestMeeting:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"held_on": DRAWN_AT.date() - DAY}, "held_on"),
            ({"held_on": MET_AT.date() + DAY}, "held_on"),
            ({"there": []}, "present"),
        ],
    )
    def test_what_cannot_be_right(self, cast: Cast, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as refused:
            a_meeting(cast, a_draft(cast).review, **changes)
        assert set(refused.value.problems) == {field}

    @pytest.mark.parametrize("name", ["reviewer", "duty_manager", "administrator", "stranger"])
    def test_the_chair_leads_the_whole_provider(self, cast: Cast, name: str) -> None:
        with pytest.raises(Invalid) as refused:
            a_meeting(cast, a_draft(cast).review, chair=cast.people()[name], there=[There(person=cast.director)])
        assert "chaired_by" in refused.value.problems

    def test_nobody_was_there_and_sent_apologies(self, cast: Cast) -> None:
        there = [There(person=cast.director), There(person=cast.lead), There(person=cast.lead, present=False)]
        with pytest.raises(Invalid, match="Choose one"):
            a_meeting(cast, a_draft(cast).review, there=there)

    def test_the_chair_owes_the_signature_and_only_the_newest(self, cast: Cast) -> None:
        review = a_draft(cast).review
        first = a_meeting(cast, review)
        owed = Obligation.objects.get(kind=SIGN)
        assert (owed.owner, owed.due_at) == (cast.director, datetime(2026, 1, 28, 0, 0, tzinfo=UTC))
        a_meeting(cast, review, chair=cast.lead, replaces=first)
        assert Obligation.objects.open().get(kind=SIGN).owner == cast.lead

    def test_the_same_form_twice_is_one_meeting(self, cast: Cast) -> None:
        review = a_draft(cast).review
        first = a_meeting(cast, review, submission_key="once")
        assert a_meeting(cast, review, submission_key="once") == first
        with pytest.raises(SentBefore):
            a_meeting(cast, review, submission_key="once", held_on=MET_AT.date() - DAY)
        with pytest.raises(Invalid, match="somebody else"):
            a_meeting(cast, review, submission_key="once", by=cast.lead)

    def test_a_record_is_put_right_once(self, cast: Cast) -> None:
        review = a_draft(cast).review
        first = a_meeting(cast, review)
        a_meeting_decision(cast, first)
        second = a_meeting(cast, review, replaces=first)
        assert len(decisions_of(second)) == 1
        with pytest.raises(Stale, match="put this record right meanwhile"):
            a_meeting(cast, review, replaces=first)

    def test_there_must_be_numbers_to_look_at(self, cast: Cast) -> None:
        review = owe_review(by=SET_UP, at=DRAWN_AT, provider=cast.provider, quarter=QUARTER)
        with pytest.raises(Stale, match="Draw the numbers first"):
            a_meeting(cast, review)

    @pytest.mark.parametrize("name", ["reviewer", "duty_manager", "supervisor", "worker", "stranger", "commissioner"])
    def test_who_may_not_write_it_down(self, cast: Cast, name: str) -> None:
        review = a_draft(cast).review
        meeting = a_meeting(cast, review)
        with pytest.raises(Refused):
            a_meeting(cast, review, by=cast.people()[name])
        with pytest.raises(Refused):
            a_meeting_decision(cast, meeting, by=cast.people()[name])

    def test_a_decision_twice_is_one_with_one_action(self, cast: Cast) -> None:
        meeting = a_meeting(cast, a_draft(cast).review)
        to_do = something_to_do(cast.duty_manager)
        first = a_meeting_decision(cast, meeting, to_do=to_do, key="d")
        assert a_meeting_decision(cast, meeting, to_do=to_do, key="d") == first
        assert TrackedAction.objects.count() == 1
        with pytest.raises(SentBefore):
            a_meeting_decision(cast, meeting, words="Something else.", key="d")

    def test_an_action_that_cannot_be_given_out_leaves_no_decision(self, cast: Cast) -> None:
        meeting = a_meeting(cast, a_draft(cast).review)
        with pytest.raises(Invalid), transaction.atomic():
            a_meeting_decision(cast, meeting, to_do=something_to_do(cast.inspector))
        assert not meeting.decisions.exists()

    def test_an_incident_s_number_stands_in_no_action_either(self, cast: Cast) -> None:
        meeting = a_meeting(cast, a_draft(cast).review)
        with pytest.raises(Invalid, match="2025-00001"):
            a_meeting_decision(cast, meeting, to_do=something_to_do(cast.lead, what="Look at 2025-00001 again."))


class TestSigning:
    def sign(self, review: ThematicReview, by: Any, sha256: str | None = None) -> ThematicSignature:
        return sign_review(by=by, at=MET_AT, review=review, sha256=sha256 or hash_to_sign(review))

    def test_the_chair_signs_once(self, cast: Cast) -> None:
        review = ready(cast)
        first = self.sign(review, cast.director)
        assert self.sign(review, cast.director) == first
        assert not Obligation.objects.open().filter(kind__in=[OWED, SIGN]).exists()
        assert still_holds(again(review))

    @pytest.mark.parametrize("name", ["quality_lead", "lead", "reviewer", "worker", "stranger", "inspector"])
    def test_nobody_else_signs(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused):
            self.sign(ready(cast), cast.people()[name])

    def test_nor_does_a_process(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="A person signs"):
            self.sign(ready(cast), Process("Worker"))

    def test_whoever_drew_the_numbers_does_not_sign_them(self, cast: Cast) -> None:
        review = commented(cast, a_draft(cast).review)
        a_meeting_decision(cast, a_meeting(cast, review, chair=cast.quality_lead))
        with pytest.raises(Refused, match="You drew these numbers"):
            self.sign(review, cast.quality_lead)

    def test_a_chair_whose_role_has_ended_does_not(self, cast: Cast) -> None:
        from saferpractice.access.operations import end_role

        review = ready(cast)
        end_role(by=cast.administrator, at=MET_AT, assignment=cast.director.role_assignments.get())
        with pytest.raises(Refused, match="Only a safeguarding lead, quality lead or director"):
            self.sign(review, Person.objects.get(pk=cast.director.pk))

    def test_what_was_read_is_what_is_signed(self, cast: Cast) -> None:
        review = ready(cast)
        seen = hash_to_sign(review)
        keep_commentary(by=cast.quality_lead, at=MET_AT, review=review, section="risks", words="More.", based_on=0)
        with pytest.raises(Stale, match="Read the review again"):
            self.sign(review, cast.director, seen)

    @pytest.mark.parametrize("what", ["commentary", "decision", "numbers"])
    def test_what_lacks_is_said(self, cast: Cast, what: str) -> None:
        review = commented(cast, a_draft(cast).review, but="theme:exploitation" if what == "commentary" else "")
        meeting = a_meeting(cast, review)
        if what != "decision":
            a_meeting_decision(cast, meeting)
        if what == "numbers":
            an_incident(by=cast.worker, team=cast.north, at=NOW, occurred_at=IN_QUARTER)
            a_draft(cast, at=NOW)
        sentence = {
            "commentary": "Say something on “Exploitation”",
            "decision": "Write down what the meeting decided",
            "numbers": "drawn again after the meeting",
        }[what]
        with pytest.raises(Invalid, match=sentence):
            self.sign(review, cast.director)


def _draw(cast: Cast, review: ThematicReview) -> object:
    return draw_review(by=cast.quality_lead, at=NOW, provider=cast.provider, quarter=QUARTER)


def _comment(cast: Cast, review: ThematicReview) -> object:
    return keep_commentary(by=cast.quality_lead, at=NOW, review=review, section="risks", words="W", based_on=0)


def _meet(cast: Cast, review: ThematicReview) -> object:
    return record_meeting(
        by=cast.quality_lead, at=NOW, review=review, held_on=NOW.date(), chaired_by=cast.director,
        there=[There(person=cast.director)], submission_key="late",
    )  # fmt: skip


def _decide(cast: Cast, review: ThematicReview) -> object:
    return record_decision(
        by=cast.quality_lead, at=NOW, meeting=review.meetings.get(), words="W", submission_key="late"
    )


def _give_out(cast: Cast, review: ThematicReview) -> object:
    decision = review.meetings.get().decisions.get()
    to_do = something_to_do(cast.lead, due_on=NOW.date() + DAY)
    return give_out(by=cast.quality_lead, at=NOW, decision=decision, to_do=to_do, submission_key="late")


class TestFrozen:
    @pytest.mark.parametrize("do", [_draw, _comment, _meet, _decide, _give_out])
    def test_once_signed_nothing_is_added(self, cast: Cast, do: Callable[[Cast, ThematicReview], object]) -> None:
        review = signed(cast)
        an_incident(by=cast.worker, team=cast.north, at=NOW, occurred_at=IN_QUARTER)
        with pytest.raises(Stale, match="signed"):
            do(cast, review)
        assert still_holds(again(review))

    @pytest.mark.parametrize(
        "table",
        [
            "thematicreview", "thematicdraft", "thematiccommentary", "qualitymeeting", "meetingattendance",
            "meetingdecision", "thematicsignature",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("statement", ["UPDATE evidence_{} SET id = id || 'x'", "DELETE FROM evidence_{}"])
    def test_the_database_refuses_to_change_it(self, cast: Cast, table: str, statement: str) -> None:
        signed(cast)
        if connection.vendor == "postgresql":
            statement = statement.replace("id || 'x'", "gen_random_uuid()")
        refused = pytest.raises(DatabaseError, match="never changed or deleted")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))

    def test_a_row_slipped_in_beside_the_operations_shows(self, cast: Cast) -> None:
        review = signed(cast)
        ThematicCommentary.objects.create(
            review=review, section="risks", number=1, words="Slipped in", decided_by_name="X", decided_by_role="",
            decided_at=NOW,
        )  # fmt: skip
        assert not still_holds(again(review))

    def test_the_records_go_on_and_the_review_does_not(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        review = signed(cast)
        assert changed_since_signed(review, NOW) == []
        gone = an_incident(by=cast.worker, team=cast.north, at=NOW, occurred_at=IN_QUARTER)
        assert "All incidents: 1 when it was signed, 2 now." in changed_since_signed(review, NOW)
        withdraw_incident(by=cast.lead, at=NOW, incident=gone, reason="Reported twice")
        assert changed_since_signed(review, NOW) == []
        assert total(again(review).signature.draft) == 1


class TestWhoReads:
    @pytest.mark.parametrize(
        ("name", "draft", "after"),
        [
            ("quality_lead", True, True),
            ("director", True, True),
            ("lead", True, True),
            ("duty_manager", True, True),
            ("supervisor", True, True),
            ("reviewer", False, True),
            ("worker", False, True),
            ("administrator", False, True),
            ("commissioner", False, False),
            ("inspector", False, False),
            ("stranger", False, False),
        ],
    )
    def test_drafts_for_who_leads_signed_ones_for_who_works_here(
        self, cast: Cast, name: str, draft: bool, after: bool
    ) -> None:
        review, person = ready(cast), cast.people()[name]
        assert (review_seen(person, MET_AT, review.pk) is not None) == draft
        sign_review(by=cast.director, at=MET_AT, review=review, sha256=hash_to_sign(review))
        assert (review_seen(person, MET_AT, review.pk) is not None) == after


class TestOwed:
    AFTER = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)

    def test_the_worker_asks_once_and_it_is_late_thirty_days_after(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        assert ask_for_reviews(self.AFTER) == 1
        assert ask_for_reviews(self.AFTER) == 0
        tidy(self.AFTER)
        owed = Obligation.objects.get(kind=OWED)
        assert (owed.role, owed.team) == (Role.QUALITY_LEAD, None)
        assert owed.due_at == datetime(2026, 1, 31, 0, 0, tzinfo=UTC), "the end of 30 January in London"
        late = owed.due_at + timedelta(hours=1)
        assert Obligation.objects.late(late).filter(kind=OWED).exists()

    def test_it_escalates_like_everything_that_is_late(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        ask_for_reviews(self.AFTER)
        owed = Obligation.objects.get(kind=OWED)
        for days in (0, 1, 5, 20):
            while escalate_due(owed.due_at + timedelta(days=days, hours=1)):
                pass
        told = {person for one in owed.escalations.all() for person in one.told.all()}
        assert {cast.quality_lead, cast.director} <= told

    def test_whoever_begins_it_owes_it_too_and_once(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        a_draft(cast)
        assert ask_for_reviews(DRAWN_AT) == 0
        assert Obligation.objects.filter(kind=OWED).count() == 1

    def test_signed_in_time_it_was_never_late(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        ask_for_reviews(self.AFTER)
        signed(cast)
        owed = Obligation.objects.get(kind=OWED)
        assert owed.met_at == MET_AT
        assert ask_for_reviews(NOW) == 0

    def test_a_provider_that_had_recorded_nothing_owes_nothing(self, cast: Cast) -> None:
        assert ask_for_reviews(self.AFTER) == 0
        an_incident(by=cast.worker, team=cast.north, at=self.AFTER + DAY)
        assert ask_for_reviews(self.AFTER + 2 * DAY) == 0

    def test_a_quarter_that_is_not_over_is_not_asked_for(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="not over"):
            owe_review(by=SET_UP, at=IN_QUARTER, provider=cast.provider, quarter=QUARTER)

    def test_a_person_who_does_not_lead_quality_does_not_ask(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            owe_review(by=cast.worker, at=DRAWN_AT, provider=cast.provider, quarter=QUARTER)


def test_the_trail_tells_the_whole_story(cast: Cast) -> None:
    signed(cast)
    said = list(
        TrailEntry.objects.filter(operation__startswith="evidence.").order_by("sequence").values_list("sentence")
    )
    assert [one for (one,) in said if "section" not in one] == [
        "drew the numbers of the thematic review of Q3 2025/26",
        "put the thematic review of Q3 2025/26 before a quality meeting",
        "wrote down what the quality meeting of 20 January 2026 decided",
        "signed the thematic review of Q3 2025/26",
    ]
    assert OperationalChange.objects.count() == 0
