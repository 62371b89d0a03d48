"""The data of a pack as files: everything is in them, and a spreadsheet finds nothing to run."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.design.exports import BOM, FORMULA_SIGNS, safe_cell
from saferpractice.evidence.rendering import data
from saferpractice.evidence.rules.packs.document import (
    Cell,
    Cleared,
    Column,
    Fact,
    Facts,
    Kind,
    Note,
    Pack,
    Section,
    Source,
    Subject,
    Table,
    TableRow,
    Typed,
    Who,
    Words,
)
from saferpractice.evidence.rules.thematic.small import HIDDEN, guarded
from tests.factories.packs_drawn import AT, INCIDENT, a_chart, a_drawn_pack, a_story, a_table

pytestmark = pytest.mark.requirement("R32", "R34")

SUMMER = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
CELLS: dict[str, tuple[Cell, str, object]] = {
    "nothing": (None, "", None),
    "none at all": (0, "0", 0),
    "below zero": (-3, "-3", -3),
    "a share": (0.75, "0.75", 0.75),
    "a share below zero": (-0.5, "-0.5", -0.5),
    "a day": (date(2026, 3, 29), "2026-03-29", "2026-03-29"),
    "a moment": (SUMMER, "2026-06-30T23:30:00Z", "2026-06-30T23:30:00Z"),
    "the product's words": ("In time", "In time", "In time"),
    "typed words": (Typed("a\nb"), "a\nb", {"typed": "a\nb"}),
    "confirmed words": (
        Cleared("c", "Quality lead", AT),
        "c",
        {"cleared": "c", "confirmed_by": "Quality lead", "confirmed_at": "2026-11-02T09:30:00Z"},
    ),
    "a role": (Who("Reviewer"), "Reviewer", {"role": "Reviewer"}),
    "a name": (Who("Reviewer", "Wren"), "Wren, Reviewer", {"role": "Reviewer", "name": "Wren"}),
    "a person": (
        Subject("Ash", "s.64", "asked"),
        "Ash (s.64; asked)",
        {"person_supported": "Ash", "basis": "s.64", "why": "asked"},
    ),
    "few": (guarded(3), "fewer than 5", {"guarded": "fewer than 5"}),
    "rounded": (guarded(12), "about 10", {"guarded": "about 10"}),
    "hidden": (HIDDEN, "not shown", {"guarded": "not shown"}),
    "a formula": (Typed("=1+1"), "'=1+1", {"typed": "=1+1"}),
}


def rows_of(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def whole(pack: Pack) -> dict[str, object]:
    read: dict[str, object] = json.loads(data(pack)["pack.json"])
    return read


def one_cell(cell: Cell) -> Table:
    return Table("one", "One", (Column("x", "X"),), (TableRow((cell,), INCIDENT),), "None.")


@pytest.mark.parametrize("name", CELLS)
def test_each_kind_of_value(name: str) -> None:
    cell, as_csv, as_json = CELLS[name]
    pack = a_drawn_pack(one_cell(cell))
    assert rows_of(data(pack)["one.csv"])[1] == ["Contacts", as_csv, "incident", "2026-0014"]
    (row,) = whole(pack)["sections"][0]["blocks"][0]["rows"]  # type: ignore[index]
    assert row == {"cells": [as_json], "source": {"kind": "incident", "reference": "2026-0014"}}


def test_every_row_of_every_table_is_there() -> None:
    sections = (
        Section("First", (a_table(30), a_chart())),
        Section("Second", (a_table(7), a_story(), a_table(0, "visits")), level=2),
    )
    pack = a_drawn_pack(sections=sections)
    files = data(pack)
    assert list(files) == ["pack.json", "contacts.csv", "themes.csv", "visits.csv"]
    header, *rows = rows_of(files["contacts.csv"])
    assert header == ["section", "on", "what", "minutes", "source_kind", "source_reference"]
    assert len(rows) == 37
    assert [row[0] for row in rows] == ["First"] * 30 + ["Second"] * 7
    assert rows[29] == ["First", "2026-12-01", "Called the duty manager", "29", "triage", "T-2"]
    assert rows_of(files["visits.csv"]) == [header]


def test_tables_of_one_name_and_another_form_have_their_own_files() -> None:
    other = Table("contacts", "Others", (Column("x", "X"),), (TableRow((1,), INCIDENT),), "None.")
    files = data(a_drawn_pack(a_table(), other, a_table()))
    assert list(files) == ["pack.json", "contacts.csv", "contacts-2.csv"]
    assert len(rows_of(files["contacts.csv"])) == 5
    assert len(rows_of(files["contacts-2.csv"])) == 2


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("reviews_by_team", "reviews_by_team.csv"),
        ("../../etc/passwd", "etc-passwd.csv"),
        ("Reviews by team", "reviews-by-team.csv"),
        ("", "table.csv"),
        ("\u4e2d", "table.csv"),
        ("a" * 300, "a" * 60 + ".csv"),
        ("pack.json", "pack-json.csv"),
    ],
)
def test_names_of_files_are_plain(name: str, file: str) -> None:
    assert list(data(a_drawn_pack(a_table(1, name)))) == ["pack.json", file]


def test_json_says_the_pack_and_all_its_blocks() -> None:
    pack = a_drawn_pack()
    said = whole(pack)
    assert {name: value for name, value in said.items() if name != "sections"} == {
        "format": "saferpractice.pack/1",
        "title": "Evidence pack",
        "about": "Incident 2026-0014",
        "provider": "Example provider",
        "disclosure": "full",
        "made_at": "2026-11-02T09:30:00Z",
        "made_by": {"role": "Quality lead", "name": "Rowan Ash"},
    }
    blocks = said["sections"][0]["blocks"]  # type: ignore[index]
    kinds = ["note", "facts", "words", "story", "table", "table", "chart", "missing", "missing", "story"]
    assert [block["block"] for block in blocks] == kinds
    assert blocks[1]["facts"][0] == {"label": "Reported", "value": "2026-11-02T09:30:00Z"}
    assert blocks[1]["facts"][2] == {"label": "Psychological harm", "value": None}
    assert blocks[3]["moments"][1] == {
        "when": "2026-11-02T10:01:00Z",
        "who": {"role": "Reviewer", "name": "Wren Ashdown"},
        "what": {"typed": "Decided on Tier B, structured review"},
        "why": {"typed": "The same had happened twice"},
        "source": {"kind": "review", "reference": "R-1"},
    }
    assert blocks[6]["description"] == "Lost contact 12, self-neglect 5"
    assert len(blocks[6]["table"]["rows"]) == 2
    assert blocks[7]["items"][0]["source"] == {"kind": "incident", "reference": "2026-0014"}


def test_every_source_that_the_pack_cites_is_in_its_json() -> None:
    pack = a_drawn_pack()
    found: list[tuple[str, str]] = []

    def look(value: object) -> None:
        if isinstance(value, dict):
            if set(value) == {"kind", "reference"}:
                found.append((value["kind"], value["reference"]))
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(whole(pack))
    assert found == [(source.kind.value, source.reference) for source in pack.sources()]


def test_half_a_character_does_not_stop_a_pack() -> None:
    pack = a_drawn_pack(Words(Typed("a\ud800b"), INCIDENT), one_cell(Typed("c\udfffd")))
    assert rows_of(data(pack)["one.csv"])[1][1] == "c?d"
    assert '"typed": "a?b"' in data(pack)["pack.json"].decode()


def test_a_number_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        data(a_drawn_pack(Facts((Fact("x", float("inf")),), INCIDENT)))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.text(max_size=10), st.text(max_size=10))
def test_csv_gives_back_what_was_typed_and_runs_nothing(typed: list[str], title: str, reference: str) -> None:
    rows = tuple(TableRow((Typed(text),), Source(Kind.CASE, reference)) for text in typed)
    pack = a_drawn_pack(
        sections=(Section(title, (Note("1"), Table("one", "One", (Column("x", "X"),), rows, "None."))),)
    )
    raw = data(pack)["one.csv"]
    assert raw.startswith(BOM.encode())
    for text, row in zip(typed, rows_of(raw)[1:], strict=True):
        assert row == [title_of(title), title_of(text), "case", title_of(reference)]
        assert all(cell[:1] not in FORMULA_SIGNS for cell in row)
    texts = [row["cells"][0]["typed"] for row in whole(pack)["sections"][0]["blocks"][1]["rows"]]  # type: ignore[index]
    assert texts == [re.sub("[\ud800-\udfff]", "?", text) for text in typed]


def title_of(text: str) -> str:
    """As a cell says it: marked as text where it must be."""
    return safe_cell(re.sub("[\ud800-\udfff]", "?", text))


def test_the_same_bytes_twice() -> None:
    assert data(a_drawn_pack()) == data(a_drawn_pack())
    other = data(a_drawn_pack(made_at=datetime(2026, 11, 2, 9, 30, 1, tzinfo=UTC)))
    assert {name for name, content in data(a_drawn_pack()).items() if content != other[name]} == {"pack.json"}
