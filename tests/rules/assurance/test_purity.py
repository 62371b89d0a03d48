"""Rules are pure: they read no clock, no database, no file and no chance, and need nothing that is not in Python."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from saferpractice.assurance import rules
from saferpractice.design import typed

pytestmark = pytest.mark.requirement("R4")

MODULES = [*sorted(Path(rules.__file__).parent.glob("*.py")), Path(typed.__file__)]
PURE_TOO = "saferpractice.design.typed"
"""Whether a reader sees anything of what was typed: all of it follows from Python's own tables."""
NOT_PURE = {"random", "time", "os", "pathlib", "socket", "subprocess", "urllib", "sqlite3", "io", "secrets", "uuid"}


def imported(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_imports_the_standard_library_and_itself_only(module: Path) -> None:
    for name in imported(module):
        if name != PURE_TOO and not name.startswith("saferpractice.assurance.rules"):
            assert name.partition(".")[0] in sys.stdlib_module_names - NOT_PURE, name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_reads_no_clock(module: Path) -> None:
    calls = {
        node.attr for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    assert not calls & {"today", "now", "utcnow", "localtime", "open"}


def test_there_is_something_to_look_at() -> None:
    assert len(MODULES) >= 8


def test_everything_named_for_others_is_there() -> None:
    assert [name for name in rules.__all__ if not hasattr(rules, name)] == []
