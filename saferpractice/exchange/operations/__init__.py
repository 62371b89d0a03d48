"""Writes of exchange: bring a file, keep a mapping, import row by row, correct what was held back, undo."""

from saferpractice.exchange.operations.files import bring_file, choose_mapping, discard_old_files, give_up_file
from saferpractice.exchange.operations.importing import (
    import_row,
    leave_out_line,
    retry_line,
    start_import,
)
from saferpractice.exchange.operations.integrations import (
    renew_keys,
    revoke_integration,
    set_up_integration,
    write_through,
)
from saferpractice.exchange.operations.mappings import keep_mapping
from saferpractice.exchange.operations.running import IN_REQUEST, carry_on, carry_on_waiting
from saferpractice.exchange.operations.undoing import start_undo, withdraw_line

__all__ = [
    "IN_REQUEST",
    "bring_file",
    "carry_on",
    "carry_on_waiting",
    "choose_mapping",
    "discard_old_files",
    "give_up_file",
    "import_row",
    "keep_mapping",
    "leave_out_line",
    "renew_keys",
    "retry_line",
    "revoke_integration",
    "set_up_integration",
    "start_import",
    "start_undo",
    "withdraw_line",
    "write_through",
]
