"""Writes of stage 7: thematic reviews, inspections, what commissioners read, lessons, and what changes mean."""

from saferpractice.evidence.operations.adopting import (
    UNKNOWN_KEY,
    accept_key,
    adopt_lesson,
    adopt_received,
    receive_lesson,
)
from saferpractice.evidence.operations.building import (
    carry_on_packs,
    finish_pack,
)
from saferpractice.evidence.operations.bulletins import (
    publish_bulletin,
)
from saferpractice.evidence.operations.drafting import (
    draw_review,
    keep_commentary,
    owe_review,
)
from saferpractice.evidence.operations.inspections import (
    Disclosure,
    draw_incidents,
    end_inspection,
    freeze_incidents,
    open_inspection,
    release_incident,
)
from saferpractice.evidence.operations.lessons import (
    NO_VERDICT,
    choose_sharing,
    publish_lesson,
    sign_lesson,
    withdraw_lesson,
)
from saferpractice.evidence.operations.meetings import (
    There,
    ToDo,
    give_out,
    record_decision,
    record_meeting,
    sign_review,
)
from saferpractice.evidence.operations.packs import (
    Wanted,
    ask_for_pack,
    confirm_texts,
    order_building,
    withdraw_pack,
)
from saferpractice.evidence.operations.publishing import (
    agree_target,
    publish_quarter,
)
from saferpractice.evidence.operations.register import (
    drop_need,
    record_attendance,
    record_clause,
    record_need,
    take_back_attendance,
)

__all__ = [
    "NO_VERDICT",
    "UNKNOWN_KEY",
    "Disclosure",
    "There",
    "ToDo",
    "Wanted",
    "accept_key",
    "adopt_lesson",
    "adopt_received",
    "agree_target",
    "ask_for_pack",
    "carry_on_packs",
    "choose_sharing",
    "confirm_texts",
    "draw_incidents",
    "draw_review",
    "drop_need",
    "end_inspection",
    "finish_pack",
    "freeze_incidents",
    "give_out",
    "keep_commentary",
    "open_inspection",
    "order_building",
    "owe_review",
    "publish_bulletin",
    "publish_lesson",
    "publish_quarter",
    "receive_lesson",
    "record_attendance",
    "record_clause",
    "record_decision",
    "record_meeting",
    "record_need",
    "release_incident",
    "sign_lesson",
    "sign_review",
    "take_back_attendance",
    "withdraw_lesson",
    "withdraw_pack",
]
