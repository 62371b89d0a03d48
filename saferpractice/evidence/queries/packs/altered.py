"""The changes of a pack with what proves them, in a fixed number of reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Max, Q

from saferpractice.assurance import rules as assurance
from saferpractice.assurance.models import AuditPopulation, AuditResult, ImpactCheck, LearningPoint
from saferpractice.changes.models import OperationalChange, TrackedAction
from saferpractice.changes.queries import coverage_of, state_of, state_of_action, with_evidence, with_facts
from saferpractice.changes.rules import ActionState, Strength
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.charts import Interval, interval_chart
from saferpractice.evidence.queries.learning import Judged, judged_of
from saferpractice.evidence.queries.packs.naming import Labels, Roles, said, staff
from saferpractice.evidence.rules.packs.document import Chart, Column, Kind, Source, Table, TableRow
from saferpractice.evidence.rules.packs.facts import (
    Altered,
    Audited,
    Measured,
    Point,
    Proved,
    Said,
    Staff,
    Tracked,
    short_reference,
)
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident

BY_USE = "Used on a case"


@dataclass(frozen=True, slots=True)
class Beside:
    """What was read beside the changes, each by the change's id."""

    incidents: dict[UUID, list[str]]
    actions: dict[UUID, list[Tracked]]
    audits: dict[UUID, list[Audited]]
    judged: dict[UUID, list[Judged]]
    points: dict[UUID, list[Point]]


def altered_of(incidents: Sequence[Incident], labels: Labels, roles: Roles) -> tuple[Altered, ...]:
    """Every change that answers a finding of ``incidents``, oldest first, withdrawn ones too.

    Whoever may open an incident may open the changes that answer it. Incidents that are not among these are not named.
    """
    ids = [incident.pk for incident in incidents]
    found = with_facts(OperationalChange.objects.filter(pk__in=answering(ids)))
    changes = list(found.order_by("decided_at", "pk"))
    changes_by_id = [change.pk for change in changes]
    beside = Beside(
        incidents=_incidents(changes_by_id, incidents),
        actions=_actions(changes_by_id, ids, roles),
        audits=_audits(changes_by_id),
        judged=judged_of(changes_by_id),
        points=_points(changes_by_id),
    )
    return tuple(_altered(change, beside, labels, roles) for change in changes)


def answering(incident_ids: Sequence[UUID]) -> set[UUID]:
    """The changes that answer a finding of these incidents."""
    links = OperationalChange.findings.through.objects.filter(finding__incident__in=incident_ids)
    return set(links.values_list("operationalchange_id", flat=True))


def _source(kind: Kind, pk: UUID) -> Source:
    return Source(kind, short_reference(kind, str(pk)))


def _altered(change: OperationalChange, beside: Beside, labels: Labels, roles: Roles) -> Altered:
    source = _source(Kind.CHANGE, change.pk)
    covered, live = coverage_of(change), getattr(change, "go_live", None)
    withdrawal = getattr(change, "withdrawal", None)
    return Altered(
        source=source,
        title=said(change, "title", source),
        monday=said(change, "monday", source),
        kind=labels.of("change-types", change.change_type),
        strength=Strength(change.strength).label,
        owner=Staff(change.owner.name, roles.of(change.owner_id)),
        by=staff(change),
        agreed_at=change.decided_at,
        live_at=live.live_at if live else None,
        state=state_of(change).label,
        withdrawn_because=said(withdrawal, "reason", source) if withdrawal else None,
        incidents=tuple(beside.incidents.get(change.pk, ())),
        reached=covered.reached,
        reach=len(covered.teams),
        proofs=tuple(_proofs(change, labels)),
        actions=tuple(beside.actions.get(change.pk, ())),
        audits=tuple(beside.audits.get(change.pk, ())),
        measured=tuple(_measured(one) for one in beside.judged.get(change.pk, ())),
        points=tuple(beside.points.get(change.pk, ())),
    )


def _incidents(change_ids: Sequence[UUID], incidents: Sequence[Incident]) -> dict[UUID, list[str]]:
    references = {incident.pk: incident.reference for incident in incidents}
    links = Finding.objects.filter(changes__in=change_ids, incident__in=list(references))
    found: dict[UUID, list[str]] = defaultdict(list)
    for change, incident in links.order_by("incident__reference").values_list("changes", "incident_id"):
        if references[incident] not in found[change]:
            found[change].append(references[incident])
    return found


def _proofs(change: OperationalChange, labels: Labels) -> Iterable[Proved]:
    names = {team.pk: f"{team.service.name}, {team.name}" for team in change.reach.all()}
    for row in sorted(change.rollout_proofs.all(), key=lambda one: (one.held_on, one.pk)):
        yield Proved(
            team=names.get(row.team_id, "Another team"),
            kind=labels.of("rollout-proof-kinds", row.kind),
            on=row.held_on,
            reached=row.reached,
            needed=row.needed,
            by=staff(row),
        )
    for used in sorted(change.use_proofs.all(), key=lambda one: (one.decided_at, one.pk)):
        team = names.get(used.team_id, "Another team")
        yield Proved(team=team, kind=BY_USE, on=local_day(used.decided_at), reached=None, needed=None, by=staff(used))


def _actions(change_ids: Sequence[UUID], incident_ids: Sequence[UUID], roles: Roles) -> dict[UUID, list[Tracked]]:
    """The actions of the changes that are about these incidents, soonest due first."""
    wanted = Q(change__in=change_ids, incident__in=incident_ids)
    found: dict[UUID, list[Tracked]] = defaultdict(list)
    for row in with_evidence(TrackedAction.objects.filter(wanted)).order_by("due_on", "pk"):
        if row.change_id is not None:
            found[row.change_id].append(tracked(row, roles))
    return found


def tracked(row: TrackedAction, roles: Roles) -> Tracked:
    """A tracked action read with its evidence."""
    source = _source(Kind.TRACKED_ACTION, row.pk)
    evidence = sorted(row.evidence.all(), key=lambda one: (one.decided_at, one.pk))
    state = state_of_action(row)
    newest = evidence[-1] if evidence else None
    decision = getattr(newest, "decision", None)
    return Tracked(
        source=source,
        what=said(row, "what", source),
        owner=Staff(row.owner.name, roles.of(row.owner_id)),
        due_on=row.due_on,
        state=state.label,
        done_at=decision.decided_at if decision is not None and state is ActionState.DONE else None,
        evidence=said(newest, "words", source) if newest is not None else None,
    )


def _audits(change_ids: Sequence[UUID]) -> dict[UUID, list[Audited]]:
    populations = AuditPopulation.objects.filter(plan__change__in=change_ids).select_related("plan")
    standing = AuditResult.objects.filter(population__plan__change__in=change_ids, corrected_by__isnull=True)
    results = {row.population_id: row for row in standing}
    found: dict[UUID, list[Audited]] = defaultdict(list)
    for row in populations.order_by("period_from", "pk"):
        found[row.plan.change_id].append(_audited(row, results.get(row.pk)))
    return found


def _audited(row: AuditPopulation, result: AuditResult | None) -> Audited:
    source = _source(Kind.AUDIT, row.pk)
    return Audited(
        source=source,
        title=said(row.plan, "title", source),
        period=f"{day_label(row.period_from)} to {day_label(row.period_to)}",
        answer=result.answer.replace("_", " ").capitalize() if result else "",
        sentence=said(result, "sentence", source) if result else None,
        met=result.met if result else None,
        read=result.read if result else None,
        at=result.decided_at if result else None,
    )


SERVES = {"used": "Whether the change is used", "outcome": "Whether outcomes improve"}


def _measured(judged: Judged) -> Measured:
    plan, check = judged.plan, judged.check
    source = _source(Kind.IMPACT, plan.pk)
    return Measured(
        source=source,
        measure=said(plan, "measure", source),
        serves=SERVES.get(plan.serves, plan.serves),
        verdict=check.verdict if check else "",
        exploratory=check.exploratory if check else False,
        reason=said(check, "reason", source) if check else None,
        at=check.decided_at if check else None,
        chart=_chart(plan.kind, check, source) if check else None,
    )


def _chart(kind: str, check: ImpactCheck, source: Source) -> Chart | None:
    """Before and after, with the range each may lie in: for shares, where both are known."""
    rows = [("Before", check.baseline), (f"By {day_label(check.look.on)}", check.result)]
    if kind != assurance.Kind.PROPORTION or not all(row.out_of and row.count <= row.out_of for _, row in rows):
        return None
    shown, cells = [], []
    for label, row in rows:
        within = assurance.wilson(row.count, int(row.out_of))
        share = 100 * row.count / float(row.out_of)
        shown.append(Interval(label, share, 100 * within.low, 100 * within.high))
        cells.append(TableRow((label, row.count, int(row.out_of), round(share, 1)), source))
    title = f"Before and after, impact check {source.reference}"
    table = Table(
        name="impact",
        caption=title,
        columns=(
            Column("when", "When"),
            Column("count", "Met it", numeric=True),
            Column("out_of", "Of", numeric=True),
            Column("share", "Per cent", numeric=True),
        ),
        rows=tuple(cells),
        empty="",
    )
    words = "; ".join(f"{one.label}: {one.value:.0f}%, between {one.low:.0f} and {one.high:.0f}" for one in shown)
    return Chart(str(interval_chart(shown, title, unit="%", description=words)), title, words, table)


def _points(change_ids: Sequence[UUID]) -> dict[UUID, list[Point]]:
    """The learning points of the changes or of findings they answer, with how often they were discussed."""
    standing = Q(discussions__corrected_by__isnull=True, discussions__taken_back=False)
    rows = LearningPoint.objects.filter(change__in=change_ids, withdrawal__isnull=True).annotate(
        talked=Count("discussions", filter=standing, distinct=True),
        workers=Count("discussions__worker", filter=standing, distinct=True),
        last_on=Max("discussions__held_on", filter=standing),
    )
    found: dict[UUID, list[Point]] = defaultdict(list)
    for row in rows.order_by("decided_at", "pk"):
        if row.change_id is not None:
            found[row.change_id].append(_point(row, row.change_id))
    return found


def _point(row: LearningPoint, change: UUID) -> Point:
    source = _source(Kind.SUPERVISION, row.pk)
    wording: Said | None = said(row, "wording", source)
    return Point(
        source=source,
        wording=wording,
        change=short_reference(Kind.CHANGE, str(change)),
        discussions=row.talked,  # type: ignore[attr-defined]
        workers=row.workers,  # type: ignore[attr-defined]
        last_on=row.last_on,  # type: ignore[attr-defined]
    )
