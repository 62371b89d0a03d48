"""How long records are kept: what ships is whole, and a provider's own entry can only be longer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules import DATA, ListMistakes, entry_from_data, load
from saferpractice.lists.rules.retention import LIST, LONGEST, shortening_problems

pytestmark = pytest.mark.requirement("R7", "R34")

SHIPPED = {entry.code: entry.detail for entry in load(DATA / f"{LIST}.yml").entries}
CODES = sorted(SHIPPED)


def mistakes(detail: dict[str, Any]) -> list[str]:
    """What is wrong with an entry of this detail, whoever wrote it."""
    entry = {
        "code": "incident",
        "label": "An incident",
        "detail": detail,
        "source": {"title": "Board paper 12"},
        "checked_on": "2026-11-27",
        "valid_from": "2026-11-27",
    }
    try:
        entry_from_data(LIST, entry)
    except ListMistakes as found:
        return [one.sentence for one in found.mistakes]
    return []


@pytest.mark.parametrize("code", CODES)
def test_what_ships_says_on_what_basis_and_keeps_the_minimum(code: str) -> None:
    detail = SHIPPED[code]
    assert mistakes(detail) == []
    assert detail["years"] == detail["at_least"]
    assert any("Article 5(1)(e)" in one for one in detail["basis"])
    assert any("Article 17(3)" in one for one in detail["basis"])
    assert any("Data Protection Act 2018" in one for one in detail["basis"])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"years": 9}, "below the national minimum. Write 10 or more."),
        ({"years": LONGEST + 1}, "100"),
        ({"years": "ten"}, "years"),
        ({"years": 12.5}, "years"),
        ({"basis": []}, "basis"),
        ({"basis": [" "]}, "basis"),
        ({"counted_from": ""}, "counted_from"),
        ({"afterwards": ""}, "afterwards"),
        ({"forever": True}, "forever"),
    ],
)
def test_a_file_with_a_mistake_is_refused(changes: dict[str, Any], says: str) -> None:
    assert says in " ".join(mistakes({**SHIPPED["incident"], **changes}))


@pytest.mark.parametrize("missing", ["years", "at_least", "counted_from", "basis", "afterwards"])
def test_a_file_that_leaves_a_part_out_is_refused(missing: str) -> None:
    assert missing in " ".join(mistakes({k: v for k, v in SHIPPED["incident"].items() if k != missing}))


class TestAProvidersOwn:
    @given(st.sampled_from(CODES), st.integers(-1000, 1000))
    def test_may_be_longer_and_never_shorter(self, code: str, years: int) -> None:
        shipped = SHIPPED[code]
        found = shortening_problems(shipped, {**shipped, "years": years})
        assert bool(found) is (years < shipped["at_least"])
        assert set(found) <= {"detail.years"}

    @pytest.mark.parametrize("code", CODES)
    @pytest.mark.parametrize("part", ["at_least", "counted_from", "basis", "afterwards"])
    @pytest.mark.parametrize("value", [None, "", "Something else", 1, []])
    def test_changes_nothing_but_the_years(self, code: str, part: str, value: Any) -> None:
        shipped = SHIPPED[code]
        assert set(shortening_problems(shipped, {**shipped, "years": 50, part: value})) == {""}

    def test_may_leave_nothing_out(self) -> None:
        shipped = SHIPPED["incident"]
        assert shortening_problems(shipped, {"years": 30}) != {}

    def test_is_the_same_whether_a_list_or_a_tuple_holds_the_basis(self) -> None:
        """A form sends the one, the database gives back the other."""
        shipped = SHIPPED["incident"]
        for given_ in (tuple(shipped["basis"]), list(shipped["basis"])):
            assert shortening_problems(shipped, {**shipped, "basis": given_, "years": 30}) == {}
            assert shortening_problems({**shipped, "basis": given_}, {**shipped, "years": 30}) == {}

    @pytest.mark.parametrize("detail", [{}, {"timescale": {"kind": "same_day"}}, {"years": 1}])
    def test_says_nothing_of_other_lists(self, detail: dict[str, Any]) -> None:
        assert shortening_problems(detail, {"years": 0}) == {}
