"""Begin a case with the first thing written down on it: the first indicator ticked opens the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from saferpractice.access.models import Person, Team
from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import kept_reference
from saferpractice.pathways.models import PathwayRecord, PathwayVersion
from saferpractice.pathways.operations.cases import open_case, write_record
from saferpractice.pathways.queries import case_to_tick, definition_of, definition_of_version
from saferpractice.trail.operations import Already, Entry, operation, twice_at_once
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

NOTHING_TICKED = "Tick what is present. A case is opened by the first one ticked; with none of them nothing is opened."


@operation
def begin_case(
    *,
    by: By,
    at: datetime,
    team: Team,
    version: PathwayVersion,
    person_reference: str,
    happened_at: datetime,
    values: Mapping[str, Any],
    submission_key: str,
    incident: Incident | None = None,
) -> Entry[PathwayRecord] | Already[PathwayRecord]:
    """Open a case and write its first record, both or neither. Where a case is open already, write on that one.

    The same ``submission_key`` again gives the same record on the same case.

    Raises:
        Refused: ``by`` does not work in or for ``team``, or may not make such records there.
        Invalid: nothing is ticked, an answer cannot be kept, or the key was used for something else.
    """
    earlier = PathwayRecord.objects.filter(case__provider_id=team.provider_id, submission_key=submission_key).first()
    if earlier is not None and not _is_about(earlier, version, person_reference):
        raise Invalid("This was already sent, for somebody else or on another pathway. Begin anew.")
    standing = earlier.case if earlier else None
    if earlier is None and incident is None and isinstance(by, Person):
        # one from an incident is that incident's own, which opening finds
        standing = case_to_tick(by, at, person_reference, version.pathway, Team.objects.filter(pk=team.pk))
    made = (definition_of(standing) if standing else definition_of_version(version)).begins_with
    if standing is None and made.ticks and not any(values.get(part.id) for part in made.ticks):
        raise Invalid({made.ticks[0].id: NOTHING_TICKED})
    case = standing or open_case(
        by=by,
        at=at,
        team=team,
        version=version,
        person_reference=person_reference,
        submission_key=submission_key,
        incident=incident,
    )
    record = write_record(
        by=by,
        at=at,
        case=case,
        kind=made.id,
        happened_at=happened_at,
        values=values,
        submission_key=submission_key,
    )
    if earlier is not None:
        return Already(record)
    did = "wrote on the case that was open" if standing else "began a case"
    return Entry(
        result=record,
        subject=case,
        story_id=case.pk,
        sentence=f"{did} on the pathway “{case.version.title}” with “{made.label}”",
    )


def send_beginning(**given: Any) -> PathwayRecord:
    """``begin_case``, also when it is tapped twice at one moment: the loser finds the winner's case and record."""
    return twice_at_once(lambda: begin_case(**given))


def _is_about(record: PathwayRecord, version: PathwayVersion, reference: str) -> bool:
    case = record.case
    return (case.person_supported.reference, case.version.pathway) == (kept_reference(reference), version.pathway)
