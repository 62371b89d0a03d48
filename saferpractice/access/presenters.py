"""What the pages about people and places show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person, RoleAssignment
from saferpractice.access.rules import Role
from saferpractice.design.words import localday, localtime, tag
from saferpractice.trail.models import TrailEntry

QUIET_FOR = timedelta(days=90)
"""Somebody who has not signed in for so long is asked about at the review of access."""


def place_words(held: RoleAssignment) -> str:
    """Where a role is held, in words."""
    if held.team is not None and held.service is not None:
        return f"{held.team.name}, {held.service.name}"
    return held.service.name if held.service is not None else "The whole provider"


def held_now(person: Person, at: datetime) -> list[RoleAssignment]:
    """The roles ``person`` holds at ``at``, in the order in which they began."""
    return [h for h in person.role_assignments.all() if h.from_at <= at and (h.until_at is None or at < h.until_at)]


def held_with_words(person: Person, at: datetime) -> list[tuple[RoleAssignment, str, str]]:
    """The roles held at ``at``, each with its label and its place in words."""
    return [(held, Role(held.role).label, place_words(held)) for held in held_now(person, at)]


def held_before(person: Person, at: datetime) -> list[RoleAssignment]:
    """The roles that had ended by ``at``, the latest end first."""
    ended = [h for h in person.role_assignments.all() if h.until_at is not None and h.until_at <= at]
    return sorted(ended, key=lambda h: h.until_at or at, reverse=True)


def sign_in_words(person: Person) -> str:
    """Whether and when somebody last signed in."""
    return localtime(person.last_login, short=True) if person.last_login else "Never"


def people_rows(people: Iterable[Person], at: datetime) -> list[list[Any]]:
    """Rows of the list of people."""
    rows: list[list[Any]] = []
    for person in people:
        roles = [f"{Role(held.role).label}: {place_words(held)}" for held in held_now(person, at)]
        state = tag("Can sign in", "good") if person.is_active else tag("Sign-in closed", "quiet")
        rows.append(
            [
                {"text": person.name, "href": reverse("access:person", args=[person.pk])},
                person.email,
                Markup("<br>").join(roles) if roles else tag("No role", "warning"),
                sign_in_words(person),
                state,
            ]
        )
    return rows


PEOPLE_HEADER = ("Name", "E-mail", "Role", "Place", "Since", "Last day", "Last sign-in", "Sign-in")


def people_lines(people: Iterable[Person], at: datetime) -> Iterator[list[Any]]:
    """The people as rows of a file: a row for each role held, one row for somebody without; moments in London time."""
    for person in people:
        ends = [sign_in_words(person), "Open" if person.is_active else "Closed"]
        held = held_now(person, at)
        for one in held:
            since = localtime(one.from_at, short=True)
            yield [
                person.name,
                person.email,
                Role(one.role).label,
                place_words(one),
                since,
                localday(one.until_at, short=True),
                *ends,
            ]
        if not held:
            yield [person.name, person.email, "No role", "", "", "", *ends]


def questions_about(person: Person, at: datetime) -> list[str]:
    """What a review of access should ask about somebody; nothing for most."""
    found = []
    if not held_now(person, at):
        return ["Can sign in and holds no role"] if person.is_active else []
    if not person.is_active:
        found.append("Sign-in is closed, roles still held")
    elif person.last_login is None:
        found.append("Has never signed in")
    elif at - person.last_login > QUIET_FOR:
        found.append(f"Not signed in for {QUIET_FOR.days} days")
    return found


def review_rows(people: Iterable[Person], at: datetime) -> list[list[Any]]:
    """Rows of the review of access: who holds what since when, and what to ask."""
    rows: list[list[Any]] = []
    for person in people:
        held, questions = held_now(person, at), questions_about(person, at)
        if not held and not questions:
            continue
        roles = [
            f"{Role(h.role).label}, {place_words(h)}, since {localtime(h.from_at, short=True)}{_last_day(h)}"
            for h in held
        ]
        rows.append(
            [
                {"text": person.name, "href": reverse("access:person", args=[person.pk])},
                Markup("<br>").join(roles) if roles else "None",
                sign_in_words(person),
                Markup(" ").join(tag(question, "warning") for question in questions) or None,
            ]
        )
    return rows


def _last_day(held: RoleAssignment) -> str:
    return f", last day {localday(held.until_at, short=True)}" if held.until_at else ""


REVIEW_HEADER = (*PEOPLE_HEADER, "To ask about")


def review_lines(people: Iterable[Person], at: datetime) -> Iterator[list[Any]]:
    """The review of access as rows of a file."""
    for person in people:
        questions = "; ".join(questions_about(person, at))
        if held_now(person, at) or questions:
            for line in people_lines([person], at):
                yield [*line, questions]


def role_rows(held: Iterable[RoleAssignment]) -> list[list[Any]]:
    """Rows of the roles somebody held before."""
    return [
        [
            Role(one.role).label,
            place_words(one),
            localtime(one.from_at, short=True),
            localtime(one.until_at, short=True),
        ]
        for one in held
    ]


def outside_rows(held: Iterable[RoleAssignment]) -> list[list[Any]]:
    """Rows of the commissioners of other providers who read what this one publishes."""
    return [[one.person.name, one.person.email, place_words(one), localtime(one.from_at, short=True)] for one in held]


def trail_story(entries: Iterable[TrailEntry]) -> list[dict[str, Any]]:
    """What was done about somebody, as the story macro takes it."""
    return [
        {
            "when": localtime(entry.at),
            "who": entry.by_name,
            "text": entry.sentence[:1].upper() + entry.sentence[1:],
        }
        for entry in entries
    ]
