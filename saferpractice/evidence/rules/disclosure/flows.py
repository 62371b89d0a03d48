"""What a count can be, for somebody who knows others: the exact range, by flows.

Counts that add up (groups to a total, services to a provider, in time and late to all) are flows on the lines of a
network: what comes into a node goes out of it. The most that one line can carry, with every other one within what is
known of it, is a maximum flow (Ford and Fulkerson, 1956), and a whole number. The true counts are where the search
starts, and the ranges are the same for every start: they hang on what is known alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

ENDLESS = 10**9
"""The most of a count of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Line:
    """One count, from a node to another: what it truly is, and the least and the most it can be for what is known.

    Raises:
        ValueError: what is known is not so.
    """

    start: Hashable
    end: Hashable
    count: int
    least: int = 0
    most: int = ENDLESS

    def __post_init__(self) -> None:
        if not self.least <= self.count <= self.most:
            raise ValueError("what is known of a count must hold it")


def possible(lines: Sequence[Line], which: int) -> tuple[int, int]:
    """The least and the most that one count can be, with every other one within what is known of it.

    Raises:
        ValueError: the counts do not add up at some node.
    """
    _check_adds_up(lines)
    one = lines[which]
    others = [line for place, line in enumerate(lines) if place != which]
    return (
        one.count - _carry(others, one.start, one.end, one.count - one.least),
        one.count + _carry(others, one.end, one.start, one.most - one.count),
    )


def _check_adds_up(lines: Sequence[Line]) -> None:
    balance: dict[Hashable, int] = {}
    for line in lines:
        balance[line.start] = balance.get(line.start, 0) - line.count
        balance[line.end] = balance.get(line.end, 0) + line.count
    if any(balance.values()):
        raise ValueError("the counts do not add up")


def _carry(lines: Sequence[Line], source: Hashable, sink: Hashable, most: int) -> int:
    """How much more, up to ``most``, can be carried from ``source`` to ``sink`` on top of the counts as they are."""
    room: dict[Hashable, dict[int, int]] = {}
    ends: list[Hashable] = []
    for line in lines:
        forward, back = len(ends), len(ends) + 1
        ends += [line.end, line.start]
        room.setdefault(line.start, {})[forward] = line.most - line.count
        room.setdefault(line.end, {})[back] = line.count - line.least
    carried = 0
    while carried < most:
        path = _path(room, ends, source, sink)
        if not path:
            break
        step = min(most - carried, *(room[node][arc] for node, arc in path))
        for node, arc in path:
            room[node][arc] -= step
            room[ends[arc]][arc ^ 1] += step
        carried += step
    return carried


def _path(
    room: dict[Hashable, dict[int, int]], ends: Sequence[Hashable], source: Hashable, sink: Hashable
) -> list[tuple[Hashable, int]]:
    """A shortest way with room on every arc, as (node, arc) from the end back; empty where there is none."""
    came: dict[Hashable, tuple[Hashable, int]] = {}
    waiting = deque([source])
    while waiting:
        node = waiting.popleft()
        for arc, free in room.get(node, {}).items():
            there = ends[arc]
            if free > 0 and there not in came and there != source:
                came[there] = (node, arc)
                if there == sink:
                    return _back(came, source, sink)
                waiting.append(there)
    return []


def _back(came: dict[Hashable, tuple[Hashable, int]], source: Hashable, sink: Hashable) -> list[tuple[Hashable, int]]:
    path, node = [], sink
    while node != source:
        path.append(came[node])
        node = came[node][0]
    return path
