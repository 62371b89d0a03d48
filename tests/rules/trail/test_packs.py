"""A pack in somebody else's hands: what was done to it is named, and one made to harm gives a sentence."""

from __future__ import annotations

import io
import os
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from saferpractice.trail import check_pack
from saferpractice.trail.packs import BadPack, Found, Limits, check
from saferpractice.trail.rules import manifest_of
from tests.factories.packs import AT, FILES, OTHER, OTHER_PROVIDER, OURS, a_pack, in_folder, with_json, zipped

pytestmark = pytest.mark.requirement("R5", "R34")

PACK = a_pack()
Change = Callable[[Mapping[str, bytes]], dict[str, bytes]]


def checked(pack: Mapping[str, bytes], folder: Path, **named: str) -> Found:
    return check(zipped(pack, folder / "pack.zip"), [OURS.public], **named)


def without(name: str) -> Change:
    return lambda pack: {path: content for path, content in pack.items() if path != name}


def also(name: str, content: bytes) -> Change:
    return lambda pack: {**pack, name: content}


def in_manifest(change: Callable[..., object]) -> Change:
    return lambda pack: with_json(pack, "manifest.json", change)


@pytest.mark.parametrize("made", [zipped, in_folder])
def test_a_pack_that_nobody_touched_is_whole(made: Callable[..., Path], tmp_path: Path) -> None:
    found = check(made(PACK, tmp_path / "pack.zip"), [OURS.public])
    assert (found.troubles, found.notes) == ([], [])
    assert (found.files, found.entries) == (3, 9)
    assert found.head is not None
    assert found.head.number == 4


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (also("index.html", b"<h1>Other</h1>"), "The file 'index.html' was changed: its hash is not the one in"),
        (also("empty.txt", b"\n"), "The file 'empty.txt' was changed"),
        (without("data/incidents.csv"), "The file 'data/incidents.csv' is missing."),
        (also("more.html", b""), "The file 'more.html' is not in manifest.json: somebody added it."),
        (also("data/manifest.json", b"{}"), "The file 'data/manifest.json' is not in manifest.json"),
        (without("manifest.json"), "There is no manifest.json"),
        (without("proofs.json"), "There is no proofs.json"),
        (also("manifest.json", b"{}"), "manifest.json is not what it should be"),
        (also("proofs.json", b"{}"), "proofs.json is not what it should be"),
        (in_manifest(lambda value: value["files"].append(value["files"][0])), "names a file more than once"),
        (in_manifest(lambda value: value["files"].pop()), "The file 'index.html' is not in manifest.json"),
        (in_manifest(lambda value: value.update(title="Other")), "No entry in proofs.json holds the hash of manifest"),
        (in_manifest(lambda value: value.update(provider=str(OTHER_PROVIDER))), "are of different providers"),
        (lambda pack: with_json(pack, "proofs.json", lambda value: value["entries"].pop()), "No entry in proofs.json"),
        (lambda pack: a_pack(signer=OTHER), "no key that is known here signed it"),
        (in_manifest(lambda value: value["entries"].append(99)), "Entry 99 is cited and not in proofs.json"),
        (lambda pack: {**pack, "proofs.json": pack["proofs.json"] + b"\n"}, "is not written the way it was made"),
        (lambda pack: {**pack, "proofs.json": pack["proofs.json"].replace(b" ", b"  ", 1)}, "somebody changed it"),
        (lambda pack: with_json(pack, "proofs.json", lambda value: value["keys"].append("x")), "somebody changed it"),
    ],
)  # fmt: skip
def test_what_was_done_to_it_is_named(change: Change, sentence: str, tmp_path: Path) -> None:
    troubles = checked(change(PACK), tmp_path).troubles
    assert any(sentence in trouble for trouble in troubles), troubles


def test_a_file_changed_together_with_the_list_is_found(tmp_path: Path) -> None:
    """The one thing that hashes in a list cannot show by themselves."""
    files = {**FILES, "index.html": b"<h1>Other</h1>"}
    forged = manifest_of(title="Pack for an inspector", provider_id=OTHER_PROVIDER, at=AT, files=files)
    (trouble, *_) = checked({**PACK, **files, "manifest.json": forged.text()}, tmp_path).troubles
    assert "a file could have been changed and the list with it" in trouble


class TestTheHashOfTheListToldElsewhere:
    LOOSE = with_json(PACK, "proofs.json", lambda value: value["entries"].pop())

    def test_holds_what_no_entry_holds(self, tmp_path: Path) -> None:
        told = checked(PACK, tmp_path).manifest_sha256
        assert checked(self.LOOSE, tmp_path).troubles
        assert checked(self.LOOSE, tmp_path, listed=f" {told.upper()} ").troubles == []

    def test_is_compared_even_where_an_entry_holds_another(self, tmp_path: Path) -> None:
        (trouble,) = checked(PACK, tmp_path, listed="ab" * 32).troubles
        assert trouble.startswith("manifest.json is not the one whose hash was given")


class TestTheKeyInThePack:
    def test_is_used_when_none_is_given_and_that_is_said(self, tmp_path: Path) -> None:
        found = check(zipped(PACK, tmp_path / "pack.zip"))
        assert found.troubles == []
        (note,) = found.notes
        assert "Compare it with the key that the provider told you some other way" in note
        assert str(OURS.public) in note

    def test_lets_a_false_pack_pass_only_with_the_false_key_shown(self, tmp_path: Path) -> None:
        (note,) = check(zipped(a_pack(signer=OTHER), tmp_path / "pack.zip")).notes
        assert str(OTHER.public) in note
        assert str(OURS.public) not in note

    def test_is_not_looked_at_when_one_is_given(self, tmp_path: Path) -> None:
        found = check(zipped(a_pack(signer=OTHER), tmp_path / "pack.zip"), [OURS.public])
        assert found.head is None
        assert found.troubles

    def test_may_be_missing(self, tmp_path: Path) -> None:
        pack = with_json(PACK, "proofs.json", lambda value: value.update(keys=[]))
        found = check(zipped(pack, tmp_path / "pack.zip"))
        assert found.notes[0].endswith("there is none")
        assert "no key that is known here signed it" in found.troubles[0]


def member(name: str, *, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def raw_zip(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    made = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_arguments, **_named: None)  # of names that stand twice
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for info, content in members:
                archive.writestr(info, content)
    return made.getvalue()


def flagged(bit: int) -> bytes:
    raw = bytearray(raw_zip(("a", b"a")))
    raw[raw.index(b"PK\x01\x02") + 8] |= bit
    return bytes(raw)


def method(number: int) -> bytes:
    raw = bytearray(raw_zip(("a", b"a")))
    raw[raw.index(b"PK\x01\x02") + 10] = number
    return bytes(raw)


class TestHostilePacks:
    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            (b"", "neither a folder nor a ZIP"),
            (b"PK\x05\x06", "neither a folder nor a ZIP"),
            (b"PK\x03\x04" + b"\x00" * 500, "neither a folder nor a ZIP"),
            (raw_zip(("../outside", b"")), "could be written outside its folder"),
            (raw_zip(("a/../../outside", b"")), "could be written outside its folder"),
            (raw_zip(("/etc/passwd", b"")), "could be written outside its folder"),
            (raw_zip(("..\\outside", b"")), "could be written outside its folder"),
            (raw_zip(("c:outside", b"")), "could be written outside its folder"),
            (raw_zip(("../", b"")), "could be written outside its folder"),
            (raw_zip(("a" * 300 + "/../b", b"")), "could be written outside its folder"),
            (raw_zip(("a", b"1"), ("a", b"2")), "two files called 'a'"),
            (raw_zip(("a", b"1"), ("A", b"2")), "two files called 'A'"),
            (raw_zip(("é", b"1"), ("e\u0301", b"2")), "two files called"),
            (raw_zip(("a/b", b"1"), ("a//b", b"2")), "could be written outside its folder"),
            (raw_zip((member("a", mode=stat.S_IFLNK | 0o777), b"/etc/passwd")), "is a link or a device"),
            (raw_zip((member("a", mode=stat.S_IFCHR | 0o777), b"")), "is a link or a device"),
            (raw_zip((member("a", mode=stat.S_IFIFO | 0o777), b"")), "is a link or a device"),
            (flagged(1), "is encrypted, or packed in a way"),
            (method(14), "is encrypted, or packed in a way"),
            (method(99), "is encrypted, or packed in a way"),
            (raw_zip(*[(f"{number}", b"") for number in range(21)]), "more than 20 files"),
            (raw_zip(("a", bytes(1_000_001))), "too large when unpacked"),
            (raw_zip(("a", bytes(600_000)), ("b", bytes(600_000))), "too large when unpacked"),
            (raw_zip(("manifest.json", bytes(60_000))), "manifest.json is too large"),
            (raw_zip(("proofs.json", bytes(60_000))), "proofs.json is too large"),
        ],
        ids=range(25),
    )
    def test_give_a_sentence(self, raw: bytes, sentence: str, tmp_path: Path) -> None:
        path = tmp_path / "pack.zip"
        path.write_bytes(raw)
        with pytest.raises(BadPack, match=re.escape(sentence)):
            check(path, [OURS.public], limits=Limits(files=20, bytes=1_000_000, json=50_000))

    @pytest.mark.parametrize("name", ["index.html", "manifest.json"])
    def test_what_is_damaged_inside_gives_a_sentence(self, name: str, tmp_path: Path) -> None:
        path = zipped(PACK, tmp_path / "pack.zip")
        with zipfile.ZipFile(path) as archive:
            start = archive.getinfo(name).header_offset + 30 + len(name)
        raw = bytearray(path.read_bytes())
        raw[start : start + 8] = b"\xff" * 8
        path.write_bytes(raw)
        with pytest.raises(BadPack, match=f"'{name}' in the pack is damaged"):
            check(path, [OURS.public])

    def test_a_size_that_is_a_lie_is_not_believed(self, tmp_path: Path) -> None:
        pack = with_json(PACK, "manifest.json", lambda value: value["files"][0].update(path="a"))
        members = [("manifest.json", pack["manifest.json"]), ("a", bytes(4_000_000))]
        raw = raw_zip(*members).replace((4_000_000).to_bytes(4, "little"), (1).to_bytes(4, "little"))
        path = tmp_path / "pack.zip"
        path.write_bytes(raw)
        with pytest.raises(BadPack):
            check(path, [OURS.public], limits=Limits(bytes=1_000_000))

    def test_every_byte_read_counts(self, tmp_path: Path) -> None:
        """Of a folder no size is said beforehand."""
        top = in_folder({**PACK, "index.html": bytes(2_000_000)}, tmp_path / "pack")
        with pytest.raises(BadPack, match="too large when unpacked"):
            check(top, [OURS.public], limits=Limits(bytes=1_000_000))

    @pytest.mark.parametrize("make", [lambda path: path.symlink_to("/etc/passwd"), os.mkfifo])
    def test_a_folder_with_a_link_or_a_pipe(self, make: Callable[[Path], object], tmp_path: Path) -> None:
        top = in_folder(PACK, tmp_path / "pack")
        make(top / "data" / "strange")
        with pytest.raises(BadPack, match="'data/strange' in the pack is a link or a device"):
            check(top, [OURS.public])

    def test_a_link_to_a_folder_is_not_followed(self, tmp_path: Path) -> None:
        top = in_folder(PACK, tmp_path / "pack")
        (top / "loop").symlink_to(top)
        with pytest.raises(BadPack, match="'loop' in the pack is a link"):
            check(top, [OURS.public])

    def test_a_folder_with_too_many_files(self, tmp_path: Path) -> None:
        with pytest.raises(BadPack, match="more than 4 files"):
            check(in_folder(PACK, tmp_path / "pack"), [OURS.public], limits=Limits(files=4))

    def test_empty_folders_in_a_zip_do_not_matter(self, tmp_path: Path) -> None:
        assert checked({**PACK, "data/": b""}, tmp_path).troubles == []


class TestTheCommand:
    def say(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
        code = check_pack.main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        return code, out + err

    @pytest.mark.parametrize("as_file", [True, False])
    def test_a_whole_pack(self, as_file: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        key: object = OURS.public
        if as_file:
            key = tmp_path / "key+of.txt"
            key.write_text(f"\n{OURS.public}\n")
        code, said = self.say(capsys, zipped(PACK, tmp_path / "pack.zip"), "--key", key)
        assert code == 0
        assert said.startswith("WHOLE: Pack for an inspector\n")
        assert "Files checked: 3. Trail entries checked: 9." in said
        assert "Signed head 4 of 00000000-0000-0000-0000-000000000007: 9 entries, 2026-03-04 02:05 UTC." in said
        assert "WARNING" not in said

    def test_without_a_key_it_warns(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, said = self.say(capsys, zipped(PACK, tmp_path / "pack.zip"))
        assert code == 0
        assert "WARNING: No key was given" in said

    def test_a_pack_that_was_changed(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        pack = zipped({**PACK, "index.html": b"x"}, tmp_path / "pack.zip")
        code, said = self.say(capsys, pack, "--key", OURS.public)
        assert code == 1
        assert said.startswith("NOT WHOLE: Pack for an inspector\n  The file 'index.html' was changed")

    def test_the_hash_of_the_list_can_be_given(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, said = self.say(capsys, zipped(PACK, tmp_path / "pack.zip"), "--key", OURS.public, "--list", "ab" * 32)
        assert code == 1
        assert "is not the one whose hash was given" in said

    @pytest.mark.parametrize(
        ("pack", "key", "sentence"),
        [
            ("nowhere.zip", str(OURS.public), "There is no file or folder"),
            ("pack.zip", "nothing", "'nothing' is neither a public key nor a file with one."),
            ("pack.zip", "a+b+c", "A public key looks like"),
            ("pack.zip", "pack.zip", "A public key looks like"),
            ("pack.zip", "empty", "There is no public key in"),
            ("pack.zip", "nul\x00", "is neither a public key"),
        ],
    )
    def test_what_cannot_be_used(
        self, pack: str, key: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        zipped(PACK, tmp_path / "pack.zip")
        (tmp_path / "empty").touch()
        monkeypatch.chdir(tmp_path)
        code, said = self.say(capsys, pack, "--key", key)
        assert code == 1
        assert sentence in said

    def test_nothing_in_a_pack_steers_the_terminal(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        pack = with_json(PACK, "manifest.json", lambda value: value.update(title="\x1b[2JWHOLE\nWHOLE"))
        code, said = self.say(capsys, zipped(pack, tmp_path / "pack.zip"), "--key", OURS.public)
        assert code == 1
        assert "\x1b" not in said
        assert said.count("\nWHOLE") == 0

    def test_it_needs_no_settings_no_data_and_no_django(self, tmp_path: Path) -> None:
        pack = zipped(PACK, tmp_path / "pack.zip")
        block = "import sys; sys.modules['django'] = None; sys.argv = ['saferpractice', 'verify', *sys.argv[1:]]; "
        root = Path(__file__).parents[3]
        result = subprocess.run(
            [sys.executable, "-c", block + "from saferpractice.__main__ import main; main()", pack],
            cwd=tmp_path,
            env={"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "DJANGO_SETTINGS_MODULE": "no.such.module"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.startswith("WHOLE")
        assert [path.name for path in tmp_path.iterdir()] == ["pack.zip"]
