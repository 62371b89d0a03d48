"""Reading for an audit: who may, one reading and two, what cannot be read, the result, and what follows from it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from saferpractice.assurance.models import (
    AuditFollowUp,
    AuditPopulation,
    AuditResult,
    AuditSample,
    AuditScore,
    AuditSettlement,
)
from saferpractice.assurance.operations import AUDIT, READ, end_audits, follow_up, settle_record
from saferpractice.assurance.queries.audit_reading import next_for
from saferpractice.assurance.queries.audits import result_of, state_of_sample, states_of
from saferpractice.assurance.rules.audits import Source, Standing
from saferpractice.assurance.rules.sampling import Against
from saferpractice.changes.models import TrackedAction
from saferpractice.changes.operations import hand_over_change
from saferpractice.deadlines.rules import local_day
from saferpractice.incidents.operations import decide_restriction, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.audits import (
    READ_AT,
    a_draw,
    a_list,
    an_audit_plan,
    consultations,
    read,
    read_all,
    seeded,
)
from tests.factories.changes import a_live_change, owed
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R37")]


def first_of(population: AuditPopulation, number: int = 1) -> AuditSample:
    """A record drawn, by its place in rank."""
    return list(population.samples.order_by("rank"))[number - 1]


class TestWhoReads:
    @pytest.mark.parametrize(
        ("who", "words"),
        [
            ("duty_manager", "You own this change"),
            ("supervisor", "Only a quality lead"),
            ("director", "Only a quality lead"),
            ("worker", "Only a quality lead"),
            ("duty_manager_elsewhere", "There is no such change"),
            ("inspector", "There is no such change"),
            ("stranger", "There is no such change"),
        ],
    )
    def test_others_are_told_why_not(self, cast: Cast, who: str, words: str) -> None:
        population = a_draw(cast, records=2)
        with pytest.raises(Refused) as refused:
            read(first_of(population), by=cast.people()[who])
        assert refused.value.sentence.startswith(words)
        assert not AuditScore.objects.exists()

    @pytest.mark.parametrize("who", ["quality_lead", "lead", "reviewer"])
    def test_auditors_of_the_place_may(self, cast: Cast, who: str) -> None:
        population = a_draw(cast, records=2)
        assert next_for(cast.people()[who], READ_AT, population) == first_of(population)
        read(first_of(population), by=cast.people()[who])

    def test_nobody_reads_what_they_wrote(self, cast: Cast) -> None:
        consultations(cast, 1, by=cast.lead)
        population = seeded(a_list(an_audit_plan(cast), by=cast.lead), by=cast.lead)
        with pytest.raises(Refused, match="You made this record"):
            read(first_of(population), by=cast.lead)
        assert next_for(cast.lead, READ_AT, population) is None
        read(first_of(population), by=cast.quality_lead)

    def test_nobody_reads_for_a_change_they_owned_before(self, cast: Cast) -> None:
        change = a_live_change(cast, live_at=NOW, owner=cast.quality_lead)
        population = a_draw(cast, records=1, plan=an_audit_plan(cast, change=change))
        hand_over_change(by=cast.lead, at=NOW, change=change, owner=cast.duty_manager, reason="Another post")
        with pytest.raises(Refused, match="You own this change, or did"):
            read(first_of(population), by=cast.quality_lead)

    def test_whoever_is_kept_from_an_incident_does_not_read_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW + timedelta(days=2))
        plan = an_audit_plan(cast, source=Source.INCIDENTS, filters={"theme": "lost-contact"})
        population = seeded(a_list(plan, by=cast.lead), by=cast.lead)
        keep_from(
            by=cast.lead, at=NOW, incident=incident, person=cast.quality_lead, because=KeptFromReason.ALLEGED_SOURCE
        )
        with pytest.raises(Refused, match="not among those you may open"):
            read(first_of(population), by=cast.quality_lead)
        assert next_for(cast.quality_lead, READ_AT, population) is None
        assert next_for(cast.lead, READ_AT, population) == first_of(population)

    def test_one_restricted_meanwhile_can_only_be_put_aside(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW + timedelta(days=2))
        plan = an_audit_plan(cast, source=Source.INCIDENTS, filters={"theme": "lost-contact"})
        population = seeded(a_list(plan, by=cast.lead), by=cast.lead)
        decide_restriction(by=cast.lead, at=READ_AT, incident=incident, restricted=True, reason="About a colleague")
        sample = first_of(population)
        with pytest.raises(Refused, match="cannot be audited any more"):
            read(sample, by=cast.quality_lead)
        read(sample, by=cast.quality_lead, why_not="Restricted since")
        result = result_of(population)
        assert result is not None
        assert (result.read, result.answer) == (0, Against.CANNOT_SAY)


class TestOneReading:
    def test_a_question_left_out_is_asked_for_and_nothing_is_kept(self, cast: Cast) -> None:
        population = a_draw(cast, records=2)
        with pytest.raises(Invalid) as refused:
            read(first_of(population), by=cast.quality_lead, answers={"q1": ""})
        assert list(refused.value.problems) == ["q1"]
        with pytest.raises(Invalid):
            read(first_of(population), by=cast.quality_lead, answers={"q1": "na"})
        assert not AuditScore.objects.exists()

    def test_the_same_again_adds_nothing_and_another_answer_is_a_correction_beside_it(self, cast: Cast) -> None:
        sample = first_of(a_draw(cast, records=4))
        once = read(sample, by=cast.quality_lead)
        assert read(sample, by=cast.quality_lead) == once
        right = read(sample, by=cast.quality_lead, answers={"q1": "no"}, remark="The reason stands in another form.")
        assert right.corrects == once
        assert [one.pk for one in state_of_sample(sample).scores] == [right.pk]
        assert AuditScore.objects.count() == 2

    def test_a_second_auditor_finds_it_read(self, cast: Cast) -> None:
        sample = first_of(a_draw(cast, records=4))
        read(sample, by=cast.quality_lead)
        with pytest.raises(Stale):
            read(sample, by=cast.reviewer)

    def test_nothing_is_read_for_a_plan_that_was_ended(self, cast: Cast) -> None:
        population = a_draw(cast, records=2)
        end_audits(by=cast.lead, at=READ_AT, plan=population.plan, reason="Another plan does more.")
        with pytest.raises(Stale):
            read(first_of(population), by=cast.quality_lead)


class TestWhatCannotBeAudited:
    def test_the_next_in_rank_takes_its_place_and_it_stays_in_the_report(self, cast: Cast) -> None:
        population = a_draw(cast, records=8)
        size = population.size
        gone = first_of(population)
        read(gone, by=cast.quality_lead, why_not="The case was merged into another")
        assert population.samples.count() == size + 1
        put = population.samples.get(instead_of=gone)
        assert put.rank == size + 1
        for sample in population.samples.order_by("rank")[1:]:
            read(sample, by=cast.quality_lead)
        result = result_of(population)
        assert result is not None
        assert (result.read, result.met, result.numbers["not_auditable"]) == (size, size, 1)
        assert result.numbers["listed"] == 7
        assert state_of_sample(gone).standing is Standing.NOT_AUDITABLE

    def test_no_record_is_drawn_twice_and_a_list_used_up_still_has_a_result(self, cast: Cast) -> None:
        population = a_draw(cast, records=3)
        while (sample := next_for(cast.quality_lead, READ_AT, population)) is not None:
            read(sample, by=cast.quality_lead, why_not="The page does not open")
        ids = list(population.samples.values_list("record_id", flat=True))
        assert len(ids) == len(set(ids)) == 3
        result = result_of(population)
        assert result is not None
        assert (result.read, result.answer) == (0, Against.CANNOT_SAY)

    def test_where_each_team_is_drawn_for_another_of_the_same_team_takes_its_place(self, cast: Cast) -> None:
        consultations(cast, 6)
        consultations(cast, 2, team=cast.south, first=40)
        population = seeded(a_list(an_audit_plan(cast, by_team=True), by=cast.lead), by=cast.lead)
        gone = population.samples.filter(team=cast.south).order_by("rank").first()
        assert gone is not None
        before = population.samples.filter(team=cast.south).count()
        read(gone, by=cast.quality_lead, why_not="The page does not open")
        put = AuditSample.objects.filter(instead_of=gone).first()
        assert (put is None and before == 2) or (put is not None and put.team == cast.south)

    def test_put_right_afterwards_it_counts_and_nothing_is_drawn_again(self, cast: Cast) -> None:
        population = a_draw(cast, records=8)
        sample = first_of(population)
        read(sample, by=cast.quality_lead, why_not="The page does not open")
        read(sample, by=cast.quality_lead)
        read(sample, by=cast.quality_lead, why_not="It does not open after all")
        assert population.samples.filter(instead_of__isnull=False).count() == 1


class TestTwoAuditors:
    @pytest.fixture
    def population(self, cast: Cast) -> AuditPopulation:
        return a_draw(cast, records=3, read_by_two=True)

    def test_a_record_stands_once_two_have_read_it_alike(self, cast: Cast, population: AuditPopulation) -> None:
        sample = first_of(population)
        read(sample, by=cast.quality_lead)
        assert state_of_sample(sample).standing is Standing.TO_READ
        assert next_for(cast.quality_lead, READ_AT, population) != sample
        read(sample, by=cast.reviewer)
        assert state_of_sample(sample).standing is Standing.MET
        with pytest.raises(Stale):
            read(sample, by=cast.lead)

    def test_after_both_have_read_it_nobody_changes_a_reading_to_agree(
        self, cast: Cast, population: AuditPopulation
    ) -> None:
        sample = first_of(population)
        read(sample, by=cast.quality_lead)
        read(sample, by=cast.quality_lead, answers={"q1": "no"})
        read(sample, by=cast.reviewer)
        with pytest.raises(Stale):
            read(sample, by=cast.quality_lead)
        assert state_of_sample(sample).standing is Standing.DIFFERS

    def test_what_differs_is_settled_with_a_reason_and_both_readings_stay(
        self, cast: Cast, population: AuditPopulation
    ) -> None:
        sample = first_of(population)
        read(sample, by=cast.quality_lead, answers={"q1": "no"})
        read(sample, by=cast.reviewer)
        said: dict[str, Any] = {"by": cast.lead, "at": READ_AT, "sample": sample, "answers": {"q1": "no", "q2": "na"}}
        with pytest.raises(Invalid) as refused:
            settle_record(**said, reason=" ")
        assert list(refused.value.problems) == ["reason"]
        settled = settle_record(**said, reason="No reason stands in the note.")
        assert state_of_sample(sample).standing is Standing.NOT_MET
        assert settle_record(**said, reason="No reason stands in the note.") == settled
        later = settle_record(**said | {"answers": {"q1": "yes", "q2": "na"}}, reason="It stands overleaf.")
        assert later.corrects == settled
        assert state_of_sample(sample).standing is Standing.MET
        assert sample.scores.count() == 2

    def test_there_is_nothing_to_settle_where_they_agree(self, cast: Cast, population: AuditPopulation) -> None:
        sample = first_of(population)
        read(sample, by=cast.quality_lead)
        for _ in range(2):
            with pytest.raises(Stale):
                settle_record(by=cast.lead, at=READ_AT, sample=sample, answers={"q1": "no", "q2": "na"}, reason="So")
            if state_of_sample(sample).standing is Standing.TO_READ:
                read(sample, by=cast.reviewer)
        assert not AuditSettlement.objects.exists()

    def test_one_who_cannot_read_it_and_one_who_can_differ(self, cast: Cast, population: AuditPopulation) -> None:
        sample = first_of(population)
        read(sample, by=cast.quality_lead, why_not="The page does not open")
        read(sample, by=cast.reviewer)
        assert state_of_sample(sample).standing is Standing.DIFFERS
        settle_record(
            by=cast.lead, at=READ_AT, sample=sample, answers={}, why_not="It is a page of another case", reason="Seen"
        )
        assert state_of_sample(sample).standing is Standing.NOT_AUDITABLE

    def test_the_result_says_how_far_they_agreed_before_anything_was_settled(
        self, cast: Cast, population: AuditPopulation
    ) -> None:
        samples = list(population.samples.order_by("rank"))
        for number, sample in enumerate(samples):
            read(sample, by=cast.quality_lead, answers={"q1": "no"} if number == 0 else None)
            read(sample, by=cast.reviewer, answers={"q1": "no"} if number < 2 else None)
        assert result_of(population) is None
        settle_record(
            by=cast.lead, at=READ_AT, sample=samples[1], answers={"q1": "yes", "q2": "na"}, reason="It stands overleaf."
        )
        result = result_of(population)
        assert result is not None
        whole = result.numbers["agreement"]["whole"]
        assert whole["pairs"] == 3
        assert whole["agreed"] == pytest.approx(2 / 3)
        assert whole["kappa"] == pytest.approx(0.4)
        assert result.numbers["agreement"]["questions"]["q2"]["kappa"] is None
        assert result.met == 2


class TestTheResult:
    def test_it_comes_by_itself_with_the_last_record_and_meets_what_was_owed(self, cast: Cast) -> None:
        population = a_draw(cast, records=6)
        samples = list(population.samples.order_by("rank"))
        for sample in samples[:-1]:
            read(sample, by=cast.quality_lead)
        assert result_of(population) is None
        assert owed(population, READ) is not None
        read(samples[-1], by=cast.quality_lead)
        result = result_of(population)
        assert result is not None
        assert owed(population, READ) is None
        assert (result.met, result.read) == (len(samples), len(samples))
        assert result.decided_by == cast.quality_lead

    def test_the_next_audit_is_owed_by_the_cadence_of_the_plan(self, cast: Cast) -> None:
        population = a_draw(cast, records=4, months=6)
        read_all(population, by=cast.quality_lead)
        asked = owed(population.plan, AUDIT)
        assert asked is not None
        assert asked.owner == population.plan.change.owner
        assert local_day(asked.due_at - timedelta(minutes=1)) == date(2026, 9, 18)
        consultations(cast, 2, first=24 * 10)
        again = seeded(
            a_list(
                population.plan,
                by=cast.lead,
                at=READ_AT,
                period_from=date(2026, 3, 13),
                period_to=date(2026, 3, 17),
            ),
            by=cast.lead,
            at=READ_AT,
        )
        assert again.number == 2
        read_all(again, by=cast.quality_lead, at=READ_AT + timedelta(days=31))
        later = owed(population.plan, AUDIT)
        assert later is not None
        assert later.pk != asked.pk
        assert local_day(later.due_at - timedelta(minutes=1)) == date(2026, 10, 18)

    def test_an_audit_of_days_before_the_change_does_not_answer_whether_it_is_used(self, cast: Cast) -> None:
        consultations(cast, 2, first=-48)
        plan = an_audit_plan(cast)
        frozen = a_list(plan, by=cast.lead, period_from=date(2026, 3, 1), period_to=date(2026, 3, 3))
        asked = owed(plan, AUDIT)
        read_all(seeded(frozen, by=cast.lead), by=cast.quality_lead)
        assert owed(plan, AUDIT) == asked

    @pytest.mark.parametrize(
        ("records", "failing", "answer"),
        [(8, 0, Against.MEETS), (8, 4, Against.DOES_NOT)],
    )
    def test_it_answers_against_the_target(self, cast: Cast, records: int, failing: int, answer: Against) -> None:
        population = a_draw(cast, records=records, numbers={"expected": 50, "half_width": 1})
        assert population.size == records
        result = read_all(population, by=cast.quality_lead, failing=failing)
        assert result is not None
        assert result.answer == answer
        assert result.numbers["low"] == result.numbers["high"] == records - failing

    def test_put_right_afterwards_a_new_result_names_the_one_it_corrects(self, cast: Cast) -> None:
        population = a_draw(cast, records=4)
        first = read_all(population, by=cast.quality_lead)
        asked = owed(population.plan, AUDIT)
        read(first_of(population), by=cast.quality_lead, answers={"q1": "no"})
        now = result_of(population)
        assert now is not None and first is not None
        assert (now.corrects, now.met) == (first, first.met - 1)
        assert owed(population.plan, AUDIT) == asked
        assert AuditResult.objects.count() == 2

    def test_teams_drawn_for_by_themselves_are_weighted(self, cast: Cast) -> None:
        consultations(cast, 6)
        consultations(cast, 2, team=cast.south, first=40)
        plan = an_audit_plan(cast, by_team=True, numbers={"expected": 80, "half_width": 35})
        population = seeded(a_list(plan, by=cast.lead), by=cast.lead)
        for one in states_of(population):
            south = one.sample.team == cast.south
            read(one.sample, by=cast.quality_lead, answers={"q1": "no"} if south else None)
        result = result_of(population)
        assert result is not None
        assert result.numbers["estimate"] == pytest.approx(6 / 8)
        assert set(result.numbers["teams"]) == {str(cast.north.pk), str(cast.south.pk)}


class TestWhatFollows:
    def failed(self, cast: Cast) -> AuditSample:
        population = a_draw(cast, records=3)
        read_all(population, by=cast.quality_lead, failing=1)
        return first_of(population)

    def test_a_failure_becomes_a_tracked_action_of_the_change(self, cast: Cast) -> None:
        sample = self.failed(cast)
        answered = follow_up(
            by=cast.lead, at=READ_AT, sample=sample, what="Go through the reason with the duty manager.",
            owner=cast.supervisor, due_on=date(2026, 4, 1),
        )  # fmt: skip
        action = TrackedAction.objects.get()
        assert answered.action == action
        assert (action.change, action.owner, action.due_on) == (
            sample.population.plan.change, cast.supervisor, date(2026, 4, 1),
        )  # fmt: skip
        with pytest.raises(Stale):
            follow_up(by=cast.lead, at=READ_AT, sample=sample, why_none="On second thoughts")

    def test_or_a_reason_why_none_is_needed(self, cast: Cast) -> None:
        sample = self.failed(cast)
        with pytest.raises(Invalid) as refused:
            follow_up(by=cast.lead, at=READ_AT, sample=sample)
        assert set(refused.value.problems) == {"what", "owner", "due_on"}
        answered = follow_up(by=cast.lead, at=READ_AT, sample=sample, why_none="The person has died.")
        assert answered.action is None
        assert not TrackedAction.objects.exists()

    def test_a_record_that_meets_the_standard_asks_for_nothing(self, cast: Cast) -> None:
        other = first_of(self.failed(cast).population, 2)
        with pytest.raises(Stale):
            follow_up(by=cast.lead, at=READ_AT, sample=other, why_none="Nothing")

    def test_an_action_that_cannot_be_given_out_leaves_nothing_behind(self, cast: Cast) -> None:
        sample = self.failed(cast)
        with pytest.raises(Invalid):
            follow_up(
                by=cast.lead, at=READ_AT, sample=sample, what="Go through it.", owner=cast.inspector,
                due_on=date(2026, 4, 1),
            )  # fmt: skip
        with pytest.raises(Refused):
            follow_up(by=cast.worker, at=READ_AT, sample=sample, why_none="Nothing")
        assert not AuditFollowUp.objects.exists()
