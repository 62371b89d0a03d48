"""Roles at places (promise: access is denied unless a role gives it)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.access.rules import (
    REPORTS,
    SEES_INCIDENTS_OF_PLACE,
    SENIOR,
    Holding,
    Place,
    Role,
    role_words,
    roles_at,
)

pytestmark = pytest.mark.requirement("R34")

PROVIDERS = [UUID(int=1), UUID(int=2)]
SERVICES = [UUID(int=10), UUID(int=11)]
TEAMS = [UUID(int=100), UUID(int=101)]
START = datetime(2026, 1, 1, tzinfo=UTC)

places = st.one_of(
    st.builds(Place, st.sampled_from(PROVIDERS)),
    st.builds(Place, st.sampled_from(PROVIDERS), st.sampled_from(SERVICES)),
    st.builds(Place, st.sampled_from(PROVIDERS), st.sampled_from(SERVICES), st.sampled_from(TEAMS)),
)
moments = st.integers(0, 1000).map(lambda n: START + timedelta(hours=n))
holdings = st.builds(
    lambda role, place, start, hours: Holding(role, place, start, start + timedelta(hours=hours) if hours else None),
    st.sampled_from(list(Role)),
    places,
    moments,
    st.integers(0, 200),
)


@given(places)
def test_a_place_covers_itself(place: Place) -> None:
    assert place.covers(place)


@given(places, places, places)
def test_covering_passes_down(a: Place, b: Place, c: Place) -> None:
    if a.covers(b) and b.covers(c):
        assert a.covers(c)


@given(places, places)
def test_two_places_cover_each_other_only_when_equal(a: Place, b: Place) -> None:
    assert (a.covers(b) and b.covers(a)) == (a == b)


@given(places, places)
def test_nothing_covers_another_provider(a: Place, b: Place) -> None:
    if a.provider_id != b.provider_id:
        assert not a.covers(b)


@given(st.lists(holdings, max_size=6), places, moments)
def test_a_role_is_given_only_by_a_holding_of_now_and_here(held: list[Holding], place: Place, at: datetime) -> None:
    for role in roles_at(held, place, at):
        assert any(h.role is role and h.place.covers(place) and h.holds(at) for h in held)


@given(st.lists(holdings, max_size=6), places, moments, holdings)
def test_one_more_holding_never_takes_a_role_away(
    held: list[Holding], place: Place, at: datetime, more: Holding
) -> None:
    assert roles_at(held, place, at) <= roles_at([*held, more], place, at)


def test_without_a_holding_there_is_no_role() -> None:
    assert roles_at([], Place(uuid4()), START) == frozenset()
    assert role_words([], START) == "No role"


def test_the_words_for_the_trail_follow_the_order_of_the_roles() -> None:
    place = Place(PROVIDERS[0])
    held = [Holding(Role.REVIEWER, place, START), Holding(Role.DUTY_MANAGER, place, START)]
    assert role_words(held, START) == "Duty manager, Reviewer"


def test_commissioners_inspectors_and_administrators_see_no_incidents_by_role() -> None:
    assert not SEES_INCIDENTS_OF_PLACE & {Role.COMMISSIONER, Role.INSPECTOR, Role.ADMINISTRATOR, Role.SUPPORT_WORKER}


# What each role gives by itself: sees the incidents of its place · reports · oversees a formal investigation.
GIVES = {
    Role.SUPPORT_WORKER: (False, True, False),
    Role.DUTY_MANAGER: (True, True, False),
    Role.SAFEGUARDING_LEAD: (True, True, True),
    Role.REVIEWER: (False, True, False),
    Role.SUPERVISOR: (True, True, False),
    Role.QUALITY_LEAD: (True, True, True),
    Role.DIRECTOR: (True, True, True),
    Role.ADMINISTRATOR: (False, True, False),
    Role.COMMISSIONER: (False, False, False),
    Role.INSPECTOR: (False, False, False),
}


@pytest.mark.parametrize("role", Role)
def test_what_a_role_gives_is_written_down_for_every_role(role: Role) -> None:
    """A new role gives nothing until this table says so."""
    assert (role in SEES_INCIDENTS_OF_PLACE, role in REPORTS, role in SENIOR) == GIVES[role]


def test_whoever_oversees_also_sees() -> None:
    assert SENIOR <= SEES_INCIDENTS_OF_PLACE <= REPORTS


@pytest.mark.parametrize(
    ("hours", "holds"),
    [(-1, False), (0, True), (23, True), (24, False), (25, False)],
)
def test_a_role_begins_with_its_moment_and_ends_before_the_other(hours: int, *, holds: bool) -> None:
    held = Holding(Role.DIRECTOR, Place(PROVIDERS[0]), START, START + timedelta(hours=24))
    at = START + timedelta(hours=hours)
    assert held.holds(at) is holds
    assert (Role.DIRECTOR in roles_at([held], Place(PROVIDERS[0]), at)) is holds
    assert role_words([held], at) == ("Director" if holds else "No role")


@pytest.mark.parametrize(
    ("at", "wanted", "covered"),
    [
        ("provider", "provider", True),
        ("provider", "service", True),
        ("provider", "team", True),
        ("service", "provider", False),
        ("service", "service", True),
        ("service", "team", True),
        ("service", "team elsewhere", False),
        ("team", "service", False),
        ("team", "team", True),
        ("team", "team beside it", False),
        ("provider", "other provider", False),
        ("team", "other provider", False),
    ],
)
def test_how_far_a_role_reaches(at: str, wanted: str, *, covered: bool) -> None:
    places = {
        "provider": Place(PROVIDERS[0]),
        "service": Place(PROVIDERS[0], SERVICES[0]),
        "team": Place(PROVIDERS[0], SERVICES[0], TEAMS[0]),
        "team beside it": Place(PROVIDERS[0], SERVICES[0], TEAMS[1]),
        "team elsewhere": Place(PROVIDERS[0], SERVICES[1], TEAMS[1]),
        "other provider": Place(PROVIDERS[1]),
    }
    held = [Holding(Role.DUTY_MANAGER, places[at], START)]
    assert (roles_at(held, places[wanted], START) == {Role.DUTY_MANAGER}) is covered
