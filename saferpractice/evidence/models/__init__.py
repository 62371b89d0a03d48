"""Tables of stage 7."""

from saferpractice.evidence.models.bulletins import (
    Bulletin,
)
from saferpractice.evidence.models.commissioning import (
    ContractTarget,
    PublishedQuarter,
)
from saferpractice.evidence.models.inspections import (
    Inspection,
    InspectionDraw,
    InspectionEnd,
    InspectionPopulation,
    InspectionRelease,
)
from saferpractice.evidence.models.lessons import (
    AcceptedKey,
    Lesson,
    LessonAdoption,
    LessonFile,
    LessonWithdrawal,
    LibraryChoice,
    ReceivedLesson,
)
from saferpractice.evidence.models.packs import (
    PACKS,
    EvidencePack,
    PackBuilding,
    PackBuilt,
    PackIncident,
    PackWithdrawal,
    TextConfirmation,
    services_led,
)
from saferpractice.evidence.models.register import (
    AttendanceTakenBack,
    SpecificationClause,
    TrainingAttendance,
    TrainingNeed,
    TrainingNeedDropped,
)
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
    "PACKS",
    "AcceptedKey",
    "AttendanceTakenBack",
    "Bulletin",
    "CommentaryDraft",
    "ContractTarget",
    "EvidencePack",
    "Inspection",
    "InspectionDraw",
    "InspectionEnd",
    "InspectionPopulation",
    "InspectionRelease",
    "Lesson",
    "LessonAdoption",
    "LessonFile",
    "LessonWithdrawal",
    "LibraryChoice",
    "MeetingAttendance",
    "MeetingDecision",
    "PackBuilding",
    "PackBuilt",
    "PackIncident",
    "PackWithdrawal",
    "PublishedQuarter",
    "QualityMeeting",
    "ReceivedLesson",
    "SpecificationClause",
    "TextConfirmation",
    "ThematicCommentary",
    "ThematicDraft",
    "ThematicReview",
    "ThematicSignature",
    "TrainingAttendance",
    "TrainingNeed",
    "TrainingNeedDropped",
    "services_led",
]
