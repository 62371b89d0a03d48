"""Make docs/reference/requirements.md: each requirement of the brief, and the tests that prove it.

``python -m tests.architecture.requirements_page --write`` (part of ``make fix``).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from tests.architecture.source import ROOT, write_or_compare

LIST = ROOT / "docs" / "reference" / "requirements.yml"
PAGE = ROOT / "docs" / "reference" / "requirements.md"
INTRODUCTION = """\
# Requirements and the tests that prove them

What the brief asks for, and every test that says it proves a part of it. A requirement without a test is
marked **not proven**. This page is made by `make fix`; a test fails when it is out of date.
"""


@dataclass(frozen=True, order=True)
class Proof:
    """A test that claims requirements, by the file it is in and its name there."""

    file: str
    name: str


@dataclass(frozen=True)
class Group:
    """A heading of the brief and its requirements, by id."""

    title: str
    requirements: dict[str, str]


def brief() -> list[Group]:
    """The list of requirements."""
    return [Group(item["group"], item["requirements"]) for item in yaml.safe_load(LIST.read_text())]


def _marked(expressions: list[ast.expr]) -> set[str]:
    """The ids in ``pytest.mark.requirement("R1", "R2")`` among ``expressions``."""
    ids: set[str] = set()
    for expression in expressions:
        for call in ast.walk(expression):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "requirement"
                and isinstance(call.func.value, ast.Attribute)
                and call.func.value.attr == "mark"
            ):
                ids |= {argument.value for argument in call.args if isinstance(argument, ast.Constant)}
    return ids


def _pytestmark(body: list[ast.stmt]) -> set[str]:
    return {
        found
        for statement in body
        if isinstance(statement, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in statement.targets)
        for found in _marked([statement.value])
    }


def _tests(body: list[ast.stmt], prefix: str, inherited: set[str]) -> Iterator[tuple[str, set[str]]]:
    around = inherited | _pytestmark(body)
    for node in body:
        if isinstance(node, ast.ClassDef) and (node.name.startswith("Test") or node.name.endswith("Machine")):
            yield from _tests(node.body, f"{prefix}{node.name} › ", around | _marked(node.decorator_list))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield prefix + node.name, around | _marked(node.decorator_list)


def proofs_in(file: str, text: str) -> dict[str, list[Proof]]:
    """The tests in one file, by the requirement they claim; a class's and a module's marks count for its tests."""
    found: dict[str, list[Proof]] = {}
    for name, ids in _tests(ast.parse(text).body, "", set()):
        for requirement in ids:
            found.setdefault(requirement, []).append(Proof(file, name))
    return found


def proofs() -> dict[str, list[Proof]]:
    """Every test of the repository that claims a requirement."""
    found: dict[str, list[Proof]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for requirement, tests in proofs_in(str(file.relative_to(ROOT)), file.read_text()).items():
            found.setdefault(requirement, []).extend(tests)
    return found


def in_words(name: str) -> str:
    """A test's name as it is read: without its underscores and the word every test begins with."""
    return name.removeprefix("test_").replace("_s_", "’s ").replace("_", " ")


def _told(tests: list[Proof]) -> Iterator[str]:
    """The tests of one file, a line for each class."""
    classes: dict[str, list[str]] = {}
    for test in tests:
        *owners, name = test.name.split(" › ")
        classes.setdefault(" › ".join(owner.removeprefix("Test") for owner in owners), []).append(in_words(name))
    for owner, names in classes.items():
        yield f"  - {f'{owner}: ' if owner else ''}{' · '.join(names)}"


def _overview(groups: list[Group], found: dict[str, list[Proof]]) -> Iterator[str]:
    yield "| requirement | tests that say they prove it |\n| --- | --- |"
    for group in groups:
        for requirement, text in group.requirements.items():
            count = len(set(found.get(requirement, [])))
            yield f"| {requirement} {text} | {count or '**not proven**'} |"
    yield ""


def page(groups: list[Group], found: dict[str, list[Proof]]) -> str:
    """The page as Markdown."""
    lines = [INTRODUCTION, *_overview(groups, found)]
    for group in groups:
        lines.append(f"## {group.title}\n")
        for requirement, text in group.requirements.items():
            lines.append(f"### {requirement} {text}\n")
            tests = sorted(set(found.get(requirement, [])))
            if not tests:
                lines.append("**Not proven.**\n")
                continue
            for file in sorted({test.file for test in tests}):
                lines.append(f"- [{file.removeprefix('tests/')}](../../{file})")
                lines += _told([test for test in tests if test.file == file])
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page(brief(), proofs()), sys.argv[1:]))
