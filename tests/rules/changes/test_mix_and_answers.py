"""How strong the changes are: for one finding, and for a provider beside published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules import GRADES, Answered, answered, mix_of, published_mixes

pytestmark = pytest.mark.requirement("R14")

grades = st.sampled_from(GRADES)


@pytest.mark.parametrize(
    ("strengths", "state"),
    [
        ([], Answered.NOT_YET),
        (["weaker"], Answered.ONLY_WEAKER),
        (["weaker", "weaker"], Answered.ONLY_WEAKER),
        (["weaker", "intermediate"], Answered.YES),
        (["stronger"], Answered.YES),
    ],
)
def test_a_finding_answered_only_by_weaker_changes_says_so(strengths: list[str], state: Answered) -> None:
    assert answered(strengths) is state
    assert bool(answered(strengths).sentence) is (state is not Answered.YES)


@given(st.lists(grades, min_size=1), grades)
def test_another_change_never_makes_an_answer_worse(strengths: list[str], more: str) -> None:
    order = list(Answered)
    assert order.index(answered([*strengths, more])) >= order.index(answered(strengths))


def test_a_mix_counts_each_grade() -> None:
    mix = mix_of(["weaker"] * 5 + ["intermediate"] * 4 + ["stronger"])
    assert mix.counts == {"stronger": 1, "intermediate": 4, "weaker": 5}
    assert [mix.percent(grade) for grade in GRADES] == [10, 40, 50]


def test_too_few_changes_give_no_percentage() -> None:
    mix = mix_of(["weaker"] * 9)
    assert not mix.can_compare
    assert mix.percent("weaker") is None


def test_a_half_rounds_up() -> None:
    mix = mix_of(["stronger"] * 1 + ["weaker"] * 199)
    assert mix.percent("stronger") == 1
    assert mix.percent("weaker") == 100


def test_a_strength_that_is_no_grade_is_an_error() -> None:
    with pytest.raises(ValueError, match="'none' is not a grade"):
        mix_of(["none"])


@given(st.lists(grades, min_size=10))
def test_percentages_are_about_a_hundred_together(strengths: list[str]) -> None:
    mix = mix_of(strengths)
    assert mix.total == len(strengths)
    assert 99 <= sum(mix.percent(grade) or 0 for grade in GRADES) <= 102


def test_the_published_figures_are_as_published_and_say_where() -> None:
    found = {mix.label: mix for mix in published_mixes()}
    assert found["Victoria, Australia"].percents == {"stronger": 8, "intermediate": 44, "weaker": 48}
    assert found["Victoria, Australia"].recommendations == 1137
    assert found["Hong Kong"].percents == {"stronger": 2, "intermediate": 15, "weaker": 82}
    assert found["Hong Kong"].recommendations == 760
    assert all(mix.source and mix.source_url.startswith("https://") for mix in found.values())
