"""What stands of the records of a case, and since when it was known."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from saferpractice.pathways.rules.conditions import Test
from saferpractice.pathways.rules.timeline import Record, entries, is_filled, lacking, passes
from tests.rules.pathways.cases import CONSULTATION, LIBRARY, hours, record

pytestmark = pytest.mark.requirement("R7", "R18")


def chain(*records: Record, at: float = 1000) -> list[tuple[str, str, int]]:
    return [(each.root, each.stands.id, len(each.versions)) for each in entries(records, hours(at))]


class TestOrder:
    def test_it_is_the_order_in_which_things_happened(self) -> None:
        assert chain(record("late", "x", 1, written=9), record("early", "x", 2, written=3)) == [
            ("late", "late", 1),
            ("early", "early", 1),
        ]

    def test_ties_stand_as_they_were_written_then_by_id(self) -> None:
        tied = [record("b", "x", 1), record("a", "x", 1), record("c", "x", 1, written=2)]
        for order in itertools.permutations(tied):
            assert [root for root, _, _ in chain(*order)] == ["a", "b", "c"]

    def test_what_is_not_written_yet_is_not_there(self) -> None:
        records = [record("a", "x", 1), record("b", "x", 1, written=5)]
        assert [root for root, _, _ in chain(*records, at=4)] == ["a"]
        assert [root for root, _, _ in chain(*records, at=5)] == ["a", "b"]


class TestCorrections:
    def test_the_newest_version_stands_under_the_first_name(self) -> None:
        records = [
            record("a", "x", 1),
            record("b", "x", 1, written=3, corrects="a"),
            record("c", "x", 1, written=2, corrects="a"),
        ]
        assert chain(*records) == [("a", "b", 3)]

    def test_a_correction_of_a_correction_belongs_to_the_same_chain(self) -> None:
        records = [
            record("a", "x", 1),
            record("b", "x", 1, written=2, corrects="a"),
            record("c", "x", 4, written=5, corrects="b"),
        ]
        assert chain(*records) == [("a", "c", 3)]

    def test_it_may_move_what_happened(self) -> None:
        records = [record("a", "x", 1), record("z", "x", 2), record("b", "x", 3, written=4, corrects="a")]
        assert [root for root, _, _ in chain(*records)] == ["z", "a"]

    def test_a_withdrawn_record_is_gone(self) -> None:
        assert chain(record("a", "x", 1), record("b", "x", 1, written=2, corrects="a", withdrawn=True)) == []

    def test_and_back_when_the_withdrawal_is_put_right(self) -> None:
        records = [
            record("a", "x", 1),
            record("b", "x", 1, written=2, corrects="a", withdrawn=True),
            record("c", "x", 1, written=3, corrects="b"),
        ]
        assert chain(*records) == [("a", "c", 3)]

    def test_before_the_correction_was_written_the_original_stands(self) -> None:
        records = [record("a", "x", 1), record("b", "x", 1, written=5, corrects="a")]
        assert chain(*records, at=4) == [("a", "a", 1)]

    def test_a_withdrawal_whose_original_is_not_here_is_nothing(self) -> None:
        assert entries([record("x", "sign", 0, withdrawn=True)], hours(1)) == []

    def test_a_correction_written_at_the_very_moment_of_the_original_stands(self) -> None:
        """Whatever its id is."""
        for key in ("a", "z"):
            found = entries([record("m", "sign", 0), record(key, "sign", 0, corrects="m", sort="real")], hours(1))
            assert [(each.root, each.stands.id) for each in found] == [("m", key)]

    def test_one_whose_original_is_not_here_stands_by_itself(self) -> None:
        assert chain(record("b", "x", 1, corrects="elsewhere")) == [("b", "b", 1)]

    @pytest.mark.parametrize(
        "records",
        [
            [record("a", "x", 1, corrects="a")],
            [record("a", "x", 1, corrects="b"), record("b", "x", 2, corrects="a")],
            [record("a", "x", 1, corrects="b"), record("b", "x", 2, corrects="a"), record("c", "x", 3, corrects="a")],
        ],
    )
    def test_a_circle_does_not_hang(self, records: list[Record]) -> None:
        assert 1 <= len(chain(*records)) <= len(records)


class TestKnownSince:
    def big(self, version: Record) -> bool:
        return bool(version.values["size"] == "big")

    @pytest.mark.parametrize(
        ("sizes", "known"),
        [
            (["big"], 1),
            (["big", "big"], 1),
            (["small", "big"], 2),
            (["big", "small", "big"], 3),
            (["small", "big", "big"], 2),
            (["big", "big", "big", "big"], 1),
        ],
    )
    def test_without_a_break(self, sizes: list[str], known: int) -> None:
        records = [
            record(str(number), "x", 0, written=number, corrects=str(number - 1) if number > 1 else None, size=size)
            for number, size in enumerate(sizes, start=1)
        ]
        [entry] = entries(records, hours(100))
        assert entry.known_at(self.big) == hours(known)

    def test_a_withdrawal_or_another_kind_between_is_a_break(self) -> None:
        for between in (
            record("2", "x", 0, written=2, corrects="1", withdrawn=True, size="big"),
            record("2", "y", 0, written=2, corrects="1", size="big"),
        ):
            records = [
                record("1", "x", 0, written=1, size="big"),
                between,
                record("3", "x", 0, written=3, corrects="2", size="big"),
            ]
            [entry] = entries(records, hours(100))
            assert entry.known_at(self.big) == hours(3)


def test_late_recording_is_never_negative() -> None:
    assert record("a", "x", 1, written=25).late_by == timedelta(hours=24)
    assert record("a", "x", 5, written=1).late_by == timedelta()


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("yes", True),
        ("0", True),
        ("é", True),
        (" – a", True),
        ("界", True),
        (("a",), True),
        (["a"], True),
        (0, True),
        (hours(1), True),
        ("", False),
        ("  \n", False),
        ("-", False),
        ("…", False),
        (None, False),
        ((), False),
        ([], False),
    ],
)
def test_what_says_something(value: object, filled: bool) -> None:
    assert is_filled(value) is filled


@pytest.mark.parametrize(
    ("test", "values", "holds"),
    [
        ({"is": "refer"}, {"f": "refer"}, True),
        ({"is": "refer"}, {"f": "do-not-refer"}, False),
        ({"is": "refer"}, {}, False),
        ({"is": "a"}, {"f": ("b", "a")}, True),
        ({"is": "c"}, {"f": ["b", "a"]}, False),
        ({"one_of": ["a", "b"]}, {"f": "b"}, True),
        ({"one_of": ["a", "b"]}, {"f": "c"}, False),
        ({"present": True}, {"f": "x"}, True),
        ({"present": True}, {"f": " "}, False),
        ({"present": True}, {}, False),
        ({"present": False}, {}, True),
        ({"present": False}, {"f": "x"}, False),
    ],
)
def test_a_test_of_a_field(test: dict[str, object], values: dict[str, object], holds: bool) -> None:
    assert (
        passes(
            Test.model_validate({"field": "f", **{k: tuple(v) if isinstance(v, list) else v for k, v in test.items()}}),
            values,
        )
        is holds
    )


class TestLacking:
    KIND = LIBRARY["self-neglect"].kinds["consultation"]

    def lacks(self, **changes: object) -> list[str]:
        values = {**CONSULTATION, **{name.replace("_", "-"): value for name, value in changes.items()}}
        return [part.id for part in lacking(self.KIND, values)]

    def test_nothing_when_all_is_there(self) -> None:
        assert self.lacks() == []

    @pytest.mark.requirement("R23")
    @pytest.mark.parametrize("part", sorted(CONSULTATION))
    def test_each_part_alone(self, part: str) -> None:
        assert self.lacks(**{part: " "}) == [part]

    def test_some_only_for_some_answers(self) -> None:
        assert self.lacks(decision="more-information") == ["more-by"]
        assert self.lacks(decision="more-information", more_by=hours(9)) == []
