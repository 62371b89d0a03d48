"""A pack as one ZIP: the PDF, the page, the data, and files that belong to it, written piece by piece."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from saferpractice.design.exports import csv_lines
from saferpractice.evidence.rendering.files import data
from saferpractice.evidence.rendering.pages import html
from saferpractice.evidence.rendering.typesetting import pdf
from saferpractice.evidence.rules.packs.document import Pack
from saferpractice.evidence.rules.packs.facts import Cited
from saferpractice.trail.rules import ListedFile, Manifest, plain
from saferpractice.trail.rules.bundles import MANIFEST, MANIFEST_FORMAT, PROOFS

Stamp = tuple[int, int, int, int, int, int]

PDF_NAME, HTML_NAME = "pack.pdf", "pack.html"
TRAIL_NAME = "trail.csv"
"""Which entries of the trail the pack cites, and of which records they are."""
FOLDER = "attachments"
AT_ONCE = 1024 * 1024
LONGEST_NAME = 120
ZIP_BEGINS, ZIP_ENDS = 1980, 2107
"""The years a ZIP can say."""
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a pack: its bytes, or where it lies. ``name`` may be what somebody typed."""

    name: str
    content: bytes | Path


def bundle(
    pack: Pack,
    attachments: Sequence[Attachment],
    proofs: bytes | None,
    to: BinaryIO,
    *,
    provider_id: UUID | None = None,
    cited: Sequence[Cited] = (),
) -> Manifest | None:
    """Write the pack and what belongs to it as a ZIP into ``to``: the same bytes for the same pack and files.

    A file that lies on disk is read in pieces. With ``provider_id`` the ZIP has a manifest, which is returned: its
    hash (``manifest_facts``) goes into the trail entry that says the pack was made. ``cited`` are the entries that
    ``proofs.json`` must prove beside that one; ``data/trail.csv`` says of which records they are. ``proofs`` is the
    content of ``proofs.json``, None for none yet: that entry must be sealed first, and then ``prove`` adds them.

    Raises:
        NotADrawing, NotTypeset: as ``pdf``.
        OSError: an attached file cannot be read; what was written so far is no ZIP.
    """
    named = zip(names_of(attachments), attachments, strict=True)
    parts = chain(made(pack), _trail(cited), ((f"{FOLDER}/{name}", one.content) for name, one in named))
    with zipfile.ZipFile(to, "w") as archive:
        listed = [_write(archive, name, content, _stamp(pack.made_at)) for name, content in parts]
        manifest = _manifest(pack, listed, provider_id, cited) if provider_id is not None else None
        if manifest is not None:
            _write(archive, MANIFEST, manifest.text(), _stamp(pack.made_at))
        if proofs is not None:
            _write(archive, PROOFS, proofs, _stamp(pack.made_at))
    return manifest


def prove(bundled: BinaryIO, proofs: bytes, to: BinaryIO) -> None:
    """Copy a ZIP that ``bundle`` made into ``to`` (which can be read and written) and add ``proofs.json``.

    The same bytes as if the proofs had been there from the start.

    Raises:
        ValueError: it has proofs already.
    """
    shutil.copyfileobj(bundled, to, AT_ONCE)
    to.seek(0)
    with zipfile.ZipFile(to, "a") as archive:
        if PROOFS in archive.namelist():
            raise ValueError("the pack has its proofs already")
        _write(archive, PROOFS, proofs, archive.infolist()[0].date_time)


def _manifest(pack: Pack, listed: list[ListedFile], provider_id: UUID, cited: Sequence[Cited]) -> Manifest:
    files, entries = sorted(listed, key=lambda one: one.path), sorted({one.entry for one in cited})
    title = f"{pack.title}, {pack.about}"
    return Manifest(MANIFEST_FORMAT, title, str(provider_id), plain(pack.made_at), files, entries)


def _trail(cited: Sequence[Cited]) -> Iterator[tuple[str, bytes]]:
    """The entries with their records, as a file, where there are any."""
    if cited:
        rows = ([one.entry, plain(one.at), one.source.kind.value, one.source.reference] for one in cited)
        lines = csv_lines(["entry", "written_at", "source_kind", "source_reference"], rows)
        yield f"data/{TRAIL_NAME}", "".join(lines).encode()


def made(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """The files made from a pack by their paths in the ZIP, each when it is asked for."""
    yield PDF_NAME, pdf(pack)
    yield HTML_NAME, html(pack).encode()
    for name, content in data(pack).items():
        yield f"data/{name}", content


def _stamp(at: datetime) -> Stamp:
    """The moment in UTC that a file in a ZIP is of, within the years that a ZIP can say."""
    moment = at.astimezone(UTC)
    year = min(max(moment.year, ZIP_BEGINS), ZIP_ENDS)
    return (year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


def _write(archive: zipfile.ZipFile, name: str, content: bytes | Path, stamp: Stamp) -> ListedFile:
    """Write one file piece by piece; what the manifest says of it."""
    info = zipfile.ZipInfo(name, stamp)
    info.create_system, info.external_attr = 3, 0o644 << 16
    info.compress_type = zipfile.ZIP_STORED if name.endswith(".pdf") else zipfile.ZIP_DEFLATED
    info.file_size = len(content) if isinstance(content, bytes) else content.stat().st_size
    source: BinaryIO = io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
    seen, size = hashlib.sha256(), 0
    with closing(source), archive.open(info, "w") as into:
        while piece := source.read(AT_ONCE):
            into.write(piece)
            seen.update(piece)
            size += len(piece)
    return ListedFile(name, seen.hexdigest(), size)


def names_of(attachments: Sequence[Attachment]) -> list[str]:
    """A name for each file that every system can hold, none like another however letters are written."""
    found: list[str] = []
    taken: set[str] = set()
    for one in attachments:
        name = _fit(one.name)
        stem, dot, ending = name.rpartition(".")
        number = 1
        while _alike(name) in taken:
            number += 1
            name = f"{stem} ({number}){dot}{ending}" if stem else f"{ending} ({number})"
        taken.add(_alike(name))
        found.append(name)
    return found


def _fit(name: str) -> str:
    flat = _UNFIT.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "file"
    stem, dot, ending = flat.rpartition(".")
    if len(flat) > LONGEST_NAME:
        flat = f"{stem[:LONGEST_NAME]}{dot}{ending[:10]}" if stem else flat[:LONGEST_NAME]
    return f"_{flat}" if _RESERVED.match(flat) else flat


def _alike(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
