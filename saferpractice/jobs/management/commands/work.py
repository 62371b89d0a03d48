"""``python -m saferpractice work``: the worker that watches deadlines and sends what is in the outbox."""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection

from saferpractice.config import clock
from saferpractice.jobs import outside, sweeps
from saferpractice.jobs.processes import Child, obey_environment, stop_all
from saferpractice.pathways.operations import carry_on_replays

REST_SECONDS = 5.0
TIDY_EVERY = timedelta(hours=6)
SEAL_EVERY = timedelta(minutes=1)
"""How long an entry of the trail may be under no signed head."""

log = structlog.get_logger()


def help_with_replays(stop: threading.Event) -> None:
    """Do parts of replays until none waits, leaving the processor to whoever else wants it."""
    os.nice(5)
    while not stop.is_set() and carry_on_replays(at=clock.now()):
        close_old_connections()


class Helper:
    """A second process that does parts of replays beside the worker, while several wait and there is a core for it."""

    def __init__(self) -> None:
        self.child: Child | None = None

    def come_if_needed(self, at: datetime) -> None:
        """Start one when parts wait at ``at`` and none is at work."""
        if (self.child is None or self.child.exit_code() is not None) and sweeps.replays_need_help(at):
            command = [sys.executable, "-m", "saferpractice", "work", "--replays"]
            self.child = Child("replay helper", command, os.environ)
            self.child.start()

    def stop(self) -> None:
        """Have it finish what it has begun."""
        if self.child is not None:
            stop_all([self.child])


class Command(BaseCommand):
    """Work until told to stop; finishes what it has begun."""

    help = "Escalate what is late and send what is in the outbox, until stopped."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``--until-idle`` stops once nothing is waiting; ``--replays`` helps with replays and nothing else."""
        parser.add_argument("--until-idle", action="store_true", help="stop when nothing is waiting")
        parser.add_argument("--replays", action="store_true", help="help with replays, then stop")

    def handle(self, *_args: Any, until_idle: bool = False, replays: bool = False, **_options: Any) -> None:
        """Rounds of work with a rest when there was nothing to do."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        obey_environment()
        if replays:
            help_with_replays(stop)
            return
        helper = Helper()
        try:
            self.work(stop, until_idle, helper)
        finally:
            helper.stop()

    def work(self, stop: threading.Event, until_idle: bool, helper: Helper) -> None:  # noqa: FBT001
        """Rounds until ``stop`` is set."""
        tidied: datetime | None = None
        sealed: datetime | None = None
        while not stop.is_set():
            at = clock.now()
            try:
                done = sweeps.round_of_work(at)
                helper.come_if_needed(at)
                if tidied is None or at - tidied > TIDY_EVERY:
                    sweeps.tidy(at)
                    tidied = at
                if sealed is None or at - sealed >= SEAL_EVERY or (until_idle and not done):
                    sweeps.seal_trails(at)
                    sweeps.sign_lessons(at)
                    sweeps.send_heads(at)
                    outside.send_outside(at)
                    sweeps.verify_trails(at)
                    sealed = at
            except DatabaseError:
                log.exception("the database did not answer; trying again")
                connection.close()
                done = 0
            if until_idle and not done:
                return
            close_old_connections()
            if not done:
                stop.wait(REST_SECONDS)
