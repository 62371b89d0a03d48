"""The answers of R and its packages, case by case.

The committed cases were made for this set. The whole set, where it lies beside the checkout, holds the same cases
and some of published data; both are read here, every field of them.
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

METHODS = {
    "rate_ratio_exact_conditional",
    "proportions_fisher_newcombe",
    "rate_ratio_power",
    "times_mann_whitney_hodges_lehmann",
    "times_censored_logrank",
    "gap_ratio_exponential",
    "interrupted_time_series",
    "sequential_obrien_fleming_spending",
}


def check(case: dict[str, Any], tolerance: dict[str, float]) -> None:
    ours = answer_to(case)
    assert "refused" not in ours, ours
    absolute = case["expected"].get("tolerance_absolute", tolerance["absolute"])
    check_fields(ours, case["expected"], tolerance | {"absolute": absolute}, case["id"])


def check_fields(ours: Any, theirs: Any, tolerance: dict[str, float], at: str) -> None:
    """Every field of theirs is in ours, none besides, and within the tolerance of the file."""
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), at
        for name, expected in theirs.items():
            check_fields(ours[name], expected, tolerance, f"{at} {name}")
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs), at
        for i, expected in enumerate(theirs):
            check_fields(ours[i], expected, tolerance, f"{at}[{i}]")
    elif theirs is None or isinstance(theirs, bool):
        assert ours is theirs, at
    else:
        assert ours == pytest.approx(theirs, rel=tolerance["relative"], abs=tolerance["absolute"]), at


@pytest.mark.parametrize("case", COMMITTED["cases"], ids=lambda case: f"{case['id']} {case['title']}")
def test_agrees_with_r(case: dict[str, Any]) -> None:
    check(case, COMMITTED["tolerance"])


def test_every_committed_case_was_made_for_this_set_and_every_method_has_one() -> None:
    cases = COMMITTED["cases"]
    assert {case["source"] for case in cases} == {"made for this set"}
    assert {case["method"] for case in cases} == METHODS
    assert len({case["id"] for case in cases}) == len(cases) == 16


def test_agrees_with_r_on_the_whole_set_where_it_is_at_hand(
    capsys: pytest.CaptureFixture[str], record_property: Any
) -> None:
    if not BESIDE.exists():
        record_property("whole_reference_set", "not there")
        with capsys.disabled():
            print("\nThe whole impact reference set is not beside this checkout: only the committed cases were used.")
        return
    whole = json.loads(BESIDE.read_text(encoding="utf-8"))
    assert {case["method"] for case in whole["cases"]} == METHODS
    record_property("whole_reference_set", f"{len(whole['cases'])} cases")
    for case in whole["cases"]:
        check(case, whole["tolerance"])
    assert [case for case in whole["cases"] if case["source"] == "made for this set"] == COMMITTED["cases"]
