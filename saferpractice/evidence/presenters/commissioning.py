"""What commissioners' pages and files show. Everything here is made of published numbers: no true count comes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.charts import Bar, Interval, bar_chart, interval_chart
from saferpractice.design.funnel import FunnelPoint, funnel_chart
from saferpractice.design.words import tag
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.queries.commissioning import Commissioned, Standing
from saferpractice.evidence.queries.schedule import Line
from saferpractice.evidence.rules.commissioning.funnel import FAR, NEAR, Funnel, counts_drawn, funnel
from saferpractice.evidence.rules.commissioning.judging import BEFORE, Trend, trend
from saferpractice.evidence.rules.commissioning.published import Learned, Measure, Section
from saferpractice.evidence.rules.disclosure.shares import NOT_PUBLISHED, Share, as_cell
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.evidence.rules.thematic.small import HIDDEN

NUMBER = "numeric"
SAID_OF_NUMBERS = (
    "Every number is rounded to five. [c] stands for one that is held back: it is under five (none is held back too), "
    "or it would give away another that is. Shares are worked out from the rounded numbers."
)
MEASURES = [
    "What is counted",
    {"text": "Share", NUMBER: True},
    {"text": "Count", NUMBER: True},
    {"text": "Out of", NUMBER: True},
    "Against the year before",
]


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a quarter as its page draws it."""

    code: str
    heading: str
    rows: list[list[Any]]
    meanings: list[tuple[str, str]]
    services: list[list[Any]]
    held_back: list[str]
    drawn: list[dict[str, Any]]


def quarter_label(standing: Standing) -> str:
    """When a quarter was, and when it was counted."""
    return day_label(date.fromisoformat(standing.published.counted_on))


def parts(one: Standing, before: Sequence[Standing]) -> list[Part]:
    """The sections of a quarter; ``before`` are the published quarters before it, newest first."""
    return [_part(section, one, before) for section in Section if one.published.of(section)]


def _part(section: Section, one: Standing, before: Sequence[Standing]) -> Part:
    measures = one.published.of(section)
    return Part(
        code=section.value,
        heading=section.heading,
        rows=[_row(measure, one, before) for measure in measures],
        meanings=[(measure.told.title, measure.told.counts) for measure in measures],
        services=_services(measures, one) if one.place is None else [],
        held_back=_held_back(measures, one),
        drawn=[drawn for measure in measures if (drawn := _drawn(measure, one, before))],
    )


def _row(measure: Measure, one: Standing, before: Sequence[Standing]) -> list[Any]:
    share = measure.of(one.place)
    compared = trend(share, _earlier(measure, one, before), measure.told.better)
    return [measure.told.title, *_numbers(share), tag(compared.value, compared.meaning)]


def _numbers(share: Share) -> list[str]:
    return [share.words, as_cell(share.count), as_cell(share.out_of)]


def _earlier(measure: Measure, one: Standing, before: Sequence[Standing]) -> list[Share]:
    """The shares of the year before: a quarter that was not published has no older one in its place."""
    found = []
    for standing in before:
        if standing.quarter < one.quarter.before(BEFORE):
            break
        same = standing.published.measure(measure.told.code)
        if same is not None:
            found.append(same.of(standing.place))
    return found


def _services(measures: Sequence[Measure], one: Standing) -> list[list[Any]]:
    """Each service where there are several, of the measures of which any number of theirs is on show."""
    return [
        [measure.told.title, name, *_numbers(measure.of(place))]
        for measure in measures
        if len(measure.places) > 1 and _any_on_show(measure)
        for place, name in one.published.services.items()
        if place in measure.places
    ]


def _any_on_show(measure: Measure) -> bool:
    return any(one != HIDDEN for share in measure.places.values() for one in (share.count, share.out_of))


def _held_back(measures: Sequence[Measure], one: Standing) -> list[str]:
    """The measures of which no service's number is on show."""
    if one.place is not None:
        return []
    return [each.told.title for each in measures if len(each.places) > 1 and not _any_on_show(each)]


def _drawn(measure: Measure, one: Standing, before: Sequence[Standing]) -> dict[str, Any] | None:
    """The shares of the quarters, oldest first, each with what rounding leaves open; None where fewer than two show."""
    quarters = [(one.quarter, measure.of(one.place))]
    for standing in before:
        same = standing.published.measure(measure.told.code)
        quarters.append((standing.quarter, same.of(standing.place) if same else Share(HIDDEN, HIDDEN)))
    quarters.reverse()
    bars = [
        Interval(quarter.short, share.per_cent or 0, round(100 * share.least), round(100 * share.most))
        for quarter, share in quarters
        if share.published
    ]
    if len(bars) < 2:
        return None
    title = f"{measure.told.title}, quarter by quarter"
    rows = [[quarter.short, *_numbers(share)] for quarter, share in quarters]
    return {"title": title, "chart": interval_chart(bars, title, unit="%"), "rows": rows}


def learned_rows(learned: Sequence[Learned]) -> list[list[Any]]:
    """The changes that are told outside."""
    return [
        [one.title, one.condition or None, one.kind, one.rollout, one.verdict, one.training, one.specification]
        for one in learned
    ]


def learned_chart(learned: Sequence[Learned]) -> Markup | None:
    """How many of the changes that are told have which verdict; None where fewer than two are told."""
    verdicts = Counter(one.verdict for one in learned)
    bars = [Bar(verdict, many) for verdict, many in sorted(verdicts.items())]
    return bar_chart(bars, "Did they work?") if len(learned) > 1 else None


def address_of(name: str, about: Commissioned, *more: str) -> str:
    """The address of a page or file about something that is commissioned."""
    address = reverse(f"evidence:{name}", args=[about.provider.pk, *more])
    return address if about.place is None else f"{address}?service={about.place}"


def chooser(name: str, about: Commissioned, choices: Sequence[Commissioned], *more: str) -> list[dict[str, str]]:
    """The same page of everything else that is commissioned, the one that is shown without an address; empty where
    there is nothing to choose."""
    listed = [
        {"text": one.name, "href": "" if one == about else address_of(name, one, *more)}
        for one in dict.fromkeys(choices)
    ]
    return listed if len(listed) > 1 else []


def provider_cards(standings: Sequence[Standing]) -> list[dict[str, Any]]:
    """Each provider or service that is commissioned, by name, with its published quarters, newest first."""
    found: dict[Commissioned, dict[str, Any]] = {}
    for one in sorted(standings, key=lambda each: (each.about.name, -each.quarter.year, -each.quarter.number)):
        card = found.setdefault(
            one.about, {"name": one.about.name, "schedule": address_of("schedule", one.about), "quarters": []}
        )
        address = address_of("commissioner_quarter", one.about, one.quarter.code)
        card["quarters"].append({"text": one.quarter.label, "href": address})
    return list(found.values())


FILE_HEADER = ("Provider", "Service", "Quarter", "Section", "Measure", "Code", "Share %", "Count", "Out of", "Trend")


def file_lines(one: Standing, before: Sequence[Standing]) -> Iterator[list[Any]]:
    """The quarter as lines of a file: each measure of the whole, then of each service."""
    for measure in one.published.measures:
        told = measure.told
        compared = trend(measure.of(one.place), _earlier(measure, one, before), told.better)
        yield _line(one, one.service, measure, measure.of(one.place), compared)
        if one.place is None:
            for place, name in one.published.services.items():
                if place in measure.places:
                    yield _line(one, name, measure, measure.of(place), None)


def _line(one: Standing, service: str, measure: Measure, share: Share, compared: Trend | None) -> list[Any]:
    told = measure.told
    per_cent = NOT_PUBLISHED if share.per_cent is None else share.per_cent
    numbers = [NOT_PUBLISHED if as_cell(each) == NOT_PUBLISHED else each.value for each in (share.count, share.out_of)]
    words = compared.value if compared else ""
    heading = told.section.heading
    return [one.provider.name, service, one.quarter.short, heading, told.title, told.code, per_cent, *numbers, words]


SCHEDULE = [
    "Measure",
    "Quarter",
    "Target",
    {"text": "Share", NUMBER: True},
    {"text": "Count", NUMBER: True},
    {"text": "Out of", NUMBER: True},
    "Met?",
]
SCHEDULE_HEADER = ("Measure", "Quarter", "Target", "Share", "Count", "Out of", "Met?")


def schedule_numbers(line: Line) -> list[str | None]:
    """Share, count and how many it is of; nothing at all of a measure that was not counted."""
    return [None, None, None] if line.share is None else [*_numbers(line.share)]


def schedule_rows(lines: Sequence[Line]) -> list[list[Any]]:
    """The contract's measures, quarter by quarter."""
    return [
        [one.target.title, one.quarter.short, one.asked, *schedule_numbers(one), tag(one.kept.value, one.kept.meaning)]
        for one in lines
    ]


def schedule_lines(lines: Sequence[Line]) -> Iterator[list[Any]]:
    """The same as lines of a file."""
    for one in lines:
        yield [one.target.title, one.quarter.short, one.asked, *schedule_numbers(one), one.kept.value]


def publishing_rows(quarters: Sequence[Quarter], published: Mapping[Quarter, PublishedQuarter]) -> list[list[Any]]:
    """The finished quarters: whether each is published, when and by whom."""
    rows: list[list[Any]] = []
    for quarter in quarters:
        row = published.get(quarter)
        when = f"{day_label(local_day(row.decided_at))}, {row.decided_by_name}" if row else None
        state = tag("Published", "good") if row else tag("Not published", "waiting")
        label = {"text": quarter.label, "href": reverse("evidence:publish", args=[quarter.code])}
        rows.append([label, state, when])
    return rows


def target_rows(targets: Sequence[ContractTarget]) -> list[list[Any]]:
    """The targets as they stand."""
    return [
        [
            one.title,
            f"{'at least' if one.at_least else 'at most'} {one.target}%",
            one.from_quarter.short,
            f"{one.decided_by_name}, {day_label(local_day(one.decided_at))}",
        ]
        for one in targets
    ]


@dataclass(frozen=True, slots=True)
class Compared:
    """Providers beside each other: the funnel where there are enough, the numbers of all, whose are held back."""

    title: str
    chart: Markup | None
    rows: list[list[Any]]
    held_back: list[str]
    centre: str
    too_narrow: bool = False


def shares_compared(read: Sequence[Standing], quarter: Quarter | None, code: str) -> dict[str, Share]:
    """By name of the provider (or of the service, where that is all that is commissioned): its published share."""
    found = {}
    for one in read:
        measure = one.published.measure(code)
        if one.quarter == quarter and measure is not None:
            found[one.name] = measure.of(one.place)
    return found


def compared(shares: Mapping[str, Share], title: str) -> Compared:
    """The funnel plot and its table, by name: never by rank."""
    found = funnel(shares)
    rows: list[list[Any]]
    if found is None:
        rows = [[name, None, *_numbers(share), "Not compared"] for name, share in sorted(shares.items())]
        return Compared(title, None, rows, [name for name, one in sorted(shares.items()) if not one.published], "")
    points = [FunnelPoint(one.name, one.share.out_of.value, one.share.per_cent or 0) for one in found.points]
    chart = funnel_chart(points, title, centre=100 * found.centre, near=_limits(found, NEAR), far=_limits(found, FAR))
    rows = [[one.name, n, *_numbers(one.share), one.lies.value] for n, one in enumerate(found.points, start=1)]
    rows += [[name, None, *_numbers(shares[name]), "Not drawn: held back"] for name in found.held_back]
    rows.sort(key=lambda row: str(row[0]))
    return Compared(title, chart, rows, list(found.held_back), f"{round(100 * found.centre)}%", found.too_narrow)


def _limits(found: Funnel, level: float) -> list[tuple[int, float, float]]:
    """The limits in per cent, at the counts at which they are drawn."""
    ends = [(n, found.limits(n, level)) for n in counts_drawn(found.points)]
    return [(n, 100 * low, 100 * high) for n, (low, high) in ends]
