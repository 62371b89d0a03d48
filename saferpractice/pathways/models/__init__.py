"""Pathways in use, the cases on them, and what is written down about each."""

from saferpractice.pathways.models.cases import (
    WORKS_ON_CASES,
    CaseClosing,
    CaseMoved,
    CaseObligation,
    PathwayCase,
    PathwayCases,
    PathwayRecord,
)
from saferpractice.pathways.models.practice import LocalValues, PathwayVersion
from saferpractice.pathways.models.replays import (
    Replay,
    ReplayCase,
    ReplayPart,
    ReplayParts,
    ReplayResult,
    ReplayStopped,
)
from saferpractice.pathways.models.supervision import SupervisionDraw, SupervisionList, SupervisionPick
from saferpractice.pathways.models.versions import (
    DraftDropped,
    DraftEdit,
    PathwayDraft,
    ProposalDecision,
    VersionProposal,
    VersionRetired,
    VersionWentLive,
)

__all__ = [
    "WORKS_ON_CASES",
    "CaseClosing",
    "CaseMoved",
    "CaseObligation",
    "DraftDropped",
    "DraftEdit",
    "LocalValues",
    "PathwayCase",
    "PathwayCases",
    "PathwayDraft",
    "PathwayRecord",
    "PathwayVersion",
    "ProposalDecision",
    "Replay",
    "ReplayCase",
    "ReplayPart",
    "ReplayParts",
    "ReplayResult",
    "ReplayStopped",
    "SupervisionDraw",
    "SupervisionList",
    "SupervisionPick",
    "VersionProposal",
    "VersionRetired",
    "VersionWentLive",
]
