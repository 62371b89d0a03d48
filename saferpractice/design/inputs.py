"""The fields a form is made of. Each takes its label first; the rest is by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, QuerySet

from saferpractice.design import uploads
from saferpractice.design.shown import Shown
from saferpractice.design.typed import as_written

YES, NO = "yes", "no"


class TextField(Shown, forms.CharField):
    """One line of text. ``prefix`` and ``suffix`` stand beside the input."""

    def __init__(
        self, label: str = "", *, max_length: int = 200, prefix: str = "", suffix: str = "", **kwargs: Any
    ) -> None:
        self.prefix, self.suffix = prefix, suffix
        super().__init__(label, max_length=max_length, **kwargs)
        self.error_messages["max_length"] = _too_long(self.noun or label)

    def to_python(self, value: Any) -> str:
        """The text as it was typed, or nothing where there is nothing to read in it."""
        text = str(super().to_python(value) or "")
        return text if as_written(text) else ""


class LongTextField(TextField):
    """Several lines of text. ``count=True`` shows how many characters are left."""

    widget = forms.Textarea

    def __init__(
        self, label: str = "", *, rows: int = 5, count: bool = False, max_length: int = 20_000, **kwargs: Any
    ) -> None:
        self.rows, self.count = rows, count
        super().__init__(label, max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        """The text with one kind of line end, as the counter in the page counts it."""
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class EmailField(Shown, forms.EmailField):
    """An e-mail address."""

    default_error_messages = {"invalid": "Enter an email address in the correct format, like name@example.com"}
    width = 30


class NumberField(Shown, forms.IntegerField):
    """A whole number."""

    width = 5

    def __init__(
        self, label: str = "", *, prefix: str = "", suffix: str = "", min_value: int = 0, **kwargs: Any
    ) -> None:
        self.prefix, self.suffix = prefix, suffix
        kwargs.setdefault("max_value", 2_000_000_000)
        super().__init__(label, min_value=min_value, **kwargs)
        _number_messages(self, self.noun or label, "Enter a whole number, like 12")


class DecimalField(Shown, forms.DecimalField):
    """A number that may have decimal places."""

    width = 5

    def __init__(self, label: str = "", *, prefix: str = "", suffix: str = "", **kwargs: Any) -> None:
        self.prefix, self.suffix = prefix, suffix
        kwargs.setdefault("max_digits", 12)
        super().__init__(label, **kwargs)
        _number_messages(self, self.noun or label, "Enter a number, like 12 or 12.5")


class _Choosing(Shown):
    """Shared by radios, checkboxes and select: ``choices`` may be an ``Enum`` class, then members come back.

    ``hints`` maps a value to the line under it. ``reveals`` maps a value to names of fields that belong to it: they
    are shown under it, and asked only if it is chosen. ``inline`` sets short choices side by side.
    """

    inline = False

    def __init__(
        self,
        label: str = "",
        *,
        choices: Any = (),
        hints: Mapping[Any, str] | None = None,
        reveals: Mapping[Any, Sequence[str]] | None = None,
        inline: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self.enum: type[Enum] | None = choices if isinstance(choices, type) and issubclass(choices, Enum) else None
        self.hints = {_plain(value): text for value, text in (hints or {}).items()}
        self.reveals = {_plain(value): tuple(names) for value, names in (reveals or {}).items()}
        if inline is not None:
            self.inline = inline
        listed = choices_of(choices) if self.enum else choices
        super().__init__(label, choices=listed, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether something else was chosen."""
        before = [_plain(one) for one in initial] if isinstance(initial, list | tuple) else _plain(initial)
        return bool(super().has_changed(before, data))  # type: ignore[misc]

    def member(self, value: str) -> Any:
        """The enum member of a value that was chosen, or the value where choices are plain."""
        return self.enum(value) if self.enum and value != "" else value


class ChoiceField(_Choosing, forms.ChoiceField):
    """One of a few, as radios. An optional field that was left alone gives ``""`` (``None`` for an enum)."""

    widget = forms.RadioSelect

    def clean(self, value: Any) -> Any:
        """The chosen value or enum member."""
        chosen = super().clean(_plain(value))
        return None if self.enum and chosen == "" else self.member(chosen)


class SelectField(ChoiceField):
    """One of many, as a drop-down list. ``empty`` is what it says while nothing is chosen, "Any" in a filter."""

    widget = forms.Select  # type: ignore[assignment]

    def __init__(self, label: str = "", *, empty: str = "Choose one", **kwargs: Any) -> None:
        self.empty = empty
        super().__init__(label, **kwargs)


class ManyChoicesField(_Choosing, forms.MultipleChoiceField):
    """Any number of a few, as checkboxes. ``none_label`` adds "none of these", which rules out the others.

    Then an optional field that was left alone gives ``None``, and "none of these" an empty list.
    """

    widget = forms.CheckboxSelectMultiple
    NONE = "none-of-these"

    def __init__(self, label: str = "", *, none_label: str = "", **kwargs: Any) -> None:
        self.none_label = none_label
        super().__init__(label, **kwargs)

    def clean(self, value: Any) -> Any:
        """The chosen values or enum members, in the order they were sent."""
        given = [_plain(one) for one in value or []]
        if self.none_label and self.NONE in given:
            if len(given) > 1:
                raise ValidationError(f"Select what applies, or select “{self.none_label}”")
            return []
        if self.none_label and not given and not self.required:
            return None
        return [self.member(one) for one in super().clean(given)]


class YesNoField(ChoiceField):
    """Yes or no, nothing chosen beforehand. Gives ``True``, ``False``, or ``None`` when optional and left alone."""

    inline = True

    def __init__(self, label: str = "", *, yes: str = "Yes", no: str = "No", **kwargs: Any) -> None:
        for name in ("reveals", "hints"):
            if name in kwargs:
                kwargs[name] = {_yes_no(value): given for value, given in kwargs[name].items()}
                self.inline = False
        super().__init__(label, choices=[(YES, yes), (NO, no)], **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another answer was chosen."""
        return super().has_changed(_yes_no(initial), _yes_no(data))

    def prepare_value(self, value: Any) -> Any:
        """A boolean from the database as the choice it means."""
        return _yes_no(value)

    def clean(self, value: Any) -> Any:
        """``True``, ``False`` or ``None``."""
        return {YES: True, NO: False}.get(super().clean(_yes_no(value)))


class TickField(Shown, forms.BooleanField):
    """One checkbox. Required means it must be ticked. ``reveals`` names the fields that are asked once it is."""

    mark_optional = False

    def __init__(self, label: str = "", *, reveals: Sequence[str] = (), **kwargs: Any) -> None:
        self.reveals = {True: tuple(reveals)} if reveals else {}
        super().__init__(label, **kwargs)


class _Records(Shown):
    """Shared by the fields that offer records. ``label_from`` names each in the list."""

    def __init__(
        self,
        label: str = "",
        *,
        queryset: QuerySet[Any] | None = None,
        label_from: Callable[[Any], str] = str,
        empty: str = "Choose one",
        **kwargs: Any,
    ) -> None:
        self.label_from, self.empty = label_from, empty
        super().__init__(label, queryset=queryset, **kwargs)

    def label_from_instance(self, obj: Model) -> str:
        """How a record is named in the list."""
        return self.label_from(obj)


class RecordField(_Records, forms.ModelChoiceField):
    """One record of a queryset that the form limits to what this person may see; ``label_from`` names each.

    A drop-down list, or radios with ``widget=RadioSelect``.
    """


class RecordsField(_Records, forms.ModelMultipleChoiceField):
    """Any number of records, as checkboxes. Gives a queryset."""

    widget = forms.CheckboxSelectMultiple


class UploadField(Shown, forms.FileField):
    """A file of an allowed kind and size, judged by its bytes; comes back with a clean name and its true type."""

    widget = forms.FileInput

    def __init__(
        self,
        label: str = "",
        *,
        kinds: Iterable[str] = uploads.KINDS,
        largest: int = uploads.LARGEST,
        **kwargs: Any,
    ) -> None:
        self.kinds, self.largest = tuple(kinds), largest
        kwargs.setdefault("hint", f"{', '.join(self.kinds)}, up to {largest // uploads.MEGABYTE} MB")
        super().__init__(label, **kwargs)

    def to_python(self, data: Any) -> UploadedFile | None:
        """The file, or ``None`` where there is none."""
        if data in self.empty_values:
            return None
        name = uploads.clean_name(data.name or "")
        problem = uploads.problem_with(name, data.size or 0, data, self.kinds, self.largest)
        if problem:
            raise ValidationError(problem, code="invalid")
        data.name, data.content_type = name, uploads.CONTENT_TYPES[uploads.kind_of(name)]
        return data  # type: ignore[no-any-return]


class HiddenField(forms.CharField):
    """A value the page carries and nobody types."""

    widget = forms.HiddenInput


def choices_of(enum: type[Enum]) -> list[tuple[Any, str]]:
    """The choices of an enum: its ``label`` where it has one, else its value in sentence case."""
    return [
        (member.value, str(getattr(member, "label", "") or str(member.value).replace("_", " ").capitalize()))
        for member in enum
    ]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _yes_no(value: Any) -> Any:
    return {True: YES, False: NO}.get(value, value) if isinstance(value, bool) else value


def _too_long(noun: str) -> Any:
    named = "Your answer" if not noun or noun.endswith("?") else noun
    return f"{named} must be %(limit_value)d characters or fewer. It has %(show_value)d now"


def _number_messages(field: Any, noun: str, invalid: str) -> None:
    named = "The number" if not noun or noun.endswith("?") else noun
    field.error_messages["invalid"] = invalid
    field.error_messages["min_value"] = f"{named} must be %(limit_value)s or more"
    field.error_messages["max_value"] = f"{named} must be %(limit_value)s or fewer"
