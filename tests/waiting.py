"""Waiting for what another process does, without guessing how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(look: Callable[[], T], *, what: str, seconds: float = 60) -> T:
    """Look again and again until ``look`` returns something true, and return that.

    Raises:
        AssertionError: it did not within ``seconds``.
    """
    give_up_at = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < give_up_at, f"waited {seconds} s for {what}"
        time.sleep(0.02)
    return seen
