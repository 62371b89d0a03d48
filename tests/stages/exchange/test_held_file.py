"""The file of rows held back: put right and brought again, each cell comes back as the source wrote it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.exports import csv_lines
from saferpractice.exchange import presenters, queries
from saferpractice.exchange.held import BEFORE, as_uploaded, kept_apart
from saferpractice.exchange.models import ImportBatch, ImportLine
from saferpractice.exchange.operations import retry_line
from saferpractice.exchange.rules.states import BatchState, LineState
from saferpractice.exchange.rules.table import Table, open_table
from saferpractice.incidents.models import Incident
from tests.conftest import TestClock
from tests.factories.exchange import PLAIN, a_file, an_import, csv_text, plain_mapping, plain_rows
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R6")

AWKWARD = (
    "=1+1",
    "- she was out\n- he was in",
    "+44 was rung",
    "@home alone",
    "'=1+1",
    "''-x",
    "'quoted' words",
    "＝wide",
    "\u200b=unseen before it",
    'She said "no"; then, nothing',
    "🧍‍♀️ “alone” – £5",
)


def sent_out(columns: tuple[str, ...], rows: list[list[str]]) -> str:
    """The file as the page sends it, without its mark of order."""
    header = [*BEFORE, *map(kept_apart, columns)]
    lines = ([number, "Because.", *map(kept_apart, row)] for number, row in enumerate(rows, 2))
    return "".join(csv_lines(header, lines, bom=False)).replace("\r\n", "\n")


class TestOutAndIn:
    @given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=2))
    def test_every_cell_comes_back_word_for_word(self, cells: list[str]) -> None:
        back = as_uploaded(open_table([sent_out(("Story", "Note"), [[*cells]])]))
        assert back.columns == ("Story", "Note")
        assert [row.cells for row in back.rows] == ([tuple(cells)])

    @pytest.mark.parametrize("cell", AWKWARD)
    def test_nothing_in_it_runs_in_a_spreadsheet(self, cell: str) -> None:
        (_, row) = csv.reader(io.StringIO(sent_out(("Story",), [[cell]]), newline=""))
        assert row[2][0] not in "=+-@＝"

    @pytest.mark.parametrize("columns", [("Row", "Story"), ("Why it was held back", "Row", "Story"), BEFORE])
    def test_any_other_table_is_left_as_it_is(self, columns: tuple[str, ...]) -> None:
        found = as_uploaded(open_table([csv_text(columns, [["'=1"] * len(columns)], end="\n")]))
        assert found.columns == columns
        assert [row.cells for row in found.rows] == [("'=1",) * len(columns)]

    def test_a_heading_that_looks_like_a_formula_comes_back_too(self) -> None:
        assert as_uploaded(open_table([sent_out(("-Ref", "=Story"), [["1", "2"]])])).columns == ("-Ref", "=Story")

    def test_a_row_that_cannot_be_read_keeps_its_text(self) -> None:
        text = sent_out(("Ref", "Story"), [["1", "x"]]) + '"3","Because.","2","he said "no" to me"\n'
        (_, spoilt) = as_uploaded(open_table([text])).rows
        assert spoilt.trouble
        assert "to me" in spoilt.cells[0]

    def test_a_ragged_row_loses_the_two_cells_and_no_more(self) -> None:
        (row,) = as_uploaded(open_table([f"{','.join(BEFORE)},Ref,Story\n2,Because.,1,left,over\n"])).rows
        assert (row.cells, bool(row.trouble)) == (("1", "left", "over"), True)


def held_table(text: str) -> Table:
    return as_uploaded(open_table([text.replace("\r\n", "\n")]))


@pytest.mark.django_db
class TestBroughtAgain:
    @pytest.fixture(autouse=True)
    def _stop_the_clock(self, the_clock: TestClock) -> None:
        the_clock.stand_at(NOW)

    def saved(self, cast: Cast, batch: ImportBatch) -> str:
        client = Client()
        client.force_login(cast.lead)
        response = client.get(reverse("exchange:held_file", args=[batch.pk]))
        return b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    def mended(self, text: str, mend: Callable[[list[str]], list[str]]) -> str:
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        return csv_text(header, [mend(row) for row in rows])

    def held(self, cast: Cast, **mapping: object) -> ImportBatch:
        rows = [[f"D-{n}", "soon", story, "None", "No"] for n, story in enumerate(AWKWARD)]
        text = csv_text(PLAIN, rows + plain_rows(1, first=50))
        return an_import(text, by=cast.lead, team=cast.north, mapping=plain_mapping(**mapping))

    def test_put_right_in_a_spreadsheet_it_goes_in_word_for_word(self, cast: Cast) -> None:
        text = self.saved(cast, self.held(cast))
        again = self.mended(text, lambda row: [*row[:3], "02/02/2026", *row[4:]])
        batch = an_import(again, by=cast.lead, team=cast.north, name="held-back.csv")
        assert queries.standing(batch).counts == {LineState.IMPORTED: len(AWKWARD)}
        stories = dict(Incident.objects.values_list("source_reference", "what_happened"))
        assert [stories[f"D-{n}"] for n in range(len(AWKWARD))] == list(AWKWARD)
        assert batch.columns == list(PLAIN)

    def test_left_as_it_was_it_is_held_back_again_with_the_same_cells(self, cast: Cast) -> None:
        first = self.held(cast)
        second = an_import(self.saved(cast, first), by=cast.lead, team=cast.north)
        cells = [[queries.cells_of(line) for line in queries.held_lines(batch)] for batch in (first, second)]
        assert cells[0] == cells[1]
        assert len(cells[0]) == len(AWKWARD)

    @pytest.mark.parametrize("reference", [["Ref"], []], ids=["by reference", "by what a row says"])
    def test_and_the_whole_file_put_right_the_same_way_adds_nothing(self, cast: Cast, reference: list[str]) -> None:
        first = self.held(cast, reference=reference)
        mapping = plain_mapping(reference=reference)
        again = self.mended(self.saved(cast, first), lambda row: [*row[:3], "02/02/2026", *row[4:]])
        an_import(again, by=cast.lead, team=cast.north, mapping=mapping)
        whole = [[f"D-{n}", "02/02/2026", story, "None", "No"] for n, story in enumerate(AWKWARD)]
        batch = an_import(
            csv_text(PLAIN, whole + plain_rows(1, first=50)), by=cast.lead, team=cast.north, mapping=mapping
        )
        assert queries.standing(batch).counts == {LineState.ALREADY: len(AWKWARD) + 1}

    def test_the_row_held_back_the_first_time_finds_it_here_and_is_done_with(self, cast: Cast) -> None:
        rows = plain_rows(1)
        first = an_import(csv_text(PLAIN, [[rows[0][0], "soon", *rows[0][2:]]]), by=cast.lead, team=cast.north)
        an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        line = retry_line(by=cast.lead, at=NOW, line=queries.held_lines(first)[0], cells=rows[0])
        assert (line.state, queries.standing(first).state) == ("already", BatchState.DONE)
        assert Incident.objects.count() == 1

    def test_a_row_with_a_stray_quote_keeps_its_words_in_quarantine(self, cast: Cast) -> None:
        text = f'{",".join(PLAIN)}\nD-1,02/02/2026,"he said "no" to me",None,No\n'
        batch = an_import(text, by=cast.lead, team=cast.north)
        (line,) = queries.held_lines(batch)
        assert queries.cells_of(line) == ['D-1,02/02/2026,"he said "no" to me",None,No']
        (row,) = held_table(self.saved(cast, batch)).rows
        assert 'he said "no" to me' in row.cells[0]

    def test_short_rows_are_filled_up_so_that_the_file_is_whole(self, cast: Cast) -> None:
        batch = an_import(f"{','.join(PLAIN)}\nD-1,02/02/2026\n", by=cast.lead, team=cast.north)
        lines = ImportLine.objects.filter(batch=batch)
        assert [len(row) for row in presenters.held_file(lines, len(PLAIN))] == [len(BEFORE) + len(PLAIN)]

    def test_columns_are_chosen_without_the_two_put_before_them(self, cast: Cast) -> None:
        file = a_file(self.saved(cast, self.held(cast)), by=cast.lead, team=cast.north)
        client = Client()
        client.force_login(cast.lead)
        page = client.get(reverse("exchange:columns", args=[file.pk])).content.decode()
        assert "column:Story" in page
        assert "column:Why it was held back" not in page
