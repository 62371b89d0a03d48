"""Whoever stands on the records is looked for in every text that leaves: one list of names for packs, for what is
published and for what an inspector reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from saferpractice.access.operations import set_active
from saferpractice.config.encryption import CannotDecrypt
from saferpractice.evidence.queries.inspected import story_of
from saferpractice.evidence.queries.known import known_of, on_record
from saferpractice.evidence.queries.packs import texts_of
from saferpractice.evidence.rules.identifiers import identifiers_in, removed
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.incidents.models import Incident, PersonSupported
from tests.factories.incidents import an_incident
from tests.factories.inspections import an_inspection
from tests.factories.packs_made import PACKED_AT, asked
from tests.factories.partners import a_contact, an_agency
from tests.factories.thematic import a_draft, a_meeting
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R32", "R34")]

NAMES = {
    "works here": "Wren Ashdown",
    "worked here": "Dale Marlow",
    "is supported": "Marigold Quist",
    "by reference": "PX-70413",
    "at a partner": "Tansy Orrell",
    "came to a meeting": "Ash Fielding",
}


def told(cast: Cast) -> Incident:
    """An incident in whose report somebody of each kind is named, all of them on the records."""
    set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
    a_contact(an_agency(cast), name=NAMES["at a partner"])
    a_meeting(cast, a_draft(cast).review)
    words = ". ".join(f"Then {name} rang" for name in NAMES.values())
    return an_incident(
        by=cast.worker,
        team=cast.north,
        person_reference=NAMES["by reference"],
        person_name=NAMES["is supported"],
        what_happened=words,
    )


def in_a_pack(cast: Cast, incident: Incident) -> str:
    pack = asked(cast, subject=Subject.INCIDENT, incident=incident)
    return " ".join(text.marked.words for text in texts_of(pack, cast.quality_lead, PACKED_AT))


def to_an_inspector(cast: Cast, incident: Incident) -> str:
    parts = story_of(an_inspection(cast), incident).parts
    return " ".join(str(text) for part in parts for one in part.statements for _, text in one.words)


def when_published(cast: Cast, incident: Incident) -> str:
    known = known_of(cast.provider.pk)
    return removed(incident.what_happened, identifiers_in(incident.what_happened, known))


@pytest.mark.parametrize("where", [in_a_pack, to_an_inspector, when_published])
def test_everybody_on_the_records_is_taken_out(cast: Cast, where: Callable[[Cast, Incident], str]) -> None:
    shown = where(cast, told(cast))
    assert shown.count("rang") == len(NAMES), "the words around them are there"
    parts = {part for name in NAMES.values() for part in name.split()}
    assert {part for part in parts if part in shown} == set()


def test_an_incident_is_cited_in_a_pack_and_not_in_what_is_published(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    words = f"As in {incident.reference}."
    assert not identifiers_in(words, known_of(cast.provider.pk, incidents=False))
    assert identifiers_in(words, known_of(cast.provider.pk))
    assert known_of(cast.provider.pk) - known_of(cast.provider.pk, incidents=False) == {incident.reference}


def test_nobody_of_another_provider_is_known(cast: Cast) -> None:
    an_incident(by=cast.worker, team=cast.north, person_reference="P-1", person_name="Marigold Quist")
    a_contact(an_agency(cast), name="Tansy Orrell")
    a_meeting(cast, a_draft(cast).review)
    assert known_of(cast.stranger.provider_id) == {cast.stranger.name}


def test_of_the_people_supported_those_alone_who_can_be_meant(cast: Cast) -> None:
    for reference, name in (("P-1", "Marigold Quist"), ("P-2", "Odell Brakespear")):
        an_incident(by=cast.worker, team=cast.north, person_reference=reference, person_name=name)
    found = on_record(cast.provider.pk, supported=PersonSupported.objects.filter(reference="P-1"))
    assert {"Marigold Quist", "Odell Brakespear"} & found.names == {"Marigold Quist"}
    assert found.references == {"P-1", "P-2"}


def test_a_name_that_cannot_be_read_stops_what_goes_outside_and_no_inspector(cast: Cast) -> None:
    """What cannot be looked for could be let through: so nothing is. An inspector's page says the rest."""
    incident = told(cast)
    PersonSupported.objects.filter(pk=incident.person_supported_id).update(name_encrypted="gAAAAAnonsense")
    with pytest.raises(CannotDecrypt):
        known_of(cast.provider.pk, incidents=False)
    assert "Ashdown" not in to_an_inspector(cast, incident)
