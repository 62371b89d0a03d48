"""Encrypted text: it comes back whole to the row it was written for, or not at all."""

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.config.encryption import CannotDecrypt, Keyring, KeyringError, blind_index, decrypt, encrypt

pytestmark = pytest.mark.requirement("R6")

OLD = "old-secret-of-the-example-service-000"
NEW = "new-secret-of-the-example-service-111"
RING = Keyring.from_secrets(OLD)
ROTATED = Keyring.from_secrets(f"{NEW}, {OLD}")
ROW = "access.personsupported:0190c0de-0000-7000-8000-000000000001"
OTHER_ROW = "access.personsupported:0190c0de-0000-7000-8000-000000000002"
ALPHABET = string.ascii_letters + string.digits + "-_=."
texts = st.text()


class TestRoundTrip:
    @given(texts, texts)
    def test_any_text_comes_back_to_its_own_row(self, text, context):
        assert decrypt(encrypt(text, context, RING), context, RING) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "Siân Ó Briain",
            "孫さくら",
            "שרה",
            "👩🏽‍⚕️ said 🆘",
            "a\x00b",
            "line\r\nline",
            "e\u0301",
            "x.y.z",
            "ß" * 10_000,
        ],
        ids=["empty", "space", "Welsh", "Japanese", "Hebrew", "emoji", "null", "lines", "accent", "dots", "10,000"],
    )
    def test_texts_people_write(self, text):
        assert decrypt(encrypt(text, ROW, RING), ROW, RING) == text

    def test_the_same_text_gives_another_token_each_time(self):
        assert len({encrypt("Invented Name", ROW, RING) for _ in range(200)}) == 200

    @given(st.text(min_size=4))
    def test_the_token_shows_neither_text_nor_context(self, text):
        token = encrypt(text, ROW, RING)
        assert text not in token
        assert "personsupported" not in token
        assert token.isascii()

    def test_the_token_says_which_version_and_key_so_that_it_can_be_read_in_ten_years(self):
        version, key_id, _ = encrypt("Invented Name", ROW, RING).split(".")
        assert (version, key_id) == ("v1", RING.text_keys[0][0])

    def test_a_token_written_by_the_first_release_still_opens(self):
        # Made once and kept: a new way of deriving keys or laying out tokens would lose every name stored so far.
        token = "v1.f7f5596f.RL7_Ioq9s_5SD1-NcjZu1N5OrR3ALRQ-HfhHSjEDoZNQhM8Ov-Zy2-A="
        assert decrypt(token, ROW, RING) == "Invented Name"


class TestNothingElseComesBack:
    token = encrypt("Invented Name", ROW, RING)

    def test_in_another_row(self):
        with pytest.raises(CannotDecrypt, match="was changed, or belongs to something else"):
            decrypt(self.token, OTHER_ROW, RING)

    @pytest.mark.parametrize("ring", [Keyring.from_secrets(NEW), Keyring.from_secrets(f"{NEW},{NEW[::-1]}")])
    def test_under_other_keys_and_says_to_put_the_secret_back(self, ring):
        with pytest.raises(CannotDecrypt, match="Put the secret back"):
            decrypt(self.token, ROW, ring)

    def test_under_another_key_that_goes_by_the_same_name(self):
        name = RING.text_keys[0][0]
        impostor = Keyring(((name, bytes(32)),), bytes(32))
        with pytest.raises(CannotDecrypt):
            decrypt(self.token, ROW, impostor)

    @pytest.mark.parametrize("position", range(len(token)))
    def test_when_any_one_character_was_changed(self, position):
        for character in {"A", "z", "_", "=", "."} - {self.token[position]}:
            changed = self.token[:position] + character + self.token[position + 1 :]
            with pytest.raises(CannotDecrypt):
                decrypt(changed, ROW, RING)

    @pytest.mark.parametrize("position", range(len(token) + 1))
    def test_when_anything_was_put_in_or_cut_off(self, position):
        for extra in (" ", "\n", "é", "A", "*"):
            with pytest.raises(CannotDecrypt):
                decrypt(self.token[:position] + extra + self.token[position:], ROW, RING)
        if position < len(self.token):
            with pytest.raises(CannotDecrypt):
                decrypt(self.token[:position], ROW, RING)

    @given(st.text() | st.text(ALPHABET) | st.text(ALPHABET).map(lambda t: f"v1.{RING.text_keys[0][0]}.{t}"))
    def test_from_text_that_was_never_encrypted(self, text):
        with pytest.raises(CannotDecrypt):
            decrypt(text, ROW, RING)

    def test_from_a_newer_version_and_says_so(self):
        with pytest.raises(CannotDecrypt, match="a newer version of the software"):
            decrypt("v2" + self.token[2:], ROW, RING)

    def test_two_tokens_cannot_be_spliced(self):
        other = encrypt("Another Name!", ROW, RING)
        assert len(other) == len(self.token)
        spliced = self.token[:40] + other[40:]
        with pytest.raises(CannotDecrypt):
            decrypt(spliced, ROW, RING)

    def test_the_message_shows_neither_token_nor_text(self):
        with pytest.raises(CannotDecrypt) as refused:
            decrypt(self.token, OTHER_ROW, RING)
        assert self.token.split(".")[2] not in str(refused.value)
        assert "Invented" not in str(refused.value)


class TestRotation:
    def test_text_under_the_old_key_stays_readable(self):
        assert decrypt(encrypt("Invented Name", ROW, RING), ROW, ROTATED) == "Invented Name"

    def test_new_text_goes_under_the_new_key(self):
        token = encrypt("Invented Name", ROW, ROTATED)
        assert decrypt(token, ROW, Keyring.from_secrets(NEW)) == "Invented Name"
        with pytest.raises(CannotDecrypt):
            decrypt(token, ROW, RING)

    def test_look_ups_go_on_working(self):
        assert blind_index("Invented Name", "name", ROTATED) == blind_index("Invented Name", "name", RING)

    def test_the_key_is_found_whatever_the_order_of_the_others(self):
        middle = Keyring.from_secrets(f"{NEW},{OLD},{NEW[::-1]}")
        assert decrypt(encrypt("Invented Name", ROW, RING), ROW, middle) == "Invented Name"


class TestTheKeyring:
    def test_every_key_is_different_and_of_256_bits(self):
        keys = [key for _, key in ROTATED.text_keys] + [ROTATED.index_key]
        assert len(set(keys)) == 3
        assert {len(key) for key in keys} == {32}

    def test_no_key_is_the_secret_itself_nor_its_name_part_of_the_key(self):
        for (key_id, key), secret in zip(ROTATED.text_keys, (NEW, OLD), strict=True):
            assert secret.encode()[:32] != key
            assert key_id not in key.hex()

    def test_spaces_and_an_ending_comma_make_no_difference(self):
        assert Keyring.from_secrets(f" {NEW} ,\n{OLD}, ") == ROTATED

    def test_any_text_may_be_a_secret(self):
        ring = Keyring.from_secrets("pâte à choux 🔑 " * 4)
        assert decrypt(encrypt("Invented Name", ROW, ring), ROW, ring) == "Invented Name"

    @pytest.mark.parametrize("secrets", ["", " , ,", "short", f"{NEW},short", f"short,{NEW}", "x" * 31])
    def test_no_secret_or_a_short_one_is_refused_with_what_to_write(self, secrets):
        with pytest.raises(KeyringError, match="one or more secrets of at least 32 characters, separated by commas"):
            Keyring.from_secrets(secrets)

    def test_the_refusal_does_not_print_the_secret(self):
        with pytest.raises(KeyringError) as refused:
            Keyring.from_secrets(f"{NEW},hunter2")
        assert "hunter2" not in str(refused.value)
        assert NEW not in str(refused.value)

    def test_a_bad_secret_stops_the_start_and_not_the_first_name(self, tmp_path: Path) -> None:
        environment = {**os.environ, "DATA_DIR": str(tmp_path), "FIELD_KEY": "short"}
        start = [sys.executable, "-c", "import saferpractice.config.settings"]
        done = subprocess.run(start, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "KeyringError: FIELD_KEY must hold one or more secrets" in done.stderr

    def test_printing_a_ring_shows_no_key(self):
        assert repr(ROTATED) == "Keyring()"


class TestBlindIndex:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Invented Name", "INVENTED NAME"),
            ("Invented Name", "  invented \t name\n"),
            ("José", "Jose\u0301"),
            ("Straße", "STRASSE"),
            ("９４３", "943"),  # full-width digits, as some keyboards type
            ("\u1fb3\u0345", "\u0391\u0399\u0399"),
        ],
    )
    def test_equal_whatever_capitals_spaces_and_spelling(self, one, other):
        assert blind_index(one, "name", RING) == blind_index(other, "name", RING)

    @pytest.mark.parametrize(("one", "other"), [("Ann", "Anne"), ("José", "Jose"), ("a b", "ab"), ("", "a")])
    def test_different_for_different_texts(self, one, other):
        assert blind_index(one, "name", RING) != blind_index(other, "name", RING)

    @given(texts)
    def test_normalised_text_has_the_same_index_as_what_was_typed(self, text):
        assert blind_index(f" {text.casefold()} ", "name", RING) == blind_index(text, "name", RING)

    def test_purposes_cannot_be_compared(self):
        assert blind_index("943", "nhs-number", RING) != blind_index("943", "name", RING)

    def test_it_cannot_be_made_without_the_key(self):
        assert blind_index("943", "name", RING) != blind_index("943", "name", Keyring.from_secrets(NEW))

    def test_it_shows_nothing_of_the_text_and_has_one_length(self):
        found = [blind_index(text, "name", RING) for text in ("", "943 476 5919", "x" * 10_000)]
        assert {len(index) for index in found} == {64}
        assert not any("943" in index and "5919" in index for index in found)
