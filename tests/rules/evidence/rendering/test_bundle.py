"""The ZIP of a pack: complete, the same bytes, names that every system can hold, and little memory."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.evidence.rendering import Attachment, bundle, data, html, pdf, prove
from saferpractice.evidence.rendering.bundles import names_of
from saferpractice.evidence.rules.packs.document import Note, Pack
from saferpractice.trail.packs import check
from saferpractice.trail.rules import Manifest, manifest_facts
from saferpractice.trail.rules.bundles import bad_path
from tests.factories.packs import OURS, PROVIDER, some_proofs
from tests.factories.packs_drawn import a_drawn_pack

pytestmark = pytest.mark.requirement("R32", "R34")

PLAN = Attachment("Safety plan.txt", b"Call twice.")


def bundled(pack: Pack, *attachments: Attachment, proofs: bytes | None = None) -> bytes:
    into = io.BytesIO()
    bundle(pack, attachments, proofs, into)
    return into.getvalue()


def opened(raw: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(raw))
    assert archive.testzip() is None
    return archive


def test_everything_is_in_it(tmp_path: Path) -> None:
    letter = tmp_path / "x7f3"
    letter.write_bytes(b"%PDF-1.7 invented")
    pack = a_drawn_pack()
    archive = opened(bundled(pack, PLAN, Attachment("Letter.pdf", letter), proofs=b"{}"))
    held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {
        "pack.pdf": pdf(pack),
        "pack.html": html(pack).encode(),
        **{f"data/{name}": content for name, content in data(pack).items()},
        "attachments/Safety plan.txt": b"Call twice.",
        "attachments/Letter.pdf": b"%PDF-1.7 invented",
        "proofs.json": b"{}",
    }


def test_without_proofs_there_are_none() -> None:
    assert "proofs.json" not in opened(bundled(a_drawn_pack(Note("1")))).namelist()


def test_the_same_bytes_twice_whenever_a_file_was_saved(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"same")
    second.write_bytes(b"same")
    second.chmod(0o600)
    pack = a_drawn_pack(Note("1"))
    assert bundled(pack, Attachment("a.txt", first)) == bundled(pack, Attachment("a.txt", second))


@pytest.mark.parametrize(
    ("made_at", "stamp"),
    [
        (datetime(2026, 11, 2, 9, 30, 4, tzinfo=UTC), (2026, 11, 2, 9, 30, 4)),
        (datetime(1970, 1, 2, tzinfo=UTC), (1980, 1, 2, 0, 0, 0)),
    ],
)
def test_files_are_of_the_moment_the_pack_was_made(made_at: datetime, stamp: tuple[int, ...]) -> None:
    archive = opened(bundled(a_drawn_pack(Note("1"), made_at=made_at), PLAN))
    assert {info.date_time for info in archive.infolist()} == {stamp}
    assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}


def test_a_large_file_is_never_in_memory_whole(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    pack = a_drawn_pack(Note("1"))
    bundled(pack)  # templates and fonts are read once
    with (tmp_path / "pack.zip").open("wb") as into:
        tracemalloc.start()
        bundle(pack, [Attachment("scan.tiff", large)], None, into)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive, archive.open("attachments/scan.tiff") as read:
        assert hashlib.file_digest(read, "sha256").digest() == hashlib.sha256(large.read_bytes()).digest()


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        bundled(a_drawn_pack(Note("1")), Attachment("gone.txt", tmp_path / "gone"))


class TestProofs:
    """What ``saferpractice verify`` checks, made here and checked there."""

    def whole(self, pack: Pack, *attachments: Attachment) -> tuple[bytes, bytes, Manifest]:
        """A ZIP with its proofs, the proofs alone, and its manifest."""
        first = io.BytesIO()
        manifest = bundle(pack, attachments, None, first, provider_id=PROVIDER)
        assert manifest is not None
        proofs = some_proofs(facts=manifest_facts(manifest)).text()
        first.seek(0)
        proven = io.BytesIO()
        prove(first, proofs, proven)
        return proven.getvalue(), proofs, manifest

    def test_a_pack_is_whole_for_whoever_checks_it(self, tmp_path: Path) -> None:
        letter = tmp_path / "x7f3"
        letter.write_bytes(b"%PDF-1.7 invented")
        odd = [Attachment(name, b"1") for name in ("a:b?.txt", " .x. ", "CON", "", "\u202e", "e\u0301", "\u00e9")]
        raw, _, manifest = self.whole(a_drawn_pack(), PLAN, Attachment("Letter.pdf", letter), *odd)
        (tmp_path / "pack.zip").write_bytes(raw)
        found = check(tmp_path / "pack.zip", [OURS.public])
        assert found.troubles == []
        assert found.files == len(manifest.files) == 6 + 2 + len(odd)
        assert found.manifest_sha256 == manifest_facts(manifest)["manifest_sha256"]

    @pytest.mark.parametrize("name", ["pack.pdf", "pack.html", "data/pack.json", "attachments/Safety plan.txt"])
    def test_a_change_to_any_file_is_seen(self, name: str, tmp_path: Path) -> None:
        raw, _, _ = self.whole(a_drawn_pack(Note("1")), PLAN)
        parts = {one: opened(raw).read(one) for one in opened(raw).namelist()}
        parts[name] += b" "
        with zipfile.ZipFile(tmp_path / "pack.zip", "w") as archive:
            for one, content in parts.items():
                archive.writestr(one, content)
        assert [name in trouble for trouble in check(tmp_path / "pack.zip", [OURS.public]).troubles] == [True]

    def test_the_manifest_says_whose_pack_it_is_and_every_file(self) -> None:
        raw, _, manifest = self.whole(a_drawn_pack(), PLAN)
        assert (manifest.title, manifest.provider) == ("Evidence pack, Incident 2026-0014", str(PROVIDER))
        assert manifest.made_at == "2026-11-02T09:30:00+00:00"
        archive = opened(raw)
        assert archive.read("manifest.json") == manifest.text()
        assert [one.path for one in manifest.files] == sorted(
            set(archive.namelist()) - {"manifest.json", "proofs.json"}
        )
        for one in manifest.files:
            content = archive.read(one.path)
            assert (one.sha256, one.bytes) == (hashlib.sha256(content).hexdigest(), len(content))

    def test_proofs_added_later_give_the_same_bytes(self) -> None:
        pack = a_drawn_pack(Note("1"))
        raw, proofs, _ = self.whole(pack, PLAN)
        at_once = io.BytesIO()
        bundle(pack, [PLAN], proofs, at_once, provider_id=PROVIDER)
        assert raw == at_once.getvalue()

    def test_proofs_are_added_once(self) -> None:
        raw, proofs, _ = self.whole(a_drawn_pack(Note("1")))
        with pytest.raises(ValueError, match="already"):
            prove(io.BytesIO(raw), proofs, io.BytesIO())


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["plan.txt", "plan.txt", "PLAN.txt"], ["plan.txt", "plan (2).txt", "PLAN (3).txt"]),
        (["plan", "plan"], ["plan", "plan (2)"]),
        (["plan.txt", "plan (2).txt", "plan.txt"], ["plan.txt", "plan (2).txt", "plan (3).txt"]),
        (["e\u0301.txt", "\u00e9.txt"], ["\u00e9.txt", "\u00e9 (2).txt"]),
        (["../../etc/passwd"], ["_.._etc_passwd"]),
        (["C:\\plan?.txt"], ["C__plan_.txt"]),
        (["", "  ", "...", ".."], ["file", "file (2)", "file (3)", "file (4)"]),
        (["con.txt", "NUL", "console.txt"], ["_con.txt", "_NUL", "console.txt"]),
        (["a\u202egpj.exe", "b\x00c"], ["a_gpj.exe", "b_c"]),
        (["a" * 300 + ".pdf"], ["a" * 120 + ".pdf"]),
        (["a" * 300], ["a" * 120]),
        (["x." + "y" * 300], ["x." + "y" * 10]),
        (["plan.txt. "], ["plan.txt"]),
        (["\u8a08\u753b.pdf"], ["\u8a08\u753b.pdf"]),
    ],
)
def test_names_that_every_system_can_hold(typed: list[str], names: list[str]) -> None:
    assert names_of([Attachment(name, b"") for name in typed]) == names


@given(st.lists(st.text(max_size=12) | st.sampled_from(["a", "A", "a.b", "a (2)", "con", "\ufb01", "fi"]), max_size=6))
def test_no_two_names_are_alike_and_none_leaves_its_folder(typed: list[str]) -> None:
    names = names_of([Attachment(name, b"") for name in typed])
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in names}) == len(typed)
    for name in names:
        assert name == name.strip(" .") != ""
        assert not bad_path(name)
        assert "/" not in name
        name.encode()
