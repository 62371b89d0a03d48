"""Sentences that say what to do when nothing was entered."""

from __future__ import annotations

import re

from django import forms

from saferpractice.design.inputs import YesNoField

_ASKS = re.compile(r"(what|when|where|who|why|how|which|whose)\b(.*)\?$", re.IGNORECASE | re.DOTALL)
_AUXILIARY = re.compile(r"\b(did|do|does|is|are|was|were|has|have|had|can|could|will|would|should|must|may)\b")
_CHOOSING = (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.Select)


def required_message(field: forms.Field, label: str) -> str:
    """A sentence that says what to do, from the label: "What happened?" gives "Enter what happened"."""
    if isinstance(field, YesNoField):
        return f"Select yes or no: {_lower_first(label)}"
    verb = "Select" if isinstance(field.widget, _CHOOSING) else "Enter"
    if isinstance(field.widget, forms.CheckboxInput):
        return f"Tick “{label}”"
    if isinstance(field, forms.FileField):
        return "Choose a file" if label.lower() in {"file", "document", ""} else f"Choose a file: {_lower_first(label)}"
    question = _ASKS.match(label.strip())
    if question and not _AUXILIARY.search(question[2]):
        return f"{verb} {question[1].lower()}{question[2]}"
    if label.strip().endswith("?"):
        return f"Answer “{label.strip()}”"
    return f"{verb} {_lower_first(label)}"


def _lower_first(text: str) -> str:
    """Not where it would spoil an abbreviation or "I"."""
    return text if text[1:2].isupper() or text[1:2] in {" ", "’", "'"} else text[:1].lower() + text[1:]
