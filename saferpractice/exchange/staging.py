"""The text of a file between its upload and its import: encrypted piece by piece in the file storage."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from saferpractice.config import encryption
from saferpractice.exchange.models import ImportFile
from saferpractice.exchange.rules.table import LARGEST_BYTES
from saferpractice.exchange.rules.text import FileProblem, decoded, encoding_of

_PIECE_BYTES = 256 * 1024
TOO_LARGE = f"The file is larger than {LARGEST_BYTES // 2**20} MB. Split it and import the parts."


@dataclass(frozen=True, slots=True)
class Staged:
    """Where the text was put, and what is known of the file it came from."""

    path: str
    sha256: str
    size: int
    encoding: str


def stage(source: IO[bytes], file_id: UUID) -> Staged:
    """Read ``source`` twice (once to learn its encoding) and keep its text, encrypted for the row ``file_id``.

    Raises:
        FileProblem: the file is no text we can read, or too large.
    """
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    encoding = encoding_of(_pieces(source))
    source.seek(0)

    def seen() -> Iterator[bytes]:
        nonlocal size
        for piece in _pieces(source):
            digest.update(piece)
            size += len(piece)
            if size > LARGEST_BYTES:
                raise FileProblem(TOO_LARGE)
            yield piece

    with tempfile.TemporaryFile() as sealed:
        for number, text in enumerate(decoded(seen(), encoding)):
            sealed.write(encryption.encrypt(text, _context(file_id, number)).encode() + b"\n")
        sealed.seek(0)
        path = default_storage.save(f"imports/{file_id.hex}", File(sealed))
    return Staged(path, digest.hexdigest(), size, encoding)


def _pieces(source: IO[bytes]) -> Iterator[bytes]:
    while piece := source.read(_PIECE_BYTES):
        yield piece


def text_of(file: ImportFile) -> Iterator[str]:
    """The text of ``file`` in pieces.

    Raises:
        FileProblem: the text was thrown away.
    """
    try:
        sealed = default_storage.open(file.path)
    except FileNotFoundError:
        raise FileProblem("The text of this file is no longer kept. Upload the file again.") from None
    with sealed:
        for number, line in enumerate(_lines(sealed)):
            yield encryption.decrypt(line, _context(file.pk, number))


def _lines(sealed: Iterable[bytes]) -> Iterator[str]:
    for line in sealed:
        yield line.rstrip(b"\n").decode("ascii")


def discard(file: ImportFile) -> None:
    """Throw the text of ``file`` away; nothing happens when it is gone."""
    with contextlib.suppress(FileNotFoundError):
        default_storage.delete(file.path)


def _context(file_id: UUID, number: int) -> str:
    return f"exchange.importfile:{file_id}:{number}"
