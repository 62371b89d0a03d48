"""An impact plan reads the product's own measures: no number is typed, and each stays as it was seen (R4, R16, R20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.access.models import Person
from saferpractice.access.rules import Place
from saferpractice.assurance.models import CountedFromRecords, ImpactCheck, ImpactPlan, ImpactResult, OwnMeasure
from saferpractice.assurance.operations import amend_plan, declare_plan, enter_result, read_numbers, reading, to_read
from saferpractice.assurance.queries import baseline_of, newest_by_look, newest_check, verdict_today
from saferpractice.assurance.queries.impact import as_rule, reporting_of
from saferpractice.assurance.queries.measures import counts_between
from saferpractice.assurance.queries.own_measures import plans_to_read
from saferpractice.assurance.rules import CautionKind, Direction, Kind, VerdictWord
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live, withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.jobs import sweeps
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.assurance import DECLARED_AT, FIRST_LOOK, LAST_LOOK, a_plan, declared, the_look
from tests.factories.changes import a_change, a_finding
from tests.factories.own_measures import ALL_INCIDENTS, IN_TIME, an_own_plan, asked, happened, own_declared, read_at
from tests.factories.pathways import used
from tests.factories.reviews import a_review
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16", "R20")]

LIVE_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
ON_FIRST = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
BEFORE, AFTER = date(2025, 6, 1), date(2026, 5, 1)
BASELINE = (date(2025, 2, 1), date(2026, 1, 31))


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    used(cast)
    agreed = a_change(cast)
    go_live(by=agreed.owner, at=LIVE_AT, change=agreed, live_at=LIVE_AT)
    return OperationalChange.objects.get(pk=agreed.pk)


def planned(cast: Cast, change: OperationalChange, key: str = IN_TIME, **more: Any) -> ImpactPlan:
    return an_own_plan(by=cast.quality_lead, change=change, place=cast.north.place, key=key, **more)


def the_baseline(plan: ImpactPlan) -> ImpactResult:
    found = baseline_of(plan)
    assert found is not None
    return found


def kinds(plan: ImpactPlan, today: date = LAST_LOOK) -> set[CautionKind]:
    return {caution.kind for caution in verdict_today(plan, today).cautions}


class TestReading:
    def test_the_baseline_is_read_when_the_plan_is_declared(self, cast: Cast, change: OperationalChange) -> None:
        asked(cast.north, BEFORE, in_time=3, late=5)
        asked(cast.south, BEFORE, in_time=9)
        asked(cast.north, date(2026, 2, 1), in_time=7)
        plan = planned(cast, change)
        found = the_baseline(plan)
        measured = counts_between(IN_TIME, cast.north.place, *BASELINE, at=DECLARED_AT)
        assert (found.count, found.out_of) == (measured.count, measured.out_of) == (3, 8)
        assert (found.from_records.from_on, found.from_records.to_on) == BASELINE
        assert "North team" in found.source and "read from the records" in found.source.lower()
        assert not Obligation.objects.open().filter(kind="assurance.baseline", subject_id=plan.pk).exists()

    def test_a_look_is_read_up_to_the_day_before_it_and_judged_by_the_rules(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        asked(cast.north, BEFORE, in_time=10, late=30)
        plan = planned(cast, change)
        asked(cast.north, AFTER, in_time=38, late=2)
        for month in (date(2026, 3, 1), date(2026, 7, 1)):
            asked(cast.north, month, late=20)
        read_at(plan, FIRST_LOOK, by=cast.duty_manager)
        result = newest_by_look(plan)[FIRST_LOOK]
        assert (result.count, result.out_of) == (38, 40)
        assert result.from_records.to_on == FIRST_LOOK - timedelta(days=1)
        check = newest_check(plan)
        assert check is not None
        assert check.verdict == VerdictWord.IMPROVED == verdict_today(plan, FIRST_LOOK).word
        assert not kinds(plan, FIRST_LOOK) & {CautionKind.MISSING_FOLLOW_UP, CautionKind.EXPLORATORY}

    @pytest.mark.parametrize(
        ("length", "exposure", "months"), [(Length.MONTH, 11.992, "months"), (Length.WEEK, 52.143, "weeks")]
    )
    def test_a_count_is_taken_for_the_time_it_was_counted_over(
        self, cast: Cast, change: OperationalChange, length: Length, exposure: float, months: str
    ) -> None:
        happened(cast, cast.north, BEFORE, 4)
        plan = planned(cast, change, ALL_INCIDENTS, length=length)
        found = the_baseline(plan)
        assert (found.count, float(found.out_of), plan.exposure) == (4, exposure, months)
        assert plan.kind == Kind.RATE and plan.counts_incidents

    def test_what_is_counted_is_said_by_the_measure_whatever_was_sent(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        plan = planned(cast, change, measure="Something", definition="Else", exposure="apples", kind=Kind.RATE)
        assert plan.measure == "Consulted on the same day"
        assert "met at or before the moment they were due" in plan.definition
        assert (plan.kind, plan.exposure, plan.counts_incidents) == (Kind.PROPORTION, "obligations", False)

    def test_a_baseline_that_is_not_over_is_read_later_and_by_the_worker(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        plan = planned(cast, change, baseline_to=date(2026, 3, 12))
        assert baseline_of(plan) is None and to_read(plan, DECLARED_AT) == []
        assert [plan] == plans_to_read(datetime(2026, 3, 13, 1, 0, tzinfo=UTC), 5)
        assert sweeps.read_looks(datetime(2026, 3, 12, 23, 0, tzinfo=UTC)) == 0
        assert sweeps.read_looks(datetime(2026, 3, 13, 1, 0, tzinfo=UTC)) == 1
        assert the_baseline(plan).decided_by is None

    def test_the_worker_reads_a_look_once(self, cast: Cast, change: OperationalChange) -> None:
        plan = planned(cast, change)
        rounds = [sweeps.read_looks(at) for at in (ON_FIRST - timedelta(days=1), ON_FIRST, ON_FIRST)]
        assert rounds == [0, 1, 0]
        assert list(newest_by_look(plan)) == [FIRST_LOOK]
        assert not Obligation.objects.open().filter(subject_id=the_look(plan, FIRST_LOOK).pk).exists()

    def test_one_that_cannot_be_read_stops_no_other(
        self, cast: Cast, change: OperationalChange, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = planned(cast, change)
        second = planned(cast, change, ALL_INCIDENTS, primary=False)

        def sometimes(**kwargs: Any) -> object:
            if kwargs["plan"] == first:
                raise RuntimeError("a fault of ours")
            return read_numbers(**kwargs)

        monkeypatch.setattr(sweeps, "read_numbers", sometimes)
        assert sweeps.read_looks(ON_FIRST) == 1
        assert (list(newest_by_look(first)), list(newest_by_look(second))) == ([], [FIRST_LOOK])

    def test_nothing_is_read_for_a_plan_replaced_or_a_change_withdrawn(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        plan = planned(cast, change)
        amended = amend_plan(
            by=cast.quality_lead, at=DECLARED_AT, plan=plan, declared=own_declared(cast.south.place), why="South",
            submission_key="amended",
        )  # fmt: skip
        assert plans_to_read(ON_FIRST, 5) == [amended]
        with pytest.raises(Stale):
            read_numbers(by=cast.quality_lead, at=ON_FIRST, plan=plan)
        withdraw_change(by=cast.quality_lead, at=ON_FIRST, change=change, reason="Not done after all")
        assert plans_to_read(ON_FIRST, 5) == []


class TestNeverTyped:
    def test_no_number_can_be_entered(self, cast: Cast, change: OperationalChange) -> None:
        plan = planned(cast, change)
        for look in (None, the_look(plan, FIRST_LOOK)):
            with pytest.raises(Invalid, match="read from the records"):
                enter_result(
                    by=cast.quality_lead, at=ON_FIRST, plan=plan, look=look, count=1, out_of=Decimal(2), source="Me"
                )

    def test_numbers_of_a_plan_counted_by_hand_are_not_read(self, cast: Cast, change: OperationalChange) -> None:
        with pytest.raises(Invalid, match="entered by hand"):
            read_numbers(by=cast.quality_lead, at=ON_FIRST, plan=a_plan(by=cast.quality_lead, change=change))

    def test_before_its_day_a_look_is_not_read(self, cast: Cast, change: OperationalChange) -> None:
        plan = planned(cast, change)
        with pytest.raises(Invalid, match="nothing to read yet"):
            read_numbers(by=cast.quality_lead, at=ON_FIRST - timedelta(days=1), plan=plan)
        assert not ImpactCheck.objects.exists()

    @pytest.mark.parametrize("who", ["worker", "supervisor", "director"])
    def test_who_may_not_carry_the_change_reads_nothing(self, cast: Cast, change: OperationalChange, who: str) -> None:
        plan, person = planned(cast, change), cast.people()[who]
        if who == "director":
            read_numbers(by=person, at=ON_FIRST, plan=plan)
            return
        with pytest.raises(Refused):
            read_numbers(by=person, at=ON_FIRST, plan=plan)
        assert not newest_by_look(plan)

    def test_what_was_seen_stays_whatever_is_written_down_later(self, cast: Cast, change: OperationalChange) -> None:
        asked(cast.north, BEFORE, in_time=5, late=5)
        plan = planned(cast, change)
        asked(cast.north, AFTER, in_time=4, late=1)
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        asked(cast.north, BEFORE, in_time=20)
        asked(cast.north, AFTER, in_time=20)
        with pytest.raises(Invalid, match="nothing to read yet"):
            read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        assert (the_baseline(plan).count, newest_by_look(plan)[FIRST_LOOK].count) == (5, 4)
        assert verdict_today(plan, FIRST_LOOK).word == newest_check(plan).verdict  # type: ignore[union-attr]

    def test_a_look_read_late_holds_what_was_known_on_its_day(self, cast: Cast, change: OperationalChange) -> None:
        plan = planned(cast, change, ALL_INCIDENTS)
        happened(cast, cast.north, AFTER, 2)
        an_hour_before = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
        (late,) = happened(cast, cast.north, date(2026, 8, 1), 1, occurred_at=an_hour_before)
        assert late.occurred_at == an_hour_before
        read_at(plan, date(2026, 9, 1), by=cast.quality_lead)
        assert newest_by_look(plan)[FIRST_LOOK].count == 2

    @pytest.mark.parametrize(
        ("table", "other"), [(OwnMeasure, {"measure_key": "other"}), (CountedFromRecords, {"signals": ["none"]})]
    )
    def test_the_database_itself_keeps_it(
        self, cast: Cast, change: OperationalChange, table: Any, other: dict[str, Any]
    ) -> None:
        planned(cast, change)
        row = table.objects.get()
        for spoil in (row.delete, lambda: table.objects.filter(pk=row.pk).update(**other)):
            with pytest.raises(DatabaseError), transaction.atomic():
                spoil()

    def test_the_trail_says_what_was_read(self, cast: Cast, change: OperationalChange) -> None:
        asked(cast.north, BEFORE, in_time=3, late=5)
        planned(cast, change)
        said = TrailEntry.objects.filter(sentence__contains="read the numbers from the records").get()
        assert "3 of 8 obligations" in said.sentence


class TestWhatLedToIt:
    def test_the_incident_is_left_out_of_the_baseline_by_itself(self, cast: Cast) -> None:
        used(cast)
        story, *_ = happened(cast, cast.north, BEFORE, 6)
        change = a_change(cast, findings=[a_finding(cast, review=a_review(cast, "B", incident=story))])
        go_live(by=change.owner, at=LIVE_AT, change=change, live_at=LIVE_AT)
        plan = planned(cast, change, ALL_INCIDENTS)
        found = the_baseline(plan)
        assert (found.count, found.index_events) == (6, 1)
        assert found.from_records.left_out == [str(story.pk)]
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        check = newest_check(plan)
        assert check is not None
        assert any("Left out of the baseline" in said and "1 of 6" in said for said in check.cautions)
        assert not any("nobody has said" in said for said in check.cautions)

    def test_of_a_share_its_rows_are_in_neither_number(self, cast: Cast, change: OperationalChange) -> None:
        story = Incident.objects.get(findings__changes=change)
        asked(cast.north, BEFORE, in_time=3, late=1)
        asked(cast.north, BEFORE, in_time=1, late=4, story=story.pk)
        plan = planned(cast, change)
        found = the_baseline(plan)
        assert (found.count, found.out_of, found.index_events) == (3, 4, 0)
        assert found.from_records.left_out == [str(story.pk)]
        assert CautionKind.INDEX_IN_BASELINE not in kinds(plan)

    def test_one_outside_the_baseline_is_not_named(self, cast: Cast, change: OperationalChange) -> None:
        story = Incident.objects.get(findings__changes=change)
        asked(cast.north, date(2026, 2, 1), late=4, story=story.pk)
        found = the_baseline(planned(cast, change))
        assert (found.out_of, found.from_records.left_out) == (0, [])

    def test_restricted_incidents_are_in_no_number(self, cast: Cast, change: OperationalChange) -> None:
        first, *_ = happened(cast, cast.north, BEFORE, 3)
        Incident.objects.filter(pk=first.pk).update(restricted=True)
        found = the_baseline(planned(cast, change, ALL_INCIDENTS))
        assert found.count == 2
        assert [count for _, _, count, _ in found.from_records.points if count] == [2]


class TestCautions:
    def test_a_baseline_that_was_moving_is_said(self, cast: Cast, change: OperationalChange) -> None:
        for number in range(12):
            month = date(2025 + (1 + number) // 12, (1 + number) % 12 + 1, 1)
            asked(cast.north, month, in_time=2 + 2 * number, late=24 - 2 * number)
        plan = planned(cast, change)
        assert the_baseline(plan).from_records.signals
        asked(cast.north, AFTER, in_time=20, late=6)
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        check = newest_check(plan)
        assert check is not None
        assert check.verdict == VerdictWord.CANNOT_BE_JUDGED, "there is no one baseline"
        assert the_baseline(plan).from_records.signals[0] in check.reason

    def test_a_steady_one_is_not(self, cast: Cast, change: OperationalChange) -> None:
        for number in range(12):
            month = date(2025 + (1 + number) // 12, (1 + number) % 12 + 1, 1)
            asked(cast.north, month, in_time=12 + number % 3, late=10)
        plan = planned(cast, change)
        assert the_baseline(plan).from_records.signals == []
        assert not the_baseline(plan).unstable

    def test_more_reporting_is_looked_for_where_the_numbers_are_read(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        happened(cast, cast.north, BEFORE, 5)
        happened(cast, cast.south, BEFORE, 7)
        plan = planned(cast, change, ALL_INCIDENTS)
        found = reporting_of(plan, LAST_LOOK)
        assert found is not None and found.before == 5
        happened(cast, cast.north, AFTER, 20)
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        assert CautionKind.REPORTING_CHANGED in kinds(plan, FIRST_LOOK)

    def test_a_measure_defined_otherwise_since_cannot_be_judged(
        self, cast: Cast, change: OperationalChange, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked(cast.north, BEFORE, in_time=5, late=5)
        plan = planned(cast, change)
        real = reading.defined_of

        def since(which: OwnMeasure, at: datetime) -> Any:
            found = real(which, at)
            return found and replace(found, source=replace(found.source, within_days=30))

        monkeypatch.setattr(reading, "defined_of", since)
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        assert newest_by_look(plan)[FIRST_LOOK].definition_changed
        assert verdict_today(plan, FIRST_LOOK).word is VerdictWord.CANNOT_BE_JUDGED


class TestDeclaring:
    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("own_measure", {"key": "no.such.measure"}),
            ("own_measure", {"key": "loop.triage.time", "direction": Direction.REDUCE}),
            ("direction", {"direction": Direction.REDUCE}),
            ("baseline_from", {"baseline_from": date(2020, 1, 1)}),
            ("looks", {"looks": ()}),
            ("primary", {"primary": False}),
        ],
    )
    def test_what_cannot_be_read_is_refused_beside_its_field(
        self, cast: Cast, change: OperationalChange, field: str, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(Invalid) as refused:
            planned(cast, change, **changes)
        assert list(refused.value.problems) == [field]
        assert not ImpactPlan.objects.exists() and not OwnMeasure.objects.exists()

    @pytest.mark.parametrize(
        ("who", "place", "allowed"),
        [
            ("quality_lead", "provider", True),
            ("quality_lead", "riverside", True),
            ("quality_lead", "east", False),
            ("quality_lead", "harbour", False),
            ("duty_manager", "north", True),
            ("duty_manager", "riverside", True),
            ("duty_manager", "provider", False),
        ],
    )
    def test_a_place_is_one_the_change_reaches_and_the_planner_reads(
        self, cast: Cast, change: OperationalChange, who: str, place: str, *, allowed: bool
    ) -> None:
        places = {
            "provider": Place(cast.provider.pk),
            "riverside": Place(cast.provider.pk, cast.riverside.pk),
            "harbour": Place(cast.provider.pk, cast.harbour.pk),
            "north": cast.north.place,
            "east": cast.east.place,
        }
        person: Person = cast.people()[who]
        if allowed:
            plan = an_own_plan(by=person, change=change, place=places[place])
            assert plan.own_measure.place == places[place]
            return
        with pytest.raises(Invalid) as refused:
            an_own_plan(by=person, change=change, place=places[place])
        assert list(refused.value.problems) == ["place"]

    def test_a_team_beside_it_is_one_without_the_change(self, cast: Cast, change: OperationalChange) -> None:
        assert planned(cast, change, compared=cast.east.pk).own_measure.compared_with == cast.east
        for who, team in ((cast.quality_lead, cast.south), (cast.duty_manager, cast.east)):
            with pytest.raises(Invalid) as refused:
                an_own_plan(
                    by=who, change=change, place=cast.north.place, compared=team.pk, key=ALL_INCIDENTS, primary=False
                )
            assert list(refused.value.problems) == ["compared_with"]

    def test_the_same_form_again_is_the_same_plan_and_another_measure_is_told_apart(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        said: dict[str, Any] = {"by": cast.quality_lead, "at": DECLARED_AT, "change": change, "submission_key": "once"}
        plan = declare_plan(**said, declared=own_declared(cast.north.place))
        same = own_declared(cast.north.place, measure=plan.measure, definition=plan.definition, exposure=plan.exposure)
        assert declare_plan(**said, declared=same) == plan
        for own in (
            replace(same.own, measure_key=ALL_INCIDENTS),  # type: ignore[type-var]
            replace(same.own, place=cast.south.place),  # type: ignore[type-var]
            replace(same.own, length=Length.WEEK),  # type: ignore[type-var]
            replace(same.own, compared_with=cast.east.pk),  # type: ignore[type-var]
        ):
            with pytest.raises(SentBefore) as sent:
                declare_plan(**said, declared=replace(same, own=own))
            assert len(sent.value.differences) == 1
        assert ImpactPlan.objects.count() == 1

    def test_a_process_may_declare_one_for_any_place(self, cast: Cast, change: OperationalChange) -> None:
        assert an_own_plan(by=SET_UP, change=change, place=cast.east.place).own_measure.team == cast.east


class TestAmending:
    def amended(self, cast: Cast, plan: ImpactPlan, how: Any, at: datetime = ON_FIRST) -> ImpactPlan:
        return amend_plan(
            by=cast.quality_lead, at=at, plan=plan, declared=how, why="Another measure", submission_key="amended"
        )

    def test_another_place_is_read_anew(self, cast: Cast, change: OperationalChange) -> None:
        asked(cast.north, BEFORE, in_time=3)
        asked(cast.south, BEFORE, in_time=5, late=1)
        asked(cast.south, AFTER, in_time=8, late=1)
        plan = planned(cast, change)
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        amended = self.amended(cast, plan, own_declared(cast.south.place))
        assert (the_baseline(amended).count, newest_by_look(amended)[FIRST_LOOK].count) == (5, 8)
        assert the_baseline(plan).count == 3
        assert verdict_today(amended, FIRST_LOOK).exploratory

    def test_read_and_typed_numbers_do_not_mix(self, cast: Cast, change: OperationalChange) -> None:
        asked(cast.north, BEFORE, in_time=3)
        plan = planned(cast, change)
        typed = self.amended(cast, plan, declared(), at=DECLARED_AT)
        assert baseline_of(typed) is None
        again = amend_plan(
            by=cast.quality_lead, at=DECLARED_AT, plan=typed, declared=own_declared(cast.north.place), why="Back",
            submission_key="back",
        )  # fmt: skip
        assert the_baseline(again).plan == again

    def test_a_baseline_read_late_makes_nothing_exploratory(self, cast: Cast, change: OperationalChange) -> None:
        plan = planned(cast, change, baseline_to=date(2026, 3, 12))
        read_at(plan, FIRST_LOOK, by=cast.quality_lead)
        assert as_rule(plan).edited_on is None
        assert not verdict_today(plan, FIRST_LOOK).exploratory
