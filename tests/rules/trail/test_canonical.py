"""The trail's hashes stand on one text form of every fact."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.rules import About, NotCanonical, Signature, canonical, content_hash, entry_hash, plain

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
        "about": About("a.thing", UUID(int=3), UUID(int=4)),
        "content": content_hash(salt="s", sentence="did it", facts={}),
    }
    others = {
        "previous": "1" * 64,
        "provider_id": UUID(int=9),
        "sequence": 2,
        "at": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
        "operation": "a.c",
        "signature": Signature(UUID(int=2), "Name", "Other role"),
        "about": About("a.thing", UUID(int=3), None),
        "content": content_hash(salt="t", sentence="did it", facts={}),
    }
    hashes = {entry_hash(**base)} | {entry_hash(**(base | {name: value})) for name, value in others.items()}  # type: ignore[arg-type]
    assert len(hashes) == len(others) + 1


@given(st.text(), st.text(), st.dictionaries(st.text(max_size=4), values, max_size=2), st.text(), st.text())
def test_words_cannot_pass_for_salt_or_facts(
    salt: str, sentence: str, facts: dict[str, object], more: str, other: str
) -> None:
    """Moving a line end between the parts of an entry gives another hash, as a salt holds none."""
    plain_salt = salt.replace("\n", "")
    one = content_hash(salt=plain_salt, sentence=sentence, facts=facts)
    if (more, other) != ("", ""):
        assert one != content_hash(salt=plain_salt, sentence=f"{sentence}{more}\n{other}", facts=facts)
    assert one == content_hash(salt=plain_salt, sentence=sentence, facts=facts)


@pytest.mark.parametrize(
    "changed",
    [
        About("a.other", UUID(int=3), UUID(int=4)),
        About("a.thing", UUID(int=5), UUID(int=4)),
        About("a.thing", UUID(int=3), UUID(int=5)),
        About("a.thing", UUID(int=3), None),
    ],
)
def test_an_entry_is_bound_to_its_record_and_its_story(changed: About) -> None:
    def hashed(about: About) -> str:
        return entry_hash(
            previous="0" * 64,
            provider_id=UUID(int=1),
            sequence=1,
            at=datetime(2026, 1, 1, tzinfo=UTC),
            operation="a.b",
            signature=Signature(None, "Worker", "process"),
            about=about,
            content="c",
        )

    assert hashed(About("a.thing", UUID(int=3), UUID(int=4))) != hashed(changed)
