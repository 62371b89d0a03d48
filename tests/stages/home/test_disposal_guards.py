"""Nothing goes that may not: not by a call of the operation, not by a statement, not by an approval that is stale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from saferpractice.access.decisions import decided
from saferpractice.home.models import (
    DisposalCertificate,
    DisposalDecision,
    DisposalPermit,
    DisposalProposal,
    DisposalStop,
    NeverKept,
    ProposedIncident,
)
from saferpractice.home.operations import decide_disposal, dispose, propose_disposal
from saferpractice.home.operations.disposing import GONE
from saferpractice.home.queries.disposal import rows_of, together, why_not
from saferpractice.home.rules.belonging import GOES
from saferpractice.incidents.models import HarmGrading, Incident
from saferpractice.incidents.operations import decide_restriction, grade_harm
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.trail.rules import Process
from tests.factories.changes import a_finding, a_live_change
from tests.factories.disposal import DUE, REASON, WORKER, approved, disposed, done, proposed
from tests.factories.held import released
from tests.factories.pathways import a_case
from tests.factories.retention import a_finished_incident, a_hold, at_rest
from tests.factories.reviews import a_review, completed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return a_finished_incident(cast)


def there(incident: Incident) -> bool:
    return Incident.objects.filter(pk=incident.pk).exists()


class TestTwoPeople:
    def test_who_proposed_cannot_approve(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        with pytest.raises(Refused, match="somebody else approves"):
            decide_disposal(by=cast.lead, at=DUE, proposal=proposal, approved=True, reason=REASON)
        with pytest.raises(Refused, match="Two people"):
            done(proposal)
        assert there(incident)

    def test_a_row_that_says_they_did_opens_nothing(self, cast: Cast, incident: Incident) -> None:
        """Written past the operation."""
        proposal = proposed(incident, cast.lead)
        DisposalDecision.objects.create(proposal=proposal, approved=True, reason="x", **decided(cast.lead, DUE))
        with pytest.raises(Refused, match="Two people"):
            done(proposal)
        assert there(incident)

    def test_who_proposed_may_take_it_back_and_it_is_kept(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        decide_disposal(by=cast.lead, at=DUE, proposal=proposal, approved=False, reason="Asked for again.")
        with pytest.raises(Refused, match="Two people"):
            done(proposal)
        assert there(incident)
        assert proposed(incident, cast.director), "and it may be proposed anew"

    def test_one_that_was_refused_stays_refused(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        decide_disposal(by=cast.director, at=DUE, proposal=proposal, approved=False, reason="Still needed.")
        with pytest.raises(Refused, match="already"):
            decide_disposal(by=cast.quality_lead, at=DUE, proposal=proposal, approved=True, reason=REASON)
        with pytest.raises(Refused, match="Two people"):
            done(proposal)

    @pytest.mark.parametrize(
        "name", ["worker", "duty_manager", "reviewer", "administrator", "commissioner", "stranger"]
    )
    def test_others_neither_propose_nor_decide(self, cast: Cast, incident: Incident, name: str) -> None:
        somebody = cast.people()[name]
        with pytest.raises(Refused):
            proposed(incident, somebody)
        proposal = proposed(incident, cast.lead)
        for yes in (True, False):
            with pytest.raises(Refused):
                decide_disposal(by=somebody, at=DUE, proposal=proposal, approved=yes, reason=REASON)

    def test_no_process_proposes_or_decides_and_no_person_disposes(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Refused, match="People decide"):
            propose_disposal(by=WORKER, at=DUE, incident=incident, reason=REASON, submission_key="x")
        proposal = proposed(incident, cast.lead)
        with pytest.raises(Refused, match="People decide"):
            decide_disposal(by=Process("import"), at=DUE, proposal=proposal, approved=True, reason=REASON)
        decide_disposal(by=cast.director, at=DUE, proposal=proposal, approved=True, reason=REASON)
        with pytest.raises(Refused, match="The worker disposes"):
            dispose(by=cast.director, at=DUE, proposal=proposal)
        assert there(incident)

    def test_a_reason_is_asked_of_both(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid):
            proposed(incident, cast.lead, reason="  ")
        with pytest.raises(Invalid):
            decide_disposal(by=cast.director, at=DUE, proposal=proposed(incident, cast.lead), approved=True, reason="")

    def test_nobody_disposes_of_what_they_may_not_read(self, cast: Cast, incident: Incident) -> None:
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="Named people only.")
        with pytest.raises(Refused):
            proposed(incident, cast.director)
        proposal = proposed(incident, cast.lead)
        with pytest.raises(Refused, match="may not read"):
            decide_disposal(by=cast.director, at=DUE, proposal=proposal, approved=True, reason=REASON)


class TestSentTwice:
    def test_a_proposal_is_one(self, cast: Cast, incident: Incident) -> None:
        first = proposed(incident, cast.lead, key="k")
        assert proposed(incident, cast.lead, key="k") == first
        with pytest.raises(SentBefore):
            proposed(incident, cast.lead, key="k", reason="Another reason.")
        with pytest.raises(Refused, match="proposed already"):
            proposed(incident, cast.director)

    def test_a_decision_is_one(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        answers: dict[str, Any] = {"by": cast.director, "at": DUE, "proposal": proposal, "reason": REASON}
        first = decide_disposal(approved=True, **answers)
        assert decide_disposal(approved=True, **answers) == first
        with pytest.raises(Refused, match="already"):
            decide_disposal(approved=False, **answers)

    def test_a_disposal_is_one(self, cast: Cast, incident: Incident) -> None:
        proposal = approved(incident, cast)
        first = done(proposal)
        before = TrailEntry.objects.count()
        assert done(proposal) == first
        assert (TrailEntry.objects.count(), DisposalCertificate.objects.count()) == (before, 1)


def person_of(incident: Incident) -> UUID:
    assert incident.person_supported_id is not None
    return incident.person_supported_id


KEEPS: dict[str, Callable[[Cast, Incident], Any]] = {
    "a hold on it": lambda cast, one: a_hold(by=cast.lead, incident=one, at=DUE),
    "a hold on everything": lambda cast, one: a_hold(by=cast.lead, at=DUE),
    "a hold on the person": lambda cast, one: a_hold(by=cast.lead, at=DUE, person_supported=one.person_supported),
    "a review opened again": lambda cast, one: a_review(cast, "B", incident=one, at=DUE),
    "a case opened from it": lambda cast, one: a_case(cast, incident=one, by=cast.lead, at=DUE),
    "a graver grading": lambda cast, one: grade_harm(
        by=cast.lead, at=DUE, incident=one, physical_harm="severe", psychological_harm="low", reason="Told since."
    ),
    "an answer to the person": lambda cast, one: released(person_of(one), by=cast.lead, at=DUE),
}


@pytest.mark.parametrize("what", KEEPS)
class TestWhatCameSince:
    def test_between_approval_and_disposal_it_stops_it_and_says_so(
        self, cast: Cast, incident: Incident, what: str
    ) -> None:
        proposal = approved(incident, cast)
        KEEPS[what](cast, incident)
        stop = done(proposal, at=DUE + timedelta(minutes=1))
        assert isinstance(stop, DisposalStop)
        assert stop.why
        assert there(incident)
        assert not DisposalCertificate.objects.exists()
        assert "something keeps it" in TrailEntry.objects.latest("sequence").sentence
        assert done(proposal, at=DUE + timedelta(days=9000)) == stop, "and an old approval never counts again"
        assert there(incident)

    def test_before_approval_or_proposal_nobody_gets_so_far(self, cast: Cast, incident: Incident, what: str) -> None:
        proposal = proposed(incident, cast.lead)
        KEEPS[what](cast, incident)
        later = DUE + timedelta(minutes=1)
        with pytest.raises(Refused, match="It is kept"):
            decide_disposal(by=cast.director, at=later, proposal=proposal, approved=True, reason=REASON)
        decide_disposal(by=cast.director, at=later, proposal=proposal, approved=False, reason="Needed.")
        with pytest.raises(Refused, match="It is kept"):
            proposed(incident, cast.lead, at=later)


class TestWhatIsNotDue:
    def test_goes_by_no_call(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Refused, match="is not over"):
            proposed(incident, cast.lead, at=NOW + timedelta(days=1))
        early = DisposalProposal.objects.create(
            provider=cast.provider, reason="x", submission_key="raw", **decided(cast.lead, NOW)
        )
        ProposedIncident.objects.create(
            proposal=early, incident_id=incident.pk, reference=incident.reference, team=incident.team, code="incident",
            years=10, kept_until=NOW.date(), counted_on=NOW.date(),
        )  # fmt: skip
        DisposalDecision.objects.create(proposal=early, approved=True, reason="x", **decided(cast.director, NOW))
        stop = done(early, at=NOW + timedelta(days=1))
        assert isinstance(stop, DisposalStop)
        assert stop.why == [f"The time of {incident.reference} is not over"]
        assert there(incident)

    def test_nor_does_what_is_gone_already(self, cast: Cast, incident: Incident) -> None:
        disposed(incident, cast)
        again = DisposalProposal.objects.create(
            provider=cast.provider, reason="x", submission_key="raw", **decided(cast.lead, DUE)
        )
        ProposedIncident.objects.create(
            proposal=again, incident_id=incident.pk, reference=incident.reference, team_id=incident.team_id,
            code="incident", years=10, kept_until=NOW.date(), counted_on=NOW.date(),
        )  # fmt: skip
        DisposalDecision.objects.create(proposal=again, approved=True, reason="x", **decided(cast.director, DUE))
        stop = done(again)
        assert isinstance(stop, DisposalStop)
        assert stop.why == [GONE]


class TestWhatIsShared:
    def test_a_change_keeps_both_until_both_are_over_and_then_they_go_together(self, cast: Cast) -> None:
        reviews = [a_review(cast, "B", person_reference=f"P-{n}") for n in range(2)]
        findings = [a_finding(cast, review=review) for review in reviews]
        for review in reviews:
            completed(review, cast)
        change = a_live_change(cast, findings=findings)
        first, second = (review.incident for review in reviews)
        at_rest(first, second)
        assert {one.pk for one in together(first)} == {first.pk, second.pk}
        alone = rows_of([first])
        assert change.pk in alone["changes_operationalchange"]
        assert any("answers another incident too" in why for why in why_not([first], alone, DUE))
        both = why_not([first, second], rows_of([first, second]), DUE)
        assert not any("answers another incident too" in why for why in both)


class TestTheDatabase:
    """Against statements that no operation makes."""

    def refused(self, statement: str, *values: Any) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)

    def test_lets_no_row_go_without_a_permit(self, cast: Cast, incident: Incident) -> None:
        approved(incident, cast)
        for table in ("incidents_harmgrading", "reviews_review", "reviews_reviewdocument", "incidents_incident"):
            self.refused(f"DELETE FROM {table}")

    def permit(self, proposal: DisposalProposal, table: str, key: Any) -> None:
        text = key.hex if connection.vendor == "sqlite" else str(key)
        DisposalPermit.objects.create(proposal=proposal, table_name=table, row_id=text, until_the_end_id=uuid4())

    def test_lets_no_permit_in_without_two_people(self, cast: Cast, incident: Incident) -> None:
        proposal = proposed(incident, cast.lead)
        with pytest.raises(DatabaseError), transaction.atomic():
            self.permit(proposal, "incidents_incident", incident.pk)
        DisposalDecision.objects.create(proposal=proposal, approved=True, reason="x", **decided(cast.lead, DUE))
        with pytest.raises(DatabaseError), transaction.atomic():
            self.permit(proposal, "incidents_incident", incident.pk)

    def test_nor_for_what_was_refused_stopped_or_done(self, cast: Cast, incident: Incident) -> None:
        refused = proposed(incident, cast.lead)
        decide_disposal(by=cast.director, at=DUE, proposal=refused, approved=False, reason="No.")
        stopped = approved(incident, cast)
        DisposalStop.objects.create(proposal=stopped, why=["x"], **decided(WORKER, DUE))
        finished = approved(incident, cast)
        done(finished)
        for proposal in (refused, stopped, finished):
            with pytest.raises(DatabaseError), transaction.atomic():
                self.permit(proposal, "incidents_incident", incident.pk)

    def test_lets_a_permit_open_its_own_row_and_no_other_incident(self, cast: Cast, incident: Incident) -> None:
        other = a_finished_incident(cast, person_reference="P-9")
        proposal = approved(incident, cast)
        theirs, mine = HarmGrading.objects.get(incident=other), HarmGrading.objects.get(incident=incident)
        with transaction.atomic():
            for row in (theirs, mine):
                self.permit(proposal, "incidents_harmgrading", row.pk)
            self.permit(proposal, "incidents_incident", other.pk)
            for statement, key in (
                ("DELETE FROM incidents_harmgrading WHERE incident_id = %s", other.pk),
                ("DELETE FROM incidents_incident WHERE id = %s", other.pk),
                ("DELETE FROM incidents_incident WHERE id = %s", incident.pk),
            ):
                self.refused(statement, key.hex if connection.vendor == "sqlite" else key)
            HarmGrading.objects.filter(pk=mine.pk)._raw_delete("default")
            DisposalPermit.objects.all()._raw_delete("default")
        assert HarmGrading.objects.filter(pk=theirs.pk).exists()

    def test_lets_an_entry_be_emptied_whole_and_not_changed(self, cast: Cast, incident: Incident) -> None:
        proposal = approved(incident, cast)
        entry = TrailEntry.objects.filter(story_id=incident.pk).earliest("sequence")
        with transaction.atomic():
            self.permit(proposal, "trail_trailentry", entry.pk)
            mine = TrailEntry.objects.filter(pk=entry.pk)
            for change in (
                {"sentence": ""},
                {"sentence": "did something else", "facts": {}, "salt": ""},
                {"sentence": "", "facts": {}, "salt": "", "by_name": "Somebody"},
            ):
                with pytest.raises(DatabaseError), transaction.atomic():
                    mine.update(**change)
            mine.update(sentence="", facts={}, salt="")
            DisposalPermit.objects.all()._raw_delete("default")
        with pytest.raises(DatabaseError), transaction.atomic():
            TrailEntry.objects.exclude(sentence="").update(sentence="", facts={}, salt="")

    def test_holds_never_a_row_for_permits_to_point_at(self, cast: Cast) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            NeverKept.objects.create()

    def test_guards_every_table_as_it_is_decided(self, cast: Cast) -> None:
        """A table that goes asks for a permit, one that stays refuses always."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT c.relname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                    "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname LIKE '%_no_delete'"
                )
            else:
                cursor.execute(
                    "SELECT tbl_name, sql FROM sqlite_master WHERE type='trigger' AND name LIKE '%_no_delete'"
                )
            guards = dict(cursor.fetchall())
        assert len(guards) > 150
        asks = {table for table, words in guards.items() if "home_disposalpermit" in words}
        assert asks == set(guards) & set(GOES)
