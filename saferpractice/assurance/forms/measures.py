"""What a page of measures is asked to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from saferpractice.assurance.queries.measures.places import Placed
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.design import forms
from saferpractice.design.words import number_asked

LENGTHS = {Length.WEEK: "Weeks", Length.MONTH: "Months", Length.QUARTER: "Quarters"}

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
LAST_PAGE, LONGEST_NUMBER = 10_000, 12


class MeasuresForm(forms.Form):
    """The place and the length of a period. Anything odd in the address is ignored, never an error."""

    mark_optional = False
    place = forms.SelectField("Place", choices=[], required=False)
    length = forms.SelectField("By", choices=[(each.value, words) for each, words in LENGTHS.items()], required=False)

    def __init__(self, data: Mapping[str, Any], *args: Any, places: Sequence[Placed], **kwargs: Any) -> None:
        shown = {"place": data.get("place", ""), "length": data.get("length", "")}
        codes = {each.code for each in places}
        shown["place"] = shown["place"] if shown["place"] in codes else places[0].code
        shown["length"] = shown["length"] if shown["length"] in set(Length) else Length.MONTH.value
        super().__init__(shown, *args, **kwargs)
        self.fields["place"].choices = [(each.code, each.name) for each in places]  # type: ignore[attr-defined]
        self.placed = next(each for each in places if each.code == shown["place"])
        self.period_length = Length(shown["length"])


def day_in(data: Mapping[str, Any], name: str) -> date | None:
    """A day in an address, as 2026-03-04; None where there is none that can be read, or that nobody lived."""
    try:
        found = date.fromisoformat(str(data.get(name, "")))
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def page_in(data: Mapping[str, Any]) -> int:
    """Which page an address asks for, from 1. Anything odd is the first, anything beyond the last that can be."""
    return min(max(1, number_asked(str(data.get("page", "")), 1, digits=LONGEST_NUMBER)), LAST_PAGE)
