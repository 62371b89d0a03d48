"""What is recorded of a person for the equity view, by somebody who works with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.config import encryption
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.models import PersonCharacteristics, PersonSupported
from saferpractice.incidents.queries import characteristics_context, characteristics_of, groups_recorded
from saferpractice.incidents.rules import Characteristic, problems_of_characteristics
from saferpractice.pathways.permissions import check_can_record_characteristics
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def record_characteristics(
    *, by: By, at: datetime, person: PersonSupported, answers: Mapping[Characteristic, str]
) -> Entry[PersonCharacteristics] | Already[PersonCharacteristics]:
    """Record which groups a person belongs to, as far as the provider records it. What was recorded before stays.

    The trail says that it was recorded and of how many characteristics, never which answer.

    Raises:
        Refused: ``by`` does not work with this person.
        Invalid: an answer is none of the list, beside its characteristic.
    """
    check_can_record_characteristics(by=by, at=at, person=person)
    given = {what: code for what, code in answers.items() if code}
    problems = problems_of_characteristics(given, groups_recorded(person.provider_id, local_day(at)))
    if problems:
        raise Invalid(problems)
    newest = person.characteristics.order_by("-decided_at", "-pk").first()
    if newest is not None and characteristics_of([person.pk])[person.pk] == given:
        return Already(newest)
    row = PersonCharacteristics(person_supported=person, provider_id=person.provider_id, **decided(by, at))
    kept = json.dumps({what.value: code for what, code in given.items()}, sort_keys=True)
    row.answers_encrypted = encryption.encrypt(kept, characteristics_context(row))
    row.save(force_insert=True)
    return Entry(
        result=row,
        subject=row,
        sentence="recorded characteristics of a person supported",
        facts={"characteristics": len(given)},
    )
