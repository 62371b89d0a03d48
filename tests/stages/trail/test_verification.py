"""Whatever somebody with full rights over the database does to a trail is found, and named."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from saferpractice.trail import outside
from saferpractice.trail.keys import public_keys, signer
from saferpractice.trail.models import Seal, TrailEntry, TrailHead
from saferpractice.trail.rules import Head, Signer, Tree, TroubleKind, leaf_hash, note_hash, read_head
from saferpractice.trail.sealing import seal
from saferpractice.trail.verification import MOST_NAMED, Report, providers
from tests.factories.trail import (
    add_entries,
    chain_again,
    delete,
    edit,
    entries_of,
    give_numbers,
    sealed_trail,
    seals_of,
    unguarded,
    verified,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R34")]

EDITED, MISSING, TRUNCATED, MOVED = (
    TroubleKind.EDITED, TroubleKind.MISSING, TroubleKind.TRUNCATED, TroubleKind.MOVED,
)  # fmt: skip
SLIPPED_IN, REWRITTEN, FORGED_HEAD, MISSING_HEAD = (
    TroubleKind.SLIPPED_IN, TroubleKind.REWRITTEN, TroubleKind.FORGED_HEAD, TroubleKind.MISSING_HEAD,
)  # fmt: skip


class Trail:
    """The provider's trail: three heads, and two entries under none yet."""

    def __init__(self, cast: Cast) -> None:
        self.provider = cast.provider
        sealed_trail(cast.provider, 1, 3, 2)
        add_entries(cast.provider, 2)
        self.entries = entries_of(cast.provider.pk)
        self.seals = seals_of(cast.provider.pk)
        self.size = len(self.entries)

    def found(self, *notes: str) -> Report:
        return verified(self.provider.pk, *notes)

    def named(self, *notes: str) -> list[tuple[TroubleKind, int, int]]:
        return [(one.kind, one.first, one.last) for one in self.found(*notes).troubles]

    def between(self, head: int) -> tuple[int, int]:
        """The first and the last entry that the head of this number added."""
        before = self.seals[head - 2].size if head > 1 else 0
        return before + 1, self.seals[head - 1].size

    def entry(self, sequence: int) -> TrailEntry:
        return self.entries[sequence - 1]

    def leave_outside(self, *numbers: int) -> None:
        """Only these heads in the file outside, as whoever can write there leaves it."""
        path = outside.file_of(self.provider.pk)
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[number - 1] for number in numbers))

    def wind_back(self, sequence: int) -> None:
        """The trail's own count, as if the entries after ``sequence`` had never been."""
        TrailHead.objects.filter(provider_id=self.provider.pk).update(sequence=sequence, hash=self.entry(sequence).hash)


@pytest.fixture
def trail(cast: Cast) -> Trail:
    return Trail(cast)


class TestNothingWrong:
    def test_a_trail_nobody_touched_is_whole(self, trail: Trail) -> None:
        report = trail.found()
        assert report.troubles == ()
        assert (report.whole, report.entries, report.heads, report.kept, report.more) == (True, trail.size, 3, 3, 0)
        assert report.sealed is not None
        assert (report.sealed.number, report.sealed.size) == (3, trail.size - 2)

    def test_so_is_one_that_was_never_sealed(self, trail: Trail, cast: Cast) -> None:
        report = verified(cast.stranger.provider_id)
        assert (report.whole, report.heads, report.sealed) == (True, 0, None)
        assert report.entries > 0

    def test_and_one_that_is_not_there(self, db: None) -> None:
        assert verified(uuid4()).whole

    def test_heads_out_of_an_email_that_fit_are_counted_and_those_of_others_left_out(
        self, trail: Trail, cast: Cast
    ) -> None:
        notes = [one.note for one in trail.seals]
        assert trail.found(*notes).kept == 6
        assert trail.found(*notes).whole
        other = verified(cast.stranger.provider_id, *notes)
        assert (other.whole, other.kept) == (True, 0)

    def test_every_provider_is_looked_at(self, trail: Trail, cast: Cast, outside_heads: Path) -> None:
        only_outside = uuid4()
        outside.file_of(only_outside).write_text("")
        (outside_heads / "notes.jsonl").write_text("")
        assert set(providers()) == {cast.provider.pk, cast.stranger.provider_id, only_outside}
        assert providers() == sorted(providers())

    def test_what_is_written_after_the_counts_were_read_is_no_trouble(
        self, trail: Trail, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Entries are added and sealed while the reading goes on, which takes minutes."""
        from saferpractice.trail import verification

        def meanwhile(*arguments: Any) -> Any:
            sealed_trail(trail.provider, 2)
            return real(*arguments)

        real = verification.entries_after
        monkeypatch.setattr(verification, "entries_after", meanwhile)
        report = trail.found()
        assert report.troubles == ()
        assert report.entries == trail.size + 2


COLUMNS = [
    ("sentence", "set up nothing"),
    ("facts", {"and": "more"}),
    ("facts", {"share": 0.5}),
    ("salt", "0" * 32),
    ("at", NOW + timedelta(microseconds=1)),
    ("operation", "access.create_team"),
    ("by_id", uuid4()),
    ("by_name", "Somebody Else"),
    ("by_role", "Director"),
    ("subject_type", "access.team"),
    ("subject_id", uuid4()),
    ("story_id", uuid4()),
    ("previous_hash", "1" * 64),
    ("hash", "1" * 64),
    ("hash", "not a hash"),
]


class TestAnEditedRow:
    @pytest.mark.parametrize(("column", "value"), COLUMNS, ids=[f"{n} {name}" for n, (name, _) in enumerate(COLUMNS)])
    def test_in_any_column(self, trail: Trail, column: str, value: Any) -> None:
        number = trail.between(2)[0] + 1
        edit(trail.entry(number), **{column: value})
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [(EDITED, number, number)]
        assert f"entry {number} (" in report.troubles[0].sentence

    def test_no_column_is_left_out(self) -> None:
        tried = {name for name, _ in COLUMNS}
        others = {"provider_id", "sequence"}  # moved and missing entries, below
        columns = {one.attname for one in TrailEntry._meta.concrete_fields}
        assert columns - tried - others == {"id"}, "an id is a name for the row"

    @pytest.mark.parametrize("which", ["first", "last of a head", "newest"])
    def test_wherever_it_stands(self, trail: Trail, which: str) -> None:
        number = {"first": 1, "last of a head": trail.between(2)[1], "newest": trail.size}[which]
        edit(trail.entry(number), sentence="set up nothing")
        assert trail.named() == [(EDITED, number, number)]

    def test_the_heads_over_what_the_hashes_still_show_hold(self, trail: Trail) -> None:
        edit(trail.entry(trail.between(2)[0]), sentence="set up nothing")
        assert trail.found().heads == 3

    def test_two_of_them_are_two(self, trail: Trail) -> None:
        one, other = trail.between(1)[1], trail.between(3)[0]
        edit(trail.entry(one), sentence="set up nothing")
        edit(trail.entry(other), by_name="Somebody Else")
        assert trail.named() == [(EDITED, one, one), (EDITED, other, other)]

    def test_with_its_hash_made_anew(self, trail: Trail) -> None:
        number = trail.between(2)[0]
        edit(trail.entry(number), sentence="set up nothing")
        found = next(one for one in outside_reading(trail) if one.sequence == number)
        edit(trail.entry(number), hash=found.hashed())
        assert trail.named() == [(EDITED, number, number + 1)]

    def test_with_every_hash_behind_it_made_anew(self, trail: Trail) -> None:
        """The chain fits again, as does the trail's own count. The heads do not."""
        first, last = trail.between(2)
        edit(trail.entry(first + 1), sentence="set up nothing")
        chain_again(trail.provider.pk, first)
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [
            (REWRITTEN, first, last),
            (REWRITTEN, *trail.between(3)),
        ]
        assert f"entries {first} to {last} are not those over which head 2 was signed" in report.troubles[0].sentence
        assert (report.heads, report.sealed and report.sealed.number) == (1, 1)

    def test_after_the_last_head_the_chain_alone_would_be_fooled(self, trail: Trail) -> None:
        """What a head does not cover yet can be rewritten: that is why one is signed every minute."""
        edit(trail.entry(trail.size), sentence="set up nothing")
        chain_again(trail.provider.pk, trail.size - 1)
        assert trail.found().whole

    @pytest.mark.parametrize(
        ("column", "value"),
        [("at", "soon"), ("by_id", "nobody"), ("subject_id", ""), ("facts", "{"), ("facts", '"\\ud800"'),
         ("facts", "[" * 5000), ("sentence", b"\x00\x01")],
        ids=["moment", "id", "no id", "half JSON", "half a letter", "deep JSON", "bytes"],
    )  # fmt: skip
    def test_with_what_is_no_value_of_its_column(self, trail: Trail, column: str, value: Any) -> None:
        """SQLite takes anything. PostgreSQL refuses it, so there is nothing to find."""
        if connection.vendor == "postgresql":
            return
        number = trail.between(2)[0]
        with unguarded(), connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints=ON")
            try:
                cursor.execute(
                    f'UPDATE trail_trailentry SET "{column}"=%s WHERE id=%s', [value, trail.entry(number).pk.hex]
                )
            finally:
                cursor.execute("PRAGMA ignore_check_constraints=OFF")
        assert trail.named() == [(EDITED, number, number)]


def outside_reading(trail: Trail) -> list[Any]:
    from saferpractice.trail.reading import entries_after

    return list(entries_after(trail.provider.pk, 0))


class TestADeletedRow:
    @pytest.mark.parametrize("which", ["first", "in the middle", "last of a head", "first of a head"])
    def test_is_missing(self, trail: Trail, which: str) -> None:
        number = {
            "first": 1,
            "in the middle": trail.between(2)[0] + 1,
            "last of a head": trail.between(2)[1],
            "first of a head": trail.between(2)[0],
        }[which]
        delete(TrailEntry.objects.filter(pk=trail.entry(number).pk))
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [(MISSING, number, number)]
        assert report.troubles[0].sentence == f"entry {number} is missing"
        assert report.sealed is not None
        assert report.sealed.number == 3, "later heads are checked nevertheless"

    def test_several_are_one_gap(self, trail: Trail) -> None:
        first, last = trail.between(2)[0] - 1, trail.between(3)[0]
        delete(TrailEntry.objects.filter(pk__in=[trail.entry(number).pk for number in range(first, last + 1)]))
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [(MISSING, first, last)]
        assert report.troubles[0].sentence == f"entries {first} to {last} are missing"

    def test_with_the_rest_numbered_and_chained_again(self, trail: Trail) -> None:
        number = trail.between(2)[0] + 1
        delete(TrailEntry.objects.filter(pk=trail.entry(number).pk))
        give_numbers({one.pk: one.sequence - 1 for one in trail.entries[number:]})
        chain_again(trail.provider.pk, number - 1)
        named = trail.named()
        assert (REWRITTEN, *trail.between(2)) in named
        assert not any(kind is EDITED for kind, _, _ in named)

    def test_with_the_rest_only_numbered_again(self, trail: Trail) -> None:
        number = trail.size - 2
        delete(TrailEntry.objects.filter(pk=trail.entry(number).pk))
        give_numbers({one.pk: one.sequence - 1 for one in trail.entries[number:]})
        report = trail.found()
        assert f"entry {number} is the one that was written as entry {number + 1}" in sentences(report)
        assert (TRUNCATED, trail.size, trail.size) in [(one.kind, one.first, one.last) for one in report.troubles]

    def test_moved_to_another_provider(self, trail: Trail, cast: Cast) -> None:
        number, other = trail.between(2)[0], cast.stranger.provider_id
        last = TrailHead.objects.get(provider_id=other).sequence
        edit(trail.entry(number), provider_id=other, sequence=last + 1)
        assert trail.named() == [(MISSING, number, number)]
        report = verified(other)
        assert {one.kind for one in report.troubles} == {EDITED, SLIPPED_IN}
        assert {one.first for one in report.troubles} == {last + 1}


def sentences(report: Report) -> list[str]:
    return [one.sentence for one in report.troubles]


class TestATruncatedTail:
    def test_is_known_by_the_trail_s_own_count(self, trail: Trail) -> None:
        delete(TrailEntry.objects.filter(provider_id=trail.provider.pk, sequence__gt=trail.size - 2))
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [(TRUNCATED, trail.size - 1, trail.size)]
        assert "the trail's own count covers them" in report.troubles[0].sentence

    def test_with_the_count_wound_back_by_a_signed_head(self, trail: Trail) -> None:
        size = trail.seals[1].size
        delete(TrailEntry.objects.filter(provider_id=trail.provider.pk, sequence__gt=size))
        trail.wind_back(size)
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [
            (TRUNCATED, size + 1, trail.seals[2].size)
        ]
        assert "head 3 of 2026-03-04 02:08 UTC" in report.troubles[0].sentence
        assert report.heads == 2

    def cut_with_its_heads(self, trail: Trail) -> int:
        size = trail.seals[1].size
        delete(TrailEntry.objects.filter(provider_id=trail.provider.pk, sequence__gt=size))
        delete(Seal.objects.filter(provider_id=trail.provider.pk, size__gt=size))
        trail.wind_back(size)
        return size

    def test_with_its_heads_taken_away_too_by_the_ones_kept_outside(self, trail: Trail) -> None:
        size = self.cut_with_its_heads(trail)
        assert trail.named() == [(MISSING_HEAD, 3, 3), (TRUNCATED, size + 1, trail.seals[2].size)]
        assert "kept outside covers them" in sentences(trail.found())[1]

    def test_or_by_one_that_somebody_kept_elsewhere(self, trail: Trail) -> None:
        """Whoever can reach the folder of heads as well is found by the e-mails."""
        size = self.cut_with_its_heads(trail)
        trail.leave_outside(1, 2)
        assert trail.named() == [], "nothing here knows any more"
        assert trail.named(trail.seals[2].note) == [(MISSING_HEAD, 3, 3), (TRUNCATED, size + 1, trail.seals[2].size)]

    def test_all_of_it(self, trail: Trail) -> None:
        delete(TrailEntry.objects.filter(provider_id=trail.provider.pk))
        delete(Seal.objects.filter(provider_id=trail.provider.pk))
        TrailHead.objects.filter(provider_id=trail.provider.pk).delete()
        assert trail.provider.pk in providers()
        assert (TRUNCATED, 1, trail.seals[2].size) in trail.named()

    def test_what_grew_again_in_its_place(self, trail: Trail) -> None:
        self.cut_with_its_heads(trail)
        sealed_trail(trail.provider, 3)
        report = trail.found()
        assert [(one.kind, one.first) for one in report.troubles] == [(FORGED_HEAD, 3)]
        assert "not the one that was kept outside" in report.troubles[0].sentence


class TestASwappedOrder:
    def test_two_rows_with_each_other_s_numbers(self, trail: Trail) -> None:
        one, other = trail.between(2)[0], trail.between(2)[0] + 2
        give_numbers({trail.entry(one).pk: other, trail.entry(other).pk: one})
        report = trail.found()
        assert [(found.kind, found.first, found.last) for found in report.troubles] == [(MOVED, one, other)]
        assert report.troubles[0].sentence == f"entries {one} and {other} have changed places"

    def test_neighbours(self, trail: Trail) -> None:
        one = trail.between(2)[0]
        give_numbers({trail.entry(one).pk: one + 1, trail.entry(one + 1).pk: one})
        assert trail.named() == [(MOVED, one, one + 1)]

    def test_across_a_head(self, trail: Trail) -> None:
        one, other = trail.between(1)[1], trail.between(3)[0]
        give_numbers({trail.entry(one).pk: other, trail.entry(other).pk: one})
        assert trail.named() == [(MOVED, one, other)]

    def test_their_words_while_the_hashes_stay(self, trail: Trail) -> None:
        one, other = trail.entry(trail.between(2)[0]), trail.entry(trail.between(2)[0] + 1)
        for row, said in ((one, other), (other, one)):
            names = {field.attname for field in TrailEntry._meta.concrete_fields}
            names -= {"id", "provider_id", "sequence", "previous_hash", "hash"}
            edit(row, **{name: getattr(said, name) for name in names})
        assert trail.named() == [(MOVED, one.sequence, other.sequence)]

    def test_three_in_a_ring(self, trail: Trail) -> None:
        one = trail.between(2)[0]
        give_numbers({trail.entry(one + place).pk: one + (place + 1) % 3 for place in range(3)})
        assert trail.named() == [(MOVED, one + place, one + place) for place in range(3)]

    def test_with_every_hash_made_anew(self, trail: Trail) -> None:
        one = trail.between(2)[0]
        give_numbers({trail.entry(one).pk: one + 1, trail.entry(one + 1).pk: one})
        chain_again(trail.provider.pk, one - 1)
        assert (REWRITTEN, *trail.between(2)) in trail.named()


class TestSlippedIn:
    def copy(self, trail: Trail, sequence: int) -> None:
        last = trail.entries[-1]
        columns = {field.attname: getattr(last, field.attname) for field in TrailEntry._meta.concrete_fields}
        TrailEntry.objects.create(**(columns | {"id": uuid4(), "sequence": sequence}))

    @pytest.mark.parametrize("sequence", [0, -5])
    def test_before_the_first(self, trail: Trail, sequence: int) -> None:
        """It would stand in the story of an incident like any other."""
        self.copy(trail, sequence)
        assert trail.named() == [(SLIPPED_IN, sequence, sequence)]

    def test_behind_the_last(self, trail: Trail) -> None:
        self.copy(trail, trail.size + 1)
        chain_again(trail.provider.pk, trail.size)
        trail.wind_back(trail.size)
        assert trail.named() == [(SLIPPED_IN, trail.size + 1, trail.size + 1)]

    def test_under_a_word_for_a_number(self, trail: Trail) -> None:
        if connection.vendor == "postgresql":
            return
        with unguarded(), connection.cursor() as cursor:
            cursor.execute("UPDATE trail_trailentry SET sequence='zz' WHERE id=%s", [trail.entries[-1].pk.hex])
        assert {kind for kind, _, _ in trail.named()} == {SLIPPED_IN, TRUNCATED}


class TestTheTrailsOwnCount:
    def test_that_knows_another_newest_entry(self, trail: Trail) -> None:
        TrailHead.objects.filter(provider_id=trail.provider.pk).update(hash="1" * 64)
        assert trail.named() == [(REWRITTEN, trail.size, trail.size)]

    @pytest.mark.parametrize("how", ["wound back", "taken away"])
    def test_that_knows_fewer(self, trail: Trail, how: str) -> None:
        if how == "wound back":
            trail.wind_back(trail.size - 1)
        else:
            TrailHead.objects.filter(provider_id=trail.provider.pk).delete()
        first = trail.size if how == "wound back" else 1
        assert trail.named() == [(SLIPPED_IN, first, trail.size)]


class TestAForgedHead:
    def forged(self, head: Head, signer: Signer | None = None) -> str:
        return (signer or Signer("what somebody without the key signs with, at length")).sign(head)

    def test_signed_by_another_key(self, trail: Trail) -> None:
        head = read_head(trail.seals[1].note, public_keys())
        edit(trail.seals[1], note=self.forged(head))
        outside.file_of(trail.provider.pk).unlink()
        report = trail.found()
        assert (FORGED_HEAD, 2) in [(one.kind, one.first) for one in report.troubles]
        assert "head 2 is forged: no key that is known here signed it" in sentences(report)

    def test_after_everything_was_rewritten_to_fit(self, trail: Trail) -> None:
        """Entries, chain, count, tree and heads made anew by somebody who knows this code but has not the key."""
        first = trail.between(3)[0]
        edit(trail.entry(first), sentence="set up nothing")
        chain_again(trail.provider.pk, first - 1)
        trail.leave_outside(1, 2)
        kept = [(one.number, one.note, one.peaks) for one in trail.seals]
        delete(Seal.objects.filter(provider_id=trail.provider.pk, number=3))
        made = seal(provider_id=trail.provider.pk, at=NOW + timedelta(minutes=3))
        assert made is not None
        edit(made, note=self.forged(read_head(made.note, public_keys())))
        report = trail.found()
        assert [(one.kind, one.first) for one in report.troubles] == [(FORGED_HEAD, 3)]
        assert report.heads == 2
        # And whoever kept the true head shows that there was another.
        named = trail.named(kept[2][1])
        assert named.count((FORGED_HEAD, 3, 3)) == 2

    @pytest.mark.parametrize(
        ("column", "value"),
        [("number", 7), ("size", 2), ("at", NOW), ("note", "no note"), ("peaks", []), ("peaks", ["zz"]),
         ("peaks", {"a": 1})],
    )  # fmt: skip
    def test_whose_row_says_something_else(self, trail: Trail, column: str, value: Any) -> None:
        edit(trail.seals[1], **{column: value})
        kinds = {(one.kind, one.first) for one in trail.found().troubles}
        assert (FORGED_HEAD, 7 if column == "number" else 2) in kinds

    def test_copied_from_another_provider(self, trail: Trail, cast: Cast) -> None:
        seal(provider_id=cast.stranger.provider_id, at=NOW)
        (theirs,) = seals_of(cast.stranger.provider_id)
        values = {"size": theirs.size, "at": theirs.at, "note": theirs.note, "peaks": theirs.peaks}
        Seal.objects.create(provider_id=trail.provider.pk, number=4, **values)
        assert (FORGED_HEAD, 4, 4) in trail.named()

    def test_an_old_one_put_in_again_as_the_newest(self, trail: Trail) -> None:
        old = trail.seals[0]
        Seal.objects.create(
            provider_id=trail.provider.pk, number=4, size=trail.size, at=old.at, note=old.note, peaks=old.peaks
        )
        assert (FORGED_HEAD, 4, 4) in trail.named()

    @pytest.mark.parametrize(
        ("size", "follows", "words"),
        [
            ("all", "another", "head 4 is forged: it does not follow the head before"),
            ("fewer", "the last", "head 4 is forged: it covers no more than the head before"),
            ("all", "the last", ""),
        ],
    )
    def test_signed_with_the_stolen_key_but_out_of_line(
        self, trail: Trail, size: str, follows: str, words: str
    ) -> None:
        tree = Tree()
        for entry in trail.entries if size == "all" else trail.entries[:5]:
            tree.add(leaf_hash(bytes.fromhex(entry.hash)))
        previous = note_hash(trail.seals[2].note) if follows == "the last" else "1" * 64
        newest = trail.entry(tree.size).hash
        head = Head(trail.provider.pk, 4, tree.size, tree.root(), newest, previous, NOW)
        peaks = [peak.hex() for peak in tree.peaks]
        Seal.objects.create(
            provider_id=head.provider_id, number=4, size=head.size, at=NOW, note=signer().sign(head), peaks=peaks
        )
        assert sentences(trail.found()) == ([words] if words else [])

    def test_taken_away(self, trail: Trail) -> None:
        delete(Seal.objects.filter(pk=trail.seals[1].pk))
        trail.leave_outside(1, 3)
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [(MISSING_HEAD, 2, 2)]
        assert (report.heads, report.sealed and report.sealed.number) == (2, 3), "the others hold"

    def test_in_the_folder_outside(self, trail: Trail) -> None:
        path = outside.file_of(trail.provider.pk)
        lines = path.read_text().splitlines()
        other = self.forged(read_head(trail.seals[1].note, public_keys()))
        path.write_text("\n".join([lines[0], json.dumps(other), "rubbish", lines[2]]) + "\n")
        found = trail.found()
        assert [one.kind for one in found.troubles] == [FORGED_HEAD, FORGED_HEAD]
        assert all("kept outside, and" in one.sentence for one in found.troubles)
        assert found.kept == 2

    def test_and_without_any_key_nothing_is_believed(self, trail: Trail, settings: Any, tmp_path: Path) -> None:
        settings.TRAIL_KEY_FILE = str(tmp_path / "elsewhere")
        report = trail.found()
        assert report.heads == 0
        assert {one.kind for one in report.troubles} == {FORGED_HEAD}
        assert not (tmp_path / "elsewhere").exists(), "verifying makes no key"


class TestTheFolderOutside:
    """Who changes the database next takes away what would show it first."""

    def test_whose_file_was_taken_away(self, trail: Trail) -> None:
        outside.file_of(trail.provider.pk).unlink()
        report = trail.found()
        assert [(one.kind, one.first, one.last) for one in report.troubles] == [(MISSING_HEAD, 1, 3)]
        assert sentences(report) == ["heads 1 to 3 are missing from the folder outside"]
        assert (report.heads, report.kept) == (3, 0)

    @pytest.mark.parametrize(
        ("left", "missing"),
        [((), [(1, 3)]), ((3,), [(1, 2)]), ((1, 3), [(2, 2)]), ((2, 3), [(1, 1)]), ((2,), [(1, 1)])],
        ids=["all", "the first two", "the middle", "the first", "first and last"],
    )
    def test_out_of_which_some_were_taken(
        self, left: tuple[int, ...], missing: list[tuple[int, int]], trail: Trail
    ) -> None:
        trail.leave_outside(*left)
        assert trail.named() == [(MISSING_HEAD, *run) for run in missing]

    def test_where_the_newest_may_be_about_to_be_written(self, trail: Trail) -> None:
        trail.leave_outside(1, 2)
        assert trail.found().whole
        outside.keep(trail.provider.pk)
        assert trail.found().kept == 3

    def test_that_is_on_another_machine(self, trail: Trail, outside_heads: Path) -> None:
        outside_heads.rename(outside_heads.with_name("elsewhere"))
        assert trail.found().whole

    def test_in_which_another_provider_s_head_stands_in(self, trail: Trail, cast: Cast) -> None:
        for minutes in (1, 2):
            other = seal(provider_id=cast.stranger.provider_id, at=NOW + timedelta(minutes=minutes), most=2)
        assert other is not None
        assert other.number == 2
        path = outside.file_of(trail.provider.pk)
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], json.dumps(other.note), lines[2]]) + "\n")
        assert trail.named() == [(MISSING_HEAD, 2, 2)]

    def test_in_which_a_line_was_edited(self, trail: Trail) -> None:
        path = outside.file_of(trail.provider.pk)
        path.write_text(path.read_text().replace("head 2\\n", "head 4\\n"))
        found = trail.named()
        assert (FORGED_HEAD, 4, 4) in found
        assert (MISSING_HEAD, 2, 2) in found


def test_a_ruined_trail_is_named_in_bounds(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    from saferpractice.trail import verification

    monkeypatch.setattr(verification, "MOST_NAMED", 5)
    with unguarded():
        TrailEntry.objects.filter(provider_id=trail.provider.pk).update(sentence="nothing")
    report = trail.found()
    assert len(report.troubles) == 5 < MOST_NAMED
    assert report.more == trail.size - 5


def test_one_provider_s_troubles_are_not_another_s(trail: Trail, cast: Cast) -> None:
    edit(trail.entry(3), sentence="set up nothing")
    assert verified(cast.stranger.provider_id).whole


@pytest.mark.parametrize("at_once", [1, 3, 4])
def test_it_is_read_in_pieces_of_any_size(trail: Trail, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    from saferpractice.trail import reading, verification

    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    monkeypatch.setattr(verification, "SEALS_AT_ONCE", at_once)
    assert trail.found().whole
    edit(trail.entry(at_once + 1), sentence="set up nothing")
    assert trail.named() == [(EDITED, at_once + 1, at_once + 1)]
