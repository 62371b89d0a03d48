"""The pages of a review: what each shows, to whom, and that nothing typed is lost."""

from __future__ import annotations

import html
from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.deadlines.models import Obligation
from saferpractice.files.models import StoredFile
from saferpractice.incidents.operations import decide_restriction, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.reviews import drafts
from saferpractice.reviews.models import InvolvedPerson, Review, ReviewCompletion, ReviewDraft, TimelineEntry
from saferpractice.reviews.queries import reviewer_of
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.reviews import (
    INDEPENDENT,
    METHODS,
    a_file,
    a_review,
    a_threshold_decision,
    a_tier_decision,
    an_entry,
    answers_for,
    completed,
    supply,
    supply_all,
    unstaffed,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]

PAGES = (
    "reviews:review",
    "reviews:timeline",
    "reviews:reviewer",
    "reviews:involved",
    "reviews:support",
    "reviews:oversight",
    "reviews:complete",
)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW + timedelta(hours=1))


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def show(person: Person, name: str, *args: object) -> str:
    response = signed_in(person).get(reverse(name, args=args))
    assert response.status_code == 200, name
    return words(response)


def send(by: Person, page: str, /, *args: object, **data: object) -> HttpResponse:
    return signed_in(by).post(reverse(page, args=args), data)


def moment(name: str, day: str, time: str) -> dict[str, str]:
    """A London day and time as the form asks for it."""
    year, month, number = day.split("-")
    return {f"{name}-year": year, f"{name}-month": month, f"{name}-day": number, f"{name}-time": time}


class TestWhoSeesThem:
    @pytest.mark.parametrize("page", PAGES)
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("worker", False),
            ("colleague", False),
            ("worker_elsewhere", False),
            ("duty_manager", True),
            ("duty_manager_elsewhere", False),
            ("lead", True),
            ("reviewer", True),
            ("administrator", False),
            ("commissioner", False),
            ("stranger", False),
        ],
    )
    def test_persona_and_page(self, cast: Cast, page: str, who: str, sees: bool) -> None:
        review = a_review(cast, "C")
        response = signed_in(cast.people()[who]).get(reverse(page, args=[review.pk]))
        assert response.status_code == (200 if sees else 404)

    @pytest.mark.parametrize("page", [*PAGES, "reviews:draw"])
    def test_signed_out_leads_to_sign_in(self, cast: Cast, page: str) -> None:
        review = a_review(cast, "C")
        response = Client().get(reverse(page, args=[review.pk]))
        assert response.status_code == 302
        assert reverse("account_login") in response.headers["Location"]

    @pytest.mark.parametrize("page", PAGES)
    def test_no_such_review(self, cast: Cast, page: str) -> None:
        assert signed_in(cast.lead).get(reverse(page, args=[uuid4()])).status_code == 404

    def test_restricted_only_named_people(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        decide_restriction(by=cast.lead, at=NOW, incident=review.incident, restricted=True, reason="An allegation")
        url = reverse("reviews:review", args=[review.pk])
        seen = {who: signed_in(person).get(url).status_code == 200 for who, person in cast.people().items()}
        assert {who for who, sees in seen.items() if sees} == {"lead", "reviewer"}

    def test_somebody_kept_from_it_and_a_withdrawn_one(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        url = reverse("reviews:review", args=[review.pk])
        keep_from(
            by=cast.lead,
            at=NOW,
            incident=review.incident,
            person=cast.duty_manager,
            because=KeptFromReason.ALLEGED_SOURCE,
        )
        assert signed_in(cast.duty_manager).get(url).status_code == 404
        withdraw_incident(by=cast.lead, at=NOW, incident=review.incident, reason="Reported twice")
        assert signed_in(cast.lead).get(url).status_code == 404

    @pytest.mark.parametrize("page", PAGES)
    def test_every_look_is_recorded_and_a_refused_one_is_not(self, cast: Cast, page: str) -> None:
        review = a_review(cast, "C")
        signed_in(cast.worker_elsewhere).get(reverse(page, args=[review.pk]))
        assert not AccessEntry.objects.exists()
        show(cast.lead, page, review.pk)
        entry = AccessEntry.objects.get()
        assert (entry.by_id, entry.story_id) == (cast.lead.pk, review.incident_id)

    def test_posts_of_strangers_change_nothing(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        for name in ("reviews:complete", "reviews:draw", "reviews:timeline", "reviews:reviewer", "reviews:involved"):
            assert send(cast.stranger, name, review.pk, summary="Done.").status_code == 404
        assert not ReviewCompletion.objects.exists()


class TestOpening:
    def asked(self, cast: Cast, tier: str = "B") -> object:
        incident = an_incident(by=cast.worker, team=cast.north)
        a_tier_decision(incident, tier, by=cast.lead)
        return incident.pk

    def test_it_says_which_review_and_what_it_will_need(self, cast: Cast) -> None:
        page = show(cast.lead, "reviews:open", self.asked(cast))
        assert "Tier B, structured review" in page
        assert "Partner-interface review" in page
        assert "The end of Wednesday 18 March 2026" in page  # ten working days for the timeline
        assert "Terms of reference" not in page

    def test_opening_with_a_reviewer(self, cast: Cast) -> None:
        response = send(
            cast.lead,
            "reviews:open",
            self.asked(cast),
            method="structured-review",
            person=cast.reviewer.pk,
            independence=INDEPENDENT,
        )
        review = Review.objects.get()
        assert response.headers["Location"] == reverse("reviews:review", args=[review.pk])
        assert reviewer_of(review).person == cast.reviewer  # type: ignore[union-attr]

    def test_opening_without_one(self, cast: Cast) -> None:
        send(cast.lead, "reviews:open", self.asked(cast), method="structured-review")
        assert reviewer_of(Review.objects.get()) is None

    def test_a_reviewer_without_a_statement_is_asked_for_it_and_the_rest_is_kept(self, cast: Cast) -> None:
        page = words(send(cast.lead, "reviews:open", self.asked(cast), method="mdt-review", person=cast.reviewer.pk))
        assert "Say how you know that they are independent" in page
        assert 'value="mdt-review" checked' in page
        assert not Review.objects.exists()

    def test_a_warning_asks_why_to_go_on(self, cast: Cast) -> None:
        data = {"method": "structured-review", "person": cast.supervisor.pk, "independence": INDEPENDENT}
        incident_id = self.asked(cast)
        assert "Why are they still the right person?" not in show(cast.lead, "reviews:open", incident_id)
        page = words(send(cast.lead, "reviews:open", incident_id, **data))
        assert "manages or supervises where this was reported" in page
        assert "Why are they still the right person?" in page
        data["despite"] = "Nobody else in the provider knows the method."
        assert send(cast.lead, "reviews:open", incident_id, **data).status_code == 302

    def test_before_the_tier_it_leads_to_triage(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert "The tier is not decided yet" in show(cast.lead, "reviews:open", incident.pk)

    def test_once_open_it_leads_to_the_review(self, cast: Cast) -> None:
        review = a_review(cast)
        response = signed_in(cast.lead).get(reverse("reviews:open", args=[review.incident_id]))
        assert response.headers["Location"] == reverse("reviews:review", args=[review.pk])

    def test_somebody_who_may_not_sees_why(self, cast: Cast) -> None:
        page = show(cast.supervisor, "reviews:open", self.asked(cast))
        assert "may open a review" in page
        assert 'class="sp-form"' not in page


class TestTheReviewPage:
    @pytest.mark.parametrize("tier", ["A", "B", "C"])
    def test_lists_what_is_needed_with_links_and_days(self, cast: Cast, tier: str) -> None:
        review = a_review(cast, tier)
        page = show(cast.reviewer, "reviews:review", review.pk)
        for row in review.required_documents.all():
            assert row.label in page
        assert page.count("Missing") >= review.required_documents.count()
        assert "Due in 2 working days" in page
        assert reverse("reviews:document", args=[review.pk, "immediate-actions"]) in page

    def test_what_was_supplied_says_when_and_by_whom(self, cast: Cast) -> None:
        review = a_review(cast)
        supply(review, "immediate-actions", cast)
        page = show(cast.lead, "reviews:review", review.pk)
        assert "Present" in page
        assert "What was seen and said about done." in page
        assert "Rowan Thwaite" in page

    def test_late_is_said_without_colour_alone(self, cast: Cast, the_clock: TestClock) -> None:
        review = a_review(cast)
        the_clock.stand_at(NOW + timedelta(days=30))
        page = show(cast.reviewer, "reviews:review", review.pk)
        assert "working days late" in page
        assert "Late" in page

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (1, "Due in 1 working day: by the end of Friday 6 March 2026, set locally."),
            (30, "working days late: by the end of Friday 6 March 2026, set locally."),
        ],
    )
    def test_each_day_says_who_set_it(self, cast: Cast, the_clock: TestClock, days: int, said: str) -> None:
        review = a_review(cast)
        the_clock.stand_at(NOW + timedelta(days=days))
        assert said in show(cast.reviewer, "reviews:review", review.pk)

    def test_what_good_looks_like_stands_under_its_heading(self, cast: Cast) -> None:
        review = a_review(cast)
        page = show(cast.reviewer, "reviews:document", review.pk, "immediate-actions")
        assert "<strong>What good looks like</strong></p><p>Says what was done, by whom and when" in page
        assert "Good: " not in page

    def test_a_message_names_the_tier_with_its_capital(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        a_tier_decision(incident, "A", by=cast.lead)
        sent = {"method": METHODS["A"], "independence": "", "person": ""}
        address = reverse("reviews:open", args=[incident.pk])
        assert "Tier A, rapid review, is open." in words(signed_in(cast.lead).post(address, sent, follow=True))

    def test_completing_is_shown_as_refused_with_what_is_missing(self, cast: Cast) -> None:
        review = a_review(cast)
        page = show(cast.reviewer, "reviews:review", review.pk)
        assert "First supply what is missing: Immediate local actions; Quick root-cause check; Findings" in page
        supply_all(review, cast)
        assert reverse("reviews:complete", args=[review.pk]) in show(cast.reviewer, "reviews:review", review.pk)

    def test_why_this_tier(self, cast: Cast) -> None:
        assert "for the test" in show(cast.lead, "reviews:review", a_review(cast).pk)

    def test_nobody_yet_offers_to_choose_to_those_who_may(self, cast: Cast) -> None:
        review = unstaffed(cast)
        link = reverse("reviews:reviewer", args=[review.pk])
        assert link in show(cast.lead, "reviews:review", review.pk)
        assert link not in show(cast.supervisor, "reviews:review", review.pk)

    def test_complete_it_shows_what_was_found_and_offers_no_more_writing(self, cast: Cast) -> None:
        review = completed(a_review(cast), cast)
        page = show(cast.reviewer, "reviews:review", review.pk)
        assert "Duty cover ended before the second visit." in page
        assert "Do it all on one page" not in page
        assert reverse("reviews:complete", args=[review.pk]) not in page

    def test_a_required_document_leads_to_where_it_is_supplied(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        places = {
            "terms-of-reference": reverse("reviews:document", args=[review.pk, "terms-of-reference"]),
            "timeline": reverse("reviews:timeline", args=[review.pk]),
            "findings": reverse("findings:of_review", args=[review.pk]),
            "oversight-sign-off": reverse("reviews:oversight", args=[review.pk]),
        }
        for kind, place in places.items():
            row = review.required_documents.get(kind=kind)
            response = signed_in(cast.reviewer).get(reverse("reviews:required", args=[row.pk]))
            assert response.headers["Location"] == place
            assert signed_in(cast.worker).get(reverse("reviews:required", args=[row.pk])).status_code == 404
        assert signed_in(cast.reviewer).get(reverse("reviews:required", args=[uuid4()])).status_code == 404

    def test_every_piece_of_work_has_its_page(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        client = signed_in(cast.reviewer)
        for asked in Obligation.objects.filter(story_id=review.incident_id, owner=cast.reviewer):
            response = client.get(reverse("home:go", args=[asked.pk]), follow=True)
            assert response.status_code == 200, asked.title


class TestDocuments:
    def test_supplying(self, cast: Cast) -> None:
        review = a_review(cast)
        answers = {f"answer_{code}": said for code, said in answers_for(review, "quick-root-cause").items()}
        response = send(cast.reviewer, "reviews:document", review.pk, "quick-root-cause", **answers)
        assert response.headers["Location"] == reverse("reviews:review", args=[review.pk])
        assert review.documents.get().answers[0]["answer"] == "What was seen and said about usual."

    def test_what_was_typed_is_kept_when_something_is_lacking(self, cast: Cast) -> None:
        review = a_review(cast)
        page = words(
            send(cast.reviewer, "reviews:document", review.pk, "quick-root-cause", answer_usual="A visit at ten.")
        )
        assert "A visit at ten." in page
        assert "There is a problem" in page
        assert "Answer “What about the system made it more likely?”" in page
        assert not review.documents.exists()

    def test_a_file(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        send(cast.reviewer, "reviews:document", review.pk, "evidence-pack", upload=a_file("pack.txt"), text="Index")
        assert StoredFile.objects.get().name == "pack.txt"
        page = show(cast.lead, "reviews:document", review.pk, "evidence-pack")
        assert "pack.txt" in page
        assert "Index" in page

    @pytest.mark.parametrize(("name", "content"), [("pack.exe", b"MZ"), ("pack.pdf", b"not a pdf"), ("pack.txt", b"")])
    def test_a_file_of_the_wrong_kind(self, cast: Cast, name: str, content: bytes) -> None:
        review = a_review(cast, "C")
        response = send(
            cast.reviewer, "reviews:document", review.pk, "evidence-pack", upload=a_file(name, content), text="Index"
        )
        assert response.status_code == 200
        assert "Index" in words(response)
        assert not StoredFile.objects.exists()

    def test_the_form_shows_what_stands_and_what_stood_before(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        supply(review, "supervision-check", cast)
        send(
            cast.reviewer,
            "reviews:document",
            review.pk,
            "supervision-check",
            answer_when="Never until then.",
            **{"answer_came-of-it": "Nothing.", "answer_reach": "A list."},
        )
        page = show(cast.reviewer, "reviews:document", review.pk, "supervision-check")
        assert "Never until then." in page
        assert "1 earlier version" in page
        assert "What was seen and said about when." in page

    @pytest.mark.requirement("R10")
    def test_decisions_are_put_to_the_reviewer_one_by_one(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        decision = a_threshold_decision(review.incident, by=cast.lead)
        page = show(cast.reviewer, "reviews:document", review.pk, "decision-review")
        assert "Seen by the crisis team within the hour" in page
        answers = {f"answer_{code}": said for code, said in answers_for(review, "decision-review").items()}
        response = send(cast.reviewer, "reviews:document", review.pk, "decision-review", **answers)
        assert "Say whether this decision was sound on what was known then" in words(response)
        answers |= {f"verdict_{decision.pk}": "not_sound", f"why_{decision.pk}": "The call was on record."}
        assert send(cast.reviewer, "reviews:document", review.pk, "decision-review", **answers).status_code == 302
        assert "Not sound on what was known then" in show(cast.lead, "reviews:review", review.pk)

    def test_a_verdict_nobody_offered(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        decision = a_threshold_decision(review.incident, by=cast.lead)
        answers = {f"answer_{code}": said for code, said in answers_for(review, "decision-review").items()}
        answers |= {f"verdict_{decision.pk}": "guilty", f"why_{decision.pk}": "x"}
        assert send(cast.reviewer, "reviews:document", review.pk, "decision-review", **answers).status_code == 200
        assert not review.documents.exists()

    @pytest.mark.parametrize("kind", ["no-such-document", "timeline", "terms-of-reference", "%2e%2e"])
    def test_no_such_document(self, cast: Cast, kind: str) -> None:
        review = a_review(cast)
        assert signed_in(cast.reviewer).get(f"/reviews/{review.pk}/documents/{kind}").status_code == 404

    def test_somebody_else_reads_and_sees_why_they_may_not_write(self, cast: Cast) -> None:
        review = a_review(cast)
        page = show(cast.lead, "reviews:document", review.pk, "quick-root-cause")
        assert "Only Rowan Thwaite" in page
        response = send(cast.lead, "reviews:document", review.pk, "quick-root-cause", answer_usual="x")
        assert response.status_code == 200
        assert not review.documents.exists()

    def test_hostile_words_are_shown_as_words(self, cast: Cast) -> None:
        review = a_review(cast)
        hostile = "<script>alert(1)</script>"
        answers = {f"answer_{code}": hostile for code in answers_for(review, "quick-root-cause")}
        send(cast.reviewer, "reviews:document", review.pk, "quick-root-cause", **answers)
        response = signed_in(cast.lead).get(reverse("reviews:review", args=[review.pk]))
        assert hostile not in response.content.decode()
        assert hostile in words(response)

    def test_the_earlier_review_fills_the_form_and_counts_for_nothing_yet(self, cast: Cast) -> None:
        from saferpractice.reviews.operations import open_review

        earlier = a_review(cast, "B")
        supply(earlier, "supervision-check", cast)
        a_tier_decision(earlier.incident, "C", by=cast.lead, at=NOW + timedelta(minutes=5))
        later = open_review(
            by=cast.lead,
            at=NOW + timedelta(minutes=6),
            incident=earlier.incident,
            method="psii",
            reviewer=cast.reviewer,
            independence=INDEPENDENT,
        )
        page = show(cast.reviewer, "reviews:document", later.pk, "supervision-check")
        assert "What was seen and said about when." in page
        assert "Filled in with what the earlier review holds" in page
        assert not later.documents.exists()


class TestSavingForLater:
    def test_half_a_document_is_kept_and_not_supplied(self, cast: Cast) -> None:
        review = a_review(cast)
        send(cast.reviewer, "reviews:document", review.pk, "quick-root-cause", answer_usual="Half a", later="yes")
        assert not review.documents.exists()
        assert "Half a" in show(cast.reviewer, "reviews:document", review.pk, "quick-root-cause")
        assert "You began it on" in show(cast.reviewer, "reviews:review", review.pk)

    def test_it_is_kept_encrypted_and_bound_to_its_writer(self, cast: Cast) -> None:
        review = a_review(cast)
        drafts.save_draft(
            review=review, person=cast.reviewer, part="quick-root-cause", answers={"answer_usual": ["Secret"]}, at=NOW
        )
        draft = ReviewDraft.objects.get()
        assert "Secret" not in draft.answers_encrypted
        assert drafts.read_draft(review=review, person=cast.lead, part="quick-root-cause") is None
        ReviewDraft.objects.update(person=cast.lead)
        with pytest.raises(ValueError):
            drafts.read_draft(review=review, person=cast.lead, part="quick-root-cause")

    def test_as_it_is_typed(self, cast: Cast) -> None:
        review = a_review(cast)
        url = reverse("reviews:draft", args=[review.pk, "quick-root-cause"])
        response = signed_in(cast.reviewer).post(url, {"answer_usual": "Hal", "csrfmiddlewaretoken": "x"})
        assert response.json() == {"saved_at": "3:05am"}
        assert drafts.read_draft(review=review, person=cast.reviewer, part="quick-root-cause") == {
            "answer_usual": ["Hal"]
        }

    def test_only_by_the_reviewer(self, cast: Cast) -> None:
        review = a_review(cast)
        url = reverse("reviews:draft", args=[review.pk, "quick-root-cause"])
        for person in (cast.lead, cast.worker, cast.stranger):
            assert signed_in(person).post(url, {"answer_usual": "x"}).status_code == 404
        assert signed_in(cast.reviewer).get(url).status_code == 405
        assert not ReviewDraft.objects.exists()

    def test_not_without_end(self, cast: Cast) -> None:
        review = a_review(cast)
        url = reverse("reviews:draft", args=[review.pk, "quick-root-cause"])
        response = signed_in(cast.reviewer).post(url, {"answer_usual": "x" * (drafts.LARGEST + 1)})
        assert response.status_code == 413
        assert not ReviewDraft.objects.exists()

    def test_supplied_it_is_gone(self, cast: Cast) -> None:
        review = a_review(cast)
        answers = {f"answer_{code}": said for code, said in answers_for(review, "quick-root-cause").items()}
        send(cast.reviewer, "reviews:document", review.pk, "quick-root-cause", answer_usual="Half", later="yes")
        send(cast.reviewer, "reviews:document", review.pk, "quick-root-cause", **answers)
        assert not ReviewDraft.objects.exists()

    def test_with_the_review_complete_all_are_gone(self, cast: Cast) -> None:
        review = a_review(cast)
        drafts.save_draft(review=review, person=cast.reviewer, part="finding", answers={}, at=NOW)
        completed(review, cast)
        assert not ReviewDraft.objects.exists()


@pytest.mark.requirement("R10")
class TestTimeline:
    def entry(self, **changes: object) -> dict[str, object]:
        return {
            "precision": "exact",
            **moment("exactly_at", "2026-03-03", "21:40"),
            "what": "The phone rang out.",
            "source": "Phone log",
        } | changes

    def test_draw_and_draw_again(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        assert send(cast.reviewer, "reviews:draw", review.pk).status_code == 302
        count = review.timeline.count()
        assert count > 1
        client = signed_in(cast.reviewer)
        response = client.post(reverse("reviews:draw", args=[review.pk]), follow=True)
        assert "Everything the records say is in the timeline already." in words(response)
        assert review.timeline.count() == count

    def test_drawing_is_never_a_get(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        assert signed_in(cast.reviewer).get(reverse("reviews:draw", args=[review.pk])).status_code == 405

    def test_somebody_else_who_draws_is_told_why_not(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        response = signed_in(cast.lead).post(reverse("reviews:draw", args=[review.pk]), follow=True)
        assert "Only Rowan Thwaite" in words(response)
        assert not review.timeline.exists()

    @pytest.mark.parametrize(
        ("changes", "shown"),
        [
            ({}, "Tuesday 3 March 2026, 9:40pm"),
            ({"precision": "about", **moment("about_at", "2026-03-03", "21:40")}, "About Tuesday 3 March 2026, 9:40pm"),
            ({"precision": "day", "on_day": "2026-03-03"}, "Tuesday 3 March 2026, time not known"),
        ],
    )
    def test_by_hand(self, cast: Cast, changes: dict[str, object], shown: str) -> None:
        review = a_review(cast, "B")
        response = send(cast.reviewer, "reviews:timeline", review.pk, **self.entry(**changes))
        assert response.status_code == 302, words(response)
        assert shown in show(cast.lead, "reviews:timeline", review.pk)

    def test_what_is_lacking_is_said_and_the_rest_kept(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        page = words(send(cast.reviewer, "reviews:timeline", review.pk, **self.entry(source="")))
        assert "The phone rang out." in page
        assert "Say where this comes from" in page
        assert "There is a problem" in page
        assert not review.timeline.exists()

    def test_a_future_time(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        response = send(
            cast.reviewer, "reviews:timeline", review.pk, **self.entry(**moment("exactly_at", "2027-03-03", "21:40"))
        )
        assert response.status_code == 200
        assert not review.timeline.exists()

    def test_an_hour_that_never_happened(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        response = send(
            cast.reviewer, "reviews:timeline", review.pk, **self.entry(**moment("exactly_at", "2025-03-30", "01:30"))
        )
        assert "clocks went forward" in words(response)

    def test_putting_right(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer)
        url = reverse("reviews:correct_entry", args=[review.pk, entry.pk])
        assert "The duty phone was not answered" in words(signed_in(cast.reviewer).get(url))
        data = self.entry(what="It rang twice.", reason="The log was read again")
        assert signed_in(cast.reviewer).post(url, data).status_code == 302
        page = show(cast.lead, "reviews:timeline", review.pk)
        assert "It rang twice." in page
        assert "It said before" in page

    def test_what_somebody_put_right_meanwhile_is_shown_not_put_right_again(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer)
        url = reverse("reviews:correct_entry", args=[review.pk, entry.pk])
        signed_in(cast.reviewer).post(url, self.entry(what="It rang twice.", reason="The log was read again"))
        response = signed_in(cast.reviewer).get(url, follow=True)
        assert response.redirect_chain == [(reverse("reviews:timeline", args=[review.pk]), 302)]
        assert "Somebody put this entry right meanwhile" in words(response)

    @pytest.mark.parametrize("who", ["duty_manager", "supervisor"])
    def test_those_who_may_not_put_right_see_no_link(self, cast: Cast, who: str) -> None:
        review = a_review(cast, "B")
        entry = an_entry(review, by=cast.reviewer)
        page = show(cast.people()[who], "reviews:timeline", review.pk)
        assert reverse("reviews:correct_entry", args=[review.pk, entry.pk]) not in page

    def test_an_entry_of_another_review(self, cast: Cast) -> None:
        entry = an_entry(a_review(cast, "B"), by=cast.reviewer)
        other = a_review(cast, "B")
        url = reverse("reviews:correct_entry", args=[other.pk, entry.pk])
        assert signed_in(cast.reviewer).get(url).status_code == 404
        assert TimelineEntry.objects.count() == 1


class TestPeople:
    def test_asking_somebody_else(self, cast: Cast) -> None:
        review = a_review(cast)
        data = {"person": cast.duty_manager_elsewhere.pk, "independence": INDEPENDENT}
        assert send(cast.lead, "reviews:reviewer", review.pk, **data).status_code == 302
        page = show(cast.lead, "reviews:reviewer", review.pk)
        assert "Dinah Frost" in page
        assert "Who carried it out before" in page

    def test_an_unfit_choice_is_refused_beside_the_field(self, cast: Cast) -> None:
        incident = an_incident(by=cast.duty_manager_elsewhere, team=cast.north)
        review = a_review(cast, incident=incident)
        data = {"person": cast.duty_manager_elsewhere.pk, "independence": INDEPENDENT}
        page = words(send(cast.lead, "reviews:reviewer", review.pk, **data))
        assert "Dinah Frost reported this incident, so cannot review it." in page
        assert INDEPENDENT in page

    def test_somebody_not_offered_cannot_be_sent(self, cast: Cast) -> None:
        review = a_review(cast)
        for person_id in (cast.stranger.pk, cast.administrator.pk, uuid4(), "x' OR 1=1"):
            send(cast.lead, "reviews:reviewer", review.pk, person=person_id, independence=INDEPENDENT)
            assert reviewer_of(review).person == cast.reviewer  # type: ignore[union-attr]

    def test_involved(self, cast: Cast) -> None:
        review = a_review(cast)
        send(cast.reviewer, "reviews:involved", review.pk, person=cast.colleague.pk, involved="yes", how="On shift")
        assert "Corin Vale: On shift" in show(cast.lead, "reviews:involved", review.pk)
        send(cast.reviewer, "reviews:involved", review.pk, person=cast.colleague.pk, involved="no", how="Was on leave")
        assert InvolvedPerson.objects.standing(review.incident_id) == []

    def test_support(self, cast: Cast) -> None:
        review = a_review(cast)
        data = {"affected": "family", "who": "his sister", "offered": "A call each week.", "questions": "Why?"}
        assert send(cast.reviewer, "reviews:support", review.pk, **data).status_code == 302
        page = show(cast.lead, "reviews:support", review.pk)
        assert "Family or carers: his sister" in page
        assert "They want to know: Why?" in page


class TestEnding:
    def test_completing(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        response = send(cast.reviewer, "reviews:complete", review.pk, summary="Cover ended too early.")
        assert response.headers["Location"] == reverse("reviews:review", args=[review.pk])
        assert ReviewCompletion.objects.get().summary == "Cover ended too early."

    @pytest.mark.parametrize("left_out", ["immediate-actions", "quick-root-cause"])
    def test_the_page_lists_what_is_missing_with_its_link(self, cast: Cast, left_out: str) -> None:
        review = a_review(cast)
        supply_all(review, cast, but=left_out)
        link = reverse("reviews:document", args=[review.pk, left_out])
        assert link in show(cast.reviewer, "reviews:complete", review.pk)
        response = send(cast.reviewer, "reviews:complete", review.pk, summary="Done all the same.")
        assert response.status_code == 200
        assert link in words(response)
        assert not ReviewCompletion.objects.exists()

    def test_without_a_finding_it_asks_why(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast, but="findings")
        page = words(send(cast.reviewer, "reviews:complete", review.pk, summary="Nothing to change."))
        assert "There is no finding yet" in page
        assert "Nothing to change." in page
        data = {"summary": "Nothing to change.", "nothing_found_because": "It all went as written and as expected."}
        assert send(cast.reviewer, "reviews:complete", review.pk, **data).status_code == 302

    def test_it_asks_after_support(self, cast: Cast) -> None:
        review = a_review(cast)
        supply_all(review, cast)
        assert "No support for the person" in show(cast.reviewer, "reviews:complete", review.pk)

    @pytest.mark.requirement("R11")
    def test_signing_off(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        assert "It cannot be signed off yet" in show(cast.director, "reviews:oversight", review.pk)
        supply_all(review, cast, but="oversight-sign-off")
        data = {"accepted": "yes", "words": "Terms met, findings follow, the plan answers them."}
        assert send(cast.director, "reviews:oversight", review.pk, **data).status_code == 302
        assert "Signed off" in show(cast.reviewer, "reviews:review", review.pk)

    @pytest.mark.requirement("R11")
    def test_signing_too_early_keeps_the_words(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        data = {"accepted": "yes", "words": "Terms met, findings follow, the plan answers them."}
        page = words(send(cast.director, "reviews:oversight", review.pk, **data))
        assert "Terms met, findings follow" in page
        assert "This review cannot be signed off yet. Missing:" in page

    def test_a_lighter_review_has_no_oversight_page(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        assert signed_in(cast.director).get(reverse("reviews:oversight", args=[review.pk])).status_code == 404


class TestTheIncidentPage:
    def test_before_a_review_it_offers_to_open_one(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert "panel-review" not in show(cast.lead, "home:incident", incident.pk)
        a_tier_decision(incident, "B", by=cast.lead)
        page = show(cast.lead, "home:incident", incident.pk)
        assert "Triage asks for" in page
        assert reverse("reviews:open", args=[incident.pk]) in page
        assert "may open a review" in show(cast.supervisor, "home:incident", incident.pk)

    def test_under_way_and_complete(self, cast: Cast) -> None:
        review = a_review(cast)
        page = show(cast.reviewer, "home:incident", review.incident_id)
        assert "Under way" in page
        assert "Go on with the review" in page
        completed(review, cast)
        assert "Duty cover ended before the second visit." in show(cast.lead, "home:incident", review.incident_id)
