"""Writes of stage 6: plan an impact check or an audit, enter what was found; the rules give the verdict."""

from saferpractice.assurance.operations.audit_draws import (
    READ,
    enter_seed,
    freeze_list,
)
from saferpractice.assurance.operations.audit_scoring import (
    follow_up,
    score_record,
    settle_record,
)
from saferpractice.assurance.operations.audits import (
    AUDIT,
    AuditDeclared,
    cancel_audits,
    declare_audit,
    end_audits,
    pass_audits,
)
from saferpractice.assurance.operations.charts import (
    rebase_chart,
    withdraw_rebase,
)
from saferpractice.assurance.operations.from_audits import (
    enter_result_from_audit,
    source_of_result,
)
from saferpractice.assurance.operations.planning import (
    amend_plan,
    cancel_checks,
    declare_plan,
    pass_checks,
)
from saferpractice.assurance.operations.reading import (
    read_numbers,
    to_read,
)
from saferpractice.assurance.operations.results import (
    enter_result,
)
from saferpractice.assurance.operations.shared import (
    BASELINE,
    LOOK,
    SERVES,
    Declared,
    Own,
)

__all__ = [
    "AUDIT",
    "BASELINE",
    "LOOK",
    "READ",
    "SERVES",
    "AuditDeclared",
    "Declared",
    "Own",
    "amend_plan",
    "cancel_audits",
    "cancel_checks",
    "declare_audit",
    "declare_plan",
    "end_audits",
    "enter_result",
    "enter_result_from_audit",
    "enter_seed",
    "follow_up",
    "freeze_list",
    "pass_audits",
    "pass_checks",
    "read_numbers",
    "rebase_chart",
    "score_record",
    "settle_record",
    "source_of_result",
    "to_read",
    "withdraw_rebase",
]
