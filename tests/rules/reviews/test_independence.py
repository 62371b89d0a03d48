"""Who stands far enough from an incident to review it, or to oversee its review."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from saferpractice.reviews.rules import Closeness, independence_problem, independence_warnings, oversight_problem

pytestmark = pytest.mark.requirement("R9", "R10", "R11")

FAR = Closeness()
RULES_OUT = ("reported", "involved", "kept_from")
WARNS = ("manages_reporter", "decided_at_triage")
EVERY = [
    Closeness(
        **dict(
            zip(
                ("reported", "involved", "kept_from", "manages_reporter", "decided_at_triage", "reviews"),
                ties,
                strict=True,
            )
        )
    )
    for ties in product((False, True), repeat=6)
]


@pytest.mark.parametrize("close", EVERY)
@pytest.mark.parametrize("withheld", [False, True])
def test_ruled_out_exactly_when_a_tie_rules_out(close: Closeness, withheld: bool) -> None:
    problem = independence_problem("Rowan", close, name_withheld=withheld)
    assert (problem is not None) == (close.reported or close.involved or close.kept_from)


@pytest.mark.parametrize(
    ("close", "sentence"),
    [
        (replace(FAR, reported=True), "Rowan reported this incident, so cannot review it. Choose somebody else."),
        (
            replace(FAR, involved=True),
            "Rowan was involved in this incident, so cannot review it. Choose somebody else.",
        ),
    ],
)
def test_the_sentence_says_why(close: Closeness, sentence: str) -> None:
    assert independence_problem("Rowan", close, name_withheld=False) == sentence


def test_where_the_reporter_is_not_to_be_known_every_tie_reads_the_same() -> None:
    sentences = {independence_problem("Rowan", replace(FAR, **{tie: True}), name_withheld=True) for tie in RULES_OUT}
    assert sentences == {"Rowan is too close to this incident to review it. Choose somebody else."}


def test_being_kept_from_it_is_never_told() -> None:
    sentence = independence_problem("Rowan", replace(FAR, kept_from=True), name_withheld=False)
    assert sentence == "Rowan is too close to this incident to review it. Choose somebody else."


@pytest.mark.parametrize("close", EVERY)
def test_a_warning_for_each_tie_that_warns(close: Closeness) -> None:
    assert len(independence_warnings("Rowan", close)) == sum(getattr(close, tie) for tie in WARNS)


def test_warnings_say_what_speaks_against() -> None:
    manages, decided = independence_warnings("Rowan", replace(FAR, manages_reporter=True, decided_at_triage=True))
    assert manages == "Rowan manages or supervises where this was reported."
    assert decided == "Rowan took decisions at triage that this review looks at."


class TestOversight:
    pytestmark = pytest.mark.requirement("R11")

    @pytest.mark.parametrize("close", EVERY)
    @pytest.mark.parametrize("senior", [False, True])
    def test_senior_not_involved_and_not_the_reviewer(self, close: Closeness, senior: bool) -> None:
        problem = oversight_problem("Drew", close, senior=senior, name_withheld=False)
        may = senior and not (close.reported or close.involved or close.kept_from or close.reviews)
        assert (problem is None) == may

    def test_why_not(self) -> None:
        say = lambda close, senior: oversight_problem("Drew", close, senior=senior, name_withheld=False)  # noqa: E731
        assert "Only a safeguarding lead, quality lead or director" in str(say(FAR, False))
        assert say(replace(FAR, reviews=True), True) == (
            "Drew carries out this review, so somebody else senior must sign it off."
        )
        assert say(replace(FAR, involved=True), True) == (
            "Drew was involved in this incident, so cannot oversee its review. Choose somebody else."
        )
