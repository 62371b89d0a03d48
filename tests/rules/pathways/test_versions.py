"""The life of a version, read from what was decided; and what a new version asks otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.pathways.rules.versions import (
    POSSIBLE,
    DraftState,
    Outcome,
    Step,
    VersionFact,
    VersionState,
    draft_state,
    live_from_problem,
    newest,
    states,
    touched,
    why_not,
)
from tests.rules.pathways.cases import LIBRARY, small

pytestmark = pytest.mark.requirement("R14", "R3")

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    return NOON + timedelta(days=number)


@pytest.mark.parametrize(
    ("outcomes", "dropped", "state"),
    [
        pytest.param([], False, "draft", id="never proposed"),
        pytest.param([None], False, "proposed", id="waits"),
        pytest.param([Outcome.SENT_BACK], False, "sent-back", id="sent back"),
        pytest.param([Outcome.TAKEN_BACK], False, "draft", id="taken back"),
        pytest.param([Outcome.SENT_BACK, None], False, "proposed", id="proposed again"),
        pytest.param([Outcome.SENT_BACK, Outcome.APPROVED], False, "approved", id="approved at last"),
        pytest.param([Outcome.SENT_BACK], True, "dropped", id="dropped"),
    ],
)
def test_where_a_draft_stands(outcomes: list[Outcome | None], dropped: bool, state: str) -> None:
    assert draft_state(outcomes, dropped=dropped) == state


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        (DraftState.DRAFT, {"change", "propose", "drop"}),
        (DraftState.SENT_BACK, {"change", "propose", "drop"}),
        (DraftState.PROPOSED, {"approve", "send back", "take back"}),
        (DraftState.APPROVED, set()),
        (DraftState.DROPPED, set()),
        (VersionState.COMING, {"retire"}),
        (VersionState.LIVE, {"retire"}),
        (VersionState.REPLACED, set()),
        (VersionState.RETIRED, set()),
        (VersionState.CALLED_OFF, set()),
    ],
)
def test_what_can_be_done_in_each_state(state: DraftState | VersionState, possible: set[str]) -> None:
    assert {step.value for step in Step if not why_not(step, state)} == possible
    assert all(why_not(step, state).endswith(".") for step in Step if step.value not in possible)


def test_every_state_is_in_the_table_and_has_words() -> None:
    assert set(POSSIBLE) == {*DraftState, *VersionState}
    assert len({state.label for state in DraftState}) == len(DraftState)
    assert len({state.label for state in VersionState}) == len(VersionState)
    assert [outcome.label for outcome in Outcome] == ["Approved", "Sent back", "Taken back"]


@pytest.mark.parametrize(
    ("versions", "said"),
    [
        pytest.param([(1, -9, None)], "live", id="the only one"),
        pytest.param([(1, 0, None)], "live", id="from this very moment"),
        pytest.param([(1, 3, None)], "coming", id="the first is coming"),
        pytest.param([(1, -9, None), (2, 3, None)], "live coming", id="the next is coming"),
        pytest.param([(1, -9, None), (2, -1, None)], "replaced live", id="the next has come"),
        pytest.param([(1, -9, None), (2, 3, None), (3, -1, None)], "replaced replaced live", id="passed over"),
        pytest.param([(1, -9, None), (2, 3, 1)], "live called-off", id="called off before it went live"),
        pytest.param([(1, -9, None), (2, -3, -3)], "live called-off", id="called off at that very moment"),
        pytest.param([(1, -9, None), (2, -3, -1)], "replaced retired", id="what was replaced does not come back"),
        pytest.param([(1, -9, 2)], "live", id="to be retired later"),
        pytest.param([(1, -9, 0)], "retired", id="retired from this very moment"),
        pytest.param([(1, -9, -3), (2, -1, None)], "replaced live", id="in use again by a new one"),
    ],
)
def test_where_versions_stand(versions: list[tuple[int, int, int | None]], said: str) -> None:
    facts = [VersionFact(n, day(live), None if gone is None else day(gone)) for n, live, gone in versions]
    assert " ".join(states(facts, NOON)[fact.number] for fact in facts) == said


facts = st.lists(st.tuples(st.integers(-5, 5), st.none() | st.integers(-5, 5)), max_size=6).map(
    lambda drawn: [
        VersionFact(n, day(live), None if gone is None else day(gone)) for n, (live, gone) in enumerate(drawn, 1)
    ]
)


@given(facts, st.integers(-6, 6))
def test_one_at_most_is_in_use_and_what_is_over_stays_over(versions: list[VersionFact], when: int) -> None:
    now, later = states(versions, day(when)), states(versions, day(when + 1))
    assert list(now.values()).count(VersionState.LIVE) <= 1
    order = [VersionState.COMING, VersionState.LIVE, VersionState.RETIRED, VersionState.REPLACED]
    for number, state in now.items():
        if state is VersionState.CALLED_OFF:
            assert later[number] is state
        else:
            assert order.index(later[number]) >= order.index(state)


@given(facts)
def test_a_draft_is_begun_from_the_newest_that_was_not_called_off(versions: list[VersionFact]) -> None:
    standing = [fact.number for fact in versions if states(versions, NOON)[fact.number] != "called-off"]
    assert newest(versions) == (standing[-1] if standing else None)


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (None, ""),
        (NOON, ""),
        (NOON - timedelta(seconds=1), "has passed"),
        (NOON + timedelta(days=366), ""),
        (NOON + timedelta(days=366, seconds=1), "more than a year"),
    ],
)
def test_when_a_version_may_go_live(wanted: datetime | None, problem: str) -> None:
    found = live_from_problem(wanted, NOON)
    assert problem in found
    assert bool(found) is bool(problem)


def put(data: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    """``data`` with one thing in it changed."""
    copy: Any = {**data} if isinstance(data, dict) else list(data)
    copy[path[0]] = put(data[path[0]], path[1:], value) if len(path) > 1 else value
    return copy  # type: ignore[no-any-return]


TWO = small(
    {"id": "ticked", "when": {"indicators": {"at_least": "local how-many"}}},
    {
        "id": "signed",
        "when": {"records": {"record": "sign"}},
        "repeats": {"every": "local window", "until": {"field": {"record": "sign", "field": "sort", "is": "real"}}},
    },
).model_dump(mode="json", by_alias=True, exclude_unset=True)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        pytest.param(["title"], "Other", set(), id="the title asks for nothing"),
        pytest.param(["obligations", 0, "within"], "2 days", {"ticked"}, id="its time"),
        pytest.param(["obligations", 1, "then"], [{"tell": ["director"]}], {"signed"}, id="who is told"),
        pytest.param(["obligations", 1, "id"], "new", {"new"}, id="a new one"),
        pytest.param(["indicators", 0, "label"], "Other", {"ticked"}, id="what is ticked"),
        pytest.param(["local", 0, "default"], 1, {"ticked"}, id="how many"),
        pytest.param(["local", 1, "default"], "9 days", {"signed"}, id="how often"),
        pytest.param(["records", 1, "label"], "Other", {"signed"}, id="the record that makes it due"),
        pytest.param(
            ["records", 2, "fields", 1, "required"], True, {"ticked", "signed"}, id="the record that meets both"
        ),
        pytest.param(["records", 0, "label"], "Other", set(), id="the checklist itself"),
        pytest.param(["closing", "says"], "Other.", set(), id="when a case may be closed"),
    ],
)
def test_which_obligations_a_version_touches(path: list[Any], value: Any, expected: set[str]) -> None:
    before = definition_from_data(TWO, name="before")
    assert touched(before, definition_from_data(put(TWO, path, value), name="after")) == expected


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        pytest.param(
            ["indicators", 0, "label"],
            {"when": {"any_of": [{"records": {"record": "sign"}}, {"indicators": {"at_least": 1}}]}},
            id="ticks beside another condition",
        ),
        pytest.param(
            ["records", 0, "label"],
            {
                "when": {"records": {"record": "sign"}},
                "repeats": {"every": "1 week", "until": {"records": {"record": "checklist"}}},
            },
            id="the record that ends it",
        ),
    ],
)
def test_a_version_touches_all_that_a_duty_rests_on(path: list[Any], asked: dict[str, Any]) -> None:
    before = small({"id": "o", **asked})
    data = before.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert touched(before, definition_from_data(put(data, path, "Other"), name="after")) == {"o"}


def test_a_title_that_reads_like_a_local_value_names_none() -> None:
    definition = small({"id": "o", "title": "local police", "when": {"records": {"record": "sign"}}})
    assert touched(None, definition) == {"o"}


def test_the_first_version_touches_everything_and_the_same_nothing() -> None:
    for definition in LIBRARY.values():
        assert touched(None, definition) == set(definition.owed)
        assert touched(definition, definition) == set()
