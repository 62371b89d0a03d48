"""How strong a change is, by the published hierarchy (R14, R15)."""

from __future__ import annotations

import pytest

from saferpractice.changes.rules.strength import Strength, grade, strength_of
from saferpractice.lists.rules import DATA, Entry, load

pytestmark = pytest.mark.requirement("R14", "R15")

TYPES = {entry.code: entry for entry in load(DATA / "change-types.yml").entries}
HIERARCHY = load(DATA / "action-hierarchy.yml").entries

WEAKER = {"training", "policy"}
CAN_BE_IMPASSABLE = {
    "risk-prompt",
    "escalation-threshold",
    "referral-template",
    "duty-decision-log",
    "workflow",
    "tool",
}


@pytest.mark.parametrize("code", TYPES)
def test_each_type_has_its_place(code: str) -> None:
    expected = Strength.WEAKER if code in WEAKER else Strength.INTERMEDIATE
    assert strength_of(TYPES[code], HIERARCHY, cannot_be_passed=False) is expected


@pytest.mark.parametrize("code", TYPES)
def test_only_a_step_that_cannot_be_passed_is_stronger_and_only_where_one_can_be_built(code: str) -> None:
    before = strength_of(TYPES[code], HIERARCHY, cannot_be_passed=False)
    expected = Strength.STRONGER if code in CAN_BE_IMPASSABLE else before
    assert strength_of(TYPES[code], HIERARCHY, cannot_be_passed=True) is expected


def test_a_rule_in_software_is_intermediate_unless_it_cannot_be_passed() -> None:
    passable = grade(TYPES["tool"], HIERARCHY, cannot_be_passed=False)
    assert (passable.strength, passable.published_term) == (Strength.INTERMEDIATE, "Software enhancement")
    assert "would be stronger if the work could not go on without this step" in passable.why
    impassable = grade(TYPES["tool"], HIERARCHY, cannot_be_passed=True)
    assert (impassable.strength, impassable.term) == (Strength.STRONGER, "A step that cannot be passed by")
    assert "each override is counted" in impassable.why


def test_training_that_is_said_to_be_impassable_is_told_why_not() -> None:
    graded = grade(TYPES["training"], HIERARCHY, cannot_be_passed=True)
    assert graded.strength is Strength.WEAKER
    assert "can always be passed by" in graded.why


def test_the_grade_carries_the_source_of_the_table() -> None:
    graded = grade(TYPES["policy"], HIERARCHY, cannot_be_passed=False)
    assert "ahrq.gov" in graded.source
    assert "“New procedure, memorandum or policy”" in graded.why
    assert graded.why.endswith("weaker.")


@pytest.mark.parametrize("entry", HIERARCHY, ids=lambda entry: entry.code)
def test_every_term_of_the_table_can_grade_a_type_of_a_provider(entry: Entry) -> None:
    own = TYPES["policy"].model_copy(update={"detail": {"hierarchy": entry.code, "when_cannot_be_passed": None}})
    graded = grade(own, HIERARCHY, cannot_be_passed=False)
    assert graded.strength.value == entry.detail["strength"]
    assert graded.strength.label


def test_a_type_under_an_unknown_term_is_an_error() -> None:
    own = TYPES["policy"].model_copy(update={"detail": {"hierarchy": "prayer", "when_cannot_be_passed": None}})
    with pytest.raises(ValueError, match='stands under "prayer", which the hierarchy does not hold'):
        grade(own, HIERARCHY, cannot_be_passed=False)


def test_what_is_below_the_table_is_called_no_control() -> None:
    assert Strength.NONE.label == "No control"
    assert Strength.STRONGER.label == "Stronger"
