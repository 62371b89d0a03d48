"""A rapid review in one step: its short forms, the finding, the end (R9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from saferpractice.deadlines.models import Obligation
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import ANSWER, complete_rapid_review
from saferpractice.lists.models import ListEntry
from saferpractice.reviews.models import Review, ReviewCompletion
from saferpractice.reviews.refusals import Incomplete
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.findings import BLAMING, KEPT, STATEMENT, finding_words
from tests.factories.reviews import a_review, answers_for
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R9")]

LATER = NOW + timedelta(minutes=7)
NOTHING = "The visit, the call and the note all went as they are written and as people expected."
WITHOUT_EVIDENCE: dict[str, Any] = {"evidence": ()}


def rapid(review: Review, cast: Cast, **changes: Any) -> ReviewCompletion:
    kinds = review.required_documents.filter(supplied_by="answers").values_list("kind", flat=True)
    given: dict[str, Any] = {
        "answers": {kind: answers_for(review, kind) for kind in kinds},
        "words": finding_words(**WITHOUT_EVIDENCE),
    }
    by = changes.pop("by", cast.reviewer)
    return complete_rapid_review(by=by, at=LATER, review=review, **(given | changes))


def test_everything_in_one_step(cast: Cast) -> None:
    review = a_review(cast, "A")
    done = rapid(review, cast)
    assert (done.summary, done.decided_at) == (STATEMENT, LATER)
    assert {document.kind for document in review.documents.all()} == {
        "immediate-actions",
        "quick-root-cause",
        "findings",
    }
    finding = Finding.objects.get()
    assert finding.review == review
    owed = Obligation.objects.open().filter(story_id=review.incident_id)
    assert set(owed.values_list("kind", flat=True)) - {"triage.decide"} == {ANSWER}


def test_the_finding_rests_on_what_was_reported(cast: Cast) -> None:
    review = a_review(cast, "A")
    rapid(review, cast)
    assert {entry.from_type for entry in Finding.objects.get().evidence.all()} == {
        "incidents.incident#occurred",
        "incidents.incident#reported",
    }


def test_a_summary_of_its_own_is_kept(cast: Cast) -> None:
    assert rapid(a_review(cast, "A"), cast, summary="Cover at night.").summary == "Cover at night."


def test_nothing_found_with_its_reason(cast: Cast) -> None:
    done = rapid(a_review(cast, "A"), cast, words=None, nothing_found_because=NOTHING)
    assert (done.nothing_found_because, done.summary) == (NOTHING, NOTHING)
    assert not Finding.objects.exists()


@pytest.mark.parametrize("because", ["", "n/a", "nothing"])
def test_nothing_found_without_a_reason_is_refused(cast: Cast, because: str) -> None:
    review = a_review(cast, "A")
    with pytest.raises(Invalid) as refused:
        rapid(review, cast, words=None, nothing_found_because=because)
    assert list(refused.value.problems) == ["nothing_found_because"]


def test_everything_lacking_is_said_at_once_and_nothing_is_written(cast: Cast) -> None:
    review = a_review(cast, "A")
    entries = TrailEntry.objects.count()
    answers = {"immediate-actions": {"done": "Called."}}
    with pytest.raises(Invalid) as refused:
        rapid(review, cast, answers=answers, words=finding_words(statement="", condition=""))
    assert set(refused.value.problems) == {
        "immediate-actions-answer_still-open",
        "immediate-actions-answer_affected",
        "quick-root-cause-answer_usual",
        "quick-root-cause-answer_more-likely",
        "quick-root-cause-answer_before",
        "condition",
        "statement",
    }
    assert not review.documents.exists()
    assert not review.timeline.exists()
    assert TrailEntry.objects.count() == entries


@pytest.mark.requirement("R13")
def test_blame_is_asked_about_here_too(cast: Cast) -> None:
    review = a_review(cast, "A")
    with pytest.raises(Invalid) as refused:
        rapid(review, cast, words=finding_words(statement=BLAMING))
    assert list(refused.value.problems) == ["kept_reason"]
    rapid(review, cast, words=finding_words(statement=BLAMING, kept_reason=KEPT))
    assert Finding.objects.get().kept_because == KEPT


def test_sent_twice_it_is_done_once(cast: Cast) -> None:
    review = a_review(cast, "A")
    assert rapid(review, cast) == rapid(review, cast)
    assert (Finding.objects.count(), ReviewCompletion.objects.count()) == (1, 1)


def test_after_completion_by_somebody_else_it_is_refused(cast: Cast) -> None:
    review = a_review(cast, "A")
    rapid(review, cast)
    with pytest.raises(Refused):
        rapid(review, cast, by=cast.lead)


@pytest.mark.requirement("R12")
def test_a_document_that_is_a_file_must_be_there_first(cast: Cast) -> None:
    ListEntry.objects.create(
        provider=cast.provider,
        list_code="required-documents",
        code="body-map",
        label="Body map",
        detail={"tiers": ["A"], "due_working_days": {"A": 2}, "clock": "local", "supplied_by": "file"},
        source="Our policy",
        valid_from=NOW.date(),
        added_at=NOW,
    )
    review = a_review(cast, "A")
    with pytest.raises(Incomplete) as refused:
        rapid(review, cast)
    assert [one.label for one in refused.value.missing] == ["Body map"]
    assert not Finding.objects.exists()


@pytest.mark.requirement("R12")
def test_for_a_fuller_review_it_is_not_enough(cast: Cast) -> None:
    review = a_review(cast, "B")
    with pytest.raises(Invalid, match="Only a rapid review"):
        rapid(review, cast, answers={})
    assert not ReviewCompletion.objects.exists()


def test_once_taken_further_it_is_refused(cast: Cast) -> None:
    from saferpractice.reviews.operations import open_review
    from tests.factories.reviews import a_tier_decision

    review = a_review(cast, "A")
    a_tier_decision(review.incident, "B", by=cast.lead, at=LATER)
    open_review(by=cast.lead, at=LATER, incident=review.incident, method="structured-review")
    with pytest.raises(Stale):
        rapid(review, cast)
