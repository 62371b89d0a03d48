"""Sealing: a signed head over what is new, by whichever worker comes first, and never over what does not fit."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from saferpractice.config.secrets import SecretFileError
from saferpractice.trail import keys, outside, sealing
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import Seal, TrailEntry
from saferpractice.trail.reading import entries_after
from saferpractice.trail.rules import GENESIS, BadKey, leaf_hash, note_hash, read_head, root_of
from saferpractice.trail.sealing import CannotSeal, seal, waiting
from tests.databases import Database
from tests.factories.trail import (
    add_entries,
    chain_again,
    delete,
    edit,
    entries_of,
    give_numbers,
    sealed_trail,
    seals_of,
    verified,
)
from tests.personas import NOW, Cast, build_cast

pytestmark = pytest.mark.requirement("R5", "R34")
LATER = NOW + timedelta(minutes=1)


@pytest.mark.django_db
class TestAHead:
    def test_is_signed_over_every_entry(self, cast: Cast) -> None:
        made = seal(provider_id=cast.provider.pk, at=NOW)
        assert made is not None
        entries = entries_of(cast.provider.pk)
        head = read_head(made.note, public_keys())
        assert (head.provider_id, head.number, head.size, head.at) == (cast.provider.pk, 1, len(entries), NOW)
        assert head.root == root_of(leaf_hash(bytes.fromhex(entry.hash)) for entry in entries)
        assert (head.newest, head.previous) == (entries[-1].hash, GENESIS)
        assert seals_of(cast.provider.pk) == [made]

    def test_the_next_goes_on_from_it_and_names_it(self, cast: Cast) -> None:
        first = seal(provider_id=cast.provider.pk, at=NOW)
        add_entries(cast.provider, 3)
        second = seal(provider_id=cast.provider.pk, at=LATER)
        assert first is not None
        assert second is not None
        head = read_head(second.note, public_keys())
        entries = entries_of(cast.provider.pk)
        assert (head.number, head.size, head.previous) == (2, first.size + 3, note_hash(first.note))
        assert head.root == root_of(leaf_hash(bytes.fromhex(entry.hash)) for entry in entries)

    def test_it_reads_what_is_new_and_not_the_rest(self, cast: Cast) -> None:
        """Sealing a trail of years costs what the last minute wrote."""
        seal(provider_id=cast.provider.pk, at=NOW)
        add_entries(cast.provider, 2)
        from saferpractice.trail import reading

        read: list[int] = []
        real = reading.Found.hashed

        def counted(entry: Any, *arguments: Any, **named: Any) -> str:
            read.append(entry.sequence)
            return real(entry, *arguments, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reading.Found, "hashed", counted)
            seal(provider_id=cast.provider.pk, at=LATER)
        size = len(entries_of(cast.provider.pk))
        assert read == [size - 1, size]

    def test_with_nothing_new_there_is_none(self, cast: Cast) -> None:
        assert seal(provider_id=cast.provider.pk, at=NOW)
        assert seal(provider_id=cast.provider.pk, at=LATER) is None
        assert Seal.objects.count() == 1

    def test_a_provider_without_entries_has_none(self, db: None) -> None:
        from uuid import uuid4

        assert seal(provider_id=uuid4(), at=NOW) is None
        assert not Seal.objects.exists()

    def test_a_long_trail_is_sealed_in_parts(self, cast: Cast) -> None:
        size = len(entries_of(cast.provider.pk))
        parts = []
        while made := seal(provider_id=cast.provider.pk, at=NOW, most=10):
            parts.append(made.size)
        assert parts == [*range(10, size, 10), size]
        assert verified(cast.provider.pk).heads == len(parts)

    def test_it_leaves_no_entry_of_its_own(self, cast: Cast) -> None:
        before = TrailEntry.objects.count()
        seal(provider_id=cast.provider.pk, at=NOW)
        assert TrailEntry.objects.count() == before


@pytest.mark.django_db
class TestWhatWaits:
    def test_is_a_trail_with_entries_under_no_head(self, cast: Cast) -> None:
        both = sorted([cast.provider.pk, cast.stranger.provider_id])
        assert waiting(limit=9) == both
        assert waiting(limit=1) == both[:1]
        seal(provider_id=cast.provider.pk, at=NOW)
        assert waiting(limit=9) == [cast.stranger.provider_id]
        add_entries(cast.provider, 1)
        assert waiting(limit=9) == both

    def test_is_found_by_one_statement(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1, 1)
        with CaptureQueriesContext(connection) as seen:
            waiting(limit=9)
        assert len(seen) == 1

    def test_writing_an_entry_waits_for_no_seal(self, cast: Cast) -> None:
        """Not one statement more than before, and none on the table of seals."""
        seal(provider_id=cast.provider.pk, at=NOW)
        with CaptureQueriesContext(connection) as seen:
            add_entries(cast.provider, 1)
        sent = [one["sql"] for one in seen if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert not [sql for sql in sent if "trail_seal" in sql]
        assert len([sql for sql in sent if "trail_" in sql]) == 4


@pytest.mark.django_db
class TestWhatDoesNotFitIsNotSigned:
    @pytest.fixture(autouse=True)
    def _sealed_and_more(self, cast: Cast) -> None:
        seal(provider_id=cast.provider.pk, at=NOW)
        add_entries(cast.provider, 4)

    def refused(self, cast: Cast, words: str) -> None:
        count = Seal.objects.count()
        with pytest.raises(CannotSeal, match=words):
            seal(provider_id=cast.provider.pk, at=LATER)
        assert Seal.objects.count() == count

    def test_an_edited_entry(self, cast: Cast) -> None:
        changed = entries_of(cast.provider.pk)[-3]
        edit(changed, sentence="set up nothing")
        self.refused(cast, f"at entry {changed.sequence}$")

    def test_one_given_a_new_hash(self, cast: Cast) -> None:
        changed = entries_of(cast.provider.pk)[-3]
        edit(changed, sentence="set up nothing")
        (found,) = entries_after(cast.provider.pk, changed.sequence - 1, changed.sequence)
        edit(changed, hash=found.hashed())
        self.refused(cast, f"at entry {changed.sequence + 1}$")

    def test_a_missing_one(self, cast: Cast) -> None:
        gone = entries_of(cast.provider.pk)[-3]
        delete(TrailEntry.objects.filter(pk=gone.pk))
        self.refused(cast, f"at entry {gone.sequence}$")

    def test_a_missing_end(self, cast: Cast) -> None:
        gone = entries_of(cast.provider.pk)[-1]
        delete(TrailEntry.objects.filter(pk=gone.pk))
        self.refused(cast, f"ends at entry {gone.sequence - 1} and should go on to {gone.sequence}")

    def test_two_that_changed_places(self, cast: Cast) -> None:
        one, other = entries_of(cast.provider.pk)[-3:-1]
        give_numbers({one.pk: other.sequence, other.pk: one.sequence})
        self.refused(cast, f"at entry {one.sequence}$")

    def test_behind_a_part_that_was_written_anew(self, cast: Cast) -> None:
        sealed = seals_of(cast.provider.pk)[0].size
        edit(entries_of(cast.provider.pk)[sealed - 1], sentence="set up nothing")
        chain_again(cast.provider.pk, sealed - 1)
        self.refused(cast, f"at entry {sealed + 1}$")

    @pytest.mark.parametrize(
        ("column", "value"), [("note", "no note"), ("peaks", []), ("size", 3), ("number", 5), ("peaks", ["zz"])]
    )
    def test_behind_a_head_that_is_not_what_was_signed(self, cast: Cast, column: str, value: Any) -> None:
        edit(seals_of(cast.provider.pk)[0], **{column: value})
        self.refused(cast, "^head")

    def test_behind_a_head_of_another_key(self, cast: Cast, settings: Any, tmp_path: Path) -> None:
        settings.TRAIL_KEY_FILE = str(tmp_path / "another")
        self.refused(cast, "no key that is known here signed it")

    def test_the_other_provider_goes_on(self, cast: Cast) -> None:
        edit(entries_of(cast.provider.pk)[-1], sentence="set up nothing")
        assert seal(provider_id=cast.stranger.provider_id, at=LATER)


def test_workers_at_once_make_each_head_once(fresh_database: Database) -> None:
    """And entries that are written meanwhile come under the next one."""
    cast = build_cast()
    ready, errors = Barrier(4), []

    def work(writes: bool) -> None:
        try:
            ready.wait()
            for n in range(5):
                if writes:
                    add_entries(cast.provider, 1)
                else:
                    seal(provider_id=cast.provider.pk, at=NOW + timedelta(minutes=n))
                    outside.keep(cast.provider.pk)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=[number == 0]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    seal(provider_id=cast.provider.pk, at=NOW + timedelta(hours=1))
    outside.keep(cast.provider.pk)
    report = verified(cast.provider.pk)
    assert report.troubles == ()
    assert report.heads == report.kept == Seal.objects.count() > 0
    assert report.sealed is not None
    assert report.sealed.size == report.entries


def test_who_comes_second_finds_it_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(*arguments: Any) -> Any:
        monkeypatch.setattr(sealing, "entries_after", reading)
        found = list(reading(*arguments))
        assert seal(provider_id=cast.provider.pk, at=NOW)
        return iter(found)

    reading = sealing.entries_after
    monkeypatch.setattr(sealing, "entries_after", overtaken)
    assert seal(provider_id=cast.provider.pk, at=LATER) is None
    (only,) = seals_of(cast.provider.pk)
    assert only.at == NOW


@pytest.mark.django_db
class TestTheDatabaseHoldsSeals:
    @pytest.fixture(autouse=True)
    def _a_seal(self, cast: Cast) -> None:
        seal(provider_id=cast.provider.pk, at=NOW)

    @pytest.mark.parametrize("column", ["provider_id", "number", "size", "at", "note", "peaks"])
    def test_no_column_can_be_changed(self, column: str, cast: Cast) -> None:
        values = {
            "provider_id": cast.worker.pk, "number": 9, "size": 9, "at": LATER, "note": "other", "peaks": ["00"],
        }  # fmt: skip
        assert set(values) == {field.attname for field in Seal._meta.concrete_fields} - {"id"}
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            Seal.objects.update(**{column: values[column]})

    def test_none_can_be_deleted(self) -> None:
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            Seal.objects.all()._raw_delete(using="default")


@pytest.mark.django_db
class TestKeptOutside:
    def lines(self, cast: Cast) -> list[str]:
        return [json.loads(line) for line in outside.file_of(cast.provider.pk).read_text().splitlines()]

    def notes(self, cast: Cast) -> list[str]:
        return [one.note for one in seals_of(cast.provider.pk)]

    def test_each_head_once_in_order(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1, 1)
        assert self.lines(cast) == self.notes(cast)
        assert outside.keep(cast.provider.pk) == 0
        sealed_trail(cast.provider, 1)
        assert self.lines(cast) == self.notes(cast)
        assert len(self.lines(cast)) == 3

    def test_what_a_killed_worker_left_out_is_made_up_for(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1, 1, 1)
        path = outside.file_of(cast.provider.pk)
        first = path.read_text().splitlines(keepends=True)[0]
        path.write_text(first)
        assert outside.keep(cast.provider.pk) == 2
        assert self.lines(cast) == self.notes(cast)

    @pytest.mark.parametrize("part", [1, 30, -1])
    def test_a_line_half_written_is_written_again(self, cast: Cast, part: int) -> None:
        sealed_trail(cast.provider, 1, 1)
        path = outside.file_of(cast.provider.pk)
        first, second = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(first + second[:part])
        assert list(outside.kept(cast.provider.pk)) == self.notes(cast)[:1]
        assert outside.keep(cast.provider.pk) == 1
        assert self.lines(cast) == self.notes(cast)

    def test_a_file_that_holds_nothing_but_half_a_line(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        path = outside.file_of(cast.provider.pk)
        path.write_text('"saferprac')
        assert outside.keep(cast.provider.pk) == 1
        assert self.lines(cast) == self.notes(cast)

    def test_in_pieces_when_there_are_many(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outside, "AT_ONCE", 1)
        sealed_trail(cast.provider, 1, 1)
        assert outside.keep(cast.provider.pk) == 1
        assert outside.keep(cast.provider.pk) == 0
        assert self.lines(cast) == self.notes(cast)

    def test_for_its_owner_only(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        assert stat.S_IMODE(outside.file_of(cast.provider.pk).stat().st_mode) == 0o600

    def test_one_line_is_short_enough_to_be_found_again(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        assert len(outside.file_of(cast.provider.pk).read_bytes()) * 4 < outside.LONGEST_LINE

    def test_by_default_beside_the_data(self, settings: Any, tmp_path: Path) -> None:
        settings.TRAIL_HEADS, settings.DATA_DIR = "", tmp_path
        assert outside.folder() == tmp_path / "trail-heads"


class TestTheKey:
    def test_is_made_on_first_use_for_its_owner_only(self) -> None:
        assert keys.public_keys() == ()
        made = keys.signer()
        assert stat.S_IMODE(keys.key_file().stat().st_mode) == 0o600
        assert keys.signer().public == made.public
        assert keys.public_keys() == (made.public,)

    def test_is_beside_the_data_by_default(self, settings: Any, tmp_path: Path) -> None:
        settings.TRAIL_KEY_FILE, settings.DATA_DIR = "", tmp_path
        assert keys.key_file() == tmp_path / "trail-key"

    @pytest.mark.django_db
    def test_a_new_one_in_front_signs_and_the_old_one_goes_on_checking(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        old = keys.key_file().read_text()
        keys.key_file().write_text(f"a newer secret, as long as a secret has to be\n\n{old}\n")
        sealed_trail(cast.provider, 1)
        report = verified(cast.provider.pk)
        assert (report.whole, report.heads) == (True, 2)
        assert read_head(seals_of(cast.provider.pk)[1].note, keys.public_keys()[:1])

    @pytest.mark.parametrize(("text", "error"), [("", SecretFileError), ("short", BadKey)])
    def test_one_that_cannot_be_used_says_so(self, text: str, error: type[Exception]) -> None:
        keys.key_file().parent.mkdir()
        keys.key_file().write_text(text)
        with pytest.raises(error):
            keys.signer()
