"""The five promises, held against every operation and every table there is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import datetime

import pytest
from django.apps import apps
from django.db import connection, models

import saferpractice
from saferpractice.access.decisions import Decided
from saferpractice.trail.operations import OPERATIONS
from saferpractice.trail.rules import Process

pytestmark = pytest.mark.requirement("R7", "R34")

PREPARES = {
    "assurance.as_defined",
    "access.place_of",
    "evidence.give_out",
    "exchange.bring_file",
    "incidents.send_report",
    "incidents.name_context",
}
"""Public helpers in operations modules that write nothing by themselves: they call operations, or only compute."""


PARTS = {
    "assurance.judge_again",
    "assurance.judge_with",
    "assurance.read_what_is_over",
    "changes.tell_other_stories",
    "changes.tell_owner",
    "incidents.who_reports",
    "partners.tell_partners",
    "pathways.keep_record",
    "pathways.replace_closed",
    "triage.answer_handover",
    "triage.keep_decision",
    "triage.keep_patterns",
    "triage.keep_proposal",
}
"""Parts that several operations of one stage share. Add one only when nothing but operations calls it."""


def operations_modules() -> list[str]:
    """Every module named ``operations``, and those inside a folder of that name."""
    found = []
    for info in pkgutil.walk_packages(saferpractice.__path__, "saferpractice."):
        parts = info.name.split(".")
        if "operations" in parts and parts[1] != "trail":
            importlib.import_module(info.name)
            found.append(info.name)
    return found


MODULES = operations_modules()


def test_there_are_operations_in_every_stage() -> None:
    rooms = {name.split(".")[0] for name in OPERATIONS}
    assert {"access", "incidents", "triage", "reviews", "findings", "changes", "assurance", "deadlines"} <= rooms


def functions_that_act() -> list[str]:
    """Public functions in operations modules that take ``by`` and ``at`` and so act for somebody."""
    found = []
    for name in MODULES:
        module = importlib.import_module(name)
        room = name.split(".")[1]
        for label, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == name and not label.startswith("_")
            if own and {"by", "at"} <= inspect.signature(function).parameters.keys():
                found.append(f"{room}.{label}")
    return found


def test_whatever_acts_is_an_operation_and_so_on_the_trail() -> None:
    assert sorted(set(functions_that_act()) - set(OPERATIONS) - PREPARES - PARTS) == []


def test_no_exception_is_kept_for_what_is_gone() -> None:
    assert sorted(PARTS - set(functions_that_act())) == []


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_takes_who_and_when_by_keyword(name: str) -> None:
    parameters = inspect.signature(OPERATIONS[name]).parameters
    assert {"by", "at"} <= parameters.keys()
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters.values())


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_refuses_a_moment_without_a_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        OPERATIONS[name](by=Process("test"), at=datetime(2026, 3, 4))  # noqa: DTZ001


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.requirement("R5")
def test_no_operation_takes_what_must_be_computed(name: str) -> None:
    typed = {"defensible", "verdict", "status", "strength", "proposed_tier", "rule_id"}
    assert not typed & inspect.signature(OPERATIONS[name]).parameters.keys()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_says_what_it_does(name: str) -> None:
    assert (inspect.getdoc(OPERATIONS[name]) or "").strip()


def decision_tables() -> list[str]:
    """Tables of rows that are added and never changed."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if issubclass(model, Decided) and not model._meta.abstract
    )


def triggers_of(table: str) -> set[str]:
    """The names of the triggers on a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        return {row[0] for row in cursor.fetchall()}


ALSO_HELD = [
    "trail_trailentry",
    "trail_seal",
    "trail_timestamp",
    "access_accessentry",
    "access_roleassignment",
    "incidents_incident",
    "files_storedfile",
]


@pytest.mark.django_db
@pytest.mark.parametrize("table", [*decision_tables(), *ALSO_HELD])
def test_the_database_refuses_to_change_or_delete_a_decision(table: str) -> None:
    assert {f"{table}_no_update", f"{table}_no_delete"} <= triggers_of(table)


def test_what_obligations_point_at_has_a_uuid_key() -> None:
    counted = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("saferpractice.")
        and not isinstance(model._meta.pk, models.UUIDField)
        and not model._meta.auto_created
    ]
    assert sorted(counted) == ["incidents.ReferenceCounter", "jobs.Heartbeat"]
