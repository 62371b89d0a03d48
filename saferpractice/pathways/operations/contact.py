"""How the person wants to be reached, as the team that works with them writes it down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from saferpractice.access.decisions import decided
from saferpractice.config import encryption
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.models import ContactPreference
from saferpractice.incidents.queries import preference_in_force, ways_context, ways_of
from saferpractice.incidents.rules import Way, problems_of_ways
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.permissions import check_can_write_down_ways
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def write_down_ways(
    *, by: By, at: datetime, case: PathwayCase, ways: Sequence[Way], from_on: date
) -> Entry[ContactPreference] | Already[ContactPreference]:
    """Write down how the person of ``case`` wants to be reached, the way they like best first, from a London day on.

    What held before stays on record. The trail says that it was written down and how many ways there are, never which
    number or address.

    Raises:
        Refused: ``by`` does not work on this case.
        Invalid: the list cannot stand, beside its field.
    """
    check_can_write_down_ways(by=by, at=at, case=case)
    problems = problems_of_ways(ways, from_on, local_day(at))
    if problems:
        raise Invalid(problems)
    person = case.person_supported
    newest = preference_in_force(person, from_on)
    if newest is not None and newest.from_on <= from_on and ways_of(newest) == list(ways):
        return Already(newest)
    preference = ContactPreference(
        person_supported=person, provider_id=case.provider_id, from_on=from_on, **decided(by, at)
    )
    listed = [{"method": way.method.value, "detail": way.detail, "note": way.note} for way in ways]
    preference.ways_encrypted = encryption.encrypt(json.dumps(listed), ways_context(preference))
    preference.save(force_insert=True)
    return Entry(
        result=preference,
        subject=preference,
        story_id=case.pk,
        sentence="wrote down how the person wants to be reached",
        facts={"ways": len(listed), "from": from_on.isoformat()},
    )
