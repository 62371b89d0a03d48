"""What people do with pathways: draft, propose, approve and retire a version; open a case, write down, close."""

from saferpractice.pathways.operations.beginning import (
    begin_case,
    send_beginning,
)
from saferpractice.pathways.operations.cases import (
    Correction,
    Kept,
    close_case,
    correct_record,
    keep_record,
    lock_open_case,
    open_case,
    send_record,
    write_record,
)
from saferpractice.pathways.operations.characteristics import (
    record_characteristics,
)
from saferpractice.pathways.operations.contact import (
    write_down_ways,
)
from saferpractice.pathways.operations.drafting import (
    begin_draft,
    begin_draft_from_elsewhere,
    change_draft,
    drop_draft,
    go_on_from_newest,
)
from saferpractice.pathways.operations.going_live import (
    MOVES_CASES,
    move_case,
    take_live,
)
from saferpractice.pathways.operations.proposing import (
    approve,
    propose,
    retire_version,
    send_back,
    take_back,
)
from saferpractice.pathways.operations.replaying import (
    IN_REQUEST,
    carry_on_replay,
    carry_on_replays,
    start_replay,
    stop_replay,
)
from saferpractice.pathways.operations.supervision import (
    draw_cases,
    freeze_cases,
    replace_pick,
)
from saferpractice.pathways.operations.versions import (
    put_in_use,
    set_local_values,
)

__all__ = [
    "IN_REQUEST",
    "MOVES_CASES",
    "Correction",
    "Kept",
    "approve",
    "begin_case",
    "begin_draft",
    "begin_draft_from_elsewhere",
    "carry_on_replay",
    "carry_on_replays",
    "change_draft",
    "close_case",
    "correct_record",
    "draw_cases",
    "drop_draft",
    "freeze_cases",
    "go_on_from_newest",
    "keep_record",
    "lock_open_case",
    "move_case",
    "open_case",
    "propose",
    "put_in_use",
    "record_characteristics",
    "replace_pick",
    "retire_version",
    "send_back",
    "send_beginning",
    "send_record",
    "set_local_values",
    "start_replay",
    "stop_replay",
    "take_back",
    "take_live",
    "write_down_ways",
    "write_record",
]
