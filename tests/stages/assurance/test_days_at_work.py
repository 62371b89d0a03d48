"""Whose days at work rates are read against: who has left is at work no more, and a day is as long as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.queries import measures as queries
from tests.personas import LONG_AGO, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R20", "R32")]

DAYS = (date(2026, 3, 1), date(2026, 3, 20))
"""Twenty days, all in winter time. North team has two support workers."""
MIDNIGHT = datetime(2026, 3, 11, 0, 0, tzinfo=UTC)
AFTER = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


def worker_days(cast: Cast, at: datetime = AFTER, days: tuple[date, date] = DAYS) -> float:
    """Days at work in North team."""
    return round(1000 * (queries.counts_between("incidents.reporting", cast.north.place, *days, at=at).out_of or 0), 6)


class TestDaysAtWork:
    def close(self, cast: Cast, at: datetime, *, active: bool = False, who: Person | None = None) -> None:
        set_active(by=cast.administrator, at=at, person=who or cast.colleague, active=active)

    def test_who_has_left_is_at_work_no_more_whatever_role_they_still_hold(self, cast: Cast) -> None:
        assert worker_days(cast) == 40
        self.close(cast, MIDNIGHT)
        assert worker_days(cast) == 30

    def test_who_came_back_counts_as_if_they_had_never_been_away(self, cast: Cast) -> None:
        self.close(cast, MIDNIGHT)
        self.close(cast, MIDNIGHT + timedelta(days=2), active=True)
        assert worker_days(cast) == 40

    def test_of_two_leavings_the_last_counts(self, cast: Cast) -> None:
        self.close(cast, MIDNIGHT - timedelta(days=5))
        self.close(cast, MIDNIGHT - timedelta(days=4), active=True)
        self.close(cast, MIDNIGHT)
        assert worker_days(cast) == 30

    @pytest.mark.parametrize(
        ("ended", "closed", "days"),
        [
            pytest.param(0, 4, 30, id="the role ended, then they left"),
            pytest.param(4, 0, 30, id="they left, then somebody ended the role"),
            pytest.param(0, 0, 30, id="both at once"),
            pytest.param(-30, 0, 20, id="the role ended long before"),
        ],
    )
    def test_what_came_first_counts(self, cast: Cast, ended: int, closed: int, days: float) -> None:
        steps = [
            (
                ended,
                lambda at: end_role(by=cast.administrator, at=at, assignment=cast.colleague.role_assignments.get()),
            ),
            (closed, lambda at: self.close(cast, at)),
        ]
        for number, step in sorted(steps, key=lambda one: one[0]):
            step(MIDNIGHT + timedelta(days=number))
        assert worker_days(cast) == days

    def test_who_left_before_the_days_is_in_none_of_them(self, cast: Cast) -> None:
        self.close(cast, datetime(2026, 1, 1, tzinfo=UTC))
        assert worker_days(cast) == 20

    def test_by_what_was_known_then_they_had_not_left(self, cast: Cast) -> None:
        self.close(cast, MIDNIGHT)
        assert worker_days(cast, at=MIDNIGHT - timedelta(hours=12)) == 2 * 9.5

    def test_a_second_role_given_after_they_left_adds_nothing(self, cast: Cast) -> None:
        self.close(cast, MIDNIGHT)
        assign_role(
            by=SET_UP, at=MIDNIGHT + timedelta(days=1), person=cast.colleague, role=Role.SUPPORT_WORKER,
            place=cast.south.place,
        )  # fmt: skip
        provider = queries.counts_between("incidents.reporting", Place(cast.provider.pk), *DAYS, at=AFTER)
        assert round(1000 * (provider.out_of or 0), 6) == 30 + 20, "North team, and one in East team"

    def test_nobody_left_there_is_nothing_to_say_and_not_a_zero(self, cast: Cast) -> None:
        for who in (cast.worker, cast.colleague):
            self.close(cast, LONG_AGO + timedelta(days=1), who=who)
        point = queries.counts_between("incidents.all.rate", cast.north.place, *DAYS, at=AFTER)
        assert (point.count, point.out_of) == (None, 0.0)

    @pytest.mark.parametrize(
        ("days", "hours"),
        [
            pytest.param((date(2026, 3, 29), date(2026, 3, 29)), 23, id="the clocks go forward"),
            pytest.param((date(2025, 10, 26), date(2025, 10, 26)), 25, id="the clocks go back"),
            pytest.param((date(2026, 3, 28), date(2026, 3, 28)), 24, id="the day before"),
            pytest.param((date(2026, 3, 30), date(2026, 4, 5)), 7 * 24, id="the week after"),
            pytest.param((date(2026, 3, 23), date(2026, 3, 29)), 7 * 24 - 1, id="the week itself"),
        ],
    )
    def test_a_day_is_as_long_as_it_was(self, cast: Cast, days: tuple[date, date], hours: int) -> None:
        assert worker_days(cast, days=days) == pytest.approx(2 * hours / 24)
