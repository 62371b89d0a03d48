"""Obligations counted: met in time or not, how long each took, and those asked for again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from saferpractice.assurance.queries.measures.buckets import Minutes, Where, cell, period_number
from saferpractice.assurance.rules.measures.defined import Defined, Shows
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import NEVER_OWED

IN_TIME, NOT_IN_TIME, WAITING, LEFT_OUT, NEVER = range(5)
"""Where an obligation stands, as measures count it."""
Kind = tuple[str, str]
"""The kind of an obligation and the standard that asks for it."""


@dataclass(slots=True)
class Stands:
    """How many obligations stand how."""

    in_time: int = 0
    not_in_time: int = 0
    waiting: int = 0
    left_out: int = 0

    def add(self, state: int, how_many: int) -> None:
        """Count ``how_many`` more; those never owed are not counted at all."""
        match state:
            case 0:
                self.in_time += how_many
            case 1:
                self.not_in_time += how_many
            case 2:
                self.waiting += how_many
            case 3:
                self.left_out += how_many

    @property
    def out_of(self) -> int:
        """Those of which it can be said whether they were met in time."""
        return self.in_time + self.not_in_time


def standing_at(at: datetime) -> Case:
    """Where an obligation stands by what was known at ``at``."""
    met, cancelled = Q(met_at__lte=at), Q(cancelled_at__lte=at)
    return Case(
        When(met & Q(met_at__lte=F("due_at")), then=Value(IN_TIME)),
        When(met, then=Value(NOT_IN_TIME)),
        When(cancelled & Q(cancelled_because__in=sorted(NEVER_OWED)), then=Value(NEVER)),
        When(cancelled & Q(cancelled_at__lte=F("due_at")), then=Value(LEFT_OUT)),
        When(cancelled, then=Value(NOT_IN_TIME)),
        When(due_at__lt=at, then=Value(NOT_IN_TIME)),
        default=Value(WAITING),
        output_field=IntegerField(),
    )


def of_kinds(kinds: Iterable[Kind]) -> Q:
    """The obligations of these kinds."""
    standards: dict[str, set[str]] = {}
    for kind, standard in kinds:
        standards.setdefault(kind, set()).add(standard)
    found = Q(pk__in=[])
    for kind, of in standards.items():
        found |= Q(kind=kind, standard__in=sorted(of))
    return found


def kind_of(defined: Defined) -> Kind:
    """Which obligations a measure reads."""
    return defined.source.kind, defined.source.standard


def opened(where: Where, kinds: Iterable[Kind]) -> QuerySet[Any]:
    """The obligations that were opened in the periods, each with its period and where it stands; no restricted ones."""
    asked = where.within() & where.of_incidents("story_id")
    found = Obligation.objects.filter(of_kinds(kinds), asked, where.during("opened_at"), restricted=False)
    return found.annotate(period=period_number("opened_at", where.moments), state=standing_at(where.at)).order_by()


def stands(where: Where, kinds: Iterable[Kind]) -> dict[tuple[Kind, tuple[int, Any]], Stands]:
    """How the obligations stand, by kind, and by period and team."""
    found: dict[tuple[Kind, tuple[int, Any]], Stands] = {}
    rows = opened(where, kinds).values(*where.grouped("kind", "standard", "state")).annotate(how_many=Count("pk"))
    for row in rows:
        one = found.setdefault(((row["kind"], row["standard"]), where.key(row)), Stands())
        one.add(row["state"], row["how_many"])
    return found


@dataclass(slots=True)
class Times:
    """How long obligations took, counted by (minutes, whether it was met), and how many were left out."""

    cells: dict[tuple[int, bool], int] = field(default_factory=dict)
    left_out: int = 0


def times(where: Where, kinds: Iterable[Kind]) -> dict[tuple[Kind, tuple[int, Any]], Times]:
    """How long they took, by kind, and by period and team.

    Those still open, and those cancelled when they were late, were watched until ``at`` or until then.
    """
    met = Q(met_at__lte=where.at)
    until = Case(
        When(met, then=F("met_at")),
        When(cancelled_at__lte=where.at, then=F("cancelled_at")),
        default=Value(where.at, output_field=DateTimeField()),
    )
    rows = (
        opened(where, kinds)
        .exclude(state=NEVER)
        .annotate(
            ended=Case(
                When(met, then=Value(1)),
                When(state=LEFT_OUT, then=Value(2)),
                default=Value(0),
                output_field=IntegerField(),
            ),
            minutes=Minutes(until, F("opened_at")),
        )
        .annotate(
            cell=Case(
                When(ended=2, then=Value(0.0)),
                When(ended=1, then=cell("minutes", up=True)),
                default=cell("minutes", up=False),
            )
        )
        .values(*where.grouped("kind", "standard", "ended", "cell"))
        .annotate(how_many=Count("pk"))
    )
    found: dict[tuple[Kind, tuple[int, Any]], Times] = {}
    for row in rows:
        one = found.setdefault(((row["kind"], row["standard"]), where.key(row)), Times())
        if row["ended"] == 2:
            one.left_out += row["how_many"]
            continue
        key = (max(0, int(row["cell"])), bool(row["ended"]))
        one.cells[key] = one.cells.get(key, 0) + row["how_many"]
    return found


def again(
    where: Where, kinds: Iterable[Kind], shows: Shows, within_days: int
) -> dict[tuple[Kind, tuple[int, Any]], tuple[int, int]]:
    """How many came again within so many days, and out of how many, by kind, and by period and team."""
    rows = (
        opened(where, kinds)
        .exclude(state=NEVER)
        .annotate(again=came_again(shows, within_days, where.at))
        .values(*where.grouped("kind", "standard", "again"))
        .annotate(how_many=Count("pk"))
    )
    if shows is Shows.LATE_AGAIN_RATE:
        rows = rows.filter(state=NOT_IN_TIME)
    found: dict[tuple[Kind, tuple[int, Any]], tuple[int, int]] = {}
    for row in rows:
        one = ((row["kind"], row["standard"]), where.key(row))
        count, out_of = found.get(one, (0, 0))
        found[one] = (count + (row["how_many"] if row["again"] else 0), out_of + row["how_many"])
    return found


def came_again(shows: Shows, within_days: int, at: datetime) -> Exists:
    """Whether the same was asked for the same person before, and ended (or was late) not too long before this one."""
    since = ExpressionWrapper(OuterRef("opened_at") - timedelta(days=within_days), output_field=DateTimeField())
    earlier = Obligation.objects.filter(
        person_supported_id=OuterRef("person_supported_id"),
        standard=OuterRef("standard"),
        opened_at__lt=OuterRef("opened_at"),
        restricted=False,
    ).exclude(cancelled_at__lte=at, cancelled_because__in=sorted(NEVER_OWED))
    if shows is Shows.LATE_AGAIN_RATE:
        met_in_time = Q(met_at__isnull=False, met_at__lte=F("due_at"))
        taken_back = Q(cancelled_at__isnull=False, cancelled_at__lte=F("due_at"))
        return Exists(
            earlier.filter(opened_at__gte=since, due_at__lt=OuterRef("opened_at")).exclude(met_in_time | taken_back)
        )
    ended = Q(met_at__gte=since, met_at__lte=OuterRef("opened_at"))
    ended |= Q(cancelled_at__gte=since, cancelled_at__lte=OuterRef("opened_at"))
    return Exists(earlier.filter(ended))
