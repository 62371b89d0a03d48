"""Proofs out of the database: of any entry, into the newest seal, and none where the trail does not fit."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from saferpractice.trail import keys, proving
from saferpractice.trail.keys import public_key_file, public_keys, published_keys, signer
from saferpractice.trail.models import Seal, TrailEntry
from saferpractice.trail.packs import check
from saferpractice.trail.proving import CannotProve, NotSealedYet, proofs_for, proofs_of
from saferpractice.trail.rules import (
    BadKey,
    Shown,
    check_proofs,
    content_hash,
    manifest_facts,
    manifest_of,
    read_head,
    read_proofs,
)
from saferpractice.trail.sealing import seal
from tests.factories.packs import FILES, in_folder
from tests.factories.trail import add_entries, chain_again, delete, edit, entries_of, sealed_trail
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.requirement("R5", "R34"), pytest.mark.django_db]


def every_entry(cast: Cast, shown: Shown = Shown.HASH) -> dict[int, Shown]:
    return {entry.sequence: shown for entry in entries_of(cast.provider.pk)}


@pytest.mark.parametrize("shown", Shown)
def test_every_entry_is_proven_into_the_newest_seal(cast: Cast, shown: Shown) -> None:
    sealed_trail(cast.provider, 3, 1, 5)
    proofs = proofs_of(cast.provider.pk, every_entry(cast, shown))
    checked = check_proofs(read_proofs(proofs.text()), public_keys())
    assert checked.troubles == ()
    assert checked.head is not None
    assert (checked.head.number, checked.head.size) == (3, len(proofs.entries))
    assert json.loads(json.dumps(proofs.plain())) == proofs.plain()


def test_each_entry_alone_is_proven_the_same(cast: Cast) -> None:
    """Wherever the reading starts: at the first entry, or behind one seal or another."""
    sealed_trail(cast.provider, 3, 1, 5)
    together = proofs_of(cast.provider.pk, every_entry(cast)).entries
    assert [proofs_of(cast.provider.pk, {one.sequence: Shown.HASH}).entries[0] for one in together] == together


def test_what_came_before_the_last_seal_is_not_read_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed_trail(cast.provider, 3, 1, 5)
    read: list[int] = []
    real = proving._leaves
    monkeypatch.setattr(proving, "_leaves", lambda *places: read.append(places[1]) or real(*places))
    newest, before = Seal.objects.filter(provider_id=cast.provider.pk).order_by("-number")[:2]
    proofs_of(cast.provider.pk, {newest.size: Shown.HASH})
    assert read == [before.size]


def test_leaves_are_read_page_by_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed_trail(cast.provider, 5)
    whole = proofs_of(cast.provider.pk, every_entry(cast))
    for size in (1, 3, len(whole.entries)):
        monkeypatch.setattr(proving, "AT_ONCE", size)
        assert proofs_of(cast.provider.pk, every_entry(cast)) == whole


def test_what_is_shown_is_what_was_asked_for_and_no_more(cast: Cast) -> None:
    sealed_trail(cast.provider, 2)
    row = entries_of(cast.provider.pk)[-1]
    bare, parts, words = (proofs_for([row], shown) for shown in (Shown.HASH, Shown.PARTS, Shown.WORDS))
    for hidden in (row.sentence, row.salt, row.by_name, str(row.subject_id)):
        assert hidden not in bare.text().decode()
    assert row.by_name in parts.text().decode()
    assert row.salt not in parts.text().decode()
    assert row.sentence not in parts.text().decode()
    shown = words.entries[0]
    assert shown.words is not None
    assert shown.parts is not None
    assert (shown.words.sentence, shown.parts.name, shown.hash) == (row.sentence, row.by_name, row.hash)
    assert content_hash(salt=shown.words.salt, sentence=row.sentence, facts=row.facts) == shown.parts.content


def test_rows_already_read_are_shown_alike(cast: Cast) -> None:
    sealed_trail(cast.provider, 2)
    rows = entries_of(cast.provider.pk)[-2:]
    assert proofs_for(rows, Shown.PARTS) == proofs_of(cast.provider.pk, {row.sequence: Shown.PARTS for row in rows})


def test_entries_of_two_providers_have_no_common_proof(cast: Cast) -> None:
    sealed_trail(cast.provider, 1)
    sealed_trail(cast.stranger.provider, 1)
    with pytest.raises(ValueError, match="too many values"):
        proofs_for([*entries_of(cast.provider.pk), *entries_of(cast.stranger.provider_id)])


class TestNotSealedYet:
    def test_where_there_is_no_seal(self, cast: Cast) -> None:
        with pytest.raises(NotSealedYet, match="Try again in a minute"):
            proofs_of(cast.provider.pk, {1: Shown.HASH})

    def test_an_entry_newer_than_the_newest(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        add_entries(cast.provider, 1)
        newest = entries_of(cast.provider.pk)[-1]
        with pytest.raises(NotSealedYet):
            proofs_for([newest])
        seal(provider_id=cast.provider.pk, at=NOW + timedelta(hours=1))
        assert proofs_for([newest]).entries[0].sequence == newest.sequence

    def test_older_entries_have_a_proof_meanwhile(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        newest = entries_of(cast.provider.pk)[-1]
        add_entries(cast.provider, 1)
        assert check_proofs(proofs_for([newest]), public_keys()).troubles == ()


class TestATrailThatDoesNotFit:
    """Who reads a proof must not be told that a rewritten entry was sealed."""

    @pytest.fixture(autouse=True)
    def sealed(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 2, 4)

    def test_an_entry_with_another_hash(self, cast: Cast) -> None:
        row = entries_of(cast.provider.pk)[-2]
        edit(row, hash="ab" * 32)
        with pytest.raises(CannotProve, match="do not make the tree that was signed"):
            proofs_for([entries_of(cast.provider.pk)[-1]])

    def test_an_entry_whose_words_were_changed(self, cast: Cast) -> None:
        edit(entries_of(cast.provider.pk)[-2], sentence="did something else")
        with pytest.raises(CannotProve, match="is not what was written"):
            proofs_for(entries_of(cast.provider.pk)[-2:], Shown.WORDS)

    def test_entries_chained_anew(self, cast: Cast) -> None:
        edit(entries_of(cast.provider.pk)[-3], sentence="did something else")
        chain_again(cast.provider.pk, 0)
        with pytest.raises(CannotProve, match="do not make the tree that was signed"):
            proofs_for(entries_of(cast.provider.pk)[-3:])

    def test_an_entry_taken_away(self, cast: Cast) -> None:
        rows = entries_of(cast.provider.pk)
        delete(TrailEntry.objects.filter(pk=rows[-2].pk))
        with pytest.raises(CannotProve, match="not in the trail"):
            proofs_for(rows[-3:])
        with pytest.raises(CannotProve, match="do not make the tree"):
            proofs_for(rows[-1:])

    def test_an_entry_with_a_hash_that_is_none(self, cast: Cast) -> None:
        edit(entries_of(cast.provider.pk)[-2], hash="no hash")
        with pytest.raises(CannotProve):
            proofs_for(entries_of(cast.provider.pk)[-1:])

    @pytest.mark.parametrize("peaks", [[], ["ab" * 32], "none", [1]])
    def test_a_seal_whose_peaks_were_changed(self, cast: Cast, peaks: object) -> None:
        rows = entries_of(cast.provider.pk)
        edit(Seal.objects.filter(provider_id=cast.provider.pk).latest("number"), peaks=peaks)
        with pytest.raises(CannotProve):
            proofs_for(rows[-1:])

    def test_an_earlier_seal_whose_peaks_were_changed(self, cast: Cast) -> None:
        first = Seal.objects.filter(provider_id=cast.provider.pk).earliest("number")
        edit(first, peaks=["ab" * 32 for _ in first.peaks])
        with pytest.raises(CannotProve, match="do not make the tree"):
            proofs_for(entries_of(cast.provider.pk)[-1:])

    def test_a_head_that_nobody_signed(self, cast: Cast) -> None:
        newest = Seal.objects.filter(provider_id=cast.provider.pk).latest("number")
        edit(newest, note=newest.note.replace("\nhead 2\n", "\nhead 3\n"))
        with pytest.raises(CannotProve, match="signed head does not hold"):
            proofs_for(entries_of(cast.provider.pk)[-1:])


class TestThePublicKeys:
    def test_are_published_with_the_first_seal_and_hold_no_secret(self, cast: Cast) -> None:
        public_key_file().unlink(missing_ok=True)
        assert published_keys() == ()
        sealed_trail(cast.provider, 1)
        assert published_keys() == public_keys()
        assert keys.key_file().read_text().strip() not in public_key_file().read_text()
        assert read_head(Seal.objects.get(provider_id=cast.provider.pk).note, published_keys())

    def test_are_published_by_many_at_once(self) -> None:
        ready, errors = Barrier(8), []

        def publish() -> None:
            ready.wait()
            try:
                signer()
            except OSError as error:
                errors.append(error)

        threads = [Thread(target=publish) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert published_keys() == public_keys() != ()
        assert [path.name for path in public_key_file().parent.glob("*.pub*")] == ["trail-key.pub"], "none is left over"

    def test_are_published_again_when_a_key_is_put_in_front(self, cast: Cast, tmp_path: Path, settings: Any) -> None:
        settings.TRAIL_KEY_FILE = str(tmp_path / "key")
        settings.TRAIL_PUBLIC_KEY_FILE = str(tmp_path / "sub" / "key.pub")
        sealed_trail(cast.provider, 1)
        old = published_keys()
        (tmp_path / "key").write_text(f"{'another secret that is long enough'}\n{(tmp_path / 'key').read_text()}")
        sealed_trail(cast.provider, 1)
        assert published_keys() == public_keys()
        assert len(published_keys()) == 2
        assert published_keys()[1:] == old

    def test_go_into_the_proofs_where_no_secret_can_be_read(self, cast: Cast) -> None:
        """As in a web process: the key file may not even be there."""
        sealed_trail(cast.provider, 1)
        known = public_keys()
        keys.key_file().unlink()
        assert proofs_of(cast.provider.pk, {1: Shown.HASH}).keys == [str(key) for key in known]

    def test_something_else_in_their_file_is_an_error(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        public_key_file().write_text("nothing\n")
        with pytest.raises(BadKey):
            published_keys()

    def test_without_them_there_are_proofs_all_the_same(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        public_key_file().unlink()
        proofs = proofs_of(cast.provider.pk, {1: Shown.HASH})
        assert proofs.keys == []
        assert check_proofs(proofs, public_keys()).troubles == ()


def test_a_pack_from_its_making_to_somebody_elses_check(cast: Cast, tmp_path: Path) -> None:
    """The order in which a pack is made: files, manifest, an entry with its hash, a seal, proofs."""
    from saferpractice.access.models import Provider
    from saferpractice.trail.operations import OPERATIONS, Entry, operation

    manifest = manifest_of(title="Pack", provider_id=cast.provider.pk, at=NOW, files=FILES)

    @operation
    def make_a_pack(*, by: object, at: object, provider: Provider) -> Entry[None]:
        return Entry(result=None, subject=provider, sentence="made a pack", facts=manifest_facts(manifest))

    try:
        make_a_pack(by=cast.quality_lead, at=NOW, provider=cast.provider)
    finally:
        del OPERATIONS["stages.make_a_pack"]
    seal(provider_id=cast.provider.pk, at=NOW)
    entry = entries_of(cast.provider.pk)[-1]
    proofs = proofs_of(cast.provider.pk, {1: Shown.HASH, entry.sequence: Shown.WORDS})
    top = in_folder({**FILES, "manifest.json": manifest.text(), "proofs.json": proofs.text()}, tmp_path / "pack")
    found = check(top, public_keys())
    assert (found.troubles, found.files, found.entries) == ([], 3, 2)
    shutil.rmtree(top / "data")
    assert check(top, public_keys()).troubles == ["The file 'data/incidents.csv' is missing."]
