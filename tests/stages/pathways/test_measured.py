"""What measures read rows by is kept with them when they are written, and filled in for those of before."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from saferpractice.deadlines.models import Obligation
from saferpractice.pathways.models import PathwayRecord
from tests.factories.pathways import CONSULTATION, a_case, a_record
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R20", "R25")]

TWO = ("infection-risk", "refusal-of-care")
MIGRATION = importlib.import_module("saferpractice.pathways.migrations.0006_measured")


@pytest.fixture
def written(cast: Cast) -> list[PathwayRecord]:
    """A checklist, a consultation that is complete and one with a part missing."""
    case = a_case(cast)
    without = {name: value for name, value in CONSULTATION.items() if name != "wishes"}
    return [
        a_record(case, "checklist", 1, by=cast.worker, present=TWO),
        a_record(case, "consultation", 2, by=cast.worker, values=without),
        a_record(case, "consultation", 3, by=cast.worker, values=CONSULTATION),
    ]


def test_a_record_says_whether_it_was_complete(written: list[PathwayRecord]) -> None:
    assert [record.complete for record in written] == [True, False, True]


def test_an_obligation_names_its_standard_and_its_person(written: list[PathwayRecord]) -> None:
    owed = Obligation.objects.get(kind="pathways.owed")
    assert (owed.standard, owed.person_supported_id) == ("self-neglect.consult", written[0].case.person_supported_id)


def test_what_there_was_before_is_filled_in_alike(written: list[PathwayRecord]) -> None:
    Obligation.objects.filter(kind="pathways.owed").update(standard="", person_supported_id=None)
    MIGRATION.fill_in(apps, connection.schema_editor())  # another answer about a record would be refused: see below
    owed = Obligation.objects.get(kind="pathways.owed")
    assert (owed.standard, owed.person_supported_id) == ("self-neglect.consult", written[0].case.person_supported_id)
    assert [PathwayRecord.objects.get(pk=record.pk).complete for record in written] == [True, False, True]


@pytest.mark.parametrize("answer", [None, True])
def test_nobody_makes_a_record_complete_afterwards(written: list[PathwayRecord], answer: bool | None) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        PathwayRecord.objects.filter(pk=written[1].pk).update(complete=answer)
