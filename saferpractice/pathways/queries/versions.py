"""The drafts, proposals and versions of a provider. Drafts and proposals are for those who may change pathways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.pathways.models import PathwayCase, PathwayDraft, PathwayVersion, VersionProposal, VersionWentLive
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.queries.practice import facts_of, in_use
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.pathways.rules.versions import DraftState, Outcome, VersionState, draft_state, newest, states


@dataclass(frozen=True, slots=True)
class Standing:
    """A version and where it stands."""

    version: PathwayVersion
    state: VersionState


def versions_of(provider_id: UUID, pathway: str) -> list[PathwayVersion]:
    """Every version of a pathway that was put in use or approved, the newest first."""
    found = PathwayVersion.objects.filter(provider_id=provider_id, pathway=pathway)
    return list(found.select_related("retirement", "approval__proposal__draft", "went_live").order_by("-number"))


def standings(provider_id: UUID, pathway: str, at: datetime) -> list[Standing]:
    """Every version of a pathway with where it stands at ``at``, the newest first."""
    versions = versions_of(provider_id, pathway)
    found = states(facts_of(versions), at)
    return [Standing(version, found[version.number]) for version in versions]


def standing_of(version: PathwayVersion, at: datetime) -> VersionState:
    """Where one version stands at ``at``."""
    found = versions_of(version.provider_id, version.pathway)
    return states(facts_of(found), at)[version.number]


def newest_version(provider_id: UUID, pathway: str) -> PathwayVersion | None:
    """The version a draft must be begun from: the newest, live or coming, that was not called off."""
    versions = versions_of(provider_id, pathway)
    number = newest(facts_of(versions))
    return next((version for version in versions if version.number == number), None)


def version_numbered(provider_id: UUID, pathway: str, number: int) -> PathwayVersion | None:
    """One version of a pathway."""
    return next((version for version in versions_of(provider_id, pathway) if version.number == number), None)


def drafts_seen(person: Person, at: datetime, pathway: str) -> list[PathwayDraft]:
    """The drafts of a pathway that ``person`` may see, the newest first."""
    return list(_drafts(person, at).filter(pathway=pathway).order_by("-decided_at", "-pk"))


def draft_seen(person: Person, at: datetime, draft_id: UUID) -> PathwayDraft | None:
    """One draft, when ``person`` may see it; else None."""
    return _drafts(person, at).filter(pk=draft_id).first()


def draft_of_proposal(person: Person, at: datetime, proposal_id: UUID) -> PathwayDraft | None:
    """The draft that was proposed, when ``person`` may see it; else None."""
    return _drafts(person, at).filter(proposals=proposal_id).first()


def _drafts(person: Person, at: datetime) -> QuerySet[PathwayDraft]:
    if not allowed(check_can_draft, by=person, at=at, provider_id=person.provider_id)[0]:
        return PathwayDraft.objects.none()
    found = PathwayDraft.objects.filter(provider_id=person.provider_id)
    return found.select_related("begun_from", "dropped", "provider").prefetch_related("proposals__decision", "edits")


def proposals_of(draft: PathwayDraft) -> list[VersionProposal]:
    """The proposals of a draft, oldest first."""
    return sorted(draft.proposals.all(), key=lambda proposal: proposal.number)


def state_of_draft(draft: PathwayDraft) -> DraftState:
    """Where a draft stands, told from what was decided."""
    outcomes = [Outcome(each.decision.outcome) if hasattr(each, "decision") else None for each in proposals_of(draft)]
    return draft_state(outcomes, dropped=hasattr(draft, "dropped"))


def waiting_proposal(draft: PathwayDraft) -> VersionProposal | None:
    """The proposal of a draft that waits for a decision, or None."""
    return next((each for each in proposals_of(draft) if not hasattr(each, "decision")), None)


def proposals_waiting(person: Person, at: datetime) -> list[VersionProposal]:
    """The proposals of every pathway that wait for a decision and that ``person`` may see, the oldest first."""
    found = VersionProposal.objects.filter(draft__in=_drafts(person, at).values("pk"), decision__isnull=True)
    return list(found.order_by("decided_at", "pk"))


def definition_of_draft(draft: PathwayDraft) -> Definition:
    """The definition as the draft stands now."""
    return definition_from_data(draft.content, name=str(draft))


def waiting_to_go_live(at: datetime) -> list[PathwayVersion]:
    """The approved versions that came into force by ``at`` and of which that has not been done yet, oldest first."""
    due = PathwayVersion.objects.filter(approval__isnull=False, live_from__lte=at)
    due = due.exclude(pk__in=VersionWentLive.objects.values("version_id")).select_related("retirement")
    return [
        each for each in due.order_by("live_from", "number") if not any(fact.called_off for fact in facts_of([each]))
    ]


def cases_behind(version: PathwayVersion) -> list[UUID]:
    """The open cases on the pathway of ``version``, which is in use, that an earlier one is in force for still."""
    found = PathwayCase.objects.open().worked_by_earlier_than(version)
    return list(found.order_by("decided_at", "pk").values_list("pk", flat=True))


def cases_behind_all(at: datetime) -> list[UUID]:
    """The open cases of every provider that a version in use at ``at`` is not in force for yet."""
    providers = PathwayCase.objects.open().order_by().values_list("provider_id", flat=True).distinct()
    return [
        case_id
        for provider_id in providers
        for version in in_use(provider_id, at)
        if version.number > 1
        for case_id in cases_behind(version)
    ]
