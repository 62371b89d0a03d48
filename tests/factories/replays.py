"""Replays, made through operations, and candidates for them."""

from __future__ import annotations

import copy
import itertools
from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayVersion, Replay
from saferpractice.pathways.queries import library
from saferpractice.pathways.queries.replays import Candidate
from tests.factories.pathways import hours, used
from tests.personas import Cast

_keys = itertools.count(1)


def content_of(code: str) -> dict[str, Any]:
    """A pathway that ships, as data that may be changed."""
    return copy.deepcopy(library()[code].model_dump(mode="json", by_alias=True, exclude_unset=True))


def one_is_enough() -> dict[str, Any]:
    """Self-neglect with a consultation at one indicator already."""
    content = content_of("self-neglect")
    content["local"][0]["default"] = 1
    return content


def a_replay(
    cast: Cast,
    content: dict[str, Any] | None = None,
    *,
    by: Person | None = None,
    at: datetime | None = None,
    live: PathwayVersion | None = None,
    since: datetime | None = None,
    key: str = "",
) -> Replay:
    """A replay of self-neglect, begun by the quality lead ten days after NOW and not worked off."""
    return operations.start_replay(
        by=by or cast.quality_lead,
        at=at or hours(240),
        live=live or used(cast),
        candidate=Candidate("draft", "One is enough", content or one_is_enough()),
        since=since,
        submission_key=key or f"replay-{next(_keys)}",
    )
