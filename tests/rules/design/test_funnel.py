"""The funnel plot as it is drawn: points where their numbers say, limits as lines, and everything said in words too."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.funnel import FunnelPoint, Limits, funnel_chart

pytestmark = pytest.mark.requirement("R32")
SVG = "{http://www.w3.org/2000/svg}"
NEAR: Limits = [(5, 40.0, 100.0), (60, 60.0, 90.0), (120, 65.0, 85.0)]
FAR: Limits = [(5, 10.0, 100.0), (60, 50.0, 97.0), (120, 60.0, 92.0)]


def drawn(*points: FunnelPoint, centre: float = 75.0) -> ET.Element:
    return ET.fromstring(funnel_chart(points, "Triage in time", centre=centre, near=NEAR, far=FAR))


def places(chart: ET.Element) -> list[tuple[float, float]]:
    return [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in chart.iter(f"{SVG}circle")]


def test_more_counted_is_further_right_and_a_larger_share_higher_up() -> None:
    (few, low), (many, high) = places(drawn(FunnelPoint("A", 20, 50), FunnelPoint("B", 100, 90)))
    assert few < many
    assert low > high, "down the page is a smaller number"


@pytest.mark.parametrize(("per_cent", "below"), [(0, 100), (50, 51), (99, 100)])
def test_shares_stand_in_their_order(per_cent: float, below: float) -> None:
    (_, lower), (_, upper) = places(drawn(FunnelPoint("A", 20, per_cent), FunnelPoint("B", 20, below)))
    assert lower > upper


def test_a_point_on_the_middle_lies_on_its_line() -> None:
    chart = drawn(FunnelPoint("A", 20, 75))
    lines = [one for one in chart.iter(f"{SVG}line") if one.get("stroke-width") == "2"]
    assert [one.get("y1") for one in lines] == [str(places(chart)[0][1])]


def test_two_pairs_of_limits_that_are_told_apart_without_colour() -> None:
    lines = list(drawn(FunnelPoint("A", 20, 75)).iter(f"{SVG}polyline"))
    assert len(lines) == 4
    assert len({one.get("stroke-dasharray") for one in lines}) == 2


def test_it_says_in_words_what_it_shows() -> None:
    chart = drawn(FunnelPoint("Alder & Ash", 1200, 75), FunnelPoint("Birch", 40, 50))
    said = chart.findtext(f"{SVG}desc") or ""
    assert "1: Alder & Ash, 75% of 1,200" in said
    assert "2: Birch, 50% of 40" in said
    assert chart.get("role") == "img"


def test_points_are_numbered_in_the_order_given() -> None:
    chart = drawn(FunnelPoint("B", 20, 75), FunnelPoint("A", 40, 50))
    texts = [one.text for one in chart.iter(f"{SVG}text") if one.get("paint-order")]
    assert texts == ["1", "2"]


@pytest.mark.parametrize("per_cent", [0, 50, 100])
@pytest.mark.parametrize("out_of", [5, 120])
def test_every_point_and_its_number_lie_within_the_picture(out_of: int, per_cent: float) -> None:
    chart = drawn(FunnelPoint("A", out_of, per_cent))
    _, _, width, height = map(float, (chart.get("viewBox") or "").split())
    numbers = [one for one in chart.iter(f"{SVG}text") if one.get("paint-order")]
    spots = [*places(chart), *((float(one.get("x", "")), float(one.get("y", "")) - 12) for one in numbers)]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in spots)


def boxes(chart: ET.Element) -> list[tuple[float, float, float, float]]:
    """About where the numbers of the points stand: left, top, right, bottom."""
    texts = [one for one in chart.iter(f"{SVG}text") if one.get("paint-order")]
    corners = [(float(one.get("x", "")), float(one.get("y", "")), len(one.text or "")) for one in texts]
    return [(x, y - 12, x + 8 * letters, y) for x, y, letters in corners]


@given(st.lists(st.tuples(st.integers(1, 24), st.integers(0, 100)), min_size=1, max_size=9))
def test_every_point_has_its_number_and_none_leaves_the_picture(shares: list[tuple[int, int]]) -> None:
    """Also where points crowd in a corner, or lie on one another."""
    chart = drawn(*(FunnelPoint(f"P{n}", 5 * fives, share) for n, (fives, share) in enumerate(shares)))
    texts = [one.text or "" for one in chart.iter(f"{SVG}text") if one.get("paint-order")]
    assert sorted(int(each) for one in texts for each in one.split(", ")) == list(range(1, len(shares) + 1))
    assert len(texts) == len(set(places(chart))), "one label for each place"
    assert len(places(chart)) == len(shares)
    _, _, width, height = map(float, (chart.get("viewBox") or "").split())
    assert all(left >= 0 and top >= 0 and right <= width and low <= height for left, top, right, low in boxes(chart))


@pytest.mark.parametrize(
    ("shares", "labels"),
    [
        ([(100, 100), (100, 95), (100, 100)], ["1, 3", "2"]),
        ([(100, 100), (100, 97)], ["1", "2"]),
        ([(120, 50), (120, 50), (120, 50)], ["1, 2, 3"]),
        ([(60, 50), (60, 53), (60, 56)], ["1", "2", "3"]),
        ([(5, 0), (5, 3)], ["1", "2"]),
    ],
    ids=["one on another", "close at the top", "at the right edge", "three close together", "in the lower corner"],
)
def test_no_number_hides_another_or_a_point(shares: list[tuple[int, int]], labels: list[str]) -> None:
    chart = drawn(*(FunnelPoint(f"P{n}", *each) for n, each in enumerate(shares)))
    assert [one.text for one in chart.iter(f"{SVG}text") if one.get("paint-order")] == labels
    drawn_boxes = [*boxes(chart), *((x - 5, y - 5, x + 5, y + 5) for x, y in dict.fromkeys(places(chart)))]
    labelled = len(labels)
    for number, one in enumerate(drawn_boxes[:labelled]):
        for other in (*drawn_boxes[:number], *drawn_boxes[labelled:]):
            apart = one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
            assert apart, (one, other)


def test_no_point_is_drawn_better_or_larger_than_another() -> None:
    """No league table: nothing but the place of a point tells of its number."""
    chart = drawn(FunnelPoint("A", 20, 5), FunnelPoint("B", 100, 75), FunnelPoint("C", 120, 100))
    looks = {(one.get("r"), one.get("fill")) for one in chart.iter(f"{SVG}circle")}
    assert len(looks) == 1
    assert len({one.get("fill") for one in chart.iter(f"{SVG}text") if one.get("paint-order")}) == 1


@pytest.mark.parametrize(("points", "near"), [((), NEAR), ((FunnelPoint("A", 5, 50),), [])])
def test_nothing_to_draw_is_said(points: tuple[FunnelPoint, ...], near: Limits) -> None:
    with pytest.raises(ValueError, match="points and limits"):
        funnel_chart(points, "Nothing", centre=50, near=near, far=FAR)


def test_it_runs_and_fetches_nothing() -> None:
    text = str(funnel_chart([FunnelPoint("<script>", 20, 75)], "<b>", centre=75, near=NEAR, far=FAR))
    assert not re.search(r"<script|<style|href|style=| on\w+=", text)
