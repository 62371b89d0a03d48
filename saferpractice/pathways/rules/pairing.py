"""Which of the things known to be owed is the one that the engine names: also when its reasons became more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple


class Thing(NamedTuple):
    """What names something owed: its obligation's code, its occurrence, and the records that made it due in order."""

    code: str
    occurrence: int
    because: Sequence[str]


def paired(asked: Sequence[Thing], known: Sequence[Thing], *, over: Collection[int] = ()) -> list[int | None]:
    """For each of ``asked`` the place among ``known`` of the same thing, None for a new one; no place is given twice.

    It is the one with the same first reason, or else one that shares a reason and is nobody's by its first: a record
    added later can stand before those that were known. A missed contact can be a reason of two things in turn, so a
    shared reason alone does not make them one. Of several the newest counts; the places in ``over`` are passed by.
    """
    found: list[int | None] = [None] * len(asked)
    waiting: dict[tuple[str, int], list[int]] = {}
    for place, thing in enumerate(known):
        if place not in over:
            waiting.setdefault((thing.code, thing.occurrence), []).append(place)
    firsts = {(thing.code, thing.occurrence, thing.because[0]) for thing in asked if thing.because}
    for by_first in (True, False):
        for number, thing in enumerate(asked):
            among = waiting.get((thing.code, thing.occurrence), [])
            if found[number] is not None or not thing.because or not among:
                continue
            newest = _newest(thing, known, among, by_first, firsts)
            if newest is not None:
                found[number] = newest
                among.remove(newest)
    return found


def _newest(
    thing: Thing,
    known: Sequence[Thing],
    among: Sequence[int],
    by_first: bool,  # noqa: FBT001 - the two rounds of the one caller
    firsts: Collection[tuple[str, int, str]],
) -> int | None:
    for place in reversed(among):
        because = known[place].because
        if by_first:
            if because and because[0] == thing.because[0]:
                return place
        elif (not because or (thing.code, thing.occurrence, because[0]) not in firsts) and not set(because).isdisjoint(
            thing.because
        ):
            return place
    return None
