"""Measures as pages and files show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from markupsafe import Markup

from saferpractice.assurance.queries.measures.buckets import Each
from saferpractice.assurance.queries.measures.rows import Behind
from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.periods import Length, is_over
from saferpractice.assurance.rules.measures.reading import FEW, Read
from saferpractice.assurance.rules.measures.series import Better, Measure, Period
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.words import tag

BETTER = {Better.HIGHER: "Higher is better", Better.LOWER: "Lower is better", Better.NEITHER: "Neither is better"}
NOTHING = "Nothing to say"
FEWER = f"Fewer than {FEW}: not shown"
SERIES_HEADER = (
    "Measure", "From", "To", "Over", "Number", "Unit", "Count", "Out of", "Not due yet", "Left out", "Still open",
    "Low", "High", "Mean", "Mean up to",
)  # fmt: skip
ROWS_HEADER = ("What", "Began", "Due", "Ended", "Counts as", "Where")


def number_of(measure: Measure, read: Read) -> float | None:
    """The number in the unit of the measure: per cent for shares; None where nothing can be said."""
    if read.count is None:
        return None
    if measure.number is Number.SHARE:
        return None if read.share is None else 100 * read.share
    return read.share if measure.number is Number.RATE else read.count


def plain(value: float | None) -> str:
    """A number as people read it: no more digits than say something, "" for none."""
    if value is None:
        return ""
    if value and abs(value) < 1:
        return f"{value:.2g}"
    return f"{value:,.1f}".removesuffix(".0")


def words_of(measure: Measure, read: Read) -> str:
    """The number in words: "95%", "2.5 hours", "3 for 1,000 open days"."""
    if read.withheld:
        return FEWER
    number = number_of(measure, read)
    if number is None:
        return _not_reached(measure, read)
    if measure.number is Number.SHARE:
        return f"{plain(number)}%"
    if number == 1 and measure.number is Number.MEASURED:
        return f"1 {measure.unit.removesuffix('s')}"
    return f"{plain(number)} {measure.unit}".strip()


def _not_reached(measure: Measure, read: Read) -> str:
    if measure.number is Number.MEASURED and read.out_of:
        return "Half not met yet"
    return NOTHING


def out_of_words(measure: Measure, read: Read) -> str:
    """What the number was read from: "19 of 20", "of 20", "3 in 1,560 days"."""
    if read.withheld or not read.out_of:
        return ""
    if measure.number is Number.SHARE:
        return f"{plain(read.count or 0)} of {plain(read.out_of)}"
    if measure.number is Number.RATE:
        return f"{plain(read.count)} in {1000 * read.out_of:,.0f} days"
    return f"of {plain(read.out_of)}"


def beside(measure: Measure, read: Read) -> str:
    """What must be said beside the number. An interval and a mean of fewer than five say nothing."""
    if read.withheld:
        return ""
    said = []
    if read.waiting and measure.number is Number.SHARE:
        said.append(f"{read.waiting} not due yet")
    if read.still_open:
        said.append(f"{read.still_open} still open")
    if read.left_out:
        said.append(f"{read.left_out} cancelled, left out")
    enough = (read.out_of or 0) >= FEW
    if enough and (read.low is not None or read.high is not None):
        said.append(f"95% interval {plain(read.low) or 'not known'} to {plain(read.high) or 'not reached'}")
    if enough and read.mean is not None and read.horizon:
        said.append(f"mean {plain(read.mean)} of the first {plain(read.horizon)} {measure.unit}")
    return "; ".join(said)


def target_words(measure: Measure) -> str:
    """The target, "" where there is none."""
    return "" if measure.target is None else f"{plain(measure.target)}%"


def list_rows(measures: Iterable[Defined], reads: Mapping[str, Sequence[Read]], query: str) -> list[list[Any]]:
    """One row a measure: its name leading to its page, the newest number, what from, the number before, the target."""
    rows = []
    for defined in measures:
        before, newest = reads[defined.key][-2:]
        measure = defined.measure
        link = {"text": measure.name, "href": f"{reverse('assurance:measure', args=[defined.key])}?{query}"}
        newest_words, before_words = words_of(measure, newest), words_of(measure, before)
        rows.append([link, newest_words, out_of_words(measure, newest), before_words, target_words(measure)])
    return rows


def series_rows(
    defined: Defined, over: Sequence[Period], reads: Sequence[Read], at: datetime, place: str
) -> list[list[Any]]:
    """One row a period, newest first, each leading to the rows behind it."""
    rows: list[list[Any]] = []
    for period, read in reversed(list(zip(over, reads, strict=True))):
        number: Any = words_of(defined.measure, read)
        label: Any = {"text": period.label, "href": rows_address(defined, period, place)}
        if not is_over(period, at):
            number = Markup("{} {}").format(number, tag("Not over yet", "waiting"))
        rows.append([label, number, out_of_words(defined.measure, read), beside(defined.measure, read)])
    return rows


def rows_address(defined: Defined, period: Period, place: str, name: str = "assurance:measure_rows") -> str:
    """Where the rows behind a point are."""
    asked = {"place": place, "from": period.from_on.isoformat(), "to": period.to_on.isoformat()}
    return f"{reverse(name, args=[defined.key])}?{urlencode(asked)}"


def definition_rows(defined: Defined) -> list[dict[str, Any]]:
    """The definition, as a summary list."""
    measure = defined.measure
    found = [("Counted", measure.numerator), ("Out of", measure.denominator), ("Exposure", measure.exposure)]
    found += [("Read from", measure.rows), ("Better", BETTER[measure.better]), ("Target", target_words(measure))]
    return [{"key": key, "value": value[:1].upper() + value[1:]} for key, value in found if value]


def part_rows(
    defined: Defined, each: Each, named: Sequence[tuple[str, str, Read]], beside: Read | None, length: Length
) -> list[list[Any]]:
    """One row a team or service (code, name, number), and one of what belongs to no single one, where there is any."""
    rows: list[list[Any]] = []
    for code, name, read in named:
        asked = urlencode({"place": code, "length": length.value})
        link = {"text": name, "href": f"{reverse('assurance:measure', args=[defined.key])}?{asked}"}
        rows.append([link, words_of(defined.measure, read), out_of_words(defined.measure, read)])
    if beside is not None and (beside.out_of or beside.waiting):
        said = f"Those who work in no single {each.value}"
        rows.append([said, words_of(defined.measure, beside), out_of_words(defined.measure, beside)])
    return rows


def series_lines(
    measures: Iterable[Defined], over: Sequence[Period], reads: Mapping[str, Sequence[Read]], at: datetime
) -> Iterator[list[Any]]:
    """The numbers as lines of a file. What is withheld is empty, and says so."""
    for defined in measures:
        for period, read in zip(over, reads[defined.key], strict=True):
            number = FEWER if read.withheld else plain_number(number_of(defined.measure, read))
            yield [
                defined.measure.name, period.from_on.isoformat(), period.to_on.isoformat(), is_over(period, at),
                number, defined.measure.unit, *map(plain_number, (read.count, read.out_of)),
                *((read.waiting, read.left_out, read.still_open) if not read.withheld else ("", "", "")),
                *map(plain_number, (read.low, read.high, read.mean, read.horizon)),
            ]  # fmt: skip


def plain_number(value: float | None) -> str:
    """A number for a spreadsheet: no thousands separator, six digits."""
    return "" if value is None else f"{value:.6g}"


def address_of(row: Behind) -> str:
    """The page that a row leads to."""
    if row.case_id is not None:
        return reverse("pathways:case", args=[row.case_id])
    if row.audit_id is not None:
        return reverse("assurance:audit_round", args=[row.audit_id])
    if row.worker_id is not None:
        return reverse("assurance:worker", args=[row.worker_id])
    return reverse("home:incident", args=[row.incident_id])


def behind_rows(rows: Iterable[Behind]) -> list[list[Any]]:
    """The rows behind a number, for a table."""
    return [[{"text": row.text, "href": address_of(row)}, *_moments(row), row.counts_as] for row in rows]


def behind_lines(rows: Iterable[Behind], base: str) -> Iterator[list[Any]]:
    """The rows behind a number, as lines of a file."""
    for row in rows:
        yield [row.text, *_moments(row), row.counts_as, f"{base}{address_of(row)}"]


def kept_back_words(how_many: int, *, everything: bool) -> str:
    """What is said of rows that the reader may not open: the same words whether there are some or none, until many.

    Who is kept from one incident must not learn from this page that there is one.
    """
    said = "The number counts every row of this place. Rows that you may not open are not listed."
    if everything and how_many >= FEW:
        return f"{said} There are {how_many} of them."
    return said


def _moments(row: Behind) -> list[str]:
    return [local_time_label(moment) if moment else "" for moment in (row.began_at, row.due_at, row.ended_at)]
