"""Draws a form's fields with the NHS components: which one, and with what, follows from the widget."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django import forms as django_forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from markupsafe import Markup, escape

from saferpractice.design.asking import required_message
from saferpractice.design.days import DayWidget, MomentWidget
from saferpractice.design.inputs import ManyChoicesField, TickField
from saferpractice.design.nhsuk import Components, attributes
from saferpractice.design.shown import Shown
from saferpractice.design.uploads import ACCEPT
from saferpractice.design.words import LONDON, lower_first

nhsuk = Components()
_DESCRIBED = {"hint": "hint", "error": "errorMessage"}
_LARGE = re.compile(r"(?<=[ (])[A-Z](?=[a-z])")
_PASSED_ON = ("autocomplete", "autocapitalize", "inputmode", "spellcheck", "pattern")


def render_field(bound: BoundField, **options: Any) -> Markup:
    """One field with its label, hint, error and what was typed. ``options`` override ``size``, ``heading``, ``hint``,
    ``label``, ``width`` and ``inline`` for this page."""
    if bound.is_hidden:
        return _hidden(bound)
    for widget, draw in _DRAW:
        if isinstance(bound.field.widget, widget):
            return draw(bound, options)
    raise TypeError(f"no component draws {type(bound.field.widget).__name__}")


def render_rest(form: BaseForm, only: Iterable[str] | None = None, skip: Iterable[str] = ()) -> Markup:
    """The form's fields in order, without those that another field reveals; hidden ones always."""
    revealed: dict[str, Any] = getattr(form, "revealed_by", dict)()
    wanted, skipped = set(only) if only is not None else None, set(skip)
    if wanted is not None and wanted - set(form.fields):
        raise KeyError(f"this form has no {', '.join(sorted(wanted - set(form.fields)))}")
    return Markup("\n").join(
        render_field(form[name])
        for name in form.fields
        if name not in revealed and name not in skipped and (wanted is None or name in wanted)
    )


def render_errors(*forms: BaseForm) -> Markup:
    """The error summary of one or more forms, each line a link to the input at fault; nothing where all is well."""
    listed: list[dict[str, Any]] = []
    for form in forms:
        for name, errors in form.errors.as_data().items():
            if name == NON_FIELD_ERRORS:
                listed += [{"text": text} for error in errors for text in error.messages]
            else:
                href = None if form[name].is_hidden else "#" + _target(form[name])
                listed += [{"text": text, "href": href} for text in _messages(form[name])]
    if not listed:
        return Markup("")
    return nhsuk.error_summary({"heading": "There is a problem", "errorList": listed})


def _messages(bound: BoundField) -> list[str]:
    """What is wrong with a field. A form of another app says "This field is required": it says what to do instead."""
    default = str(django_forms.Field.default_error_messages["required"])
    texts = [str(text) for error in bound.form.errors.as_data()[bound.name] for text in error.messages]
    return [required_message(bound.field, _name_of(bound)) if text == default else text for text in texts]


def _name_of(bound: BoundField) -> str:
    """A field's label. A form of another app writes Every Word Large: only its first stays so."""
    text = str(bound.label).rstrip(":")
    return text if isinstance(bound.field, Shown) else _LARGE.sub(lambda found: found.group().lower(), text)


def _target(bound: BoundField) -> str:
    if isinstance(bound.field.widget, DayWidget):
        parts = _parts_at_fault(bound)
        return f"{bound.auto_id}-{parts[0] if parts else 'day'}"
    return bound.auto_id


def _parts_at_fault(bound: BoundField) -> tuple[str, ...]:
    errors = bound.form.errors.as_data().get(bound.name, []) if bound.form.is_bound else []
    parts = tuple(part for error in errors for part in getattr(error, "parts", ()))
    return parts or (tuple(part for part in _PART_LABELS if part in bound.field.widget.parts) if errors else ())


def _shown(bound: BoundField, options: dict[str, Any], name: str) -> Any:
    return options.get(name, getattr(bound.field, name, None))


def _label(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    text = str(options["label"]).rstrip(":") if options.get("label") else _name_of(bound)
    optional = not bound.field.required and getattr(bound.field, "mark_optional", True)
    if optional and "optional" not in text.lower() and getattr(bound.form, "mark_optional", True):
        text += " (optional)"
    heading = bool(_shown(bound, options, "heading"))
    size = _shown(bound, options, "size") or "s"
    return {"text": text, "size": "l" if heading and size == "s" else size, "isPageHeading": heading}


def _common(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    params: dict[str, Any] = {"name": bound.html_name, "id": bound.auto_id}
    hint = options["hint"] if "hint" in options else getattr(bound.field, "hint", "") or bound.help_text
    if hint:
        params["hint"] = {"html": hint} if hasattr(hint, "__html__") else {"text": str(hint)}
    if bound.errors:
        params["errorMessage"] = {"html": Markup("<br>").join(escape(text) for text in _messages(bound))}
    attrs = bound.field.widget.attrs
    params |= {name: attrs[name] for name in _PASSED_ON if name in attrs}
    passed = {name: str(value) for name, value in attrs.items() if name.startswith("data-")}
    if passed:
        params["attributes"] = passed
    if bound.field.disabled:
        params["disabled"] = True
    return params


def _text_value(bound: BoundField) -> str:
    value = bound.value()
    return "" if value is None else str(value)


def _hidden(bound: BoundField) -> Markup:
    value = bound.value()
    values = value if isinstance(value, list | tuple) else ["" if value is None else value]
    template = Markup('<input type="hidden" name="{}" id="{}" value="{}">')
    return Markup("").join(template.format(bound.html_name, bound.auto_id, one) for one in values)


def _input(bound: BoundField, options: dict[str, Any]) -> Markup:
    params = _common(bound, options) | {
        "label": _label(bound, options),
        "value": _text_value(bound),
        "type": getattr(bound.field.widget, "input_type", "text"),
        "width": _shown(bound, options, "width"),
    }
    for affix in ("prefix", "suffix"):
        if getattr(bound.field, affix, ""):
            params[affix] = getattr(bound.field, affix)
    if params["type"] == "email":
        params |= {"spellcheck": False, "autocapitalize": "none"}
        params.setdefault("autocomplete", "email")
    return nhsuk.input(params)


def _number(bound: BoundField, options: dict[str, Any]) -> Markup:
    whole = not isinstance(bound.field, django_forms.DecimalField | django_forms.FloatField)
    widget = bound.field.widget
    widget.input_type = "text"  # a number input changes under the scroll wheel and swallows what it cannot read
    widget.attrs.setdefault("inputmode", "numeric" if whole else "decimal")
    return _input(bound, options)


def _password(bound: BoundField, options: dict[str, Any]) -> Markup:
    return nhsuk.password_input(_common(bound, options) | {"label": _label(bound, options), "width": 20})


def _textarea(bound: BoundField, options: dict[str, Any]) -> Markup:
    """Written out here: the macro indents what it wraps, so a text of several lines would change each time."""
    params, label = _common(bound, options), _label(bound, options)
    counted = getattr(bound.field, "count", False)
    described = [f"{bound.auto_id}-{part}" for part, name in _DESCRIBED.items() if name in params]
    if counted:
        described.append(f"{bound.auto_id}-info")
    pieces = [nhsuk.label(label | {"for": bound.auto_id})]
    if "hint" in params:
        pieces.append(nhsuk.hint(params["hint"] | {"id": f"{bound.auto_id}-hint"}))
    if "errorMessage" in params:
        pieces.append(nhsuk.error_message(params["errorMessage"] | {"id": f"{bound.auto_id}-error"}))
    classes = ["nhsuk-textarea"]
    classes += ["nhsuk-textarea--error"] if bound.errors else []
    classes += ["nhsuk-js-character-count"] if counted else []
    area = attributes(
        {
            "class": " ".join(classes),
            "id": bound.auto_id,
            "name": bound.html_name,
            "rows": options.get("rows") or getattr(bound.field, "rows", 5),
            "aria-describedby": {"value": " ".join(described) or None, "optional": True},
            "disabled": {"value": bound.field.disabled, "optional": True},
        }
        | params.get("attributes", {})
    )
    # a browser drops the first line break inside a textarea, so one is spent here and none of the person's is lost
    pieces.append(Markup("<textarea{}>\n{}</textarea>").format(area, _text_value(bound)))
    group = {"class": "nhsuk-form-group" + " nhsuk-form-group--error" * bool(bound.errors)}
    if counted:
        limit = bound.field.max_length  # type: ignore[attr-defined]
        info = {"text": f"You can enter up to {limit:,} characters", "id": f"{bound.auto_id}-info"}
        pieces.append(nhsuk.hint(info | {"classes": "nhsuk-character-count__message"}))
        group["class"] += " nhsuk-character-count"
        group |= {"data-module": "nhsuk-character-count", "data-maxlength": str(limit), "data-threshold": "75"}
    return Markup("<div{}>{}</div>").format(attributes(group), Markup("\n").join(pieces))


def _fieldset(bound: BoundField, options: dict[str, Any]) -> dict[str, Any]:
    return {"legend": _label(bound, options)}


def _selected(bound: BoundField) -> set[str]:
    value = bound.field.prepare_value(bound.value())
    values = value if isinstance(value, list | tuple | set) else [] if value is None else [value]
    return {str(getattr(one, "value", one)) for one in values}


def _flat(choices: Iterable[Any]) -> list[tuple[str, str]]:
    listed: list[tuple[str, str]] = []
    for value, label in choices:
        if isinstance(label, list | tuple):
            listed += _flat(label)
        else:
            listed.append(("" if value is None else str(value), str(label)))
    return listed


def _items(bound: BoundField) -> list[dict[str, Any]]:
    chosen = _selected(bound)
    hints = {str(value): text for value, text in getattr(bound.field, "hints", {}).items()}
    reveals = {str(value): names for value, names in getattr(bound.field, "reveals", {}).items()}
    items: list[dict[str, Any]] = []
    for value, label in _flat(bound.field.choices):  # type: ignore[attr-defined]
        if value == "":
            continue
        item: dict[str, Any] = {"value": value, "text": label, "checked": value in chosen}
        if value in hints:
            item["hint"] = {"text": hints[value]}
        if value in reveals:
            item["conditional"] = {"html": _inner(bound, reveals[value])}
        items.append(item)
    return items


def _inner(bound: BoundField, names: Iterable[str]) -> Markup:
    return Markup("\n").join(render_field(bound.form[name]) for name in names)


def _radios(bound: BoundField, options: dict[str, Any]) -> Markup:
    params = _common(bound, options) | {"fieldset": _fieldset(bound, options), "items": _items(bound)}
    params |= {"idPrefix": bound.auto_id, "inline": bool(_shown(bound, options, "inline"))}
    params.pop("id")
    return nhsuk.radios(params)


def _checkboxes(bound: BoundField, options: dict[str, Any]) -> Markup:
    items = _items(bound)
    none_label = getattr(bound.field, "none_label", "")
    if none_label:
        none = {"value": ManyChoicesField.NONE, "text": none_label, "behaviour": "exclusive"}
        items += [{"divider": "or"}, none | {"checked": ManyChoicesField.NONE in _selected(bound)}]
    params = _common(bound, options) | {"fieldset": _fieldset(bound, options), "items": items}
    params["idPrefix"] = params.pop("id")
    return nhsuk.checkboxes(params)


def _tick(bound: BoundField, options: dict[str, Any]) -> Markup:
    params = _common(bound, options)
    item: dict[str, Any] = {"value": "on", "text": _label(bound, options)["text"], "checked": bool(bound.value())}
    if "hint" in params:
        item["hint"] = params.pop("hint")
    if isinstance(bound.field, TickField) and bound.field.reveals:
        item["conditional"] = {"html": _inner(bound, bound.field.reveals[True])}
    if not isinstance(bound.field, TickField):  # a page of another app: never "(optional)" on a lone checkbox
        item["text"] = _name_of(bound)
    params["idPrefix"] = params.pop("id")
    return nhsuk.checkboxes(params | {"items": [item]})


def _select(bound: BoundField, options: dict[str, Any]) -> Markup:
    chosen, empty = _selected(bound), getattr(bound.field, "empty", "Choose one")
    items = [
        {"value": value, "text": empty if value == "" else label, "selected": value in chosen}
        for value, label in _flat(bound.field.choices)  # type: ignore[attr-defined]
    ]
    if not any(item["value"] == "" for item in items):
        items.insert(0, {"value": "", "text": empty, "selected": not chosen})
    return nhsuk.select(_common(bound, options) | {"label": _label(bound, options), "items": items})


_PART_LABELS = {"day": "Day", "month": "Month", "year": "Year", "time": "Time"}
_PART_WIDTHS = {"day": 2, "month": 2, "year": 4, "time": 5}


def _date_input(bound: BoundField, options: dict[str, Any]) -> Markup:
    widget = bound.field.widget
    typed, wrong = bound.field.prepare_value(bound.value()), _parts_at_fault(bound)
    items = [
        {
            "name": f"{bound.html_name}-{part}",
            "id": f"{bound.auto_id}-{part}",
            "label": label,
            "width": _PART_WIDTHS[part],
            "value": typed[part],
            "error": part in wrong,
            "inputmode": "text" if part == "time" else "numeric",
        }
        for part, label in _PART_LABELS.items()
        if part in widget.parts
    ]
    params = _common(bound, options) | {"fieldset": _fieldset(bound, options) | {"role": "group"}, "items": items}
    which = isinstance(widget, MomentWidget) and ("which" in wrong or typed["which"])
    beside = [_recent_days(bound), _which(bound, typed["which"]) if which else Markup("")]
    return Markup("").join([nhsuk.date_input(params), *beside])


def _recent_days(bound: BoundField) -> Markup:
    """Today and yesterday to tap. Each says its date: on a page opened before midnight "today" alone would mislead."""
    now = getattr(bound.field, "now", None)
    if not (getattr(bound.field, "recent", False) and now):
        return Markup("")
    today = now.astimezone(LONDON).date()
    buttons = Markup(" ").join(
        Markup(
            '<button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small" type="button" data-fills="{}" '
            'data-day="{}" aria-describedby="{}-recent">{}, {} {:%B}</button>'
        ).format(bound.auto_id, day.isoformat(), bound.auto_id, name, day.day, day)
        for name, day in (("Today", today), ("Yesterday", today - timedelta(days=1)))
    )
    words = Markup('<span class="nhsuk-u-visually-hidden" id="{}-recent">Fills in {}</span>').format(
        bound.auto_id, lower_first(str(bound.label))
    )
    return Markup('<div class="sp-recent sp-needs-script">{}{}</div>').format(buttons, words)


def _which(bound: BoundField, chosen: str) -> Markup:
    """Asked only where the clocks went back and the same time came twice."""
    labels = {"first": "The first time, before the clocks went back (BST)", "second": "The second time, after (GMT)"}
    params = {
        "name": f"{bound.html_name}-which",
        "idPrefix": f"{bound.auto_id}-which",
        "fieldset": {"legend": {"text": "Which of the two?", "size": "s"}},
        "items": [{"value": value, "text": text, "checked": value == chosen} for value, text in labels.items()],
    }
    return nhsuk.radios(params)


def _upload(bound: BoundField, options: dict[str, Any]) -> Markup:
    params = _common(bound, options) | {"label": _label(bound, options)}
    kinds = getattr(bound.field, "kinds", ())
    accept = ",".join(f".{kind}" for kind in kinds) + (",.jpeg" if "jpg" in kinds else "") if kinds else ACCEPT
    params["attributes"] = params.get("attributes", {}) | {"accept": accept}
    return nhsuk.file_upload(params)


# the first widget class that fits draws, so the narrower stand before the wider
_DRAW: tuple[tuple[type[django_forms.Widget], Callable[[BoundField, dict[str, Any]], Markup]], ...] = (
    (DayWidget, _date_input),
    (django_forms.CheckboxSelectMultiple, _checkboxes),
    (django_forms.RadioSelect, _radios),
    (django_forms.CheckboxInput, _tick),
    (django_forms.Select, _select),
    (django_forms.Textarea, _textarea),
    (django_forms.FileInput, _upload),
    (django_forms.PasswordInput, _password),
    (django_forms.NumberInput, _number),
    (django_forms.widgets.Input, _input),
)
