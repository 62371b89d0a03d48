"""Moving every open case to a version that went live, each in a transaction of its own."""

from __future__ import annotations

from datetime import datetime

import structlog

from saferpractice.pathways.models import PathwayVersion
from saferpractice.pathways.operations import MOVES_CASES, move_case
from saferpractice.pathways.queries import cases_behind

log = structlog.get_logger()
AT_ONCE = 200
"""Cases moved while somebody waits for the page. The worker moves the rest."""


def move_open_cases(version: PathwayVersion, at: datetime) -> int:
    """Move the open cases of its pathway to ``version``, which is in use; how many moved.

    One that fails stays where it is, and the worker looks at it again.
    """
    moved = 0
    for case_id in cases_behind(version)[:AT_ONCE]:
        try:
            moved += move_case(by=MOVES_CASES, at=at, case_id=case_id) is not None
        except Exception:
            log.exception("an open case could not be moved to a new version", case=str(case_id))
    return moved
