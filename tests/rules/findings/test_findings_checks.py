"""What a finding needs before it stands, and the Pareto of conditions (R1, R13)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.findings.rules import check_finding, pareto
from saferpractice.lists.rules import DATA, Checked, load

GOOD: dict[str, Any] = {
    "condition": "unclear-threshold",
    "statement": "The guidance gave two thresholds, which meant that concerns stayed in the notes.",
    "made_more_likely": "Two documents were in use and the newer one was not linked from the record.",
    "reduces_recurrence": "One threshold with five named indicators stands in the visit note.",
    "evidence_count": 2,
}
REASON = "The coroner's own words are quoted here and must stand unchanged."


def check(**changes: Any) -> Checked:
    return check_finding(**{**GOOD, **changes})


@pytest.mark.requirement("R1", "R13")
class TestWhatItNeeds:
    """A condition, a statement, both questions answered, evidence."""

    def test_a_good_finding_stands_without_a_word(self) -> None:
        assert check() == Checked()

    @pytest.mark.parametrize("condition", ["", "somebody-elses"])
    def test_a_condition_is_chosen_from_those_in_force(self, condition: str) -> None:
        codes = {entry.code for entry in load(DATA / "system-conditions.yml").entries}
        assert check(conditions=codes).stands
        checked = check(condition=condition, conditions=codes)
        assert checked.problems == {"condition": "Choose the system condition that this is about."}

    def test_a_condition_is_always_needed(self) -> None:
        assert "condition" in check(condition="").problems

    @pytest.mark.parametrize(
        ("field", "asks"),
        [
            ("statement", "which condition, and what it led to"),
            ("made_more_likely", "what conditions made the incident more likely"),
            ("reduces_recurrence", "what change to the system would make it less likely to happen again"),
        ],
    )
    @pytest.mark.parametrize("empty", ["", "  ", "n/a", "as above", "unclear threshold"])
    def test_each_text_must_say_something(self, field: str, asks: str, empty: str) -> None:
        checked = check(**{field: empty})
        assert set(checked.problems) == {field}
        if not empty.strip():
            assert asks in checked.problems[field]

    @pytest.mark.parametrize("count", [0, -1])
    def test_it_rests_on_evidence(self, count: int) -> None:
        assert set(check(evidence_count=count).problems) == {"evidence"}

    def test_everything_wrong_is_said_at_once(self) -> None:
        checked = check_finding(
            condition="", statement="", made_more_likely="", reduces_recurrence="", evidence_count=0
        )
        assert set(checked.problems) == {
            "condition",
            "statement",
            "made_more_likely",
            "reduces_recurrence",
            "evidence",
        }
        assert checked.prompts == {}


@pytest.mark.requirement("R13")
class TestBlame:
    """The writer may go on, with a reason that is kept."""

    BLAMING = "The nurse failed to call the family, which meant that they heard a day late."

    @pytest.mark.parametrize("field", ["statement", "made_more_likely", "reduces_recurrence"])
    def test_blame_in_any_text_is_prompted_with_a_question_and_asks_for_a_reason(self, field: str) -> None:
        checked = check(**{field: self.BLAMING})
        assert set(checked.problems) == {"kept_reason"}
        assert "say why it stays as it is" in checked.problems["kept_reason"]
        assert checked.prompts[field].startswith("“failed to”: What made this hard to do")

    @pytest.mark.parametrize("reason", ["", "n/a", "as above", "agreed"])
    def test_a_reason_must_be_one(self, reason: str) -> None:
        assert "kept_reason" in check(statement=self.BLAMING, kept_reason=reason).problems

    def test_with_a_reason_it_stands_and_the_prompt_stays(self) -> None:
        checked = check(statement=self.BLAMING, kept_reason=REASON)
        assert checked.stands
        assert "“failed to”" in checked.prompts["statement"]

    def test_a_reason_without_blame_is_no_trouble(self) -> None:
        assert check(kept_reason=REASON) == Checked()

    def test_a_question_that_serves_two_wordings_is_asked_once(self) -> None:
        text = "The nurse failed to call and the doctor failed to ring; he forgot to write, so nobody knew."
        prompt = check(made_more_likely=text).prompts["made_more_likely"]
        assert prompt.startswith("“failed to”, “he forgot”: What made this hard")
        assert prompt.count("What made this hard") == 1

    def test_a_statement_without_an_effect_is_prompted_and_stands(self) -> None:
        checked = check(statement="There was no duty cover in the evening.")
        assert checked.stands
        assert "this condition led to this effect" in checked.prompts["statement"]

    @given(
        statement=st.text(max_size=120),
        likely=st.text(max_size=120),
        reduces=st.text(max_size=120),
        reason=st.text(max_size=60),
    )
    def test_whatever_is_typed_is_answered_by_field(
        self, statement: str, likely: str, reduces: str, reason: str
    ) -> None:
        checked = check(statement=statement, made_more_likely=likely, reduces_recurrence=reduces, kept_reason=reason)
        assert set(checked.problems) <= {"statement", "made_more_likely", "reduces_recurrence", "kept_reason"}
        assert set(checked.prompts) <= {"statement", "made_more_likely", "reduces_recurrence"}


@pytest.mark.requirement("R1")
class TestPareto:
    """Conditions by how often they come up, with exact shares."""

    def test_the_commonest_comes_first_and_ties_stand_by_code(self) -> None:
        rows = pareto({"workload": 2, "no-duty-cover": 5, "known-before": 2, "system-gap": 0, "poor-follow-up": 1})
        assert [(row.code, row.count) for row in rows] == [
            ("no-duty-cover", 5),
            ("known-before", 2),
            ("workload", 2),
            ("poor-follow-up", 1),
        ]
        assert [row.share for row in rows] == [Fraction(1, 2), Fraction(1, 5), Fraction(1, 5), Fraction(1, 10)]
        assert [row.cumulative for row in rows] == [Fraction(1, 2), Fraction(7, 10), Fraction(9, 10), Fraction(1)]

    @pytest.mark.parametrize("counts", [{}, {"workload": 0}])
    def test_nothing_found_gives_no_rows(self, counts: dict[str, int]) -> None:
        assert pareto(counts) == ()

    def test_a_count_below_zero_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="a count cannot be below zero: b, c"):
            pareto({"a": 1, "c": -1, "b": -2})

    @given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 50), max_size=8))
    def test_the_shares_add_up_and_never_rise(self, counts: dict[str, int]) -> None:
        rows = pareto(counts)
        assert sum(row.count for row in rows) == sum(counts.values())
        assert [row.count for row in rows] == sorted((row.count for row in rows), reverse=True)
        if rows:
            assert rows[-1].cumulative == 1
            assert sum((row.share for row in rows), Fraction(0)) == 1
        assert pareto(dict(reversed(counts.items()))) == rows
