"""A time stamp is taken from whom we trust only, of the very head, for the very request, and now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.rules.stamps import (
    CLOCKS_DIFFER,
    LARGEST_ANSWER,
    NotStamped,
    must_be_now,
    request_for,
    stamped_at,
)
from tests.factories.authority import SEQUENCE, Authority, Certified, certified, der, root, signing
from tests.personas import NOW

pytestmark = pytest.mark.requirement("R34")
NOTE = "saferpractice.trail/x\n12\nroot\n"
TRUSTED = (root().certificate,)
YEARS = timedelta(days=4000)
BY = Authority()


def told(authority: Authority, note: str = NOTE, trusted: tuple = TRUSTED) -> str:
    """Why an answer is not taken; "" where it is."""
    request = request_for(note)
    try:
        stamped_at(authority.answer(request.content), note, trusted, nonce=request.nonce)
    except NotStamped as error:
        return str(error)
    return ""


def between(name: str = "Invented time, between") -> Certified:
    return certified(name, root(), usages=())


class TestAnAnswer:
    def test_says_when_the_head_was_there(self) -> None:
        request = request_for(NOTE)
        assert stamped_at(BY.answer(request.content), NOTE, TRUSTED, nonce=request.nonce) == NOW

    def test_is_taken_again_when_it_was_kept(self) -> None:
        """No request is there any more, and the certificate may have run out."""
        signed = certified("Invented time stamps, old", root(), until=NOW + timedelta(hours=1))
        answer = BY.with_(signs=signed).answer(request_for(NOTE).content)
        assert stamped_at(answer, NOTE, TRUSTED) == NOW

    def test_may_show_the_certificates_between(self) -> None:
        middle = between()
        signs = certified("Invented time stamps", middle)
        assert told(BY.with_(signs=signs, shows=(signs.raw, middle.raw))) == ""

    def test_may_be_checked_by_one_certificate_of_several(self) -> None:
        earlier = certified("Invented root of earlier", usages=()).certificate
        assert told(BY, trusted=(earlier, *TRUSTED)) == ""
        assert told(BY, trusted=(*TRUSTED, earlier)) == ""

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            pytest.param(lambda: {"status": 2}, "refused to stamp it (status 2)", id="refused"),
            pytest.param(lambda: {"status": 3}, "refused to stamp it (status 3)", id="waiting"),
            pytest.param(lambda: {"digest": lambda _asked: bytes(32)}, "stamps something else", id="another hash"),
            pytest.param(lambda: {"digest": lambda asked: asked[:-1]}, "stamps something else", id="a shorter hash"),
            pytest.param(lambda: {"nonce": lambda asked: asked - 1}, "answers an earlier request", id="an old answer"),
            pytest.param(
                lambda: {"nonce": lambda _asked: None}, "answers an earlier request", id="to nobody's request"
            ),
            pytest.param(
                lambda: {"signature": lambda made: made[:-1] + bytes([made[-1] ^ 1])},
                "stands behind it",
                id="a wrong signature",
            ),
            pytest.param(lambda: {"signature": lambda _made: b""}, "stands behind it", id="no signature"),
            pytest.param(lambda: {"shows": ()}, "stands behind it", id="no certificate"),
            pytest.param(lambda: {"shows": (root().raw,)}, "stands behind it", id="only the root"),
            pytest.param(
                lambda: {"shows": (signing().raw, der(SEQUENCE, b"abc"))}, "is no time stamp", id="a broken certificate"
            ),
            pytest.param(lambda: {"at": NOW + YEARS}, "stands behind it", id="after its certificate"),
            pytest.param(lambda: {"at": NOW - YEARS}, "stands behind it", id="before its certificate"),
            pytest.param(
                lambda: {"signs": certified("Invented time stamps")}, "stands behind it", id="signed by itself"
            ),
            pytest.param(
                lambda: {"signs": certified("Invented time stamps", certified("Invented time root", usages=()))},
                "stands behind it",
                id="a root of the same name",
            ),
            pytest.param(
                lambda: {"signs": certified("A", root(), usages=(ExtendedKeyUsageOID.SERVER_AUTH,))},
                "stands behind it",
                id="a web server's",
            ),
            pytest.param(
                lambda: {"signs": certified("A", root(), usages=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))},
                "stands behind it",
                id="for any use",
            ),
            pytest.param(
                lambda: {"signs": certified("A", root(), usages=(), authority=False)},
                "stands behind it",
                id="for no use",
            ),
        ],
    )
    def test_is_not_taken(self, wrong: Callable[[], dict[str, object]], why: str) -> None:
        assert why in told(BY.with_(**wrong()))

    def test_is_not_taken_from_a_root_that_it_brings_along(self) -> None:
        own = certified("Invented time root", usages=())
        signs = certified("Invented time stamps", own)
        assert "stands behind it" in told(BY.with_(signs=signs, shows=(signs.raw, own.raw)))
        assert told(BY.with_(signs=signs, shows=(signs.raw, own.raw)), trusted=(own.certificate,)) == ""

    def test_is_not_taken_from_a_stranger_who_shows_a_good_certificate(self) -> None:
        stranger = certified("Invented time stamps")
        assert "stands behind it" in told(BY.with_(signs=stranger, shows=(signing().raw,)))
        assert "stands behind it" in told(BY.with_(signs=stranger, shows=(signing().raw, stranger.raw)))
        assert "stands behind it" in told(BY.with_(signs=Certified(stranger.key, signing().certificate)))

    def test_is_not_taken_by_no_certificate(self) -> None:
        assert "no certificate to check it by" in told(BY, trusted=())

    def test_of_another_head_is_not_taken(self) -> None:
        request = request_for(NOTE)
        answer = BY.answer(request.content)
        with pytest.raises(NotStamped, match="something else"):
            stamped_at(answer, NOTE + "x", TRUSTED, nonce=request.nonce)

    def test_to_one_request_is_none_to_another(self) -> None:
        """Whoever recorded an answer cannot give it again later for the same head."""
        recorded, later = BY.answer(request_for(NOTE).content), request_for(NOTE)
        with pytest.raises(NotStamped, match="earlier request"):
            stamped_at(recorded, NOTE, TRUSTED, nonce=later.nonce)

    def test_is_not_read_when_it_is_huge(self) -> None:
        with pytest.raises(NotStamped, match="too large"):
            stamped_at(b"\x30" * (LARGEST_ANSWER + 1), NOTE, TRUSTED)

    @pytest.mark.parametrize(
        "garbage", [b"", b"\x30", b"\x30\x80", b"<html>No</html>", b"\x30\x84\xff\xff\xff\xff", bytes(999)]
    )
    def test_is_not_taken_when_it_is_garbage(self, garbage: bytes) -> None:
        with pytest.raises(NotStamped, match="is no time stamp"):
            stamped_at(garbage, NOTE, TRUSTED)


GOOD = BY.answer(request_for(NOTE).content)


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6), st.integers(0, 20)
)
def test_a_damaged_answer_is_refused_or_says_the_same(damage: list[tuple[int, int]], cut: int) -> None:
    """Nothing escapes but a refusal, and nobody can make it say another moment."""
    answer = bytearray(GOOD)
    for place, value in damage:
        answer[place] = value
    try:
        at = stamped_at(bytes(answer[: len(answer) - cut]), NOTE, TRUSTED)
    except NotStamped:
        return
    assert at == NOW


@given(st.binary(max_size=400))
def test_no_bytes_at_all_do_more_than_be_refused(answer: bytes) -> None:
    with pytest.raises(NotStamped):
        stamped_at(answer, NOTE, TRUSTED)


class TestARequest:
    def test_holds_the_hash_and_not_the_head(self) -> None:
        content = request_for(NOTE).content
        assert hashlib.sha256(NOTE.encode()).digest() in content
        assert NOTE.encode() not in content

    def test_is_another_each_time(self) -> None:
        assert len({request_for(NOTE).nonce for _ in range(20)}) == 20


class TestNow:
    @pytest.mark.parametrize(
        ("apart", "near"),
        [
            (timedelta(0), True),
            (CLOCKS_DIFFER, True),
            (-CLOCKS_DIFFER, True),
            (CLOCKS_DIFFER + timedelta(seconds=1), False),
            (-CLOCKS_DIFFER - timedelta(seconds=1), False),
            (timedelta(days=365), False),
        ],
    )
    def test_is_within_what_clocks_differ(self, apart: timedelta, near: bool) -> None:
        if near:
            must_be_now(NOW + apart, NOW)
        else:
            with pytest.raises(NotStamped, match="one of the clocks is wrong"):
                must_be_now(NOW + apart, NOW)

    def test_is_now_in_every_zone(self) -> None:
        must_be_now(NOW.astimezone(timezone(timedelta(hours=9))), NOW)
        with pytest.raises(NotStamped, match="2026-03-04 02:05 UTC, and it is 2026-03-05 02:05 here"):
            must_be_now(datetime.fromisoformat("2026-03-04T11:05:00+09:00"), NOW + timedelta(days=1))
