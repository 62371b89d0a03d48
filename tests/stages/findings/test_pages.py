"""The pages of findings: blame asked about, nothing typed lost, the Pareto of what each may see."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.findings.models import Finding
from saferpractice.findings.presenters import marked, percent, wording
from saferpractice.findings.rules import blame_in
from saferpractice.incidents.operations import decide_restriction
from saferpractice.reviews.models import Review, ReviewCompletion, ReviewDraft
from tests.conftest import TestClock
from tests.factories.findings import BLAMING, KEPT, MORE_LIKELY, REDUCES, STATEMENT, a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import INDEPENDENT, a_review, a_tier_decision, an_entry, completed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R13")]


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW + timedelta(hours=1))


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def show(by: Person, page: str, /, *args: object) -> str:
    response = signed_in(by).get(reverse(page, args=args))
    assert response.status_code == 200, page
    return words(response)


def send(by: Person, page: str, /, *args: object, **data: object) -> HttpResponse:
    return signed_in(by).post(reverse(page, args=args), data)


def typed(review: Review, **changes: Any) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "condition": "no-duty-cover",
        "statement": STATEMENT,
        "made_more_likely": MORE_LIKELY,
        "reduces_recurrence": REDUCES,
        "evidence": [str(entry.pk) for entry in review.timeline.all()],
    }
    return answers | changes


def with_entry(cast: Cast, tier: str = "B") -> Review:
    review = a_review(cast, tier)
    an_entry(review, by=cast.reviewer)
    return review


class TestWhoSeesThem:
    @pytest.mark.parametrize("page", ["findings:of_review", "findings:new"])
    @pytest.mark.parametrize(
        ("who", "sees"),
        [
            ("worker", False),
            ("worker_elsewhere", False),
            ("duty_manager", True),
            ("duty_manager_elsewhere", False),
            ("lead", True),
            ("reviewer", True),
            ("administrator", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_persona_and_page(self, cast: Cast, page: str, who: str, sees: bool) -> None:
        review = with_entry(cast)
        a_finding(review, cast)
        response = signed_in(cast.people()[who]).get(reverse(page, args=[review.pk]))
        assert response.status_code == (200 if sees else 404)

    @pytest.mark.parametrize(("who", "sees"), [("worker", False), ("lead", True), ("stranger", False)])
    def test_one_finding(self, cast: Cast, who: str, sees: bool) -> None:
        finding = a_finding(with_entry(cast), cast)
        client = signed_in(cast.people()[who])
        assert client.get(reverse("findings:correct", args=[finding.pk])).status_code == (200 if sees else 404)
        assert client.get(reverse("findings:finding", args=[finding.pk])).status_code == (302 if sees else 404)
        assert client.get(reverse("findings:correct", args=[uuid4()])).status_code == 404

    def test_looks_are_recorded(self, cast: Cast) -> None:
        review = with_entry(cast)
        show(cast.lead, "findings:of_review", review.pk)
        entry = AccessEntry.objects.get()
        assert (entry.page, entry.story_id) == ("findings", review.incident_id)

    def test_others_see_why_they_may_not_add(self, cast: Cast) -> None:
        review = with_entry(cast)
        assert "Only Rowan Thwaite" in show(cast.lead, "findings:of_review", review.pk)
        response = send(cast.lead, "findings:new", review.pk, **typed(review))
        assert "Only Rowan Thwaite" in words(response)
        assert not Finding.objects.exists()


class TestRecording:
    def test_from_the_form(self, cast: Cast) -> None:
        review = with_entry(cast)
        response = send(cast.reviewer, "findings:new", review.pk, **typed(review))
        assert response.headers["Location"] == reverse("findings:of_review", args=[review.pk])
        page = show(cast.lead, "findings:of_review", review.pk)
        assert STATEMENT in page
        assert "Lack of duty cover" in page
        assert "The duty phone was not answered for forty minutes." in page

    def test_the_conditions_come_with_their_hints(self, cast: Cast) -> None:
        page = show(cast.reviewer, "findings:new", with_entry(cast).pk)
        assert "Nobody was there to ask, decide or respond at that time." in page

    @pytest.mark.parametrize("field", ["condition", "statement", "made_more_likely", "reduces_recurrence", "evidence"])
    def test_what_is_lacking_is_said_and_the_rest_is_kept(self, cast: Cast, field: str) -> None:
        review = with_entry(cast)
        answers = typed(review)
        del answers[field]
        page = words(send(cast.reviewer, "findings:new", review.pk, **answers))
        assert "There is a problem" in page
        for name in {"statement": STATEMENT, "made_more_likely": MORE_LIKELY}.keys() - {field}:
            assert answers[name] in page
        assert not Finding.objects.exists()

    def test_evidence_of_another_review(self, cast: Cast) -> None:
        other = an_entry(a_review(cast, "B"), by=cast.reviewer)
        review = with_entry(cast)
        response = send(cast.reviewer, "findings:new", review.pk, **typed(review, evidence=[str(other.pk)]))
        assert response.status_code == 200
        assert not Finding.objects.exists()

    def test_without_a_timeline_it_leads_there(self, cast: Cast) -> None:
        review = a_review(cast, "B")
        assert reverse("reviews:timeline", args=[review.pk]) in show(cast.reviewer, "findings:new", review.pk)

    def test_saved_for_later(self, cast: Cast) -> None:
        review = with_entry(cast)
        send(cast.reviewer, "findings:new", review.pk, statement="Half a thought", later="yes")
        assert not Finding.objects.exists()
        assert "Half a thought" in show(cast.reviewer, "findings:new", review.pk)
        send(cast.reviewer, "findings:new", review.pk, **typed(review))
        assert not ReviewDraft.objects.exists()

    @pytest.mark.requirement("R10")
    def test_found_before_is_said_with_what_one_may_open(self, cast: Cast) -> None:
        first = a_finding(with_entry(cast), cast)
        hidden = a_finding(with_entry(cast), cast)
        decide_restriction(by=cast.lead, at=NOW, incident=hidden.incident, restricted=True, reason="An allegation")
        review = with_entry(cast)
        client = signed_in(cast.reviewer)
        page = words(client.post(reverse("findings:new", args=[review.pk]), typed(review), follow=True))
        assert "The same condition was found before in this service" in page
        page = show(cast.duty_manager, "findings:of_review", review.pk)
        assert f"incident {first.incident.reference}" in page
        assert hidden.incident.reference not in page


class TestBlame:
    def test_the_words_are_marked_and_a_system_question_stands_beside_them(self, cast: Cast) -> None:
        review = with_entry(cast)
        response = send(cast.reviewer, "findings:new", review.pk, **typed(review, statement=BLAMING))
        page = words(response)
        match = blame_in(BLAMING)[0]
        assert f"<mark>{match.words}</mark>" in page
        assert match.question in page
        assert "Why does the wording stay as it is?" in page
        assert not Finding.objects.exists()

    def test_going_on_with_a_reason(self, cast: Cast) -> None:
        review = with_entry(cast)
        answers = typed(review, statement=BLAMING, kept_reason=KEPT)
        assert send(cast.reviewer, "findings:new", review.pk, **answers).status_code == 302
        page = show(cast.lead, "findings:of_review", review.pk)
        assert "Points at a person" in page
        assert KEPT in page

    def test_the_question_is_not_asked_where_nothing_points_at_a_person(self, cast: Cast) -> None:
        assert "Why does the wording stay" not in show(cast.reviewer, "findings:new", with_entry(cast).pk)

    def test_checking_the_wording_records_nothing(self, cast: Cast) -> None:
        review = with_entry(cast)
        page = words(send(cast.reviewer, "findings:new", review.pk, **typed(review, statement=BLAMING), check="yes"))
        assert "<mark>" in page
        assert not Finding.objects.exists()
        page = words(send(cast.reviewer, "findings:new", review.pk, **typed(review), check="yes"))
        assert "<mark>" not in page
        assert STATEMENT in page
        assert not Finding.objects.exists()

    def test_marking_escapes_everything_else(self) -> None:
        text = "<b>The worker should have</b> called & told"
        shown = str(marked(text, blame_in(text)))
        assert "<b>" not in shown
        assert html.unescape(shown.replace("<mark>", "").replace("</mark>", "")) == text

    def test_only_texts_that_point_at_somebody_are_listed(self) -> None:
        found = wording({"statement": BLAMING, "made_more_likely": MORE_LIKELY})
        assert [one["label"] for one in found] == ["The statement"]
        assert all(one["questions"] for one in found)


class TestCorrecting:
    def test_beside_the_earlier(self, cast: Cast) -> None:
        review = with_entry(cast)
        finding = a_finding(review, cast)
        answers = typed(review, statement="Cover ended at eleven, so nobody could decide.")
        url = reverse("findings:correct", args=[finding.pk])
        assert STATEMENT in words(signed_in(cast.reviewer).get(url))
        page = words(signed_in(cast.reviewer).post(url, answers))
        assert "Say why it is put right" in page
        assert "Cover ended at eleven" in page
        answers["corrected_because"] = "The rota shows that cover ended at eleven."
        assert signed_in(cast.reviewer).post(url, answers).status_code == 302
        page = show(cast.lead, "findings:of_review", review.pk)
        assert "Cover ended at eleven" in page
        assert "what it said before" in page
        response = signed_in(cast.reviewer).get(url, follow=True)
        assert response.redirect_chain == [(reverse("findings:of_review", args=[review.pk]), 302)]
        assert "Somebody put this finding right meanwhile" in words(response)

    def test_after_completion_by_somebody_senior(self, cast: Cast) -> None:
        review = with_entry(cast)
        finding = a_finding(review, cast)
        completed(review, cast)
        answers = typed(review, statement="Cover ended at eleven, so nobody could decide.")
        answers["corrected_because"] = "The rota shows that cover ended at eleven."
        answers["evidence"] = [str(review.timeline.first().pk)]  # type: ignore[union-attr]
        assert send(cast.lead, "findings:correct", finding.pk, **answers).status_code == 302
        assert "Add a finding" not in show(cast.reviewer, "findings:of_review", review.pk)

    def test_those_who_may_not_see_why(self, cast: Cast) -> None:
        finding = a_finding(with_entry(cast), cast)
        assert "may correct a review" in show(cast.duty_manager, "findings:correct", finding.pk)


class TestTakenFurther:
    def test_an_earlier_finding_is_a_beginning_not_a_finding(self, cast: Cast) -> None:
        from saferpractice.reviews.operations import open_review

        earlier = with_entry(cast)
        finding = a_finding(earlier, cast)
        a_tier_decision(earlier.incident, "C", by=cast.lead, at=NOW + timedelta(minutes=5))
        later = open_review(
            by=cast.lead,
            at=NOW + timedelta(minutes=6),
            incident=earlier.incident,
            method="psii",
            reviewer=cast.reviewer,
            independence=INDEPENDENT,
        )
        an_entry(later, by=cast.reviewer)
        page = show(cast.reviewer, "findings:of_review", later.pk)
        assert "Found by the earlier review" in page
        response = signed_in(cast.reviewer).get(reverse("findings:new", args=[later.pk]), {"from": str(finding.pk)})
        assert STATEMENT in words(response)
        for nonsense in ("", "x", str(uuid4())):
            response = signed_in(cast.reviewer).get(reverse("findings:new", args=[later.pk]), {"from": nonsense})
            assert STATEMENT not in words(response)
        assert later.findings.count() == 0


@pytest.mark.requirement("R9")
class TestRapid:
    def answers(self, **changes: object) -> dict[str, object]:
        return {
            "immediate-actions-answer_done": "The sister was called, and a worker visited within the hour.",
            "immediate-actions-answer_still-open": "Nothing is open.",
            "immediate-actions-answer_affected": "He is well; the worker was offered a talk.",
            "quick-root-cause-answer_usual": "The day team calls back; at night nobody does.",
            "quick-root-cause-answer_more-likely": MORE_LIKELY,
            "quick-root-cause-answer_before": "Twice this winter, in the same team.",
            "found": "yes",
            "condition": "no-duty-cover",
            "statement": STATEMENT,
            "reduces_recurrence": REDUCES,
        } | changes

    def test_one_form_and_it_is_done(self, cast: Cast) -> None:
        review = a_review(cast)
        response = send(cast.reviewer, "findings:rapid", review.pk, **self.answers())
        assert response.headers["Location"] == reverse("reviews:review", args=[review.pk])
        assert ReviewCompletion.objects.get().summary == STATEMENT
        assert Finding.objects.get().made_more_likely == MORE_LIKELY

    @pytest.mark.requirement("R14")
    @pytest.mark.parametrize("found", [True, False])
    def test_it_is_said_what_comes_next(self, cast: Cast, found: bool) -> None:
        nothing = {} if found else {"found": "no", "nothing_found_because": "It all went as written and as expected."}
        address = reverse("findings:rapid", args=[a_review(cast).pk])
        page = words(signed_in(cast.reviewer).post(address, self.answers(**nothing), follow=True))
        assert "The rapid review is done." in page
        assert ("What was found now asks for a change." in page) is found

    def test_what_is_known_already_is_filled_in(self, cast: Cast) -> None:
        assert "Called the person's sister and the duty manager." in show(
            cast.reviewer, "findings:rapid", a_review(cast).pk
        )

    def test_nothing_found(self, cast: Cast) -> None:
        review = a_review(cast)
        answers = self.answers(found="no", nothing_found_because="It all went as written and as people expected.")
        assert send(cast.reviewer, "findings:rapid", review.pk, **answers).status_code == 302
        assert not Finding.objects.exists()
        assert ReviewCompletion.objects.get().nothing_found_because.startswith("It all went")

    @pytest.mark.parametrize(
        "field",
        ["immediate-actions-answer_done", "quick-root-cause-answer_more-likely", "found", "condition", "statement"],
    )
    def test_what_is_lacking_is_said_and_the_rest_is_kept(self, cast: Cast, field: str) -> None:
        review = a_review(cast)
        page = words(send(cast.reviewer, "findings:rapid", review.pk, **self.answers(**{field: ""})))
        assert "There is a problem" in page
        assert "Twice this winter, in the same team." in page
        assert not ReviewCompletion.objects.exists()

    def test_too_short_a_cause_is_said_beside_its_question(self, cast: Cast) -> None:
        review = a_review(cast)
        answers = self.answers(**{"quick-root-cause-answer_more-likely": "n/a"})
        page = words(send(cast.reviewer, "findings:rapid", review.pk, **answers))
        assert 'href="#id_quick-root-cause-answer_more-likely"' in page
        assert not review.documents.exists()

    @pytest.mark.requirement("R13")
    def test_blame_is_asked_about(self, cast: Cast) -> None:
        review = a_review(cast)
        page = words(send(cast.reviewer, "findings:rapid", review.pk, **self.answers(statement=BLAMING)))
        assert "<mark>" in page
        assert "Why does the wording stay as it is?" in page
        answers = self.answers(statement=BLAMING, kept_reason=KEPT)
        assert send(cast.reviewer, "findings:rapid", review.pk, **answers).status_code == 302

    def test_saved_for_later(self, cast: Cast) -> None:
        review = a_review(cast)
        send(cast.reviewer, "findings:rapid", review.pk, statement="Half", later="yes")
        assert not ReviewCompletion.objects.exists()
        assert "Half" in show(cast.reviewer, "findings:rapid", review.pk)

    def test_sent_twice_it_is_done_once(self, cast: Cast) -> None:
        review = a_review(cast)
        for _ in range(2):
            assert send(cast.reviewer, "findings:rapid", review.pk, **self.answers()).status_code == 302
        assert Finding.objects.count() == 1

    def test_others_see_why_not_and_a_fuller_review_is_not_done_here(self, cast: Cast) -> None:
        review = a_review(cast)
        assert "Only Rowan Thwaite" in show(cast.lead, "findings:rapid", review.pk)
        fuller = a_review(cast, "B")
        response = signed_in(cast.reviewer).get(reverse("findings:rapid", args=[fuller.pk]))
        assert response.headers["Location"] == reverse("reviews:review", args=[fuller.pk])
        assert signed_in(cast.worker).get(reverse("findings:rapid", args=[review.pk])).status_code == 404


class TestPareto:
    def some(self, cast: Cast) -> None:
        for team, condition in ((cast.north, "no-duty-cover"), (cast.south, "no-duty-cover"), (cast.east, "workload")):
            review = a_review(cast, "B", incident=an_incident(by=cast.worker, team=team))
            a_finding(review, cast, condition=condition)

    def test_chart_and_table(self, cast: Cast) -> None:
        self.some(cast)
        page = show(cast.lead, "findings:pareto")
        assert "<svg" in page
        assert "3 findings" in page
        assert "Lack of duty cover" in page
        assert "67%" in page
        assert "100%" in page

    def test_each_sees_their_own(self, cast: Cast) -> None:
        self.some(cast)
        assert "2 findings" in show(cast.duty_manager, "findings:pareto")
        assert "Workload" not in show(cast.duty_manager, "findings:pareto")

    @pytest.mark.parametrize("who", ["worker", "administrator", "commissioner", "inspector"])
    @pytest.mark.parametrize("page", ["findings:pareto", "findings:pareto_file"])
    def test_not_for_those_who_look_at_no_incidents(self, cast: Cast, who: str, page: str) -> None:
        assert signed_in(cast.people()[who]).get(reverse(page)).status_code == 404

    def test_filtered(self, cast: Cast) -> None:
        self.some(cast)
        client = signed_in(cast.lead)
        page = words(client.get(reverse("findings:pareto"), {"service": str(cast.harbour.pk)}))
        assert "1 finding" in page
        assert "Workload" in page
        data = {"first-day": "5", "first-month": "3", "first-year": "2026"}
        assert "No findings here" in words(client.get(reverse("findings:pareto"), data))

    @pytest.mark.parametrize(
        "query",
        [{"service": "x"}, {"service": str(uuid4())}, {"first-day": "40", "first-month": "x", "first-year": ""}],
    )
    def test_nonsense_in_the_address(self, cast: Cast, query: dict[str, str]) -> None:
        assert signed_in(cast.lead).get(reverse("findings:pareto"), query).status_code == 200

    def test_as_a_file(self, cast: Cast) -> None:
        self.some(cast)
        response = signed_in(cast.lead).get(reverse("findings:pareto_file"))
        text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert text.splitlines() == [
            '\ufeff"Condition","Code","Findings","Share","Share so far"',
            '"Lack of duty cover","no-duty-cover","2","67%","67%"',
            '"Workload","workload","1","33%","100%"',
        ]
        assert 'filename="conditions-2026-03-04.csv"' in response.headers["Content-Disposition"]

    @pytest.mark.parametrize(
        "query",
        [
            {"service": str(uuid4())},
            {"first-day": "40", "first-month": "3", "first-year": "2026"},
            {
                "first-day": "5",
                "first-month": "3",
                "first-year": "2026",
                "last-day": "4",
                "last-month": "3",
                "last-year": "2026",
            },
        ],
        ids=["a service one does not see", "no such day", "backwards"],
    )
    def test_a_filter_that_cannot_be_used_never_shows_the_whole(self, cast: Cast, query: dict[str, str]) -> None:
        self.some(cast)
        client = signed_in(cast.lead)
        page = words(client.get(reverse("findings:pareto"), query))
        assert "There is a problem" in page
        assert "Lack of duty cover" not in page
        response = client.get(reverse("findings:pareto_file"), query)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("findings:pareto"))

    def test_the_file_keeps_the_filters(self, cast: Cast) -> None:
        self.some(cast)
        response = signed_in(cast.lead).get(reverse("findings:pareto_file"), {"service": str(cast.harbour.pk)})
        text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert "Lack of duty cover" not in text
        assert "Workload" in text

    def test_looks_are_recorded(self, cast: Cast) -> None:
        show(cast.lead, "findings:pareto")
        assert AccessEntry.objects.get().page == "conditions"

    def test_percentages_round_halves_up(self) -> None:
        from fractions import Fraction

        assert [percent(Fraction(1, 8)), percent(Fraction(2, 3)), percent(Fraction(1)), percent(Fraction(0))] == [
            "13%",
            "67%",
            "100%",
            "0%",
        ]
