"""An impact check: declared first, counted, judged by the rules (R4, R16)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult
from saferpractice.assurance.operations import amend_plan
from saferpractice.assurance.queries import as_rule, newest_check, plans_of, reporter_line, verdict_today
from saferpractice.assurance.rules import Direction, Kind, VerdictWord, is_exploratory
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import go_live, withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.assurance import DECLARED_AT, FIRST_LOOK, LAST_LOOK, a_plan, counted, declared, the_look
from tests.factories.changes import a_change, a_live_change
from tests.personas import NOW, Cast

LIVE_AT = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4", "R16")]


@pytest.fixture
def change(cast: Cast) -> OperationalChange:
    """A change that goes live on the day its first team starts."""
    agreed = a_change(cast)
    go_live(by=agreed.owner, at=LIVE_AT, change=agreed, live_at=LIVE_AT)
    return OperationalChange.objects.get(pk=agreed.pk)


@pytest.fixture
def plan(cast: Cast, change: OperationalChange) -> ImpactPlan:
    return a_plan(by=cast.quality_lead, change=change)


def asked(subject: Any, kind: str) -> Obligation:
    return Obligation.objects.get(subject_id=subject.pk, kind=kind)


class TestDeclaring:
    def test_it_meets_what_was_asked_and_asks_for_baseline_and_looks(
        self, cast: Cast, change: OperationalChange, plan: ImpactPlan
    ) -> None:
        assert asked(change, "assurance.plan").met_at == DECLARED_AT
        assert asked(plan, "assurance.baseline").owner == change.owner
        due = [asked(look, "assurance.look").due_at.date() for look in plan.looks.all()]
        assert due == [FIRST_LOOK, LAST_LOOK]

    def test_the_story_says_what_was_declared(self, cast: Cast, change: OperationalChange, plan: ImpactPlan) -> None:
        story = change.findings.get().incident_id
        said = [e.sentence for e in TrailEntry.objects.story(story)]
        assert any("declared how to check" in sentence and plan.measure in sentence for sentence in said)

    def test_the_same_form_sent_twice_is_one_plan(self, cast: Cast, change: OperationalChange) -> None:
        for _ in range(2):
            a_plan(by=cast.quality_lead, change=change, key="k")
        assert change.impact_plans.count() == 1

    @pytest.mark.parametrize("name", ["lead", "quality_lead", "director", "duty_manager"])
    def test_who_may_declare(self, cast: Cast, change: OperationalChange, name: str) -> None:
        assert a_plan(by=cast.people()[name], change=change)

    @pytest.mark.parametrize(
        "name", ["worker", "colleague", "administrator", "commissioner", "inspector", "stranger", "worker_elsewhere"]
    )
    def test_who_may_not(self, cast: Cast, change: OperationalChange, name: str) -> None:
        with pytest.raises(Refused):
            a_plan(by=cast.people()[name], change=change)
        assert not ImpactPlan.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"measure": " "}, "measure"),
            ({"definition": " "}, "definition"),
            ({"exposure": ""}, "exposure"),
            ({"baseline_to": date(2025, 1, 1)}, "baseline_to"),
            ({"baseline_to": date(2026, 3, 20)}, "roll_in_from"),
            ({"roll_in_to": date(2026, 3, 1)}, "roll_in_to"),
            ({"looks": ()}, "looks"),
            ({"looks": (date(2026, 3, 20),)}, "looks"),
            ({"looks": (LAST_LOOK, FIRST_LOOK)}, "looks"),
            ({"smallest_effect": Decimal(0)}, "smallest_effect"),
            ({"kind": Kind.RATE, "direction": Direction.REDUCE, "smallest_effect": Decimal(1)}, "smallest_effect"),
            ({"primary": False}, "primary"),
        ],
    )
    def test_a_plan_that_cannot_be_used_is_refused_with_what_to_do(
        self, cast: Cast, change: OperationalChange, changes: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            a_plan(by=cast.quality_lead, change=change, **changes)
        assert field in refused.value.problems
        assert not ImpactPlan.objects.exists()

    def test_only_one_measure_decides(self, cast: Cast, change: OperationalChange, plan: ImpactPlan) -> None:
        with pytest.raises(Invalid, match="primary measure already"):
            a_plan(by=cast.quality_lead, change=change, measure="Another")
        supporting = a_plan(by=cast.quality_lead, change=change, measure="Another", primary=False)
        assert plans_of(change) == [plan, supporting]

    def test_a_withdrawn_change_needs_no_check(self, cast: Cast, change: OperationalChange) -> None:
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Replaced by another")
        with pytest.raises(Stale, match="withdrawn"):
            a_plan(by=cast.quality_lead, change=OperationalChange.objects.get(pk=change.pk))


class TestResults:
    def test_before_any_number_there_is_no_verdict(self, plan: ImpactPlan) -> None:
        verdict = verdict_today(plan, date(2026, 4, 1))
        assert verdict.word is VerdictWord.CANNOT_BE_JUDGED
        assert "baseline has not been counted" in verdict.reason

    def test_the_rules_give_the_verdict_when_a_look_has_its_numbers(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=FIRST_LOOK)
        check = ImpactCheck.objects.get()
        assert check.verdict == VerdictWord.IMPROVED
        assert not check.exploratory
        assert check.rule_version == "impact-verdict 2"
        assert check.numbers["word"] == "Improved"
        assert verdict_today(plan, FIRST_LOOK).word.value == check.verdict
        assert asked(the_look(plan, FIRST_LOOK), "assurance.look").met_by_type == "assurance.impactresult"
        assert asked(plan, "assurance.baseline").met_at is not None

    def test_at_an_early_look_only_a_very_clear_result_counts(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=FIRST_LOOK)
        counted(by=cast.quality_lead, plan=plan, count=24, out_of=30, look=LAST_LOOK)
        verdicts = {check.look.on: check.verdict for check in ImpactCheck.objects.select_related("look")}
        assert verdicts == {FIRST_LOOK: VerdictWord.NOT_SHOWN, LAST_LOOK: VerdictWord.IMPROVED}

    @pytest.mark.parametrize(
        ("after", "word"),
        [(29, VerdictWord.IMPROVED), (16, VerdictWord.NOT_SHOWN), (4, VerdictWord.GOT_WORSE)],
    )
    def test_each_answer_is_reached(self, cast: Cast, plan: ImpactPlan, after: int, word: VerdictWord) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=after, out_of=30, look=LAST_LOOK)
        assert newest_check(plan).verdict == word  # type: ignore[union-attr]

    def test_two_incidents_a_year_are_too_few_and_it_says_so(self, cast: Cast, change: OperationalChange) -> None:
        plan = a_plan(
            by=cast.quality_lead,
            change=change,
            kind=Kind.RATE,
            direction=Direction.REDUCE,
            exposure="months",
            smallest_effect=Decimal("0.5"),
            counts_incidents=True,
        )
        counted(by=cast.quality_lead, plan=plan, count=2, out_of=12, index_events=0)
        counted(by=cast.quality_lead, plan=plan, count=0, out_of=6, look=LAST_LOOK)
        check = newest_check(plan)
        assert check is not None
        assert check.verdict == VerdictWord.TOO_EARLY
        assert any("reporting" in caution for caution in check.cautions)

    def test_a_look_that_has_not_come_takes_no_numbers(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        with pytest.raises(Invalid, match="No verdict is given before"):
            counted(
                by=cast.quality_lead,
                plan=plan,
                count=29,
                out_of=30,
                look=FIRST_LOOK,
                at=datetime(2026, 6, 30, 22, 59, tzinfo=UTC),
            )

    def test_the_day_of_a_look_begins_at_midnight_in_london(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        midnight = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
        assert counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=FIRST_LOOK, at=midnight)

    @pytest.mark.parametrize(
        ("numbers", "field"),
        [
            ({"count": 31, "out_of": 30}, "count"),
            ({"count": 3, "out_of": 0}, "out_of"),
            ({"count": -1, "out_of": 30}, "count"),
            ({"count": 3, "out_of": 30, "index_events": 2}, "index_events"),
        ],
    )
    def test_numbers_that_cannot_be_are_refused(
        self, cast: Cast, plan: ImpactPlan, numbers: dict[str, int], field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            counted(by=cast.quality_lead, plan=plan, **numbers)  # type: ignore[arg-type]
        assert field in refused.value.problems
        assert not ImpactResult.objects.exists()

    def test_follow_up_before_the_baseline_is_refused(self, cast: Cast, plan: ImpactPlan) -> None:
        with pytest.raises(Invalid, match="baseline first"):
            counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=FIRST_LOOK)

    def test_a_definition_that_changed_cannot_be_judged(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK, definition_changed=True)
        assert newest_check(plan).verdict == VerdictWord.CANNOT_BE_JUDGED  # type: ignore[union-attr]

    @pytest.mark.requirement("R7")
    def test_a_correction_stands_beside_what_was_entered(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=16, out_of=30, look=LAST_LOOK)
        later = datetime(2026, 10, 2, 9, 0, tzinfo=UTC)
        counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK, at=later)
        assert [c.verdict for c in ImpactCheck.objects.order_by("decided_at")] == ["Not shown", "Improved"]

    def test_somebody_who_may_not_enter_is_refused(self, cast: Cast, plan: ImpactPlan) -> None:
        with pytest.raises(Refused):
            counted(by=cast.administrator, plan=plan, count=9, out_of=30)


class TestAmending:
    def amend(self, cast: Cast, plan: ImpactPlan, at: datetime, **changes: Any) -> ImpactPlan:
        return amend_plan(
            by=cast.quality_lead,
            at=at,
            plan=plan,
            declared=declared(**changes),
            why="The template changed its name",
            submission_key="amend",
        )

    def test_before_the_first_look_it_is_not_exploratory(self, cast: Cast, plan: ImpactPlan) -> None:
        amended = self.amend(cast, plan, DECLARED_AT + timedelta(days=1), measure="Notes with five parts")
        assert not is_exploratory(as_rule(amended))
        assert plans_of(plan.change) == [amended]
        assert ImpactPlan.objects.get(pk=plan.pk).measure == "Escalation notes with all four parts"
        assert not Obligation.objects.open().filter(subject_id=plan.pk).exists()
        assert Obligation.objects.open().filter(subject_id=amended.pk).count() == 1

    def test_after_the_first_look_it_is_and_the_verdict_says_so(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        counted(by=cast.quality_lead, plan=plan, count=20, out_of=30, look=FIRST_LOOK)
        amended = self.amend(cast, plan, datetime(2026, 7, 2, tzinfo=UTC), smallest_effect=Decimal("0.05"))
        check = newest_check(amended)
        assert check is not None
        assert check.exploratory
        assert any(caution.startswith("Exploratory") for caution in check.cautions)

    def test_a_baseline_corrected_after_the_first_look_is_exploratory_too(self, cast: Cast, plan: ImpactPlan) -> None:
        counted(by=cast.quality_lead, plan=plan, count=15, out_of=30)
        assert not is_exploratory(as_rule(plan))
        counted(by=cast.quality_lead, plan=plan, count=10, out_of=30, at=datetime(2026, 7, 2, tzinfo=UTC))
        assert is_exploratory(as_rule(plan))

    def test_an_amendment_needs_a_reason(self, cast: Cast, plan: ImpactPlan) -> None:
        with pytest.raises(Invalid) as refused:
            amend_plan(by=cast.lead, at=NOW, plan=plan, declared=declared(), why=" ", submission_key="x")
        assert "why" in refused.value.problems

    def test_two_amendments_of_one_plan_are_not_both_taken(self, cast: Cast, plan: ImpactPlan) -> None:
        self.amend(cast, plan, DECLARED_AT + timedelta(days=1))
        with pytest.raises(Stale, match="amended meanwhile"):
            amend_plan(
                by=cast.lead,
                at=NOW,
                plan=ImpactPlan.objects.get(pk=plan.pk),
                declared=declared(),
                why="x",
                submission_key="other",
            )

    def test_results_go_under_the_newest_plan(self, cast: Cast, plan: ImpactPlan) -> None:
        self.amend(cast, plan, DECLARED_AT + timedelta(days=1))
        with pytest.raises(Stale, match="newest plan"):
            counted(by=cast.quality_lead, plan=ImpactPlan.objects.get(pk=plan.pk), count=1, out_of=3)


def test_the_reporter_reads_one_plain_line(cast: Cast, change: OperationalChange, plan: ImpactPlan) -> None:
    incident = change.findings.get().incident
    assert reporter_line(incident=incident) is None
    counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
    counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK)
    assert reporter_line(incident=incident) == "Checked, and it worked."


def test_another_change_in_the_same_window_is_named(cast: Cast, plan: ImpactPlan) -> None:
    other = a_live_change(cast)
    counted(by=cast.quality_lead, plan=plan, count=9, out_of=30)
    counted(by=cast.quality_lead, plan=plan, count=29, out_of=30, look=LAST_LOOK)
    check = newest_check(plan)
    assert check is not None
    assert any(other.title in caution for caution in check.cautions)


class TestPages:
    def client(self, cast: Cast, name: str = "quality_lead") -> Client:
        client = Client()
        client.force_login(cast.people()[name])
        return client

    def answers(self, **changes: str) -> dict[str, str]:
        return {
            "submission_key": "k",
            "measure": "Escalation notes with all four parts",
            "definition": "Notes read against the standard",
            "serves": "used",
            "kind": "proportion",
            "exposure": "notes",
            "direction": "increase",
            "smallest_percent": "20",
            "baseline_from": "2025-02-01",
            "baseline_to": "2026-01-31",
            "roll_in_from": "2026-03-16",
            "roll_in_to": "2026-03-31",
            "look_1": "2026-07-01",
            "look_2": "2026-10-01",
            "primary": "yes",
        } | changes

    def test_a_plan_is_declared_and_shown(self, cast: Cast, change: OperationalChange) -> None:
        client = self.client(cast)
        response = client.post(reverse("assurance:new_plan", args=[change.pk]), self.answers())
        made = ImpactPlan.objects.get()
        assert response.headers["Location"] == reverse("assurance:plan", args=[made.pk])
        assert made.smallest_effect == Decimal("0.2")
        page = client.get(reverse("assurance:plan", args=[made.pk])).content.decode()
        assert "Cannot be judged" in page
        assert "1 July 2026, 1 October 2026" in page
        assert AccessEntry.objects.filter(page="impact check").exists()

    def test_what_was_typed_is_kept_and_the_problem_stands_beside_its_field(
        self, cast: Cast, change: OperationalChange
    ) -> None:
        answers = self.answers(look_1="2026-03-20", look_2="", definition="Kept words 🙂")
        page = self.client(cast).post(reverse("assurance:new_plan", args=[change.pk]), answers).content.decode()
        assert "Kept words 🙂" in page
        assert "after the roll-in has ended" in page
        assert not ImpactPlan.objects.exists()

    @pytest.mark.parametrize("name", ["worker_elsewhere", "administrator", "commissioner", "stranger"])
    def test_who_may_not_see_gets_not_found(self, cast: Cast, plan: ImpactPlan, name: str) -> None:
        client = self.client(cast, name)
        for address in (
            reverse("assurance:plan", args=[plan.pk]),
            reverse("assurance:result", args=[plan.pk]),
            reverse("assurance:amend", args=[plan.pk]),
            reverse("assurance:new_plan", args=[plan.change_id]),
        ):
            assert client.get(address).status_code == 404
            only_read = address == reverse("assurance:plan", args=[plan.pk])
            assert client.post(address, {}).status_code == (405 if only_read else 404)

    def test_a_colleague_whom_the_change_reaches_reads_it_and_enters_nothing(
        self, cast: Cast, plan: ImpactPlan
    ) -> None:
        client = self.client(cast, "colleague")
        assert client.get(reverse("assurance:plan", args=[plan.pk])).status_code == 200
        for name in ("result", "amend"):
            assert client.get(reverse(f"assurance:{name}", args=[plan.pk])).status_code == 404

    def test_numbers_are_entered_on_the_page(self, cast: Cast, plan: ImpactPlan) -> None:
        client = self.client(cast)
        address = reverse("assurance:result", args=[plan.pk])
        answers = {"look": "baseline", "count": "9", "out_of": "30", "source": "Audit"}
        assert client.post(address, answers | {"count": "99"}).status_code == 200
        assert client.post(address, answers).status_code == 302
        assert ImpactResult.objects.get().count == 9

    def test_an_amendment_on_the_page(self, cast: Cast, plan: ImpactPlan) -> None:
        client = self.client(cast)
        address = reverse("assurance:amend", args=[plan.pk])
        assert "Notes of the month" in client.get(address).content.decode()
        response = client.post(address, self.answers(why="A better name", measure="Complete notes"))
        assert response.status_code == 302
        page = client.get(reverse("assurance:plan", args=[plan.pk])).content.decode()
        assert "This plan was amended" in page
