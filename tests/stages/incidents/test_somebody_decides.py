"""No report is left with nobody who may decide on it (R6)."""

from __future__ import annotations

import pytest

from saferpractice.access.operations import assign_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import Obligation
from saferpractice.home.queries import my_first, to_do
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from tests.factories.incidents import an_incident
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


def restricted(cast: Cast, by: str) -> Incident:
    return an_incident(
        by=cast.people()[by], team=cast.north, restricted=True, restricted_reason="An allegation against a colleague"
    )


def named(incident: Incident) -> set[str]:
    return set(incident.named_access.values_list("person__name", flat=True))


@pytest.mark.parametrize(
    ("by", "gone", "names"),
    [
        ("worker", (), {"Lark Penrose"}),
        ("lead", (), {"Lark Penrose", "Drew Castell"}),
        ("director", (), {"Lark Penrose"}),
        ("worker", ("lead",), {"Drew Castell"}),
        ("director", ("lead",), {"Drew Castell"}),
    ],
)
def test_a_restricted_report_names_people_who_can_act_on_it(
    cast: Cast, by: str, gone: tuple[str, ...], names: set[str]
) -> None:
    for name in gone:
        set_active(by=SET_UP, at=NOW, person=cast.people()[name], active=False)
    incident = restricted(cast, by)
    assert named(incident) == names
    asked = Obligation.objects.get(story_id=incident.pk)
    lists = [person for person in cast.people().values() if asked in my_first(person, NOW)]
    assert lists, "it stands on somebody's list"
    assert {person.name for person in lists} <= names
    for person in lists:
        assert Incident.objects.visible_to(person, NOW).filter(pk=incident.pk).exists()
        assert asked in to_do(person, NOW)


def test_a_second_lead_is_named_beside_the_one_who_reports(cast: Cast) -> None:
    assign_role(by=SET_UP, at=NOW, person=cast.quality_lead, role=Role.SAFEGUARDING_LEAD, place=Place(cast.provider.pk))
    assert named(restricted(cast, "lead")) == {"Lark Penrose", "Quill Harker"}


@pytest.mark.parametrize("by", ["lead", "director"])
def test_what_becomes_restricted_moves_to_the_list_of_whoever_restricts_it(cast: Cast, by: str) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    asked = Obligation.objects.get(story_id=incident.pk)
    assert asked in my_first(cast.duty_manager, NOW)
    person = cast.people()[by]
    decide_restriction(by=person, at=NOW, incident=incident, restricted=True, reason="An allegation")
    assert asked not in my_first(cast.duty_manager, NOW)
    assert asked in my_first(person, NOW)
    decide_restriction(by=person, at=NOW, incident=incident, restricted=False, reason="It was not so")
    assert asked in my_first(person, NOW)


def test_where_nobody_is_duty_manager_it_is_on_the_next_persons_list(cast: Cast) -> None:
    set_active(by=SET_UP, at=NOW, person=cast.duty_manager, active=False)
    incident = an_incident(by=cast.worker, team=cast.north)
    asked = Obligation.objects.get(story_id=incident.pk)
    assert asked in my_first(cast.lead, NOW)
    assert asked not in my_first(cast.director, NOW)
