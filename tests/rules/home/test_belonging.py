"""Every table is decided about: its rows go with an incident, by a way that leads to it, or they stay, for a reason."""

from __future__ import annotations

import pytest
from django.apps import apps

from saferpractice.home.rules.belonging import (
    EMPTIED,
    GOES,
    INCIDENT,
    PERSON,
    SHARED,
    SOMETHING,
    STAYS,
    order_of_reading,
    why_shared,
)

pytestmark = pytest.mark.requirement("R34")

TABLES = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
FOUND_OTHERWISE = {"deadlines_outboxmessage", "evidence_textconfirmation"}


def test_every_table_is_decided_about_once() -> None:
    assert sorted(set(TABLES) - set(GOES) - set(STAYS)) == [], (
        "say in belonging.py whether it goes, and how, or why not"
    )
    assert sorted((set(GOES) | set(STAYS)) - set(TABLES)) == []
    assert sorted(set(GOES) & set(STAYS)) == []


@pytest.mark.parametrize("table", sorted(GOES))
def test_each_way_leads_to_an_incident_or_a_person(table: str) -> None:
    """Followed back, step by step, nothing else is where it begins."""
    seen, now = set[str](), {table}
    while now:
        seen |= now
        now = {way.table for each in now for way in GOES[each]} - seen
    assert {each for each in seen if not GOES[each]} <= {INCIDENT, PERSON} | FOUND_OTHERWISE
    assert table in FOUND_OTHERWISE or seen & {INCIDENT, PERSON}


@pytest.mark.parametrize("table", sorted(GOES))
def test_each_way_is_there(table: str) -> None:
    columns = {field.column for field in TABLES[table]._meta.local_fields}
    assert {way.column for way in GOES[table]} <= columns
    for way in GOES[table]:
        assert way.key in {field.column for field in TABLES[way.table]._meta.local_fields}


@pytest.mark.parametrize("table", sorted(GOES))
def test_a_row_that_names_an_incident_goes_by_it(table: str) -> None:
    """A table with the incident in a column of its own is asked by that column, and not by a longer way alone."""
    names = {field.column for field in TABLES[table]._meta.local_fields if field.remote_field} & {"incident_id"}
    by = {way.column for way in GOES[table]}
    assert names <= by or table in {"pathways_replaycase", "triage_repeatedpattern_earlier"}


def test_what_belongs_is_read_behind_what_it_belongs_to() -> None:
    order = order_of_reading()
    assert sorted(order) == sorted(GOES)
    assert [
        (table, way.table) for table in order for way in GOES[table] if order.index(way.table) >= order.index(table)
    ] == []


def test_what_is_emptied_stays_and_has_those_columns() -> None:
    for table, columns in EMPTIED.items():
        assert table in STAYS
        assert set(columns) <= {field.column for field in TABLES[table]._meta.local_fields}


def test_everything_shared_is_a_table_and_says_why_in_a_sentence() -> None:
    assert set(SHARED) <= set(TABLES)
    assert all(words[0].isupper() and not words.endswith(".") for words in SHARED.values())
    assert why_shared("assurance_ownmeasure") == SOMETHING
    assert why_shared("evidence_lesson") == SHARED["evidence_lesson"]


def test_every_table_that_stays_has_a_reason() -> None:
    assert [table for table, why in STAYS.items() if len(why) < 15] == []
