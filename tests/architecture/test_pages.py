"""What every template says alike: an empty place names the next step, and a file is offered in one wording."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source import repository_files, text_of

pytestmark = pytest.mark.requirement("R6")

_EMPTY = re.compile(r"{{-?\s*nothing_here\(.*?}}|{%-?\s*call nothing_here\(.*?%}(.*?){%-?\s*endcall", re.DOTALL)
_FILE = re.compile(r">([^<>]*\(CSV\)[^<>]*)<")


def without_a_step(template: str) -> list[str]:
    """Every empty place of a template under whose heading no sentence stands."""
    return [found.group() for found in _EMPTY.finditer(template) if "<p>" not in (found.group(1) or "")]


def offered_otherwise(template: str) -> list[str]:
    """Every link to a file for a spreadsheet that is worded in its own way."""
    return [
        text for text in _FILE.findall(template) if not re.fullmatch(r"Download .+ as a spreadsheet file \(CSV\)", text)
    ]


def pages() -> dict[str, str]:
    """The text of every template, by its name."""
    return {
        name: text_of(name) or ""
        for name in repository_files()
        if name.startswith("saferpractice/") and name.endswith(".html")
    }


def test_an_empty_place_says_what_fills_it() -> None:
    assert sum(len(_EMPTY.findall(text)) for text in pages().values()) > 60
    assert {name: found for name, text in pages().items() if (found := without_a_step(text))} == {}


def test_files_for_a_spreadsheet_are_offered_in_one_wording() -> None:
    assert sum(len(_FILE.findall(text)) for text in pages().values()) > 20
    assert {name: found for name, text in pages().items() if (found := offered_otherwise(text))} == {}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('{{ nothing_here("No findings") }}', 1),
        ('{% call nothing_here("No findings") %}{% endcall %}', 1),
        ('{% call nothing_here("No findings") %}{% if may %}{{ x }}{% endif %}{% endcall %}', 1),
        ('{% call nothing_here("No findings") %}<p>Add one in a review.</p>{% endcall %}', 0),
        ('{% call nothing_here("A") %}{% endcall %}\n{% call nothing_here("B") %}<p>Go on.</p>{% endcall %}', 1),
        ('{% call nothing_here("A") %}<p>Go on.</p>{% endcall %} {{ nothing_here("B") }}', 1),
        ("{% macro nothing_here(text) %}", 0),
    ],
)
def test_empty_places_are_found(template: str, found: int) -> None:
    assert len(without_a_step(template)) == found


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ("<a>Save as a file (CSV)</a>", True),
        ("<a>Download (CSV)</a>", True),
        ("<a>Download this list as a spreadsheet file (CSV)</a>", False),
        ("<a>Download these people as a spreadsheet file (CSV)</a>", False),
        ("<a>Download this mapping as a file (YAML)</a>", False),
    ],
)
def test_other_wordings_are_found(link: str, wrong: bool) -> None:
    assert bool(offered_otherwise(link)) is wrong
