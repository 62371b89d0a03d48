"""An administrator looks after deadlines: days off, and who is told when work is late (R35)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from saferpractice.access.operations import set_active
from saferpractice.deadlines.models import ChainDecision, NonWorkingDay, Obligation
from saferpractice.deadlines.rules import working_days
from tests.conftest import TestClock
from tests.factories.deadlines import an_obligation
from tests.factories.incidents import an_incident
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, SET_UP, Cast, build_cast

pytestmark = pytest.mark.requirement("R35")
Browse = Callable[..., Page]


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    """The people, in the database the application serves."""
    the_clock.stand_at(NOW)
    return build_cast()


def test_a_day_off_on_a_phone_moves_deadlines_in_full_view(cast: Cast, browse: Browse) -> None:
    one = an_obligation(team=cast.north, at=NOW, timescale=working_days(1), owner=cast.worker)
    admin = Hands(browse(as_=cast.administrator, width=320)).open("/deadlines/days-off")
    admin.sees("Good Friday", "No days off of your own").looks("days-off")
    admin.press("Add a day off").give_day("Which day?", date(2026, 3, 7)).write("Why is it a day off?", "Coronation")
    admin.press("See what moves").is_told("Saturday 7 March 2026 is not a working day anyway").looks()
    admin.give_day("Which day?", date(2026, 3, 5)).press("See what moves")
    admin.sees("Wren Ashdown, North team", "The end of Friday 6 March 2026").looks("day-off-moves")
    admin.press("Add this day off").sees("Thursday 5 March 2026 is a day off.", "Deadlines it moved").looks()
    assert Obligation.objects.get(pk=one.pk).due_at == one.due_at + timedelta(days=1)
    admin.open("/deadlines/days-off").follow("Make it a working day again").looks()
    admin.write("Why is it a working day after all?", "Put off").press("Make it a working day again")
    admin.sees("is a working day again.")
    assert Obligation.objects.get(pk=one.pk).due_at == one.due_at
    assert NonWorkingDay.objects.count() == 2


@pytest.mark.parametrize("javascript", [True, False])
def test_who_is_told_is_set_for_a_service_and_gaps_are_in_view(cast: Cast, browse: Browse, javascript: bool) -> None:
    set_active(by=SET_UP, at=NOW, person=cast.duty_manager_elsewhere, active=False)
    admin = Hands(browse(as_=cast.administrator, width=320, javascript=javascript)).open("/work")
    admin.sees("Nobody holds a role that is told of late work").follow("See who is told")
    admin.sees("Nobody is duty manager in East team, Harbour crisis service.")
    if javascript:
        admin.looks("who-is-told")
    admin.open(f"/deadlines/who-is-told/set?service={cast.riverside.pk}")
    admin.page.get_by_label("Level 2: how many hours after the deadline?").fill("90")
    admin.write("Why is it set like this?", "Our on-call rota").press("Set it from now on")
    admin.is_told("72")
    if javascript:
        admin.looks()
    admin.page.get_by_label("Level 2: how many hours after the deadline?").fill("2")
    admin.press("Set it from now on").sees("It holds from now on", "Our on-call rota")
    assert ChainDecision.objects.get().service == cast.riverside


def test_the_name_and_the_withdrawal_fit_a_phone(cast: Cast, browse: Browse) -> None:
    incident = an_incident(by=cast.worker, team=cast.north, person_name="Invented Person")
    lead = Hands(browse(as_=cast.lead, width=320)).open(f"/incidents/{incident.pk}")
    lead.follow("See the name of the person it concerns").sees("Invented Person").looks()
    lead.open(f"/incidents/{incident.pk}/withdrawal").press("Withdraw it").is_told(
        "Say why it should not stand"
    ).looks()
    lead.write("Why should it not stand?", "Reported twice").press("Withdraw it").sees("is withdrawn")
    worker = Hands(browse(as_=cast.worker, width=320)).open(f"/reports/{incident.pk}")
    worker.sees("It was withdrawn on").looks()
