"""The example service: loaded whole through operations, true in what it shows, and about nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction

from saferpractice.exchange import example
from saferpractice.exchange.example.loading import Loaded
from saferpractice.trail.queries import check_chain

LOADED_AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: object) -> Iterator[Loaded]:
    """The example, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield example.load(example.shipped_example(), at=LOADED_AT)
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.mark.requirement("R7")
def test_the_trail_is_whole(loaded: Loaded) -> None:
    found = check_chain(loaded.world.provider.pk)
    assert found.whole
    assert found.entries > loaded.steps
