"""Writes of stage 1: report, correct, grade harm, decide who may see."""

from saferpractice.incidents.operations.again import TRIAGE, add_to_report
from saferpractice.incidents.operations.later import correct_report, grade_harm, withdraw_incident
from saferpractice.incidents.operations.reporting import report_incident, send_report
from saferpractice.incidents.operations.sight import (
    decide_restriction,
    end_named_access,
    end_reviewer_access,
    keep_from,
    name_person,
    name_reviewer,
    pass_on,
    pass_on_what_only_they_decide,
)

__all__ = [
    "TRIAGE",
    "add_to_report",
    "correct_report",
    "decide_restriction",
    "end_named_access",
    "end_reviewer_access",
    "grade_harm",
    "keep_from",
    "name_person",
    "name_reviewer",
    "pass_on",
    "pass_on_what_only_they_decide",
    "report_incident",
    "send_report",
    "withdraw_incident",
]
