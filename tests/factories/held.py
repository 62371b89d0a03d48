"""Records gathered for somebody who asked what is held about them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import local_day
from saferpractice.home.models import GatheredRecords
from saferpractice.home.operations import confirm_places, gather_records, release_records
from saferpractice.home.queries.answering import Answer, read_answer
from saferpractice.incidents.models import PersonSupported
from tests.personas import NOW

_keys = count()


def gathered(person_id: UUID, *, by: Person, at: datetime = NOW) -> GatheredRecords:
    """What is held about somebody, gathered on the day they asked."""
    person = PersonSupported.objects.get(pk=person_id)
    return gather_records(
        by=by,
        at=at,
        person=person,
        asked_by="The person",
        asked_on=local_day(at),
        submission_key=f"asked-{next(_keys)}",
    )


def answer(row: GatheredRecords, by: Person, at: datetime = NOW) -> Answer:
    """What it holds, and what is decided about it."""
    found = read_answer(row, by, at)
    assert found is not None
    return found


def confirmed(row: GatheredRecords, *, by: Person, at: datetime = NOW, keep: str = "") -> None:
    """Every place confirmed: taken out, but those that say ``keep``."""
    marks = answer(row, by, at).marks
    if marks:
        confirm_places(
            by=by,
            at=at,
            gathered=row,
            taken_out=[mark.key for mark in marks if mark.text != keep],
            kept=[mark.key for mark in marks if mark.text == keep],
        )


def released(person_id: UUID, *, by: Person, at: datetime = NOW) -> GatheredRecords:
    """Gathered, confirmed and released."""
    row = gathered(person_id, by=by, at=at)
    confirmed(row, by=by, at=at)
    release_records(by=by, at=at, gathered=row, to_whom="The person", how="by hand")
    return row
