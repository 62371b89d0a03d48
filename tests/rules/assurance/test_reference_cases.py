"""The answers of R and its packages, case by case.

The committed cases were made for this set. The whole set, where it lies beside the checkout, holds the same cases
and others for methods to come; both are read here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from saferpractice.assurance.rules.reference import answer_to

pytestmark = pytest.mark.requirement("R4", "R16")

COMMITTED = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
BESIDE = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "impact" / "cases.json"

# What the reference answers and this module does not, each with the reason.
NOT_OURS = {
    "p_two_sided_minimum_likelihood": "can be below 0.05 while the interval holds 1; the central p is used",
    "conditional_odds_ratio": "a difference of shares is what is shown",
    "odds_ratio_ci_low": "as above",
    "odds_ratio_ci_high": "as above",
    "odds_ratio_is_infinite": "as above",
    "cox_efron_hazard_ratio_after_vs_before": "a difference of restricted means is what is shown",
    "cox_ci95_low": "as above",
    "cox_ci95_high": "as above",
    "r_normal_ci95_low": "with ties the interval of the sorted differences is shown, not R's root search",
    "r_normal_ci95_high": "as above",
    "r_normal_estimate": "as above",
}
# The reference's mid-p limits end their root search at about 1e-4. test_rates proves ours to 1e-9 in exact fractions.
ROUGH = {"ci95_low_midp", "ci95_high_midp"}
ROUGH_TOLERANCE = 2e-4

METHODS = {
    "rate_ratio_exact_conditional",
    "proportions_fisher_newcombe",
    "rate_ratio_power",
    "times_mann_whitney_hodges_lehmann",
    "times_censored_logrank",
    "gap_ratio_exponential",
}


def check(case: dict[str, Any], tolerance: dict[str, float]) -> None:
    ours = answer_to(case)
    assert "refused" not in ours, ours
    check_fields(ours, case["expected"], tolerance, case["id"])


def check_fields(ours: dict[str, Any], theirs: dict[str, Any], tolerance: dict[str, float], where: str) -> None:
    assert set(theirs) - set(ours) <= set(NOT_OURS), where
    assert set(ours) <= set(theirs), where
    for name, answer in ours.items():
        at, expected = f"{where} {name}", theirs[name]
        if isinstance(expected, dict):
            check_fields(answer, expected, tolerance, at)
        elif expected is None or isinstance(expected, bool):
            assert answer is expected, at
        else:
            relative = ROUGH_TOLERANCE if name in ROUGH else tolerance["relative"]
            assert answer == pytest.approx(expected, rel=relative, abs=tolerance["absolute"]), at


@pytest.mark.parametrize("case", COMMITTED["cases"], ids=lambda case: f"{case['id']} {case['title']}")
def test_agrees_with_r(case: dict[str, Any]) -> None:
    check(case, COMMITTED["tolerance"])


def test_every_committed_case_was_made_for_this_set_and_every_method_has_one() -> None:
    cases = COMMITTED["cases"]
    assert {case["source"] for case in cases} == {"made for this set"}
    assert {case["method"] for case in cases} == METHODS
    assert len({case["id"] for case in cases}) == len(cases) == 13


def test_agrees_with_r_on_the_whole_set_where_it_is_at_hand(
    capsys: pytest.CaptureFixture[str], record_property: Any
) -> None:
    if not BESIDE.exists():
        record_property("whole_reference_set", "not there")
        with capsys.disabled():
            print("\nThe whole impact reference set is not beside this checkout: only the committed cases were used.")
        return
    whole = json.loads(BESIDE.read_text(encoding="utf-8"))
    mine = [case for case in whole["cases"] if case["method"] in METHODS]
    record_property("whole_reference_set", f"{len(mine)} cases")
    for case in mine:
        check(case, whole["tolerance"])
    assert [case for case in mine if case["source"] == "made for this set"] == COMMITTED["cases"]
