"""Reads of the library of lessons, scoped to the person asking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.rules import REPORTS
from saferpractice.assurance.models import ImpactCheck
from saferpractice.assurance.queries import newest_check, plans_of
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.queries import links_of, version_of
from saferpractice.changes.rules.strength import Strength
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import AcceptedKey, Lesson, LessonAdoption, LibraryChoice, ReceivedLesson
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.rules.bundle import Bundle, Counted, PathwayPart, VerdictPart, kept_bundle, texts_in
from saferpractice.evidence.rules.confirming import Found, found_in
from saferpractice.evidence.rules.identifiers import identifiers_in, removed
from saferpractice.evidence.rules.lessons import FIELDS, LessonWords
from saferpractice.pathways.models import PathwayDraft, PathwayVersion
from saferpractice.trail.rules import By

GIVES_A_VERDICT = frozenset({"Improved", "Got worse", "No worthwhile change", "Not shown"})


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a lesson about a change rests on: the newest impact check, and the pathway version that carries it out."""

    check: ImpactCheck
    version: PathwayVersion | None


def choice_of(provider_id: UUID) -> LibraryChoice | None:
    """What stands: whether the provider takes part in the library; None where nobody ever said."""
    return LibraryChoice.objects.filter(provider=provider_id).order_by("-number").first()


def takes_part(provider_id: UUID) -> bool:
    """Whether the provider takes part: nobody does until somebody said so."""
    choice = choice_of(provider_id)
    return choice is not None and choice.takes_part


def grounds_of(change: OperationalChange) -> Grounds | None:
    """What a lesson about ``change`` would rest on; None while no check gave a verdict."""
    plan = next((one for one in plans_of(change) if one.primary), None)
    check = newest_check(plan) if plan else None
    if check is None or check.verdict not in GIVES_A_VERDICT:
        return None
    versions = [version_of(link) for link in links_of(change)]
    live = [one for one in versions if one is not None and hasattr(one, "went_live")]
    return Grounds(check, live[-1] if live else None)


def texts_to_read(words: LessonWords, grounds: Grounds) -> Iterator[tuple[str, str]]:
    """Every text that others would read of a lesson and that people wrote, with where it stands."""
    for name in FIELDS:
        yield name, getattr(words, name)
    yield "verdict", grounds.check.plan.measure
    yield "verdict", grounds.check.reason
    if grounds.version is not None:
        yield from (("pathway", text) for text in texts_in(grounds.version.content))


def found_for(change: OperationalChange, words: LessonWords, grounds: Grounds) -> Found:
    """What in a lesson could tell who somebody is, with the names on the provider's records in hand."""
    return found_in(texts_to_read(words, grounds), known_of(change.provider_id))


def suggested(change: OperationalChange) -> LessonWords:
    """Where to begin: what the findings and the change say, with a mask for each thing that was found in it.

    For whoever may open the change. A person goes on from there: what it says is for people of this service.
    """
    known = known_of(change.provider_id)
    findings = change.findings.filter(incident__restricted=False).order_by("decided_at", "pk")
    parts = {
        "title": change.title,
        "problem": "\n\n".join(finding.statement for finding in findings),
        "change": change.monday,
    }
    return LessonWords(**{name: removed(text, identifiers_in(text, known)) for name, text in parts.items()})


def bundle_for(
    *, lesson_id: UUID, change: OperationalChange, words: LessonWords, grounds: Grounds, at: datetime
) -> Bundle:
    """The lesson as others will read it."""
    check, version = grounds.check, grounds.version
    pathway = None
    if version is not None:
        pathway = PathwayPart(
            code=version.pathway,
            title=version.title,
            version=version.number,
            live_on=local_day(version.live_from),
            definition=version.content,
        )
    return Bundle(
        lesson=lesson_id,
        provider=change.provider.name,
        published_on=local_day(at),
        title=words.title,
        problem=words.problem,
        change=words.change,
        advice=words.advice,
        strength=Strength(change.strength).label,
        verdict=VerdictPart(
            word=check.verdict,  # type: ignore[arg-type]
            sentence=check.reason,
            measure=check.plan.measure,
            looked_on=check.look.on,
            before=Counted(count=check.baseline.count, out_of=_plain(check.baseline.out_of)),
            after=Counted(count=check.result.count, out_of=_plain(check.result.out_of)),
            exploratory=check.exploratory,
        ),
        pathway=pathway,
    )


def _plain(number: object) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def bundle_of(lesson: Lesson) -> Bundle:
    """What others read of a lesson."""
    return kept_bundle(lesson.content)


def lessons_seen(person: Person, at: datetime) -> list[Lesson]:
    """The lessons ``person`` may read, newest first."""
    found = Lesson.objects.visible_to(person, at).select_related("withdrawal", "provider")
    return list(found.order_by("-decided_at", "-pk"))


def lesson_seen(person: Person, at: datetime, lesson_id: UUID) -> Lesson | None:
    """One lesson, when ``person`` may read it; else None."""
    found = Lesson.objects.visible_to(person, at).select_related("withdrawal", "provider", "file", "change")
    return found.filter(pk=lesson_id).first()


def lessons_of(change: OperationalChange) -> list[Lesson]:
    """The lessons published from a change, newest first. For whoever may open the change."""
    return list(Lesson.objects.filter(change=change).select_related("withdrawal").order_by("-decided_at", "-pk"))


def later_verdict(lesson: Lesson) -> str:
    """What a later check says otherwise than the lesson, in its word; "" when it still says the same."""
    grounds = grounds_of(lesson.change)
    if grounds is None or grounds.check.pk == lesson.check_id:
        return ""
    said = bundle_of(lesson).verdict
    check = grounds.check
    return "" if (check.verdict, check.exploratory) == (said.word, said.exploratory) else check.verdict


def to_sign(limit: int) -> list[Lesson]:
    """The lessons whose file is not signed yet, oldest first."""
    return list(Lesson.objects.filter(file__isnull=True, withdrawal__isnull=True).order_by("decided_at", "pk")[:limit])


def received_seen(person: Person, at: datetime) -> list[ReceivedLesson]:
    """The lessons that came to the provider of ``person`` as files, newest first; for whoever works here."""
    if not person.roles_anywhere(at) & REPORTS:
        return []
    return list(ReceivedLesson.objects.filter(provider=person.provider_id).order_by("-decided_at", "-pk"))


def received_one(person: Person, at: datetime, received_id: UUID) -> ReceivedLesson | None:
    """One lesson that came as a file, when ``person`` may read it; else None."""
    return next((one for one in received_seen(person, at) if one.pk == received_id), None)


def accepted_key(provider_id: UUID, fingerprint: str) -> AcceptedKey | None:
    """What somebody here made sure of about a key; None where nobody did."""
    return AcceptedKey.objects.filter(provider=provider_id, fingerprint=fingerprint).first()


def adoption_of(draft: PathwayDraft) -> LessonAdoption | None:
    """The lesson a draft was begun from, if it was."""
    return LessonAdoption.objects.filter(draft=draft).select_related("lesson", "received").first()


def untouched_adoption(
    *, by: By, provider_id: UUID, lesson: Lesson | None, received: ReceivedLesson | None
) -> LessonAdoption | None:
    """What ``by`` adopted from the same lesson and nobody touched yet: pressing twice makes one draft."""
    found = LessonAdoption.objects.filter(provider=provider_id, lesson=lesson, received=received)
    mine = found.filter(decided_by=by if isinstance(by, Person) else None, draft__revision=1)
    return mine.filter(draft__dropped=None, draft__proposals=None).select_related("draft").first()


def adoptions_of(
    person: Person, *, lesson: Lesson | None = None, received: ReceivedLesson | None = None
) -> list[LessonAdoption]:
    """The drafts that the provider of ``person`` began from a lesson, oldest first. For whoever may see drafts."""
    found = LessonAdoption.objects.filter(provider=person.provider_id, lesson=lesson, received=received)
    return list(found.select_related("draft").order_by("decided_at", "pk"))
