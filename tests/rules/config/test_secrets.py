"""Secrets made on first use: everybody reads the same one, nobody else can, and none is lost or made twice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from saferpractice.config.secrets import SecretFileError, from_file_or_new


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "field-key"


def left_behind(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.parent.iterdir() if entry != path)


class TestOnFirstUse:
    def test_it_makes_a_long_secret_and_the_folder_it_lies_in(self, path: Path) -> None:
        assert len(from_file_or_new(path)) >= 48
        assert left_behind(path) == []

    def test_only_its_owner_can_read_it_whatever_the_umask(self, path: Path) -> None:
        before = os.umask(0)
        try:
            from_file_or_new(path)
        finally:
            os.umask(before)
        assert path.stat().st_mode & 0o777 == 0o600

    def test_two_secrets_differ(self, tmp_path: Path) -> None:
        assert from_file_or_new(tmp_path / "one") != from_file_or_new(tmp_path / "other")

    def test_it_is_on_disk_before_it_is_used(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        steps: list[str] = []

        def noting(name: str, real: Callable[..., None]) -> Callable[..., None]:
            def noted(*arguments: object) -> None:
                steps.append(name)
                real(*arguments)

            return noted

        monkeypatch.setattr(os, "fsync", noting("to disk", os.fsync))
        monkeypatch.setattr(os, "link", noting("named", os.link))
        from_file_or_new(path)
        assert steps == ["to disk", "named", "to disk"]


class TestAfterwards:
    def test_the_same_secret_comes_back(self, path: Path) -> None:
        assert from_file_or_new(path) == from_file_or_new(path)

    def test_a_secret_put_there_by_hand_is_read_without_its_line_end(self, path: Path) -> None:
        path.parent.mkdir()
        path.write_text("put here by hand\n")
        assert from_file_or_new(path) == "put here by hand"

    def test_nothing_is_written(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        secret = from_file_or_new(path)  # and so it may lie on a disk that is mounted read-only
        monkeypatch.setattr(os, "open", lambda *arguments: pytest.fail("it opened a file to write"))
        assert from_file_or_new(path) == secret

    @pytest.mark.parametrize("content", ["", "\n", "  \n\n"])
    def test_an_empty_file_is_told_and_not_filled(self, path: Path, content: str) -> None:
        path.parent.mkdir()
        path.write_text(content)
        with pytest.raises(SecretFileError, match=r"field-key is empty\. Put the secret back from a backup"):
            from_file_or_new(path)
        assert path.read_text() == content


class TestTwoAtOnce:
    def test_the_one_that_comes_second_takes_the_first_one_s(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        link = os.link

        def another_is_first(source: Path, target: Path) -> None:
            Path(target).write_text("the other process made this")
            link(source, target)

        monkeypatch.setattr(os, "link", another_is_first)
        assert from_file_or_new(path) == "the other process made this"
        assert left_behind(path) == []

    def test_processes_that_start_together_agree(self, path: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from saferpractice.config.secrets import from_file_or_new\n"
            "print('ready', flush=True); sys.stdin.readline(); print(from_file_or_new(Path(sys.argv[1])))"
        )
        command = [sys.executable, "-c", code, str(path)]
        started = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)
        ]
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        found = [process.communicate(timeout=60)[0] for process in started]
        assert set(found) == {path.read_text() + "\n"}
        assert left_behind(path) == []

    def test_a_write_that_fails_leaves_nothing_half_made(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def disk_full(handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", disk_full)
        with pytest.raises(OSError, match="No space left"):
            from_file_or_new(path)
        assert list(path.parent.iterdir()) == []
