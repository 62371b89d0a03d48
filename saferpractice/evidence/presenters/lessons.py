"""What pages show of the library of lessons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance.presenters.impact import MEANING
from saferpractice.assurance.rules import VerdictWord
from saferpractice.changes.beside import Beside
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.words import tag
from saferpractice.evidence.models import Lesson, ReceivedLesson
from saferpractice.evidence.permissions import check_can_publish_lesson
from saferpractice.evidence.queries.lessons import (
    accepted_key,
    adoption_of,
    bundle_of,
    grounds_of,
    later_verdict,
    lesson_seen,
    lessons_of,
    received_one,
)
from saferpractice.evidence.rules.bundle import Bundle, Counted, kept_bundle
from saferpractice.pathways.beside import Beside as BesideDraft
from saferpractice.pathways.models import PathwayDraft
from saferpractice.pathways.presenters import parts
from saferpractice.pathways.rules.reading import kept_definition


def verdict_tag(word: str, *, exploratory: bool = False) -> Markup:
    """A verdict as a tag."""
    return tag(f"{word} (exploratory)" if exploratory else word, MEANING[VerdictWord(word)])


def lesson_rows(lessons: Sequence[Lesson], *, own: bool) -> list[list[Any]]:
    """Lessons as rows: its title, whose, what was shown, by which pathway, since when."""
    return [
        [
            {"text": lesson.title, "href": reverse("evidence:lesson", args=[lesson.pk])},
            *([] if own else [lesson.provider.name]),
            _state(lesson),
            _pathway(bundle_of(lesson)),
            day_label(local_day(lesson.decided_at)),
        ]
        for lesson in lessons
    ]


def _state(lesson: Lesson) -> Markup:
    if hasattr(lesson, "withdrawal"):
        return tag("Withdrawn", "quiet")
    later = later_verdict(lesson)
    if later:
        return tag(f"Later: {later.lower()}", MEANING[VerdictWord(later)])
    said = bundle_of(lesson).verdict
    return verdict_tag(said.word, exploratory=said.exploratory)


def _pathway(bundle: Bundle) -> str | None:
    return f"{bundle.pathway.title}, version {bundle.pathway.version}" if bundle.pathway else None


def received_rows(received: Sequence[ReceivedLesson]) -> list[list[Any]]:
    """Lessons that came as files, as rows: its title, from whom, what was shown, by which pathway, whether known."""
    rows = []
    for one in received:
        bundle = kept_bundle(one.content)
        known = accepted_key(one.provider_id, one.fingerprint) is not None
        rows.append(
            [
                {"text": one.title, "href": reverse("evidence:received", args=[one.pk])},
                one.source,
                verdict_tag(bundle.verdict.word, exploratory=bundle.verdict.exploratory),
                _pathway(bundle),
                tag("Key known", "good") if known else tag("Whose key?", "warning"),
            ]
        )
    return rows


def lesson_shown(bundle: Bundle) -> dict[str, Any]:
    """A lesson as its page shows it. What stands only on the page of one kind is empty here."""
    verdict = bundle.verdict
    return {
        **dict.fromkeys(("received", "key", "lesson", "withdrawal", "later", "fingerprint")),
        **dict.fromkeys(("own", "change_open"), False),
        "bundle": bundle,
        "tag": verdict_tag(verdict.word, exploratory=verdict.exploratory),
        "summary_rows": [
            {"key": "What was measured", "value": verdict.measure},
            {"key": "Before", "value": _counted(verdict.before)},
            {"key": "Afterwards", "value": _counted(verdict.after)},
            {"key": "Looked at on", "value": day_label(verdict.looked_on)},
            {"key": "Strength of the change", "value": bundle.strength},
            {"key": "Published on", "value": day_label(bundle.published_on)},
        ],
        "pathway": bundle.pathway,
        "parts": parts(kept_definition(bundle.pathway.definition, name=bundle.pathway.title)) if bundle.pathway else [],
    }


def _counted(numbers: Counted) -> str:
    return f"{numbers.count:,} of {numbers.out_of}"


def beside_change(change: OperationalChange, by: Person, at: datetime) -> Beside | None:
    """The lessons published from a change, and whether one may be."""
    lessons = lessons_of(change)
    may = allowed(check_can_publish_lesson, by=by, at=at, change=change)[0] and not hasattr(change, "withdrawal")
    ready = may and grounds_of(change) is not None
    if not lessons and not ready:
        return None
    rows = [
        {"title": one.title, "href": reverse("evidence:lesson", args=[one.pk]), "state": _state(one)} for one in lessons
    ]
    return Beside(
        "evidence/lessons_of_change.html",
        {"rows": rows, "publish": reverse("evidence:publish_lesson", args=[change.pk]) if ready else ""},
    )


def beside_draft(draft: PathwayDraft, by: Person, at: datetime) -> BesideDraft | None:
    """Where a draft came from, when it was adopted; the link is there for those who may read the lesson."""
    adoption = adoption_of(draft)
    if adoption is None:
        return None
    href = ""
    if adoption.lesson_id and lesson_seen(by, at, adoption.lesson_id):
        href = reverse("evidence:lesson", args=[adoption.lesson_id])
    elif adoption.received_id and received_one(by, at, adoption.received_id):
        href = reverse("evidence:received", args=[adoption.received_id])
    return BesideDraft("evidence/adopted.html", {"adoption": adoption, "href": href})
