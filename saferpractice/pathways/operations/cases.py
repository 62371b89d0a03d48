"""Open a case, write down what happens, put it right, close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from saferpractice.access.decisions import decided
from saferpractice.access.models import Team
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.permissions import check_can_open
from saferpractice.incidents.rules import LONGEST_REFERENCE, kept_reference
from saferpractice.pathways.beside import after_record, written_by_others
from saferpractice.pathways.models import CaseClosing, PathwayCase, PathwayRecord, PathwayVersion
from saferpractice.pathways.operations.owing import bring_up_to_date
from saferpractice.pathways.operations.supervision import follow_supervision, replace_closed
from saferpractice.pathways.permissions import check_can_close, check_can_open_case, check_can_see_case, check_can_write
from saferpractice.pathways.queries import kinds_to_write, known_of, state_of, version_in_use, worked_by
from saferpractice.pathways.rules.definition import Definition, RecordKind
from saferpractice.pathways.rules.timeline import lacking
from saferpractice.pathways.rules.values import checked_values, read_values
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By


@operation
def open_case(
    *,
    by: By,
    at: datetime,
    team: Team,
    version: PathwayVersion,
    person_reference: str,
    submission_key: str,
    incident: Incident | None = None,
) -> Entry[PathwayCase] | Already[PathwayCase]:
    """Open a case of a person supported on a pathway; one that is open already is given back instead of a second.

    Raises:
        Refused: ``by`` does not work in or for ``team``, or may not open ``incident``.
        Invalid: no reference, or a pathway or incident of another provider.
    """
    check_can_open_case(by=by, at=at, team=team)
    if incident is not None:
        check_can_open(by=by, at=at, incident=incident)
    reference = kept_reference(person_reference)
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise Invalid({"person_reference": f"Enter the person's reference, {LONGEST_REFERENCE} characters at most."})
    used = version_in_use(team.provider_id, version.pathway, at)  # a newer one may have gone live since the page
    if used is None or (incident is not None and incident.provider_id != team.provider_id):
        raise Invalid({"version": "Choose a pathway that is in use here."})
    person, _ = PersonSupported.objects.select_for_update().get_or_create(provider=team.provider, reference=reference)
    standing = PathwayCase.objects.open().filter(
        person_supported=person, team=team, version__pathway=version.pathway, incident=incident
    )
    earlier = (
        standing.first() or PathwayCase.objects.filter(provider=team.provider, submission_key=submission_key).first()
    )
    if earlier is not None:
        check_can_see_case(by=by, at=at, case=earlier)
        return Already(earlier)
    case = PathwayCase.objects.create(
        provider_id=team.provider_id,
        team=team,
        person_supported=person,
        version=used,
        incident=incident,
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(
        result=case,
        subject=case,
        story_id=case.pk,
        sentence=f"opened a case on the pathway “{used.title}”",
        facts={"team": team.name, "version": used.number},
    )


@operation
def write_record(
    *,
    by: By,
    at: datetime,
    case: PathwayCase,
    kind: str,
    happened_at: datetime,
    values: Mapping[str, Any],
    submission_key: str,
) -> Entry[PathwayRecord] | Already[PathwayRecord]:
    """Write something down on a case, and bring what is owed up to date with it.

    The same ``submission_key`` again gives the same record. A record that lacks something is kept and does not count
    until it is completed by a correction.

    Raises:
        Refused: ``by`` may not make such records here.
        Invalid: an answer cannot be kept, it happens in the future, the case is closed, or the key was used for
            something else.
    """
    writing = _open_to_write(by, at, case, kind)
    kept = keep_record(
        by=by,
        at=at,
        case=writing.case,
        definition=writing.definition,
        kind=writing.kind,
        happened_at=happened_at,
        values=values,
        submission_key=submission_key,
    )
    if not kept.new:
        return Already(kept.record)
    return Entry(
        result=kept.record,
        subject=writing.case,
        story_id=writing.case.pk,
        sentence=f"wrote down “{writing.kind.label}”",
        facts={"owed": kept.owed},
    )


@operation
def correct_record(
    *,
    by: By,
    at: datetime,
    record: PathwayRecord,
    happened_at: datetime,
    values: Mapping[str, Any],
    reason: str,
    submission_key: str,
    withdrawn: bool = False,
) -> Entry[PathwayRecord] | Already[PathwayRecord]:
    """Put a record right by one that stands beside it, or say that nothing of the sort happened (``withdrawn``).

    Raises:
        Refused: ``by`` may not make such records here, or it is not for staff to put right.
        Invalid: no reason, an answer that cannot be kept, or somebody put the same record right meanwhile.
    """
    writing = _open_to_write(by, at, record.case, record.kind)
    case, made = writing.case, writing.kind
    if record.pk in written_by_others(case):
        raise Refused("These are somebody else's words. Only they can put them right; write down yours beside them.")
    kept = keep_record(
        by=by,
        at=at,
        case=case,
        definition=writing.definition,
        kind=made,
        happened_at=record.happened_at if withdrawn else happened_at,
        values={} if withdrawn else values,
        submission_key=submission_key,
        correction=Correction(record, reason, withdrawn=withdrawn),
    )
    if not kept.new:
        return Already(kept.record)
    did = f"said that “{made.label}” did not happen" if withdrawn else f"put “{made.label}” right"
    return Entry(result=kept.record, subject=case, story_id=case.pk, sentence=did, facts={"owed": kept.owed})


@operation
def close_case(*, by: By, at: datetime, case: PathwayCase, reason: str) -> Entry[CaseClosing] | Already[CaseClosing]:
    """Close a case. Only when its pathway allows it and nothing but what repeats is still owed.

    Raises:
        Refused: ``by`` may not close cases here.
        Invalid: it may not be closed yet, with what must be there first.
    """
    check_can_close(by=by, at=at, case=case)
    case = PathwayCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    earlier = CaseClosing.objects.filter(case=case).first()
    if earlier is not None:
        return Already(earlier)
    if not as_written(reason):
        raise Invalid({"reason": "Say why it is closed."})
    state = state_of(case, at)
    if not state.may_close:
        raise Invalid(f"This case cannot be closed yet. {state.why_not_close}")
    closing = CaseClosing.objects.create(case=case, reason=reason.strip(), **decided(by, at))
    bring_up_to_date(case, at)
    replace_closed(by, at, case)
    return Entry(result=closing, subject=case, story_id=case.pk, sentence="closed the case")


def send_record(**given: Any) -> PathwayRecord:
    """``write_record``, also when the same form is sent twice at one moment: the loser finds the winner's."""
    try:
        return write_record(**given)
    except IntegrityError:
        return write_record(**given)


@dataclass(frozen=True, slots=True)
class Correction:
    """Which record is put right, and why; ``withdrawn`` when nothing of the sort happened."""

    of: PathwayRecord
    reason: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it was kept, the titles of what became owed with it, and whether it is new."""

    record: PathwayRecord
    owed: list[str]
    new: bool = True


def keep_record(
    *,
    by: By,
    at: datetime,
    case: PathwayCase,
    definition: Definition,
    kind: RecordKind,
    happened_at: datetime,
    values: Mapping[str, Any],
    submission_key: str,
    correction: Correction | None = None,
) -> Kept:
    """Keep a record of ``case`` (locked: ``lock_open_case``) and what follows from it. Call inside an operation.

    ``definition`` is the one of the case that has ``kind``. Whoever calls has checked that ``by`` may.

    Raises:
        Invalid: an answer cannot be kept, it happens in the future, the key was used for something else; for a
            correction also: no reason, or somebody put the same record right meanwhile.
    """
    earlier = case.records.filter(submission_key=submission_key).first()
    gone = correction is not None and correction.withdrawn
    kept = {} if gone else _kept(case, definition, kind, at=at, happened_at=happened_at, values=values)
    if earlier is not None:
        return Kept(_again(earlier, kind.id, kept), [], new=False)
    if correction is not None:
        _check_correction(correction)
    elif kind.id not in kinds_to_write(case, at):
        raise Invalid("This pathway asks for no such record any more.")
    record = PathwayRecord.objects.create(
        case=case,
        kind=kind.id,
        happened_at=happened_at,
        values=kept,
        complete=None if gone else not lacking(kind, read_values(kind, kept)),
        corrects=correction.of if correction else None,
        withdrawn=gone,
        reason=correction.reason.strip() if correction else "",
        submission_key=submission_key,
        **decided(by, at),
    )
    owed = bring_up_to_date(case, at)
    follow_supervision(case, at)
    after_record(by, at, case, record)
    return Kept(record, owed)


def _check_correction(correction: Correction) -> None:
    if not as_written(correction.reason):
        raise Invalid({"reason": "Say why it is put right."})
    if correction.of.corrections.exists():
        raise Invalid(
            "Somebody put this record right meanwhile. Look at what stands now, and put that right if need be."
        )


def lock_open_case(case: PathwayCase) -> PathwayCase:
    """``case``, locked so that writers take turns.

    Raises:
        Invalid: it is closed.
    """
    held = PathwayCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    _must_be_open(held)
    return held


def _must_be_open(case: PathwayCase) -> None:
    if CaseClosing.objects.filter(case=case).exists():
        raise Invalid("This case is closed. Open a new one.")


@dataclass(frozen=True, slots=True)
class _Writing:
    """A case, locked so that writers take turns, and the kind of record to write on it, with its definition."""

    case: PathwayCase
    definition: Definition
    kind: RecordKind


def _open_to_write(by: By, at: datetime, case: PathwayCase, kind: str) -> _Writing:
    """What is needed to write a record of ``kind``, or to put one right.

    Raises:
        Refused: ``by`` may not.
        Invalid: no such kind, or the case is closed.
    """
    check_can_see_case(by=by, at=at, case=case)
    held = PathwayCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    definition = worked_by(held).asking_for(kind)
    if definition is None:
        raise Invalid("This pathway has no such record.")
    made = definition.kinds[kind]
    check_can_write(by=by, at=at, case=held, kind=made)
    _must_be_open(held)
    return _Writing(held, definition, made)


def _kept(
    case: PathwayCase,
    definition: Definition,
    kind: RecordKind,
    *,
    at: datetime,
    happened_at: datetime,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    kept, problems = checked_values(definition, kind, values, known_of(case, at))
    if happened_at > at:
        problems["happened_at"] = "This is in the future. Enter when it happened."
    if problems:
        raise Invalid(problems)
    return kept


def _again(earlier: PathwayRecord, kind: str, kept: dict[str, Any]) -> PathwayRecord:
    if (earlier.kind, earlier.values) == (kind, kept):
        return earlier
    raise Invalid(
        "This form was already sent with other answers. What was sent stands; put it right on the case's page."
    )
