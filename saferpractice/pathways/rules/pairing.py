"""Which of the things known to be owed is the one that the engine names: also when its reasons became more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple


class Thing(NamedTuple):
    """What names something owed: its obligation's code, its occurrence, and the records that made it due in order.

    ``once`` says that its obligation comes about once at most.
    """

    code: str
    occurrence: int
    because: Sequence[str]
    once: bool = False


class Reasons(NamedTuple):
    """Of all that is asked of one obligation: with which reasons something begins, and which are of one thing only."""

    first: Collection[str]
    own: Collection[str]


def paired(asked: Sequence[Thing], known: Sequence[Thing], *, over: Collection[int] = ()) -> list[int | None]:
    """For each of ``asked`` the place among ``known`` of the same thing, None for a new one; no place is given twice.

    The likest goes first: with the very same reasons; with the same first reason, and others that joined it; with the
    same first reason; with a shared reason, and nobody's by its first, since a record added later can stand before
    those that were known; with a shared reason that is no other's. A missed contact can be a reason of two things in
    turn, so a shared reason alone does not make them one. What comes about once at most is itself whatever its reasons
    are. Of several alike the newest counts; the places in ``over`` are passed by.
    """
    found: list[int | None] = [None] * len(asked)
    waiting: dict[tuple[str, int], list[int]] = {}
    for place, thing in enumerate(known):
        if place not in over:
            waiting.setdefault(thing[:2], []).append(place)
    wanted: dict[tuple[str, int], list[int]] = {}
    for number, thing in enumerate(asked):
        wanted.setdefault(thing[:2], []).append(number)
    for what, numbers in wanted.items():
        among = waiting.get(what)
        if among:
            _share_out(found, asked, known, numbers, among)
    return found


def _share_out(
    found: list[int | None], asked: Sequence[Thing], known: Sequence[Thing], numbers: list[int], among: list[int]
) -> None:
    """Give what is ``known`` at the places ``among`` to what is ``asked`` at ``numbers``, all of one obligation."""
    times = Counter(reason for number in numbers for reason in asked[number].because)
    reasons = Reasons(
        {asked[number].because[0] for number in numbers if asked[number].because},
        {reason for reason, often in times.items() if often == 1},
    )
    for is_like in _LIKE:
        for number in numbers:
            if found[number] is None:
                thing = asked[number]
                place = next((place for place in reversed(among) if is_like(known[place], thing, reasons)), None)
                if place is not None:
                    found[number] = place
                    among.remove(place)


def _same(known: Thing, asked: Thing, _: Reasons) -> bool:
    return list(known.because) == list(asked.because)


def _joined(known: Thing, asked: Thing, reasons: Reasons) -> bool:
    return _begins_alike(known, asked, reasons) and set(known.because) <= set(asked.because)


def _begins_alike(known: Thing, asked: Thing, _: Reasons) -> bool:
    return bool(known.because and asked.because) and known.because[0] == asked.because[0]


def _shares(known: Thing, asked: Thing, reasons: Reasons) -> bool:
    return not set(known.because).isdisjoint(asked.because) and known.because[0] not in reasons.first


def _has_its_own(known: Thing, asked: Thing, reasons: Reasons) -> bool:
    return any(reason in asked.because and reason in reasons.own for reason in known.because)


def _once(_: Thing, asked: Thing, __: Reasons) -> bool:
    return asked.once


_LIKE = (_same, _joined, _begins_alike, _shares, _has_its_own, _once)
