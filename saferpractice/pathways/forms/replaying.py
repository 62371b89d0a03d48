"""Forms of replays: which version to try on what was recorded, and which cases to list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from saferpractice.design import forms
from saferpractice.design.words import number_asked
from saferpractice.pathways.queries.replays import Candidate
from saferpractice.pathways.rules.replaying import Differs


class ReplayForm(forms.Form):
    """What is replayed beside the version in use, and over which cases."""

    mark_optional = False
    submission_key = forms.HiddenField()
    candidate = forms.ChoiceField("What do you want to try?", required_message="Choose what to try")
    since = forms.SelectField(
        "On which cases?",
        choices=[("92", "Opened in the last 3 months"), ("366", "Opened in the last 12 months")],
        empty="All that were ever recorded",
        required=False,
    )

    def __init__(self, *args: Any, candidates: Iterable[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["candidate"].choices = [(each.key, each.name) for each in candidates]  # type: ignore[attr-defined]


class ReplayFilterForm(forms.Form):
    """Which of the cases that differ are shown."""

    mark_optional = False
    kind = forms.SelectField("How it differs", empty="Any way", required=False)
    service = forms.SelectField("Service", empty="Any", required=False)

    def __init__(self, *args: Any, kinds: Iterable[str], services: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = [(kind.value, kind.label) for kind in Differs if kind.value in set(kinds)]
        self.fields["kind"].choices = found  # type: ignore[attr-defined]
        self.fields["service"].choices = list(services.items())  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """What was chosen, everything where that cannot be read; and the page, from 1."""
        chosen = self.cleaned_data if self.is_valid() else {}
        page = max(1, number_asked(str(self.data.get("page", "")), 1))
        return {"kind": chosen.get("kind") or "", "service": chosen.get("service") or "", "page": page}
