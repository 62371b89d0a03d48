"""Reconstructing what happened, from the records and by hand (R10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saferpractice.access.decisions import decided
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import correct_report, grade_harm
from saferpractice.incidents.rules import Precision
from saferpractice.reviews.models import Review, TimelineEntry
from saferpractice.reviews.operations import add_timeline_entry, correct_timeline_entry, draw_timeline_from_records
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.triage.models import (
    ImmediateSafetyAction,
    PartnerEscalation,
    ReferralAcknowledgement,
    SafeguardingReferral,
    StatutoryNotification,
    TriageRecord,
)
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review, a_threshold_decision, a_tier_decision, an_entry, completed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10")]

LATER = NOW + timedelta(days=1)


def draw(review: Review, cast: Cast, at: Any = LATER) -> int:
    return draw_timeline_from_records(by=cast.reviewer, at=at, review=review)


def standing(review: Review) -> list[TimelineEntry]:
    return list(TimelineEntry.objects.standing().filter(review=review))


@pytest.mark.parametrize(
    ("known_at", "precision"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), Precision.DAY),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), Precision.EXACT),
    ],
)
def test_the_timeline_does_not_claim_a_time_nobody_gave(cast: Cast, known_at: datetime, precision: Precision) -> None:
    incident = an_incident(by=cast.worker, team=cast.north, known_at=known_at)
    review = a_review(cast, incident=incident)
    draw(review, cast)
    entry = next(one for one in standing(review) if one.what == "The service came to know of it.")
    assert (entry.happened_at, entry.precision) == (known_at, precision)


def a_full_incident(cast: Cast) -> Incident:
    """An incident with a record of every kind that a timeline draws from."""
    incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(hours=8))
    lead, hours = cast.lead, lambda n: NOW - timedelta(hours=8 - n)
    triage = TriageRecord.objects.create(
        incident=incident,
        needs_care_and_support="yes",
        abuse_or_neglect="yes",
        wishes="asked-expressed",
        wishes_words="To stay at home.",
        family_warning="yes",
        family_warning_words="His sister rang on Monday.",
        healthcare_acts_suspected="no",
        prolonged_psychological_harm="no",
        multi_agency_breakdown="no",
        high_risk_failure="no",
        submission_key="triage-1",
        **decided(lead, hours(1)),
    )
    ImmediateSafetyAction.objects.create(
        triage_record=triage, what="Visited with police", who="Duty team", done_at=hours(2)
    )
    ImmediateSafetyAction.objects.create(triage_record=triage, what="Change the locks", who="Housing", done_at=None)
    threshold = a_threshold_decision(incident, by=lead, at=hours(3), outcome="refer")
    referral = SafeguardingReferral.objects.create(
        incident=incident,
        threshold_decision=threshold,
        authority="Northshire Council",
        sent_at=hours(4),
        how="by its web form",
        **decided(lead, hours(4)),
    )
    ReferralAcknowledgement.objects.create(
        referral=referral, authority_reference="NS-77", received_at=hours(5), answer="", **decided(lead, hours(5))
    )
    told: dict[str, Any] = {"paragraph": "regulation 18 (2009)", "clock": "law", "duty_code": "cqc-18"}
    for model, label, state, done in (
        (StatutoryNotification, "CQC", "done", hours(6)),
        (StatutoryNotification, "Coroner", "not_required", None),
        (PartnerEscalation, "Police", "done", hours(2)),
    ):
        model.objects.create(
            incident=incident, duty_label=label, state=state, done_at=done, **told, **decided(lead, hours(6))
        )
    correct_report(by=cast.worker, at=hours(7), incident=incident, part="when", text="It was 11pm.", reason="Phone log")
    grade_harm(
        by=lead, at=hours(7), incident=incident, physical_harm="moderate", psychological_harm="low", reason="Seen by GP"
    )
    a_tier_decision(incident, "B", by=lead, at=NOW)
    return incident


class TestDrawing:
    def test_everything_the_records_say_once_and_in_order(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        count = draw(review, cast)
        entries = standing(review)
        assert len(entries) == count
        assert [entry.happened_at for entry in entries] == sorted(entry.happened_at for entry in entries)
        said = [entry.what.split("\n")[0] for entry in entries]
        assert said[0].startswith("Nobody answered the door")
        for start in (
            "Reported. Done at once: Called the person's sister",
            "Triaged.",
            "Done to keep people safe: Visited with police (Duty team)",
            "Told: Police.",
            "Safeguarding threshold decided: refer to the local authority. Why: Seen by the crisis team",
            "Concern sent to Northshire Council, by its web form.",
            "Northshire Council acknowledged the concern.",
            "Told: CQC.",
            "Added to the report: It was 11pm.",
            "Harm graded again: moderate physical harm, low psychological harm. Why: Seen by GP",
            "Tier B review decided.",
        ):
            assert sum(line.startswith(start) for line in said) >= 1, start

    def test_what_was_not_done_is_not_in_it(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        draw(review, cast)
        everything = " ".join(entry.what for entry in standing(review))
        assert "Change the locks" not in everything
        assert "Coroner" not in everything

    def test_the_familys_warning_and_the_wishes_stand_in_it(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        draw(review, cast)
        [triaged] = [entry for entry in standing(review) if entry.what.startswith("Triaged.")]
        assert "His sister rang on Monday." in triaged.what
        assert "To stay at home." in triaged.what

    def test_each_says_where_it_comes_from(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        draw(review, cast)
        assert all(entry.source and entry.from_type and entry.from_id for entry in standing(review))
        kinds = {entry.from_type.split("#")[0] for entry in standing(review)}
        assert kinds == {
            "incidents.incident",
            "incidents.correction",
            "incidents.harmgrading",
            "triage.triagerecord",
            "triage.thresholddecision",
            "triage.tierdecision",
            "triage.safeguardingreferral",
            "triage.referralacknowledgement",
            "triage.statutorynotification",
            "triage.partnerescalation",
        }

    def test_a_repeat_adds_nothing_and_says_nothing(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        draw(review, cast)
        rows, entries = review.timeline.count(), TrailEntry.objects.count()
        assert draw(review, cast) == 0
        assert (review.timeline.count(), TrailEntry.objects.count()) == (rows, entries)

    def test_a_repeat_adds_what_was_recorded_since(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        draw(review, cast)
        a_threshold_decision(review.incident, by=cast.lead, at=LATER)
        assert draw(review, cast, LATER + timedelta(hours=1)) == 1

    def test_what_was_put_right_is_not_drawn_again(self, cast: Cast) -> None:
        review = a_review(cast, "B", incident=a_full_incident(cast))
        draw(review, cast)
        first = standing(review)[0]
        correct_timeline_entry(
            by=cast.reviewer,
            at=LATER,
            entry=first,
            happened_at=first.happened_at - timedelta(hours=1),
            precision="about",
            what="The door was not answered.",
            source=first.source,
            reason="The visit log says 11pm",
        )
        assert draw(review, cast) == 0
        assert [entry.what for entry in standing(review)].count("The door was not answered.") == 1

    def test_an_unknown_time_is_not_made_up(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, occurred_at=None, occurred_precision=Precision.UNKNOWN)
        review = a_review(cast, "B", incident=incident)
        draw(review, cast)
        assert not review.timeline.filter(from_type="incidents.incident#occurred").exists()

    @pytest.mark.parametrize("precision", [Precision.EXACT, Precision.ABOUT, Precision.DAY])
    def test_how_sure_the_reporter_was_is_kept(self, cast: Cast, precision: Precision) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, occurred_precision=precision)
        review = a_review(cast, "B", incident=incident)
        draw(review, cast)
        assert review.timeline.get(from_type="incidents.incident#occurred").precision == precision

    def test_when_it_came_to_be_known_stands_apart(self, cast: Cast) -> None:
        from saferpractice.incidents.operations import report_incident
        from tests.factories.incidents import a_report

        known = NOW - timedelta(days=2)
        incident = report_incident(
            by=cast.worker, at=NOW, team=cast.north, report=a_report(), submission_key="late", known_at=known
        )
        review = a_review(cast, "B", incident=incident)
        draw(review, cast)
        entry = review.timeline.get(from_type="incidents.incident#known")
        assert (entry.happened_at, entry.what) == (known, "The service came to know of it.")

    def test_a_reporter_who_is_not_to_be_named_is_not(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        correct_report(by=cast.worker, at=NOW, incident=incident, part="what", text="More.", reason="I was there")
        review = a_review(cast, "B", incident=incident)
        draw(review, cast)
        assert not any(cast.worker.name in entry.what + entry.source for entry in standing(review))

    def test_the_review_it_builds_on_is_drawn_too(self, cast: Cast) -> None:
        from saferpractice.reviews.operations import open_review

        earlier = a_review(cast, "B")
        an_entry(earlier, by=cast.reviewer)
        draw(earlier, cast)
        a_tier_decision(earlier.incident, "C", by=cast.lead, at=LATER)
        later = open_review(
            by=cast.lead,
            at=LATER,
            incident=earlier.incident,
            method="psii",
            reviewer=cast.reviewer,
            independence="Works in another service altogether.",
        )
        draw(later, cast, LATER + timedelta(hours=1))
        [taken] = later.timeline.filter(from_type="reviews.timelineentry")
        assert taken.what == "The duty phone was not answered for forty minutes."
        assert taken.source.endswith("(from the tier B review)")
        assert later.timeline.filter(from_type="incidents.incident#occurred").count() == 1


class TestByHand:
    def test_an_entry_says_when_how_sure_what_and_whence(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer, precision="about", what=" Nobody came. ", source=" Visit log ")
        assert (entry.precision, entry.what, entry.source) == ("about", "Nobody came.", "Visit log")
        assert (entry.from_type, entry.from_id, entry.decided_by) == ("", None, cast.reviewer)

    def test_the_first_entry_is_the_document(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer)
        document = review.documents.get(kind="timeline")
        assert (document.from_type, document.from_id) == ("reviews.timelineentry", entry.pk)

    def test_the_very_same_again_adds_nothing(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        assert an_entry(review, by=cast.reviewer) == an_entry(review, by=cast.reviewer)
        assert (review.timeline.count(), review.documents.count()) == (1, 1)

    def test_what_is_lacking_is_said_and_nothing_is_written(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        with pytest.raises(Invalid) as refused:
            an_entry(review, by=cast.reviewer, what="", source="", happened_at=NOW + timedelta(days=1))
        assert set(refused.value.problems) == {"what", "source", "happened_at"}
        assert not review.timeline.exists()

    @pytest.mark.parametrize(
        "who", ["worker", "duty_manager", "supervisor", "lead", "quality_lead", "director", "administrator", "stranger"]
    )
    def test_only_the_reviewer_writes(self, cast: Cast, who: str) -> None:
        review = a_review(cast, "B")
        with pytest.raises(Refused):
            an_entry(review, by=cast.people()[who])
        with pytest.raises(Refused):
            draw_timeline_from_records(by=cast.people()[who], at=NOW, review=review)
        assert not review.timeline.exists()

    def test_not_after_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast, "B"), cast)
        with pytest.raises(Stale, match="completed this review"):
            an_entry(review, by=cast.reviewer, what="One more thing")
        with pytest.raises(Stale):
            draw(review, cast)

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(what=st.text(min_size=1, max_size=200).filter(lambda text: as_written(text) and "\x00" not in text))
    def test_any_words_come_back_as_they_were(self, cast: Cast, what: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        review = a_review(cast, "B", incident=incident)
        entry = an_entry(review, by=cast.reviewer, what=what)
        assert TimelineEntry.objects.get(pk=entry.pk).what == what.strip()


class TestPuttingRight:
    def put_right(self, entry: TimelineEntry, cast: Cast, **changes: Any) -> TimelineEntry:
        words = {
            "happened_at": entry.happened_at,
            "precision": "about",
            "what": "The phone rang out twice.",
            "source": "Phone log",
            "reason": "The log was read again",
        }
        return correct_timeline_entry(by=changes.pop("by", cast.reviewer), at=LATER, entry=entry, **(words | changes))

    def test_the_earlier_stays_beside_it(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        first = an_entry(review, by=cast.reviewer)
        second = self.put_right(first, cast)
        assert (second.corrects, second.reason) == (first, "The log was read again")
        assert standing(review) == [second]
        first.refresh_from_db()
        assert first.what == "The duty phone was not answered for forty minutes."

    def test_also_after_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast, "B"), cast)
        assert self.put_right(standing(review)[0], cast).corrects
        assert TrailEntry.objects.latest("sequence").sentence == "put an entry of the timeline right"

    def test_two_people_at_once_do_not_both_stand(self, cast: Cast) -> None:
        first = an_entry(a_review(cast, "B"), by=cast.reviewer)
        self.put_right(first, cast)
        with pytest.raises(Stale, match="meanwhile"):
            self.put_right(first, cast, what="Something else", by=cast.lead)

    def test_the_reason_is_kept_or_it_is_refused(self, cast: Cast) -> None:
        first = an_entry(a_review(cast, "B"), by=cast.reviewer)
        with pytest.raises(Invalid) as refused:
            self.put_right(first, cast, reason=" ")
        assert list(refused.value.problems) == ["reason"]

    @pytest.mark.parametrize(
        ("who", "may"),
        [("lead", True), ("quality_lead", True), ("director", True), ("duty_manager", False), ("worker", False)],
    )
    def test_who_may(self, cast: Cast, who: str, may: bool) -> None:
        first = an_entry(a_review(cast, "B"), by=cast.reviewer)
        person = cast.people()[who]
        if may:
            assert self.put_right(first, cast, by=person).decided_by == person
        else:
            with pytest.raises(Refused):
                self.put_right(first, cast, by=person)


def test_the_database_refuses_to_rewrite_an_entry(cast: Cast) -> None:
    from django.db import DatabaseError, transaction

    entry = an_entry(a_review(cast, "B"), by=cast.reviewer)
    with pytest.raises(DatabaseError), transaction.atomic():
        TimelineEntry.objects.filter(pk=entry.pk).update(what="Nothing happened")
    with pytest.raises(DatabaseError), transaction.atomic():
        TimelineEntry.objects.filter(pk=entry.pk).delete()


def test_a_future_time_is_refused_by_five_minutes(cast: Cast) -> None:
    review = a_review(cast, "B")
    words = {"precision": "exact", "what": "x", "source": "y"}
    add_timeline_entry(by=cast.reviewer, at=NOW, review=review, happened_at=NOW + timedelta(minutes=5), **words)
    with pytest.raises(Invalid):
        add_timeline_entry(by=cast.reviewer, at=NOW, review=review, happened_at=NOW + timedelta(minutes=6), **words)
