"""From a row of a file to a report, or to what must be put right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.exchange.rules.moments import FORMATS_TO_TRY, Moment, format_problem, moment_in
from saferpractice.exchange.rules.rows import (
    LONGEST_REFERENCE,
    Known,
    Prepared,
    prepare,
    reference_of,
    values_to_translate,
)
from saferpractice.exchange.rules.table import TableRow
from saferpractice.incidents.rules import LONGEST_TEXT, Answer, Precision
from tests.factories.exchange import CORONERS, PLAIN, coroners_mapping, coroners_rows, plain_mapping
from tests.personas import NOW

pytestmark = pytest.mark.requirement("R6")

NORTH, SOUTH = uuid4(), uuid4()
LEVELS = {code: code for code in ("none", "low", "moderate", "severe", "fatal")} | {"the person has died": "fatal"}
KNOWN = Known(
    at=NOW,
    codes={
        "themes": {"other": "other", "self-neglect": "self-neglect", "lost contact": "lost-contact"},
        "physical_harm": LEVELS,
        "psychological_harm": LEVELS,
        "still_at_risk": {"yes": "yes", "no": "no", "unknown": "unknown", "i don't know": "unknown"},
    },
    teams={"north team": [NORTH], "south team": [SOUTH], "twin": [NORTH, SOUTH], "riverside / twin": [SOUTH]},
    default_team=NORTH,
)
PLAIN_ROW = {"Ref": "D-1", "Date": "02/02/2026 14:30", "Story": "She left.", "Harm": "None", "Risk": "No"}


def plain(known: Known = KNOWN, mapping: Any = None, **cells: str) -> Prepared:
    row = PLAIN_ROW | cells
    return prepare(TableRow(2, tuple(row.values())), tuple(row), mapping or plain_mapping(), known)


def problem(prepared: Prepared) -> tuple[str, str]:
    assert prepared.report is None
    (found,) = prepared.problems
    return found.column, found.sentence


class TestAGoodRow:
    def test_every_answer(self) -> None:
        done = plain()
        report = done.report
        assert done.problems == ()
        assert report is not None
        assert (done.reference, done.team, done.known_at) == ("D-1", NORTH, None)
        assert (report.what_happened, report.still_at_risk) == ("She left.", Answer.NO)
        assert (report.physical_harm, report.psychological_harm) == ("none", "low")
        assert report.occurred_at == datetime(2026, 2, 2, 14, 30, tzinfo=UTC)
        assert report.occurred_precision is Precision.EXACT

    def test_the_coroners_shape(self) -> None:
        cells = coroners_rows(1)[0]
        done = prepare(
            TableRow(2, tuple(cells)),
            CORONERS,
            coroners_mapping(),
            KNOWN.__class__(at=datetime(2031, 12, 1, tzinfo=UTC), codes=KNOWN.codes, default_team=NORTH),
        )
        report = done.report
        assert report is not None
        assert report.what_happened == cells[4]
        assert report.also_known.startswith(f"The coroner's concerns:\n{cells[5]}\n\nCoroner's area:\nWestmarch")
        assert (report.physical_harm, report.psychological_harm, report.themes) == ("fatal", "none", ("other",))
        assert (report.occurred_at, report.occurred_precision) == (None, Precision.UNKNOWN)
        assert done.known_at == datetime(2031, 2, 11, 0, tzinfo=UTC)
        assert done.reference == "2031-0001"

    def test_its_address_is_the_reference_of_a_report_without_number(self) -> None:
        cells = dict(zip(CORONERS, coroners_rows(3)[2], strict=True))
        assert reference_of(cells, coroners_mapping()) == "https://coroner.example.org/reports/3"


class TestTimes:
    @pytest.mark.parametrize(
        ("text", "at", "only_day"),
        [
            ("02/02/2026", datetime(2026, 2, 2, tzinfo=UTC), True),
            ("2/2/2026", datetime(2026, 2, 2, tzinfo=UTC), True),
            ("01/07/2025", datetime(2025, 6, 30, 23, tzinfo=UTC), True),
            ("01/07/2025 09:15", datetime(2025, 7, 1, 8, 15, tzinfo=UTC), False),
            ("2 February 2026", datetime(2026, 2, 2, tzinfo=UTC), True),
            ("2026-02-02T10:00:00+0200", datetime(2026, 2, 2, 8, tzinfo=UTC), False),
        ],
    )
    def test_are_london_times(self, text: str, at: datetime, only_day: bool) -> None:
        assert moment_in(text, FORMATS_TO_TRY) == Moment(at, only_day)

    @pytest.mark.parametrize("text", ["soon", "31/02/2026", "2026", "44927", "12/31/2026"])
    def test_others_say_how_to_write_them(self, text: str) -> None:
        said = moment_in(text, ("%d/%m/%Y", "%Y-%m-%d"))
        assert said == "Write the date like 31/12/2026 or 2026-12-31."

    def test_the_hour_that_never_was_and_the_one_that_was_twice(self) -> None:
        assert "did not happen" in str(moment_in("29/03/2026 01:30", ["%d/%m/%Y %H:%M"]))
        assert "happened twice" in str(moment_in("26/10/2025 01:30", ["%d/%m/%Y %H:%M"]))

    def test_a_slip_of_the_keyboard(self) -> None:
        assert "1900" in str(moment_in("02/02/0026", ["%d/%m/%Y"]))

    def test_a_day_alone(self) -> None:
        report = plain(Date="02/02/2026").report
        assert report is not None
        assert report.occurred_precision is Precision.DAY

    def test_an_empty_cell_is_not_known(self) -> None:
        report = plain(Date=" ").report
        assert report is not None
        assert (report.occurred_at, report.occurred_precision) == (None, Precision.UNKNOWN)

    def test_the_future(self) -> None:
        assert problem(plain(Date="01/01/2027 10:00")) == (
            "Date",
            "Enter a time that has passed. This one is in the future.",
        )

    def test_known_before_it_happened(self) -> None:
        mapping = plain_mapping(answers={"known_at": {"column": "Known"}})
        assert problem(plain(mapping=mapping, Known="01/02/2026")) == (
            "Known",
            "This is before it happened. Check both times.",
        )

    def test_known_on_the_day_it_happened(self) -> None:
        mapping = plain_mapping(answers={"known_at": {"column": "Known"}})
        assert plain(mapping=mapping, Known="02/02/2026").known_at == datetime(2026, 2, 2, 14, 30, tzinfo=UTC)

    def test_known_in_the_future(self) -> None:
        mapping = plain_mapping(answers={"known_at": {"column": "Known"}})
        column, said = problem(plain(mapping=mapping, Known="01/02/2027"))
        assert (column, "future" in said) == ("Known", True)

    @pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%Y-%m-%d %H:%M", "%d %b %y", "%A %d %B %Y"])
    def test_patterns_that_name_a_day(self, pattern: str) -> None:
        assert format_problem(pattern) == ""

    @pytest.mark.parametrize("pattern", ["%H:%M", "%Y", "%q", "", "%d/%m"])
    def test_patterns_that_do_not(self, pattern: str) -> None:
        assert "whole day" in format_problem(pattern)


class TestCodes:
    @pytest.mark.parametrize(
        ("harm", "code"), [("none", "none"), (" NONE ", "none"), ("Death", "fatal"), ("the person has died", "fatal")]
    )
    def test_codes_labels_and_translations(self, harm: str, code: str) -> None:
        report = plain(Harm=harm).report
        assert report is not None
        assert report.physical_harm == code

    def test_a_value_nobody_knows_is_shown_and_not_kept_in_the_reason(self) -> None:
        done = plain(Harm="Stubbed toe")
        (found,) = done.problems
        assert (found.column, found.value) == ("Harm", "Stubbed toe")
        assert "Stubbed" not in done.reason
        assert "Column “Harm”" in done.reason

    def test_an_empty_cell(self) -> None:
        assert problem(plain(Harm=""))[0] == "Harm"
        report = plain(Risk="").report
        assert report is not None
        assert report.still_at_risk is Answer.UNKNOWN

    def test_several_themes_in_a_cell(self) -> None:
        themes = {"column": "T", "separator": ";", "translate": {"SN": "self-neglect"}}
        mapping = plain_mapping(answers={"themes": themes})
        report = plain(mapping=mapping, T="SN; lost contact;;sn").report
        assert report is not None
        assert report.themes == ("self-neglect", "lost-contact")
        assert problem(plain(mapping=mapping, T="SN; dragons"))[0] == "T"

    def test_values_that_still_need_a_meaning(self) -> None:
        rows = [PLAIN_ROW | {"Harm": harm} for harm in ("None", "Sprain", "death", "sprain ", "Sprain")]
        assert values_to_translate(rows, plain_mapping(), KNOWN) == {"physical_harm": ["Sprain", "sprain"]}


class TestTeams:
    @pytest.mark.parametrize(
        ("team", "found"), [("North team", NORTH), ("SOUTH TEAM", SOUTH), ("", NORTH), ("Riverside / Twin", SOUTH)]
    )
    def test_by_name(self, team: str, found: UUID) -> None:
        mapping = plain_mapping(answers={"team": {"column": "Team"}})
        assert plain(mapping=mapping, Team=team).team == found

    @pytest.mark.parametrize(("team", "says"), [("Moon base", "No team here"), ("Twin", "Several teams")])
    def test_that_cannot_be_told(self, team: str, says: str) -> None:
        mapping = plain_mapping(answers={"team": {"column": "Team"}})
        column, said = problem(plain(mapping=mapping, Team=team))
        assert column == "Team"
        assert says in said

    def test_none_at_all(self) -> None:
        nowhere = Known(at=NOW, codes=KNOWN.codes)
        assert "which team" in problem(plain(known=nowhere))[1]


class TestProblems:
    def test_all_of_a_row_at_once(self) -> None:
        done = plain(Ref="", Date="soon", Story=" ", Harm="?")
        assert {found.column for found in done.problems} == {"Ref", "Date", "Story", "Harm"}

    def test_too_long_a_narrative(self) -> None:
        column, said = problem(plain(Story="x" * (LONGEST_TEXT + 1)))
        assert (column, "50,000" in said) == ("Story", True)

    def test_a_row_that_could_not_be_read(self) -> None:
        done = prepare(TableRow(9, ("1",), "This row has 1 cell."), PLAIN, plain_mapping(), KNOWN)
        assert (done.report, done.reason) == (None, "This row has 1 cell.")

    def test_a_name_without_a_reference(self) -> None:
        mapping = plain_mapping(answers={"person_name": {"column": "Name"}})
        assert "reference" in problem(plain(mapping=mapping, Name="A Person"))[1]


class TestReferences:
    def test_without_columns_it_is_a_fingerprint_of_the_row(self) -> None:
        mapping = plain_mapping(reference=[])
        one, same, other = (plain(mapping=mapping, Story=story) for story in ("She left.", " She  left. ", "He left."))
        assert one.reference == same.reference
        assert one.reference != other.reference
        assert one.reference.startswith("row-")

    @given(st.text(min_size=1, max_size=400), st.text(min_size=1, max_size=400))
    def test_two_references_never_become_one(self, one: str, other: str) -> None:
        first, second = (reference_of(PLAIN_ROW | {"Ref": ref}, plain_mapping()) for ref in (one, other))
        assert len(first) <= LONGEST_REFERENCE
        assert (first == second) == (one.split() == other.split())
