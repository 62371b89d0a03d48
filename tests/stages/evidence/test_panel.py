"""Whether the learning is defensible, on the incident's page: what is missing, linked for those who can supply it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from saferpractice.access.models import Person
from saferpractice.evidence.presenters import panel
from saferpractice.incidents.models import Incident
from tests.factories.changes import a_change, a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5")]
LATER = NOW + timedelta(hours=2)


def links(incident: Incident, by: Person) -> dict[str, str]:
    """The first words of everything missing, and where it leads; empty where it is only said."""
    shown = panel(incident=incident, by=by, at=LATER)
    assert shown is not None
    return {one["text"]: one["href"] for step in shown["steps"] for one in step["missing"]}


def leads_to(found: dict[str, str], starts: str) -> str:
    (href,) = [href for text, href in found.items() if text.startswith(starts)]
    return href


class TestWhereItLeads:
    def test_before_triage_only_triage_is_a_link_and_only_for_those_who_triage(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        for person, way in ((cast.duty_manager, f"/incidents/{incident.pk}/triage"), (cast.supervisor, "")):
            found = links(incident, person)
            assert leads_to(found, "Triage the incident") == way
            assert {href for text, href in found.items() if not text.startswith("Triage")} == {""}

    def test_the_same_way_is_linked_once(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        found = links(review.incident, cast.reviewer)
        assert leads_to(found, "Record the system conditions") == f"/reviews/{review.pk}/findings/new"
        assert leads_to(found, "There is no finding yet") == ""
        assert leads_to(found, "There is no change yet whose rollout") == ""

    @pytest.mark.parametrize(("name", "may"), [("reviewer", True), ("quality_lead", True), ("supervisor", False)])
    def test_a_change_is_agreed_by_those_who_may(self, cast: Cast, name: str, may: bool) -> None:
        finding = a_finding(cast)
        way = leads_to(links(finding.incident, cast.people()[name]), "Agree a change")
        assert way == (f"/reviews/{finding.review_id}/changes/new?finding={finding.pk}" if may else "")

    @pytest.mark.parametrize(("name", "may"), [("duty_manager", True), ("supervisor", False)])
    def test_an_impact_check_is_planned_by_those_who_may(self, cast: Cast, name: str, may: bool) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        found = links(finding.incident, cast.people()[name])
        assert leads_to(found, "Plan how to check") == (f"/changes/{change.pk}/impact/new" if may else "")
        assert leads_to(found, "Take the change") == f"/changes/{change.pk}"


def test_the_tag_and_the_sentence_do_not_say_the_same_twice(cast: Cast) -> None:
    shown = panel(incident=an_incident(by=cast.worker, team=cast.north), by=cast.duty_manager, at=LATER)
    assert shown is not None
    assert not shown["defensible"]
    assert shown["sentence"] == "Missing: root cause clear, change agreed, rollout proven and impact checked."
