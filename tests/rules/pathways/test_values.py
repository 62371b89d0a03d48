"""What is filled in on a record is kept as plain data, and read back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.pathways.rules.definition import RecordKind
from saferpractice.pathways.rules.escalating import chain_of
from saferpractice.pathways.rules.values import Known, checked_values, from_outside, local_values, read_values
from tests.rules.pathways.cases import LIBRARY, MONDAY, small

pytestmark = pytest.mark.requirement("R18", "R23")
SELF_NEGLECT = LIBRARY["self-neglect"]
CHECKLIST, CONSULTATION = SELF_NEGLECT.kinds["checklist"], SELF_NEGLECT.kinds["consultation"]
INDICATORS = [indicator.id for indicator in SELF_NEGLECT.indicators]


def kept(**given: Any) -> dict[str, Any]:
    values, problems = checked_values(
        SELF_NEGLECT, CONSULTATION, {name.replace("_", "-"): value for name, value in given.items()}
    )
    assert problems == {}
    return values


def refused(**given: Any) -> dict[str, str]:
    return checked_values(SELF_NEGLECT, CONSULTATION, given)[1]


class TestKept:
    @pytest.mark.parametrize("empty", [None, "", "   ", "-", (), []])
    def test_what_says_nothing_is_left_out(self, empty: object) -> None:
        assert kept(rationale=empty) == {}

    def test_text_without_its_margins(self) -> None:
        assert kept(rationale="  She is alone.\n") == {"rationale": "She is alone."}

    def test_a_choice_by_its_code(self) -> None:
        assert kept(decision="refer") == {"decision": "refer"}
        assert refused(decision="Refer to the local authority") == {"decision": "Choose one of the answers."}

    @pytest.mark.parametrize("role", ["duty_manager", "safeguarding_lead", "director"])
    def test_a_role_that_may_be_consulted(self, role: str) -> None:
        assert kept(consulted=role) == {"consulted": role}

    @pytest.mark.parametrize("role", ["support_worker", "supervisor", "commissioner", "Duty manager", ["director"]])
    def test_nobody_else_counts_as_consulted(self, role: object) -> None:
        assert refused(consulted=role) == {"consulted": "Choose one of the roles shown."}

    def test_a_field_that_names_no_roles_takes_any_that_can_owe(self) -> None:
        exploitation = LIBRARY["exploitation"]
        kind = exploitation.kinds["agreed-action"]
        assert checked_values(exploitation, kind, {"role": "support_worker"}) == ({"role": "support_worker"}, {})
        assert checked_values(exploitation, kind, {"role": "commissioner"})[1] == {
            "role": "Choose one of the roles shown."
        }

    @pytest.mark.parametrize(
        "moment",
        [MONDAY, MONDAY.astimezone(timezone(timedelta(hours=5))), datetime(2026, 7, 1, 9, 0, 30, tzinfo=UTC)],
    )
    def test_a_moment_in_utc(self, moment: datetime) -> None:
        found = kept(more_by=moment)["more-by"]
        assert found.endswith("+00:00")
        assert datetime.fromisoformat(found) == moment

    @pytest.mark.parametrize("moment", ["2026-03-02T09:00", 5, datetime(2026, 3, 2, 9)])  # noqa: DTZ001
    def test_what_is_no_moment(self, moment: object) -> None:
        assert refused(**{"more-by": moment}) == {"more-by": "Enter a day and a time."}

    def test_ticks_once_each_in_their_order(self) -> None:
        given = ("refusal-of-care", "infection-risk", "refusal-of-care")
        values, problems = checked_values(SELF_NEGLECT, CHECKLIST, {"present": given})
        assert (values, problems) == ({"present": ["refusal-of-care", "infection-risk"]}, {})

    def test_none_of_the_indicators_is_an_answer(self) -> None:
        assert checked_values(SELF_NEGLECT, CHECKLIST, {"present": []}) == ({"present": []}, {})

    @pytest.mark.parametrize(
        "given", [{}, {"present": None}, {"present": ""}, {"present": "none"}, {"seen": "All well"}]
    )
    def test_a_checklist_left_empty_is_none(self, given: dict[str, object]) -> None:
        _, problems = checked_values(SELF_NEGLECT, CHECKLIST, given)
        assert problems == {"present": "Tick what is present, or say that none of these is."}

    def test_the_longest_text(self) -> None:
        assert kept(rationale="x" * 20_000)
        assert refused(rationale="x" * 20_001) == {"rationale": "Shorten this to 20,000 characters."}

    def test_a_field_that_is_not_there(self) -> None:
        assert refused(surplus="x") == {"": "“surplus” is no field of “Consultation”."}


KNOWN = Known(
    partners={"p-1": "Example Police", "p-2": "Example Housing"},
    lists={"lawful-bases": {"vital-interests": "Vital interests"}},
    records={"r-1": "agreed-action", "r-2": "risk-review"},
)


@pytest.mark.requirement("R27", "R29")
class TestWhatOthersKnow:
    """Partners, dated lists and records of the case: a code that nobody offered is never kept."""

    @pytest.mark.parametrize(
        ("kind", "field", "value", "stays"),
        [
            ("sharing-decision", "partner", "p-1", "p-1"),
            ("sharing-decision", "partner", "Example Police", None),
            ("sharing-decision", "partner", "p-3", None),
            ("sharing-decision", "partner", ["p-1"], None),
            ("sharing-decision", "lawful-basis", "vital-interests", "vital-interests"),
            ("sharing-decision", "lawful-basis", "Because", None),
            ("risk-review", "attended", ["p-2", "p-1", "p-2"], ["p-2", "p-1"]),
            ("risk-review", "attended", ["p-1", "p-3"], None),
            ("action-outcome", "action", "r-1", "r-1"),
            ("action-outcome", "action", "r-2", None),
            ("action-outcome", "action", "r-3", None),
        ],
    )  # fmt: skip
    def test_codes(self, kind: str, field: str, value: object, stays: object) -> None:
        definition = LIBRARY["exploitation"]
        values, problems = checked_values(definition, definition.kinds[kind], {field: value}, KNOWN)
        assert values.get(field) == stays
        assert (field in problems) is (stays is None)

    def test_a_field_that_may_name_any_kind_names_any_of_the_case(self) -> None:
        definition = small({"id": "o", "when": {"records": {"record": "sign"}}})
        values, problems = checked_values(definition, definition.kinds["answer"], {"sign": "r-2"}, KNOWN)
        assert (values, problems) == ({"sign": "r-2"}, {})
        assert checked_values(definition, definition.kinds["answer"], {"sign": "r-9"}, KNOWN)[1]

    def test_several_partners_are_read_back_in_their_order(self) -> None:
        kind = LIBRARY["exploitation"].kinds["risk-review"]
        assert read_values(kind, {"attended": ["p-2", "p-1"]})["attended"] == ("p-2", "p-1")


@given(
    st.lists(st.sampled_from(INDICATORS), unique=True).map(tuple),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200),
)
def test_written_to_json_and_read_back_it_is_the_same(present: tuple[str, ...], seen: str) -> None:
    values, problems = checked_values(SELF_NEGLECT, CHECKLIST, {"present": present, "seen": seen})
    assert problems == {}
    back = read_values(CHECKLIST, json.loads(json.dumps(values)))
    assert back.get("present", ()) == present
    assert back.get("seen", "") in {seen.strip(), ""}


def test_a_moment_is_read_back_as_that_moment() -> None:
    assert read_values(CONSULTATION, kept(more_by=MONDAY)) == {"more-by": MONDAY}


def test_yes_or_no_and_nothing_else() -> None:
    for said in ("yes", "no"):
        assert checked_values(SELF_NEGLECT, a_kind("yes-no"), {"it": said}) == ({"it": said}, {})
    assert checked_values(SELF_NEGLECT, a_kind("yes-no"), {"it": "perhaps"}) == ({}, {"it": "Choose yes or no."})


def test_several_answers_are_kept_as_they_were_chosen_and_no_other() -> None:
    several = a_kind("choices")
    assert checked_values(SELF_NEGLECT, several, {"it": ("no-reply", "a", "a")}) == ({"it": ["no-reply", "a"]}, {})
    assert checked_values(SELF_NEGLECT, several, {"it": "no-reply"}) == ({"it": ["no-reply"]}, {})
    assert read_values(several, {"it": ["no-reply", "a"]}) == {"it": ("no-reply", "a")}
    assert checked_values(SELF_NEGLECT, several, {"it": ("a", "other")})[1] == {"it": "Choose among the answers shown."}


def test_what_an_earlier_version_held_is_read_as_it_is() -> None:
    assert read_values(CHECKLIST, {"gone": "x", "present": ["a"]}) == {"gone": "x", "present": ("a",)}
    assert read_values(CONSULTATION, {"more-by": ["tomorrow"]}) == {"more-by": ["tomorrow"]}


@pytest.mark.requirement("R22")
@pytest.mark.parametrize(
    ("pathway", "obligation", "levels"),
    [
        ("self-neglect", "consult", [("owner", "duty_manager"), ("safeguarding_lead",), ("director",)]),
        ("lost-contact", "try-preferred-ways", [("owner",), ("duty_manager",)]),
        ("exploitation", "review-risk", [("owner", "duty_manager"), ("safeguarding_lead",), ("director",)]),
    ],
)
def test_who_is_told_level_by_level(pathway: str, obligation: str, levels: list[tuple[str, ...]]) -> None:
    chain = chain_of(LIBRARY[pathway].owed[obligation], local_values(LIBRARY[pathway]))
    assert [step.to_roles for step in chain.steps] == levels
    assert [step.level for step in chain.steps] == list(range(1, len(levels) + 1))
    assert chain.steps[0].after is None
    assert all(step.after for step in chain.steps[1:])


def a_kind(field: str) -> RecordKind:
    """A record with one field of a type."""
    options = [{"id": "no-reply", "label": "No reply"}, {"id": "a", "label": "Another"}]
    part = {"id": "it", "label": "It", "type": field}
    if field in {"choice", "choices"}:
        part["options"] = options  # type: ignore[assignment]
    data = {"id": "note", "label": "Note", "made_by": ["support_worker"], "fields": [part]}
    return RecordKind.model_validate_json(json.dumps(data))


class TestFromOutside:
    """Answers as another system sends them: in JSON's own types, or a sentence beside the field."""

    @pytest.mark.parametrize(
        ("field", "sent", "kept"),
        [
            ("text", "Two visits.", "Two visits."),
            ("text", "Two\x00 \x07visits.\nNo reply.", "Two visits.\nNo reply."),
            ("text", "", ""),
            ("moment", "2026-03-04T10:00:00Z", datetime(2026, 3, 4, 10, tzinfo=UTC)),
            ("moment", "2000-01-01T00:00:00Z", datetime(2000, 1, 1, tzinfo=UTC)),
            ("moment", "2026-07-04T10:00:00+01:00", datetime(2026, 7, 4, 9, tzinfo=UTC)),
            ("indicators", ["a", "b"], ["a", "b"]),
            ("indicators", [], []),
            ("choices", ["a\x00"], ["a"]),
            ("choice", "no-reply", "no-reply"),
            ("yes-no", "yes", "yes"),
        ],
    )
    def test_what_is_taken(self, field: str, sent: Any, kept: Any) -> None:
        assert from_outside(a_kind(field), {"it": sent}) == ({"it": kept}, {})

    @pytest.mark.parametrize(
        ("field", "sent"),
        [
            *(("text", value) for value in (1, 1.5, True, [], ["x"], {"x": 1})),
            *(("choice", value) for value in (1, ["no-reply"], {})),
            *(("yes-no", value) for value in (True, False, 0)),
            *(("indicators", value) for value in ("a", 1, {"a": True}, [1], [["a"]], [None], True)),
            *(("moment", value) for value in ("soon", "2026-03-04", "2026-03-04T10:00:00", 1772625660, [], "")),
            *(("moment", value) for value in ("0001-01-01T00:00:00+14:00", "1999-12-31T23:59:59Z")),
        ],
    )
    def test_what_is_of_another_type_says_so(self, field: str, sent: Any) -> None:
        _, problems = from_outside(a_kind(field), {"it": sent})
        assert set(problems) == {"it"}
        assert problems["it"].startswith("Send ")

    def test_half_a_character_is_not_kept(self) -> None:
        taken, problems = from_outside(a_kind("text"), {"it": "half \ud83d a \udc99smile\x00, whole \U0001f499"})
        assert (taken, problems) == ({"it": "half  a smile, whole \U0001f499"}, {})
        assert from_outside(a_kind("indicators"), {"it": ["a\ud83d"]})[0] == {"it": ["a"]}

    def test_what_is_left_out_stays_out(self) -> None:
        assert from_outside(a_kind("text"), {"it": None}) == ({}, {})

    def test_a_name_that_is_no_field_is_said_by_the_next_step(self) -> None:
        taken, problems = from_outside(a_kind("text"), {"other": "x"})
        assert (taken, problems) == ({"other": "x"}, {})

    @given(st.dictionaries(st.text(max_size=6), st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
        max_leaves=5,
    ), max_size=4))  # fmt: skip
    def test_whatever_is_sent_the_next_step_can_judge_it(self, sent: dict[str, Any]) -> None:
        for field in ("text", "choice", "choices", "indicators", "yes-no", "moment"):
            kind = a_kind(field)
            taken, problems = from_outside(kind, sent | {"it": next(iter(sent.values()), None)})
            if not problems:
                kept, _ = checked_values(SELF_NEGLECT, kind, taken)
                assert "\x00" not in json.dumps(kept)
