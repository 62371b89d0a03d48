"""Supplying the documents a review requires (R12)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.files.models import StoredFile
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import DOCUMENT, supply_document, supply_from_record
from saferpractice.reviews.queries import missing_of, newest_document, standing_of
from saferpractice.reviews.rules import DecisionView, Record, ReviewState, Verdict
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.reviews import (
    DOCUMENTS,
    a_file,
    a_review,
    a_threshold_decision,
    answers_for,
    completed,
    stand_in,
    supply,
    supply_all,
    unstaffed,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]

LATER = NOW + timedelta(days=1)


def give(review: Review, kind: str, cast: Cast, **changes: Any) -> Any:
    words: dict[str, Any] = {"answers": answers_for(review, kind)} | changes
    return supply_document(by=words.pop("by", cast.reviewer), at=LATER, review=review, kind=kind, **words)


class TestAnswers:
    def test_are_kept_with_the_question_as_it_was_asked(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        document = give(review, "supervision-check", cast)
        assert [answer["code"] for answer in document.answers] == ["when", "came-of-it", "reach"]
        assert document.answers[0]["ask"].startswith("When was this case")
        assert document.answers[0]["answer"] == "What was seen and said about when."

    def test_meet_the_obligation_with_the_document(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        document = give(review, "supervision-check", cast)
        required = review.required_documents.get(kind="supervision-check")
        met = Obligation.objects.get(subject_id=required.pk, kind=DOCUMENT)
        assert (met.met_at, met.met_by_type, met.met_by_id) == (LATER, "reviews.reviewdocument", document.pk)

    def test_a_newer_one_stands_before_the_older_which_is_kept(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        first = give(review, "supervision-check", cast)
        second = give(review, "supervision-check", cast, answers={"when": "Never.", "came-of-it": "-", "reach": "?"})
        assert newest_document(review, "supervision-check") == second
        assert review.documents.filter(kind="supervision-check").count() == 2
        first.refresh_from_db()
        assert first.answers[0]["answer"] == "What was seen and said about when."
        assert TrailEntry.objects.latest("sequence").sentence.endswith("in place of an earlier one")

    def test_the_moment_it_was_first_met_does_not_move(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        give(review, "supervision-check", cast)
        supply_document(
            by=cast.reviewer,
            at=LATER + timedelta(days=9),
            review=review,
            kind="supervision-check",
            answers={"when": "Never.", "came-of-it": "-", "reach": "?"},
        )
        required = review.required_documents.get(kind="supervision-check")
        assert Obligation.objects.get(subject_id=required.pk).met_at == LATER

    def test_the_same_again_adds_nothing(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        first = give(review, "supervision-check", cast)
        entries = TrailEntry.objects.count()
        assert give(review, "supervision-check", cast) == first
        assert TrailEntry.objects.count() == entries

    @pytest.mark.parametrize("kind", ["immediate-actions", "quick-root-cause"])
    def test_a_question_left_out_is_named_and_nothing_is_written(self, cast: Cast, kind: str) -> None:
        review = a_review(cast)
        for code in answers_for(review, kind):
            with pytest.raises(Invalid) as refused:
                give(review, kind, cast, answers=answers_for(review, kind) | {code: "  "})
            assert list(refused.value.problems) == [f"answer_{code}"]
        assert not review.documents.exists()

    def test_answers_to_questions_nobody_asked_are_not_kept(self, cast: Cast) -> None:
        review = a_review(cast)
        answers = answers_for(review, "quick-root-cause") | {"__proto__": "x", "blame": "somebody"}
        document = give(review, "quick-root-cause", cast, answers=answers)
        assert {answer["code"] for answer in document.answers} == {"usual", "more-likely", "before"}

    def test_hostile_words_come_back_as_they_were(self, cast: Cast) -> None:
        review = a_review(cast)
        hostile = "<script>alert(1)</script> '; DROP TABLE x; -- =cmd|' /C calc'!A0 \u202e ≠ 𝒳 🙈"
        answers = answers_for(review, "quick-root-cause") | {"usual": hostile}
        document = give(review, "quick-root-cause", cast, answers=answers)
        document.refresh_from_db()
        assert document.answers[0]["answer"] == hostile

    def test_a_file_may_go_with_it_and_stays_when_words_change(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        first = give(review, "supervision-check", cast, upload=a_file("notes.txt"))
        assert first.file.name == "notes.txt"
        second = give(review, "supervision-check", cast, text="Read again.")
        assert second.file == first.file
        assert StoredFile.objects.count() == 1


class TestFiles:
    def test_a_file_is_kept_for_those_who_may_see_the_incident(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        document = supply_document(
            by=cast.reviewer, at=NOW, review=review, kind="evidence-pack", upload=a_file(), text="Index"
        )
        assert (document.file.story_id, document.file.uploaded_by) == (review.incident_id, cast.reviewer)
        assert (document.file.size, document.text) == (23, "Index")

    def test_without_a_file_it_is_refused(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        with pytest.raises(Invalid) as refused:
            supply_document(by=cast.reviewer, at=NOW, review=review, kind="evidence-pack", text="In the drawer")
        assert list(refused.value.problems) == ["upload"]

    def test_a_new_version_stands_beside_the_old(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        for content in (b"one", b"two"):
            supply_document(
                by=cast.reviewer, at=LATER, review=review, kind="evidence-pack", upload=a_file(content=content)
            )
        assert review.documents.filter(kind="evidence-pack").count() == 2
        assert StoredFile.objects.filter(story_id=review.incident_id).count() == 2

    def test_words_too_long(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        with pytest.raises(Invalid) as refused:
            supply_document(
                by=cast.reviewer, at=NOW, review=review, kind="evidence-pack", upload=a_file(), text="x" * 20_001
            )
        assert list(refused.value.problems) == ["text"]


@pytest.mark.requirement("R10")
class TestDecisionReview:
    def test_every_threshold_decision_gets_a_view_with_its_reason(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        first = a_threshold_decision(review.incident, by=cast.lead)
        second = a_threshold_decision(review.incident, by=cast.director, at=LATER, outcome="refer")
        views = {
            first.pk: DecisionView(Verdict.NOT_SOUND, "The sister's call was already on record."),
            second.pk: DecisionView(Verdict.CANNOT_TELL, "Nothing says what was known."),
        }
        document = give(review, "decision-review", cast, views=views)
        assert document.decisions == [
            {
                "decision": str(first.pk),
                "outcome": "do_not_refer",
                "decided_by": "Lark Penrose",
                "verdict": "not_sound",
                "why": "The sister's call was already on record.",
            },
            {
                "decision": str(second.pk),
                "outcome": "refer",
                "decided_by": "Drew Castell",
                "verdict": "cannot_tell",
                "why": "Nothing says what was known.",
            },
        ]

    def test_one_left_out_is_named(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        decision = a_threshold_decision(review.incident, by=cast.lead)
        with pytest.raises(Invalid) as refused:
            give(review, "decision-review", cast)
        assert set(refused.value.problems) == {f"verdict_{decision.pk}", f"why_{decision.pk}"}

    def test_views_of_other_incidents_decisions_are_not_kept(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        document = give(review, "decision-review", cast, views={uuid4(): DecisionView(Verdict.SOUND, "Elsewhere")})
        assert document.decisions == []

    def test_other_documents_hold_no_views(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        decision = a_threshold_decision(review.incident, by=cast.lead)
        views = {decision.pk: DecisionView(Verdict.SOUND, "By the guidance in force.")}
        assert give(review, "supervision-check", cast, views=views).decisions == []


class TestRecords:
    @pytest.mark.parametrize(
        ("record", "kind"), [(Record.FINDINGS, "findings"), (Record.TRACKED_ACTIONS, "action-plan")]
    )
    def test_a_record_of_a_later_stage_is_the_document(self, cast: Cast, record: Record, kind: str) -> None:
        review = a_review(cast, "C")
        assert stand_in(by=cast.reviewer, at=NOW, review=review, record=record) == 1
        document = review.documents.get(kind=kind)
        assert (document.from_type, document.from_id) == ("incidents.incident", review.incident_id)
        assert kind not in {one.kind for one in missing_of(review)}

    def test_where_it_is_not_required_nothing_happens(self, cast: Cast) -> None:
        review = a_review(cast, "A")
        assert (
            supply_from_record(
                by=cast.reviewer, at=NOW, review=review, record=Record.TRACKED_ACTIONS, row=review.incident
            )
            == 0
        )
        assert not review.documents.exists()

    def test_after_completion_nothing_happens(self, cast: Cast) -> None:
        review = completed(a_review(cast, "A"), cast)
        count = review.documents.count()
        assert (
            supply_from_record(by=cast.reviewer, at=LATER, review=review, record=Record.FINDINGS, row=review.incident)
            == 0
        )
        assert review.documents.count() == count

    def test_somebody_who_may_not_open_the_incident_is_refused(self, cast: Cast) -> None:
        review = a_review(cast, "A")
        with pytest.raises(Refused):
            supply_from_record(
                by=cast.worker_elsewhere, at=NOW, review=review, record=Record.FINDINGS, row=review.incident
            )

    @pytest.mark.parametrize("kind", ["timeline", "findings", "action-plan", "oversight-sign-off"])
    def test_what_comes_from_a_record_is_not_written_by_hand(self, cast: Cast, kind: str) -> None:
        review = a_review(cast, "C")
        with pytest.raises(Invalid, match="comes about by what is recorded"):
            supply_document(by=cast.reviewer, at=NOW, review=review, kind=kind, text="It is all there, trust me.")
        assert not review.documents.exists()


class TestRefused:
    @pytest.mark.parametrize("kind", ["", "terms-of-reference", "no-such-document", "../../etc/passwd", "x" * 500])
    def test_a_document_this_review_does_not_require(self, cast: Cast, kind: str) -> None:
        with pytest.raises(Invalid, match="does not require"):
            supply_document(by=cast.reviewer, at=NOW, review=a_review(cast, "A"), kind=kind, answers={"scope": "All"})

    @pytest.mark.parametrize(
        "who",
        ["worker", "duty_manager", "supervisor", "lead", "quality_lead", "director", "administrator", "inspector"],
    )
    def test_only_the_reviewer_supplies(self, cast: Cast, who: str) -> None:
        review = a_review(cast)
        with pytest.raises(Refused):
            give(review, "quick-root-cause", cast, by=cast.people()[who])
        assert not review.documents.exists()

    def test_the_refusal_names_the_reviewer_only_to_those_who_may_know(self, cast: Cast) -> None:
        review = a_review(cast)
        with pytest.raises(Refused, match="Only Rowan Thwaite"):
            give(review, "quick-root-cause", cast, by=cast.lead)
        with pytest.raises(Refused, match="no such incident"):
            give(review, "quick-root-cause", cast, by=cast.worker_elsewhere)

    def test_with_nobody_asked_yet_it_says_so(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="Say who reviews first"):
            give(unstaffed(cast), "quick-root-cause", cast, by=cast.lead)

    def test_not_after_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast), cast)
        with pytest.raises(Stale, match="completed this review"):
            give(review, "quick-root-cause", cast, answers={"usual": "x", "more-likely": "y", "before": "z"})

    def test_not_once_a_later_review_took_it_further(self, cast: Cast) -> None:
        from saferpractice.reviews.operations import open_review
        from tests.factories.reviews import a_tier_decision

        review = a_review(cast)
        a_tier_decision(review.incident, "B", by=cast.lead, at=LATER)
        open_review(by=cast.lead, at=LATER, incident=review.incident, method="structured-review")
        with pytest.raises(Stale, match="later review"):
            give(review, "quick-root-cause", cast)


class TestWhatIsMissing:
    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_shrinks_by_one_with_each_document(self, cast: Cast, tier: str) -> None:
        review = a_review(cast, tier)
        left = set(DOCUMENTS[tier])
        for kind in DOCUMENTS[tier]:
            assert {one.kind for one in missing_of(review)} == left
            assert standing_of(review) is ReviewState.UNDER_WAY
            supply(review, kind, cast)
            left.discard(kind)
        assert missing_of(review) == ()
        assert standing_of(review) is ReviewState.READY

    def test_waiting_until_somebody_is_asked(self, cast: Cast) -> None:
        assert standing_of(unstaffed(cast)) is ReviewState.WAITING

    @pytest.mark.requirement("R11")
    def test_directors_are_told_when_only_the_sign_off_is_left(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        supply_all(review, cast, but="action-plan")
        assert not OutboxMessage.objects.filter(to=cast.director).exists()
        supply(review, "action-plan", cast)
        message = OutboxMessage.objects.get(to=cast.director)
        assert message.subject == f"Sign off the tier C review of incident {review.incident.reference}"
