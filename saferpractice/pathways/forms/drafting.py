"""The form in which somebody who does not program changes a definition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.forms import Field
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from saferpractice.access.rules import Role
from saferpractice.deadlines.rules import LARGEST_AMOUNT, TimescaleError, TimescaleKind
from saferpractice.design import forms
from saferpractice.design.typed import as_written
from saferpractice.lists.rules.mistakes import ListMistakes
from saferpractice.pathways.models import WORKS_ON_CASES
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.editing import (
    NEW,
    UNITS,
    Input,
    Section,
    place_of,
    sections,
    span_parts,
    span_text,
    with_values,
)
from saferpractice.pathways.rules.reading import definition_from_data

WORKERS = [(role.value, role.label) for role in Role if role in WORKS_ON_CASES]
OWNER = ("owner", "Whoever owes it")
ITS_OWN = "number"
"""In the list beside a count: the number that is typed, not one that a service sets."""


class DraftForm(forms.Form):
    """A definition as fields, section by section.

    ``base`` is the definition the fields were made from and ``revision`` the draft it was read at, so that what
    somebody else saved meanwhile neither changes what the fields mean nor is written over unseen.
    """

    mark_optional = False
    revision = forms.HiddenField()
    base = forms.HiddenField()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, content: Mapping[str, Any], revision: int, **kwargs: Any
    ) -> None:
        self.content = _base_of(data, content)
        self.sections: list[Section] = sections(self.content)
        first = {"revision": str(revision), "base": json.dumps(self.content)}
        super().__init__(data, initial=first, **kwargs)
        for section in self.sections:
            for item in section.items:
                for each in item.inputs:
                    self.fields.update(_fields(each))

    def names_of(self, each: Input) -> list[str]:
        """The names of the fields that make one input, in order."""
        return list(_fields(each))

    def changed_content(self) -> dict[str, Any]:
        """The definition as filled in, as plain data; a mistake in a length of time is said beside it."""
        values: dict[str, Any] = {}
        for section in self.sections:
            for item in section.items:
                for each in item.inputs:
                    self._value(each, values)
        return with_values(self.content, values)

    def _value(self, each: Input, values: dict[str, Any]) -> None:
        cleaned = self.cleaned_data
        match each.kind:
            case "lines":
                lines = str(cleaned.get(each.name) or "").splitlines()
                values[each.name] = [line.strip() for line in lines if as_written(line)]
            case "span":
                unit, amount = cleaned.get(f"{each.name}.unit"), cleaned.get(f"{each.name}.amount")
                if unit:
                    try:
                        values[each.name] = span_text(unit, amount)
                    except TimescaleError:
                        self.add_error(
                            f"{each.name}.amount", f"Enter how many, from 1 to {LARGEST_AMOUNT[TimescaleKind(unit)]:,}."
                        )
            case "count":
                source = cleaned.get(f"{each.name}.source") or ITS_OWN
                number = cleaned.get(each.name)
                if source != ITS_OWN:
                    values[each.name] = source
                elif number is None and each.name not in self.errors:
                    self.add_error(each.name, "Enter a whole number.")
                else:
                    values[each.name] = number
            case _:
                values[each.name] = cleaned.get(each.name)

    def definition(self) -> Definition | None:
        """What was filled in, whole; None where it cannot be used, with each mistake beside its field."""
        if not self.is_valid():
            return None
        content = self.changed_content()
        if self.errors:
            return None
        try:
            return definition_from_data(content, name="draft")
        except ListMistakes as wrong:
            for mistake in wrong.mistakes:
                place = self._field_at(place_of(mistake.sentence, mistake.entry, content))
                label = str(self.fields[place].label) if place else ""
                self.add_error(place, _plain(mistake.sentence, label))
            return None

    def _field_at(self, name: str) -> str | None:
        """The field that shows the input of this name; something added in the form stands under ``new``."""
        parts = name.split(".")
        added = [".".join([*parts[:place], NEW, *parts[place + 1 :]]) for place in range(len(parts))]
        for wanted in (name, f"{name}.amount", *added):
            if wanted in self.fields:
                return wanted
        return None

    def go_on_at(self, revision: int) -> None:
        """Let what was typed be saved over ``revision``, which its author has been shown."""
        data = QueryDict(mutable=True)
        for name, values in MultiValueDict(self.data).lists():
            data.setlist(name, values)
        data[self.add_prefix("revision")] = str(revision)
        self.data = data


def _base_of(data: Mapping[str, Any] | None, content: Mapping[str, Any]) -> dict[str, Any]:
    """The definition the sent fields were made from, when it can be read; else the draft's."""
    try:
        base = json.loads(str(data["base"])) if data is not None else dict(content)
        definition_from_data(base, name="base")
    except (KeyError, ValueError):
        return dict(content)
    return base if base.get("pathway") == content.get("pathway") else dict(content)


def _plain(sentence: str, label: str) -> str:
    """A mistake as it stands beside its field, which it calls by its label and not by its place in a file."""
    start, colon, rest = sentence.partition('": ')
    told = rest if colon and start.startswith('"') else sentence
    if label and told.startswith("is "):
        return f"“{label.rstrip('?')}” {told}"
    return told[:1].upper() + told[1:]


def _fields(each: Input) -> dict[str, Field]:
    asked: dict[str, Any] = {"required": each.required, "hint": each.hint, "initial": each.value}
    asked["required_message"] = f"“{each.label.rstrip('?')}” is empty. Fill it in."
    match each.kind:
        case "line":
            return {each.name: forms.TextField(each.label, **asked)}
        case "text":
            return {each.name: forms.LongTextField(each.label, rows=3, **asked)}
        case "lines":
            asked["initial"] = "\n".join(each.value)
            return {each.name: forms.LongTextField(each.label, rows=3, **asked)}
        case "number":
            return {each.name: forms.NumberField(each.label, width=4, **asked)}
        case "count":
            return _count(each, asked)
        case "span":
            return _span(each)
        case "role":
            return {each.name: forms.SelectField(each.label, choices=WORKERS, **asked)}
        case "roles":
            choices = [*([OWNER] if "then" in each.path else []), *WORKERS]
            return {each.name: forms.ManyChoicesField(each.label, choices=choices, **asked)}
        case "remove":
            return {each.name: forms.TickField(each.label, required=False, initial=False)}
    return {each.name: forms.SelectField(each.label, choices=list(each.choices.items()), **asked)}


def _count(each: Input, asked: dict[str, Any]) -> dict[str, Field]:
    own = isinstance(each.value, int)
    asked |= {"required": False, "initial": each.value if own else None}
    number = forms.NumberField(each.label, width=4, **asked)
    if not each.choices:
        return {each.name: number}
    choices = [(ITS_OWN, "this number"), *each.choices.items()]
    source = forms.SelectField("Where it is set", choices=choices, initial=ITS_OWN if own else each.value)
    return {each.name: number, f"{each.name}.source": source}


def _span(each: Input) -> dict[str, Field]:
    unit, amount = span_parts(each.value)
    units = [(kind.value, words) for kind, words in UNITS.items()]
    return {
        f"{each.name}.amount": forms.NumberField(each.label, width=4, required=False, initial=amount, hint=each.hint),
        f"{each.name}.unit": forms.SelectField(
            "Unit", choices=[*units, *each.choices.items()], initial=unit, required=each.required
        ),
    }
