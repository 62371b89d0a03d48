"""The command that holds the product's figures against a file of reference cases (R4, R37)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.requirement("R4", "R37")
CASES = Path(__file__).parents[2] / "rules" / "assurance" / "audit_cases.json"


def test_it_answers_every_case_as_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("assess_reference", str(CASES))
    answers = json.loads(capsys.readouterr().out)
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    assert set(answers) == {case["id"] for case in cases}
    assert answers["b10"]["sample_size"] == 19


@pytest.mark.parametrize(
    ("content", "words"), [("{", "cannot be used"), ("7", "no reference cases"), ('{"a": 1}', "no reference cases")]
)
def test_a_file_without_cases_is_refused(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "cases.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=words):
        call_command("assess_reference", str(file))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.json"):
        call_command("assess_reference", str(tmp_path / "gone.json"))


def test_half_a_character_loses_no_case(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(
        r'[{"id": "\ud800", "method": "\ud800", "input": {}}, {"id": "\u00e9", "input": 1}]', encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "saferpractice", "assess-reference", str(file)], capture_output=True, check=True
    )
    assert set(json.loads(done.stdout)) == {"\ud800", "é"}


def test_the_name_may_be_written_with_a_hyphen() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "saferpractice", "assess-reference", str(CASES)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["b15"] == {"allocation": {"day": 7, "night": 3}}
