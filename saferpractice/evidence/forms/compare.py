"""What providers are compared by. Anything odd in the address is ignored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from saferpractice.design import forms
from saferpractice.evidence.queries.commissioning import Standing
from saferpractice.evidence.rules.thematic.quarters import Quarter, quarter_from


class CompareForm(forms.Form):
    """A measure and a quarter; the first measure of the newest quarter where nothing else is asked for."""

    mark_optional = False
    measure = forms.SelectField("Measure", required=False)
    quarter = forms.SelectField("Quarter", required=False)

    def __init__(self, data: Mapping[str, Any], *args: Any, standings: Sequence[Standing], **kwargs: Any) -> None:
        self.titles = {one.told.code: one.told.title for each in standings for one in each.published.measures}
        self.listed = list(dict.fromkeys(each.quarter for each in standings))
        chosen = {
            "measure": data.get("measure") if data.get("measure") in self.titles else next(iter(self.titles), ""),
            "quarter": self._asked(data.get("quarter", "")),
        }
        super().__init__(chosen, *args, **kwargs)
        self.fields["measure"].choices = list(self.titles.items())  # type: ignore[attr-defined]
        self.fields["quarter"].choices = [(one.code, one.label) for one in self.listed]  # type: ignore[attr-defined]

    def _asked(self, code: str) -> str:
        asked = quarter_from(code)
        return asked.code if asked in self.listed and asked else self.listed[0].code if self.listed else ""

    def wanted(self) -> tuple[Quarter | None, str]:
        """The quarter and the code of the measure; None and "" where nothing is published."""
        return quarter_from(self.data["quarter"]), self.data["measure"]

    def title_of(self, code: str) -> str:
        """A measure in words."""
        return self.titles.get(code, code)
