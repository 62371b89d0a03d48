"""Whether the learning is defensible, on the incident's page: what is missing, linked for those who can supply it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from saferpractice.access.models import Person
from saferpractice.assurance.operations import end_audits
from saferpractice.assurance.presenters.audits import used_lines
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.evidence.presenters import panel
from saferpractice.incidents.models import Incident
from tests.conftest import TestClock
from tests.factories.audits import READ_AT, a_draw, a_list, read_all
from tests.factories.changes import a_change, a_finding, a_live_change
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.factories.web import signed_in, words
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


@pytest.mark.requirement("R16")
class TestWhetherEachChangeIsUsed:
    AFTER = READ_AT + timedelta(hours=1)

    def line(self, change: OperationalChange, by: Person) -> dict[str, Any]:
        shown = panel(incident=change.findings.get().incident, by=by, at=self.AFTER)
        assert shown is not None
        (line,) = shown["used"]
        return dict(line)

    @pytest.mark.parametrize(("name", "may"), [("duty_manager", True), ("supervisor", False)])
    def test_without_an_audit_it_is_missing_and_planned_by_those_who_may(
        self, cast: Cast, name: str, may: bool
    ) -> None:
        change = a_live_change(cast)
        line = self.line(change, cast.people()[name])
        assert (line["title"], line["present"], line["answers"]) == (change.title, False, [])
        assert line["plan"] == (f"/changes/{change.pk}/audits/new" if may else "")

    def test_while_it_is_read_it_is_missing_still_and_leads_there(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        line = self.line(population.plan.change, cast.lead)
        (answer,) = line["answers"]
        assert (line["present"], answer["reading"], answer["result"], line["plan"]) == (False, True, None, "")
        assert answer["next"] == "1 April 2026"

    def test_with_a_result_it_is_present_whatever_the_result_is(self, cast: Cast) -> None:
        population = a_draw(cast, records=3, numbers={"expected": 50, "half_width": 1})
        result = read_all(population, by=cast.lead, failing=3)
        line = self.line(population.plan.change, cast.lead)
        (answer,) = line["answers"]
        assert (line["present"], answer["result"], answer["round"]) == (True, result, population)
        assert answer["next"] == "18 June 2026"

    def test_an_earlier_result_stands_while_the_next_audit_is_read(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        result = read_all(population, by=cast.lead)
        later = a_list(population.plan, by=cast.lead, at=self.AFTER)
        (answer,) = self.line(population.plan.change, cast.lead)["answers"]
        assert (answer["result"], answer["round"], answer["reading"]) == (result, population, True)
        assert later.number == 2

    def test_a_plan_that_was_ended_without_a_result_leaves_it_missing(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        end_audits(by=cast.lead, at=READ_AT, plan=population.plan, reason="Another question")
        line = self.line(population.plan.change, cast.lead)
        assert (line["answers"], line["present"]) == ([], False)
        assert line["plan"]

    def test_of_a_change_one_may_not_open_nothing_is_said(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        changes = [population.plan.change_id]
        assert used_lines(changes, cast.lead, self.AFTER)
        for name in ("worker_elsewhere", "stranger", "commissioner"):
            assert used_lines(changes, cast.people()[name], self.AFTER) == [], name

    def test_a_change_that_was_withdrawn_is_not_asked_about(self, cast: Cast) -> None:
        change = a_live_change(cast)
        withdraw_change(by=cast.lead, at=READ_AT, change=change, reason="Another is better")
        assert used_lines([change.pk], cast.lead, self.AFTER) == []

    def test_whether_the_learning_is_defensible_does_not_hang_on_it(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        incident = population.plan.change.findings.get().incident
        before = panel(incident=incident, by=cast.lead, at=self.AFTER)
        read_all(population, by=cast.lead)
        after = panel(incident=incident, by=cast.lead, at=self.AFTER)
        assert before is not None
        assert after is not None
        assert before["steps"] == after["steps"]
        assert before["used"] != after["used"]

    @pytest.mark.parametrize("page", ["incident", "change"])
    def test_both_pages_show_it(self, cast: Cast, page: str, the_clock: TestClock) -> None:
        the_clock.stand_at(self.AFTER)
        population = a_draw(cast, records=3, numbers={"expected": 50, "half_width": 1})
        change = population.plan.change
        address = f"/changes/{change.pk}" if page == "change" else f"/incidents/{change.findings.get().incident_id}"
        client = signed_in(cast.lead)
        before = words(client.get(address))
        result = read_all(population, by=cast.lead, failing=3)
        after = words(client.get(address))
        assert result is not None
        assert result.sentence not in before
        assert result.sentence in after
        assert ("Under way" if page == "change" else "Being read") in before
