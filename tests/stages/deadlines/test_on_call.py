"""The rota of directors on call: who puts whom on it, what it does to an escalation, and its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from saferpractice.access.models import Person, Service
from saferpractice.access.operations import assign_role, create_person, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import DirectorCover, Escalation
from saferpractice.deadlines.operations import add_cover, escalate, take_cover_away
from saferpractice.deadlines.queries import rota_of
from saferpractice.deadlines.rules import clock_hours, local
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.conftest import TestClock
from tests.factories.deadlines import an_obligation
from tests.factories.incidents import an_incident
from tests.factories.web import signed_in, words
from tests.personas import LONG_AGO, NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R22")]
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def a_director(cast: Cast, name: str, place: Place | None = None) -> Person:
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    made = create_person(
        by=SET_UP, at=LONG_AGO, provider=cast.provider, name=name, email=email, password="a quiet river"
    )
    assign_role(by=SET_UP, at=LONG_AGO, person=made, role=Role.DIRECTOR, place=place or Place(cast.provider.pk))
    return Person.objects.get(pk=made.pk)


def on_call(cast: Cast, person: Person, service: Service | None = None, **changes: Any) -> DirectorCover:
    given = {"by": cast.administrator, "from_at": NOW, "until_at": NOW + 7 * DAY} | changes
    return add_cover(at=NOW, provider=cast.provider, service=service, person=person, **given)


def told(cast: Cast, at: datetime = NOW + 2 * DAY, **details: Any) -> set[str]:
    """Who hears of something late in North team when it goes up to a director."""
    owed = an_obligation(team=cast.north, at=at - 2 * DAY, timescale=clock_hours(4), **details)
    escalate(by=SET_UP, at=at, obligation_id=owed.pk)
    found = Escalation.objects.get(obligation=owed, level=3)
    return {person.name for person in found.told.all()}


class TestWhoHears:
    def test_everybody_while_nobody_is_on_call(self, cast: Cast) -> None:
        a_director(cast, "Oona Call")
        assert told(cast) == {"Drew Castell", "Oona Call"}

    def test_whoever_is_on_call_and_no_other(self, cast: Cast) -> None:
        on_call(cast, a_director(cast, "Oona Call"))
        assert told(cast) == {"Oona Call"}

    def test_the_service_s_own_before_the_provider_s(self, cast: Cast) -> None:
        on_call(cast, a_director(cast, "Oona Call"))
        on_call(cast, cast.director, cast.riverside)
        assert told(cast) == {"Drew Castell"}

    def test_everybody_again_once_it_has_ended(self, cast: Cast) -> None:
        on_call(cast, a_director(cast, "Oona Call"), until_at=NOW + DAY)
        assert told(cast) == {"Drew Castell", "Oona Call"}

    def test_everybody_again_once_it_is_taken_away(self, cast: Cast) -> None:
        cover = on_call(cast, a_director(cast, "Oona Call"))
        take_cover_away(by=cast.administrator, at=NOW, cover=cover, reason="Ill")
        assert told(cast) == {"Drew Castell", "Oona Call"}

    @pytest.mark.parametrize("how", ["role ended", "sign-in closed"])
    def test_somebody_who_has_left_holds_up_nothing(self, cast: Cast, how: str) -> None:
        oona = a_director(cast, "Oona Call")
        on_call(cast, oona)
        if how == "role ended":
            end_role(by=cast.administrator, at=NOW, assignment=oona.role_assignments.get())
        else:
            set_active(by=cast.administrator, at=NOW, person=oona, active=False)
        assert told(cast) == {"Drew Castell"}

    @pytest.mark.requirement("R34")
    def test_on_call_and_kept_from_it_another_hears(self, cast: Cast) -> None:
        oona = a_director(cast, "Oona Call")
        on_call(cast, oona)
        incident = an_incident(by=cast.worker, team=cast.north)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=oona, because=KeptFromReason.ALLEGED_SOURCE)
        assert told(cast, story_id=incident.pk) == {"Drew Castell"}

    def test_the_other_steps_go_where_they_went(self, cast: Cast) -> None:
        on_call(cast, a_director(cast, "Oona Call"))
        owed = an_obligation(team=cast.north, at=NOW, timescale=clock_hours(4))
        escalate(by=SET_UP, at=NOW + 2 * DAY, obligation_id=owed.pk)
        for level, names in ((1, {"Dale Marlow"}), (2, {"Lark Penrose"})):
            found = Escalation.objects.get(obligation=owed, level=level)
            assert {person.name for person in found.told.all()} == names

    def test_where_a_role_is_empty_whoever_is_on_call_stands_in(self, cast: Cast) -> None:
        on_call(cast, a_director(cast, "Oona Call"))
        end_role(by=cast.administrator, at=NOW, assignment=cast.lead.role_assignments.get())
        owed = an_obligation(team=cast.north, at=NOW, timescale=clock_hours(4))
        escalate(by=SET_UP, at=NOW + 2 * DAY, obligation_id=owed.pk)
        found = Escalation.objects.get(obligation=owed, level=2)
        assert {person.name for person in found.told.all()} == {"Oona Call"}


class TestTheRota:
    @pytest.mark.parametrize(
        ("name", "may"),
        [("administrator", True), ("director", True), ("lead", False), ("duty_manager", False), ("stranger", False)],
    )
    def test_who_puts_somebody_on_it(self, cast: Cast, name: str, may: bool) -> None:
        by = cast.people()[name]
        if may:
            assert on_call(cast, cast.director, by=by).decided_by == by
            return
        with pytest.raises(Refused):
            on_call(cast, cast.director, by=by)
        assert not DirectorCover.objects.exists()

    def test_a_director_of_one_service_arranges_that_one(self, cast: Cast) -> None:
        oona = a_director(cast, "Oona Call", Place(cast.provider.pk, cast.riverside.pk))
        on_call(cast, oona, cast.riverside, by=oona)
        with pytest.raises(Refused):
            on_call(cast, cast.director, cast.harbour, by=oona)
        with pytest.raises(Refused):
            on_call(cast, cast.director, by=oona)

    @pytest.mark.parametrize(
        ("name", "where"), [("lead", None), ("stranger", None), ("oona", "harbour"), ("oona", None)]
    )
    def test_only_somebody_who_directs_the_place_then(self, cast: Cast, name: str, where: str | None) -> None:
        oona = a_director(cast, "Oona Call", Place(cast.provider.pk, cast.riverside.pk))
        person = oona if name == "oona" else cast.people()[name]
        with pytest.raises(Invalid) as refusal:
            on_call(cast, person, getattr(cast, where) if where else None)
        assert set(refusal.value.problems) == {"person"}

    def test_times_that_do_not_fit_are_refused(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as refusal:
            on_call(cast, cast.director, until_at=NOW)
        assert set(refusal.value.problems) == {"until_at"}
        assert not DirectorCover.objects.exists()

    def test_another_provider_s_service_is_refused(self, cast: Cast) -> None:
        service = Service.objects.create(provider=cast.stranger.provider, name="Elsewhere")
        with pytest.raises((Refused, Invalid)):
            on_call(cast, cast.director, service)

    def test_taken_away_it_stays_on_record_and_goes_once(self, cast: Cast) -> None:
        cover = on_call(cast, cast.director)
        gone = take_cover_away(by=cast.director, at=NOW + DAY, cover=cover, reason=" Ill ")
        assert (gone.replaces, gone.taken_away, gone.reason) == (cover, True, "Ill")
        assert rota_of(cast.administrator, NOW) == []
        with pytest.raises(Stale):
            take_cover_away(by=cast.director, at=NOW + DAY, cover=cover, reason="Ill")
        assert DirectorCover.objects.count() == 2

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    def test_with_a_reason(self, cast: Cast, reason: str) -> None:
        cover = on_call(cast, cast.director)
        with pytest.raises(Invalid) as refusal:
            take_cover_away(by=cast.administrator, at=NOW, cover=cover, reason=reason)
        assert set(refusal.value.problems) == {"reason"}

    def test_each_decision_is_on_the_trail(self, cast: Cast) -> None:
        take_cover_away(by=cast.administrator, at=NOW, cover=on_call(cast, cast.director), reason="Ill")
        found = TrailEntry.objects.filter(operation__startswith="deadlines.").order_by("sequence")
        assert [one.sentence.split(" from ")[0] for one in found] == [
            "put Drew Castell on call as director of the provider",
            "took Drew Castell off call as director of the provider",
        ]

    def test_the_database_holds_it(self, cast: Cast) -> None:
        cover = on_call(cast, cast.director)
        with pytest.raises(DatabaseError), transaction.atomic():
            DirectorCover.objects.filter(pk=cover.pk).update(until_at=NOW + 9 * DAY)
        with pytest.raises(DatabaseError), transaction.atomic():
            cover.delete()


def moment(name: str, at: datetime) -> dict[str, str]:
    clock = local(at)
    day = {"day": str(clock.day), "month": str(clock.month), "year": str(clock.year), "time": f"{clock:%H:%M}"}
    return {f"{name}-{part}": value for part, value in day.items()}


class TestThePage:
    ADDRESS = "/deadlines/on-call"

    def send(self, cast: Cast, by: Person, until: datetime = NOW + DAY, **changes: str) -> Any:
        data = {"person": str(cast.director.pk), "service": ""} | moment("from_at", NOW) | moment("until_at", until)
        return signed_in(by).post(self.ADDRESS, data | changes)

    @pytest.mark.parametrize("name", ["administrator", "director"])
    def test_put_on_and_taken_off(self, cast: Cast, name: str) -> None:
        by = cast.people()[name]
        assert "Nobody is on the rota" in words(signed_in(by).get(self.ADDRESS))
        assert self.send(cast, by).status_code == 302
        shown = words(signed_in(by).get(self.ADDRESS))
        assert "On call now" in shown
        assert "Every service" in shown
        cover = DirectorCover.objects.get()
        away = reverse("deadlines:off_call", args=[cover.pk])
        assert "Take off call" in words(signed_in(by).get(away))
        assert "Say why" in words(signed_in(by).post(away, {"reason": ""}))
        assert signed_in(by).post(away, {"reason": "Ill"}).status_code == 302
        assert "On call now" not in words(signed_in(by).get(self.ADDRESS))
        assert signed_in(by).get(away).status_code == 404, "taken off already"

    def test_a_mistake_is_said_beside_its_field(self, cast: Cast) -> None:
        response = self.send(cast, cast.administrator, until=NOW - DAY)
        assert "Enter a time after the beginning." in words(response)
        assert not DirectorCover.objects.exists()

    def test_over_the_night_the_clocks_go_back_the_handover_is_one_moment(self, cast: Cast) -> None:
        oona = a_director(cast, "Oona Call")
        handover = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # half past one, the second time
        for person, start in ((cast.director, handover - DAY), (oona, handover)):
            add_cover(
                by=cast.administrator, at=start - DAY, provider=cast.provider, service=None, person=person,
                from_at=start, until_at=start + DAY,
            )  # fmt: skip
        assert told(cast, handover - timedelta(seconds=1)) == {"Drew Castell"}
        assert told(cast, handover) == {"Oona Call"}

    def test_a_director_of_another_place_cannot_take_it_off(self, cast: Cast) -> None:
        cover = on_call(cast, cast.director)
        oona = a_director(cast, "Oona Call", Place(cast.provider.pk, cast.riverside.pk))
        assert signed_in(oona).get(reverse("deadlines:off_call", args=[cover.pk])).status_code == 404
