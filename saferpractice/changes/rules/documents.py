"""The words of a document that was uploaded, so that two versions can be compared: plain text, Word and OpenDocument.

Layout, pictures, headers and footers are not read. Nothing in the file is run or fetched.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from xml.etree import ElementTree

LARGEST_PART = 5 * 1024 * 1024
"""Bytes of the unpacked text of an office document; a larger one is not read, so that a zip bomb stays packed."""

_TEXT = frozenset({"text/plain", "text/csv", "text/markdown"})
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_OPEN = "application/vnd.oasis.opendocument.text"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OTHER_ENCODING = re.compile(rb"\x00|encoding\s*=\s*['\"](?!utf-8['\"])", re.IGNORECASE)
_CANNOT_UNPACK = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(KeyError, NotImplementedError, RuntimeError, ValueError),
)
"""What Python raises for an archive that is damaged, encrypted, packed in an unknown way, or without the part."""
_PARTS = {_WORD: "word/document.xml", _OPEN: "content.xml"}


def words_of_file(content: bytes, content_type: str) -> str | None:
    """The words of a file, a line for each paragraph; None where its kind holds none that can be read here."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _TEXT:
        return as_text(content)
    if kind not in _PARTS:
        return None
    part = _part(content, _PARTS[kind])
    return None if part is None else _paragraphs(part, kind)


def as_text(content: bytes) -> str:
    """The words of a text file: UTF-8, or the Windows encoding that office programs still save."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _part(content: bytes, name: str) -> bytes | None:
    """One part of an office document, unless it is too large, damaged or encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(name).file_size > LARGEST_PART:
                return None
            with archive.open(name) as part:
                found = part.read(LARGEST_PART + 1)  # the size above is only what the file says of itself
    except _CANNOT_UNPACK:
        return None
    return found if len(found) <= LARGEST_PART else None


def _paragraphs(part: bytes, kind: str) -> str | None:
    # An office program writes UTF-8 without a document type; one could only define entities that grow when read,
    # and another encoding could hide it.
    if b"<!" in part.replace(b"<!--", b"").replace(b"<![CDATA[", b"") or _OTHER_ENCODING.search(part[:200]):
        return None
    try:
        root = ElementTree.fromstring(part)  # noqa: S314 - nothing is defined, so nothing expands or is fetched
    except (ElementTree.ParseError, ValueError):
        return None
    if kind == _WORD:
        return "\n".join(_word_text(paragraph) for paragraph in root.iter(f"{_W}p"))
    return "\n".join("".join(one.itertext()) for one in root.iter() if one.tag in {f"{_T}p", f"{_T}h"})


def _word_text(paragraph: ElementTree.Element) -> str:
    shown = {f"{_W}tab": "\t", f"{_W}br": " "}
    return "".join(one.text or "" if one.tag == f"{_W}t" else shown.get(one.tag, "") for one in paragraph.iter())
