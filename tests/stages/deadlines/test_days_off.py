"""Days off: what they move, what they leave, and that nothing is late because a calendar changed (R35)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from saferpractice.access.models import Provider
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import MovedDeadline, NonWorkingDay, Obligation, OutboxMessage
from saferpractice.deadlines.operations import add_non_working_day, escalate, take_away_non_working_day
from saferpractice.deadlines.queries import moves_with, moves_without, own_days_off
from saferpractice.deadlines.rules import Timescale, calendar_days, clock_hours, same_day, working_days, working_hours
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.deadlines import TESTER, an_obligation
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
DAY = timedelta(days=1)
THURSDAY = date(2026, 3, 5)
FRIDAY = date(2026, 3, 6)


def add(
    cast: Cast, day: date = THURSDAY, *, at: datetime = NOW, reason: str = "Coronation", **changes: Any
) -> NonWorkingDay:
    details = {"by": cast.administrator, "provider": cast.provider} | changes
    return add_non_working_day(at=at, day=day, reason=reason, **details)


def take_away(cast: Cast, day_off: NonWorkingDay, *, at: datetime = NOW, reason: str = "Put off") -> NonWorkingDay:
    return take_away_non_working_day(by=cast.administrator, at=at, day_off=day_off, reason=reason)


def due(obligation: Obligation) -> datetime:
    return Obligation.objects.get(pk=obligation.pk).due_at


def midnight(day: int) -> datetime:
    """The midnight that ends ``day`` of March 2026, before the clocks change."""
    return datetime(2026, 3, day, tzinfo=UTC) + DAY


class TestAdding:
    @pytest.mark.parametrize(
        ("timescale", "was", "now"),
        [
            (working_days(1), midnight(5), midnight(6)),
            (working_days(2), midnight(6), midnight(9)),
            (working_days(10), midnight(18), midnight(19)),
            (working_hours(10), datetime(2026, 3, 5, 11, tzinfo=UTC), datetime(2026, 3, 6, 11, tzinfo=UTC)),
            (working_hours(8), datetime(2026, 3, 4, 17, tzinfo=UTC), None),
            (clock_hours(30), NOW + timedelta(hours=30), None),
            (calendar_days(2), midnight(6), None),
            (same_day(), midnight(4), None),
        ],
    )
    def test_moves_what_counts_working_time_over_that_day_and_nothing_else(
        self, cast: Cast, timescale: Timescale, was: datetime, now: datetime | None
    ) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=timescale)
        assert due(one) == was
        add(cast)
        assert due(one) == (now or was)
        assert MovedDeadline.objects.count() == (now is not None)

    def test_keeps_what_it_was_and_is_on_record_in_the_story_and_in_the_trail(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        one = an_obligation(team=cast.north, at=NOW, timescale=working_days(1), story_id=incident.pk)
        day = add(cast)
        moved = MovedDeadline.objects.get()
        assert (moved.obligation, moved.because) == (one, day)
        assert (moved.was_due_at, moved.now_due_at, moved.at) == (midnight(5), midnight(6), NOW)
        said = TrailEntry.objects.story(incident.pk).get(operation="deadlines.move_deadline").sentence
        assert said == (
            "moved “Answer the question” from the end of Thursday 5 March 2026 to the end of Friday 6 March 2026, "
            "because Thursday 5 March 2026 is a day off"
        )
        whole = TrailEntry.objects.get(operation="deadlines.add_non_working_day")
        assert whole.sentence == "made Thursday 5 March 2026 a day off (Coronation), which moved 1 deadline"
        assert whole.facts["moved"] == [
            {"obligation": str(one.pk), "was": midnight(5).isoformat(), "now": midnight(6).isoformat()}
        ]

    def test_tells_whoever_owes_it_once_however_many_moved(self, cast: Cast) -> None:
        for number in range(3):
            an_obligation(
                team=cast.north, at=NOW, timescale=working_days(2), owner=cast.worker, title=f"Thing {number}"
            )
        an_obligation(team=cast.east, at=NOW, timescale=working_days(2))
        add(cast)
        told = {message.to: message for message in OutboxMessage.objects.all()}
        assert set(told) == {cast.worker, cast.duty_manager_elsewhere}
        assert told[cast.worker].subject == "3 deadlines of yours moved"
        assert (
            "Thing 1: now the end of Monday 9 March 2026, was the end of Friday 6 March 2026" in told[cast.worker].body
        )
        assert told[cast.duty_manager_elsewhere].subject == "1 deadline of yours moved"

    @pytest.mark.requirement("R34")
    @pytest.mark.parametrize(
        ("kind", "said"),
        [
            ("changes.action", "Do a tracked action"),
            ("triage.safety_action", "Make sure that a safety action is done"),
            ("pathways.owed", "Do what a pathway asks for"),
            ("reviews.document", "Write to Mrs Vermilion"),
        ],
    )
    def test_the_mail_says_no_more_than_others_do(self, cast: Cast, kind: str, said: str) -> None:
        """Titles of these kinds hold what somebody typed, or name whom it is about: mail is no place for either."""
        owed = an_obligation(
            team=cast.north, at=NOW, timescale=working_days(2), owner=cast.worker, title="Write to Mrs Vermilion"
        )
        Obligation.objects.filter(pk=owed.pk).update(kind=kind)
        add(cast)
        body = OutboxMessage.objects.get(to=cast.worker).body
        assert f"{said}: now" in body
        assert ("Vermilion" in body) is (kind == "reviews.document")

    def test_a_restricted_one_is_told_to_the_lead_and_never_to_who_is_kept_from_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="An allegation")
        OutboxMessage.objects.all().delete()
        an_obligation(
            team=cast.north,
            at=NOW,
            timescale=working_days(2),
            story_id=incident.pk,
            restricted=True,
            owner=cast.reviewer,
        )
        an_obligation(team=cast.north, at=NOW, timescale=working_days(2), story_id=incident.pk, restricted=True)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, because=KeptFromReason.RELATIVE)
        add(cast)
        assert [message.to for message in OutboxMessage.objects.all()] == [cast.lead]

    def test_what_is_late_stays_as_late_as_it_was(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW - 9 * DAY, timescale=working_days(2))
        add(cast, NOW.date())
        assert due(one) == one.due_at < NOW
        assert not MovedDeadline.objects.exists()

    def test_what_is_met_or_cancelled_stays(self, cast: Cast) -> None:
        met, cancelled = (an_obligation(team=cast.north, at=NOW, timescale=working_days(2)) for _ in range(2))
        Obligation.objects.filter(pk=met.pk).update(met_at=NOW)
        Obligation.objects.filter(pk=cancelled.pk).update(cancelled_at=NOW)
        add(cast)
        assert (due(met), due(cancelled)) == (midnight(6), midnight(6))

    def test_its_reminder_and_escalation_move_with_it(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=working_days(2))
        add(cast)
        OutboxMessage.objects.all().delete()
        escalate(by=TESTER, at=midnight(6) + DAY, obligation_id=one.pk)
        assert not OutboxMessage.objects.exists(), "it was due by the end of Friday, and is not any more"
        escalate(by=TESTER, at=midnight(9) - timedelta(hours=23), obligation_id=one.pk)
        assert OutboxMessage.objects.get().subject == "Due soon: Answer the question"

    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (NOW.date() - DAY, "Choose today or a later day"),
            (date(2026, 3, 7), "Saturday 7 March 2026 is not a working day anyway"),
            (date(2026, 4, 6), "bank holiday (Easter Monday)"),
            (date(2028, 12, 29), "within the next two years"),
        ],
    )
    def test_a_day_that_cannot_be_one_is_refused_beside_its_field(self, cast: Cast, day: date, words: str) -> None:
        with pytest.raises(Invalid) as refused:
            add(cast, day)
        assert set(refused.value.problems) == {"day"}
        assert words in refused.value.problems["day"]
        assert not NonWorkingDay.objects.exists()

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
    def test_a_reason_is_needed_and_fits(self, cast: Cast, reason: str) -> None:
        with pytest.raises(Invalid) as refused:
            add(cast, reason=reason)
        assert set(refused.value.problems) == {"reason"}

    def test_today_may_be_one(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW - DAY, timescale=working_days(1))
        assert due(one) == midnight(4)
        add(cast, NOW.date())
        assert due(one) == midnight(5)

    def test_once(self, cast: Cast) -> None:
        add(cast)
        with pytest.raises(Invalid, match="already a day off"):
            add(cast)

    @pytest.mark.parametrize("name", ["lead", "director", "quality_lead", "worker", "stranger", "inspector"])
    def test_only_by_an_administrator_of_this_provider(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused):
            add(cast, by=cast.people()[name])
        assert not NonWorkingDay.objects.exists()

    def test_one_providers_day_off_is_not_anothers(self, cast: Cast) -> None:
        add(cast)
        assert ledger.calendar_for(cast.provider.pk).days_off == {THURSDAY}
        assert ledger.calendar_for(Provider.objects.get(pk=cast.stranger.provider_id).pk).days_off == frozenset()


class TestTakingAway:
    def test_moves_back_what_adding_moved_and_says_so(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=working_days(2))
        day = add(cast)
        OutboxMessage.objects.all().delete()
        back = take_away(cast, day, at=NOW + timedelta(hours=1))
        assert due(one) == midnight(6)
        assert back.replaces == day
        assert not back.off
        assert [(m.was_due_at, m.now_due_at) for m in one.moves.order_by("at")] == [
            (midnight(6), midnight(9)),
            (midnight(9), midnight(6)),
        ]
        assert OutboxMessage.objects.get().to == cast.duty_manager
        assert (
            "made Thursday 5 March 2026 a working day again (Put off)"
            in TrailEntry.objects.get(operation="deadlines.take_away_non_working_day").sentence
        )

    def test_nothing_becomes_late_because_of_it(self, cast: Cast) -> None:
        day = add(cast, NOW.date())
        one = an_obligation(team=cast.north, at=NOW - DAY, timescale=working_days(1))
        assert due(one) == midnight(5), "without the day off it would have been due by the end of today"
        short = an_obligation(team=cast.north, at=NOW, timescale=working_hours(2))
        assert due(short) == datetime(2026, 3, 5, 11, tzinfo=UTC), "without it, today at 11"
        evening = NOW.replace(hour=20)
        take_away(cast, day, at=evening)
        assert (due(one), due(short)) == (midnight(4), midnight(4))
        assert not Obligation.objects.late(evening).exists()

    def test_the_row_stays_and_the_day_can_be_a_day_off_again(self, cast: Cast) -> None:
        first = add(cast)
        second = take_away(cast, first)
        third = add(cast, reason="It is on after all")
        assert ledger.calendar_for(cast.provider.pk).days_off == {THURSDAY}
        chain = list(NonWorkingDay.objects.order_by("added_at", "pk").values_list("off", "replaces"))
        assert chain == [(True, None), (False, first.pk), (True, second.pk)]
        assert own_days_off(cast.administrator, NOW) == [third]

    def test_the_database_refuses_to_change_or_delete_one(self, cast: Cast) -> None:
        day = add(cast)
        with pytest.raises(DatabaseError), transaction.atomic():
            NonWorkingDay.objects.filter(pk=day.pk).update(reason="Something else")
        with pytest.raises(DatabaseError), transaction.atomic():
            NonWorkingDay.objects.filter(pk=day.pk).delete()

    def test_twice_is_refused_in_words(self, cast: Cast) -> None:
        day = add(cast)
        take_away(cast, day)
        with pytest.raises(Stale, match="not a day off any more"):
            take_away(cast, day)

    def test_a_day_that_has_passed_stays(self, cast: Cast) -> None:
        day = add(cast)
        with pytest.raises(Invalid, match="has passed"):
            take_away(cast, day, at=NOW + 3 * DAY)

    def test_a_reason_is_needed(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="Say why"):
            take_away(cast, add(cast), reason=" ")

    def test_only_an_administrator(self, cast: Cast) -> None:
        day = add(cast)
        with pytest.raises(Refused):
            take_away_non_working_day(by=cast.director, at=NOW, day_off=day, reason="x")

    def test_two_at_one_moment_leave_one_row(self, cast: Cast) -> None:
        day = add(cast)
        take_away(cast, day)
        with pytest.raises(IntegrityError), transaction.atomic():
            NonWorkingDay.objects.create(
                provider=cast.provider, day=THURSDAY, off=False, reason="x", replaces=day, added_at=NOW
            )


class TestWhatWouldMove:
    def test_is_what_moves(self, cast: Cast) -> None:
        for team, days in ((cast.north, 1), (cast.east, 2), (cast.south, 20)):
            an_obligation(team=team, at=NOW, timescale=working_days(days))
        shown = {(one.obligation.pk, one.was, one.now) for one in moves_with(cast.provider.pk, THURSDAY, at=NOW)}
        day = add(cast)
        assert {(m.obligation_id, m.was_due_at, m.now_due_at) for m in MovedDeadline.objects.all()} == shown
        back = moves_without(cast.provider.pk, THURSDAY, at=NOW)
        assert {(one.obligation.pk, one.now, one.was) for one in back} == shown
        take_away(cast, day)
        assert {(m.obligation_id, m.now_due_at) for m in MovedDeadline.objects.filter(because__off=False)} == {
            (pk, was) for pk, was, _ in shown
        }

    def test_looking_changes_nothing(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, timescale=working_days(1))
        moves_with(cast.provider.pk, THURSDAY, at=NOW)
        assert due(one) == midnight(5)

    def test_of_another_provider_nothing_is_shown(self, cast: Cast) -> None:
        an_obligation(team=cast.north, at=NOW, timescale=working_days(1), role=Role.SUPERVISOR)
        assert moves_with(cast.stranger.provider_id, THURSDAY, at=NOW) == []
