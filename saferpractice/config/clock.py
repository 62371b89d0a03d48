"""The one place that reads the clock. Views, commands and the worker call it once and pass ``at`` on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """This moment, UTC.

    ``CLOCK_OFFSET_SECONDS`` (a setting for tests and for looking ahead in the example service) is added when present.
    """
    return datetime.now(tz=UTC) + timedelta(seconds=getattr(settings, "CLOCK_OFFSET_SECONDS", 0))  # the one clock
