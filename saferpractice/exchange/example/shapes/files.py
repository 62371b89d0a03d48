"""What a file of the example holds: the provider and its people, or incidents."""

from __future__ import annotations

from pydantic import Field

from saferpractice.access.rules import Role
from saferpractice.exchange.example.shapes.parts import Key, Moment, Text
from saferpractice.lists.rules.mistakes import Shape


class TeamShape(Shape):
    """A team of a service."""

    key: Key
    name: Text


class ServiceShape(Shape):
    """A service and its teams."""

    key: Key
    name: Text
    teams: tuple[TeamShape, ...] = Field(min_length=1, description="its teams")


class SignInShape(Shape):
    """Why somebody can sign in: what they show."""

    try_first: Text = Field(description="what to try first when signed in as this person")


class PersonShape(Shape):
    """Somebody on the staff. Only those with a sign-in get the shared password."""

    key: Key
    name: Text
    role: Role
    at: Key | None = Field(default=None, description="a team or a service; without it the whole provider")
    sign_in: SignInShape | None = None


class ProviderFile(Shape):
    """The file provider.yml."""

    name: Text
    since: Moment
    password: Text
    mail_domain: Text
    services: tuple[ServiceShape, ...]
    people: tuple[PersonShape, ...]


class IncidentShape(Shape):
    """One incident: where, and what was done, in order. ``steps`` are read one by one, by their own shapes."""

    key: Key
    team: Key
    shows: Text = Field(description="what this incident is here to show")
    verdict: str = Field(default="", description="the verdict its changes end on")
    steps: tuple[dict[str, object], ...] = Field(min_length=1, description="the steps, each under one word")
