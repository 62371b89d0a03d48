"""Workers on record, for tests of the rules of supervision."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from saferpractice.assurance.rules.supervision import Facts, Held, Post, Said, Span, last_of, month_after

MARCH = date(2026, 3, 1)
WORKER, TEAM, SERVICE = UUID(int=1), UUID(int=2), UUID(int=3)
SUPPORT = "support_worker"


def day(text: str) -> date:
    """ "4 Mar" as a day of 2026, "4 Mar 2027" as it says."""
    number, month, *year = text.split()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return date(int(year[0]) if year else 2026, months.index(month) + 1, int(number))


def span(text: str) -> Span:
    """ "4 Mar to 9 Mar", or "4 Mar" for what has no end."""
    first, _, last = text.partition(" to ")
    return Span(day(first), day(last) if last else None)


def post(text: str = "1 Jan 2025", role: str = SUPPORT, *, team: UUID | None = TEAM, service: UUID = SERVICE) -> Post:
    """A post held over ``text``."""
    return Post(role, span(text), service, team)


def worker(*posts: Post, away: tuple[str, ...] = (), held: tuple[Any, ...] = (), pk: UUID = WORKER) -> Facts:
    """Somebody in post for years unless ``posts`` say else; ``held`` are days, or (day, what was said)."""
    discussions = [Held(day(one)) if isinstance(one, str) else Held(day(one[0]), one[1]) for one in held]
    return Facts(pk, posts or (post(),), tuple(span(one) for one in away), tuple(discussions))


MONTHS = tuple(month_after(MARCH, number) for number in range(-2, 3))
_DAYS = st.dates(min_value=month_after(MARCH, -3), max_value=last_of(month_after(MARCH, 3)))
TEAMS = {UUID(int=20 + n): UUID(int=30 + n // 2) for n in range(4)}
"""Four teams in two services."""


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Some days, perhaps without an end."""
    first = draw(_DAYS)
    return Span(first, draw(st.none() | _DAYS.filter(lambda last: last >= first)))


@st.composite
def posts(draw: st.DrawFn) -> Post:
    """A post in one of the teams, over a service, or over the provider, that needs supervision or not."""
    role = draw(st.sampled_from([SUPPORT, "duty_manager", "reviewer"]))
    team = draw(st.none() | st.sampled_from(sorted(TEAMS, key=str)))
    service = TEAMS[team] if team else draw(st.none() | st.sampled_from(sorted(set(TEAMS.values()), key=str)))
    return Post(role, draw(spans()), service, team)


@st.composite
def workers(draw: st.DrawFn, pk: UUID = WORKER) -> Facts:
    """What may be on record of somebody."""
    held = st.builds(Held, _DAYS, st.sampled_from(list(Said)))
    return Facts(
        pk,
        tuple(draw(st.lists(posts(), max_size=3))),
        tuple(draw(st.lists(spans(), max_size=3))),
        tuple(draw(st.lists(held, max_size=4))),
    )


@st.composite
def staff(draw: st.DrawFn) -> list[Facts]:
    """Up to five people."""
    return [draw(workers(UUID(int=100 + number))) for number in range(draw(st.integers(0, 5)))]
