"""The text of a file somebody exported: which encoding it is in, and its characters without what cannot be seen."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator

UTF_8 = "utf-8-sig"
UTF_16 = "utf-16"
WINDOWS = "cp1252"
NAMES = {UTF_8: "UTF-8", UTF_16: "UTF-16", WINDOWS: "Windows-1252"}
"""How a person reads the name of each encoding."""
SAVE_AGAIN = "In Excel choose Save As and the type “CSV UTF-8”, then upload that file."
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class FileProblem(ValueError):
    """The whole file cannot be used. ``sentence`` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def encoding_of(pieces: Iterable[bytes]) -> str:
    """The encoding of a text file given in pieces: UTF-8 with or without its mark, UTF-16 with it, or Windows-1252.

    Raises:
        FileProblem: it is empty, is no text, or its bytes fit none of these.
    """
    utf_8 = codecs.getincrementaldecoder("utf-8")()
    windows = codecs.getincrementaldecoder(WINDOWS)()
    fits = {UTF_8: True, WINDOWS: True}
    first, length = b"", 0
    for piece in pieces:
        if not length:
            first = piece[:4096]
            _check_kind(first)
            if first.startswith(_UTF_16_MARKS):
                return UTF_16
        length += len(piece)
        for name, decoder in ((UTF_8, utf_8), (WINDOWS, windows)):
            if fits[name]:
                fits[name] = _takes(decoder, piece)
        if not any(fits.values()):
            break
    if not length:
        raise FileProblem("The file is empty. Choose one that has a heading row and at least one row under it.")
    if fits[UTF_8] and _takes(utf_8, b"", final=True):
        return UTF_8
    if fits[WINDOWS]:
        return WINDOWS
    raise FileProblem(f"The letters of this file are neither UTF-8 nor Windows-1252. {SAVE_AGAIN}")


def _takes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _check_kind(first: bytes) -> None:
    if first.startswith(b"PK\x03\x04") or first.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileProblem(f"This is a spreadsheet file, not a CSV file. {SAVE_AGAIN}")
    if first.startswith(b"%PDF-"):
        raise FileProblem("This is a PDF. Ask for the table it was made from, saved as CSV.")
    if not first.startswith(_UTF_16_MARKS) and first.count(b"\x00") > len(first) // 8:
        raise FileProblem(f"This file is not plain text. {SAVE_AGAIN}")


def decoded(pieces: Iterable[bytes], encoding: str) -> Iterator[str]:
    """The text of ``pieces`` with one kind of line end.

    Raises:
        FileProblem: the bytes do not fit ``encoding`` after all.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    try:
        for piece in pieces:
            yield decoder.decode(piece)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FileProblem(f"The letters of this file are not {NAMES.get(encoding, encoding)}. {SAVE_AGAIN}") from error


def without_controls(text: str) -> str:
    """``text`` without control characters: never meant, and the database refuses some. Tabs and line ends stay."""
    return _CONTROL.sub("", text)
