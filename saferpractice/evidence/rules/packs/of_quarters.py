"""What stands in a pack for a commissioner: quarters as they were published, number by number, and nothing else.

Nothing is counted for such a pack. So it never differs from the page of commissioners, and held against that page, or
against another pack, it gives nothing away: every number in any of them is one of those that were guarded together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from saferpractice.deadlines.rules import day_label
from saferpractice.evidence.rules.commissioning.judging import BEFORE, trend
from saferpractice.evidence.rules.commissioning.published import Measure, Published
from saferpractice.evidence.rules.commissioning.published import Section as Heading
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.packs.document import (
    Block,
    Cell,
    Cleared,
    Column,
    Disclosure,
    Kind,
    Note,
    Pack,
    Section,
    Source,
    Table,
    TableRow,
    Who,
)
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.evidence.rules.thematic.small import HIDDEN

OF_ONE = (
    "A commissioner reads numbers that nobody can be picked out of, and one incident is about one person. "
    "Choose another reader."
)
BY_THEME = (
    "What commissioners read is not counted by theme: a second count of the same incidents would tell what the first "
    "holds back. Choose another reader, or make a pack of a quarter or of a time."
)
NONE_PUBLISHED = (
    "No quarter of this time was published to commissioners, and a pack for one holds what was published. "
    "Publish a quarter that lies in it whole, or choose another reader."
)
WHOLE = "Provider"
COLUMNS = (
    Column("measure", "What is counted"),
    Column("place", "Where"),
    Column("share", "Share", numeric=True),
    Column("count", "Count", numeric=True),
    Column("out_of", "Out of", numeric=True),
    Column("trend", "Against the year before"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarterly:
    """A quarter as it was published, with the role of whoever published it, and when.

    ``places`` are the ids of the services that the pack is about; None for the whole provider with each of them.
    """

    quarter: Quarter
    published: Published
    by_role: str
    at: datetime
    places: tuple[str, ...] | None

    @property
    def source(self) -> Source:
        """What its statements cite."""
        return Source(Kind.PUBLISHED, self.quarter.short)


def pack_for_commissioner(
    quarters: Sequence[Quarterly],
    before: Sequence[Quarterly],
    *,
    about: str,
    period: tuple[date, date],
    provider: str,
    made_by: str,
    made_at: datetime,
) -> Pack:
    """The whole pack: ``quarters`` oldest first. ``before`` are all that were published, for what came before each.

    Raises:
        Discloses: it would hold what a commissioner may not read; a mistake here, never in what was asked for.
    """
    sections = [Section("About this pack", tuple(Note(note) for note in _about(quarters, period)))]
    for one in quarters:
        sections += _quarter(one, _year_before(one, before))
    return Pack(
        title="Evidence pack",
        about=about,
        provider=provider,
        disclosure=Disclosure.COMMISSIONER,
        made_at=made_at,
        made_by=Who(made_by),
        sections=tuple(sections),
    )


def _year_before(one: Quarterly, every: Sequence[Quarterly]) -> list[Quarterly]:
    """Those of the year before it, newest first: one that was not published has no older one in its place."""
    first = one.quarter.before(BEFORE)
    found = [each for each in every if first <= each.quarter < one.quarter]
    return sorted(found, key=lambda each: each.quarter, reverse=True)


def _about(quarters: Sequence[Quarterly], period: tuple[date, date]) -> Iterator[str]:
    yield "Every number is one that the provider published. Nothing was counted for this pack; no incident is in it."
    yield (
        "Numbers are rounded to five. “Not shown” stands for one that is held back: it is under five (none is held "
        "back too), or it would give away another that is. Shares are worked out from the rounded numbers."
    )
    yield (
        f"It covers {day_label(period[0])} to {day_label(period[1])}, as far as whole quarters of it were published: "
        + ("; ".join(one.quarter.short for one in quarters) + "." if quarters else "none.")
    )
    if any(one.places is not None for one in quarters):
        yield "It is about some of the provider’s services. The numbers of the whole provider are left out."


def _quarter(one: Quarterly, before: Sequence[Quarterly]) -> Iterator[Section]:
    counted = day_label(date.fromisoformat(one.published.counted_on))
    yield Section(
        one.quarter.label,
        (Note(f"Counted on {counted}. What was written down later is not in it, and it does not change."),),
    )
    for heading in Heading:
        measures = one.published.of(heading)
        if measures:
            meanings = tuple(Note(f"{each.told.title}: {each.told.counts}") for each in measures)
            blocks: tuple[Block, ...] = (
                _numbers(heading, measures, one, before),
                *_held_back(measures, one),
                *meanings,
            )
            yield Section(heading.heading, blocks, level=2)
    yield Section("What was learned, and what was changed", (_learned(one),), level=2)


def _numbers(heading: Heading, measures: Sequence[Measure], one: Quarterly, before: Sequence[Quarterly]) -> Table:
    rows = [TableRow(cells, one.source) for each in measures for cells in _rows(each, one, before)]
    caption = f"{heading.heading}, {one.quarter.short}"
    return Table("published", caption, COLUMNS, tuple(rows), "Nothing was published of these services.")


def _held_back(measures: Sequence[Measure], one: Quarterly) -> Iterator[Note]:
    """Of what no service's number is on show."""
    names = [each.told.title for each in measures if len(each.places) > 1 and not _any_on_show(each)]
    if names and one.places is None:
        yield Note(
            f"No service’s number is on show of: {'; '.join(names)}. It is small in one service at least, or the "
            "others would tell of one where it is."
        )


def _any_on_show(measure: Measure) -> bool:
    return any(one != HIDDEN for share in measure.places.values() for one in (share.count, share.out_of))


def _rows(measure: Measure, one: Quarterly, before: Sequence[Quarterly]) -> Iterator[tuple[Cell, ...]]:
    """The provider, with each of its services where there are several and any number of theirs is on show; or the
    services that the pack is about."""
    if one.places is None:
        yield _row(measure, None, WHOLE, before)
    for place, name in one.published.services.items():
        each = len(measure.places) > 1 and _any_on_show(measure)
        wanted = each if one.places is None else place in one.places
        if wanted and place in measure.places:
            yield _row(measure, place, name, before)


def _row(measure: Measure, place: str | None, name: str, before: Sequence[Quarterly]) -> tuple[Cell, ...]:
    share = measure.of(place)
    same = (each.published.measure(measure.told.code) for each in before)
    compared = trend(share, [each.of(place) for each in same if each is not None], measure.told.better)
    return (measure.told.title, name, *_share(share), compared.value)


def _share(share: Share) -> tuple[Cell, ...]:
    return (share.words if share.published else HIDDEN, share.count, share.out_of)


def _learned(one: Quarterly) -> Table:
    columns = (
        Column("title", "What is different"),
        Column("condition", "What it answers"),
        Column("kind", "Kind of change"),
        Column("rollout", "Rollout"),
        Column("verdict", "Did it work?"),
        Column("training", "Training"),
        Column("specification", "Service specification"),
    )
    rows = tuple(
        TableRow(
            (
                Cleared(each.title, one.by_role, one.at),
                each.condition or None,
                each.kind,
                each.rollout,
                each.verdict,
                each.training,
                each.specification,
            ),
            one.source,
        )
        for each in one.published.learned
    )
    return Table("changes_told", f"Changes that are told, {one.quarter.short}", columns, rows, "No change was named.")
