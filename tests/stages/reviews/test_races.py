"""Two people at one review in the same instant, on real connections that commit (R9 to R12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import ANSWER, complete_rapid_review, correct_finding, record_finding
from saferpractice.reviews.models import (
    OversightSignOff,
    Review,
    ReviewCompletion,
    ReviewDocument,
    ReviewerAssignment,
    TimelineEntry,
)
from saferpractice.reviews.operations import (
    OVERSIGHT,
    add_timeline_entry,
    assign_reviewer,
    complete_review,
    correct_timeline_entry,
    draw_timeline_from_records,
    open_review,
    sign_off_oversight,
    supply_document,
)
from saferpractice.reviews.queries import missing_of, reviewer_of
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Refused, Stale
from tests.databases import Database
from tests.factories.findings import a_finding, finding_words
from tests.factories.reviews import INDEPENDENT, a_review, a_tier_decision, an_entry, answers_for, supply_all
from tests.personas import NOW, Cast, build_cast
from tests.waiting import wait_for

pytestmark = pytest.mark.requirement("R12")

LATER = NOW + timedelta(days=1)
TESTED = "I read every document, put three questions, and they were answered."
Step = Callable[[], object]


def run(step: Step) -> object:
    """What the step gives, or the refusal it meets; its connection is closed, as a thread must."""
    try:
        return step()
    except Exception as error:
        return error
    finally:
        connection.close()


def together(*steps: Step) -> list[object]:
    """Every step begun in the same instant; what each gave."""
    ready, given = threading.Barrier(len(steps)), [object()] * len(steps)

    def one(number: int) -> None:
        ready.wait()
        given[number] = run(steps[number])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def waits_for_a_lock() -> bool:
    """Whether another connection waits for this one. SQLite has no list of those who wait: there it cannot be told."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def while_uncommitted(first: Step, second: Step) -> object:
    """What ``second`` gives when it begins after ``first`` wrote and before that was committed."""
    given: list[object] = []
    begun = threading.Event()

    def other() -> None:
        begun.set()
        given.append(run(second))

    thread = threading.Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        begun.wait()
        wait_for(waits_for_a_lock, what="the other to wait")
    thread.join()
    return given[0]


def names(given: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in given)


def taken_over(cast: Cast, review: Review) -> Step:
    return lambda: assign_reviewer(
        by=cast.lead, at=LATER, review=review, person=cast.duty_manager_elsewhere, independence=INDEPENDENT
    )


def write_an_entry(cast: Cast, review: Review) -> object:
    return an_entry(review, by=cast.reviewer, at=LATER, what="The line was busy.")


def draw(cast: Cast, review: Review) -> object:
    return draw_timeline_from_records(by=cast.reviewer, at=LATER, review=review)


def supply(cast: Cast, review: Review) -> object:
    answers = answers_for(review, "supervision-check") | {"when": "Never until then."}
    return supply_document(by=cast.reviewer, at=LATER, review=review, kind="supervision-check", answers=answers)


def find(cast: Cast, review: Review) -> object:
    return record_finding(by=cast.reviewer, at=LATER, review=review, words=finding_words(review, condition="workload"))


def complete(cast: Cast, review: Review) -> object:
    return complete_review(by=cast.reviewer, at=LATER, review=review, summary="Cover ended too early.")


WRITING = [write_an_entry, draw, supply, find, complete]


def everything(review: Review) -> list[int]:
    return [
        review.timeline.count(),
        review.documents.count(),
        review.findings.count(),
        ReviewCompletion.objects.filter(review=review).count(),
    ]


def a_ready_review(cast: Cast) -> Review:
    review = a_review(cast, "B")
    a_finding(review, cast)
    supply_all(review, cast)
    return review


@pytest.mark.parametrize("writing", WRITING)
def test_somebody_replaced_while_writing_writes_no_more(
    fresh_database: Database, writing: Callable[[Cast, Review], object]
) -> None:
    cast = build_cast()
    review = a_ready_review(cast)
    before = everything(review)
    given = while_uncommitted(taken_over(cast, review), lambda: writing(cast, review))
    assert isinstance(given, Refused)
    assert everything(review) == before
    assert reviewer_of(review).person == cast.duty_manager_elsewhere  # type: ignore[union-attr]


@pytest.mark.parametrize("writing", WRITING)
def test_what_is_taken_further_is_not_added_to(
    fresh_database: Database, writing: Callable[[Cast, Review], object]
) -> None:
    cast = build_cast()
    review = a_ready_review(cast)
    a_tier_decision(review.incident, "C", by=cast.lead, at=LATER)
    before = everything(review)
    given = while_uncommitted(
        lambda: open_review(by=cast.lead, at=LATER, incident=review.incident, method="psii"),
        lambda: writing(cast, review),
    )
    assert isinstance(given, Stale)
    assert everything(review) == before


@pytest.mark.requirement("R11")
class TestOversight:
    def signs(self, by: Person, review: Review, **changes: object) -> Step:
        given = {"at": LATER, "accepted": True, "words": TESTED} | changes
        return lambda: sign_off_oversight(by=by, review=review, **given)  # type: ignore[arg-type]

    def ready(self, cast: Cast) -> Review:
        review = a_review(cast, "C")
        supply_all(review, cast, but="oversight-sign-off")
        return review

    def test_two_who_sign_both_stand_and_it_is_met_once(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = self.ready(cast)
        given = together(self.signs(cast.director, review), self.signs(cast.quality_lead, review))
        assert names(given) == ["OversightSignOff", "OversightSignOff"]
        assert {one.decided_by for one in OversightSignOff.objects.all()} == {cast.director, cast.quality_lead}
        assert Obligation.objects.filter(kind=OVERSIGHT, met_at__isnull=False).count() == 1
        assert missing_of(review) == ()
        assert check_chain(cast.provider.pk).whole

    def test_one_person_twice_signs_once(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = self.ready(cast)
        given = together(*[self.signs(cast.director, review)] * 3)
        assert {getattr(one, "pk", one) for one in given} == {OversightSignOff.objects.get().pk}

    def test_one_signs_and_one_sends_back_and_the_newest_stands(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = self.ready(cast)
        together(
            self.signs(cast.director, review),
            self.signs(cast.quality_lead, review, at=LATER + timedelta(seconds=1), accepted=False),
        )
        assert [one.kind for one in missing_of(review)] == ["oversight-sign-off"]

    def test_what_is_supplied_while_it_is_signed_is_never_taken_as_read(self, fresh_database: Database) -> None:
        """Sent before the signature and kept after it: its moment would say that the signer saw it."""
        cast = build_cast()
        review = self.ready(cast)
        count = review.documents.count()
        signed = self.signs(cast.director, review, at=LATER + timedelta(seconds=2))
        given = while_uncommitted(signed, lambda: supply(cast, review))
        assert isinstance(given, Stale)
        assert "signed this review off meanwhile" in given.sentence
        assert review.documents.count() == count

    def test_a_signature_sent_before_something_was_supplied_is_not_taken(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = self.ready(cast)
        signed = self.signs(cast.director, review, at=LATER - timedelta(seconds=2))
        given = while_uncommitted(lambda: supply(cast, review), signed)
        assert isinstance(given, Stale)
        assert not OversightSignOff.objects.exists()
        assert Obligation.objects.open().filter(kind=OVERSIGHT).count() == 1

    def test_signed_and_completed_at_once_is_never_completed_unsigned(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = self.ready(cast)
        signed, done = together(self.signs(cast.director, review), lambda: complete(cast, review))
        assert isinstance(signed, OversightSignOff) or isinstance(done, ReviewCompletion)
        if isinstance(done, ReviewCompletion):
            assert OversightSignOff.objects.filter(review=review, accepted=True).count() == 1
        else:
            assert isinstance(done, Refused)


def test_two_reviewers_asked_at_once_leave_one(fresh_database: Database) -> None:
    cast = build_cast()
    review = a_review(cast, "B")

    def asks(by: Person, person: Person) -> Step:
        return lambda: assign_reviewer(by=by, at=LATER, review=review, person=person, independence=INDEPENDENT)

    given = together(asks(cast.lead, cast.quality_lead), asks(cast.director, cast.duty_manager_elsewhere))
    assert names(given) == ["ReviewerAssignment", "ReviewerAssignment"]
    standing = ReviewerAssignment.objects.get(review=review, until_at__isnull=True)
    owners = set(Obligation.objects.open().filter(subject_id=review.pk).values_list("owner", flat=True))
    assert owners == {standing.person_id}
    named = set(review.incident.named_access.filter(until_at__isnull=True).values_list("person", flat=True))
    assert named == {standing.person_id}


def test_an_entry_put_right_twice_at_once_is_put_right_once(fresh_database: Database) -> None:
    cast = build_cast()
    review = a_review(cast, "B")
    entry = an_entry(review, by=cast.reviewer)

    def puts_right(by: Person, what: str) -> Step:
        return lambda: correct_timeline_entry(
            by=by,
            at=LATER,
            entry=entry,
            happened_at=NOW,
            precision="about",
            what=what,
            source="Phone log",
            reason="The log was read again",
        )

    given = together(puts_right(cast.reviewer, "It rang twice."), puts_right(cast.lead, "It rang three times."))
    assert names(given) == ["Stale", "TimelineEntry"]
    assert TimelineEntry.objects.standing().filter(review=review).count() == 1


def test_the_same_entry_sent_twice_at_once_is_one(fresh_database: Database) -> None:
    cast = build_cast()
    review = a_review(cast, "B")
    words = {"happened_at": NOW, "precision": "exact", "what": "The line was busy.", "source": "Phone log"}
    given = together(
        *[lambda: add_timeline_entry(by=cast.reviewer, at=LATER, review=review, **words)] * 3  # type: ignore[arg-type]
    )
    assert {getattr(one, "pk", one) for one in given} == {TimelineEntry.objects.get().pk}
    assert ReviewDocument.objects.filter(kind="timeline").count() == 1


def test_drawn_twice_at_once_each_record_stands_once(fresh_database: Database) -> None:
    cast = build_cast()
    review = a_review(cast, "B")
    given = together(*[lambda: draw(cast, review)] * 2)
    assert sorted(given) == [0, review.timeline.count()]  # type: ignore[type-var]
    assert review.timeline.count() > 1


@pytest.mark.requirement("R1", "R13")
def test_a_finding_sent_twice_at_once_is_one_and_owes_one_answer(fresh_database: Database) -> None:
    cast = build_cast()
    review = a_review(cast, "B")
    an_entry(review, by=cast.reviewer)
    given = together(*[lambda: find(cast, review)] * 3)
    assert {getattr(one, "pk", one) for one in given} == {Finding.objects.get().pk}
    assert Obligation.objects.filter(kind=ANSWER).count() == 1


@pytest.mark.requirement("R1", "R13")
def test_a_finding_put_right_twice_at_once_is_put_right_once(fresh_database: Database) -> None:
    cast = build_cast()
    finding = a_finding(a_review(cast, "B"), cast)

    def puts_right(by: Person, statement: str) -> Step:
        words = finding_words(finding.review, statement=statement)
        because = "The rota was read again and says otherwise."
        return lambda: correct_finding(by=by, at=LATER, finding=finding, words=words, corrected_because=because)

    given = together(
        puts_right(cast.reviewer, "Cover ended at ten, so nobody could decide."),
        puts_right(cast.lead, "Cover ended at eleven, so nobody could decide."),
    )
    assert names(given) == ["Finding", "Stale"]
    assert Finding.objects.standing().count() == 1
    assert Obligation.objects.open().get(kind=ANSWER).subject_id == Finding.objects.standing().get().pk


@pytest.mark.requirement("R9")
def test_a_rapid_review_sent_twice_at_once_is_done_once(fresh_database: Database) -> None:
    cast = build_cast()
    review = a_review(cast, "A")
    kinds = ("immediate-actions", "quick-root-cause")
    given = together(
        *[
            lambda: complete_rapid_review(
                by=cast.reviewer,
                at=LATER,
                review=review,
                answers={kind: answers_for(review, kind) for kind in kinds},
                words=finding_words(evidence=()),
            )
        ]
        * 3
    )
    assert {getattr(one, "pk", one) for one in given} == {ReviewCompletion.objects.get().pk}
    assert Finding.objects.count() == 1
    assert TrailEntry.objects.filter(operation="findings.complete_rapid_review").count() == 1
