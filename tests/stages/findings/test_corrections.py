"""Findings put right, and what they rest on put right: the earlier stays beside it, and nobody is misled (R1, R13)."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.operations import end_role
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import ANSWER, correct_finding
from saferpractice.findings.queries import as_it_stands, conditions_counted, entry_as_it_stands, findings_of, seen_by
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.lists.models import ListEntry
from saferpractice.reviews.models import Review, TimelineEntry
from saferpractice.reviews.operations import (
    OVERSIGHT,
    assign_reviewer,
    complete_review,
    correct_timeline_entry,
    open_review,
)
from saferpractice.reviews.queries import missing_of
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.findings import BLAMING, KEPT, REDUCES, STATEMENT, a_finding, finding_words
from tests.factories.incidents import an_incident
from tests.factories.reviews import INDEPENDENT, a_review, a_tier_decision, an_entry, supply, supply_all
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R1", "R13")]

LATER = NOW + timedelta(days=1)
BECAUSE = "The rota was read again and says otherwise."


def put_right(finding: Finding, by: Person, *, hours: int = 0, because: str = BECAUSE, **words: Any) -> Finding:
    return correct_finding(
        by=by,
        at=LATER + timedelta(hours=hours),
        finding=finding,
        words=finding_words(finding.review, **words),
        corrected_because=because,
    )


def entry_put_right(entry: TimelineEntry, by: Person, what: str = "It rang twice.") -> TimelineEntry:
    return correct_timeline_entry(
        by=by,
        at=LATER,
        entry=entry,
        happened_at=entry.happened_at,
        precision="about",
        what=what,
        source="Phone log",
        reason="The log was read again",
    )


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


class TestAgainAndAgain:
    def test_each_names_the_one_before_and_only_the_last_stands(self, cast: Cast) -> None:
        first = a_finding(a_review(cast, "B"), cast)
        second = put_right(first, cast.reviewer, statement="Cover ended at ten, so nobody could decide.")
        third = put_right(second, cast.lead, hours=1, statement="Cover ended at nine, so nobody could decide.")
        assert (second.corrects, third.corrects) == (first, second)
        assert list(Finding.objects.standing()) == [third]
        assert [as_it_stands(one) for one in (first, second, third)] == [third] * 3
        assert findings_of(first.review) == [third]
        assert Finding.objects.get(pk=first.pk).statement == STATEMENT

    def test_one_answer_is_owed_by_the_first_day_throughout(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        due = Obligation.objects.get(kind=ANSWER).due_at
        for hours in range(3):
            finding = put_right(
                finding, cast.reviewer, hours=hours, statement=f"Cover ended at {hours}, so nobody came."
            )
        owed = Obligation.objects.open().get(kind=ANSWER)
        assert (owed.subject_id, owed.due_at) == (finding.pk, due)

    def test_it_stays_the_document_of_the_review(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        put_right(finding, cast.reviewer, condition="workload")
        assert "findings" not in {one.kind for one in missing_of(finding.review)}

    def test_the_story_tells_each_and_the_chain_is_whole(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        put_right(finding, cast.lead, condition="workload")
        entry = TrailEntry.objects.filter(operation="findings.correct_finding").latest("sequence")
        assert entry.sentence == "put a finding right: workload"
        assert entry.facts["finding"] == str(finding.pk)
        assert check_chain(cast.provider.pk).whole

    def test_blame_that_was_kept_is_no_longer_marked_once_it_is_gone(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast, statement=BLAMING, kept_reason=KEPT)
        corrected = put_right(finding, cast.reviewer)
        assert (corrected.blaming_words, corrected.kept_because) == ([], "")
        assert Finding.objects.get(pk=finding.pk).kept_because == KEPT

    def test_every_field_lacking_is_named_at_once_with_the_reason(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        with pytest.raises(Invalid) as refused:
            put_right(finding, cast.reviewer, because=" ", statement="", evidence=())
        assert set(refused.value.problems) == {"corrected_because", "statement", "evidence"}
        assert list(Finding.objects.standing()) == [finding]

    def test_evidence_of_another_review_is_none(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        other = an_entry(a_review(cast, "B"), by=cast.reviewer)
        for ids in ((other.pk,), (uuid4(),)):
            with pytest.raises(Invalid) as refused:
                put_right(finding, cast.reviewer, evidence=ids)
            assert list(refused.value.problems) == ["evidence"]


class TestWhoAndWhen:
    def test_a_reviewer_who_was_replaced_no_longer_may(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        assign_reviewer(
            by=cast.lead, at=LATER, review=finding.review, person=cast.duty_manager_elsewhere, independence=INDEPENDENT
        )
        with pytest.raises(Refused):
            put_right(finding, cast.reviewer)
        assert put_right(finding, cast.duty_manager_elsewhere)

    def test_somebody_senior_whose_role_ended_no_longer_may(self, cast: Cast) -> None:
        finding = a_finding(a_review(cast, "B"), cast)
        end_role(by=SET_UP, at=NOW, assignment=cast.quality_lead.role_assignments.get())
        with pytest.raises(Refused):
            put_right(finding, Person.objects.get(pk=cast.quality_lead.pk))

    @pytest.mark.requirement("R11", "R12")
    def test_in_a_review_taken_further_it_asks_nobody_to_sign(self, cast: Cast) -> None:
        """The earlier review has ended: putting its finding right must not wake its sign-off."""
        review = a_review(cast, "C")
        finding = a_finding(review, cast)
        supply_all(review, cast, but="oversight-sign-off")
        a_tier_decision(review.incident, "B", by=cast.lead, at=LATER)
        open_review(by=cast.lead, at=LATER, incident=review.incident, method="structured-review")
        told, documents = OutboxMessage.objects.count(), review.documents.count()
        assert put_right(finding, cast.lead, condition="workload")
        assert not Obligation.objects.open().filter(kind=OVERSIGHT).exists()
        assert (OutboxMessage.objects.count(), review.documents.count()) == (told, documents)

    @pytest.mark.requirement("R11")
    def test_in_a_signed_review_it_must_be_signed_again(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        finding = a_finding(review, cast)
        supply_all(review, cast, but="oversight-sign-off")
        supply(review, "oversight-sign-off", cast)
        assert missing_of(review) == ()
        put_right(finding, cast.lead)
        assert [one.kind for one in missing_of(review)] == ["oversight-sign-off"]
        assert Obligation.objects.open().filter(kind=OVERSIGHT).count() == 1

    def of_a_condition_listed_until_that_day(self, cast: Cast) -> Finding:
        ListEntry.objects.create(
            provider=cast.provider,
            list_code="system-conditions",
            code="lone-working",
            label="Lone working",
            source="Our own reviews",
            valid_from=NOW.date(),
            valid_to=NOW.date(),
            added_at=NOW,
        )
        return a_finding(a_review(cast, "B"), cast, condition="lone-working")

    def test_a_condition_no_longer_listed_still_reads_well(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)
        finding = self.of_a_condition_listed_until_that_day(cast)
        page = html.unescape(
            signed_in(cast.lead).get(reverse("findings:of_review", args=[finding.review_id])).content.decode()
        )
        assert "Lone working" in page
        assert "lone-working" not in page

    def test_words_are_put_right_without_finding_another_condition(self, cast: Cast, the_clock: TestClock) -> None:
        """The list changed since: that is no reason to say that the finding was about something else."""
        the_clock.stand_at(LATER)
        finding = self.of_a_condition_listed_until_that_day(cast)
        address = reverse("findings:correct", args=[finding.pk])
        page = html.unescape(signed_in(cast.lead).get(address).content.decode())
        assert "Lone working" in page
        corrected = put_right(
            finding, cast.lead, condition="lone-working", statement="One worker had both keys, so no."
        )
        assert corrected.condition == "lone-working"
        with pytest.raises(Invalid) as refused:
            a_finding(finding.review, cast, at=LATER, condition="lone-working", statement="A new one, so it is not.")
        assert list(refused.value.problems) == ["condition"]


class TestWhatItRestsOn:
    """An entry put right since may take the ground from under a finding: whoever reads it must see that."""

    def shown(self, cast: Cast, review: Review) -> str:
        response = signed_in(cast.lead).get(reverse("findings:of_review", args=[review.pk]))
        return html.unescape(response.content.decode())

    def test_unchanged_it_is_shown_as_it_is(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)
        finding = a_finding(a_review(cast, "B"), cast)
        page = self.shown(cast, finding.review)
        assert "The duty phone was not answered for forty minutes." in page
        assert "Put right since" not in page

    def test_put_right_once_and_again_both_are_shown_with_why(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER)
        finding = a_finding(a_review(cast, "B"), cast)
        entry = finding.evidence.get()
        last = entry_put_right(entry_put_right(entry, cast.reviewer), cast.lead, "It was answered <b>at once</b>.")
        assert entry_as_it_stands(TimelineEntry.objects.get(pk=entry.pk)) == last
        page = self.shown(cast, finding.review)
        assert "The duty phone was not answered for forty minutes." in page, "what the finding was written on"
        assert "Put right since" in page
        assert "It now says: About" in page
        assert "because: The log was read again" in page
        raw = signed_in(cast.lead).get(reverse("findings:of_review", args=[finding.review_id])).content.decode()
        assert "<b>at once</b>" not in raw

    def test_the_form_begins_with_the_entries_as_they_stand(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(LATER + timedelta(hours=1))
        finding = a_finding(a_review(cast, "B"), cast)
        now = entry_put_right(finding.evidence.get(), cast.reviewer)
        address = reverse("findings:correct", args=[finding.pk])
        page = signed_in(cast.reviewer).get(address).content.decode()
        start = page.index(str(now.pk))
        assert "checked" in page[start : page.index(">", start)]
        data = {
            "condition": "no-duty-cover",
            "statement": "The phone was answered late, so the visit began at six.",
            "made_more_likely": "One phone served three teams and nobody was named for it after ten.",
            "reduces_recurrence": REDUCES,
            "evidence": [str(now.pk)],
            "corrected_because": "The entry it rested on was put right.",
        }
        assert signed_in(cast.reviewer).post(address, data).status_code == 302
        assert list(Finding.objects.standing().get().evidence.all()) == [now]


@pytest.mark.requirement("R13")
class TestCounting:
    """The Pareto over every way a finding comes and goes."""

    def counted(self, cast: Cast, **filters: Any) -> list[tuple[str, int, Fraction]]:
        rows = conditions_counted(
            seen_by(cast.lead, LATER + timedelta(days=1), **filters), provider_id=cast.provider.pk
        )
        return [(one.row.code, one.row.count, one.row.cumulative) for one in rows]

    def found(self, cast: Cast, condition: str, team: str = "north") -> Finding:
        incident = an_incident(by=cast.worker, team=getattr(cast, team))
        return a_finding(a_review(cast, "B", incident=incident), cast, condition=condition)

    def test_as_many_stand_in_the_order_of_their_codes_and_add_up_to_all(self, cast: Cast) -> None:
        for condition in ("workload", "poor-follow-up", "no-duty-cover"):
            self.found(cast, condition)
        assert self.counted(cast) == [
            ("no-duty-cover", 1, Fraction(1, 3)),
            ("poor-follow-up", 1, Fraction(2, 3)),
            ("workload", 1, Fraction(1)),
        ]

    @pytest.mark.parametrize(
        "goes",
        [
            lambda cast, one: put_right(one, cast.lead, condition="workload"),
            lambda cast, one: withdraw_incident(
                by=cast.lead, at=LATER, incident=one.incident, reason="Reported twice by mistake"
            ),
        ],
        ids=["put right", "withdrawn"],
    )
    def test_what_no_longer_stands_is_not_counted(self, cast: Cast, goes: Callable[[Cast, Finding], object]) -> None:
        one = self.found(cast, "no-duty-cover")
        self.found(cast, "workload")
        goes(cast, one)
        codes = {code: count for code, count, _ in self.counted(cast)}
        assert "no-duty-cover" not in codes
        assert codes["workload"] == Finding.objects.standing().count()

    def test_a_service_with_nothing_is_empty_and_another_unmoved(self, cast: Cast) -> None:
        self.found(cast, "workload", team="east")
        assert self.counted(cast, service=cast.riverside) == []
        assert self.counted(cast, service=cast.harbour) == [("workload", 1, Fraction(1))]

    def test_complete_and_open_reviews_count_alike(self, cast: Cast) -> None:
        one, _ = self.found(cast, "workload"), self.found(cast, "workload")
        supply_all(one.review, cast)
        complete_review(by=cast.reviewer, at=LATER, review=one.review, summary="Each held 41 cases.")
        assert self.counted(cast) == [("workload", 2, Fraction(1))]

    def test_another_providers_findings_are_no_part_of_it(self, cast: Cast) -> None:
        self.found(cast, "workload")
        assert conditions_counted(seen_by(cast.stranger, LATER), provider_id=cast.stranger.provider_id) == []
