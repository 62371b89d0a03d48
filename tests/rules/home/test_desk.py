"""The order of the duty desk, what belongs on it today, and how the time left is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.home.rules import Weight, belongs, horizon, left_words

pytestmark = pytest.mark.requirement("R22")
AT = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)


def weight(number: int, *, at_risk: bool = False, harm: int | None = 1, hours: float = 4) -> Weight:
    return Weight(at_risk, harm, AT + timedelta(hours=hours), UUID(int=number))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            weight(1, at_risk=True, harm=0, hours=9), weight(2, harm=4, hours=-9), id="at risk before fatal and late"
        ),
        pytest.param(weight(1, harm=3, hours=9), weight(2, harm=2, hours=-9), id="severe before moderate and late"),
        pytest.param(weight(1, harm=4), weight(2, harm=3), id="fatal before severe"),
        pytest.param(weight(1, harm=2), weight(2, harm=None), id="moderate before not known"),
        pytest.param(weight(1, harm=None), weight(2, harm=1), id="not known before low"),
        pytest.param(weight(1, harm=1), weight(2, harm=0), id="low before none"),
        pytest.param(weight(1, hours=-2), weight(2, hours=-1), id="later late first"),
        pytest.param(weight(1, hours=1), weight(2, hours=2), id="less time left first"),
        pytest.param(weight(1), weight(2), id="the same: the same order each time"),
        pytest.param(
            weight(1, at_risk=True, harm=1), weight(2, at_risk=True, harm=0, hours=-9), id="among those at risk, harm"
        ),
    ],
)
def test_what_stands_first(first: Weight, second: Weight) -> None:
    assert sorted([second, first], key=lambda one: one.place) == [first, second]


WEIGHTS = st.builds(
    Weight,
    st.booleans(),
    st.none() | st.integers(0, 4),
    st.timedeltas(timedelta(0), timedelta(days=360)).map(lambda passed: AT + passed),
    st.uuids(version=4),
)


@given(st.lists(WEIGHTS, max_size=12, unique_by=lambda one: one.id))
def test_nobody_at_risk_ever_stands_below_somebody_who_is_not(found: list[Weight]) -> None:
    risks = [one.still_at_risk for one in sorted(found, key=lambda one: one.place)]
    assert risks == sorted(risks, reverse=True)


@given(st.lists(WEIGHTS, max_size=12, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_they_came(found: list[Weight], chance: object) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sorted(shuffled, key=lambda one: one.place) == sorted(found, key=lambda one: one.place)


class TestToday:
    @pytest.mark.parametrize(
        ("at", "until"),
        [
            pytest.param(AT, datetime(2026, 3, 5, tzinfo=UTC), id="a morning in winter"),
            pytest.param(datetime(2026, 7, 1, 9, tzinfo=UTC), datetime(2026, 7, 1, 23, tzinfo=UTC), id="summer time"),
            pytest.param(
                datetime(2026, 3, 4, 23, 30, tzinfo=UTC), datetime(2026, 3, 5, 7, 30, tzinfo=UTC), id="a night shift"
            ),
            pytest.param(
                datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
                datetime(2026, 3, 29, 7, 30, tzinfo=UTC),
                id="the night the clocks go forward",
            ),
            pytest.param(
                datetime(2026, 10, 25, 9, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC), id="a day of 25 hours"
            ),
        ],
    )
    def test_how_far_the_desk_looks(self, at: datetime, until: datetime) -> None:
        assert horizon(at) == until

    def test_the_last_moment_of_today_belongs_and_the_next_does_not(self) -> None:
        last = horizon(AT)
        assert belongs(last, urgent=False, escalated=False, at=AT)
        assert not belongs(last + timedelta(microseconds=1), urgent=False, escalated=False, at=AT)

    @pytest.mark.parametrize(("urgent", "escalated"), [(True, False), (False, True)])
    def test_what_cannot_wait_belongs_whenever_it_is_due(self, urgent: bool, escalated: bool) -> None:
        assert belongs(AT + timedelta(days=9), urgent=urgent, escalated=escalated, at=AT)

    def test_what_is_late_belongs(self) -> None:
        assert belongs(AT - timedelta(days=30), urgent=False, escalated=False, at=AT)

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="zone"):
            horizon(AT.replace(tzinfo=None))


class TestTimeLeft:
    @pytest.mark.parametrize(
        ("left", "words"),
        [
            (timedelta(hours=3, minutes=5), "3 hours 5 minutes left"),
            (timedelta(hours=1), "1 hour left"),
            (timedelta(minutes=1), "1 minute left"),
            (timedelta(minutes=59, seconds=59), "59 minutes left"),
            (timedelta(seconds=59), "Less than a minute left"),
            (timedelta(0), "Less than a minute left"),
            (timedelta(hours=13, minutes=50), "13 hours left"),
            (timedelta(hours=47, minutes=59), "47 hours left"),
            (timedelta(hours=48), "2 days left"),
            (timedelta(days=3, hours=23), "3 days left"),
            (-timedelta(seconds=30), "Less than a minute late"),
            (-timedelta(minutes=61), "1 hour late"),
            (-timedelta(days=2), "2 days late"),
        ],
    )
    def test_in_words(self, left: timedelta, words: str) -> None:
        assert left_words(AT + left, AT) == words

    @pytest.mark.parametrize(
        ("at", "due", "words"),
        [
            pytest.param(
                datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
                datetime(2026, 3, 29, 2, 30, tzinfo=UTC),
                "2 hours left",
                id="half past midnight to half past three, and an hour is missing",
            ),
            pytest.param(
                datetime(2026, 10, 24, 23, 30, tzinfo=UTC),
                datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
                "3 hours left",
                id="half past midnight to half past two, and an hour comes twice",
            ),
            pytest.param(
                datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
                datetime(2026, 10, 26, 0, 0, tzinfo=UTC),
                "26 hours left",
                id="to the end of the day of 25 hours",
            ),
        ],
    )
    def test_over_a_change_of_clocks_it_is_true_time(self, at: datetime, due: datetime, words: str) -> None:
        assert left_words(due, at) == words

    @given(st.timedeltas(timedelta(0), timedelta(days=40)))
    def test_nobody_is_told_of_more_time_than_there_is(self, left: timedelta) -> None:
        said = left_words(AT + left, AT).removesuffix(" left")
        if said != "Less than a minute":
            parts = said.split()
            units = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
            told = sum(
                (int(n) * units[u.rstrip("s")] for n, u in zip(parts[::2], parts[1::2], strict=True)), timedelta()
            )
            assert told <= left
