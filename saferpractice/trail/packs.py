"""Check a pack: a ZIP or a folder with a manifest and proofs. Needs no database, no settings and no network.

A pack comes from outside and may have been made to harm whoever opens it: nothing is unpacked, every size is counted
as it is read, and what is not plain is refused with a sentence.
"""

from __future__ import annotations

import hashlib
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from saferpractice.trail.rules.bundles import (
    MANIFEST,
    PROOFS,
    BadBundle,
    Manifest,
    Proofs,
    bad_path,
    check_proofs,
    keys_in,
    manifest_named,
    read_manifest,
    read_proofs,
    unproven,
)
from saferpractice.trail.rules.heads import Head, PublicKey

MOST_FILES = 10_000
MOST_BYTES = 1024**3
MOST_OF_JSON = 64 * 1024**2
"""Forty thousand proofs: what a pack of 500 incidents with 80 entries each would have."""
CHUNK = 1024**2
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class BadPack(Exception):
    """It cannot be read as a pack at all; the message says why in a sentence."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a pack is read at most."""

    files: int = MOST_FILES
    bytes: int = MOST_BYTES
    json: int = MOST_OF_JSON


@dataclass
class Found:
    """What checking a pack found.

    Attributes:
        troubles: what is wrong, each a sentence; none when the pack is what was sealed.
        notes: what whoever checks must still do.
        files: how many files besides the two were checked.
        entries: how many entries were checked.
        manifest_sha256: the hash of the list of files, to be compared with what the provider says.
    """

    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: int = 0
    entries: int = 0
    manifest_sha256: str = ""
    head: Head | None = None
    manifest: Manifest | None = None


Opener = Callable[[], IO[bytes]]


def check(path: Path, keys: Collection[PublicKey] = (), listed: str = "", limits: Limits | None = None) -> Found:
    """Check a pack.

    Args:
        path: the ZIP or the folder.
        keys: the public keys of the provider, as it told them elsewhere; those in the pack when left out.
        listed: the hash of the manifest, when it was told elsewhere and the pack itself does not prove it.

    Raises:
        BadPack: it cannot be opened, or is made in a way that no pack is.
    """
    limits = limits or Limits()
    found = Found()
    with _opened(path, limits) as files:
        budget = _Budget(limits.bytes)
        manifest_raw = _json_of(MANIFEST, files, budget, limits)
        proofs_raw = _json_of(PROOFS, files, budget, limits)
        _manifest(manifest_raw, files, budget, found)
    _proofs(proofs_raw, manifest_raw, keys, listed, found)
    return found


def _manifest(raw: bytes | None, files: dict[str, Opener], budget: _Budget, found: Found) -> None:
    if raw is None:
        found.troubles.append(f"There is no {MANIFEST}, so nothing says which files belong to the pack.")
        return
    found.manifest_sha256 = hashlib.sha256(raw).hexdigest()
    try:
        manifest = found.manifest = read_manifest(raw)
    except BadBundle as error:
        found.troubles.append(str(error))
        return
    hashes = {one.path: one.sha256 for one in manifest.files}
    if len(hashes) < len(manifest.files):
        found.troubles.append(f"{MANIFEST} names a file more than once.")
    for name in sorted(hashes):
        if name not in files:
            found.troubles.append(f"The file {name!r} is missing.")
            continue
        found.files += 1
        if _hash(name, files[name], budget) != hashes[name]:
            found.troubles.append(f"The file {name!r} was changed: its hash is not the one in {MANIFEST}.")
    unnamed = sorted(set(files) - set(hashes) - {MANIFEST, PROOFS})
    found.troubles += [f"The file {name!r} is not in {MANIFEST}: somebody added it." for name in unnamed]


def _proofs(raw: bytes | None, manifest: bytes | None, keys: Collection[PublicKey], listed: str, found: Found) -> None:
    if raw is None:
        found.troubles.append(f"There is no {PROOFS}, so nothing shows that what is in the pack was written then.")
        return
    try:
        proofs = read_proofs(raw)
    except BadBundle as error:
        found.troubles.append(str(error))
        return
    brought = keys_in(proofs)
    if not _as_made(proofs, raw) or len(brought) < len(proofs.keys):
        found.troubles.append(f"{PROOFS} is not written the way it was made: somebody changed it.")
    if not keys:
        keys = brought
        found.notes.append(
            "No key was given, so the one in the pack was used, and whoever makes a false pack can put a false key into"
            " it. Compare it with the key that the provider told you some other way: "
            + (", ".join(str(key) for key in keys) or "there is none")
        )
    checked = check_proofs(proofs, keys)
    found.head, found.entries = checked.head, len(proofs.entries)
    found.troubles += checked.troubles
    if manifest is not None:
        _named(proofs, manifest, listed, found)
    if found.manifest is not None:
        missing = unproven(proofs, found.manifest)
        found.troubles += [f"Entry {place} is cited and not in {PROOFS}: its proof is missing." for place in missing]
    if found.head is not None and found.manifest is not None and found.manifest.provider != str(found.head.provider_id):
        found.troubles.append(f"{MANIFEST} and the signed head are of different providers.")


def _as_made(proofs: Proofs, raw: bytes) -> bool:
    """Whether the bytes are those that these proofs are written as: no sign between them was touched."""
    try:
        return proofs.text() == raw
    except (ValueError, RecursionError):  # half a character, a number of a million digits: nothing that is written here
        return False


def _named(proofs: Proofs, manifest: bytes, listed: str, found: Found) -> None:
    """Whether the list of files itself is held by something that nobody could exchange together with it."""
    wanted = listed.strip().lower()
    if wanted and wanted != found.manifest_sha256:
        found.troubles.append(f"{MANIFEST} is not the one whose hash was given: its hash is {found.manifest_sha256}.")
    elif not wanted and manifest_named(proofs, manifest) is None:
        found.troubles.append(
            f"No entry in {PROOFS} holds the hash of {MANIFEST}, so a file could have been changed and the list with"
            f" it. If the provider told you the hash of the list, give it with --list. Here it is"
            f" {found.manifest_sha256}."
        )


class _Budget:
    """Bytes that may still be read: what a file says of its own size is not believed."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, name: str, file: IO[bytes]) -> Iterator[bytes]:
        """The file in pieces.

        Raises:
            BadPack: there is more than may be read, or it cannot be read.
        """
        while True:
            try:
                piece = file.read(CHUNK)
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
                raise BadPack(f"The file {name!r} in the pack is damaged and cannot be read.") from error
            if not piece:
                return
            self.left -= len(piece)
            if self.left < 0:
                raise BadPack("The pack is too large when unpacked, as one made to fill a disk is.")
            yield piece


def _hash(name: str, opener: Opener, budget: _Budget) -> str:
    digest = hashlib.sha256()
    with _open(name, opener) as file:
        for piece in budget.read(name, file):
            digest.update(piece)
    return digest.hexdigest()


def _json_of(name: str, files: dict[str, Opener], budget: _Budget, limits: Limits) -> bytes | None:
    if name not in files:
        return None
    pieces, size = [], 0
    with _open(name, files[name]) as file:
        for piece in budget.read(name, file):
            size += len(piece)
            if size > limits.json:
                raise BadPack(f"{name} is too large.")
            pieces.append(piece)
    return b"".join(pieces)


@contextmanager
def _open(name: str, opener: Opener) -> Iterator[IO[bytes]]:
    try:
        file = opener()
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise BadPack(f"The file {name!r} in the pack is damaged and cannot be read.") from error
    with file:
        yield file


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[dict[str, Opener]]:
    """The files of a pack by their paths."""
    if path.is_dir():
        yield _plain(_in_folder(path, limits))
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BadPack(f"There is no file or folder {path}.") from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadPack(f"{path.name} is neither a folder nor a ZIP that can be read.") from error
    with archive:
        yield _plain(_in_zip(archive, limits))


def _in_zip(archive: zipfile.ZipFile, limits: Limits) -> Iterator[tuple[str, Opener]]:
    members = archive.infolist()
    if len(members) > limits.files:
        raise BadPack(f"The pack holds more than {limits.files} files.")
    if sum(member.file_size for member in members) > limits.bytes:
        raise BadPack("The pack is too large when unpacked, as one made to fill a disk is.")
    for member in members:
        name = member.orig_filename
        if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise BadPack(f"{name!r} in the pack is a link or a device and not a file.")
        if member.flag_bits & 1 or member.compress_type not in METHODS:
            raise BadPack(f"{name!r} in the pack is encrypted, or packed in a way that is not read here.")
        if name.endswith("/") and not member.file_size:
            _must_be_plain(name[:-1])
            continue
        yield name, partial(archive.open, member)


def _in_folder(top: Path, limits: Limits) -> Iterator[tuple[str, Opener]]:
    folders, count = [top], 0
    while folders:
        for one in sorted(folders.pop().iterdir()):
            name, kind = one.relative_to(top).as_posix(), one.lstat().st_mode
            count += 1
            if count > limits.files:
                raise BadPack(f"The pack holds more than {limits.files} files.")
            if stat.S_ISDIR(kind):
                folders.append(one)
            elif stat.S_ISREG(kind):
                yield name, partial(_read, one)
            else:
                raise BadPack(f"{name!r} in the pack is a link or a device and not a file.")


def _read(path: Path) -> IO[bytes]:
    return path.open("rb")


def _plain(files: Iterator[tuple[str, Opener]]) -> dict[str, Opener]:
    """By path, when every path is plain and none could take another's place."""
    found: dict[str, Opener] = {}
    seen: set[str] = set()
    for name, opener in files:
        _must_be_plain(name)
        same = unicodedata.normalize("NFKC", name).casefold()
        if same in seen:
            raise BadPack(f"The pack holds two files called {name!r}.")
        seen.add(same)
        found[name] = opener
    return found


def _must_be_plain(name: str) -> None:
    if bad_path(name):
        raise BadPack(f"The pack holds a file called {name[:200]!r}, which could be written outside its folder.")
