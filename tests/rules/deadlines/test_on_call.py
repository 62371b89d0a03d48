"""Which director is on call, and what an entry of the rota may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import FURTHEST_COVER, LONGEST_COVER, Cover, cover_problems, on_call

pytestmark = pytest.mark.requirement("R22")
AT = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RIVERSIDE, HARBOUR = UUID(int=1), UUID(int=2)
ANN, BEN, CAI = UUID(int=11), UUID(int=12), UUID(int=13)


def cover(who: UUID, service: UUID | None, start: float, end: float) -> Cover:
    return Cover(who, service, AT + start * HOUR, AT + end * HOUR)


@pytest.mark.parametrize(
    ("covers", "service", "whose"),
    [
        pytest.param([], RIVERSIDE, set(), id="nobody is down"),
        pytest.param([cover(ANN, RIVERSIDE, -1, 1)], RIVERSIDE, {ANN}, id="on the service's own rota"),
        pytest.param([cover(ANN, HARBOUR, -1, 1)], RIVERSIDE, set(), id="another service's is not ours"),
        pytest.param([cover(ANN, None, -1, 1)], RIVERSIDE, {ANN}, id="everywhere is here too"),
        pytest.param([cover(ANN, None, -1, 1), cover(BEN, RIVERSIDE, -1, 1)], RIVERSIDE, {BEN}, id="the nearer one"),
        pytest.param(
            [cover(ANN, None, -1, 1), cover(BEN, RIVERSIDE, 1, 2)], RIVERSIDE, {ANN}, id="its turn comes later"
        ),
        pytest.param([cover(ANN, None, -1, 1), cover(BEN, RIVERSIDE, -1, 1)], None, {ANN}, id="work of no team"),
        pytest.param([cover(ANN, RIVERSIDE, 0, 1)], RIVERSIDE, {ANN}, id="the first moment"),
        pytest.param([cover(ANN, RIVERSIDE, -1, 0)], RIVERSIDE, set(), id="the last moment is the next one's"),
        pytest.param([cover(ANN, RIVERSIDE, -1, 0), cover(BEN, RIVERSIDE, 0, 1)], RIVERSIDE, {BEN}, id="handed over"),
        pytest.param(
            [cover(ANN, RIVERSIDE, -1, 1), cover(CAI, RIVERSIDE, -2, 2)], RIVERSIDE, {ANN, CAI}, id="two at once"
        ),
    ],
)
def test_whose_call_it_is(covers: list[Cover], service: UUID | None, whose: set[UUID]) -> None:
    assert on_call(covers, service, AT) == whose


SPANS = st.tuples(st.sampled_from([ANN, BEN, CAI]), st.sampled_from([None, RIVERSIDE, HARBOUR]), st.integers(-9, 9))


@given(st.lists(SPANS, max_size=8), st.sampled_from([None, RIVERSIDE, HARBOUR]))
def test_only_somebody_whose_entry_covers_the_moment_and_the_place(
    found: list[tuple[UUID, UUID | None, int]], service: UUID | None
) -> None:
    covers = [cover(who, where, start, start + 3) for who, where, start in found]
    for who in on_call(covers, service, AT):
        assert any(
            one.person_id == who and one.service_id in {None, service} and one.from_at <= AT < one.until_at
            for one in covers
        )


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        (timedelta(0), 12 * HOUR, set()),
        (-2 * HOUR, HOUR, set()),
        (timedelta(0), LONGEST_COVER, set()),
        (timedelta(0), LONGEST_COVER + HOUR, {"until_at"}),
        (2 * HOUR, 2 * HOUR, {"until_at"}),
        (2 * HOUR, HOUR, {"until_at"}),
        (-3 * HOUR, -HOUR, {"until_at"}),
        (-3 * HOUR, timedelta(0), {"until_at"}),
        (FURTHEST_COVER, FURTHEST_COVER + HOUR, set()),
        (FURTHEST_COVER + HOUR, FURTHEST_COVER + 2 * HOUR, {"from_at"}),
    ],
)
def test_what_an_entry_may_be(start: timedelta, end: timedelta, wrong: set[str]) -> None:
    assert set(cover_problems(AT + start, AT + end, at=AT)) == wrong
