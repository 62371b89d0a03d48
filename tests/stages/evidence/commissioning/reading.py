"""What stands on a commissioner's page, read back the way a program would that looks for more than is shown."""

from __future__ import annotations

import csv
import html
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import HttpResponse

SVG = "{http://www.w3.org/2000/svg}"
HIDDEN = "[c]"
DRAWN = {
    "svg": {"class", "viewBox", "role", "font-family", "font-size"},
    "title": set(),
    "desc": set(),
    "text": {"x", "y", "fill", "text-anchor", "stroke", "stroke-width", "paint-order"},
    "line": {"x1", "y1", "x2", "y2", "stroke", "stroke-width", "stroke-dasharray"},
    "polyline": {"points", "fill", "stroke", "stroke-width", "stroke-dasharray"},
    "rect": {"x", "y", "width", "height", "fill"},
    "circle": {"cx", "cy", "r", "fill"},
}
"""Everything that a chart is drawn with. None of it could carry a number that is not drawn."""


def content_of(response: HttpResponse) -> bytes:
    """All of it, also where it is sent in pieces."""
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]


def file_lines(response: HttpResponse) -> list[dict[str, str]]:
    """The rows of a file by the words at the top of its columns."""
    return list(csv.DictReader(io.StringIO(content_of(response).decode("utf-8-sig"))))


def main_of(page: str) -> str:
    """What is said on a page, without the frame that every page has."""
    return page[page.index("<main") : page.index("</main>")]


def without_marks(text: str) -> str:
    """The words alone."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def tables_of(page: str) -> dict[str, list[list[str]]]:
    """The cells of every table by its id, without the headings that phones show in each cell."""
    found = {}
    for name, body in re.findall(r'<table[^>]* id="([^"]*)"[^>]*>.*?<tbody[^>]*>(.*?)</tbody>', page, re.DOTALL):
        plain = re.sub(r'<span class="nhsuk-table__heading"[^>]*>.*?</span>', "", body, flags=re.DOTALL)
        rows = re.findall(r"<tr[^>]*>(.*?)</tr>", plain, re.DOTALL)
        found[name] = [
            [without_marks(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
        ]
    return found


def charts_of(page: str) -> list[ET.Element]:
    """Every chart of a page."""
    found = re.findall(r'<svg class="sp-chart".*?</svg>', page, re.DOTALL)
    return [ET.fromstring(re.sub(r"&(?!amp;|lt;|gt;|quot;|#)", "&amp;", one)) for one in found]


def beyond_what_is_drawn(chart: ET.Element) -> list[str]:
    """Every element and attribute that a chart is not drawn with."""
    found = []
    for one in chart.iter():
        name = one.tag.removeprefix(SVG)
        found += [f"{name} {each}" for each in one.attrib if each not in DRAWN.get(name, set())]
        found += [] if name in DRAWN else [name]
    return found


def scale_of(chart: ET.Element, along: str) -> tuple[float, float]:
    """How a chart turns a number into a place along ``x`` or ``y``: the number at 0, and the step of one unit.

    Worked out from the marks on its axis, as somebody would who measures it.
    """
    marks = []
    for one in chart.iter(f"{SVG}text"):
        word = (one.text or "").replace(",", "").removesuffix("%")
        percent = (one.text or "").endswith("%")
        if word.isdigit() and not one.get("paint-order") and (percent or along == "count"):
            at = float(one.get("y" if along == "y" else "x", ""))
            marks.append((float(word), at - 5 if along == "y" else at, percent))
    wanted = [(word, at) for word, at, percent in marks if percent == (along != "count")]
    (first, at_first), (last, at_last) = min(wanted), max(wanted)
    step = (last - first) / (at_last - at_first)
    return first - step * at_first, step


@dataclass(frozen=True, slots=True)
class Measured:
    """What can be measured of one row of a chart of shares: its label, the point and both ends, in per cent."""

    label: str
    share: float
    least: float
    most: float


def shares_measured(chart: ET.Element) -> Iterator[Measured]:
    """Every row of a chart of shares by its coordinates alone."""
    at_zero, step = scale_of(chart, "x")
    labels = [(one.text or "").split(":")[0] for one in chart.iter(f"{SVG}text") if one.get("paint-order")]
    lines = [
        one for one in chart.iter(f"{SVG}line") if one.get("stroke-width") == "3" and one.get("y1") == one.get("y2")
    ]
    circles = list(chart.iter(f"{SVG}circle"))
    for label, line, circle in zip(labels, lines, circles, strict=True):
        at = [float(place) for place in (circle.get("cx", ""), line.get("x1", ""), line.get("x2", ""))]
        share, least, most = (at_zero + step * place for place in at)
        yield Measured(label, share, least, most)


def points_measured(chart: ET.Element) -> list[tuple[float, float]]:
    """Every point of a funnel plot by its coordinates alone: how many it counts, and its share in per cent."""
    (up_zero, up), (right_zero, right) = scale_of(chart, "y"), scale_of(chart, "count")
    places = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in chart.iter(f"{SVG}circle")]
    return [(right_zero + right * x, up_zero + up * y) for x, y in places]


def share_said(count: str, out_of: str) -> str:
    """The share that two published numbers make, half up: what a cell may say of it."""
    if HIDDEN in (count, out_of):
        return HIDDEN
    of = int(out_of.replace(",", ""))
    return f"about {(200 * int(count.replace(',', '')) + of) // (2 * of)}%"


def cells(line: Mapping[str, str]) -> list[str]:
    """Share, count and how many it is of, of a line of a file, as a page says them."""
    share = line["Share %"]
    return [share if share == HIDDEN else f"about {share}%", _said(line["Count"]), _said(line["Out of"])]


def _said(number: str) -> str:
    return f"{int(number):,}" if number.isdigit() else number
