"""Each month some open cases of each team are looked at in supervision: freeze the list, draw, put another in place.

The worker does it; nobody chooses. The list is frozen in one transaction and drawn from in a later one. The seed is
the hash of the trail entry by which the list was frozen: that entry holds the hash of the list and a fresh random
salt, so nobody can know it before the list stands, and nobody can alter either without breaking the chain.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.decisions import decided
from saferpractice.access.models import Team
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import DEFAULT_CHAIN
from saferpractice.pathways.models import (
    PathwayCase,
    PathwayVersion,
    SupervisionDraw,
    SupervisionList,
    SupervisionPick,
)
from saferpractice.pathways.permissions import check_is_the_worker
from saferpractice.pathways.queries import (
    cases_to_draw_from,
    definition_of,
    definition_of_version,
    end_of_month,
    looked_at,
    month_of,
    obligation_of,
    order_of,
    waiting_picks,
)
from saferpractice.trail.draws import METHOD, Ranked, frozen_list, list_hash, next_in_rank, ranked
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

KIND = "pathways.supervise"


@operation
def freeze_cases(
    *, by: By, at: datetime, team: Team, version: PathwayVersion
) -> Entry[SupervisionList] | Already[SupervisionList]:
    """Write down which cases of ``team`` are open on a pathway, for this month's supervision. Once a month.

    Raises:
        Refused: ``by`` is a person.
        Invalid: the pathway asks for no supervision.
    """
    check_is_the_worker(by=by, at=at)
    asked = definition_of_version(version).supervision
    if asked is None:
        raise Invalid("This pathway asks for no supervision.")
    month = month_of(at)
    Team.objects.select_for_update().get(pk=team.pk)  # two workers take turns, and the second finds the first's
    earlier = SupervisionList.objects.filter(team=team, pathway=version.pathway, month=month).first()
    if earlier is not None:
        return Already(earlier)
    open_ids = cases_to_draw_from(team, version.pathway).values_list("pk", flat=True)
    ids = frozen_list(str(case_id) for case_id in open_ids)
    frozen = SupervisionList.objects.create(
        provider_id=team.provider_id,
        team=team,
        version=version,
        pathway=version.pathway,
        month=month,
        wanted=asked.cases,
        case_ids=list(ids),
        list_hash=list_hash(ids),
        **decided(by, at),
    )
    return Entry(
        result=frozen,
        subject=frozen,
        sentence=f"froze the list of {len(ids)} open cases of {team.name} for supervision in {month:%B %Y}",
        facts={"list": frozen.list_hash, "cases": len(ids), "pathway": version.pathway},
    )


@operation
def draw_cases(*, by: By, at: datetime, frozen: SupervisionList) -> Entry[SupervisionDraw] | Already[SupervisionDraw]:
    """Draw from a frozen list, and put each case drawn to the team's supervisor until the end of the month.

    Raises:
        Refused: ``by`` is a person.
        Invalid: the list is not what was frozen.
    """
    check_is_the_worker(by=by, at=at)
    frozen = SupervisionList.objects.select_for_update(of=("self",)).get(pk=frozen.pk)
    earlier = SupervisionDraw.objects.filter(frozen=frozen).first()
    if earlier is not None:
        return Already(earlier)
    seal = TrailEntry.objects.get(
        provider_id=frozen.provider_id, subject_id=frozen.pk, operation="pathways.freeze_cases"
    )
    if list_hash(frozen.case_ids) != frozen.list_hash or seal.facts.get("list") != frozen.list_hash:
        raise Invalid("The list is not the one that was frozen.")
    draw = SupervisionDraw.objects.create(
        provider_id=frozen.provider_id,
        frozen=frozen,
        seed=seal.hash,
        sealed_by=seal.sequence,
        method=METHOD,
        **decided(by, at),
    )
    order = ranked(draw.seed, frozen.case_ids)
    first = next_in_rank(order, 0, _still_there(frozen), frozen.wanted)
    for one in first:
        _put_to_supervisor(by, at, draw, one)
    return Entry(
        result=draw,
        subject=draw,
        sentence=f"drew {len(first)} of {len(frozen.case_ids)} cases of {frozen.team.name} for supervision",
        facts={"seed": draw.seed, "method": METHOD, "drawn": [one.record_id for one in first]},
    )


@operation
def replace_pick(
    *, by: By, at: datetime, pick: SupervisionPick, because: str
) -> Entry[SupervisionPick | None] | Already[SupervisionPick | None]:
    """Put the next case in rank in the place of one that cannot be looked at any more; None where there is no more.

    Raises:
        Refused: ``by`` is a person.
    """
    check_is_the_worker(by=by, at=at)
    SupervisionDraw.objects.select_for_update(of=("self",)).get(pk=pick.draw_id)
    owed = obligation_of(pick)
    if owed is None or owed.met_at is not None or owed.cancelled_at is not None:
        return Already(None)
    put = _another_in_place(by, at, pick, because)
    return Entry(
        result=put,
        subject=pick.draw,
        sentence="put the next case in rank in the place of one drawn for supervision",
        facts={"rank": pick.rank, "because": because, "next": put.rank if put else None},
    )


def _another_in_place(by: By, at: datetime, pick: SupervisionPick, because: str) -> SupervisionPick | None:
    """Take back what was asked about a case drawn, and ask about the next in rank while the month lasts."""
    ledger.cancel(subject=pick, kind=KIND, because=because, at=at)
    frozen = pick.draw.frozen
    if at > end_of_month(frozen.month):
        return None
    taken = max(pick.draw.picks.values_list("rank", flat=True))
    following = next_in_rank(order_of(frozen), taken, _still_there(frozen))
    if not following:
        return None
    return _put_to_supervisor(by, at, pick.draw, following[0], instead_of=pick)


def follow_supervision(case: PathwayCase, at: datetime) -> None:
    """Let what was written down on ``case`` meet what was asked of it; asked anew where a correction takes it back.

    Call inside an operation.
    """
    for pick in case.supervision_picks.select_related("draw__frozen", "case"):
        owed, record = obligation_of(pick), looked_at(pick)
        if owed is None or owed.cancelled_at is not None:
            continue
        if record is not None:
            ledger.meet(subject=pick, kind=KIND, record=record, at=at)
        elif owed.met_at is not None:
            _ask(pick, at)


def replace_closed(by: By, at: datetime, case: PathwayCase) -> None:
    """Put others in the place of a case that is closed before it was looked at. Call inside an operation."""
    for pick, _ in waiting_picks(case):
        _another_in_place(by, at, pick, "The case was closed before it was looked at")


def _still_there(frozen: SupervisionList) -> set[str]:
    found = cases_to_draw_from(frozen.team, frozen.pathway).filter(pk__in=frozen.case_ids).select_related("version")
    return {str(case.pk) for case in found if definition_of(case).supervision is not None}


def _put_to_supervisor(
    by: By, at: datetime, draw: SupervisionDraw, ranked_case: Ranked, instead_of: SupervisionPick | None = None
) -> SupervisionPick:
    pick = SupervisionPick.objects.create(
        provider_id=draw.provider_id,
        draw=draw,
        case_id=UUID(ranked_case.record_id),
        rank=ranked_case.rank,
        instead_of=instead_of,
        **decided(by, at),
    )
    _ask(pick, at)
    return pick


def _ask(pick: SupervisionPick, at: datetime) -> None:
    case, month = pick.case, pick.draw.frozen.month
    definition = definition_of(case)
    made_by = definition.kinds[definition.supervision.record].made_by if definition.supervision else ()
    ledger.open_with_due(
        provider_id=case.provider_id,
        subject=pick,
        kind=KIND,
        title=f"Look at a case in supervision: {case.version.title}, {case.person_supported.reference}",
        opened_at=at,
        due_at=end_of_month(month),
        clock_source=f"Pathway “{case.version.title}”: drawn for {month:%B %Y}",
        role=Role.SUPERVISOR if Role.SUPERVISOR in made_by or not made_by else Role(made_by[0]),
        team=case.team,
        story_id=case.incident_id,
        restricted=case.incident is not None and case.incident.restricted,
        chain=DEFAULT_CHAIN,
    )
