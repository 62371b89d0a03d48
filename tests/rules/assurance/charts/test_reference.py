"""The answers of NHSRplotthedots and qicharts2, field by field.

The cases are those tools' own answers (how they were made stands in the files). Where the whole set lies beside the
checkout, its cases are read as well.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from saferpractice.assurance.rules.reference import answer_to

pytestmark = pytest.mark.requirement("R4", "R20", "R25", "R31")
HERE = Path(__file__).parent
BESIDE = Path(__file__).resolve().parents[4].parent / "shared" / "reference" / "spc"


def cases(committed: str, beside: str) -> dict[str, Any]:
    found = [HERE / committed, *([BESIDE / beside] if (BESIDE / beside).exists() else [])]
    return {case["id"]: case for path in found for case in json.loads(path.read_text(encoding="utf-8"))["cases"]}


XMR = cases("xmr_cases.json", "cases.json")
RARE = cases("rare_cases.json", "rare_cases.json")


def same(one: Any, other: Any) -> bool:
    """Numbers within the tolerance of the files, all else exactly."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None or isinstance(one, str):
        return bool(one == other)
    return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9))


def differing(found: Any, wanted: Any, at: str = "") -> list[str]:
    """The places where two answers differ."""
    if isinstance(wanted, dict):
        assert set(found) - {"warnings"} == set(wanted), at
        return [place for name in wanted for place in differing(found[name], wanted[name], f"{at}.{name}")]
    if isinstance(wanted, list):
        assert len(found) == len(wanted), at
        pairs = enumerate(zip(found, wanted, strict=True))
        return [place for i, (one, other) in pairs for place in differing(one, other, f"{at}[{i}]")]
    return [] if same(found, wanted) else [f"{at}: {found} for {wanted}"]


@pytest.mark.parametrize("case", sorted(XMR))
def test_every_field_of_an_xmr_chart(case: str) -> None:
    wanted = {name: value for name, value in XMR[case]["expected"].items() if name != "warnings"}
    assert differing(answer_to(XMR[case]), wanted) == []


@pytest.mark.parametrize("case", sorted(RARE))
def test_every_field_of_a_chart_of_rare_events(case: str) -> None:
    assert differing(answer_to(RARE[case]), RARE[case]["expected"]) == []


def test_a_chart_of_sparse_counts_is_answered_with_the_reason_not_to_read_it() -> None:
    found = answer_to(XMR["s20"])
    assert "Nearly all values are the same" in found["warnings"][0]
    assert answer_to(XMR["s01"])["warnings"] == []
