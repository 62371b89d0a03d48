"""What the system refuses, as people meet it: said in words, with the way on, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.rules import assess_learning
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.rules import Answer
from saferpractice.reviews.models import ReviewCompletion
from tests.conftest import TestClock
from tests.factories.changes import a_change, a_finding, a_live_change, an_action, some_evidence
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review, a_tier_decision, an_entry, supply
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands, status_of
from tests.personas import NOW, Cast, build_cast

Browse = Callable[..., Page]
CONCLUSIONS = {"defensible", "defensibility", "proven", "improved", "worked", "verdict", "met"}
"""No field may be named like a conclusion: conclusions follow from facts."""


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    """The people, in the database the application serves; the clock stands an hour after ``NOW``."""
    the_clock.stand_at(NOW + timedelta(hours=1))
    return build_cast()


@pytest.mark.requirement("R9", "R12")
def test_a_review_is_not_completed_without_a_required_document(cast: Cast, browse: Browse) -> None:
    review = a_review(cast, "B")
    for kind in ("immediate-actions", "timeline", "supervision-check"):
        supply(review, kind, cast)
    reviewer = Hands(browse(as_=cast.reviewer)).open(f"/reviews/{review.pk}")
    complete = reviewer.page.get_by_role("button", name="Complete the review")
    expect(complete).to_have_attribute("aria-disabled", "true")
    reviewer.sees("First supply what is missing").looks()
    reviewer.open(f"/reviews/{review.pk}/complete").sees("This review cannot be completed yet").looks(
        "refused-complete"
    )
    missing = reviewer.page.locator("main").get_by_role("link")
    assert {text.strip() for text in missing.all_inner_texts()} >= {"Decision review", "Partner-interface review"}
    expect(reviewer.page.locator("main").get_by_role("link", name="Supervision check")).to_have_count(0)
    missing.filter(has_text="Partner-interface review").click()
    expect(reviewer.page.locator("h1")).to_contain_text("Partner-interface review")
    assert send(reviewer.page, f"/reviews/{review.pk}/complete", {"summary": "All is well."}) == 200
    assert not ReviewCompletion.objects.exists()


@pytest.mark.requirement("R14", "R15")
def test_a_reminder_is_no_control(cast: Cast, browse: Browse) -> None:
    finding = a_finding(cast)
    reviewer = Hands(browse(as_=cast.reviewer)).open(f"/reviews/{finding.review_id}/changes/new?finding={finding.pk}")
    words = "All staff are reminded to be more careful and to answer the duty phone."
    reviewer.write("What is different for the worker on Monday?", words)
    reviewer.choose("What kind of change is it?", "Changed workflow")
    reviewer.write("A short name for it", "Answering the phone")
    reviewer.select("Who owns it?", "Dale Marlow").give_day("When does it go live?", local_day(NOW) + timedelta(days=5))
    reviewer.choose("Which teams must it reach?", "North team, Riverside community service")
    reviewer.press("Agree the change").sees("These words are a reminder, not a change").looks("refused-reminder")
    reviewer.is_told("“All staff are reminded”", "a revised risk prompt, a clearer escalation threshold")
    expect(reviewer.page.get_by_label("What is different for the worker on Monday?")).to_have_value(words)
    expect(reviewer.page.get_by_label("A short name for it")).to_have_value("Answering the phone")
    expect(reviewer.page.get_by_label("North team, Riverside community service")).to_be_checked()
    assert not OperationalChange.objects.exists()


@pytest.mark.requirement("R35")
def test_nobody_accepts_the_evidence_of_their_own_action(cast: Cast, browse: Browse) -> None:
    action = an_action(cast, change=a_change(cast), owner=cast.lead)
    evidence = some_evidence(action)
    owner = Hands(browse(as_=cast.lead)).open(f"/actions/{action.pk}")
    owner.sees("Somebody else decides whether its evidence is good enough").looks("refused-own-evidence")
    expect(owner.page.get_by_role("button", name="Save the decision")).to_have_count(0)
    send(owner.page, f"/actions/{action.pk}/decision", {"decision": "accept", "evidence": str(evidence.pk)})
    evidence.refresh_from_db()
    assert not hasattr(evidence, "decision")
    owner.open(f"/actions/{action.pk}").sees("Waiting")


@pytest.mark.requirement("R5")
def test_no_page_has_a_field_that_makes_learning_defensible(cast: Cast, browse: Browse) -> None:
    change = a_live_change(cast)
    finding = change.findings.get()
    incident, review = finding.incident, finding.review
    action = an_action(cast, change=change)
    pages = [
        "/report",
        f"/incidents/{incident.pk}",
        *(
            f"/incidents/{incident.pk}/{part}"
            for part in ("triage", "threshold", "telling", "referral", "tier", "harm")
        ),
        f"/reviews/{review.pk}",
        *(f"/reviews/{review.pk}/{part}" for part in ("complete", "timeline", "findings/new", "changes/new")),
        f"/changes/{change.pk}",
        *(f"/changes/{change.pk}/{part}" for part in ("proof?kind=briefing", "impact/new", "withdraw", "briefing")),
        f"/actions/{action.pk}",
        "/tracker",
    ]
    for person in (cast.lead, cast.reviewer, cast.director):
        window = browse(as_=person)
        for address in pages:
            if status_of(window, address) != 200:
                continue
            controls = window.locator("main").locator("input, select, textarea, button")
            for name, text in controls.evaluate_all("all => all.map(one => [one.name || '', one.innerText || ''])"):
                assert not CONCLUSIONS & set(name.lower().replace("-", "_").split("_")), (address, name)
                assert "defensible" not in text.lower(), (address, text)


@pytest.mark.requirement("R5")
def test_a_crafted_post_makes_nothing_defensible(cast: Cast, browse: Browse) -> None:
    change = a_live_change(cast)
    incident = change.findings.get().incident
    lead = browse(as_=cast.lead)
    lead.goto(f"/incidents/{incident.pk}")
    before = assess_learning(learning_facts(incident))
    assert not before.defensible
    more = {"defensible": "true", "defensibility": "defensible", "verdict": "Improved", "rollout_proven": "on"}
    for address in (
        f"/incidents/{incident.pk}",
        f"/incidents/{incident.pk}/harm",
        f"/changes/{change.pk}",
        f"/changes/{change.pk}/briefing",
        f"/changes/{change.pk}/proof?kind=briefing",
        f"/changes/{change.pk}/impact/new",
    ):
        send(lead, address, more | {"submission_key": uuid4().hex, "text": "Look at the second number.", "reason": "x"})
    assert assess_learning(learning_facts(incident)) == before
    lead.goto(f"/incidents/{incident.pk}")
    expect(lead.get_by_text("Not defensible yet")).to_be_visible()


@pytest.mark.requirement("R6", "R34")
def test_what_is_not_yours_answers_as_if_it_were_not_there(cast: Cast, browse: Browse) -> None:
    change = a_live_change(cast)
    finding = change.findings.get()
    incident, review = finding.incident, finding.review
    elsewhere = browse(as_=cast.duty_manager_elsewhere)
    answers = []
    for pk in (incident.pk, uuid4()):
        assert status_of(elsewhere, f"/incidents/{pk}") == 404
        answers.append(elsewhere.locator("main").inner_text())
    assert answers[0] == answers[1]
    Hands(elsewhere).looks("refused-not-there")
    for person in ("duty_manager_elsewhere", "worker_elsewhere", "stranger"):
        window = browse(as_=getattr(cast, person))
        for address in (
            f"/incidents/{incident.pk}",
            f"/incidents/{incident.pk}/triage",
            f"/reports/{incident.pk}",
            f"/reviews/{review.pk}",
            f"/reviews/{review.pk}/timeline",
            f"/findings/{finding.pk}",
            f"/changes/{change.pk}",
        ):
            assert status_of(window, address) == 404, (person, address)


@pytest.mark.requirement("R6")
def test_a_restricted_incident_is_hidden_from_those_not_named(cast: Cast, browse: Browse) -> None:
    plain = an_incident(by=cast.worker, team=cast.north)
    hidden = an_incident(
        by=cast.worker,
        team=cast.north,
        still_at_risk=Answer.YES,
        risk_words="She is alone with him again tonight.",
        restricted=True,
        restricted_reason="It is about somebody who works here.",
    )
    manager = Hands(browse(as_=cast.duty_manager))
    for address in ("/work", "/incidents", "/tracker", "/incidents?q=door"):
        manager.open(address).does_not_see(hidden.reference)
    manager.open("/incidents").sees(plain.reference)
    assert status_of(manager.page, f"/incidents/{hidden.pk}") == 404
    lead = Hands(browse(as_=cast.lead)).open(f"/incidents/{hidden.pk}")
    lead.sees("Restricted to named people").looks()


@pytest.mark.requirement("R6")
def test_a_report_is_made_without_scripts_and_keeps_what_was_typed(cast: Cast, browse: Browse) -> None:
    worker = Hands(browse(as_=cast.worker, width=375, javascript=False)).open("/work").press("Report an incident")
    worker.choose("Is anyone still at risk now?", "No")
    typed = "She did not open. \n\nThe curtains were closed, and the cat cried.  "
    worker.write("What happened?", typed)
    worker.choose("When did it happen?", "I only know the day")
    worker.give_day("Day", local_day(NOW) + timedelta(days=3))
    worker.press("Send the report")
    expect(worker.page).to_have_title("Error: Report an incident – Safer Practice")
    worker.is_told("Choose the physical harm that fits best", "past")
    expect(worker.page.get_by_label("What happened?")).to_have_value(typed)
    assert not Incident.objects.exists()
    worker.give_day("Day", local_day(NOW))
    worker.choose("Physical harm", "No physical harm").choose("Psychological harm", "Low psychological harm")
    worker.press("Send the report").is_told("Your report was sent")
    assert Incident.objects.get().what_happened.strip() == typed.strip().replace("\r\n", "\n")


@pytest.mark.requirement("R7", "R12")
def test_two_people_at_once_are_told_and_lose_nothing(cast: Cast, browse: Browse) -> None:
    review = a_review(cast, "B")
    entry = an_entry(review, by=cast.reviewer)
    address = f"/reviews/{review.pk}/timeline/{entry.pk}"
    first, second = Hands(browse(as_=cast.reviewer)).open(address), Hands(browse(as_=cast.lead)).open(address)
    first.write("What happened, or what was known?", "The duty phone rang for fifty minutes.")
    first.write("How do you know that the entry was wrong?", "The log says so.").press("Put it right").is_told("Done")
    second.write("What happened, or what was known?", "The duty phone rang for sixty minutes.")
    second.write("How do you know that the entry was wrong?", "She told me.").press("Put it right")
    second.is_told("Somebody put this entry right meanwhile").looks()
    expect(second.page.get_by_label("What happened, or what was known?")).to_have_value(
        "The duty phone rang for sixty minutes."
    )


@pytest.mark.requirement("R12")
def test_a_review_that_ended_meanwhile_takes_no_finding(cast: Cast, browse: Browse) -> None:
    review = a_review(cast, "B")
    an_entry(review, by=cast.reviewer)
    reviewer = Hands(browse(as_=cast.reviewer)).open(f"/reviews/{review.pk}/findings/new")
    a_tier_decision(review.incident, "C", by=cast.lead, at=NOW + timedelta(minutes=30))
    lead = Hands(browse(as_=cast.lead)).open(f"/incidents/{review.incident_id}/reviews/open")
    lead.select("Who carries it out?", "Rowan Thwaite")
    lead.write("How do you know that they are independent?", "Works across services and knows neither.")
    lead.press("Open the review").sees("Tier C")
    reviewer.choose("Which system condition is it?", "Lack of duty cover")
    reviewer.write("What about the system, and what did it lead to?", "Cover ended at midnight: nobody could decide.")
    reviewer.press("Record the finding").sees("This review has ended")
    assert not Finding.objects.exists()


def send(page: Page, address: str, fields: dict[str, str]) -> int:
    """Send fields of one's own making to an address, with this window's cookies and a true token."""
    page.goto("/report") if page.locator("input[name=csrfmiddlewaretoken]").count() == 0 else None
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    origin = "/".join(page.url.split("/")[:3])
    answer = page.request.post(
        f"{origin}{address}",
        form={"csrfmiddlewaretoken": token, **fields},
        headers={"Referer": page.url, "Origin": origin},
    )
    assert answer.status < 500, (address, answer.status)
    assert answer.status != 403 or "token" not in answer.text().lower(), "the token must not be what stops it"
    return answer.status
