"""What a definition may say about reaching the person, texts to have in view, and steps a service times itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import ENGLAND, levels_due
from saferpractice.incidents.rules import ContactMethod
from saferpractice.pathways.rules.definition import Definition, RecordKind
from saferpractice.pathways.rules.escalating import chain_of
from saferpractice.pathways.rules.pairing import Thing
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.pathways.rules.state import Kept, Owed, as_on_record
from saferpractice.pathways.rules.values import checked_values, local_values
from saferpractice.pathways.rules.words import Difference, differences, in_words
from tests.rules.pathways.cases import LIBRARY, MONDAY, hours
from tests.rules.pathways.test_definitions import OBLIGATION, refused, whole, with_field, with_obligation

pytestmark = pytest.mark.requirement("R21", "R22")
HOW = {"id": "how", "label": "How?", "type": "contact-method", "required": True}
REACHED = {"id": "reached", "label": "Reached?", "type": "yes-no", "required": True}
ROUTE = {"id": "route", "label": "The route", "type": "text", "default": "Visit with a colleague.", "reason": "Ours."}


def kind(*fields: dict[str, Any]) -> RecordKind:
    return RecordKind.model_validate(
        {"id": "try", "label": "Try", "made_by": ("support_worker",), "fields": tuple(fields)}
    )


def with_route(**changes: Any) -> dict[str, Any]:
    data = with_obligation(shows=["local route"], **changes)
    return {**data, "local": [*data.get("local", []), ROUTE]}


class TestTwoTaps:
    @pytest.mark.parametrize(
        ("fields", "fits"),
        [
            pytest.param([HOW, REACHED], True, id="a method and a yes or no"),
            pytest.param(
                [HOW, REACHED, {"id": "n", "label": "Note", "type": "text"}], True, id="and what may be left out"
            ),
            pytest.param(
                [HOW, REACHED, {"id": "n", "label": "Note", "type": "text", "required": True}], False, id="and a text"
            ),
            pytest.param([HOW, REACHED, {**REACHED, "id": "twice"}], False, id="two answers"),
            pytest.param([HOW], False, id="no answer"),
            pytest.param([REACHED], False, id="no method"),
            pytest.param([{**HOW, "required": False}, REACHED], False, id="a method that may be left out"),
        ],
    )
    def test_which_records_two_taps_make(self, fields: list[dict[str, Any]], fits: bool) -> None:
        assert (kind(*fields).attempt is not None) is fits

    def test_the_method_comes_first_then_the_answer(self) -> None:
        found = kind(REACHED, HOW).attempt
        assert found is not None
        assert [part.id for part in found] == ["how", "reached"]

    def test_a_pathway_that_ships_has_one(self) -> None:
        assert any(one.attempt for definition in LIBRARY.values() for one in definition.records)


class TestContactMethod:
    @pytest.mark.parametrize("method", list(ContactMethod))
    def test_each_is_kept(self, method: ContactMethod) -> None:
        definition = definition_from_data(
            with_field(**{k: v for k, v in HOW.items() if k not in {"id", "label"}}), name="x"
        )
        assert checked_values(definition, definition.records[1], {"new": method.value})[0] == {"new": method.value}

    def test_nothing_else_is(self) -> None:
        made = kind(HOW)
        values, problems = checked_values(LIBRARY["lost-contact"], made, {"how": "pigeon"})
        assert (values, problems) == ({}, {"how": "Choose one of the ways shown."})

    def test_it_brings_its_own_answers(self) -> None:
        assert "has no options" in refused(
            with_field(type="contact-method", options=[{"id": "a", "label": "A"}, {"id": "b", "label": "B"}])
        )

    def test_a_record_names_one(self) -> None:
        data = with_field(type="contact-method")
        data["records"][1]["fields"].append({"id": "again", "label": "Again", "type": "contact-method"})
        assert "a record names one contact method" in refused(data)

    def test_a_test_of_it_names_a_method(self) -> None:
        data = with_field(type="contact-method")
        met = {"record": data["records"][1]["id"], "with": [{"field": "new", "is": "pigeon"}]}
        assert "pigeon is not one of its options" in refused({**data, "obligations": [{**OBLIGATION, "met_by": [met]}]})

    def test_it_is_told_in_words(self) -> None:
        data = with_field(type="contact-method")
        met = {"record": data["records"][1]["id"], "with": [{"field": "new", "is": "through-others"}]}
        definition = definition_from_data({**data, "obligations": [{**OBLIGATION, "met_by": [met]}]}, name="x")
        sentences = [said.sentence for said in in_words(definition) if said.part == "obligations"]
        assert "“Through somebody they chose”" in sentences[0]


class TestTextsInView:
    def test_the_pathway_says_so_in_words(self) -> None:
        definition = definition_from_data(with_route(), name="x")
        said = next(one.sentence for one in in_words(definition) if one.part == "obligations")
        assert "While it is owed, the case shows the route." in said

    def test_a_difference_is_seen(self) -> None:
        before = definition_from_data({**with_route(), "obligations": [OBLIGATION]}, name="x")
        (found,) = differences(before, definition_from_data(with_route(), name="x"))
        assert (found.kind, found.part, found.code) == (Difference.CHANGED, "obligations", "o")

    @pytest.mark.parametrize(
        ("shows", "said"),
        [
            (["route"], "Write local and the code of a local value of type text"),
            (["local nothing"], "nothing is not a local value of type text"),
            (["local how-many"], "how-many is not a local value of type text"),
        ],
    )
    def test_it_names_a_local_text(self, shows: list[str], said: str) -> None:
        assert said in refused(with_obligation(shows=shows))

    def test_without_it_nothing_is_shown(self) -> None:
        assert definition_from_data(whole(), name="x").owed["o"].shows == ()


STEPS = st.fixed_dictionaries({"lead-told-after": st.integers(1, 8), "director-told-after": st.integers(4, 24)})


class TestStepsOfAService:
    @pytest.mark.parametrize(
        ("own", "moments"),
        [
            pytest.param({}, [0, 2, 12], id="as it ships"),
            pytest.param({"lead-told-after": "1 hour"}, [0, 1, 12], id="the lead sooner"),
            pytest.param({"director-told-after": "4 hours"}, [0, 2, 4], id="the director sooner"),
            pytest.param(
                {"lead-told-after": "8 hours", "director-told-after": "4 hours"},
                [0, 8, 8],
                id="never the director before the lead",
            ),
        ],
    )
    def test_when_each_step_comes(self, own: dict[str, str], moments: list[int]) -> None:
        definition = LIBRARY["lost-contact"]
        chain = chain_of(definition.owed["tell-leadership"], local_values(definition, own))
        for level, after in enumerate(moments, start=1):
            just_before, just_after = hours(after) - timedelta(seconds=1), hours(after) + timedelta(seconds=1)
            assert level not in raised(chain, just_before)
            assert level in raised(chain, just_after)

    @given(STEPS)
    def test_the_order_holds_whatever_a_service_sets(self, own: dict[str, int]) -> None:
        definition = LIBRARY["lost-contact"]
        values = {name: f"{amount} hours" if amount > 1 else "1 hour" for name, amount in own.items()}
        chain = chain_of(definition.owed["tell-leadership"], local_values(definition, values))
        for hour in range(0, 26):
            found = raised(chain, hours(hour))
            assert found == list(range(1, len(found) + 1))

    @pytest.mark.parametrize("pathway", sorted(LIBRARY))
    def test_a_service_cannot_leave_its_bounds(self, pathway: str) -> None:
        with pytest.raises(ValueError, match="Write"):
            local_values(LIBRARY[pathway], {"lead-told-after": "40 hours"})

    @pytest.mark.parametrize("pathway", sorted(LIBRARY))
    def test_each_pathway_goes_up_to_a_director(self, pathway: str) -> None:
        told = {role for one in LIBRARY[pathway].obligations for step in one.then for role in step.tell}
        assert {"owner", "duty_manager", "safeguarding_lead", "director"} <= told


def raised(chain: Any, at: datetime) -> list[int]:
    found = levels_due(MONDAY, None, None, chain, at=at, already=set(), calendar=ENGLAND)
    return [step.level for step in found]


def owed(*, because: tuple[str, ...] = ("a",), due: float = 4, met: bool = False, occurrence: int = 1) -> Owed:
    definition: Definition = LIBRARY["lost-contact"]
    asked = definition.owed["tell-leadership"]
    return Owed(asked, because, occurrence, MONDAY, hours(due), met_at=hours(1) if met else None)


def kept(
    *,
    because: tuple[str, ...] = ("a",),
    due: float = 4,
    moved: bool = False,
    met: bool = False,
    occurrence: int = 1,
    code: str = "tell-leadership",
) -> Kept:
    return Kept(Thing(code, occurrence, because), hours(due), moved, is_open=not met)


@pytest.mark.requirement("R22", "R24")
class TestWhatIsOnRecord:
    """The page shows the deadline by which the worker escalates."""

    @pytest.mark.parametrize(
        ("found", "row", "due"),
        [
            pytest.param(owed(due=4), kept(due=4), 4, id="both agree"),
            pytest.param(owed(due=6), kept(due=4), 4, id="nothing written later gives more time"),
            pytest.param(owed(due=3), kept(due=4), 3, id="what is sooner counts"),
            pytest.param(owed(due=4), kept(due=28, moved=True), 28, id="a day off moved it later"),
            pytest.param(owed(due=2), kept(due=15, moved=True), 15, id="a day off taken away never makes it late"),
            pytest.param(
                owed(because=("a", "b"), due=2), kept(due=28, moved=True), 2, id="a new reason brings its own"
            ),
            pytest.param(owed(due=6), kept(because=("b",), due=4), 6, id="another reason is another thing"),
            pytest.param(owed(due=6, occurrence=2), kept(due=4), 6, id="the next time round is another thing"),
            pytest.param(owed(due=6), kept(due=4, code="review-risk"), 6, id="another obligation"),
            pytest.param(owed(due=6, met=True), kept(due=4), 6, id="what is met stays as it was"),
            pytest.param(owed(due=6), kept(due=4, met=True), 6, id="what was met and is owed anew has its own time"),
            pytest.param(
                owed(because=("a", "b"), due=6), kept(because=("b", "a"), due=28, moved=True), 28, id="in any order"
            ),
        ],
    )
    def test_which_deadline_counts(self, found: Owed, row: Kept, due: float) -> None:
        assert [each.due_at for each in as_on_record([found], [row])] == [hours(due)]

    def test_the_newest_row_counts(self) -> None:
        assert as_on_record([owed(due=9)], [kept(due=4), kept(due=7)]) == [owed(due=7)]

    def test_of_two_that_share_a_reason_each_keeps_its_own_deadline(self) -> None:
        """The first became known late, so it is due after the second."""
        two = [owed(because=("a", "b"), due=30), owed(because=("b", "c"), due=9)]
        rows = [kept(because=("a", "b"), due=30), kept(because=("b", "c"), due=9)]
        assert as_on_record(two, rows) == two
        assert as_on_record(two, rows[::-1]) == two

    def test_nothing_on_record_changes_nothing(self) -> None:
        assert as_on_record([owed(due=9)], []) == [owed(due=9)]
