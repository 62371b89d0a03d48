"""Reaching the person: how they want to be reached, an attempt in two taps, the local route in view."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.incidents.models import ContactPreference
from saferpractice.incidents.queries import preference_in_force, ways_of
from saferpractice.incidents.rules import ContactMethod, Way
from saferpractice.jobs import sweeps
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import correct_record, write_down_ways
from saferpractice.pathways.queries import library, owed_rows
from saferpractice.pathways.rules.reading import definition_from_data
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.pathways import a_case, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R21")]
NUMBER = "01632 960 018"
SISTER = Way(ContactMethod.THROUGH_OTHERS, "her sister Ada", "Not on Sundays")
PHONE = Way(ContactMethod.PHONE, NUMBER, "Not before 10")
VISIT = Way(ContactMethod.VISIT)
TODAY = date(2026, 3, 4)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(hours(8))


@pytest.fixture
def case(cast: Cast) -> PathwayCase:
    made = a_case(cast, "lost-contact")
    a_record(made, "missed-contact", 1, by=cast.worker, what="no-reply")
    return made


def wanted(case: PathwayCase, *ways: Way, by: Person, at: datetime = NOW, from_on: date = TODAY) -> ContactPreference:
    return write_down_ways(by=by, at=at, case=case, ways=ways, from_on=from_on)


def in_force(case: PathwayCase, on: date = TODAY) -> list[Way]:
    return ways_of(preference_in_force(case.person_supported, on))


def page(person: Person, case: PathwayCase) -> str:
    response = signed_in(person).get(reverse("pathways:case", args=[case.pk]))
    assert response.status_code == 200
    return words(response)


class TestHowTheyWantToBeReached:
    def test_the_newest_stands_and_the_earlier_stay(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, VISIT, by=cast.worker)
        wanted(case, SISTER, PHONE, by=cast.duty_manager, at=hours(2))
        assert in_force(case) == [SISTER, PHONE]
        assert [ways_of(one) for one in ContactPreference.objects.order_by("decided_at")] == [
            [PHONE, VISIT],
            [SISTER, PHONE],
        ]
        who = list(ContactPreference.objects.order_by("decided_at").values_list("decided_by_name", flat=True))
        assert who == ["Wren Ashdown", "Dale Marlow"]

    def test_one_for_a_later_day_waits_for_its_day(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, by=cast.worker)
        wanted(case, SISTER, by=cast.worker, at=hours(1), from_on=TODAY + timedelta(days=6))
        assert in_force(case) == [PHONE]
        assert in_force(case, TODAY + timedelta(days=5)) == [PHONE]
        assert in_force(case, TODAY + timedelta(days=6)) == [SISTER]

    def test_no_way_at_all_is_an_answer(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, by=cast.worker)
        wanted(case, by=cast.worker, at=hours(1))
        assert in_force(case) == []

    def test_the_same_again_writes_nothing(self, cast: Cast, case: PathwayCase) -> None:
        assert wanted(case, PHONE, by=cast.worker) == wanted(case, PHONE, by=cast.worker, at=hours(1))
        assert ContactPreference.objects.count() == 1

    def test_it_is_the_person_s_on_every_case_of_theirs(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, by=cast.worker)
        other = a_case(cast, "self-neglect")
        assert in_force(other) == [PHONE]
        assert in_force(a_case(cast, "self-neglect", person="P-2")) == []

    @pytest.mark.parametrize(
        ("name", "may"),
        [
            ("worker", True), ("colleague", True), ("duty_manager", True), ("supervisor", True), ("lead", True),
            ("reviewer", True), ("worker_elsewhere", False), ("duty_manager_elsewhere", False),
            ("administrator", False), ("commissioner", False), ("stranger", False),
        ],
    )  # fmt: skip
    def test_whoever_works_on_the_case_writes_it_down(
        self, cast: Cast, case: PathwayCase, name: str, may: bool
    ) -> None:
        if may:
            wanted(case, PHONE, by=cast.people()[name])
            return
        with pytest.raises(Refused):
            wanted(case, PHONE, by=cast.people()[name])
        assert not ContactPreference.objects.exists()

    def test_a_list_that_cannot_stand_is_refused_whole(self, cast: Cast, case: PathwayCase) -> None:
        with pytest.raises(Invalid) as refusal:
            wanted(case, PHONE, PHONE, by=cast.worker, from_on=TODAY - timedelta(days=1))
        assert set(refusal.value.problems) == {"method_2", "from_on"}
        assert not ContactPreference.objects.exists()

    def test_the_database_holds_it(self, cast: Cast, case: PathwayCase) -> None:
        made = wanted(case, PHONE, by=cast.worker)
        with pytest.raises(DatabaseError), transaction.atomic():
            ContactPreference.objects.filter(pk=made.pk).update(from_on=TODAY + timedelta(days=1))
        with pytest.raises(DatabaseError), transaction.atomic():
            made.delete()


@pytest.mark.requirement("R34")
class TestNumbersAreKeptClose:
    def test_encrypted_and_bound_to_their_row(self, cast: Cast, case: PathwayCase) -> None:
        first, second = wanted(case, PHONE, by=cast.worker), wanted(case, SISTER, by=cast.worker, at=hours(1))
        assert NUMBER not in first.ways_encrypted
        second.ways_encrypted = first.ways_encrypted
        with pytest.raises(ValueError, match="changed, or belongs to something else"):
            ways_of(second)

    def test_not_in_the_trail(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, SISTER, by=cast.worker)
        entry = TrailEntry.objects.get(operation="pathways.write_down_ways")
        assert entry.sentence == "wrote down how the person wants to be reached"
        assert (entry.story_id, entry.facts["ways"]) == (case.pk, 2)
        assert all(NUMBER not in str(vars(one)) and "Ada" not in str(vars(one)) for one in TrailEntry.objects.all())

    def test_on_the_case_page_and_in_no_list_mail_or_file(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, by=cast.worker)
        assert NUMBER in page(cast.worker, case)
        sweeps.escalate_due(hours(60))
        sweeps.send_mail(hours(60))
        assert mail.outbox
        assert all(NUMBER not in f"{one.subject}{one.body}" for one in mail.outbox)
        client = signed_in(cast.duty_manager)
        for name in ("home:my_work", "home:duty", "home:tracker", "pathways:cases"):
            assert NUMBER not in client.get(reverse(name)).content.decode(), name
        for name in ("home:duty_file", "home:tracker_file", "pathways:cases_file"):
            response: Any = client.get(reverse(name))
            assert NUMBER not in b"".join(response.streaming_content).decode(), name

    def test_when_it_cannot_be_read_the_page_says_so_and_attempts_go_on(
        self, cast: Cast, case: PathwayCase, settings: Any
    ) -> None:
        wanted(case, PHONE, by=cast.worker)
        settings.FIELD_KEY = "another secret that is long enough to be one"
        shown = page(cast.worker, case)
        assert "cannot be read here" in shown
        assert "Phone call" in shown


class TestThePageOfWays:
    FORM = {
        "method_1": "through-others", "detail_1": "her sister Ada", "note_1": "Not on Sundays",
        "method_2": "phone", "detail_2": NUMBER, "note_2": "Not before 10",
        "from_on-day": "4", "from_on-month": "3", "from_on-year": "2026",
    }  # fmt: skip

    def send(self, person: Person, case: PathwayCase, **changes: str) -> HttpResponse:
        return signed_in(person).post(reverse("pathways:ways", args=[case.pk]), self.FORM | changes)

    def test_written_down_in_order(self, cast: Cast, case: PathwayCase) -> None:
        assert self.send(cast.worker, case).status_code == 302
        assert in_force(case) == [SISTER, PHONE]
        shown = page(cast.worker, case)
        assert shown.index("her sister Ada") < shown.index(NUMBER)
        assert "Written down by Wren Ashdown" in shown

    def test_what_is_left_out_between_makes_no_gap(self, cast: Cast, case: PathwayCase) -> None:
        moved = {"method_2": "", "detail_2": "", "note_2": "", "method_4": "phone", "detail_4": NUMBER}
        self.send(cast.worker, case, **moved)
        assert in_force(case) == [SISTER, Way(ContactMethod.PHONE, NUMBER)]

    def test_a_number_without_a_method_is_a_mistake_not_nothing(self, cast: Cast, case: PathwayCase) -> None:
        response = self.send(cast.worker, case, method_2="")
        assert "Choose how, or take out what is written below it" in words(response)
        assert NUMBER in words(response), "what was typed is still there"
        assert in_force(case) == []

    def test_a_way_moves_up_and_nothing_is_kept_yet(self, cast: Cast, case: PathwayCase) -> None:
        response = self.send(cast.worker, case, up="2")
        shown = words(response)
        assert shown.index(NUMBER) < shown.index("her sister Ada")
        assert not ContactPreference.objects.exists()

    @pytest.mark.parametrize("up", ["1", "99", "x", "-1"])
    def test_an_odd_place_moves_nothing(self, cast: Cast, case: PathwayCase, up: str) -> None:
        response = self.send(cast.worker, case, up=up)
        assert response.status_code in {200, 302}

    def test_the_form_begins_with_what_holds_and_shows_what_was(self, cast: Cast, case: PathwayCase) -> None:
        wanted(case, PHONE, by=cast.worker)
        wanted(case, SISTER, by=cast.worker, at=hours(1))
        shown = words(signed_in(cast.worker).get(reverse("pathways:ways", args=[case.pk])))
        assert 'value="her sister Ada"' in shown
        assert f"Phone call, {NUMBER} (Not before 10)" in shown


def tap(client: Client, case: PathwayCase, way: ContactMethod, answer: str, /, **changes: str) -> HttpResponse:
    """Open the case, tap the way, tap the answer."""
    shown = client.get(reverse("pathways:case", args=[case.pk])).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', shown)
    assert key, "the buttons are there"
    sent = {"key": key[1], "method": way.value, "answer": answer} | changes
    return client.post(reverse("pathways:attempt", args=[case.pk, "attempt"]), sent)


class TestAnAttemptInTwoTaps:
    @pytest.mark.parametrize("answer", ["yes", "no"])
    def test_it_is_written_down_as_of_now_and_meets_what_is_owed(
        self, cast: Cast, case: PathwayCase, answer: str
    ) -> None:
        assert tap(signed_in(cast.worker), case, ContactMethod.PHONE, answer).status_code == 302
        record = PathwayRecord.objects.get(kind="attempt")
        assert record.values == {"method": "phone", "reached": answer}
        assert (record.happened_at, record.decided_at, record.decided_by) == (hours(8), hours(8), cast.worker)
        (owed,) = owed_rows(case)
        assert owed.obligation.met_at == hours(8)

    def test_two_taps_on_the_same_button_are_one_record(
        self, cast: Cast, case: PathwayCase, the_clock: TestClock
    ) -> None:
        client = signed_in(cast.worker)
        shown = client.get(reverse("pathways:case", args=[case.pk])).content.decode()
        key = re.search(r'name="key" value="([^"]+)"', shown)[1]  # type: ignore[index]
        for moment in (hours(8), hours(8) + timedelta(seconds=1), hours(8) + timedelta(minutes=2)):
            the_clock.stand_at(moment)
            tap(client, case, ContactMethod.PHONE, "no", key=key)
        assert PathwayRecord.objects.filter(kind="attempt").count() == 1

    def test_later_on_from_a_page_that_stood_open_it_is_another_attempt(
        self, cast: Cast, case: PathwayCase, the_clock: TestClock
    ) -> None:
        client = signed_in(cast.worker)
        for hour in (8, 9, 9):
            the_clock.stand_at(hours(hour))
            tap(client, case, ContactMethod.PHONE, "no", key="a-page-that-stood-open")
        found = PathwayRecord.objects.filter(kind="attempt").order_by("happened_at")
        assert [one.happened_at for one in found] == [hours(8), hours(9)]

    def test_both_answers_at_once_are_said_and_the_first_stands(self, cast: Cast, case: PathwayCase) -> None:
        client = signed_in(cast.worker)
        tap(client, case, ContactMethod.PHONE, "no", key="k")
        response = tap(client, case, ContactMethod.PHONE, "yes", key="k")
        assert "already sent with other answers" in words(client.get(response.headers["Location"]))
        assert PathwayRecord.objects.get(kind="attempt").values["reached"] == "no"

    def test_each_way_is_an_attempt_of_its_own(self, cast: Cast, case: PathwayCase) -> None:
        client = signed_in(cast.worker)
        for way in ContactMethod:
            tap(client, case, way, "no", key="one-page")
        assert PathwayRecord.objects.filter(kind="attempt").count() == len(ContactMethod)

    @pytest.mark.parametrize("changes", [{"method": ""}, {"answer": ""}, {"method": "pigeon"}, {"answer": "perhaps"}])
    def test_half_an_attempt_is_none(self, cast: Cast, case: PathwayCase, changes: dict[str, str]) -> None:
        client = signed_in(cast.worker)
        response = tap(client, case, ContactMethod.PHONE, "no", **changes)
        assert "There is a problem" in words(client.get(response.headers["Location"]))
        assert not PathwayRecord.objects.filter(kind="attempt").exists()

    def test_it_is_put_right_later(self, cast: Cast, case: PathwayCase) -> None:
        tap(signed_in(cast.worker), case, ContactMethod.PHONE, "yes")
        record = PathwayRecord.objects.get(kind="attempt")
        assert reverse("pathways:correct", args=[case.pk, record.pk]) in page(cast.worker, case)
        correct_record(
            by=cast.worker, at=hours(9), record=record, happened_at=hours(7), reason="Wrong button",
            values={"method": "phone", "reached": "no"}, submission_key="c",
        )  # fmt: skip
        assert PathwayRecord.objects.filter(kind="attempt").count() == 2

    @pytest.mark.parametrize("kind", ["missed-contact", "escalation-note", "nothing"])
    def test_no_other_record_is_made_so(self, cast: Cast, case: PathwayCase, kind: str) -> None:
        response = signed_in(cast.worker).post(
            reverse("pathways:attempt", args=[case.pk, kind]), {"key": "k", "method": "phone", "answer": "no"}
        )
        assert response.status_code == 404

    def test_not_on_a_closed_case(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact")
        a_record(case, "contact-regained", 1, by=cast.worker, how="He rang", state="Well")
        a_record(case, "follow-up", 2, by=cast.worker, values={"outcome": "Seen", "safety-plan": "updated"})
        operations.close_case(by=cast.duty_manager, at=hours(3), case=case, reason="Regained")
        assert "Try to reach them" not in page(cast.worker, case)
        response = signed_in(cast.worker).post(
            reverse("pathways:attempt", args=[case.pk, "attempt"]), {"key": "k", "method": "phone", "answer": "no"}
        )
        assert response.status_code == 404

    def test_the_person_s_own_ways_first_the_others_folded_away(self, cast: Cast, case: PathwayCase) -> None:
        assert "Nobody has written down how they want to be reached" in page(cast.worker, case)
        wanted(case, VISIT, PHONE, by=cast.worker)
        own, _, others = page(cast.worker, case).partition("Another way")
        assert own.index("1. Visit") < own.index("2. Phone call")
        assert "Letter" in others
        assert "Letter" not in own.split("Try to reach them")[1]

    def test_a_pathway_without_attempts_shows_none(self, cast: Cast) -> None:
        assert "Try to reach them" not in page(cast.worker, a_case(cast, "self-neglect"))

    def test_nor_whoever_may_not_make_them(self, cast: Cast, case: PathwayCase) -> None:
        assert "Try to reach them" not in page(cast.reviewer, case)


@pytest.mark.requirement("R22")
class TestTheRouteInView:
    ROUTE = "Ring the caretaker, then visit in twos."

    def set_route(self, cast: Cast, text: str) -> None:
        definition = library()["lost-contact"]
        values = {"welfare-check-route": text}
        operations.set_local_values(by=cast.lead, at=NOW, service=cast.riverside, definition=definition, values=values)

    def test_only_while_what_needs_it_is_owed(self, cast: Cast, case: PathwayCase) -> None:
        self.set_route(cast, self.ROUTE)
        assert self.ROUTE not in page(cast.worker, case), "one missed contact asks for attempts"
        a_record(case, "missed-contact", 2, by=cast.worker, what="not-at-home")
        shown = page(cast.worker, case)
        assert shown.count(self.ROUTE) == 1
        assert "Whom to ring for a welfare check" in shown
        note = {
            "told": "duty_manager", "risk-indicators": "No tablets.", "actions-taken": "Two visits.",
            "partner-contacts": "GP rung.", "welfare-check": "started", "next-review": hours(20),
        }  # fmt: skip
        a_record(case, "escalation-note", 3, by=cast.worker, values=note)
        assert self.ROUTE not in page(cast.worker, case)

    def test_each_service_its_own(self, cast: Cast) -> None:
        self.set_route(cast, self.ROUTE)
        case = a_case(cast, "lost-contact", by=cast.worker_elsewhere, team=cast.east)
        for hour in (1, 2):
            a_record(case, "missed-contact", hour, by=cast.worker_elsewhere, what="no-reply")
        shown = page(cast.worker_elsewhere, case)
        assert self.ROUTE not in shown
        assert "Visit the address with a colleague" in shown

    @pytest.mark.parametrize("part", ["risk-indicators", "actions-taken", "partner-contacts", "next-review"])
    @pytest.mark.requirement("R23")
    def test_the_note_does_not_count_while_one_part_is_empty(self, cast: Cast, case: PathwayCase, part: str) -> None:
        a_record(case, "missed-contact", 2, by=cast.worker, what="no-reply")
        note: dict[str, Any] = {
            "told": "duty_manager", "risk-indicators": "No tablets.", "actions-taken": "Two visits.",
            "partner-contacts": "GP rung.", "welfare-check": "started", "next-review": hours(20),
        }  # fmt: skip
        a_record(
            case, "escalation-note", 3, by=cast.worker, values={**note, part: "" if part != "next-review" else None}
        )
        shown = page(cast.worker, case)
        label = next(f.label for k in library()["lost-contact"].records for f in k.fields if f.id == part)
        assert f"Still empty: {label}" in shown
        open_ = [row.row.code for row in owed_rows(case) if row.obligation.met_at is None]
        assert {"tell-leadership", "review-risk", "start-welfare-check"} <= set(open_)


@pytest.mark.requirement("R22")
class TestWhatAServiceSets:
    """Steps, route and contacts are set on the service's own page, within the bounds of the pathway."""

    def send(self, cast: Cast, person: Person, **values: str) -> HttpResponse:
        address = reverse("pathways:local_values", args=["lost-contact", cast.riverside.pk])
        return signed_in(person).post(address, values)

    @pytest.mark.parametrize(
        ("name", "value", "bounds"),
        [
            ("manager-told-after", "5 hours", "Write a value from 1 hour to 4 hours"),
            ("lead-told-after", "9 hours", "Write a value from 1 hour to 8 hours"),
            ("lead-told-after", "30 minutes", "Write"),
            ("director-told-after", "2 days", "Write it in the unit of its bounds, 4 hours to 24 hours"),
            ("director-told-after", "25 hours", "Write a value from 4 hours to 24 hours"),
        ],
    )
    def test_not_beyond_the_bounds(self, cast: Cast, name: str, value: str, bounds: str) -> None:
        response = self.send(cast, cast.lead, **{name: value})
        assert response.status_code == 200
        assert bounds in words(response)
        assert value in words(response), "what was typed is still there"

    def test_the_new_steps_hold_for_what_becomes_owed_from_then_on(self, cast: Cast, case: PathwayCase) -> None:
        before = owed_rows(case)[0].obligation.chain
        assert self.send(cast, cast.lead, **{"manager-told-after": "1 hour"}).status_code == 302
        a_record(case, "attempt", 2, by=cast.worker, method="phone", reached="no")
        a_record(case, "missed-contact", 3, by=cast.worker, what="no-reply")
        tries = [row.obligation for row in owed_rows(case) if row.row.code == "try-preferred-ways"]
        assert [one.chain[1]["after"]["amount"] for one in tries] == [2, 1]
        assert tries[0].chain == before, "what was owed keeps the steps it was asked with"

    def test_route_and_contacts_are_texts_of_the_service(self, cast: Cast, case: PathwayCase) -> None:
        texts = {"welfare-check-route": "Ring the caretaker.", "welfare-check-contacts": "Crisis team 01632 960 100"}
        assert self.send(cast, cast.lead, **texts).status_code == 302
        a_record(case, "missed-contact", 2, by=cast.worker, what="no-reply")
        shown = page(cast.worker, case)
        assert all(text in shown for text in texts.values())

    @pytest.mark.parametrize("name", ["duty_manager", "worker", "administrator", "stranger"])
    def test_only_by_those_who_lead(self, cast: Cast, name: str) -> None:
        assert self.send(cast, cast.people()[name], **{"lead-told-after": "1 hour"}).status_code == 404

    @pytest.mark.parametrize("pathway", sorted(library()))
    def test_the_steps_are_told_in_plain_words(self, cast: Cast, pathway: str) -> None:
        shown = words(signed_in(cast.lead).get(reverse("pathways:one", args=[pathway])))
        assert "How long after a deadline the director on call is told" in shown
        assert "then the director on call" in shown


def test_used_definitions_keep_their_old_words(cast: Cast) -> None:
    """A version put in use before the field type was there still reads and still takes its records."""
    definition = library()["lost-contact"]
    content = definition.model_dump(mode="json", by_alias=True, exclude_unset=True)
    kind = next(k for k in content["records"] if k["id"] == "attempt")
    kind["fields"][0] |= {"type": "choice", "options": [{"id": m.value, "label": m.label} for m in ContactMethod]}
    case = operations.open_case(
        by=cast.worker, at=NOW, team=cast.north, person_reference="P-9", submission_key="old",
        version=used(cast, definition=definition_from_data(content, name="old")),
    )  # fmt: skip
    a_record(case, "missed-contact", 1, by=cast.worker, what="no-reply")
    a_record(case, "attempt", 2, by=cast.worker, method="phone", reached="no")
    assert "Phone call" in page(cast.worker, case)
    assert "Try to reach them" not in page(cast.worker, case)
