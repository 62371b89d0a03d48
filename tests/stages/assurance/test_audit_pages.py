"""Pages of an audit: what is hidden from a second auditor and from those a change only reaches, and what is kept."""

from __future__ import annotations

import hashlib
import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.assurance.models import AuditPlan, AuditPopulation, AuditScore
from saferpractice.assurance.operations import settle_record
from tests.factories.audits import READ_AT, a_draw, an_audit_plan, read, read_all
from tests.factories.changes import a_live_change
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R37")]


@pytest.fixture(autouse=True)
def _now(the_clock: Any) -> None:
    the_clock.stand_at(READ_AT)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(person: Person, name: str, *args: Any, query: str = "") -> str:
    response = signed_in(person).get(reverse(f"assurance:{name}", args=args) + query)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def plan_form(**changes: str) -> dict[str, str]:
    return {
        "submission_key": "k",
        "title": "Consultations in the new form",
        "records": "case_records:self-neglect:consultation",
        "ask_1": "Is the reason written down?",
        "look_for_1": "A reason somebody else could follow",
        "meets_1": "yes",
        "about_1": "used",
        "claim": "discovery",
        "tolerable": "10",
        "target": "90",
        "read_by_two": "no",
        "by_team": "no",
        "months": "3",
        "first_on": "2026-06-01",
    } | changes


class TestWhoSeesWhat:
    def test_a_second_auditor_sees_nothing_of_what_the_first_found(self, cast: Cast) -> None:
        population = a_draw(cast, records=3, read_by_two=True)
        sample = population.samples.order_by("rank")[0]
        read(sample, by=cast.quality_lead, answers={"q1": "no"}, remark="Zebrawood is missing")
        for page in (
            shown(cast.reviewer, "audit_sample", sample.pk),
            shown(cast.reviewer, "audit_round", population.pk),
        ):
            assert "Zebrawood" not in page
            assert "Does not meet" not in page
            assert "Quill Harker" not in page
        assert "checked" not in shown(cast.reviewer, "audit_sample", sample.pk)

    def test_whoever_the_change_only_reaches_sees_the_draw_and_no_record(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        for sample in population.samples.all():
            read(sample, by=cast.quality_lead, answers={"q1": "no"}, remark="Zebrawood is missing")
        page = shown(cast.worker, "audit_round", population.pk)
        assert population.list_hash in page
        assert "4 1 6 2 5 3" in page
        assert "Zebrawood" not in page
        assert "/pathways/cases/" not in page
        assert "Track an action?" not in page
        assert "Zebrawood" in shown(cast.quality_lead, "audit_round", population.pk)

    def test_a_record_is_not_there_for_its_maker_nor_for_the_owner(self, cast: Cast) -> None:
        population = a_draw(cast, records=2)
        address = reverse("assurance:audit_sample", args=[population.samples.all()[0].pk])
        for person in (cast.duty_manager, cast.supervisor, cast.worker):
            assert signed_in(person).get(address).status_code == 404
            assert signed_in(person).post(address, {"q1": "yes", "q2": "na"}).status_code == 404
        assert not AuditScore.objects.exists()

    def test_the_look_at_a_record_is_on_record(self, cast: Cast) -> None:
        population = a_draw(cast, records=2)
        shown(cast.quality_lead, "audit_sample", population.samples.all()[0].pk)
        assert AccessEntry.objects.filter(by_id=cast.quality_lead.pk, page="audit record").exists()


class TestTheFile:
    def test_it_hashes_to_the_hash_shown_and_names_nobody(self, cast: Cast) -> None:
        population = a_draw(cast, records=5)
        response = signed_in(cast.worker).get(reverse("assurance:audit_ids", args=[population.pk]))
        assert hashlib.sha256(response.content).hexdigest() == population.list_hash
        assert response.content.decode().split("\n") == population.lines
        assert "P-N" not in response.content.decode()

    def test_the_list_of_audits_can_be_taken_away_as_shown(self, cast: Cast) -> None:
        population = a_draw(cast, records=2)
        read_all(population, by=cast.quality_lead)
        an_audit_plan(cast, change=population.plan.change, title="Another one")
        file = b"".join(
            signed_in(cast.lead).get(reverse("assurance:audits_file"), {"answer": "meets the target"})  # type: ignore[attr-defined]
        ).decode()
        assert '"Consultations in the new form"' in file
        assert "Another one" not in file
        assert "No audit fits" in shown(cast.lead, "audits", query="?q=nothing+of+the+kind")


class TestForms:
    def test_the_size_is_worked_out_from_the_address_alone(self, cast: Cast) -> None:
        change = a_live_change(cast, live_at=NOW)
        page = shown(cast.lead, "audit_size", change.pk, query="?claim=discovery&tolerable=10&population=80")
        assert "Read 24 of 80" in page
        assert "fewer than 8 of the 80 do not" in page
        wrong = shown(
            cast.lead, "audit_size", change.pk, query="?claim=estimate&expected=50&half_width=1&population=5000"
        )
        assert "people read at most 300" in wrong

    def test_a_plan_with_a_mistake_keeps_what_was_typed_and_makes_nothing(self, cast: Cast) -> None:
        change = a_live_change(cast, live_at=NOW)
        address = reverse("assurance:new_audit", args=[change.pk])
        sent = signed_in(cast.lead).post(address, plan_form(look_for_1="", ask_2="Is it dated?"))
        page = html.unescape(sent.content.decode())
        assert sent.status_code == 200
        assert "Enter what to look for" in page
        assert "or clear question 2" in page
        assert "Is the reason written down?" in page
        assert not AuditPlan.objects.exists()

    def test_sent_again_with_other_answers_it_says_what_differs(self, cast: Cast) -> None:
        change, client = a_live_change(cast, live_at=NOW), signed_in(cast.lead)
        address = reverse("assurance:new_audit", args=[change.pk])
        offered = html.unescape(client.get(address).content.decode())
        if "case_records:self-neglect:consultation" not in offered:
            a_draw(cast, records=1)
        before = AuditPlan.objects.count()
        assert client.post(address, plan_form()).status_code == 302
        assert client.post(address, plan_form()).status_code == 302
        assert client.post(address, plan_form(target="80")).status_code == 409
        assert AuditPlan.objects.count() == before + 1

    def test_a_record_left_half_answered_keeps_the_other_half(self, cast: Cast) -> None:
        population = a_draw(cast, records=2)
        address = reverse("assurance:audit_sample", args=[population.samples.all()[0].pk])
        sent = signed_in(cast.quality_lead).post(address, {"q1": "yes", "remark": "Only this"})
        page = sent.content.decode()
        assert sent.status_code == 200
        assert "Only this" in page
        assert "checked" in page
        assert not AuditScore.objects.exists()


def test_a_list_that_was_tampered_with_says_so(cast: Cast) -> None:
    population = a_draw(cast, records=3)
    columns = {f.attname: getattr(population, f.attname) for f in population._meta.concrete_fields}
    forged = AuditPopulation(**columns)
    forged.pk, forged.number, forged.lines = AuditPopulation().pk, 2, population.lines[1:]
    forged.save(force_insert=True)
    assert "Nothing found here can be relied on" in shown(cast.lead, "audit_round", forged.pk)
    assert "Nothing found here can be relied on" not in shown(cast.lead, "audit_round", population.pk)


def test_what_two_found_stands_side_by_side_and_what_was_settled_starts_the_next_decision(cast: Cast) -> None:
    population = a_draw(cast, records=2, read_by_two=True)
    sample = population.samples.order_by("rank")[0]
    read(sample, by=cast.quality_lead, answers={"q1": "no"}, remark="No reason")
    read(sample, by=cast.reviewer)
    page = shown(cast.lead, "audit_settle", sample.pk)
    for words in ("Quill Harker", "Rowan Thwaite", "Differs", "No reason"):
        assert words in page
    settle_record(
        by=cast.lead, at=READ_AT, sample=sample, answers={"q1": "yes", "q2": "na"}, reason="It stands overleaf"
    )
    assert "It stands overleaf" in shown(cast.lead, "audit_settle", sample.pk)
