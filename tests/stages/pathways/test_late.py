"""What a pathway asks for when it is late: each step once, in order, and none for what was met meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, create_person
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import Escalation, MovedDeadline, Obligation, OutboxMessage
from saferpractice.deadlines.operations import add_cover, add_non_working_day, take_away_non_working_day
from saferpractice.jobs.sweeps import escalate_due
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayVersion
from saferpractice.pathways.queries import definition_of_version, library, owed_rows, state_of
from tests.factories.pathways import NOTE, a_case, a_record, approved, hours
from tests.personas import LONG_AGO, NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R22")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT_ONCE = ("tell-leadership", "review-risk", "start-welfare-check")


def by_working_hours(cast: Cast) -> PathwayVersion:
    """A version of the pathway that counts working hours from the second missed contact to the note."""

    def edit(content: dict[str, Any]) -> None:
        value = next(each for each in content["local"] if each["id"] == "escalate-within")
        value |= {"default": "2 working hours", "lowest": "1 working hour", "highest": "8 working hours"}

    return approved(cast, edit, code="lost-contact")


def lost_twice(
    cast: Cast, *, at: datetime = NOW, person: str = "P-1042", version: PathwayVersion | None = None
) -> PathwayCase:
    """Two missed contacts within an hour: three obligations at once, beside the tries."""
    case = a_case(cast, "lost-contact", at=at, person=person, version=version)
    for number, hour in enumerate((0, 1)):
        operations.write_record(
            by=cast.worker, at=at + hour * HOUR, case=case, kind="missed-contact", happened_at=at + hour * HOUR,
            values={"what": "no-reply"}, submission_key=f"missed-{number}",
        )  # fmt: skip
    return case


def raised(case: PathwayCase, code: str) -> list[int]:
    """The levels raised of one obligation of a case, in the order in which they were raised."""
    owed = [row.obligation.pk for row in owed_rows(case) if row.row.code == code]
    found = Escalation.objects.filter(obligation_id__in=owed, level__gte=1).order_by("at", "level")
    return list(found.values_list("level", flat=True))


def sweep(at: datetime) -> None:
    while escalate_due(at):
        pass


def due(case: PathwayCase, code: str) -> datetime:
    return next(row.obligation.due_at for row in owed_rows(case) if row.row.code == code)


def told(case: PathwayCase, code: str, level: int) -> set[str]:
    owed = [row.obligation.pk for row in owed_rows(case) if row.row.code == code]
    (found,) = Escalation.objects.filter(obligation_id__in=owed, level=level)
    return {person.name for person in found.told.all()}


class TestTheWorkerWasDown:
    def test_three_days_later_each_step_comes_once_and_in_order(self, cast: Cast) -> None:
        case = lost_twice(cast)
        sweep(NOW + 3 * DAY)
        for code in AT_ONCE:
            assert raised(case, code) == [1, 2, 3]
        assert raised(case, "try-preferred-ways") == [1, 2]
        sweep(NOW + 3 * DAY + timedelta(minutes=1))
        sweep(NOW + 9 * DAY)
        for code in AT_ONCE:
            assert raised(case, code) == [1, 2, 3]

    def test_one_mail_a_person_and_step(self, cast: Cast) -> None:
        lost_twice(cast)
        sweep(NOW + 3 * DAY)
        keys = list(OutboxMessage.objects.values_list("key", flat=True))
        assert len(keys) == len(set(keys))
        director = OutboxMessage.objects.filter(to=cast.director)
        assert director.count() == len(AT_ONCE), "the last step of the three, and none of the tries"

    def test_nothing_is_raised_for_what_was_met_meanwhile(self, cast: Cast) -> None:
        case, other = lost_twice(cast), lost_twice(cast, person="P-2")
        a_record(case, "escalation-note", 60, by=cast.worker, values={**NOTE, "next-review": NOW + 20 * DAY})
        sweep(NOW + 3 * DAY)
        for code in AT_ONCE:
            assert raised(case, code) == [], code
            assert raised(other, code) == [1, 2, 3], code

    def test_met_after_the_first_step_the_second_never_comes(self, cast: Cast) -> None:
        case = lost_twice(cast)
        late = due(case, "tell-leadership") + timedelta(minutes=1)
        sweep(late)
        assert raised(case, "tell-leadership") == [1]
        operations.write_record(
            by=cast.worker, at=late, case=case, kind="escalation-note", happened_at=late,
            values={**NOTE, "next-review": late + 20 * DAY}, submission_key="note",
        )  # fmt: skip
        sweep(NOW + 3 * DAY)
        assert raised(case, "tell-leadership") == [1]

    def test_a_note_that_lacks_a_part_stops_nothing(self, cast: Cast) -> None:
        case = lost_twice(cast)
        a_record(case, "escalation-note", 3, by=cast.worker, values={**NOTE, "partner-contacts": ""})
        sweep(NOW + 3 * DAY)
        assert raised(case, "tell-leadership") == [1, 2, 3]

    def test_the_clock_of_the_machine_jumps_back_and_nothing_comes_again(self, cast: Cast) -> None:
        case = lost_twice(cast)
        sweep(NOW + 3 * DAY)
        sweep(NOW + 1 * DAY)
        sweep(NOW + 3 * DAY)
        assert raised(case, "tell-leadership") == [1, 2, 3]

    def test_a_process_that_dies_in_the_middle_leaves_each_step_whole(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = lost_twice(cast)
        real, calls = Escalation.objects.create, iter(range(100))

        def dying(**row: Any) -> Escalation:
            if next(calls) == 2:
                raise RuntimeError("the power went")
            return real(**row)

        with monkeypatch.context() as broken:
            broken.setattr(Escalation.objects, "create", dying)
            escalate_due(NOW + 3 * DAY)
        sweep(NOW + 3 * DAY + HOUR)
        for code in AT_ONCE:
            assert raised(case, code) == [1, 2, 3]


class TestUpTheSteps:
    def test_who_hears_at_which_step(self, cast: Cast) -> None:
        case = lost_twice(cast)
        sweep(NOW + 3 * DAY)
        assert told(case, "tell-leadership", 1) == {"Wren Ashdown", "Corin Vale", "Dale Marlow"}
        assert told(case, "tell-leadership", 2) == {"Lark Penrose"}
        assert told(case, "tell-leadership", 3) == {"Drew Castell"}

    @pytest.mark.parametrize(
        ("own", "gaps"),
        [
            pytest.param({}, [2, 10], id="as it ships: two hours, twelve hours"),
            pytest.param({"lead-told-after": "1 hour"}, [1, 11], id="the lead sooner"),
            pytest.param({"lead-told-after": "3 hours", "director-told-after": "4 hours"}, [3, 1], id="both its own"),
        ],
    )
    def test_with_the_times_that_the_service_set(self, cast: Cast, own: dict[str, str], gaps: list[int]) -> None:
        definition = library()["lost-contact"]
        operations.set_local_values(
            by=cast.lead, at=LONG_AGO, service=cast.riverside, definition=definition, values=own
        )
        case = lost_twice(cast)
        late, moments = due(case, "tell-leadership"), []
        for minute in range(0, 13 * 60, 15):
            before = len(raised(case, "tell-leadership"))
            sweep(late + timedelta(minutes=minute, seconds=1))
            moments += [minute / 60] * (len(raised(case, "tell-leadership")) - before)
        assert [later - earlier for earlier, later in pairwise(moments)] == gaps
        assert moments[0] == 0

    def a_director(self, cast: Cast, name: str) -> Person:
        made = create_person(
            by=SET_UP, at=LONG_AGO, provider=cast.provider, name=name, email=f"{name[:4].lower()}@example.org",
            password="a quiet river at night",
        )  # fmt: skip
        assign_role(by=SET_UP, at=LONG_AGO, person=made, role=Role.DIRECTOR, place=Place(cast.provider.pk))
        return made

    def test_the_director_on_call_and_no_other(self, cast: Cast) -> None:
        on_call = self.a_director(cast, "Oona Call")
        add_cover(
            by=cast.administrator, at=NOW, provider=cast.provider, service=cast.riverside, person=on_call,
            from_at=NOW, until_at=NOW + 9 * DAY,
        )  # fmt: skip
        case = lost_twice(cast)
        sweep(NOW + 3 * DAY)
        assert told(case, "tell-leadership", 3) == {"Oona Call"}

    def test_every_director_where_nobody_is_on_call_then(self, cast: Cast) -> None:
        on_call = self.a_director(cast, "Oona Call")
        add_cover(
            by=cast.administrator, at=NOW, provider=cast.provider, service=cast.harbour, person=on_call,
            from_at=NOW, until_at=NOW + 9 * DAY,
        )  # fmt: skip
        case = lost_twice(cast)
        sweep(NOW + 3 * DAY)
        assert told(case, "tell-leadership", 3) == {"Drew Castell", "Oona Call"}


class TestOverAChangeOfClocks:
    """The steps come after true hours, and working hours stay on the clock of the wall."""

    @pytest.mark.parametrize(
        ("second_missed", "deadline", "steps"),
        [
            pytest.param(
                datetime(2026, 3, 27, 16, 30, tzinfo=UTC), datetime(2026, 3, 30, 9, 30, tzinfo=UTC),
                [0, 2, 12], id="Friday half past four, the clocks go forward on Sunday",
            ),
            pytest.param(
                datetime(2026, 10, 23, 15, 30, tzinfo=UTC), datetime(2026, 10, 26, 10, 30, tzinfo=UTC),
                [0, 2, 12], id="Friday half past four, the clocks go back on Sunday",
            ),
        ],
    )  # fmt: skip
    def test_two_working_hours_over_the_weekend(
        self, cast: Cast, second_missed: datetime, deadline: datetime, steps: list[int]
    ) -> None:
        case = lost_twice(cast, at=second_missed - HOUR, version=by_working_hours(cast))
        assert due(case, "tell-leadership") == deadline
        sweep(deadline)
        assert raised(case, "tell-leadership") == [], "at the very moment it is in time"
        for level, after in enumerate(steps, start=1):
            moment = deadline + after * HOUR
            sweep(moment - timedelta(seconds=1))
            assert raised(case, "tell-leadership") == list(range(1, level))
            sweep(moment + timedelta(seconds=1))
            assert raised(case, "tell-leadership") == list(range(1, level + 1))

    @pytest.mark.parametrize(
        "second_missed",
        [datetime(2026, 3, 28, 22, 0, tzinfo=UTC), datetime(2026, 10, 24, 21, 0, tzinfo=UTC)],
        ids=["the night it goes forward", "the night it goes back"],
    )
    def test_a_follow_up_within_a_day_is_due_after_twenty_four_true_hours(
        self, cast: Cast, second_missed: datetime
    ) -> None:
        case = a_case(cast, "lost-contact", at=second_missed)
        operations.write_record(
            by=cast.worker, at=second_missed, case=case, kind="contact-regained", happened_at=second_missed,
            values={"how": "He rang", "state": "Tired"}, submission_key="back",
        )  # fmt: skip
        assert due(case, "follow-up") == second_missed + 24 * HOUR
        sweep(second_missed + 24 * HOUR)
        assert raised(case, "follow-up") == []
        for _ in range(3):
            sweep(second_missed + 37 * HOUR)
        assert raised(case, "follow-up") == [1, 2, 3]


THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)


class TestADayOff:
    """A day off that is added later moves what a pathway asks for, as it moves everything else (R35)."""

    pytestmark = pytest.mark.requirement("R35")

    def add(self, cast: Cast, day: date, at: datetime = NOW + 2 * HOUR) -> Any:
        return add_non_working_day(by=cast.administrator, at=at, provider=cast.provider, day=day, reason="Coronation")

    def of_wednesday_evening(self, cast: Cast) -> PathwayCase:
        """Second missed contact on Wednesday at four: two working hours run into Thursday."""
        return lost_twice(cast, at=datetime(2026, 3, 4, 15, 0, tzinfo=UTC), version=by_working_hours(cast))

    WAS, NOW_DUE = datetime(2026, 3, 5, 10, 0, tzinfo=UTC), datetime(2026, 3, 6, 10, 0, tzinfo=UTC)
    EVENING = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)

    def test_what_counts_working_time_moves_and_the_page_agrees(self, cast: Cast) -> None:
        case = self.of_wednesday_evening(cast)
        assert due(case, "tell-leadership") == self.WAS
        self.add(cast, THURSDAY, self.EVENING)
        assert due(case, "tell-leadership") == self.NOW_DUE
        shown = {each.obligation.id: each.due_at for each in state_of(case, self.EVENING).open}
        assert shown["tell-leadership"] == self.NOW_DUE
        sweep(self.WAS + HOUR)
        assert raised(case, "tell-leadership") == []
        sweep(self.NOW_DUE + timedelta(seconds=1))
        assert raised(case, "tell-leadership") == [1]

    def test_the_move_is_kept_and_told_without_naming_anybody(self, cast: Cast) -> None:
        case = self.of_wednesday_evening(cast)
        self.add(cast, THURSDAY, self.EVENING)
        moved = MovedDeadline.objects.filter(obligation__title__startswith="Tell duty leadership").get()
        assert (moved.was_due_at, moved.now_due_at) == (self.WAS, self.NOW_DUE)
        mails = OutboxMessage.objects.filter(key__startswith="day-off:", to=cast.worker)
        assert "Do what a pathway asks for: now" in mails.get().body
        assert all(case.person_supported.reference not in f"{one.subject}{one.body}" for one in mails)

    def test_taken_away_again_nothing_is_late_because_of_it(self, cast: Cast) -> None:
        case = self.of_wednesday_evening(cast)
        day_off = self.add(cast, THURSDAY, self.EVENING)
        back = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
        take_away_non_working_day(by=cast.administrator, at=back, day_off=day_off, reason="Put off")
        end_of_thursday = datetime(2026, 3, 6, tzinfo=UTC)
        assert due(case, "tell-leadership") == end_of_thursday
        a_record(case, "attempt", 0, by=cast.worker, written=37, method="phone", reached="no")
        assert due(case, "tell-leadership") == end_of_thursday, "writing something else down brings nothing forward"
        shown = {each.obligation.id: each.due_at for each in state_of(case, back).open}
        assert shown["tell-leadership"] == end_of_thursday

    def test_what_counts_hours_or_names_a_moment_stays(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact", at=NOW)
        a_record(case, "contact-regained", 0, by=cast.worker, how="He rang", state="Tired")
        for hour in (1, 2):
            a_record(case, "missed-contact", hour, by=cast.worker, what="no-reply")
        a_record(case, "escalation-note", 3, by=cast.worker, values={**NOTE, "next-review": hours(40)})
        before = {code: due(case, code) for code in ("follow-up", "next-review")}
        self.add(cast, THURSDAY, hours(4))
        assert {code: due(case, code) for code in before} == before

    def test_what_came_sooner_keeps_its_moment(self, cast: Cast) -> None:
        case = self.of_wednesday_evening(cast)
        definition = definition_of_version(case.version)
        operations.set_local_values(
            by=cast.lead, at=hours(14.1), service=cast.riverside, definition=definition,
            values={"escalate-within": "1 working hour"},
        )  # fmt: skip
        a_record(case, "attempt", 0, by=cast.worker, written=14.25, method="phone", reached="no")
        sooner = due(case, "tell-leadership")
        assert sooner < self.WAS
        assert sooner > hours(14.5), "and not late yet when the day off is added"
        self.add(cast, THURSDAY, hours(14.5))
        assert due(case, "tell-leadership") == sooner

    def test_a_service_that_gives_more_time_gives_none_to_what_is_owed(self, cast: Cast) -> None:
        case = self.of_wednesday_evening(cast)
        definition = definition_of_version(case.version)
        operations.set_local_values(
            by=cast.lead, at=self.EVENING, service=cast.riverside, definition=definition,
            values={"escalate-within": "8 working hours"},
        )  # fmt: skip
        assert due(case, "tell-leadership") == self.WAS
        shown = {each.obligation.id: each.due_at for each in state_of(case, self.EVENING).open}
        assert shown["tell-leadership"] == self.WAS, "the page says what the worker goes by"

    def test_what_is_late_already_stays_late(self, cast: Cast) -> None:
        case = self.of_wednesday_evening(cast)
        self.add(cast, FRIDAY, datetime(2026, 3, 5, 12, 0, tzinfo=UTC))
        assert due(case, "tell-leadership") == self.WAS
        assert Obligation.objects.late(datetime(2026, 3, 5, 12, 0, tzinfo=UTC)).exists()
