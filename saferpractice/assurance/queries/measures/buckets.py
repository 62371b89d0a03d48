"""Counting by period inside the database, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Expression, F, FloatField, Func, IntegerField, Q, Value, When
from django.db.models.functions import Ceil, Floor

from saferpractice.access.rules import Place
from saferpractice.assurance.rules.measures.times import GRID, LONGEST_STEP
from saferpractice.deadlines.rules import local_day


class Each(StrEnum):
    """What is counted by itself: the whole place, or each service or team of it."""

    WHOLE = "whole"
    SERVICE = "service"
    TEAM = "team"

    def column(self, team: str = "team") -> str | None:
        """The column of its id, ``team`` being the way to the team from the row; None for the whole place."""
        return {Each.WHOLE: None, Each.SERVICE: f"{team}__service_id", Each.TEAM: f"{team}_id"}[self]


@dataclass(frozen=True, slots=True)
class Where:
    """What is counted: the rows of ``place`` in the periods that begin at ``moments`` (the last one ends the last).

    Only what was known by ``at``. ``by`` says whether each team, or each service, is counted by itself. ``about``,
    where given, are the only incidents whose rows count: exposure stays whole.
    """

    place: Place
    moments: tuple[datetime, ...]
    at: datetime
    by: Each = Each.WHOLE
    about: tuple[UUID, ...] | None = None

    def of_incidents(self, incident: str) -> Q:
        """The rows about the incidents asked for, ``incident`` being the way to one from the row; else every row."""
        return Q() if self.about is None else Q(**{f"{incident}__in": self.about})

    @property
    def days(self) -> tuple[date, ...]:
        """The London days on which the periods begin, and the day after the last one."""
        return tuple(local_day(moment) for moment in self.moments)

    def within(self, team: str = "team", provider: str = "provider") -> Q:
        """The rows of the place, ``team`` and ``provider`` being the ways to both from the row."""
        if self.place.team_id is not None:
            return Q(**{f"{provider}_id": self.place.provider_id, f"{team}_id": self.place.team_id})
        if self.place.service_id is not None:
            return Q(**{f"{provider}_id": self.place.provider_id, f"{team}__service_id": self.place.service_id})
        return Q(**{f"{provider}_id": self.place.provider_id})

    def during(self, field: str) -> Q:
        """The rows whose ``field`` lies in the periods, and is not after ``at``."""
        return Q(**{f"{field}__gte": self.moments[0], f"{field}__lt": self.moments[-1], f"{field}__lte": self.at})

    def grouped(self, *more: str, team: str = "team") -> list[str]:
        """The columns to count by: the period, the team or service where asked for, and ``more``."""
        column = self.by.column(team)
        return ["period", *([column] if column else []), *more]

    def key(self, row: dict[str, Any], team: str = "team") -> tuple[int, Any]:
        """The period and the team (or service) of a counted row."""
        return row["period"], self.part(row, team)

    def part(self, row: dict[str, Any], team: str = "team") -> Any:
        """The id of the team (or service) that a counted row belongs to; None where the place is counted whole."""
        column = self.by.column(team)
        return row[column] if column else None


def unrestricted(incident: str) -> Q:
    """The rows of no incident, or of one that is not restricted; ``incident`` is the way to it from the row."""
    return Q(**{f"{incident}__isnull": True}) | Q(**{f"{incident}__restricted": False})


def period_number(field: str, moments: Sequence[date]) -> Expression:
    """Which period ``field`` lies in, from 0, by halving. The rows must lie between the first and the last moment."""

    def among(low: int, high: int) -> Expression:
        if high - low == 1:
            return Value(low, output_field=IntegerField())
        middle = (low + high) // 2
        earlier = When(**{f"{field}__lt": moments[middle]}, then=among(low, middle))
        return Case(earlier, default=among(middle, high), output_field=IntegerField())

    return among(0, len(moments) - 1)


class Minutes(Func):
    """The minutes from the second moment to the first, parts of one included."""

    arity = 2
    output_field = FloatField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Seconds are exact there."""
        return super().as_sql(
            compiler,
            connection,
            template="(date_part('epoch', %(expressions)s) / 60.0)",
            arg_joiner=" - ",
            **context,
        )

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Days are counted in fractions there: rounded, so that a whole minute stays one."""
        later, earlier = (compiler.compile(each) for each in self.get_source_expressions())
        return f"ROUND((julianday({later[0]}) - julianday({earlier[0]})) * 1440.0, 3)", (*later[1], *earlier[1])


def cell(minutes: str, *, up: bool) -> Expression:
    """``minutes`` (a column) read to the grid of ``rules.measures.times``, in whole minutes."""
    rounded = Ceil if up else Floor
    whens = [When(**{f"{minutes}__lte": longest}, then=rounded(F(minutes) / step) * step) for longest, step in GRID]
    return Case(*whens, default=rounded(F(minutes) / LONGEST_STEP) * LONGEST_STEP, output_field=FloatField())
