"""Forms of stage 7."""

from saferpractice.evidence.forms.bulletins import (
    BulletinForm,
)
from saferpractice.evidence.forms.inspections import (
    EndForm,
    OpenForm,
    ReleaseForm,
    SampleForm,
    SeedForm,
    WantedForm,
)
from saferpractice.evidence.forms.lessons import (
    AcceptKeyForm,
    AdoptForm,
    ConfirmedForm,
    LessonForm,
    ReasonForm,
    ReceiveForm,
    TakePartForm,
)
from saferpractice.evidence.forms.register import (
    AttendanceForm,
    ClauseForm,
    NeedForm,
    RegisterForm,
    WhyForm,
)
from saferpractice.evidence.forms.thematic import (
    CommentaryForm,
    DecisionForm,
    DrawForm,
    GiveOutForm,
    MeetingForm,
    SignForm,
)

__all__ = [
    "AcceptKeyForm",
    "AdoptForm",
    "AttendanceForm",
    "BulletinForm",
    "ClauseForm",
    "CommentaryForm",
    "ConfirmedForm",
    "DecisionForm",
    "DrawForm",
    "EndForm",
    "GiveOutForm",
    "LessonForm",
    "MeetingForm",
    "NeedForm",
    "OpenForm",
    "ReasonForm",
    "ReceiveForm",
    "RegisterForm",
    "ReleaseForm",
    "SampleForm",
    "SeedForm",
    "SignForm",
    "TakePartForm",
    "WantedForm",
    "WhyForm",
]
