"""What people do with pathways: draft, propose, approve and retire a version; open a case, write down, close."""

from saferpractice.pathways.operations.cases import close_case, correct_record, open_case, send_record, write_record
from saferpractice.pathways.operations.contact import write_down_ways
from saferpractice.pathways.operations.drafting import begin_draft, change_draft, drop_draft, go_on_from_newest
from saferpractice.pathways.operations.going_live import MOVES_CASES, move_case, take_live
from saferpractice.pathways.operations.proposing import approve, propose, retire_version, send_back, take_back
from saferpractice.pathways.operations.versions import put_in_use, set_local_values

__all__ = [
    "MOVES_CASES",
    "approve",
    "begin_draft",
    "change_draft",
    "close_case",
    "correct_record",
    "drop_draft",
    "go_on_from_newest",
    "move_case",
    "open_case",
    "propose",
    "put_in_use",
    "retire_version",
    "send_back",
    "send_record",
    "set_local_values",
    "take_back",
    "take_live",
    "write_down_ways",
    "write_record",
]
