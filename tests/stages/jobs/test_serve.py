"""``make run`` in earnest: the real server and its processes, started, killed and stopped."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.databases import Database
from tests.waiting import wait_for


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def descendants(of: int) -> set[int]:
    """Every process that ``of`` started, and they, and so on."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in table.splitlines())}
    found: set[int] = set()
    waiting = {of}
    while waiting:
        waiting = {pid for pid, parent in parents.items() if parent in waiting} - found
        found |= waiting
    return found


def running(pids: set[int]) -> set[int]:
    """Those of ``pids`` that run; a zombie has stopped."""
    table = subprocess.run(["ps", "-eo", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    states = {int(pid): state for pid, state in (line.split() for line in table.splitlines())}
    return {pid for pid in pids if not states.get(pid, "Z").startswith("Z")}


class Served:
    """One ``serve`` process and what it said."""

    def __init__(self, database: Database, **environment: str) -> None:
        self.port = free_port()
        self.data_dir = database.data_dir
        self.log = self.data_dir / f"log-{self.port}"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "saferpractice", "serve"],
                cwd=settings.BASE_DIR,
                env={
                    **os.environ,
                    **database.environment,
                    "DJANGO_SETTINGS_MODULE": "tests.stages.jobs.serving_settings",
                    "EXAMPLE_DATA": "0",
                    "PORT": str(self.port),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def said(self) -> str:
        return self.log.read_text()

    def until_ready(self) -> Served:
        def look() -> bool:
            assert self.process.poll() is None, self.said()
            return "Stop with Ctrl-C" in self.said() and bool(self.workers())

        wait_for(look, what="the server to be ready", seconds=90)
        return self

    def workers(self) -> list[int]:
        """The worker processes started so far, the latest last."""
        note = self.data_dir / "workers"
        return [int(pid) for pid in note.read_text().split()] if note.exists() else []

    def web_server(self) -> int:
        table = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in table.splitlines()]
        return next(int(r[0]) for r in rows if int(r[1]) == self.process.pid and "saferpractice.jobs.web" in r[2])

    def get(self, path: str) -> http.client.HTTPResponse:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        asked.request("GET", path)
        answer = asked.getresponse()
        answer.read()
        asked.close()
        return answer


Serve = Callable[..., Served]


@pytest.fixture
def serve(fresh_database: Database) -> Iterator[Serve]:
    started: list[Served] = []

    def start(**environment: str) -> Served:
        started.append(Served(fresh_database, **environment))
        return started[-1]

    yield start
    for served in started:
        left = descendants(served.process.pid)
        served.process.kill()
        served.process.wait()
        wait_for(lambda left=left: not running(left), what="every process to stop", seconds=60)


def test_it_serves_and_stops_all_it_started(serve: Serve) -> None:
    served = serve().until_ready()
    assert f"http://127.0.0.1:{served.port}" in served.said()
    assert str(served.data_dir) in served.said()
    assert served.get("/account/login/").status == 200
    started = descendants(served.process.pid)
    assert len(started) == 4, "the web server, its two processes, and the worker"

    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(timeout=30) == 0
    assert running(started) == set()
    assert served.said().rstrip().endswith("Stopped.")

    again = serve().until_ready()
    assert "The static files are in place" not in again.said(), "the second start repeats what is done"
    assert again.get("/account/login/").status == 200
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(timeout=30) == 0


def test_nothing_is_left_when_it_is_killed(serve: Serve) -> None:
    served = serve().until_ready()
    started = descendants(served.process.pid)
    served.process.kill()
    served.process.wait()
    wait_for(lambda: not running(started), what="every process to stop", seconds=60)


def test_a_worker_that_dies_is_started_again(serve: Serve) -> None:
    served = serve().until_ready()
    first = served.workers()[-1]
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: served.workers()[-1] != first and served.workers()[-1], what="a new worker")
    assert running({second}) == {second}
    assert "The worker stopped (killed by SIGKILL); it starts again in 1 s." in served.said()
    assert served.get("/account/login/").status == 200, "the pages go on without the worker"


def test_without_the_web_server_it_stops_and_says_so(serve: Serve) -> None:
    served = serve().until_ready()
    started = descendants(served.process.pid)
    os.kill(served.web_server(), signal.SIGKILL)
    assert served.process.wait(timeout=30) == 1
    assert "The web server stopped (killed by SIGKILL); Safer Practice stops with it." in served.said()
    wait_for(lambda: not running(started), what="every process to stop", seconds=60)


def test_a_web_process_that_dies_is_replaced(serve: Serve) -> None:
    served = serve().until_ready()
    before = descendants(served.web_server())
    os.kill(min(before), signal.SIGKILL)
    wait_for(lambda: len(running(descendants(served.web_server()) - before)) == 1, what="a new web process")
    assert served.get("/account/login/").status == 200


def test_it_stops_with_the_make_that_started_it(serve: Serve, tmp_path: Path, fresh_database: Database) -> None:
    port = free_port()
    program = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-m', 'saferpractice', 'serve'],"
        " env={**os.environ, 'STOP_WITH_PARENT': str(os.getpid())})\n"
        "child.wait()\n"
    )
    environment = {
        **os.environ,
        **fresh_database.environment,
        "DJANGO_SETTINGS_MODULE": "tests.stages.jobs.serving_settings",
        "EXAMPLE_DATA": "0",
        "PORT": str(port),
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        make = subprocess.Popen(
            [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output
        )
    wait_for(lambda: "Stop with Ctrl-C" in log.read_text(), what="the server to be ready", seconds=90)
    started = descendants(make.pid)
    make.kill()
    make.wait()
    wait_for(lambda: not running(started), what="every process to stop", seconds=60)


class TestRefusals:
    def test_a_port_in_use(self, serve: Serve) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            served = serve(PORT=str(port))
            assert served.process.wait(timeout=30) == 1
        assert f"Port {port} on 127.0.0.1 cannot be used" in served.said()
        assert "PORT=8001 make run" in served.said()
        assert "Traceback" not in served.said()

    @pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
    def test_a_port_that_is_none(self, serve: Serve, port: str) -> None:
        served = serve(PORT=port)
        assert served.process.wait(timeout=30) == 1
        assert f"PORT is '{port}': it must be a number from 1 to 65535." in served.said()
