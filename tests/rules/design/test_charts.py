"""Charts: well-formed, described, free of script and style, and the same each time."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.charts import Bar, Interval, bar_chart, interval_chart

pytestmark = pytest.mark.requirement("R32")

SVG = "{http://www.w3.org/2000/svg}"
numbers = st.floats(0, 1e9, allow_nan=False)
anything = st.floats(-1e9, 1e9, allow_nan=False)


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


class TestBars:
    ROWS = [Bar("Unclear threshold", 12), Bar("No duty cover", 4, note="of 9", strong=True)]

    def test_says_every_label_and_number(self) -> None:
        assert texts(bar_chart(self.ROWS, "Conditions")) == ["Unclear threshold", "12", "No duty cover", "4 of 9"]

    def test_a_pareto_chart_adds_up(self) -> None:
        shown = texts(bar_chart(self.ROWS, "Conditions", cumulative=True))
        assert shown[1::2] == ["12, 75% so far", "4 of 9, 100% so far"]

    def test_lengths_are_in_proportion(self) -> None:
        widths = [float(bar.attrib["width"]) for bar in parsed(bar_chart(self.ROWS, "x")).iter(f"{SVG}rect")]
        assert widths[0] == pytest.approx(3 * widths[1])

    def test_nothing_to_show_is_still_a_picture(self) -> None:
        assert texts(bar_chart([], "x")) == []
        assert texts(bar_chart([Bar("None", 0)], "x", cumulative=True)) == ["None", "0"]

    @pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
    def test_what_a_bar_cannot_show(self, value: float) -> None:
        with pytest.raises(ValueError, match="cannot show"):
            bar_chart([Bar("x", value)], "x")

    @given(
        st.lists(st.builds(Bar, st.text(max_size=80), numbers, st.text(max_size=10), st.booleans()), max_size=6),
        st.text(),
    )
    def test_whatever_is_in_it(self, rows: list[Bar], title: str) -> None:
        svg = bar_chart(rows, title, cumulative=True)
        assert parsed(svg).attrib["role"] == "img"
        assert svg == bar_chart(rows, title, cumulative=True)


class TestIntervals:
    ROWS = [Interval("Before", 62, 51, 72), Interval("After", 84, 75, 91)]

    def test_says_value_and_range(self) -> None:
        shown = texts(interval_chart(self.ROWS, "Same-day consultation", unit="%", target=90))
        assert {"Before: 62% (51 to 72)", "After: 84% (75 to 91)", "target 90%"} <= set(shown)

    def test_more_is_further_right(self) -> None:
        centres = [float(dot.attrib["cx"]) for dot in parsed(interval_chart(self.ROWS, "x")).iter(f"{SVG}circle")]
        assert centres[0] < centres[1]

    @pytest.mark.parametrize(("low", "high"), [(63, 70), (50, 61)])
    def test_an_interval_holds_its_value(self, low: float, high: float) -> None:
        with pytest.raises(ValueError, match="must hold its value"):
            interval_chart([Interval("x", 62, low, high)], "x")

    @given(st.lists(st.tuples(anything, anything, anything).map(sorted), max_size=5), st.none() | anything)
    def test_everything_stays_inside(self, ranges: list[list[float]], target: float | None) -> None:
        rows = [Interval(str(n), value, low, high) for n, (low, value, high) in enumerate(ranges)]
        root = parsed(interval_chart(rows, "x", target=target))
        width = float(root.attrib["viewBox"].split()[2])
        places = [float(line.attrib[end]) for line in root.iter(f"{SVG}line") for end in ("x1", "x2")]
        assert all(0 <= place <= width for place in places)


@pytest.mark.parametrize(
    "svg", [bar_chart(TestBars.ROWS, "T <&>", description="D \x00"), interval_chart(TestIntervals.ROWS, "T <&>")]
)
def test_it_is_described_and_obeys_the_content_policy(svg: str) -> None:
    root = parsed(svg)
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "T <&>"
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "desc", "text", "rect", "line", "circle"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
