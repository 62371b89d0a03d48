"""Keeping processes alive, and ending them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from saferpractice.jobs import processes
from saferpractice.jobs.processes import Child, end_session, in_words, stop_all
from tests.waiting import wait_for

STUBBORN = (
    "import pathlib, signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(sys.argv[1]).touch()\n"
    "time.sleep(60)\n"
)


def child(code: str, *arguments: str) -> Child:
    return Child("worker", [sys.executable, "-c", code, *arguments], dict(os.environ))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" in status.read_text()


class TestKeepingAlive:
    def test_it_is_started_when_it_was_not(self) -> None:
        sleeper = child("import time; time.sleep(60)")
        assert sleeper.keep_alive(0.0) is None
        assert sleeper.exit_code() is None
        stop_all([sleeper])
        assert sleeper.exit_code() == -signal.SIGTERM

    def test_pauses_double_up_to_a_minute(self) -> None:
        dying = child("raise SystemExit(3)")
        told: list[str] = []
        for _ in range(8):
            dying.keep_alive(dying.start_again_at)
            assert dying.process
            dying.process.wait()
            news = dying.keep_alive(dying.started_at)
            assert news
            told.append(news)
        pauses = [news.rpartition("in ")[2] for news in told]
        assert pauses == ["1 s.", "2 s.", "4 s.", "8 s.", "16 s.", "32 s.", "60 s.", "60 s."]
        assert told[0].startswith("The worker stopped (exit code 3)")

    def test_it_is_not_started_before_its_pause_is_over(self) -> None:
        dying = child("raise SystemExit(3)")
        dying.start()
        assert dying.process
        dying.process.wait()
        dying.keep_alive(dying.started_at)
        assert dying.keep_alive(dying.start_again_at - 0.01) is None
        assert dying.process is None
        dying.keep_alive(dying.start_again_at)
        assert dying.process is not None
        stop_all([dying])

    def test_one_that_ran_for_long_starts_again_soon(self) -> None:
        dying = child("raise SystemExit(3)")
        dying.deaths = 6
        dying.start()
        assert dying.process
        dying.process.wait()
        news = dying.keep_alive(dying.started_at + dying.SETTLED_AFTER + 1)
        assert news
        assert news.endswith("in 1 s.")


class TestStopping:
    def test_one_that_will_not_stop_is_ended(self, tmp_path: Path) -> None:
        stubborn = child(STUBBORN, str(tmp_path / "up"))
        stubborn.start()
        wait_for((tmp_path / "up").exists, what="the process to be up")
        stop_all([stubborn], patience_seconds=0.2)
        assert stubborn.exit_code() == -signal.SIGKILL

    def test_what_it_started_is_ended_too(self, tmp_path: Path) -> None:
        note = tmp_path / "grandchild"
        code = (
            "import pathlib, subprocess, sys, time\n"
            "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            f"pathlib.Path({str(note)!r}).write_text(str(p.pid))\n"
            "time.sleep(60)\n"
        )
        parent = child(code)
        parent.start()
        grandchild = int(wait_for(lambda: note.exists() and note.read_text(), what="the grandchild"))
        stop_all([parent])
        wait_for(lambda: gone(grandchild), what="the grandchild to be gone")

    def test_nothing_started_is_nothing_to_stop(self) -> None:
        stop_all([child("pass")])

    def test_a_session_that_is_gone_is_no_error(self) -> None:
        finished = subprocess.Popen([sys.executable, "-c", "pass"], start_new_session=True)
        finished.wait()
        end_session(finished.pid)


class TestParent:
    @pytest.mark.parametrize("way", ["kernel", "thread"])
    def test_a_process_ends_when_its_parent_is_killed(self, tmp_path: Path, way: str) -> None:
        note = tmp_path / "child"
        if way == "kernel":
            obey = "processes.stop_when_parent_dies(os.getppid())"
        else:
            obey = (
                "import threading; threading.Thread(target=processes.watch_parent, args=[os.getppid()],"
                " kwargs={'every_seconds': .05}, daemon=True).start()"
            )
        inner = (
            "import os, pathlib, time; from saferpractice.jobs import processes\n"
            f"{obey}\npathlib.Path({str(note)!r}).write_text(str(os.getpid()))\ntime.sleep(60)\n"
        )
        outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
        parent = subprocess.Popen([sys.executable, "-c", outer])
        pid = int(wait_for(lambda: note.exists() and note.read_text(), what="the child"))
        parent.kill()
        parent.wait()
        wait_for(lambda: gone(pid), what="the child to be gone", seconds=10)

    def test_one_whose_parent_is_gone_already_ends_at_once(self) -> None:
        code = "from saferpractice.jobs import processes; processes.stop_when_parent_dies(1 << 22); print('went on')"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGTERM
        assert "went on" not in done.stdout

    def test_the_environment_is_obeyed_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[int] = []
        monkeypatch.setattr(processes, "stop_when_parent_dies", asked.append)
        monkeypatch.setenv(processes.STOP_WITH_PARENT, "4711")
        processes.obey_environment()
        processes.obey_environment()
        assert asked == [4711]


@pytest.mark.parametrize(("code", "words"), [(0, "exit code 0"), (1, "exit code 1"), (-9, "killed by SIGKILL")])
def test_exit_codes_in_words(code: int, words: str) -> None:
    assert in_words(code) == words
