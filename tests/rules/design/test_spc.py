"""Charts over time: what is drawn where, told apart without colour, described, safe, and the same each time."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.charts import INK, LINE, QUIET
from saferpractice.design.spc import Dot, Flag, Look, Spc, assurance_icon, sparkline, spc_chart, variation_icon
from saferpractice.design.spc.shapes import CONCERN, IMPROVEMENT, NEUTRAL

pytestmark = pytest.mark.requirement("R4", "R32", "R36")
SVG = "{http://www.w3.org/2000/svg}"

reals = st.floats(-1e6, 1e6, allow_nan=False)
dots_of = st.lists(
    st.builds(
        Dot,
        label=st.text(max_size=12),
        value=st.none() | reals,
        centre=st.none() | reals,
        lower=st.none() | reals,
        upper=st.none() | reals,
        look=st.sampled_from(Look),
        high=st.booleans(),
        part=st.integers(0, 2),
        open=st.booleans(),
        trial=st.booleans(),
    ),
    max_size=40,
)
flags_of = st.lists(st.builds(Flag, st.floats(-0.5, 30), st.sampled_from([*map(str, range(1, 40)), "A", "B"])))
charts_of = st.builds(
    Spc,
    title=st.text(max_size=20),
    description=st.text(max_size=20),
    dots=dots_of.map(tuple),
    unit=st.sampled_from(["", "%", "days"]),
    target=st.none() | reals,
    flags=flags_of.map(tuple),
    least=st.none() | st.just(0.0),
    most=st.none() | st.just(100.0),
    whole=st.booleans(),
)


def dots(*values: float | None, **more: Any) -> tuple[Dot, ...]:
    limits = {"centre": 10.0, "lower": 4.0, "upper": 16.0} | more
    return tuple(Dot(f"Month {i + 1}", value, **limits) for i, value in enumerate(values))


def chart(*values: float | None, **more: Any) -> Spc:
    parts: dict[str, Any] = {"title": "Late escalations", "description": "A run of months.", "dots": dots(*values)}
    return Spc(**(parts | more))


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def paths(svg: str, **attributes: str) -> list[str]:
    """The strokes with these attributes."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    return [
        element.attrib["d"]
        for element in parsed(svg).iter(f"{SVG}path")
        if all(element.attrib.get(name) == value for name, value in wanted.items())
    ]


def corners(path: str) -> list[tuple[float, float]]:
    """The places a stroke goes to by M and L."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


def values_line(svg: str) -> str:
    return paths(svg, stroke=QUIET, stroke_width="2", fill="none")[0]


class TestValues:
    @pytest.mark.parametrize("narrow", [False, True])
    def test_later_is_further_right_and_more_is_higher(self, narrow: bool) -> None:
        places = corners(values_line(spc_chart(chart(5, 9, 12, 8), narrow=narrow)))
        assert [x for x, _ in places] == sorted({x for x, _ in places})
        heights = [y for _, y in places]
        assert heights[2] < heights[1] < heights[3] < heights[0]

    def test_steps_are_in_proportion(self) -> None:
        heights = [y for _, y in corners(values_line(spc_chart(chart(4, 8, 16))))]
        assert heights[0] - heights[2] == pytest.approx(3 * (heights[0] - heights[1]), abs=0.3)

    def test_the_line_does_not_reach_across_a_missing_value(self) -> None:
        line = values_line(spc_chart(chart(5, 6, None, 7, 8)))
        assert [stroke for stroke in line if stroke in "ML"] == ["M", "L", "M", "L"]
        assert len(corners(line)) == 4

    def test_a_period_that_is_not_over_is_hollow_and_joined_to_nothing(self) -> None:
        running = replace(dots(3)[0], label="Now", open=True, look=Look.CONCERN)
        svg = spc_chart(chart(dots=(*dots(5, 6, 7), running)))
        assert len(corners(values_line(svg))) == 3
        circles = [each.attrib for each in parsed(svg).iter(f"{SVG}circle")]
        assert {each["fill"] for each in circles} == {"#ffffff"}
        assert len(circles) == 2, "the dot and its sign in the key"
        assert "Not over yet" in texts(svg)
        assert "Concern" not in texts(svg)

    def test_nothing_known_is_said_in_the_picture(self) -> None:
        assert "No value is known" in texts(spc_chart(chart(None, None)))
        assert "No value is known" not in texts(spc_chart(chart(None, 3)))

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    @pytest.mark.parametrize("place", ["value", "upper", "target"])
    def test_what_it_cannot_show(self, value: float, place: str) -> None:
        spc = chart(5, target=value) if place == "target" else chart(dots=(replace(dots(5)[0], **{place: value}),))
        with pytest.raises(ValueError, match="endless"):
            spc_chart(spc)


class TestMeaning:
    def shaped(self, look: Look, *, high: bool = True) -> str:
        marked = replace(dots(15)[0], look=look, high=high)
        return spc_chart(chart(dots=(*dots(5, 6), marked)))

    @pytest.mark.parametrize(
        ("look", "colour", "words"),
        [
            (Look.CONCERN, CONCERN, "Concern"),
            (Look.IMPROVEMENT, IMPROVEMENT, "Improvement"),
            (Look.NEUTRAL, NEUTRAL, "Special cause"),
        ],
    )
    def test_a_point_that_means_something_has_its_colour_and_a_name(self, look: Look, colour: str, words: str) -> None:
        svg = self.shaped(look)
        assert len(paths(svg, fill=colour, stroke=INK)) == 2, "the point and its sign in the key"
        assert words in texts(svg)

    def test_and_a_shape_of_its_own(self) -> None:
        def outline(svg: str, colour: str) -> str:
            return "".join(re.findall("[a-zA-Z]", paths(svg, fill=colour, stroke=INK)[0]))

        shapes = {
            outline(self.shaped(look), colour)
            for look, colour in ((Look.CONCERN, CONCERN), (Look.IMPROVEMENT, IMPROVEMENT), (Look.NEUTRAL, NEUTRAL))
        }
        assert len(shapes) == 3

    def test_a_concern_points_to_where_it_lies(self) -> None:
        def tip(high: bool) -> float:
            first, second, *_ = re.findall(
                r"-?[\d.]+ (-?[\d.]+)", paths(self.shaped(Look.CONCERN, high=high), fill=CONCERN)[0]
            )
            return float(first) - float(second)

        assert tip(True) < 0 < tip(False)

    def test_an_ordinary_chart_needs_no_names(self) -> None:
        assert not {"Concern", "Improvement", "Special cause", "Not over yet"} & set(texts(spc_chart(chart(5, 6))))


class TestLines:
    def test_each_part_has_its_own_limits(self) -> None:
        both = (*dots(5, 6), *dots(2, 3, centre=2.5, lower=1.0, upper=4.0, part=1))
        svg = spc_chart(chart(dots=both))
        assert len(paths(svg, stroke=INK, stroke_width="1.5")) == 2
        assert len(paths(svg, stroke_dasharray="7 4")) == 4

    def test_trial_limits_are_dotted_and_called_so(self) -> None:
        svg = spc_chart(chart(dots=dots(5, 6, trial=True)))
        assert len(paths(svg, stroke_dasharray="1.5 5")) == 2
        assert paths(svg, stroke_dasharray="7 4") == []
        assert "Trial upper 16" in texts(svg)

    def test_limits_that_differ_step_from_point_to_point(self) -> None:
        svg = spc_chart(chart(dots=(*dots(5), *dots(6, upper=12.0), *dots(7, upper=12.0))))
        upper = next(path for path in paths(svg, stroke_dasharray="7 4") if "V" in path)
        assert upper.count("V") == 1
        assert upper.count("H") == 2

    @pytest.mark.parametrize(
        ("limit", "drawn"), [({"lower": -3.0}, False), ({"lower": 0.0}, True), ({"upper": 104.0}, False), ({}, True)]
    )
    def test_no_limit_is_drawn_where_no_value_can_lie(self, limit: dict[str, float], drawn: bool) -> None:
        svg = spc_chart(
            chart(dots=dots(50, 60, **({"lower": 20.0, "upper": 90.0, "centre": 55.0} | limit)), most=100.0)
        )
        assert (len(paths(svg, stroke_dasharray="7 4")) == 2) is drawn

    def test_the_target_is_a_line_with_its_name(self) -> None:
        svg = spc_chart(chart(5, 6, target=12.0))
        assert len(paths(svg, stroke=LINE)) == 1
        assert "Target 12" in texts(svg)

    @pytest.mark.parametrize(("target", "arrow"), [(400.0, "↑"), (-400.0, "↓")])
    def test_a_target_far_away_does_not_press_the_chart_flat(self, target: float, arrow: str) -> None:
        near, far = spc_chart(chart(5, 6, 15)), spc_chart(chart(5, 6, 15, target=target))
        assert paths(far, stroke=LINE) == []
        assert any(text.startswith("Target") and text.endswith(arrow) for text in texts(far))
        heights = [[y for _, y in corners(values_line(svg))] for svg in (near, far)]
        assert heights[0] == heights[1]

    @pytest.mark.parametrize("narrow", [False, True])
    def test_every_line_has_its_name_and_number(self, narrow: bool) -> None:
        said = " ".join(texts(spc_chart(chart(5, 6, target=12.0), narrow=narrow)))
        for words in ("Average 10", "Target 12", *(["Limits 4 to 16"] if narrow else ["Upper 16", "Lower 4"])):
            assert words in said

    @given(st.lists(st.floats(0, 20), min_size=3, max_size=3), st.floats(0, 20))
    def test_names_do_not_stand_on_each_other(self, lines: list[float], target: float) -> None:
        lower, centre, upper = sorted(lines)
        svg = spc_chart(chart(dots=dots(5, 6, lower=lower, centre=centre, upper=upper), target=target))
        words = ("Average", "Upper", "Lower", "Target")
        named = [each for each in parsed(svg).iter(f"{SVG}text") if (each.text or "").startswith(words)]
        heights = sorted(float(each.attrib["y"]) for each in named)
        assert len(heights) == 4
        assert all(lower - upper >= 17.9 for upper, lower in pairwise(heights))


class TestScale:
    def ticks(self, *values: float, **more: Any) -> list[str]:
        bare = {"centre": None, "lower": None, "upper": None}
        svg = spc_chart(chart(dots=dots(*values, **bare), **more))
        return [each.text or "" for each in parsed(svg).iter(f"{SVG}text") if each.attrib["text-anchor"] == "end"]

    def test_counts_are_marked_in_whole_numbers(self) -> None:
        assert self.ticks(0, 1, whole=True) == ["0", "1", "2"]

    def test_marks_differ_from_each_other(self) -> None:
        for values in ((8, 8), (0.01, 0.02), (129000, 129100), (0, 0)):
            assert len(set(self.ticks(*values))) == len(self.ticks(*values)) >= 2

    def test_a_share_does_not_reach_beyond_all(self) -> None:
        assert self.ticks(60, 100, unit="%", most=100.0)[-1] == "100%"

    def test_values_far_from_nothing_need_not_begin_there(self) -> None:
        assert self.ticks(81, 89)[0] != "0"
        assert self.ticks(1, 89)[0] == "0"

    def test_a_unit_stands_above_the_scale(self) -> None:
        assert "days" in texts(spc_chart(chart(5, unit="days")))
        assert "%" not in texts(spc_chart(chart(5, unit="%")))

    @pytest.mark.parametrize("narrow", [False, True])
    @pytest.mark.parametrize("number", [1, 5, 36, 104])
    def test_labels_stand_apart_and_name_the_last(self, number: int, narrow: bool) -> None:
        svg = spc_chart(chart(*[5.0] * number), narrow=narrow)
        font = float(parsed(svg).attrib["font-size"])
        labels = [each for each in parsed(svg).iter(f"{SVG}text") if (each.text or "").startswith("Month")]
        assert labels[0].text == f"Month {number}"
        places = sorted((float(each.attrib["x"]), len(each.text or "") * font * 0.5) for each in labels)
        assert all(left + width / 2 < right - more / 2 for (left, width), (right, more) in pairwise(places))


class TestFlags:
    def signs(self, svg: str) -> list[tuple[float, float]]:
        return sorted(
            (float(each.attrib["x"]), float(each.attrib["x"]) + float(each.attrib["width"]))
            for each in parsed(svg).iter(f"{SVG}rect")
        )

    def test_each_day_is_a_line_with_its_sign(self) -> None:
        svg = spc_chart(chart(*[5.0] * 12, flags=(Flag(2.0, "1"), Flag(9.5, "A"))))
        assert len(paths(svg, stroke_dasharray="2 3")) == 2
        assert {"1", "A"} <= set(texts(svg))

    @pytest.mark.parametrize(
        ("signs", "words"),
        [(["1", "2"], "1–2"), (["1", "2", "3", "A"], "1–3, A"), (["1", "B", "A"], "1, A, B"), (["A"], "A")],
    )
    def test_those_that_would_overlap_share_a_sign_that_names_all(self, signs: list[str], words: str) -> None:
        flags = tuple(Flag(5 + i / 100, sign) for i, sign in enumerate(signs))
        svg = spc_chart(chart(*[5.0] * 12, flags=flags))
        assert words in texts(svg)
        assert len(paths(svg, stroke_dasharray="2 3")) == len(signs)

    @given(st.lists(st.floats(-0.5, 35.5), max_size=60), st.booleans())
    def test_no_sign_covers_another(self, places: list[float], narrow: bool) -> None:
        flags = tuple(Flag(at, str(i + 1)) for i, at in enumerate(sorted(places)))
        svg = spc_chart(chart(*[5.0] * 36, flags=flags), narrow=narrow)
        signs, width = self.signs(svg), float(parsed(svg).attrib["viewBox"].split()[2])
        assert all(right < left for (_, right), (left, _) in pairwise(signs))
        assert all(left >= 0 and right <= width for left, right in signs)


class TestPhone:
    def test_letters_are_large_enough_at_320_px(self) -> None:
        root = parsed(spc_chart(chart(5, 15, target=9.0, flags=(Flag(0.0, "1"),)), narrow=True))
        width = float(root.attrib["viewBox"].split()[2])
        smallest = min(
            [root.attrib["font-size"], *(e.attrib["font-size"] for e in root.iter() if "font-size" in e.attrib)]
        )
        assert float(smallest) * 288 / width >= 12, "288 px is what a page of 320 px leaves for it"


class TestSparklines:
    def test_it_shows_the_band_the_line_and_what_means_something(self) -> None:
        marked = replace(dots(18)[0], look=Look.CONCERN, high=True)
        svg = sparkline(chart(dots=(*dots(5, 6, 7), marked)))
        assert len(list(parsed(svg).iter(f"{SVG}rect"))) == 4
        assert len(paths(svg, fill=CONCERN)) == 1
        assert texts(svg) == []

    def test_a_single_value_can_be_seen(self) -> None:
        assert len(paths(sparkline(chart(5)), stroke_linecap="round")) == 1
        assert paths(sparkline(chart(5, 6)), stroke_linecap="round") == []


class TestIcons:
    def test_the_icons_of_variation_differ_without_colour(self) -> None:
        found = [
            re.sub("#[0-9a-f]{6}", "", variation_icon(look, high=high))
            for look in (Look.CONCERN, Look.IMPROVEMENT, Look.NEUTRAL)
            for high in (True, False)
        ]
        found.append(re.sub("#[0-9a-f]{6}", "", variation_icon(Look.ORDINARY)))
        assert len(set(found)) == 7

    @pytest.mark.parametrize(("high", "letter"), [(True, "H"), (False, "L")])
    @pytest.mark.parametrize("look", [Look.CONCERN, Look.IMPROVEMENT, Look.NEUTRAL])
    def test_the_letter_is_the_direction(self, look: Look, high: bool, letter: str) -> None:
        assert texts(variation_icon(look, high=high)) == [letter]

    def test_ordinary_variation_has_no_letter(self) -> None:
        assert texts(variation_icon(Look.ORDINARY)) == []

    @pytest.mark.parametrize(("sign", "colour"), [("P", IMPROVEMENT), ("F", CONCERN), ("?", QUIET)])
    def test_the_letter_is_the_answer(self, sign: str, colour: str) -> None:
        svg = assurance_icon(sign)
        assert texts(svg) == [sign]
        assert next(parsed(svg).iter(f"{SVG}circle")).attrib["stroke"] == colour

    def test_it_is_named_or_hidden(self) -> None:
        for icon in (variation_icon(Look.CONCERN, title="Concern & <b>"), assurance_icon("P", title="Concern & <b>")):
            assert parsed(icon).attrib["role"] == "img"
            assert parsed(icon)[0].text == "Concern & <b>"
        for icon in (variation_icon(Look.CONCERN), assurance_icon("P")):
            assert parsed(icon).attrib["aria-hidden"] == "true"


@given(charts_of, st.sampled_from(["wide", "narrow", "spark"]))
def test_whatever_is_in_it(spc: Spc, kind: str) -> None:
    def drawn() -> str:
        return sparkline(spc) if kind == "spark" else spc_chart(spc, narrow=kind == "narrow")

    svg = drawn()
    assert svg == drawn()
    root = parsed(svg)
    assert root.attrib["role"] == "img"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert "nan" not in svg
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "desc", "text", "rect", "path", "circle"}
        assert not [name for name in element.attrib if name in {"style", "href", "id"} or name.startswith("on")]


@pytest.mark.parametrize("words", ["</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b\x00"])
def test_hostile_words_stay_words(words: str) -> None:
    labelled = (replace(dots(5)[0], label=words),)
    spc = Spc(words, words, labelled, centre_label=words, unit=words, flags=(Flag(0.0, "1"),))
    for svg in (spc_chart(spc), spc_chart(spc, narrow=True), sparkline(spc)):
        root = parsed(svg)
        assert root[0].text == words.replace("\x00", "")
        assert not [each for each in root.iter() if each.tag.removeprefix(SVG) in {"script", "img"}]
