"""What the example's provider publishes to its commissioners, and the targets it agreed with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import partial

from saferpractice.deadlines.rules.local_time import settled
from saferpractice.evidence import operations as evidence
from saferpractice.evidence.queries.to_publish import measures_offered, told_changes
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from saferpractice.exchange.example.shapes import TargetShape, ThematicFile
from saferpractice.exchange.example.thematic_steps import Taken
from saferpractice.exchange.example.world import UnknownKey, World

PUBLISHED = 26
"""Days after the end of the quarter; never later than the loading."""


def in_order(file: ThematicFile, world: World) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages."""
    for says in file.published:
        yield publish(world, _quarter(world, says.quarters_ago), says.by, says.changes)
    for target in file.targets:
        at = world.calendar.loaded_at
        yield at, f"target for {target.measure}", partial(_agree, world, target, at)


def _quarter(world: World, quarters_ago: int) -> Quarter:
    return newest_finished(world.calendar.today).before(quarters_ago - 1)


def publish(world: World, quarter: Quarter, by: str, changes: Sequence[str]) -> Taken:
    """Publishing a quarter with the changes of these titles: its moment, its name, what it does."""
    at = min(settled(quarter.last + timedelta(days=PUBLISHED), time(10)), world.calendar.loaded_at)
    return at, f"published {quarter.short}", partial(_publish, world, quarter, by, changes, at)


def _publish(world: World, quarter: Quarter, by: str, changes: Sequence[str], at: datetime) -> None:
    by_title = {told.learned.title: pk for pk, told in told_changes(world.provider, quarter, at).items()}
    unknown = [title for title in changes if title not in by_title]
    if unknown:
        raise UnknownKey(f"No change with this title can be told of {quarter.short}: {unknown[0]}")
    chosen = [by_title[title] for title in changes]
    evidence.publish_quarter(by=world.people[by], at=at, provider=world.provider, quarter=quarter, changes=chosen)


def _agree(world: World, says: TargetShape, at: datetime) -> None:
    titles = dict(measures_offered(world.provider, at))
    if says.measure not in titles:
        raise UnknownKey(f"There is no measure {says.measure}.")
    evidence.agree_target(
        by=world.people[says.by],
        at=at,
        provider=world.provider,
        measure=says.measure,
        title=titles[says.measure],
        target=says.at_most if says.at_least is None else says.at_least,
        at_least=says.at_least is not None,
        from_quarter=_quarter(world, says.quarters_ago),
        submission_key=f"example:target:{says.measure}",
    )
