"""The fields for days and moments: several inputs, one value, errors that name the input at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from saferpractice.design import moments, words
from saferpractice.design.shown import Shown


class PartialError(ValidationError):
    """An error in some of the inputs of one field; ``parts`` names them, the summary links to the first."""

    def __init__(self, message: str, parts: Sequence[str]) -> None:
        super().__init__(message, code="invalid")
        self.parts = tuple(parts)


class DayWidget(forms.Widget):
    """Three inputs. What was typed comes back as it was; an ISO date under the field's own name is taken too."""

    parts: tuple[str, ...] = ("day", "month", "year")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> dict[str, str]:
        """The text of each part."""
        typed = {part: str(data.get(f"{name}-{part}") or "") for part in self.parts}
        if not any(typed.values()) and data.get(name):
            return self.split(str(data.get(name)))
        return typed

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether no part was sent."""
        return not any(f"{name}-{part}" in data for part in self.parts) and name not in data

    def split(self, value: Any) -> dict[str, str]:
        """A stored value, or one in ISO form, as the text of each part."""
        if isinstance(value, dict):
            return {part: str(value.get(part, "")) for part in self.parts}
        if isinstance(value, str):
            try:
                value = self.from_iso(value)
            except ValueError:
                return dict.fromkeys(self.parts, "") | {"day": value}
        return dict.fromkeys(self.parts, "") if value is None else self.spell(value)

    def from_iso(self, text: str) -> date | datetime:
        """Reads the ISO form. Raises ``ValueError``."""
        return date.fromisoformat(text)

    def spell(self, value: Any) -> dict[str, str]:
        """The parts of a day."""
        return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}


class MomentWidget(DayWidget):
    """Day, month, year and time, and the question which of two where the clocks went back."""

    parts = ("day", "month", "year", "time", "which")

    def from_iso(self, text: str) -> datetime:
        """Reads the ISO form. Raises ``ValueError`` where it lacks a time zone."""
        value = datetime.fromisoformat(text)
        if value.tzinfo is None:
            raise ValueError(text)
        return value

    def spell(self, value: Any) -> dict[str, str]:
        """The parts of a moment, on the London clock."""
        local = value.astimezone(words.LONDON)
        which = ("second" if local.fold else "first") if moments.happened_twice(local.date(), local.time()) else ""
        return super().spell(local) | {"time": f"{local:%H:%M}", "which": which}


class DayField(Shown, forms.Field):
    """A day, typed in three inputs. Gives a ``date``.

    ``past`` and ``future`` (today included in both) need the form to be given ``now``. ``recent`` offers today and
    yesterday beside the inputs, each with its date, so that neither is typed on a phone.
    """

    widget = DayWidget

    def __init__(
        self, label: str = "", *, past: bool = False, future: bool = False, recent: bool = False, **kwargs: Any
    ) -> None:
        self.past, self.future, self.recent = past, future, recent
        self.now: datetime | None = None
        super().__init__(label, **kwargs)
        self.noun = self.noun or ("The date" if label.endswith("?") or not label else label)

    def _split(self, value: Any) -> dict[str, str]:
        widget: Any = self.widget
        return widget.split(value)  # type: ignore[no-any-return]

    def prepare_value(self, value: Any) -> Any:
        """The text of each input."""
        return self._split(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the text of any input differs."""
        return self._split(initial) != self._split(data)

    def clean(self, value: Any) -> Any:
        """The day, or ``None`` when optional and left empty."""
        typed = self._split(value)
        if not any(typed.values()):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        try:
            result = self.read(typed)
        except moments.Unclear as unclear:
            raise PartialError(unclear.text, unclear.parts) from None
        self.run_validators(result)
        return result

    def read(self, typed: dict[str, str]) -> Any:
        """The day of three texts. Raises ``moments.Unclear``."""
        day = moments.parse_day(typed["day"], typed["month"], typed["year"], self.noun)
        today = self.now.astimezone(words.LONDON).date() if self.now else day
        if self.past and day > today:
            raise moments.Unclear(f"{self.noun} must be today or in the past", ("day", "month", "year"))
        if self.future and day < today:
            raise moments.Unclear(f"{self.noun} must be today or in the future", ("day", "month", "year"))
        return day


class LocalDateTimeField(DayField):
    """A day and a time on the London clock. Gives an aware moment in UTC."""

    widget = MomentWidget

    def __init__(self, label: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("noun", "The date and time" if label.endswith("?") or not label else label)
        super().__init__(label, **kwargs)

    def read(self, typed: dict[str, str]) -> Any:
        """The UTC moment of the texts. Raises ``moments.Unclear``."""
        day = moments.parse_day(typed["day"], typed["month"], typed["year"], self.noun)
        if not typed["time"].strip():
            raise moments.Unclear(
                f"{self.noun[:1].upper()}{self.noun[1:]} must include a time, like 14:30 or 2:30pm", ("time",)
            )
        result = moments.moment(day, moments.parse_time(typed["time"]), typed["which"])
        if self.past and self.now and result > self.now:
            raise moments.Unclear(f"{self.noun} must be in the past", ("day", "month", "year", "time"))
        if self.future and self.now and result < self.now:
            raise moments.Unclear(f"{self.noun} must be in the future", ("day", "month", "year", "time"))
        return result.astimezone(UTC)
