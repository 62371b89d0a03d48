"""A definition taken apart into inputs for people who do not program, and put back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.rules.mistakes import ListMistakes
from saferpractice.pathways.rules.editing import (
    NEW,
    Input,
    new_code,
    place_of,
    sections,
    span_parts,
    span_text,
    with_values,
)
from saferpractice.pathways.rules.reading import content_of, definition_from_data
from saferpractice.pathways.rules.words import differences
from tests.rules.pathways.cases import LIBRARY, SMALL, small
from tests.rules.pathways.printing import EVERY_PART, FORM, form_of, kept

pytestmark = pytest.mark.requirement("R14", "R17", "R18", "R23", "R30")

CONTENT = content_of(LIBRARY["self-neglect"])
WEEKLY = content_of(LIBRARY["exploitation"])
LOST = content_of(LIBRARY["lost-contact"])


def inputs(content: dict[str, Any]) -> dict[str, Input]:
    return {each.name: each for section in sections(content) for item in section.items for each in item.inputs}


def as_shown(content: dict[str, Any]) -> dict[str, Any]:
    return {name: each.value for name, each in inputs(content).items()}


@pytest.mark.parametrize("code", LIBRARY)
def test_put_back_as_it_was_shown_it_is_the_same(code: str) -> None:
    content = content_of(LIBRARY[code])
    changed = with_values(content, as_shown(content))
    assert definition_from_data(changed, name=code) == LIBRARY[code]


def one(content: dict[str, Any], name: str, value: Any) -> Any:
    """The definition with one input filled in otherwise."""
    assert name in inputs(content), sorted(inputs(content))
    return definition_from_data(with_values(content, {**as_shown(content), name: value}), name="changed")


@pytest.mark.parametrize(
    ("content", "name", "value", "said"),
    [
        (CONTENT, "indicators.infection-risk.label", "Wounds", "Wounds. Look for"),
        (CONTENT, "indicators.infection-risk.look_for", ["Smell"], "Look for: “Smell”."),
        (CONTENT, "obligations.consult.within", "4 working hours", "within 4 working hours"),
        (CONTENT, "obligations.consult.who", "supervisor", "the supervisor must consult"),
        (CONTENT, "obligations.consult.then.0.tell", ["director"], "the director on call is told as soon"),
        (CONTENT, "obligations.consult.then.1.after", "3 hours", "3 hours later"),
        (CONTENT, "obligations.consult.when.indicators.at_least", 3, "three or more of these five"),
        (CONTENT, "local.how-many.default", 3, "consultation: 3. A service"),
        (CONTENT, "local.how-many.highest", 3, "from 1 to 3"),
        (CONTENT, "records.consultation.fields.wishes.required", "never", "It counts only with"),
        (CONTENT, "records.consultation.made_by", ["director"], "made by the director on call"),
        (CONTENT, "supervision.cases", 2, "two open cases"),
        (WEEKLY, "obligations.review-risk.repeats.every", "3 days", "again 3 days after the last"),
        (WEEKLY, "closing.says", "Say so.", ""),
    ],
)
def test_one_thing_changed_is_said_in_words(content: dict[str, Any], name: str, value: Any, said: str) -> None:
    before, after = definition_from_data(content, name="before"), one(content, name, value)
    told = [each.after for each in differences(before, after)]
    assert after != before
    assert any(said in sentence for sentence in told) if said else after.closing.says == value


OTHERWISE: dict[str, Any] = {
    "line": "Otherwise",
    "text": "Otherwise.",
    "lines": ["Otherwise"],
    "role": "duty_manager",
    "roles": ["duty_manager", "owner"],
    "span": "6 days",
    "need": "always",
    "remove": True,
}
"""Something else to fill in, by the kind of input."""
MEANS_NOTHING = {"obligations.answer-each.when.records.within"}
"""Of one record there is no window."""


def filled_in_otherwise(each: Input) -> dict[str, Any]:
    """One input filled in otherwise, with whatever else it then needs."""
    if each.name.endswith(f"{NEW}.label"):
        above = each.name.removesuffix("label")
        return {each.name: "Otherwise", f"{above}look_for": ["A sign"], f"{above}type": "text"}
    if each.kind in {"number", "count"}:
        return {each.name: each.value + 1 if isinstance(each.value, int) else 4}
    if each.kind == "roles":
        return {each.name: OTHERWISE["roles"][: 2 if "then" in each.path else 1]}
    return {each.name: OTHERWISE.get(each.kind, each.value)}


def test_whatever_is_changed_in_the_form_is_said() -> None:
    """Who approves a version approves what differs in words: a question taken out must not be missed."""
    content = content_of(EVERY_PART)
    unsaid, said = [], 0
    for name, each in inputs(content).items():
        try:
            after = definition_from_data(with_values(content, filled_in_otherwise(each)), name="changed")
        except ListMistakes:
            continue  # what other parts rest on, or what would be out of bounds: it is not saved either
        if differences(EVERY_PART, after):
            said += 1
        elif after != EVERY_PART:
            unsaid.append(name)
    assert set(unsaid) == MEANS_NOTHING
    assert said > 90, "nearly all of them can be changed alone"


def test_the_window_of_a_condition_can_be_changed() -> None:
    windows = [each for name, each in inputs(LOST).items() if name.endswith("records.within")]
    assert windows
    after = one(LOST, windows[0].name, "5 days")
    assert any("within 5 days" in each.after for each in differences(LIBRARY["lost-contact"], after))


def test_the_form_reads_as_it_was_read_over() -> None:
    """A question that changes is read again by somebody: see ``printing``."""
    assert form_of(content_of(EVERY_PART)) == kept(FORM)


class TestWhatIsAsked:
    def test_another_indicator_where_there_are_some(self) -> None:
        signs = [each for each in inputs(CONTENT) if each.startswith(f"indicators.{NEW}.")]
        assert signs == [f"indicators.{NEW}.label", f"indicators.{NEW}.look_for"]
        assert not [each for each in inputs({**CONTENT, "indicators": []}) if each.startswith("indicators.")]

    def test_whether_an_answer_is_needed_but_not_of_the_ticks(self) -> None:
        """They are always asked for: left alone they would read as if nothing were wrong."""
        asked = inputs(CONTENT)
        assert "records.consultation.fields.wishes.required" in asked
        assert "records.checklist.fields.present.label" in asked
        assert "records.checklist.fields.present.required" not in asked

    def test_a_part_that_has_nothing_in_it_is_left_out(self) -> None:
        bare = {**CONTENT, "indicators": [], "local": []}
        assert [each.code for each in sections(bare)] == ["about", "obligations", "records", "closing"]

    def test_which_of_two_numbers_ends_it(self) -> None:
        ends = {"every": "1 week", "until": {"indicators": {"at_least": 2}}}
        asked = inputs(content_of(small({"id": "o", "when": {"indicators": {"at_least": 1}}, "repeats": ends})))
        assert asked["obligations.o.when.indicators.at_least"].label == "How many indicators call for it?"
        assert asked["obligations.o.repeats.until.indicators.at_least"].label == "To end it: how many indicators?"

    def test_a_moment_that_somebody_writes_is_offered_for_a_deadline_only(self) -> None:
        def moments(name: str) -> list[str]:
            return [each for each in inputs(CONTENT)[name].choices if each.startswith("the moment in ")]

        assert moments("obligations.consult.within")
        assert not moments("obligations.consult.then.1.after")


class TestTakingOutAndAdding:
    def test_an_indicator_is_taken_out(self) -> None:
        after = one(CONTENT, "indicators.infection-risk.remove", True)
        assert [each.id for each in after.indicators] == [
            each["id"] for each in CONTENT["indicators"] if each["id"] != "infection-risk"
        ]

    def test_an_indicator_without_what_to_look_for_is_refused(self) -> None:
        with pytest.raises(ListMistakes, match=r'"indicators\.6\.look_for": is empty\. Write what to look for'):
            definition_from_data(with_values(CONTENT, {f"indicators.{NEW}.label": "Alone"}), name="changed")

    def test_an_indicator_is_added_with_a_code_of_its_own(self) -> None:
        added = {f"indicators.{NEW}.label": "Unsafe environment!", f"indicators.{NEW}.look_for": ["Cold"]}
        after = definition_from_data(with_values(CONTENT, as_shown(CONTENT) | added), name="changed")
        assert (after.indicators[-1].id, after.indicators[-1].look_for) == ("unsafe-environment-2", ("Cold",))

    @pytest.mark.parametrize(("need", "required"), [("always", True), ("never", False)])
    def test_a_question_is_added(self, need: str, required: bool) -> None:
        start = f"records.consultation.fields.{NEW}"
        added = {f"{start}.label": "Who else was there?", f"{start}.type": "partner", f"{start}.required": need}
        after = definition_from_data(with_values(CONTENT, as_shown(CONTENT) | added), name="changed")
        part = after.kinds["consultation"].fields[-1]
        assert (part.id, part.type, part.required) == ("who-else-was-there", "partner", required)

    def test_a_question_that_others_rest_on_is_not_taken_out_unseen(self) -> None:
        with pytest.raises(ListMistakes, match="decision is not a field of consultation"):
            one(CONTENT, "records.consultation.fields.decision.remove", True)

    def test_a_step_is_added_and_left_out(self) -> None:
        steps = len(CONTENT["obligations"][0]["then"])
        start = f"obligations.consult.then.{steps}"
        more = {f"{start}.tell": ["quality_lead"], f"{start}.after": "2 working days"}
        after = definition_from_data(with_values(CONTENT, as_shown(CONTENT) | more), name="changed")
        assert after.owed["consult"].then[-1].tell == ("quality_lead",)
        fewer = one(CONTENT, "obligations.consult.then.1.tell", [])
        assert len(fewer.owed["consult"].then) == steps - 1

    def test_what_is_needed_for_some_answers_only_can_become_always_or_stay(self) -> None:
        name = next(name for name, each in inputs(CONTENT).items() if each.value == "sometimes")
        code, part = name.split(".")[1], name.split(".")[3]
        assert one(CONTENT, name, "sometimes") == LIBRARY["self-neglect"]
        after = one(CONTENT, name, "always").kinds[code].by_id[part]
        assert (after.required, after.required_when) == (True, None)

    def test_what_is_called_new_is_changed_and_added_to_like_anything_else(self) -> None:
        new = {"id": "new", "label": "Not seen before", "look_for": ["Anything"]}
        content = {**CONTENT, "indicators": [new, *CONTENT["indicators"]]}
        added = {f"indicators.{NEW}.label": "New", f"indicators.{NEW}.look_for": ["More"]}
        changed = as_shown(content) | {"indicators.new.label": "Seen once before"} | added
        after = definition_from_data(with_values(content, changed), name="changed").indicators
        assert [(each.id, each.label) for each in (after[0], after[-1])] == [
            ("new", "Seen once before"),
            ("new-2", "New"),
        ]

    def test_a_part_may_be_called_as_the_steps_are(self) -> None:
        """Steps are added to those who are told, and to nothing else that somebody calls "then"."""
        fields = [{"id": "then", "label": "And then", "type": "text"}]
        kind = {"id": "then", "label": "Then", "made_by": ["director"], "fields": fields}
        when = {"indicators": {"at_least": 1}}
        content = content_of(small({"id": "then", "when": when}, records=[*SMALL["records"], kind]))
        changes = {
            "obligations.then.title": "Do more",
            "obligations.then.when.indicators.at_least": 2,
            "obligations.then.then.0.tell": ["director"],
            "obligations.then.then.1.tell": ["owner"],
            "records.then.label": "After that",
            "records.then.fields.then.label": "What then",
        }
        assert set(changes) <= set(inputs(content))
        after = as_shown(with_values(content, {**as_shown(content), **changes}))
        assert {name: after[name] for name in changes} == changes

    def test_what_no_input_shows_stays(self) -> None:
        assert with_values(CONTENT, {}) == CONTENT


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Unsafe environment!", "unsafe-environment"),
        ("  “Rash”, or wound? ", "rash-or-wound"),
        ("Ü?", "added"),
        ("x" * 39 + " y", "x" * 39),
        ("x" * 41, "x" * 40),
    ],
)
def test_a_code_is_made_of_a_label(label: str, code: str) -> None:
    assert new_code(label, []) == code
    assert [new_code(label, [{"id": each} for each in taken]) for taken in ([code], [code, f"{code}-2"])] == [
        f"{code}-2",
        f"{code}-3",
    ]


@given(st.text(max_size=30), st.lists(st.sampled_from(["a", "b", "new", "added", "a-2"]), unique=True))
def test_a_code_is_new_and_can_be_one(label: str, taken: list[str]) -> None:
    code = new_code(label, [{"id": each} for each in taken])
    assert code not in taken
    content = with_values(CONTENT, {f"indicators.{NEW}.label": label or "x", f"indicators.{NEW}.look_for": ["s"]})
    assert label.strip() == "" or definition_from_data(content, name="n").indicators


@given(st.sampled_from(["clock_hours", "working_hours", "calendar_days", "working_days", "weeks"]), st.integers(1, 500))
def test_a_length_of_time_is_read_back(unit: str, amount: int) -> None:
    assert span_parts(span_text(unit, amount)) == (unit, amount)


@pytest.mark.parametrize("text", ["same day", "local window", "the moment in next-review"])
def test_what_has_no_number_is_its_own_unit(text: str) -> None:
    unit, amount = span_parts(text)
    assert (span_text(unit, amount), amount) == (text, None)
    assert span_text(unit, 3) == text, "a number that was typed before the unit was changed"


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("title", "", "title"),
        ("indicators.infection-risk.label", "", "indicators.infection-risk.label"),
        ("indicators.infection-risk.look_for", [], "indicators.infection-risk.look_for"),
        ("obligations.refer.title", "", "obligations.refer.title"),
        ("obligations.consult.when.indicators.at_least", 0, "obligations.consult.when.indicators.at_least"),
        ("obligations.consult.then.0.tell", [], "obligations.consult.then.0.tell"),
        ("local.how-many.lowest", 5, "local.how-many.label"),
        ("records.consultation.fields.wishes.label", "", "records.consultation.fields.wishes.label"),
        ("supervision.cases", 0, "supervision.cases"),
    ],
)
def test_a_mistake_is_shown_where_it_was_made(name: str, value: Any, place: str) -> None:
    content = with_values(CONTENT, {**as_shown(CONTENT), name: value})
    with pytest.raises(ListMistakes) as wrong:
        definition_from_data(content, name="draft")
    assert place in [place_of(each.sentence, each.entry, content) for each in wrong.value.mistakes]


@pytest.mark.parametrize(
    ("sentence", "entry", "place"),
    [
        ('"obligations.2.title": is empty.', "definition", "obligations.refer.title"),
        ('"obligations.1.then.2.tell": is empty.', "definition", "obligations.consult.then.1.tell"),
        ('"obligations.1.then.2.tell.1": is 5.', "definition", "obligations.consult.then.1.tell"),
        ('"obligations.3.met_by.1.with.1.field": is empty.', "definition", "obligations.decide-again.title"),
        ('"indicators.2.look_for.1": is empty.', "definition", "indicators.infection-risk.look_for"),
        ('"records.2.fields.2.options.1.label": is empty.', "definition", "records.consultation.fields.decision.label"),
        ('"x" is written twice.', "records.consultation.decision", "records.consultation.fields.decision.label"),
        ('"closing.when.any_of.1.records": is 5.', "definition", "closing.when.all_of.0.not.indicators.at_least"),
        ('"source.title.more": is empty.', "definition", "source"),
        ('"x" is written twice.', "local", "local.how-many.label"),
        ('"x" is written twice.', "measures", "measures.same-day-consultation.title"),
        ('"field": no.', "closing", "closing.says"),
        ('"surplus": is not a word that stands here.', "definition", ""),
        ("This cannot be read.", "definition", ""),
    ],
)
def test_a_mistake_is_shown_at_the_nearest_input(sentence: str, entry: str, place: str) -> None:
    assert place_of(sentence, entry, CONTENT) == place


def test_words_in_a_list_are_not_taken_for_what_has_a_code() -> None:
    name = "indicators.infection-risk.look_for"
    content = with_values(CONTENT, {name: ["Hides food"]})
    assert place_of('"indicators.2.look_for.1": is empty.', "definition", content) == name


def test_a_record_and_an_obligation_may_have_one_code() -> None:
    assert "obligations.follow-up.title" in inputs(LOST)
    content = with_values(LOST, {})
    kind = next(each for each in content["records"] if each["id"] == "follow-up")
    kind["fields"][0]["required_when"] = {"field": "nothing", "present": True}
    del kind["fields"][0]["required"]
    with pytest.raises(ListMistakes) as wrong:
        definition_from_data(content, name="draft")
    [mistake] = wrong.value.mistakes
    assert place_of(mistake.sentence, mistake.entry, content).startswith("records.follow-up.")


def test_a_record_without_a_question_is_told_where_one_is_added() -> None:
    content = with_values(LOST, {})
    content["records"][1]["fields"] = []
    with pytest.raises(ListMistakes) as wrong:
        definition_from_data(content, name="draft")
    [mistake] = [each for each in wrong.value.mistakes if "is empty" in each.sentence]
    code = content["records"][1]["id"]
    assert place_of(mistake.sentence, mistake.entry, content) == f"records.{code}.fields.{NEW}.label"


def test_a_mistake_in_how_parts_fit_is_shown_at_its_part() -> None:
    content = content_of(small({"id": "o", "when": {"records": {"record": "sign"}}}))
    content["obligations"][0]["within"] = "local nothing"
    with pytest.raises(ListMistakes) as wrong:
        definition_from_data(content, name="draft")
    [mistake] = wrong.value.mistakes
    assert place_of(mistake.sentence, mistake.entry, content).startswith("obligations.o.")


def test_a_mistake_is_never_shown_at_another_part_that_asks_for_the_same() -> None:
    """What a referral waits for asks for no indicators; the consultation has an input of the very same name."""
    assert "obligations.consult.when.indicators.at_least" in as_shown(CONTENT)
    place = place_of('"when.indicators.at_least": Take it out.', "refer", CONTENT)
    assert place.startswith("obligations.refer.")
