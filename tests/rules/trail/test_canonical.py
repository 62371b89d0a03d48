"""The trail's hashes stand on one text form of every fact."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.rules import NotCanonical, Signature, canonical, content_hash, entry_hash, plain

pytestmark = pytest.mark.requirement("R7", "R34")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=5))
def test_facts_read_back_from_the_database_give_the_same_text(facts: dict[str, object]) -> None:
    assert canonical(json.loads(json.dumps(plain(facts)))) == canonical(facts)


@given(st.dictionaries(st.text(max_size=8), values, min_size=2, max_size=5))
def test_order_does_not_matter(facts: dict[str, object]) -> None:
    assert canonical(dict(reversed(list(facts.items())))) == canonical(facts)


def test_ids_days_and_moments_have_one_form() -> None:
    moment = datetime(2026, 7, 1, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    assert plain(moment) == plain(moment.astimezone(UTC)) == "2026-07-01T09:00:00+00:00"
    assert plain(date(2026, 7, 1)) == "2026-07-01"
    assert plain(UUID(int=7)) == str(UUID(int=7))
    assert plain({"b", "a"}) == plain(("a", "b")) == ["a", "b"]


@pytest.mark.parametrize("value", [0.1, float("nan"), object(), b"bytes"])
def test_what_has_no_fixed_text_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical({"value": value})


def test_a_change_of_anything_changes_the_hash() -> None:
    base = {
        "previous": "0" * 64,
        "provider_id": UUID(int=1),
        "sequence": 1,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "operation": "a.b",
        "signature": Signature(UUID(int=2), "Name", "Role"),
        "content": content_hash(salt="s", sentence="did it", facts={}),
    }
    others = {
        "previous": "1" * 64,
        "provider_id": UUID(int=9),
        "sequence": 2,
        "at": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        "operation": "a.c",
        "signature": Signature(UUID(int=2), "Name", "Other role"),
        "content": content_hash(salt="t", sentence="did it", facts={}),
    }
    hashes = {entry_hash(**base)} | {entry_hash(**(base | {name: value})) for name, value in others.items()}  # type: ignore[arg-type]
    assert len(hashes) == len(others) + 1
