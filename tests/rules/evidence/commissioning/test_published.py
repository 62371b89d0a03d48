"""A quarter as it is published: guarded, kept, and read back the same, with no true count anywhere in it."""

from __future__ import annotations

import dataclasses
import json
import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.measures.series import Better
from saferpractice.evidence.rules.commissioning.published import (
    Counted,
    Learned,
    Measure,
    Published,
    Section,
    Told,
    as_data,
    from_data,
    publish,
)
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.disclosure.tables import Counts, pairs
from saferpractice.evidence.rules.thematic.small import HIDDEN, Guarded, guarded

pytestmark = pytest.mark.requirement("R32")


def told(code: str = "a.measure", section: Section = Section.TIMELINESS) -> Told:
    return Told(code=code, title=code.title(), section=section, better=Better.HIGHER, counts="What it counts.")


def a_pair(met: list[int], out_of: list[int], code: str = "a.measure", *, rest: bool = False) -> Counted:
    places = tuple(f"service-{place}" for place in range(len(met) - rest))
    return Counted(pairs(met, out_of, rest=rest), places, ((0, told(code)),))


def published(*counted: Counted, **more: typing.Any) -> Published:
    return publish(
        counted, counted_on="2026-01-26", services={"service-0": "Riverside", "service-1": "Harbour"}, **more
    )


@st.composite
def counted(draw: st.DrawFn) -> Counted:
    out_of = draw(st.lists(st.integers(0, 50), min_size=1, max_size=4))
    met = [draw(st.integers(0, one)) for one in out_of]
    return a_pair(met, out_of, rest=draw(st.booleans()) if len(out_of) > 1 else False)


@given(st.lists(counted(), max_size=4))
def test_what_is_kept_is_read_back_the_same(tables: list[Counted]) -> None:
    made = published(
        *tables, learned=[Learned(title="A", kind="B", rollout="C", verdict="D", training="E", specification="F")]
    )
    assert from_data(json.loads(json.dumps(as_data(made)))) == made


@given(counted())
def test_no_number_that_is_kept_is_a_true_one_under_five(one: Counted) -> None:
    kept = as_data(published(one))["measures"]
    numbers = [number for each in kept for pair in (each["whole"], *each["places"].values()) for number in pair]
    assert all(number is None or (number >= 5 and number % 5 == 0) for number in numbers)


@given(counted())
def test_a_hidden_number_is_kept_as_nothing(one: Counted) -> None:
    """A reader of the row itself, or of a copy of the database, finds no more than a reader of the page."""
    whole = as_data(published(one))["measures"][0]["whole"]
    if one.table.of((-1, 0)) < 5:
        assert whole[0] is None
    if one.table.of((-1, -1)) < 5:
        assert whole == [None, None]


def test_several_measures_are_read_from_the_parts_of_one_table() -> None:
    table = Counts(((20, 10, 8), (30, 12, 9)), frozenset({0, 1}))
    both = Counted(table, ("service-0", "service-1"), ((0, told("in-time")), (1, told("late"))))
    first, second = published(both).measures
    assert (first.whole.words, second.whole.words) == ("about 56%", "about 22%")
    assert first.whole.out_of == second.whole.out_of
    assert first.of("service-1").count == guarded(30)


def test_a_measure_is_found_by_its_code_and_its_section() -> None:
    made = published(a_pair([9], [20], "one"), a_pair([9], [20], "two"))
    assert made.measure("two") is not None
    assert made.measure("three") is None
    assert [one.told.code for one in made.of(Section.TIMELINESS)] == ["one", "two"]
    assert made.of(Section.REPEATS) == []


def test_a_service_without_numbers_has_none() -> None:
    (one,) = published(a_pair([9, 12], [20, 20])).measures
    assert one.of("service-0").published
    assert one.of("a-service-that-came-later") == Share(HIDDEN, HIDDEN)
    assert one.of(None) == one.whole


def numbers_in(kind: object, seen: frozenset[object] = frozenset()) -> set[str]:
    """Where in a type a bare number could stand, field by field, down to the guarded ones."""
    if kind in {int, float}:
        return {"a number"}
    found = set()
    for each in typing.get_args(kind):
        found |= numbers_in(each, seen)
    if dataclasses.is_dataclass(kind) and kind is not Guarded and kind not in seen:
        hints = typing.get_type_hints(kind)
        for each in dataclasses.fields(kind):
            found |= {f"{each.name}: {word}" for word in numbers_in(hints[each.name], seen | {kind})}
    return found


def test_no_true_count_can_stand_in_what_is_published() -> None:
    """By its type: of numbers, only guarded ones fit into what pages, charts and files are made of."""
    assert numbers_in(Published) == set()
    assert numbers_in(Measure) == set()
    assert numbers_in(Counted) != set(), "the same look finds the true counts before they are guarded"


@pytest.mark.parametrize("section", list(Section))
def test_every_section_has_its_heading(section: Section) -> None:
    assert section.heading[0].isupper()


def test_what_was_published_before_conditions_were_told_reads_back_without_any() -> None:
    learned = Learned(title="A", kind="B", rollout="C", verdict="D", training="E", specification="F", condition="G")
    kept = as_data(published(learned=[learned]))
    assert from_data(kept).learned == (learned,)
    del kept["learned"][0]["condition"]
    assert from_data(kept).learned[0].condition == ""
