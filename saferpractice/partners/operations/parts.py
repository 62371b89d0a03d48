"""What a partner does with a case: looks, adds its own part, answers, puts its own part right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from saferpractice.partners.models import Agency, Contact, PartnerPart, ShownRecord
from saferpractice.partners.permissions import check_partner_may_see
from saferpractice.partners.queries.seeing import Shared, part_of, shared_with
from saferpractice.partners.rules import answers_to, stands_alone
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import Correction, Kept, keep_record, lock_open_case
from saferpractice.pathways.queries import definition_of
from saferpractice.pathways.rules.definition import RecordKind
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner writes: of which kind, when it happened, and what. ``about`` is the id of what it answers."""

    kind: str
    happened_at: datetime
    values: Mapping[str, Any]
    about: str | None = None


@operation
def look(*, by: By, at: datetime, case: PathwayCase) -> Entry[list[Shared]]:
    """What the contact ``by`` sees of ``case``, written down as shown before it is given back.

    Raises:
        Refused: nothing of this case is shared with them.
    """
    contact = check_partner_may_see(by=by, at=at, case=case)
    found = shared_with(case, contact.agency)
    ShownRecord.objects.bulk_create(ShownRecord(case=case, contact=contact, record=each.row, at=at) for each in found)
    kinds = definition_of(case).kinds
    labels = [f"“{kinds[each.row.kind].label}”" for each in found]
    return Entry(
        result=found,
        subject=case,
        story_id=case.pk,
        sentence=f"was shown {', '.join(labels)}" if labels else "looked, and nothing was shared yet",
        facts={"agency": contact.agency_id, "records": [each.row.pk for each in found]},
    )


@operation
def add_part(
    *, by: By, at: datetime, case: PathwayCase, answer: Answer, submission_key: str
) -> Entry[PathwayRecord] | Already[PathwayRecord]:
    """Add a record of the partner's own. Staff see it at once, and what it meets is met.

    Raises:
        Refused: nothing of this case is shared with them, partners make no such record, or it answers something
            that is not shared with them.
        Invalid: an answer cannot be kept, or the case was closed meanwhile.
    """
    contact = check_partner_may_see(by=by, at=at, case=case)
    case = lock_open_case(case)
    kind = _kind(case, contact, answer)
    kept = _kept(contact, at, case, kind, answer, key=f"{contact.pk.hex}:{submission_key}")
    if not kept.new:
        return Already(kept.record)
    return Entry(
        result=kept.record,
        subject=case,
        story_id=case.pk,
        sentence=f"wrote down “{kind.label}”",
        facts={"agency": contact.agency_id, "owed": kept.owed},
    )


@operation
def correct_part(
    *, by: By, at: datetime, record: PathwayRecord, answer: Answer, reason: str, submission_key: str
) -> Entry[PathwayRecord] | Already[PathwayRecord]:
    """Put the partner's own part right by a record that stands beside it.

    Raises:
        Refused: it is not their own, or nothing of the case is shared with them any more.
        Invalid: as in ``add_part``; no reason, or a colleague put it right meanwhile.
    """
    contact = check_partner_may_see(by=by, at=at, case=record.case)
    case = lock_open_case(record.case)
    key = f"{contact.pk.hex}:{submission_key}"
    sent = case.records.filter(submission_key=key).exists()
    if part_of(contact, case, record.pk) is None and not sent:
        raise Refused("There is no such record among your own.")
    kind = definition_of(case).kinds.get(record.kind)
    if kind is None:
        raise Invalid("This is not asked any more, so it cannot be put right.")
    kept = _kept(contact, at, case, kind, answer, key=key, correction=Correction(record, reason))
    if not kept.new:
        return Already(kept.record)
    return Entry(result=kept.record, subject=case, story_id=case.pk, sentence=f"put “{kind.label}” right")


def _kept(
    contact: Contact,
    at: datetime,
    case: PathwayCase,
    kind: RecordKind,
    answer: Answer,
    *,
    key: str,
    correction: Correction | None = None,
) -> Kept:
    """The record kept on the case, and as the agency's own."""
    kept = keep_record(
        by=contact,
        at=at,
        case=case,
        definition=definition_of(case),
        kind=kind,
        happened_at=answer.happened_at,
        values=_filled(case, contact.agency, kind, answer, before=correction.of if correction else None),
        submission_key=key,
        correction=correction,
    )
    if kept.new:
        PartnerPart.objects.create(case=case, agency=contact.agency, contact=contact, record=kept.record)
    return kept


def _kind(case: PathwayCase, contact: Contact, answer: Answer) -> RecordKind:
    """The kind of record, when this partner may make it here.

    Raises:
        Refused: it may not.
    """
    definition = definition_of(case)
    kind = definition.kinds.get(answer.kind)
    seen: Sequence[Shared] = shared_with(case, contact.agency)
    if kind is not None and answer.about is None and stands_alone(kind):
        return kind
    about = next((each for each in seen if each.seen.root == answer.about), None)
    if kind is None or about is None or kind not in answers_to(definition, about.row.kind):
        raise Refused("There is nothing like that to write here.")
    return kind


def _filled(
    case: PathwayCase, agency: Agency, kind: RecordKind, answer: Answer, before: PathwayRecord | None = None
) -> dict[str, Any]:
    """What the partner wrote, with its own name and what it answers filled in: neither is theirs to choose."""
    ours: dict[str, Any] = {part.id: str(agency.pk) for part in kind.fields if part.type == "partner"}
    for part in kind.fields:
        if part.type == "record":
            ours[part.id] = before.values.get(part.id) if before is not None else answer.about
    asked = {name: value for name, value in answer.values.items() if name in kind.by_id}
    if len(asked) != len(answer.values):
        raise Invalid("Something was sent that is not asked here.")
    return {**asked, **ours}
