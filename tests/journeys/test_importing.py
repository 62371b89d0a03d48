"""Importing in the browser: an awkward file is looked at, put right, brought in, brought again and taken back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from saferpractice.exchange.operations import carry_on
from saferpractice.incidents.models import Incident
from tests.conftest import TestClock
from tests.factories.exchange import PLAIN, an_import, csv_text, plain_rows
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, Cast, build_cast

Browse = Callable[..., Page]

COLUMNS = ("Our ref", "When", "What happened", "Level", "Team", "Typed by")
LIST = "- rang the bell twice\n- “nobody’s in”, said the neighbour; £5 & a note <b>left</b> 😀"
LONG = "The person was seen at the window and did not come to the door. " * 40
ROWS = [
    ["DX-1", "02/02/2026 14:30", LIST, "No harm", "North team", "jm"],
    ["DX-2", "03/02/2026", f"{LONG}At the end the sister rang.", "Sprain", "South team", "jm"],
    ["DX-3", "31/02/2026", '=HYPERLINK("https://example.org","click") stood in the note.', "Sprain", "North team", ""],
    ["DX-4", "29/03/2026 01:30", "", "No harm", "North team", ""],
    ["DX-5", "05/02/2026", "She came back\u200f and said שלום.", "No harm", "The moon", "jm"],
    ["DX-1", "02/02/2026 14:30", LIST, "No harm", "North team", "jm"],
]
MENDED = {"DX-3": {1: "28/02/2026"}, "DX-5": {4: "South team"}}


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    """The people, in the database the application serves; the clock stands an hour after ``NOW``."""
    the_clock.stand_at(NOW + timedelta(days=30))
    return build_cast()


def incidents() -> dict[str, str]:
    return dict(Incident.objects.standing().values_list("source_reference", "what_happened"))


def upload(hands: Hands, name: str, data: bytes, how: str) -> None:
    hands.open("/import/new").attach("The file", name, data, "text/csv")
    hands.choose("What do the columns mean?", how).press("Look at the file")


def pick(hands: Hands, label: str, option: str) -> None:
    """Choose from the list that is called ``label``, optional or not."""
    name = re.compile(rf"^{re.escape(label)}( \(optional\))?$")
    hands.page.get_by_role("combobox", name=name).select_option(label=option)


@pytest.mark.requirement("R6", "R7")
def test_an_awkward_file_from_upload_to_undo(cast: Cast, browse: Browse) -> None:
    hands = Hands(browse(cast.quality_lead))
    hands.open("/work").page.get_by_role("button", name="More").click()
    hands.page.get_by_role("link", name="Import").click()
    hands.sees("Nothing has been imported yet").looks("import-none")
    hands.press("Import a file").looks("import-new")
    hands.press("Look at the file").sees("There is a problem").looks()
    data = csv_text(COLUMNS, ROWS, delimiter=";").encode("utf-8-sig")
    upload(hands, "Incidents July – Q2.csv", b"PK\x03\x04 a workbook", "I choose the columns myself")
    hands.sees("This is a spreadsheet file, not a CSV file.").looks("import-refused")
    upload(hands, "Incidents July – Q2.csv", data, "I choose the columns myself")

    hands.looks("import-columns")
    hands.write("What is this mapping called?", "Old system").write("Which system does the file come from?", "Old")
    for label, column in {
        "The source's own reference": "Our ref",
        "What happened": "What happened",
        "When it happened": "When",
        "How days and times are written": "31/12/2026 14:30",
        "Team": "Team",
        "Physical harm": "Column: Level",
        "Psychological harm": "Every row: Low psychological harm",
        "Is anyone still at risk?": "Every row: No",
    }.items():
        pick(hands, label, column)
    hands.press("Look at the rows")
    hands.sees("What the values mean", "Physical harm: “Sprain”").looks("import-values")
    hands.select("Physical harm: “No harm”", "No physical harm")
    hands.select("Physical harm: “Sprain”", "Low physical harm").press("Look at the rows")

    hands.sees("Before you import", "Write the date like 31/12/2026 14:30")
    assert not Incident.objects.exists(), "looking keeps nothing"
    assert hands.page.locator("script", has_text="alert").count() == 0
    hands.follow("Choose the columns on a page")
    pick(hands, "How days and times are written", "Day first, as 31/12/2026")
    hands.press("Look at the rows").select("Physical harm: “No harm”", "No physical harm")
    hands.select("Physical harm: “Sprain”", "Low physical harm").press("Look at the rows")
    hands.sees("will become incidents", "This is empty. Enter what happened.", "No team here has this name")
    hands.looks("import-preview")
    hands.press("Keep this mapping for next time").is_told("The mapping “Old system” is kept.")
    hands.press("Import 2 rows")

    hands.sees("Rows held back", "Held back", "The same as row 2.").looks("import-held")
    assert incidents() == {"DX-1": LIST, "DX-2": ROWS[1][2]}
    with hands.page.expect_download() as saved:
        hands.follow("Download the rows held back as a spreadsheet file")
    hands.press("Row 5").sees("Row 5 was held back", "This is empty.").looks("import-row")
    hands.follow("Leave this row out instead").looks("import-leave-out")
    hands.press("Leave it out").sees("Say why").write("Why?", "A test entry of the old system").press("Leave it out")
    hands.is_told("Row 5 is left out.").press("Row 4").write("When", "28/02/2026").press("Try this row again")
    hands.is_told("Row 4 is an incident now.").sees("left out")
    assert incidents()["DX-3"] == ROWS[2][2]

    header, *held = csv.reader(io.StringIO(Path(saved.value.path()).read_text("utf-8-sig"), newline=""))
    assert [row[0] for row in held] == ["4", "5", "6"]
    assert all(row[1] for row in held), "each with its reason"
    for row in held:
        for place, text in MENDED.get(row[2], {}).items():
            row[place + 2] = text
    upload(hands, "held-back.csv", csv_text(header, held).encode("utf-8-sig"), "Old system")
    hands.sees("here already", "will be held back").press("Import 1 row")
    hands.sees("Import of held-back.csv", "Already here")
    assert incidents() == {row[0]: row[2] for row in ROWS if row[0] != "DX-4"}, "each once, and word for word"

    hands.open("/import/").sees("Incidents July", "held-back.csv").looks("imports")
    hands.page.get_by_role("link", name="Incidents July").first.click()
    hands.press("Undo this import").looks("import-undo").press("Undo the import").sees("Say why")
    hands.write("Why?", "It was the wrong quarter").press("Undo the import")
    hands.sees("Undone", "It was the wrong quarter", "Taken back", "These rows never became incidents.").looks(
        "import-undone"
    )
    assert set(incidents()) == {"DX-5"}, "what the other file brought stays"
    upload(hands, "again.csv", data, "Old system")
    hands.press("Import 2 rows").sees("Import of again.csv")
    assert set(incidents()) == {"DX-1", "DX-2", "DX-5"}


@pytest.mark.requirement("R6")
def test_on_a_phone_without_scripts(cast: Cast, browse: Browse) -> None:
    rows = [["DX-1", "02/02/2026", "She left by the back door.", "none", "North team", "jm"]]
    hands = Hands(browse(cast.lead, width=375, javascript=False))
    upload(hands, "one.csv", csv_text(COLUMNS, rows).encode(), "I choose the columns myself")
    hands.write("What is this mapping called?", "Old").write("Which system does the file come from?", "Old")
    for label, column in {
        "What happened": "What happened",
        "Physical harm": "Column: Level",
        "Psychological harm": "Every row: No psychological harm",
        "Is anyone still at risk?": "Every row: No",
        "Team": "Team",
    }.items():
        pick(hands, label, column)
    hands.press("Look at the rows").sees("She left by the back door.").press("Import 1 row")
    hands.sees("Import of one.csv", "Imported")
    assert list(incidents().values()) == ["She left by the back door."]


@pytest.mark.requirement("R6")
def test_a_long_import_goes_on_while_its_page_tells_how_far_it_is(cast: Cast, browse: Browse) -> None:
    batch = an_import(csv_text(PLAIN, plain_rows(6)), by=cast.lead, team=cast.north, finish=False)
    hands = Hands(browse(cast.quality_lead)).open(f"/import/{batch.pk}")
    hands.sees("0 of 6 rows looked at.").looks("import-working")
    carry_on(batch=batch, at=NOW, limit=4)
    hands.follow("See how far it is now").sees("4 of 6 rows looked at.")
    carry_on(batch=batch, at=NOW, limit=4)
    hands.sees("What became of it")  # the page asks by itself
    hands.does_not_see("rows looked at.")
