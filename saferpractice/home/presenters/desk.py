"""What the duty desk shows: a row for each decision, a flag for each escalation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import due_label, lateness, local_time_label
from saferpractice.design.words import tag
from saferpractice.home.presenters.work import who_owes
from saferpractice.home.queries import Flag, OnDesk
from saferpractice.home.rules import left_words
from saferpractice.pathways.presenters import form_to_meet

DESK_HEADER = ("What must be decided", "About", "Team", "Who owes it", "Harm", "Due", "Time left", "Escalated")
HARM = {0: "None", 1: "Low", 2: "Moderate", 3: "Severe", 4: "Fatal"}


def _what(one: OnDesk) -> str:
    return one.asked.title if one.asked else one.obligation.title


def _about(one: OnDesk) -> str:
    if one.case is not None:
        return f"{one.case.person_supported.reference}, {one.case.version.title}"
    return f"Incident {one.incident.reference}" if one.incident else ""


def _beside(one: OnDesk) -> str:
    """What stands under the title: what it is about, where the title does not name it already, and the team."""
    named = one.case is None and one.incident is not None and one.incident.reference in _what(one)
    team = one.obligation.team.name if one.obligation.team else ""
    return ". ".join(part for part in ("" if named else _about(one), team) if part)


def _harm_words(one: OnDesk) -> str:
    return "Not known" if one.weight.harm is None else HARM[one.weight.harm]


def _told_words(one: OnDesk) -> str:
    if one.told is None:
        return ""
    names = ", ".join(one.told.names) or "nobody"
    return f"To {names}, {local_time_label(one.told.at)}"


def desk_rows(found: Iterable[OnDesk], person: Person, at: datetime, back: str) -> list[list[Any]]:
    """Rows of the desk; the first cell names its row (``data-row``), so that a refresh finds it again.

    ``back`` is the address of the desk as shown, to which a form written from here leads back.
    """
    link = Markup('<a href="{}" data-row="{}">{}</a><br><span class="sp-clock">{}</span>')
    rows: list[list[Any]] = []
    for one in found:
        row = one.obligation
        harm = tag("Still at risk", "bad") if one.weight.still_at_risk else None
        graded = Markup("{}<br>{}").format(harm, _harm_words(one)) if harm else _harm_words(one)
        late = row.due_at < at
        left = Markup('{}<br><span class="sp-clock">By {}</span>').format(
            tag(left_words(row.due_at, at), "bad" if late else "warning"), due_label(row.due_at)
        )
        told = (
            Markup('{}<br><span class="sp-clock">{}</span>').format(tag("Escalated", "bad"), _told_words(one))
            if one.told
            else None
        )
        where = _where(one, person, at, back)
        rows.append([link.format(where, row.pk, _what(one), _beside(one)), who_owes(row), graded, left, told])
    return rows


def _where(one: OnDesk, person: Person, at: datetime, back: str) -> str:
    """The very form: for what a pathway asks for, the record that meets it; else the page where it is decided."""
    form = form_to_meet(one.case, one.asked, person, at) if one.case and one.asked else None
    if form is None:
        return reverse("home:go", args=[one.obligation.pk])
    asked = {"owed": str(one.obligation.subject_id), "back": back}
    return f"{form}?{urlencode(asked)}"


def desk_lines(found: Iterable[OnDesk], at: datetime) -> Iterator[list[Any]]:
    """The desk as rows of a file; moments in London time. Names of people supported never appear."""
    for one in found:
        row = one.obligation
        risk = "Still at risk. " if one.weight.still_at_risk else ""
        yield [
            _what(one),
            _about(one),
            row.team.name if row.team else "",
            who_owes(row),
            f"{risk}{_harm_words(one)}",
            due_label(row.due_at),
            left_words(row.due_at, at),
            _told_words(one),
        ]


def flags_shown(found: Iterable[Flag], at: datetime) -> list[dict[str, Any]]:
    """What escalations tell somebody; where they may not open what it is about, only that there is something."""
    return [
        {
            "id": one.escalation.pk,
            "what": one.obligation.title if one.open else "Something restricted to named people",
            "href": reverse("home:go", args=[one.obligation.pk]) if one.open else "",
            "late": f"{lateness(one.obligation.due_at, at)} late",
            "since": local_time_label(one.escalation.at),
        }
        for one in found
    ]
