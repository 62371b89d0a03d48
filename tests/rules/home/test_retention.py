"""Until when an incident is kept: counted in London days, never short, and never over while anything keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import LONDON, local_day
from saferpractice.home.rules.retention import (
    ANSWER,
    CASE,
    LIGHTER,
    OTHER,
    SERIOUS,
    CaseFacts,
    HoldKind,
    Kept,
    OpenWork,
    RetentionFacts,
    anniversary,
    answer_is_over,
    case_due_for_disposal,
    counted_from,
    due_for_disposal,
    is_serious,
    recorded_before,
)

pytestmark = pytest.mark.requirement("R7", "R34")

YEARS = {SERIOUS: 20, OTHER: 10}
NOON = datetime(2014, 6, 2, 12, 0, tzinfo=UTC)


def facts(**changes: object) -> RetentionFacts:
    """A plain incident over which all work ended a fortnight after it happened; ``changes`` replace facts."""
    given = {
        "happened_at": NOON,
        "known_at": NOON + timedelta(hours=1),
        "recorded_at": NOON + timedelta(hours=2),
        "last_work_at": NOON + timedelta(days=14),
        "harms": frozenset({"low"}),
        "tiers": frozenset({"A"}),
        "nationally_required": False,
        "open_work": frozenset(),
        "holds": (),
    }
    return RetentionFacts(**(given | changes))  # type: ignore[arg-type]


def last_work(at: datetime) -> RetentionFacts:
    return facts(happened_at=None, known_at=at, recorded_at=at, last_work_at=at)


class TestWhatIsSerious:
    @pytest.mark.parametrize(
        ("changes", "serious"),
        [
            ({}, False),
            ({"harms": frozenset({"none", "low", "moderate"})}, False),
            ({"harms": frozenset({"low", "severe"})}, True),  # graded so once, and lighter since
            ({"harms": frozenset({"fatal"})}, True),
            ({"harms": frozenset({"not known"})}, True),
            ({"harms": frozenset({""})}, True),
            ({"tiers": frozenset({"A", "B"})}, False),
            ({"tiers": frozenset({"C", "A"})}, True),
            ({"tiers": frozenset()}, False),
            ({"nationally_required": True}, True),
        ],
    )
    def test_by_all_that_was_ever_decided(self, changes: dict[str, object], *, serious: bool) -> None:
        assert is_serious(facts(**changes)) is serious
        assert due_for_disposal(facts(**changes), YEARS, date(2026, 1, 1)).code == (SERIOUS if serious else OTHER)

    @given(st.text(max_size=12))
    def test_a_word_nobody_knows_is_serious(self, word: str) -> None:
        assume(word not in LIGHTER)
        assert is_serious(facts(harms=frozenset({"low", word})))


class TestTheDay:
    @pytest.mark.parametrize(
        ("ended", "until"),
        [
            (datetime(2014, 1, 15, 12, tzinfo=UTC), date(2024, 1, 15)),
            (datetime(2016, 2, 29, 12, tzinfo=UTC), date(2026, 3, 1)),  # no 29 February: not a day short
            (datetime(2014, 2, 28, 12, tzinfo=UTC), date(2024, 2, 28)),
            (datetime(2014, 7, 1, 22, 59, tzinfo=UTC), date(2024, 7, 1)),
            (datetime(2014, 7, 1, 23, 0, tzinfo=UTC), date(2024, 7, 2)),  # midnight in London, in summer
            (datetime(2014, 12, 1, 23, 30, tzinfo=UTC), date(2024, 12, 1)),
            (datetime(2014, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), date(2024, 12, 31)),
            (datetime(2014, 3, 30, 1, 0, tzinfo=UTC), date(2024, 3, 30)),  # the clocks go forward
        ],
    )
    def test_is_counted_in_london(self, ended: datetime, until: date) -> None:
        kept = [due_for_disposal(last_work(ended), YEARS, until + timedelta(days=n)) for n in (-1, 0, 1)]
        assert {one.kept_until for one in kept} == {until}
        assert [one.over for one in kept] == [False, False, True], "the last day is a day on which it is kept"

    @pytest.mark.parametrize("which", ["happened_at", "known_at", "recorded_at", "last_work_at"])
    def test_counts_from_the_latest_of_all(self, which: str) -> None:
        late = datetime(2019, 5, 5, 12, tzinfo=UTC)
        assert counted_from(facts(**{which: late})) == date(2019, 5, 5)

    def test_what_nobody_knows_shortens_nothing(self) -> None:
        assert counted_from(facts(happened_at=None)) == local_day(NOON + timedelta(days=14))
        assert counted_from(facts(happened_at=None, last_work_at=None)) == local_day(NOON)

    @pytest.mark.parametrize(
        ("day", "years", "then"),
        [
            (date(2016, 2, 29), 4, date(2020, 2, 29)),
            (date(2016, 2, 29), 1, date(2017, 3, 1)),
            (date(2096, 2, 29), 4, date(2100, 3, 1)),  # no leap year
            (date(2024, 2, 29), -10, date(2014, 3, 1)),
            (date(2014, 3, 1), 10, date(2024, 3, 1)),
        ],
    )
    def test_of_leap_years(self, day: date, years: int, then: date) -> None:
        assert anniversary(day, years) == then

    def test_a_kind_without_a_period_is_never_over(self) -> None:
        kept = due_for_disposal(facts(), {SERIOUS: 20}, date(2200, 1, 1))
        assert (kept.years, kept.kept_until, kept.over, kept.due) == (None, None, False, False)
        assert recorded_before({}, date(2200, 1, 1)) is None


class TestWhatKeepsIt:
    @pytest.mark.parametrize("work", list(OpenWork))
    def test_open_work_of_any_kind(self, work: OpenWork) -> None:
        kept = due_for_disposal(facts(open_work=frozenset({work})), YEARS, date(2200, 1, 1))
        assert (kept.over, kept.due, kept.open_work) == (True, False, (work,))

    @pytest.mark.parametrize("kind", list(HoldKind))
    def test_a_hold_of_any_kind(self, kind: HoldKind) -> None:
        kept = due_for_disposal(facts(holds=(kind,)), YEARS, date(2200, 1, 1))
        assert (kept.over, kept.due, kept.holds) == (True, False, (kind,))

    def test_nothing_else(self) -> None:
        assert due_for_disposal(facts(), YEARS, date(2200, 1, 1)).due

    def test_open_work_is_told_in_one_order(self) -> None:
        kept = due_for_disposal(facts(open_work=frozenset(OpenWork)), YEARS, date(2200, 1, 1))
        assert kept.open_work == tuple(OpenWork)

    def test_each_is_said_in_its_own_words(self) -> None:
        labels = [one.label for one in OpenWork] + [one.label for one in HoldKind]
        assert len(labels) == len(set(labels))

    @pytest.mark.parametrize(
        ("state", "changes", "shown"),
        [
            (Kept.DUE, {}, True),
            (Kept.DUE, {"holds": (HoldKind.CLAIM,)}, False),
            (Kept.BACK, {}, False),
            (Kept.BACK, {"holds": (HoldKind.CLAIM,)}, True),
            (Kept.BACK, {"open_work": frozenset({OpenWork.CASE})}, True),
            (Kept.ALL, {}, True),
            (Kept.ALL, {"open_work": frozenset({OpenWork.CASE})}, True),
        ],
    )
    def test_a_list_shows_what_it_says(self, state: Kept, changes: dict[str, object], *, shown: bool) -> None:
        assert state.shows(due_for_disposal(facts(**changes), YEARS, date(2030, 1, 1))) is shown
        assert not state.shows(due_for_disposal(facts(**changes), YEARS, date(2020, 1, 1))), "its time is not over"


def case_facts(**changes: object) -> CaseFacts:
    """A case over which all work ended a fortnight after it was opened."""
    given = {
        "opened_at": NOON,
        "last_work_at": NOON + timedelta(days=14),
        "open_work": frozenset(),
        "holds": (),
    }
    return CaseFacts(**(given | changes))  # type: ignore[arg-type]


class TestACaseOfNoIncident:
    years = {**YEARS, CASE: 20, ANSWER: 6}

    @pytest.mark.parametrize(
        ("changes", "until"),
        [
            ({}, date(2034, 6, 16)),
            ({"last_work_at": None}, date(2034, 6, 2)),
            ({"last_work_at": NOON - timedelta(days=400)}, date(2034, 6, 2)),  # never a day before it was opened
            ({"last_work_at": datetime(2020, 7, 1, 23, 30, tzinfo=UTC)}, date(2040, 7, 2)),  # the next day in London
            ({"last_work_at": datetime(2016, 2, 29, 12, tzinfo=UTC)}, date(2036, 2, 29)),
        ],
    )
    def test_is_kept_from_when_anything_was_last_done(self, changes: dict[str, object], until: date) -> None:
        kept = [case_due_for_disposal(case_facts(**changes), self.years, until + timedelta(days=n)) for n in (-1, 0, 1)]
        assert {(one.code, one.years, one.kept_until) for one in kept} == {(CASE, 20, until)}
        assert [one.over for one in kept] == [False, False, True]
        assert kept[-1].due

    def test_is_never_over_without_a_period_of_its_own(self) -> None:
        kept = case_due_for_disposal(case_facts(), {**YEARS, ANSWER: 6}, date(2300, 1, 1))
        assert (kept.years, kept.kept_until, kept.over, kept.due) == (None, None, False, False)

    @pytest.mark.parametrize("work", list(OpenWork))
    def test_is_kept_by_open_work(self, work: OpenWork) -> None:
        kept = case_due_for_disposal(case_facts(open_work=frozenset({work})), self.years, date(2200, 1, 1))
        assert (kept.over, kept.due, kept.open_work) == (True, False, (work,))

    @pytest.mark.parametrize("kind", list(HoldKind))
    def test_is_kept_by_a_hold(self, kind: HoldKind) -> None:
        kept = case_due_for_disposal(case_facts(holds=(kind,)), self.years, date(2200, 1, 1))
        assert (kept.over, kept.due, kept.holds) == (True, False, (kind,))

    @pytest.mark.parametrize(
        ("codes", "before"),
        [
            ({CASE}, date(2006, 6, 2)),
            ({SERIOUS, OTHER}, date(2016, 6, 2)),  # the answers' six years are none of theirs
            ({SERIOUS}, date(2006, 6, 2)),
            ({"nothing"}, None),
        ],
    )
    def test_is_looked_for_by_its_own_period(self, codes: set[str], before: date | None) -> None:
        assert recorded_before(self.years, date(2026, 6, 2), codes) == before


@pytest.mark.parametrize(
    ("given_at", "years", "last_day"),
    [
        (datetime(2020, 3, 4, 12, tzinfo=UTC), {ANSWER: 6}, date(2026, 3, 4)),
        (datetime(2020, 3, 4, 12, tzinfo=UTC), {ANSWER: 9, CASE: 1}, date(2029, 3, 4)),
        (datetime(2020, 2, 29, 12, tzinfo=UTC), {ANSWER: 6}, date(2026, 3, 1)),
        (datetime(2020, 7, 4, 23, 30, tzinfo=UTC), {ANSWER: 6}, date(2026, 7, 5)),
    ],
)
def test_an_answer_is_kept_through_its_last_day(given_at: datetime, years: dict[str, int], last_day: date) -> None:
    over = [answer_is_over(given_at, years, last_day + timedelta(days=n)) for n in (-1, 0, 1)]
    assert over == [False, False, True]
    assert not answer_is_over(given_at, {CASE: 1, OTHER: 1}, date(2300, 1, 1)), "without a period it is kept for good"


moments = st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
days = st.dates(date(1990, 1, 1), date(2200, 1, 1))
periods = st.fixed_dictionaries({SERIOUS: st.integers(20, 100), OTHER: st.integers(10, 100)})


@st.composite
def some_facts(draw: st.DrawFn) -> RetentionFacts:
    return RetentionFacts(
        happened_at=draw(st.none() | moments),
        known_at=draw(moments),
        recorded_at=draw(moments),
        last_work_at=draw(st.none() | moments),
        harms=draw(st.frozensets(st.sampled_from(["none", "low", "moderate", "severe", "fatal", "?"]), min_size=1)),
        tiers=draw(st.frozensets(st.sampled_from("ABC"))),
        nationally_required=draw(st.booleans()),
        open_work=draw(st.frozensets(st.sampled_from(OpenWork), max_size=2)),
        holds=draw(st.tuples() | st.tuples(st.sampled_from(HoldKind))),
    )


class TestAlways:
    @given(moments, st.none() | moments, st.integers(20, 100), days)
    def test_a_case_that_is_due_has_had_every_year(
        self, opened_at: datetime, last: datetime | None, years: int, on: date
    ) -> None:
        kept = case_due_for_disposal(case_facts(opened_at=opened_at, last_work_at=last), {CASE: years}, on)
        if kept.due:
            for at in (opened_at, last or opened_at):
                day = at.astimezone(LONDON).date()
                assert (on.year - years, on.month, on.day) > (day.year, day.month, day.day)
            before = recorded_before({CASE: years}, on, {CASE})
            assert before is not None
            assert local_day(opened_at) <= before, "the list looks far enough"

    @given(some_facts(), periods, days)
    def test_what_is_due_has_had_every_year_since_everything(
        self, given_: RetentionFacts, years: dict[str, int], on: date
    ) -> None:
        """Reckoned another way: by the clock on a London wall, not by the rule's own arithmetic."""
        kept = due_for_disposal(given_, years, on)
        if not kept.due:
            return
        least = years[SERIOUS] if is_serious(given_) else years[OTHER]
        for at in (given_.happened_at, given_.known_at, given_.recorded_at, given_.last_work_at):
            if at is None:
                continue
            day = at.astimezone(LONDON).date()
            whole = on.year - day.year - ((on.month, on.day) < (day.month, day.day))
            assert whole >= least
            assert (on.year - least, on.month, on.day) > (day.year, day.month, day.day), "on the last day it is kept"
        assert not given_.open_work and not given_.holds

    @given(some_facts(), periods, days, st.integers(0, 4000))
    def test_time_alone_never_makes_it_less_due(
        self, given_: RetentionFacts, years: dict[str, int], on: date, later: int
    ) -> None:
        if due_for_disposal(given_, years, on).due:
            assert due_for_disposal(given_, years, on + timedelta(days=later)).due

    @given(some_facts(), periods, days, st.sampled_from(OpenWork), st.sampled_from(HoldKind))
    def test_whatever_is_added_never_makes_it_due(
        self, given_: RetentionFacts, years: dict[str, int], on: date, work: OpenWork, hold: HoldKind
    ) -> None:
        """More harm, another tier, later work, longer years, open work, a hold: each can only keep it."""
        before = due_for_disposal(given_, years, on)
        more = [
            replace(given_, harms=given_.harms | {"severe"}),
            replace(given_, tiers=given_.tiers | {"C"}),
            replace(given_, nationally_required=True),
            replace(given_, last_work_at=max(given_.last_work_at or given_.known_at, given_.known_at)),
            replace(given_, open_work=given_.open_work | {work}),
            replace(given_, holds=(*given_.holds, hold)),
        ]
        serious_is_longer = {SERIOUS: max(years.values()), OTHER: years[OTHER]}
        if not due_for_disposal(given_, serious_is_longer, on).due:
            assert [due_for_disposal(one, serious_is_longer, on).due for one in more] == [False] * len(more)
        longer = {code: span + 1 for code, span in years.items()}
        assert before.due or not due_for_disposal(given_, longer, on).due

    @given(some_facts(), periods, days)
    def test_nothing_over_is_missed_by_where_the_list_begins_to_look(
        self, given_: RetentionFacts, years: dict[str, int], on: date
    ) -> None:
        before = recorded_before(years, on)
        assert before is not None
        if due_for_disposal(given_, years, on).over:
            assert local_day(given_.recorded_at) <= before
