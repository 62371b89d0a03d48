"""A chart as a page shows it: the picture twice (wide, narrow), icons, words, the key of its marks, and its table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import dropwhile
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.assurance.models import ChartRebase
from saferpractice.assurance.queries.charts import LiveMark, chart_series, live_marks, rebases_of
from saferpractice.assurance.queries.measures.places import Placed
from saferpractice.assurance.rules.charts.chart import measure_chart, place_of
from saferpractice.assurance.rules.charts.drawn import BETWEEN_EVENTS, ChartPoint, MeasureChart, Rebase, in_words
from saferpractice.assurance.rules.charts.looking import Need, in_a_sentence, latest_in_words, need_of
from saferpractice.assurance.rules.charts.sentences import WAYS, assurance_words, variation_words
from saferpractice.assurance.rules.charts.signals import Assurance, Reading
from saferpractice.assurance.rules.charts.which import Drawn, Number
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.assurance.rules.measures.reading import Read
from saferpractice.assurance.rules.measures.series import Period, Point, Series
from saferpractice.deadlines.rules import local_day
from saferpractice.design.spc import Dot, Flag, Look, Spc, assurance_icon, sparkline, spc_chart, variation_icon

LOOKS = {
    Reading.IMPROVEMENT_HIGH: (Look.IMPROVEMENT, True),
    Reading.IMPROVEMENT_LOW: (Look.IMPROVEMENT, False),
    Reading.CONCERN_HIGH: (Look.CONCERN, True),
    Reading.CONCERN_LOW: (Look.CONCERN, False),
    Reading.NEUTRAL_HIGH: (Look.NEUTRAL, True),
    Reading.NEUTRAL_LOW: (Look.NEUTRAL, False),
    Reading.ORDINARY: (Look.ORDINARY, False),
}
MEANINGS = {Look.IMPROVEMENT: "Improvement", Look.CONCERN: "Concern", Look.NEUTRAL: "Special cause"}
SIGNS = {Assurance.WILL_MEET: "P", Assurance.WILL_MISS: "F", Assurance.HIT_OR_MISS: "?"}
POINTS = 37
"""How many periods a chart shows, the running one included: three years of months."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def chart_of(
    series: Series, *, at: datetime, rebases: Sequence[Rebase] = (), marks: Sequence[LiveMark] = ()
) -> dict[str, Any]:
    """What ``assurance/chart.html`` needs to show ``series`` as it stands at ``at``.

    Args:
        rebases: decisions that new limits begin (``queries.charts.rebases_of``).
        marks: days on which changes went live (``queries.charts.live_marks``).
    """
    chart = read_chart(series, at=at, rebases=rebases)
    flags, key = _flags(chart, marks)
    spc = spc_of(chart, tuple(flags))
    return {
        "chart": chart,
        "title": spc.title,
        "wide": spc_chart(spc),
        "narrow": spc_chart(spc, narrow=True),
        "variation": {"icon": variation_svg(chart), "words": variation_words(chart)},
        "assurance": {"icon": assurance_svg(chart), "words": assurance_words(chart)},
        "sentences": chart.sentences,
        "known": any(point.value is not None for point in chart.points),
        "why": f"Drawn as a {chart.drawn.value}." if chart.drawn is not Drawn.XMR else "Drawn as an XmR chart.",
        "reason": chart.why,
        "way": WAYS[chart.measure.better],
        "key": key,
        "columns": columns(chart),
        "rows": rows(chart),
        "rules": chart.rules,
    }


def chart_at(
    defined: Defined,
    placed: Placed,
    over: tuple[Period, ...],
    *,
    by: Person,
    at: datetime,
    reads: Sequence[Read] | None = None,
) -> dict[str, Any]:
    """The chart of a measure at a place, with the changes that went live (as far as ``by`` may open them) and every
    decision that new limits begin."""
    series = chart_series(defined, placed, over, at, reads)
    begun = [point.period.from_on for point in _begun(series).points[:1]]
    first = min([*(begun or [over[0].from_on]), *(local_day(moment) for moment in series.events_at[:1])])
    marks = live_marks(placed.place, first, local_day(at), by, at)
    return chart_of(series, at=at, rebases=rebases_of(placed.place, defined.key), marks=marks)


def read_chart(series: Series, *, at: datetime, rebases: Sequence[Rebase] = ()) -> MeasureChart:
    """``series`` read as it stands at ``at``, from the first period of which a value is known."""
    return measure_chart(_begun(series), today=local_day(at), at=at, rebases=rebases)


def _begun(series: Series) -> Series:
    """Without the periods before anything was known: half a picture of nothing is no picture of what there is."""
    return replace(series, points=tuple(dropwhile(_unknown, series.points)))


def _unknown(point: Point) -> bool:
    return point.count is None or point.out_of == 0


def spark_of(chart: MeasureChart) -> Any:
    """The chart small, for a row of many."""
    return sparkline(spc_of(chart))


def spc_of(chart: MeasureChart, flags: tuple[Flag, ...] = ()) -> Spc:
    """The chart as the drawing takes it."""
    trial = [part.trial for part in chart.parts]
    values = [point.value for point in chart.points if point.value is not None]
    return Spc(
        title=f"{chart.measure.name}, {chart.of}",
        description=_described(chart),
        dots=tuple(_dot(point, trial) for point in chart.points),
        centre_label="Middle" if chart.drawn in {Drawn.TABLE, Drawn.G} else "Average",
        unit=chart.unit,
        target=chart.target,
        flags=flags,
        least=None if min(values, default=0.0) < 0 else 0.0,
        most=100.0 if chart.unit == "%" else None,
        whole=chart.measure.number is Number.COUNT,
    )


def _dot(point: ChartPoint, trial: Sequence[bool]) -> Dot:
    look, high = LOOKS[point.reading]
    return Dot(
        label=point.label,
        value=point.value,
        centre=point.centre,
        lower=point.lower,
        upper=point.upper,
        look=look,
        high=high,
        part=point.part,
        open=point.running,
        trial=bool(trial) and trial[point.part],
    )


def _described(chart: MeasureChart) -> str:
    """The picture in words; the table beside it has every number."""
    points = chart.complete
    if not points:
        return "There are no points yet."
    kind = "run chart" if chart.drawn is Drawn.TABLE else chart.drawn.value
    reach = f"{kind[0].upper()}{kind[1:]} of {len(points)} points, {points[0].label} to {points[-1].label}."
    return " ".join([reach, *chart.sentences])


def variation_svg(chart: MeasureChart) -> Any:
    """The icon of variation; None where the chart has none."""
    if chart.variation is None:
        return None
    look, high = LOOKS[chart.variation]
    return variation_icon(look, high=high)


def assurance_svg(chart: MeasureChart) -> Any:
    """The icon of assurance; None where the chart has none."""
    return None if chart.assurance is None else assurance_icon(SIGNS[chart.assurance])


def _flags(chart: MeasureChart, marks: Sequence[LiveMark]) -> tuple[list[Flag], list[dict[str, str]]]:
    """The marks that lie within the chart, oldest first, and the key that tells what each is."""
    flags: list[Flag] = []
    key: list[dict[str, str]] = []
    for mark in sorted(marks, key=lambda one: (one.on, one.title)):
        at = place_of(chart, mark.on)
        if at is not None:
            sign = str(len(flags) + 1)
            flags.append(Flag(at, sign))
            ended = f", withdrawn {mark.withdrawn_on:%-d %B %Y}" if mark.withdrawn_on else ""
            key.append(
                {
                    "sign": sign,
                    "when": f"{mark.on:%-d %B %Y}",
                    "text": mark.title,
                    "note": f"went live{ended}",
                    "href": reverse("changes:change", args=[mark.change_id]),
                }
            )
    rebased = [part for part in chart.parts if part.rebase is not None]
    for letter, part in zip(LETTERS, rebased, strict=False):
        rebase, first = part.rebase, next(point for point in chart.points if chart.parts[point.part] is part)
        if rebase is not None:
            flags.append(Flag(chart.points.index(first) - 0.5, letter))
            decided = f", {rebase.decided_on:%-d %B %Y}" if rebase.decided_on else ""
            by = f"decided by {rebase.by}{decided}" if rebase.by else ""
            key.append({"sign": letter, "when": f"New limits from {part.first}", "text": rebase.reason, "note": by})
    return flags, key


def columns(chart: MeasureChart) -> list[Any]:
    """The heads of the table beside the chart."""
    between = chart.drawn in BETWEEN_EVENTS
    counted = chart.measure.number in {Number.RATE, Number.SHARE} and not between
    heads: list[Any] = ["Event on" if between else "Period"]
    if counted:
        heads += [_head("Count"), _head("Out of")]
    value = f"{chart.unit} before it" if between else f"Value ({chart.unit})" if chart.unit else "Value"
    line = "Middle" if chart.drawn in {Drawn.TABLE, Drawn.G} else "Average"
    return [*heads, *map(_head, (value, line, "Lower limit", "Upper limit")), "What the rules say"]


def _head(text: str) -> dict[str, Any]:
    return {"text": text[0].upper() + text[1:], "numeric": True}


def rows(chart: MeasureChart) -> list[list[Any]]:
    """The numbers of the chart, newest first."""
    counted = chart.measure.number in {Number.RATE, Number.SHARE} and chart.drawn not in BETWEEN_EVENTS
    found = []
    for point in reversed(chart.points):
        numbers = [point.value, point.centre, point.lower, point.upper]
        row: list[Any] = [point.label]
        if counted:
            row += [_number(point.counted), _number(point.out_of)]
        found.append([*row, *map(_number, numbers), _said(point)])
    return found


def _number(value: float | None) -> str | None:
    return None if value is None else in_words(value, "")


def _said(point: ChartPoint) -> str:
    if point.running:
        return "Not over yet: it counts for nothing"
    if point.value is None:
        return "No value; not a zero"
    look, _ = LOOKS[point.reading]
    if look in MEANINGS:
        return f"{MEANINGS[look]}: {'; '.join(_lowered(point.said))}"
    return "; ".join(point.said) or "Ordinary"


def _lowered(said: Sequence[str]) -> Iterator[str]:
    return (words[0].lower() + words[1:] for words in said)


# ---- decisions that new limits begin


def decision_rows(rebases: Sequence[ChartRebase], measure_key: str, query: str) -> list[list[Any]]:
    """Every decision of a chart, newest day first, with the step that takes it back."""
    return [
        [
            f"{one.on:%-d %B %Y}",
            one.reason,
            f"{one.decided_by_name}, {one.decided_by_role.lower()}, {local_day(one.decided_at):%-d %B %Y}",
            _withdrawn(one, measure_key, query),
        ]
        for one in rebases
    ]


def _withdrawn(rebase: ChartRebase, measure_key: str, query: str) -> Any:
    withdrawal = getattr(rebase, "withdrawal", None)
    if withdrawal is not None:
        day = f"{local_day(withdrawal.decided_at):%-d %B %Y}"
        return f"Withdrawn {day} by {withdrawal.decided_by_name}: {withdrawal.reason}"
    address = reverse("assurance:withdraw_rebase", args=[measure_key, rebase.pk])
    return {"text": "Withdraw", "href": f"{address}?{query}"}


# ---- many charts of one measure

OF_EACH_HEADER = (
    "Needs a look", "Latest", "In words", "Variation", "Target", "Chart", "Average", "Lower limit",
    "Upper limit", "Rules",
)  # fmt: skip


def need_counts(charts: Sequence[MeasureChart]) -> list[tuple[str, int]]:
    """How many charts there are of each need, what needs a look first; none of those there are none of."""
    needs = [need_of(chart) for chart in charts]
    return [(need.words, needs.count(need)) for need in Need if need in needs]


def team_row(code: str, chart: MeasureChart, measure_key: str, length: Length) -> dict[str, Any]:
    """One line of the page of many: name, small chart, icons, the latest number, a sentence."""
    return {
        "name": chart.of,
        "href": reverse("assurance:measure", args=[measure_key]) + f"?place={code}&length={length.value}",
        "need": need_of(chart),
        "spark": spark_of(chart),
        "variation": variation_svg(chart),
        "assurance": assurance_svg(chart),
        "target": "" if chart.assurance is None else assurance_words(chart),
        "latest": latest_in_words(chart),
        "sentence": in_a_sentence(chart),
    }


def team_line(chart: MeasureChart) -> list[Any]:
    """The same as a line of a file."""
    last = chart.last
    numbers = [last.centre, last.lower, last.upper] if last else [None, None, None]
    return [
        chart.of,
        need_of(chart).words,
        latest_in_words(chart),
        in_a_sentence(chart),
        variation_words(chart),
        assurance_words(chart),
        chart.drawn.value,
        *map(_number, numbers),
        chart.rules,
    ]
