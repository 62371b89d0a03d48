"""What the pages of pathways share: who may read, and the case of an address."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest

from saferpractice.access.looks import record_look
from saferpractice.access.models import Person
from saferpractice.access.web import person_of
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.lists.queries import choices
from saferpractice.pathways.beside import partners_of
from saferpractice.pathways.forms.cases import Offered, Other
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.permissions import (
    can_read_pathways,
)
from saferpractice.pathways.presenters import record_label
from saferpractice.pathways.queries import (
    case_seen,
    lists_named,
    records_newest_first,
    standing_entries,
    worked_by,
)

PAGE = 50


def reader(request: HttpRequest, at: datetime) -> Person:
    """Who asks, when they may read how practice works; else no such page."""
    person = person_of(request)
    if not can_read_pathways(person, at):
        raise Http404
    return person


def offered_on(found: PathwayCase, at: datetime) -> Offered:
    """What the fields of a record on this case offer at ``at``."""
    worked, on = worked_by(found), local_day(at)
    standing = {entry.root for entry in standing_entries(found, at)}
    return Offered(
        partners=partners_of(found.provider_id),
        lists={code: choices(code, provider_id=found.provider_id, on=on) for code in sorted(lists_named(worked))},
        others=[
            Other(str(record.pk), record.kind, record_label(record, worked))
            for record in records_newest_first(found)
            if str(record.pk) in standing
        ],
    )


def case_of_page(request: HttpRequest, case_id: UUID, page: str) -> tuple[Person, datetime, PathwayCase]:
    """The case, with the look recorded; the same "no such page" for "not yours" and "not there"."""
    person, at = person_of(request), clock.now()
    found = case_seen(person, at, case_id)
    if found is None:
        raise Http404
    record_look(by=person, at=at, page=page, story_id=found.pk)
    return person, at, found
