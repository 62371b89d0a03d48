"""Why can I see this? What the page says is what the pages do, for everybody and every state of an incident (R34)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import set_active
from saferpractice.evidence.models import Inspection
from saferpractice.home.queries.why import incident_numbered, why
from saferpractice.incidents import why as incidents_why
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import (
    decide_restriction,
    end_named_access,
    keep_from,
    name_person,
    withdraw_incident,
)
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.incidents.why import Rule, sight_of
from tests.factories.incidents import an_incident
from tests.factories.inspections import LOOKED_AT, an_inspection
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R34")
SECRET = "She hid the letters in the piano"


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(LOOKED_AT)


def restricted(cast: Cast, incident: Incident) -> None:
    decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")


def with_named(cast: Cast, incident: Incident) -> None:
    restricted(cast, incident)
    for person in (cast.reviewer, cast.worker_elsewhere):
        name_person(by=cast.lead, at=NOW, incident=incident, person=person, reason="Asked to review it")


def named_until(cast: Cast, incident: Incident) -> None:
    with_named(cast, incident)
    end_named_access(by=cast.lead, at=NOW, named=incident.named_access.get(person=cast.reviewer))


def kept(cast: Cast, incident: Incident) -> None:
    for person in (cast.duty_manager, cast.quality_lead):
        keep_from(by=cast.lead, at=NOW, incident=incident, person=person, because=KeptFromReason.ALLEGED_SOURCE)


def gone(cast: Cast, incident: Incident) -> None:
    withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="Made twice")


def inspected(cast: Cast, incident: Incident) -> None:
    an_inspection(cast)


def inspected_and_restricted(cast: Cast, incident: Incident) -> None:
    restricted(cast, incident)
    an_inspection(cast)


STATES = [
    lambda cast, incident: None,
    restricted,
    with_named,
    named_until,
    kept,
    gone,
    inspected,
    inspected_and_restricted,
]
PAGES = ("home:incident", "home:my_report")


@pytest.mark.parametrize("place", ["north", "east"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: getattr(state, "__name__", "ordinary"))
def test_it_says_what_the_pages_do(cast: Cast, state: Any, place: str) -> None:
    """Everybody × place × state: each answer beside the status of the very page it is about."""
    incident = an_incident(by=cast.worker, team=getattr(cast, place))
    state(cast, incident)
    set_active(by=cast.administrator, at=NOW, person=cast.supervisor, active=False)
    wrong = []
    for name in cast.people():
        person = Person.objects.get(pk=cast.people()[name].pk)
        if person.provider_id != cast.provider.pk:
            continue
        client = signed_in(person)
        said = why(person, LOOKED_AT, incident)
        addresses = [reverse(page, args=[incident.pk]) for page in PAGES]
        for inspection in an_open_one(cast):
            addresses.append(reverse("evidence:inspected", args=[inspection, incident.pk]))
        for one, address in zip(said, addresses, strict=False):
            answer = client.get(address).status_code == 200
            if answer is not one.allowed:
                wrong.append(f"{name} at {address}: {answer}, told {one}")
    assert wrong == []


def an_open_one(cast: Cast) -> list[Any]:
    return list(Inspection.objects.filter(provider=cast.provider).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("name", "state", "rule"),
    [
        ("duty_manager", STATES[0], Rule.ROLE),
        ("lead", STATES[0], Rule.ROLE),
        ("duty_manager_elsewhere", STATES[0], Rule.NO_ROLE),
        ("worker", STATES[0], Rule.NO_ROLE),
        ("administrator", STATES[0], Rule.NO_ROLE),
        ("inspector", inspected, Rule.NO_ROLE),
        ("director", restricted, Rule.RESTRICTED),
        ("worker", restricted, Rule.RESTRICTED),
        ("lead", restricted, Rule.NAMED),
        ("worker_elsewhere", with_named, Rule.NAMED),
        ("reviewer", named_until, Rule.RESTRICTED),
        ("duty_manager", kept, Rule.KEPT_FROM),
        ("lead", gone, Rule.WITHDRAWN),
        ("stranger", STATES[0], Rule.ANOTHER_PROVIDER),
    ],
)
def test_which_rule_decides(cast: Cast, name: str, state: Any, rule: Rule) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    state(cast, incident)
    incident.refresh_from_db()
    assert sight_of(cast.people()[name], LOOKED_AT, incident).rule is rule


def test_somebody_kept_from_it_stays_out_though_named(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    name_person(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, reason="Asked to review it")
    keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, because=KeptFromReason.RELATIVE)
    assert sight_of(cast.reviewer, LOOKED_AT, incident).rule is Rule.KEPT_FROM


def test_a_wrong_rule_is_an_error_and_no_answer(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    monkeypatch.setattr(incidents_why, "_rule", lambda *_: Rule.NAMED)
    with pytest.raises(RuntimeError, match="the pages say False"):
        sight_of(cast.worker, LOOKED_AT, incident)


class TestPage:
    def ask(self, cast: Cast, person: Person, reference: str) -> str:
        query = {"person": str(person.pk), "reference": reference}
        return words(signed_in(cast.administrator).get(reverse("home:why_seen"), query))

    def test_an_administrator_learns_the_rule_and_nothing_of_the_incident(self, cast: Cast) -> None:
        incident = an_incident(
            by=cast.worker, team=cast.north, what_happened=SECRET, person_reference="P-551",
            person_name="Maud Ashgrove", physical_harm="severe",
        )  # fmt: skip
        page = self.ask(cast, cast.duty_manager, f" {incident.reference} ")
        assert "They are duty manager of the place it happened in, and it is not restricted." in page
        assert f"Dale Marlow and incident {incident.reference}" in page
        for secret in (SECRET, "P-551", "Maud", "North team", "Severe", "lost-contact", "Lost contact"):
            assert secret not in page
        offered = re.sub(r"<select.*?</select>", "", page, flags=re.DOTALL)
        assert cast.worker.name not in offered

    def test_who_reported_is_not_told_where_they_asked_not_to_be_known(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        pages = {self.ask(cast, person, incident.reference) for person in (cast.worker, cast.colleague)}
        assert all("this is told of nobody" in page for page in pages)
        assert not any("They reported it" in page or "They did not report it" in page for page in pages)

    def test_asking_leaves_a_trace_on_the_incident(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        self.ask(cast, cast.worker, incident.reference)
        look = AccessEntry.objects.get(story_id=incident.pk)
        assert (look.page, look.by_name, look.detail) == ("why seen", "Alder Finch", "about Wren Ashdown")

    @pytest.mark.parametrize(
        ("person", "reference", "sentence"),
        [
            ("", "2026-00001", "Choose who"),
            ("worker", "", "Enter the number of the incident"),
            ("worker", "2019-99999", "There is no incident with this number"),
        ],
    )
    def test_what_cannot_be_answered(self, cast: Cast, person: str, reference: str, sentence: str) -> None:
        client = signed_in(cast.administrator)
        who = str(cast.people()[person].pk) if person else ""
        page = words(client.get(reverse("home:why_seen"), {"person": who, "reference": reference}))
        assert sentence in page
        assert "Allowed" not in page

    def test_nothing_of_another_provider_is_told(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert incident_numbered(cast.stranger.provider_id, incident.reference) is None
        assert "not one of the available choices" in self.ask(cast, cast.stranger, incident.reference)

    def test_an_empty_page_asks(self, cast: Cast) -> None:
        page = words(signed_in(cast.administrator).get(reverse("home:why_seen")))
        assert "Why can I see this?" in page
        assert "There is a problem" not in page
