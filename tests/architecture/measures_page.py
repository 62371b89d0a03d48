"""Make docs/reference/measures.md: every measure there is, from the pathways that ship and the steps of the loop.

``python -m tests.architecture.measures_page --write`` (part of ``make fix``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import yaml

from saferpractice.assurance.rules.measures.catalogue import catalogue
from saferpractice.assurance.rules.measures.defined import Defined
from saferpractice.assurance.rules.measures.series import Better
from saferpractice.pathways.rules.reading import load_library
from tests.architecture.source import PRODUCT, ROOT, write_or_compare

PAGE = ROOT / "docs" / "reference" / "measures.md"
INTRODUCTION = """\
# Measures

Every measure, as it is defined once in `saferpractice/assurance/rules/measures` and in the pathways that ship. Nobody
enters these numbers: they are read from what people write down as they work. A provider's own pathways bring measures
of the same kinds. Periods are weeks (from Monday), months, and quarters of the financial year, in London days.
[Why they count as they do](../adr/0013-measures-count-the-rows.md). Made by `make fix`, held current by a test.
"""
BETTER = {Better.HIGHER: "higher", Better.LOWER: "lower", Better.NEITHER: "neither"}


def themes() -> list[tuple[str, str]]:
    """The themes that ship: code and label."""
    listed = yaml.safe_load((PRODUCT / "lists" / "data" / "themes.yml").read_text(encoding="utf-8"))
    return [(one["code"], one["label"]) for one in listed["entries"]]


def measures() -> tuple[Defined, ...]:
    """Every measure of a provider that works by the pathways that ship."""
    return catalogue(load_library().values(), themes())


def page(found: Iterable[Defined]) -> str:
    """The page as Markdown: sections, and in each the measures as their definition gives them."""
    sections: dict[str, list[Defined]] = {}
    for each in found:
        sections.setdefault(each.section, []).append(each)
    lines = [INTRODUCTION]
    for title, inside in sections.items():
        lines += [f"## {title}", "", *_overview(inside), "", *_definitions(inside)]
    return "\n".join(lines).rstrip() + "\n"


def _overview(found: Iterable[Defined]) -> Iterator[str]:
    yield "| measure | key | number | better | target |"
    yield "| --- | --- | --- | --- | --- |"
    for each in found:
        measure = each.measure
        number = " ".join(filter(None, (measure.number.value, "" if measure.unit == "%" else measure.unit)))
        target = "" if measure.target is None else f"{measure.target:g}%"
        name = f"**{measure.name}**" if each.named else measure.name
        yield f"| {name} | `{each.key}` | {number} | {BETTER[measure.better]} | {target} |"


def _definitions(found: Iterable[Defined]) -> Iterator[str]:
    """What is counted out of what, said once for all measures of which it is the same."""
    said: dict[tuple[str, str, str, str], list[str]] = {}
    for each in found:
        measure = each.measure
        said.setdefault((measure.numerator, measure.denominator, measure.exposure, measure.rows), []).append(each.key)
    for (numerator, denominator, exposure, rows), keys in said.items():
        yield f"- {', '.join(f'`{key}`' for key in keys)}"
        yield f"  - counted: {numerator}"
        if denominator:
            yield f"  - out of: {denominator}"
        if exposure:
            yield f"  - for: {exposure}"
        yield f"  - read from: {rows}"
    yield ""


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page(measures()), sys.argv[1:]))
