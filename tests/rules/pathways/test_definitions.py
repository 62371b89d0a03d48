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
from saferpractice.pathways.rules.reading import definition_from_data, kept_definition, load, load_library
from saferpractice.pathways.rules.spans import field_named, local_named, read_span, write_span
from tests.rules.pathways.cases import LIBRARY, MONDAY, SMALL, small

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


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "Begin with pathway, title"),
        ({}, '"pathway": is missing'),
        (whole(surplus=1), "Take it out"),
        (whole(titel="x"), 'Did you mean "title"?'),
        (with_obligation(within="soon"), 'is "soon". Write "same day"'),
        (with_obligation(within="0 hours"), "whole number from 1"),
        (with_obligation(within="local how-many"), "how-many is not a local value of type span"),
        (with_obligation(within="local nothing"), "nothing is not a local value of type span. Write one of window"),
        (with_obligation(within="the moment in sort"), "no field of type moment of a record named under"),
        (with_obligation(within="the moment in nothing"), "no field of type moment of a record named under"),
        (with_obligation(who="porter"), "support_worker"),
        (with_obligation(met_by=[]), "is empty"),
        (
            with_obligation(met_by=[{"record": "nothing"}]),
            "nothing is not a kind of record. Write one of answer, checklist, sign",
        ),
        (with_obligation(met_by=[{"record": "answer", "about": "sign"}]), 'Write "about" under "met_by" when'),
        (with_obligation(again="for each record"), 'Write "about" under "met_by" when'),
        (
            with_obligation(again="for each record", met_by=[{"record": "answer", "about": "said"}]),
            "said is not a field of type record",
        ),
        (with_obligation(again="always"), "every time"),
        (with_obligation(when={}), "Write exactly one of indicators, records, field"),
        (with_obligation(when={}), "all_of, any_of, not for a condition"),
        (with_obligation(when={"records": {"record": "sign"}, "indicators": {"at_least": 1}}), "exactly one of"),
        (with_obligation(when={"all_of": []}), "is empty"),
        (with_obligation(when={"records": {"record": "nothing"}}), "nothing is not a kind of record"),
        (
            with_obligation(when={"records": {"record": "sign", "within": "local nothing"}}),
            "nothing is not a local value of type span",
        ),
        (
            with_obligation(when={"records": {"record": "sign", "with": [{"field": "sort", "is": "x"}]}}),
            "x is not one of its options. Write one of other, real",
        ),
        (
            with_obligation(when={"field": {"record": "sign", "field": "sort"}}),
            "Write exactly one of is, one_of and present",
        ),
        (
            with_obligation(when={"field": {"record": "sign", "field": "sort", "is": "real", "present": True}}),
            "Write exactly one of is, one_of and present",
        ),
        (
            with_obligation(when={"field": {"record": "sign", "field": "nothing", "is": "x"}}),
            "nothing is not a field of sign",
        ),
        (
            with_obligation(when={"field": {"record": "answer", "field": "said", "is": "x"}}),
            "Test whether it is present",
        ),
        (
            with_obligation(when={"indicators": {"at_least": 1, "of": ["z"]}}),
            "z is not an indicator. Write one of a, b, c",
        ),
        (with_obligation(when={"indicators": {"at_least": "two"}}), "Write a whole number, or local"),
        (with_obligation(when={"indicators": {"at_least": 0}}), "from 1 to 1,000"),
        (with_obligation(when={"records": {"record": "sign", "at_least": 1001}}), "from 1 to 1,000"),
        (with_obligation(shows=["welfare-check-route"]), "Write local and the code of a local value of type text"),
        (
            with_obligation(when={"indicators": {"at_least": "local window"}}),
            "window is not a local value of type count",
        ),
        (
            with_obligation(when={"level_fallen": {"record": "answer", "field": "said"}}),
            "said is not a level of answer. Write one of level",
        ),
        (
            with_obligation(when={"obligation": {"id": "nothing", "is": "met"}}),
            "nothing is not an obligation. Write one of o",
        ),
        (with_obligation(when={"obligation": {"id": "o", "is": "met"}}), "waits for itself"),
        (
            with_obligation(when={"not": {"all_of": [{"any_of": [{"obligation": {"id": "o", "is": "late"}}]}]}}),
            "waits for itself",
        ),
        (
            with_obligation(repeats={"every": "1 week", "until": {"obligation": {"id": "o", "is": "met"}}}),
            "waits for itself",
        ),
        (with_obligation(repeats={"every": "often", "until": {"records": {"record": "answer"}}}), 'is "often"'),
        (
            with_obligation(repeats={"every": "1 week", "until": {"records": {"record": "nothing"}}}),
            "nothing is not a kind of record",
        ),
        (
            with_obligation(then=[{"tell": ["owner"]}, {"tell": ["director"], "after": "local nothing"}]),
            "nothing is not a local value of type span",
        ),
        (with_obligation(then=[]), "is empty"),
        (with_obligation(then=[{"tell": ["owner"]}, {"tell": ["director"]}]), 'needs "after"'),
        (with_obligation(then=[{"tell": ["anyone"]}]), "owner"),
        (with_field(type="choice"), "needs options, two at least"),
        (with_field(type="text", options=[{"id": "a", "label": "A"}, {"id": "b", "label": "B"}]), "has no options"),
        (with_field(type="number"), "Write text"),
        (
            with_field(type="indicators", required=True, required_when={"field": "sort", "is": "real"}),
            "required always or only sometimes",
        ),
        (with_field(type="text", required_when={"field": "nothing", "is": "x"}), "nothing is not a field of sign"),
        (with_local(default=9), "Write a value from 1 to 3"),
        (with_local(lowest=None), "needs lowest and highest"),
        (with_local(type="text", default="words"), "it has no bounds"),
        (with_local(type="text", default=" ", lowest=None, highest=None), "Write the text"),
        (with_local(type="span", default="2 days", lowest="1 day", highest="1 week"), "unit of its bounds"),
        (whole(indicators=[]), "there are no indicators to tick"),
        (whole(indicators=[*SMALL["indicators"], SMALL["indicators"][0]]), '"a" is written twice'),
        (whole(obligations=[OBLIGATION, OBLIGATION]), '"o" is written twice'),
        (
            whole(supervision={"cases": 1, "record": "nothing"}),
            'supervision: "record": nothing is not a kind of record',
        ),
        (
            whole(measures=[{"id": "m", "title": "M", "of": "nothing", "shows": "completeness", "better": "higher"}]),
            "nothing is not an obligation",
        ),
        (whole(measures=[{"id": "m", "title": "M", "of": "o", "shows": "repeat", "better": "lower"}]), "within_days"),
        (
            whole(
                measures=[
                    {"id": "m", "title": "M", "of": "o", "shows": "completeness", "better": "lower", "within_days": 9}
                ]
            ),
            "within_days",
        ),
        (whole(closing={"when": {"records": {"record": "nothing"}}, "says": "x"}), "closing"),
    ],
)
def test_each_mistake_is_said_with_what_to_write(data: object, said: str) -> None:
    assert said in refused(data)


def test_two_that_wait_for_each_other() -> None:
    first = {**OBLIGATION, "when": {"obligation": {"id": "p", "is": "met"}}}
    second = {**OBLIGATION, "id": "p", "when": {"obligation": {"id": "o", "is": "late"}}}
    assert refused(whole(obligations=[first, second])).count("waits for itself") == 2


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
    with pytest.raises(ListMistakes, match="version 1"):
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


def test_a_measure_may_aim_at_none() -> None:
    measure = {"id": "m", "title": "M", "of": "o", "shows": "completeness", "better": "lower", "target": 0}
    assert definition_from_data(whole(measures=[measure]), name="small.yaml").measures[0].target == 0


def test_a_second_field_of_ticks_is_refused() -> None:
    data = whole()
    data["records"][0]["fields"].append({"id": "more", "label": "More", "type": "indicators"})
    assert "ticks indicators in one field" in refused(data)


def test_a_condition_on_indicators_needs_a_checklist() -> None:
    data = with_obligation(when={"indicators": {"at_least": 1}})
    data["records"] = data["records"][1:]
    assert "No record ticks indicators" in refused(data)


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
            ([{**DECIDES, "lets_share": []}], 'Write "lets_share" when "sharing" is decides'),
            ([{**DECIDES, "sharing": "never"}], 'Write "lets_share" when "sharing" is decides'),
            ([{**DECIDES, "fields": [AGREED]}], 'give it one field "partner"'),
            ([{**DECIDES, "fields": [PARTNER, {**PARTNER, "id": "q"}, AGREED]}], 'give it one field "partner"'),
            ([{**DECIDES, "fields": [{**PARTNER, "type": "partners"}, AGREED]}], "make its field of type partner"),
            ([{**DECIDES, "by_partner": True}], "No partner decides on what is shared with it"),
            ([{**DECIDES, "lets_share": [{"field": "nothing", "is": "yes"}]}], "nothing is not a field of decision"),
            ([{**DECIDES, "lets_share": [{"field": "agreed", "is": "maybe"}]}], "maybe is not one of its options"),
            ([DECIDES, {**DECIDES, "id": "again"}], "decision decides already"),
            ([DECIDES, {"id": "n", "sharing": "named", "fields": [TEXT]}], "no field names a partner"),
            ([{"id": "c", "sharing": "chosen"}], "so this would never be shared"),
            ([{"id": "n", "sharing": "named"}], "so this would never be shared"),
            ([{"id": "b", "by_partner": True}], "so none could make it"),
            ([{"id": "c", "sharing": "always"}], "Write never, chosen, named or decides"),
        ],
    )  # fmt: skip
    def test_what_would_not_work_is_refused(self, kinds: list[dict[str, Any]], said: str) -> None:
        assert said in refused(shares(*kinds))

    @pytest.mark.parametrize(
        ("field", "said"),
        [
            ({"type": "listed"}, 'Write "list" for a field of type listed'),
            ({"type": "text", "list": "lawful-bases"}, 'Write "list" for a field of type listed'),
            ({"type": "listed", "list": "themes"}, "Write lawful-bases"),
            ({"type": "text", "of": ["sign"]}, 'names no record: take "of" out'),
            ({"type": "record", "of": ["nothing"]}, "nothing is not a kind of record"),
            ({"type": "partners", "options": [{"id": "a", "label": "A"}] * 2}, "has no options"),
        ],
    )
    def test_so_are_fields(self, field: dict[str, Any], said: str) -> None:
        assert said in refused(with_field(**field))

    def test_a_partner_is_present_or_not_and_nothing_else(self) -> None:
        kind = {**DECIDES, "lets_share": [{"field": "partner", "is": "police"}]}
        assert "Test whether it is present" in refused(shares(kind))


class TestFiles:
    def test_the_name_is_the_code(self, tmp_path: Path) -> None:
        (tmp_path / "other.yaml").write_text("pathway: small\n")
        with pytest.raises(ListMistakes, match="Write other, the name of the file"):
            load(tmp_path / "other.yaml")

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
