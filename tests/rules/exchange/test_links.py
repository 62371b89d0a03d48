"""Signed links and origins: what holds, what does not, and that a signature says one thing only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.rules.links import LINK_LIVES, Link, origin_of, origins_of, problem_with, read_link, sign

pytestmark = pytest.mark.requirement("R17")
AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
LINK = Link(
    integration="11111111-2222-7333-8444-555555555555",
    person="P-1042",
    staff="wren@example.org",
    pathway="self-neglect",
    expires=NOW + 60,
    nonce="0123456789abcdef",
)
GIVEN = {
    "person": "P-1042", "staff": "wren@example.org", "pathway": "self-neglect",
    "expires": str(NOW + 60), "nonce": "0123456789abcdef",
}  # fmt: skip


def test_a_signature_worked_out_elsewhere() -> None:
    """``printf '%s\\n…' | openssl dgst -sha256 -hmac secret`` over the seven lines."""
    assert LINK.text.split("\n") == [
        "saferpractice-link-1", "11111111-2222-7333-8444-555555555555", "P-1042", "wren@example.org",
        "self-neglect", "1772625660", "0123456789abcdef",
    ]  # fmt: skip
    assert sign("secret", LINK) == "aa7414f89ebc113a93b3f544e9bfa5ea441e3776b96fd36c802a2d428b8a1e55"


@pytest.mark.parametrize(
    ("seconds", "problem"),
    [
        (-1, "expired"),
        (0, "expired"),
        (1, None),
        (60, None),
        (LINK_LIVES.total_seconds(), None),
        (LINK_LIVES.total_seconds() + 1, "too far ahead"),
        (10_000_000, "too far ahead"),
    ],
)
def test_when_it_holds(seconds: float, problem: str | None) -> None:
    link = replace(LINK, expires=NOW + int(seconds))
    assert problem_with(link, sign("secret", link), "secret", AT) == problem


@pytest.mark.parametrize(
    "changed",
    [
        {"integration": "11111111-2222-7333-8444-555555555556"},
        {"person": "P-1043"},
        {"staff": "dale@example.org"},
        {"pathway": "exploitation"},
        {"expires": NOW + 61},
        {"nonce": "0123456789abcdeg"},
    ],
)
def test_whatever_is_altered_the_signature_does_not_fit(changed: dict[str, Any]) -> None:
    assert problem_with(replace(LINK, **changed), sign("secret", LINK), "secret", AT) == "forged"


@pytest.mark.parametrize("signature", ["", "0" * 64, "é", sign("other", LINK), sign("secret", LINK).upper()])
def test_another_signature_does_not(signature: str) -> None:
    assert problem_with(LINK, signature, "secret", AT) == "forged"


def test_a_forged_link_does_not_say_that_it_expired() -> None:
    assert problem_with(replace(LINK, expires=0), "x", "secret", AT) == "forged"


@given(st.lists(st.text(max_size=5), min_size=3, max_size=3), st.lists(st.text(max_size=5), min_size=3, max_size=3))
def test_no_two_links_that_are_read_are_signed_as_one_text(one: list[str], other: list[str]) -> None:
    def read(parts: list[str]) -> Link | None:
        return read_link("i", GIVEN | dict(zip(("person", "staff", "pathway"), parts, strict=True)))

    first, second = read(one), read(other)
    if first and second:
        assert (first.text == second.text) is (first == second)


class TestReading:
    def test_every_part(self) -> None:
        assert read_link(LINK.integration, GIVEN) == LINK

    @pytest.mark.parametrize("name", sorted(GIVEN))
    @pytest.mark.parametrize("value", ["", "  ", None, "a\nb", "x" * 255])
    def test_a_part_that_lacks_or_cannot_be(self, name: str, value: str | None) -> None:
        given = {key: part for key, part in GIVEN.items() if key != name}
        assert read_link("i", given if value is None else given | {name: value}) is None

    @pytest.mark.parametrize(
        "changed",
        [
            {"expires": "soon"},
            {"expires": "-5"},
            {"expires": "1e9"},
            {"expires": "٣٣٣"},
            {"expires": "9" * 13},
            {"nonce": "short"},
            {"nonce": "0123456789abcde"},
            {"nonce": "x" * 65},
            {"nonce": "0123456789abcdef!"},
            {"person": "P" * 61},
        ],
    )
    def test_what_is_not_read(self, changed: dict[str, str]) -> None:
        assert read_link("i", GIVEN | changed) is None


class TestOrigins:
    @pytest.mark.parametrize(
        ("typed", "origin"),
        [
            ("https://records.example.org", "https://records.example.org"),
            (" HTTPS://Records.Example.Org/ ", "https://records.example.org"),
            ("https://records.example.org:8443", "https://records.example.org:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1", "http://127.0.0.1"),
        ],
    )
    def test_what_is_kept(self, typed: str, origin: str) -> None:
        assert origin_of(typed) == origin

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("records.example.org", "is not an origin"),
            ("*", "is not an origin"),
            ("https://*.example.org", "is not an origin"),
            ("https://", "is not an origin"),
            ("'self'", "is not an origin"),
            ("data:text/html", "is not an origin"),
            ("https://records.example.org https://evil.example", "is not an origin"),
            ("https://records.example.org; script-src *", "is not an origin"),
            ("https://a.example,https://b.example", "is not an origin"),
            ("https://records.example.org/path", "holds more than an origin"),
            ("https://records.example.org?x=1", "holds more than an origin"),
            ("https://somebody@records.example.org", "holds more than an origin"),
            ("http://records.example.org", "is not encrypted"),
            ("https://records.example.org:99999", "is not an address"),
            ("https://[::1", "is not an address"),
        ],
    )
    def test_what_is_refused(self, typed: str, said: str) -> None:
        with pytest.raises(ValueError, match=said):
            origin_of(typed)

    def test_one_a_line_each_once(self) -> None:
        assert origins_of("https://a.example\n\n https://b.example/ \nhttps://A.example") == [
            "https://a.example",
            "https://b.example",
        ]
        assert origins_of("") == []

    def test_not_too_many(self) -> None:
        assert len(origins_of("\n".join(f"https://a{number}.example" for number in range(20)))) == 20
        with pytest.raises(ValueError, match="20 origins at most"):
            origins_of("\n".join(f"https://a{number}.example" for number in range(21)))

    def test_a_policy_can_be_made_of_each(self) -> None:
        for origin in origins_of("https://a.example\nhttp://localhost:1"):
            assert not set(origin) & set(" ;,'\"*\n")
