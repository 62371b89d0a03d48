"""The pages before an import: choosing columns, saying what values mean, and everything that can be wrong there."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.exchange import queries
from saferpractice.exchange.forms import ColumnsForm, UploadForm, chosen_columns
from saferpractice.exchange.models import ImportBatch, ImportFile, KeptMapping
from saferpractice.exchange.operations import choose_mapping, discard_old_files, give_up_file, keep_mapping
from saferpractice.exchange.rules.mapping import ImportMapping, as_text, mapping_from_data, mapping_from_text
from saferpractice.exchange.rules.table import LARGEST_BYTES
from saferpractice.exchange.rules.text import FileProblem
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from tests.conftest import TestClock
from tests.factories.exchange import (
    PLAIN,
    a_file,
    an_import,
    coroners_mapping,
    csv_text,
    plain_mapping,
    plain_rows,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]

CHOSEN = {
    "name": "Our old system",
    "source_system": "old",
    "reference": "column:Ref",
    "what_happened": "column:Story",
    "occurred_at": "column:Date",
    "physical_harm": "value:none",
    "psychological_harm": "value:low",
    "still_at_risk": "value:no",
}
TRIAGE = {
    "tier": "C",
    "reason": "These were all formal investigations in the old system.",
    "no_safety_actions_because": "They were closed in the old system years ago.",
}


@pytest.fixture(autouse=True)
def _stop_the_clock(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


@pytest.fixture
def client(cast: Cast) -> Client:
    """The safeguarding lead's window."""
    client = Client()
    client.force_login(cast.lead)
    return client


def text_of(response: HttpResponse) -> str:
    """What the page says, without its marks."""
    assert response.status_code == 200, response.status_code
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode())))


def kept() -> list[str]:
    """The texts that lie in the file storage."""
    return sorted(default_storage.listdir("imports")[1]) if default_storage.exists("imports") else []


def at(name: str, file: ImportFile) -> str:
    return reverse(f"exchange:{name}", args=[file.pk])


def upload(client: Client, content: bytes, **more: Any) -> HttpResponse:
    file = SimpleUploadedFile(more.pop("name", "incidents.csv"), content, "text/csv")
    return client.post(reverse("exchange:new"), {"file": file, "how": "build"} | more)


def brought(cast: Cast, rows: list[list[str]] | None = None, **more: Any) -> ImportFile:
    return a_file(csv_text(PLAIN, rows or plain_rows(3)), by=cast.lead, team=cast.north, **more)


def mapping_chosen(file: ImportFile) -> ImportMapping:
    file.refresh_from_db()
    return mapping_from_data(file.mapping)


class TestUploading:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "file is empty"),
            (b"PK\x03\x04\x14\x00 a workbook renamed", "This is a spreadsheet file, not a CSV file."),
            (b"\xd0\xcf\x11\xe0 an old workbook", "This is a spreadsheet file, not a CSV file."),
            (b"%PDF-1.7 rest", "This is a PDF."),
            (b"\x00\x01\x02\x03" * 40, "This file is not plain text."),
            (b"caf\x81\x8d", "neither UTF-8 nor Windows-1252"),
        ],
        ids=["empty", "zip", "ole", "pdf", "binary", "letters of nobody"],
    )
    def test_what_is_no_table_is_refused_with_what_to_do(self, client: Client, content: bytes, says: str) -> None:
        before = kept()
        assert says in text_of(upload(client, content))
        assert not ImportFile.objects.exists()
        assert kept() == before, "and nothing of it is kept"

    def test_one_that_is_too_large_is_refused_before_it_is_read(self) -> None:
        file, field = SimpleUploadedFile("incidents.csv", b"a\n1\n", "text/csv"), UploadForm.base_fields["file"]
        file.size = LARGEST_BYTES
        assert field.clean(file) is file
        file.size = 100 * 2**20
        with pytest.raises(ValidationError, match="smaller than 50 MB"):
            field.clean(file)

    def test_its_name_is_cleaned_and_its_team_and_bytes_are_on_record(self, cast: Cast, client: Client) -> None:
        upload(client, b"a\n1\n", name="../../etc/pass wd.csv", team=str(cast.north.pk))
        file = ImportFile.objects.get()
        assert "/" not in file.name
        assert (file.team, file.uploaded_by, file.size) == (cast.north, cast.lead, 4)
        assert TrailEntry.objects.filter(subject_id=file.pk).get().sentence.startswith("brought the file ")

    def test_of_a_team_elsewhere_is_no_choice(self, cast: Cast, client: Client) -> None:
        assert str(cast.north.pk) in client.get(reverse("exchange:new")).content.decode()
        stranger = Client()
        stranger.force_login(cast.stranger)
        assert str(cast.north.pk) not in stranger.get(reverse("exchange:new")).content.decode()
        assert upload(stranger, b"a\n1\n", team=str(cast.north.pk)).status_code == 200
        assert not ImportFile.objects.exists()

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"\xff\xfe\x81", "The mapping file must be text in UTF-8"),
            (b"name: [", "The mapping file is neither YAML nor JSON. Look at line 1."),
            (b"- a\n", "A mapping begins with name, source_system and answers."),
            (b"name: x\nsource_system: y\nanswers:\n  what_happened: {column: A}\n", "answers.physical_harm"),
        ],
    )
    def test_a_mapping_file_that_cannot_be_used_says_why(self, client: Client, content: bytes, says: str) -> None:
        mapping = SimpleUploadedFile("mapping.yml", content)
        assert says in text_of(upload(client, b"a\n1\n", how="file", mapping_file=mapping))
        assert not ImportFile.objects.exists()

    def test_a_mapping_file_must_be_given_when_that_is_chosen(self, client: Client) -> None:
        assert "Choose the mapping file" in text_of(upload(client, b"a\n1\n", how="file"))

    def test_a_mapping_that_was_kept_leads_straight_to_the_preview(self, cast: Cast, client: Client) -> None:
        kept = keep_mapping(by=cast.lead, at=NOW, provider=cast.provider, mapping=plain_mapping())
        sent = upload(client, csv_text(PLAIN, plain_rows(1)).encode(), how=f"kept:{kept.pk}")
        file = ImportFile.objects.get()
        assert sent.headers["Location"] == at("preview", file)
        assert mapping_chosen(file) == plain_mapping()

    @pytest.mark.parametrize("how", ["kept:not-one", "shipped:nothing", "nonsense"])
    def test_one_that_is_not_offered_is_no_choice(self, client: Client, how: str) -> None:
        assert upload(client, b"a\n1\n", how=how).status_code == 200
        assert not ImportFile.objects.exists()


class TestColumns:
    def test_every_column_is_offered_for_every_answer(self, cast: Cast, client: Client) -> None:
        page = client.get(at("columns", brought(cast))).content.decode()
        for name in PLAIN:
            assert page.count(f'value="column:{name}"') == 13, "twelve lists and one box"

    def test_what_is_chosen_becomes_the_mapping(self, cast: Cast, client: Client) -> None:
        file = brought(cast)
        more = {
            "date_format": "%d/%m/%Y %H:%M",
            "also_known": ["column:Harm", "column:Risk"],
            "themes": "column:Harm",
            "themes_separator": "|",
            "team": "column:Risk",
        }
        client.post(at("columns", file), CHOSEN | more)
        answers = mapping_chosen(file).answers
        assert answers["occurred_at"].formats == ("%d/%m/%Y %H:%M",)
        assert answers["also_known"].headings == {"Harm": "Harm:", "Risk": "Risk:"}
        assert (answers["themes"].column, answers["themes"].separator) == ("Harm", "|")
        assert (answers["team"].column, answers["physical_harm"].value) == ("Risk", "none")
        assert "known_at" not in answers
        assert mapping_chosen(file).reference == ("Ref",)

    def test_a_separator_is_left_out_where_every_row_has_the_same_theme(self, cast: Cast, client: Client) -> None:
        file = brought(cast)
        client.post(at("columns", file), CHOSEN | {"themes": "value:self-neglect", "themes_separator": ";"})
        assert mapping_chosen(file).answers["themes"].separator is None

    @pytest.mark.parametrize("name", ["name", "source_system", "what_happened", "physical_harm", "still_at_risk"])
    def test_what_is_needed_must_be_chosen(self, cast: Cast, client: Client, name: str) -> None:
        file = brought(cast)
        page = client.post(at("columns", file), CHOSEN | {name: ""}).content.decode()
        assert "There is a problem" in page
        assert (f'value="{CHOSEN["name"]}"' in page) is (name != "name"), "what was typed is kept"
        file.refresh_from_db()
        assert file.mapping == {}

    def test_a_column_that_is_not_in_the_file_is_no_choice(self, cast: Cast, client: Client) -> None:
        file = brought(cast)
        assert client.post(at("columns", file), CHOSEN | {"what_happened": "column:Elsewhere"}).status_code == 200
        file.refresh_from_db()
        assert file.mapping == {}

    def test_a_heading_too_long_for_a_mapping_is_told_on_the_page(self, cast: Cast, client: Client) -> None:
        long = "x" * 301
        file = a_file(f"Ref,Date,{long}\n1,02/02/2026,She left.\n", by=cast.lead, team=cast.north)
        page = text_of(client.post(at("columns", file), CHOSEN | {"what_happened": f"column:{long}"}))
        assert "301 characters long. Write 300 at most." in page

    def test_coming_back_shows_what_was_chosen(self, cast: Cast, client: Client) -> None:
        file = brought(cast)
        client.post(at("columns", file), CHOSEN | {"also_known": ["column:Harm"], "themes": "value:other"})
        page = client.get(at("columns", file)).content.decode()
        assert re.search(r'value="column:Story"\s+selected', page)
        assert re.search(r'value="value:other"\s+selected', page)
        assert re.search(r'value="column:Harm"[^>]*\bchecked', page)
        assert 'value="Our old system"' in page

    def test_it_warns_when_choosing_would_drop_what_a_mapping_says_of_triage(self, cast: Cast, client: Client) -> None:
        with_triage, without = plain_mapping(triage=TRIAGE), plain_mapping()
        file = brought(cast, mapping=with_triage)
        assert "Choosing columns here replaces the mapping" in text_of(client.get(at("columns", file)))
        choose_mapping(by=cast.lead, at=NOW, file=file, mapping=without)
        assert "replaces the mapping" not in text_of(client.get(at("columns", file)))

    def test_what_a_page_chose_and_shows_again_is_the_same(self, cast: Cast) -> None:
        mapping = coroners_mapping()
        shown = chosen_columns(mapping)
        assert shown["what_happened"] == "column:circumstances"
        assert shown["also_known"] == [f"column:{name}" for name in ("concerns", "area", "receiver", "url")]
        assert (shown["physical_harm"], shown["date_format"]) == ("value:fatal", "%Y-%m-%d")
        assert set(shown) <= set(ColumnsForm.base_fields)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"\n\n", "no heading row"),
            (b'"a"b,c\n1,2\n', "heading row cannot be read"),
            (",".join(f"c{n}" for n in range(201)).encode() + b"\n", "201 columns"),
        ],
    )
    def test_a_file_without_usable_headings_can_only_be_thrown_away(
        self, cast: Cast, client: Client, content: bytes, says: str
    ) -> None:
        file = a_file(content, by=cast.lead, team=cast.north)
        page = text_of(client.get(at("columns", file)))
        assert says in page
        assert "Throw this file away" in page
        assert "What the columns mean" not in page

    def test_a_heading_alone_can_be_mapped_and_the_preview_says_what_is_missing(
        self, cast: Cast, client: Client
    ) -> None:
        file = a_file(f"{','.join(PLAIN)}\n", by=cast.lead, team=cast.north)
        assert "The first row of the file" not in text_of(client.get(at("columns", file)))
        sent = client.post(at("columns", file), CHOSEN)
        assert "The file has a heading and no rows under it." in text_of(client.get(sent.headers["Location"]))

    def test_a_long_cell_of_the_first_row_is_cut(self, cast: Cast, client: Client) -> None:
        rows = [["D-1", "02/02/2026", "word " * 2000, "None", "No"]]
        page = text_of(client.get(at("columns", brought(cast, rows))))
        assert "word…" in page
        assert page.count("word ") < 60


class TestValues:
    def unknown(self, cast: Cast, *harms: str) -> ImportFile:
        rows = [[f"D-{n}", "02/02/2026", "She left.", harm, "No"] for n, harm in enumerate(harms)]
        return brought(cast, rows, mapping=plain_mapping())

    def test_each_unknown_value_is_asked_once_and_translated_everywhere(self, cast: Cast, client: Client) -> None:
        file = self.unknown(cast, "Sprain", "sprain", "Bruise", "None", "Sprain")
        page = text_of(client.get(at("values", file)))
        assert page.count("Physical harm: “Sprain”") == page.count("Physical harm: “Bruise”") == 1
        client.post(at("values", file), {"physical_harm-0": "low", "physical_harm-1": "low", "physical_harm-2": "none"})
        assert mapping_chosen(file).answers["physical_harm"].translate == {
            "death": "fatal",
            "Sprain": "low",
            "sprain": "low",
            "Bruise": "none",
        }
        assert queries.dry_run(file=file, mapping=mapping_chosen(file), at=NOW).usable == 5

    def test_those_left_alone_hold_their_rows_back(self, cast: Cast, client: Client) -> None:
        file = self.unknown(cast, "Sprain", "Bruise")
        client.post(at("values", file), {"physical_harm-0": "low"})
        assert queries.dry_run(file=file, mapping=mapping_chosen(file), at=NOW).usable == 1
        page = text_of(client.get(at("preview", file)))
        assert "Say what unknown values mean" in page
        assert "Bruise" in page

    def test_a_code_that_is_not_in_the_list_is_no_choice(self, cast: Cast, client: Client) -> None:
        file = self.unknown(cast, "Sprain")
        assert client.post(at("values", file), {"physical_harm-0": "terrible"}).status_code == 200
        assert mapping_chosen(file) == plain_mapping()

    def test_risk_is_asked_in_the_words_of_the_form(self, cast: Cast, client: Client) -> None:
        rows = [["D-1", "02/02/2026", "She left.", "None", "Perhaps"]]
        file = brought(cast, rows, mapping=plain_mapping())
        assert "Anyone still at risk: “Perhaps”" in text_of(client.get(at("values", file)))
        client.post(at("values", file), {"still_at_risk-0": "unknown"})
        assert mapping_chosen(file).answers["still_at_risk"].translate == {"Perhaps": "unknown"}

    def test_with_none_unknown_it_goes_on(self, cast: Cast, client: Client) -> None:
        file = self.unknown(cast, "None")
        assert client.get(at("values", file)).headers["Location"] == at("preview", file)

    def test_only_the_first_forty_are_asked(self, cast: Cast, client: Client) -> None:
        file = self.unknown(cast, *(f"kind {n}" for n in range(50)))
        page = client.get(at("values", file)).content.decode()
        assert "“kind 39”" in page
        assert "“kind 40”" not in page

    def test_without_a_mapping_there_is_no_such_page(self, cast: Cast, client: Client) -> None:
        file = brought(cast)
        for name in ("values", "problems", "chosen_mapping"):
            assert client.get(at(name, file)).status_code == 404
        assert client.post(at("keep", file)).status_code == 404
        assert client.get(at("preview", file)).headers["Location"] == at("columns", file)

    @pytest.mark.parametrize("name", ["values", "preview"])
    def test_a_mapping_for_other_columns_says_which_are_missing(self, cast: Cast, client: Client, name: str) -> None:
        file = a_file("Ref,Story\n1,She left.\n", by=cast.lead, team=cast.north, mapping=plain_mapping())
        page = text_of(client.get(at(name, file)))
        assert "The mapping reads “Date”, “Harm” and “Risk”, which the file does not have." in page
        assert "Its columns are “Ref”, “Story”." in page


class TestPreview:
    def test_rows_stand_as_they_will_be_read(self, cast: Cast, client: Client) -> None:
        answers = {
            "themes": {"value": "self-neglect"},
            "done_at_once": {"value": "Rang the sister."},
            "person_reference": {"column": "Ref"},
            "known_at": {"column": "Date", "formats": ["%d/%m/%Y %H:%M"]},
        }
        page = text_of(client.get(at("preview", brought(cast, mapping=plain_mapping(answers=answers)))))
        for words in (
            "2 February 2026, 2:30pm",
            "North team, Riverside community service",
            "Self-neglect",
            "Rang the sister.",
            "No physical harm; Low psychological harm",
            "Nobody answered the door, visit 3.",
        ):
            assert words in page

    @pytest.mark.parametrize(
        ("date", "shown"),
        [("02/02/2026", "2 February 2026 "), ("", "Not known"), ("01/07/2025 09:15", "1 July 2025, 9:15am")],
    )
    def test_when_is_shown_as_exactly_as_it_is_known(self, cast: Cast, client: Client, date: str, shown: str) -> None:
        file = brought(cast, [["D-1", date, "She left.", "None", "No"]], mapping=plain_mapping())
        assert f"When it happened {shown}" in re.sub(r"(Mon|Tues)day ", "", text_of(client.get(at("preview", file))))

    def test_only_the_first_rows_are_shown_and_all_are_counted(self, cast: Cast, client: Client) -> None:
        page = text_of(client.get(at("preview", brought(cast, plain_rows(9), mapping=plain_mapping()))))
        assert "visit 5." in page
        assert "visit 6." not in page
        assert "Import 9 rows" in page

    @pytest.mark.parametrize(("bad", "cut"), [(100, False), (101, True)])
    def test_the_first_hundred_problems_are_shown_and_it_is_said_that_there_are_more(
        self, cast: Cast, client: Client, bad: int, cut: bool
    ) -> None:
        rows = [[f"D-{n}", "02/02/2026", "", "None", "No"] for n in range(bad)]
        file = brought(cast, rows, mapping=plain_mapping())
        page = text_of(client.get(at("preview", file)))
        assert ("Only the first rows are shown here" in page) is cut
        saved = b"".join(client.get(at("problems", file)).streaming_content).decode()  # type: ignore[attr-defined]
        assert saved.count("This is empty.") == bad

    def test_columns_nothing_reads_and_taken_out_characters_are_owned_up_to(self, cast: Cast, client: Client) -> None:
        text = "Ref,Date,Story,Harm,Risk,Nickname\nD-1,02/02/2026,She \x00left.,None,No,Bee\n"
        file = a_file(text, by=cast.lead, team=cast.north, mapping=plain_mapping())
        page = text_of(client.get(at("preview", file)))
        assert "Columns not read Nickname" in page
        assert "Unseen control characters were taken out of 1 row." in page

    def test_a_file_in_windows_letters_asks_to_look_at_them(self, cast: Cast, client: Client) -> None:
        text = "Ref;Date;Story;Harm;Risk\nD-1;02/02/2026;£5 “gone”;None;No\n".encode("cp1252")
        page = text_of(client.get(at("preview", a_file(text, by=cast.lead, team=None, mapping=plain_mapping()))))
        assert "Read as Windows-1252 with a semicolon between cells, 5 columns." in page
        assert "Check that pound signs, quotes and accents look right below." in page
        assert "As each row says" in page

    def test_all_here_already_still_leaves_a_record(self, cast: Cast, client: Client) -> None:
        an_import(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north)
        file = brought(cast, mapping=plain_mapping())
        assert "Record that all rows are here already" in text_of(client.get(at("preview", file)))
        client.post(at("preview", file))
        assert ImportBatch.objects.count() == 2
        assert Incident.objects.count() == 3

    def test_one_row_is_a_row(self, cast: Cast, client: Client) -> None:
        page = text_of(client.get(at("preview", brought(cast, plain_rows(1), mapping=plain_mapping()))))
        assert "Import 1 row " in page

    @pytest.mark.parametrize(("triage", "count"), [("yes", 3), ("no", 0)])
    def test_triage_is_recorded_only_when_it_is_chosen(
        self, cast: Cast, client: Client, triage: str, count: int
    ) -> None:
        file = brought(cast, mapping=plain_mapping(triage=TRIAGE))
        assert "Choose whether to triage" in text_of(client.post(at("preview", file), {}))
        client.post(at("preview", file), {"triage": triage})
        assert Incident.objects.filter(triage_records__isnull=False).count() == count
        assert Incident.objects.count() == 3

    def test_pressed_again_or_gone_back_to_it_leads_to_the_import(self, cast: Cast, client: Client) -> None:
        file = brought(cast, mapping=plain_mapping())
        first = client.post(at("preview", file)).headers["Location"]
        for again in (client.post(at("preview", file)), client.get(at("preview", file))):
            assert again.headers["Location"] == first
        assert Incident.objects.count() == 3

    def test_but_not_for_those_who_may_not_see_it(self, cast: Cast, client: Client) -> None:
        file = brought(cast, mapping=plain_mapping())
        client.post(at("preview", file))
        for person in (cast.stranger, cast.director, cast.worker):
            other = Client()
            other.force_login(person)
            assert other.get(at("preview", file)).status_code == 404

    def test_a_file_that_cannot_be_read_to_its_end_is_not_imported(self, cast: Cast, client: Client) -> None:
        text = f'{",".join(PLAIN)}\nD-1,02/02/2026,"never closed,None,No\n'
        file = a_file(text, by=cast.lead, team=cast.north, mapping=plain_mapping())
        page = text_of(client.post(at("preview", file)))
        assert "a quote opens and is never closed" in page
        assert not ImportBatch.objects.exists()
        saved = b"".join(client.get(at("problems", file)).streaming_content).decode()  # type: ignore[attr-defined]
        assert "a quote opens and is never closed" in saved


class TestFilesThatGo:
    def test_a_text_lost_from_the_store_is_told(self, cast: Cast, client: Client) -> None:
        file = brought(cast, mapping=plain_mapping())
        default_storage.delete(file.path)
        assert "no longer kept" in text_of(client.get(at("columns", file)))
        assert "no longer kept" in text_of(client.get(at("values", file)))
        assert "no longer kept" in text_of(client.get(at("preview", file)))
        with pytest.raises(FileProblem):
            queries.table_of(file)

    def test_giving_up_twice_is_once(self, cast: Cast) -> None:
        file = brought(cast)
        for _ in range(2):
            give_up_file(by=cast.lead, at=NOW, file=file)
        assert TrailEntry.objects.filter(operation="exchange.give_up_file").count() == 1

    def test_a_file_that_is_imported_is_not_given_up(self, cast: Cast) -> None:
        batch = an_import(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north, finish=False)
        give_up_file(by=cast.lead, at=NOW, file=batch.file)
        assert default_storage.exists(batch.file.path)
        assert discard_old_files(at=NOW + timedelta(days=30)) == 0

    def test_choosing_the_same_mapping_again_says_nothing_new(self, cast: Cast) -> None:
        file = brought(cast, mapping=plain_mapping())
        choose_mapping(by=cast.quality_lead, at=NOW, file=file, mapping=plain_mapping())
        assert TrailEntry.objects.filter(operation="exchange.choose_mapping").count() == 1

    def test_old_ones_go_and_young_ones_stay(self, cast: Cast) -> None:
        old, young = brought(cast), brought(cast, at=NOW + timedelta(hours=30))
        assert discard_old_files(at=NOW + timedelta(hours=50)) == 1
        assert (default_storage.exists(old.path), default_storage.exists(young.path)) == (False, True)
        assert discard_old_files(at=NOW + timedelta(hours=50)) == 0


class TestMappingsSaved:
    def test_the_one_chosen_and_the_one_that_ships(self, cast: Cast, client: Client) -> None:
        file = brought(cast, mapping=plain_mapping())
        chosen = client.get(at("chosen_mapping", file))
        assert "attachment" in chosen.headers["Content-Disposition"]
        assert mapping_from_text(chosen.content.decode()) == plain_mapping()
        shipped = client.get(reverse("exchange:mapping", args=["shipped:prevention-of-future-deaths"]))
        assert mapping_from_text(shipped.content.decode()) == coroners_mapping()

    @pytest.mark.parametrize("key", ["shipped:nothing", "kept:nothing", "nonsense"])
    def test_one_that_does_not_exist(self, client: Client, key: str) -> None:
        assert client.get(reverse("exchange:mapping", args=[key])).status_code == 404

    def test_one_of_another_provider_is_not_found(self, cast: Cast, client: Client) -> None:
        kept = keep_mapping(by=cast.stranger, at=NOW, provider=cast.stranger.provider, mapping=plain_mapping())
        assert client.get(reverse("exchange:mapping", args=[f"kept:{kept.pk}"])).status_code == 404
        assert "Old system" not in text_of(client.get(reverse("exchange:new")))

    @pytest.mark.parametrize("name", ["worker", "director", "duty_manager", "inspector"])
    def test_those_who_may_not_import_save_none(self, cast: Cast, name: str) -> None:
        other = Client()
        other.force_login(cast.people()[name])
        key = "shipped:prevention-of-future-deaths"
        assert other.get(reverse("exchange:mapping", args=[key])).status_code == 404

    def test_keeping_and_throwing_away_are_posts(self, cast: Cast, client: Client) -> None:
        file = brought(cast, mapping=plain_mapping())
        for name in ("keep", "give_up"):
            assert client.get(at(name, file)).status_code == 405
        assert not KeptMapping.objects.exists()
        assert "is kept. It can be chosen" in text_of(client.post(at("keep", file), follow=True))

    def test_a_mapping_is_written_so_that_a_person_can_read_it(self) -> None:
        text = as_text(plain_mapping(about="For Zoë’s files"))
        assert "Zoë’s" in text
        assert text.splitlines()[0] == "name: Old system"
