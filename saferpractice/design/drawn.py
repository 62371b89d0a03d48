"""Drawings that come as text and are put into pages as they are: nothing but shapes and words may stand in them."""

from __future__ import annotations

import re
from xml.parsers.expat import ExpatError, ParserCreate

from markupsafe import Markup

_SHAPES = {
    *("svg", "g", "title", "desc", "defs", "clipPath", "text", "tspan"),
    *("path", "rect", "line", "circle", "ellipse", "polyline", "polygon"),
}
_FORBIDDEN = re.compile(r"(?i)^(on|style$|href$|xlink:|xml:base|src$)|url\s*\(\s*[^#\s]|javascript:")


class NotADrawing(ValueError):
    """The text is no SVG, or holds more than shapes and words; the message says what."""


def drawing(svg: str) -> Markup:
    """``svg`` as it may stand in a page.

    Raises:
        NotADrawing: it is not well formed, fetches something, runs something, or brings style rules along.
    """

    def starts(name: str, attributes: dict[str, str]) -> None:
        if name not in _SHAPES:
            raise NotADrawing(f"a drawing holds no {name}")
        for key, value in attributes.items():
            if _FORBIDDEN.search(key) or _FORBIDDEN.search(value):
                raise NotADrawing(f"a drawing holds no {key}={value[:40]}")

    def declares(*_: object) -> None:
        raise NotADrawing("a drawing declares nothing")

    parser = ParserCreate()
    parser.StartElementHandler = starts
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = declares
    try:
        parser.Parse(svg.encode("utf-8", "replace"), True)
    except ExpatError as error:
        raise NotADrawing(f"not well formed: {error}") from None
    if not svg.lstrip().startswith("<svg"):
        raise NotADrawing("a drawing begins with svg")
    return Markup(svg)


__all__ = ["NotADrawing", "drawing"]
