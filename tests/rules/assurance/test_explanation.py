"""What the explanation for quality leads says, the rules do."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from saferpractice.assurance.rules import ImpactPlan, VerdictWord, chance_of_showing_fall, exposure_needed, rate_ratio

from .builders import LATE_ESCALATIONS, SAME_DAY_CONSULT, verdict

pytestmark = pytest.mark.requirement("R4")

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "explanation" / "impact-verdicts.md").read_text(encoding="utf-8")
RATES = re.findall(r"^\| (\d+) in (\d+) months \| (\d+) in (\d+) months \| (.+?) \|$", PAGE, re.MULTILINE)
RECORDS = re.findall(r"^\| (\d+) of (\d+) records \| (\d+) of (\d+) records \| (.+?) \|$", PAGE, re.MULTILINE)
MONTHS = re.findall(r"^\| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("plan", "row"),
    [(LATE_ESCALATIONS, row) for row in RATES] + [(SAME_DAY_CONSULT, row) for row in RECORDS],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_an_example_gets_the_verdict_it_is_given(plan: ImpactPlan, row: tuple[str, ...]) -> None:
    before, out_of_before, after, out_of_after = map(int, row[:4])
    assert verdict(plan, (before, out_of_before), (after, out_of_after)).word == row[4]


def test_every_answer_is_explained_and_has_an_example() -> None:
    explained = re.findall(r"^\| ([A-Z][a-z ]+) \| .+ \| .+ \|$", PAGE, re.MULTILINE)
    assert explained == [str(word) for word in VerdictWord]
    for rows in (RATES, RECORDS):
        assert {row[4] for row in rows} == set(map(str, VerdictWord))


@pytest.mark.parametrize("row", MONTHS, ids=lambda row: f"{row[0]} in the baseline")
def test_the_months_needed(row: tuple[str, str]) -> None:
    needed = exposure_needed(int(row[0]), 12)
    assert needed is not None
    assert math.ceil(round(needed, 9)) == int(row[1])


def test_the_chances_in_the_text() -> None:
    assert len(MONTHS) == 6
    for a_month, of_a_hundred in ((1, "22 of 100"), (4, "78 of 100")):
        chance = chance_of_showing_fall(12 * a_month, 6 * a_month, 12, 12)
        assert f"{100 * chance:.0f} of 100" == of_a_hundred
        assert of_a_hundred in PAGE
    assert round(rate_ratio(20, 12, 9, 12).p * 100) == 6
    assert "about six times in a hundred" in PAGE
