"""Stands in for the worker where only its being started, restarted and stopped is tested."""

import os
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Leave a note of this process, then wait to be stopped."""

    requires_system_checks = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Block until SIGTERM."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        with (Path(settings.DATA_DIR) / "workers").open("a") as note:
            note.write(f"{os.getpid()}\n")
        signal.sigwait([signal.SIGTERM])
