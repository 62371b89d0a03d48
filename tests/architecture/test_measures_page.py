"""The page about measures is made from their definitions, and leaves none out."""

from __future__ import annotations

import pytest

from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.series import Better
from saferpractice.pathways.rules.reading import load_library
from tests.architecture.measures_page import PAGE, measures, page

pytestmark = pytest.mark.requirement("R20", "R25", "R31", "R32")


def test_it_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8").splitlines() == page(measures()).splitlines(), "run make fix"


def test_every_measure_is_on_it_with_its_name_and_its_key() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [each.key for each in measures() if f"`{each.key}`" not in text or each.measure.name not in text] == []


def test_every_measure_that_a_pathway_names_is_there_as_it_names_it() -> None:
    found = {each.key: each for each in measures()}
    for pathway, definition in load_library().items():
        for named in definition.measures:
            measure = found[f"{pathway}.{named.id}"].measure
            assert (measure.name, measure.better) == (named.title, Better(named.better))
            assert measure.target == named.target


def test_no_key_stands_for_two_measures() -> None:
    keys = [each.key for each in measures()]
    assert len(keys) == len(set(keys))


def test_every_definition_is_whole() -> None:
    for each in measures():
        measure = each.measure
        assert measure.name and measure.numerator and measure.rows, each.key
        assert bool(measure.denominator) is (measure.number is not Number.COUNT), each.key
        assert bool(measure.exposure) is (measure.number is Number.RATE), each.key


def test_a_definition_that_changed_is_seen() -> None:
    some = measures()
    assert page(some) != page(some[1:])
