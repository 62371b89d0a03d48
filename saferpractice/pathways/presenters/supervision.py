"""What the pages of supervision show: what was drawn, what became of it, and how to repeat the draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.presenters import MEANING
from saferpractice.deadlines.rules import local_time_label, standing
from saferpractice.design.words import tag
from saferpractice.pathways.models import PathwayCase, SupervisionList, SupervisionPick
from saferpractice.pathways.queries import obligation_of, order_of, waiting_picks

CANNOT_BE_SHOWN = "A case that you may not open"


def list_rows(lists: Iterable[SupervisionList]) -> list[list[Any]]:
    """A row for each list: the month, the team, how many were open and what became of those drawn."""
    return [
        [
            {"text": f"{frozen.month:%B %Y}", "href": reverse("pathways:supervision_list", args=[frozen.pk])},
            frozen.team.name,
            frozen.version.title,
            len(frozen.case_ids) or "No open case",
            _in_short(frozen),
        ]
        for frozen in lists
    ]


def _in_short(frozen: SupervisionList) -> Any:
    if not frozen.case_ids:
        return "Nothing to draw"
    if not hasattr(frozen, "draw"):
        return tag("Not drawn yet", "waiting")
    states = [_state(obligation_of(pick)) for pick in frozen.draw.picks.all()]
    return Markup(" ").join(states) if states else "None of them could be looked at any more"


def _state(owed: Obligation | None) -> Markup:
    if owed is None:
        return tag("Not asked for", "quiet")
    if owed.cancelled_at is not None:
        return tag("Replaced", "quiet")
    if owed.met_at is not None:
        return tag("Looked at", "good")
    return tag("To be looked at", MEANING[standing(owed.due_at, None, None, owed.opened_at).state])


def list_shown(frozen: SupervisionList, seen: dict[str, PathwayCase]) -> dict[str, Any]:
    """One list whole: what was frozen, the draw, and every case in the order of the draw."""
    order = order_of(frozen)
    picks = {pick.rank: pick for pick in frozen.draw.picks.all()} if hasattr(frozen, "draw") else {}
    last = max(picks, default=0)
    rows = [
        [
            one.rank,
            _case(seen.get(one.record_id)),
            {"text": one.digest[:16] + "…"},
            _outcome(picks.get(one.rank), passed=one.rank < last),
        ]
        for one in order
    ]
    return {"rows": rows, "ids": "\n".join(frozen.case_ids), "count": len(frozen.case_ids)}


def _case(case: PathwayCase | None) -> Any:
    if case is None:
        return CANNOT_BE_SHOWN
    return {"text": case.person_supported.reference, "href": reverse("pathways:case", args=[case.pk])}


def _outcome(pick: SupervisionPick | None, *, passed: bool) -> Any:
    if pick is None:
        return "Passed over: it could not be looked at any more" if passed else "Not drawn"
    owed = obligation_of(pick)
    words = [_state(owed)]
    if owed is not None and owed.cancelled_at is not None:
        words.append(Markup("{}").format(owed.cancelled_because))
    elif owed is not None and owed.met_at is not None:
        words.append(Markup("{}").format(local_time_label(owed.met_at)))
    if pick.instead_of is not None:
        words.append(Markup("In the place of rank {}").format(pick.instead_of.rank))
    return Markup(" ").join(words)


def drawn_for_case(case: PathwayCase) -> list[dict[str, str]]:
    """What is asked of a case in supervision, for its own page."""
    return [
        {
            "title": "Look at this case in supervision",
            "sentence": f"It was drawn for {pick.draw.frozen.month:%B %Y}. "
            f"{standing(owed.due_at, None, None, owed.opened_at).sentence}.",
            "href": reverse("pathways:supervise", args=[pick.pk]),
        }
        for pick, owed in waiting_picks(case)
    ]
