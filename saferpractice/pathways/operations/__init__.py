"""What people do with pathways: put one in use, open a case, write down, put right, close."""

from saferpractice.pathways.operations.cases import close_case, correct_record, open_case, send_record, write_record
from saferpractice.pathways.operations.contact import write_down_ways
from saferpractice.pathways.operations.versions import put_in_use, set_local_values

__all__ = [
    "close_case",
    "correct_record",
    "open_case",
    "put_in_use",
    "send_record",
    "set_local_values",
    "write_down_ways",
    "write_record",
]
