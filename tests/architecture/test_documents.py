"""Documents that cannot lie: they are held against the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, Module, product_modules, repository_files

LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = re.compile(r"`([A-Z][A-Z_]+)`")
SET_BY_OTHERS = {"DJANGO_SETTINGS_MODULE", "PATH"}


def environment_names(module: Module) -> set[str]:
    """Names read from the environment: ``os.environ["X"]``, ``os.environ.get("X")``, ``os.getenv("X")``."""
    names = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            names.add(node.slice)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in {
            "os.environ.get",
            "os.environ.pop",
            "os.getenv",
        }:
            names.add(node.args[0])
    return {name.value for name in names if isinstance(name, ast.Constant)}


def documents() -> list[str]:
    return [name for name in repository_files() if name.endswith(".md")]


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    read = {name for module in product_modules() for name in environment_names(module)} - SET_BY_OTHERS
    assert len(read) > 10
    assert sorted(read - set(SETTING.findall(page))) == []


def test_every_setting_explained_exists() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    explained = {name for line in page.splitlines() if line.startswith("| `") for name in SETTING.findall(line)}
    sources = [name for name in repository_files() if name.endswith((".py", "Makefile"))]
    code = "\n".join((ROOT / name).read_text() for name in sources)
    assert sorted(name for name in explained if f'"{name}"' not in code and f"{name} ?=" not in code) == []


@pytest.mark.parametrize("name", documents())
def test_links_lead_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    links = [link.split("#")[0] for link in LINK.findall((ROOT / name).read_text())]
    local = [link for link in links if link and "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not Path(here / link).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()
    decisions = sorted(file.name for file in folder.glob("[0-9]*.md"))
    assert decisions
    assert [name for name in decisions if f"({name})" not in index] == []
    numbers = [name[:4] for name in decisions]
    assert len(set(numbers)) == len(numbers), "two decisions have the same number"


@pytest.mark.parametrize(
    "source", ['os.environ["X"]', 'os.environ.get("X", "")', 'os.environ.pop("X")', 'os.getenv("X")']
)
def test_reading_the_environment_is_found(source: str) -> None:
    assert environment_names(Module("saferpractice/config/x.py", source)) == {"X"}
