"""What makes an answer of a report usable: every odd day, every long text, nothing guessed (R6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.typed import as_written
from saferpractice.incidents.rules import LONGEST_TEXT, Answer, Precision, Report, problems_of

pytestmark = pytest.mark.requirement("R6")
NOW = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
CODES = {
    "themes": frozenset({"lost-contact", "exploitation"}),
    "physical-harm": frozenset({"none", "low", "fatal"}),
    "psychological-harm": frozenset({"none", "low"}),
}
PLAIN = Report(
    what_happened="Nobody answered the door.",
    occurred_at=NOW - timedelta(hours=1),
    occurred_precision=Precision.EXACT,
    physical_harm="none",
    psychological_harm="low",
    still_at_risk=Answer.NO,
)


def problems(**changes: object) -> set[str]:
    found = problems_of(replace(PLAIN, **changes), at=NOW, codes=CODES)  # type: ignore[arg-type]
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in found.values())
    return set(found)


def test_a_sentence_and_three_choices_are_enough() -> None:
    assert problems() == set()
    assert (
        problems(
            person_reference="", themes=(), done_at_once="", occurred_at=None, occurred_precision=Precision.UNKNOWN
        )
        == set()
    )


@pytest.mark.parametrize("precision", list(Precision))
@pytest.mark.parametrize(
    ("minutes", "usable"),
    [(-60 * 24 * 365 * 40, True), (-1, True), (0, True), (5, True), (5.02, False), (60, False), (60 * 24 * 400, False)],
)
def test_the_future_is_refused_however_well_it_is_known(precision: Precision, minutes: float, usable: bool) -> None:
    found = problems(occurred_at=NOW + timedelta(minutes=minutes), occurred_precision=precision)
    assert found == (set() if usable or precision is Precision.UNKNOWN else {"occurred_at"})


@pytest.mark.parametrize("precision", [Precision.EXACT, Precision.ABOUT, Precision.DAY])
def test_a_time_is_needed_unless_it_is_not_known(precision: Precision) -> None:
    assert problems(occurred_at=None, occurred_precision=precision) == {"occurred_at"}


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u2003", "\u00a0"])
def test_blank_is_no_account_of_what_happened(blank: str) -> None:
    assert problems(what_happened=blank) == {"what_happened"}


@pytest.mark.parametrize("part", ["what_happened", "risk_words", "done_at_once", "also_known"])
@pytest.mark.parametrize(("length", "usable"), [(10_000, True), (LONGEST_TEXT, True), (LONGEST_TEXT + 1, False)])
def test_a_long_answer_fits_and_a_pasted_record_system_does_not(part: str, length: int, usable: bool) -> None:
    assert problems(**{part: "🙂" * length}) == (set() if usable else {part})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"physical_harm": ""}, {"physical_harm"}),
        ({"physical_harm": "NONE"}, {"physical_harm"}),
        ({"psychological_harm": "fatal"}, {"psychological_harm"}),
        ({"physical_harm": "x", "psychological_harm": "x"}, {"physical_harm", "psychological_harm"}),
        ({"themes": ("lost-contact", "exploitation")}, set()),
        ({"themes": ("lost-contact", "")}, {"themes"}),
        ({"person_name": "Invented", "person_reference": " "}, {"person_reference"}),
        ({"person_name": "Invented", "person_reference": "P-1"}, set()),
        ({"person_name": "x" * 201, "person_reference": "P-1"}, {"person_name"}),
        ({"person_reference": "x" * 60}, set()),
        ({"person_reference": "x" * 61}, {"person_reference"}),
        ({"restricted": True}, {"restricted_reason"}),
        ({"restricted": True, "restricted_reason": "An allegation"}, set()),
        ({"restricted_reason": "said and not ticked"}, set()),
    ],
)
def test_each_answer_is_judged_by_itself(changes: dict[str, object], expected: set[str]) -> None:
    assert problems(**changes) == expected


@given(st.text(max_size=80))
def test_no_words_are_refused_for_what_they_are(words: str) -> None:
    assert problems(what_happened=words) == (set() if as_written(words) else {"what_happened"})
