"""The example service: loaded whole through operations, true in what it shows, and about nobody."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.assurance.models import AuditFollowUp, AuditPopulation, AuditSettlement, ImpactPlan
from saferpractice.assurance.operations import AUDIT
from saferpractice.assurance.queries import plans_of, verdict_today
from saferpractice.assurance.queries.audit_reading import next_for
from saferpractice.assurance.queries.audits import is_as_frozen, owed_next, result_of, states_of
from saferpractice.assurance.rules.audits import Standing, months_after
from saferpractice.assurance.rules.sampling import Against
from saferpractice.changes.models import OperationalChange, ProofByUse, TrackedAction
from saferpractice.changes.queries import state_of, with_facts
from saferpractice.changes.rules import ChangeState
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.rules import last_day_of, local_day
from saferpractice.evidence.models import ThematicReview
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.queries.thematic import still_holds
from saferpractice.evidence.rules import assess_learning
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.exchange import example
from saferpractice.exchange.example import loading
from saferpractice.exchange.example.loading import CannotLoad, Loaded
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident, Withdrawal
from saferpractice.pathways.models import CaseObligation, PathwayRecord, PathwayVersion
from saferpractice.reviews.models import Review, ReviewCompletion
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.triage.models import TierDecision, TriageRecord
from tests.architecture.example_page import Told, incidents
from tests.architecture.example_page import state_of as page_state_of

LOADED_AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
STORIES = {"food-in-the-hall": "Improved", "phone-rang-out": "Not shown", "new-friends": "Too early to tell"}


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: object) -> Iterator[Loaded]:
    """The example, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield example.load(example.shipped_example(), at=LOADED_AT)
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def verdict_of(change: OperationalChange) -> str:
    plan = next((one for one in plans_of(change) if one.primary), None)
    return str(verdict_today(plan, local_day(LOADED_AT)).word) if plan else ""


@pytest.mark.requirement("R7")
def test_the_trail_is_whole(loaded: Loaded) -> None:
    found = check_chain(loaded.world.provider.pk)
    assert found.whole
    assert found.entries > loaded.steps


@pytest.mark.requirement("R7")
def test_the_trail_runs_forward_and_ends_at_the_loading(loaded: Loaded) -> None:
    moments = list(TrailEntry.objects.order_by("sequence").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] == LOADED_AT


@pytest.mark.requirement("R1", "R4", "R5")
class TestTheThreeHistories:
    def test_each_ends_on_the_verdict_its_counts_give(self, loaded: Loaded) -> None:
        for key, verdict in STORIES.items():
            told = next(one for one in incidents() if one.key == key)
            assert told.verdict == verdict
            assert {verdict_of(loaded.world.changes[says["key"]]) for says in told.all_of("change")} - {""} == {verdict}

    def test_what_is_defensible_is_worked_out(self, loaded: Loaded) -> None:
        for key, defensible in {"food-in-the-hall": True, "new-friends": False}.items():
            found = assess_learning(learning_facts(loaded.world.incidents[key]))
            assert found.defensible is defensible
            assert bool(found.missing) is not defensible

    def test_each_went_the_whole_way(self, loaded: Loaded) -> None:
        for key in STORIES:
            facts = learning_facts(loaded.world.incidents[key])
            assert facts.triaged
            assert facts.review_complete
            assert facts.findings
            assert all(finding.changes and finding.evidence for finding in facts.findings)


@pytest.mark.requirement("R5")
class TestThePageAboutIt:
    """docs/reference/example-service.md is made from the files; what it says must be so in the database."""

    def test_what_became_of_each_incident(self, loaded: Loaded) -> None:
        for told in incidents():
            self.is_so(loaded, told)

    def is_so(self, loaded: Loaded, told: Told) -> None:
        incident = loaded.world.incidents[told.key]
        reviews = Review.objects.filter(incident=incident)
        decided = TierDecision.objects.filter(incident=incident).order_by("decided_at", "pk").last()
        assert (decided.tier if decided else "") == told.tier
        assert Withdrawal.objects.filter(incident=incident).exists() is (told.became == "Withdrawn")
        assert TriageRecord.objects.filter(incident=incident).exists() is bool(told.all_of("triage"))
        complete = ReviewCompletion.objects.filter(review__in=reviews).exists()
        assert complete is told.became.startswith("Reviewed")
        assert (reviews.exists() and not complete) is (told.became == "Under review")
        if complete:
            assert Finding.objects.standing().filter(incident=incident).count() == len(told.findings)

    def test_which_verdict_the_changes_end_on(self, loaded: Loaded) -> None:
        for told in incidents():
            ids = [loaded.world.changes[says["key"]].pk for says in told.all_of("change")]
            changes = with_facts(OperationalChange.objects.filter(pk__in=ids))
            judged = {verdict_of(one) for one in changes if state_of(one) is not ChangeState.WITHDRAWN} - {""}
            assert not told.verdict or told.verdict in judged, told.key

    def test_where_each_change_stands(self, loaded: Loaded) -> None:
        for key, change in loaded.world.changes.items():
            state = state_of(with_facts(OperationalChange.objects.filter(pk=change.pk)).get())
            said = {ChangeState.WITHDRAWN: "withdrawn", ChangeState.AGREED: "agreed, not live"}.get(state, "live")
            assert page_state_of(key, incidents()) == said, key

    def test_no_other_change_has_been_judged(self, loaded: Loaded) -> None:
        with_verdict = {says["key"] for one in incidents() if one.verdict for says in one.all_of("change")}
        planned = {plan.change_id for plan in ImpactPlan.objects.all() if plan.checks.exists()}
        keys = {key for key, change in loaded.world.changes.items() if change.pk in planned}
        assert keys <= with_verdict


@pytest.mark.requirement("R35")
class TestSomethingIsAlwaysToDo:
    def test_every_role_that_signs_in_is_there_once(self, loaded: Loaded) -> None:
        assert Counter(one.role for one in example.sign_ins()) == Counter(role.label for role in Role)
        by_mail = {one.email: one for one in example.sign_ins()}
        for person in Person.objects.filter(email__in=by_mail):
            assert person.check_password(by_mail[person.email].password)
        others = Person.objects.exclude(email__in=by_mail)
        assert others.count() == Person.objects.count() - len(by_mail) > 20
        assert not any(person.has_usable_password() for person in others)

    def test_something_is_late_and_something_is_due_today(self, loaded: Loaded) -> None:
        due = [moment for moment in Obligation.objects.open().values_list("due_at", flat=True) if moment]
        assert any(moment < LOADED_AT for moment in due)
        assert any(moment >= LOADED_AT and local_day(moment) == local_day(LOADED_AT) for moment in due)
        assert any(local_day(moment) > local_day(LOADED_AT) for moment in due)

    def test_nobody_outside_is_written_to(self, loaded: Loaded) -> None:
        assert OutboxMessage.objects.count() == loaded.messages > 0
        assert not OutboxMessage.objects.filter(sent_at__isnull=True).exists()
        assert set(OutboxMessage.objects.values_list("last_error", flat=True)) == {loading.NOT_SENT}
        assert all(mail.endswith(".example") for mail in Person.objects.values_list("email", flat=True))

    def test_it_says_how_much_there_is(self, loaded: Loaded) -> None:
        assert Incident.objects.count() == len(incidents()) == len(loaded.world.incidents)
        for number in (len(loaded.world.people), len(incidents()), loaded.steps, loaded.escalations, loaded.messages):
            assert f" {number} " in f" {loaded.sentence} "
        assert loaded.escalations > 10


@pytest.mark.requirement("R5")
def test_a_second_time_adds_nothing_and_says_so(loaded: Loaded) -> None:
    before, out = TrailEntry.objects.count(), io.StringIO()
    assert example.is_loaded(example.shipped_example().provider)
    call_command("load_example", stdout=out)
    assert "is here already. Nothing was added." in out.getvalue()
    with pytest.raises(CannotLoad):
        example.load(example.shipped_example(), at=LOADED_AT)
    assert TrailEntry.objects.count() == before


@pytest.mark.requirement("R36")
def test_one_thematic_review_is_signed_and_the_next_is_a_draft(loaded: Loaded) -> None:
    newest, before = ThematicReview.objects.order_by("-year", "-number").select_related("signature", "provider")
    assert (newest.quarter, before.quarter) == (Quarter(2026, 2), Quarter(2026, 1))
    assert not hasattr(newest, "signature")
    assert before.signature.decided_by == loaded.world.people["drew"]
    assert still_holds(before)
    drawn = {one["code"]: one["total"] for one in before.signature.draft.data["sections"] if "total" in one}
    assert drawn["overall"] > 0, "a review of nothing would show nothing"
    action = TrackedAction.objects.get(decision_id__isnull=False)
    assert action.owner == loaded.world.people["ewan"]
    assert action.due_on > local_day(LOADED_AT), "it is not late by itself"


@pytest.mark.requirement("R20", "R4")
def test_a_version_of_a_pathway_carries_a_change_out_and_its_use_proves_it(loaded: Loaded) -> None:
    change = loaded.world.changes["lc-pathway"]
    facts = with_facts(OperationalChange.objects.filter(pk=change.pk)).get()
    assert state_of(facts) is not ChangeState.AGREED
    assert {proof.team.name for proof in ProofByUse.objects.filter(change=change)} == {"Rowan team", "Willow team"}
    first, second = PathwayVersion.objects.filter(pathway="lost-contact").order_by("number")
    notes = CaseObligation.objects.filter(code="tell-leadership")

    def in_time(version: PathwayVersion) -> tuple[int, int]:
        ids = [str(pk) for pk in notes.filter(case__version=version).values_list("pk", flat=True)]
        owed = list(Obligation.objects.filter(subject_id__in=ids))
        return sum(1 for one in owed if one.met_at and one.met_at <= one.due_at), len(owed)

    assert in_time(first) == (10, 22)
    assert in_time(second) == (18, 20)


@pytest.mark.requirement("R16", "R37")
class TestAudits:
    def finished(self, loaded: Loaded) -> AuditPopulation:
        return loaded.world.audits["au-consultations"].populations.get()

    def test_one_is_finished_whatever_was_drawn(self, loaded: Loaded) -> None:
        population = self.finished(loaded)
        result = result_of(population)
        assert result is not None
        assert is_as_frozen(population)
        assert (population.count, result.read, population.size) == (16, 13, 13)
        assert result.answer == Against.DOES_NOT
        assert 2 <= result.read - result.met <= 5
        assert "missed" in result.sentence
        assert result.numbers["agreement"]["whole"]["kappa"] < 1
        settled = AuditSettlement.objects.get(sample__population=population)
        assert settled.decided_by == loaded.world.people["quill"]

    def test_each_record_is_read_as_it_stands(self, loaded: Loaded) -> None:
        for state in states_of(self.finished(loaded)):
            record = PathwayRecord.objects.get(pk=state.sample.record_id)
            says_nobody = record.values["safety-actions"] == "To be kept under observation."
            assert (state.standing is Standing.NOT_MET) is says_nobody

    def test_every_failure_is_answered_for_and_one_made_an_action(self, loaded: Loaded) -> None:
        population = self.finished(loaded)
        failing = [one.sample.pk for one in states_of(population) if one.standing is Standing.NOT_MET]
        answered = AuditFollowUp.objects.filter(sample__in=failing)
        assert answered.count() == len(failing)
        (tracked,) = [one.action for one in answered if one.action]
        assert tracked.change == loaded.world.changes["sn-checklist"]
        assert tracked.due_on > local_day(LOADED_AT), "it is not late by itself"

    def test_the_next_audit_is_owed_by_itself(self, loaded: Loaded) -> None:
        owed = owed_next(loaded.world.audits["au-consultations"], AUDIT)
        assert owed is not None
        assert owed.owner == loaded.world.people["dale"]
        result = result_of(self.finished(loaded))
        assert result is not None
        assert last_day_of(owed.due_at) == months_after(local_day(result.decided_at), 6)

    def test_another_is_being_read(self, loaded: Loaded) -> None:
        population = loaded.world.audits["au-supervision"].populations.get()
        states = states_of(population)
        assert result_of(population) is None
        assert (sum(one.standing.is_final for one in states), len(states)) == (3, population.size)
        assert population.size < population.count
        marlo = loaded.world.people["marlo"]
        waiting = next_for(marlo, LOADED_AT, population)
        assert waiting is not None
        assert waiting.rank == 4
        late = Obligation.objects.late(LOADED_AT).filter(subject_id__in=[population.pk, population.plan_id])
        assert not late.exists(), "an example of an audit in time"
