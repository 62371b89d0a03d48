"""A role with a last day: given once, held to the end of that day in London, and never where it must be handed over."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import RoleAssignment
from saferpractice.access.operations import assign_role, end_role
from saferpractice.access.rules import Place, Role
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LAST = date(2026, 3, 31)
"""The clocks went forward two days before: London is an hour ahead of UTC, and the day ends at eleven."""
ENDS = datetime(2026, 3, 31, 23, tzinfo=UTC)


def at_harbour(cast: Cast) -> Place:
    return Place(cast.provider.pk, cast.harbour.pk)


def given(cast: Cast, last_on: date | None = LAST, at: datetime = NOW) -> RoleAssignment:
    return assign_role(
        by=cast.administrator,
        at=at,
        person=cast.worker,
        role=Role.DUTY_MANAGER,
        place=at_harbour(cast),
        last_on=last_on,
    )


@pytest.mark.parametrize(
    ("at", "held"),
    [(NOW, True), (ENDS - timedelta(seconds=1), True), (ENDS, False), (ENDS + timedelta(days=400), False)],
)
def test_it_is_held_to_the_end_of_the_day_in_london(cast: Cast, at: datetime, held: bool) -> None:
    given(cast)
    assert (Role.DUTY_MANAGER in cast.worker.roles(cast.east.place, at)) is held
    assert RoleAssignment.objects.filter(person=cast.worker, role="duty_manager").current(at).exists() is held


def test_the_trail_says_until_when(cast: Cast) -> None:
    given(cast)
    assert TrailEntry.objects.filter(sentence__endswith=", to the end of 31 March 2026").count() == 1


def test_without_a_last_day_it_goes_on(cast: Cast) -> None:
    assert given(cast, None).until_at is None
    assert Role.DUTY_MANAGER in cast.worker.roles(cast.east.place, ENDS + timedelta(days=4000))


def test_a_day_that_has_passed_is_none(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        given(cast, NOW.date() - timedelta(days=1))
    assert refused.value.problems == {"last_on": "The last day must be today or in the future."}
    assert given(cast, NOW.date()).until_at is not None, "but today is"


def test_the_day_is_judged_by_the_clock_in_london(cast: Cast) -> None:
    with pytest.raises(Invalid, match="today or in the future"):
        given(cast, LAST, at=ENDS + timedelta(minutes=30))  # still the 31st in UTC


@pytest.mark.parametrize("role", [Role.SAFEGUARDING_LEAD, Role.DIRECTOR, Role.ADMINISTRATOR])
def test_what_must_be_handed_over_has_none(cast: Cast, role: Role) -> None:
    place = Place(cast.provider.pk)
    asked: dict[str, Any] = {"by": cast.administrator, "at": NOW, "person": cast.worker, "role": role, "place": place}
    with pytest.raises(Invalid, match="handed over"):
        assign_role(**asked, last_on=LAST)
    assert assign_role(**asked).until_at is None


def test_somebody_may_end_it_sooner_and_once(cast: Cast) -> None:
    held, sooner = given(cast), NOW + timedelta(days=1)
    assert end_role(by=cast.administrator, at=sooner, assignment=held).until_at == sooner
    with pytest.raises(Invalid, match="already ended"):
        end_role(by=cast.administrator, at=sooner, assignment=held)


def test_after_its_last_day_it_has_ended(cast: Cast) -> None:
    held = given(cast)
    until = held.until_at
    with pytest.raises(Invalid, match="already ended"):
        end_role(by=cast.administrator, at=ENDS, assignment=held)
    held.refresh_from_db()
    assert held.until_at == until


def test_it_is_not_given_beside_itself_and_again_after(cast: Cast) -> None:
    given(cast)
    with pytest.raises(Invalid, match="already holds this role there"):
        given(cast, date(2026, 4, 30))
    assert given(cast, None, at=ENDS).until_at is None


class TestThePages:
    @pytest.fixture
    def admin(self, cast: Cast, the_clock: Any) -> Client:
        the_clock.stand_at(NOW)
        client = Client()
        client.force_login(cast.administrator)
        return client

    def sent(self, cast: Cast, admin: Client, day: tuple[str, str, str], role: str = "duty_manager") -> Any:
        data = {"role": role, "place": f"service:{cast.harbour.pk}"}
        data |= dict(zip(("last_on-day", "last_on-month", "last_on-year"), day, strict=True))
        return admin.post(reverse("access:give_role", args=[cast.worker.pk]), data)

    def test_a_last_day_is_given_and_shown(self, cast: Cast, admin: Client) -> None:
        assert self.sent(cast, admin, ("31", "3", "2026")).status_code == 302
        page = admin.get(reverse("access:person", args=[cast.worker.pk])).content.decode()
        assert "Last day" in page and "31 Mar 2026" in page
        assert "last day 31 Mar 2026" in admin.get(reverse("access:review")).content.decode()
        answer = admin.get(reverse("access:people_file"))
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        rows = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
        assert {row["Last day"] for row in rows if row["Name"] == cast.worker.name} == {"", "31 Mar 2026"}

    @pytest.mark.parametrize(
        ("day", "sentence"),
        [
            (("1", "1", "2026"), "The last day must be today or in the future"),
            (("30", "2", "2027"), "The last day must be a real date"),
            (("31", "", "2026"), "The last day must include a month"),
            (("1", "1", "9999"), "Year must be between"),
        ],
    )
    def test_a_wrong_one_is_said_beside_the_field(
        self, cast: Cast, admin: Client, day: tuple[str, str, str], sentence: str
    ) -> None:
        page = self.sent(cast, admin, day).content.decode()
        assert page.count(sentence) == 2, "in the summary and beside the field"
        assert not RoleAssignment.objects.filter(person=cast.worker, role="duty_manager").exists()

    def test_a_lead_is_given_none(self, cast: Cast, admin: Client) -> None:
        page = self.sent(cast, admin, ("31", "3", "2026"), "safeguarding_lead").content.decode()
        assert page.count("Leave this empty and end the role when they leave") == 2
        assert not RoleAssignment.objects.filter(person=cast.worker, role="safeguarding_lead").exists()

    def test_the_page_closes_with_the_day(self, cast: Cast, admin: Client, the_clock: Any) -> None:
        self.sent(cast, admin, ("31", "3", "2026"), "quality_lead")
        theirs, seen = Client(), []
        for at in (ENDS - timedelta(minutes=1), ENDS + timedelta(minutes=1)):
            the_clock.stand_at(at)
            theirs.force_login(cast.worker)
            seen.append(theirs.get(reverse("lists:index")).status_code)
        assert seen == [200, 404]

    def test_somebody_new_may_have_one_at_once(self, cast: Cast, admin: Client) -> None:
        data = {"name": "Bank Nurse", "email": "bank@example.org", "role": "support_worker", "place": "provider"}
        data |= {"last_on-day": "31", "last_on-month": "March", "last_on-year": "2026"}
        assert admin.post(reverse("access:add_person"), data).status_code == 302
        assert RoleAssignment.objects.get(person__name="Bank Nurse").until_at is not None
