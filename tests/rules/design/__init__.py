"""The design room: fields, pages and charts, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django import forms as django_forms

from saferpractice.design import forms


@dataclass(frozen=True)
class Result:
    """A form with one field called ``it``, after it was sent."""

    form: forms.Form

    @property
    def valid(self) -> bool:
        return self.form.is_valid()

    @property
    def value(self) -> Any:
        assert self.form.is_valid(), self.form.errors
        return self.form.cleaned_data["it"]

    @property
    def errors(self) -> list[str]:
        return list(self.form.errors.get("it", []))


def one(field: django_forms.Field, sent: Any, **kwargs: Any) -> Result:
    """Send ``sent`` to a form whose only field is ``it``: a value, or the values of its inputs by name."""
    form = type("OneForm", (forms.Form,), {"it": field})
    return Result(form(sent if isinstance(sent, dict) else {"it": sent}, **kwargs))


class Element:
    """One element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag, self.attributes, self.text = tag, attributes, ""

    def __getitem__(self, name: str) -> str | None:
        return self.attributes.get(name)


class Page(HTMLParser):
    """The elements of a piece of HTML, with the text directly in them."""

    VOID = {"input", "br", "meta", "link", "img"}

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(str.__str__(html))
        self.close()
        assert not self._open, f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        if tag not in self.VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        return [
            e for e in self.elements if e.tag == tag and all(e[name] == value for name, value in attributes.items())
        ]

    def only(self, tag: str, **attributes: str) -> Element:
        [found] = self.all(tag, **attributes)
        return found
