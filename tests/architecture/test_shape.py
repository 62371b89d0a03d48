"""Sizes are signs to look, and a few shapes are promises."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from tests.architecture.source import (
    ROOT,
    Module,
    asks_if_stripped,
    asks_our_clock,
    at,
    class_names,
    functions,
    imports_now_itself,
    length,
    listens_to_signals,
    overrides,
    product_modules,
    reads_clock,
    reads_database,
    repository_files,
    text_of,
    trusts_text,
    uses,
    weight,
)

LONGEST_MODULE = 400
LONGEST_FUNCTION = 50
# Each entry needs its reason. Longer than the ceiling is allowed where cutting would hide more than it shows.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

WEB = {"views", "forms", "presenters", "urls", "templates", "templatetags"}
# In another site's frame there is no cookie; a ticket signed by us stands in the form, and its tests hold it.
GUARDED_BY_A_TICKET = {"saferpractice/exchange/views/embedded.py"}
# Files, settings, addresses and our own sentences are read there, and nothing that a person was asked.
READ_LINES_AND_FILES = {
    "saferpractice/config/encryption.py",
    "saferpractice/config/secrets.py",
    "saferpractice/config/settings.py",
    "saferpractice/design/days.py",
    "saferpractice/design/uploads.py",
    "saferpractice/evidence/queries/known.py",
    "saferpractice/evidence/queries/packs/naming.py",
    "saferpractice/exchange/rules/links.py",
    "saferpractice/exchange/rules/table.py",
    "saferpractice/lists/rules/wording.py",
    "saferpractice/trail/check_pack.py",
    "saferpractice/trail/keys.py",
    "saferpractice/trail/operations.py",
    "saferpractice/trail/refusals.py",
}
MAY_ASK_THE_CLOCK = {"views", "management", "middleware", "adapter", "worker", "web", "apps"}
TOO_WIDE_ALONE = {"Action", "Audit", "Change", "Event", "Notification", "Task"}


def over(modules: tuple[Module, ...], ceiling: int, allowed: dict[str, str]) -> list[str]:
    """Modules longer than ``ceiling``."""
    long = [(module.path, len(module.text.splitlines())) for module in modules]
    return [f"{path}: {lines} lines" for path, lines in long if lines > ceiling and path not in allowed]


def long_functions(modules: tuple[Module, ...], ceiling: int, allowed: dict[str, str]) -> list[str]:
    """Functions longer than ``ceiling``."""
    return [
        f"{at(module, function)} {name}: {length(function)} lines"
        for module in modules
        for name, function in functions(module)
        if length(function) > ceiling and f"{module.path}::{name}" not in allowed
    ]


TESTS_WEIGH_AT_LEAST = 1.4
"""Lines of test for each line of code, docstrings, imports and exports counted on neither side. Raise it only."""


class TestSize:
    def test_modules(self) -> None:
        assert over(product_modules(), LONGEST_MODULE, LONG_MODULES) == []

    def test_functions(self) -> None:
        assert long_functions(product_modules(), LONGEST_FUNCTION, LONG_FUNCTIONS) == []

    def test_no_exception_outlives_its_reason(self) -> None:
        long = {line.split(":")[0] for line in over(product_modules(), LONGEST_MODULE, {})}
        longer = {
            f"{module.path}::{name}"
            for module in product_modules()
            for name, function in functions(module)
            if length(function) > LONGEST_FUNCTION
        }
        assert set(LONG_MODULES) <= long
        assert set(LONG_FUNCTIONS) <= longer

    def test_the_ceilings_are_felt(self) -> None:
        module = Module("saferpractice/x/rules.py", "def f():\n" + '    """One."""\n' + "    a = 1\n" * 51)
        assert over((module,), 50, {}) == ["saferpractice/x/rules.py: 53 lines"]
        assert long_functions((module,), 50, {}) == ["saferpractice/x/rules.py:1 f: 51 lines"]
        assert long_functions((module,), 51, {}) == [], "the docstring does not count"

    def test_the_tests_do_not_grow_lighter(self) -> None:
        code = sum(weight(module.text) for module in product_modules())
        tests = sum(weight(file.read_text()) for file in (ROOT / "tests").rglob("*.py"))
        assert tests >= TESTS_WEIGH_AT_LEAST * code, f"tests weigh {tests / code:.2f} times the code"


class TestDatabase:
    def test_only_models_queries_and_operations_go_there(self) -> None:
        web = [module for module in product_modules() if module.layer in WEB]
        assert [place for module in web for place in reads_database(module)] == []

    def test_pages_do_not_either(self) -> None:
        templates = [name for name in repository_files() if "/templates/" in name]
        assert [name for name in templates if ".objects" in (text_of(name) or "")] == []

    def test_tables_hold_no_logic(self) -> None:
        models = [module for module in product_modules() if module.layer == "models"]
        replaced = ("save", "delete", "full_clean", "bulk_create")
        assert [place for module in models for place in overrides(module, *replaced)] == []

    def test_nothing_happens_behind_one_s_back(self) -> None:
        assert [place for module in product_modules() for place in listens_to_signals(module)] == []


class TestClock:
    def test_one_module_reads_it(self) -> None:
        others = [module for module in product_modules() if module.path != "saferpractice/config/clock.py"]
        assert [place for module in others for place in reads_clock(module)] == []

    def test_only_views_commands_and_the_worker_ask(self) -> None:
        others = [module for module in product_modules() if module.layer not in MAY_ASK_THE_CLOCK]
        assert [at(module, call) for module in others for call in asks_our_clock(module.tree)] == []

    def test_and_they_ask_once(self) -> None:
        twice = [
            f"{at(module, function)} {name}"
            for module in product_modules()
            for name, function in functions(module)
            if len(asks_our_clock(function)) > 1
        ]
        assert twice == []

    def test_by_its_full_name_so_that_tests_can_stop_it(self) -> None:
        assert [place for module in product_modules() for place in imports_now_itself(module)] == []


class TestSafety:
    def test_text_is_escaped(self) -> None:
        others = [module for module in product_modules() if module.room != "design"]
        assert [place for module in others for place in uses(module, "mark_safe", "SafeString")] == []
        assert [place for module in others for place in trusts_text(module)] == []

    def test_pages_escape_too(self) -> None:
        pages = [name for name in repository_files() if "/templates/" in name and "/design/" not in name]
        bad = ("|safe", "| safe", "autoescape false", "autoescape off")
        assert [f"{name}: {word}" for name in pages for word in bad if word in (text_of(name) or "")] == []

    def test_every_form_is_protected(self) -> None:
        others = [module for module in product_modules() if module.path not in GUARDED_BY_A_TICKET]
        assert [place for module in others for place in uses(module, "csrf_exempt")] == []


def test_what_weighs() -> None:
    told = '"""Told.\n\nAt length."""\n\n# Why.\nx = 1\n"""What x is."""\n\n'
    told += 'from a import (\n    b,\n)\n\n__all__ = [\n    "b",\n]\n'
    assert weight(told + 'def f():\n    """Told."""\n    return "text"\n') == 3


def test_wide_words_are_not_used_alone() -> None:
    names = [(place, name) for module in product_modules() for place, name in class_names(module)]
    assert [f"{place} {name}" for place, name in names if name in TOO_WIDE_ALONE] == []


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (reads_database, "people = Person.objects.all()"),
        (reads_database, "people = get_user_model()._default_manager.get()"),
        (reads_clock, "from django.utils import timezone\nat = timezone.now()"),
        (reads_clock, "made_at = DateTimeField(default=timezone.now)"),
        (reads_clock, "import datetime\nat = datetime.datetime.now(datetime.UTC)"),
        (reads_clock, "on = date.today()"),
        (reads_clock, "import time\nstarted = time.time()"),
        (reads_clock, "from time import time"),
        (reads_clock, "from django.utils.timezone import now"),
        (imports_now_itself, "from saferpractice.config.clock import now"),
        (listens_to_signals, "from django.db.models.signals import post_save"),
        (listens_to_signals, "from django.dispatch import receiver"),
        (listens_to_signals, "from django.db.models import signals"),
        (lambda module: uses(module, "mark_safe"), "from django.utils.safestring import mark_safe"),
        (lambda module: uses(module, "mark_safe"), "safestring.mark_safe(text)"),
        (trusts_text, "link = Markup(text)"),
        (trusts_text, "link = markupsafe.Markup(f'<a>{text}</a>')"),
        (lambda module: uses(module, "csrf_exempt"), "@csrf_exempt\ndef view(request): ..."),
        (lambda module: overrides(module, "save"), "class A(Model):\n    def save(self): ..."),
        (lambda module: asks_our_clock(module.tree), "at = clock.now()"),
    ],
)
def test_each_check_finds_what_it_looks_for(check: Callable[[Module], list[str]], source: str) -> None:
    assert check(Module("saferpractice/incidents/views.py", source))


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (reads_database, "seen = incidents_seen_by(person)"),
        (reads_clock, "at = clock.now()"),
        (reads_clock, "import time\nstarted = time.monotonic()"),
        (reads_clock, "on = moment.date()"),
        (trusts_text, "link = Markup('<a>{}</a>').format(text)"),
        (imports_now_itself, "from saferpractice.config import clock"),
        (lambda module: overrides(module, "save"), "class A(Form):\n    def saved(self): ..."),
    ],
)
def test_and_nothing_else(check: Callable[[Module], list[str]], source: str) -> None:
    assert not check(Module("saferpractice/incidents/views.py", source))


def test_a_file_in_a_folder_belongs_to_its_layer() -> None:
    assert Module("saferpractice/triage/queries/patterns.py", "").layer == "queries"
    assert Module("saferpractice/triage/views.py", "").layer == "views"
    assert Module("saferpractice/jobs/management/commands/serve.py", "").layer == "management"
    assert isinstance(Module("saferpractice/loop.py", "a = 1").tree, ast.Module)


class TestWhatIsTyped:
    def test_one_function_says_whether_anything_is_written(self) -> None:
        others = [module for module in product_modules() if module.path not in READ_LINES_AND_FILES]
        assert [at(module, call) for module in others for call in asks_if_stripped(module.tree)] == []

    def test_no_exception_outlives_its_reason(self) -> None:
        asking = {module.path for module in product_modules() if list(asks_if_stripped(module.tree))}
        assert asking >= READ_LINES_AND_FILES

    @pytest.mark.parametrize(
        "text",
        [
            "if not a.strip(): pass",
            "b = 1 if a.b.strip() else 2",
            "b = bool(a['x'].strip())",
            "b = [x for x in y if x.strip()]",
            "b = c and not a.strip()",
            "b = a.strip() or 'nothing'",
            "b = any(x.strip() for x in y)",
            "b = a.strip() == ''",
            "b = ''\nb = a.strip()\nif not b: pass",
        ],
    )
    def test_it_is_found(self, text: str) -> None:
        assert list(asks_if_stripped(ast.parse(text)))

    def test_keeping_it_without_space_is_something_else(self) -> None:
        assert not list(asks_if_stripped(ast.parse("if as_written(a): b = a.strip()\nif len(a.strip()) > 9: pass")))
