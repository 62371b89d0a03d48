"""The forms of pathways: cases and what is written on them, drafts of a definition, decisions on versions."""

from saferpractice.pathways.forms.cases import (
    BeginForm,
    CasesFilterForm,
    CloseForm,
    OpenCaseForm,
    PersonSearchForm,
    RecordForm,
    ValuesForm,
    initial_of,
)
from saferpractice.pathways.forms.characteristics import CharacteristicsForm
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
from saferpractice.pathways.forms.reaching import WaysForm
from saferpractice.pathways.forms.replaying import ReplayFilterForm, ReplayForm

__all__ = [
    "ApproveForm",
    "BeginForm",
    "CasesFilterForm",
    "CharacteristicsForm",
    "CloseForm",
    "CompareForm",
    "DraftForm",
    "DropForm",
    "OpenCaseForm",
    "PersonSearchForm",
    "ProposeForm",
    "RecordForm",
    "ReplayFilterForm",
    "ReplayForm",
    "RetireForm",
    "SendBackForm",
    "TakeBackForm",
    "ValuesForm",
    "WaysForm",
    "initial_of",
]
