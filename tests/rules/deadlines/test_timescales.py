"""Timescales as data and as sentences."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines import rules
from saferpractice.deadlines.rules import ClockKind, Timescale, TimescaleError, TimescaleKind

pytestmark = pytest.mark.requirement("R35")

COUNTED = sorted(rules.LARGEST_AMOUNT)
timescales = st.one_of(
    st.just(rules.same_day()),
    st.dates().map(rules.on_date),
    st.sampled_from(COUNTED).flatmap(
        lambda kind: st.integers(1, rules.LARGEST_AMOUNT[kind]).map(lambda n: Timescale(kind, n))
    ),
)


@pytest.mark.parametrize(
    ("timescale", "sentence"),
    [
        pytest.param(rules.same_day(), "by the end of the same day", marks=pytest.mark.requirement("R18")),
        (rules.clock_hours(1), "within 1 hour"),
        (rules.clock_hours(24), "within 24 hours"),
        (rules.working_hours(1), "within 1 working hour"),
        (rules.working_hours(4), "within 4 working hours"),
        (rules.working_days(1), "within 1 working day"),
        (rules.working_days(10), "within 10 working days"),
        (rules.calendar_days(1), "within 1 day"),
        (rules.calendar_days(28), "within 28 days"),
        (rules.weeks(1), "within 1 week"),
        (rules.weeks(6), "within 6 weeks"),
        (rules.on_date(date(2026, 11, 3)), "by the end of Tuesday 3 November 2026"),
    ],
)
def test_each_has_a_plain_sentence(timescale, sentence):
    assert timescale.sentence == sentence


def test_every_kind_that_counts_has_a_sentence_and_a_largest_amount():
    assert set(COUNTED) == set(TimescaleKind) - {TimescaleKind.SAME_DAY, TimescaleKind.ON_DATE}
    assert len({Timescale(kind, 2).sentence for kind in COUNTED}) == len(COUNTED)


@given(timescales)
def test_data_goes_through_json_and_back_unchanged(timescale):
    assert Timescale.from_data(json.loads(json.dumps(timescale.as_data()))) == timescale


def test_data_holds_only_what_is_meant():
    assert rules.same_day().as_data() == {"kind": "same_day"}
    assert rules.working_days(10).as_data() == {"kind": "working_days", "amount": 10}
    assert rules.on_date(date(2026, 11, 23)).as_data() == {"kind": "on_date", "on": "2026-11-23"}


def test_a_definition_file_may_hold_a_real_date():
    assert Timescale.from_data({"kind": "on_date", "on": date(2026, 11, 23)}) == rules.on_date(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "A timescale is written like"),
        ("10 working days", "A timescale is written like"),
        ([], "A timescale is written like"),
        ({}, '"None" is not a kind of timescale. Choose one of: same_day, clock_hours'),
        ({"kind": "fortnights", "amount": 2}, '"fortnights" is not a kind of timescale'),
        ({"kind": ["same_day"]}, "is not a kind of timescale"),
        ({"kind": "working_days", "amount": 10, "days": 3, "at": 1}, "it has no at, days"),
        ({"kind": "working_days"}, '"working_days" needs a whole number from 1 to 2,610, for example'),
        ({"kind": "working_days", "amount": 0}, "needs a whole number from 1"),
        ({"kind": "working_days", "amount": -1}, "needs a whole number from 1"),
        ({"kind": "clock_hours", "amount": 1.5}, "it has 1.5"),
        ({"kind": "clock_hours", "amount": "4"}, "it has '4'"),
        ({"kind": "clock_hours", "amount": True}, "it has True"),
        ({"kind": "weeks", "amount": 531}, "from 1 to 530"),
        ({"kind": "same_day", "amount": 1}, '"same_day" has no amount'),
        ({"kind": "same_day", "on": "2026-11-23"}, 'Only the kind "on_date" has a date'),
        ({"kind": "working_days", "amount": 1, "on": "2026-11-23"}, 'Only the kind "on_date" has a date'),
        ({"kind": "on_date"}, '"on_date" needs a date'),
        ({"kind": "on_date", "on": "next Tuesday"}, '"next Tuesday" is not a date. Write year, month and day'),
        ({"kind": "on_date", "on": "2026-02-29"}, '"2026-02-29" is not a date'),
        ({"kind": "on_date", "on": datetime(2026, 11, 23, 10, tzinfo=UTC)}, "is not a date"),
        ({"kind": "on_date", "on": "2026-11-23", "amount": 1}, '"on_date" has no amount'),
    ],
)
def test_bad_data_is_refused_with_what_to_write(data, says):
    with pytest.raises(TimescaleError) as refused:
        Timescale.from_data(data)
    assert says in str(refused.value)


def test_a_kind_given_as_bare_text_to_the_class_is_refused():
    with pytest.raises(TimescaleError, match="is not a kind of timescale"):
        Timescale("same_day")


def test_the_largest_amounts_are_accepted_and_one_more_is_not():
    for kind, largest in rules.LARGEST_AMOUNT.items():
        assert Timescale(kind, largest).amount == largest
        with pytest.raises(TimescaleError):
            Timescale(kind, largest + 1)


def test_only_hours_run_from_a_moment():
    assert [kind for kind in COUNTED if Timescale(kind, 1).counts_hours] == ["clock_hours", "working_hours"]
    assert not rules.same_day().counts_hours


class TestWhoSetTheClock:
    def test_the_three_kinds_and_their_words(self):
        assert [kind.label for kind in ClockKind] == ["Law", "Contract", "Local"]
        assert [kind.set_by for kind in ClockKind] == ["set by law", "set by contract", "set locally"]

    def test_each_says_who_set_it_and_only_the_local_one_may_be_changed(self):
        sentences = [kind.sentence for kind in ClockKind]
        assert sentences[0] == "This time limit is set by law."
        assert [("may change it" in s) for s in sentences] == [False, False, True]
