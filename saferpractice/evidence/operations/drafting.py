"""Drawing the numbers of a quarter, saying something on them, and owing the review (R36)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import Role
from saferpractice.access.turns import after_disposals
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day, on_date
from saferpractice.evidence.drafts import discard_draft
from saferpractice.evidence.models import ThematicCommentary, ThematicDraft, ThematicReview
from saferpractice.evidence.permissions import check_can_draft
from saferpractice.evidence.queries.facts import facts_of
from saferpractice.evidence.queries.thematic import OWED, commentary_of, standing_draft
from saferpractice.evidence.rules.thematic.draft import EQUITY, draft
from saferpractice.evidence.rules.thematic.equity import kept_or_new
from saferpractice.evidence.rules.thematic.quarters import DAYS_TO_SIGN, Quarter
from saferpractice.evidence.rules.thematic.signing import hash_of, problems_of_words
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, SentBefore, Stale, differing
from saferpractice.trail.rules import By

SIGNED = "This review is signed: nothing in it changes any more."


@operation
def draw_review(
    *, by: By, at: datetime, provider: Provider, quarter: Quarter, supported: int | None = None
) -> Entry[ThematicDraft] | Already[ThematicDraft]:
    """Draw the numbers of a finished quarter, or draw them again until the review is signed. Earlier draws are kept.

    Numbers that came out the same are not drawn a second time.

    Args:
        supported: how many people the provider supported in the quarter, where it says so: rates need it.

    Raises:
        Refused: ``by`` does not lead quality over the whole provider.
        Invalid: the quarter is not over, or nobody can have been supported so.
        Stale: the review is signed.
    """
    check_can_draft(by=by, at=at, provider_id=provider.pk)
    if quarter.last >= local_day(at):
        raise Invalid({"quarter": "This quarter is not over. Choose one that is."})
    if supported is not None and supported < 1:
        raise Invalid({"supported": "Enter how many people you supported in the quarter, or leave it empty."})
    after_disposals(provider.pk)
    review = _begun(by, at, provider, quarter)
    must_be_open(review)
    newest = standing_draft(review)
    data = draft(facts_of(provider, quarter, at=at, supported=supported))
    if newest is not None:
        data["sections"] = [_guarded(newest.data, section) for section in data["sections"]]
        if hash_of({**newest.data, "drawn_on": ""}) == hash_of({**data, "drawn_on": ""}):
            return Already(newest)
    drawn = ThematicDraft.objects.create(
        review=review,
        number=newest.number + 1 if newest else 1,
        supported=supported,
        data=data,
        sha256=hash_of(data),
        **decided(by, at),
    )
    return Entry(
        result=drawn,
        subject=review,
        sentence=f"drew the numbers of the thematic review of {quarter.short}",
        facts={"draft": drawn.number, "sha256": drawn.sha256},
    )


def _guarded(earlier: dict[str, Any], section: dict[str, Any]) -> dict[str, Any]:
    """The equity section as it was, unless enough moved; every other section as it is drawn."""
    if section["code"] != EQUITY:
        return section
    before = next(one for one in earlier["sections"] if one["code"] == EQUITY)
    return kept_or_new(before, section)


def _begun(by: By, at: datetime, provider: Provider, quarter: Quarter) -> ThematicReview:
    """The review of the quarter with its row locked, begun where nobody has; it is owed from then on."""
    review, _ = ThematicReview.objects.get_or_create(
        provider=provider, year=quarter.year, number=quarter.number, defaults=decided(by, at)
    )
    _owe(review, at)
    return locked(review)


def locked(review: ThematicReview) -> ThematicReview:
    """The review with its row locked, so that what is done about it happens one after the other."""
    return ThematicReview.objects.select_for_update(of=("self",)).select_related("provider").get(pk=review.pk)


def must_be_open(review: ThematicReview) -> None:
    """Refuse what comes too late.

    Raises:
        Stale: the review is signed.
    """
    if ThematicReview.objects.filter(pk=review.pk, signature__isnull=False).exists():
        raise Stale(SIGNED)


def _owe(review: ThematicReview, at: datetime) -> None:
    """The quality lead owes the review until it is signed: thirty days after the quarter's end it is late. Once."""
    if Obligation.objects.filter(subject_id=review.pk, kind=OWED).exists():
        return
    quarter, today = review.quarter, local_day(at)
    ledger.open_obligation(
        provider_id=review.provider_id,
        subject=review,
        kind=OWED,
        title=f"Sign the thematic review of {quarter.short}",
        timescale=on_date(max(quarter.sign_by, today)),
        clock_source=f"Local standard: {DAYS_TO_SIGN} days after the end of the quarter",
        role=Role.QUALITY_LEAD,
        at=at,
    )


@operation
def owe_review(
    *, by: By, at: datetime, provider: Provider, quarter: Quarter
) -> Entry[ThematicReview] | Already[ThematicReview]:
    """Ask the quality lead for the review of a quarter that is over. The worker does, once for each quarter.

    Raises:
        Refused: ``by`` is neither a process nor leads quality over the whole provider.
        Invalid: the quarter is not over.
    """
    check_can_draft(by=by, at=at, provider_id=provider.pk)
    if quarter.last >= local_day(at):
        raise Invalid({"quarter": "This quarter is not over."})
    before = ThematicReview.objects.filter(provider=provider, year=quarter.year, number=quarter.number).first()
    if before is not None and Obligation.objects.filter(subject_id=before.pk, kind=OWED).exists():
        return Already(before)
    review = _begun(by, at, provider, quarter)
    return Entry(result=review, subject=review, sentence=f"asked for the thematic review of {quarter.short}")


@operation
def keep_commentary(
    *, by: By, at: datetime, review: ThematicReview, section: str, words: str, based_on: int
) -> Entry[ThematicCommentary] | Already[ThematicCommentary]:
    """Say something on a section. It stands in the place of what was said before, which is kept.

    Args:
        based_on: the number of the commentary that stood when it was typed, 0 for none.

    Raises:
        Refused: ``by`` does not lead quality over the whole provider.
        Invalid: there are no words, too many, or they name an incident; or there is no such section.
        SentBefore: somebody else said something meanwhile, with what differs.
        Stale: the review is signed.
    """
    check_can_draft(by=by, at=at, provider_id=review.provider_id)
    review = locked(review)
    must_be_open(review)
    newest = standing_draft(review)
    if newest is None or section not in {one["code"] for one in newest.data["sections"]}:
        raise Invalid("There is no such section in these numbers. Open the review again.")
    problems = problems_of_words(words, field="words", asked="Enter what there is to say on these numbers.")
    if problems:
        raise Invalid(problems)
    before = commentary_of(review).get(section)
    if before is not None and before.words == words.strip():
        return Already(before)
    if before is not None and before.number != based_on:
        raise SentBefore(
            f"{before.decided_by_name} said something on this section meanwhile.",
            differing([("Commentary", before.words, words.strip())]),
        )
    kept = ThematicCommentary.objects.create(
        review=review,
        section=section,
        number=before.number + 1 if before else 1,
        words=words.strip(),
        **decided(by, at),
    )
    if isinstance(by, Person):
        discard_draft(review=review, person=by, section=section)
    return Entry(
        result=kept,
        subject=review,
        sentence=f"commented on a section of the thematic review of {review.quarter.short}",
        facts={"section": section, "number": kept.number},
    )
