"""What is shown of how long records are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.deadlines.rules import local_day, local_time_label
from saferpractice.design.words import lines, localday, plural, tag
from saferpractice.home.models import RetentionHold
from saferpractice.home.queries.holding import about
from saferpractice.home.queries.retention import TimeOver
from saferpractice.home.rules.retention import HoldKind
from saferpractice.lists.presenters import source_words
from saferpractice.lists.queries import Version
from saferpractice.pathways.models import PathwayCase

OVER_HEADER = ("Record", "Team", "Kept as", "Kept for (years)", "Kept until (London day)", "State", "Why it is kept")
A_HOLD = "A hold stands"
"""What is said of a hold that whoever asks may not read."""


def schedule_shown(found: Iterable[Version], may_see_lists: bool) -> list[dict[str, Any]]:  # noqa: FBT001
    """Each kind of record: for how long, from when, on what basis, what happens then, and who says so."""
    shown = []
    for one in found:
        years, least = one.detail["years"], one.detail["at_least"]
        longer = Markup(" {}").format(tag(f"Your own: the minimum is {least}", "new")) if years > least else ""
        shown.append({
            "label": one.label,
            "hint": one.hint,
            "href": reverse("lists:entry", args=["retention", one.code]) if may_see_lists else "",
            "rows": [
                {"key": "Kept for", "value": Markup("{}{}").format(plural(years, "year"), longer)},
                {"key": "Counted from", "value": one.detail["counted_from"]},
                {"key": "What happens then", "value": one.detail["afterwards"]},
                {"key": "Legal basis", "value": Markup("<br>").join(one.detail["basis"])},
                {"key": "Source", "value": source_words(one)},
            ],
        })  # fmt: skip
    return shown


def why_kept(over: TimeOver) -> list[str]:
    """What keeps a record whose time is over, each as a sentence."""
    told = [work.label for work in over.retained.open_work]
    told += [f"Hold: {HoldKind(hold.kind).label.lower()}" for hold in over.holds]
    return [*told, *([A_HOLD] if over.held_unseen else [])]


def over_rows(found: Iterable[TimeOver], labels: Mapping[str, str]) -> list[list[Any]]:
    """Rows of the list."""
    rows: list[list[Any]] = []
    for over in found:
        one, retained = over.record, over.retained
        why = why_kept(over)
        rows.append([
            _linked(over),
            f"{one.team.name}, {one.team.service.name}",
            labels.get(retained.code, retained.code),
            localday(retained.kept_until, short=True) if retained.kept_until else None,
            tag("Due", "warning") if retained.due else tag("Kept", "working"),
            Markup("<br>").join(why) if why else _next(over),
        ])  # fmt: skip
    return rows


def _linked(over: TimeOver) -> Any:
    one = over.record
    if isinstance(one, PathwayCase):
        return {"text": str(one), "href": reverse("pathways:case", args=[one.pk])}
    page = {"text": one.reference, "href": reverse("home:incident", args=[one.pk])}
    return f"{one.reference} (withdrawn)" if over.withdrawn else page


def _next(over: TimeOver) -> Any:
    """What comes next for one that is due: somebody proposes its disposal, or somebody else decides about that."""
    one = over.record
    if isinstance(one, PathwayCase):
        return "Read it, and hold it if it is still needed"
    if over.proposal_id is not None:
        return {"text": "Its disposal is proposed", "href": reverse("home:disposal", args=[over.proposal_id])}
    return {"text": f"Propose the disposal of {one.reference}", "href": reverse("home:propose_disposal", args=[one.pk])}


def over_lines(found: Iterable[TimeOver], labels: Mapping[str, str]) -> Iterator[list[Any]]:
    """Lines of the file."""
    for over in found:
        one, retained = over.record, over.retained
        yield [
            str(one) if isinstance(one, PathwayCase) else one.reference,
            f"{one.team.name}, {one.team.service.name}",
            labels.get(retained.code, retained.code),
            retained.years,
            retained.kept_until.isoformat() if retained.kept_until else None,
            "Due" if retained.due else "Kept",
            "; ".join(why_kept(over)),
        ]


def hold_rows(found: Iterable[RetentionHold]) -> list[list[Any]]:
    """Rows of the list of holds."""
    return [
        [
            {"text": _capital(about(hold)), "href": reverse("home:hold", args=[hold.pk])},
            HoldKind(hold.kind).label,
            local_time_label(hold.decided_at),
            hold.decided_by_name,
            tag("Ended", "quiet") if hasattr(hold, "end") else tag("Stands", "working"),
        ]
        for hold in found
    ]


def hold_summary(hold: RetentionHold) -> list[dict[str, Any]]:
    """One hold whole."""
    rows: list[dict[str, Any]] = [
        {"key": "What is kept", "value": _capital(about(hold))},
        {"key": "Why", "value": HoldKind(hold.kind).label},
        {"key": "Reason", "value": lines(hold.reason)},
        {"key": "Placed by", "value": f"{hold.decided_by_name} ({hold.decided_by_role})"},
        {"key": "Placed on", "value": local_time_label(hold.decided_at)},
    ]
    if hasattr(hold, "end"):
        end = hold.end
        rows += [
            {"key": "Ended by", "value": f"{end.decided_by_name} ({end.decided_by_role})"},
            {"key": "Ended on", "value": local_time_label(end.decided_at)},
            {"key": "Why it ended", "value": lines(end.reason)},
        ]
    return rows


def file_name(at: Any) -> str:
    """The name of the file."""
    return f"retention-{local_day(at).isoformat()}.csv"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
