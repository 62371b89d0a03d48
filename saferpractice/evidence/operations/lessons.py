"""Take part in the library of lessons; publish, sign and withdraw a lesson (R33)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person, Provider
from saferpractice.changes.models import ChangeWithdrawal, OperationalChange
from saferpractice.config.models import new_id
from saferpractice.evidence.models import Lesson, LessonFile, LessonWithdrawal, LibraryChoice
from saferpractice.evidence.permissions import check_can_publish_lesson, check_can_share
from saferpractice.evidence.queries.lessons import bundle_for, choice_of, found_for, grounds_of, takes_part
from saferpractice.evidence.rules.bundle import cannot_be_shown, plain_bundle, signed_bundle, texts_in
from saferpractice.evidence.rules.confirming import key_of, problems
from saferpractice.evidence.rules.lessons import FIELDS, LessonWords, problems_of_words
from saferpractice.lists.rules import reason_problem
from saferpractice.trail.keys import signer
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import By, Process

NO_VERDICT = "No impact check of this change has given a verdict yet. A lesson says what was shown, whichever way."
UNSEEN_BESIDE = (
    "The impact check or the pathway that goes with this holds characters that cannot be seen or that turn text round, "
    "and no other installation would take it. Put that right first."
)
SIGNS_LESSONS = Process("Safer Practice worker")


@operation
def choose_sharing(
    *, by: By, at: datetime, provider: Provider, takes_part: bool, reason: str
) -> Entry[LibraryChoice] | Already[LibraryChoice]:
    """Take part in the library of lessons, or no longer. Others then read the provider's lessons, and it theirs.

    Raises:
        Refused: ``by`` neither leads quality nor directs here.
        Invalid: the reason says nothing.
    """
    check_can_share(by=by, at=at, provider_id=provider.pk)
    problem = reason_problem(reason)
    if problem:
        raise Invalid({"reason": problem})
    Provider.objects.select_for_update().get(pk=provider.pk)
    standing = choice_of(provider.pk)
    if standing is not None and standing.takes_part == takes_part:
        return Already(standing)
    choice = LibraryChoice.objects.create(
        provider=provider,
        number=standing.number + 1 if standing else 1,
        takes_part=takes_part,
        reason=reason.strip(),
        **decided(by, at),
    )
    sentence = "took part in the library of lessons" if takes_part else "left the library of lessons"
    return Entry(result=choice, subject=choice, sentence=sentence)


@operation
def publish_lesson(
    *,
    by: By,
    at: datetime,
    change: OperationalChange,
    words: LessonWords,
    stays: Collection[str],
    read: bool,
    submission_key: str,
) -> Entry[Lesson] | Already[Lesson]:
    """Publish what was learned from a change, with the verdict of its newest impact check, without identifiers.

    Args:
        stays: what looks like an identifier in it and, as ``by`` says, names nobody.
        read: whether ``by`` says that they read every word for what could tell who somebody is.

    Raises:
        Refused: ``by`` may not publish this change, or is no person: a person reads it before others do.
        Invalid: something is missing, or could tell who somebody is.
        SentBefore: the form was sent before, with other words.
        Stale: the change was withdrawn, no verdict was given, or the provider does not take part.
    """
    check_can_publish_lesson(by=by, at=at, change=change)
    if not isinstance(by, Person):
        raise Refused("A person reads a lesson before others do.")
    words = words.stripped()
    earlier = Lesson.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        answers = [(name.capitalize(), str(earlier.content[name]), getattr(words, name)) for name in FIELDS]
        check_same_answers(earlier, by=by, sentence="This lesson was published before.", answers=answers)
        return Already(earlier)
    OperationalChange.objects.select_for_update().get(pk=change.pk)
    if ChangeWithdrawal.objects.filter(change=change).exists():
        raise Stale("This change was withdrawn. What does not stand is no lesson to others.")
    if not takes_part(change.provider_id):
        raise Stale("This provider does not take part in the library of lessons. Somebody has to decide that first.")
    grounds = grounds_of(change)
    if grounds is None:
        raise Stale(NO_VERDICT)
    wrong = problems_of_words(words)
    if wrong:
        raise Invalid(wrong)
    found = found_for(change, words, grounds)
    wrong = problems(found, stays, FIELDS)
    if not read:
        wrong["read"] = "Read every word of it, and tick that you did."
    if wrong:
        raise Invalid(wrong)
    lesson_id = new_id()
    bundle = bundle_for(lesson_id=lesson_id, change=change, words=words, grounds=grounds, at=at)
    if any(map(cannot_be_shown, texts_in(plain_bundle(bundle)))):
        raise Invalid(UNSEEN_BESIDE)
    asked = {key_of(one.text) for each in found.values() for one in each}
    lesson = Lesson.objects.create(
        pk=lesson_id,
        provider=change.provider,
        change=change,
        version=grounds.version,
        check_id=grounds.check.pk,
        title=words.title,
        content=plain_bundle(bundle),
        stays=sorted(text for text in stays if key_of(text) in asked),
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(
        result=lesson,
        subject=lesson,
        sentence=f"read the lesson “{lesson.title}” for identifiers and published it",
        facts={"verdict": bundle.verdict.word, "change": str(change.pk), "stays": len(lesson.stays)},
    )


@operation
def sign_lesson(*, by: By, at: datetime, lesson: Lesson) -> Entry[LessonFile] | Already[LessonFile]:
    """Sign the file of a lesson with the installation's key.

    Raises:
        Refused: a person asks for it; the worker holds the key.
    """
    if not isinstance(by, Process):
        raise Refused("The worker signs lessons.")
    Lesson.objects.select_for_update().get(pk=lesson.pk)
    earlier = LessonFile.objects.filter(lesson=lesson).first()
    if earlier is not None:
        return Already(earlier)
    made = LessonFile.objects.create(lesson=lesson, note=signed_bundle(lesson.content, signer()), **decided(by, at))
    return Entry(result=made, subject=lesson, sentence=f"signed the file of the lesson “{lesson.title}”")


@operation
def withdraw_lesson(
    *, by: By, at: datetime, lesson: Lesson, reason: str
) -> Entry[LessonWithdrawal] | Already[LessonWithdrawal]:
    """Withdraw a lesson: no other provider reads it any more. What was adopted or downloaded stays where it is.

    Raises:
        Refused: ``by`` neither leads quality nor directs at the provider that published it.
        Invalid: the reason says nothing.
    """
    check_can_share(by=by, at=at, provider_id=lesson.provider_id)
    Lesson.objects.select_for_update().get(pk=lesson.pk)
    earlier = LessonWithdrawal.objects.filter(lesson=lesson).first()
    if earlier is not None:
        return Already(earlier)
    problem = reason_problem(reason)
    if problem:
        raise Invalid({"reason": problem})
    withdrawn = LessonWithdrawal.objects.create(lesson=lesson, reason=reason.strip(), **decided(by, at))
    return Entry(result=withdrawn, subject=lesson, sentence=f"withdrew the lesson “{lesson.title}”")
