"""What people fill in on a record, checked against its kind, and kept as plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from saferpractice.deadlines.rules import utc
from saferpractice.design.typed import as_written
from saferpractice.incidents.rules import ContactMethod
from saferpractice.pathways.rules.definition import Definition, RecordField, RecordKind, Value
from saferpractice.pathways.rules.timeline import is_filled

LONGEST = 20_000
"""Characters of one text. A longer one is a document pasted by mistake."""
SEVERAL = frozenset({"choices", "indicators", "partners"})
YES_NO = frozenset({"yes", "no"})
UNSAID = "Tick what is present, or say that none of these is."


@dataclass(frozen=True, slots=True)
class Known:
    """What a definition leaves to others.

    The partners of a provider by code, with their names; what stands on dated lists, by list and code, with the words
    people read; and the records of the case that another may name, by id, with the code of their kind.
    """

    partners: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)


NOTHING_KNOWN = Known()


def checked_values(
    definition: Definition, kind: RecordKind, given: Mapping[str, Any], known: Known = NOTHING_KNOWN
) -> tuple[dict[str, Any], dict[str, str]]:
    """``given`` as plain data to keep, empty fields left out, and a sentence for each field that cannot be kept.

    Whether the record is whole is another question (``lacking``): a record may be written down and not count yet. But
    indicators are ticked, or said to be absent by an empty list: left alone they would read as if nothing were wrong.
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name in given:
        if name not in kind.by_id:
            problems[""] = f"“{name}” is no field of “{kind.label}”."
    for part in kind.fields:
        value = given.get(part.id)
        if part.type == "indicators" and not isinstance(value, list | tuple | set | frozenset):
            problems[part.id] = UNSAID
            continue
        if not is_filled(value) and part.type != "indicators":
            continue
        kept, problem = _checked(definition, part, value, known)
        if problem:
            problems[part.id] = problem
        else:
            values[part.id] = kept
    return values, problems


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""Also half characters: JSON can say one, and no database keeps it."""
EARLIEST_YEAR = 2000
"""Nothing that is written down on a pathway happened before: another year is a slip, or a clock that was never set."""


def from_outside(kind: RecordKind, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers as another system sends them, in JSON's own types, as ``checked_values`` takes them.

    Texts lose their control characters, a moment is text in ISO form with its zone. What is of another type than its
    field is a sentence beside it; a name that is no field is left for ``checked_values`` to say.
    """
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, value in given.items():
        part = kind.by_id.get(name)
        if value is None:
            continue
        if part is not None and part.type == "moment":
            moment = _moment(value)
            found[name] = moment
            if moment is None:
                problems[name] = "Send a day and a time with its zone, like 2026-03-04T10:00:00Z."
        elif part is not None and part.type in SEVERAL:
            if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
                problems[name] = "Send a list of the codes."
            else:
                found[name] = [_CONTROL.sub("", each) for each in value]
        elif not isinstance(value, str):
            problems[name] = "Send a text."
        else:
            found[name] = _CONTROL.sub("", value)
    return found, problems


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None and found.year >= EARLIEST_YEAR else None


def _checked(definition: Definition, part: RecordField, value: Any, known: Known) -> tuple[Any, str]:
    match part.type:
        case "moment":
            if not isinstance(value, datetime) or value.tzinfo is None:
                return None, "Enter a day and a time."
            return utc(value).isoformat(), ""
        case "indicators":
            return _among(value, {indicator.id for indicator in definition.indicators})
        case "choices":
            return _among(value, set(part.ranks))
        case "choice" | "level":
            return (value, "") if value in part.ranks else (None, "Choose one of the answers.")
        case "contact-method":
            return (value, "") if value in set(ContactMethod) else (None, "Choose one of the ways shown.")
        case "yes-no":
            return (value, "") if value in YES_NO else (None, "Choose yes or no.")
        case "role":
            return (value, "") if value in part.may_name else (None, "Choose one of the roles shown.")
        case "partners":
            return _among(value, set(known.partners))
        case "partner":
            return (str(value), "") if str(value) in known.partners else (None, "Choose one of the partners.")
        case "listed":
            offered = known.lists.get(part.from_list or "", {})
            return (str(value), "") if str(value) in offered else (None, "Choose one of the list.")
        case "record":
            kind = known.records.get(str(value))
            fits = kind is not None and (not part.of or kind in part.of)
            return (str(value), "") if fits else (None, "Choose one of the records shown.")
    text = as_written(str(value))
    if len(text) > LONGEST:
        return None, f"Shorten this to {LONGEST:,} characters."
    return text, ""


def _among(value: Any, known: set[str]) -> tuple[list[str] | None, str]:
    given = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
    if not set(map(str, given)) <= known:
        return None, "Choose among the answers shown."
    return [str(each) for each in dict.fromkeys(given)], ""


def read_values(kind: RecordKind, kept: Mapping[str, Any]) -> dict[str, Any]:
    """What ``checked_values`` kept, as the engine and the pages read it: moments as moments, lists as tuples."""
    found: dict[str, Any] = {}
    for name, value in kept.items():
        part = kind.by_id.get(name)
        if part is not None and part.type == "moment" and isinstance(value, str):
            found[name] = datetime.fromisoformat(value)
        elif part is not None and part.type in SEVERAL:
            found[name] = tuple(value)
        else:
            found[name] = value
    return found


def local_values(definition: Definition, own: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """The local values in force: a service's own where it set one, else the default.

    Raises:
        ValueError: a value that the definition does not have, or outside its bounds; the message says what to write.
    """
    chosen: dict[str, Value] = {value.id: value.default for value in definition.local}
    for name, value in (own or {}).items():
        if name not in chosen:
            raise ValueError(f'"{name}" is no local value of {definition.title}.')
        problem = definition.locals[name].problem_with(value)
        if problem:
            raise ValueError(f'"{definition.locals[name].label}" {problem}')
        chosen[name] = value
    return chosen
