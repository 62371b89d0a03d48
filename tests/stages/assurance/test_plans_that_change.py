"""What a check makes of a plan that is amended, and of a change that is withdrawn, passed on or not live."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult
from saferpractice.assurance.operations import amend_plan, enter_result
from saferpractice.assurance.queries import as_rule, newest_check, verdict_today
from saferpractice.assurance.rules import Direction, Kind, VerdictWord, is_exploratory
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live, hand_over_change, withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Stale
from tests.factories.assurance import DECLARED_AT, FIRST_LOOK, LAST_LOOK, a_plan, counted, declared, the_look
from tests.factories.changes import a_change, a_finding, a_live_change
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16")]

BEFORE_FIRST = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
ON_FIRST = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
AFTER_FIRST = datetime(2026, 7, 2, 9, 0, tzinfo=UTC)
LATER_LOOKS = (date(2026, 11, 1), date(2027, 2, 1))
EVENTS: dict[str, Any] = {
    "kind": Kind.RATE,
    "direction": Direction.REDUCE,
    "exposure": "months",
    "smallest_effect": Decimal("0.7"),
}


def live(cast: Cast, at: datetime, **given: Any) -> OperationalChange:
    agreed = a_change(cast, **given)
    go_live(by=agreed.owner, at=at, change=agreed, live_at=at)
    return OperationalChange.objects.get(pk=agreed.pk)


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    return live(cast, datetime(2026, 3, 16, 8, 0, tzinfo=UTC))


@pytest.fixture
def plan(cast: Cast, change: OperationalChange) -> ImpactPlan:
    return a_plan(by=cast.quality_lead, change=change)


def amend(cast: Cast, plan: ImpactPlan, at: datetime, **changes: Any) -> ImpactPlan:
    return amend_plan(
        by=cast.quality_lead,
        at=at,
        plan=plan,
        declared=declared(**changes),
        why="A better way to count it",
        submission_key=uuid4().hex,
    )


def rejudged(plan: ImpactPlan) -> list[tuple[date, str, bool]]:
    checks = ImpactCheck.objects.filter(plan=plan).select_related("look").order_by("look__on")
    return [(check.look.on, check.verdict, check.exploratory) for check in checks]


class TestWhenAnEditIsLate:
    """After the first look somebody may have seen results: chance has had more than one try."""

    @pytest.mark.parametrize(
        ("at", "changes", "exploratory"),
        [
            (BEFORE_FIRST, {}, False),
            (BEFORE_FIRST, {"looks": LATER_LOOKS}, False),
            (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), {"looks": LATER_LOOKS}, False),
            (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), {"looks": LATER_LOOKS}, True),
            (ON_FIRST, {}, True),
            (ON_FIRST, {"looks": LATER_LOOKS}, True),
            (AFTER_FIRST, {"looks": LATER_LOOKS}, True),
            (AFTER_FIRST, {"measure": "Another name", "looks": LATER_LOOKS}, True),
        ],
    )
    def test_it_is_held_against_the_looks_it_found_not_against_those_it_makes(
        self, cast: Cast, plan: ImpactPlan, at: datetime, changes: dict[str, Any], exploratory: bool
    ) -> None:
        assert is_exploratory(as_rule(amend(cast, plan, at, **changes))) is exploratory

    def test_looks_moved_in_time_may_be_moved_again(self, cast: Cast, plan: ImpactPlan) -> None:
        moved = amend(cast, plan, BEFORE_FIRST, looks=LATER_LOOKS)
        again = amend(cast, moved, AFTER_FIRST, looks=LATER_LOOKS[1:])
        assert not is_exploratory(as_rule(again))

    def test_once_late_always_late(self, cast: Cast, plan: ImpactPlan) -> None:
        late = amend(cast, plan, AFTER_FIRST, looks=LATER_LOOKS)
        again = amend(cast, late, AFTER_FIRST + timedelta(days=1), looks=LATER_LOOKS, measure="Another")
        assert is_exploratory(as_rule(again))

    def test_a_disappointing_look_cannot_be_planned_away(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=17, out_of=30, look=FIRST_LOOK)
        late = amend(cast, plan, AFTER_FIRST, looks=LATER_LOOKS)
        counted(by=cast.quality_lead, plan=late, count=30, out_of=30, look=LATER_LOOKS[1])
        check = newest_check(late)
        assert check is not None
        assert (check.verdict, check.exploratory) == (VerdictWord.IMPROVED, True)
        assert check.cautions[0].startswith("Exploratory")

    @pytest.mark.parametrize(("at", "exploratory"), [(BEFORE_FIRST, False), (ON_FIRST, True), (AFTER_FIRST, True)])
    def test_a_baseline_first_counted_late_is_late_too(
        self, cast: Cast, plan: ImpactPlan, at: datetime, exploratory: bool
    ) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30, at=at)
        assert is_exploratory(as_rule(plan)) is exploratory

    def test_a_baseline_is_held_against_the_looks_it_was_counted_for(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30, at=BEFORE_FIRST)
        moved = amend(cast, plan, BEFORE_FIRST, looks=LATER_LOOKS)
        counted(by=cast.quality_lead, plan=moved, count=14, out_of=30, at=AFTER_FIRST)
        assert not is_exploratory(as_rule(moved))

    def test_results_that_are_corrected_are_no_edit(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=17, out_of=30, look=FIRST_LOOK)
        counted(by=cast.quality_lead, plan=plan, count=18, out_of=30, look=FIRST_LOOK, at=AFTER_FIRST)
        assert not is_exploratory(as_rule(plan))


class TestAmending:
    def test_results_already_entered_are_judged_again_by_the_plan_in_force(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=FIRST_LOOK)
        assert rejudged(plan) == [(FIRST_LOOK, VerdictWord.NOT_SHOWN, False)]
        only = amend(cast, plan, AFTER_FIRST, looks=(FIRST_LOOK,))
        assert rejudged(only) == [(FIRST_LOOK, VerdictWord.IMPROVED, True)]
        assert rejudged(plan) == [(FIRST_LOOK, VerdictWord.NOT_SHOWN, False)]

    def test_only_looks_without_results_are_owed(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=FIRST_LOOK)
        amended = amend(cast, plan, AFTER_FIRST)
        owed = Obligation.objects.open().filter(kind__in=["assurance.look", "assurance.baseline"])
        assert [one.subject_id for one in owed] == [the_look(amended, LAST_LOOK).pk]

    def test_a_withdrawn_change_has_no_plan_to_amend(self, cast: Cast, plan: ImpactPlan) -> None:
        withdraw_change(by=cast.lead, at=BEFORE_FIRST, change=plan.change, reason="Another way was found.")
        with pytest.raises(Stale, match="withdrawn"):
            amend(cast, ImpactPlan.objects.get(pk=plan.pk), AFTER_FIRST)

    def test_the_reason_stands_on_record(self, cast: Cast, plan: ImpactPlan) -> None:
        amended = amend(cast, plan, BEFORE_FIRST)
        assert amended.why_amended == "A better way to count it"
        entry = TrailEntry.objects.get(operation="assurance.amend_plan")
        assert entry.sentence.endswith("because: A better way to count it")


class TestWhenTheChangeEnds:
    def test_nobody_owes_a_check_of_a_change_that_was_withdrawn(self, cast: Cast, plan: ImpactPlan) -> None:
        subjects = {plan.pk, *(look.pk for look in plan.looks.all())}
        assert Obligation.objects.open().filter(subject_id__in=subjects).count() == 3
        withdraw_change(by=cast.lead, at=BEFORE_FIRST, change=plan.change, reason="Another way was found.")
        owed = Obligation.objects.filter(subject_id__in=subjects)
        assert {one.cancelled_at for one in owed} == {BEFORE_FIRST}
        assert {one.cancelled_because for one in owed} == {"The change was withdrawn"}

    def test_what_was_met_before_stays_met(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        withdraw_change(by=cast.lead, at=BEFORE_FIRST, change=plan.change, reason="Another way was found.")
        baseline = Obligation.objects.get(subject_id=plan.pk, kind="assurance.baseline")
        assert baseline.cancelled_at is None
        assert baseline.met_at is not None

    def test_a_check_of_another_change_is_still_owed(self, cast: Cast, plan: ImpactPlan) -> None:
        other = a_plan(by=cast.quality_lead, change=live(cast, DECLARED_AT))
        withdraw_change(by=cast.lead, at=BEFORE_FIRST, change=plan.change, reason="Another way was found.")
        assert Obligation.objects.open().filter(subject_id=other.pk).exists()

    def test_no_numbers_are_taken_any_more(self, cast: Cast, plan: ImpactPlan) -> None:
        withdraw_change(by=cast.lead, at=BEFORE_FIRST, change=plan.change, reason="Another way was found.")
        with pytest.raises(Stale, match="withdrawn"):
            counted(by=cast.quality_lead, plan=ImpactPlan.objects.get(pk=plan.pk), count=9, out_of=30)
        assert not ImpactResult.objects.exists()

    def test_a_new_owner_owes_the_checks_too(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        hand_over_change(by=cast.lead, at=BEFORE_FIRST, change=plan.change, owner=cast.supervisor, reason="New post")
        looks = Obligation.objects.filter(subject_id__in=[look.pk for look in plan.looks.all()])
        assert {one.owner for one in looks} == {cast.supervisor}
        assert Obligation.objects.get(subject_id=plan.pk).owner == cast.duty_manager, "what was done stays theirs"


class TestWhenTheChangeWentLive:
    """There is no effect of a change that nobody made."""

    def judged(self, cast: Cast, change: OperationalChange) -> ImpactCheck:
        plan = a_plan(by=cast.quality_lead, change=change)
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK)
        check = newest_check(plan)
        assert check is not None
        assert verdict_today(plan, LAST_LOOK).word == check.verdict
        return check

    def test_a_change_that_is_not_live_is_not_judged(self, cast: Cast) -> None:
        check = self.judged(cast, a_change(cast))
        assert check.verdict == VerdictWord.CANNOT_BE_JUDGED
        assert "was not live by the look of 1 October 2026" in check.reason

    @pytest.mark.parametrize(
        ("day", "verdict", "caution"),
        [
            (date(2026, 3, 16), VerdictWord.IMPROVED, ""),
            (date(2026, 3, 31), VerdictWord.IMPROVED, ""),
            (date(2026, 3, 5), VerdictWord.IMPROVED, ""),
            (date(2026, 4, 1), VerdictWord.IMPROVED, "went live on 1 April 2026, after the last team was to start"),
            (date(2026, 10, 1), VerdictWord.IMPROVED, "went live on 1 October 2026, after the last team"),
            (date(2026, 10, 2), VerdictWord.CANNOT_BE_JUDGED, ""),
        ],
    )
    def test_going_live_on_another_day_than_planned_is_said(
        self, cast: Cast, day: date, verdict: VerdictWord, caution: str
    ) -> None:
        change = live(cast, datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC))
        check = self.judged(cast, change)
        assert check.verdict == verdict
        said = [sentence for sentence in check.cautions if "went live" in sentence]
        assert len(said) == bool(caution)
        assert caution in "".join(said)

    def test_a_baseline_that_holds_days_with_the_change_says_so(self, cast: Cast) -> None:
        plan = a_plan(
            by=cast.quality_lead,
            change=a_live_change(cast),
            baseline_to=date(2026, 3, 10),
            baseline_from=date(2025, 3, 1),
        )
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK)
        check = newest_check(plan)
        assert check is not None
        assert any("4 March 2026, inside the baseline" in sentence for sentence in check.cautions)


class TestWhatLedToTheChange:
    """The bad spell that led to the change is no ordinary time (statistics: six times the false claims)."""

    def plan(self, cast: Cast, **changes: Any) -> ImpactPlan:
        known = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
        incident = an_incident(by=cast.worker, team=cast.north, at=known)
        finding = a_finding(cast, review=a_review(cast, "B", incident=incident))
        change = live(cast, datetime(2026, 3, 16, 8, 0, tzinfo=UTC), findings=[finding])
        return a_plan(by=cast.quality_lead, change=change, **(EVENTS | changes))

    def test_inside_the_baseline_of_events_somebody_must_say_how_many_they_are(self, cast: Cast) -> None:
        plan = self.plan(cast)
        with pytest.raises(Invalid, match=r"Say how many of these led to the change \(10 January 2026\)") as refused:
            counted(by=cast.quality_lead, plan=plan, count=20, out_of=12)
        assert list(refused.value.problems) == ["index_events"]
        assert counted(by=cast.quality_lead, plan=plan, count=20, out_of=12, index_events=3)

    def test_none_of_them_is_an_answer(self, cast: Cast) -> None:
        assert counted(by=cast.quality_lead, plan=self.plan(cast), count=20, out_of=12, index_events=0)

    @pytest.mark.parametrize(
        "changes",
        [
            {"baseline_from": date(2025, 1, 1), "baseline_to": date(2026, 1, 9)},
            {
                "kind": Kind.PROPORTION,
                "direction": Direction.INCREASE,
                "exposure": "notes",
                "smallest_effect": Decimal("0.2"),
            },
        ],
    )
    def test_elsewhere_nobody_is_asked(self, cast: Cast, changes: dict[str, Any]) -> None:
        assert counted(by=cast.quality_lead, plan=self.plan(cast, **changes), count=10, out_of=12)

    def test_they_are_left_out_of_the_numbers_and_shown_both_ways(self, cast: Cast) -> None:
        plan = self.plan(cast)
        counted(by=cast.quality_lead, plan=plan, count=23, out_of=12, index_events=5)
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=12, look=LAST_LOOK)
        check = newest_check(plan)
        assert check is not None
        assert check.numbers["numbers"]["events_before"] == 18
        assert check.verdict == VerdictWord.NOT_SHOWN
        assert any("Counted in, the verdict would be “Improved”" in sentence for sentence in check.cautions)


class TestTheVerdictOnThePage:
    """What a page works out and what is on record agree."""

    def test_what_was_said_of_an_earlier_look_does_not_spoil_a_later_one(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=20, out_of=30, look=FIRST_LOOK, definition_changed=True)
        counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK)
        check = newest_check(plan)
        assert check is not None
        assert check.verdict == VerdictWord.IMPROVED
        assert verdict_today(plan, LAST_LOOK).word == check.verdict

    def test_between_looks_the_last_one_stands(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=30, out_of=30, look=FIRST_LOOK)
        for today in (FIRST_LOOK, date(2026, 8, 15), date(2026, 9, 30)):
            assert verdict_today(plan, today).look_on == FIRST_LOOK

    def test_a_look_that_was_missed_is_said_beside_the_one_that_stands(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=30, out_of=30, look=FIRST_LOOK)
        verdict = verdict_today(plan, LAST_LOOK)
        assert verdict.look_on == FIRST_LOOK
        assert any("1 October 2026 has come, but its counts are missing" in c.sentence for c in verdict.cautions)

    def test_a_look_missed_altogether_cannot_be_judged(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        verdict = verdict_today(plan, FIRST_LOOK)
        assert verdict.word is VerdictWord.CANNOT_BE_JUDGED
        assert "its counts are missing" in verdict.reason

    def test_a_look_entered_late_is_judged_as_that_look(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=LAST_LOOK)
        late = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=FIRST_LOOK, at=late)
        assert rejudged(plan) == [
            (FIRST_LOOK, VerdictWord.NOT_SHOWN, False),
            (LAST_LOOK, VerdictWord.IMPROVED, False),
        ]
        check = newest_check(plan)
        assert check is not None
        assert check.look.on == LAST_LOOK

    @pytest.mark.parametrize("day", [date(2026, 3, 17), date(2026, 6, 30)])
    def test_before_the_first_look_there_is_no_verdict(self, cast: Cast, plan: ImpactPlan, day: date) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        assert verdict_today(plan, day).word is VerdictWord.TOO_EARLY


class TestSentTwice:
    def test_the_same_numbers_again_add_nothing(self, cast: Cast, plan: ImpactPlan) -> None:
        for _ in range(2):
            counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
            counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK)
        assert ImpactResult.objects.count() == 2
        assert ImpactCheck.objects.count() == 1
        assert TrailEntry.objects.filter(operation="assurance.enter_result").count() == 2

    @pytest.mark.parametrize(
        "changes",
        [{"count": 8}, {"out_of": 31}, {"definition_changed": True}, {"unstable": True}],
    )
    def test_other_numbers_are_a_correction(self, cast: Cast, plan: ImpactPlan, changes: dict[str, Any]) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, **({"count": 9, "out_of": 30} | changes))
        assert ImpactResult.objects.count() == 2

    def test_the_same_numbers_from_somebody_else_are_another_reading(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.lead, plan=plan, count=9, out_of=30)
        assert ImpactResult.objects.count() == 2

    def test_numbers_put_back_are_taken_again(self, cast: Cast, plan: ImpactPlan) -> None:
        for count in (9, 10, 9):
            counted(by=cast.quality_lead, plan=plan, count=count, out_of=30)
        assert ImpactResult.objects.count() == 3

    def test_a_look_of_another_plan_is_refused(self, cast: Cast, plan: ImpactPlan) -> None:
        other = a_plan(by=cast.quality_lead, change=plan.change, measure="Another", primary=False)
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        with pytest.raises(Invalid, match="one of the looks of this plan"):
            enter_result(
                by=cast.quality_lead,
                at=ON_FIRST,
                plan=plan,
                look=the_look(other, FIRST_LOOK),
                count=20,
                out_of=Decimal(30),
                source="Audit",
            )

    @pytest.mark.parametrize("source", ["", "  \n"])
    def test_numbers_say_where_they_come_from(self, cast: Cast, plan: ImpactPlan, source: str) -> None:
        with pytest.raises(Invalid) as refused:
            enter_result(
                by=cast.quality_lead, at=ON_FIRST, plan=plan, look=None, count=9, out_of=Decimal(30), source=source
            )
        assert list(refused.value.problems) == ["source"]
