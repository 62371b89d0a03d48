"""Looking for anybody in what commissioners read of the example, and for what is hidden in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pikepdf
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person, Provider
from saferpractice.config import encryption
from saferpractice.evidence.models import PublishedQuarter
from saferpractice.evidence.queries.counted import counted
from saferpractice.evidence.rules.disclosure.tables import WHOLE, Cell, every_cell
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.queries import name_context
from tests.factories.pdf_text import text_of as pdf_text
from tests.rules.evidence.disclosure.attack import Range, relations_of, squeezed

FAR = 10**6
NOTHING = (0, FAR)
"""What is known of a count that is held back, or stands in none of the files."""


def everything_read(client: Client, *providers: Provider) -> Iterator[tuple[str, str]]:
    """Every page and file that a commissioner of these providers finds, by its name; see ``name_of``."""
    for name in ("evidence:commissioner", "evidence:compare", "home:my_work"):
        yield name, text_of(client.get(reverse(name)))
    for provider in providers:
        for name in ("evidence:schedule", "evidence:schedule_file"):
            yield f"{name} {provider}", text_of(client.get(reverse(name, args=[provider.pk])))
        pdf = client.get(reverse("evidence:schedule_pdf", args=[provider.pk]))
        yield f"evidence:schedule_pdf {provider}", printed(pdf)
    for quarter, measure in compared(client):
        asked = client.get(reverse("evidence:compare"), {"quarter": quarter, "measure": measure})
        yield f"evidence:compare {quarter} {measure}", text_of(asked)
    for row in PublishedQuarter.objects.filter(provider__in=providers):
        for name in ("evidence:commissioner_quarter", "evidence:commissioner_file"):
            yield name_of(name, row), text_of(client.get(reverse(name, args=[row.provider_id, row.quarter.code])))


def name_of(page: str, row: PublishedQuarter) -> str:
    """By what ``everything_read`` names a page of a published quarter."""
    return f"{page} {row.provider}, {row}"


def compared(client: Client) -> Iterator[tuple[str, str]]:
    """Every measure of the newest quarter that can be compared, and one of each quarter before it."""
    page = text_of(client.get(reverse("evidence:compare")))
    quarters, measures = (
        re.findall(r'<option value="([^"]+)"', page.split(f'name="{name}"')[1].split("</select>")[0])
        for name in ("quarter", "measure")
    )
    yield from ((quarters[0], measure) for measure in measures)
    yield from ((quarter, measures[0]) for quarter in quarters[1:])


def printed(response: HttpResponse) -> str:
    """What can be copied out of a PDF, and everything that is attached to it."""
    with pikepdf.open(io.BytesIO(response.content)) as made:
        kept = [one.get_file().read_bytes().decode("utf-8-sig") for one in made.attachments.values()]
        return "\n".join([pdf_text(made), *kept, *(str(value) for value in made.docinfo.values())])


def text_of(response: HttpResponse) -> str:
    """Everything that came back."""
    assert response.status_code == 200
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return content.decode("utf-8-sig")


def who_must_not_be_found(provider: Provider, reader: Person) -> set[str]:
    """Every name of the people supported and of those who work here, and every reference."""
    supported = list(PersonSupported.objects.filter(provider=provider))
    named = [encryption.decrypt(one.name_encrypted, name_context(one)) for one in supported if one.name_encrypted]
    found = {one.reference for one in supported} | set(named)
    found |= set(Incident.objects.filter(provider=provider).values_list("reference", flat=True))
    return found | set(Person.objects.filter(provider=provider).exclude(pk=reader.pk).values_list("name", flat=True))


def nhs_numbers_in(text: str) -> list[str]:
    """Whatever is written as an NHS number is: ten digits in three, three and four."""
    return re.findall(r"(?<!\d)\d{3}[ -]\d{3}[ -]\d{4}(?!\d)", text)


def narrowed(provider: Provider, row: PublishedQuarter, file: str) -> list[str]:
    """The counts not on show that the file of a quarter gives away: small ones with fewer than three possible values.

    The file (or several, one after the other) is all that is used, with what adds up to what; the true counts only say
    which counts are small.
    """
    shown: dict[tuple[str, str], tuple[Range, Range]] = {}
    for line in csv.DictReader(io.StringIO(file)):
        shown[line["Code"], line["Service"]] = (_range(line["Count"]), _range(line["Out of"]))
    services = {str(pk): name for pk, name in provider.services.values_list("pk", "name")}
    wrong = []
    for one in counted(provider, row.quarter, row.decided_at):
        known: dict[Cell, Range] = dict.fromkeys(every_cell(one.table), NOTHING)
        for part, told in one.measures:
            for place, service in [(WHOLE, ""), *((n, services[pk]) for n, pk in enumerate(one.places))]:
                known[place, part], known[place, WHOLE] = shown.get((told.code, service), (NOTHING, NOTHING))
        for cell, (low, high) in squeezed(known, relations_of(one.table)).items():
            assert low <= one.table.of(cell) <= high, "what is shown must be true"
            if one.table.of(cell) < 5 and high - low < 2:
                wrong.append(f"{row}, {one.measures[0][1].code}, {cell}: {low} to {high}")
    return wrong


def _range(said: str) -> Range:
    return NOTHING if said == "[c]" else (max(5, int(said) - 2), int(said) + 2)
