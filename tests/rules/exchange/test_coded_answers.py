"""Words for harm, risk, themes and teams: what is known is read, what is not is asked, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.typed import as_written
from saferpractice.exchange.rules.mapping import ImportMapping
from saferpractice.exchange.rules.rows import Known, Prepared, prepare, values_to_translate
from saferpractice.exchange.rules.table import TableRow
from saferpractice.incidents.rules import LONGEST_TEXT, Answer, Precision
from tests.factories.exchange import plain_mapping
from tests.personas import NOW

pytestmark = pytest.mark.requirement("R6")

NORTH, SOUTH = uuid4(), uuid4()
LEVELS = {code: code for code in ("none", "low", "moderate", "severe", "fatal")} | {"no physical harm": "none"}
RISK = {"yes": "yes", "y": "yes", "no": "no", "n": "no", "unknown": "unknown", "not known": "unknown"}
KNOWN = Known(
    at=NOW,
    codes={
        "themes": {"self-neglect": "self-neglect", "lost contact": "lost-contact", "other": "other"},
        "physical_harm": LEVELS,
        "psychological_harm": LEVELS,
        "still_at_risk": RISK,
    },
    teams={"north team": [NORTH], "twin": [NORTH, SOUTH], "harbour / twin": [SOUTH]},
    default_team=NORTH,
)
ROW = {"Ref": "D-1", "Date": "02/02/2026", "Story": "She left.", "Harm": "None", "Risk": "No"}


def row(mapping: ImportMapping | None = None, known: Known = KNOWN, **cells: str) -> Prepared:
    values = ROW | cells
    return prepare(TableRow(2, tuple(values.values())), tuple(values), mapping or plain_mapping(), known)


def with_answer(name: str, **fill: Any) -> ImportMapping:
    return plain_mapping(answers={name: fill})


class TestHarm:
    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ("none", "none"),
            ("NONE", "none"),
            ("  No   Physical\nHarm ", "none"),
            ("Severe", "severe"),
            ("death", "fatal"),
            ("DEATH", "fatal"),
            (" death ", "fatal"),
        ],
    )
    def test_a_code_a_label_or_a_translation_whatever_its_letters(self, said: str, code: str) -> None:
        report = row(Harm=said).report
        assert report is not None
        assert report.physical_harm == code

    @pytest.mark.parametrize("said", ["nil", "0", "no harm?", "none.", "severe/fatal", "low, moderate", "ſevere!"])
    def test_anything_else_is_held_back_and_never_guessed(self, said: str) -> None:
        done = row(Harm=said)
        (problem,) = done.problems
        assert done.report is None
        assert (problem.answer, problem.column, problem.value) == ("physical_harm", "Harm", said)
        assert said not in done.reason

    def test_an_empty_one_is_harm_nobody_graded(self) -> None:
        assert "This is empty. Say the physical harm" in row(Harm=" ").reason

    @pytest.mark.parametrize(("otherwise", "held"), [("none", False), ("fatal", False), ("dunno", True)])
    def test_unless_the_mapping_says_what_empty_means(self, otherwise: str, held: bool) -> None:
        mapping = with_answer("physical_harm", column="Harm", otherwise=otherwise)
        assert (row(mapping, Harm="").report is None) is held
        full = row(mapping, Harm="low").report
        assert full is not None
        assert full.physical_harm == "low", "what stands there counts"

    def test_a_translation_to_something_that_is_no_code_holds_the_row(self) -> None:
        assert (
            row(with_answer("physical_harm", column="Harm", translate={"bad": "terrible"}), Harm="bad").report is None
        )

    def test_the_same_for_every_row_must_be_a_code_too(self) -> None:
        done = row(with_answer("psychological_harm", value="terrible"))
        assert [problem.column for problem in done.problems] == [""]
        assert done.reason.startswith("Psychological harm: ")


class TestRisk:
    @pytest.mark.parametrize(
        ("said", "answer"), [("Y", Answer.YES), ("yes", Answer.YES), ("N", Answer.NO), ("Not known", Answer.UNKNOWN)]
    )
    def test_is_read_in_many_words(self, said: str, answer: Answer) -> None:
        report = row(Risk=said).report
        assert report is not None
        assert report.still_at_risk is answer

    @pytest.mark.parametrize("said", ["maybe", "1", "-", "not any more"])
    def test_and_never_taken_for_no(self, said: str) -> None:
        assert row(Risk=said).report is None


class TestThemes:
    MAPPING = {"column": "T", "separator": "|", "translate": {"SN": "self-neglect"}}

    @pytest.mark.parametrize(
        ("said", "themes"),
        [
            ("", ()),
            ("self-neglect", ("self-neglect",)),
            ("SN|Lost  Contact", ("self-neglect", "lost-contact")),
            ("sn|SN|self-neglect", ("self-neglect",)),
            ("|other||", ("other",)),
        ],
    )
    def test_several_in_a_cell_each_once_in_order(self, said: str, themes: tuple[str, ...]) -> None:
        report = row(with_answer("themes", **self.MAPPING), T=said).report
        assert report is not None
        assert report.themes == themes

    @pytest.mark.parametrize("said", ["SN|dragons", "self-neglect, other", "dragons"])
    def test_one_unknown_holds_the_row(self, said: str) -> None:
        assert row(with_answer("themes", **self.MAPPING), T=said).report is None

    def test_without_a_separator_a_cell_is_one_theme(self) -> None:
        assert row(with_answer("themes", column="T"), T="other|other").report is None

    def test_what_empty_means(self) -> None:
        report = row(with_answer("themes", column="T", otherwise="other"), T=" ").report
        assert report is not None
        assert report.themes == ("other",)


class TestWhatIsAsked:
    def test_each_unknown_word_once_in_order_and_no_known_one(self) -> None:
        harms = ("None", "Sprain", "Death", " Sprain ", "Bruise", "", "no physical harm")
        rows = [ROW | {"Harm": harm, "T": theme} for harm, theme in zip(harms, "abcabca", strict=True)]
        mapping = with_answer("themes", column="T")
        assert values_to_translate(rows, mapping, KNOWN) == {
            "themes": ["a", "b", "c"],
            "physical_harm": ["Sprain", "Bruise"],
        }

    def test_parts_of_a_cell_are_asked_apart(self) -> None:
        mapping = with_answer("themes", column="T", separator=";")
        rows = [ROW | {"T": "other; dragons;SN"}]
        assert values_to_translate(rows, mapping, KNOWN) == {"themes": ["dragons", "SN"]}

    @given(st.lists(st.text(max_size=12), max_size=8))
    def test_once_all_are_answered_nothing_is_asked_and_every_row_goes_in(self, harms: list[str]) -> None:
        rows = [ROW | {"Harm": harm} for harm in harms]
        asked = values_to_translate(rows, plain_mapping(), KNOWN).get("physical_harm", [])
        fill = {"column": "Harm", "otherwise": "none", "translate": dict.fromkeys(asked, "low")}
        mapping = with_answer("physical_harm", **fill)
        assert values_to_translate(rows, mapping, KNOWN) == {}
        assert all(row(mapping, Harm=harm).report is not None for harm in harms)


class TestTeams:
    @pytest.mark.parametrize(
        ("said", "team"), [("North team", NORTH), (" NORTH  TEAM ", NORTH), ("Harbour / Twin", SOUTH), ("", NORTH)]
    )
    def test_by_name_by_service_or_the_one_chosen_with_the_file(self, said: str, team: Any) -> None:
        assert row(with_answer("team", column="Team"), Team=said).team == team

    @pytest.mark.parametrize(
        ("said", "says"), [("Twin", "Several teams have this name."), ("East", "No team here has this name.")]
    )
    def test_one_that_cannot_be_told_is_not_guessed(self, said: str, says: str) -> None:
        done = row(with_answer("team", column="Team"), Team=said)
        assert (done.team, done.report) == (None, None)
        assert says in done.reason

    def test_a_translation_names_one(self) -> None:
        mapping = with_answer("team", column="Team", translate={"N1": "North team"})
        assert row(mapping, Team="n1").team == NORTH


class TestTexts:
    def test_several_columns_stand_one_below_another_under_their_headings(self) -> None:
        mapping = with_answer("also_known", columns=["A", "B", "C"], headings={"A": "First:", "C": "Third:"})
        report = row(mapping, A="one", B="two", C=" ").report
        assert report is not None
        assert report.also_known == "First:\none\n\ntwo"

    @pytest.mark.parametrize(("length", "held"), [(LONGEST_TEXT, False), (LONGEST_TEXT + 1, True)])
    def test_as_long_as_a_report_may_be(self, length: int, held: bool) -> None:
        assert (row(Story="x" * length).report is None) is held

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
    def test_a_narrative_is_kept_word_for_word_but_for_space_around_it(self, text: str) -> None:
        report = row(Story=text).report
        assert (report.what_happened if report else "") == as_written(text)


class TestMoments:
    @pytest.mark.parametrize(
        ("ahead", "held"), [(timedelta(0), False), (timedelta(minutes=4), False), (timedelta(minutes=6), True)]
    )
    def test_what_lies_ahead_cannot_have_happened(self, ahead: timedelta, held: bool) -> None:
        text = f"{NOW + ahead:%d/%m/%Y %H:%M}"
        assert (row(Date=text).report is None) is held

    @pytest.mark.parametrize(
        ("known", "held"),
        [("01/02/2026", True), ("02/02/2026", False), ("02/02/2026 14:29", True), ("02/02/2026 14:30", False)],
    )
    def test_it_cannot_be_known_before_it_happened(self, known: str, held: bool) -> None:
        mapping = with_answer("known_at", column="Known")
        done = row(mapping, Date="02/02/2026 14:30", Known=known)
        assert (done.report is None) is held
        assert held or done.known_at == datetime(2026, 2, 2, 14, 30, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("said", "precision"),
        [("", Precision.UNKNOWN), ("02/02/2026", Precision.DAY), ("02/02/2026 09:00", Precision.EXACT)],
    )
    def test_it_is_kept_how_exactly_it_is_known(self, said: str, precision: Precision) -> None:
        report = row(Date=said).report
        assert report is not None
        assert report.occurred_precision is precision
