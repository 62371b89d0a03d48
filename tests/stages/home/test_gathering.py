"""What is held about somebody, gathered for them: complete, without others, confirmed by a person, and provable."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.home.models import AddedWords, GatheredRecords, PlacesConfirmed, RecordsRelease
from saferpractice.home.operations import add_words, confirm_places, gather_records, release_records
from saferpractice.home.queries import held_about
from saferpractice.home.queries.answering import answer_of, files_of
from saferpractice.home.queries.gathering import LEFT_OUT, gather, reached
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import end_named_access, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail import keys
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.packs import check
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.trail.sealing import seal
from saferpractice.triage.rules.form import SafetyAction
from tests.factories.held import answer, confirmed, gathered, released
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case
from tests.factories.triage import a_triage
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LATER = NOW + timedelta(days=1)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(
        by=cast.worker,
        team=cast.north,
        what_happened="Wren Ashdown found Maud at the door. Her brother Tom Ellery rang 01632 960123.",
        person_name="Maud Ellery",
    )


@pytest.fixture
def row(cast: Cast, incident: Incident) -> GatheredRecords:
    return gathered(person_of(incident).pk, by=cast.lead)


def person_of(incident: Incident) -> PersonSupported:
    assert incident.person_supported is not None
    return incident.person_supported


def text_of(by: Person, incident: Incident) -> str:
    held = held_about(by, LATER, person_of(incident).pk)
    assert held is not None
    return json.dumps(gather(held).plain(), ensure_ascii=False)


class TestEverythingHeld:
    def test_every_stage_is_in_it(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.lead, incident=incident)
        case = a_case(cast, by=cast.lead, incident=incident)
        kinds = {record["kind"] for record in json.loads(text_of(cast.lead, incident))["records"]}
        assert {
            "Person supported", "Incident", "Harm grading", "Triage record", "Tier proposal", "Immediate safety action",
            "Pathway case", "Obligation", "Trail entry",
        } <= kinds  # fmt: skip
        assert case.version.title in text_of(cast.lead, incident)

    def test_no_table_that_leads_to_a_person_is_forgotten(self) -> None:
        """A new one is gathered by itself, or somebody writes down why it is not."""
        tables = {model._meta.label for model in reached()}
        assert {
            "reviews.TimelineEntry",
            "findings.Finding",
            "pathways.PathwayRecord",
            "partners.SharingDecision",
        } <= tables
        assert not tables & set(LEFT_OUT)
        assert not {label for label in tables if label.startswith(("assurance.Impact", "assurance.AuditPlan"))}

    def test_a_table_left_out_still_exists(self) -> None:
        from django.apps import apps

        for label in LEFT_OUT:
            apps.get_model(label)

    def test_what_is_encrypted_is_read(self, cast: Cast, incident: Incident) -> None:
        assert "Maud Ellery" in text_of(cast.lead, incident)
        assert "v1" not in {
            part["text"][:2] for one in json.loads(text_of(cast.lead, incident))["records"] for part in one["parts"]
        }

    def test_who_looked_is_in_it(self, cast: Cast, incident: Incident) -> None:
        signed_in(cast.supervisor).get(reverse("home:incident", args=[incident.pk]))
        looks = [one for one in json.loads(text_of(cast.lead, incident))["records"] if one["kind"] == "Look"]
        assert [part["text"] for one in looks for part in one["parts"] if part["label"] == "Who"] == ["Sorrel Beck"]

    def test_nothing_of_another_person_or_provider(self, cast: Cast, incident: Incident) -> None:
        an_incident(by=cast.worker, team=cast.north, person_reference="P-9", what_happened="A quite different matter.")
        assert "different matter" not in text_of(cast.lead, incident)

    def test_what_only_named_people_may_read_is_theirs_to_answer(self, cast: Cast, incident: Incident) -> None:
        kept = an_incident(
            by=cast.lead,
            team=cast.north,
            restricted=True,
            restricted_reason="About a colleague",
            what_happened="Secret.",
        )
        a_case(cast, by=cast.lead, incident=kept)
        end_named_access(by=cast.lead, at=NOW, named=kept.named_access.get(person=cast.director))
        assert "Secret." in text_of(cast.lead, incident)
        for trace in ("Secret.", kept.reference, str(kept.pk)):
            assert trace not in text_of(cast.director, incident)

    def test_a_reporter_who_is_withheld_is_not_told(self, cast: Cast) -> None:
        made = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        held = held_about(cast.lead, LATER, person_of(made).pk)
        assert held is not None
        texts = [part.text for record in gather(held).records for part in record.parts]
        assert not [text for text in texts if "Wren" in text]


class TestWhoMay:
    @pytest.mark.parametrize("name", ["quality_lead", "supervisor", "administrator", "stranger", "worker", "reviewer"])
    def test_gathering_is_refused_to(self, name: str, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Refused):
            gathered(person_of(incident).pk, by=cast.people()[name])
        assert not GatheredRecords.objects.exists()

    def test_another_with_the_same_role_gathers_for_themselves(self, cast: Cast, row: GatheredRecords) -> None:
        """What one may read another may not."""
        assert answer_of(cast.director, NOW, row.pk) is None
        for do in (
            lambda: add_words(by=cast.director, at=NOW, gathered=row, words="Tom"),
            lambda: confirm_places(by=cast.director, at=NOW, gathered=row, taken_out=["x"], kept=[]),
            lambda: release_records(by=cast.director, at=NOW, gathered=row, to_whom="x", how="y"),
        ):
            with pytest.raises(Refused, match="Only who gathered these records"):
                do()

    def test_whoever_is_kept_from_it_since_opens_it_no_more(
        self, cast: Cast, incident: Incident, row: GatheredRecords
    ) -> None:
        assert answer_of(cast.lead, NOW, row.pk) is not None
        keep_from(by=cast.director, at=NOW, incident=incident, person=cast.lead, because=KeptFromReason.ALLEGED_SOURCE)
        assert answer_of(cast.lead, NOW, row.pk) is None
        with pytest.raises(Refused, match="no longer read everything"):
            release_records(by=cast.lead, at=NOW, gathered=row, to_whom="x", how="y")

    def test_a_withdrawn_role_ends_it(self, cast: Cast, row: GatheredRecords) -> None:
        from saferpractice.access.operations import end_role

        end_role(by=cast.administrator, at=NOW, assignment=cast.lead.role_assignments.get())
        lead = Person.objects.get(pk=cast.lead.pk)
        assert signed_in(lead).get(reverse("home:gathered", args=[row.pk])).status_code == 404


class TestGathering:
    def test_leaves_a_trail_that_does_not_name_the_person(self, cast: Cast, row: GatheredRecords) -> None:
        entry = TrailEntry.objects.get(operation="home.gather_records")
        assert entry.sentence == "gathered what is held about P-1042, who asked on Wednesday 4 March 2026"
        assert "Maud" not in json.dumps(entry.facts)

    def test_is_kept_encrypted(self, row: GatheredRecords) -> None:
        assert "Wren" not in row.content_encrypted

    def test_the_same_form_twice_is_one(self, cast: Cast, incident: Incident) -> None:
        asked: dict[str, Any] = {"by": cast.lead, "at": NOW, "person": person_of(incident), "submission_key": "k"}
        first = gather_records(**asked, asked_by="She", asked_on=date(2026, 3, 1))
        assert gather_records(**asked, asked_by="She", asked_on=date(2026, 3, 1)) == first
        with pytest.raises(SentBefore):
            gather_records(**asked, asked_by="She", asked_on=date(2026, 3, 2))

    def test_a_request_of_tomorrow_is_refused(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid, match="today or in the past"):
            gather_records(
                by=cast.lead,
                at=NOW,
                person=person_of(incident),
                asked_by="x",
                asked_on=date(2026, 3, 5),
                submission_key="k",
            )

    def test_it_stays_as_it_was(self, cast: Cast, incident: Incident, row: GatheredRecords) -> None:
        before = answer(row, cast.lead).content
        a_triage(by=cast.lead, incident=incident)
        assert answer(row, cast.lead).content == before


class TestPlaces:
    def test_staff_relatives_and_numbers_are_asked_about_and_the_person_is_not(
        self, cast: Cast, row: GatheredRecords
    ) -> None:
        texts = {mark.text for mark in answer(row, cast.lead).marks}
        assert {"Wren Ashdown", "01632 960123"} <= texts
        assert not {text for text in texts if "Maud" in text or "P-1042" in text}

    def test_another_person_supported_is_asked_about_by_name_and_reference(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, person_reference="P-77", person_name="Edith Quarry")
        mine = an_incident(by=cast.worker, team=cast.north, what_happened="She argued with Edith (P-77).")
        texts = [mark.text for mark in answer(gathered(person_of(mine).pk, by=cast.lead), cast.lead).marks]
        assert {"Edith", "P-77"} <= set(texts)

    def test_what_only_says_who_somebody_was_is_no_name_to_look_for(self, cast: Cast, incident: Incident) -> None:
        """Such as "the two workers who came": asked about where it stands, and its words not in every sentence."""
        done = SafetyAction(what="Stayed with her.", who="the two workers who came", done_at=NOW)
        a_triage(by=cast.lead, incident=incident, safety_actions=(done,))
        texts = {mark.text for mark in answer(gathered(person_of(incident).pk, by=cast.lead), cast.lead).marks}
        assert "the two workers who came" in texts
        assert not {"two", "workers", "who", "the", "came"} & {text.casefold() for text in texts}

    def test_words_can_be_added(self, cast: Cast, row: GatheredRecords) -> None:
        assert add_words(by=cast.lead, at=NOW, gathered=row, words=" tom  ELLERY ") >= 1
        assert "Tom Ellery" in {mark.text for mark in answer(row, cast.lead).marks}
        assert "tom" not in AddedWords.objects.get().words_encrypted.casefold()
        assert add_words(by=cast.lead, at=NOW, gathered=row, words="Tom Ellery") == 0

    @pytest.mark.parametrize("typed", ["", "x", "nowhere to be found", "x" * 201])
    def test_words_that_stand_nowhere_are_refused(self, typed: str, cast: Cast, row: GatheredRecords) -> None:
        with pytest.raises(Invalid):
            add_words(by=cast.lead, at=NOW, gathered=row, words=typed)
        assert not AddedWords.objects.exists()

    def test_the_newest_decision_counts(self, cast: Cast, row: GatheredRecords) -> None:
        (mark,) = [one for one in answer(row, cast.lead).marks if one.text == "01632 960123"]
        confirm_places(by=cast.lead, at=NOW, gathered=row, taken_out=[mark.key], kept=[])
        confirm_places(by=cast.lead, at=LATER, gathered=row, taken_out=[], kept=[mark.key])
        assert "01632 960123" in files_of(answer(row, cast.lead))["records.html"].decode()
        confirm_places(by=cast.lead, at=LATER + timedelta(1), gathered=row, taken_out=[mark.key], kept=[])
        assert "01632 960123" not in files_of(answer(row, cast.lead))["records.html"].decode()

    @pytest.mark.parametrize(("out", "stay"), [([], []), (["nothing"], []), ([], ["nothing"]), (["same"], ["same"])])
    def test_what_is_no_place_is_refused(
        self, out: list[str], stay: list[str], cast: Cast, row: GatheredRecords
    ) -> None:
        real = {"same": answer(row, cast.lead).marks[0].key}
        with pytest.raises(Invalid, match="places have changed"):
            confirm_places(
                by=cast.lead, at=NOW, gathered=row, taken_out=[real.get(one, one) for one in out],
                kept=[real.get(one, one) for one in stay],
            )  # fmt: skip


class TestRelease:
    def test_is_refused_while_a_place_is_not_confirmed(self, cast: Cast, row: GatheredRecords) -> None:
        marks = answer(row, cast.lead).marks
        confirm_places(by=cast.lead, at=NOW, gathered=row, taken_out=[mark.key for mark in marks[1:]], kept=[])
        with pytest.raises(Refused, match="1 place is still to be confirmed"):
            release_records(by=cast.lead, at=NOW, gathered=row, to_whom="Maud", how="by hand")
        assert not RecordsRelease.objects.exists()

    def test_stands_on_the_trail_with_to_whom_and_how(self, cast: Cast, row: GatheredRecords) -> None:
        confirmed(row, by=cast.lead)
        release_records(by=cast.lead, at=LATER, gathered=row, to_whom="her solicitor", how="on an encrypted disk")
        entry = TrailEntry.objects.get(operation="home.release_records")
        assert entry.sentence == "released what is held about P-1042 to her solicitor, on an encrypted disk"
        assert (entry.by_name, entry.at) == ("Lark Penrose", LATER)
        assert entry.facts["manifest_sha256"] == RecordsRelease.objects.get().manifest_sha256

    @pytest.mark.parametrize(
        ("to_whom", "how", "wrong"),
        [("\u200b", "by hand", {"to_whom"}), ("Maud", "\u00ad \u3164", {"how"}), ("", " ", {"to_whom", "how"})],
    )
    def test_says_to_whom_and_how_in_words_that_can_be_read(
        self, cast: Cast, row: GatheredRecords, to_whom: str, how: str, wrong: set[str]
    ) -> None:
        confirmed(row, by=cast.lead)
        with pytest.raises(Invalid) as refused:
            release_records(by=cast.lead, at=NOW, gathered=row, to_whom=to_whom, how=how)
        assert set(refused.value.problems) == wrong
        assert not RecordsRelease.objects.exists()

    def test_afterwards_nothing_can_be_changed(self, cast: Cast, incident: Incident) -> None:
        row = released(person_of(incident).pk, by=cast.lead)
        key = answer(row, cast.lead).marks[0].key
        for do in (
            lambda: add_words(by=cast.lead, at=NOW, gathered=row, words="Tom"),
            lambda: confirm_places(by=cast.lead, at=NOW, gathered=row, taken_out=[], kept=[key]),
            lambda: release_records(by=cast.lead, at=NOW, gathered=row, to_whom="x", how="y"),
        ):
            with pytest.raises(Refused, match="were released"):
                do()

    @pytest.mark.parametrize("model", [GatheredRecords, AddedWords, PlacesConfirmed, RecordsRelease])
    def test_the_database_keeps_every_row_as_it_is(self, model: Any, cast: Cast, incident: Incident) -> None:
        row = gathered(person_of(incident).pk, by=cast.lead)
        add_words(by=cast.lead, at=NOW, gathered=row, words="Tom")
        confirmed(row, by=cast.lead)
        release_records(by=cast.lead, at=NOW, gathered=row, to_whom="x", how="y")
        table = model._meta.db_table
        for statement in (f"UPDATE {table} SET decided_by_name = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


class TestWhatLeaves:
    @pytest.fixture
    def pack(self, cast: Cast, incident: Incident, tmp_path: Path, settings: Any) -> Path:
        settings.TRAIL_KEY_FILE = str(tmp_path / "trail-key")
        settings.TRAIL_PUBLIC_KEY_FILE = str(tmp_path / "trail-key.pub")
        row = gathered(person_of(incident).pk, by=cast.lead)
        confirmed(row, by=cast.lead, keep="01632 960123")
        release_records(by=cast.lead, at=NOW, gathered=row, to_whom="Maud", how="by hand")
        seal(provider_id=cast.provider.pk, at=NOW)
        response = signed_in(cast.lead).get(reverse("home:gathered_pack", args=[row.pk]))
        assert response["Content-Type"] == "application/zip"
        path = tmp_path / "pack.zip"
        path.write_bytes(response.content)
        return path

    def test_holds_what_was_kept_and_not_what_was_taken_out(self, pack: Path) -> None:
        with zipfile.ZipFile(pack) as archive:
            assert sorted(archive.namelist()) == ["manifest.json", "proofs.json", "records.html", "records.json"]
            page, data = archive.read("records.html").decode(), json.loads(archive.read("records.json"))
            proofs = archive.read("proofs.json").decode()
        everything = page + json.dumps(data)
        assert "01632 960123" in page
        assert "[removed] found Maud at the door." in page
        for name in ("Wren", "Ashdown", "Penrose", "Sorrel"):
            assert name not in everything
        assert "Wren" not in proofs
        assert data["reference"] == "P-1042"

    def test_brings_its_style_along_and_its_own_policy_lets_in_nothing_else(self, pack: Path) -> None:
        with zipfile.ZipFile(pack) as archive:
            page = archive.read("records.html").decode()
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        assert not re.search(r"url\(|@import", style)
        named = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
        assert policy == f"default-src 'none'; img-src data:; style-src 'sha256-{named}'"

    def test_is_accessible_markup(self, pack: Path) -> None:
        with zipfile.ZipFile(pack) as archive:
            page = archive.read("records.html").decode()
        assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
        assert page.count("<h1>") == 1
        assert re.search("<title>Records held about P-1042</title>", page)
        assert not re.search(r"<script|style=|http(?!-equiv)", page)
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_is_proven_to_anybody(self, pack: Path) -> None:
        found = check(pack, keys.public_keys())
        assert found.troubles == []
        assert found.entries > 1

    def test_is_the_same_each_time_it_is_taken(self, pack: Path, cast: Cast) -> None:
        row = GatheredRecords.objects.get()
        again = signed_in(cast.lead).get(reverse("home:gathered_pack", args=[row.pk])).content
        assert zipfile.ZipFile(io.BytesIO(again)).read("records.html") == zipfile.ZipFile(pack).read("records.html")
        assert again == pack.read_bytes()

    def test_a_file_changed_on_the_way_is_found(self, pack: Path, tmp_path: Path) -> None:
        changed = tmp_path / "changed.zip"
        with zipfile.ZipFile(pack) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, content.replace(b"[removed]", b"Somebody", 1) if name == "records.html" else content)
        (trouble,) = check(changed, keys.public_keys()).troubles
        assert "'records.html' was changed" in trouble


def visit(by: Person, name: str, *ids: object, **sent: Any) -> HttpResponse:
    client: Client = signed_in(by)
    return (
        client.post(reverse(name, args=ids), sent, follow=True)
        if sent
        else client.get(reverse(name, args=ids), follow=True)
    )  # type: ignore[return-value]


class TestThePages:
    def test_from_the_request_to_the_file(self, cast: Cast, incident: Incident) -> None:
        person = person_of(incident)
        form = visit(cast.lead, "home:gather", person.pk)
        (key,) = [one for one in re.findall("<input[^>]*>", form.content.decode()) if "submission_key" in one]
        sent = re.search(r'value="(\w+)"', key)
        assert sent is not None
        page = visit(
            cast.lead, "home:gather", person.pk, asked_by="She herself", asked_on="2026-03-01", submission_key=sent[1]
        )
        row = GatheredRecords.objects.get()
        assert "Confirm every place first" in words(page)
        assert "1 April 2026" in words(page)
        while questions := re.findall(r'name="question" value="(\w+)"', page.content.decode()):
            page = visit(cast.lead, "home:gathered", row.pk, question=questions, keep=questions[:1])
        assert "Confirm every place first" not in words(page)
        assert "Read it as it leaves, then tick" in words(
            visit(cast.lead, "home:release_gathered", row.pk, to_whom="a")
        )
        done = visit(cast.lead, "home:release_gathered", row.pk, to_whom="Maud", how="by hand", read="on")
        assert "Released to Maud, by hand" in words(done)
        assert "Try again in a minute" in words(visit(cast.lead, "home:gathered_pack", row.pk))
        assert "Released" in words(visit(cast.lead, "home:records"))

    def test_the_preview_takes_out_what_nobody_confirmed(self, cast: Cast, row: GatheredRecords) -> None:
        page = visit(cast.lead, "home:gathered_preview", row.pk).content.decode()
        assert "Wren" not in page
        assert "found Maud at the door" in page

    def test_what_people_typed_is_never_markup(self, cast: Cast) -> None:
        made = an_incident(by=cast.worker, team=cast.north, what_happened="<script>alert(1)</script> Wren <b>")
        row = gathered(person_of(made).pk, by=cast.lead)
        for name in ("home:gathered", "home:gathered_preview"):
            page = visit(cast.lead, name, row.pk).content.decode()
            assert "<script>alert" not in page
        assert (
            "&lt;script&gt;alert(1)&lt;/script&gt; [removed] &lt;b&gt;"
            in visit(cast.lead, "home:gathered_preview", row.pk).content.decode()
        )

    def test_every_place_can_be_looked_at_again(self, cast: Cast, row: GatheredRecords) -> None:
        confirmed(row, by=cast.lead, keep="01632 960123")
        page = signed_in(cast.lead).get(f"{reverse('home:gathered', args=[row.pk])}?again=1").content.decode()
        assert page.count(" checked>") == 1
        assert len(re.findall('name="question"', page)) == len(answer(row, cast.lead).all)

    @pytest.mark.parametrize("sent", [{"question": "nonsense"}, {"keep": "nonsense"}])
    def test_a_page_that_is_out_of_date_says_so(self, sent: dict[str, str], cast: Cast, row: GatheredRecords) -> None:
        assert "The places have changed" in words(visit(cast.lead, "home:gathered", row.pk, **sent))
        assert not PlacesConfirmed.objects.exists()

    def test_words_are_added_or_the_reason_stands_beside_them(self, cast: Cast, row: GatheredRecords) -> None:
        assert "These words stand nowhere" in words(visit(cast.lead, "home:gathered_words", row.pk, words="postman"))
        assert "1 place marked" in words(visit(cast.lead, "home:gathered_words", row.pk, words="brother Tom"))

    def test_every_page_is_a_look_at_the_person(self, cast: Cast, incident: Incident, row: GatheredRecords) -> None:
        visit(cast.lead, "home:gather", person_of(incident).pk)
        visit(cast.lead, "home:gathered", row.pk)
        visit(cast.lead, "home:gathered_preview", row.pk)
        pages = AccessEntry.objects.filter(story_id=person_of(incident).pk).values_list("page", flat=True)
        assert {"records of a person, gathering", "records gathered", "records gathered, as they leave"} <= set(pages)

    def test_no_file_before_the_release(self, cast: Cast, row: GatheredRecords) -> None:
        assert visit(cast.lead, "home:gathered_pack", row.pk).status_code == 404
