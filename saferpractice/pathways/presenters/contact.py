"""How the person wants to be reached, beside the taps that write down an attempt; and local texts to have at hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.config.encryption import CannotDecrypt
from saferpractice.deadlines.rules import day_label, local_day, local_time_label
from saferpractice.incidents.models import ContactPreference
from saferpractice.incidents.queries import preference_in_force, preferences_of, ways_of
from saferpractice.incidents.rules import ContactMethod, Way
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.queries import values_of, worked_by
from saferpractice.pathways.rules.spans import local_named
from saferpractice.pathways.rules.state import PathwayState
from saferpractice.pathways.rules.values import local_values


@dataclass(frozen=True, slots=True)
class Reach:
    """What the case page offers for trying to reach the person."""

    kind: str
    question: str
    ways: list[Way]
    others: list[Way]
    """Methods that are not on the person's own list."""
    said: str
    """Who wrote the list down and since when it holds; "" when nobody did."""
    unreadable: bool
    key: str
    """The submission key of this page: one attempt each way, however often it is tapped."""


def reach_of(case: PathwayCase, person: Person, at: datetime) -> Reach | None:
    """What to show; None where the pathway has no record that two taps make, or it is not for ``person`` to make it."""
    roles = person.roles(case.team.place, at)
    fitting = (kind for kind in worked_by(case).definition.records if kind.attempt is not None)
    kind = next((kind for kind in fitting if roles & frozenset(map(Role, kind.made_by))), None)
    if kind is None or kind.attempt is None:
        return None
    preference = preference_in_force(case.person_supported, local_day(at))
    ways, unreadable = _read(preference)
    listed = {way.method for way in ways}
    others = [Way(method) for method in ContactMethod if method not in listed]
    return Reach(kind.id, kind.attempt[1].label, ways, others, _said(preference), unreadable, uuid4().hex)


def _read(preference: ContactPreference | None) -> tuple[list[Way], bool]:
    """The ways, and whether there are some that cannot be read: the page must work all the same."""
    try:
        return ways_of(preference), False
    except CannotDecrypt:
        return [], True


def _said(preference: ContactPreference | None) -> str:
    if preference is None:
        return ""
    who = f"{preference.decided_by_name}, {local_time_label(preference.decided_at)}"
    return f"Since {day_label(preference.from_on)}. Written down by {who}."


def ways_before(case: PathwayCase) -> list[dict[str, object]]:
    """Everything written down so far about how the person wants to be reached, newest first."""
    return [
        {
            "from": day_label(one.from_on),
            "who": f"{one.decided_by_name}, {local_time_label(one.decided_at)}",
            "ways": [way_words(way) for way in _read(one)[0]] or ["No way"],
        }
        for one in preferences_of(case.person_supported)
    ]


def way_words(way: Way) -> str:
    """A way in a line: "Phone call, 01632 960 018 (not before 10)"."""
    detail = f", {way.detail}" if way.detail else ""
    return f"{way.method.label}{detail}{f' ({way.note})' if way.note else ''}"


def texts_at_hand(state: PathwayState, case: PathwayCase) -> list[tuple[str, str]]:
    """The local texts that what is still owed asks to have in view, each once: its label and its words."""
    definition = worked_by(case).definition
    values = local_values(definition, values_of(case.team.service_id, definition))
    names = dict.fromkeys(local_named(text) for owed in state.open for text in owed.obligation.shows)
    return [(definition.locals[name].label, str(values[name]).strip()) for name in names if name]
