"""The pages about days off: for administrators, who see what moves and nothing of an incident (R35)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.models import NonWorkingDay, Obligation
from saferpractice.deadlines.operations import add_non_working_day
from saferpractice.deadlines.rules import working_days
from tests.conftest import TestClock
from tests.factories.deadlines import an_obligation
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
NEW, LIST = "/deadlines/days-off/new", "/deadlines/days-off"


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def admin(cast: Cast) -> Client:
    return signed_in(cast.administrator)


def shown(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def a_day(cast: Cast, day: date = date(2026, 3, 5)) -> NonWorkingDay:
    return add_non_working_day(by=cast.administrator, at=NOW, provider=cast.provider, day=day, reason="Coronation")


def test_the_list_shows_two_years_of_bank_holidays_and_ones_own(admin: Client, cast: Cast) -> None:
    a_day(cast)
    page = shown(admin.get(LIST))
    for words in (
        "Good Friday",
        "Friday 3 April 2026",
        "Boxing Day (observed)",
        "Tuesday 28 December 2027",
        "Coronation",
    ):
        assert words in page
    assert "2 January 2026" not in page, "what has passed is not to come"
    assert "6 March 2028" not in page
    assert "Thursday 5 March 2026 became a day off" in page


def test_before_it_is_done_the_page_shows_what_moves(admin: Client, cast: Cast) -> None:
    an_obligation(team=cast.north, at=NOW, timescale=working_days(1), owner=cast.worker, title="Ring Mr Secret")
    typed = {"day": "2026-03-05", "reason": "Coronation", "seen": ""}
    page = shown(admin.post(NEW, typed))
    assert not NonWorkingDay.objects.exists()
    for words in ("Wren Ashdown, North team", "The end of Thursday 5 March 2026", "The end of Friday 6 March 2026"):
        assert words in page
    assert "Secret" not in page
    assert 'name="seen" value="2026-03-05"' in page
    done = admin.post(NEW, typed | {"seen": "2026-03-05"})
    day = NonWorkingDay.objects.get()
    assert done.url == reverse("deadlines:day_off", args=[day.pk])
    after = shown(admin.get(done.url))
    assert "Wren Ashdown, North team" in after
    assert "Secret" not in after


def test_another_day_than_the_one_seen_is_shown_first(admin: Client, cast: Cast) -> None:
    page = shown(admin.post(NEW, {"day": "2026-03-06", "reason": "Coronation", "seen": "2026-03-05"}))
    assert not NonWorkingDay.objects.exists()
    assert "No open deadline moves." in page
    assert 'value="2026-03-06"' in page


def test_what_is_restricted_is_counted_and_not_described(admin: Client, cast: Cast) -> None:
    an_obligation(team=cast.north, at=NOW, timescale=working_days(1), owner=cast.reviewer, restricted=True)
    page = shown(admin.post(NEW, {"day": "2026-03-05", "reason": "Coronation"}))
    assert "1 deadline of a restricted incident" in page
    assert "Rowan Thwaite" not in page


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"day": "2026-03-07"}, "Saturday 7 March 2026 is not a working day anyway"),
        ({"day": "2026-03-03"}, "must be today or in the future"),
        ({"day-day": "30", "day-month": "2", "day-year": "2026"}, "real date"),
        ({"day": ""}, "Enter which day"),
        ({"reason": ""}, "Say why it is a day off"),
    ],
)
def test_a_mistake_stands_beside_its_field_and_what_was_typed_stays(
    admin: Client, cast: Cast, typed: dict[str, str], words: str
) -> None:
    page = shown(admin.post(NEW, {"day": "2026-03-05", "reason": "Coronation day", "seen": "2026-03-05"} | typed))
    assert words in page
    assert "Error: " in page
    field = next(iter(typed)).partition("-")[0]
    assert f'id="id_{field}-error"' in page or f'{field}-error"' in page
    if field == "day":
        assert "Coronation day" in page
    assert not NonWorkingDay.objects.exists()


def test_taking_one_away_shows_what_moves_and_keeps_the_row(admin: Client, cast: Cast) -> None:
    one = an_obligation(team=cast.north, at=NOW, timescale=working_days(1), owner=cast.worker)
    day = a_day(cast)
    address = reverse("deadlines:day_worked", args=[day.pk])
    assert "Wren Ashdown, North team" in shown(admin.get(address))
    assert "Say why it is a working day after all" in shown(admin.post(address, {"reason": ""}))
    done = admin.post(address, {"reason": "Put off"})
    assert done.status_code == 302
    assert Obligation.objects.get(pk=one.pk).due_at == datetime(2026, 3, 6, tzinfo=UTC)
    page = shown(admin.get(LIST))
    assert "No days off of your own" in page
    assert "Thursday 5 March 2026 became a working day again" in page
    assert "Thursday 5 March 2026 became a day off" in page
    assert admin.get(address).status_code == 404, "it is not a day off any more"


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    "name",
    [
        "worker",
        "duty_manager",
        "supervisor",
        "lead",
        "reviewer",
        "quality_lead",
        "director",
        "commissioner",
        "inspector",
        "stranger",
    ],
)
def test_for_everybody_else_the_pages_are_not_there(cast: Cast, name: str) -> None:
    day, client = a_day(cast), signed_in(cast.people()[name])
    for address in (LIST, NEW, f"{LIST}/{day.pk}", f"{LIST}/{day.pk}/worked", "/deadlines/who-is-told"):
        assert client.get(address).status_code == 404
    assert client.post(NEW, {"day": "2026-03-06", "reason": "x", "seen": "2026-03-06"}).status_code == 404
    assert client.post(f"{LIST}/{day.pk}/worked", {"reason": "x"}).status_code == 404
    assert "Deadlines</a>" not in shown(client.get("/work")).replace(" </a>", "</a>")
    assert NonWorkingDay.objects.count() == 1


def test_a_day_of_another_provider_is_not_there(admin: Client, cast: Cast) -> None:
    other = NonWorkingDay.objects.create(
        provider_id=cast.stranger.provider_id, day=date(2026, 3, 5), reason="Theirs alone", added_at=NOW
    )
    for address in (f"{LIST}/{other.pk}", f"{LIST}/{other.pk}/worked", f"{LIST}/{uuid4()}"):
        assert admin.get(address).status_code == 404
    assert "Theirs alone" not in shown(admin.get(LIST))


def test_a_long_record_costs_no_more_statements(admin: Client, cast: Cast) -> None:
    shown(admin.get(LIST))
    counts = []
    for month in (6, 9):
        for day in (1, 2, 3, 4, 8, 9, 10, 11):
            an_obligation(team=cast.north, at=NOW, timescale=working_days(140))
            if month == 9 or day == 1:
                a_day(cast, date(2026, month, day))
        with CaptureQueriesContext(connection) as seen:
            shown(admin.get(LIST))
        counts.append(len(seen))
    assert counts[0] == counts[1]
