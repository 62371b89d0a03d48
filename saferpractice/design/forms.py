"""Forms: the base class and every field a page may use. ``from saferpractice.design import forms`` is all one needs.

What was typed is always kept, errors say what to do, and a field that belongs to a choice is asked only if it
is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.forms.forms import BaseForm
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from saferpractice.design.asking import required_message
from saferpractice.design.days import DayField, LocalDateTimeField, PartialError
from saferpractice.design.inputs import (
    ChoiceField,
    DecimalField,
    EmailField,
    HiddenField,
    LongTextField,
    ManyChoicesField,
    NumberField,
    RecordField,
    RecordsField,
    SelectField,
    TextField,
    TickField,
    UploadField,
    YesNoField,
    choices_of,
)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Form(django_forms.Form):
    """The base of every form.

    ``now`` (aware) is given by the view when a field says ``past`` or ``future``. ``kept`` is a draft as
    :meth:`typed` gave it: the form shows it again, without judging it.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        now: datetime | None = None,
        kept: Mapping[str, list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self._kept = _multi(kept) if kept else None
        self.sent_before: Any = None
        kwargs.setdefault("label_suffix", "")
        super().__init__(_without_controls(data), files, **kwargs)
        for name, field in self.fields.items():
            _say_what_to_do(name, field)
            if isinstance(field, DayField):
                if self.is_bound and now is None and (field.past or field.future):
                    raise TypeError(f"{name} looks at the clock: give the form now=")
                field.now = now

    def get_initial_for_field(self, field: django_forms.Field, field_name: str) -> Any:
        """What a field shows before it is sent: the draft where there is one."""
        if self._kept is not None and not isinstance(field, django_forms.FileField):
            name = self.add_prefix(field_name)
            if not field.widget.value_omitted_from_data(self._kept, {}, name):
                return field.widget.value_from_datadict(self._kept, {}, name)
        return super().get_initial_for_field(field, field_name)

    def typed(self) -> dict[str, list[str]]:
        """What was typed, raw, as a draft to store and to give back as ``kept``. Files are not part of a draft."""
        data = _multi(self.data)
        own = [self.add_prefix(name) for name, field in self.fields.items() if not _is_file(field)]
        return {
            key: [str(value) for value in data.getlist(key)]
            for key in data
            if any(key == name or key.startswith(f"{name}-") for name in own)
        }

    def say_sent_before(self, earlier: Any, *, key: str) -> None:
        """Show what is on record from the first time this form was sent. Sent again as it is, it goes under ``key``."""
        self.sent_before = earlier
        if not self.is_bound:
            self.initial["submission_key"] = key
            return
        name = self.add_prefix("submission_key")
        if isinstance(self.data, QueryDict):
            changed = self.data.copy()
            changed[name] = key
            self.data = changed
        else:
            self.data = {**self.data, name: key}

    def revealed_by(self) -> dict[str, tuple[str, str]]:
        """Fields that belong to a choice: their name, and the field and value that reveal them."""
        return {
            name: (chooser, value)
            for chooser, field in self.fields.items()
            for value, names in getattr(field, "reveals", {}).items()
            for name in names
        }

    def _not_asked(self) -> set[str]:
        """Fields whose choice was not made: neither required nor read."""
        hidden: set[str] = set()
        revealed = self.revealed_by()
        for name in _parents_first(revealed):
            chooser, value = revealed[name]
            chosen = self[chooser].data
            given = chosen if isinstance(chosen, list) else [chosen]
            if chooser in hidden or str(value) not in {str(one) for one in given}:
                hidden.add(name)
        return hidden

    def _clean_fields(self) -> None:
        hidden = self._not_asked()
        for name, field in self.fields.items():
            _say_what_to_do(name, field)  # again, for fields that the form's own __init__ added
        for name, bound in self._bound_items():  # type: ignore[attr-defined]
            if name in hidden:
                self.cleaned_data[name] = _nothing(bound.field)
                continue
            try:
                self.cleaned_data[name] = bound.field._clean_bound_field(bound)
                if hasattr(self, f"clean_{name}"):
                    self.cleaned_data[name] = getattr(self, f"clean_{name}")()
            except ValidationError as error:
                self.add_error(name, error)


def _parents_first(revealed: dict[str, tuple[str, str]]) -> Iterator[str]:
    waiting = list(revealed)
    while waiting:
        ready = [name for name in waiting if revealed[name][0] not in waiting]
        if not ready:
            raise ValueError(f"these fields reveal each other: {', '.join(waiting)}")
        yield from ready
        waiting = [name for name in waiting if name not in ready]


def _nothing(field: django_forms.Field) -> Any:
    if isinstance(field, RecordsField):
        return field.queryset.none() if field.queryset is not None else None
    if isinstance(field, django_forms.MultipleChoiceField):
        return []
    if isinstance(field, TickField):
        return False
    if isinstance(field, YesNoField) or (isinstance(field, ChoiceField) and field.enum):
        return None
    return "" if isinstance(field, django_forms.CharField | django_forms.ChoiceField) else None


def _is_file(field: django_forms.Field) -> bool:
    return isinstance(field, django_forms.FileField)


def _multi(data: Mapping[str, Any]) -> MultiValueDict[str, Any]:
    if isinstance(data, MultiValueDict):
        return data
    return MultiValueDict({key: value if isinstance(value, list) else [value] for key, value in data.items()})


def _without_controls(data: Mapping[str, Any] | None) -> Any:
    """Control characters are never meant, break files we export and, as NUL, the database. Emoji stay."""
    if data is None:
        return None
    dirty = any(_CONTROL.search(value) for value in _values(data))
    if not dirty:
        return data
    clean = {key: [_scrub(value) for value in values] for key, values in _multi(data).lists()}
    if isinstance(data, QueryDict):
        copy = QueryDict(mutable=True, encoding=data.encoding)
        for key, values in clean.items():
            copy.setlist(key, values)
        return copy
    return {key: value if isinstance(data[key], list) else value[0] for key, value in clean.items()}


def _scrub(value: Any) -> Any:
    return _CONTROL.sub("", value) if isinstance(value, str) else value


def _values(data: Mapping[str, Any]) -> Iterator[str]:
    for _, values in _multi(data).lists():
        yield from (value for value in values if isinstance(value, str))


def _say_what_to_do(name: str, field: django_forms.Field) -> None:
    explicit = getattr(field, "required_message", "")
    if explicit:
        field.error_messages["required"] = explicit
    elif field.error_messages.get("required") == django_forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = required_message(field, str(field.label or name.replace("_", " ")))


__all__ = [
    "BaseForm",
    "ChoiceField",
    "DayField",
    "DecimalField",
    "EmailField",
    "Form",
    "HiddenField",
    "LocalDateTimeField",
    "LongTextField",
    "ManyChoicesField",
    "NumberField",
    "PartialError",
    "RecordField",
    "RecordsField",
    "SelectField",
    "TextField",
    "TickField",
    "UploadField",
    "ValidationError",
    "YesNoField",
    "choices_of",
]
