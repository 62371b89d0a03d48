"""An audit from its plan to its draw: who may, what stands on the list, and that nobody can choose what is drawn."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.assurance.models import (
    AuditPlan,
    AuditPlanEnd,
    AuditPopulation,
    AuditSample,
    AuditSeed,
)
from saferpractice.assurance.operations import AUDIT, READ, end_audits, enter_seed
from saferpractice.assurance.queries.audits import AuditFilter as Wanted
from saferpractice.assurance.queries.audits import audits_listed, ids_of, is_as_frozen
from saferpractice.assurance.rules.audits import About, Answer, Claim, Question, Source
from saferpractice.changes.operations import hand_over_change, withdraw_change
from saferpractice.config.models import new_id
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.operations import decide_restriction
from saferpractice.pathways.operations import correct_record
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore, Stale
from tests.factories.audits import (
    DECLARED_AT,
    FROZEN_AT,
    SEED,
    SEEDED_AT,
    a_draw,
    a_list,
    an_audit_plan,
    consultations,
    seeded,
)
from tests.factories.changes import a_change, a_live_change, owed
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, a_case, a_record, used
from tests.factories.reviews import a_review, completed, the_document
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R37")]


class TestThePlan:
    def test_the_owner_of_the_change_owes_the_first_result_by_its_day(self, cast: Cast) -> None:
        plan = an_audit_plan(cast, first_on=date(2026, 5, 1))
        asked = owed(plan, AUDIT)
        assert asked is not None
        assert asked.owner == cast.duty_manager
        assert local_day(asked.due_at - timedelta(minutes=1)) == date(2026, 5, 1)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"title": "  "}, "title"),
            ({"questions": ()}, "ask_1"),
            ({"questions": (Question("q1", "Is it?", " ", Answer.YES, About.USED),)}, "look_for_1"),
            ({"questions": (Question("q1", "Is it?", "It", Answer.YES, About.USED, True),)}, "ask_1"),
            ({"questions": (Question("q1", "Is it?", "It", Answer.YES, About.USED),) * 6}, "ask_1"),
            ({"target": Decimal(0)}, "target"),
            ({"target": Decimal("1.01")}, "target"),
            ({"months": 0}, "months"),
            ({"months": 25}, "months"),
            ({"first_on": local_day(DECLARED_AT) - timedelta(days=1)}, "first_on"),
            ({"numbers": {"expected": Decimal(80)}}, "half_width"),
            ({"claim": Claim.DISCOVERY, "numbers": {"tolerable": Decimal(0)}}, "tolerable"),
        ],
    )
    def test_one_that_cannot_be_used_is_sent_back_with_what_to_do(
        self, cast: Cast, changes: dict[str, Any], field: str
    ) -> None:
        change = a_live_change(cast, live_at=NOW)
        with pytest.raises(Invalid) as refused:
            an_audit_plan(cast, change=change, **changes)
        assert field in refused.value.problems
        assert not AuditPlan.objects.exists()

    @pytest.mark.parametrize("who", ["worker", "supervisor", "administrator", "inspector", "commissioner", "stranger"])
    def test_it_is_declared_by_those_who_may_carry_the_change(self, cast: Cast, who: str) -> None:
        change = a_live_change(cast, live_at=NOW)
        with pytest.raises(Refused):
            an_audit_plan(cast, change=change, by=cast.people()[who])

    def test_sent_twice_it_is_one_plan_and_with_other_answers_it_says_what_differs(self, cast: Cast) -> None:
        change = a_live_change(cast, live_at=NOW)
        first = an_audit_plan(cast, change=change, key="once")
        assert an_audit_plan(cast, change=change, key="once") == first
        with pytest.raises(SentBefore) as differs:
            an_audit_plan(cast, change=change, key="once", target=Decimal("0.8"))
        assert [one.question for one in differs.value.differences] == ["Target"]
        assert AuditPlan.objects.count() == 1

    def test_none_is_planned_for_a_change_that_was_withdrawn(self, cast: Cast) -> None:
        change = a_live_change(cast, live_at=NOW)
        withdraw_change(by=cast.reviewer, at=NOW, change=change, reason="Another one does more.")
        with pytest.raises(Stale):
            an_audit_plan(cast, change=change)

    def test_it_passes_with_the_change_and_ends_with_it(self, cast: Cast) -> None:
        plan = an_audit_plan(cast)
        hand_over_change(
            by=cast.reviewer, at=DECLARED_AT, change=plan.change, owner=cast.supervisor, reason="He moved to South."
        )
        asked = owed(plan, AUDIT)
        assert asked is not None
        assert asked.owner == cast.supervisor
        withdraw_change(by=cast.reviewer, at=DECLARED_AT, change=plan.change, reason="Another one does more.")
        assert owed(plan, AUDIT) is None

    def test_ended_with_a_reason_nothing_more_is_owed_or_drawn(self, cast: Cast) -> None:
        population = a_draw(cast)
        plan = population.plan
        with pytest.raises(Invalid):
            end_audits(by=cast.lead, at=SEEDED_AT, plan=plan, reason=" ")
        end_audits(by=cast.lead, at=SEEDED_AT, plan=plan, reason="The form asks for it by itself now.")
        assert not Obligation.objects.open().filter(subject_id__in=[plan.pk, population.pk]).exists()
        with pytest.raises(Stale):
            a_list(plan, by=cast.lead)
        with pytest.raises(Stale):
            end_audits(by=cast.lead, at=SEEDED_AT, plan=plan, reason="Again")
        assert AuditPlanEnd.objects.count() == 1


class TestTheList:
    def test_it_holds_the_records_of_the_kind_the_teams_and_the_period_and_no_other(self, cast: Cast) -> None:
        first, *_, last = wanted = consultations(cast, 3)
        south = consultations(cast, 1, team=cast.south, first=48)
        consultations(cast, 1, team=cast.east, first=48, by=cast.duty_manager_elsewhere)
        consultations(cast, 1, first=-24)
        consultations(cast, 1, first=24 * 9)
        a_record(
            a_case(cast, version=first.case.version, person="P-x"),
            "checklist",
            48,
            by=cast.worker,
            present=("infection-risk",),
        )
        population = a_list(an_audit_plan(cast), by=cast.lead)
        assert set(ids_of(population)) == {str(one.pk) for one in [*wanted, *south]}
        assert last.pk is not None
        assert (population.count, population.number) == (4, 1)
        assert population.words == (
            "Records “Consultation” on the pathway “Self-neglect threshold”, from 5 March 2026 to 12 March 2026, "
            "in North team, South team"
        )

    def test_a_record_put_right_stands_on_it_once_and_one_that_never_happened_does_not(self, cast: Cast) -> None:
        wrong, undone, _ = consultations(cast, 3)
        right = correct_record(
            by=cast.duty_manager, at=wrong.decided_at + timedelta(hours=1), record=wrong,
            happened_at=wrong.happened_at, values=CONSULTATION, reason="A word was missing", submission_key="right",
        )  # fmt: skip
        correct_record(
            by=cast.duty_manager, at=undone.decided_at + timedelta(hours=1), record=undone,
            happened_at=undone.happened_at, values=CONSULTATION, reason="Another person", submission_key="undone",
            withdrawn=True,
        )  # fmt: skip
        listed = set(ids_of(a_list(an_audit_plan(cast), by=cast.lead)))
        assert str(right.pk) in listed
        assert len(listed) == 2

    def test_restricted_records_are_left_out_and_counted(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        case = a_case(cast, incident=incident, by=cast.duty_manager)
        hidden = a_record(case, "consultation", 24, by=cast.duty_manager, **CONSULTATION)
        consultations(cast, 2)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")
        population = a_list(an_audit_plan(cast), by=cast.lead)
        assert (population.count, population.restricted) == (2, 1)
        assert str(hidden.pk) not in ids_of(population)

    def test_each_named_query_lists_its_own(self, cast: Cast) -> None:
        used(cast)
        kept, _ = (
            an_incident(by=cast.worker, team=cast.north, at=NOW + timedelta(days=2), themes=(theme,))
            for theme in ("self-neglect", "lost-contact")
        )
        review = completed(a_review(cast, "B"), cast, at=NOW + timedelta(days=2))
        change = a_live_change(cast, live_at=NOW)
        consultation = consultations(cast, 1)[0]
        document = the_document(review, "decision-review")
        rows = [
            (Source.INCIDENTS, {"theme": "self-neglect"}, {kept.pk}),
            (Source.INCIDENTS, {"tier": "C"}, set()),
            (Source.DOCUMENTS, {"document": "decision-review"}, {document.pk}),
            (Source.CASE_RECORDS, {"pathway": "self-neglect", "kind": "consultation"}, {consultation.pk}),
        ]
        for source, filters, expected in rows:
            plan = an_audit_plan(cast, change=change, source=source, filters=filters)
            if not expected:
                with pytest.raises(Invalid, match="No record of this kind"):
                    a_list(plan, by=cast.lead)
                continue
            assert set(ids_of(a_list(plan, by=cast.lead))) == {str(one) for one in expected}, (source, filters)

    def test_what_a_pathway_asked_for_is_listed_each_time_it_did(self, cast: Cast) -> None:
        ticked = a_case(cast, person="P-1")
        a_record(
            ticked, "checklist", 25, by=cast.worker,
            present=("infection-risk", "refusal-of-care"),
        )  # fmt: skip
        plan = an_audit_plan(cast, source=Source.OBLIGATIONS, filters={"pathway": "self-neglect", "code": "consult"})
        population = a_list(plan, by=cast.lead)
        assert set(ids_of(population)) == {str(one.pk) for one in ticked.obligations.filter(code="consult")}
        assert population.count == 1

    @pytest.mark.parametrize(
        ("period_from", "period_to", "field"),
        [
            (date(2026, 3, 9), date(2026, 3, 8), "period_to"),
            (date(2026, 3, 9), local_day(FROZEN_AT), "period_to"),
            (date(2026, 3, 3), date(2026, 3, 9), "period_from"),
        ],
    )
    def test_a_period_that_would_say_nothing_is_refused(
        self, cast: Cast, period_from: date, period_to: date, field: str
    ) -> None:
        consultations(cast, 2)
        with pytest.raises(Invalid) as refused:
            a_list(an_audit_plan(cast), by=cast.lead, period_from=period_from, period_to=period_to)
        assert list(refused.value.problems) == [field]

    def test_days_before_the_change_was_live_are_told_apart(self, cast: Cast) -> None:
        consultations(cast, 2, first=-48)
        plan = an_audit_plan(cast)
        before = a_list(plan, by=cast.lead, period_from=date(2026, 3, 1), period_to=date(2026, 3, 3))
        assert before.before_live
        assert not a_list_of_another(cast).before_live

    def test_one_audit_at_a_time(self, cast: Cast) -> None:
        consultations(cast, 2)
        plan = an_audit_plan(cast)
        a_list(plan, by=cast.lead)
        with pytest.raises(Stale):
            a_list(plan, by=cast.lead)

    @pytest.mark.parametrize("who", ["worker", "supervisor", "administrator", "inspector", "stranger"])
    def test_it_is_frozen_by_those_who_may_carry_the_change(self, cast: Cast, who: str) -> None:
        consultations(cast, 1)
        plan = an_audit_plan(cast)
        with pytest.raises(Refused):
            a_list(plan, by=cast.people()[who])


def a_list_of_another(cast: Cast) -> AuditPopulation:
    """A list of a week after another change went live."""
    consultations(cast, 2)
    return a_list(an_audit_plan(cast), by=cast.lead)


class TestTheDraw:
    def test_anybody_can_repeat_it_with_the_file_and_the_seed(self, cast: Cast) -> None:
        population = a_draw(cast, records=9)
        file = "\n".join(population.lines).encode()
        assert hashlib.sha256(file).hexdigest() == population.list_hash
        ids = file.decode().split("\n")
        order = sorted(ids, key=lambda one: hmac.new(SEED.encode(), one.encode(), hashlib.sha256).hexdigest())
        drawn = list(population.samples.order_by("rank").values_list("rank", "record_id"))
        assert [str(record_id) for _, record_id in drawn] == order[: population.size]
        assert [rank for rank, _ in drawn] == list(range(1, population.size + 1))
        assert 1 < population.size < 9

    def test_nothing_is_drawn_and_nothing_owed_before_the_seed(self, cast: Cast) -> None:
        consultations(cast, 3)
        population = a_list(an_audit_plan(cast), by=cast.lead)
        assert not AuditSample.objects.exists()
        assert owed(population, READ) is None
        seeded(population, by=cast.lead)
        asked = owed(population, READ)
        assert asked is not None
        assert asked.role == "quality_lead"

    def test_a_second_seed_is_refused_and_draws_nothing(self, cast: Cast) -> None:
        population = a_draw(cast)
        drawn = list(population.samples.values_list("record_id", flat=True))
        with pytest.raises(Stale):
            seeded(population, by=cast.lead, seed="6 6 6 6 6 6")
        assert list(population.samples.values_list("record_id", flat=True)) == drawn
        assert AuditSeed.objects.get().seed == SEED

    @pytest.mark.parametrize(
        ("published_on", "taken"),
        [(local_day(FROZEN_AT), False), (date(2026, 3, 14), True), (date(2026, 3, 17), False), (None, False)],
    )
    def test_a_published_value_is_of_a_day_after_the_freezing_that_has_come(
        self, cast: Cast, published_on: date | None, taken: bool
    ) -> None:
        consultations(cast, 2)
        population = a_list(an_audit_plan(cast), by=cast.lead)

        def enter() -> AuditSeed:
            return enter_seed(
                by=cast.lead, at=SEEDED_AT, population=population, seed="07 11 23 31 40 44", published=True,
                published_on=published_on, words="National lottery of that Saturday",
            )  # fmt: skip

        if taken:
            assert enter().published_on == published_on
            return
        with pytest.raises(Invalid) as refused:
            enter()
        assert list(refused.value.problems) == ["published_on"]
        assert not AuditSample.objects.exists()

    @pytest.mark.parametrize(("seed", "words", "field"), [("123", "Dice", "seed"), (SEED, "  ", "words")])
    def test_a_seed_is_long_enough_and_says_where_it_comes_from(
        self, cast: Cast, seed: str, words: str, field: str
    ) -> None:
        consultations(cast, 2)
        population = a_list(an_audit_plan(cast), by=cast.lead)
        with pytest.raises(Invalid) as refused:
            enter_seed(
                by=cast.lead, at=SEEDED_AT, population=population, seed=seed, published=False, published_on=None,
                words=words,
            )  # fmt: skip
        assert list(refused.value.problems) == [field]

    def test_a_list_changed_after_it_was_frozen_is_found_out_and_not_drawn_from(self, cast: Cast) -> None:
        consultations(cast, 3)
        true = a_list(an_audit_plan(cast), by=cast.lead)
        columns = {f.attname: getattr(true, f.attname) for f in true._meta.concrete_fields}
        forged = AuditPopulation.objects.create(**columns | {"id": new_id(), "number": 2, "lines": true.lines[1:]})
        assert is_as_frozen(true)
        assert not is_as_frozen(forged)
        with pytest.raises(Invalid, match="not the one that was frozen"):
            seeded(forged, by=cast.lead)

    def test_the_database_holds_list_seed_and_sample(self, cast: Cast) -> None:
        population = a_draw(cast)
        for row, change in (
            (population, {"list_hash": "0" * 64}),
            (population.seed, {"seed": "another"}),
            (population.samples.first(), {"rank": 99}),
            (population.plan, {"target": Decimal("0.1")}),
        ):
            assert row is not None
            with pytest.raises(DatabaseError), transaction.atomic():
                type(row).objects.filter(pk=row.pk).update(**change)
            with pytest.raises(DatabaseError), transaction.atomic():
                type(row).objects.filter(pk=row.pk)._raw_delete("default")

    def test_each_team_is_drawn_for_by_itself_at_least_once_where_asked(self, cast: Cast) -> None:
        consultations(cast, 9)
        consultations(cast, 1, team=cast.south, first=30)
        plan = an_audit_plan(
            cast, by_team=True, claim=Claim.DECISION,
            numbers={"acceptable": Decimal(5), "unacceptable": Decimal(50),
                     "wrongly_failed": Decimal(20), "wrongly_passed": Decimal(20)},
        )  # fmt: skip
        population = seeded(a_list(plan, by=cast.lead), by=cast.lead)
        teams = Counter(population.samples.values_list("team__name", flat=True))
        assert teams["South team"] == 1
        assert sum(teams.values()) == population.size
        assert all("," in line for line in population.lines)

    def test_the_trail_says_what_was_drawn_and_with_what(self, cast: Cast) -> None:
        population = a_draw(cast)
        entry = TrailEntry.objects.get(operation="assurance.enter_seed")
        assert entry.facts["seed"] == SEED
        assert entry.facts["drawn"] == [str(one) for one in population.samples.values_list("record_id", flat=True)]


class TestTheListOfAudits:
    def test_it_shows_those_of_the_changes_one_may_open_and_narrows(self, cast: Cast) -> None:
        plan = an_audit_plan(cast)
        other = an_audit_plan(cast, change=a_change(cast, reach=[cast.south]), title="Notes in the south")
        listed = lambda who, **wanted: set(audits_listed(who, DECLARED_AT, Wanted(**wanted)))  # noqa: E731
        assert listed(cast.lead) == {plan, other}
        assert listed(cast.lead, words="south notes") == {other}
        assert listed(cast.lead, team_id=cast.north.pk) == {plan}
        assert listed(cast.lead, answer="none") == {plan, other}
        assert listed(cast.lead, answer="meets the target") == set()
        assert listed(cast.worker) == {plan}
        assert listed(cast.stranger) == listed(cast.worker_elsewhere) == set()
