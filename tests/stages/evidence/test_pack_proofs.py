"""Packs that prove themselves: out of the product, onto a disk, checked by somebody who has nothing but the file."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from saferpractice.access.models import Person
from saferpractice.evidence.models import EvidencePack, PackBuilding, PackBuilt
from saferpractice.evidence.operations import building as building_module
from saferpractice.evidence.operations import carry_on_packs, withdraw_pack
from saferpractice.evidence.operations.building import list_pack_files
from saferpractice.evidence.queries.packs import PackState, proves_itself, state_of
from saferpractice.evidence.rendering import prove
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.files.models import StoredFile
from saferpractice.incidents.models import Incident
from saferpractice.trail import check_pack, proving
from saferpractice.trail.keys import key_file, public_key_file, public_keys
from saferpractice.trail.models import Seal, TrailEntry
from saferpractice.trail.packs import Found, check
from saferpractice.trail.proving import NotSealedYet, sealed_proofs_of
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import MANIFEST_FACT, PublicKey, Shown, manifest_of, read_manifest, read_proofs
from saferpractice.trail.sealing import seal
from tests.factories.incidents import an_incident
from tests.factories.packs import with_json, zipped
from tests.factories.packs_made import PACKED_AT, PERSON, REFERENCE, a_whole_case, asked, built, bytes_of, parts_of
from tests.factories.trail import add_entries, edit, entries_of, sealed_trail
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast, build_cast

pytestmark = pytest.mark.requirement("R5", "R32", "R34")

LATER = PACKED_AT + timedelta(hours=1)
FULL, INSPECTOR = Disclosure.FULL, Disclosure.INSPECTOR
BOTH = pytest.mark.parametrize("disclosure", [FULL, INSPECTOR])
LISTED = "evidence.list_pack_files"


def a_report(cast: Cast, **report: Any) -> Incident:
    given: dict[str, Any] = {"team": cast.north, "at": NOW} | report
    return an_incident(by=cast.worker, **given)


def ordered(cast: Cast, incident: Incident | None = None, **more: Any) -> EvidencePack:
    """A pack of one incident that stays inside, waiting for the worker."""
    about = incident or a_report(cast)
    return asked(cast, subject=Subject.INCIDENT, disclosure=FULL, incident=about, **more)


def listings(pack: EvidencePack) -> list[TrailEntry]:
    return list(TrailEntry.objects.filter(operation=LISTED, subject_id=pack.pk).order_by("sequence"))


@dataclass(frozen=True)
class Handed:
    """A pack as somebody outside has it, and what only those inside know: the entries it should prove."""

    raw: bytes
    parts: dict[str, bytes]
    key: str
    story: dict[int, tuple[str, str]]
    """By the place of each entry of its incident: who wrote it and what it says."""


@pytest.fixture(scope="module")
def handed(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[Disclosure, Handed]]:
    """A pack of a whole case for each kind of reader, built once for this module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            cast = build_cast()
            incident = a_whole_case(cast)
            yield {each: _handed(cast, incident, each) for each in (FULL, INSPECTOR)}
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def _handed(cast: Cast, incident: Incident, disclosure: Disclosure) -> Handed:
    rows = TrailEntry.objects.story(incident.pk).exclude(subject_type="evidence.evidencepack")
    story = {row.sequence: (row.by_name, row.sentence) for row in rows}
    made = built(asked(cast, subject=Subject.INCIDENT, disclosure=disclosure, incident=incident))
    return Handed(bytes_of(made.bundle), parts_of(made), str(public_keys()[0]), story)


@pytest.fixture
def own_key(settings: Any, tmp_path: Path) -> None:
    """No key made yet, in files of this test alone."""
    settings.TRAIL_KEY_FILE, settings.TRAIL_PUBLIC_KEY_FILE = str(tmp_path / "key"), str(tmp_path / "key.pub")


def another_key() -> None:
    """A new key before the old ones, as it is done by hand."""
    key_file().write_text(f"another secret, long enough to make a key of it\n{key_file().read_text()}")


def page_of(who: Person, pk: Any) -> str:
    """The words of the page of a pack."""
    answer: Any = signed_in(who).get(f"/packs/{pk}")
    return words(answer)


def verified(folder: Path, pack: Mapping[str, bytes] | bytes, *arguments: str) -> int:
    """What ``saferpractice verify`` answers of a pack on disk."""
    path = folder / "pack.zip"
    if isinstance(pack, bytes):
        path.write_bytes(pack)
    else:
        zipped(pack, path)
    return check_pack.main([str(path), *arguments])


class TestInOtherHands:
    @BOTH
    def test_a_pack_is_whole(
        self, handed: dict[Disclosure, Handed], disclosure: Disclosure, tmp_path: Path, capsys: Any
    ) -> None:
        one = handed[disclosure]
        assert verified(tmp_path, one.raw, "--key", one.key) == 0
        said = capsys.readouterr().out
        assert said.startswith("WHOLE: Evidence pack, ")
        assert f"Files checked: {len(one.parts) - 2}." in said
        assert "WARNING" not in said

    def test_by_the_command_itself_with_no_database_and_no_settings(
        self, handed: dict[Disclosure, Handed], tmp_path: Path
    ) -> None:
        one, path = handed[INSPECTOR], tmp_path / "pack.zip"
        path.write_bytes(one.raw)
        command = [sys.executable, "-m", "saferpractice", "verify", str(path), "--key", one.key]
        root = str(Path(building_module.__file__).parents[3])
        ran = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": root}, check=False
        )
        assert (ran.returncode, ran.stdout[:6]) == (0, "WHOLE:"), ran.stderr
        path.write_bytes(one.raw.replace(b"pack.html", b"pack.htmx"))
        ran = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": root}, check=False
        )
        assert ran.returncode == 1
        assert "NOT WHOLE" in ran.stdout

    @BOTH
    def test_one_byte_of_any_file_is_seen_and_the_file_named(
        self, handed: dict[Disclosure, Handed], disclosure: Disclosure, tmp_path: Path
    ) -> None:
        one = handed[disclosure]
        unseen = []
        for name, content in one.parts.items():
            for place in (0, len(content) // 2, len(content) - 1):
                other = bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]])
                found = checked(one, {**one.parts, name: other}, tmp_path)
                named = name == "proofs.json" or any(name in trouble for trouble in found.troubles)
                if not (found.troubles and named):
                    unseen.append((name, place, found.troubles))
        assert unseen == []

    @BOTH
    def test_a_file_taken_away_or_added_is_named(
        self, handed: dict[Disclosure, Handed], disclosure: Disclosure, tmp_path: Path
    ) -> None:
        one = handed[disclosure]
        for gone in one.parts:
            rest = {name: content for name, content in one.parts.items() if name != gone}
            assert any(gone in trouble for trouble in checked(one, rest, tmp_path).troubles), gone
        for more in ("more.txt", "data/more.csv", "attachments/letter.pdf"):
            found = checked(one, {**one.parts, more: b""}, tmp_path)
            assert found.troubles == [f"The file {more!r} is not in manifest.json: somebody added it."]

    @BOTH
    def test_every_proof_holds_its_entry_and_none_can_be_taken_away(
        self, handed: dict[Disclosure, Handed], disclosure: Disclosure, tmp_path: Path
    ) -> None:
        one = handed[disclosure]
        entries = json.loads(one.parts["proofs.json"])["entries"]
        assert len(entries) > 20
        for number, entry in enumerate(entries):
            without = with_json(one.parts, "proofs.json", partial(_without, at=number))
            assert any(f"Entry {entry['sequence']} " in said or "holds the hash" in said
                       for said in checked(one, without, tmp_path).troubles)  # fmt: skip
            other = with_json(one.parts, "proofs.json", partial(_another_hash, at=number))
            assert any(f"Entry {entry['sequence']} " in said for said in checked(one, other, tmp_path).troubles)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (
                lambda value: value.update(head=value["head"].replace("head ", "head 1")),
                "The signed head does not hold",
            ),
            (lambda value: value["keys"].append("saferpractice+00000000+AAAA"), "somebody changed it"),
            (lambda value: value["entries"][0]["path"].pop(), "is not proven"),
            (lambda value: value["entries"][-1]["words"].update(sentence="listed nothing"), "are not those that were"),
            (lambda value: value["entries"][-1]["words"]["facts"].update(more=1), "are not those that were written"),
            (lambda value: value["entries"][-1]["parts"].update(at="2020-01-01T00:00:00+00:00"), "its hash is another"),
        ],
    )
    def test_what_is_done_to_the_proofs_is_named(
        self, handed: dict[Disclosure, Handed], change: Callable[[Any], object], says: str, tmp_path: Path
    ) -> None:
        one = handed[INSPECTOR]
        troubles = checked(one, with_json(one.parts, "proofs.json", change), tmp_path).troubles
        assert any(says in trouble for trouble in troubles), troubles

    def test_an_entry_that_is_not_cited_any_more_is_still_asked_for_by_the_list(
        self, handed: dict[Disclosure, Handed], tmp_path: Path
    ) -> None:
        """Whoever takes a proof away would have to change the list too, and the list is held."""
        one = handed[INSPECTOR]
        both = with_json(one.parts, "manifest.json", lambda value: value["entries"].clear())
        troubles = checked(one, both, tmp_path).troubles
        assert any("No entry in proofs.json holds the hash of manifest.json" in trouble for trouble in troubles)


def checked(one: Handed, parts: Mapping[str, bytes], folder: Path) -> Found:
    return check(zipped(parts, folder / "pack.zip"), [PublicKey.read(one.key)])


def _without(value: Any, *, at: int) -> None:
    value["entries"].pop(at)


def _another_hash(value: Any, *, at: int) -> None:
    first = value["entries"][at]["hash"]
    value["entries"][at]["hash"] = f"{'1' if first[0] == '0' else '0'}{first[1:]}"


class TestWhatIsProven:
    @BOTH
    def test_every_entry_of_its_story_and_the_list_of_its_files(
        self, handed: dict[Disclosure, Handed], disclosure: Disclosure
    ) -> None:
        one = handed[disclosure]
        proofs, manifest = read_proofs(one.parts["proofs.json"]), read_manifest(one.parts["manifest.json"])
        proven = {entry.sequence for entry in proofs.entries}
        assert len(one.story) > 15
        assert set(one.story) <= proven
        assert set(manifest.entries) == proven - {proofs.entries[-1].sequence}
        last = proofs.entries[-1].words
        assert last is not None
        assert set(last.facts) == {MANIFEST_FACT}

    @BOTH
    def test_each_is_listed_with_the_record_it_is_of(
        self, handed: dict[Disclosure, Handed], disclosure: Disclosure
    ) -> None:
        one = handed[disclosure]
        lines = one.parts["data/trail.csv"].decode("utf-8-sig").splitlines()
        assert lines[0] == '"entry","written_at","source_kind","source_reference"'
        rows = [[cell.strip('"') for cell in line.split(",")] for line in lines[1:]]
        assert [int(row[0]) for row in rows] == read_manifest(one.parts["manifest.json"]).entries
        assert {row[2] for row in rows} >= {"incident", "change", "tracked_action", "supervision"}
        whole = one.parts["data/pack.json"].decode()
        assert {row[3] for row in rows if row[2] in {"incident", "change"} and row[3] not in whole} == set()

    def test_outside_nobody_reads_who_wrote_an_entry_nor_its_words(self, handed: dict[Disclosure, Handed]) -> None:
        one = handed[INSPECTOR]
        proofs = read_proofs(one.parts["proofs.json"])
        assert [entry.sequence for entry in proofs.entries if entry.parts or entry.words] == [
            proofs.entries[-1].sequence
        ]
        text = one.parts["proofs.json"].decode() + one.parts["data/trail.csv"].decode()
        for name, sentence in one.story.values():
            assert name == "Safer Practice packs" or name not in text
            assert sentence not in text
        assert PERSON not in text
        assert REFERENCE not in text

    def test_inside_they_read_who_and_when_and_no_words(self, handed: dict[Disclosure, Handed]) -> None:
        one = handed[FULL]
        entries = {entry.sequence: entry for entry in read_proofs(one.parts["proofs.json"]).entries}
        for place, (name, sentence) in one.story.items():
            parts = entries[place].parts
            assert parts is not None
            assert parts.name == name
            assert entries[place].words is None
            assert sentence not in one.parts["proofs.json"].decode()

    @pytest.mark.django_db
    def test_a_reporter_who_asked_not_to_be_known_stays_unknown(self, cast: Cast) -> None:
        """Not even by the id with which they sign elsewhere."""
        incident = a_report(cast, name_withheld=True)
        parts = parts_of(built(ordered(cast, incident)))
        reported = TrailEntry.objects.get(operation="incidents.report_incident", story_id=incident.pk)
        assert reported.by_id == cast.worker.pk
        entries = {entry.sequence: entry for entry in read_proofs(parts["proofs.json"]).entries}
        assert entries[reported.sequence].parts is None
        assert str(cast.worker.pk) not in parts["proofs.json"].decode()

    @pytest.mark.django_db
    def test_a_pack_without_an_incident_proves_its_list(self, cast: Cast, tmp_path: Path) -> None:
        made = built(asked(cast, disclosure=INSPECTOR))
        assert verified(tmp_path, bytes_of(made.bundle), "--key", str(public_keys()[0])) == 0
        assert len(read_proofs(parts_of(made)["proofs.json"]).entries) == 1
        assert "data/trail.csv" not in parts_of(made)

    @pytest.mark.django_db
    def test_nothing_of_an_incident_that_is_left_out(self, cast: Cast) -> None:
        a_report(cast)
        hidden = a_report(cast, restricted=True, restricted_reason="About a colleague")
        other = a_report(cast, team=cast.east)
        made = built(asked(cast, disclosure=FULL))
        cited = set(read_manifest(parts_of(made)["manifest.json"]).entries)
        for incident in (hidden, other):
            assert not cited & set(TrailEntry.objects.story(incident.pk).values_list("sequence", flat=True))
            assert incident.reference not in parts_of(made)["data/trail.csv"].decode()

    @pytest.mark.django_db
    def test_two_packs_of_the_same_records_differ_in_their_proofs_alone(self, cast: Cast) -> None:
        incident = a_report(cast)
        first, second = (parts_of(built(ordered(cast, incident))) for _ in range(2))
        assert {name for name in first if first[name] != second[name]} == {"proofs.json"}
        assert first.keys() == second.keys()


@pytest.mark.django_db
class TestTheWorker:
    def whole(self, made: PackBuilt, folder: Path) -> bool:
        return verified(folder, bytes_of(made.bundle), "--key", str(public_key_file())) == 0

    @pytest.mark.usefixtures("own_key")
    def test_the_first_seal_of_a_provider_is_made_for_its_first_pack(self, cast: Cast, tmp_path: Path) -> None:
        assert not Seal.objects.exists()
        assert not key_file().exists()
        assert self.whole(built(ordered(cast)), tmp_path)
        assert Seal.objects.get().number == 1

    def test_dying_between_the_entry_and_the_zip_it_leaves_an_entry_and_no_pack(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        pack = ordered(cast)

        def dies(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(building_module, "sealed_proofs_of", dies)
            with pytest.raises(KeyboardInterrupt):
                carry_on_packs(at=PACKED_AT)
        assert len(listings(pack)) == 1
        assert not PackBuilt.objects.exists()
        assert not StoredFile.objects.exists()
        assert state_of(EvidencePack.objects.get()) is PackState.BUILDING
        assert carry_on_packs(at=LATER) == 1
        first, second = listings(pack)
        assert first.facts != second.facts
        made = PackBuilt.objects.get()
        assert self.whole(made, tmp_path)
        proven = {entry.sequence for entry in read_proofs(parts_of(made)["proofs.json"]).entries}
        assert second.sequence in proven
        assert first.sequence not in proven
        finished = TrailEntry.objects.get(operation="evidence.finish_pack")
        assert finished.facts[MANIFEST_FACT] == second.facts[MANIFEST_FACT]

    def test_two_that_build_the_same_keep_one_and_it_is_whole(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """One that was slow comes back after the other finished: what is kept is the other's."""
        pack = ordered(cast)
        real = building_module._prove

        def other_first(*args: Any) -> Any:
            monkeypatch.setattr(building_module, "_prove", real)
            assert carry_on_packs(at=LATER) == 1
            return real(*args)

        monkeypatch.setattr(building_module, "_prove", other_first)
        carry_on_packs(at=PACKED_AT)
        made = PackBuilt.objects.get()
        assert made.decided_at == LATER
        assert len(listings(pack)) == 2
        assert self.whole(made, tmp_path)
        assert StoredFile.objects.count() == 3

    def test_a_trail_that_does_not_fit_gives_no_pack_and_says_so(self, cast: Cast) -> None:
        pack = ordered(cast)
        edit(entries_of(cast.provider.pk)[2], sentence="did something else")
        assert carry_on_packs(at=PACKED_AT) == 1
        assert not PackBuilt.objects.exists()
        assert not StoredFile.objects.exists()
        building = PackBuilding.objects.get(pack=pack)
        assert (building.because, building.gave_up_at) == (building_module.UNSIGNED, PACKED_AT)
        shown = page_of(cast.quality_lead, pack.pk)
        assert "could not prove itself" in shown

    def test_a_pack_that_would_not_verify_is_not_kept(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        pack = ordered(cast)

        def spoilt(archive: Any, proofs: bytes, to: Any) -> None:
            prove(archive, proofs.replace(b"a", b"b", 1), to)

        monkeypatch.setattr(building_module, "prove", spoilt)
        assert carry_on_packs(at=PACKED_AT) == 1
        assert PackBuilding.objects.get(pack=pack).because == building_module.UNSIGNED
        assert not StoredFile.objects.exists()

    def test_withdrawn_while_it_was_proven_it_is_not_kept(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        pack = ordered(cast)
        real = building_module._prove

        def and_withdraw(*args: Any) -> Any:
            withdraw_pack(by=cast.quality_lead, at=PACKED_AT, pack=pack, reason="Not needed.")
            return real(*args)

        monkeypatch.setattr(building_module, "_prove", and_withdraw)
        carry_on_packs(at=PACKED_AT)
        assert not PackBuilt.objects.exists()
        assert not StoredFile.objects.exists()
        assert carry_on_packs(at=LATER) == 0

    @pytest.mark.usefixtures("own_key")
    @pytest.mark.parametrize("rotated", ["before", "after"])
    def test_when_the_key_is_changed_each_pack_is_held_by_the_key_of_its_time(
        self, cast: Cast, rotated: str, tmp_path: Path
    ) -> None:
        incident = a_report(cast)
        sealed_trail(cast.provider, 1)
        old = public_keys()[0]
        made = built(ordered(cast, incident)) if rotated == "after" else None
        another_key()
        new = public_keys()[0]
        made = made or built(ordered(cast, incident))
        by = {str(key): verified(tmp_path, bytes_of(made.bundle), "--key", str(key)) for key in (old, new)}
        assert by == {str(old): int(rotated == "before"), str(new): int(rotated == "after")}
        again = built(ordered(cast, incident))
        assert self.whole(again, tmp_path)
        assert self.whole(made, tmp_path), "the file of all keys holds what was made before"

    def test_the_entry_tells_nothing_but_the_list(self, cast: Cast) -> None:
        a_whole_case(cast)
        made = built(asked(cast))
        (entry,) = listings(made.pack)
        assert set(entry.facts) == {MANIFEST_FACT}
        assert entry.sentence == f"listed the files of the evidence pack “{made.pack.about}”"
        assert (entry.by_name, entry.story_id) == ("Safer Practice packs", None)

    def test_only_the_worker_lists_files_and_not_those_of_a_pack_taken_back(self, cast: Cast) -> None:
        pack = ordered(cast)
        manifest = manifest_of(title="x", provider_id=cast.provider.pk, at=NOW, files={"a": b""})
        for by in cast.people().values():
            with pytest.raises(Refused, match="built by the worker only"):
                list_pack_files(by=by, at=NOW, pack=pack, manifest=manifest)
        list_pack_files(by=SET_UP, at=NOW, pack=pack, manifest=manifest)
        list_pack_files(by=SET_UP, at=LATER, pack=pack, manifest=manifest)
        assert len(listings(pack)) == 1, "the same list again is nothing new"
        withdraw_pack(by=cast.quality_lead, at=NOW, pack=pack, reason="Wrong.")
        with pytest.raises(Invalid, match="withdrawn"):
            list_pack_files(by=SET_UP, at=NOW, pack=pack, manifest=manifest)


@pytest.mark.django_db
class TestSealingFirst:
    def test_what_is_sealed_is_not_sealed_again(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 2)
        newest = entries_of(cast.provider.pk)[-1].sequence
        proofs = sealed_proofs_of(cast.provider.pk, {newest: Shown.HASH}, LATER)
        assert Seal.objects.filter(provider_id=cast.provider.pk).count() == 1
        assert [one.sequence for one in proofs.entries] == [newest]

    def test_many_entries_take_several_heads(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        add_entries(cast.provider, 3)
        newest = entries_of(cast.provider.pk)[-1].sequence
        monkeypatch.setattr(proving, "seal", partial(seal, most=5))
        proofs = sealed_proofs_of(cast.provider.pk, {newest: Shown.HASH}, LATER)
        assert proofs.entries[0].sequence == newest
        assert Seal.objects.filter(provider_id=cast.provider.pk).count() == -(-newest // 5)

    def test_more_than_is_done_at_once_waits(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        add_entries(cast.provider, 3)
        newest = entries_of(cast.provider.pk)[-1].sequence
        monkeypatch.setattr(proving, "seal", partial(seal, most=1))
        monkeypatch.setattr(proving, "MOST_SEALS", 2)
        with pytest.raises(NotSealedYet):
            sealed_proofs_of(cast.provider.pk, {newest: Shown.HASH}, LATER)
        assert Seal.objects.filter(provider_id=cast.provider.pk).count() == 2

    def test_another_worker_that_is_quicker_with_less_is_followed(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_entries(cast.provider, 3)
        newest = entries_of(cast.provider.pk)[-1].sequence

        def beaten(**more: Any) -> None:
            monkeypatch.setattr(proving, "seal", seal)
            seal(**more, most=2)

        monkeypatch.setattr(proving, "seal", beaten)
        assert sealed_proofs_of(cast.provider.pk, {newest: Shown.HASH}, LATER).entries[0].sequence == newest


@pytest.mark.django_db
class TestItsPage:
    @pytest.fixture(autouse=True)
    def today(self, the_clock: Any) -> None:
        the_clock.stand_at(PACKED_AT)

    def test_says_how_to_check_it_with_our_key(self, cast: Cast) -> None:
        made = built(ordered(cast))
        shown = page_of(cast.director, made.pack_id)
        assert f'python -m saferpractice verify {made.bundle.name} --key "{public_keys()[0]}"' in shown
        assert "After --key stands our public key. Tell it to them some other way" in shown

    @pytest.mark.usefixtures("own_key")
    def test_of_two_keys_both_are_told(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        another_key()
        shown = page_of(cast.director, built(ordered(cast)).pack_id)
        assert all(f'--key "{key}"' in shown for key in public_keys())
        assert "each of our public keys" in shown

    def test_of_a_pack_without_proofs_it_says_that(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        made = built(ordered(cast))
        edit(listings(made.pack)[0], operation="evidence.another")
        assert not proves_itself(made.pack)
        shown = page_of(cast.director, made.pack_id)
        assert "built before packs held their proofs" in shown
        assert "saferpractice verify" not in shown

    @pytest.mark.parametrize("state", ["being built", "withdrawn"])
    def test_of_one_that_cannot_be_fetched_it_says_nothing(self, cast: Cast, state: str) -> None:
        pack = ordered(cast)
        if state == "withdrawn":
            built(pack)
            withdraw_pack(by=cast.director, at=PACKED_AT, pack=pack, reason="Wrong.")
        shown = page_of(cast.quality_lead, pack.pk)
        assert "How to check it" not in shown


def test_the_zip_that_was_handed_out_is_well_made(handed: dict[Disclosure, Handed]) -> None:
    with zipfile.ZipFile(io.BytesIO(handed[FULL].raw)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[-2:] == ["manifest.json", "proofs.json"]
