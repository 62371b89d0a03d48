"""Tables of stage 7."""

from saferpractice.evidence.models.thematic import (
    CommentaryDraft,
    MeetingAttendance,
    MeetingDecision,
    QualityMeeting,
    ThematicCommentary,
    ThematicDraft,
    ThematicReview,
    ThematicSignature,
)

__all__ = [
    "CommentaryDraft",
    "MeetingAttendance",
    "MeetingDecision",
    "QualityMeeting",
    "ThematicCommentary",
    "ThematicDraft",
    "ThematicReview",
    "ThematicSignature",
]
