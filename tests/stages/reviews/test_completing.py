"""Senior oversight, and completing a review: refused while anything is missing (R11, R12)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.operations import decide_restriction, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.reviews.models import OversightSignOff, Review, ReviewCompletion
from saferpractice.reviews.operations import (
    COMPLETE,
    DOCUMENT,
    OVERSIGHT,
    complete_review,
    open_review,
    record_involved,
    sign_off_oversight,
    supply_document,
)
from saferpractice.reviews.queries import held_by, missing_of, standing_of
from saferpractice.reviews.refusals import Incomplete
from saferpractice.reviews.rules import ReviewState
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.databases import Database
from tests.factories.incidents import an_incident
from tests.factories.reviews import (
    DOCUMENTS,
    a_file,
    a_review,
    a_tier_decision,
    completed,
    supply,
    supply_all,
    unstaffed,
)
from tests.personas import NOW, Cast, build_cast

LATER = NOW + timedelta(days=1)
FOUND = "Duty cover ended before the second visit; nobody owned the follow-up."
TESTED = "The terms were met, each finding rests on evidence, the plan answers them."
NOTHING = "Everything on the day went as it was written and as people expected."


def complete(review: Review, cast: Cast, **changes: str) -> ReviewCompletion:
    words = {"summary": FOUND} | changes
    return complete_review(by=cast.reviewer, at=LATER, review=review, **words)


def sign(review: Review, by: Person, *, accepted: bool = True, words: str = TESTED) -> OversightSignOff:
    return sign_off_oversight(by=by, at=LATER, review=review, accepted=accepted, words=words)


@pytest.mark.django_db
@pytest.mark.requirement("R12")
class TestCompleting:
    @pytest.mark.requirement("R9", "R10", "R11")
    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_with_everything_there(self, cast: Cast, tier: str) -> None:
        review = a_review(cast, tier)
        supply_all(review, cast)
        done = complete(review, cast)
        assert (done.summary, done.nothing_found_because, done.decided_by) == (FOUND, "", cast.reviewer)
        assert standing_of(Review.objects.get(pk=review.pk)) is ReviewState.COMPLETE

    @pytest.mark.parametrize(("tier", "kind"), [(tier, kind) for tier, kinds in DOCUMENTS.items() for kind in kinds])
    def test_without_any_single_document_it_is_refused_and_the_document_named(
        self, cast: Cast, tier: str, kind: str
    ) -> None:
        review = a_review(cast, tier)
        supply_all(review, cast, but=kind)
        label = review.required_documents.get(kind=kind).label
        with pytest.raises(Incomplete) as refused:
            complete(review, cast)
        assert kind in {one.kind for one in refused.value.missing}
        assert label in refused.value.sentence
        others = {one.kind for one in refused.value.missing} - {kind, "oversight-sign-off"}
        assert others == set()
        assert not ReviewCompletion.objects.exists()

    def test_with_nothing_there_everything_is_named_at_once(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        with pytest.raises(Incomplete) as refused:
            complete(review, cast)
        assert {one.kind for one in refused.value.missing} == set(DOCUMENTS["C"])

    def test_the_obligations_are_met_by_the_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast, "C"), cast)
        asked = Obligation.objects.get(subject_id=review.pk, kind=COMPLETE)
        assert (asked.met_by_type, asked.met_by_id) == ("reviews.reviewcompletion", review.completion.pk)
        assert not Obligation.objects.open().filter(story_id=review.incident_id, kind__startswith="reviews.").exists()

    @pytest.mark.parametrize("summary", ["", "  ", "x" * 20_001])
    def test_it_says_what_was_found(self, cast: Cast, summary: str) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        with pytest.raises(Invalid) as refused:
            complete(review, cast, summary=summary)
        assert list(refused.value.problems) == ["summary"]

    def test_the_same_again_is_the_same_completion(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        first = complete(review, cast)
        entries = TrailEntry.objects.count()
        assert complete(review, cast) == first
        assert TrailEntry.objects.count() == entries

    def test_other_words_after_completion_are_refused(self, cast: Cast) -> None:
        review = completed(a_review(cast), cast)
        with pytest.raises(Stale, match="Rowan Thwaite completed this review"):
            complete(review, cast, summary="On second thoughts.")
        assert ReviewCompletion.objects.get().summary == "Duty cover ended before the second visit."

    @pytest.mark.parametrize(
        "who",
        [
            "worker",
            "colleague",
            "worker_elsewhere",
            "duty_manager",
            "duty_manager_elsewhere",
            "supervisor",
            "lead",
            "quality_lead",
            "director",
            "administrator",
            "commissioner",
            "inspector",
            "stranger",
        ],
    )
    def test_only_the_reviewer(self, cast: Cast, who: str) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        with pytest.raises(Refused):
            complete_review(by=cast.people()[who], at=LATER, review=review, summary=FOUND)
        assert not ReviewCompletion.objects.exists()

    def test_nobody_without_a_reviewer(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="Say who reviews first"):
            complete_review(by=cast.lead, at=LATER, review=unstaffed(cast), summary=FOUND)

    def test_one_taken_further_is_not_completed(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        a_tier_decision(review.incident, "B", by=cast.lead, at=LATER)
        open_review(by=cast.lead, at=LATER, incident=review.incident, method="structured-review")
        with pytest.raises(Stale, match="later review"):
            complete(review, cast)

    def test_the_story_says_so(self, cast: Cast) -> None:
        review = completed(a_review(cast, "B"), cast)
        assert TrailEntry.objects.latest("sequence").sentence == "completed the tier B review"
        assert check_chain(cast.provider.pk).whole
        sentences = list(TrailEntry.objects.story(review.incident_id).values_list("sentence", flat=True))
        assert "supplied the supervision check" in sentences

    def test_the_database_keeps_it_as_it_is(self, cast: Cast) -> None:
        completed(a_review(cast), cast)
        with pytest.raises(DatabaseError), transaction.atomic():
            ReviewCompletion.objects.update(summary="Nothing to see here")
        with pytest.raises(DatabaseError), transaction.atomic():
            ReviewCompletion.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.requirement("R12")
class TestNothingFound:
    def test_stands_in_place_of_findings_with_its_reason(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast, but="findings")
        done = complete(review, cast, nothing_found_because=NOTHING)
        assert done.nothing_found_because == NOTHING
        required = review.required_documents.get(kind="findings")
        met = Obligation.objects.get(subject_id=required.pk, kind=DOCUMENT)
        assert met.met_by_type == "reviews.reviewcompletion"

    def test_it_is_not_missing_afterwards(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast, but="findings")
        complete(review, cast, nothing_found_because=NOTHING)
        assert missing_of(Review.objects.get(pk=review.pk)) == ()

    @pytest.mark.parametrize("words", ["n/a", "none", "not applicable", "no no no no no"])
    def test_a_filler_is_no_reason(self, cast: Cast, words: str) -> None:
        review = a_review(cast)
        supply_all(review, cast, but="findings")
        with pytest.raises(Invalid) as refused:
            complete(review, cast, nothing_found_because=words)
        assert list(refused.value.problems) == ["nothing_found_because"]

    def test_with_findings_there_it_is_not_kept(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        assert complete(review, cast, nothing_found_because=NOTHING).nothing_found_because == ""

    def test_it_replaces_nothing_else(self, cast: Cast) -> None:
        review = a_review(cast)
        with pytest.raises(Incomplete) as refused:
            complete(review, cast, nothing_found_because=NOTHING)
        assert {one.kind for one in refused.value.missing} == {"immediate-actions", "quick-root-cause"}


def ready_to_sign(cast: Cast) -> Review:
    review = a_review(cast, "C")
    supply_all(review, cast, but="oversight-sign-off")
    return review


def as_reporter(cast: Cast, person: Person) -> Review:
    incident = an_incident(by=person, team=cast.north)
    review = a_review(cast, "C", incident=incident)
    supply_all(review, cast, but="oversight-sign-off")
    return review


def as_involved(cast: Cast, person: Person) -> Review:
    review = ready_to_sign(cast)
    record_involved(by=cast.lead, at=NOW, incident=review.incident, person=person, how="Took the call that night")
    return review


def as_reviewer(cast: Cast, person: Person) -> Review:
    review = a_review(cast, "C", reviewer=person)
    assert review.reviewers.get().person == person
    return review


@pytest.mark.django_db
@pytest.mark.requirement("R11")
class TestOversight:
    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("worker", False),
            ("colleague", False),
            ("duty_manager", False),
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
        review, person = ready_to_sign(cast), cast.people()[who]
        if may:
            assert sign(review, person).decided_by == person
            assert missing_of(review) == ()
        else:
            with pytest.raises(Refused):
                sign(review, person)
            assert not OversightSignOff.objects.exists()

    @pytest.mark.parametrize("tie", [as_reporter, as_involved, as_reviewer])
    def test_nobody_close_to_it(self, cast: Cast, tie: Callable[[Cast, Person], Review]) -> None:
        review = tie(cast, cast.director)
        with pytest.raises(Refused):
            sign(review, cast.director)
        assert not OversightSignOff.objects.exists()

    def test_nobody_kept_from_it(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        keep_from(by=cast.lead, at=NOW, incident=review.incident, person=cast.director, because=KeptFromReason.OTHER)
        with pytest.raises(Refused, match="no such incident"):
            sign(review, cast.director)

    def test_restricted_only_somebody_named(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        decide_restriction(by=cast.lead, at=NOW, incident=review.incident, restricted=True, reason="An allegation")
        with pytest.raises(Refused, match="no such incident"):
            sign(review, cast.director)
        assert sign(review, cast.lead)

    @pytest.mark.parametrize("kind", [kind for kind in DOCUMENTS["C"] if kind != "oversight-sign-off"])
    def test_is_the_last_word(self, cast: Cast, kind: str) -> None:
        review = a_review(cast, "C")
        supply_all(review, cast, but=kind)
        with pytest.raises(Incomplete) as refused:
            sign(review, cast.director)
        assert [one.kind for one in refused.value.missing] == [kind]

    def test_meets_its_obligation(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        done = sign(review, cast.director)
        met = Obligation.objects.get(kind=OVERSIGHT, story_id=review.incident_id)
        assert (met.met_by_id, met.met_at) == (done.pk, LATER)

    def test_what_is_added_afterwards_must_be_signed_again(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        sign(review, cast.director)
        after = LATER + timedelta(hours=1)
        supply_document(by=cast.reviewer, at=after, review=review, kind="evidence-pack", upload=a_file("more.txt"))
        with pytest.raises(Incomplete, match="Senior oversight sign-off"):
            complete_review(by=cast.reviewer, at=after, review=review, summary=FOUND)
        owed = Obligation.objects.open().get(kind=OVERSIGHT, story_id=review.incident_id)
        assert owed.title.startswith("Senior oversight sign-off, again")
        sign_off_oversight(by=cast.director, at=after, review=review, accepted=True, words=TESTED)
        assert not Obligation.objects.open().filter(kind=OVERSIGHT).exists()
        assert complete_review(by=cast.reviewer, at=after, review=review, summary=FOUND)

    def test_sent_back_the_reviewer_hears_and_it_is_not_signed(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        sent_back = sign(
            review, cast.director, accepted=False, words="The family's third question is not answered yet."
        )
        assert not held_by(review).sign_offs[0].accepted
        assert "oversight-sign-off" in {one.kind for one in missing_of(review)}
        assert OutboxMessage.objects.filter(to=cast.reviewer, subject__contains="sent back").count() == 1
        assert not sent_back.accepted
        assert Obligation.objects.open().filter(kind=OVERSIGHT).exists()

    def test_the_newest_word_stands(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        sign(review, cast.director)
        sign_off_oversight(
            by=cast.quality_lead,
            at=LATER + timedelta(hours=1),
            review=review,
            accepted=False,
            words="One statement was withdrawn this morning; read it again.",
        )
        assert "oversight-sign-off" in {one.kind for one in missing_of(review)}

    def test_it_can_be_sent_back_before_everything_is_there(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        assert sign(review, cast.director, accepted=False, words="The terms leave out the night service.")

    @pytest.mark.parametrize("accepted", [True, False])
    @pytest.mark.parametrize("words", ["", "ok", "as above", "fine fine fine fine"])
    def test_it_says_what_was_tested_or_is_lacking(self, cast: Cast, words: str, accepted: bool) -> None:
        with pytest.raises(Invalid) as refused:
            sign(ready_to_sign(cast), cast.director, accepted=accepted, words=words)
        assert list(refused.value.problems) == ["words"]

    def test_the_same_again_adds_nothing(self, cast: Cast) -> None:
        review = ready_to_sign(cast)
        assert sign(review, cast.director) == sign(review, cast.director)
        assert OversightSignOff.objects.count() == 1

    @pytest.mark.parametrize("tier", ["A", "B"])
    def test_lighter_reviews_have_none(self, cast: Cast, tier: str) -> None:
        with pytest.raises(Invalid, match="is not signed off"):
            sign(a_review(cast, tier), cast.director)

    def test_not_after_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast, "C"), cast)
        with pytest.raises(Stale):
            sign(review, cast.quality_lead)


@pytest.mark.requirement("R12")
class TestAtOnce:
    """Two people, or one person twice, in the same instant: on real connections that commit."""

    def together(self, *doings: Callable[[], object]) -> list[object]:
        ready, results = threading.Barrier(len(doings)), [object()] * len(doings)

        def run(number: int) -> None:
            ready.wait()
            try:
                results[number] = doings[number]()
            except Exception as error:
                results[number] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(doings))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    def test_two_completions_are_one(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = a_review(cast)
        supply_all(review, cast)
        results = self.together(
            *(lambda words=words: complete(review, cast, summary=words) for words in ("One found.", "Two found."))
        )
        assert sorted(type(result).__name__ for result in results) == ["ReviewCompletion", "Stale"]
        assert ReviewCompletion.objects.count() == 1
        assert TrailEntry.objects.filter(operation="reviews.complete_review").count() == 1
        assert check_chain(cast.provider.pk).whole

    def test_the_same_completion_sent_twice_is_one(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = a_review(cast)
        supply_all(review, cast)
        results = self.together(*(lambda: complete(review, cast) for _ in range(3)))
        assert {getattr(result, "pk", result) for result in results} == {ReviewCompletion.objects.get().pk}

    def test_two_openings_are_one(self, fresh_database: Database) -> None:
        cast = build_cast()
        incident = an_incident(by=cast.worker, team=cast.north)
        a_tier_decision(incident, "B", by=cast.lead)

        def opening(person: Person) -> Callable[[], Review]:
            return lambda: open_review(by=person, at=NOW, incident=incident, method="structured-review")

        results = self.together(opening(cast.lead), opening(cast.director))
        assert {getattr(result, "pk", result) for result in results} == {Review.objects.get().pk}
        assert Obligation.objects.filter(kind=COMPLETE).count() == 1

    def test_adding_while_it_is_completed_is_before_or_refused(self, fresh_database: Database) -> None:
        cast = build_cast()
        review = a_review(cast, "B")
        supply_all(review, cast)
        added, done = self.together(
            lambda: supply_document(
                by=cast.reviewer,
                at=LATER,
                review=review,
                kind="supervision-check",
                answers={"when": "Never.", "came-of-it": "Nothing.", "reach": "A list."},
            ),
            lambda: complete(review, cast),
        )
        assert isinstance(done, ReviewCompletion)
        assert review.documents.filter(kind="supervision-check").count() == (1 if isinstance(added, Stale) else 2)


@pytest.mark.django_db
@pytest.mark.requirement("R11")
def test_a_tier_c_review_whole(cast: Cast) -> None:
    """Every document in its turn, the sign-off last, then the end."""
    review = a_review(cast, "C")
    for kind in DOCUMENTS["C"]:
        with pytest.raises(Incomplete):
            complete(review, cast)
        supply(review, kind, cast)
    assert complete(review, cast).summary == FOUND
