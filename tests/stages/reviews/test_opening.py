"""Opening a review: from the tier decision in force, with what it requires and by when (R8, R12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from saferpractice.access.rules import Role
from saferpractice.deadlines.models import NonWorkingDay, Obligation, OutboxMessage
from saferpractice.deadlines.rules import ClockKind
from saferpractice.incidents.models import Incident, NamedAccess
from saferpractice.incidents.operations import decide_restriction
from saferpractice.lists.models import ListEntry
from saferpractice.reviews.models import RequiredDocument, Review
from saferpractice.reviews.operations import COMPLETE, DOCUMENT, OPEN, OVERSIGHT, open_review
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By
from tests.factories.incidents import an_incident
from tests.factories.reviews import (
    DOCUMENTS,
    INDEPENDENT,
    METHODS,
    a_review,
    a_tier_decision,
    completed,
    supply_all,
    unstaffed,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]


def end_of(day: str) -> datetime:
    """The midnight in London that ends ``day`` of March 2026, or of summer, in UTC."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
    return moment - timedelta(hours=1) if moment >= datetime(2026, 3, 29, 1, tzinfo=UTC) else moment


class TestWhatOpens:
    @pytest.mark.requirement("R9", "R10", "R11")
    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_the_documents_of_its_tier(self, cast: Cast, tier: str) -> None:
        review = unstaffed(cast, tier)
        assert (review.tier, review.method) == (tier, METHODS[tier])
        assert {row.kind for row in review.required_documents.all()} == set(DOCUMENTS[tier])

    @pytest.mark.parametrize(("tier", "day"), [("A", "2026-03-11"), ("B", "2026-04-01"), ("C", "2026-06-02")])
    def test_due_in_working_days_from_the_decision(self, cast: Cast, tier: str, day: str) -> None:
        # From Wednesday 4 March: Good Friday, Easter Monday and two bank holidays in May lie between.
        review = unstaffed(cast, tier)
        assert review.due_at == end_of(day)
        assert review.due_at == max(row.due_at for row in review.required_documents.all())

    def test_a_day_off_of_the_provider_moves_it(self, cast: Cast) -> None:
        NonWorkingDay.objects.create(
            provider=cast.provider, day=NOW.date() + timedelta(days=1), reason="Founding day", added_at=NOW
        )
        assert unstaffed(cast, "A").due_at == end_of("2026-03-12")

    def test_opening_late_gives_no_more_time(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        a_tier_decision(incident, "A", by=cast.lead, at=NOW)
        review = open_review(by=cast.lead, at=NOW + timedelta(days=30), incident=incident, method="rapid-review")
        assert review.due_at == end_of("2026-03-11")
        assert Obligation.objects.late(NOW + timedelta(days=30)).filter(subject_id=review.pk).exists()

    def test_the_story_says_so(self, cast: Cast) -> None:
        review = unstaffed(cast, "B")
        entry = TrailEntry.objects.get(operation="reviews.open_review")
        assert (entry.sentence, entry.story_id) == ("opened a tier B review", review.incident_id)
        assert entry.facts["review"] == str(review.pk)


class TestObligations:
    def test_one_to_complete_and_one_for_each_document(self, cast: Cast) -> None:
        review = unstaffed(cast, "C")
        assert Obligation.objects.filter(subject_id=review.pk, kind=COMPLETE, due_at=review.due_at).count() == 1
        for row in review.required_documents.all():
            kind = OVERSIGHT if row.kind == "oversight-sign-off" else DOCUMENT
            asked = Obligation.objects.get(subject_id=row.pk)
            assert (asked.kind, asked.due_at, asked.story_id) == (kind, row.due_at, review.incident_id)

    def test_every_clock_says_it_is_local(self, cast: Cast) -> None:
        review = unstaffed(cast, "B")
        asked = Obligation.objects.filter(story_id=review.incident_id, kind__startswith="reviews.")
        assert {one.clock for one in asked} == {ClockKind.LOCAL}
        assert asked.get(kind=COMPLETE).clock_source == (
            "Local standard: tier B, 20 working days from the tier decision"
        )

    def test_titles_name_the_incident_and_nobody(self, cast: Cast) -> None:
        review = unstaffed(cast, "C", person_name="Robin Vale")
        for asked in Obligation.objects.filter(story_id=review.incident_id):
            assert review.incident.reference in asked.title
            assert "P-1042" not in asked.title
            assert "Robin" not in asked.title

    def test_who_owns_them_before_anybody_is_asked(self, cast: Cast) -> None:
        review = unstaffed(cast, "C")
        assert Obligation.objects.get(subject_id=review.pk).role == Role.SAFEGUARDING_LEAD
        assert Obligation.objects.get(kind=OVERSIGHT).role == Role.DIRECTOR

    def test_the_reviewer_asked_owns_them_but_not_the_sign_off(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        mine = set(Obligation.objects.filter(owner=cast.reviewer).values_list("kind", flat=True))
        assert mine == {COMPLETE, DOCUMENT}
        assert Obligation.objects.filter(owner=cast.reviewer).count() == len(DOCUMENTS["C"])
        assert Obligation.objects.get(kind=OVERSIGHT, story_id=review.incident_id).owner is None

    def test_restricted_incidents_restrict_them(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="An allegation")
        review = a_review(cast, "B", incident=incident)
        assert not Obligation.objects.filter(story_id=review.incident_id, restricted=False).exists()

    def test_a_restricted_one_asks_nobody_who_may_not_open_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="An allegation")
        review = a_review(cast, "C", incident=incident)
        assert Obligation.objects.get(kind=OVERSIGHT, story_id=review.incident_id).role == Role.SAFEGUARDING_LEAD
        supply_all(review, cast, but="oversight-sign-off")
        assert not OutboxMessage.objects.filter(to=cast.director).exists()

    def test_opening_meets_what_triage_asked_for(self, cast: Cast) -> None:
        from saferpractice.deadlines import ledger
        from saferpractice.deadlines.rules import working_days

        @operation
        def ask(*, by: By, at: datetime, incident: Incident) -> Entry[Obligation]:
            asked = ledger.open_obligation(
                provider_id=incident.provider_id,
                subject=incident,
                kind=OPEN,
                title="Open the review",
                timescale=working_days(1),
                at=at,
                role=Role.SAFEGUARDING_LEAD,
                team=incident.team,
                story_id=incident.pk,
            )
            return Entry(result=asked, subject=incident, sentence="asked for a review")

        incident = an_incident(by=cast.worker, team=cast.north)
        asked = ask(by=cast.lead, at=NOW, incident=incident)
        review = a_review(cast, "A", incident=incident)
        asked.refresh_from_db()
        assert (asked.met_at, asked.met_by_id) == (NOW, review.pk)


class TestOnce:
    def test_the_same_decision_gives_the_same_review(self, cast: Cast) -> None:
        review = unstaffed(cast, "B")
        entries = TrailEntry.objects.count()
        again = open_review(by=cast.lead, at=NOW, incident=review.incident, method="structured-review")
        assert again == review
        assert (Review.objects.count(), TrailEntry.objects.count()) == (1, entries)

    def test_a_lighter_word_for_the_same_tier_goes_on_with_the_open_one(self, cast: Cast) -> None:
        review = unstaffed(cast, "B")
        a_tier_decision(review.incident, "B", by=cast.lead, at=NOW + timedelta(days=1))
        again = open_review(
            by=cast.lead, at=NOW + timedelta(days=1), incident=review.incident, method="structured-review"
        )
        assert again == review
        assert Review.objects.count() == 1


class TestRefused:
    def test_without_a_tier(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Invalid, match="Decide the tier at triage first"):
            open_review(by=cast.lead, at=NOW, incident=incident, method="rapid-review")

    @pytest.mark.parametrize("method", ["", "no-such-method", "'; drop table reviews_review; --"])
    def test_a_method_nobody_knows(self, cast: Cast, method: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        a_tier_decision(incident, "A", by=cast.lead)
        with pytest.raises(Invalid) as refused:
            open_review(by=cast.lead, at=NOW, incident=incident, method=method)
        assert list(refused.value.problems) == ["method"]
        assert not Review.objects.exists()

    def test_a_reviewer_who_is_not_independent_leaves_nothing_behind(self, cast: Cast) -> None:
        incident = an_incident(by=cast.duty_manager, team=cast.north)
        a_tier_decision(incident, "A", by=cast.lead)
        before = TrailEntry.objects.count()
        with pytest.raises(Invalid, match="reported this incident"):
            open_review(
                by=cast.lead,
                at=NOW,
                incident=incident,
                method="rapid-review",
                reviewer=cast.duty_manager,
                independence=INDEPENDENT,
            )
        assert not Review.objects.exists()
        assert not RequiredDocument.objects.exists()
        assert not NamedAccess.objects.exists()
        assert not OutboxMessage.objects.exists()
        assert TrailEntry.objects.count() == before

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("worker", False),
            ("colleague", False),
            ("worker_elsewhere", False),
            ("duty_manager", True),
            ("duty_manager_elsewhere", False),
            ("supervisor", False),
            ("lead", True),
            ("reviewer", False),
            ("quality_lead", True),
            ("director", True),
            ("administrator", False),
            ("commissioner", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_who_may(self, cast: Cast, who: str, may: bool) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        a_tier_decision(incident, "A", by=cast.lead)
        person = cast.people()[who]
        if may:
            assert open_review(by=person, at=NOW, incident=incident, method="rapid-review").decided_by == person
        else:
            with pytest.raises(Refused):
                open_review(by=person, at=NOW, incident=incident, method="rapid-review")
            assert not Review.objects.exists()


class TestTheListChanges:
    def own(self, cast: Cast, on: datetime, **detail: object) -> None:
        ListEntry.objects.create(
            provider=cast.provider,
            list_code="required-documents",
            code="family-voice",
            label="The family's account",
            detail={"tiers": ["B"], "due_working_days": {"B": 7}, "clock": "local", "supplied_by": "answers"} | detail,
            source="Our review policy",
            valid_from=on.date(),
            added_at=on,
        )

    def test_a_document_of_the_providers_own_is_required_with_its_questions(self, cast: Cast) -> None:
        self.own(cast, NOW, questions=[{"code": "seen", "ask": "What did the family see?"}])
        row = unstaffed(cast, "B").required_documents.get(kind="family-voice")
        assert (row.label, row.due_at) == ("The family's account", end_of("2026-03-13"))
        assert [question["ask"] for question in row.questions] == ["What did the family see?"]

    def test_a_review_under_way_keeps_what_it_was_opened_with(self, cast: Cast) -> None:
        review = unstaffed(cast, "B")
        self.own(cast, NOW)
        assert not review.required_documents.filter(kind="family-voice").exists()


class TestTakenFurther:
    LATER = NOW + timedelta(days=3)

    def further(self, cast: Cast, earlier: Review, tier: str = "C") -> Review:
        a_tier_decision(earlier.incident, tier, by=cast.lead, at=self.LATER)
        return open_review(by=cast.lead, at=self.LATER, incident=earlier.incident, method="psii")

    @pytest.mark.requirement("R8")
    def test_a_later_higher_tier_opens_a_review_that_builds_on_the_earlier(self, cast: Cast) -> None:
        earlier = a_review(cast, "B")
        later = self.further(cast, earlier)
        assert (later.tier, later.builds_on) == ("C", earlier)
        assert Review.objects.going_on().get() == later
        assert TrailEntry.objects.filter(sentence="opened a tier C review, building on the earlier one").exists()

    def test_what_the_earlier_still_owed_is_cancelled_with_the_reason(self, cast: Cast) -> None:
        earlier = a_review(cast, "B")
        self.further(cast, earlier)
        owed = Obligation.objects.filter(
            subject_id__in=[earlier.pk, *earlier.required_documents.values_list("pk", flat=True)]
        )
        assert not owed.open().exists()
        assert {one.cancelled_because for one in owed} == {"Taken further by the tier C review"}

    def test_deadlines_count_from_the_later_decision(self, cast: Cast) -> None:
        later = self.further(cast, a_review(cast, "B"))
        assert later.due_at == end_of("2026-06-04")  # decided on a Saturday: Monday is the first day

    def test_a_complete_one_stays_complete(self, cast: Cast) -> None:
        earlier = completed(a_review(cast, "A"), cast)
        later = self.further(cast, earlier, "B")
        assert later.builds_on == earlier
        assert earlier.completion.decided_by == cast.reviewer
        assert not Obligation.objects.filter(subject_id=earlier.pk, cancelled_at__isnull=False).exists()

    def test_the_same_tier_after_completion_is_a_further_review(self, cast: Cast) -> None:
        earlier = completed(a_review(cast, "A"), cast)
        assert self.further(cast, earlier, "A").builds_on == earlier
