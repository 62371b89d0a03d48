"""Forms of stage 7."""

from saferpractice.evidence.forms.thematic import (
    CommentaryForm,
    DecisionForm,
    DrawForm,
    GiveOutForm,
    MeetingForm,
    SignForm,
)

__all__ = ["CommentaryForm", "DecisionForm", "DrawForm", "GiveOutForm", "MeetingForm", "SignForm"]
