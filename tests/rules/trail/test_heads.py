"""A signed head: a text that others can keep and check, and that nobody without the key can make."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.rules import GENESIS, BadKey, Forged, Head, PublicKey, Signer, note_hash, notes_in, read_head
from saferpractice.trail.rules.heads import checked_text

pytestmark = pytest.mark.requirement("R5", "R34")

AT = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
OURS = Signer("a secret of the service, long enough for a key")
OTHER = Signer("a secret of somebody else, long enough for a key")
HEAD = Head(
    provider_id=UUID(int=7), number=3, size=1234, root=bytes(range(32)), newest="a" * 64, previous=GENESIS, at=AT
)
NOTE = OURS.sign(HEAD)
heads = st.builds(
    Head,
    provider_id=st.uuids(),
    number=st.integers(1, 10**9),
    size=st.integers(1, 10**12),
    root=st.binary(min_size=32, max_size=32),
    newest=st.binary(min_size=32, max_size=32).map(bytes.hex),
    previous=st.binary(min_size=32, max_size=32).map(bytes.hex),
    at=st.datetimes(timezones=st.just(UTC)),
)


def test_what_a_head_says() -> None:
    assert NOTE.split("\n")[:-2] == [
        "saferpractice.trail/00000000-0000-0000-0000-000000000007",
        "1234",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "head 3",
        "newest " + "a" * 64,
        "previous " + "0" * 64,
        "at 2026-03-04T02:05:00+00:00",
        "",
    ]
    assert NOTE.split("\n")[-2].startswith("— saferpractice ")


@given(heads)
def test_what_was_signed_reads_back(head: Head) -> None:
    assert read_head(OURS.sign(head), [OTHER.public, OURS.public]) == head


def test_a_moment_is_written_in_utc() -> None:
    summer = AT.astimezone(timezone(timedelta(hours=1)))
    assert replace(HEAD, at=summer).text() == HEAD.text()


@pytest.mark.parametrize(
    "other",
    [
        {"provider_id": UUID(int=8)},
        {"number": 4},
        {"size": 1233},
        {"root": bytes(32)},
        {"newest": "b" * 64},
        {"previous": "b" * 64},
        {"at": AT + timedelta(microseconds=1)},
    ],
)
def test_no_part_can_be_changed(other: dict[str, Any]) -> None:
    _, signature = NOTE.split("\n\n")
    with pytest.raises(Forged, match="signature is wrong"):
        read_head(f"{replace(HEAD, **other).text()}\n{signature}", [OURS.public])


@given(st.integers(0, len(NOTE.encode()) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[place] ^= by
    changed = raw.decode(errors="replace")
    with pytest.raises(Forged):
        read_head(changed, [OURS.public])


def test_nobody_else_s_key_will_do() -> None:
    with pytest.raises(Forged, match="no key that is known here"):
        read_head(OTHER.sign(HEAD), [OURS.public])
    with pytest.raises(Forged, match="no key that is known here"):
        read_head(NOTE, [])


def test_a_signature_that_only_names_the_right_key_is_wrong() -> None:
    raw = base64.b64decode(OTHER.sign(HEAD).split(" ")[-1])
    pretended = base64.b64encode(OURS.public.id + raw[4:]).decode()
    with pytest.raises(Forged, match="signature is wrong"):
        read_head(f"{HEAD.text()}\n— saferpractice {pretended}\n", [OURS.public])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n— saferpractice AAAA\n",
        HEAD.text(),
        NOTE[:-1],
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        "é" * 50,
        f"{HEAD.text()}\n— saferpractice not/base64!\n",
    ],
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(Forged):
        read_head(text, [OURS.public])


class Says(Head):
    """A head that says something else than it should."""

    words = ""

    def text(self) -> str:
        return self.words


@pytest.mark.parametrize(
    "words",
    [
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
        HEAD.text().replace("1234", " 1234"),
        HEAD.text().replace("1234", "1_234"),
        HEAD.text().replace("1234", "0"),
        HEAD.text().replace("1234", "-5"),
        HEAD.text().replace("head 3", "head 0"),
        HEAD.text().replace("head 3", "3"),
        HEAD.text().replace("+00:00", "+01:00"),
        HEAD.text().replace("+00:00", ""),
        HEAD.text() + "more\n",
    ],
)
def test_signed_is_not_enough_it_must_be_a_head(words: str) -> None:
    says = Says(**{name: getattr(HEAD, name) for name in HEAD.__dataclass_fields__})
    Says.words = words
    with pytest.raises(Forged, match="not a head"):
        read_head(OURS.sign(says), [OURS.public])


class TestOthersCanReadIt:
    """The example of Go's package note, from which C2SP's signed notes come."""

    KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    NOTE = (
        f"{TEXT}\n— PeterNeumann "
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )

    def test_a_note_of_another_program_checks(self) -> None:
        key = PublicKey.read(self.KEY)
        assert str(key) == self.KEY
        assert checked_text(self.NOTE, [key]) == self.TEXT

    def test_among_the_signatures_of_others(self) -> None:
        key = PublicKey.read(self.KEY)
        more = f"{self.NOTE}— somebody AAAAAAAAAAAA\n"
        assert checked_text(more, [key]) == self.TEXT


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+c74f20a3", "name+c74f20a3+AAAA", TestOthersCanReadIt.KEY.replace("c74", "c75"),
     TestOthersCanReadIt.KEY.replace("PeterNeumann", ""), TestOthersCanReadIt.KEY + "A",
     TestOthersCanReadIt.KEY.replace("ARpc", "Arpc")],
)  # fmt: skip
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey, match="looks like"):
        PublicKey.read(text)


def test_a_public_key_reads_back() -> None:
    assert PublicKey.read(f" {OURS.public}\n") == OURS.public


def test_one_secret_is_one_key_and_a_short_one_is_refused() -> None:
    assert Signer("a secret of the service, long enough for a key").public == OURS.public != OTHER.public
    with pytest.raises(BadKey, match="32 characters"):
        Signer("x" * 31)
    assert Signer("x" * 32)


def test_each_head_names_the_note_before_it() -> None:
    assert note_hash(NOTE) != note_hash(OTHER.sign(HEAD)) != note_hash(NOTE + "\n")


class TestHeadsInAnEmail:
    second = OURS.sign(replace(HEAD, number=4))

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("{one}", 1),
            ("Dear auditor,\n\n{one}\nKeep it.\n\n{two}\n-- \nSafer Practice\n", 2),
            ("{one}{two}", 2),
            ("", 0),
            ("nothing of the kind", 0),
        ],
    )
    @pytest.mark.parametrize("ends", ["\n", "\r\n"])
    def test_are_found_between_other_words(self, text: str, count: int, ends: str) -> None:
        filled = text.format(one=NOTE, two=self.second).replace("\n", ends)
        assert notes_in(filled) == [NOTE, self.second][:count]

    def test_also_when_quoted(self) -> None:
        quoted = "\n".join(f"> {line}" for line in NOTE.split("\n"))
        assert notes_in(quoted) == [NOTE]

    def test_one_cut_short_is_none(self) -> None:
        assert notes_in(NOTE.rpartition("—")[0]) == []
