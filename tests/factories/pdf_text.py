"""What can be copied out of a PDF."""

from __future__ import annotations

import re

import pikepdf


def text_of(file: pikepdf.Pdf) -> str:
    """What can be copied out of the pages, through each font's own table of characters."""
    return "\n".join(page_text(page) for page in file.pages)


def page_text(page: pikepdf.Page) -> str:
    """What can be copied out of one page."""
    tables = {name: _to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    found, table = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            table = tables[str(operands[0])]
        elif str(operator) in {"Tj", "TJ"}:
            pieces = operands[0] if str(operator) == "TJ" else [operands[0]]
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    raw = bytes(piece)
                    found += [table.get(raw[at : at + 2], "?") for at in range(0, len(raw), 2)]
    return "".join(found)


def _to_unicode(font: pikepdf.Object) -> dict[bytes, str]:
    text = font.ToUnicode.read_bytes().decode()
    pairs = re.findall(r"<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>", text)
    return {bytes.fromhex(code): bytes.fromhex(value).decode("utf-16-be") for code, value in pairs}
