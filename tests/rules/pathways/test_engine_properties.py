"""What holds of every case: the engine equals its slow twin, and keeps its three promises."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import ENGLAND
from saferpractice.pathways.rules.definition import Definition, RecordField
from saferpractice.pathways.rules.engine import assess
from saferpractice.pathways.rules.pairing import paired
from saferpractice.pathways.rules.spans import field_named
from saferpractice.pathways.rules.state import Kept, Owed, PathwayState, as_on_record
from saferpractice.pathways.rules.timeline import Record
from tests.rules.pathways.cases import LIBRARY, MONDAY, small
from tests.rules.pathways.slow import Slow

pytestmark = pytest.mark.requirement("R18", "R22", "R30")

ODD = small(
    {
        "id": "both",
        "when": {"all_of": [{"indicators": {"at_least": 1, "of": ["a", "b"]}}, {"records": {"record": "sign"}}]},
        "again": "every time",
        "within": "10 working hours",
    },
    {
        "id": "either",
        "when": {
            "any_of": [
                {"field": {"record": "sign", "field": "sort", "is": "real"}},
                {"indicators": {"at_least": "local how-many"}},
            ]
        },
        "within": "2 days",
    },
    {
        "id": "pair",
        "when": {
            "records": {
                "record": "sign",
                "at_least": 3,
                "within": "48 hours",
                "with": [{"field": "sort", "present": True}],
            }
        },
        "again": "every time",
        "within": "the moment in by",
    },
    {
        "id": "each",
        "when": {"records": {"record": "sign"}},
        "again": "for each record",
        "met_by": [{"record": "answer", "about": "sign"}],
    },
    {
        "id": "weekly",
        "when": {"indicators": {"at_least": 2}},
        "again": "every time",
        "repeats": {"every": "1 week", "until": {"level_fallen": {"record": "answer", "field": "level"}}},
    },
)
DEFINITIONS = [*LIBRARY.values(), ODD]
NOW = MONDAY + timedelta(days=60)


def value_of(definition: Definition, part: RecordField) -> st.SearchStrategy[Any]:
    match part.type:
        case "text":
            return st.sampled_from(["Something was said.", "Another thing.", " "])
        case "role" | "partner":
            return st.sampled_from(["duty_manager", ""])
        case "yes-no":
            return st.sampled_from(["yes", "no", None])
        case "moment":
            return st.integers(0, 24 * 50).map(lambda hour: MONDAY + timedelta(hours=hour)) | st.none()
        case "indicators":
            return st.lists(st.sampled_from([each.id for each in definition.indicators]), unique=True, max_size=4).map(
                tuple
            )
        case "record":
            return st.integers(0, 9).map(str)
    return st.sampled_from([*(option.id for option in part.options), None])


@st.composite
def cases(draw: st.DrawFn, most: int = 10) -> tuple[Definition, list[Record]]:
    """A definition and records of it, written down when they happened or up to ten days later; no corrections."""
    definition = draw(st.sampled_from(DEFINITIONS))
    records = []
    for number in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(definition.records))
        happened = MONDAY + timedelta(hours=draw(st.integers(0, 24 * 40)))
        written = happened + timedelta(hours=draw(st.sampled_from([0, 0, 1, 30, 240])), seconds=number)
        values = {part.id: draw(value_of(definition, part)) for part in kind.fields}
        # half of the records are whole, so that some of them count
        if draw(st.booleans()):
            values = {
                name: value if value not in (None, " ", "") else whole(kind.by_id[name])
                for name, value in values.items()
            }
        records.append(Record(id=str(number), kind=kind.id, happened_at=happened, recorded_at=written, values=values))
    return definition, records


def whole(part: RecordField) -> Any:
    if part.type == "moment":
        return MONDAY + timedelta(days=9)
    return part.options[0].id if part.options else "yes" if part.type == "yes-no" else "duty_manager"


def state_of(definition: Definition, records: list[Record], at: Any = NOW) -> PathwayState:
    return assess(definition, records, at, ENGLAND)


def told(owed: Owed) -> tuple[object, ...]:
    return (
        owed.obligation.id,
        owed.because,
        owed.opened_at,
        owed.due_at,
        owed.met_by,
        owed.met_at,
        owed.ended_by,
        owed.occurrence,
    )


@given(cases())
def test_it_equals_its_slow_twin(case: tuple[Definition, list[Record]]) -> None:
    definition, records = case
    found = sorted(map(told, state_of(definition, records).owed), key=repr)
    assert found == sorted((each.key() for each in Slow(definition, records, NOW).all()), key=repr)


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_handing_over_does_not_matter(case: tuple[Definition, list[Record]], rng: random.Random) -> None:
    definition, records = case
    shuffled = list(records)
    rng.shuffle(shuffled)
    assert state_of(definition, shuffled) == state_of(definition, records)


@given(cases(most=7), st.permutations(range(7)))
def test_what_is_still_to_be_done_does_not_depend_on_the_order_of_entry(
    case: tuple[Definition, list[Record]], order: list[int]
) -> None:
    """The same facts, written down in any order after the last of them happened.

    No two at one moment: those are told apart by when they were written (ADR 0009), so which came first is no fact.
    """
    definition, drawn = case
    records = [
        replace(record, happened_at=record.happened_at + timedelta(minutes=number))
        for number, record in enumerate(drawn)
    ]
    late = MONDAY + timedelta(days=45)
    entered = [
        replace(record, recorded_at=late + timedelta(hours=order[number])) for number, record in enumerate(records)
    ]
    in_order = [replace(record, recorded_at=late + timedelta(hours=number)) for number, record in enumerate(records)]

    def still(state: PathwayState) -> list[str]:
        return sorted(each.obligation.id for each in state.open)

    assert still(state_of(definition, entered)) == still(state_of(definition, in_order))


def turned_out_untrue(definition: Definition, records: list[Record], owed: Owed) -> bool:
    """Whether what was written since shows that it was not due: one part of several did not hold at the time.

    Or what ends it held already. A condition of one part stays true.
    """
    now = Slow(definition, records, NOW)
    at_its_last_reason = max(upto for upto, record in enumerate(now.records, 1) if record.id in owed.because)
    when, until = owed.obligation.when, owed.obligation.repeats and owed.obligation.repeats.until
    if until and now.judge(until, at_its_last_reason):
        return True
    return bool(when.parts()) and now.judge(when, at_its_last_reason) is None


@given(cases())
def test_a_record_added_later_never_takes_back_that_something_was_met(case: tuple[Definition, list[Record]]) -> None:
    definition, records = case
    assume(records)
    *before, newest = sorted(records, key=lambda record: record.recorded_at)
    met_after: dict[str, list[Owed]] = {}
    for each in state_of(definition, [*before, newest]).owed:
        met_after.setdefault(each.obligation.id, []).append(each)
    for each in state_of(definition, before).owed:
        if each.met_at is None or each.obligation.repeats or turned_out_untrue(definition, records, each):
            continue
        same = [later for later in met_after[each.obligation.id] if set(later.because) & set(each.because)]
        if each.obligation.again == "once":
            same = met_after[each.obligation.id]
        assert any(later.met_by == each.met_by and later.met_at == each.met_at for later in same), told(each)


@given(cases())
def test_nothing_due_disappears_or_becomes_due_later_by_a_record_added(case: tuple[Definition, list[Record]]) -> None:
    """What was open keeps its row: open with the same deadline or a sooner one, or met, or ended by a record.

    Where the engine gives other reasons in place of the earlier ones, or a moment where none was written yet, what it
    says by itself may be due later; the row keeps what it said.
    """
    definition, records = case
    assume(records)
    *earlier, _ = sorted(records, key=lambda record: record.recorded_at)
    before = state_of(definition, earlier).owed
    after = as_on_record(
        state_of(definition, records).owed,
        [Kept(each.thing, each.due_at, moved=False, is_open=each.is_open) for each in before],
    )
    places = paired([each.thing for each in after], [each.thing for each in before])
    for place, each in enumerate(before):
        if place not in places:
            assert not each.is_open or turned_out_untrue(definition, records, each), told(each)
        elif each.is_open:
            later = after[places.index(place)]
            assert later.due_at <= each.due_at if later.is_open else later.met_by or later.ended_by, told(each)


@given(cases())
def test_a_reason_that_joins_never_makes_it_due_later(case: tuple[Definition, list[Record]]) -> None:
    definition, records = case
    assume(records)
    *earlier, _ = sorted(records, key=lambda record: record.recorded_at)
    before, after = state_of(definition, earlier).owed, state_of(definition, records).owed
    for place, number in enumerate(paired([each.thing for each in after], [each.thing for each in before])):
        if number is not None and set(before[number].because) <= set(after[place].because):
            assert after[place].opened_at <= before[number].opened_at, told(after[place])
            if field_named(before[number].obligation.within) is None:
                assert after[place].due_at <= before[number].due_at, told(after[place])


@given(cases(), st.data())
def test_a_correction_gives_what_a_clean_timeline_would(
    case: tuple[Definition, list[Record]], data: st.DataObject
) -> None:
    definition, records = case
    assume(records)
    place = data.draw(st.integers(0, len(records) - 1))
    wrong = records[place]
    kind = definition.kinds[wrong.kind]
    values = {part.id: data.draw(value_of(definition, part)) for part in kind.fields}
    at = MONDAY + timedelta(days=55)
    right = replace(wrong, id="right", values=values, recorded_at=at, corrects=wrong.id)
    clean = [*records[:place], replace(right, id=wrong.id, corrects=None), *records[place + 1 :]]
    corrected, told_clean = state_of(definition, [*records, right]), state_of(definition, clean)

    def standing(state: PathwayState) -> list[tuple[str, int, bool]]:
        return sorted(
            (each.obligation.id, each.occurrence, each.is_open) for each in state.owed if not each.obligation.repeats
        )

    assert [each[::2] for each in standing(corrected) if each[2]] == [
        each[::2] for each in standing(told_clean) if each[2]
    ]
    # and putting something right never makes it due later than the clean timeline, in which it was all written late
    due = {(each.obligation.id, each.because): each.due_at for each in told_clean.owed}
    for each in corrected.owed:
        assert each.due_at <= due.get((each.obligation.id, each.because), each.due_at)


@given(cases(), st.integers(0, 24 * 59))
def test_what_is_met_stays_met_as_time_passes(case: tuple[Definition, list[Record]], hour: int) -> None:
    definition, records = case
    known = [record for record in records if record.recorded_at <= MONDAY + timedelta(hours=hour)]
    early = state_of(definition, known, MONDAY + timedelta(hours=hour))
    later = state_of(definition, known, NOW)
    assert [told(each) for each in early.owed] == [told(each) for each in later.owed]


@given(cases())
def test_every_moment_is_possible(case: tuple[Definition, list[Record]]) -> None:
    definition, records = case
    ids = {record.id for record in records}
    for each in state_of(definition, records).owed:
        assert set(each.because) <= ids
        assert each.met_at is None or each.met_at >= each.opened_at
        assert each.ended_at is None or each.met_at is None
        if each.obligation.within != "the moment in by" and "moment" not in each.obligation.within:
            assert each.due_at >= each.opened_at or each.occurrence > 1


@given(cases())
def test_closing_is_never_offered_while_something_is_owed(case: tuple[Definition, list[Record]]) -> None:
    state = state_of(*case)
    if state.may_close:
        assert all(each.obligation.repeats for each in state.open)
        assert state.why_not_close == ""
    else:
        assert state.why_not_close
