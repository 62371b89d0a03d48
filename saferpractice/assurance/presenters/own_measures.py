"""What the page of an impact check shows where its numbers are read from the records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.assurance.forms.measures import LENGTHS
from saferpractice.assurance.models import CountedFromRecords, ImpactPlan, ImpactResult, OwnMeasure
from saferpractice.assurance.operations import to_read
from saferpractice.assurance.presenters.measures import rows_address
from saferpractice.assurance.queries import as_rule, baseline_of, newest_by_look
from saferpractice.assurance.queries.measures.places import Placed, places_read
from saferpractice.assurance.queries.own_measures import defined_of, own_of, place_name, seen_among
from saferpractice.assurance.rules import Direction, Kind, alpha_at, wording
from saferpractice.assurance.rules.beside_verdict import Beside, Counted, Value, against, trend, value_of
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import Length, between
from saferpractice.deadlines.rules import local_day, local_time_label


def own_shown(plan: ImpactPlan, by: Person, at: datetime) -> dict[str, Any] | None:
    """The measure a plan reads, its numbers with the rows behind each, and what was left out; None where it is typed.

    Rows are led to only for whoever reads the numbers of the place.
    """
    own = own_of(plan)
    if own is None:
        return None
    defined = defined_of(own, at)
    code = str(own.team_id or own.service_id or "all")
    placed = next((each for each in places_read(by, at) if each.everything and each.code == code), None)
    baseline = baseline_of(plan)
    read = [("Baseline", baseline)] if baseline else []
    read += [(f"Look on {wording.day(day)}", one) for day, one in sorted(newest_by_look(plan).items())]
    found = [(label, one, one.from_records) for label, one in read if one is not None]
    owing = not hasattr(plan, "replaced_by") and bool(to_read(plan, at))
    return {
        "summary": list(_summary(own, defined, placed)),
        "rows": [_row(label, one, behind, defined, placed) for label, one, behind in found],
        "has_left_out": bool(baseline and baseline.from_records.left_out),
        "left_out": _left_out(baseline.from_records, by, at) if baseline else [],
        "beside": _beside(own, baseline, found[-1][1]) if baseline and found[-1][1].look else {},
        "owing": owing,
        "ahead": "" if owing else _ahead(plan, at, started=baseline is not None),
    }


def _beside(own: OwnMeasure, baseline: ImpactResult, newest: ImpactResult) -> dict[str, Beside]:
    """What stands beside the verdict of the newest look: whether a trend was there, and a team without the change."""
    plan, before, after = own.plan, baseline.from_records, newest.from_records
    kind = Kind(plan.kind)
    points = [
        Value(date.fromisoformat(first), date.fromisoformat(last), value_of(kind, count, out_of))
        for first, last, count, out_of in [*before.points, *after.points]
    ]
    found = {"trend": trend(points, after.from_on, Length(own.length), kind)}
    if own.compared_with is not None and before.beside and after.beside:
        look = newest.look.on if newest.look else after.to_on
        counts = baseline.count - (baseline.index_events or 0), float(baseline.out_of)
        found["team"] = against(
            kind,
            Direction(plan.direction),
            Counted(place_name(own), *counts, newest.count, float(newest.out_of)),
            Counted(own.compared_with.name, *before.beside, *after.beside),
            alpha=alpha_at(as_rule(plan), look),
        )
    return found


def _summary(own: OwnMeasure, defined: Defined | None, placed: Placed | None) -> Iterator[dict[str, Any]]:
    yield {"key": "Numbers", "value": "Read from the records by this system, never typed"}
    place: dict[str, Any] = {"key": "Whose numbers", "value": place_name(own)}
    if defined is not None and placed is not None:
        asked = urlencode({"place": placed.code, "length": own.length})
        place |= {
            "href": f"{reverse('assurance:measure', args=[defined.key])}?{asked}",
            "change": "See the measure",
            "what": "of this place",
        }
    yield place
    yield {"key": "Charts by", "value": LENGTHS[Length(own.length)]}
    if own.compared_with is not None:
        yield {"key": "Compared with", "value": f"{own.compared_with.name}, where the change is not"}


def _row(
    label: str, one: ImpactResult, behind: CountedFromRecords, defined: Defined | None, placed: Placed | None
) -> list[Any]:
    days = between(behind.from_on, behind.to_on)
    what: Any = days.label
    if defined is not None and placed is not None:
        what = {"text": days.label, "href": rows_address(defined, days, placed.code)}
    out_of = f"{one.out_of.normalize():,f}"
    return [label, what, one.count, f"{out_of} {one.plan.exposure}", local_time_label(behind.known_at)]


def _left_out(behind: CountedFromRecords, by: Person, at: datetime) -> list[dict[str, str]]:
    """The incidents that led to the change and were counted in the baseline, as far as the reader may open them."""
    return [
        {
            "text": f"{one.reference}, {wording.day(local_day(one.occurred_at or one.known_at))}",
            "href": reverse("home:incident", args=[one.pk]),
        }
        for one in seen_among(behind.left_out, by, at)
    ]


def _ahead(plan: ImpactPlan, at: datetime, *, started: bool) -> str:
    """What will be read next, by itself."""
    if not started:
        return f"The baseline is read by itself when it is over, after {wording.day(plan.baseline_to)}."
    coming = min((look.on for look in plan.looks.all() if look.on > local_day(at)), default=None)
    return f"The next look is read by itself on {wording.day(coming)}." if coming else "Every look was read."
