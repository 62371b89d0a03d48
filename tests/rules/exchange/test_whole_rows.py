"""A whole row as one report, whatever the order of columns; and nothing a cell holds is told in the open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.exchange.rules.mapping import ImportMapping
from saferpractice.exchange.rules.rows import LONGEST_REFERENCE, Known, Prepared, prepare, reference_of
from saferpractice.exchange.rules.table import TableRow, open_table
from saferpractice.incidents.rules import Precision
from tests.factories.exchange import plain_mapping
from tests.personas import NOW

pytestmark = pytest.mark.requirement("R6")

NORTH, SOUTH = uuid4(), uuid4()
LEVELS = {code: code for code in ("none", "low", "moderate", "severe", "fatal")}
KNOWN = Known(
    at=NOW,
    codes={
        "themes": {"self-neglect": "self-neglect", "lost contact": "lost-contact"},
        "physical_harm": LEVELS,
        "psychological_harm": LEVELS,
        "still_at_risk": {"yes": "yes", "no": "no", "unknown": "unknown"},
    },
    teams={"north team": [NORTH], "south team": [SOUTH]},
    default_team=NORTH,
)
ROW = {"Ref": "D-1", "Date": "02/02/2026 14:30", "Story": "She left.", "Harm": "None", "Risk": "No"}
EVERYTHING = {
    "done_at_once": {"columns": ["Did", "Rang"], "headings": {"Rang": "Who was rung:"}},
    "also_known": {"column": "Known", "otherwise": "Nothing else was written down."},
    "known_at": {"column": "Told"},
    "team": {"column": "Team", "translate": {"N": "North team", "S": "South team"}},
    "person_reference": {"column": "Person"},
    "themes": {"column": "Themes", "separator": ";"},
    "risk_words": {"column": "Who"},
}
FULL = ROW | {
    "Did": "Rang round.",
    "Rang": "Her sister.",
    "Known": "",
    "Told": "03/02/2026 09:00",
    "Team": "s",
    "Person": "  P   7 ",
    "Themes": "lost contact; self-neglect",
    "Who": "",
}
TRIAGE = {
    "tier": "B",
    "reason": "These were all looked into in the old system.",
    "no_safety_actions_because": "They were closed in the old system years ago.",
}


def read(cells: dict[str, str], mapping: ImportMapping | None = None, known: Known = KNOWN) -> Prepared:
    return prepare(TableRow(2, tuple(cells.values())), tuple(cells), mapping or plain_mapping(), known)


def with_references(*columns: str) -> ImportMapping:
    return plain_mapping(reference=list(columns))


class TestEveryAnswer:
    def test_stands_where_the_mapping_puts_it(self) -> None:
        done = read(FULL, plain_mapping(answers=EVERYTHING))
        report = done.report
        assert report is not None, done.reason
        assert report.done_at_once == "Rang round.\n\nWho was rung:\nHer sister."
        assert report.also_known == "Nothing else was written down."
        assert report.person_reference == "P 7"
        assert report.themes == ("lost-contact", "self-neglect")
        assert (done.team, done.known_at) == (SOUTH, datetime(2026, 2, 3, 9, tzinfo=UTC))

    @given(st.permutations(list(FULL)))
    def test_in_whatever_order_the_columns_stand(self, order: list[str]) -> None:
        mapping = plain_mapping(answers=EVERYTHING)
        assert read({name: FULL[name] for name in order}, mapping) == read(FULL, mapping)

    @given(st.dictionaries(st.text("xyz ", min_size=1, max_size=4), st.text(max_size=20), max_size=4))
    def test_whatever_else_the_file_holds(self, others: dict[str, str]) -> None:
        assert read(ROW | others) == read(ROW)

    @pytest.mark.parametrize(
        ("cells", "text"),
        [
            ({"Did": "", "Rang": ""}, ""),
            ({"Did": "", "Rang": "Her sister."}, "Who was rung:\nHer sister."),
            ({"Did": " Rang round. ", "Rang": " "}, "Rang round."),
            ({"Did": "One\n\nTwo", "Rang": ""}, "One\n\nTwo"),
        ],
        ids=["neither", "the second", "the first", "lines within"],
    )
    def test_no_heading_stands_over_an_empty_cell(self, cells: dict[str, str], text: str) -> None:
        report = read(FULL | cells, plain_mapping(answers=EVERYTHING)).report
        assert report is not None
        assert report.done_at_once == text

    @pytest.mark.parametrize("name", ["A Person", "  A \n Person "])
    def test_a_name_stands_on_one_line_beside_its_reference(self, name: str) -> None:
        mapping = plain_mapping(answers={"person_name": {"column": "Name"}, "person_reference": {"column": "Person"}})
        report = read(ROW | {"Name": name, "Person": "P-7"}, mapping).report
        assert report is not None
        assert (report.person_name, report.person_reference) == ("A Person", "P-7")


class TestTheReference:
    @pytest.mark.parametrize(
        ("cells", "reference"),
        [
            ({"Ref": "D-1", "Other": "X-9"}, "D-1"),
            ({"Ref": "", "Other": "X-9"}, "X-9"),
            ({"Ref": " \u00a0\t", "Other": "X-9"}, "X-9"),
            ({"Ref": " D  1\n", "Other": ""}, "D 1"),
            ({"Ref": "", "Other": " "}, ""),
        ],
    )
    def test_is_the_first_of_its_columns_that_is_filled(self, cells: dict[str, str], reference: str) -> None:
        assert reference_of(cells, with_references("Ref", "Other")) == reference

    def test_a_row_without_one_is_held_back_and_names_the_first_column(self) -> None:
        done = read(ROW | {"Ref": "", "Other": ""}, with_references("Other", "Ref"))
        assert [problem.column for problem in done.problems] == ["Other"]
        assert done.report is None

    @pytest.mark.parametrize("extra", [0, 1, 400])
    def test_long_ones_that_differ_only_at_their_end_stay_two(self, extra: int) -> None:
        base = "R" * (LONGEST_REFERENCE - 1 + extra)
        one, other = (reference_of({"Ref": base + end}, with_references("Ref")) for end in "ab")
        assert one != other
        assert len(one) <= LONGEST_REFERENCE

    @pytest.mark.parametrize(("one", "other"), [("D-1", "d-1"), ("D-1", "D-01"), ("1", "1.0"), ("É", "E")])
    def test_what_is_written_otherwise_is_another(self, one: str, other: str) -> None:
        first, second = (reference_of({"Ref": text}, with_references("Ref")) for text in (one, other))
        assert first != second

    @given(st.dictionaries(st.sampled_from("abcd"), st.text("xy ", max_size=4), min_size=1), st.data())
    def test_a_fingerprint_hangs_on_no_order_and_on_every_word(self, cells: dict[str, str], data: Any) -> None:
        mapping = with_references()
        order = data.draw(st.permutations(list(cells)))
        assert reference_of({name: cells[name] for name in order}, mapping) == reference_of(cells, mapping)
        name = data.draw(st.sampled_from(list(cells)))
        assert reference_of(cells | {name: cells[name] + " z"}, mapping) != reference_of(cells, mapping)

    def test_a_fingerprint_knows_in_which_column_a_word_stands(self) -> None:
        one, other = {"Story": "fell", "Note": ""}, {"Story": "", "Note": "fell"}
        assert reference_of(one, with_references()) != reference_of(other, with_references())

    @pytest.mark.parametrize(
        ("one", "other"),
        [({"a": "1", "b": "2"}, {"a": "12", "b": ""}), ({"a": "b 2"}, {"a": "", "b": "2"}), ({"ab": "c"}, {"a": "bc"})],
    )
    def test_no_two_rows_run_together_to_one_fingerprint(self, one: dict[str, str], other: dict[str, str]) -> None:
        assert reference_of(one, with_references()) != reference_of(other, with_references())


class TestWhatIsKeptInTheOpen:
    """The reason of a row held back is shown in lists and kept as plain text: no word of a person may be in it."""

    SECRET = "Zzyzx Quillfeather"

    @pytest.mark.parametrize("column", ["Date", "Harm", "Risk", "Told", "Team", "Themes"])
    def test_is_never_what_the_cell_says(self, column: str) -> None:
        done = read(FULL | {column: self.SECRET}, plain_mapping(answers=EVERYTHING))
        assert done.report is None
        assert [problem.value for problem in done.problems] == [self.SECRET], "shown beside the field to correct it"
        assert "Zzyzx" not in done.reason
        assert f"Column “{column}”: " in done.reason

    def test_nor_with_everything_wrong_at_once(self) -> None:
        cells = dict.fromkeys(FULL, self.SECRET) | {"Ref": "", "Story": ""}
        done = read(cells, plain_mapping(answers=EVERYTHING))
        assert {problem.column for problem in done.problems} == {
            "Ref", "Story", "Date", "Harm", "Risk", "Told", "Team", "Themes",
        }  # fmt: skip
        assert "Zzyzx" not in done.reason

    def test_one_answer_is_named_once(self) -> None:
        columns = [problem.column for problem in read(ROW | {"Harm": "x", "Date": "y"}).problems]
        assert sorted(columns) == ["Date", "Harm"]

    @given(st.fixed_dictionaries({name: st.text(max_size=25) for name in FULL}))
    def test_whatever_is_in_a_row_it_is_a_report_or_reasons_and_never_both(self, cells: dict[str, str]) -> None:
        done = read(cells, plain_mapping(answers=EVERYTHING))
        assert (done.report is None) == bool(done.problems)
        assert all(problem.sentence.endswith(".") for problem in done.problems)
        if done.report is not None:
            assert done.reference
            assert done.team in {NORTH, SOUTH}
            assert done.report.what_happened == as_written(cells["Story"])


class TestTriageOnTheWayIn:
    """A row that goes past triage must say who may still be at risk: nobody will look at it again."""

    MAPPING = plain_mapping(answers={"risk_words": {"column": "Who"}}, triage=TRIAGE)

    @pytest.mark.parametrize(
        ("risk", "who", "held"),
        [
            ("No", "", False),
            ("Yes", "", True),
            ("Unknown", "", True),
            ("", "", True),
            ("Yes", " \n", True),
            ("Yes", "Her neighbour, from falls.", False),
            ("Unknown", "Perhaps her neighbour.", False),
        ],
    )
    def test_with_somebody_at_risk_and_no_words_it_is_held_back(self, risk: str, who: str, held: bool) -> None:
        done = read(ROW | {"Risk": risk, "Who": who}, self.MAPPING)
        assert (done.report is None) is held
        assert [problem.answer for problem in done.problems] == ["risk_words"] * held

    @pytest.mark.parametrize("risk", ["Yes", "Unknown", ""])
    def test_without_triage_it_goes_in_and_a_person_will_ask(self, risk: str) -> None:
        assert read(ROW | {"Risk": risk}).report is not None

    def test_without_a_column_for_it_the_answer_is_named(self) -> None:
        done = read(ROW | {"Risk": "Yes"}, plain_mapping(triage=TRIAGE))
        assert done.reason.startswith("Who is at risk, and from what: ")


class TestWhenItHappenedAndWhenItWasKnown:
    MAPPING = plain_mapping(answers={"known_at": {"column": "Told"}})

    @pytest.mark.parametrize(
        ("happened", "told", "known_at"),
        [
            ("01/07/2025 14:30", "01/07/2025", datetime(2025, 7, 1, 13, 30, tzinfo=UTC)),
            ("01/07/2025 00:10", "01/07/2025", datetime(2025, 6, 30, 23, 10, tzinfo=UTC)),
            ("01/07/2025 14:30", "02/07/2025", datetime(2025, 7, 1, 23, tzinfo=UTC)),
            ("01/07/2025", "01/07/2025", datetime(2025, 6, 30, 23, tzinfo=UTC)),
            ("", "01/07/2025 09:00", datetime(2025, 7, 1, 8, tzinfo=UTC)),
            ("01/07/2025 14:30", "", None),
            ("29/03/2025 23:59", "30/03/2025 02:00", datetime(2025, 3, 30, 1, tzinfo=UTC)),
            ("26/10/2025 02:00", "26/10/2025", datetime(2025, 10, 26, 2, tzinfo=UTC)),
        ],
    )
    def test_a_day_alone_never_stands_before_the_hour(self, happened: str, told: str, known_at: Any) -> None:
        done = read(ROW | {"Date": happened, "Told": told}, self.MAPPING)
        assert done.report is not None, done.reason
        assert done.known_at == known_at

    @pytest.mark.parametrize(
        ("happened", "told", "columns"),
        [
            ("01/07/2025 14:30", "01/07/2025 14:29", ["Told"]),
            ("01/07/2025 00:00", "30/06/2025", ["Told"]),
            ("01/07/2099", "02/07/2099", ["Date", "Told"]),
            ("30/03/2025 01:30", "30/03/2025 01:45", ["Date", "Told"]),
            ("26/10/2025 01:30", "26/10/2025", ["Date"]),
        ],
    )
    def test_what_cannot_be_is_named_for_each(self, happened: str, told: str, columns: list[str]) -> None:
        done = read(ROW | {"Date": happened, "Told": told}, self.MAPPING)
        assert sorted({problem.column for problem in done.problems}) == columns

    @given(st.integers(0, 3 * 365 * 24 * 60), st.integers(0, 60 * 24 * 60))
    def test_known_after_it_happened_is_kept_to_the_minute(self, ago: int, later: int) -> None:
        happened = NOW.replace(second=0) - timedelta(minutes=ago)
        known = min(NOW, happened + timedelta(minutes=later))
        mapping = plain_mapping(
            answers={name: {"column": column, "formats": ["%Y-%m-%d %H:%M%z"]}
                     for name, column in (("occurred_at", "Date"), ("known_at", "Told"))}
        )  # fmt: skip
        cells = {"Date": f"{happened:%Y-%m-%d %H:%M}+0000", "Told": f"{known:%Y-%m-%d %H:%M}+0000"}
        done = read(ROW | cells, mapping)
        assert done.report is not None, done.reason
        assert (done.report.occurred_at, done.known_at) == (happened, known.replace(second=0))
        assert done.report.occurred_precision is Precision.EXACT

    @given(st.integers(0, 3000))
    def test_a_day_alone_is_that_day_on_the_london_calendar(self, days: int) -> None:
        day = local_day(NOW) - timedelta(days=days)
        report = read(ROW | {"Date": f"{day:%d/%m/%Y}"}).report
        assert report is not None
        assert report.occurred_at is not None
        assert (local_day(report.occurred_at), report.occurred_precision) == (day, Precision.DAY)


class TestFromTheFileToTheReport:
    """What the reader of files and the reader of rows make together."""

    @staticmethod
    def all_of(text: str, mapping: ImportMapping | None = None) -> list[Prepared]:
        table = open_table([text])
        return [prepare(row, table.columns, mapping or plain_mapping(), KNOWN) for row in table.rows]

    def test_one_bad_row_of_each_kind_between_good_ones(self) -> None:
        done = self.all_of(
            "Ref;Date;Story;Harm;Risk\n"
            "1;02/02/2026;=1+1;None;No\n"
            "2;2026-02-02;Fell.;None;No\n"
            "3;02/02/2026;Fell.;None\n"
            '4;02/02/2026;"said "no" to me";None;No\n'
            "5;02/02/2026;;None;No\n"
            "\n"
            "6;02/02/2026;Fell;None;No\n"
            "7;02/02/2026;Fell;None;No;over\n"
            "8;02/02/2026;Fell.\x00;None;No;;\n"
        )
        assert [(one.number, one.report is not None) for one in done] == [
            (2, True), (3, False), (4, False), (5, False), (6, False), (8, True), (9, False), (10, True),
        ]  # fmt: skip
        stories = [one.report.what_happened for one in done if one.report]
        assert stories == ["=1+1", "Fell", "Fell."]
        assert all(one.reason for one in done if one.report is None)

    def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_before_it(self) -> None:
        table = open_table(['Ref,Date,Story,Harm,Risk\n1,,Fell.,None,No\n2,,"Fell.,None,No\n3,,x,None,No\n'])
        first = prepare(next(table.rows), table.columns, plain_mapping(), KNOWN)
        assert (first.reference, first.report is not None) == ("1", True)
        with pytest.raises(ValueError, match="row 3"):
            next(table.rows)

    @pytest.mark.parametrize("columns", ["Story,Story", "Story,story", "Story, Story"])
    def test_of_two_columns_of_one_name_the_second_is_never_read_for_the_first(self, columns: str) -> None:
        (done,) = self.all_of(f"Ref,Date,{columns},Harm,Risk\n1,,first,second,None,No\n")
        assert done.report is not None
        assert done.report.what_happened == "first"

    @given(st.lists(st.sampled_from(["good", "empty", "short", "harm"]), max_size=12))
    def test_every_row_of_a_file_is_told_of_once_in_order(self, kinds: list[str]) -> None:
        rows = {"good": "D,,Fell.,None,No", "empty": ",,,,", "short": "D,,Fell.", "harm": "D,,Fell.,worse,No"}
        done = self.all_of("Ref,Date,Story,Harm,Risk\n" + "".join(f"{rows[kind]}\n" for kind in kinds))
        expected = [(number, kind == "good") for number, kind in enumerate(kinds, 2) if kind != "empty"]
        assert [(one.number, one.report is not None) for one in done] == expected
