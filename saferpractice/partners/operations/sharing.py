"""Share a record with a partner, and take it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from saferpractice.access.decisions import decided
from saferpractice.partners.models import Agency, SharingDecision
from saferpractice.partners.operations.telling import tell_contacts
from saferpractice.partners.permissions import check_can_share, check_is_ours
from saferpractice.partners.queries.seeing import facts_of
from saferpractice.partners.rules import can_be_shared, chains, standing_gifts, why_not
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import lock_open_case
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


@operation
def share(
    *,
    by: By,
    at: datetime,
    case: PathwayCase,
    agency: Agency,
    record_ids: Collection[UUID],
    with_name: bool = False,
) -> Entry[list[SharingDecision]] | Already[list[SharingDecision]]:
    """Share records with an agency, exactly as they stand now; those it sees so already are left alone.

    Raises:
        Refused: ``by`` may not share here.
        Invalid: nothing chosen, nothing may be shared with this agency (with why), or a record that is not to be
            shared or was put right meanwhile.
    """
    check_can_share(by=by, at=at, case=case)
    check_is_ours(case, agency)
    case = lock_open_case(case)
    facts = facts_of(case)
    problem = why_not(facts, str(agency.pk))
    if agency.ended_at is not None:
        problem = "The work with this partner has ended."
    if problem:
        raise Invalid({"agency": problem})
    if not record_ids:
        raise Invalid({"records": "Choose what is shared."})
    offered = {UUID(record.id) for record in can_be_shared(facts)}
    if not set(record_ids) <= offered:
        raise Invalid({"records": "Something chosen was put right meanwhile, or is not to be shared. Choose again."})
    before = {(UUID(gift.record), gift.with_name) for gift in standing_gifts(facts, str(agency.pk)).values()}
    wanted = [pk for pk in dict.fromkeys(record_ids) if (pk, with_name) not in before]
    if not wanted:
        return Already([])
    rows = {row.pk: row for row in case.records.filter(pk__in=wanted)}
    made = [_decision(by, at, case, agency, rows[pk], shared=True, with_name=with_name) for pk in wanted]
    tell_contacts(case, agency, at, key=f"shared:{made[0].pk}")
    labels = [facts.definition.kinds[rows[pk].kind].label for pk in wanted]
    return Entry(
        result=made,
        subject=case,
        story_id=case.pk,
        sentence=f"shared with {agency.name}: {', '.join(f'“{label}”' for label in labels)}",
        facts={"agency": agency.pk, "records": wanted, "with_name": with_name},
    )


@operation
def take_back(
    *, by: By, at: datetime, case: PathwayCase, agency: Agency, record: PathwayRecord
) -> Entry[SharingDecision | None] | Already[SharingDecision | None]:
    """Take back what was shared: from now on the agency does not see the record, whichever version it saw.

    Raises:
        Refused: ``by`` may not share here.
    """
    check_can_share(by=by, at=at, case=case)
    check_is_ours(case, agency)
    case = lock_open_case(case)
    facts = facts_of(case)
    roots = {version.id: root for root, chain in chains(facts.records).items() for version in chain}
    if roots.get(str(record.pk)) not in standing_gifts(facts, str(agency.pk)):
        return Already(None)
    made = _decision(by, at, case, agency, record, shared=False)
    return Entry(
        result=made,
        subject=case,
        story_id=case.pk,
        sentence=f"took back “{facts.definition.kinds[record.kind].label}” from {agency.name}",
        facts={"agency": agency.pk, "record": record.pk},
    )


def _decision(
    by: By,
    at: datetime,
    case: PathwayCase,
    agency: Agency,
    record: PathwayRecord,
    *,
    shared: bool,
    with_name: bool = False,
) -> SharingDecision:
    return SharingDecision.objects.create(
        provider_id=case.provider_id,
        case=case,
        agency=agency,
        record=record,
        shared=shared,
        with_name=with_name,
        **decided(by, at),
    )
