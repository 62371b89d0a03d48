"""Who carries out a review, who was involved, who was offered support (R9 to R12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, create_person, set_active
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.models import Incident, NamedAccess
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.reviews.models import InvolvedPerson, Review, ReviewerAssignment, SupportOffer
from saferpractice.reviews.operations import COMPLETE, assign_reviewer, complete_review, offer_support, record_involved
from saferpractice.reviews.queries import closeness, people_to_ask, reviewer_of
from saferpractice.reviews.rules import Affected
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.incidents import an_incident
from tests.factories.reviews import (
    INDEPENDENT,
    a_review,
    a_threshold_decision,
    completed,
    supply_all,
    unstaffed,
)
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]

LATER = NOW + timedelta(days=1)


def ask(review: Review, person: Person, cast: Cast, **changes: str) -> ReviewerAssignment:
    words = {"independence": INDEPENDENT} | changes
    return assign_reviewer(by=cast.lead, at=LATER, review=review, person=person, **words)


def sees(person: Person, incident: Incident) -> bool:
    fresh = Person.objects.get(pk=person.pk)
    return Incident.objects.visible_to(fresh, LATER + timedelta(minutes=1)).filter(pk=incident.pk).exists()


class TestAsking:
    def test_the_person_may_open_the_incident_from_then_on(self, cast: Cast) -> None:
        review = unstaffed(cast)
        assert not sees(cast.reviewer, review.incident)
        ask(review, cast.reviewer, cast)
        assert sees(cast.reviewer, review.incident)

    def test_the_work_is_theirs_and_they_are_told_without_detail(self, cast: Cast) -> None:
        review = unstaffed(cast)
        ask(review, cast.reviewer, cast)
        assert Obligation.objects.get(subject_id=review.pk, kind=COMPLETE).owner == cast.reviewer
        message = OutboxMessage.objects.get(to=cast.reviewer)
        assert review.incident.reference in message.subject
        assert "curtains" not in message.body
        assert "P-1042" not in message.body

    def test_another_takes_over_and_the_first_no_longer_sees_it(self, cast: Cast) -> None:
        review = a_review(cast)
        second = ask(review, cast.duty_manager_elsewhere, cast)
        assert reviewer_of(review) == second
        first = review.reviewers.exclude(pk=second.pk).get()
        assert first.until_at == LATER
        assert sees(cast.duty_manager_elsewhere, review.incident)
        assert not sees(cast.reviewer, review.incident)
        assert Obligation.objects.get(subject_id=review.pk, kind=COMPLETE).owner == cast.duty_manager_elsewhere
        entry = TrailEntry.objects.filter(operation="reviews.assign_reviewer").latest("sequence")
        assert entry.facts["instead_of"] == cast.reviewer.name

    def test_the_due_moment_does_not_move_with_the_person(self, cast: Cast) -> None:
        review = a_review(cast)
        before = dict(Obligation.objects.values_list("pk", "due_at"))
        ask(review, cast.duty_manager_elsewhere, cast)
        assert dict(Obligation.objects.values_list("pk", "due_at")) == before

    def test_the_same_person_again_changes_nothing(self, cast: Cast) -> None:
        review = a_review(cast)
        entries = TrailEntry.objects.count()
        assert ask(review, cast.reviewer, cast) == reviewer_of(review)
        assert (ReviewerAssignment.objects.count(), TrailEntry.objects.count()) == (1, entries)

    def test_not_after_the_review_has_ended(self, cast: Cast) -> None:
        review = completed(a_review(cast), cast)
        with pytest.raises(Stale, match=cast.reviewer.name):
            ask(review, cast.duty_manager_elsewhere, cast)

    @pytest.mark.parametrize("words", ["", "   ", "n/a", "as above", "yes yes yes yes"])
    def test_a_statement_of_independence_is_made(self, cast: Cast, words: str) -> None:
        review = unstaffed(cast)
        with pytest.raises(Invalid) as refused:
            ask(review, cast.reviewer, cast, independence=words)
        assert list(refused.value.problems) == ["independence"]
        assert not ReviewerAssignment.objects.exists()

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("worker", False),
            ("duty_manager", True),
            ("duty_manager_elsewhere", False),
            ("supervisor", False),
            ("lead", True),
            ("reviewer", False),
            ("quality_lead", True),
            ("director", True),
            ("administrator", False),
            ("commissioner", False),
            ("stranger", False),
        ],
    )
    def test_who_may_ask(self, cast: Cast, who: str, may: bool) -> None:
        review = a_review(cast)
        person, chosen = cast.people()[who], cast.duty_manager_elsewhere
        if may:
            assign_reviewer(by=person, at=LATER, review=review, person=chosen, independence=INDEPENDENT)
            assert reviewer_of(review).person == chosen  # type: ignore[union-attr]
        else:
            with pytest.raises(Refused):
                assign_reviewer(by=person, at=LATER, review=review, person=chosen, independence=INDEPENDENT)
            assert reviewer_of(review).person == cast.reviewer  # type: ignore[union-attr]


class TestWhoMayBeAsked:
    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("colleague", False),
            ("worker_elsewhere", False),
            ("duty_manager_elsewhere", True),
            ("lead", True),
            ("reviewer", True),
            ("quality_lead", True),
            ("director", True),
            ("administrator", False),
            ("commissioner", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_by_role(self, cast: Cast, who: str, may: bool) -> None:
        review = unstaffed(cast)
        person = cast.people()[who]
        if may:
            assert ask(review, person, cast, despite="Nobody else is on duty who knows the method.").person == person
        else:
            with pytest.raises(Invalid) as refused:
                ask(review, person, cast)
            assert list(refused.value.problems) == ["person"]

    def test_the_list_offers_exactly_those_and_hides_nobody_close(self, cast: Cast) -> None:
        incident = an_incident(by=cast.duty_manager, team=cast.north, name_withheld=True)
        assert {person.name for person in people_to_ask(incident=incident, at=NOW)} == {
            person.name
            for person in (
                cast.duty_manager,
                cast.duty_manager_elsewhere,
                cast.supervisor,
                cast.lead,
                cast.reviewer,
                cast.quality_lead,
                cast.director,
            )
        }

    def test_nobody_who_has_left(self, cast: Cast) -> None:
        review = unstaffed(cast)
        set_active(by=cast.administrator, at=NOW, person=cast.reviewer, active=False)
        with pytest.raises(Invalid, match="works here"):
            ask(review, cast.reviewer, cast)
        assert cast.reviewer.pk not in {person.pk for person in people_to_ask(incident=review.incident, at=LATER)}


def reported(cast: Cast) -> Incident:
    return an_incident(by=cast.supervisor, team=cast.north)


def reported_without_a_name(cast: Cast) -> Incident:
    return an_incident(by=cast.supervisor, team=cast.north, name_withheld=True)


def involved(cast: Cast) -> Incident:
    incident = an_incident(by=cast.worker_elsewhere, team=cast.north)
    record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.supervisor, how="Was on shift")
    return incident


def kept_from(cast: Cast) -> Incident:
    incident = an_incident(by=cast.worker_elsewhere, team=cast.north)
    keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.supervisor, because=KeptFromReason.ALLEGED_SOURCE)
    return incident


@pytest.mark.requirement("R9", "R10", "R11")
class TestIndependence:
    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    @pytest.mark.parametrize("tie", [reported, reported_without_a_name, involved, kept_from])
    def test_a_tie_rules_out_in_every_tier(self, cast: Cast, tier: str, tie: Callable[[Cast], Incident]) -> None:
        review = a_review(cast, tier, incident=tie(cast))
        with pytest.raises(Invalid) as refused:
            ask(review, cast.supervisor, cast, despite="Nobody else is there who could do it.")
        assert list(refused.value.problems) == ["person"]
        assert reviewer_of(review).person == cast.reviewer  # type: ignore[union-attr]

    @pytest.mark.parametrize("tie", [reported_without_a_name, kept_from])
    def test_what_must_stay_hidden_stays_hidden(self, cast: Cast, tie: Callable[[Cast], Incident]) -> None:
        review = a_review(cast, incident=tie(cast))
        with pytest.raises(Invalid) as refused:
            ask(review, cast.supervisor, cast)
        assert "reported" not in str(refused.value)
        assert "allegation" not in str(refused.value)

    def test_the_reviewer_who_manages_the_reporter_is_warned_about(self, cast: Cast) -> None:
        review = unstaffed(cast)
        with pytest.raises(Invalid) as refused:
            ask(review, cast.supervisor, cast)
        assert list(refused.value.problems) == ["despite"]
        assert refused.value.problems["despite"].startswith(
            "Sorrel Beck manages or supervises where this was reported."
        )

    def test_one_may_go_on_with_the_reason_kept(self, cast: Cast) -> None:
        review = unstaffed(cast)
        asked = ask(review, cast.supervisor, cast, despite="The service has nobody else trained in this method.")
        assert asked.warnings == ["Sorrel Beck manages or supervises where this was reported."]
        assert asked.despite == "The service has nobody else trained in this method."

    def test_a_reason_without_a_warning_is_not_kept(self, cast: Cast) -> None:
        assert ask(unstaffed(cast), cast.reviewer, cast, despite="Just in case it is asked for.").despite == ""

    def test_whoever_decided_at_triage_is_warned_about(self, cast: Cast) -> None:
        review = unstaffed(cast)
        with pytest.raises(Invalid, match="took decisions at triage"):
            ask(review, cast.lead, cast)
        a_threshold_decision(review.incident, by=cast.quality_lead)
        with pytest.raises(Invalid, match="took decisions at triage"):
            ask(review, cast.quality_lead, cast)

    def test_managing_somewhere_else_is_no_tie(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        close = closeness(person=cast.duty_manager_elsewhere, incident=incident, at=NOW)
        assert not close.manages_reporter

    def test_it_is_where_the_reporter_works_not_where_it_happened(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.east)
        assert closeness(person=cast.supervisor, incident=incident, at=NOW).manages_reporter
        assert not closeness(person=cast.duty_manager_elsewhere, incident=incident, at=NOW).manages_reporter

    def test_without_a_name_the_place_of_the_incident_stands_for_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.east, name_withheld=True)
        assert not closeness(person=cast.supervisor, incident=incident, at=NOW).manages_reporter
        assert closeness(person=cast.duty_manager_elsewhere, incident=incident, at=NOW).manages_reporter

    def test_a_role_that_ended_is_no_tie(self, cast: Cast) -> None:
        from saferpractice.access.operations import end_role

        incident = an_incident(by=cast.worker, team=cast.north)
        end_role(by=SET_UP, at=NOW, assignment=cast.supervisor.role_assignments.get())
        person = Person.objects.get(pk=cast.supervisor.pk)
        assert not closeness(person=person, incident=incident, at=LATER).manages_reporter

    def test_found_involved_later_the_reviewer_cannot_complete(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        record_involved(by=cast.lead, at=LATER, incident=review.incident, person=cast.reviewer, how="Took the call")
        with pytest.raises(Refused, match="was involved in this incident"):
            complete_review(by=cast.reviewer, at=LATER, review=review, summary="Done.")
        assert not hasattr(Review.objects.get(pk=review.pk), "completion")


class TestInvolved:
    def test_is_kept_with_how(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        row = record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, how=" Was on shift ")
        assert (row.how, row.decided_by) == ("Was on shift", cast.lead)
        assert [one.person for one in InvolvedPerson.objects.standing(incident.pk)] == [cast.colleague]

    def test_a_mistake_is_put_right_beside_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.reviewer, how="Was on shift")
        record_involved(
            by=cast.lead, at=LATER, incident=incident, person=cast.reviewer, how="Another Rowan", involved=False
        )
        assert InvolvedPerson.objects.standing(incident.pk) == []
        assert incident.involved_people.count() == 2
        assert not closeness(person=cast.reviewer, incident=incident, at=LATER).involved

    def test_nobody_is_put_right_who_was_not_there(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Invalid, match="not recorded as involved"):
            record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.lead, how="x", involved=False)

    def test_the_same_again_adds_nothing(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        for _ in range(2):
            record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, how="Was on shift")
        assert incident.involved_people.count() == 1

    @pytest.mark.parametrize("how", ["", "  ", "x" * 301])
    def test_how_is_said(self, cast: Cast, how: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Invalid) as refused:
            record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, how=how)
        assert list(refused.value.problems) == ["how"]

    def test_only_people_of_this_provider(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Invalid, match="works here"):
            record_involved(by=cast.lead, at=NOW, incident=incident, person=cast.stranger, how="Was there")

    def test_the_reviewer_may_record_it_and_the_next_reviewer_but_not_the_last(self, cast: Cast) -> None:
        review = a_review(cast)
        record_involved(by=cast.reviewer, at=NOW, incident=review.incident, person=cast.colleague, how="Was on shift")
        ask(review, cast.duty_manager_elsewhere, cast)
        with pytest.raises(Refused):
            record_involved(
                by=cast.reviewer, at=LATER, incident=review.incident, person=cast.supervisor, how="Was on shift"
            )

    @pytest.mark.parametrize("who", ["worker", "supervisor", "administrator", "commissioner", "stranger"])
    def test_others_may_not(self, cast: Cast, who: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Refused):
            record_involved(by=cast.people()[who], at=NOW, incident=incident, person=cast.colleague, how="Was on shift")


class TestSupport:
    def offer(self, review: Review, by: Person, **changes: str) -> SupportOffer:
        words = {"who": "his sister", "offered": "A call each week, and an advocate."} | changes
        return offer_support(by=by, at=LATER, review=review, affected=Affected.FAMILY, **words)

    def test_is_kept_with_questions_and_what_was_told(self, cast: Cast) -> None:
        review = a_review(cast)
        offer = self.offer(review, cast.reviewer, questions="Why did nobody call me?", told="What we know so far.")
        assert (offer.affected, offer.who) == ("family", "his sister")
        assert offer.questions == "Why did nobody call me?"
        assert TrailEntry.objects.get(operation="reviews.offer_support").sentence == (
            "recorded support for family or carers"
        )

    def test_does_not_wait_for_a_reviewer(self, cast: Cast) -> None:
        assert self.offer(unstaffed(cast), cast.duty_manager).decided_by == cast.duty_manager

    def test_the_outcome_is_told_after_completion(self, cast: Cast) -> None:
        review = completed(a_review(cast), cast)
        assert self.offer(review, cast.reviewer, told="What we found and what will be different.").told

    def test_the_same_again_adds_nothing(self, cast: Cast) -> None:
        review = a_review(cast)
        assert self.offer(review, cast.reviewer) == self.offer(review, cast.reviewer)
        assert review.support_offers.count() == 1

    @pytest.mark.parametrize("field", ["who", "offered"])
    def test_what_is_lacking_is_named(self, cast: Cast, field: str) -> None:
        with pytest.raises(Invalid) as refused:
            self.offer(a_review(cast), cast.reviewer, **{field: "  "})
        assert list(refused.value.problems) == [field]

    @pytest.mark.parametrize("who", ["worker", "supervisor", "administrator", "inspector", "stranger"])
    def test_others_may_not(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            self.offer(a_review(cast), cast.people()[who])


def test_access_ends_only_for_the_review_that_was_given_up(cast: Cast) -> None:
    """Somebody named for another reason stays named."""
    from saferpractice.incidents.operations import name_person

    review = a_review(cast)
    name_person(by=cast.lead, at=NOW, incident=review.incident, person=cast.reviewer, reason="Advises on self-neglect")
    ask(review, cast.duty_manager_elsewhere, cast)
    assert sees(cast.reviewer, review.incident)
    assert NamedAccess.objects.filter(person=cast.reviewer, until_at__isnull=False).count() == 1


def test_a_second_role_makes_a_reviewer_of_a_worker(cast: Cast) -> None:
    person = create_person(by=SET_UP, at=NOW, provider=cast.provider, name="Asa Reed", email="asa@example.org")
    review = unstaffed(cast)
    with pytest.raises(Invalid):
        ask(review, person, cast)
    assign_role(by=SET_UP, at=NOW, person=person, role=Role.REVIEWER, place=cast.east.place)
    assert ask(review, Person.objects.get(pk=person.pk), cast).person == person
