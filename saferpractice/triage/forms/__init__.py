"""The forms of triage."""

from saferpractice.triage.forms.answers import LISTS, AnswersForm, RowsForm, SafetyActionForm
from saferpractice.triage.forms.decisions import (
    AcknowledgementForm,
    HandOverForm,
    ReferralForm,
    SafetyActionDoneForm,
    TellDecisionForm,
    TellForm,
    ThresholdDecisionForm,
    ThresholdForm,
    TierDecisionForm,
    TierForm,
    with_values,
)
from saferpractice.triage.forms.whole import OthersForm, WholeForm, as_typed

__all__ = [
    "LISTS",
    "AcknowledgementForm",
    "AnswersForm",
    "HandOverForm",
    "OthersForm",
    "ReferralForm",
    "RowsForm",
    "SafetyActionDoneForm",
    "SafetyActionForm",
    "TellDecisionForm",
    "TellForm",
    "ThresholdDecisionForm",
    "ThresholdForm",
    "TierDecisionForm",
    "TierForm",
    "WholeForm",
    "as_typed",
    "with_values",
]
