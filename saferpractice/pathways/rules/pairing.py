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

    The likest goes first: with the very same reasons; with the same first reason, and others that joined it; with the
    same first reason; or else one that shares a reason and is nobody's by its first, since a record added later can
    stand before those that were known. A missed contact can be a reason of two things in turn, so a shared reason
    alone does not make them one. Of several alike the newest counts; the places in ``over`` are passed by.
    """
    found: list[int | None] = [None] * len(asked)
    waiting: dict[tuple[str, int], list[int]] = {}
    for place, thing in enumerate(known):
        if place not in over and thing.because:
            waiting.setdefault((thing.code, thing.occurrence), []).append(place)
    firsts = {(thing.code, thing.occurrence, thing.because[0]) for thing in asked if thing.because}
    for is_like in _LIKE:
        for number, thing in enumerate(asked):
            among = waiting.get((thing.code, thing.occurrence))
            if not among or found[number] is not None or not thing.because:
                continue
            for place in reversed(among):
                if is_like(known[place], thing, firsts):
                    found[number] = place
                    among.remove(place)
                    break
    return found


Firsts = Collection[tuple[str, int, str]]


def _same(known: Thing, asked: Thing, _: Firsts) -> bool:
    return list(known.because) == list(asked.because)


def _joined(known: Thing, asked: Thing, firsts: Firsts) -> bool:
    return _begins_alike(known, asked, firsts) and set(known.because) <= set(asked.because)


def _begins_alike(known: Thing, asked: Thing, _: Firsts) -> bool:
    return known.because[0] == asked.because[0]


def _shares(known: Thing, asked: Thing, firsts: Firsts) -> bool:
    is_somebody_s = (known.code, known.occurrence, known.because[0]) in firsts
    return not is_somebody_s and not set(known.because).isdisjoint(asked.because)


_LIKE = (_same, _joined, _begins_alike, _shares)
