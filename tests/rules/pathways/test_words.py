"""A definition in plain English, and two versions compared in the same words."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.reading import LIBRARY as FOLDER
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.pathways.rules.words import Difference, differences, in_words
from tests.rules.pathways.cases import LIBRARY, SMALL, small
from tests.rules.pathways.printing import IN_WORDS, kept, words_of

pytestmark = pytest.mark.requirement("R18", "R22", "R30")


def said(definition: Definition, part: str, code: str, **local: Any) -> str:
    return next(each.sentence for each in in_words(definition, local) if (each.part, each.code) == (part, code))


def test_it_begins_with_what_it_is_about() -> None:
    assert said(small({"id": "o", "when": {"records": {"record": "sign"}}}), "about", "about") == "For tests."


@pytest.mark.parametrize(
    ("pathway", "part", "code", "sentence"),
    [
        (
            "self-neglect",
            "obligations",
            "consult",
            "Whenever two or more of these five are present at once, the worker must consult the duty manager or "
            "safeguarding lead, before the end of that day. It is done when “Consultation” is written down in full.",
        ),
        (
            "self-neglect",
            "escalation",
            "consult",
            "If it is late: whoever owes it and the duty manager are told as soon as it is late; then the "
            "safeguarding lead "
            "2 hours later; then the director on call 12 hours later.",
        ),
        (
            "self-neglect",
            "supervision",
            "supervision",
            "Each month one open case of each team is looked at in supervision, and written down as “Case looked at "
            "in supervision”.",
        ),
        (
            "self-neglect",
            "local",
            "how-many",
            "How many indicators at once call for a consultation: 2. A service may set it from 1 to 4. Two is "
            "the number in "
            "the article. A service may ask for a consultation sooner, and never only at all five.",
        ),
        (
            "self-neglect",
            "measures",
            "same-day-consultation",
            "Consulted on the same day: of “Consult the duty manager or safeguarding lead”, the share done in time. "
            "Higher is better, and the target is 95 per cent.",
        ),
        (
            "self-neglect",
            "measures",
            "repeat-threshold",
            "At the threshold again: of “Consult the duty manager or safeguarding lead”, the share owed again within "
            "90 days. Lower is better.",
        ),
        (
            "lost-contact",
            "obligations",
            "tell-leadership",
            "Whenever “Missed contact” is written down twice within 7 days and “What happened” is “No reply”, "
            "“Nobody at home at "
            "a visit” or “Did not come”, the worker must tell duty leadership, within 2 hours. It is "
            "done when “Escalation "
            "note” in which “Who in duty leadership was told” is filled in is written down in full.",
        ),
        (
            "lost-contact",
            "obligations",
            "next-review",
            "Whenever the newest “Escalation note” says: “Next review” is filled in, the duty manager must "
            "review as the escalation "
            "note says, by the moment written under “Next review”. It is done when “Escalation note”, “Contact "
            "regained” or "
            "“Follow-up contact” is written down in full.",
        ),
        (
            "exploitation",
            "obligations",
            "review-risk",
            "When one or more of these five is present at once, the duty manager must hold a risk review with "
            "the partners, within 5 "
            "working days. It is done when “Risk review” is written down in full. Then again 7 days after the "
            "last, until “Risk now” "
            "has fallen below where it was at first and the newest “Risk review” says: “Has risk fallen enough "
            "to stop the regular "
            "reviews” is “Yes”.",
        ),
        (
            "exploitation",
            "obligations",
            "do-what-was-agreed",
            "For each record by itself: when “Agreed action” is written down, the duty manager must do what was "
            "agreed, and write "
            "down what came of it, by the moment written under “By when”. It is done when “What came of an "
            "agreed action” is "
            "written down in full.",
        ),
    ],
)
def test_the_library_reads_aloud(pathway: str, part: str, code: str, sentence: str) -> None:
    assert said(LIBRARY[pathway], part, code) == sentence


@pytest.mark.parametrize("name", sorted(IN_WORDS))
def test_every_sentence_reads_as_it_was_read_over(name: str) -> None:
    """A sentence that changes is read again by somebody: "python -m tests.rules.pathways.printing" writes them anew."""
    assert words_of(IN_WORDS[name]) == kept(name)


@pytest.mark.requirement("R27")
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("shared-risk-summary", "It may be shared with partners, one record at a time, where a decision"),
        ("agreed-action", "The partners it names are shown it, where a decision lets them see."),
        (
            "sharing-decision",
            "It decides what a partner may see: nothing, unless “Does the person agree, and what is decided” is "
            "“Agreed: it is shared”, “Refused: it is shared all the same, on a lawful basis” or “Not asked: it is "
            "shared all the same, on a lawful basis”.",
        ),
        ("sharing-decision", "“The lawful basis” is chosen from the list “lawful-bases”."),
        ("action-outcome", "“Which action” names “Agreed action”."),
        ("action-outcome", "A partner may make it too."),
    ],
)  # fmt: skip
def test_what_partners_see_and_do_is_said(code: str, sentence: str) -> None:
    assert sentence in said(LIBRARY["exploitation"], "records", code)


def test_of_what_no_partner_sees_nothing_is_said() -> None:
    assert "partner" not in said(LIBRARY["self-neglect"], "records", "checklist")


def test_a_service_s_own_values_are_filled_in() -> None:
    assert said(LIBRARY["self-neglect"], "obligations", "consult", **{"how-many": 1}).startswith(
        "Whenever one or more of these five is present"
    )
    assert "within 3 days" in said(LIBRARY["lost-contact"], "obligations", "tell-leadership", window="3 days")


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"indicators": {"at_least": 3}}, "three of these three are present at once"),
        ({"indicators": {"at_least": 1, "of": ["a", "c"]}}, "one or more of these: A, C is present at once"),
        ({"records": {"record": "sign"}}, "“Sign” is written down"),
        (
            {"records": {"record": "sign", "at_least": 3, "within": "2 days"}},
            "“Sign” is written down three times within 2 days",
        ),
        *(
            ({"records": {"record": "sign", "at_least": count}}, f"“Sign” is written down {number} times")
            for count, number in (
                *((4, "four"), (5, "five"), (6, "six"), (7, "seven"), (8, "eight"), (9, "nine"), (10, "ten")),
                *((11, "11"), (1000, "1000")),
            )
        ),
        ({"field": {"record": "sign", "field": "by", "present": False}}, "the newest “Sign” says: “By” is empty"),
        (
            {"field": {"record": "checklist", "field": "present", "is": "a"}},
            "the newest “Checklist” says: “Present” is “A”",
        ),
        ({"not": {"records": {"record": "sign"}}}, "it is not so that “Sign” is written down"),
        (
            {"any_of": [{"records": {"record": "sign"}}, {"records": {"record": "answer"}}]},
            "“Sign” is written down or “Answer” is written down",
        ),
        (
            {"all_of": [{"records": {"record": "sign"}}, {"records": {"record": "answer"}}]},
            "“Sign” is written down and “Answer” is written down",
        ),
        ({"obligation": {"id": "p", "is": "met"}}, "“Answer” is done"),
        ({"obligation": {"id": "p", "is": "late"}}, "“Answer” is late"),
    ],
)
def test_each_condition_has_its_words(when: dict[str, Any], words: str) -> None:
    definition = small({"id": "o", "when": when}, {"id": "p", "when": {"records": {"record": "sign"}}})
    assert said(definition, "obligations", "o").startswith(f"When {words}, the worker must answer")


SIGN, ANSWER = {"records": {"record": "sign"}}, {"records": {"record": "answer"}}
REAL = {"records": {"record": "sign", "with": [{"field": "sort", "is": "real"}]}}


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (
            {"all_of": [{"not": SIGN}, ANSWER]},
            "(it is not so that “Sign” is written down) and “Answer” is written down",
        ),
        (
            {"not": {"all_of": [SIGN, ANSWER]}},
            "it is not so that (“Sign” is written down and “Answer” is written down)",
        ),
        (
            {"any_of": [REAL, ANSWER]},
            "(“Sign” is written down and “Sort” is “Real”) or “Answer” is written down",
        ),
        ({"not": REAL}, "it is not so that (“Sign” is written down and “Sort” is “Real”)"),
        ({"all_of": [{"any_of": [SIGN, ANSWER]}]}, "“Sign” is written down or “Answer” is written down"),
    ],
)
def test_how_far_and_or_and_not_reach_is_said(when: dict[str, Any], words: str) -> None:
    definition = small({"id": "o", "when": when})
    assert said(definition, "obligations", "o").startswith(f"When {words}, the worker must answer")


def test_two_conditions_never_read_the_same() -> None:
    """Whoever approves a condition would otherwise approve another one: here are all the smaller ones."""

    def around(inner: list[dict[str, Any]]) -> list[dict[str, Any]]:
        pairs = [[one, other] for one in inner for other in inner]
        return [
            *({"not": each} for each in inner),
            *({"all_of": pair} for pair in pairs),
            *({"any_of": pair} for pair in pairs),
        ]

    simple = [SIGN, ANSWER, REAL]
    conditions = [*simple, *around([*simple, *around([SIGN, REAL])])]
    definition = small(*({"id": f"o{number}", "when": when} for number, when in enumerate(conditions)))
    sentences = [each.sentence for each in in_words(definition) if each.part == "obligations"]
    assert len(set(sentences)) == len(conditions)


@pytest.mark.parametrize(
    ("when", "label"),
    [
        (SIGN, "“By”"),
        (ANSWER, "“Answer by”"),
        ({"any_of": [ANSWER, SIGN, ANSWER]}, "“Answer by” or “By”"),
        ({"any_of": [{"records": {"record": "checklist"}}, ANSWER]}, "“Answer by”"),
    ],
)
def test_a_moment_is_called_as_it_is_on_the_record_that_brings_it_about(when: dict[str, Any], label: str) -> None:
    checklist, sign, answer = copy.deepcopy(SMALL["records"])
    checklist["fields"].append({"id": "by", "label": "Who came by", "type": "text"})
    answer["fields"].append({"id": "by", "label": "Answer by?", "type": "moment"})
    definition = small({"id": "o", "when": when, "within": "the moment in by"}, records=[checklist, sign, answer])
    assert f", by the moment written under {label}. It is" in said(definition, "obligations", "o")


def test_what_each_record_must_say_to_meet_it_is_said_apart() -> None:
    tested = {"record": "answer", "with": [{"field": "level", "one_of": ["low", "high"]}]}
    one = small({"id": "o", "when": SIGN, "met_by": [tested]})
    assert "It is done when “Answer” in which “Level” is “low” or “high” is written down" in said(
        one, "obligations", "o"
    )
    two = small({"id": "o", "when": SIGN, "met_by": [tested, {"record": "sign"}]})
    told = "It is done when (“Answer” in which “Level” is “low” or “high”) or “Sign” is written down in full."
    assert told in said(two, "obligations", "o")


@pytest.mark.parametrize("code", sorted(LIBRARY))
def test_everything_in_a_definition_is_said(code: str) -> None:
    """Change any one thing that matters and what is said changes: nobody approves a sentence that hides a "
    "difference."""
    data = yaml.safe_load((FOLDER / f"{code}.yaml").read_text())
    whole = definition_from_data(data, name=code)
    for place, changed in edits(data):
        other = definition_from_data(changed, name=code)
        assert differences(whole, other), place


def edits(data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The definition with one small thing otherwise, again and again."""
    found: list[tuple[str, dict[str, Any]]] = []

    def edit(place: str, change: Any) -> None:
        other = copy.deepcopy(data)
        change(other)
        found.append((place, other))

    for number, obligation in enumerate(data["obligations"]):
        edit(f"{number} who", lambda d, n=number: d["obligations"][n].update(who="reviewer"))
        edit(f"{number} title", lambda d, n=number: d["obligations"][n].update(title="Do something else"))
        edit(f"{number} within", lambda d, n=number: d["obligations"][n].update(within="3 weeks"))
        edit(f"{number} then", lambda d, n=number: d["obligations"][n]["then"].pop())
        if obligation.get("again") == "every time":
            edit(f"{number} again", lambda d, n=number: d["obligations"][n].update(again="once"))
        if "repeats" in obligation:
            edit(f"{number} repeats", lambda d, n=number: d["obligations"][n]["repeats"].update(every="2 weeks"))
            edit(f"{number} never again", lambda d, n=number: d["obligations"][n].pop("repeats"))
    for number, kind in enumerate(data["records"]):
        edit(f"record {number} made by", lambda d, n=number: d["records"][n].update(made_by=["director"]))
        if kind.get("sharing") in {"chosen", "named"}:
            edit(f"record {number} sharing", lambda d, n=number: d["records"][n].pop("sharing"))
        if "lets_share" in kind:
            edit(f"record {number} lets share", lambda d, n=number: d["records"][n]["lets_share"][0]["one_of"].pop())
        if kind.get("by_partner"):
            edit(f"record {number} by a partner", lambda d, n=number: d["records"][n].pop("by_partner"))
        for part, field in enumerate(kind["fields"]):
            if field.get("of"):
                edit(f"{number} {part} of", lambda d, n=number, p=part: d["records"][n]["fields"][p].pop("of"))
            if field["type"] == "listed":
                edit(
                    f"{number} {part} list",
                    lambda d, n=number, p=part: d["records"][n]["fields"][p].update(type="text", list=None),
                )
            if field.get("options"):
                edit(
                    f"{number} {part} answers",
                    lambda d, n=number, p=part: d["records"][n]["fields"][p]["options"][0].update(label="Otherwise"),
                )
            if field.get("required"):
                edit(
                    f"{number} {part} required",
                    lambda d, n=number, p=part: d["records"][n]["fields"][p].pop("required"),
                )
            if field.get("required_when"):
                edit(
                    f"{number} {part} sometimes",
                    lambda d, n=number, p=part: d["records"][n]["fields"][p].pop("required_when"),
                )
    for number, _ in enumerate(data.get("local", [])):
        edit(f"local {number}", lambda d, n=number: d["local"][n].update(reason="Another reason."))
    for number, _ in enumerate(data.get("indicators", [])):
        edit(f"indicator {number}", lambda d, n=number: d["indicators"][n].update(look_for=["Something else"]))
    for number, measure in enumerate(data["measures"]):
        shows = "completeness" if measure["shows"] != "completeness" else "share-in-time"
        edit(f"measure {number}", lambda d, n=number, s=shows: d["measures"][n].update(shows=s, within_days=None))
        other = data["obligations"][-1]["id"]
        edit(f"measure {number} of", lambda d, n=number, o=other: d["measures"][n].update(of=o))
    if "supervision" in data:
        record = data["records"][1]["id"]
        edit("supervision", lambda d: d["supervision"].update(record=record))
    edit("closing", lambda d: d["closing"].update(when={"records": {"record": d["records"][0]["id"], "at_least": 5}}))
    return found


class TestDifferences:
    BEFORE = LIBRARY["self-neglect"]

    def changed(self, **changes: Any) -> Definition:
        data = yaml.safe_load((FOLDER / "self-neglect.yaml").read_text())
        return definition_from_data({**data, **changes}, name="self-neglect")

    def test_none_between_equals(self) -> None:
        assert differences(self.BEFORE, self.changed()) == ()

    def test_a_changed_default_changes_what_it_means_everywhere(self) -> None:
        local = yaml.safe_load((FOLDER / "self-neglect.yaml").read_text())["local"]
        local[0]["default"] = 3
        found = {(each.part, each.code): each for each in differences(self.BEFORE, self.changed(local=local))}
        assert set(found) == {("obligations", "consult"), ("closing", "closing"), ("local", "how-many")}
        assert found["obligations", "consult"].before.startswith("Whenever two or more")
        assert found["obligations", "consult"].after.startswith("Whenever three or more")
        assert {(each.kind, each.kind.label) for each in found.values()} == {(Difference.CHANGED, "Changed")}

    def test_a_number_that_a_service_sets_is_not_the_same_as_that_number(self) -> None:
        """In words both say "two or more"; on the day somebody sets three they part."""
        data = yaml.safe_load((FOLDER / "self-neglect.yaml").read_text())
        obligations = copy.deepcopy(data["obligations"])
        consult = next(one for one in obligations if one["id"] == "consult")
        assert consult["when"]["indicators"]["at_least"] == "local how-many"
        consult["when"]["indicators"]["at_least"] = 2
        after = self.changed(obligations=obligations)
        (fixed,) = differences(self.BEFORE, after)
        assert (fixed.kind, fixed.part, fixed.code) == (Difference.CHANGED, "obligations", "consult/local")
        label = "“How many indicators at once call for a consultation”"
        assert fixed.before.startswith(f"In “Consult the duty manager or safeguarding lead”, {label}, ")
        assert fixed.before.endswith(": as each service sets it.")
        assert label not in fixed.after
        (freed,) = differences(after, self.BEFORE)
        assert (freed.before, freed.after) == (fixed.after, fixed.before)

    def test_another_hint_is_another_record(self) -> None:
        """It is what staff read while they write."""
        for hint, kind in (("Two sentences.", Difference.CHANGED), ("", Difference.GONE)):
            records = yaml.safe_load((FOLDER / "self-neglect.yaml").read_text())["records"]
            place = next(part for part in records[0]["fields"] if part.get("hint") == "A sentence is enough.")
            place["hint"] = hint
            (found,) = differences(self.BEFORE, self.changed(records=records))
            assert (found.kind, found.part) == (kind, "records")
            assert found.before.endswith("stands: “A sentence is enough.”.")
            assert hint in found.after

    def test_new_and_gone(self) -> None:
        indicators = yaml.safe_load((FOLDER / "self-neglect.yaml").read_text())["indicators"]
        new = [*indicators[1:], {"id": "hoarding", "label": "Hoarding", "look_for": ["Rooms that cannot be used"]}]
        found = differences(self.BEFORE, self.changed(indicators=new))
        assert [(each.kind.label, each.code, bool(each.before), bool(each.after)) for each in found] == [
            ("New", "hoarding", False, True),
            ("No longer there", "hydration-nutrition", True, False),
        ]
