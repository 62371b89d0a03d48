"""How close somebody is to an incident, as the records know it: then and now (R9 to R11)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from saferpractice.access.models import Person, Team
from saferpractice.access.operations import assign_role, create_person, end_role, set_active
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.reviews.models import Review, ReviewCompletion
from saferpractice.reviews.operations import (
    OVERSIGHT,
    assign_reviewer,
    complete_review,
    record_involved,
    sign_off_oversight,
)
from saferpractice.reviews.queries import closeness, people_to_ask, reviewer_of
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.incidents import an_incident
from tests.factories.reviews import INDEPENDENT, a_review, a_threshold_decision, supply_all, unstaffed
from tests.personas import LONG_AGO, NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R9", "R10", "R11")]

BEFORE, LATER = NOW - timedelta(days=30), NOW + timedelta(days=30)
DESPITE = "Nobody else in the provider knows this method."


def again(person: Person) -> Person:
    """The person read afresh, with the roles as they are now."""
    return Person.objects.get(pk=person.pk)


def ends(person: Person, at: datetime) -> Person:
    """The role of ``person`` ends at ``at``."""
    end_role(by=SET_UP, at=at, assignment=person.role_assignments.get())
    return again(person)


def begins(person: Person, role: Role, team: Team, at: datetime) -> Person:
    assign_role(by=SET_UP, at=at, person=person, role=role, place=team.place)
    return again(person)


def manages(person: Person, incident: Incident, at: datetime = LATER) -> bool:
    return closeness(person=person, incident=Incident.objects.get(pk=incident.pk), at=at).manages_reporter


class TestWhoManagedTheReporter:
    """The reporter works in North team; what counts is who managed it when it was reported, or manages it now."""

    def test_whoever_manages_them_then_and_now(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        found = {who for who, person in cast.people().items() if manages(person, incident)}
        assert found == {"supervisor", "duty_manager"}

    @pytest.mark.parametrize(("ended", "tied"), [(BEFORE, False), (NOW + timedelta(days=1), True)])
    def test_a_manager_who_stopped(self, cast: Cast, ended: datetime, tied: bool) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert manages(ends(cast.supervisor, ended), incident) is tied

    def test_a_manager_who_began_since(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        began = begins(cast.colleague, Role.SUPERVISOR, cast.north, NOW + timedelta(days=1))
        assert not closeness(person=began, incident=incident, at=NOW).manages_reporter
        assert manages(began, incident)

    def test_a_reporter_who_moved_is_tied_to_both_managers(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        moved = ends(cast.worker, NOW + timedelta(days=1))
        begins(moved, Role.SUPPORT_WORKER, cast.east, NOW + timedelta(days=2))
        assert manages(cast.supervisor, incident)
        assert manages(cast.duty_manager_elsewhere, incident)

    def test_a_reporter_who_left_leaves_the_tie(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        ends(cast.worker, NOW + timedelta(days=1))
        set_active(by=cast.administrator, at=NOW + timedelta(days=1), person=again(cast.worker), active=False)
        assert manages(cast.supervisor, incident)

    def test_managing_another_team_of_the_service_is_none(self, cast: Cast) -> None:
        south = create_person(by=SET_UP, at=LONG_AGO, provider=cast.provider, name="Asa Reed", email="a@example.org")
        south = begins(south, Role.SUPERVISOR, cast.south, LONG_AGO)
        assert not manages(south, an_incident(by=cast.worker, team=cast.north))

    def test_a_reporter_who_works_everywhere_is_managed_by_nobody(self, cast: Cast) -> None:
        incident = an_incident(by=cast.lead, team=cast.north)
        assert not any(manages(person, incident) for person in cast.people().values())

    def test_nobody_manages_themselves(self, cast: Cast) -> None:
        assert not manages(cast.supervisor, an_incident(by=cast.supervisor, team=cast.north))

    @pytest.mark.parametrize("ended", [BEFORE, NOW + timedelta(days=1)])
    def test_without_a_name_the_team_of_the_incident_stands_for_it_then_and_now(
        self, cast: Cast, ended: datetime
    ) -> None:
        incident = an_incident(by=cast.worker_elsewhere, team=cast.north, name_withheld=True)
        assert manages(ends(cast.supervisor, ended), incident) is (ended > NOW)
        assert not manages(cast.duty_manager_elsewhere, incident), "that would point at the reporter"


class TestWhoManagesSomebodyInvolved:
    def involve(self, cast: Cast, person: Person, involved: bool = True) -> Incident:
        incident = an_incident(by=cast.lead, team=cast.north)
        record_involved(by=cast.lead, at=NOW, incident=incident, person=person, how="Was on shift")
        if not involved:
            record_involved(by=cast.lead, at=NOW, incident=incident, person=person, how="Was on leave", involved=False)
        return incident

    def test_is_warned_about_and_may_go_on_with_the_reason(self, cast: Cast) -> None:
        review = unstaffed(cast)
        record_involved(
            by=cast.lead, at=NOW, incident=review.incident, person=cast.worker_elsewhere, how="Took the call that night"
        )
        given = {"by": cast.lead, "at": LATER, "review": review, "independence": INDEPENDENT}
        with pytest.raises(Invalid, match="Dinah Frost manages or supervises somebody who was involved"):
            assign_reviewer(person=cast.duty_manager_elsewhere, **given)  # type: ignore[arg-type]
        asked = assign_reviewer(person=cast.duty_manager_elsewhere, despite=DESPITE, **given)  # type: ignore[arg-type]
        assert asked.warnings == ["Dinah Frost manages or supervises somebody who was involved."]
        assert asked.despite == DESPITE

    @pytest.mark.parametrize(("involved", "tied"), [(True, True), (False, False)])
    def test_only_while_they_stand_as_involved(self, cast: Cast, involved: bool, tied: bool) -> None:
        incident = self.involve(cast, cast.worker_elsewhere, involved)
        close = closeness(person=cast.duty_manager_elsewhere, incident=incident, at=LATER)
        assert close.manages_involved is tied

    def test_the_involved_themselves_are_involved_and_no_more(self, cast: Cast) -> None:
        close = closeness(person=cast.supervisor, incident=self.involve(cast, cast.supervisor), at=LATER)
        assert (close.involved, close.manages_involved) == (True, False)

    def test_somebody_from_elsewhere_is_free(self, cast: Cast) -> None:
        incident = self.involve(cast, cast.worker)
        assert not closeness(person=cast.duty_manager_elsewhere, incident=incident, at=LATER).manages_involved
        assert closeness(person=cast.duty_manager, incident=incident, at=LATER).manages_involved


class TestTheReviewerAfterwards:
    def ready(self, cast: Cast) -> Review:
        review = a_review(cast)
        supply_all(review, cast)
        return review

    def complete(self, review: Review, by: Person) -> ReviewCompletion:
        return complete_review(by=by, at=LATER, review=review, summary="Cover ended too early.")

    def test_one_who_left_the_provider_writes_no_more_and_another_takes_over(self, cast: Cast) -> None:
        review = self.ready(cast)
        set_active(by=cast.administrator, at=NOW, person=cast.reviewer, active=False)
        with pytest.raises(Refused):
            self.complete(review, again(cast.reviewer))
        assign_reviewer(
            by=cast.lead, at=LATER, review=review, person=cast.duty_manager_elsewhere, independence=INDEPENDENT
        )
        assert self.complete(review, cast.duty_manager_elsewhere)

    def test_kept_from_it_since(self, cast: Cast) -> None:
        review = self.ready(cast)
        keep_from(by=cast.lead, at=NOW, incident=review.incident, person=cast.reviewer, because=KeptFromReason.RELATIVE)
        with pytest.raises(Refused, match="no such incident"):
            self.complete(review, cast.reviewer)

    def test_somebody_whose_role_ended_is_not_asked_any_more(self, cast: Cast) -> None:
        review = unstaffed(cast)
        gone = ends(cast.reviewer, NOW)
        assert gone.pk not in {one.pk for one in people_to_ask(incident=review.incident, at=LATER)}
        with pytest.raises(Invalid, match="carries out reviews"):
            assign_reviewer(by=cast.lead, at=LATER, review=review, person=gone, independence=INDEPENDENT)
        assert reviewer_of(review) is None


@pytest.mark.requirement("R11")
class TestWhoSigns:
    WORDS = "I read every document, put three questions, and they were answered."

    def ready(self, cast: Cast) -> Review:
        review = a_review(cast, "C")
        supply_all(review, cast, but="oversight-sign-off")
        return review

    def sign(self, by: Person, review: Review, at: datetime = LATER) -> object:
        return sign_off_oversight(by=by, at=at, review=review, accepted=True, words=self.WORDS)

    @pytest.mark.parametrize("who", ["lead", "quality_lead", "director"])
    def test_nobody_signs_a_judgement_of_their_own_decision(self, cast: Cast, who: str) -> None:
        review = a_review(cast, "C")
        person = cast.people()[who]
        a_threshold_decision(review.incident, by=person)
        supply_all(review, cast, but="oversight-sign-off")
        with pytest.raises(Refused, match="took a safeguarding decision that this review judges"):
            self.sign(person, review)
        other = next(one for one in (cast.director, cast.quality_lead) if one != person)
        assert self.sign(other, review)

    def test_a_signer_found_involved_since_leaves_it_unsigned(self, cast: Cast) -> None:
        review = self.ready(cast)
        self.sign(cast.director, review)
        record_involved(by=cast.lead, at=LATER, incident=review.incident, person=cast.director, how="Took the call")
        with pytest.raises(Refused, match=r"The sign-off no longer stands\. Drew Castell was involved"):
            complete_review(by=cast.reviewer, at=LATER, review=review, summary="Cover ended too early.")
        self.sign(cast.quality_lead, review, LATER + timedelta(hours=1))
        assert complete_review(by=cast.reviewer, at=LATER, review=review, summary="Cover ended too early.")

    def test_nobody_signs_and_then_takes_the_review_over(self, cast: Cast) -> None:
        review = self.ready(cast)
        self.sign(cast.quality_lead, review)
        assign_reviewer(by=cast.lead, at=LATER, review=review, person=cast.quality_lead, independence=INDEPENDENT)
        with pytest.raises(Refused, match="Quill Harker carries out this review"):
            complete_review(by=cast.quality_lead, at=LATER, review=review, summary="Cover ended too early.")
        assert not ReviewCompletion.objects.exists()

    def test_a_signer_who_left_since_signed_all_the_same(self, cast: Cast) -> None:
        review = self.ready(cast)
        self.sign(cast.director, review)
        set_active(by=cast.administrator, at=LATER, person=cast.director, active=False)
        assert complete_review(by=cast.reviewer, at=LATER, review=review, summary="Cover ended too early.")

    def test_of_a_restricted_one_the_lead_is_asked_and_may(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="An allegation")
        review = a_review(cast, "C", incident=incident)
        supply_all(review, cast, but="oversight-sign-off")
        assert Obligation.objects.get(kind=OVERSIGHT).role == Role.SAFEGUARDING_LEAD
        assert self.sign(cast.lead, review)
