"""What a provider may make of a list: codes, days, and the law left as it ships."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.lists.forms.detailed import _questions
from saferpractice.lists.rules import ListMistakes, entry_from_data
from saferpractice.lists.rules.files import Entry
from saferpractice.lists.rules.own import (
    code_from,
    ending_problem,
    invented_law,
    is_law,
    law_problems,
    london_day,
    problems_beside,
    reference_problems,
)

pytestmark = pytest.mark.requirement("R6", "R14")

LAW = {"kind": "law", "words": "without delay", "timescale": None}
CONTRACT = {"kind": "contract", "words": "within 2 working days", "timescale": {"kind": "working_days", "amount": 2}}
LOCAL = {"kind": "local", "words": "the same day", "timescale": {"kind": "same_day"}}
DUTY: dict[str, Any] = {
    "kind": "notification",
    "body": "CQC",
    "trigger": "Somebody was abused.",
    "paragraph": "Regulation 18, 2009",
    "clocks": [LAW, CONTRACT, LOCAL],
    "applies_to": {"health_service_body": False, "secure_unit": "any", "nhs_funded": "any"},
}


def entry(detail: dict[str, Any]) -> Entry:
    return entry_from_data(
        "duties",
        {
            "code": "tell-cqc",
            "label": "Tell CQC",
            "detail": detail,
            "source": {"title": "Regulations 2009", "url": None},
            "checked_on": date(2026, 3, 4),
            "valid_from": date(2010, 4, 1),
        },
    )


class TestCodes:
    @pytest.mark.parametrize(
        ("label", "code"),
        [
            ("Medication", "medication"),
            ("  Falls & fractures! ", "falls-fractures"),
            ("Self-neglect (again)", "self-neglect-again"),
            ("24/7 cover", "24-7-cover"),
            ("Café", "caf"),
            ("المأوى", "entry"),
            ("💙", "entry"),
            ("…", "entry"),
            ("x" * 300, "x" * 70),
            ("x" * 69 + " y", "x" * 69),
        ],
    )
    def test_a_code_is_made_of_any_label(self, label: str, code: str) -> None:
        assert code_from(label, ()) == code

    @pytest.mark.parametrize(
        ("taken", "code"),
        [
            ({"falls"}, "falls-2"),
            ({"falls", "falls-2", "falls-3"}, "falls-4"),
            ({"falls-2"}, "falls"),
            ({"falls", "falls-3"}, "falls-2"),
        ],
    )
    def test_a_taken_one_gets_a_number(self, taken: set[str], code: str) -> None:
        assert code_from("Falls", taken) == code

    @given(st.text(max_size=120), st.lists(st.text(max_size=40), max_size=6))
    def test_every_label_has_a_code_that_a_list_takes_and_nobody_has(self, label: str, others: list[str]) -> None:
        taken: set[str] = set()
        for other in [*others, label, label]:
            made = code_from(other, taken)
            assert made not in taken
            taken.add(made)
            try:
                entry_from_data(
                    "themes",
                    {
                        "code": made,
                        "label": "Ours",
                        "detail": {},
                        "source": {"title": "us", "url": None},
                        "checked_on": date(2026, 3, 4),
                        "valid_from": date(2026, 3, 4),
                    },
                )
            except ListMistakes as mistakes:
                pytest.fail(f"{made!r} from {other!r}: {mistakes}")


class TestQuestions:
    """A document's questions as they are typed again: an answer given before must find its question."""

    BEFORE = ({"code": "known", "ask": "What was known?", "hint": "And when."}, {"code": "who", "ask": "Who knew?"})

    @pytest.mark.parametrize(
        ("typed", "codes"),
        [
            ("What was known?\nWho knew?", ["known", "who"]),
            ("Who knew?\n\n  What was known?  ", ["who", "known"]),
            ("Who knew?\nWhat was done?", ["who", "what-was-done"]),
            ("What was known then?", ["what-was-known-then"]),
            ("Known\nWho", ["known-2", "who-2"]),
            ("Who knew?\nWho knew?", ["who"]),
            ("Why?\nWhy?", ["why"]),
            ("؟\n؟؟", ["entry", "entry-2"]),
        ],
    )
    def test_each_keeps_its_code_or_gets_its_own(self, typed: str, codes: list[str]) -> None:
        assert [one["code"] for one in _questions(typed, self.BEFORE)] == codes

    def test_one_that_stays_keeps_its_help(self) -> None:
        assert _questions("What was known?", self.BEFORE)[0]["hint"] == "And when."


class TestTheLaw:
    @pytest.mark.parametrize(
        ("clocks", "law"),
        [([LAW], True), ([CONTRACT, LOCAL], True), ([LOCAL], False), ([], False)],
    )
    def test_what_counts_as_law(self, clocks: list[dict[str, Any]], law: bool) -> None:
        assert is_law({"clocks": clocks}) is law

    @pytest.mark.parametrize("odd", [None, "law", {"kind": "law"}, ["law"], 5])
    def test_clocks_that_are_none_are_no_law(self, odd: Any) -> None:
        assert not is_law({"clocks": odd})
        assert invented_law({"clocks": odd}) == {}

    @pytest.mark.parametrize(
        ("changes", "parts"),
        [
            ({}, set()),
            ({"body": "The Care Quality Commission", "trigger": "In our words."}, set()),
            ({"clocks": [LAW, CONTRACT]}, set()),
            ({"clocks": [LAW, CONTRACT, LOCAL | {"words": "within the hour"}]}, set()),
            ({"paragraph": "Regulation 19, 2009"}, {"detail.paragraph"}),
            ({"clocks": [CONTRACT, LOCAL]}, {"detail.clocks"}),
            ({"clocks": [LAW, LOCAL]}, {"detail.clocks"}),
            ({"clocks": [LAW | {"words": "when you can"}, CONTRACT, LOCAL]}, {"detail.clocks"}),
            ({"clocks": [CONTRACT, LAW, LOCAL]}, {"detail.clocks"}),
            ({"clocks": None}, {"detail.clocks"}),
            ({"kind": "partner"}, {"detail.kind"}),
            ({"applies_to": {"health_service_body": True}}, {"detail.applies_to"}),
            ({"applies_to": {"health_service_body": False, "nhs_funded": True}}, {"detail.applies_to"}),
            ({"applies_to": {}}, {"detail.applies_to"}),
            ({"applies_to": "nobody"}, {"detail.applies_to"}),
            ({"applies_to": {"health_service_body": False}}, set()),
            ({"applies_to": {"health_service_body": False, "secure_unit": "any", "nhs_funded": "any"}}, set()),
        ],
    )
    def test_what_a_provider_may_not_make_of_it(self, changes: dict[str, Any], parts: set[str]) -> None:
        assert set(law_problems(DUTY, copy.deepcopy(DUTY) | changes)) == parts

    def test_a_local_duty_is_the_providers_to_change(self) -> None:
        local = DUTY | {"clocks": [LOCAL]}
        changed = {"kind": "partner", "paragraph": "Our agreement", "clocks": [], "applies_to": {}}
        assert law_problems(local, local | changed) == {}

    @pytest.mark.parametrize(
        ("clocks", "invents"), [([LAW], True), ([LOCAL, LAW], True), ([CONTRACT], False), ([LOCAL], False)]
    )
    def test_nobody_invents_law(self, clocks: list[dict[str, Any]], invents: bool) -> None:
        assert bool(invented_law({"clocks": clocks})) is invents

    @pytest.mark.parametrize(("clocks", "ends"), [([LAW], False), ([CONTRACT], False), ([LOCAL], True)])
    def test_what_is_law_cannot_be_taken_off(self, clocks: list[dict[str, Any]], ends: bool) -> None:
        assert (ending_problem(entry(DUTY | {"clocks": clocks})) is None) is ends


class TestDays:
    @pytest.mark.parametrize(
        ("at", "day"),
        [
            (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
            (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
            (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
            (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
            (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
            (datetime(2028, 2, 28, 23, 59, tzinfo=UTC), date(2028, 2, 28)),
            (datetime(2028, 2, 29, 12, 0, tzinfo=UTC), date(2028, 2, 29)),
        ],
    )
    def test_a_list_changes_at_midnight_in_london(self, at: datetime, day: date) -> None:
        assert london_day(at) == day


class TestMistakesBesideTheirField:
    def beside(self, **changes: Any) -> dict[str, str]:
        with pytest.raises(ListMistakes) as refused:
            entry(copy.deepcopy(DUTY) | changes)
        return problems_beside(refused.value)

    @pytest.mark.parametrize(
        ("changes", "part", "sentence"),
        [
            ({"body": ""}, "detail.body", "This is empty."),
            ({"link": "javascript:alert(1)"}, "detail.link", "This is 'javascript:alert(1)'."),
            ({"link": "https://example.org/a b"}, "detail.link", "beginning with https://"),
            ({"paragraph": "x" * 301}, "detail.paragraph", "Write 300 at most"),
            ({"kind": "wish"}, "detail.kind", "Write notification or partner."),
            ({"phone": "999"}, "detail.phone", "not a word that stands here"),
        ],
    )
    def test_each_is_said_of_its_part(self, changes: dict[str, Any], part: str, sentence: str) -> None:
        found = self.beside(**changes)
        assert set(found) == {part}
        assert sentence in found[part]

    def test_two_of_one_clock_are_both_said(self) -> None:
        found = self.beside(clocks=[{"kind": "soon", "words": "", "timescale": None}])
        assert {"detail.clocks.1.kind", "detail.clocks.1.words"} <= set(found)

    @pytest.mark.parametrize(
        "timescale",
        [
            {"kind": "same_day", "amount": 1},
            {"kind": "clock_hours"},
            {"kind": "clock_hours", "amount": 0},
            {"kind": "clock_hours", "amount": -4},
            {"kind": "weeks", "amount": 3651},
            {"kind": "moons", "amount": 1},
            {"kind": "clock_hours", "amount": 1.5},
            {"kind": "clock_hours", "amount": "4"},
        ],
        ids=str,
    )
    def test_a_time_that_cannot_be_reckoned_is_refused(self, timescale: dict[str, Any]) -> None:
        found = self.beside(clocks=[LAW, LOCAL | {"timescale": timescale}])
        assert all(part.startswith("detail.clocks.2") for part in found)


class TestNamesOfOtherLists:
    KNOWN = {"seips": {"tasks"}, "yorkshire": {"task-characteristics"}, "sar-domains": {"direct-practice"}}

    @pytest.mark.parametrize(
        ("detail", "wrong"),
        [
            ({"seips": "tasks", "yorkshire": "task-characteristics", "sar_domain": "direct-practice"}, set()),
            ({"seips": "TASKS"}, {"detail.seips"}),
            ({"seips": "task-characteristics"}, {"detail.seips"}),
            ({"seips": ""}, {"detail.seips"}),
            ({"seips": None}, set()),
            ({"hierarchy": "no-such"}, set()),
        ],
        ids=str,
    )
    def test_a_code_must_stand_in_the_list_it_names(self, detail: dict[str, Any], wrong: set[str]) -> None:
        assert set(reference_problems("system-conditions", detail, self.KNOWN)) == wrong
