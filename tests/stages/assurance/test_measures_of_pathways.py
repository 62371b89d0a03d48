"""What the three pathways are read for, from records that people wrote: R20, R25, R31."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from saferpractice.access.rules import Place
from saferpractice.assurance.models import AuditResult
from saferpractice.assurance.queries import measures as queries
from saferpractice.assurance.queries.audit_reading import read_in_teams
from saferpractice.assurance.queries.measures.rows import rows_behind
from saferpractice.assurance.rules.measures.catalogue import LOOP, OWED
from saferpractice.assurance.rules.measures.series import Point
from saferpractice.changes.operations import PROOF
from saferpractice.deadlines.models import Obligation
from saferpractice.findings.operations import ANSWER
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.operations import correct_record
from saferpractice.pathways.operations.owing import KIND
from saferpractice.reviews.operations.kinds import COMPLETE
from saferpractice.triage.operations import TRIAGE
from tests.factories.audits import READ_AT, a_draw, consultations, read, read_all
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, NOTE, REVIEW, a_case, a_record, hours, used
from tests.personas import NOW, Cast

pytestmark = pytest.mark.django_db

SENT = {"authority": "The council", "reference": "R", "told-person": "yes"}
TWO = ("infection-risk", "refusal-of-care")
ONE = ("infection-risk",)
LATER = NOW + timedelta(days=60)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


def measured(
    key: str, cast: Cast, at: datetime = LATER, place: Place | None = None, days: tuple[date, date] = MARCH
) -> Point:
    return queries.counts_between(key, place or Place(cast.provider.pk), *days, at=at)


def numbers(point: Point) -> tuple[float | None, float | None]:
    return point.count, point.out_of


def at_threshold(cast: Cast, person: str = "P-1042", happened: float = 1) -> PathwayCase:
    case = a_case(cast, person=person, at=hours(happened))
    a_record(case, "checklist", happened, by=cast.worker, present=TWO)
    return case


@pytest.mark.requirement("R20")
class TestSelfNeglect:
    def test_same_day_consultation(self, cast: Cast) -> None:
        in_time, late = at_threshold(cast), at_threshold(cast, "P-2")
        at_threshold(cast, "P-3")  # nobody was ever consulted
        a_record(in_time, "consultation", 3, by=cast.worker, values=CONSULTATION)
        a_record(late, "consultation", 30, by=cast.worker, values=CONSULTATION)
        assert numbers(measured("self-neglect.same-day-consultation", cast)) == (1, 3)

    def test_what_is_due_today_is_not_late_yet(self, cast: Cast) -> None:
        at_threshold(cast)
        over = queries.reading(
            queries.measure_of("self-neglect.same-day-consultation", cast.provider.pk, hours(4)),  # type: ignore[arg-type]
            Place(cast.provider.pk),
            queries.periods(queries.Length.MONTH, *MARCH),
            hours(4),
        )
        assert (over.reads[0].count, over.reads[0].out_of, over.reads[0].waiting) == (None, 0, 1)
        assert numbers(measured("self-neglect.same-day-consultation", cast, hours(40))) == (0, 1)

    def test_time_from_the_decision_to_the_referral_with_the_one_still_open(self, cast: Cast) -> None:
        refer = {**CONSULTATION, "decision": "refer"}
        for person, sent in (("P-1", 5), ("P-2", 9), ("P-3", None)):
            case = at_threshold(cast, person)
            a_record(case, "consultation", 3, by=cast.worker, values=refer)
            if sent is not None:
                a_record(case, "referral", sent, by=cast.worker, values=SENT)
        found = measured("self-neglect.threshold-to-referral", cast)
        assert numbers(found) == (6.0, 3)  # 2 hours, 6 hours, and one still open: half were met by 6

    def test_a_consultation_with_a_part_missing_is_not_complete_though_it_is_mended(self, cast: Cast) -> None:
        whole, short = at_threshold(cast), at_threshold(cast, "P-2")
        a_record(whole, "consultation", 3, by=cast.worker, values=CONSULTATION)
        without = {name: value for name, value in CONSULTATION.items() if name != "wishes"}
        record = a_record(short, "consultation", 3, by=cast.worker, values=without)
        correct_record(
            by=cast.worker, at=hours(4), record=record, happened_at=hours(3), values=CONSULTATION, reason="Asked now.",
            submission_key="mended",
        )  # fmt: skip
        assert numbers(measured("self-neglect.consultation-complete", cast)) == (1, 2)

    def test_a_consultation_that_did_not_happen_counts_for_nothing(self, cast: Cast) -> None:
        case = at_threshold(cast)
        record = a_record(case, "consultation", 3, by=cast.worker, values=CONSULTATION)
        assert numbers(measured("self-neglect.consultation-complete", cast)) == (1, 1)
        correct_record(
            by=cast.worker, at=hours(4), record=record, happened_at=hours(3), values={}, reason="The wrong person.",
            submission_key="gone", withdrawn=True,
        )  # fmt: skip
        assert numbers(measured("self-neglect.consultation-complete", cast)) == (None, 0)

    @pytest.mark.parametrize(("days", "again"), [(10, 1), (89, 1), (91, 0)])
    def test_at_the_threshold_again(self, cast: Cast, days: int, again: int) -> None:
        case = at_threshold(cast)
        a_record(case, "consultation", 3, by=cast.worker, values=CONSULTATION)
        back = 24 * days
        a_record(case, "checklist", back, by=cast.worker, present=ONE)
        a_record(case, "checklist", back + 1, by=cast.worker, present=TWO)
        at_threshold(cast, "P-2", back + 1)  # somebody else, for the first time
        on = hours(back + 1).date()
        found = measured("self-neglect.repeat-threshold", cast, hours(back + 50), days=(on, on))
        assert numbers(found) == (again, 2)

    def test_an_incident_is_unmanaged_when_nobody_was_consulted_before(self, cast: Cast) -> None:
        managed = at_threshold(cast, "P-1")
        a_record(managed, "consultation", 3, by=cast.worker, values=CONSULTATION)
        at_threshold(cast, "P-2")  # at the threshold, and nothing was done
        for person in ("P-1", "P-2", "P-3"):
            an_incident(
                by=cast.worker, team=cast.north, at=hours(24), person_reference=person, themes=("self-neglect",)
            )
        an_incident(by=cast.worker, team=cast.north, at=hours(24), person_reference="P-4", themes=("exploitation",))
        assert numbers(measured("self-neglect.unmanaged", cast)) == (2, 3)
        april = (date(2026, 4, 1), date(2026, 4, 30))
        assert numbers(measured("self-neglect.unmanaged", cast, days=april)) == (None, 0)


def second_missed(cast: Cast, person: str, happened: float = 0) -> PathwayCase:
    case = a_case(cast, "lost-contact", person=person, at=hours(happened))
    a_record(case, "missed-contact", happened + 1, by=cast.worker, what="no-reply")
    a_record(case, "missed-contact", happened + 5, by=cast.worker, what="not-at-home")
    return case


@pytest.mark.requirement("R25")
class TestLostContact:
    def test_completeness_of_the_escalation_note(self, cast: Cast) -> None:
        note = {**NOTE, "next-review": hours(40)}
        a_record(second_missed(cast, "P-1"), "escalation-note", 6, by=cast.worker, values=note)
        missing = {name: value for name, value in note.items() if name != "partner-contacts"}
        a_record(second_missed(cast, "P-2"), "escalation-note", 6, by=cast.worker, values=missing)
        assert numbers(measured("lost-contact.note-complete", cast)) == (1, 2)

    def test_time_from_the_second_missed_contact_to_the_escalation(self, cast: Cast) -> None:
        note = {**NOTE, "next-review": hours(400)}
        for person, written in (("P-1", 5.5), ("P-2", 7), ("P-3", 9)):
            a_record(second_missed(cast, person), "escalation-note", written, by=cast.worker, values=note)
        assert numbers(measured("lost-contact.second-missed-to-escalation", cast)) == (2.0, 3)

    def test_a_note_that_is_not_complete_leaves_the_escalation_open(self, cast: Cast) -> None:
        without = {name: value for name, value in NOTE.items() if name not in {"told", "next-review"}}
        a_record(second_missed(cast, "P-1"), "escalation-note", 6, by=cast.worker, values=without)
        assert numbers(measured("lost-contact.second-missed-to-escalation", cast)) == (None, 1)
        assert numbers(measured("lost-contact.escalated-in-time", cast)) == (0, 1)

    def test_late_again_for_the_days_that_cases_are_open(self, cast: Cast) -> None:
        note = {**NOTE, "next-review": hours(400)}
        back = second_missed(cast, "P-1")
        a_record(back, "escalation-note", 30, by=cast.worker, values=note)  # hours late
        for happened in (241, 245):
            a_record(back, "missed-contact", happened, by=cast.worker, what="no-reply")
        second_missed(cast, "P-2", 24 * 10)  # late as well, for the first time
        found = measured("lost-contact.tell-leadership.late-again-rate", cast)
        end = datetime(2026, 3, 31, 23, 0, tzinfo=UTC)  # of March, in London
        open_days = ((end - NOW) + (end - hours(24 * 10))) / timedelta(days=1)
        assert numbers(measured("lost-contact.escalated-in-time", cast)) == (0, 3)
        assert numbers(found) == (1, pytest.approx(open_days / 1000))


@pytest.mark.requirement("R31")
class TestExploitation:
    def test_first_indicator_to_the_first_decision_on_sharing(self, cast: Cast) -> None:
        for person in ("P-1", "P-2"):
            a_record(a_case(cast, "exploitation", person=person), "checklist", 1, by=cast.worker, present=["coercion"])
        found = measured("exploitation.indicator-to-partner", cast)
        assert numbers(found) == (None, 2)  # neither was decided: both count, and there is no median
        assert numbers(measured("exploitation.decide-on-sharing.in-time", cast)) == (0, 2)

    def test_a_decision_shared_with_partners(self, cast: Cast) -> None:
        used(cast, "exploitation")
        whole, short = (a_case(cast, "exploitation", person=person) for person in ("P-1", "P-2"))
        for case in (whole, short):
            a_record(case, "checklist", 1, by=cast.worker, present=["coercion"])
        missing = {name: value for name, value in REVIEW.items() if name not in {"decision", "attended"}}
        a_record(short, "risk-review", 5, by=cast.duty_manager, values=missing)
        assert numbers(measured("exploitation.shared-decision", cast)) == (0, 1)
        assert numbers(measured("exploitation.reviews-in-time", cast)) == (0, 2)

    def test_indicators_again_in_the_cohort(self, cast: Cast) -> None:
        case = a_case(cast, "exploitation")
        summary = {"known": "The lock was broken.", "wishes": "To be left alone."}
        a_record(case, "checklist", 1, by=cast.worker, present=["coercion"])
        a_record(case, "shared-risk-summary", 5, by=cast.worker, values=summary)  # no partner: it does not count yet
        a_record(case, "checklist", 50, by=cast.worker, present=[])
        a_record(case, "checklist", 60, by=cast.worker, present=["substance-use"])
        found = measured("exploitation.repeat-indicators", cast)
        owed = Obligation.objects.filter(standard="exploitation.share-what-is-known")
        assert found.out_of == owed.count()


@pytest.mark.requirement("R32")
class TestTheLoop:
    def test_the_steps_are_read_from_the_obligations_that_the_stages_open(self) -> None:
        assert [kind for _, kind, _, _ in LOOP] == [TRIAGE, COMPLETE, ANSWER, PROOF]
        assert OWED == KIND

    def test_an_incident_never_triaged_counts_as_open(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=NOW)
        assert numbers(measured("loop.triage.time", cast)) == (None, 1)
        assert numbers(measured("loop.triage.in-time", cast)) == (0, 1)

    def test_a_withdrawn_incident_leaves_no_lateness_behind(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW)
        assert numbers(measured("incidents.all", cast)) == (1, None)
        withdraw_incident(by=cast.lead, at=hours(500), incident=incident, reason="Reported twice.")
        assert numbers(measured("loop.triage.in-time", cast)) == (None, 0)
        assert numbers(measured("incidents.all", cast)) == (0, None)
        assert numbers(measured("incidents.all", cast, hours(499))) == (1, None)  # as it was known then

    def test_the_worse_harm_counts_once(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=NOW, physical_harm="low", psychological_harm="severe")
        found = {level: measured(f"incidents.harm.{level}", cast).count for level in range(5)}
        assert found == {0: 0, 1: 0, 2: 0, 3: 1, 4: 0}

    def test_of_two_themes_it_counts_under_each(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=NOW, themes=("self-neglect", "exploitation"))
        used(cast)
        assert [measured(f"incidents.theme.{one}", cast).count for one in ("self-neglect", "exploitation")] == [1, 1]
        assert measured("incidents.all", cast).count == 1

    def test_reporting_counts_when_it_was_written_down(self, cast: Cast) -> None:
        long_ago = NOW - timedelta(days=50)
        an_incident(by=cast.worker, team=cast.north, at=NOW, occurred_at=long_ago)
        january = (date(2026, 1, 1), date(2026, 1, 31))
        assert measured("incidents.reporting", cast).count == 1
        assert measured("incidents.reporting", cast, days=january).count == 0
        assert measured("incidents.all", cast).count == 0
        assert measured("incidents.all", cast, days=january).count == 1


@pytest.mark.requirement("R37")
class TestAudits:
    def test_compliance_is_what_the_results_say(self, cast: Cast) -> None:
        population = a_draw(cast)
        result = read_all(population, by=cast.lead, failing=1)
        assert result is not None
        end = population.period_to
        days, later = (end, end), result.decided_at + timedelta(hours=1)
        assert numbers(measured("audits.compliance", cast, later, days=days)) == (result.read - 1, result.read)
        before, after = end - timedelta(days=1), end + timedelta(days=1)
        assert numbers(measured("audits.compliance", cast, later, days=(before, before))) == (None, 0)
        assert numbers(measured("audits.compliance", cast, later, days=(after, after))) == (None, 0)
        known = result.decided_at - timedelta(hours=1)
        assert numbers(measured("audits.compliance", cast, known, days=days)) == (None, 0)

    @pytest.fixture
    def of_two_teams(self, cast: Cast) -> AuditResult:
        """Four records of North team and three of South team, all read; the first two of South fail."""
        south = [one.pk for one in consultations(cast, 3, team=cast.south)]
        population = a_draw(cast, records=4, numbers={"expected": 50, "half_width": 1})
        failing = set(south[:2])
        for sample in population.samples.order_by("rank"):
            read(sample, by=cast.lead, answers={"q1": "no"} if sample.record_id in failing else None)
        return AuditResult.objects.get()

    def places(self, cast: Cast) -> dict[str, Place]:
        return {
            "provider": Place(cast.provider.pk),
            "riverside": Place(cast.provider.pk, cast.riverside.pk),
            "harbour": Place(cast.provider.pk, cast.harbour.pk),
            "north": cast.north.place,
            "south": cast.south.place,
            "east": cast.east.place,
        }

    ADDING_UP = {
        "provider": (5, 7), "riverside": (5, 7), "harbour": (None, 0),
        "north": (4, 4), "south": (1, 3), "east": (None, 0),
    }  # fmt: skip

    def test_each_record_counts_in_the_team_it_was_kept_in(self, cast: Cast, of_two_teams: AuditResult) -> None:
        days = (of_two_teams.population.period_to,) * 2
        later = of_two_teams.decided_at + timedelta(hours=1)
        found = {
            name: numbers(measured("audits.compliance", cast, later, place, days))
            for name, place in self.places(cast).items()
        }
        assert found == self.ADDING_UP

    def test_a_result_from_before_teams_were_kept_is_counted_from_its_records(
        self, cast: Cast, of_two_teams: AuditResult
    ) -> None:
        old = AuditResult(population=of_two_teams.population, numbers={})
        assert read_in_teams(old) == read_in_teams(of_two_teams) == {cast.north.pk: (4, 4), cast.south.pk: (1, 3)}

    def test_services_and_teams_beside_each_other_say_the_same(self, cast: Cast, of_two_teams: AuditResult) -> None:
        later = of_two_teams.decided_at + timedelta(hours=1)
        over = (queries.between(of_two_teams.population.period_to, of_two_teams.population.period_to),)
        defined = queries.measure_of("audits.compliance", cast.provider.pk, later)
        assert defined is not None
        for each, parts in {
            queries.Each.SERVICE: {"riverside": cast.riverside.pk, "harbour": cast.harbour.pk},
            queries.Each.TEAM: {"north": cast.north.pk, "south": cast.south.pk, "east": cast.east.pk},
        }.items():
            where = queries.where_of(Place(cast.provider.pk), over, later, each)
            found = queries.read([defined], where, {pk: (pk,) for pk in parts.values()})[defined.key]
            assert {name: (found[pk][0].count, found[pk][0].out_of) for name, pk in parts.items()} == {
                name: self.ADDING_UP[name] for name in parts
            }

    def test_a_record_that_cannot_be_audited_counts_nowhere(self, cast: Cast) -> None:
        population = a_draw(cast, records=3, numbers={"expected": 50, "half_width": 1})
        first, *others = population.samples.order_by("rank")
        read(first, by=cast.lead, why_not="A page is missing.")
        for sample in others:
            read(sample, by=cast.lead)
        days, later = (population.period_to,) * 2, READ_AT + timedelta(hours=1)
        assert numbers(measured("audits.compliance", cast, later, cast.north.place, days)) == (2, 2)

    def test_the_rows_behind_the_number_of_a_team_say_what_was_read_there(
        self, cast: Cast, of_two_teams: AuditResult
    ) -> None:
        later = of_two_teams.decided_at
        defined = queries.measure_of("audits.compliance", cast.provider.pk, later)
        assert defined is not None
        over = (queries.between(of_two_teams.population.period_to, of_two_teams.population.period_to),)
        said = {
            name: [row.counts_as for row in rows_behind(defined, queries.where_of(place, over, later), cast.lead).rows]
            for name, place in self.places(cast).items()
        }
        assert said["south"] == ["1 of 3 meet the standard"]
        assert said["north"] == ["4 of 4 meet the standard"]
        assert said["riverside"] == said["provider"] == ["5 of 7 meet the standard"]
        assert said["east"] == said["harbour"] == []

    def test_the_rows_behind_it_are_the_audits_one_may_open(self, cast: Cast) -> None:
        population = a_draw(cast)
        result = read_all(population, by=cast.lead, failing=1)
        assert result is not None
        defined = queries.measure_of("audits.compliance", cast.provider.pk, result.decided_at)
        assert defined is not None
        over = (queries.between(population.period_to, population.period_to),)
        where = queries.where_of(Place(cast.provider.pk), over, result.decided_at)
        (row,) = rows_behind(defined, where, cast.lead).rows
        assert (row.audit_id, row.counts_as) == (population.pk, f"{result.met} of {result.read} meet the standard")
        found = rows_behind(defined, where, cast.worker_elsewhere)
        assert (found.rows, found.kept_back) == ([], 1)
