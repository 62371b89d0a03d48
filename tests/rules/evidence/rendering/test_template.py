"""What the template of a pack must not use, since it takes a long pack too much memory (ADR 18)."""

from __future__ import annotations

import re

import pytest

from saferpractice.evidence.rendering.places import DATA

pytestmark = pytest.mark.requirement("R32")

COSTLY = {
    "a grid, whose cells are laid out and remembered one by one": r"\bgrid\(",
    "an indent: a list that is moved to the side is copied": r"\bindent:(?!\s*0pt\b)",
    "padding, which moves and so copies": r"\bpad\(",
    "a contents table that moves everything once it is known": r"\boutline\(",
    "a rule that calls a function for each of what it shows": r"#show\b[^\n]*=>",
    "a function: every call of it is remembered with all that it was given": r"\blet\s+[\w-]+\(",
}


def template() -> str:
    """Without its comments."""
    return re.sub(r"//.*", "", (DATA / "pack.typ").read_text())


@pytest.mark.parametrize("why", COSTLY)
def test_nothing_that_takes_the_memory_of_a_long_pack(why: str) -> None:
    found = re.findall(rf".*(?:{COSTLY[why]}).*", template())
    assert not found, f"{why}: {found}"


def test_a_cell_of_several_lines_is_a_block() -> None:
    """Text alone would be copied from the cell into its row, its table and its page."""
    assert re.search(r"for cell in it\.cells \{.*\bblock\(cell\)", template())
    assert "..it.cells" not in template()
