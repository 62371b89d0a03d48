"""The web server: ``python -m saferpractice.jobs.web HOST PORT WORKERS``. Started by ``serve``, not by hand."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from typing import Any

from saferpractice.jobs import processes

THREADS = 4
STOP_SECONDS = 8


def application() -> Callable[..., Any]:
    """The application in one worker process: bound to its parent's life, its pages compiled before it serves."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid:
        processes.stop_when_parent_dies(parent.pid)
    from saferpractice.config.wsgi import application as wsgi
    from saferpractice.jobs import preparation

    preparation.compile_templates()
    return wsgi


def main(host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM. This process only passes connections on; each worker process holds the application."""
    processes.obey_environment()
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "saferpractice.jobs.web:application",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
