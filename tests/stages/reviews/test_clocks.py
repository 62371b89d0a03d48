"""By when a review is due: working days, days off announced later, a tier decided again (R8, R12)."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.operations import add_non_working_day
from saferpractice.deadlines.rules import LONDON
from saferpractice.incidents.models import Incident
from saferpractice.lists.models import ListEntry
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import COMPLETE, complete_review, open_review, supply_document
from saferpractice.reviews.queries import carried_over
from saferpractice.trail.refusals import Invalid
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.reviews import (
    DOCUMENTS,
    INDEPENDENT,
    METHODS,
    a_file,
    a_review,
    a_tier_decision,
    an_entry,
    answers_for,
    supply,
    supply_all,
    unstaffed,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]


def london(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=LONDON).astimezone(UTC)


def last_day(due: datetime) -> str:
    """The London day a deadline ends with."""
    return (due - timedelta(microseconds=1)).astimezone(LONDON).date().isoformat()


def due_days(review: Review) -> dict[str, str]:
    return {row.kind: last_day(row.due_at) for row in review.required_documents.all()}


def page(person: Person, review: Review) -> str:
    client = Client()
    client.force_login(person)
    return html.unescape(client.get(reverse("reviews:review", args=[review.pk])).content.decode())


class TestWorkingDays:
    @pytest.mark.requirement("R9")
    @pytest.mark.parametrize(
        ("decided", "actions", "review"),
        [
            ("2026-03-04T09:00", "2026-03-06", "2026-03-11"),  # a plain week
            ("2026-03-06T17:30", "2026-03-10", "2026-03-13"),  # a Friday evening
            ("2026-03-07T11:00", "2026-03-10", "2026-03-13"),  # a Saturday counts from Monday
            ("2026-03-27T23:30", "2026-03-31", "2026-04-07"),  # over the change of clocks and Easter
            ("2026-04-02T09:00", "2026-04-08", "2026-04-13"),  # Good Friday and Easter Monday
            ("2026-05-01T09:00", "2026-05-06", "2026-05-11"),  # the early May bank holiday
            ("2026-12-24T15:00", "2026-12-30", "2027-01-05"),  # Boxing Day falls on a Saturday: Monday is off
            ("2026-10-23T09:00", "2026-10-27", "2026-10-30"),  # over the change back
            ("2026-06-30T00:30", "2026-07-02", "2026-07-07"),  # still the day before in UTC
        ],
    )
    def test_from_the_decision_in_london_days(self, cast: Cast, decided: str, actions: str, review: str) -> None:
        made = unstaffed(cast, "A", at=london(decided))
        assert due_days(made) == {"immediate-actions": actions, "quick-root-cause": review, "findings": review}
        assert last_day(made.due_at) == review

    @pytest.mark.requirement("R10", "R11")
    @pytest.mark.parametrize("tier", ["B", "C"])
    def test_every_deadline_ends_at_a_london_midnight_of_a_working_day(self, cast: Cast, tier: str) -> None:
        review = unstaffed(cast, tier, at=london("2026-03-20T09:00"))
        for row in review.required_documents.all():
            moment = row.due_at.astimezone(LONDON)
            assert (moment.hour, moment.minute) == (0, 0)
            assert date.fromisoformat(last_day(row.due_at)).weekday() < 5


class TestADayOffAnnouncedLater:
    """The work list moves; the page of the review must say the same, or people hurry for nothing or come late."""

    def test_the_page_shows_the_day_of_the_work_list(self, cast: Cast, the_clock: TestClock) -> None:
        review = a_review(cast, "A")
        the_clock.stand_at(NOW + timedelta(hours=1))
        assert "the end of Wednesday 11 March 2026" in page(cast.reviewer, review)
        add_non_working_day(
            by=cast.administrator, at=NOW, provider=cast.provider, day=date(2026, 3, 9), reason="A one-off bank holiday"
        )
        asked = Obligation.objects.get(subject_id=review.pk, kind=COMPLETE)
        assert last_day(asked.due_at) == "2026-03-12"
        shown = page(cast.reviewer, review)
        assert "the end of Thursday 12 March 2026" in shown
        assert "the end of Wednesday 11 March 2026" not in shown

    def test_what_is_not_late_in_the_work_list_is_not_late_on_the_page(self, cast: Cast, the_clock: TestClock) -> None:
        review = a_review(cast, "A")
        add_non_working_day(
            by=cast.administrator, at=NOW, provider=cast.provider, day=date(2026, 3, 9), reason="A one-off bank holiday"
        )
        the_clock.stand_at(london("2026-03-12T10:00"))
        assert not Obligation.objects.late(london("2026-03-12T10:00")).filter(subject_id=review.pk).exists()
        assert "Due today: by the end of Thursday 12 March 2026" in page(cast.reviewer, review)
        the_clock.stand_at(london("2026-03-13T10:00"))
        assert "1 working day late" in page(cast.reviewer, review)


def test_a_clock_set_by_contract_is_not_called_local(cast: Cast, the_clock: TestClock) -> None:
    the_clock.stand_at(NOW + timedelta(hours=1))
    ListEntry.objects.create(
        provider=cast.provider,
        list_code="required-documents",
        code="initial-report",
        label="Report to the commissioner",
        detail={"tiers": ["B"], "due_working_days": {"B": 3}, "clock": "contract", "supplied_by": "file"},
        source="NHS Standard Contract",
        valid_from=NOW.date(),
        added_at=NOW,
    )
    incident = an_incident(by=cast.worker, team=cast.north)
    a_tier_decision(incident, "B", by=cast.lead)
    client = Client()
    client.force_login(cast.lead)
    before = html.unescape(client.get(reverse("reviews:open", args=[incident.pk])).content.decode())
    assert "The end of Monday 9 March 2026, set by contract" in before
    assert "The end of Friday 6 March 2026, set locally" in before
    review = open_review(by=cast.lead, at=NOW, incident=incident, method="structured-review")
    shown = page(cast.lead, review)
    assert "by the end of Monday 9 March 2026, set by contract." in shown
    assert "by the end of Friday 6 March 2026, set locally." in shown


def decide_again(cast: Cast, incident: Incident, tier: str, at: datetime) -> Review:
    a_tier_decision(incident, tier, by=cast.lead, at=at)
    return open_review(
        by=cast.lead,
        at=at,
        incident=incident,
        method=METHODS[tier],
        reviewer=cast.reviewer,
        independence=INDEPENDENT,
    )


@pytest.mark.requirement("R8")
class TestATierDecidedAgain:
    """Decided on Wednesday 4 March, and again on Friday 6 March."""

    AGAIN = london("2026-03-06T10:00")

    @pytest.mark.parametrize(
        ("first", "then", "days"),
        [
            # what must be done at once stays due when it was; what a fuller review has longer for counts anew
            ("A", "B", {"immediate-actions": "2026-03-06", "findings": "2026-04-07", "timeline": "2026-03-20"}),
            ("A", "C", {"immediate-actions": "2026-03-06", "findings": "2026-06-04"}),
            ("B", "C", {"immediate-actions": "2026-03-06", "timeline": "2026-04-07", "findings": "2026-06-04"}),
            # a lighter review has no more time than it would have had from the beginning
            ("C", "B", {"immediate-actions": "2026-03-06", "timeline": "2026-03-18", "findings": "2026-04-01"}),
            ("B", "A", {"immediate-actions": "2026-03-06", "findings": "2026-03-11", "quick-root-cause": "2026-03-13"}),
        ],
    )
    def test_no_deadline_restarts(self, cast: Cast, first: str, then: str, days: dict[str, str]) -> None:
        earlier = unstaffed(cast, first)
        later = decide_again(cast, earlier.incident, then, self.AGAIN)
        found = due_days(later)
        assert {kind: found[kind] for kind in days} == days

    def test_again_and_again_it_still_counts_from_the_first(self, cast: Cast) -> None:
        earlier = unstaffed(cast, "A")
        for number, tier in enumerate("BCB", start=1):
            later = decide_again(cast, earlier.incident, tier, NOW + timedelta(days=number))
        assert due_days(later)["immediate-actions"] == "2026-03-06"
        asked = Obligation.objects.get(subject_id=later.required_documents.get(kind="immediate-actions").pk)
        assert asked.clock_source.endswith("2 working days from the first tier decision")

    def test_the_review_itself_gains_no_time_by_a_lighter_tier(self, cast: Cast) -> None:
        earlier = unstaffed(cast, "B")
        lighter = decide_again(cast, earlier.incident, "A", self.AGAIN)
        assert last_day(lighter.due_at) == "2026-03-11"
        assert Obligation.objects.get(subject_id=lighter.pk, kind=COMPLETE).due_at == lighter.due_at

    def test_what_was_supplied_is_read_again_in_new_time(self, cast: Cast) -> None:
        earlier = a_review(cast, "A")
        supply(earlier, "immediate-actions", cast)
        later = decide_again(cast, earlier.incident, "B", self.AGAIN)
        assert due_days(later)["immediate-actions"] == "2026-03-10"

    def test_after_a_complete_review_everything_counts_anew(self, cast: Cast) -> None:
        earlier = a_review(cast, "A")
        supply_all(earlier, cast, but="findings")
        complete_review(
            by=cast.reviewer,
            at=NOW,
            review=earlier,
            summary="It all went as written.",
            nothing_found_because="We looked at rota and phone with the team, and each had worked.",
        )
        later = decide_again(cast, earlier.incident, "A", self.AGAIN)
        assert due_days(later) == {
            "immediate-actions": "2026-03-10",
            "quick-root-cause": "2026-03-13",
            "findings": "2026-03-13",
        }

    def test_already_late_it_is_late_in_the_next_one_too(self, cast: Cast) -> None:
        earlier = unstaffed(cast, "A")
        later = decide_again(cast, earlier.incident, "C", NOW + timedelta(days=12))
        row = later.required_documents.get(kind="immediate-actions")
        assert Obligation.objects.late(NOW + timedelta(days=12)).filter(subject_id=row.pk).exists()


class TestWhatCarriesOver:
    AGAIN = NOW + timedelta(days=2)

    def further(self, cast: Cast, earlier: Review, tier: str) -> Review:
        return decide_again(cast, earlier.incident, tier, self.AGAIN)

    def give(self, cast: Cast, review: Review, kind: str, **changes: Any) -> Any:
        return supply_document(by=cast.reviewer, at=self.AGAIN, review=review, kind=kind, **changes)

    def test_a_file_of_the_earlier_review_stays_with_the_document(self, cast: Cast) -> None:
        earlier = a_review(cast, "B")
        answers = answers_for(earlier, "supervision-check")
        supply_document(
            by=cast.reviewer,
            at=NOW,
            review=earlier,
            kind="supervision-check",
            answers=answers,
            upload=a_file("notes.txt"),
        )
        later = self.further(cast, earlier, "C")
        document = self.give(cast, later, "supervision-check", answers=answers)
        assert document.file.name == "notes.txt"

    @pytest.mark.requirement("R11")
    def test_an_evidence_pack_may_be_taken_over_with_new_words(self, cast: Cast) -> None:
        earlier = a_review(cast, "C")
        self.give_pack(cast, earlier)
        lighter = self.further(cast, earlier, "B")
        formal = decide_again(cast, lighter.incident, "C", self.AGAIN + timedelta(days=1))
        before = carried_over(formal, "evidence-pack")
        assert before is not None
        assert before.review == earlier, "two reviews back: the one between had no such document"
        document = supply_document(
            by=cast.reviewer,
            at=self.AGAIN + timedelta(days=1),
            review=formal,
            kind="evidence-pack",
            text="Read again: nothing to add.",
        )
        assert document.file == before.file
        client = Client()
        client.force_login(cast.reviewer)
        shown = client.get(reverse("reviews:document", args=[formal.pk, "evidence-pack"])).content.decode()
        assert "evidence.txt" in shown

    def give_pack(self, cast: Cast, review: Review) -> None:
        supply_document(by=cast.reviewer, at=NOW, review=review, kind="evidence-pack", upload=a_file())

    def test_without_one_to_take_over_the_file_is_asked_for(self, cast: Cast) -> None:
        later = self.further(cast, a_review(cast, "B"), "C")
        with pytest.raises(Invalid) as refused:
            self.give(cast, later, "evidence-pack", text="It is in the drawer.")
        assert list(refused.value.problems) == ["upload"]

    @pytest.mark.parametrize("tier", ["B", "C"])
    def test_nothing_counts_as_supplied_before_it_was_read_again(self, cast: Cast, tier: str) -> None:
        earlier = a_review(cast, "A")
        supply(earlier, "immediate-actions", cast)
        an_entry(earlier, by=cast.reviewer)
        later = self.further(cast, earlier, tier)
        assert {row.kind for row in later.required_documents.all()} == set(DOCUMENTS[tier])
        assert not later.documents.exists()
        assert not later.timeline.exists()
