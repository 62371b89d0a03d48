"""Mistakes in a mapping file: each said in words, with its place and what to write instead."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.rules.mapping import (
    ANSWERS,
    LABELS,
    LONGEST_FILE,
    REQUIRED,
    ImportMapping,
    MappingProblem,
    as_text,
    column_problems,
    mapping_from_data,
    mapping_from_text,
)
from saferpractice.exchange.rules.table import open_table

pytestmark = pytest.mark.requirement("R6")

GOOD: dict[str, Any] = {
    "name": "Old system",
    "source_system": "old",
    "reference": ["Ref"],
    "answers": {
        "what_happened": {"column": "Story"},
        "occurred_at": {"column": "Date"},
        "physical_harm": {"column": "Harm"},
        "psychological_harm": {"value": "low"},
        "still_at_risk": {"value": "no"},
    },
    "triage": {
        "tier": "C",
        "reason": "These were all formal investigations in the old system.",
        "no_safety_actions_because": "They were closed in the old system years ago.",
        "threshold": {"outcome": "refer", "rationale": "It was decided and recorded in the old system."},
    },
}
GONE = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """``GOOD`` with ``value`` at ``path``; GONE takes it out."""
    copy = deepcopy(GOOD)
    *way, last = path.split(".")
    place = copy
    for part in way:
        place = place.setdefault(part, {})
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return copy


def sentences(text: str) -> list[str]:
    with pytest.raises(MappingProblem) as problem:
        mapping_from_text(text)
    return list(problem.value.sentences)


def test_a_good_one_has_none() -> None:
    assert mapping_from_text(yaml.safe_dump(GOOD)).answers["occurred_at"].column == "Date"


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("name", GONE, '"name": is missing. Write what people call this mapping.'),
        ("name", "", '"name": is empty. Write what people call this mapping.'),
        ("name", "x" * 121, '"name": is 121 characters long. Write 120 at most.'),
        ("name", 5, '"name": is 5. Write text; put it in quotes if it is one word such as no, on or a number.'),
        ("source_system", GONE, '"source_system": is missing. Write the system the file comes from.'),
        ("source_system", "x" * 61, "Write 60 at most."),
        ("reference", "Ref", '"reference": is \'Ref\'. Write a list: one line each, beginning with a hyphen.'),
        ("reference", [""], '"reference.1": is empty.'),
        ("reference", [7], '"reference.1": is 7. Write text'),
        ("delimiter", "|", '"delimiter": is \'|\'. Write ,, ; or tab.'),
        ("answers", GONE, '"answers": is missing. Write the answers of a report, each with how it is filled.'),
        ("answers", ["what_happened"], '"answers"'),
        ("answers.what_hapened", {"column": "A"}, "what_hapened"),
        ("answers.what_happened", GONE, "“answers.what_happened” is missing. Say which column fills it"),
        ("answers.what_happened", "Story", "answers.what_happened"),
        ("answers.what_happened", None, "answers.what_happened"),
        ("answers.what_happened.colum", "B", 'Did you mean "column"?'),
        ("answers.what_happened.value", "b", "“answers.what_happened”: write one of column, columns or value."),
        ("answers.also_known", {"columns": ["A"], "column": "B"}, "“answers.also_known”: write one of"),
        ("answers.also_known", {"columns": []}, "“answers.also_known”: write one of"),
        ("answers.team", {"columns": ["A", "B"]}, "“answers.team”: only a text can be made of several columns."),
        ("answers.occurred_at.formats", "%d/%m/%Y", "Write a list"),
        ("answers.occurred_at.formats", ["%d/%m"], "“%d/%m” does not describe a whole day."),
        ("answers.occurred_at.formats", ["%d/%m/%Y", "%Q"], "“%Q” does not describe a whole day."),
        ("answers.physical_harm.formats", ["%d/%m/%Y"], "“answers.physical_harm”: formats belong to times only."),
        ("answers.physical_harm.separator", ";", "only themes can be several in one cell."),
        ("answers.physical_harm.translate", ["a"], '"answers.physical_harm.translate"'),
        ("answers.physical_harm.translate", {"Minor": 1}, "is 1. Write text"),
        ("answers.still_at_risk", {"value": False}, '"answers.still_at_risk.value": is False. Write text; put it'),
        ("answers.themes", {"column": "T", "separator": "; or |"}, "Write 5 at most."),
        ("triage.tier", "D", '"triage.tier": is \'D\'. Write A, B or C.'),
        ("triage.tier", GONE, '"triage.tier": is missing.'),
        ("triage.reason", "x", "“triage.reason”: "),
        ("triage.no_safety_actions_because", "n/a", "“triage.no_safety_actions_because”: "),
        ("triage.threshold.outcome", "maybe", '"triage.threshold.outcome": is \'maybe\'. Write refer or do_not_refer.'),
        ("triage.threshold.rationale", "see above", "“triage.threshold.rationale”: "),
        ("triage.thresholds", {}, 'Did you mean "threshold"?'),
        ("mapping", {}, '"mapping": is not a word that stands here.'),
    ],
)  # fmt: skip
def test_each_is_said_with_its_place(path: str, value: Any, says: str) -> None:
    said = sentences(yaml.safe_dump(changed(path, value), allow_unicode=True))
    assert any(says in one for one in said), said


def test_all_are_said_at_once() -> None:
    data = changed("answers.what_happened", {})
    del data["answers"]["physical_harm"]
    data["triage"]["reason"] = "x"
    said = " ".join(sentences(yaml.safe_dump(data)))
    for place in ("answers.what_happened", "answers.physical_harm", "triage.reason"):
        assert place in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: a\n  source: b\n", "Look at line 2."),
        ("name: a\nanswers: {what_happened: [\n", "Look at line 3."),
        ("name: a\n\tsource_system: b\n", "Look at line 2."),
        ("name: 'never closed\n", "neither YAML nor JSON. Look at line 2."),
        ('{"name": "a",', "neither YAML nor JSON."),
        ("a: *nobody\n", "Look at line 1."),
        ("when: 2026-99-99\n", "neither YAML nor JSON"),
        ("\x00", "neither YAML nor JSON"),
        ("", "A mapping begins with name, source_system and answers."),
        ("name\n", "A mapping begins with name, source_system and answers."),
        ("--- \n- a\n", "A mapping begins with name, source_system and answers."),
        ("name: !!python/name:os.system x\n", "neither YAML nor JSON. Look at line 1."),
        (f"name: {'a' * LONGEST_FILE}\n", "too long to be one"),
        ("[" * LONGEST_FILE, "It opens brackets and does not close them."),
        (f"name: {'{[' * 26}", "It opens brackets and does not close them."),
    ],
    ids=lambda text: ascii(text)[:30],
)
def test_what_is_no_mapping_file_says_where_to_look(text: str, says: str) -> None:
    assert says in " ".join(sentences(text))


def test_many_brackets_that_are_closed_are_no_trouble() -> None:
    translate = {f"kind [{number}]": "low" for number in range(200)}
    text = yaml.safe_dump(changed("answers.physical_harm.translate", translate), default_flow_style=True)
    assert mapping_from_text(text).answers["physical_harm"].translate == translate


def test_a_key_that_stands_for_itself_is_told() -> None:
    with pytest.raises(MappingProblem):
        mapping_from_text("name: a\nsource_system: b\nanswers: &all {what_happened: *all}\n")


def test_every_answer_has_words_and_can_be_filled() -> None:
    assert set(LABELS) == set(ANSWERS) >= set(REQUIRED)
    for name in ANSWERS:
        assert mapping_from_data(changed(f"answers.{name}", {"column": "A"})).answers[name].read == ("A",)  # type: ignore[index]


class TestAgainstAFile:
    def mapping(self, **more: Any) -> ImportMapping:
        return mapping_from_data(GOOD | more)

    @pytest.mark.parametrize(
        ("heading", "said"),
        [
            ("Ref,Story,Date,Harm", []),
            ("Harm,Date,Story,Ref,Else", []),
            ("Ref,Story,Date", ["The mapping reads “Harm”, which the file does not have."]),
            ("Ref", ["The mapping reads “Date”, “Harm” and “Story”, which the file does not have."]),
            ("ref,Story,Date,Harm", ["The mapping reads “Ref”, which the file does not have."]),
            ("Ref,Story,Date,Harm,Date", ["Two columns are called “Date”, and the mapping reads it."]),
            ("Ref,Story,Date,Harm,Else,Else", []),
            ("Ref,Ref,Ref,Story,Date,Harm", ["Two columns are called “Ref”, and the mapping reads it."]),
            ("Ref,Ref,Date,Harm", ["The mapping reads “Story”", "Two columns are called “Ref”"]),
        ],
    )
    def test_what_is_missing_or_twice_is_named(self, heading: str, said: list[str]) -> None:
        found = column_problems(self.mapping(), open_table([f"{heading}\n"], ","))
        assert len(found) == len(said)
        assert all(one.startswith(begins) for one, begins in zip(found, said, strict=True))


def words(longest: int) -> st.SearchStrategy[str]:
    """Text without line ends, which headings and values never hold."""
    return st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=longest)


@given(st.dictionaries(words(20), words(20), max_size=4), words(60), st.lists(words(30), max_size=3))
def test_what_is_saved_is_read_back_as_it_was(translate: dict[str, str], name: str, reference: list[str]) -> None:
    data = changed("answers.physical_harm.translate", translate) | {"name": name, "reference": reference}
    mapping = mapping_from_data(data)
    assert mapping_from_text(as_text(mapping)) == mapping
