"""What keeps an incident whose time is over: everything that is still open about it, whoever may read that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saferpractice.access.decisions import decided
from saferpractice.assurance.models import AuditPlan, AuditPopulation, AuditResult
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import decide_evidence, withdraw_change
from saferpractice.deadlines.models import Obligation
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.operations import end_inspection, withdraw_pack
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.home.queries.holding import standing_holds
from saferpractice.home.queries.keeping import retention_facts_of, years_kept
from saferpractice.home.queries.retention import KeptFilter, retained_now, times_over
from saferpractice.home.rules.retention import ANSWER, CASE, OTHER, SERIOUS, Kept, OpenWork
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import grade_harm, withdraw_incident
from saferpractice.lists.models import ListEntry
from saferpractice.pathways.models import CaseClosing, PathwayCase
from tests.factories.assurance import FIRST_LOOK, LAST_LOOK, a_plan, counted
from tests.factories.audits import an_audit_plan
from tests.factories.changes import a_briefing_held, a_change, a_finding, a_live_change, an_action, some_evidence
from tests.factories.deadlines import an_obligation
from tests.factories.held import gathered, released
from tests.factories.incidents import an_incident
from tests.factories.inspections import an_inspection
from tests.factories.packs_made import ask
from tests.factories.pathways import a_case, a_record
from tests.factories.retention import OVER, OVER_TOO, a_finished_incident, a_hold, at_rest
from tests.factories.reviews import a_review, completed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]

A_DAY = timedelta(days=1)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return a_finished_incident(cast)


def keeps(incident: Incident, at: Any = OVER) -> set[OpenWork]:
    """What keeps it at a moment when its time is over."""
    retained = retained_now(Incident.objects.get(pk=incident.pk), at)
    assert retained.over
    assert retained.due is not bool(retained.open_work or retained.holds)
    return set(retained.open_work)


class TestItsTime:
    def test_is_over_on_the_day_after_ten_years(self, incident: Incident) -> None:
        before, last, after = (retained_now(incident, OVER + n * A_DAY) for n in (-2, -2, -1))
        assert last.kept_until == date(2036, 3, 4)
        assert (before.over, last.over, after.over) == (False, False, True)
        assert after.due

    @pytest.mark.parametrize(
        ("make_serious", "why"),
        [
            (
                lambda cast, one: grade_harm(
                    by=cast.lead,
                    at=NOW,
                    incident=one,
                    physical_harm="severe",
                    psychological_harm="low",
                    reason="Told by the ward.",
                ),
                "graded severe",
            ),
            (lambda cast, one: a_review(cast, "C", incident=one) and completed_c(cast, one), "once of tier C"),
        ],
        ids=["graded severe", "tier C"],
    )
    def test_is_twenty_years_where_it_is_serious(
        self, cast: Cast, incident: Incident, make_serious: Callable[[Cast, Incident], Any], why: str
    ) -> None:
        make_serious(cast, incident)
        at_rest(incident)
        kept = retained_now(Incident.objects.get(pk=incident.pk), OVER)
        assert (kept.code, kept.years, kept.over) == (SERIOUS, 20, False), why
        assert retained_now(Incident.objects.get(pk=incident.pk), OVER_TOO).over

    def test_a_lighter_grading_later_does_not_shorten_it(self, cast: Cast, incident: Incident) -> None:
        for harm in ("fatal", "low"):
            grade_harm(
                by=cast.lead, at=NOW, incident=incident, physical_harm=harm, psychological_harm="low", reason="Seen."
            )
        assert retained_now(Incident.objects.get(pk=incident.pk), OVER).code == SERIOUS

    @pytest.mark.parametrize(
        "work",
        [
            lambda cast, one: a_case(cast, incident=one, by=cast.lead, at=NOW + 400 * A_DAY),
            lambda cast, one: grade_harm(
                by=cast.lead,
                at=NOW + 400 * A_DAY,
                incident=one,
                physical_harm="low",
                psychological_harm="low",
                reason="Seen again.",
            ),
        ],
        ids=["a case", "the incident"],
    )
    def test_begins_anew_with_work_on(
        self, cast: Cast, incident: Incident, work: Callable[[Cast, Incident], Any]
    ) -> None:
        work(cast, incident)
        assert not retained_now(Incident.objects.get(pk=incident.pk), OVER).over

    def test_a_hold_that_came_and_went_does_not_begin_it_anew(self, cast: Cast, incident: Incident) -> None:
        a_hold(by=cast.lead, incident=incident, at=NOW + 400 * A_DAY)
        assert retained_now(incident, OVER).over

    def test_a_row_below_the_minimum_counts_for_nothing(self, cast: Cast, incident: Incident) -> None:
        """Written past the form and the operation, as by somebody with the database open."""
        ListEntry.objects.create(
            provider=cast.provider, list_code="retention", code=OTHER, label="Shorter", source="Nobody",
            detail={"years": 1, "at_least": 10, "counted_from": "x", "basis": ["x"], "afterwards": "x"},
            valid_from=NOW.date(), added_at=NOW,
        )  # fmt: skip
        assert years_kept(cast.provider.pk, OVER.date()) == {SERIOUS: 20, OTHER: 10, CASE: 20, ANSWER: 6}


def completed_c(cast: Cast, incident: Incident) -> None:
    completed(incident.reviews.get(tier="C"), cast)


class TestTheLoop:
    """Every stage keeps it until that stage is done; only then is it due."""

    def test_keeps_it_from_its_report_to_its_last_look(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(hours=2))
        at_rest(incident)
        assert keeps(incident) == {OpenWork.TRIAGE, OpenWork.REVIEW}
        review = a_review(cast, "B", incident=incident)
        at_rest(incident)
        assert keeps(incident) == {OpenWork.REVIEW}
        finding = a_finding(cast, review=review)
        completed(review, cast)
        at_rest(incident)
        assert keeps(incident) == {OpenWork.FINDING}
        change = a_live_change(cast, findings=[finding])
        at_rest(incident)
        assert keeps(incident) == {OpenWork.CHANGE, OpenWork.IMPACT}
        for team in (cast.north, cast.south):
            a_briefing_held(cast, change, team)
        at_rest(incident)
        assert keeps(incident) == {OpenWork.IMPACT}
        plan = a_plan(by=cast.quality_lead, change=change)
        counted(by=cast.quality_lead, plan=plan, count=30, out_of=100)
        counted(by=cast.quality_lead, plan=plan, count=90, out_of=100, look=FIRST_LOOK)
        at_rest(incident)
        later = OVER + 365 * A_DAY
        assert keeps(incident, later) == {OpenWork.IMPACT}, "there is a verdict, and a look is still to come"
        counted(by=cast.quality_lead, plan=plan, count=90, out_of=100, look=LAST_LOOK)
        at_rest(incident)
        assert keeps(incident, later) == set()
        assert not retained_now(incident, OVER).over, "ten years from the last look, not from the report"

    def test_a_change_that_is_not_live_keeps_it_until_it_is_withdrawn(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        finding = a_finding(cast, review=review)
        completed(review, cast)
        change = a_change(cast, findings=[finding])
        at_rest(review.incident)
        assert keeps(review.incident) == {OpenWork.CHANGE, OpenWork.IMPACT}
        withdraw_change(by=cast.duty_manager, at=NOW, change=change, reason="Another form asks the same.")
        at_rest(review.incident)
        assert keeps(review.incident) == {OpenWork.FINDING}, "and then the finding waits for another"


def owed_of(cast: Cast, record: Any) -> None:
    """A duty about a record that belongs to no incident alone."""
    made = an_obligation(team=cast.north, at=NOW)
    Obligation.objects.filter(pk=made.pk).update(subject_id=record.pk)


class TestWhatIsShared:
    """A change that answers findings of two incidents keeps both, and its checks are the last work on both."""

    @pytest.fixture
    def two(self, cast: Cast) -> tuple[Incident, Incident, OperationalChange]:
        reviews = [a_review(cast, "B", person_reference=f"P-{n}") for n in range(2)]
        findings = [a_finding(cast, review=review) for review in reviews]
        for review in reviews:
            completed(review, cast)
        change = a_live_change(cast, findings=findings)
        for team in (cast.north, cast.south):
            a_briefing_held(cast, change, team)
        first, second = (review.incident for review in reviews)
        at_rest(first, second)
        return first, second, change

    def test_keeps_both(self, cast: Cast, two: tuple[Incident, Incident, OperationalChange]) -> None:
        first, second, change = two
        assert (keeps(first), keeps(second)) == ({OpenWork.IMPACT}, {OpenWork.IMPACT})
        action = an_action(cast, change=change)
        at_rest(first, second)
        assert (keeps(first), keeps(second)) == ({OpenWork.IMPACT, OpenWork.ACTION},) * 2
        decide_evidence(by=cast.quality_lead, at=NOW, evidence=some_evidence(action), accepted=True)
        owed_of(cast, change)
        assert (keeps(first), keeps(second)) == ({OpenWork.IMPACT, OpenWork.DUTY},) * 2

    def test_begins_the_time_of_both_anew(self, cast: Cast, two: tuple[Incident, Incident, OperationalChange]) -> None:
        first, second, change = two
        plan = a_plan(by=cast.quality_lead, change=change)
        counted(by=cast.quality_lead, plan=plan, count=30, out_of=100)
        counted(by=cast.quality_lead, plan=plan, count=90, out_of=100, look=LAST_LOOK)
        assert [retained_now(one, OVER).kept_until for one in (first, second)] == [LAST_LOOK.replace(year=2036)] * 2

    def test_a_duty_of_its_plan_keeps_both(self, cast: Cast, two: tuple[Incident, Incident, OperationalChange]) -> None:
        first, second, change = two
        plan = a_plan(by=cast.quality_lead, change=change)
        at_rest(first, second)
        Obligation.objects.open().filter(subject_id__in=[plan.pk, change.pk]).update(cancelled_at=OVER)  # its looks
        owed_of(cast, plan)
        later = OVER + 400 * A_DAY
        assert (keeps(first, later), keeps(second, later)) == ({OpenWork.IMPACT, OpenWork.DUTY},) * 2


def a_list_of(cast: Cast, record: Any) -> AuditPopulation:
    """A list of an audit with one record on it, frozen and not drawn."""
    plan: AuditPlan = an_audit_plan(cast)
    return AuditPopulation.objects.create(
        provider=cast.provider, plan=plan, number=1, period_from=NOW.date(), period_to=NOW.date(), before_live=False,
        words="One record", lines=[f"{record.pk},{cast.north.pk}"], count=1, restricted=0, list_hash="0" * 64, size=1,
        claim_words="All of it", **decided(cast.lead, NOW),
    )  # fmt: skip


def closed(case: PathwayCase, cast: Cast) -> None:
    """The case closed, whatever its pathway still asks for: what keeps an incident is that it is open."""
    CaseClosing.objects.create(case=case, reason="Moved away.", **decided(cast.lead, NOW))


def audited(cast: Cast, incident: Incident, record: Any) -> Callable[[], Any]:
    population = a_list_of(cast, record)
    return lambda: AuditResult.objects.create(
        population=population, answer="met", sentence="All met.", met=1, read=1, rule_version="1",
        **decided(cast.lead, NOW),
    )  # fmt: skip


def of_a_case(cast: Cast, incident: Incident) -> Any:
    case = a_case(cast, incident=incident, by=cast.lead)
    record = a_record(case, "checklist", 1, by=cast.lead, present=["infection-risk", "refusal-of-care"])
    closed(case, cast)
    at_rest(incident)
    return record


def owed_on_a_case(cast: Cast, incident: Incident) -> Any:
    """What a list of an audit of duties names."""
    return of_a_case(cast, incident).case.obligations.first()


def a_packed(cast: Cast, incident: Incident) -> Callable[[], Any]:
    pack = ask(
        cast.quality_lead, at=NOW, subject=Subject.INCIDENT, disclosure=Disclosure.FULL, services=[cast.riverside],
        incident=incident,
    )  # fmt: skip
    return lambda: withdraw_pack(by=cast.quality_lead, at=NOW, pack=pack, reason="It is old.")


def inspected(cast: Cast, incident: Incident) -> Callable[[], Any]:
    inspection: Inspection = an_inspection(
        cast, at=OVER - A_DAY, period_from=date(2026, 3, 3), period_to=date(2026, 3, 5)
    )
    return lambda: end_inspection(by=cast.director, at=OVER - timedelta(hours=1), inspection=inspection, reason="Done.")


def acted_on(cast: Cast, incident: Incident) -> Callable[[], Any]:
    action = an_action(cast, review=incident.reviews.get())
    at_rest(incident)

    def accept() -> None:
        decide_evidence(by=cast.quality_lead, at=NOW, evidence=some_evidence(action), accepted=True)

    return accept


def owed(cast: Cast, incident: Incident) -> Callable[[], Any]:
    an_obligation(team=cast.north, at=NOW, story_id=incident.pk)
    return lambda: at_rest(incident)


def a_case_open(cast: Cast, incident: Incident) -> Callable[[], Any]:
    case = a_case(cast, incident=incident, by=cast.lead)
    at_rest(incident)
    return lambda: closed(case, cast)


def asked_for(cast: Cast, incident: Incident) -> Callable[[], Any]:
    assert incident.person_supported_id is not None
    row = gathered(incident.person_supported_id, by=cast.lead)
    return lambda: _release(row, cast)


def _release(row: Any, cast: Cast) -> None:
    from saferpractice.home.operations import release_records
    from tests.factories.held import confirmed

    confirmed(row, by=cast.lead)
    release_records(by=cast.lead, at=NOW, gathered=row, to_whom="The person", how="by hand")


class TestWhatIsOpen:
    @pytest.mark.parametrize(
        ("work", "begin"),
        [
            (OpenWork.ACTION, acted_on),
            (OpenWork.DUTY, owed),
            (OpenWork.CASE, a_case_open),
            (OpenWork.INSPECTION, inspected),
            (OpenWork.PACK, a_packed),
            (OpenWork.REQUEST, asked_for),
            (OpenWork.AUDIT, lambda cast, one: audited(cast, one, one)),
            (OpenWork.AUDIT, lambda cast, one: audited(cast, one, owed_on_a_case(cast, one))),
            (OpenWork.AUDIT, lambda cast, one: audited(cast, one, one.reviews.get().documents.first())),
            (OpenWork.AUDIT, lambda cast, one: audited(cast, one, of_a_case(cast, one))),
        ],
        ids=[
            "action",
            "duty",
            "case",
            "inspection",
            "pack",
            "request",
            "audit of it",
            "audit of a duty",
            "audit of a document",
            "audit of a case",
        ],
    )
    def test_keeps_it_until_it_is_over_and_keeps_no_other(
        self, cast: Cast, incident: Incident, work: OpenWork, begin: Callable[[Cast, Incident], Callable[[], Any]]
    ) -> None:
        other = a_finished_incident(cast, person_reference="P-2", at=NOW - 20 * A_DAY)
        end = begin(cast, incident)
        assert keeps(incident) == {work}
        assert keeps(other) == set()
        end()
        assert keeps(incident) == set()

    def test_a_pack_of_a_time_that_tells_of_it(self, cast: Cast, incident: Incident) -> None:
        ask(
            cast.quality_lead, at=NOW + A_DAY, subject=Subject.INSPECTION, disclosure=Disclosure.FULL,
            services=[cast.riverside], period=(date(2026, 1, 1), date(2026, 3, 4)),
        )  # fmt: skip
        assert keeps(incident) == {OpenWork.PACK}

    def test_an_inspection_is_over_at_its_end(self, cast: Cast, incident: Incident) -> None:
        an_inspection(cast, at=OVER - 15 * A_DAY, period_from=date(2026, 3, 3), period_to=date(2026, 3, 5))
        assert keeps(incident, OVER - A_DAY - timedelta(seconds=1)) == {OpenWork.INSPECTION}
        assert keeps(incident, OVER) == set()

    @pytest.mark.parametrize(
        "elsewhere",
        [{"period_from": date(2026, 3, 5)}, {"period_to": date(2026, 3, 3)}, {"services": "harbour"}],
    )
    def test_an_inspection_of_another_time_or_place_does_not_keep_it(
        self, cast: Cast, incident: Incident, elsewhere: dict[str, Any]
    ) -> None:
        given = {"period_from": date(2026, 3, 3), "period_to": date(2026, 3, 6)} | elsewhere
        if "services" in given:
            given["services"] = [cast.harbour]
        an_inspection(cast, at=OVER - A_DAY, **given)
        assert keeps(incident) == set()

    def test_a_request_about_the_person_of_a_case_opened_from_it(self, cast: Cast) -> None:
        """The incident names nobody; whom its case is on has asked what is held."""
        incident = a_finished_incident(cast, person_reference="")
        case = a_case(cast, incident=incident, by=cast.lead, person="P-9")
        closed(case, cast)
        at_rest(incident)
        assert keeps(incident) == set()
        gathered(case.person_supported_id, by=cast.lead)
        assert keeps(incident) == {OpenWork.REQUEST}
        assert released(case.person_supported_id, by=cast.lead)
        assert keeps(incident) == {OpenWork.REQUEST}, "the first one still waits"

    def test_what_was_withdrawn_waits_for_no_review(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="It was reported twice.")
        assert keeps(incident) == set()

    def test_a_restricted_inspection_or_duty_keeps_it_for_everybody(self, cast: Cast) -> None:
        """Nobody disposes of what somebody else still needs: the facts are read whole, whoever asks."""
        incident = a_finished_incident(cast)
        an_obligation(team=cast.north, at=NOW, story_id=incident.pk, restricted=True)
        assert keeps(incident) == {OpenWork.DUTY}


def test_the_reads_do_not_grow_with_the_incidents(cast: Cast) -> None:
    found = [a_finished_incident(cast, person_reference=f"P-{n}") for n in range(4)]
    for one in found:
        a_hold(by=cast.lead, incident=one)

    def reads(count: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            holds = standing_holds(cast.provider.pk, found[:count])
            assert len(retention_facts_of(cast.provider.pk, found[:count], OVER, holds)) == count
        return len(captured)

    assert reads(4) == reads(1) <= 40


def test_nothing_of_another_provider_is_looked_at(cast: Cast, incident: Incident) -> None:
    assert list(times_over(cast.stranger, OVER, KeptFilter(Kept.ALL))) == []
    assert [one.record for one in times_over(cast.lead, OVER, KeptFilter(Kept.ALL))] == [incident]
