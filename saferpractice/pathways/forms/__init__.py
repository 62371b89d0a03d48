"""The forms of pathways: cases and what is written on them, drafts of a definition, decisions on versions."""

from saferpractice.pathways.forms.cases import (
    CasesFilterForm,
    CloseForm,
    OpenCaseForm,
    RecordForm,
    ValuesForm,
    WaysForm,
    initial_of,
)
from saferpractice.pathways.forms.deciding import (
    ApproveForm,
    CompareForm,
    DropForm,
    ProposeForm,
    RetireForm,
    SendBackForm,
    TakeBackForm,
)
from saferpractice.pathways.forms.drafting import DraftForm

__all__ = [
    "ApproveForm",
    "CasesFilterForm",
    "CloseForm",
    "CompareForm",
    "DraftForm",
    "DropForm",
    "OpenCaseForm",
    "ProposeForm",
    "RecordForm",
    "RetireForm",
    "SendBackForm",
    "TakeBackForm",
    "ValuesForm",
    "WaysForm",
    "initial_of",
]
