"""A chart as a page shows it: never without its table, its words and the key of its marks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.template import engines

from saferpractice.assurance.presenters.charts import chart_of, spark_of
from saferpractice.assurance.queries.charts import LiveMark
from saferpractice.assurance.rules.charts import Number
from saferpractice.assurance.rules.charts.drawn import Rebase
from saferpractice.assurance.rules.measures import Series
from tests.rules.assurance.charts.builders import calm, events, months, series

pytestmark = pytest.mark.requirement("R4", "R25", "R36")

AT = datetime(2030, 1, 1, 9, 0, tzinfo=UTC)
SPIKE = [*calm(20), 30.0]
REBASE = Rebase(months(15)[14].from_on, "Two people look", "Quill Harker, quality lead", date(2025, 2, 3))


def shown(given: Series, **more: Any) -> dict[str, Any]:
    return chart_of(given, at=AT, **more)


def page(given: Series, **more: Any) -> str:
    template = '{% from "assurance/chart.html" import chart_panel %}{{ chart_panel(one) }}'
    env = engines["jinja2"].env  # type: ignore[attr-defined]
    return str(env.from_string(template).render(one=shown(given, **more)))


def mark(on: date, title: str = "Two people look at each", withdrawn_on: date | None = None) -> LiveMark:
    return LiveMark(on, title, uuid4(), withdrawn_on)


class TestTable:
    def test_it_holds_every_number_newest_first(self) -> None:
        found = shown(series([*SPIKE, None]))
        heads = [head if isinstance(head, str) else head["text"] for head in found["columns"]]
        assert heads == ["Period", "Value", "Average", "Lower limit", "Upper limit", "What the rules say"]
        assert [row[0] for row in found["rows"]] == [period.label for period in reversed(months(22))]
        assert found["rows"][0] == ["Jan 2025", None, "11.0", *found["rows"][1][3:5], "No value; not a zero"]
        assert found["rows"][1][1] == "30"
        assert found["rows"][1][5].startswith("Concern: above the upper limit")
        assert {row[5] for row in shown(series(calm(20)))["rows"]} == {"Ordinary"}

    @pytest.mark.parametrize("number", [Number.SHARE, Number.RATE])
    def test_what_it_is_counted_from_stands_in_it(self, number: Number) -> None:
        given = series([6.0, 8] * 10, sizes=[10.0] * 20, number=number)
        found = shown(given)
        assert [head["text"] for head in found["columns"][1:3]] == ["Count", "Out of"]
        assert found["rows"][0][1:3] == ["8", "10"]

    def test_between_events_a_row_is_an_event(self) -> None:
        given = series([0.0, 1] * 18, number=Number.COUNT, events=events(*[9.0, 11] * 7))
        found = shown(given)
        assert found["columns"][0] == "Event on"
        assert found["columns"][1]["text"] == "Days before it"
        assert found["rows"][0][:2] == ["18 Sep 2023", "11"]

    def test_a_period_that_is_not_over_is_told(self) -> None:
        given = series(SPIKE)
        found = chart_of(given, at=datetime(2024, 12, 20, tzinfo=UTC))
        assert found["rows"][0][-1] == "Not over yet: it counts for nothing"

    def test_every_rule_that_holds_is_told(self) -> None:
        rising = [*calm(20), 10.2, 10.6, 11.0, 11.4, 11.8, 12.2, 30.0]
        assert shown(series(rising))["rows"][0][-1].count(";") >= 1

    def test_the_picture_never_stands_without_it(self) -> None:
        for given in (series(SPIKE), series([None, 3.0]), series([0.0, 1] * 9, number=Number.COUNT)):
            assert "<table" in page(given)
            assert page(given).index("<svg") < page(given).index("<table")

    def test_it_begins_where_something_is_known(self) -> None:
        later, whole = shown(series([None, None, *SPIKE, None, 10.0])), shown(series([*SPIKE, None, 10.0]))
        assert len(later["rows"]) == len(whole["rows"]) == len(SPIKE) + 2, "a gap inside stays"

    @pytest.mark.parametrize("values", [[], [None] * 3])
    def test_where_no_value_is_known_there_is_a_sentence_and_no_picture(self, values: list[float | None]) -> None:
        found = page(series(values))
        assert "No value is known here yet, so no chart is drawn. That is not a zero." in found
        assert "<svg" not in found


class TestWords:
    def test_why_this_chart(self) -> None:
        found = page(series([0.0, 1] * 18, number=Number.COUNT, events=events(*[9.0, 11] * 7)))
        assert "Drawn as a t chart. There are fewer than two events a period" in found
        assert "qicharts2 0.8.1" in found
        assert "Drawn as an XmR chart. A measured value" in page(series(SPIKE))

    def test_icons_stand_beside_their_words(self) -> None:
        found = shown(series(SPIKE, target=50.0))
        assert 'aria-hidden="true"' in found["variation"]["icon"]
        assert found["variation"]["words"] == "Special cause: higher, and that is a concern"
        assert found["assurance"]["words"] == "The target will be met if nothing changes"
        assert found["variation"]["words"] in page(series(SPIKE, target=50.0))

    def test_where_nothing_may_be_said_there_is_no_icon_and_a_sentence(self) -> None:
        found = page(series([0.0, 1, 0, 0] * 6, number=Number.COUNT, events=events(*[50.0] * 5)))
        assert "sp-spc-icon" not in found
        assert "There are 6 events: too few for a chart of the time between them." in found

    def test_the_picture_is_described(self) -> None:
        given = series(SPIKE)
        for key in ("wide", "narrow"):
            root = ElementTree.fromstring(shown(given)[key])
            assert root[0].text == "Late escalations, North team"
            assert (root[1].text or "").startswith("XmR chart of 21 points, Apr 2023 to Dec 2024. Dec 2024: 30")
        spark = ElementTree.fromstring(str(spark_of(shown(given)["chart"])))
        assert spark[1].text

    def test_hostile_words_stay_words(self) -> None:
        bad = "</title><script>alert(1)</script>"
        marks = [mark(months(12)[11].from_on, bad)]
        found = page(series(SPIKE, name=bad, of=bad, unit=bad), marks=marks, rebases=[Rebase(REBASE.on, bad, bad)])
        assert "<script" not in found
        assert found.count("&lt;script&gt;") > 5


class TestMarks:
    def test_each_is_numbered_by_its_day_and_told_in_the_key(self) -> None:
        later, earlier = mark(months(13)[12].from_on, "Later"), mark(months(3)[2].from_on, "Earlier")
        key = shown(series(SPIKE), marks=[later, earlier])["key"]
        assert [(one["sign"], one["when"], one["text"]) for one in key] == [
            ("1", "1 June 2023", "Earlier"),
            ("2", "1 April 2024", "Later"),
        ]
        assert str(earlier.change_id) in key[0]["href"]

    def test_one_outside_the_chart_is_not_told(self) -> None:
        assert shown(series(SPIKE), marks=[mark(date(2022, 1, 1)), mark(date(2029, 1, 1))])["key"] == []

    def test_one_withdrawn_is_told_to_be(self) -> None:
        key = shown(series(SPIKE), marks=[mark(months(3)[2].from_on, withdrawn_on=date(2024, 1, 3))])["key"]
        assert key[0]["note"] == "went live, withdrawn 3 January 2024"

    def test_new_limits_have_a_letter_with_who_and_why(self) -> None:
        given = series([*calm(14), *calm(14, about=4)])
        found = shown(given, rebases=[REBASE], marks=[mark(months(3)[2].from_on)])
        assert [one["sign"] for one in found["key"]] == ["1", "A"]
        assert found["key"][1] == {
            "sign": "A",
            "when": "New limits from Jun 2024",
            "text": "Two people look",
            "note": "decided by Quill Harker, quality lead, 3 February 2025",
        }
        texts = [e.text for e in ElementTree.fromstring(found["wide"]).iter("{http://www.w3.org/2000/svg}text")]
        assert {"1", "A"} <= set(texts)

    def test_on_a_t_chart_too(self) -> None:
        happened = events(*[9.0, 11] * 15)
        given = series([0.0, 1] * 18, number=Number.COUNT, events=happened)
        rebase = Rebase(happened[15].date() - timedelta(days=1), "A new ward", "Somebody")
        found = shown(given, rebases=[rebase], marks=[mark(happened[5].date())])
        assert [one["sign"] for one in found["key"]] == ["1", "A"]


def test_the_same_data_give_the_same_bytes() -> None:
    def drawn() -> tuple[str, str, str]:
        found = shown(series(SPIKE, target=9.0), rebases=[REBASE], marks=[mark(months(3)[2].from_on)])
        return found["wide"], found["narrow"], str(spark_of(found["chart"]))

    assert drawn() == drawn()
