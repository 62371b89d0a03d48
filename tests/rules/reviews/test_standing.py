"""What a review lacks, and where it stands: told from what is there (R12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import LONDON, Calendar, due_at, end_of_day, working_days
from saferpractice.reviews.rules import Need, Record, ReviewState, days_left, due_words, missing, state_of

pytestmark = pytest.mark.requirement("R12")

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
PLAN = Need("action-plan", "Tracked action plan", Record.TRACKED_ACTIONS)
FINDINGS = Need("findings", "Findings", Record.FINDINGS)
TIMELINE = Need("timeline", "Timeline", Record.TIMELINE)
SUPERVISION = Need("supervision-check", "Supervision check")
SIGN_OFF = Need("oversight-sign-off", "Senior oversight sign-off", Record.SIGN_OFF)
ALL = (SUPERVISION, TIMELINE, FINDINGS, PLAN, SIGN_OFF)
OTHERS = ALL[:-1]


def supplied(*needs: Need, at: datetime = NOON) -> dict[str, datetime]:
    return {need.kind: at for need in needs}


def kinds(*args: object, **kwargs: object) -> list[str]:
    return [one.kind for one in missing(*args, **kwargs)]  # type: ignore[arg-type]


def test_with_nothing_there_everything_is_missing_in_order() -> None:
    assert kinds(ALL, {}) == [need.kind for need in ALL]


@given(st.sets(st.sampled_from(OTHERS)))
def test_missing_is_exactly_what_was_not_supplied(there: set[Need]) -> None:
    assert kinds(OTHERS, supplied(*there)) == [need.kind for need in OTHERS if need not in there]


@pytest.mark.parametrize("left_out", OTHERS)
def test_each_single_one_left_out_is_named(left_out: Need) -> None:
    there = supplied(*(need for need in OTHERS if need != left_out))
    [lacking] = missing(ALL, there, signed_at=NOON)
    assert (lacking.kind, lacking.label, lacking.record) == (left_out.kind, left_out.label, left_out.record)
    assert lacking.why == "Not supplied yet."


def test_nothing_found_stands_in_place_of_findings_only() -> None:
    assert kinds((FINDINGS, TIMELINE), {}, nothing_found=True) == ["timeline"]
    assert kinds((PLAN,), {}, nothing_found=True) == ["action-plan"]


def test_something_supplied_that_is_not_required_changes_nothing() -> None:
    assert kinds((TIMELINE,), {"minutes": NOON}) == ["timeline"]


class TestSignOff:
    pytestmark = pytest.mark.requirement("R11")

    def test_not_signed(self) -> None:
        [lacking] = missing(ALL, supplied(*OTHERS))
        assert lacking.kind == SIGN_OFF.kind
        assert "Nobody senior" in lacking.why

    def test_signed_after_everything_else(self) -> None:
        assert missing(ALL, supplied(*OTHERS), signed_at=NOON + timedelta(seconds=1)) == ()

    def test_signed_in_the_same_moment(self) -> None:
        assert missing(ALL, supplied(*OTHERS), signed_at=NOON) == ()

    def test_what_came_after_the_signature_was_not_seen_by_whoever_signed(self) -> None:
        there = supplied(*OTHERS) | supplied(PLAN, at=NOON + timedelta(hours=1))
        [lacking] = missing(ALL, there, signed_at=NOON)
        assert "signed off again" in lacking.why

    def test_a_later_paper_nobody_requires_does_not_undo_it(self) -> None:
        there = supplied(*OTHERS) | {"minutes": NOON + timedelta(hours=1)}
        assert missing(ALL, there, signed_at=NOON) == ()

    def test_a_row_for_the_sign_off_itself_does_not_undo_it(self) -> None:
        there = supplied(*OTHERS) | supplied(SIGN_OFF, at=NOON + timedelta(hours=1))
        assert missing(ALL, there, signed_at=NOON) == ()

    def test_a_row_for_the_sign_off_itself_does_not_make_it(self) -> None:
        assert kinds((SIGN_OFF,), supplied(SIGN_OFF)) == [SIGN_OFF.kind]


moments = st.integers(0, 20).map(lambda hours: NOON + timedelta(hours=hours))
supplies = st.dictionaries(st.sampled_from([need.kind for need in OTHERS] + ["minutes"]), moments)


class TestWhateverIsThere:
    """For any state of supply: more never makes less, but for the one named rule of the signature."""

    @given(supplies, st.none() | moments, st.booleans(), st.sampled_from(OTHERS), moments)
    def test_one_more_document_only_ever_asks_for_a_new_signature(
        self, there: dict[str, datetime], signed_at: datetime | None, nothing: bool, more: Need, at: datetime
    ) -> None:
        before = set(kinds(ALL, there, nothing_found=nothing, signed_at=signed_at))
        newest = max(at, there.get(more.kind, at))
        after = set(kinds(ALL, there | {more.kind: newest}, nothing_found=nothing, signed_at=signed_at))
        came = after - before
        assert came <= {SIGN_OFF.kind}
        if came:
            assert signed_at is not None
            assert newest > signed_at

    @given(supplies, moments, moments)
    def test_a_later_signature_never_makes_anything_missing(
        self, there: dict[str, datetime], one: datetime, two: datetime
    ) -> None:
        earlier, later = sorted((one, two))
        assert set(kinds(ALL, there, signed_at=later)) <= set(kinds(ALL, there, signed_at=earlier))

    @given(supplies, st.none() | moments)
    def test_saying_that_nothing_was_found_never_makes_anything_missing(
        self, there: dict[str, datetime], signed_at: datetime | None
    ) -> None:
        said = kinds(ALL, there, nothing_found=True, signed_at=signed_at)
        assert set(kinds(ALL, there, signed_at=signed_at)) - set(said) <= {FINDINGS.kind}
        assert set(said) <= set(kinds(ALL, there, signed_at=signed_at))

    @given(supplies, st.none() | moments, st.permutations(ALL), st.randoms())
    def test_the_order_of_entry_does_not_matter(
        self, there: dict[str, datetime], signed_at: datetime | None, order: list[Need], chance: Random
    ) -> None:
        shuffled = list(there.items())
        chance.shuffle(shuffled)
        assert set(missing(order, dict(shuffled), signed_at=signed_at)) == set(missing(ALL, there, signed_at=signed_at))
        assert kinds(order, there, signed_at=signed_at) == [
            need.kind for need in order if need.kind in kinds(ALL, there, signed_at=signed_at)
        ], "and it is told in the order of what is needed"

    @given(supplies, st.none() | moments)
    def test_everything_missing_says_why(self, there: dict[str, datetime], signed_at: datetime | None) -> None:
        for one in missing(ALL, there, signed_at=signed_at):
            assert one.why.endswith(".")


def test_what_goes_on_is_what_can_be_added_to() -> None:
    assert {state for state in ReviewState if state.goes_on} == {
        ReviewState.WAITING,
        ReviewState.UNDER_WAY,
        ReviewState.READY,
    }


STATES = {
    # has_reviewer, anything_missing, complete, taken_further
    (False, True, False, False): ReviewState.WAITING,
    (False, False, False, False): ReviewState.WAITING,
    (True, True, False, False): ReviewState.UNDER_WAY,
    (True, False, False, False): ReviewState.READY,
}


@pytest.mark.parametrize("facts", list(product((False, True), repeat=4)))
def test_state(facts: tuple[bool, bool, bool, bool]) -> None:
    has_reviewer, anything_missing, complete, taken_further = facts
    expected = ReviewState.COMPLETE if complete else ReviewState.TAKEN_FURTHER if taken_further else STATES[facts]
    found = state_of(
        has_reviewer=has_reviewer, anything_missing=anything_missing, complete=complete, taken_further=taken_further
    )
    assert found is expected
    assert found.label


class TestDaysLeft:
    """Counted in working days of London: Good Friday and Easter Monday 2026 are 3 and 6 April."""

    CALENDAR = Calendar()

    @pytest.mark.parametrize(
        ("at", "last_day", "left", "words"),
        [
            ("2026-03-04T09:00", "2026-03-04", 0, "Due today"),
            ("2026-03-04T09:00", "2026-03-05", 1, "Due in 1 working day"),
            ("2026-03-04T23:59", "2026-03-09", 3, "Due in 3 working days"),
            ("2026-04-02T09:00", "2026-04-07", 1, "Due in 1 working day"),
            ("2026-04-03T09:00", "2026-04-06", 0, "Due before the next working day"),
            ("2026-03-05T00:00", "2026-03-04", -1, "1 working day late"),
            ("2026-03-09T09:00", "2026-03-06", -1, "1 working day late"),
            ("2026-03-07T09:00", "2026-03-06", 0, "Late"),
            ("2026-04-07T09:00", "2026-04-02", -1, "1 working day late"),
            ("2026-03-11T09:00", "2026-03-04", -5, "5 working days late"),
        ],
    )
    def test_in_words(self, at: str, last_day: str, left: int, words: str) -> None:
        moment = datetime.fromisoformat(at).replace(tzinfo=LONDON) + timedelta(microseconds=1)
        due = end_of_day(datetime.fromisoformat(last_day).date())
        assert days_left(moment, due, self.CALENDAR) == left
        assert due_words(moment, due, self.CALENDAR) == words

    def test_a_day_off_of_the_provider_gives_no_more_days(self) -> None:
        calendar = Calendar(days_off=frozenset({datetime(2026, 3, 5, tzinfo=UTC).date()}))
        due = end_of_day(datetime(2026, 3, 6, tzinfo=UTC).date())
        assert days_left(NOON, due, calendar) == 1

    @given(st.integers(0, 2 * 365 * 24 * 60), st.integers(1, 40))
    def test_agrees_with_the_deadline_itself(self, minutes: int, days: int) -> None:
        at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        assert days_left(at, due_at(at, working_days(days), self.CALENDAR), self.CALENDAR) == days
