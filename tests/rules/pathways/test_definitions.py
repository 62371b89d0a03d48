"""Definitions are refused with a sentence for each mistake, and lengths of time read as people write them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import LARGEST_AMOUNT, Timescale, TimescaleError, TimescaleKind, on_date
from saferpractice.lists.rules import ListMistakes
from saferpractice.pathways.rules.reading import content_of, definition_from_data, kept_definition, load, load_library
from saferpractice.pathways.rules.spans import field_named, local_named, read_span, write_span
from tests.rules.pathways.cases import LIBRARY, MONDAY, SMALL, small
from tests.rules.pathways.printing import EVERY_PART, MISTAKES, kept, mistakes_in

pytestmark = pytest.mark.requirement("R17")
OBLIGATION: dict[str, Any] = {
    "id": "o",
    "title": "Answer",
    "when": {"records": {"record": "sign"}},
    "who": "support_worker",
    "met_by": [{"record": "answer"}],
    "within": "same day",
    "then": [{"tell": ["owner"]}],
}

ITSELF = {**OBLIGATION, "when": {"records": {"record": "answer"}}}
"""Of the record that meets it, so that it needs no other."""


def whole(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy({**SMALL, "obligations": [OBLIGATION], **changes})


def refused(data: object) -> str:
    with pytest.raises(ListMistakes) as found:
        definition_from_data(data, name="small.yaml")
    return str(found.value)


def test_a_whole_one_is_taken() -> None:
    assert definition_from_data(whole(), name="small.yaml").owed["o"].again == "once"


def with_obligation(**changes: Any) -> dict[str, Any]:
    return whole(obligations=[{**OBLIGATION, **changes}])


def with_field(**field: Any) -> dict[str, Any]:
    kinds = copy.deepcopy(SMALL["records"])
    kinds[1]["fields"].append({"id": "new", "label": "New", **field})
    return whole(records=kinds)


def with_local(**changes: Any) -> dict[str, Any]:
    value = {"id": "l", "label": "L", "type": "count", "default": 2, "lowest": 1, "highest": 3, "reason": "An example."}
    return whole(local=[*SMALL["local"], {**value, **changes}])


def with_measure(**changes: Any) -> dict[str, Any]:
    measure = {"id": "m", "title": "M", "of": "o", "shows": "repeat", "better": "lower", "within_days": 30}
    return whole(measures=[{**measure, **changes}])


INDICATORS = {"indicators": {"at_least": 2}}


def with_test(field: str, wanted: str) -> dict[str, Any]:
    return {**OBLIGATION, "when": {"field": {"record": "sign", "field": field, "is": wanted}}}


TWICE = ("local", "indicators", "records", "obligations", "measures", "records.sign", "records.sign.sort")


def twice(part: str) -> dict[str, Any]:
    """The small definition with two of one code, "x", in the part that a mistake would call so."""
    data = with_measure()
    found: dict[str, Any] = data
    if "." in part:
        found = next(each for each in data["records"] if each["id"] == "sign")
    if part.endswith("sort"):
        found = found["fields"][0]
    name = {"records.sign": "fields", "records.sign.sort": "options"}.get(part, part)
    found[name] = [*found[name], *({**found[name][-1], "id": "x"} for _ in range(2))]
    return data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "file: Begin with pathway, title, about, applies_to, source, records, obligations and closing."),
        (
            whole(surplus=1),
            'definition: "surplus": is not a word that stands here. Take it out; this place holds pathway, '
            "title, about, applies_to, source, local, indicators, records, obligations, closing, "
            "supervision, measures.",
        ),
        (whole(titel="x"), 'definition: "titel": is not a word that stands here. Did you mean "title"?'),
        (
            with_obligation(within="soon"),
            'definition: "obligations.1.within": is "soon". Write "same day", or a number with hours, '
            'working hours, days, working days or weeks, such as "4 working hours".',
        ),
        (
            with_obligation(within="0 hours"),
            'definition: "obligations.1.within": is "0 hours". Write a number of hours from 1 to 87,840.',
        ),
        (
            with_obligation(within="local how-many"),
            'o: "local": how-many is not a local value of type span. Write one of window.',
        ),
        (
            with_obligation(within="local nothing"),
            'o: "local": nothing is not a local value of type span. Write one of window.',
        ),
        (
            with_obligation(within="the moment in sort"),
            'o: "within": sort is no field of type moment of a record named under "when". Write a length of '
            "time, or a field that such a record has.",
        ),
        (
            with_obligation(within="the moment in nothing"),
            'o: "within": nothing is no field of type moment of a record named under "when". Write a length '
            "of time, or a field that such a record has.",
        ),
        (
            with_obligation(who="porter"),
            "definition: \"obligations.1.who\": is 'porter'. Write support_worker, duty_manager, "
            "safeguarding_lead, reviewer, supervisor, quality_lead or director.",
        ),
        (
            with_obligation(met_by=[]),
            'definition: "obligations.1.met_by": is empty. Write the records that meet it, a list: any one of them.',
        ),
        (
            with_obligation(met_by=[{"record": "nothing"}]),
            'o: "record": nothing is not a kind of record. Write one of answer, checklist, sign.',
        ),
        (
            with_obligation(met_by=[{"record": "answer", "about": "sign"}]),
            'definition: "obligations.1": Write "about" under "met_by" when the obligation is owed for each '
            "record, and only then: the field that says which record is answered.",
        ),
        (
            with_obligation(again="for each record"),
            'definition: "obligations.1": Write "about" under "met_by" when the obligation is owed for each '
            "record, and only then: the field that says which record is answered.",
        ),
        (
            with_obligation(
                again="for each record", met_by=[{"record": "answer", "about": "sign"}, {"record": "answer"}]
            ),
            'definition: "obligations.1": Write "about" under "met_by" when the obligation is owed for each '
            "record, and only then: the field that says which record is answered.",
        ),
        (
            with_obligation(again="for each record", met_by=[{"record": "answer", "about": "said"}]),
            'o: "about": said is not a field of type record of answer. Write one of sign.',
        ),
        (
            with_obligation(again="always"),
            "definition: \"obligations.1.again\": is 'always'. Write once, every time or for each record.",
        ),
        (
            with_obligation(when={}),
            'definition: "obligations.1.when": Write exactly one of indicators, records, field, '
            "level_fallen, obligation, all_of, any_of, not for a condition.",
        ),
        (
            with_obligation(when={"records": {"record": "sign"}, "indicators": {"at_least": 1}}),
            'definition: "obligations.1.when": Write exactly one of indicators, records, field, '
            "level_fallen, obligation, all_of, any_of, not for a condition.",
        ),
        (
            with_obligation(when={"all_of": []}),
            'definition: "obligations.1.when.all_of": is empty. Write conditions, a list.',
        ),
        (
            with_obligation(when={"records": {"record": "nothing"}}),
            'o: "record": nothing is not a kind of record. Write one of answer, checklist, sign.',
        ),
        (
            with_obligation(when={"records": {"record": "sign", "within": "local nothing"}}),
            'o: "local": nothing is not a local value of type span. Write one of window.',
        ),
        (
            with_obligation(when={"records": {"record": "sign", "with": [{"field": "sort", "is": "x"}]}}),
            'o: "sort": x is not one of its options. Write one of other, real.',
        ),
        (
            with_obligation(when={"field": {"record": "sign", "field": "sort"}}),
            'definition: "obligations.1.when.field": Write exactly one of is, one_of and present for the field "sort".',
        ),
        (
            with_obligation(when={"field": {"record": "sign", "field": "sort", "is": "real", "present": True}}),
            'definition: "obligations.1.when.field": Write exactly one of is, one_of and present for the field "sort".',
        ),
        (
            with_obligation(when={"field": {"record": "sign", "field": "nothing", "is": "x"}}),
            'o: "field": nothing is not a field of sign. Write one of by, sort.',
        ),
        (
            with_obligation(when={"field": {"record": "answer", "field": "said", "is": "x"}}),
            'o: "said" is a field of type text. Test whether it is present, true or false.',
        ),
        (
            with_obligation(when={"indicators": {"at_least": 1, "of": ["z"]}}),
            'o: "of": z is not an indicator. Write one of a, b, c.',
        ),
        (
            with_obligation(when={"indicators": {"at_least": "two"}}),
            'definition: "obligations.1.when.indicators.at_least": is "two". Write a whole number, or local '
            "and the code of a local value.",
        ),
        (
            with_obligation(when={"indicators": {"at_least": 0}}),
            'definition: "obligations.1.when.indicators.at_least": is 0. Write a whole number from 1 to 1,000.',
        ),
        (
            with_obligation(when={"records": {"record": "sign", "at_least": 1001}}),
            'definition: "obligations.1.when.records.at_least": is 1001. Write a whole number from 1 to 1,000.',
        ),
        (
            with_obligation(shows=["welfare-check-route"]),
            'definition: "obligations.1.shows.1": is "welfare-check-route". Write local and the code of a '
            "local value of type text.",
        ),
        (
            with_obligation(when={"indicators": {"at_least": "local window"}}),
            'o: "local": window is not a local value of type count. Write one of how-many.',
        ),
        (
            with_obligation(when={"level_fallen": {"record": "answer", "field": "said"}}),
            'o: "level_fallen": said is not a level of answer. Write one of level.',
        ),
        (
            with_obligation(when={"obligation": {"id": "nothing", "is": "met"}}),
            'o: "obligation": nothing is not an obligation. Write one of o.',
        ),
        (
            with_obligation(when={"obligation": {"id": "o", "is": "met"}}),
            "o: This obligation waits for itself. Take the condition on obligations out of one of them.",
        ),
        (
            with_obligation(when={"not": {"all_of": [{"any_of": [{"obligation": {"id": "o", "is": "late"}}]}]}}),
            "o: This obligation waits for itself. Take the condition on obligations out of one of them.",
        ),
        (
            with_obligation(repeats={"every": "1 week", "until": {"obligation": {"id": "o", "is": "met"}}}),
            "o: This obligation waits for itself. Take the condition on obligations out of one of them.",
        ),
        (
            with_obligation(repeats={"every": "often", "until": {"records": {"record": "answer"}}}),
            'definition: "obligations.1.repeats.every": is "often". Write "same day", or a number with '
            'hours, working hours, days, working days or weeks, such as "4 working hours".',
        ),
        (
            with_obligation(repeats={"every": "1 week", "until": {"records": {"record": "nothing"}}}),
            'o: "record": nothing is not a kind of record. Write one of answer, checklist, sign.',
        ),
        (
            with_obligation(then=[{"tell": ["owner"]}, {"tell": ["director"], "after": "local nothing"}]),
            'o: "local": nothing is not a local value of type span. Write one of window.',
        ),
        (
            with_obligation(then=[]),
            'definition: "obligations.1.then": is empty. Write who is told when it is late, a list in order.',
        ),
        (
            with_obligation(then=[{"tell": ["owner"]}, {"tell": ["director"]}]),
            'definition: "obligations.1": Every step after the first needs "after": how long after the '
            "deadline it comes.",
        ),
        (
            with_obligation(then=[{"tell": ["anyone"]}]),
            "definition: \"obligations.1.then.1.tell.1\": is 'anyone'. Write support_worker, duty_manager, "
            "safeguarding_lead, reviewer, supervisor, quality_lead, director or owner.",
        ),
        (
            with_field(type="choice"),
            'definition: "records.2.fields.3": A field of type choice needs options, two at least: give them to "new".',
        ),
        (
            with_field(type="text", options=[{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]),
            'definition: "records.2.fields.3": A field of type text has no options: take them out of "new".',
        ),
        (
            with_field(type="number"),
            "definition: \"records.2.fields.3.type\": is 'number'. Write text, choice, choices, moment, "
            "yes-no, role, partner, partners, indicators, level, record, contact-method or listed.",
        ),
        (
            with_field(type="indicators", required=True, required_when={"field": "sort", "is": "real"}),
            'definition: "records.2.fields.3": "new" is required always or only sometimes. Write one of the two.',
        ),
        (
            with_field(type="text", required_when={"field": "nothing", "is": "x"}),
            'records.sign: "field": nothing is not a field of sign. Write one of by, new, sort.',
        ),
        (with_local(default=9), 'definition: "local.3": The default of "l" is 9. Write a value from 1 to 3.'),
        (
            with_local(lowest=None),
            'definition: "local.3": "l" needs lowest and highest, so that a service knows what it may set.',
        ),
        (
            with_local(highest=None),
            'definition: "local.3": "l" needs lowest and highest, so that a service knows what it may set.',
        ),
        *(
            (
                with_local(type="text", default="words", **bounds),
                'definition: "local.3": "l" is text: it has no bounds. Take lowest and highest out.',
            )
            for bounds in ({"lowest": None}, {"highest": None})
        ),
        (
            with_local(type="text", default=5, lowest=None, highest=None),
            'definition: "local.3": The default of "l" is empty. Write the text.',
        ),
        (
            with_local(lowest="one"),
            'definition: "local.3": The lowest of "l" is "one". Write a whole number.',
        ),
        (
            with_local(default="two"),
            'definition: "local.3": The default of "l" is "two". Write a whole number.',
        ),
        (
            with_local(type="span", default="2 days", lowest="1 day", highest="no end"),
            'definition: "local.3": The highest of "l" is "no end". Write "same day", or a number with hours, '
            'working hours, days, working days or weeks, such as "4 working hours".',
        ),
        (
            with_local(type="text", default="words"),
            'definition: "local.3": "l" is text: it has no bounds. Take lowest and highest out.',
        ),
        (
            with_local(type="text", default=" ", lowest=None, highest=None),
            'definition: "local.3": The default of "l" is empty. Write the text.',
        ),
        (
            with_local(type="span", default="2 days", lowest="1 day", highest="1 week"),
            'definition: "local.3": The default of "l" is 2 days. Write it in the unit of its bounds, 1 day to 1 week.',
        ),
        (
            whole(indicators=[]),
            'records.checklist: "present": there are no indicators to tick. Write some, or take the field out.',
        ),
        (
            whole(indicators=[*SMALL["indicators"], SMALL["indicators"][0]]),
            'indicators: "a" is written twice. Give one of them another code.',
        ),
        (
            whole(obligations=[OBLIGATION, OBLIGATION]),
            'obligations: "o" is written twice. Give one of them another code.',
        ),
        (
            whole(supervision={"cases": 1, "record": "nothing"}),
            'supervision: "record": nothing is not a kind of record. Write one of answer, checklist, sign.',
        ),
        # What does not exist is named once, however much is said of it.
        *(
            (data, 'o: "record": nothing is not a kind of record. Write one of answer, checklist, sign.')
            for data in (
                with_obligation(met_by=[{"record": "nothing", "with": [{"field": "x", "is": "y"}]}]),
                with_obligation(again="for each record", met_by=[{"record": "nothing", "about": "sign"}]),
                with_obligation(when={"records": {"record": "nothing", "with": [{"field": "x", "is": "y"}]}}),
                with_obligation(when={"field": {"record": "nothing", "field": "x", "present": True}}),
                with_obligation(when={"level_fallen": {"record": "nothing", "field": "x"}}),
            )
        ),
        (
            with_obligation(
                when={"field": {"record": "nothing", "field": "by", "present": True}}, within="the moment in by"
            ),
            'o: "record": nothing is not a kind of record. Write one of answer, checklist, sign.\n'
            'small.yaml, o: "within": by is no field of type moment of a record named under "when". Write a length '
            "of time, or a field that such a record has.",
        ),
        (
            with_obligation(again="for each record", met_by=[{"record": "answer", "about": "nothing"}]),
            'o: "about": nothing is not a field of type record of answer. Write one of sign.',
        ),
        (
            with_obligation(when={"records": {"record": "sign", "with": [{"field": "nothing", "is": "x"}]}}),
            'o: "field": nothing is not a field of sign. Write one of by, sort.',
        ),
        (
            with_obligation(when={"level_fallen": {"record": "answer", "field": "nothing"}}),
            'o: "level_fallen": nothing is not a level of answer. Write one of level.',
        ),
        (
            with_obligation(when={"level_fallen": {"record": "sign", "field": "sort"}}),
            'o: "level_fallen": sort is not a level of sign. There is none yet.',
        ),
        (
            with_obligation(repeats={"every": "local nothing", "until": {"records": {"record": "answer"}}}),
            'o: "local": nothing is not a local value of type span. Write one of window.',
        ),
        (
            whole(records=SMALL["records"][1:], indicators=[], obligations=[{**OBLIGATION, "when": INDICATORS}]),
            "o: No record ticks indicators. Give one of them a field of type indicators.",
        ),
        (
            with_field(type="contact-method", options=[]) | {"obligations": [with_test("new", "pigeon")]},
            'o: "new": pigeon is not one of its options. Write one of email, letter, phone, text, '
            "through-others, visit.",
        ),
        (
            with_field(type="yes-no") | {"obligations": [with_test("new", "maybe")]},
            'o: "new": maybe is not one of its options. Write one of no, yes.',
        ),
        *((twice(part), f'{part}: "x" is written twice. Give one of them another code.') for part in TWICE),
        (
            with_field(type="text", hint="x" * 1001),
            'definition: "records.2.fields.3.hint": is 1001 characters long. Write 1000 at most.',
        ),
        *(
            (
                whole(supervision={"cases": cases, "record": "answer"}),
                f'definition: "supervision.cases": is {cases}. {told}',
            )
            for cases, told in ((0, "Write a number that is at least 1."), (21, "Write a number that is at most 20."))
        ),
        *(
            (with_measure(**{part: number}), f'definition: "measures.1.{part}": is {number}. {told}')
            for part, number, told in (
                ("target", -1, "Write a number that is at least 0."),
                ("target", 101, "Write a number that is at most 100."),
                ("within_days", 0, "Write a number that is at least 1."),
                ("within_days", 731, "Write a number that is at most 730."),
            )
        ),
        (
            whole(measures=[{"id": "m", "title": "M", "of": "nothing", "shows": "completeness", "better": "higher"}]),
            'measures.m: "of": nothing is not an obligation. Write one of o.',
        ),
        (
            whole(measures=[{"id": "m", "title": "M", "of": "o", "shows": "repeat", "better": "lower"}]),
            'measures.m: "within_days": Write it for a measure that shows repeat, and for no other.',
        ),
        (
            whole(
                measures=[
                    {"id": "m", "title": "M", "of": "o", "shows": "completeness", "better": "lower", "within_days": 9}
                ]
            ),
            'measures.m: "within_days": Write it for a measure that shows repeat, and for no other.',
        ),
        (
            whole(closing={"when": {"records": {"record": "nothing"}}, "says": "x"}),
            'closing: "record": nothing is not a kind of record. Write one of answer, checklist, sign.',
        ),
    ],
)
def test_each_mistake_is_said_with_what_to_write(data: object, said: str) -> None:
    assert refused(data) == f"small.yaml, {said}"


def test_what_each_part_is_to_hold_reads_as_it_was_read_over() -> None:
    """A sentence that changes is read again by somebody: see ``printing``."""
    assert mistakes_in(content_of(EVERY_PART)) == kept(MISTAKES)


def test_what_is_missing_is_said_part_by_part() -> None:
    assert refused({}).splitlines() == [
        "small.yaml, definition: \"pathway\": is missing. Write the pathway's code, which is also the file's name.",
        'small.yaml, definition: "title": is missing. Write what the pathway is called.',
        'small.yaml, definition: "about": is missing. Write what it is for, in a sentence or two.',
        'small.yaml, definition: "applies_to": is missing. Write whom it is for.',
        'small.yaml, definition: "source": is missing. Write where this practice comes from.',
        'small.yaml, definition: "records": is missing. Write the kinds of record staff make, a list.',
        'small.yaml, definition: "obligations": is missing. Write who must do what by when, a list.',
        'small.yaml, definition: "closing": is missing. Write when and says.',
    ]


def test_two_that_wait_for_each_other() -> None:
    first = {**OBLIGATION, "when": {"obligation": {"id": "p", "is": "met"}}}
    second = {**OBLIGATION, "id": "p", "when": {"obligation": {"id": "o", "is": "late"}}}
    told = "This obligation waits for itself. Take the condition on obligations out of one of them."
    assert refused(whole(obligations=[first, second])) == f"small.yaml, o: {told}\nsmall.yaml, p: {told}"
    third = {**OBLIGATION, "id": "q", "when": {"obligation": {"id": "p", "is": "met"}}}
    itself = {**OBLIGATION, "id": "p", "when": {"obligation": {"id": "p", "is": "met"}}}
    assert refused(whole(obligations=[third, itself])) == f"small.yaml, p: {told}"


def test_every_mistake_is_said_at_once_with_its_place() -> None:
    data = with_obligation(met_by=[{"record": "x"}], within="local y")
    assert refused(data).splitlines() == [
        'small.yaml, o: "record": x is not a kind of record. Write one of answer, checklist, sign.',
        'small.yaml, o: "local": y is not a local value of type span. Write one of window.',
    ]


def with_when(**when: Any) -> dict[str, Any]:
    return with_obligation(when=when)


def with_tests(kind: str, *tests: dict[str, Any]) -> dict[str, Any]:
    return with_when(records={"record": kind, "with": list(tests)})


def met_with(*tests: dict[str, Any]) -> dict[str, Any]:
    return with_obligation(met_by=[{"record": "answer", "with": list(tests)}])


def with_zero(when: dict[str, Any]) -> dict[str, Any]:
    zero = {"id": "n", "label": "N", "type": "count", "default": 1, "lowest": 0, "highest": 3, "reason": "An example."}
    return with_when(**when) | {"local": [*SMALL["local"], zero]}


REAL, OTHER = {"field": "sort", "is": "real"}, {"field": "sort", "is": "other"}
BOTH = [{"field": "new", "is": each} for each in ("m", "n")]
THREE = [{"field": "present", "is": each} for each in ("a", "b", "c")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(
            with_when(indicators={"at_least": 7}),
            '"at_least": 7 of 3 indicators can never be there at once. Write 3 at most.',
            id="more indicators than there are",
        ),
        pytest.param(
            with_when(indicators={"at_least": 2, "of": ["b"]}),
            '"at_least": 2 of 1 indicator can never be there at once. Write 1 at most.',
            id="more than those of which they are",
        ),
        pytest.param(
            with_when(indicators={"at_least": 3, "of": ["a", "b", "b"]}),
            '"at_least": 3 of 2 indicators can never be there at once. Write 2 at most.',
            id="one written twice is one",
        ),
        pytest.param(
            with_when(indicators={"at_least": "local how-many", "of": ["a", "b"]}),
            '"at_least": how-many could be set to 3 of 2 indicators. Let its highest be 2.',
            id="more than a service may set",
        ),
        pytest.param(
            with_zero({"indicators": {"at_least": "local n"}}),
            '"at_least": n could be set to 0. Let the lowest be 1, or it always holds.',
            id="no indicator at all would be enough",
        ),
        pytest.param(
            with_zero({"records": {"record": "sign", "at_least": "local n"}}),
            '"at_least": n could be set to 0. Let the lowest be 1, or it always holds.',
            id="no record at all would be enough",
        ),
        pytest.param(
            with_tests("sign", REAL, OTHER),
            '"sort": no record can pass all these tests of it. Take one of them out.',
            id="one value cannot be two",
        ),
        pytest.param(
            with_tests("sign", {"field": "by", "present": True}, {"field": "by", "present": False}),
            '"by": no record can pass all these tests of it. Take one of them out.',
            id="filled in and empty",
        ),
        pytest.param(
            with_tests("sign", REAL, {"field": "sort", "present": False}),
            '"sort": no record can pass all these tests of it. Take one of them out.',
            id="a value and empty",
        ),
        pytest.param(
            with_tests("checklist", THREE[0], {"field": "present", "present": False}),
            '"present": no record can pass all these tests of it. Take one of them out.',
            id="an indicator and none",
        ),
        pytest.param(
            met_with({"field": "said", "present": False}),
            '"said" must be filled in, so it cannot be tested for being empty. Take the test out.',
            id="never whole",
        ),
        pytest.param(
            met_with({"field": "level", "is": "low"}, {"field": "level", "is": "high"}),
            '"level": no record can pass all these tests of it. Take one of them out.',
            id="never met",
        ),
    ],
)
def test_what_can_never_be_or_always_is_is_refused_with_its_place(data: dict[str, Any], said: str) -> None:
    """It would be owed on no case, or on every, and nobody would notice."""
    assert refused(data) == f"small.yaml, o: {said}"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_when(indicators={"at_least": 3}), id="all of them"),
        pytest.param(with_when(indicators={"at_least": 2, "of": ["a", "c"]}), id="all of some"),
        pytest.param(with_when(indicators={"at_least": "local how-many"}), id="all of them where a service says so"),
        pytest.param(with_when(records={"record": "sign", "at_least": 7}), id="any number of records"),
        pytest.param(with_when(records={"record": "sign", "at_least": 1000}), id="the largest number"),
        pytest.param(with_tests("sign", {"field": "sort", "one_of": ["real"]}), id="a list of one"),
        pytest.param(with_tests("checklist", *THREE), id="several indicators in one list"),
        pytest.param(
            with_field(type="choices", options=[{"id": code, "label": code} for code in ("m", "n")])
            | {"obligations": [{**OBLIGATION, "met_by": [{"record": "sign", "with": BOTH}]}]},
            id="two answers where several may be chosen",
        ),
        pytest.param(
            whole(
                obligations=[OBLIGATION, {**OBLIGATION, "id": "p", "when": {"obligation": {"id": "o", "is": "met"}}}]
            ),
            id="one obligation waits for another",
        ),
        pytest.param(
            with_field(type="contact-method") | {"obligations": [with_test("new", "phone")]}, id="a contact method"
        ),
        pytest.param(with_when(level_fallen={"record": "answer", "field": "level"}), id="a level"),
        pytest.param(
            with_tests("sign", {"field": "sort", "one_of": ["real", "other"]}, OTHER),
            id="one value that is in both lists",
        ),
        pytest.param(with_tests("sign", REAL, {"field": "sort", "present": True}), id="a value is there"),
        pytest.param(with_tests("sign", REAL, {"field": "by", "present": False}), id="tests of two fields"),
        pytest.param(with_tests("answer", {"field": "said", "present": False}), id="a record that lacks what it needs"),
        pytest.param(met_with({"field": "level", "present": False}), id="a field that may be empty is"),
    ],
)
def test_what_can_be_is_taken(data: dict[str, Any]) -> None:
    assert definition_from_data(data, name="small.yaml").owed["o"]


def test_a_version_on_record_stays_readable_when_a_check_is_added_later() -> None:
    never = with_obligation(when={"indicators": {"at_least": 99}})
    assert "can never be there at once" in refused(never)
    assert kept_definition(never, name="version 1").owed["o"].when.indicators is not None
    with pytest.raises(ListMistakes, match='version 1, definition: "title": is missing'):
        kept_definition({"pathway": "small"}, name="version 1")


@pytest.mark.parametrize(
    ("supervision", "kinds", "first"),
    [
        pytest.param(None, ["sign", "checklist"], "checklist", id="the checklist"),
        pytest.param("review", ["review", "checklist"], "checklist", id="not the one of supervision"),
        pytest.param("review", ["sign", "review"], "sign", id="else what stands first"),
    ],
)
def test_what_a_case_begins_with(supervision: str | None, kinds: list[str], first: str) -> None:
    known = {each["id"]: each for each in SMALL["records"]}
    known["review"] = {**known["checklist"], "id": "review"}
    data = whole(records=[known[code] for code in [*kinds, "answer", *({"sign"} - set(kinds))]])
    if supervision:
        data["supervision"] = {"cases": 1, "record": supervision}
    assert definition_from_data(data, name="small.yaml").begins_with.id == first


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_measure(target=0), id="a measure that aims at none"),
        pytest.param(with_measure(target=100), id="a measure that aims at all"),
        pytest.param(with_measure(within_days=1), id="again within a day"),
        pytest.param(with_measure(within_days=730), id="again within two years"),
        pytest.param(whole(supervision={"cases": 1, "record": "answer"}), id="one case in supervision"),
        pytest.param(whole(supervision={"cases": 20, "record": "answer"}), id="twenty cases in supervision"),
        pytest.param(with_field(type="text", hint="x" * 1000), id="the longest hint"),
        pytest.param(
            with_local(type="span", default="same day", lowest="same day", highest="same day"), id="always the same day"
        ),
        pytest.param(with_local(default=1), id="the lowest"),
        pytest.param(with_local(default=3), id="the highest"),
        pytest.param(whole(records=SMALL["records"][2:], indicators=[], obligations=[ITSELF]), id="one kind of record"),
    ],
)
def test_what_stands_just_within_its_bounds_is_taken(data: dict[str, Any]) -> None:
    assert definition_from_data(data, name="small.yaml").kinds["answer"].by_id["said"].hint == ""


def test_a_second_field_of_ticks_is_refused() -> None:
    data = whole()
    data["records"][0]["fields"].append({"id": "more", "label": "More", "type": "indicators"})
    assert (
        refused(data)
        == 'small.yaml, records.checklist: "more": a record ticks indicators in one field. Take this one out.'
    )


def test_a_second_contact_method_is_refused() -> None:
    data = with_field(type="contact-method")
    data["records"][1]["fields"].append({"id": "more", "label": "More", "type": "contact-method"})
    assert refused(data) == 'small.yaml, records.sign: "more": a record names one contact method. Take this one out.'


def test_a_condition_on_indicators_needs_a_checklist() -> None:
    data = with_obligation(when={"indicators": {"at_least": 1}})
    data["records"] = data["records"][1:]
    told = "No record ticks indicators. Give one of them a field of type indicators."
    assert refused(data) == f"small.yaml, o: {told}"


def shares(*kinds: dict[str, Any]) -> dict[str, Any]:
    """The small definition with kinds of record in which partners have a part, each with its default where left out."""
    usual = {"label": "L", "made_by": ["duty_manager"], "fields": [PARTNER, AGREED]}
    return whole(records=[*SMALL["records"], *({**usual, **kind} for kind in kinds)])


PARTNER = {"id": "partner", "label": "Which partner", "type": "partner"}
AGREED = {"id": "agreed", "label": "Agreed", "type": "yes-no"}
DECIDES: dict[str, Any] = {"id": "decision", "sharing": "decides", "lets_share": [{"field": "agreed", "is": "yes"}]}
TEXT = {"id": "t", "label": "T", "type": "text"}


@pytest.mark.requirement("R27")
class TestSharing:
    """Who sees what is said by the definition, whole, or it is refused."""

    def test_a_whole_one_is_taken(self) -> None:
        data = shares(DECIDES, {"id": "c", "sharing": "chosen"}, {"id": "n", "sharing": "named", "by_partner": True})
        found = definition_from_data(data, name="small.yaml")
        assert found.deciding is found.kinds["decision"]
        assert found.kinds["answer"].sharing == "never"
        assert not found.kinds["answer"].by_partner

    def test_where_nothing_is_shared_nothing_decides(self) -> None:
        assert definition_from_data(whole(), name="small.yaml").deciding is None

    @pytest.mark.parametrize(
        ("kinds", "said"),
        [
            (
                [{**DECIDES, "lets_share": []}],
                'definition: "records.4": Write "lets_share" when "sharing" is decides, and only then: what lets '
                "it be shared.",
            ),
            (
                [{**DECIDES, "sharing": "never"}],
                'definition: "records.4": Write "lets_share" when "sharing" is decides, and only then: what lets '
                "it be shared.",
            ),
            (
                [{**DECIDES, "fields": [AGREED]}],
                'definition: "records.4": A record that decides on sharing is about one partner: give it one '
                'field "partner".',
            ),
            (
                [{**DECIDES, "fields": [PARTNER, {**PARTNER, "id": "q"}, AGREED]}],
                'definition: "records.4": A record that decides on sharing is about one partner: give it one '
                'field "partner".',
            ),
            (
                [{**DECIDES, "fields": [{**PARTNER, "type": "partners"}, AGREED]}],
                'definition: "records.4": A record that decides on sharing is about one partner: make its field '
                "of type partner.",
            ),
            (
                [{**DECIDES, "by_partner": True}],
                'definition: "records.4": No partner decides on what is shared with it: take "by_partner" out.',
            ),
            (
                [{**DECIDES, "lets_share": [{"field": "nothing", "is": "yes"}]}],
                'records.decision: "field": nothing is not a field of decision. Write one of agreed, partner.',
            ),
            (
                [{**DECIDES, "lets_share": [{"field": "agreed", "is": "maybe"}]}],
                'records.decision: "agreed": maybe is not one of its options. Write one of no, yes.',
            ),
            (
                [DECIDES, {**DECIDES, "id": "again"}],
                'records.again: "sharing": decision decides already. Let one kind of record decide.',
            ),
            (
                [DECIDES, {"id": "n", "sharing": "named", "fields": [TEXT]}],
                'definition: "records.5": "sharing" is named, and no field names a partner. Give it one of type '
                "partner.",
            ),
            (
                [{"id": "c", "sharing": "chosen"}],
                'records.c: "sharing": no record decides what a partner may see, so this would never be shared. '
                "Write a "
                'kind of record with "sharing: decides".',
            ),
            (
                [{"id": "n", "sharing": "named"}],
                'records.n: "sharing": no record decides what a partner may see, so this would never be shared. '
                "Write a "
                'kind of record with "sharing: decides".',
            ),
            (
                [{"id": "b", "by_partner": True}],
                'records.b: "by_partner": no record decides what a partner may see, so none could make it. '
                "Write a kind "
                'of record with "sharing: decides".',
            ),
            (
                [{"id": "c", "sharing": "always"}],
                "definition: \"records.4.sharing\": is 'always'. Write never, chosen, named or decides.",
            ),
        ],
    )
    def test_what_would_not_work_is_refused(self, kinds: list[dict[str, Any]], said: str) -> None:
        assert refused(shares(*kinds)) == f"small.yaml, {said}"

    @pytest.mark.parametrize(
        ("field", "said"),
        [
            (
                {"type": "listed"},
                'definition: "records.2.fields.3": Write "list" for a field of type listed, and for no other: '
                'see "new".',
            ),
            (
                {"type": "text", "list": "lawful-bases"},
                'definition: "records.2.fields.3": Write "list" for a field of type listed, and for no other: '
                'see "new".',
            ),
            (
                {"type": "listed", "list": "themes"},
                "definition: \"records.2.fields.3.list\": is 'themes'. Write lawful-bases.",
            ),
            (
                {"type": "text", "of": ["sign"]},
                'definition: "records.2.fields.3": A field of type text names no record: take "of" out of "new".',
            ),
            (
                {"type": "text", "roles": ["director"]},
                'definition: "records.2.fields.3": A field of type text names no role: take "roles" out of "new".',
            ),
            (
                {"type": "record", "of": ["nothing"]},
                'records.sign: "record": nothing is not a kind of record. Write one of answer, checklist, sign.',
            ),
            (
                {"type": "partners", "options": [{"id": "a", "label": "A"}] * 2},
                'definition: "records.2.fields.3": A field of type partners has no options: take them out of "new".',
            ),
        ],
    )
    def test_so_are_fields(self, field: dict[str, Any], said: str) -> None:
        assert refused(with_field(**field)) == f"small.yaml, {said}"

    def test_a_partner_is_present_or_not_and_nothing_else(self) -> None:
        kind = {**DECIDES, "lets_share": [{"field": "partner", "is": "police"}]}
        assert "Test whether it is present" in refused(shares(kind))


class TestFiles:
    def test_the_name_is_the_code(self, tmp_path: Path) -> None:
        (tmp_path / "other.yaml").write_text("pathway: small\n")
        with pytest.raises(ListMistakes) as wrong:
            load(tmp_path / "other.yaml")
        assert str(wrong.value) == 'other.yaml, definition: "pathway": Write other, the name of the file.'

    def test_what_is_yaml_and_no_definition(self, tmp_path: Path) -> None:
        (tmp_path / "x.yaml").write_text("- pathway\n")
        with pytest.raises(ListMistakes, match=r"x\.yaml, file: Begin with pathway"):
            load(tmp_path / "x.yaml")

    @pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n", "\x00"])
    def test_what_is_no_yaml(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x.yaml").write_text(text)
        with pytest.raises(ListMistakes, match="cannot be read as YAML"):
            load(tmp_path / "x.yaml")

    def test_the_mistakes_of_all_files_are_told(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            (tmp_path / f"{name}.yaml").write_text(f"pathway: {name}\n")
        with pytest.raises(ListMistakes) as found:
            load_library(tmp_path)
        assert {mistake.file for mistake in found.value.mistakes} == {"a.yaml", "b.yaml"}


KINDS = [kind for kind in TimescaleKind if kind not in {TimescaleKind.ON_DATE, TimescaleKind.SAME_DAY}]


class TestSpans:
    @pytest.mark.parametrize(
        ("text", "kind", "amount"),
        [
            ("same day", TimescaleKind.SAME_DAY, None),
            ("1 hour", TimescaleKind.CLOCK_HOURS, 1),
            ("48 hours", TimescaleKind.CLOCK_HOURS, 48),
            ("4 working hours", TimescaleKind.WORKING_HOURS, 4),
            ("10 working days", TimescaleKind.WORKING_DAYS, 10),
            ("7 days", TimescaleKind.CALENDAR_DAYS, 7),
            ("2 weeks", TimescaleKind.WEEKS, 2),
        ],
    )
    def test_read(self, text: str, kind: TimescaleKind, amount: int | None) -> None:
        assert read_span(text) == Timescale(kind, amount)
        assert write_span(Timescale(kind, amount)) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "4",
            "hours",
            "4  hours",
            "-1 days",
            "1.5 hours",
            "4 fortnights",
            "Same day",
            "4 hours ",
            "99999 weeks",
            "0 days",
        ],
    )
    def test_refused(self, text: str) -> None:
        with pytest.raises(TimescaleError):
            read_span(text)

    @given(
        st.sampled_from(KINDS).flatmap(
            lambda kind: st.builds(Timescale, st.just(kind), st.integers(1, LARGEST_AMOUNT[kind]))
        )
    )
    def test_written_and_read_back(self, span: Timescale) -> None:
        assert read_span(write_span(span)) == span

    def test_a_date_is_not_written(self) -> None:
        assert write_span(read_span("same day")) == "same day"
        with pytest.raises(TimescaleError):
            write_span(on_date(MONDAY.date()))

    @pytest.mark.parametrize(
        ("text", "local", "field"),
        [
            ("local a-b", "a-b", None),
            ("the moment in x-1", None, "x-1"),
            ("local", None, None),
            ("local A", None, None),
            ("moment in x", None, None),
        ],
    )
    def test_names(self, text: str, local: str | None, field: str | None) -> None:
        assert (local_named(text), field_named(text)) == (local, field)


class TestConditionsThatSayTheSame:
    """They are worked out once for a case, so two must share a key exactly when they are equal."""

    def test_have_one_key(self) -> None:
        found = [
            part
            for definition in LIBRARY.values()
            for obligation in definition.obligations
            for part in obligation.when.whole()
        ]
        assert len({part.key for part in found}) < len(found), "the three of a second missed contact say the same"
        for one in found:
            for other in found:
                assert (one.key == other.key) is (one == other)

    @pytest.mark.parametrize(
        "other",
        [
            {"record": "sign"},
            {"record": "answer", "at_least": 2},
            {"record": "answer", "at_least": 2, "within": "2 days"},
            {"record": "answer", "with": [{"field": "said", "present": True}]},
            {"record": "answer", "with": [{"field": "said", "present": False}]},
        ],
    )
    def test_and_others_have_another(self, other: dict[str, Any]) -> None:
        one = small({"id": "one", "when": {"records": {"record": "answer"}}}, {"id": "two", "when": {"records": other}})
        first, second = one.obligations
        assert first.when.key != second.when.key
