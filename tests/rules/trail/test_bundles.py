"""Manifest and proofs: whoever has a pack and a public key can check it, and whoever changed it is found out."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.rules import (
    MANIFEST_FACT,
    BadBundle,
    NotATree,
    Proofs,
    Tree,
    check_proofs,
    included,
    inclusion_proof,
    inclusion_proofs,
    keys_in,
    leaf_hash,
    manifest_facts,
    manifest_named,
    manifest_of,
    read_manifest,
    read_proofs,
    root_of,
)
from tests.factories.packs import AT, FILES, OTHER, OURS, PROVIDER, some_proofs

pytestmark = pytest.mark.requirement("R5", "R34")

PROOFS = some_proofs()
KEYS = [OURS.public]


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


class TestManyProofsAtOnce:
    @given(st.data())
    def test_are_those_that_one_at_a_time_gives_wherever_the_reading_starts(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 90))
        start = data.draw(st.integers(0, size - 1))
        indices = data.draw(st.sets(st.integers(start, size - 1), max_size=6))
        leaves, tree = leaves_of(size), Tree()
        for leaf in leaves[:start]:
            tree.add(leaf)
        found = inclusion_proofs(indices, leaves[start:], tree)
        assert (tree.size, tree.root()) == (size, root_of(leaves))
        assert found == {
            index: inclusion_proof(index, size, lambda begin, end: root_of(leaves[begin:end])) for index in indices
        }
        assert all(included(leaves[index], index, size, path, tree.root()) for index, path in found.items())

    @pytest.mark.parametrize("index", [-1, 3, 8, 9])
    def test_a_leaf_outside_what_is_read_is_refused(self, index: int) -> None:
        tree = Tree()
        for leaf in leaves_of(4):
            tree.add(leaf)
        with pytest.raises(NotATree):
            inclusion_proofs([index], leaves_of(8)[4:], tree)


class TestAWholePack:
    def test_has_nothing_wrong(self) -> None:
        checked = check_proofs(PROOFS, KEYS)
        assert checked.troubles == ()
        assert checked.head is not None
        assert (checked.head.size, checked.head.provider_id) == (9, PROVIDER)

    def test_reads_back_from_its_file(self) -> None:
        assert read_proofs(PROOFS.text()) == PROOFS
        assert PROOFS.plain() == json.loads(PROOFS.text())
        assert keys_in(PROOFS) == (OURS.public,)

    @pytest.mark.parametrize("size", range(1, 12))
    def test_of_every_size(self, size: int) -> None:
        assert check_proofs(some_proofs(size), KEYS).troubles == ()

    def test_proves_an_entry_of_which_nothing_is_shown(self) -> None:
        bare = replace(PROOFS, entries=[replace(entry, parts=None, words=None) for entry in PROOFS.entries])
        assert check_proofs(bare, KEYS).troubles == ()
        assert b"Sam Lee" not in bare.text()
        assert b"did thing" not in bare.text()

    def test_proves_parts_without_the_words(self) -> None:
        parts = replace(PROOFS, entries=[replace(entry, words=None) for entry in PROOFS.entries])
        assert check_proofs(parts, KEYS).troubles == ()


def changed(change: Callable[[Any], object]) -> Proofs:
    value = json.loads(PROOFS.text())
    change(value)
    return read_proofs(json.dumps(value).encode())


def entry(number: int, **values: Any) -> Callable[[Any], object]:
    return lambda value: value["entries"][number].update(values)


def part(number: int, which: str, **values: Any) -> Callable[[Any], object]:
    return lambda value: value["entries"][number][which].update(values)


class TestTampering:
    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (part(2, "words", sentence="did something else"), "The words of entry 3 are not those that were written."),
            (part(2, "words", facts={"number": 4}), "The words of entry 3 are not those that were written."),
            (part(2, "words", facts={"number": 3.0}), "The words of entry 3 are not those that were written."),
            (part(2, "words", salt="6b" * 16), "The words of entry 3 are not those that were written."),
            (part(0, "parts", at="2026-03-05T02:06:00+00:00"), "What is shown of entry 1 (incidents.report,"),
            (part(0, "parts", name="Somebody Else"), "What is shown of entry 1"),
            (part(0, "parts", role="Director"), "What is shown of entry 1"),
            (part(0, "parts", by=None), "What is shown of entry 1"),
            (part(0, "parts", operation="triage.decide"), "What is shown of entry 1"),
            (part(0, "parts", subject="triage.record"), "What is shown of entry 1"),
            (part(0, "parts", subject_id="00000000-0000-0000-0000-000000000099"), "What is shown of entry 1"),
            (part(0, "parts", story=None), "What is shown of entry 1"),
            (part(0, "parts", previous="1" * 64), "What is shown of entry 1"),
            (entry(4, hash="ab" * 32, parts=None, words=None), "Entry 5 is not proven"),
            (entry(4, hash="not hex", parts=None, words=None), "Entry 5 is not proven"),
            (entry(4, path=[]), "Entry 5 is not proven"),
            (entry(4, path=["ab" * 32] * 4), "Entry 5 is not proven"),
            (entry(4, path=["zz"]), "Entry 5 is not proven"),
            (entry(4, sequence=6, parts=None, words=None), "Entry 6 is not proven"),
            (entry(4, sequence=0, parts=None, words=None), "Entry 0 is not proven"),
            (entry(4, sequence=10, parts=None, words=None), "Entry 10 is not under the signed head, which ends at"),
            (entry(4, parts=None), "Entry 5 shows its words and not the rest"),
            (lambda value: value["entries"].append(value["entries"][4]), "Entry 5 is in the proofs more than once."),
            (lambda value: value.update(head=value["head"].replace("\n9\n", "\n8\n")), "its signature is wrong"),
            (lambda value: value.update(head=""), "it is not a signed note"),
            (lambda value: value.update(head=some_proofs(signer=OTHER).head), "no key that is known here signed it"),
            (lambda value: value.update(head=some_proofs(8).head), "Entry 9 is not under the signed head"),
        ],
    )
    def test_is_found_and_named(self, change: Callable[[Any], object], sentence: str) -> None:
        troubles = check_proofs(changed(change), KEYS).troubles
        assert any(sentence in trouble for trouble in troubles), troubles

    def test_an_entry_of_another_place_does_not_pass(self) -> None:
        """Two entries exchanged for each other, each with its own proof."""
        one, two, *rest = PROOFS.entries
        swapped = [replace(one, path=two.path), replace(two, path=one.path), *rest]
        assert len(check_proofs(replace(PROOFS, entries=swapped), KEYS).troubles) == 2

    def test_without_a_key_nothing_holds(self) -> None:
        checked = check_proofs(PROOFS, [])
        assert checked.head is None
        assert checked.troubles == ("The signed head does not hold: no key that is known here signed it.",)

    @given(st.data())
    def test_no_letter_of_what_is_shown_can_be_changed(self, data: st.DataObject) -> None:
        """Whatever one value of an entry becomes, something is named, or the file is refused."""
        value = json.loads(PROOFS.text())
        one = value["entries"][data.draw(st.integers(0, 8))]
        which = one[data.draw(st.sampled_from(["parts", "words"]))]
        name = data.draw(st.sampled_from(sorted(which)))
        new = data.draw(st.none() | st.text() | st.integers() | st.dictionaries(st.text(), st.floats() | st.text()))
        if new == which[name]:
            return
        which[name] = new
        with suppress(BadBundle):
            assert check_proofs(read_proofs(json.dumps(value).encode()), KEYS).troubles


class TestTheManifest:
    MADE = manifest_of(title="A pack", provider_id=PROVIDER, at=AT, files=FILES)

    def test_names_every_file_with_its_hash_and_size(self) -> None:
        assert [(one.path, one.bytes) for one in self.MADE.files] == [
            ("data/incidents.csv", 9),
            ("empty.txt", 0),
            ("index.html", 17),
        ]
        assert self.MADE.files[1].sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        assert self.MADE.made_at == "2026-03-04T02:05:00+00:00"
        assert read_manifest(self.MADE.text()) == self.MADE

    def test_is_the_same_for_the_same_files(self) -> None:
        again = manifest_of(title="A pack", provider_id=PROVIDER, at=AT, files=dict(reversed(FILES.items())))
        assert again.text() == self.MADE.text()

    def test_is_named_by_the_entry_that_holds_its_hash(self) -> None:
        proofs = some_proofs(facts=manifest_facts(self.MADE))
        assert manifest_named(proofs, self.MADE.text()) == 9
        assert manifest_named(proofs, self.MADE.text() + b" ") is None
        assert manifest_named(PROOFS, self.MADE.text()) is None

    def test_the_hash_must_be_that_fact_and_no_other(self) -> None:
        (digest,) = manifest_facts(self.MADE).values()
        assert manifest_named(some_proofs(facts={"note": digest}), self.MADE.text()) is None
        assert manifest_named(some_proofs(facts={MANIFEST_FACT: digest}), self.MADE.text()) == 9

    @pytest.mark.parametrize(
        "path",
        ["../a", "a/../b", "/a", "a//b", "a\\b", "c:a", "a\x00", "a\n", "", ".", "a/", "con ", " a", "a.",
         "manifest.json", "proofs.json", "what?"],
    )  # fmt: skip
    def test_no_file_has_a_path_that_leads_elsewhere(self, path: str) -> None:
        with pytest.raises(BadBundle):
            manifest_of(title="A pack", provider_id=PROVIDER, at=AT, files={path: b""})

    @pytest.mark.parametrize("path", ["a", "a/b.html", "Bericht für Anna.pdf", ".hidden", "a..b", "2026-03-04 one.csv"])
    def test_an_ordinary_path_may_stand(self, path: str) -> None:
        assert manifest_of(title="A pack", provider_id=PROVIDER, at=AT, files={path: b""}).files[0].path == path


class TestFilesThatAreNone:
    @pytest.mark.parametrize(
        "raw",
        [b"", b"{}", b"[]", b"null", b"\xff", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 100_000, b'"\\ud800"'],
        ids=range(10),
    )
    def test_are_refused_with_a_sentence(self, raw: bytes) -> None:
        for name, read in {"manifest.json": read_manifest, "proofs.json": read_proofs}.items():
            with pytest.raises(BadBundle, match=f"{name} is not what it should be, at .*"):
                read(raw)

    @pytest.mark.parametrize(
        "change",
        [
            lambda value: value.update(format="saferpractice proofs 2"),
            lambda value: value.update(more="of it"),
            lambda value: value.update(keys="one"),
            lambda value: value.pop("head"),
            entry(0, sequence="1"),
            entry(0, sequence=1.5),
            entry(0, sequence=True),
            entry(0, unknown=1),
            part(0, "parts", unknown="1"),
            part(0, "words", facts=[]),
        ],
    )
    def test_a_part_of_another_kind_is_refused(self, change: Callable[[Any], object]) -> None:
        with pytest.raises(BadBundle):
            changed(change)

    def test_a_key_that_is_none_is_left_out(self) -> None:
        assert keys_in(replace(PROOFS, keys=["nonsense", str(OTHER.public)])) == (OTHER.public,)
