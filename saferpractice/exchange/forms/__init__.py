"""Forms of the ways in and out: imports, and integrations with other systems."""

from saferpractice.exchange.forms.imports import (
    BUILD,
    FROM_FILE,
    ColumnsForm,
    LineForm,
    ReasonForm,
    StartForm,
    UploadForm,
    ValuesForm,
    chosen_columns,
)
from saferpractice.exchange.forms.integrations import IntegrationForm, RevokeForm

__all__ = [
    "BUILD",
    "FROM_FILE",
    "ColumnsForm",
    "IntegrationForm",
    "LineForm",
    "ReasonForm",
    "RevokeForm",
    "StartForm",
    "UploadForm",
    "ValuesForm",
    "chosen_columns",
]
