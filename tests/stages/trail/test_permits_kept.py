"""A table that is altered once rows of it may go by a permit: it goes on refusing, and the permit goes on counting."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from saferpractice.home.models import DisposalCertificate
from saferpractice.home.rules.belonging import GOES
from saferpractice.incidents.models import Incident
from saferpractice.trail.append_only import protect, protect_again, unprotect
from saferpractice.trail.queries import check_chain
from tests.databases import Database
from tests.factories.disposal import a_whole_story, disposed
from tests.factories.retention import a_finished_incident
from tests.personas import Cast, usual_cast

pytestmark = [pytest.mark.requirement("R5", "R7", "R34"), pytest.mark.timeout(900)]


@pytest.fixture
def cast(fresh_database: Database) -> Cast:
    return usual_cast()


def guards(kind: str = "delete") -> dict[str, str]:
    """By table, by what its trigger decides."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname = c.relname || %s",
                [f"_no_{kind}"],
            )
        else:
            cursor.execute(
                "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name = tbl_name || %s",
                [f"_no_{kind}"],
            )
        return dict(cursor.fetchall())


def refuses(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            done = cursor.rowcount
    except DatabaseError:
        return True
    assert done == 0, f"{statement}: {done} rows"
    return False


def applied(*operations: Any) -> None:
    with connection.schema_editor() as editor:
        for one in operations:
            one.database_forwards("home", editor, None, None)


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param([protect_again("incidents_harmgrading")], id="protected again"),
        pytest.param([unprotect("incidents_harmgrading"), protect("incidents_harmgrading")], id="taken off and put on"),
    ],
)
def test_a_permit_goes_on_counting_when_a_table_is_protected_again(cast: Cast, operations: Any) -> None:
    before = guards()
    assert "home_disposalpermit" in before["incidents_harmgrading"]
    incident = a_finished_incident(cast)
    applied(*operations)
    assert guards() == before
    assert refuses("DELETE FROM incidents_harmgrading")
    assert refuses("UPDATE incidents_harmgrading SET reason = 'Nothing happened'")
    disposed(incident, cast)
    assert not Incident.objects.exists()


def test_a_table_that_always_refused_refuses_on(cast: Cast) -> None:
    before = guards()
    applied(protect_again("home_disposalproposal"))
    assert guards() == before


@pytest.mark.parametrize("operation", [protect_again, unprotect])
@pytest.mark.parametrize("table", ["trail_trailentry", "access_accessentry"])
def test_a_table_of_which_words_may_be_emptied_is_not_touched_unawares(cast: Cast, operation: Any, table: str) -> None:
    before = guards("update")
    with pytest.raises(ValueError, match="let_empty again"):
        applied(operation(table))
    assert guards("update") == before


def test_a_service_that_is_brought_up_to_date_refused_before_refuses_after_and_can_dispose(cast: Cast) -> None:
    """Back to what was before any disposal, and forward again, with records in it."""
    incident = a_whole_story(cast, "Quillonby", person="P-7")
    was = set(guards())
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    executor.migrate([("home", "0003_retention"), ("trail", "0005_timestamp")])
    before = guards()
    assert set(before) >= {
        table for table in was if not table.startswith(("home_dispos", "home_proposed", "trail_empt"))
    }
    assert not any("home_disposalpermit" in words for words in {**before, **guards("update")}.values())
    for table in sorted(set(before) & set(GOES) | {"trail_trailentry", "access_accessentry"}):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')
            assert refuses(f'DELETE FROM "{table}"') is bool(cursor.fetchone()[0]), table
    assert refuses("UPDATE trail_trailentry SET sentence = '', facts = '{}', salt = ''")
    assert refuses("UPDATE access_accessentry SET detail = ''")

    MigrationExecutor(connection).migrate(leaves)

    assert set(guards()) == was
    assert refuses("DELETE FROM trail_trailentry")
    assert refuses("DELETE FROM incidents_incident")
    disposed(incident, cast)
    assert DisposalCertificate.objects.count() == 1
    assert not Incident.objects.exists()
    assert check_chain(cast.provider.pk).whole
