"""Files people give: which kinds, how big, under what name. Judged by their bytes, never by what the browser says."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterable
from typing import IO

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
KINDS = ("pdf", "docx", "xlsx", "odt", "png", "jpg", "txt", "csv", "md")
ACCEPT = ",".join(f".{kind}" for kind in (*KINDS, "jpeg"))
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "png": "image/png",
    "jpg": "image/jpeg",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "md": "text/plain; charset=utf-8",
}
_OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_NAME_LENGTH = 120


def kind_of(name: str) -> str:
    """The kind a file's name claims: its last extension, lower case, with jpeg as jpg; "" where there is none."""
    extension = name.rsplit(".", 1)[1].lower() if "." in name else ""
    return "jpg" if extension == "jpeg" else extension


def clean_name(name: str) -> str:
    """A name safe to show and to save under: no folders, no control or text-direction characters, not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
    kept = re.sub(r'[<>:"|?*]', "_", " ".join(kept.split())).strip(". ")
    stem, dot, extension = kept.rpartition(".")
    if not dot:
        return kept[:_NAME_LENGTH] or "file"
    return f"{stem[: _NAME_LENGTH - len(extension) - 1].strip() or 'file'}.{extension}"


def problem_with(name: str, size: int, content: IO[bytes], kinds: Iterable[str] = KINDS, largest: int = LARGEST) -> str:
    """Why this file is not taken, as a sentence on what to do; "" if it is fine. Leaves ``content`` at its start."""
    kinds = tuple(kinds)
    kind = kind_of(name)
    if kind not in kinds:
        return f"The file must be one of: {', '.join(kinds)}"
    if size == 0:
        return "The file is empty. Choose a file that has something in it"
    if size > largest:
        return f"The file must be smaller than {largest // MEGABYTE} MB"
    content.seek(0)
    try:
        fits = _fits(kind, content)
    finally:
        content.seek(0)
    if not fits:
        return f"The file does not look like a {kind}. Open it, save it again as {kind} and try again"
    return ""


def _fits(kind: str, content: IO[bytes]) -> bool:
    if kind == "pdf":
        return b"%PDF-" in content.read(1024)
    if kind == "png":
        return content.read(8) == b"\x89PNG\r\n\x1a\n"
    if kind == "jpg":
        return content.read(3) == b"\xff\xd8\xff"
    if kind in _OFFICE_PARTS or kind == "odt":
        return _fits_office(kind, content)
    return _fits_text(content)


def _fits_office(kind: str, content: IO[bytes]) -> bool:
    """Only the list of parts and one short one are read: a zip bomb is never unpacked. A file with macros is no fit."""
    try:
        with zipfile.ZipFile(content) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
                return False
            if kind != "odt":
                return {"[Content_Types].xml", _OFFICE_PARTS[kind]} <= names
            if "mimetype" not in names or archive.getinfo("mimetype").file_size > 200:
                return False
            return archive.read("mimetype").strip() == CONTENT_TYPES["odt"].encode()
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, ValueError, OSError):
        return False


def _fits_text(content: IO[bytes]) -> bool:
    """UTF-8, or the Windows encoding that spreadsheets still save; a file with NUL bytes is not text."""
    data = content.read()
    if b"\x00" in data:
        return False
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
