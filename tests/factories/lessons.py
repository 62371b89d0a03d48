"""Lessons of the library for tests, made through the operations."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.operations import assign_role, create_person
from saferpractice.access.rules import Place, Role
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import carry_out, go_live
from saferpractice.evidence.models import Lesson, LibraryChoice, ReceivedLesson
from saferpractice.evidence.operations import choose_sharing, publish_lesson, receive_lesson, sign_lesson
from saferpractice.evidence.rules.bundle import signed_bundle
from saferpractice.evidence.rules.lessons import LessonWords
from saferpractice.pathways.operations import approve, propose
from saferpractice.trail.rules import Process, Signer
from tests.factories.assurance import FIRST_LOOK, LAST_LOOK, a_plan, counted
from tests.factories.bundles import a_lesson as a_bundle
from tests.factories.changes import a_change
from tests.factories.pathways import a_draft
from tests.personas import LONG_AGO, NOW, PASSWORD, SET_UP, Cast

WORKER = Process("Safer Practice worker")
CHECKED_AT = datetime(2026, 10, 2, 10, 0, tzinfo=UTC)
"""After the last look of the usual plan."""
WORDS = LessonWords(
    title="Ask five questions at every visit",
    problem="Nobody had a moment at which to look for signs of self-neglect.",
    change="The visit note asks five questions. At two signs the duty manager is rung the same day.",
    advice="Begin with one team.",
)
ELSEWHERE = Signer("another installation altogether, far away")
"""What signs the files of another installation."""


def a_checked_change(
    cast: Cast, *, by_pathway: bool = True, count: int = 45, until: date = FIRST_LOOK, **more: Any
) -> OperationalChange:
    """A change that an approved pathway version carries out, with an impact check: 12 of 50 before, ``count`` after."""
    change = a_change(cast, **more)
    if by_pathway:
        draft = a_draft(cast)
        carry_out(by=cast.lead, at=NOW, change=change, draft=draft)
        proposal = propose(by=cast.lead, at=NOW, draft=draft, revision=draft.revision, why="Two hours matter.")
        approve(by=cast.quality_lead, at=NOW, proposal=proposal, reason="It is right.", live_from=None)
    else:
        go_live(by=change.owner, at=NOW, change=change, live_at=NOW)
    plan = a_plan(by=cast.quality_lead, change=change)
    counted(by=cast.quality_lead, plan=plan, count=12, out_of=50)
    counted(by=cast.quality_lead, plan=plan, count=count, out_of=50, look=until)
    return OperationalChange.objects.get(pk=change.pk)


def check_again(cast: Cast, change: OperationalChange, *, count: int) -> None:
    """The last look of the plan of ``change``."""
    counted(by=cast.quality_lead, plan=change.impact_plans.get(), count=count, out_of=50, look=LAST_LOOK)


def taking_part(provider: Provider, *, by: Any = SET_UP, part: bool = True, at: datetime = NOW) -> LibraryChoice:
    """The provider takes part in the library, or leaves it."""
    reason = "Others should not have to learn it the hard way."
    return choose_sharing(by=by, at=at, provider=provider, takes_part=part, reason=reason)


def a_lesson(
    cast: Cast,
    *,
    change: OperationalChange | None = None,
    by: Person | None = None,
    words: LessonWords = WORDS,
    stays: tuple[str, ...] = (),
    read: bool = True,
    key: str = "",
    at: datetime = CHECKED_AT,
    **more: Any,
) -> Lesson:
    """A lesson published by the quality lead, of a provider that takes part."""
    taking_part(cast.provider, at=at)
    return publish_lesson(
        by=by or cast.quality_lead,
        at=at,
        change=change or a_checked_change(cast, **more),
        words=words,
        stays=stays,
        read=read,
        submission_key=key or f"lesson-{uuid4()}",
    )


def a_lesson_on_record(provider: Provider, change: OperationalChange) -> Lesson:
    """A lesson with its file as they would stand there, without the year it takes to check a change."""
    content = a_bundle(provider=provider.name)
    lesson = Lesson.objects.create(
        provider=provider,
        change=change,
        check_id=uuid4(),
        title=content["title"],
        content=content,
        submission_key=f"lesson-{uuid4()}",
        **decided(SET_UP, NOW),
    )
    sign_lesson(by=WORKER, at=NOW, lesson=lesson)
    return lesson


def signed_file(lesson: Lesson) -> str:
    """The file of a lesson, signed by the worker."""
    return sign_lesson(by=WORKER, at=CHECKED_AT, lesson=lesson).note


def a_file_from_elsewhere(lesson: Lesson, signer: Signer = ELSEWHERE, **changed: Any) -> bytes:
    """The lesson as another installation would have sent it, with parts of it ``changed``."""
    return signed_bundle(lesson.content | changed, signer).encode()


def a_received_lesson(cast: Cast, lesson: Lesson, *, by: Any = None, **changed: Any) -> ReceivedLesson:
    """A lesson that came to the provider as a file of another installation."""
    raw = a_file_from_elsewhere(lesson, **({"provider": "Far Away Care"} | changed))
    return receive_lesson(by=by or cast.quality_lead, at=CHECKED_AT, provider=cast.provider, raw=raw)


def a_neighbour(cast: Cast, role: Role = Role.QUALITY_LEAD, name: str = "Nettle Fairway") -> Person:
    """Somebody at the other provider of the cast."""
    other = cast.stranger.provider
    email = f"{name.split(maxsplit=1)[0].lower()}@neighbour.example"
    made = create_person(by=SET_UP, at=LONG_AGO, provider=other, name=name, email=email, password=PASSWORD)
    assign_role(by=SET_UP, at=LONG_AGO, person=made, role=role, place=Place(other.pk))
    return made


def later(days: int) -> datetime:
    """So many days after the lesson was published."""
    return CHECKED_AT + timedelta(days=days)
