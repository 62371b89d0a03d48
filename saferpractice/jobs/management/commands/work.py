"""``python -m saferpractice work``: the worker that watches deadlines and sends what is in the outbox."""

from __future__ import annotations

import signal
import threading
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection

from saferpractice.config import clock
from saferpractice.jobs import sweeps
from saferpractice.jobs.processes import obey_environment

REST_SECONDS = 5.0
TIDY_EVERY = timedelta(hours=6)

log = structlog.get_logger()


class Command(BaseCommand):
    """Work until told to stop; finishes what it has begun."""

    help = "Escalate what is late and send what is in the outbox, until stopped."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``--until-idle`` stops once nothing is waiting."""
        parser.add_argument("--until-idle", action="store_true", help="stop when nothing is waiting")

    def handle(self, *_args: Any, until_idle: bool = False, **_options: Any) -> None:
        """Rounds of work with a rest when there was nothing to do."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        obey_environment()
        tidied: datetime | None = None
        while not stop.is_set():
            at = clock.now()
            try:
                done = sweeps.round_of_work(at)
                if tidied is None or at - tidied > TIDY_EVERY:
                    sweeps.tidy(at)
                    tidied = at
            except DatabaseError:
                log.exception("the database did not answer; trying again")
                connection.close()
                done = 0
            if until_idle and not done:
                return
            close_old_connections()
            if not done:
                stop.wait(REST_SECONDS)
