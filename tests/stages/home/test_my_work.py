"""My work, for each role; and the warning when nobody watches deadlines (R35)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from saferpractice.access.models import Person
from saferpractice.access.operations import end_role, set_active
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.home import views
from saferpractice.home.health import LATE_AFTER, REFUSED_FOR, check_health
from saferpractice.home.queries import MOST_COUNTED, my_first, to_do
from saferpractice.home.views import pages
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import Answer, KeptFromReason
from saferpractice.jobs import sweeps
from saferpractice.jobs.models import Heartbeat
from tests.conftest import TestClock
from tests.factories.deadlines import TESTER, an_obligation
from tests.factories.incidents import an_incident
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


class TestWhoseWork:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("worker", {"mine"}),
            ("colleague", set()),
            ("worker_elsewhere", set()),
            ("duty_manager", {"north duty", "south duty"}),
            ("duty_manager_elsewhere", {"east duty"}),
            ("supervisor", {"north supervision"}),
            ("lead", {"of a lead", "restricted and named"}),
            ("reviewer", set()),
            ("quality_lead", {"whole provider"}),
            ("director", set()),
            ("administrator", set()),
            ("commissioner", set()),
            ("inspector", set()),
            ("stranger", set()),
        ],
    )
    def test_is_what_they_own_and_what_their_roles_owe_in_their_places(
        self, cast: Cast, name: str, expected: set[str]
    ) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")
        Obligation.objects.all().update(title="restricted and named")
        an_obligation(team=cast.north, at=NOW, owner=cast.worker, title="mine")
        an_obligation(team=cast.north, at=NOW, title="north duty")
        an_obligation(team=cast.south, at=NOW, title="south duty")
        an_obligation(team=cast.east, at=NOW, title="east duty")
        an_obligation(team=cast.north, at=NOW, role=Role.SUPERVISOR, title="north supervision")
        an_obligation(team=cast.south, at=NOW, role=Role.SUPERVISOR, title="south supervision")
        an_obligation(team=cast.north, at=NOW, role=Role.SAFEGUARDING_LEAD, title="of a lead")
        an_obligation(team=cast.north, at=NOW, restricted=True, title="restricted of the duty manager")
        whole = an_obligation(team=cast.north, at=NOW, role=Role.QUALITY_LEAD, title="whole provider")
        Obligation.objects.filter(pk=whole.pk).update(team=None)
        person = cast.people()[name]
        assert {one.title for one in my_first(person, NOW)} == expected
        assert {one.title for one in to_do(person, NOW)} == expected, "both ways of reading it agree"
        page = shown(signed_in(person).get("/work"))
        assert all((title in page) is (title in expected) for title in ("mine", "north duty", "of a lead", "east duty"))
        assert incident.reference not in page or name in {"worker", "lead"}

    def test_late_comes_first_and_is_counted(self, cast: Cast) -> None:
        for title, at in (("second", NOW - 5 * HOUR), ("third", NOW), ("first", NOW - 30 * HOUR)):
            an_obligation(team=cast.north, at=at, owner=cast.worker, title=f"{title} thing")
        page = shown(signed_in(cast.worker).get("/work"))
        places = [page.index(f"{title} thing") for title in ("first", "second", "third")]
        assert places == sorted(places)
        assert "22 hours late" not in page
        assert "1 day late" in page

    def test_what_is_met_or_cancelled_or_kept_from_them_is_gone(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        asked = Obligation.objects.get(story_id=incident.pk)
        assert asked in my_first(cast.duty_manager, NOW)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.OTHER)
        assert asked not in my_first(cast.duty_manager, NOW)
        assert asked not in to_do(cast.duty_manager, NOW)

    def test_a_role_that_ended_and_a_closed_sign_in_owe_nothing(self, cast: Cast) -> None:
        an_obligation(team=cast.north, at=NOW, owner=cast.worker, title="mine")
        an_obligation(team=cast.north, at=NOW)
        end_role(by=SET_UP, at=NOW, assignment=cast.duty_manager.role_assignments.get())
        set_active(by=SET_UP, at=NOW, person=cast.worker, active=False)
        for pk in (cast.duty_manager.pk, cast.worker.pk):
            person = Person.objects.get(pk=pk)
            assert my_first(person, NOW) == list(to_do(person, NOW)) == []

    def test_a_very_long_list_is_cut_and_says_so(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, owner=cast.worker)
        copies = []
        for number in range(MOST_COUNTED + 4):
            copy = Obligation.objects.get(pk=one.pk)
            copy.pk = None
            copy.id, copy.title = Obligation._meta.get_field("id").get_default(), f"Copy {number}"
            copy._state.adding = True
            copies.append(copy)
        Obligation.objects.bulk_create(copies)
        page = shown(signed_in(cast.worker).get("/work"))
        assert f"{MOST_COUNTED - 1}+" in page
        assert "See all of it in the tracker" in page
        assert page.count('href="/go/') == views.PAGE

    def test_at_risk_stands_first_and_only_with_who_decides(self, cast: Cast) -> None:
        an_obligation(team=cast.north, at=NOW - 90 * HOUR, title="Very late thing")
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.UNKNOWN)
        page = shown(signed_in(cast.duty_manager).get("/work"))
        assert page.index(incident.reference) < page.index("Very late thing")
        for name in ("worker", "lead", "supervisor", "director"):
            assert "Somebody may still be at risk" not in shown(signed_in(cast.people()[name]).get("/work"))


class TestTheWarning:
    WARNED = ("duty_manager", "supervisor", "lead", "quality_lead", "director", "administrator")
    NOT_WARNED = ("worker", "reviewer", "commissioner", "inspector")

    @pytest.mark.parametrize("name", WARNED + NOT_WARNED)
    def test_when_the_worker_is_silent_those_who_must_act_are_told(self, cast: Cast, name: str) -> None:
        page = shown(signed_in(cast.people()[name]).get("/work"))
        assert ("Deadlines are not being watched" in page) is (name in self.WARNED)
        sweeps.beat(NOW)
        assert "Deadlines are not being watched" not in shown(signed_in(cast.people()[name]).get("/work"))

    @pytest.mark.parametrize(("seconds", "well"), [(0, True), (299, True), (300, True), (301, False), (86_400, False)])
    def test_five_minutes_without_a_sign_of_life(self, db: None, seconds: int, well: bool) -> None:
        Heartbeat.objects.create(name="worker", at=NOW)
        assert check_health(NOW + timedelta(seconds=seconds)).well is well

    def test_a_worker_that_lives_and_does_nothing_is_found_out(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        late = one.due_at + LATE_AFTER
        Heartbeat.objects.create(name="worker", at=late + HOUR)
        assert check_health(late - timedelta(seconds=1)).well
        found = check_health(late + timedelta(seconds=1))
        assert (found.well, "not being escalated" in found.sentence) == (False, True)

    def test_mail_that_waits_is_an_alarm_and_mail_to_who_left_is_none(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        escalate(by=TESTER, at=NOW + 5 * HOUR, obligation_id=one.pk)
        sweeps.beat(NOW + 6 * HOUR)
        assert "E-mails are waiting" in check_health(NOW + 6 * HOUR).sentence
        set_active(by=SET_UP, at=NOW, person=cast.duty_manager, active=False)
        assert check_health(NOW + 6 * HOUR).well

    def test_a_mail_server_that_refuses_for_an_hour_is_an_alarm(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        start = NOW + 5 * HOUR
        escalate(by=TESTER, at=start, obligation_id=one.pk)

        def refuses(_: object) -> int:
            raise ConnectionRefusedError("no mail server")

        found = []
        for minutes in range(0, 66, 1):
            at = start + timedelta(minutes=minutes)
            sweeps.send_mail(at, send=refuses)
            sweeps.beat(at)
            found.append(check_health(at).well)
        assert found == [minutes < REFUSED_FOR / timedelta(minutes=1) for minutes in range(66)]
        assert "have been refused" in check_health(at).sentence

    def test_the_address_for_machines_says_the_same(
        self, cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert client.get("/readyz").status_code == 503
        sweeps.beat(NOW)
        assert (client.get("/readyz").status_code, client.get("/readyz").json()) == (200, {"status": "ready"})
        assert client.get("/healthz").json() == {"status": "up"}

        def gone(_: object) -> None:
            raise DatabaseError("gone away")

        monkeypatch.setattr(pages, "check_health", gone)
        response = client.get("/readyz")
        assert (response.status_code, response.json()) == (503, {"status": "the database does not answer"})
        assert client.get("/healthz").status_code == 200


class TestCatchingUp:
    def test_a_day_without_a_worker_raises_each_level_once_in_order_of_being_due(self, cast: Cast) -> None:
        for hours in range(12):
            an_obligation(team=cast.north, at=NOW + hours * HOUR, title=f"Thing {hours}")
        back = NOW + 24 * HOUR
        while sweeps.escalate_due(back, limit=5):
            pass
        assert sweeps.escalate_due(back) == 0
        expected = {f"Thing {hours}": [1, 2] if hours + 8 < 24 else [1] for hours in range(12)}
        assert {
            one.title: list(one.escalations.order_by("level").values_list("level", flat=True))
            for one in Obligation.objects.all()
        } == expected
        stamped = {
            (e.at, e.due_at == e.obligation.due_at) for one in Obligation.objects.all() for e in one.escalations.all()
        }
        assert stamped == {(back, True)}
        sent: list[Any] = []
        assert sweeps.send_mail(back, send=lambda message: sent.append(message) or 1) == OutboxMessage.objects.count()
        assert sorted(message.to[0] for message in sent) == ["duty@example.org", "lead@example.org"], "one mail each"

    @pytest.mark.parametrize(
        "jump", [timedelta(days=1), timedelta(hours=-2), timedelta(days=-400), timedelta(days=400)]
    )
    def test_a_clock_that_jumps_raises_no_level_twice_and_loses_none(self, cast: Cast, jump: timedelta) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        for at in (NOW + 5 * HOUR, NOW + 5 * HOUR + jump, NOW + 6 * HOUR, NOW + 99 * HOUR, NOW + 99 * HOUR + jump):
            sweeps.escalate_due(at)
        assert list(one.escalations.order_by("level").values_list("level", flat=True)) == [1, 2, 3]
        assert OutboxMessage.objects.count() == 3
