"""The five rules for stating a cause, as hints beside a statement."""

from __future__ import annotations

import pytest

from saferpractice.findings.rules import blame_in, causation_hints, causation_rules
from saferpractice.findings.rules.blame import DATA
from saferpractice.lists.rules import Entry, ListMistakes, load
from tests.rules.findings.labelled import FURTHER_SYSTEM, SYSTEM

pytestmark = pytest.mark.requirement("R13")
LISTED = load(DATA / "causation-rules.yml")


def hints(statement: str) -> list[str]:
    kinds = {match.kind for match in blame_in(statement)}
    return [hint.code for hint in causation_hints(statement, kinds)]


def test_the_five_rules_are_there_in_their_order() -> None:
    assert [entry.code for entry in LISTED.entries] == [
        "cause-and-effect",
        "no-negative-descriptors",
        "error-has-a-cause",
        "breach-has-a-cause",
        "duty-to-act",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "No duty cover after 17:00 meant that concerns waited until morning.",
        "Concerns stayed in the notes because the guidance gave two thresholds.",
        "The filter left out people who had moved, which delayed the welfare check.",
        "Each worker held 41 cases, so follow-up within a day was unlikely.",
        "Noise in the office led to missed calls, and increased the chance of a late escalation.",
        "Due to a rota with a gap, nobody could be asked.",
    ],
)
def test_a_statement_with_cause_and_effect_gets_no_hint(statement: str) -> None:
    assert hints(statement) == []


@pytest.mark.parametrize(
    "statement", ["There was no duty cover.", "The threshold guidance.", "Three agencies used three definitions."]
)
def test_a_statement_without_an_effect_is_asked_for_one(statement: str) -> None:
    assert hints(statement) == ["cause-and-effect"]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("Risk was high because care was careless.", "no-negative-descriptors"),
        ("The delay came about because of human error.", "error-has-a-cause"),
        ("The nurse failed to call, which meant a delay.", "error-has-a-cause"),
        ("The nurse should have called, so there was a delay.", "error-has-a-cause"),
    ],
)
def test_wording_calls_for_its_rule(statement: str, rule: str) -> None:
    assert hints(statement) == [rule]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("The worker did not follow the procedure.", "breach-has-a-cause"),
        ("The nurse did not call.", "duty-to-act"),
    ],
)
def test_what_has_no_cause_at_all_is_asked_for_it_too(statement: str, rule: str) -> None:
    assert hints(statement) == ["cause-and-effect", rule]


def test_nothing_written_gets_no_hint() -> None:
    assert causation_hints("  ", ()) == ()


def test_a_hint_carries_what_to_write_and_its_source() -> None:
    [hint] = causation_hints("There was no duty cover.", ())
    assert "this condition led to this effect" in hint.hint
    assert "five rules of causation" in hint.source


def test_every_kind_a_rule_names_is_a_kind_of_blame() -> None:
    known = {entry.code for entry in load(DATA / "blame-wording.yml").entries}
    assert {kind for entry in LISTED.entries for kind in entry.detail["kinds"]} <= known


def test_system_statements_are_at_most_asked_for_an_effect() -> None:
    for statement in (*SYSTEM, *FURTHER_SYSTEM):
        assert set(hints(statement)) <= {"cause-and-effect"}


def entry_with(number: int, **detail: object) -> tuple[Entry, ...]:
    entries = list(LISTED.entries)
    entries[number] = entries[number].model_copy(update={"detail": {**entries[number].detail, **detail}})
    return tuple(entries)


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        ({"phrases": ["~2 because"]}, "write ~1 to ~8 between two words"),
        ({"hint": ""}, '"detail.hint": is empty. Write what to write instead'),
        ({"kinds": "failed-to"}, "Write a list: one line each"),
    ],
)
def test_a_slip_is_named(detail: dict[str, object], sentence: str) -> None:
    with pytest.raises(ListMistakes) as caught:
        causation_rules(LISTED.model_copy(update={"entries": entry_with(0, **detail)}))
    assert str(caught.value).startswith("causation-rules.yml, cause-and-effect: ")
    assert sentence in str(caught.value)
