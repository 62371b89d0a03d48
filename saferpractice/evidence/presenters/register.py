"""What pages show of the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.access.rules import Role
from saferpractice.changes.beside import Beside
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import day_label
from saferpractice.design.words import localday, tag
from saferpractice.evidence.permissions import check_can_keep_register
from saferpractice.evidence.queries.register import ClauseStanding, NeedStanding, clauses_of, needs_of
from saferpractice.evidence.rules.register import RegisterState

REGISTER_HEADER = (
    "What",
    "State",
    "Change",
    "Must learn, or wording",
    "Roles",
    "Teams",
    "By",
    "Trained",
    "Needed",
    "Agreed with",
    "Agreed on",
    "Recorded by",
    "Recorded at",
)


def register_tag(state: RegisterState) -> Markup:
    """A state as a tag."""
    return tag(state.value, state.meaning)


def roles_in_words(codes: Iterable[str]) -> str:
    """Roles in the order of the enum: "Support worker, Supervisor"."""
    chosen = set(codes)
    return ", ".join(role.label for role in Role if role.value in chosen)


def teams_in_words(one: NeedStanding) -> str:
    """The teams of a need, by name."""
    return ", ".join(sorted(team.name for team in one.need.teams.all()))


def need_rows(needs: Sequence[NeedStanding]) -> list[list[Any]]:
    """Training needs as rows."""
    return [
        [
            {"text": _short(one.need.what), "href": reverse("evidence:need", args=[one.need.pk])},
            Markup("{}<br>{}").format(roles_in_words(one.need.roles), teams_in_words(one)),
            localday(one.need.by_on, short=True),
            one.coverage.words,
            register_tag(one.state),
        ]
        for one in needs
    ]


def clause_rows(clauses: Sequence[ClauseStanding]) -> list[list[Any]]:
    """Clauses as rows."""
    return [
        [
            {"text": one.clause.clause, "href": reverse("evidence:clause", args=[one.clause.pk])},
            _short(one.clause.wording),
            agreed_in_words(one),
            register_tag(one.state),
        ]
        for one in clauses
    ]


def agreed_in_words(one: ClauseStanding) -> str:
    """With whom and when a clause was agreed, or by when it should be."""
    clause = one.clause
    if clause.agreed_on is not None:
        return f"{clause.agreed_with}, {day_label(clause.agreed_on)}"
    return f"To be agreed by {day_label(clause.wanted_by)}" if clause.wanted_by else ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 120 else words[:119].rstrip() + "…"


def register_rows(needs: Iterable[NeedStanding], clauses: Iterable[ClauseStanding]) -> Iterator[list[Any]]:
    """The register as a table to save: a row for each training need, then one for each clause. No names of those
    trained."""
    for one in needs:
        need = one.need
        yield [
            "Training",
            one.state.value,
            need.change.title,
            need.what,
            roles_in_words(need.roles),
            teams_in_words(one),
            need.by_on.isoformat(),
            one.coverage.trained,
            one.coverage.needed,
            None,
            None,
            need.decided_by_name,
            need.decided_at.isoformat(),
        ]
    for each in clauses:
        clause = each.clause
        yield [
            f"Clause {clause.clause}",
            each.state.value,
            clause.change.title,
            clause.wording,
            None,
            None,
            clause.wanted_by.isoformat() if clause.wanted_by else None,
            None,
            None,
            clause.agreed_with,
            clause.agreed_on.isoformat() if clause.agreed_on else None,
            clause.decided_by_name,
            clause.decided_at.isoformat(),
        ]


def attendance_rows(one: NeedStanding, *, may_take_back: bool) -> list[list[Any]]:
    """Who needs a training, with when each was trained; then those trained who need it no longer."""
    audience = [person.pk for person in one.audience]
    people = [*one.audience, *(row.person for pk, row in one.trained.items() if pk not in audience)]
    rows = []
    for person in people:
        row = one.trained.get(person.pk)
        when: Any = day_label(row.trained_on) if row else None
        note = "" if person.pk in audience else "Holds no such role now"
        state = tag("Trained", "good") if row else tag("Not trained yet", "waiting")
        link = None
        if row and may_take_back:
            address = reverse("evidence:take_back_attendance", args=[row.pk])
            link = {"text": f"Take back, {person.name}", "href": address}
        rows.append([person.name + (f" ({note.lower()})" if note else ""), state, when, link])
    return rows


def beside_change_register(change: OperationalChange, by: Person, at: datetime) -> Beside | None:
    """What a change means for training and for the service specification."""
    needs, clauses = needs_of(change, at), clauses_of(change, at)
    may = allowed(check_can_keep_register, by=by, at=at, change=change)[0] and not hasattr(change, "withdrawal")
    if not needs and not clauses and not may:
        return None
    return Beside(
        "evidence/register_of_change.html",
        {"needs": need_rows(needs), "clauses": clause_rows(clauses), "change": change, "may": may},
    )
