"""Local times: every shipped one lies within its bounds, and nothing outside them can be written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import LARGEST_AMOUNT, Timescale, TimescaleKind
from saferpractice.lists.rules import DATA, ListMistakes, entry_from_data, load
from saferpractice.lists.rules.local_times import UNITS, Bound, LocalTimescale, bounds_problems

pytestmark = pytest.mark.requirement("R6", "R8")
LISTED = load(DATA / "local-times.yml")
TIMES = {entry.code: entry.detail for entry in LISTED.entries if "timescale" in entry.detail}
EVENING = next(entry.detail["evening"] for entry in LISTED.entries if entry.code == "evening")
KINDS = [kind.value for kind in TimescaleKind if kind is not TimescaleKind.ON_DATE]
LIGHTER = [("triage-at-risk", "triage"), ("safety-action-at-risk", "safety-action"), ("handover-at-risk", "handover")]


def mistakes(detail: dict[str, Any]) -> list[str]:
    """What is wrong with an entry of this detail."""
    entry = {
        "code": "triage",
        "label": "Triage",
        "detail": detail,
        "source": {"title": "Quality meeting"},
        "checked_on": "2026-11-23",
        "valid_from": "2026-11-23",
    }
    try:
        entry_from_data("local-times", entry)
    except ListMistakes as found:
        return [one.sentence for one in found.mistakes]
    return []


@pytest.mark.parametrize("code", TIMES)
def test_each_bound_can_be_reckoned_with(code: str) -> None:
    for bound in TIMES[code]["bounds"]:
        for amount in (bound.get("least"), bound.get("most")):
            assert Timescale.from_data({"kind": bound["kind"], **({"amount": amount} if amount else {})})


@pytest.mark.parametrize(("urgent", "other"), LIGHTER)
def test_where_somebody_may_be_at_risk_no_more_is_ever_allowed(urgent: str, other: str) -> None:
    (bound,) = TIMES[urgent]["bounds"]
    assert bound["kind"] == "clock_hours", "nights and weekends count"
    assert bound["most"] <= 4
    assert bound["most"] < max(one.get("most", 0) for one in TIMES[other]["bounds"])


def test_a_fuller_review_is_never_opened_later_than_a_lighter_one() -> None:
    most = [TIMES[f"open-review-{tier}"]["bounds"][0]["most"] for tier in "abc"]
    shipped = [TIMES[f"open-review-{tier}"]["timescale"]["amount"] for tier in "abc"]
    assert (most, shipped) == (sorted(most, reverse=True), sorted(shipped, reverse=True))


@given(st.sampled_from(sorted(TIMES)), st.sampled_from(KINDS), st.integers(-2, 60) | st.none())
def test_what_is_written_lies_within_the_bounds_or_is_refused(code: str, kind: str, amount: int | None) -> None:
    timescale = {"kind": kind} if amount is None else {"kind": kind, "amount": amount}
    fits = any(
        bound["kind"] == kind
        and (amount is None if kind == "same_day" else amount is not None)
        and (amount is None or bound["least"] <= amount <= bound["most"])
        for bound in TIMES[code]["bounds"]
    )
    assert (mistakes({**TIMES[code], "timescale": timescale}) == []) == fits


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({}, 'needs "timescale" with its "bounds", or "evening"'),
        ({"timescale": {"kind": "same_day"}}, 'needs "timescale" with its "bounds"'),
        ({"bounds": [{"kind": "same_day"}]}, 'needs "timescale" with its "bounds"'),
        ({**TIMES["triage"], "evening": EVENING}, 'needs "timescale" with its "bounds", or "evening"'),
        ({"timescale": {"kind": "weeks"}, "bounds": [{"kind": "same_day"}]}, 'needs "amount"'),
        ({"timescale": {"kind": "same_day", "amount": 1}, "bounds": [{"kind": "same_day"}]}, 'needs "amount"'),
        ({"timescale": {"kind": "same_day"}, "bounds": [{"kind": "weeks"}]}, 'needs "least" and "most"'),
        ({"timescale": {"kind": "same_day"}, "bounds": [{"kind": "weeks", "least": 1}]}, 'needs "least" and "most"'),
        (
            {"timescale": {"kind": "same_day"}, "bounds": [{"kind": "same_day", "least": 1, "most": 2}]},
            'needs "least" and "most"',
        ),
        (
            {"timescale": {"kind": "weeks", "amount": 2}, "bounds": [{"kind": "weeks", "least": 3, "most": 2}]},
            'has "least" above "most"',
        ),
        ({"timescale": {"kind": "months", "amount": 2}, "bounds": [{"kind": "same_day"}]}, "same_day"),
        ({"evening": {**EVENING, "from": "18:00"}}, "or null for both"),
        ({"evening": {**EVENING, "due_by": "10:00"}}, "or null for both"),
        ({"evening": {**EVENING, "from": "17:59", "due_by": "10:00"}}, "Write 18:00 or later"),
        ({"evening": {**EVENING, "from": "18:00", "due_by": "12:01"}}, "Write 12:00 or earlier"),
        ({"evening": {**EVENING, "from": "6pm", "due_by": "10:00"}}, "a time in quotes"),
        ({"evening": {"from": None, "due_by": None, "earliest": "18:00"}}, "is missing"),
    ],
)
def test_each_mistake_says_what_to_write(detail: dict[str, Any], words: str) -> None:
    assert any(words in sentence for sentence in mistakes(detail)), mistakes(detail)


@pytest.mark.parametrize(
    ("start", "due_by"), [("18:00", "12:00"), ("23:59", "00:00"), ("20:30", "09:15"), (None, None)]
)
def test_an_evening_within_its_bounds_stands(start: str | None, due_by: str | None) -> None:
    assert mistakes({"evening": {**EVENING, "from": start, "due_by": due_by}}) == []


class TestTheBoundsStay:
    @pytest.mark.parametrize("code", TIMES)
    def test_as_they_ship(self, code: str) -> None:
        shipped = TIMES[code]
        assert bounds_problems(shipped, {**shipped, "timescale": {"kind": "clock_hours", "amount": 1}}) == {}
        wider = [{**bound, "most": 999} if "most" in bound else bound for bound in shipped["bounds"]]
        for bounds in (wider, shipped["bounds"][:-1], [*shipped["bounds"], {"kind": "weeks", "least": 1, "most": 2}]):
            assert bounds_problems(shipped, {**shipped, "bounds": bounds}), bounds

    @pytest.mark.parametrize("change", [{"earliest": "12:00"}, {"latest": "23:00"}])
    def test_of_the_evening(self, change: dict[str, str]) -> None:
        assert bounds_problems({"evening": EVENING}, {"evening": {**EVENING, "from": "20:00", "due_by": "08:00"}}) == {}
        assert bounds_problems({"evening": EVENING}, {"evening": EVENING | change})

    def test_a_time_does_not_turn_into_an_evening(self) -> None:
        assert bounds_problems(TIMES["triage"], {"evening": EVENING})
        assert bounds_problems({"evening": EVENING}, TIMES["triage"])

    def test_other_lists_have_none(self) -> None:
        assert bounds_problems({"kind": "partner"}, {"kind": "notification"}) == {}


def test_every_counted_kind_has_a_unit_and_a_bound_reads_like_a_sentence() -> None:
    assert {*UNITS, "same_day"} == set(KINDS)
    assert {TimescaleKind(kind) for kind in UNITS} == set(LARGEST_AMOUNT)
    assert Bound(kind="clock_hours", least=1, most=4).words == "1 to 4 hours"
    assert Bound(kind="same_day").words == "the same day"
    assert not Bound(kind="same_day").allows(LocalTimescale(kind="clock_hours", amount=1))
