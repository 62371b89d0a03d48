"""A repeated pattern shows what was changed after the earlier incidents and whether it worked, to whoever may see."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from saferpractice.access.models import Person
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from saferpractice.similar.after import what_was_changed
from saferpractice.triage.beside import ChangedAfter, changed_after, register_changed_after
from tests.conftest import TestClock
from tests.factories.assurance import FIRST_LOOK, a_plan, counted
from tests.factories.changes import a_change, a_finding, a_live_change
from tests.factories.incidents import an_incident
from tests.factories.triage import a_triage
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R10")
TITLE = "Self-neglect checklist in the visit note"
SUMMER = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


@pytest.fixture
def finding(cast: Cast, the_clock: TestClock) -> Finding:
    the_clock.stand_at(NOW)
    return a_finding(cast)


@pytest.fixture
def again(cast: Cast, finding: Finding) -> Incident:
    """The same person again, a day later."""
    earlier = finding.incident
    assert earlier.person_supported is not None
    return an_incident(
        by=cast.worker, team=cast.north, at=NOW, person_reference=earlier.person_supported.reference, themes=()
    )


def after(finding: Finding, by: Person, at: datetime = NOW) -> list[ChangedAfter]:
    return changed_after([finding.incident_id], by=by, at=at)[finding.incident_id]


def judged(cast: Cast, change: OperationalChange, *, before: int, now: int) -> None:
    plan = a_plan(by=cast.quality_lead, change=change)
    counted(by=cast.quality_lead, plan=plan, count=before, out_of=200)
    counted(by=cast.quality_lead, plan=plan, count=now, out_of=200, look=FIRST_LOOK)


class TestWhatIsTold:
    def test_nothing_changed(self, cast: Cast, finding: Finding) -> None:
        assert after(finding, cast.duty_manager) == []

    def test_agreed_and_not_in_use(self, cast: Cast, finding: Finding) -> None:
        change = a_change(cast, findings=[finding])
        (told,) = after(finding, cast.duty_manager)
        assert (told.title, told.state, told.worked) == (TITLE, "Agreed, not yet live", "")
        assert told.href == f"/changes/{change.pk}"

    def test_live(self, cast: Cast, finding: Finding) -> None:
        a_live_change(cast, findings=[finding])
        assert [told.state for told in after(finding, cast.lead)] == ["Live, rollout not proven"]

    def test_given_up(self, cast: Cast, finding: Finding) -> None:
        change = a_change(cast, findings=[finding])
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        assert [told.state for told in after(finding, cast.lead)] == ["Withdrawn"]

    def test_planned_to_be_checked_is_not_checked(self, cast: Cast, finding: Finding) -> None:
        a_plan(by=cast.quality_lead, change=a_live_change(cast, findings=[finding]))
        assert [told.worked for told in after(finding, cast.lead)] == [""]

    @pytest.mark.parametrize(
        ("before", "now", "verdict", "meaning"),
        [(60, 180, "Improved", "good"), (180, 60, "Got worse", "bad")],
    )
    def test_the_verdict_on_record(
        self, cast: Cast, finding: Finding, before: int, now: int, verdict: str, meaning: str
    ) -> None:
        change = a_live_change(cast, findings=[finding], live_at=NOW)
        judged(cast, change, before=before, now=now)
        (told,) = after(finding, cast.lead, SUMMER)
        assert (told.worked, told.worked_meaning) == (verdict, meaning)

    def test_a_plan_that_is_not_the_primary_one_gives_no_verdict(self, cast: Cast, finding: Finding) -> None:
        change = a_live_change(cast, findings=[finding])
        a_plan(by=cast.quality_lead, change=change)
        plan = a_plan(by=cast.quality_lead, change=change, primary=False, measure="Notes written the same day")
        counted(by=cast.quality_lead, plan=plan, count=60, out_of=200)
        counted(by=cast.quality_lead, plan=plan, count=180, out_of=200, look=FIRST_LOOK)
        assert [told.worked for told in after(finding, cast.lead, SUMMER)] == [""]

    def test_oldest_first(self, cast: Cast, finding: Finding) -> None:
        a_change(cast, findings=[finding], at=NOW + timedelta(hours=1), title="The second")
        a_change(cast, findings=[finding], at=NOW, title="The first")
        assert [told.title for told in after(finding, cast.lead)] == ["The first", "The second"]


class TestOnThePages:
    @pytest.fixture
    def client(self, cast: Cast, client: Client) -> Client:
        client.force_login(cast.duty_manager)
        return client

    @pytest.mark.parametrize("page", ["", "/triage", "/tier"])
    def test_beside_the_earlier_incident(
        self, cast: Cast, finding: Finding, again: Incident, client: Client, page: str
    ) -> None:
        change = a_live_change(cast, findings=[finding])
        a_triage(by=cast.duty_manager, incident=again)
        shown = html.unescape(client.get(f"/incidents/{again.pk}{page}").content.decode())
        place = shown.index(f"/incidents/{finding.incident_id}")
        beside = shown[place : place + 900]
        assert f"/changes/{change.pk}" in beside
        assert TITLE in beside
        assert "Live, rollout not proven" in beside
        assert "Effect not checked" in beside

    @pytest.mark.parametrize("page", ["/triage", "/tier"])
    def test_says_when_nothing_was_changed(
        self, cast: Cast, finding: Finding, again: Incident, client: Client, page: str
    ) -> None:
        a_triage(by=cast.duty_manager, incident=again)
        assert "Nothing was changed after it." in client.get(f"/incidents/{again.pk}{page}").content.decode()

    @pytest.mark.parametrize("page", ["", "/triage", "/tier"])
    def test_of_an_incident_they_may_not_open_nothing_is_told(
        self, cast: Cast, finding: Finding, again: Incident, client: Client, page: str
    ) -> None:
        a_live_change(cast, findings=[finding], title="The change that names nobody", owner=cast.lead)
        a_triage(by=cast.duty_manager, incident=again)
        decide_restriction(by=cast.lead, at=NOW, incident=finding.incident, restricted=True, reason="A colleague")
        shown = client.get(f"/incidents/{again.pk}{page}").content.decode()
        assert "1 that you may not open" in shown
        assert "The change that names nobody" not in shown
        assert finding.incident.reference not in shown


def test_another_room_may_add_its_own(cast: Cast, finding: Finding, monkeypatch: pytest.MonkeyPatch) -> None:
    from saferpractice.triage import beside

    monkeypatch.setattr(beside, "_registered", [])
    one = ChangedAfter(title="A pathway", href="/p", state="In use", meaning="good")
    for _ in range(2):
        register_changed_after(what_was_changed)
    register_changed_after(lambda ids, by, at: dict.fromkeys(ids, (one,)))
    a_change(cast, findings=[finding])
    assert [told.title for told in after(finding, cast.lead)] == [TITLE, "A pathway"]
