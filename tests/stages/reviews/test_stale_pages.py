"""Pages sent after the review moved on: nothing is added to what ended, and nothing typed is thrown away (R12)."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation
from saferpractice.findings.models import Finding
from saferpractice.incidents.operations import name_person
from saferpractice.reviews import drafts
from saferpractice.reviews.models import OversightSignOff, Review, ReviewCompletion, ReviewDraft, SupportOffer
from saferpractice.reviews.operations import (
    OVERSIGHT,
    assign_reviewer,
    complete_review,
    open_review,
    record_involved,
)
from tests.conftest import TestClock
from tests.factories.findings import REDUCES, STATEMENT, a_finding
from tests.factories.reviews import (
    INDEPENDENT,
    a_review,
    a_threshold_decision,
    a_tier_decision,
    an_entry,
    answers_for,
    supply,
    supply_all,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]

LATER = NOW + timedelta(hours=1)
TYPED = "Typed at four in the morning, and nowhere else."


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(LATER)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def send(by: Person, address: str, /, **data: object) -> HttpResponse:
    return signed_in(by).post(address, data)


def completed_meanwhile(cast: Cast, review: Review) -> None:
    supply_all(review, cast)
    complete_review(by=cast.reviewer, at=NOW, review=review, summary="Duty cover ended before the visit.")


def taken_further_meanwhile(cast: Cast, review: Review) -> None:
    a_tier_decision(review.incident, "C", by=cast.lead, at=LATER)
    open_review(by=cast.lead, at=LATER, incident=review.incident, method="psii")


def given_to_another_meanwhile(cast: Cast, review: Review) -> None:
    """Somebody who is named on the incident for another reason too, and so still sees its pages."""
    name_person(by=cast.lead, at=NOW, incident=review.incident, person=cast.reviewer, reason="Advises on self-neglect")
    assign_reviewer(by=cast.lead, at=NOW, review=review, person=cast.duty_manager_elsewhere, independence=INDEPENDENT)


MEANWHILE: dict[str, tuple[Callable[[Cast, Review], None], str]] = {
    "completed": (completed_meanwhile, "Rowan Thwaite completed this review"),
    "taken further": (taken_further_meanwhile, "A later review takes this one further"),
    "given to another": (given_to_another_meanwhile, "Only Dinah Frost, who carries out this review"),
}

ENTRY = {
    "precision": "exact",
    "exactly_at-day": "3",
    "exactly_at-month": "3",
    "exactly_at-year": "2026",
    "exactly_at-time": "21:40",
    "source": "Phone log",
}


def sends(review: Review) -> dict[str, tuple[str, dict[str, object]]]:
    """A page of the review as it was filled in, each with the text that must not be lost."""
    entries = [str(one.pk) for one in review.timeline.all()]
    finding = {"condition": "workload", "made_more_likely": TYPED, "reduces_recurrence": REDUCES, "evidence": entries}
    return {
        "document": (
            reverse("reviews:document", args=[review.pk, "immediate-actions"]),
            {f"answer_{code}": TYPED for code in answers_for(review, "immediate-actions")},
        ),
        "timeline": (reverse("reviews:timeline", args=[review.pk]), ENTRY | {"what": TYPED}),
        "finding": (reverse("findings:new", args=[review.pk]), finding | {"statement": STATEMENT}),
        "completion": (reverse("reviews:complete", args=[review.pk]), {"summary": TYPED}),
        "nothing found": (reverse("reviews:nothing_found", args=[review.pk]), {"because": TYPED}),
    }


@pytest.mark.parametrize("page", ["document", "timeline", "finding", "completion", "nothing found"])
@pytest.mark.parametrize("meanwhile", MEANWHILE)
def test_what_was_typed_is_shown_with_why_it_was_not_taken(cast: Cast, meanwhile: str, page: str) -> None:
    review = a_review(cast, "B")
    an_entry(review, by=cast.reviewer)
    address, data = sends(review)[page]
    happens, why = MEANWHILE[meanwhile]
    happens(cast, review)
    before = [review.documents.count(), review.timeline.count(), Finding.objects.count()]
    completions = ReviewCompletion.objects.count()
    response = send(cast.reviewer, address, **data)
    assert response.status_code == 200
    shown = words(response)
    assert TYPED in shown
    assert why in shown
    assert [review.documents.count(), review.timeline.count(), Finding.objects.count()] == before
    assert ReviewCompletion.objects.count() == completions


@pytest.mark.requirement("R9")
@pytest.mark.parametrize("meanwhile", ["taken further", "given to another"])
def test_a_rapid_review_filled_in_whole_is_not_thrown_away(cast: Cast, meanwhile: str) -> None:
    review = a_review(cast)
    MEANWHILE[meanwhile][0](cast, review)
    data = {
        f"{kind}-answer_{code}": TYPED
        for kind in ("immediate-actions", "quick-root-cause")
        for code in answers_for(review, kind)
    }
    data |= {"found": "yes", "condition": "no-duty-cover", "statement": STATEMENT, "reduces_recurrence": REDUCES}
    response = send(cast.reviewer, reverse("findings:rapid", args=[review.pk]), **data)
    assert response.status_code == 200
    assert TYPED in words(response)
    assert STATEMENT in words(response)
    assert MEANWHILE[meanwhile][1] in words(response)
    assert not Finding.objects.exists()


@pytest.mark.requirement("R13")
def test_a_finding_that_somebody_put_right_meanwhile_is_not_put_right_again(cast: Cast) -> None:
    finding = a_finding(a_review(cast, "B"), cast)
    address = reverse("findings:correct", args=[finding.pk])
    data = {
        "condition": "no-duty-cover",
        "statement": "Cover ended at eleven, so nobody could decide.",
        "made_more_likely": TYPED,
        "reduces_recurrence": REDUCES,
        "evidence": [str(one.pk) for one in finding.evidence.all()],
        "corrected_because": "The rota says that cover ended at eleven.",
    }
    assert send(cast.lead, address, **(data | {"made_more_likely": "Two rotas were in use on the same wall."}))
    response = send(cast.reviewer, address, **data)
    assert response.status_code == 200
    assert "Somebody put this finding right meanwhile" in words(response)
    assert TYPED in words(response)
    assert Finding.objects.count() == 2
    leads = signed_in(cast.reviewer).get(reverse("findings:finding", args=[finding.pk]))
    newest = Finding.objects.standing().get()
    assert leads.headers["Location"].endswith(f"#finding-{newest.pk}")


@pytest.mark.requirement("R11")
class TestSigningWhatWasRead:
    def opened_by(self, person: Person, review: Review) -> str:
        """The page as the signer opened it: what it carries unseen."""
        page = signed_in(person).get(reverse("reviews:oversight", args=[review.pk])).content.decode()
        found = re.search(r'name="seen"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="seen"', page)
        assert found
        return found[1] or found[2]

    def sign(self, cast: Cast, review: Review, seen: str) -> HttpResponse:
        data = {"accepted": "yes", "words": "I read every document and put three questions.", "seen": seen}
        return send(cast.director, reverse("reviews:oversight", args=[review.pk]), **data)

    def ready(self, cast: Cast) -> Review:
        review = a_review(cast, "C")
        supply_all(review, cast, but="oversight-sign-off")
        return review

    def test_nothing_came_between(self, cast: Cast) -> None:
        review = self.ready(cast)
        assert self.sign(cast, review, self.opened_by(cast.director, review)).status_code == 302
        assert OversightSignOff.objects.get().accepted

    def test_what_came_between_is_read_first_and_the_words_are_kept(self, cast: Cast) -> None:
        review = self.ready(cast)
        seen = self.opened_by(cast.director, review)
        an_entry(review, by=cast.reviewer, at=NOW + timedelta(minutes=30), what="The gate was locked.")
        response = self.sign(cast, review, seen)
        assert "Something was supplied since you opened this page" in words(response)
        assert "I read every document" in words(response)
        assert not OversightSignOff.objects.exists()
        assert self.sign(cast, review, self.opened_by(cast.director, review)).status_code == 302

    def test_told_once_the_same_page_can_be_sent_again(self, cast: Cast) -> None:
        review = self.ready(cast)
        seen = self.opened_by(cast.director, review)
        an_entry(review, by=cast.reviewer, at=NOW + timedelta(minutes=30), what="The gate was locked.")
        page = self.sign(cast, review, seen).content.decode()
        assert f'value="{seen}"' not in page

    def test_the_first_document_of_all_came_between(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        seen = self.opened_by(cast.director, review)
        supply_all(review, cast, but="oversight-sign-off")
        assert self.sign(cast, review, seen).status_code == 200
        assert not OversightSignOff.objects.exists()

    def test_an_entry_put_right_after_the_signature_must_be_signed_again(
        self, cast: Cast, the_clock: TestClock
    ) -> None:
        review = self.ready(cast)
        self.sign(cast, review, self.opened_by(cast.director, review))
        assert not Obligation.objects.open().filter(kind=OVERSIGHT).exists()
        the_clock.stand_at(LATER + timedelta(hours=1))
        data = ENTRY | {"what": "It rang twice.", "reason": "The log was read again"}
        address = reverse("reviews:correct_entry", args=[review.pk, review.timeline.get().pk])
        assert send(cast.reviewer, address, **data).status_code == 302
        assert Obligation.objects.open().filter(kind=OVERSIGHT).count() == 1
        shown = words(signed_in(cast.reviewer).get(reverse("reviews:complete", args=[review.pk])))
        assert "it must be signed off again" in shown

    @pytest.mark.parametrize("tie", ["reviews", "involved", "decided the threshold"])
    def test_somebody_too_close_is_told_before_they_write(self, cast: Cast, tie: str) -> None:
        changes = {"reviewer": cast.quality_lead} if tie == "reviews" else {}
        review = a_review(cast, "C", **changes)
        if tie == "involved":
            record_involved(
                by=cast.lead, at=NOW, incident=review.incident, person=cast.quality_lead, how="Took the call"
            )
        if tie == "decided the threshold":
            a_threshold_decision(review.incident, by=cast.quality_lead)
        page = words(signed_in(cast.quality_lead).get(reverse("reviews:oversight", args=[review.pk])))
        assert "Quill Harker" in page
        assert 'name="words"' not in page
        assert 'name="words"' in words(signed_in(cast.director).get(reverse("reviews:oversight", args=[review.pk])))

    def test_a_reviewer_found_involved_is_told_before_they_write_the_end(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        address = reverse("reviews:complete", args=[review.pk])
        assert 'name="summary"' in words(signed_in(cast.reviewer).get(address))
        record_involved(by=cast.lead, at=NOW, incident=review.incident, person=cast.reviewer, how="Took the call")
        page = words(signed_in(cast.reviewer).get(address))
        assert "Rowan Thwaite was involved in this incident" in page
        assert 'name="summary"' not in page


@pytest.mark.requirement("R11")
class TestNothingFound:
    BECAUSE = "We looked at rota, phone and plan with the team, and each had worked as written."

    def test_a_formal_investigation_that_found_nothing_can_end(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        supply_all(review, cast, but="findings")
        page = words(signed_in(cast.reviewer).get(reverse("findings:of_review", args=[review.pk])))
        address = reverse("reviews:nothing_found", args=[review.pk])
        assert address in page
        assert send(cast.reviewer, address, because=self.BECAUSE).status_code == 302
        shown = words(signed_in(cast.director).get(reverse("reviews:review", args=[review.pk])))
        assert self.BECAUSE in shown, "oversight reads what it signs"
        supply(review, "oversight-sign-off", cast, at=LATER)
        send(cast.reviewer, reverse("reviews:complete", args=[review.pk]), summary="It all went as written.")
        assert ReviewCompletion.objects.get().nothing_found_because == self.BECAUSE

    def test_a_finding_recorded_later_takes_its_place(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        send(cast.reviewer, reverse("reviews:nothing_found", args=[review.pk]), because=self.BECAUSE)
        a_finding(review, cast, at=LATER + timedelta(minutes=1))
        supply_all(review, cast, but="findings", at=LATER + timedelta(minutes=1))
        done = complete_review(
            by=cast.reviewer, at=LATER + timedelta(minutes=2), review=review, summary="Cover ended too early."
        )
        assert done.nothing_found_because == ""

    @pytest.mark.parametrize("because", ["", "n/a", "nothing", "x" * 20_001])
    def test_a_reason_that_is_none_is_said_beside_it_and_kept(self, cast: Cast, because: str) -> None:
        review = a_review(cast, "C")
        response = send(cast.reviewer, reverse("reviews:nothing_found", args=[review.pk]), because=because)
        assert response.status_code == 200
        assert "There is a problem" in words(response)
        assert because in words(response)
        assert not review.documents.exists()

    def test_with_findings_there_it_is_refused(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        a_finding(review, cast)
        page = words(send(cast.reviewer, reverse("reviews:nothing_found", args=[review.pk]), because=self.BECAUSE))
        assert "There are findings already" in page
        of_review = words(signed_in(cast.reviewer).get(reverse("findings:of_review", args=[review.pk])))
        assert reverse("reviews:nothing_found", args=[review.pk]) not in of_review

    def test_the_same_again_adds_nothing(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        for _ in range(2):
            send(cast.reviewer, reverse("reviews:nothing_found", args=[review.pk]), because=self.BECAUSE)
        assert review.documents.filter(kind="findings").count() == 1

    @pytest.mark.parametrize("who", ["worker", "stranger", "administrator"])
    def test_others_find_no_such_page(self, cast: Cast, who: str) -> None:
        review = a_review(cast, "C")
        address = reverse("reviews:nothing_found", args=[review.pk])
        assert send(cast.people()[who], address, because=self.BECAUSE).status_code == 404
        assert signed_in(cast.lead).get(address).status_code == 200
        assert not review.documents.exists()


class TestDrafts:
    @pytest.mark.parametrize("meanwhile", ["completed", "taken further"])
    def test_nothing_is_kept_for_a_review_that_ended(self, cast: Cast, meanwhile: str) -> None:
        """A page left open goes on saving: its words would lie there for ever, and nobody could open them."""
        review = a_review(cast, "B")
        MEANWHILE[meanwhile][0](cast, review)
        ReviewDraft.objects.all().delete()
        address = reverse("reviews:draft", args=[review.pk, "timeline"])
        response = send(cast.reviewer, address, what=TYPED)
        assert response.status_code == 409
        assert "has ended" in response.json()["error"]
        for page in ("document", "finding"):
            where, data = sends(review)[page]
            assert TYPED in words(send(cast.reviewer, where, **(data | {"later": "yes"})))
        assert not ReviewDraft.objects.exists()

    def test_each_writer_has_their_own_and_the_next_does_not_read_it(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        address = reverse("reviews:document", args=[review.pk, "supervision-check"])
        send(cast.reviewer, address, answer_when=TYPED, later="yes")
        assign_reviewer(
            by=cast.lead, at=NOW, review=review, person=cast.duty_manager_elsewhere, independence=INDEPENDENT
        )
        page = words(signed_in(cast.duty_manager_elsewhere).get(address))
        assert TYPED not in page
        assert "You began it on" not in words(
            signed_in(cast.duty_manager_elsewhere).get(reverse("reviews:review", args=[review.pk]))
        )

    @pytest.mark.parametrize(
        "text",
        [
            "é" * 10_000,
            "🙈🕯️👩🏽‍⚕️ " * 500,
            "<script>alert('x')</script> & {{ csrf_token }} {% raw %}",
            "مرحبا بالعالم\u202e reversed",
            "first line\n\n  second, indented\n\ttabbed",
            "'; DROP TABLE reviews_review; --",
        ],
        ids=["long", "emoji", "markup", "right to left", "lines", "quotes"],
    )
    def test_what_was_saved_comes_back_as_it_was(self, cast: Cast, text: str) -> None:
        review = a_review(cast, "B")
        address = reverse("reviews:document", args=[review.pk, "supervision-check"])
        assert send(cast.reviewer, address, answer_when=text, later="yes").status_code == 302
        kept = drafts.read_draft(review=review, person=cast.reviewer, part="supervision-check")
        assert kept == {"answer_when": [text]}
        page = signed_in(cast.reviewer).get(address).content.decode()
        assert "<script>alert" not in page
        assert html.escape(text[:10], quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")


@pytest.mark.requirement("R10")
@pytest.mark.parametrize(
    "text", ["x" * 10_000, "🕯️ " * 3_000, "<b>bold</b> & <img src=x onerror=alert(1)>", "a\n\nb"], ids=str.__len__
)
def test_an_entry_of_any_words_is_shown_as_text(cast: Cast, text: str) -> None:
    review = a_review(cast, "B")
    address = reverse("reviews:timeline", args=[review.pk])
    assert send(cast.reviewer, address, **(ENTRY | {"what": text})).status_code == 302
    assert review.timeline.get().what == text.strip()
    page = signed_in(cast.lead).get(address).content.decode()
    assert "<img" not in page.split("<main")[1]
    assert "<b>bold" not in page


def test_support_can_be_recorded_after_the_end_and_only_by_those_who_may(cast: Cast) -> None:
    review = a_review(cast)
    completed_meanwhile(cast, review)
    data = {"affected": "family", "who": "his sister", "offered": "A call.", "told": TYPED}
    assert send(cast.reviewer, reverse("reviews:support", args=[review.pk]), **data).status_code == 302
    assert send(cast.supervisor, reverse("reviews:support", args=[review.pk]), **data).status_code == 200
    assert SupportOffer.objects.count() == 1
