"""No pack that goes outside tells who anybody is: every kind of pack of the example service, and all that is in it.

The example's people are given names here, and a record in which everybody is named in every way people write.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pikepdf
import pytest
from django.db import transaction
from django.db.models import QuerySet

from saferpractice.access.models import Person, Service
from saferpractice.access.rules import Place, Role
from saferpractice.config import encryption
from saferpractice.evidence.models import EvidencePack, PackBuilt, PublishedQuarter
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.exchange import example
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.queries import name_context
from saferpractice.partners.models import Contact
from tests.factories.incidents import an_incident
from tests.factories.packs_made import ask, built, bytes_of
from tests.factories.pdf_text import text_of

pytestmark = pytest.mark.requirement("R32", "R34")

LOADED_AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
PERIOD = (date(2025, 11, 24), date(2026, 11, 23))
NAMED = "Hesper Quillfeather"
NUMBERS = ("943 476 5919", "9434765919", "0113 496 0000", "LS1 4AP", "hesper@invented.example")
"""An invented person, and numbers of the ranges kept free for examples."""


@pytest.fixture(scope="module")
def packs(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[Subject, PackBuilt]]:
    """A pack of each kind for an inspector, of the example with names, built once for this module."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            example.load(example.shipped_example(), at=LOADED_AT)
            yield _packs()
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def _packs() -> dict[Subject, PackBuilt]:
    maker = Person.objects.holding(Role.QUALITY_LEAD, Place(Person.objects.earliest("pk").provider_id), LOADED_AT)[0]
    for number, one in enumerate(PersonSupported.objects.order_by("pk")):
        one.name_encrypted = encryption.encrypt(f"Ottoline Supportedby{_letters(number)}", name_context(one))
        one.save(update_fields=["name_encrypted"])
    told = _told()
    services = list(Service.objects.filter(provider_id=maker.provider_id))
    learnt = Incident.objects.visible_to(maker, LOADED_AT).filter(findings__changes__isnull=False).distinct()[0]
    more: dict[Subject, dict[str, Any]] = {
        Subject.INCIDENT: {"incident": told, "services": [told.team.service]},
        Subject.LEARNING: {"incident": learnt, "services": [learnt.team.service]},
        Subject.THEME: {"theme": "self-neglect", "services": services, "period": PERIOD},
        Subject.QUARTER: {"services": services, "period": (date(2026, 7, 1), date(2026, 9, 30))},
        Subject.INSPECTION: {"services": services, "period": PERIOD},
    }
    return {
        subject: built(
            ask(maker, subject=subject, disclosure=Disclosure.INSPECTOR, at=LOADED_AT, **given), at=LOADED_AT
        )
        for subject, given in more.items()
    }


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


def _told() -> Incident:
    """An incident in which everybody is named, in many ways."""
    reporter = Person.objects.filter(role_assignments__role=Role.SUPPORT_WORKER, is_active=True).order_by("pk")[0]
    held = reporter.role_assignments.filter(team__isnull=False)[0]
    colleague = Person.objects.filter(provider=reporter.provider).exclude(pk=reporter.pk).order_by("pk")[3]
    first, last = NAMED.split()
    words = (
        f"{NAMED} rang. {last.upper()}, {first} is Mr Oakthistle's sister; {first.lower()} said Dr Brackenridge knew. "
        f"{colleague.name} and {colleague.name.split()[-1]} went. NHS number {NUMBERS[0]}, also {NUMBERS[1]}. "
        f"Ring {NUMBERS[2]}, {NUMBERS[3]}, {NUMBERS[4]}."
    )
    return an_incident(
        by=reporter,
        team=held.team,
        at=LOADED_AT,
        person_reference="QF-55231",
        person_name=NAMED,
        what_happened=words,
        done_at_once=f"QF 55231 was told to {reporter.name}.",
    )


@pytest.fixture(scope="module")
def for_commissioners(packs: dict[Subject, PackBuilt]) -> dict[str, PackBuilt]:
    """What a commissioner may be handed of the same records: a quarter, a year, and one service of it."""
    maker = packs[Subject.QUARTER].pack.decided_by
    assert maker is not None
    services = list(Service.objects.filter(provider_id=maker.provider_id).order_by("name"))
    rows = PublishedQuarter.objects.filter(provider_id=maker.provider_id).order_by("year", "number")
    first, last = rows[0].quarter, rows[len(rows) - 1].quarter
    more: dict[str, dict[str, Any]] = {
        "a quarter": {"subject": Subject.QUARTER, "services": services, "period": (last.first, last.last)},
        "all of them": {"subject": Subject.INSPECTION, "services": services, "period": (first.first, last.last)},
        "one service": {"subject": Subject.INSPECTION, "services": services[:1], "period": (first.first, last.last)},
    }
    return {
        name: built(ask(maker, disclosure=Disclosure.COMMISSIONER, at=LOADED_AT, **given), at=LOADED_AT)
        for name, given in more.items()
    }


HANDED = pytest.mark.parametrize("handed", ["a quarter", "all of them", "one service"])


@HANDED
def test_a_commissioner_reads_nothing_of_anybody(for_commissioners: dict[str, PackBuilt], handed: str) -> None:
    """No name, number or reference of a person, of an incident or of any record, and nothing that was typed."""
    made = for_commissioners[handed]
    assert texts_of(made.pk)["pdf"].strip()
    known = {*known_of(made.pack.provider_id), *SECRET_WORDS}
    known |= {*Person.objects.values_list("email", flat=True), *Contact.objects.values_list("email", flat=True)}
    assert len(known) > 100
    whole = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, known))})(?![^\W_])", re.IGNORECASE)
    assert {where: hit[0] for where, text in texts_of(made.pk).items() if (hit := whole.search(text))} == {}
    prefixes = re.compile(r"\b(CH|AC|AU|IM|SU)-[0-9A-F]{8}\b")
    assert {where for where, text in texts_of(made.pk).items() if prefixes.search(text)} == set()
    typed = {
        one for row in Incident.objects.values_list("what_happened", "done_at_once") for one in row if len(one) > 20
    }
    assert {text for text in typed for found in texts_of(made.pk).values() if text in found} == set()


@HANDED
def test_a_commissioner_reads_no_number_that_was_not_published(
    for_commissioners: dict[str, PackBuilt], handed: str
) -> None:
    """Each is one of the published row, rounded; what was held back there is nowhere."""
    made = for_commissioners[handed]
    rows = PublishedQuarter.objects.filter(provider_id=made.pack.provider_id)
    shown = {
        (row.quarter.short, one["title"], place): [None if each is None else f"about {each:,}" for each in share]
        for row in rows
        for one in row.data["measures"]
        for place, share in ({"Provider": one["whole"]} | _named(row, one["places"])).items()
    }
    lines = list(csv.DictReader(io.StringIO(texts_of(made.pk)["zip/data/published.csv"].removeprefix("\ufeff"))))
    assert lines
    for line in lines:
        count, out_of = shown[(line["source_reference"], line["measure"], line["place"])]
        assert (line["count"], line["out_of"]) == (count or "not shown", out_of or "not shown")
    numbers = re.compile(r'"guarded": "([^"]*)"').findall(texts_of(made.pk)["zip/data/pack.json"])
    assert {one for one in numbers if not re.fullmatch(r"not shown|about [\d,]*[05]", one)} == set()
    assert "about 0" not in numbers


def _named(row: PublishedQuarter, places: dict[str, Any]) -> dict[str, Any]:
    return {row.data["services"][place]: share for place, share in places.items()}


SECRET_WORDS = ("Quillfeather", "Hesper", "Oakthistle", "Brackenridge", "QF-55231", "QF 55231", *NUMBERS)


@cache
def texts_of(pk: Any) -> dict[str, str]:
    """Everything a reader can get out of a pack, by where it stands: pages, data, the PDF's text and attachments."""
    made = PackBuilt.objects.get(pk=pk)
    found = {"page": bytes_of(made.page).decode()}
    with zipfile.ZipFile(io.BytesIO(bytes_of(made.bundle))) as archive:
        for name in archive.namelist():
            found[f"zip/{name}"] = "" if name.endswith(".pdf") else archive.read(name).decode()
    with pikepdf.open(io.BytesIO(bytes_of(made.pdf))) as pdf:
        found["pdf"] = f"{text_of(pdf)} {pdf.docinfo}"
        for name, attached in pdf.attachments.items():
            found[f"pdf/{name}"] = attached.get_file().read_bytes().decode()
    return found


def found_in(made: PackBuilt, word: str) -> list[str]:
    """Where in a pack a word stands, alone or inside another that is written together with it."""
    close = re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", re.IGNORECASE)
    return [where for where, text in texts_of(made.pk).items() if close.search(text)]


SUBJECTS = pytest.mark.parametrize("subject", list(Subject))


@SUBJECTS
def test_no_person_supported_and_nobody_on_the_staff_is_named(
    packs: dict[Subject, PackBuilt], subject: Subject
) -> None:
    made = packs[subject]
    known = known_of(made.pack.provider_id, incidents=False)
    assert len(known) > 60
    leaks = {name: where for name in known if (where := found_in(made, name))}
    assert leaks == {}


@SUBJECTS
def test_no_part_of_a_name_that_is_nothing_but_a_name(packs: dict[Subject, PackBuilt], subject: Subject) -> None:
    """Surnames and first names that stand in no other text, such as the name of a service."""
    made = packs[subject]
    places = " ".join(
        f"{service.name} {' '.join(team.name for team in service.teams.all())}" for service in Service.objects.all()
    )
    parts = {part for name in Person.objects.values_list("name", flat=True) for part in name.split() if len(part) > 3}
    leaks = {part: where for part in parts if part not in places and (where := found_in(made, part))}
    assert {part: where for part, where in leaks.items() if part.lower() not in ORDINARY} == {}


ORDINARY: set[str] = set()
"""Names that the texts of the example also use as words."""


@SUBJECTS
def test_no_reference_of_a_person_supported(packs: dict[Subject, PackBuilt], subject: Subject) -> None:
    references = set(PersonSupported.objects.values_list("reference", flat=True))
    assert {one: where for one in references if (where := found_in(packs[subject], one))} == {}


@SUBJECTS
@pytest.mark.parametrize("word", SECRET_WORDS)
def test_nothing_of_what_was_typed_of_somebody(packs: dict[Subject, PackBuilt], subject: Subject, word: str) -> None:
    assert found_in(packs[subject], word) == []


@SUBJECTS
def test_no_contact_of_a_partner_and_no_address_of_anybody(packs: dict[Subject, PackBuilt], subject: Subject) -> None:
    emails = {*Person.objects.values_list("email", flat=True), *Contact.objects.values_list("email", flat=True)}
    assert {one: where for one in emails if (where := found_in(packs[subject], one))} == {}


def test_the_search_finds_what_is_there(packs: dict[Subject, PackBuilt]) -> None:
    """The test itself: masks and references stand in every form a pack has, so a leak would be found in each."""
    made = packs[Subject.INCIDENT]
    reference = made.pack.about
    assert {where.split("/")[0] for where in found_in(made, reference)} >= {"page", "zip", "pdf"}
    masks = found_in(made, "[NHS number removed]".strip("[]"))
    assert {"page", "pdf", "zip/data/pack.json", "pdf/pack.json"} <= set(masks)
    whole = packs[Subject.INSPECTION]
    assert whole.incidents > 20
    assert whole.statements > 200


def test_the_same_pack_inside_names_them(packs: dict[Subject, PackBuilt]) -> None:
    """What is looked for is in the records: the pack that stays inside holds it."""
    told = packs[Subject.INCIDENT].pack
    assert told.incident is not None
    assert told.decided_by is not None
    made = built(
        ask(
            told.decided_by,
            subject=Subject.INCIDENT,
            disclosure=Disclosure.FULL,
            incident=told.incident,
            services=[told.incident.team.service],
            at=LOADED_AT,
        ),
        at=LOADED_AT,
    )
    for word in SECRET_WORDS:
        assert {"page", "zip/data/pack.json"} <= set(found_in(made, word)), word
    own = EvidencePack.objects.exclude(pk__in=shipped().values("pk"))
    assert own.filter(disclosure=Disclosure.FULL).count() == 1


def shipped() -> QuerySet[EvidencePack]:
    """The packs that the example comes with."""
    return EvidencePack.objects.filter(submission_key__startswith="example:")


def test_the_packs_that_the_example_comes_with_name_nobody_outside(packs: dict[Subject, PackBuilt]) -> None:
    inside, outside = (list(shipped().filter(built__isnull=False, disclosure=one)) for one in ("full", "inspector"))
    assert (len(inside), len(outside)) == (1, 1)
    known = set(Person.objects.values_list("name", flat=True)) | set(
        PersonSupported.objects.values_list("reference", flat=True)
    )
    assert {name: where for name in known if (where := found_in(outside[0].built, name))} == {}
    assert any(found_in(inside[0].built, name) for name in known), "they are in the records"
