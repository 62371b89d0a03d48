"""Processes that end together: whoever dies, however, nothing is left running."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STOP_WITH_PARENT = "STOP_WITH_PARENT"
"""In the environment of a process that should stop when its parent is gone: the parent's process id."""

_PR_SET_PDEATHSIG = 1
_WATCH_SECONDS = 1.0


def stop_when_parent_dies(parent: int) -> None:
    """Have this process get SIGTERM when the process ``parent`` is gone, even by SIGKILL.

    The Linux kernel sees to it; elsewhere a thread looks once a second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel was asked
            os.kill(os.getpid(), signal.SIGTERM)
    else:
        threading.Thread(target=watch_parent, args=[parent], daemon=True, name="parent-watch").start()


def watch_parent(parent: int, *, every_seconds: float = _WATCH_SECONDS) -> None:
    """Send SIGTERM to this process once its parent is no longer ``parent``. Does not return before that."""
    while os.getppid() == parent:
        time.sleep(every_seconds)
    os.kill(os.getpid(), signal.SIGTERM)


def obey_environment() -> None:
    """Do as ``STOP_WITH_PARENT`` says, once: processes started from here are not meant by it."""
    parent = os.environ.pop(STOP_WITH_PARENT, "")
    if parent.isdigit():
        stop_when_parent_dies(int(parent))


@dataclass
class Child:
    """A process kept running: started again when it dies, with growing pauses while it keeps dying."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = field(default=0)

    SHORTEST_PAUSE = 1.0
    LONGEST_PAUSE = 60.0
    SETTLED_AFTER = 60.0

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C reaches only the process that looks after it."""
        environment = {**self.environment, STOP_WITH_PARENT: str(os.getpid())}
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            list(self.command), env=environment, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started_at = time.monotonic()

    def exit_code(self) -> int | None:
        """How it ended; None while it runs or has not been started."""
        return self.process.poll() if self.process else None

    def keep_alive(self, now: float) -> str | None:
        """Start it again when it has died and its pause is over. ``now`` is monotonic seconds.

        Returns what to tell the person who watches, if anything happened.
        """
        code = self.exit_code()
        if self.process is not None and code is not None:
            self.deaths = 1 if now - self.started_at > self.SETTLED_AFTER else self.deaths + 1
            pause = min(self.LONGEST_PAUSE, self.SHORTEST_PAUSE * 2 ** (self.deaths - 1))
            self.process, self.start_again_at = None, now + pause
            return f"The {self.name} stopped ({in_words(code)}); it starts again in {pause:.0f} s."
        if self.process is None and now >= self.start_again_at:
            self.start()
        return None


def in_words(code: int) -> str:
    """An exit code as people read it."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def stop_all(children: Sequence[Child], *, patience_seconds: float = 10.0) -> None:
    """Ask all ``children`` to stop, wait, then end what is left of them and of all they started."""
    running = [child.process for child in children if child.process]
    for process in running:
        if process.poll() is None:
            process.terminate()
    give_up_at = time.monotonic() + patience_seconds
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, give_up_at - time.monotonic()))
        end_session(process.pid)
        process.wait()


def end_session(leader: int) -> None:
    """End at once every process left in the session that ``leader`` began, itself too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: "not permitted" of a group of zombies
        os.killpg(leader, signal.SIGKILL)
