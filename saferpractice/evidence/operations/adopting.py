"""Take a lesson in from a file, accept the key of whoever signed it, adopt a pathway version as a draft (R33)."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.design.typed import as_written
from saferpractice.evidence.models import AcceptedKey, Lesson, LessonAdoption, ReceivedLesson
from saferpractice.evidence.permissions import check_can_adopt, check_can_share
from saferpractice.evidence.queries.lessons import accepted_key, bundle_of, later_verdict, untouched_adoption
from saferpractice.evidence.rules.bundle import (
    BadFile,
    Bundle,
    fingerprint,
    hash_of,
    plain_bundle,
    read_bundle,
    same_fingerprint,
)
from saferpractice.evidence.rules.lessons import why_not_adopt
from saferpractice.lists.rules import ListMistakes, reason_problem
from saferpractice.pathways.operations import begin_draft_from_elsewhere
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import By, PublicKey

WITHDRAWN = "This lesson was withdrawn."
UNKNOWN_KEY = "Make sure first whose key this file is signed with."


@operation
def receive_lesson(
    *, by: By, at: datetime, provider: Provider, raw: bytes
) -> Entry[ReceivedLesson] | Already[ReceivedLesson]:
    """Keep a lesson that came as a file, when its signature fits and all of it can be used here.

    That the signature fits says that nobody changed it, not who signed it: see ``accept_key``.

    Raises:
        Refused: ``by`` neither leads quality nor directs here.
        Invalid: the file cannot be used, with what is wrong in it.
    """
    check_can_share(by=by, at=at, provider_id=provider.pk)
    try:
        found = read_bundle(raw)
    except BadFile as bad:
        raise Invalid({"file": " ".join([bad.sentence, *bad.details])}) from None
    Provider.objects.select_for_update().get(pk=provider.pk)
    earlier = ReceivedLesson.objects.filter(provider=provider, sha256=found.sha256).first()
    if earlier is not None:
        return Already(earlier)
    received = ReceivedLesson.objects.create(
        provider=provider,
        title=found.bundle.title,
        source=found.bundle.provider,
        fingerprint=fingerprint(found.key),
        public_key=str(found.key),
        note=found.note,
        content=plain_bundle(found.bundle),
        sha256=found.sha256,
        **decided(by, at),
    )
    return Entry(
        result=received,
        subject=received,
        sentence=f"took in the lesson “{received.title}” from a file of {received.source}",
        facts={"sha256": received.sha256, "key": received.fingerprint},
    )


@operation
def accept_key(
    *, by: By, at: datetime, received: ReceivedLesson, told: str, owner: str, how: str
) -> Entry[AcceptedKey] | Already[AcceptedKey]:
    """Say whose key a file is signed with, having compared its fingerprint with them (``told`` is what they said).

    Raises:
        Refused: ``by`` neither leads quality nor directs here.
        Invalid: the fingerprint is another one, or it is not said whose it is or how that was found out.
    """
    check_can_share(by=by, at=at, provider_id=received.provider_id)
    Provider.objects.select_for_update().get(pk=received.provider_id)
    earlier = accepted_key(received.provider_id, received.fingerprint)
    if earlier is not None:
        return Already(earlier)
    key = PublicKey.read(received.public_key)
    wrong: dict[str, str] = {}
    if not same_fingerprint(told, key):
        wrong["told"] = "This is not the fingerprint of the key in this file. Do not use the file, and ask them again."
    if not as_written(owner):
        wrong["owner"] = "Enter whose key it is."
    problem = reason_problem(how, what="how you made sure")
    if problem:
        wrong["how"] = problem
    if wrong:
        raise Invalid(wrong)
    accepted = AcceptedKey.objects.create(
        provider=received.provider,
        fingerprint=received.fingerprint,
        public_key=str(key),
        owner=owner.strip()[:200],
        how=how.strip(),
        **decided(by, at),
    )
    return Entry(
        result=accepted,
        subject=accepted,
        sentence=f"made sure that a key is that of {accepted.owner}",
        facts={"key": accepted.fingerprint},
    )


@operation
def adopt_lesson(
    *, by: By, at: datetime, provider: Provider, lesson: Lesson, why: str
) -> Entry[LessonAdoption] | Already[LessonAdoption]:
    """Begin a draft from the pathway version of a lesson in the library. Somebody else approves it, as always.

    Raises:
        Refused: ``by`` may not change pathways here, or may not read the lesson.
        Invalid: the reason says nothing.
        Stale: it carries no pathway, is not shown to have worked (any more), or is the provider's own.
    """
    check_can_adopt(by=by, at=at, provider_id=provider.pk)
    if isinstance(by, Person) and not Lesson.objects.visible_to(by, at).filter(pk=lesson.pk).exists():
        raise Refused("There is no such lesson among those you may read.")
    if lesson.provider_id == provider.pk:
        raise Stale("This is your own lesson: the pathway is in use here.")
    if hasattr(lesson, "withdrawal"):
        raise Stale(WITHDRAWN)
    if later_verdict(lesson):
        raise Stale("A later check no longer shows that this worked. Ask the provider before you go on.")
    return _adopted(by=by, at=at, provider=provider, bundle=bundle_of(lesson), why=why, lesson=lesson)


@operation
def adopt_received(
    *, by: By, at: datetime, received: ReceivedLesson, why: str
) -> Entry[LessonAdoption] | Already[LessonAdoption]:
    """Begin a draft from the pathway version of a lesson that came as a file, signed with a key that was accepted.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: the reason says nothing, or the definition cannot be used here any more.
        Stale: nobody made sure whose key it is, it carries no pathway, or is not shown to have worked.
    """
    check_can_adopt(by=by, at=at, provider_id=received.provider_id)
    try:
        read = read_bundle(received.note.encode())
    except BadFile as bad:
        raise Invalid(" ".join([bad.sentence, *bad.details])) from None
    if accepted_key(received.provider_id, fingerprint(read.key)) is None:
        raise Stale(UNKNOWN_KEY)
    return _adopted(by=by, at=at, provider=received.provider, bundle=read.bundle, why=why, received=received)


def _adopted(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    bundle: Bundle,
    why: str,
    lesson: Lesson | None = None,
    received: ReceivedLesson | None = None,
) -> Entry[LessonAdoption] | Already[LessonAdoption]:
    problem = why_not_adopt(bundle)
    if problem or bundle.pathway is None:
        raise Stale(problem)
    problem = reason_problem(why) or ""
    if problem:
        raise Invalid({"why": problem})
    Provider.objects.select_for_update().get(pk=provider.pk)
    untouched = untouched_adoption(by=by, provider_id=provider.pk, lesson=lesson, received=received)
    if untouched is not None:
        return Already(untouched)
    try:
        definition = definition_from_data(bundle.pathway.definition, name=bundle.pathway.title)
    except ListMistakes as wrong:
        raise Invalid(f"The pathway cannot be used here. {wrong.mistakes[0]}") from None
    source = f"{bundle.provider}, version {bundle.pathway.version}"
    draft = begin_draft_from_elsewhere(by=by, at=at, provider=provider, definition=definition, source=source)
    adoption = LessonAdoption.objects.create(
        provider=provider,
        lesson=lesson,
        received=received,
        draft=draft,
        title=bundle.title,
        source=source,
        verdict=bundle.verdict.sentence,
        sha256=hash_of(bundle),
        why=why.strip(),
        **decided(by, at),
    )
    return Entry(
        result=adoption,
        subject=draft,
        sentence=f"adopted the lesson “{bundle.title}” from {source}",
        facts={"sha256": adoption.sha256},
    )
