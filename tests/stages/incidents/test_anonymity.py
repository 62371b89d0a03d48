"""A reporter who asked colleagues not to know their name: on every page, file, mail and trail sentence (R6, R34)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import correct_report, grade_harm, keep_from, name_person
from saferpractice.incidents.rules import Answer, KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.rules import NAME_WITHHELD, Process
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6"), pytest.mark.requirement("R34")]

MAY_KNOW = ("lead", "director")
MAY_NOT_KNOW = (
    "colleague",
    "duty_manager",
    "supervisor",
    "reviewer",
    "quality_lead",
    "administrator",
    "duty_manager_elsewhere",
    "commissioner",
    "inspector",
    "stranger",
)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


@pytest.fixture
def told(cast: Cast) -> Incident:
    """A report without a name, that its reporter looked at, corrected and was reminded of."""
    incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True, still_at_risk=Answer.YES)
    correct_report(by=cast.worker, at=NOW, incident=incident, part="when", text="It was the door", reason="I was there")
    client = signed_in(cast.worker)
    assert client.get(f"/reports/{incident.pk}").status_code == 200
    client.post(f"/incidents/{incident.pk}/correction", {"part": "where", "text": "In the hall", "reason": "Saw it"})
    name_person(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, reason="Reviews it")
    one = Obligation.objects.get(story_id=incident.pk)
    escalate(by=Process("worker"), at=one.due_at.replace(day=7), obligation_id=one.pk)
    return incident


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def pages_of(client: Client, incident: Incident) -> Iterator[tuple[str, str]]:
    """Every page and file that could show it: those named here, and every link on them about this incident."""
    seen: set[str] = set()
    waiting = [
        "/work",
        "/incidents",
        "/incidents?q=door",
        "/tracker?show=all",
        "/tracker.csv?show=all",
        f"/incidents/{incident.pk}",
        f"/incidents/{incident.pk}/looks",
        f"/incidents/{incident.pk}/who-may-see",
        f"/incidents/{incident.pk}/harm",
        f"/incidents/{incident.pk}/correction",
        f"/incidents/{incident.pk}/name",
    ]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address)
        if response.status_code != 200:
            continue
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = body.decode(errors="replace")
        yield address, text
        if str(incident.pk) in address:
            waiting += re.findall(rf'href="(/[^"#?]*{incident.pk}[^"#?]*)"', text)


def without_choices(page: str) -> str:
    """The page without lists of colleagues to choose from: everybody stands in those, whoever reported."""
    return re.sub(r"<select.*?</select>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("name", MAY_NOT_KNOW)
def test_no_page_and_no_file_says_who_it_was(cast: Cast, told: Incident, name: str) -> None:
    found = dict(pages_of(signed_in(cast.people()[name]), told))
    assert found
    assert [address for address, page in found.items() if cast.worker.name in without_choices(page)] == []
    assert [address for address, page in found.items() if cast.worker.email in page] == []


@pytest.mark.parametrize("name", MAY_KNOW)
def test_the_lead_and_a_director_may_know_because_they_may_have_to_protect_them(
    cast: Cast, told: Incident, name: str
) -> None:
    page = signed_in(cast.people()[name]).get(f"/incidents/{told.pk}").content.decode()
    assert "Wren Ashdown (name withheld from colleagues)" in page


def test_the_walk_finds_the_pages_that_matter(cast: Cast, told: Incident) -> None:
    found = dict(pages_of(signed_in(cast.duty_manager), told))
    assert {f"/incidents/{told.pk}", "/tracker.csv?show=all", "/incidents?q=door"} <= set(found)
    assert len(found) > 8
    assert NAME_WITHHELD in found[f"/incidents/{told.pk}"]
    named = an_incident(by=cast.worker, team=cast.north)
    assert cast.worker.name in signed_in(cast.duty_manager).get(f"/incidents/{named.pk}").content.decode()


def test_no_mail_says_it(cast: Cast, told: Incident) -> None:
    assert OutboxMessage.objects.exists()
    for message in OutboxMessage.objects.all():
        assert cast.worker.name not in message.subject + message.body


def test_no_sentence_of_the_trail_says_it(cast: Cast, told: Incident) -> None:
    for entry in TrailEntry.objects.story(told.pk):
        assert cast.worker.name not in f"{entry.by_name} {entry.by_role} {entry.sentence} {entry.facts}"
    unnamed = TrailEntry.objects.story(told.pk).filter(by_name=NAME_WITHHELD)
    assert unnamed.count() == 3
    assert {entry.by_role for entry in unnamed} == {""}


def test_a_reporter_who_grades_the_harm_stays_unnamed(cast: Cast) -> None:
    incident = an_incident(by=cast.duty_manager, team=cast.north, name_withheld=True)
    grade_harm(
        by=cast.duty_manager, at=NOW, incident=incident, physical_harm="low", psychological_harm="low", reason="Seen"
    )
    assert {one.decided_by_name for one in incident.harm_gradings.all()} == {NAME_WITHHELD}
    assert {one.decided_by for one in incident.harm_gradings.all()} == {None}
    assert {one.by_name for one in TrailEntry.objects.story(incident.pk)} == {NAME_WITHHELD}


def test_what_others_do_to_it_bears_their_names(cast: Cast, told: Incident) -> None:
    correct_report(by=cast.lead, at=NOW, incident=told, part="when", text="Tuesday", reason="Log")
    keep_from(by=cast.lead, at=NOW, incident=told, person=cast.supervisor, because=KeptFromReason.OTHER)
    assert told.corrections.filter(decided_by=cast.lead, decided_by_name="Lark Penrose").exists()
    assert TrailEntry.objects.story(told.pk).filter(by_name="Lark Penrose").count() == 3


def test_their_own_page_says_that_a_correction_bears_no_name(cast: Cast, told: Incident) -> None:
    address = reverse("incidents:correct", args=[told.pk])
    assert "without your name, as you asked" in signed_in(cast.worker).get(address).content.decode()
    assert "the time and your name" in signed_in(cast.duty_manager).get(address).content.decode()


def test_the_reporter_sees_their_own_corrections_and_nobody_elses(cast: Cast, told: Incident) -> None:
    correct_report(by=cast.lead, at=NOW, incident=told, part="learnt_later", text="Only for the lead", reason="x")
    page = signed_in(cast.worker).get(f"/reports/{told.pk}").content.decode()
    assert "It was the door" in page
    assert "In the hall" in page
    assert "Only for the lead" not in page
