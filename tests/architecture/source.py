"""The source text, read once, and questions asked of it."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ROOT / "saferpractice"
DATABASE_READERS = {"objects", "_default_manager", "_base_manager"}
CLOCK_READS = {
    "now": {"timezone", "datetime", "dt"},
    "utcnow": {"datetime", "dt"},
    "today": {"datetime", "date", "dt"},
    "localtime": {"timezone", "time"},
    "localdate": {"timezone"},
    "time": {"time"},
    "time_ns": {"time"},
}


@dataclass(frozen=True)
class Module:
    """One Python file: where it is, relative to the repository, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        return self.path.split("/")[1] if self.path.count("/") > 1 else ""

    @property
    def layer(self) -> str:
        """The name that says what the file holds: views, models, rules, also for a file in a folder of that name."""
        parts = self.path.removesuffix(".py").split("/")
        return parts[2] if len(parts) > 2 else parts[-1]


@cache
def product_modules() -> tuple[Module, ...]:
    """Every Python file of the product, except migrations."""
    files = sorted(PRODUCT.rglob("*.py"))
    return tuple(
        Module(str(file.relative_to(ROOT)), file.read_text()) for file in files if "migrations" not in file.parts
    )


@cache
def repository_files() -> tuple[str, ...]:
    """Every file that is or would be committed, by its path in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return tuple(sorted(name for name in listed if (ROOT / name).is_file()))


def text_of(name: str) -> str | None:
    """The text of a repository file; None when it is no text."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def weight(text: str) -> int:
    """Lines that do something: not blank, not only a comment, no docstring, no import and no list of exports.

    The share of docstrings says nothing, and a file split into a folder of the same name must not ask for tests.
    """
    told = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.stmt) and _says_nothing(node)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return sum(
        1
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#") and number not in told
    )


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom) or (docstring and isinstance(node.value.value, str))  # type: ignore[union-attr]


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with its dotted name inside the module."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
                yield from walk(child, f"{prefix}{child.name}.")
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return walk(module.tree, "")


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, its docstring not counted: a long list of named arguments is no fault."""
    first, *rest = function.body
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if is_docstring and not rest:
        return 0
    start = rest[0] if is_docstring else first
    decorators = getattr(start, "decorator_list", [])
    begins = decorators[0].lineno if decorators else start.lineno
    return (function.end_lineno or begins) - begins + 1


def at(module: Module, node: ast.AST) -> str:
    """Where it is, as an editor opens it."""
    return f"{module.path}:{getattr(node, 'lineno', 1)}"


def reads_database(module: Module) -> list[str]:
    """Places that go to the database by themselves: ``Model.objects`` and its kin."""
    return [
        f"{at(module, node)} {node.attr}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in DATABASE_READERS
    ]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def reads_clock(module: Module) -> list[str]:
    """Places that ask the computer what time it is, called or passed on (``default=timezone.now``)."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and _name(node.value) in CLOCK_READS.get(node.attr, ()):
            found.append(f"{at(module, node)} {_name(node.value)}.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module in {"time", "django.utils.timezone"}:
            found += [f"{at(module, node)} {name.name}" for name in node.names if name.name in CLOCK_READS]
    return found


def asks_our_clock(node: ast.AST) -> list[ast.Call]:
    """Calls of ``clock.now()`` below ``node``."""
    return [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "now"
        and _name(call.func.value) == "clock"
    ]


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    """What ``node`` takes as true or false, or compares with an empty text."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.If | ast.IfExp | ast.While | ast.Assert):
        yield node.test
    elif isinstance(node, ast.BoolOp):
        yield from node.values
    elif isinstance(node, ast.comprehension):
        yield from node.ifs
    elif isinstance(node, ast.Compare) and any(
        isinstance(one, ast.Constant) and one.value == "" for one in _sides(node)
    ):
        yield from _sides(node)
    elif isinstance(node, ast.Call) and _name(node.func) in {"bool", "any", "all"}:
        yield from (one.elt if isinstance(one, ast.GeneratorExp) else one for one in node.args)


def _sides(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _strips(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "strip"
        and not node.args
    )


def _named(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each name and what it is set to."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                yield from zip(target.elts, node.value.elts, strict=False)
            else:
                yield target, node.value
    elif isinstance(node, ast.NamedExpr):
        yield node.target, node.value


def asks_if_stripped(tree: ast.AST) -> list[ast.expr]:
    """Places that take a text for nothing when no more than white space is gone: what nobody sees is still there."""
    scopes = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)] or [tree]
    found = {}
    for scope in scopes:
        inside = list(ast.walk(scope))
        stripped = {_name(name) for node in inside for name, value in _named(node) if _strips(value)} - {""}
        for asked in (one for node in inside for one in _asked(node)):
            value = asked.value if isinstance(asked, ast.NamedExpr) else asked
            if _strips(value) or (isinstance(value, ast.Name) and value.id in stripped):
                found[id(asked)] = asked
    return list(found.values())


def imports_now_itself(module: Module) -> list[str]:
    """``from …clock import now``: a test that stops the clock would not stop that copy."""
    return [
        at(module, node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("config.clock")
    ]


def uses(module: Module, *names: str) -> list[str]:
    """Places where one of ``names`` is used or imported."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute) and _name(node) in names:
            found.append(f"{at(module, node)} {_name(node)}")
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found += [f"{at(module, node)} {name.name}" for name in node.names if name.name in names]
    return found


def trusts_text(module: Module) -> list[str]:
    """Text given to ``Markup`` that was not written here; ``Markup("…{}").format(text)`` escapes what it is given."""
    return [
        f"{at(module, node)} Markup"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _name(node.func) == "Markup" and not _written_here(node.args)
    ]


def _written_here(arguments: list[ast.expr]) -> bool:
    return all(isinstance(argument, ast.Constant) for argument in arguments)


def overrides(module: Module, *names: str) -> list[str]:
    """Methods of classes that replace one of ``names``."""
    return [
        f"{at(module, function)} {owner.name}.{function.name}"
        for owner in ast.walk(module.tree)
        if isinstance(owner, ast.ClassDef)
        for function in owner.body
        if isinstance(function, ast.FunctionDef) and function.name in names
    ]


def listens_to_signals(module: Module) -> list[str]:
    """Imports of Django's model signals, or receivers."""
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            names = {name.name for name in node.names}
            if source in {"django.db.models.signals", "django.dispatch"} or (
                source == "django.db.models" and "signals" in names
            ):
                found.append(f"{at(module, node)} {source}")
    return found


def class_names(module: Module) -> list[tuple[str, str]]:
    """Every class: where, and its name."""
    return [(at(module, node), node.name) for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]


PERSON_WORDS = re.compile(r"(?<![A-Za-z])(?:[Pp]atients?|[Vv]ictims?|[Pp]erpetrators?|PATIENTS?|VICTIMS?)(?![a-z])")
NAMES_OF_THINGS = re.compile(r"patient safety|learn(?:ing)? from patient", re.IGNORECASE)
"""Titles of national frameworks, which are called what they are called."""


def person_words(text: str) -> list[tuple[int, str]]:
    """Words for people that are not used here, by line: it is the person supported."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        without_titles = NAMES_OF_THINGS.sub("", line)
        found += [(number, match.group()) for match in PERSON_WORDS.finditer(without_titles)]
    return found


def write_or_compare(page: Path, made: str, arguments: Sequence[str]) -> int:
    """Write a generated page when asked with ``--write``, else say whether it is current; the exit code."""
    if "--write" in arguments:
        page.write_text(made, encoding="utf-8")
        return 0
    current = page.exists() and page.read_text(encoding="utf-8") == made
    print("current" if current else "out of date: run make fix")
    return 0 if current else 1
