"""What may be done with a review, by whom, in which state: one table for every operation (R9 to R12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction

from saferpractice.access.models import Person
from saferpractice.findings.operations import correct_finding, record_finding
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import (
    add_timeline_entry,
    assign_reviewer,
    complete_review,
    correct_timeline_entry,
    draw_timeline_from_records,
    offer_support,
    open_review,
    record_involved,
    sign_off_oversight,
    state_nothing_found,
    supply_document,
)
from saferpractice.reviews.queries import standing_of
from saferpractice.reviews.refusals import Incomplete
from saferpractice.reviews.rules import Affected, ReviewState
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.findings import a_finding, finding_words
from tests.factories.reviews import INDEPENDENT, a_review, a_tier_decision, answers_for, supply, supply_all, unstaffed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R9", "R10", "R11", "R12")]

LATER = NOW + timedelta(days=1)
OPENS = {"duty_manager", "lead", "quality_lead", "director"}
SENIOR = {"lead", "quality_lead", "director"}
WRITES = {"reviewer"}
FORMER = "duty_manager_elsewhere"
"""Carried the review out until the reviewer took over, and manages another service."""


@dataclass(frozen=True)
class Doing:
    """One operation: who may, in which states it no longer can be done, and what else speaks against it."""

    who: set[str]
    over: set[str]
    run: Callable[[Cast, Review, Person], object]
    otherwise: tuple[tuple[str, str], ...] = ()


ENDED = {"complete", "taken further"}
DOINGS = {
    "add to the timeline": Doing(
        WRITES,
        ENDED,
        lambda cast, review, by: add_timeline_entry(
            by=by,
            at=LATER,
            review=review,
            happened_at=NOW,
            precision="about",
            what="The line was busy.",
            source="Phone log",
        ),
    ),
    "draw from the records": Doing(
        WRITES, ENDED, lambda cast, review, by: draw_timeline_from_records(by=by, at=LATER, review=review)
    ),
    "put an entry right": Doing(
        WRITES | SENIOR,
        set(),
        lambda cast, review, by: correct_timeline_entry(
            by=by,
            at=LATER,
            entry=review.timeline.earliest("decided_at"),
            happened_at=NOW,
            precision="day",
            what="The line was busy all day.",
            source="Phone log",
            reason="The log was read again",
        ),
    ),
    "supply a document": Doing(
        WRITES,
        ENDED,
        lambda cast, review, by: supply_document(
            by=by,
            at=LATER,
            review=review,
            kind="supervision-check",
            answers=answers_for(review, "supervision-check") | {"when": "Never until then."},
        ),
    ),
    "record a finding": Doing(
        WRITES,
        ENDED,
        lambda cast, review, by: record_finding(
            by=by, at=LATER, review=review, words=finding_words(review, condition="workload")
        ),
    ),
    "put a finding right": Doing(
        WRITES | SENIOR,
        set(),
        lambda cast, review, by: correct_finding(
            by=by,
            at=LATER,
            finding=review.findings.get(),
            words=finding_words(review, condition="workload"),
            corrected_because="It was the number of calls, not the rota.",
        ),
    ),
    "state that nothing was found": Doing(
        WRITES,
        ENDED,
        lambda cast, review, by: state_nothing_found(
            by=by, at=LATER, review=review, because="We looked at rota, phone and plan, and each had worked."
        ),
        otherwise=(("under way", "invalid"), ("ready", "invalid")),  # there is a finding
    ),
    "send it back": Doing(
        SENIOR,
        ENDED,
        lambda cast, review, by: sign_off_oversight(
            by=by, at=LATER, review=review, accepted=False, words="The night service is missing from the terms."
        ),
    ),
    "sign it off": Doing(
        SENIOR,
        ENDED,
        lambda cast, review, by: sign_off_oversight(
            by=by, at=LATER, review=review, accepted=True, words="I read every document and put three questions."
        ),
        otherwise=(("waiting", "incomplete"), ("under way", "incomplete")),
    ),
    "complete it": Doing(
        WRITES,
        ENDED,
        lambda cast, review, by: complete_review(by=by, at=LATER, review=review, summary="Cover ended too early."),
        otherwise=(("under way", "incomplete"),),
    ),
    "ask somebody else": Doing(
        OPENS,
        ENDED,
        lambda cast, review, by: assign_reviewer(
            by=by, at=LATER, review=review, person=cast.duty_manager_elsewhere, independence=INDEPENDENT
        ),
    ),
    "say who was involved": Doing(
        OPENS | WRITES,
        set(),
        lambda cast, review, by: record_involved(
            by=by, at=LATER, incident=review.incident, person=cast.colleague, how="Was on shift"
        ),
    ),
    "record support": Doing(
        OPENS | WRITES,
        set(),
        lambda cast, review, by: offer_support(
            by=by, at=LATER, review=review, affected=Affected.FAMILY, who="his sister", offered="A call each week."
        ),
    ),
    "open what the tier asks for": Doing(
        OPENS,
        set(),
        lambda cast, review, by: open_review(by=by, at=LATER, incident=review.incident, method="psii"),
    ),
}


def waiting(cast: Cast) -> Review:
    return unstaffed(cast, "C")


def under_way(cast: Cast) -> Review:
    """Taken over from somebody, with an entry, a finding, and everything else but the plan and the sign-off."""
    review = a_review(cast, "C", reviewer=cast.duty_manager_elsewhere)
    assign_reviewer(by=cast.lead, at=NOW, review=review, person=cast.reviewer, independence=INDEPENDENT)
    a_finding(review, cast)
    supply_all(review, cast, but="action-plan")
    return review


def ready(cast: Cast) -> Review:
    review = under_way(cast)
    supply(review, "action-plan", cast)
    supply(review, "oversight-sign-off", cast)
    return review


def complete(cast: Cast) -> Review:
    review = ready(cast)
    complete_review(by=cast.reviewer, at=NOW, review=review, summary="Duty cover ended before the visit.")
    return review


def taken_further(cast: Cast) -> Review:
    review = under_way(cast)
    a_tier_decision(review.incident, "B", by=cast.lead, at=NOW)
    open_review(by=cast.lead, at=NOW, incident=review.incident, method="structured-review")
    return review


STATES: dict[str, tuple[Callable[[Cast], Review], ReviewState]] = {
    "waiting": (waiting, ReviewState.WAITING),
    "under way": (under_way, ReviewState.UNDER_WAY),
    "ready": (ready, ReviewState.READY),
    "complete": (complete, ReviewState.COMPLETE),
    "taken further": (taken_further, ReviewState.TAKEN_FURTHER),
}


class _Undo(Exception):
    """Takes back what a cell of the table did, so that the next begins where it began."""


def outcome(doing: Doing, cast: Cast, review: Review, person: Person) -> str:
    """What came of it, in a word."""
    said = "done"
    try:
        with transaction.atomic():
            doing.run(cast, Review.objects.get(pk=review.pk), person)
            raise _Undo
    except _Undo:
        pass
    except Incomplete:
        said = "incomplete"
    except Refused:
        said = "refused"
    except Stale:
        said = "stale"
    except Invalid:
        said = "invalid"
    return said


def expected(name: str, state: str, who: str) -> str:
    doing = DOINGS[name]
    nobody_reviews = state == "waiting" and who in WRITES
    if who not in doing.who or nobody_reviews:
        return "refused"
    return "stale" if state in doing.over else dict(doing.otherwise).get(state, "done")


@pytest.mark.parametrize("state", STATES)
def test_every_operation_by_everybody(cast: Cast, state: str) -> None:
    make, standing = STATES[state]
    review = make(cast)
    assert standing_of(Review.objects.get(pk=review.pk)) is standing
    needs_something = {"put an entry right", "put a finding right"}
    doings = {name for name in DOINGS if not (state == "waiting" and name in needs_something)}
    found = {
        (name, who): outcome(DOINGS[name], cast, review, person)
        for name in doings
        for who, person in cast.people().items()
    }
    assert found == {(name, who): expected(name, state, who) for name, who in found}


@pytest.mark.parametrize("name", DOINGS)
def test_the_table_says_done_and_refused_for_each(name: str) -> None:
    """A row that allowed nothing, or everything, would test nothing."""
    said = {expected(name, state, who) for state in STATES for who in (*OPENS, *WRITES, FORMER, "worker")}
    assert "refused" in said
    assert {"done", "invalid"} & said


@pytest.mark.parametrize("state", ["under way", "ready"])
def test_whoever_was_replaced_may_no_longer_do_anything(cast: Cast, state: str) -> None:
    review = STATES[state][0](cast)
    assert review.reviewers.filter(person=cast.people()[FORMER], until_at__isnull=False).exists()
    said = {name: outcome(doing, cast, review, cast.people()[FORMER]) for name, doing in DOINGS.items()}
    assert set(said.values()) == {"refused"}
