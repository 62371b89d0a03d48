"""The pages of imports: the way through, what is kept on errors, and who finds them at all."""

from __future__ import annotations

import csv
import io
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine, KeptMapping
from saferpractice.exchange.rules.mapping import as_text, mapping_from_text
from saferpractice.incidents.models import Incident
from saferpractice.triage.models import TriageRecord
from tests.conftest import TestClock
from tests.factories.exchange import (
    CORONERS,
    PLAIN,
    a_file,
    an_import,
    coroners_mapping,
    coroners_rows,
    csv_text,
    plain_mapping,
    plain_rows,
)
from tests.personas import NOW, Cast
from tests.stages.exchange.test_importing import LATER

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


@pytest.fixture(autouse=True)
def _stop_the_clock(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def upload(client: Client, content: str, **more: object) -> HttpResponse:
    file = SimpleUploadedFile("incidents.csv", content.encode(), "text/csv")
    return client.post(reverse("exchange:new"), {"file": file} | more)


def rows_of(response: HttpResponse) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content)))


class TestTheWholeWay:
    def test_with_a_mapping_that_ships(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)
        client = signed_in(cast.lead)
        rows = coroners_rows(4)
        rows[1][4] = ""
        key = "shipped:prevention-of-future-deaths"
        sent = upload(client, csv_text(CORONERS, rows), team=str(cast.north.pk), how=key)
        file = ImportFile.objects.get()
        assert sent.headers["Location"] == reverse("exchange:preview", args=[file.pk])
        page = text_of(client.get(sent.headers["Location"]))
        assert '3</span> <span class="sp-counts__text">will become incidents' in page
        assert "This is empty. Enter what happened." in page
        assert "The call was “lost”, and [REDACTED] wasn’t told." in page
        assert not Incident.objects.exists(), "nothing is kept before somebody says so"
        done = client.post(reverse("exchange:preview", args=[file.pk]), {"triage": "yes"})
        batch = ImportBatch.objects.get()
        assert done.headers["Location"] == reverse("exchange:batch", args=[batch.pk])
        assert Incident.objects.count() == TriageRecord.objects.count() == 3
        page = text_of(client.get(done.headers["Location"]))
        assert "Row 3" in page
        assert Incident.objects.all()[0].reference in page

    def test_with_columns_chosen_on_a_page(self, cast: Cast) -> None:
        client = signed_in(cast.quality_lead)
        rows = plain_rows(3)
        rows[2][3] = "Sprain"
        sent = upload(client, csv_text(PLAIN, rows, delimiter=";"), team=str(cast.north.pk), how="build")
        columns = sent.headers["Location"]
        page = text_of(client.get(columns))
        assert "Column: Harm" in page
        assert "Nobody answered the door, visit 1." in page, "the first row helps to choose"
        chosen = {
            "name": "Our old system",
            "source_system": "old",
            "reference": "column:Ref",
            "what_happened": "column:Story",
            "occurred_at": "column:Date",
            "date_format": "%d/%m/%Y %H:%M",
            "physical_harm": "column:Harm",
            "psychological_harm": "value:low",
            "still_at_risk": "column:Risk",
            "themes": "value:self-neglect",
        }
        values = client.post(columns, chosen).headers["Location"]
        page = text_of(client.get(values))
        assert "Physical harm: “Sprain”" in page
        preview = client.post(values, {"physical_harm-0": "low"}).headers["Location"]
        assert preview == reverse("exchange:preview", args=[ImportFile.objects.get().pk])
        client.post(preview)
        assert Incident.objects.filter(themes=["self-neglect"], occurred_precision="exact").count() == 3
        assert Incident.objects.get(source_reference="D-3").physical_harm == "low"

    def test_with_a_mapping_file(self, cast: Cast) -> None:
        client = signed_in(cast.administrator)
        mapping = SimpleUploadedFile("mapping.yml", as_text(plain_mapping()).encode())
        text = csv_text(PLAIN, plain_rows(2))
        sent = upload(client, text, team=str(cast.north.pk), how="file", mapping_file=mapping)
        page = text_of(client.get(sent.headers["Location"]))
        assert "old-system" in page
        done = client.post(sent.headers["Location"])
        page = text_of(client.get(done.headers["Location"]))
        assert '2</span> <span class="sp-counts__text">imported' in page
        assert Incident.objects.all()[0].reference not in page, "an administrator brings incidents in and reads none"

    def test_the_mapping_kept_for_next_time(self, cast: Cast) -> None:
        client = signed_in(cast.lead)
        file = a_file(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north, mapping=plain_mapping())
        client.post(reverse("exchange:keep", args=[file.pk]))
        kept = KeptMapping.objects.get()
        assert "Old system" in text_of(client.get(reverse("exchange:new")))
        saved = client.get(reverse("exchange:mapping", args=[f"kept:{kept.pk}"]))
        assert mapping_from_text(saved.content.decode()) == plain_mapping()

    def test_a_long_file_is_left_to_the_worker(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.exchange.operations.IN_REQUEST", 2)
        client = signed_in(cast.lead)
        file = a_file(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north, mapping=plain_mapping())
        assert "in the background" in text_of(client.get(reverse("exchange:preview", args=[file.pk])))
        done = client.post(reverse("exchange:preview", args=[file.pk]))
        page = text_of(client.get(done.headers["Location"]))
        assert "0 of 3 rows looked at." in page
        assert "progress.js" in page
        looks = AccessEntry.objects.count()
        progress = client.get(reverse("exchange:progress", args=[ImportBatch.objects.get().pk])).json()
        assert progress == {"said": "0 of 3 rows looked at.", "done": 0, "rows": 3, "working": True}
        assert AccessEntry.objects.count() == looks, "asking how far it is reads nothing"

    def test_a_file_given_up(self, cast: Cast) -> None:
        client = signed_in(cast.lead)
        file = a_file(csv_text(PLAIN, plain_rows(3)), by=cast.lead, team=cast.north, mapping=plain_mapping())
        client.post(reverse("exchange:give_up", args=[file.pk]))
        assert client.get(reverse("exchange:preview", args=[file.pk])).status_code == 404


class TestWhatIsWrong:
    def test_nothing_chosen(self, cast: Cast) -> None:
        page = text_of(signed_in(cast.lead).post(reverse("exchange:new"), {}))
        assert "Choose the file to import" in page
        assert "Choose how the columns are read" in page

    def test_a_spreadsheet_instead_of_csv(self, cast: Cast) -> None:
        page = text_of(upload(signed_in(cast.lead), "PK\x03\x04", how="build"))
        assert "CSV UTF-8" in page
        assert not ImportFile.objects.exists()

    def test_a_mapping_file_with_mistakes_names_them_all(self, cast: Cast) -> None:
        mapping = SimpleUploadedFile("mapping.yml", b"name: x\nanswers: {what_hapened: {column: a}}\n")
        page = text_of(upload(signed_in(cast.lead), "a\n1\n", how="file", mapping_file=mapping))
        assert "source_system" in page
        assert "what_hapened" in page

    def test_columns_the_mapping_does_not_find(self, cast: Cast) -> None:
        file = a_file("a,b\n1,2\n", by=cast.lead, team=cast.north, mapping=plain_mapping())
        page = text_of(signed_in(cast.lead).get(reverse("exchange:preview", args=[file.pk])))
        assert "This file cannot be imported as it is" in page
        assert "Its columns are “a”, “b”" in page

    def test_a_hostile_file_name_and_text_are_escaped(self, cast: Cast) -> None:
        rows = plain_rows(1)
        rows[0][2] = "<script>alert(1)</script>"
        name = "<img src=x onerror=alert(1)>.csv"
        file = a_file(csv_text(PLAIN, rows), by=cast.lead, team=cast.north, mapping=plain_mapping(), name=name)
        page = text_of(signed_in(cast.lead).get(reverse("exchange:preview", args=[file.pk])))
        assert "<script>alert" not in page
        assert "<img src=x" not in page

    def test_a_mapping_that_triages_for_somebody_who_may_not(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)
        text = csv_text(CORONERS, coroners_rows(2))
        file = a_file(text, by=cast.quality_lead, team=cast.north, mapping=coroners_mapping(), at=LATER)
        client, address = signed_in(cast.quality_lead), reverse("exchange:preview", args=[file.pk])
        assert "may have triage recorded on import" in text_of(client.get(address))
        client.post(address, {"triage": "yes"})
        assert Incident.objects.count() == 2
        assert not TriageRecord.objects.exists()


class TestQuarantine:
    def held(self, cast: Cast) -> ImportLine:
        rows = plain_rows(2)
        rows[0] = ["D-1", "soon", "", "=1+1", "No"]
        return queries.held_lines(an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north))[0]

    def test_corrected_on_its_page(self, cast: Cast) -> None:
        line, client = self.held(cast), signed_in(cast.quality_lead)
        address = reverse("exchange:line", args=[line.pk])
        assert "=1+1" in text_of(client.get(address))
        wrong = {"c0": "D-1", "c1": "01/02/2026", "c2": "", "c3": "None", "c4": "No"}
        page = text_of(client.post(address, wrong))
        assert "This is empty. Enter what happened." in page
        assert 'value="01/02/2026"' in page, "what was typed is kept"
        done = client.post(address, wrong | {"c2": "She left by the back door."})
        assert done.status_code == 302
        assert Incident.objects.get(source_reference="D-1").what_happened == "She left by the back door."
        assert client.get(address).status_code == 302, "there is nothing left to correct"

    def test_left_out_on_its_page(self, cast: Cast) -> None:
        line, client = self.held(cast), signed_in(cast.lead)
        address = reverse("exchange:leave_out", args=[line.pk])
        assert "Say why" in text_of(client.post(address, {"reason": ""}))
        client.post(address, {"reason": "A test entry"})
        assert "A test entry" in text_of(client.get(reverse("exchange:batch", args=[line.batch_id])))

    def test_as_a_file_that_runs_nothing(self, cast: Cast) -> None:
        line = self.held(cast)
        found = rows_of(signed_in(cast.lead).get(reverse("exchange:held_file", args=[line.batch_id])))
        assert found[0] == ["Row", "Why it was held back", *PLAIN]
        assert found[1][0] == "2"
        assert found[1][2:] == ["D-1", "soon", "", "'=1+1", "No"]

    def test_problems_as_a_file(self, cast: Cast) -> None:
        rows = plain_rows(1)
        rows[0] = ["D-1", "soon", "", "=1+1", "No"]
        file = a_file(csv_text(PLAIN, rows), by=cast.lead, team=cast.north, mapping=plain_mapping())
        found = rows_of(signed_in(cast.lead).get(reverse("exchange:problems", args=[file.pk])))
        assert {(row[0], row[1], row[2]) for row in found[1:]} == {
            ("2", "Date", "soon"),
            ("2", "Story", ""),
            ("2", "Harm", "'=1+1"),
        }


class TestUndo:
    def test_from_its_page(self, cast: Cast) -> None:
        batch = an_import(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north)
        client, address = signed_in(cast.lead), reverse("exchange:undo", args=[batch.pk])
        assert "Undo this import" in text_of(client.get(reverse("exchange:batch", args=[batch.pk])))
        assert "Say why" in text_of(client.post(address, {"reason": " "}))
        assert client.post(address, {"reason": "The wrong file"}).status_code == 302
        assert not Incident.objects.standing().exists()
        page = text_of(client.get(reverse("exchange:batch", args=[batch.pk])))
        assert "The wrong file" in page
        assert "Undo this import" not in page


ALLOWED = {"lead", "quality_lead", "administrator"}


class TestWhoFindsThem:
    def addresses(self, cast: Cast) -> list[str]:
        rows = plain_rows(2)
        rows[0][2] = ""
        file = a_file(csv_text(PLAIN, rows), by=cast.lead, team=cast.north, mapping=plain_mapping())
        batch = an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        line = queries.held_lines(batch)[0]
        of_file = ("preview", "columns", "problems", "chosen_mapping")
        return [
            *(reverse(f"exchange:{name}", args=[file.pk]) for name in of_file),
            *(reverse(f"exchange:{name}", args=[batch.pk]) for name in ("batch", "progress", "held_file", "undo")),
            *(reverse(f"exchange:{name}", args=[line.pk]) for name in ("line", "leave_out")),
        ]

    def test_only_three_roles_of_the_provider(self, cast: Cast) -> None:
        addresses = self.addresses(cast)
        own = [reverse("exchange:imports"), reverse("exchange:new")]
        for name, person in cast.people().items():
            client = signed_in(person)
            for address in addresses:
                expected = 200 if name in ALLOWED else 404
                assert client.get(address).status_code == expected, (name, address)
            for address in own:
                expected = 200 if name in ALLOWED | {"stranger"} else 404
                assert client.get(address).status_code == expected, (name, address)

    def test_nor_may_others_send_anything(self, cast: Cast) -> None:
        for address in self.addresses(cast):
            for person in (cast.stranger, cast.director):
                status = signed_in(person).post(address, {"reason": "x"}).status_code
                assert status in {404, 405}, (person.name, address)
        assert not ImportBatch.objects.filter(undo__isnull=False).exists()

    def test_what_does_not_exist(self, cast: Cast) -> None:
        client = signed_in(cast.lead)
        for name in ("preview", "batch", "line"):
            assert client.get(reverse(f"exchange:{name}", args=[uuid4()])).status_code == 404

    def test_every_look_is_written_down(self, cast: Cast) -> None:
        for address in self.addresses(cast):
            before = AccessEntry.objects.count()
            signed_in(cast.quality_lead).get(address)
            looked = AccessEntry.objects.count() - before
            assert looked == (0 if address.endswith("progress") else 1), address

    @pytest.mark.parametrize(("name", "there"), [("lead", True), ("worker", False), ("director", False)])
    def test_the_way_in_is_shown_to_those_who_can_take_it(self, cast: Cast, name: str, there: bool) -> None:
        page = signed_in(cast.people()[name]).get(reverse("home:my_work")).content.decode()
        assert (f'href="{reverse("exchange:imports")}"' in page) is there
