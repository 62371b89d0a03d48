"""Replay: a case gone through as it was lived, and how two definitions differ in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saferpractice.deadlines.rules import ENGLAND, Calendar, OutOfHours
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.pairing import Thing, paired
from saferpractice.pathways.rules.replaying import (
    Difference,
    Differs,
    Happened,
    Opening,
    Setting,
    Side,
    by_obligation,
    compared,
    days_before,
    fitting_values,
    incident_to_forestall,
    openings,
    threshold_at,
    week_of,
)
from saferpractice.pathways.rules.timeline import Record
from tests.rules.pathways.cases import CONSULTATION, LIBRARY, MONDAY, NOTE, hours, record, small, ticks
from tests.rules.pathways.test_engine_properties import NOW, cases, value_of

pytestmark = pytest.mark.requirement("R17", "R18", "R22")
SELF_NEGLECT, LOST = LIBRARY["self-neglect"], LIBRARY["lost-contact"]
USUAL = Setting(ENGLAND)
ONE_IS_ENOUGH = Setting(ENGLAND, local={"how-many": 1})


def told(definition: Definition, *records: Record, until: float, setting: Setting = USUAL) -> list[tuple[Any, ...]]:
    """Every opening with its code, the hours after MONDAY at which it opened and was met, and whether it was late."""
    return [
        (each.code, _hours(each.opened_at), _hours(each.met_at), each.late)
        for each in openings(definition, records, hours(until), setting)
    ]


def _hours(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - MONDAY) / timedelta(hours=1)


# --- the walk ---------------------------------------------------------------------------------------------------------


@st.composite
def lived(draw: st.DrawFn) -> tuple[Definition, list[Record]]:
    """A case as cases are: in order or not, some of it put right or taken back later."""
    definition, records = draw(cases(most=8))
    if draw(st.booleans()):
        records = [replace(each, recorded_at=each.happened_at + timedelta(minutes=5)) for each in records]
    for number, wrong in enumerate(list(records)):
        if draw(st.integers(0, 5)) == 0:
            kind = definition.kinds[wrong.kind]
            records.append(
                replace(
                    wrong,
                    id=f"right-{number}",
                    corrects=wrong.id,
                    withdrawn=draw(st.booleans()),
                    values={part.id: draw(value_of(definition, part)) for part in kind.fields},
                    recorded_at=wrong.recorded_at + timedelta(hours=draw(st.integers(1, 200)), seconds=30),
                )
            )
    return definition, records


def plainly(definition: Definition, records: list[Record]) -> list[Opening]:
    """The same by looking at every moment there is, whatever the records are like."""
    rows: list[dict[str, Any]] = []
    for moment in sorted({each.recorded_at for each in records if each.recorded_at <= NOW} | {NOW}):
        state = assess(definition, records, moment, ENGLAND).owed
        standing = [row for row in rows if not row["taken back"]]
        places = paired(
            [Thing(owed.obligation.id, owed.occurrence, owed.because) for owed in state],
            [Thing(row["code"], row["occurrence"], row["because"]) for row in standing],
        )
        for owed, place in zip(state, places, strict=True):
            row = None if place is None else standing[place]
            if row is None or (row["met"] and owed.is_open):
                row = {
                    "opened": owed.opened_at if row is None else moment,
                    "due": owed.due_at,
                    "met": None,
                    "ended": None,
                }
                row |= {"code": owed.obligation.id, "occurrence": owed.occurrence, "taken back": False}
                rows.append(row)
            row["because"], row["due"] = owed.because, min(row["due"], owed.due_at)
            row["met"], row["ended"] = row["met"] or owed.met_at, owed.ended_at
        for place, row in enumerate(standing):
            if place not in places and not row["met"] and not row["ended"]:
                row["taken back"] = True
    return [
        Opening(
            row["code"],
            row["opened"],
            row["due"],
            row["met"],
            row["met"] > row["due"] if row["met"] else not row["ended"] and not row["taken back"] and row["due"] < NOW,
        )
        for row in rows
    ]


@settings(max_examples=150)
@given(lived())
def test_it_says_what_looking_at_every_moment_says(case: tuple[Definition, list[Record]]) -> None:
    definition, records = case
    found = openings(definition, records, NOW, USUAL)
    assert sorted(found, key=repr) == sorted(plainly(definition, records), key=repr)
    assert [each.opened_at for each in found] == sorted(each.opened_at for each in found)


@given(cases())
def test_what_is_in_order_is_looked_at_once(case: tuple[Definition, list[Record]]) -> None:
    """One look at the end is enough for such cases, which is what makes a hundred thousand of them quick."""
    definition, records = case
    spread = [
        replace(
            each, happened_at=MONDAY + timedelta(hours=7 * number), recorded_at=MONDAY + timedelta(hours=7 * number + 3)
        )
        for number, each in enumerate(records)
    ]
    at_the_end = assess(definition, spread, NOW, ENGLAND).owed
    found = openings(definition, spread, NOW, USUAL)
    assert sorted((each.code, each.opened_at, each.due_at) for each in found) == sorted(
        (each.obligation.id, each.opened_at, each.due_at) for each in at_the_end
    )


class TestOneCase:
    def test_a_threshold_met_and_answered(self) -> None:
        records = [
            ticks("a", 0, "infection-risk"),
            ticks("b", 24, "infection-risk", "refusal-of-care"),
            record("c", "consultation", 25, values=CONSULTATION),
        ]
        assert told(SELF_NEGLECT, *records, until=100) == [("consult", 24, 25, False)]
        assert told(SELF_NEGLECT, *records, until=100, setting=ONE_IS_ENOUGH) == [
            ("consult", 0, 25, True),
        ]

    def test_until_a_moment(self) -> None:
        records = [
            ticks("b", 24, "infection-risk", "refusal-of-care"),
            record("c", "consultation", 60, values=CONSULTATION),
        ]
        assert told(SELF_NEGLECT, *records, until=23) == []
        assert told(SELF_NEGLECT, *records, until=30) == [("consult", 24, None, False)]
        assert told(SELF_NEGLECT, *records, until=50) == [("consult", 24, None, True)]
        assert told(SELF_NEGLECT, *records, until=60) == [("consult", 24, 60, True)]

    def test_in_time_at_the_very_moment_it_is_due(self) -> None:
        midnight = 15.0  # nine in the morning and fifteen hours
        first = ticks("a", 0, "infection-risk", "refusal-of-care")
        in_time, late = (record("c", "consultation", end, values=CONSULTATION) for end in (midnight, midnight + 0.01))
        assert told(SELF_NEGLECT, first, in_time, until=99) == [("consult", 0, midnight, False)]
        assert told(SELF_NEGLECT, first, late, until=99)[0][3] is True
        assert told(SELF_NEGLECT, first, until=midnight) == [("consult", 0, None, False)]

    @pytest.mark.parametrize("until", [4, 100])
    def test_what_was_asked_and_then_taken_back_was_asked(self, until: float) -> None:
        """Somebody was asked to consult: that a correction came later does not give the time back."""
        records = [
            ticks("a", 0, "infection-risk", "refusal-of-care"),
            ticks("b", 0, "infection-risk", written=4, corrects="a"),
        ]
        assert [each[:2] for each in told(SELF_NEGLECT, *records, until=until)] == [("consult", 0)]

    def test_also_when_the_correction_says_that_it_happened_later(self) -> None:
        records = [
            ticks("a", 0, "infection-risk", "refusal-of-care"),
            ticks("b", 3, "infection-risk", written=4, corrects="a"),
        ]
        assert [each[:2] for each in told(SELF_NEGLECT, *records, until=100)] == [("consult", 0)]

    def test_what_was_written_late_does_not_change_when_it_was_asked(self) -> None:
        """By the end of it the first two are its reasons, known only then."""
        two = small({"id": "o", "when": {"records": {"record": "sign", "at_least": 2}}})
        records = [record("s", "sign", 0), record("t", "sign", 10), record("a", "answer", 12, said="Seen.")]
        late = record("r", "sign", 5, written=13)
        assert told(two, *records, late, until=14) == [("o", 10, 12, False)]

    @pytest.mark.parametrize(
        ("over", "met"),
        [
            pytest.param(record("a", "answer", 1, said="Seen."), 1, id="done"),
            pytest.param(ticks("c", 1, "a"), None, id="ended"),
        ],
    )
    def test_what_is_over_is_counted_once_though_its_reason_was_taken_back_and_put_back(
        self, over: Record, met: float | None
    ) -> None:
        ends = {
            "every": "1 week",
            "until": {"any_of": [{"records": {"record": each}} for each in ("answer", "checklist")]},
        }
        once = small({"id": "o", "when": {"records": {"record": "sign"}}, "repeats": ends})
        records = [
            record("s", "sign", 0),
            over,
            record("x", "sign", 0, written=4, corrects="s", withdrawn=True),
            record("y", "sign", 0, written=8, corrects="x"),
        ]
        assert told(once, *records, until=9) == [("o", 0, met, False)]

    def test_a_correction_written_after_that_moment_is_not_known_yet(self) -> None:
        records = [
            ticks("a", 0, "infection-risk"),
            ticks("b", 0, "infection-risk", "refusal-of-care", written=30, corrects="a"),
        ]
        assert told(SELF_NEGLECT, *records, until=29) == []
        assert told(SELF_NEGLECT, *records, until=30) == [("consult", 30, None, False)]

    def test_what_was_written_down_late_opened_when_it_was_known(self) -> None:
        assert told(SELF_NEGLECT, ticks("a", 0, "infection-risk", "refusal-of-care", written=50), until=60) == [
            ("consult", 50, None, False)
        ]

    def test_a_record_put_right_opens_it_anew_from_then(self) -> None:
        records = [
            ticks("a", 0, "infection-risk", "refusal-of-care"),
            record("b", "consultation", 1, values=CONSULTATION),
            record("c", "consultation", 1, written=30, corrects="b", withdrawn=True),
        ]
        assert [each[:3] for each in told(SELF_NEGLECT, *records, until=31)] == [
            ("consult", 0, 1),
            ("consult", 30, None),
        ]

    def test_it_was_met_when_it_first_was_though_that_answer_was_taken_back(self) -> None:
        once = small({"id": "o", "when": {"records": {"record": "sign"}}})
        answers = [record("a", "answer", 1, said="Seen."), record("b", "answer", 5, said="Seen.")]
        back = record("x", "answer", 1, written=8, corrects="a", withdrawn=True)
        assert told(once, record("s", "sign", 0), *answers, back, until=9) == [("o", 0, 1, False)]

    def test_putting_a_day_right_gives_no_more_time(self) -> None:
        dated = small({"id": "o", "when": {"records": {"record": "sign"}}, "within": "the moment in by"})
        records = [record("s", "sign", 0, by=hours(20)), record("x", "sign", 0, written=5, corrects="s", by=hours(50))]
        assert told(dated, *records, until=30) == [("o", 0, None, True)]

    def test_each_time_contact_is_missed_counts_and_joins_what_is_open(self) -> None:
        missed = [record(f"m{number}", "missed-contact", 24 * number, what="no-reply") for number in range(3)]
        note = record("n", "escalation-note", 50, values=NOTE)
        found = told(LOST, *missed, note, until=51)
        assert [each[:3] for each in found if each[0] == "tell-leadership"] == [("tell-leadership", 24, 50)]
        assert [each[1] for each in found if each[0] == "try-preferred-ways"] == [0]

    def test_something_repeated_counts_every_time(self) -> None:
        weekly = small(
            {
                "id": "weekly",
                "when": {"records": {"record": "sign"}},
                "repeats": {"every": "1 week", "until": {"level_fallen": {"record": "answer", "field": "level"}}},
            }
        )
        answers = [record(f"a{day}", "answer", 24 * day, said="Seen.") for day in (1, 8, 15)]
        found = told(weekly, record("s", "sign", 0), *answers, until=24 * 16)
        assert [each[:3] for each in found] == [
            ("weekly", 0, 24),
            ("weekly", 24, 192),
            ("weekly", 192, 360),
            ("weekly", 360, None),
        ]

    def test_what_ends_without_being_done_is_not_late(self) -> None:
        until_better = small(
            {
                "id": "weekly",
                "when": {"records": {"record": "sign"}},
                "within": "1 hour",
                "repeats": {"every": "1 week", "until": {"indicators": {"at_least": 1}}},
            }
        )
        assert told(until_better, record("s", "sign", 0), ticks("t", 48, "a"), until=90) == [("weekly", 0, None, False)]
        assert told(until_better, record("s", "sign", 0), until=90) == [("weekly", 0, None, True)]

    def test_what_ended_by_mistake_is_late_like_anything_open(self) -> None:
        until_better = small(
            {
                "id": "weekly",
                "when": {"records": {"record": "sign"}},
                "within": "1 hour",
                "repeats": {"every": "1 week", "until": {"indicators": {"at_least": 1}}},
            }
        )
        mistaken = [ticks("t", 0.5, "a"), ticks("x", 0.5, written=5, corrects="t", withdrawn=True)]
        assert told(until_better, record("s", "sign", 0), *mistaken, until=4) == [("weekly", 0, None, False)]
        assert told(until_better, record("s", "sign", 0), *mistaken, until=9) == [("weekly", 0, None, True)]

    def test_the_calendar_the_evening_and_the_local_values_are_the_providers(self) -> None:
        refer = record("c", "consultation", 7.5, values={**CONSULTATION, "decision": "refer"})  # half past four
        sent = record("r", "referral", 24 + 2, authority="Anyshire", reference="A1", told_person="yes")
        open_tomorrow = openings(SELF_NEGLECT, [refer, sent], hours(99), USUAL)
        closed = Setting(Calendar(days_off=frozenset({date(2026, 3, 3)})))
        assert [each.due_at for each in open_tomorrow] == [hours(24 + 3.5)]
        assert [each.due_at for each in openings(SELF_NEGLECT, [refer], hours(99), closed)] == [hours(48 + 3.5)]
        at_once = Setting(ENGLAND, local={"referral-within": "1 working hour"})
        assert [each.late for each in openings(SELF_NEGLECT, [refer, sent], hours(99), at_once)] == [True]
        evening = Setting(ENGLAND, OutOfHours(time(8), time(10)))
        both = [ticks("a", 0, "infection-risk", "refusal-of-care")]
        assert [each.due_at for each in openings(SELF_NEGLECT, both, hours(99), evening)] == [hours(25)]

    def test_nothing_written_nothing_owed(self) -> None:
        assert openings(SELF_NEGLECT, [], hours(9), USUAL) == ()

    def test_records_of_a_kind_the_definition_does_not_know_are_passed_over(self) -> None:
        other = record("x", "a-kind-of-old", 1, said="Something.")
        assert told(SELF_NEGLECT, other, ticks("a", 2, "infection-risk", "refusal-of-care"), until=3) == [
            ("consult", 2, None, False)
        ]


class TestValuesThatFit:
    def test_those_the_definition_allows(self) -> None:
        given = {"how-many": 3, "referral-within": "8 working hours", "gone": "4 hours"}
        assert fitting_values(SELF_NEGLECT, given) == {"how-many": 3, "referral-within": "8 working hours"}

    @pytest.mark.parametrize("value", [0, 5, "two", "2 days"])
    def test_and_no_other(self, value: Any) -> None:
        assert fitting_values(SELF_NEGLECT, {"how-many": value}) == {}


# --- two definitions --------------------------------------------------------------------------------------------------


def opening(code: str, opened: float, *, late: bool = False) -> Opening:
    return Opening(code, hours(opened), hours(opened + 8), None, late)


class TestDifferences:
    @pytest.mark.parametrize(
        ("live", "candidate", "kind"),
        [
            ([], [opening("a", 1)], Differs.ASKED),
            ([opening("a", 1)], [], Differs.NOT_ASKED),
            ([opening("a", 5)], [opening("a", 2)], Differs.EARLIER),
            ([opening("a", 5)], [opening("a", 7), opening("a", 9)], Differs.LATER),
            ([opening("a", 5)], [opening("a", 5), opening("a", 9)], Differs.OFTEN),
            ([opening("a", 5), opening("a", 9)], [opening("a", 5)], Differs.SELDOM),
            ([opening("a", 5)], [opening("a", 5, late=True)], Differs.LATE),
            ([opening("a", 5, late=True)], [opening("a", 5)], Differs.IN_TIME),
        ],
        ids=lambda value: value.value if isinstance(value, Differs) else "",
    )
    def test_each_kind(self, live: list[Opening], candidate: list[Opening], kind: Differs) -> None:
        (found,) = compared(live, candidate)
        assert found.kind is kind
        assert found.kind.label

    def test_the_same_is_no_difference(self) -> None:
        same = [opening("a", 1), opening("b", 2, late=True)]
        assert compared(same, list(same)) == ()
        assert compared([], []) == ()

    def test_each_obligation_by_itself(self) -> None:
        found = compared([opening("a", 1), opening("b", 2)], [opening("a", 1), opening("c", 3)])
        assert found == (
            Difference("b", Side(1, hours(2), 0), Side()),
            Difference("c", Side(), Side(1, hours(3), 0)),
        )

    def test_summed_up(self) -> None:
        found = by_obligation(
            [opening("a", 1), opening("b", 2), opening("a", 3, late=True), opening("a", 4, late=True)]
        )
        assert found == {"a": Side(3, hours(1), 2), "b": Side(1, hours(2), 0)}

    def test_the_threshold_is_the_first_thing_asked(self) -> None:
        assert threshold_at([opening("b", 2), opening("a", 3)]) == hours(2)
        assert threshold_at([]) is None

    @given(lived())
    def test_a_definition_does_not_differ_from_itself(self, case: tuple[Definition, list[Record]]) -> None:
        definition, records = case
        once, again = (openings(definition, list(some), NOW, USUAL) for some in (records, records[::-1]))
        assert compared(once, again) == ()

    @given(cases())
    def test_a_lower_threshold_never_asks_later(self, case: tuple[Definition, list[Record]]) -> None:
        """What two indicators bring about, one brings about too."""
        _, records = case
        live = threshold_at(openings(SELF_NEGLECT, records, NOW, USUAL))
        candidate = threshold_at(openings(SELF_NEGLECT, records, NOW, ONE_IS_ENOUGH))
        assert live is None or (candidate is not None and candidate <= live)


class TestWeeks:
    @pytest.mark.parametrize(
        ("at", "monday"),
        [
            (datetime(2026, 3, 2, 0, 0, tzinfo=UTC), date(2026, 3, 2)),
            (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), date(2026, 2, 23)),
            (datetime(2026, 3, 8, 23, 59, tzinfo=UTC), date(2026, 3, 2)),
            # In summer a London Monday begins while it is still Sunday in UTC.
            (datetime(2026, 6, 7, 22, 59, tzinfo=UTC), date(2026, 6, 1)),
            (datetime(2026, 6, 7, 23, 0, tzinfo=UTC), date(2026, 6, 8)),
            # The clocks go forward on Sunday 29 March 2026.
            (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
            (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), date(2026, 12, 28)),
        ],
    )
    def test_begin_on_a_london_monday(self, at: datetime, monday: date) -> None:
        assert week_of(at) == monday


class TestIncidents:
    FIRST = [ticks("b", 20, "infection-risk"), ticks("a", 10, "infection-risk", written=40)]

    @pytest.mark.parametrize(
        ("own", "others", "chosen"),
        [
            (None, [], None),
            (None, [("x", 30), ("y", 25)], "y"),
            (None, [("x", 10)], "x"),
            (None, [("x", 9.9)], None),
            (("own", 5), [], "own"),
            (("own", 5), [("x", 30)], "x"),
            (("own", 50), [("x", 60)], "own"),
            (("own", 50), [("x", 30)], "x"),
            (None, [("y", 30), ("x", 30)], "x"),
        ],
        ids=str,
    )
    def test_the_first_after_the_first_record(
        self, own: tuple[str, float] | None, others: list[tuple[str, float]], chosen: str | None
    ) -> None:
        found = incident_to_forestall(
            self.FIRST,
            Happened(own[0], hours(own[1])) if own else None,
            [Happened(name, hours(at)) for name, at in others],
        )
        assert (found.id if found else None) == chosen

    def test_a_case_with_nothing_on_it_forestalls_nothing(self) -> None:
        assert incident_to_forestall([], None, [Happened("x", hours(1))]) is None

    def test_but_the_incident_it_was_opened_from(self) -> None:
        own = Happened("own", hours(5))
        assert incident_to_forestall([], own, [Happened("x", hours(1))]) == own

    @pytest.mark.parametrize(("threshold", "days"), [(0, 2.0), (48, 0.0), (60, -0.5), (None, None)])
    def test_how_many_days_before(self, threshold: float | None, days: float | None) -> None:
        assert days_before(None if threshold is None else hours(threshold), hours(48)) == days
