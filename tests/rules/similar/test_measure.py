"""The measuring itself: on texts whose answer is known, so that what the decision page says can be relied on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.factories.similar import FALL, LEAVE, LEAVE_AGAIN, MONEY, TABLETS
from tests.likeness import measure
from tests.likeness.measure import Order, Texts, by_our_rules, by_sqlite, difference, fused, score, single_concerns

pytestmark = pytest.mark.requirement("R10")
LABELS = json.loads(Path(measure.__file__).with_name("labels.json").read_text("utf-8"))


def texts(kind: str = "single concerns") -> Texts:
    """Two about leave of two reports, a third of the first report, and three about other things."""
    ids = ["2099-1/1", "2099-1/2", "2099-2/1", "2099-3/1", "2099-4/1", "2099-5/1"]
    told = [LEAVE, LEAVE, LEAVE_AGAIN, TABLETS, MONEY, FALL]
    labels = {"leave": ids[:3], "tablets": ids[3:4], "both": [ids[0], ids[4]]}
    return measure.texts_of(kind, ids, told, labels)


class TestLabels:
    def test_ids_and_no_word_of_anybody(self) -> None:
        assert set(LABELS) == {"criterion", "labelled", "reports", "concerns"}
        for kind, form in (("reports", r"20\d\d-\d{4}"), ("concerns", r"20\d\d-\d{4}/[123]")):
            for mechanism, ids in LABELS[kind].items():
                assert re.fullmatch(r"[a-z_]+", mechanism)
                assert [one for one in ids if not re.fullmatch(form, one)] == []
                assert len(ids) == len(set(ids)) > 1

    def test_relevant_is_another_report_with_a_mechanism_in_common(self) -> None:
        assert [sorted(one) for one in texts().relevant] == [[2, 4], [2], [0, 1], [], [0], []]

    @pytest.mark.parametrize(("kind", "asked"), [("single concerns", [0, 2]), ("concerns", [])])
    def test_who_is_asked_about(self, kind: str, asked: list[int]) -> None:
        assert texts(kind).asked == asked


@pytest.mark.parametrize(
    ("marks", "found"),
    [(("(1)", "(2)"), 2), (("1.", "2."), 2), (("a)", "b)"), 2), (("(i)", "(ii)"), 2), (("•", "–"), 2), (("", ""), 1)],
)
def test_concerns_are_taken_apart_at_their_numbers(marks: tuple[str, str], found: int) -> None:
    assert len(single_concerns(f"{marks[0]} {LEAVE}\n\n{marks[1]} {LEAVE_AGAIN} (3) Too short.")) == found


class TestWays:
    @pytest.mark.parametrize("way", [by_our_rules, by_sqlite])
    def test_the_text_itself_is_no_find(self, way: measure.Callable[[Texts], Order]) -> None:
        assert all(n not in found for n, found in enumerate(way(texts())))

    @pytest.mark.parametrize("way", [by_our_rules, by_sqlite])
    def test_the_same_mistake_comes_first(self, way: measure.Callable[[Texts], Order]) -> None:
        those = texts()
        assert those.others(way(those))[0][0] == 2
        assert {0, 1} < set(those.others(way(those))[2])

    def test_two_orders_as_one(self) -> None:
        assert fused([[1, 2, 3]], [[3, 1]]) == [[1, 3, 2]]
        assert fused([[]], [[2]]) == [[2]]


class TestScores:
    def test_by_hand(self) -> None:
        those = texts()
        order: Order = [[1, 3, 2, 4, 5], [], [3, 4, 5, 0, 1], [], [], []]
        got = score(those, order)
        assert got.precision == [2 / 5, 2 / 5], "one of the same report does not count"
        assert got.recall == [1, 1]

    def test_an_empty_place_is_no_find(self) -> None:
        assert score(texts(), [[2], [], [], [], [], []]).precision == [1 / 5, 0]

    @pytest.mark.parametrize(("one", "other", "more"), [([0.2, 0.4], [0.2, 0.4], 0), ([0, 0], [0.2, 0.2], 0.2)])
    def test_a_difference_that_is_the_same_everywhere_is_certain(
        self, one: list[float], other: list[float], more: float
    ) -> None:
        assert difference(texts(), one, other) == pytest.approx((more, more, more))

    def test_and_one_that_is_not_has_an_interval_around_it(self) -> None:
        more, low, high = difference(texts(), [0, 0], [0.2, -0.2])
        assert (more, low, high) == pytest.approx((0, -0.2, 0.2))
