"""Who stands far enough from an incident to review it, or to oversee its review."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product

import pytest

from saferpractice.reviews.rules import Closeness, independence_problem, independence_warnings, oversight_problem

pytestmark = pytest.mark.requirement("R9", "R10", "R11")

FAR = Closeness()
RULES_OUT = ("reported", "involved", "kept_from")
WARNS = ("manages_reporter", "manages_involved", "decided_at_triage")
TIES = tuple(field.name for field in fields(Closeness))
EVERY = [Closeness(**dict(zip(TIES, ties, strict=True))) for ties in product((False, True), repeat=len(TIES))]


@pytest.mark.parametrize("withheld", [False, True])
def test_ruled_out_exactly_when_a_tie_rules_out(withheld: bool) -> None:
    for close in EVERY:
        problem = independence_problem("Rowan", close, name_withheld=withheld)
        assert (problem is not None) == any(getattr(close, tie) for tie in RULES_OUT), close


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


def test_a_warning_for_each_tie_that_warns() -> None:
    for close in EVERY:
        assert len(independence_warnings("Rowan", close)) == sum(getattr(close, tie) for tie in WARNS), close


def test_warnings_say_what_speaks_against() -> None:
    close = replace(FAR, manages_reporter=True, manages_involved=True, decided_at_triage=True)
    manages, involved, decided = independence_warnings("Rowan", close)
    assert involved == "Rowan manages or supervises somebody who was involved."
    assert manages == "Rowan manages or supervises where this was reported."
    assert decided == "Rowan took decisions at triage that this review looks at."


class TestOversight:
    pytestmark = pytest.mark.requirement("R11")

    @pytest.mark.parametrize("senior", [False, True])
    def test_senior_not_involved_and_not_the_reviewer(self, senior: bool) -> None:
        for close in EVERY:
            problem = oversight_problem("Drew", close, senior=senior, name_withheld=False)
            tied = any(getattr(close, tie) for tie in (*RULES_OUT, "reviews", "decided_threshold"))
            assert (problem is None) == (senior and not tied), close

    def test_a_sentence_never_tells_a_tie_that_must_stay_hidden(self) -> None:
        for close in EVERY:
            said = str(oversight_problem("Drew", close, senior=True, name_withheld=True))
            assert "reported" not in said
            assert "was involved" not in said

    def test_why_not(self) -> None:
        say = lambda close, senior: oversight_problem("Drew", close, senior=senior, name_withheld=False)  # noqa: E731
        assert "Only a safeguarding lead, quality lead or director" in str(say(FAR, False))
        assert say(replace(FAR, reviews=True), True) == (
            "Drew carries out this review, so somebody else senior must sign it off."
        )
        assert say(replace(FAR, decided_threshold=True), True) == (
            "Drew took a safeguarding decision that this review judges, so somebody else senior must sign it off."
        )
        assert say(replace(FAR, involved=True), True) == (
            "Drew was involved in this incident, so cannot oversee its review. Choose somebody else."
        )
