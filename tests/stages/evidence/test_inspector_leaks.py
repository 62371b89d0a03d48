"""No page of an inspector names anybody: each one, of the whole example, is read for every name there is (R34)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.config import clock, encryption
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.operations import draw_incidents, freeze_incidents, open_inspection
from saferpractice.evidence.queries.inspections import Wanted, incidents_in, incidents_shown
from saferpractice.exchange import example
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import correct_report
from saferpractice.incidents.queries import name_context
from saferpractice.incidents.rules import PART_WORDS
from tests.factories.web import signed_in
from tests.personas import SET_UP
from tests.stages.access.table import every_address

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]
LOADED_AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
SEES = ("inspection_overview", "end_inspection", "release", "open_inspection")
"""Addresses of an inspection that are not the inspector's."""
FIRST = ("Aurelia", "Benedict", "Cordelia", "Evander", "Fiammetta", "Leopold", "Ottoline", "Peregrine")
LAST = ("Ashenhurst", "Birtwhistle", "Cholmondeston", "Fothergilly", "Netherclough", "Snaithwell", "Winterslow")
NHS = "943 476 5919"


@pytest.fixture(scope="module")
def inspection(django_db_setup: None, django_db_blocker: object) -> Iterator[Inspection]:
    """The example with an inspection of everything, everybody supported given a name that somebody wrote down."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer.__enter__()
        try:
            example.load(example.shipped_example(), at=LOADED_AT)
            name_everybody()
            yield an_inspection_of_everything()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def name_everybody() -> None:
    """The example has no names: each person gets one, and a colleague writes it into each of their incidents."""
    for number, person in enumerate(PersonSupported.objects.order_by("reference")):
        name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
        sealed = encryption.encrypt(name, name_context(person))
        PersonSupported.objects.filter(pk=person.pk).update(name_encrypted=sealed)
    for number, incident in enumerate(
        Incident.objects.standing().order_by("reference").select_related("person_supported")
    ):
        staff = list(
            Person.objects.filter(provider=incident.provider_id).order_by("name").values_list("name", flat=True)
        )
        whom = incident.person_supported
        about = f"{name_of(whom)} ({whom.reference})" if whom else "Nobody"
        text = f"{about}, NHS {NHS}, told {staff[number % len(staff)]} and rang 07700 900123."
        part = next(iter(PART_WORDS))
        correct_report(by=SET_UP, at=LOADED_AT, incident=incident, part=part, text=text, reason="Learnt later.")


def name_of(person: PersonSupported) -> str:
    sealed = PersonSupported.objects.get(pk=person.pk).name_encrypted
    return encryption.decrypt(sealed, name_context(person)) if sealed else ""


def an_inspection_of_everything() -> Inspection:
    inspector = Person.objects.get(role_assignments__role="inspector")
    made = open_inspection(
        by=SET_UP, at=LOADED_AT, provider=inspector.provider, inspector=inspector,
        services=list(inspector.provider.services.all()), authority="hsca-2008-62", reference="INS-1",
        period_from=(LOADED_AT - timedelta(days=900)).date(), period_to=LOADED_AT.date(),
        ends_at=LOADED_AT + timedelta(days=7), submission_key="all",
    )  # fmt: skip
    frozen = freeze_incidents(
        by=inspector, at=LOADED_AT, inspection=made, wanted=Wanted(), size=50, submission_key="all"
    )
    draw_incidents(by=inspector, at=LOADED_AT, population=frozen, seed="426115")
    return made


@pytest.fixture(scope="module")
def pages(inspection: Inspection) -> Iterator[dict[str, str]]:
    """Every page and file that the inspector has, by its address: as it reads, with entities read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: LOADED_AT + timedelta(hours=1))
        client = signed_in(inspection.inspector)
        read: dict[str, str] = {}
        waiting = [reverse("home:my_work"), *(one for each in every_inspection() for one in addresses(each))]
        while waiting:
            address = waiting.pop()
            if address not in read:
                read[address] = text_of(client, address)
                waiting += [one for one in re.findall(r'href="(/[^"#]*)', read[address]) if OURS.match(one)]
        yield read


def every_inspection() -> list[Inspection]:
    """The one that the example has, and the one of everything."""
    return list(Inspection.objects.order_by("decided_at", "pk"))


OURS = re.compile(r"/(work|inspections)")
"""The inspector's own pages. Pathways, help and the account are about nobody."""


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


def addresses(inspection: Inspection) -> Iterator[str]:
    """Every address of an inspection that the project has, for every record that it may be of."""
    given: dict[str, list[Any]] = {
        "inspection_id": [inspection.pk],
        "incident_id": list(incidents_shown(inspection, LOADED_AT).values_list("pk", flat=True)),
        "population_id": list(inspection.populations.values_list("pk", flat=True)),
        "code": ["learning-culture", "safeguarding", "governance", "improvement"],
    }
    for name, takes in every_address().items():
        if name.startswith("evidence:") and "inspection_id" in takes and name.split(":")[1] not in SEES:
            rest = [one for one in takes if one != "inspection_id"]
            for value in given[rest[0]] if rest else [None]:
                more = {rest[0]: value} if rest else {}
                yield reverse(name, kwargs={"inspection_id": inspection.pk, **more})


def parts(name: str) -> set[str]:
    return {name, *name.split()}


def test_nobody_is_named_on_any_page_of_an_inspector(inspection: Inspection, pages: dict[str, str]) -> None:
    stories = [address for address in pages if "/incidents/" in address]
    assert len(every_inspection()) == 2
    assert len(stories) == sum(incidents_shown(one, LOADED_AT).count() for one in every_inspection()) > 50
    assert len(pages) > len(stories) + 8
    secret = {part for person in PersonSupported.objects.all() for part in parts(name_of(person))} - {""}
    secret |= set(PersonSupported.objects.values_list("reference", flat=True)) | {NHS, "900123"}
    staff = set(Person.objects.exclude(pk=inspection.inspector_id).values_list("name", flat=True))
    words = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in secret | staff), re.IGNORECASE)
    assert len(secret | staff) > 140
    leaks = {address: sorted(set(words.findall(text))) for address, text in pages.items()}
    assert {address: found for address, found in leaks.items() if found} == {}
    assert sum("[name removed]" in pages[address] for address in stories) == len(stories), "the names were there"


def test_the_search_finds_a_name_where_one_stands(inspection: Inspection, pages: dict[str, str]) -> None:
    """The director reads the very same words with the names in them."""
    director = signed_in(Person.objects.get(role_assignments__role="director", provider=inspection.provider))
    one = incidents_shown(inspection, LOADED_AT).exclude(person_supported=None).first()
    assert one is not None
    assert one.person_supported is not None
    read = text_of(director, reverse("home:incident", args=[one.pk]))
    assert name_of(one.person_supported) in read
    assert NHS in read


def test_what_is_restricted_stands_on_no_page(inspection: Inspection, pages: dict[str, str]) -> None:
    hidden = incidents_in(inspection, LOADED_AT).exclude(pk__in=incidents_shown(inspection, LOADED_AT).values("pk"))
    assert hidden.exists()
    numbers = [one.reference for one in hidden]
    assert [address for address, text in pages.items() if any(number in text for number in numbers)] == []
