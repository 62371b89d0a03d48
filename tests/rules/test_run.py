"""What ``make test`` makes of its groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import run
from tests.run import Group, Outcome


def group(name: str, code: int, **counts: int) -> Group:
    return Group(name, name.title(), lambda _args: Outcome(code, counts))


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three groups, of which the second fails; returns the arguments each was run with."""
    seen: list[str] = []

    def failing(args: list[str]) -> Outcome:
        seen.append(" ".join(args))
        return Outcome(1, {"passed": 2, "failed": 1})

    monkeypatch.setattr(
        run, "GROUPS", (group("first", 0, passed=3), Group("second", "Second", failing), group("third", 0, passed=9))
    )
    return seen


@pytest.mark.usefixtures("groups")
class TestOrder:
    def test_one_that_fails_does_not_hide_the_next(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run.main([]) == 1
        said = capsys.readouterr().out
        assert "FAILED  Second" in said
        assert "ok      Third" in said

    def test_the_last_line_counts_all_groups(self, capsys: pytest.CaptureFixture[str]) -> None:
        run.main([])
        assert capsys.readouterr().out.splitlines()[-1] == "14 passed, 1 failed"

    def test_one_can_be_chosen(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run.main(["third"]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "9 passed, 0 failed"

    def test_one_that_does_not_exist_is_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run.main(["fourth"]) == 2
        assert "No such group: fourth. There are: first, second, third." in capsys.readouterr().out


def test_arguments_reach_pytest(groups: list[str]) -> None:
    run.main(["second", "--", "-k", "triage"])
    assert groups == ["-k triage"]


class TestPytestGroup:
    def test_no_test_at_all_is_a_failure(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "test_nothing.py").write_text("")
        outcome = run.pytest(str(tmp_path), "--rootdir", str(tmp_path))(["-n", "0"])
        assert outcome.code == run.NO_TESTS_RAN
        assert "No test was found" in capsys.readouterr().out

    def test_it_counts_what_pytest_counted(self, tmp_path: Path) -> None:
        (tmp_path / "test_two.py").write_text("def test_a(): pass\ndef test_b(): assert 1 == 2\n")
        outcome = run.pytest(str(tmp_path), "--rootdir", str(tmp_path))(["-n", "0"])
        assert outcome == Outcome(1, {"failed": 1, "passed": 1})

    def test_one_process_can_be_asked_for(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        test = "def test_a(request): assert not hasattr(request.config, 'workerinput')\n"
        (tmp_path / "test_alone.py").write_text(test)
        assert run.pytest(str(tmp_path), "--rootdir", str(tmp_path))(["-n", "0"]).code == 0
