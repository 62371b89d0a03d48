"""Who sees an incident: persona x place x state, deny by default."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import set_active
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, end_named_access, keep_from, name_person
from saferpractice.incidents.permissions import check_can_open
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

EVERYBODY = (
    "worker",
    "colleague",
    "worker_elsewhere",
    "duty_manager",
    "duty_manager_elsewhere",
    "supervisor",
    "lead",
    "reviewer",
    "quality_lead",
    "director",
    "administrator",
    "commissioner",
    "inspector",
    "stranger",
)


def plain(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def elsewhere(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.east)


def restricted_by_report(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")


def restricted_later(cast: Cast) -> Incident:
    incident = plain(cast)
    decide_restriction(by=cast.director, at=NOW, incident=incident, restricted=True, reason="An allegation")
    return incident


def reviewer_named(cast: Cast) -> Incident:
    incident = plain(cast)
    name_person(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, reason="Reviews it")
    return incident


def reviewer_no_longer_named(cast: Cast) -> Incident:
    incident = reviewer_named(cast)
    end_named_access(by=cast.lead, at=NOW, named=incident.named_access.get())
    return incident


def manager_kept_from(cast: Cast) -> Incident:
    incident = plain(cast)
    keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.ALLEGED_SOURCE)
    return incident


def kept_from_although_named(cast: Cast) -> Incident:
    incident = reviewer_named(cast)
    keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, because=KeptFromReason.RELATIVE)
    return incident


def again(cast: Cast, name: str) -> Person:
    """The persona as the next request reads them."""
    return Person.objects.get(pk=cast.people()[name].pk)


RIVERSIDE = {"duty_manager", "supervisor", "lead", "quality_lead", "director"}
STATES: list[tuple[Callable[[Cast], Incident], set[str]]] = [
    (plain, RIVERSIDE),
    (elsewhere, {"duty_manager_elsewhere", "lead", "quality_lead", "director"}),
    (restricted_by_report, {"lead"}),
    (restricted_later, {"director"}),
    (reviewer_named, RIVERSIDE | {"reviewer"}),
    (reviewer_no_longer_named, RIVERSIDE),
    (manager_kept_from, RIVERSIDE - {"duty_manager"}),
    (kept_from_although_named, RIVERSIDE),
]


@pytest.mark.parametrize(("make", "who"), STATES, ids=lambda value: getattr(value, "__name__", ""))
def test_exactly_these_people_may_open_it(cast: Cast, make: Callable[[Cast], Incident], who: set[str]) -> None:
    incident = make(cast)
    seen = {
        name
        for name in EVERYBODY
        if Incident.objects.visible_to(Person.objects.get(pk=cast.people()[name].pk), NOW)
        .filter(pk=incident.pk)
        .exists()
    }
    assert seen == who
    for name in EVERYBODY:
        person = again(cast, name)
        if name in who:
            check_can_open(by=person, at=NOW, incident=incident)
        else:
            with pytest.raises(Refused, match="no such incident"):
                check_can_open(by=person, at=NOW, incident=incident)


def test_the_table_names_every_persona(cast: Cast) -> None:
    assert set(EVERYBODY) == set(cast.people())


def test_the_reporter_has_their_own_line_of_sight(cast: Cast) -> None:
    incident = restricted_by_report(cast)
    assert list(Incident.objects.reported_by(cast.worker)) == [incident]
    assert not Incident.objects.visible_to(cast.worker, NOW).exists()


def test_a_leaver_sees_nothing(cast: Cast) -> None:
    incident = plain(cast)
    set_active(by=cast.administrator, at=NOW, person=cast.lead, active=False)
    gone = Person.objects.get(pk=cast.lead.pk)
    assert not Incident.objects.visible_to(gone, NOW).filter(pk=incident.pk).exists()


def test_access_by_name_begins_and_ends_at_its_moments(cast: Cast) -> None:
    incident = reviewer_named(cast)
    named = incident.named_access.get()
    end_named_access(by=cast.lead, at=NOW + timedelta(days=1), named=named)
    for moment, seen in ((-1, False), (0, True), (86_399, True), (86_400, False)):
        at = NOW + timedelta(seconds=moment)
        assert Incident.objects.visible_to(cast.reviewer, at).exists() is seen
    with pytest.raises(Invalid, match="already ended"):
        end_named_access(by=cast.lead, at=NOW + timedelta(days=2), named=named)


@pytest.mark.parametrize("name", ["worker", "duty_manager", "supervisor", "quality_lead", "administrator", "stranger"])
def test_who_may_not_decide_on_access(cast: Cast, name: str) -> None:
    incident = plain(cast)
    by = cast.people()[name]
    attempts = (
        lambda: decide_restriction(by=by, at=NOW, incident=incident, restricted=True, reason="x"),
        lambda: name_person(by=by, at=NOW, incident=incident, person=cast.reviewer, reason="x"),
        lambda: keep_from(by=by, at=NOW, incident=incident, person=cast.reviewer, because=KeptFromReason.OTHER),
    )
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()
    assert not incident.named_access.exists()
    assert not Incident.objects.get(pk=incident.pk).restricted


class TestWords:
    def test_a_restriction_needs_a_reason_and_a_change(self, cast: Cast) -> None:
        incident = plain(cast)
        with pytest.raises(Invalid):
            decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason=" ")
        with pytest.raises(Invalid, match="already open"):
            decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=False, reason="x")

    def test_a_person_kept_from_it_cannot_be_named(self, cast: Cast) -> None:
        incident = plain(cast)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, because=KeptFromReason.OTHER)
        with pytest.raises(Invalid, match="must not read"):
            name_person(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, reason="x")

    def test_nobody_of_another_provider_can_be_named(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="this provider"):
            name_person(by=cast.lead, at=NOW, incident=plain(cast), person=cast.stranger, reason="x")

    def test_a_conflict_is_on_the_trail_without_the_name(self, cast: Cast) -> None:
        incident = manager_kept_from(cast)
        said = [e.sentence for e in TrailEntry.objects.story(incident.pk)]
        assert said[-1] == "recorded a conflict of interest of a colleague"
        assert "Dale" not in " ".join(said)

    def test_a_conflict_twice_is_one(self, cast: Cast) -> None:
        incident = manager_kept_from(cast)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.OTHER)
        assert incident.kept_from.count() == 1
