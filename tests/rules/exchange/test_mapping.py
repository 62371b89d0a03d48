"""Mapping files: read whole, or refused with everything there is to put right."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from saferpractice.exchange.rules.mapping import (
    MappingProblem,
    as_data,
    as_text,
    column_problems,
    mapping_from_data,
    mapping_from_text,
)
from saferpractice.exchange.rules.table import open_table
from tests.factories.exchange import CORONERS, coroners_mapping, plain_mapping

pytestmark = pytest.mark.requirement("R6")


def data(**changes: Any) -> dict[str, Any]:
    return as_data(plain_mapping()) | changes


def sentences(given: Any) -> str:
    with pytest.raises(MappingProblem) as problem:
        mapping_from_data(given)
    return " ".join(problem.value.sentences)


def with_answer(name: str, fill: dict[str, Any]) -> dict[str, Any]:
    return data(answers=data()["answers"] | {name: fill})


class TestReading:
    def test_yaml_and_json_say_the_same(self) -> None:
        plain = plain_mapping()
        assert mapping_from_text(as_text(plain)) == plain
        assert mapping_from_text(json.dumps(as_data(plain))) == plain

    def test_the_coroners_mapping_comes_back_whole(self) -> None:
        assert mapping_from_text(as_text(coroners_mapping())) == coroners_mapping()

    def test_the_coroners_mapping_reads_every_column(self) -> None:
        assert coroners_mapping().read == set(CORONERS)

    @pytest.mark.parametrize("text", ["{", "a: [", "\t- a", "&a [*a]"])
    def test_what_is_neither(self, text: str) -> None:
        with pytest.raises(MappingProblem):
            mapping_from_text(text)

    def test_it_never_runs_anything(self) -> None:
        with pytest.raises(MappingProblem, match="neither YAML nor JSON"):
            mapping_from_text("name: !!python/object/apply:os.getcwd []")

    def test_one_that_is_no_mapping(self) -> None:
        with pytest.raises(MappingProblem, match="begins with name"):
            mapping_from_text("- a\n- b\n")

    def test_one_that_is_far_too_long(self) -> None:
        with pytest.raises(MappingProblem, match="too long"):
            mapping_from_text("a: b\n" * 100_000)


class TestMistakes:
    def test_all_of_them_at_once(self) -> None:
        said = sentences(data(name="", answers={"what_happened": {"column": "Story"}, "harm": {"value": "none"}}))
        assert "name" in said
        assert "harm" in said

    @pytest.mark.parametrize("name", ["what_happened", "physical_harm", "psychological_harm", "still_at_risk"])
    def test_what_every_report_needs(self, name: str) -> None:
        answers = {key: fill for key, fill in data()["answers"].items() if key != name}
        assert f"answers.{name}" in sentences(data(answers=answers))

    @pytest.mark.parametrize(
        ("name", "fill", "says"),
        [
            ("what_happened", {"column": "A", "value": "b"}, "one of column, columns or value"),
            ("what_happened", {}, "one of column, columns or value"),
            ("themes", {"columns": ["A", "B"]}, "only a text"),
            ("also_known", {"columns": ["A"], "headings": {"B": "b:"}}, "not read here"),
            ("what_happened", {"column": "A", "formats": ["%d/%m/%Y"]}, "times only"),
            ("known_at", {"value": "2026-01-01"}, "comes from a column"),
            ("known_at", {"column": "A", "formats": ["%d/%m"]}, "whole day"),
            ("known_at", {"column": "A", "formats": ["day"]}, "whole day"),
            ("done_at_once", {"column": "A", "separator": ";"}, "only themes"),
        ],
    )
    def test_of_one_answer(self, name: str, fill: dict[str, Any], says: str) -> None:
        said = sentences(with_answer(name, fill))
        assert f"answers.{name}" in said
        assert says in said

    def test_a_misspelt_word_is_guessed(self) -> None:
        assert 'Did you mean "source_system"' in sentences({**data(), "source_sytem": "x"})

    def test_a_bare_no_of_yaml(self) -> None:
        read = yaml.safe_load("{value: no}")
        assert "quotes" in sentences(with_answer("still_at_risk", read))

    def test_triage_without_words_that_say_why(self) -> None:
        triage = {
            "tier": "C",
            "reason": "x",
            "no_safety_actions_because": "Nothing could be done at once.",
        }
        assert "triage.reason" in sentences(data(triage=triage))

    def test_a_threshold_without_rationale(self) -> None:
        triage = as_data(coroners_mapping())["triage"]
        triage["threshold"]["rationale"] = "no"
        assert "triage.threshold.rationale" in sentences(data(triage=triage))


class TestColumns:
    def test_those_that_are_missing_are_named_with_those_that_are_there(self) -> None:
        (said,) = column_problems(plain_mapping(), open_table(["Ref,Story,Harm,Risk\n"]))
        assert "“Date”" in said
        assert "“Ref”, “Story”, “Harm”, “Risk”" in said

    def test_one_that_stands_twice_and_is_read(self) -> None:
        (said,) = column_problems(plain_mapping(), open_table(["Ref,Date,Story,Harm,Risk,Story\n"]))
        assert "Two columns are called “Story”" in said

    def test_one_that_stands_twice_and_is_not(self) -> None:
        assert column_problems(plain_mapping(), open_table(["Ref,Date,Story,Harm,Risk,Who,Who\n"])) == []
