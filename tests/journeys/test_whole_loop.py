"""The whole loop once through, in a browser, with the right person at each step.

A crisis call reached nobody for four hours. It is reported on a phone, triaged, referred, investigated, answered by
a change, proven in every team, checked by figures declared beforehand, and only then defensible.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.jobs.sweeps import beat
from saferpractice.reviews.models import Review
from tests.conftest import TestClock
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, Cast, build_cast

LOOP = ["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R11", "R12", "R13", "R14", "R15", "R16", "R35"]
WHAT = (
    "I was the only one on the late shift. Mr P rang at 9.50pm and said that he could not go on and had nobody to talk "
    "to. I rang the duty manager's number four times until 10.40pm and nobody picked up. I did not know whom to ring "
    "next. I stayed on the phone with him. The ambulance came at 1.50am. He had taken tablets."
)
TRIAGED = NOW + timedelta(minutes=25)
NEXT_DAY = datetime(2026, 3, 5, 11, 0, tzinfo=UTC)
REVIEWED = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
AGREED = datetime(2026, 3, 25, 14, 0, tzinfo=UTC)
LIVE = datetime(2026, 4, 13, 8, 0, tzinfo=UTC)
PROVEN = datetime(2026, 4, 27, 15, 0, tzinfo=UTC)
CHECKED = datetime(2026, 10, 26, 10, 0, tzinfo=UTC)
OLD_GUIDANCE = b"Duty guidance\nRing the duty manager.\nIf there is no answer, try again.\n"
NEW_GUIDANCE = (
    b"Duty guidance\nRing the duty manager.\nIf there is no answer in 15 minutes, ring the on-call director: 01632 960 "
    b"101.\nWrite the call into the escalation note before you put the phone down.\n"
)


class Loop:
    """The windows of the people who take part, and the clock they share."""

    def __init__(self, cast: Cast, browse: Callable[..., Page], clock: TestClock) -> None:
        self.cast, self._browse, self._clock = cast, browse, clock
        self._windows: dict[str, Hands] = {}

    def at(self, moment: datetime) -> None:
        """It is ``moment`` now, for everybody, and the worker has just looked at the deadlines."""
        self._clock.stand_at(moment)
        beat(moment)

    def person(self, name: str, *, width: int = 1280) -> Hands:
        """The window of one of the cast."""
        if name not in self._windows:
            self._windows[name] = Hands(self._browse(as_=getattr(self.cast, name), width=width))
        return self._windows[name]

    @property
    def incident(self) -> Incident:
        """The incident that all of this is about."""
        return Incident.objects.get()

    @property
    def review(self) -> Review:
        """Its review."""
        return Review.objects.get()


@pytest.fixture
def loop(live_site: Site, browse: Callable[..., Page], the_clock: TestClock) -> Loop:
    loop = Loop(build_cast(), browse, the_clock)
    loop.at(NOW)
    return loop


@pytest.mark.timeout(900)  # a minute on a quiet machine; the journey is one, and a busy machine must not cut it
@pytest.mark.requirement(*LOOP)
def test_from_a_report_on_a_phone_to_defensible_learning(loop: Loop) -> None:
    the_front_page_says_what_this_is(loop)
    a_support_worker_reports_on_a_phone(loop)
    the_duty_manager_sees_it_at_once(loop)
    the_duty_manager_triages(loop)
    the_others_are_told(loop)
    the_referral_is_sent_and_acknowledged(loop)
    the_safeguarding_lead_opens_the_review(loop)
    the_reviewer_draws_the_timeline(loop)
    the_reviewer_supplies_the_documents(loop)
    the_reviewer_records_a_finding(loop)
    the_actions_are_planned(loop)
    a_director_signs_it_off(loop)
    the_reviewer_completes_the_review(loop)
    a_change_is_agreed(loop)
    the_impact_check_is_declared_before_results(loop)
    its_owner_takes_the_change_live(loop)
    the_rollout_is_proven_team_by_team(loop)
    the_action_is_accepted_by_somebody_else(loop)
    the_figures_show_that_it_worked(loop)
    the_learning_is_defensible(loop)
    the_reporter_sees_what_became_of_it(loop)
    the_tracker_shows_it_all_done(loop)


def the_front_page_says_what_this_is(loop: Loop) -> None:
    visitor = Hands(loop._browse())
    visitor.open("/").sees("Safer Practice", "Sign in").looks("front")


def a_support_worker_reports_on_a_phone(loop: Loop) -> None:
    worker = loop.person("worker", width=375).open("/work").looks().press("Report an incident")
    worker.looks("report-empty")
    worker.choose("Is anyone still at risk now?", "Yes")
    worker.write("Who is at risk, and from what?", "Mr P. He is in A&E now and says he will leave.")
    worker.write("What happened?", WHAT)
    worker.sees("Saved at 2:05am")
    worker.choose("When did it happen?", "I know about when")
    worker.give_day("About when", NOW - timedelta(hours=4, minutes=15))
    expect(worker.page.get_by_label("Where did it happen?")).to_have_value(str(loop.cast.north.pk))
    worker.write("Who does it concern?", "P-1042")
    worker.choose("Physical harm", "Moderate physical harm").choose("Psychological harm", "Moderate psychological harm")
    worker.write("What was done at once?", "Stayed on the phone. Rang 999 at 10.45pm and again at midnight.")
    worker.choose("What is it about?", "Lost contact or late crisis escalation")
    worker.looks("report")
    worker.page.get_by_role("button", name="Send the report").evaluate("button => { button.click(); button.click() }")
    worker.is_told("Your report was sent").sees("Received").looks()
    assert Incident.objects.count() == 1


def the_duty_manager_sees_it_at_once(loop: Loop) -> None:
    manager = loop.person("duty_manager").open("/work")
    manager.sees("Somebody may still be at risk").looks("my-work")
    manager.follow(f"Triage incident {loop.incident.reference}")
    expect(manager.page.locator("h1")).to_contain_text("Triage incident")


def the_duty_manager_triages(loop: Loop) -> None:
    loop.at(TRIAGED)
    manager = loop.person("duty_manager").looks("triage-empty")
    manager.write("What was done, or must be done now?", "Asked A&E to keep him until the crisis team has seen him")
    manager.write("By whom?", "Dale Marlow, with the nurse in charge")
    manager.choose("Is it done?", "Done").give_day("When?", TRIAGED - timedelta(minutes=10))
    manager.choose("After what was done, is anyone still at risk?", "No")
    manager.choose("Is there reason to think the person has needs for care and support?", "Yes")
    manager.choose("Is there reason to think the person is experiencing abuse or neglect", "Yes")
    manager.choose("Which types?", "Neglect and acts of omission")
    manager.choose("Was the person asked what they want to happen?", "Asked, and said what they want")
    manager.write("What do they want?", "“Somebody who picks up when I ring.”")
    manager.choose("Did a family member or carer warn of this?", "Yes")
    manager.write("What did they warn of", "His sister told the day team on Monday that the number rings out at night.")
    manager.choose("Does this go to the local authority", "Refer to the local authority")
    manager.write(
        "Why?",
        "He has needs for care and support, and asked for help for four hours. Neglect by omission is suspected: "
        "nobody could be reached who could decide.",
        exact=True,
    )
    manager.choose("Has psychological harm lasted", "Not known yet")
    manager.choose("Do you suspect that something healthcare staff did", "No")
    manager.choose("Did agencies fail to come together", "No")
    manager.choose("Did a safeguard against a high risk fail?", "Yes")
    manager.press("Work out the tier and who must be told")
    manager.sees("The rules propose tier C", "A safeguard against a high risk failed").looks()
    for group in manager.page.locator("section.sp-row").get_by_role("group").all():
        group.get_by_label("Yes, they are still to be told").check()
    manager.looks("triage")
    manager.press("Record the triage").is_told("is triaged").looks()
    record = loop.incident.triage_records.get()
    assert record.unable_to_protect_self == "", "the third test of the Care Act is the authority's to decide"
    assert loop.incident.threshold_decisions.get().outcome == "refer"
    assert loop.incident.tier_decisions.get().tier == "C"
    manager.follow("Who must be told, and who was").looks()


def the_others_are_told(loop: Loop) -> None:
    loop.at(TRIAGED + timedelta(hours=1))
    lead = loop.person("lead").open("/work").looks()
    waiting = Obligation.objects.filter(kind="triage.tell", met_at=None, cancelled_at=None)
    assert waiting, "somebody besides the authority must be told"
    for _ in list(waiting):
        lead.open(f"/incidents/{loop.incident.pk}/telling").follow("Record that they were told").looks()
        lead.choose("Must they be told?", "Yes, and they have been told")
        lead.give_day("When were they told?", TRIAGED + timedelta(minutes=30)).write("Their reference", "By e-mail")
        lead.press("Record").is_told("Done")
    assert not waiting.all()
    lead.looks("telling")


def the_referral_is_sent_and_acknowledged(loop: Loop) -> None:
    manager = loop.person("duty_manager").open(f"/incidents/{loop.incident.pk}")
    loop.at(TRIAGED + timedelta(hours=1, minutes=15))
    manager.follow("Record that the concern was sent").looks()
    manager.write("authority", "Norwood County Council").write(
        "How was it sent?", "Their emergency duty team, by phone"
    )
    manager.give_day("When was it sent?", TRIAGED + timedelta(hours=1))
    manager.press("Record the referral").looks()
    loop.at(NEXT_DAY)
    manager.open(f"/incidents/{loop.incident.pk}").follow("Record the authority's answer").looks()
    manager.write("Their reference", "SA-26-3391").give_day("When did their answer come?", NEXT_DAY)
    manager.write("What did they answer?", "They make enquiries under section 42.")
    manager.press("Save")
    manager.open(f"/incidents/{loop.incident.pk}").sees("SA-26-3391")


def the_safeguarding_lead_opens_the_review(loop: Loop) -> None:
    lead = loop.person("lead").open("/work").looks()
    lead.follow("Open the review of incident").sees("What it will need", "Evidence pack").looks()
    lead.select("Who carries it out?", "Rowan Thwaite")
    lead.write("How do you know that they are independent?", "Works across services, was not on duty, knows neither.")
    lead.press("Open the review").sees("Rowan Thwaite").looks()


def the_reviewer_draws_the_timeline(loop: Loop) -> None:
    loop.at(NEXT_DAY + timedelta(hours=3))
    reviewer = loop.person("reviewer").open("/work").looks()
    reviewer.open(f"/reviews/{loop.review.pk}").looks()
    reviewer.open(f"/reviews/{loop.review.pk}/timeline").press("Draw what the records say").sees("From a record")
    reviewer.choose("How well do you know when?", "I know the day and time")
    reviewer.give_day("Day and time", NOW - timedelta(hours=3, minutes=25))
    reviewer.write(
        "What happened, or what was known?", "The duty phone rang out for the fourth time. It lay in the car."
    )
    reviewer.write("Where does this come from?", "Phone log of the duty desk; talk with the late worker")
    reviewer.press("Add to the timeline").sees("By hand").looks("timeline")


def the_reviewer_supplies_the_documents(loop: Loop) -> None:
    reviewer = loop.person("reviewer")
    for needed in loop.review.required_documents.exclude(supplied_by="record").order_by("due_at", "kind"):
        loop.at(NEXT_DAY + timedelta(hours=4) if needed.kind == "immediate-actions" else REVIEWED)
        reviewer.open(f"/reviews/{loop.review.pk}/documents/{needed.kind}").looks()
        for question in needed.questions:
            reviewer.write(question["ask"], ANSWERS.get(question["code"], "See the evidence pack, parts 2 and 3."))
        for verdict in reviewer.page.get_by_role("group", name="Decision: ").all():
            verdict.get_by_role("radio").first.check()
        for why in reviewer.page.get_by_label("Why do you think so?").all():
            why.fill("He asked for help for four hours and had needs: the authority had to know.")
        if needed.supplied_by == "file":
            reviewer.attach("The file", "evidence-index.txt", b"1 Phone log\n2 Rota\n3 Notes of four talks\n")
        reviewer.press("Supply this").is_told("Done")


ANSWERS = {
    "done": "A&E kept him until the crisis team saw him at 8am. Dale Marlow rang his sister at 2.30am.",
    "still-open": "Nothing is open.",
    "affected": "He is home with daily calls. The worker was rung by her supervisor and took two days off.",
    "scope": "How a call for help at night reaches somebody who can decide, since January. Not his treatment.",
    "people": "Rowan Thwaite leads, Drew Castell oversees. Neither works in Riverside or was on duty.",
    "their-questions": "Mr P: why did nobody pick up? His sister: who read what I said on Monday?",
    "method": "Patient safety incident investigation with walk-through talk: the conditions matter, not one act.",
}


def the_reviewer_records_a_finding(loop: Loop) -> None:
    reviewer = loop.person("reviewer").open(f"/reviews/{loop.review.pk}/findings/new").looks()
    reviewer.choose("Which system condition is it?", "Lack of duty cover")
    reviewer.write("What about the system, and what did it lead to?", "The duty manager failed to answer his phone.")
    reviewer.write(
        "What conditions made the incident more likely?",
        "One person held the duty phone from 6pm to 8am with no second number, and travelled between sites.",
    )
    reviewer.write(
        "What change to the system would make it less likely",
        "A second route that is rung when the first does not answer, and a note that makes the call visible.",
    )
    reviewer.page.get_by_role("group", name="What does it rest on?").get_by_label("The duty phone rang out").check()
    reviewer.press("Record the finding").sees("Some wording points at a person").looks("finding-wording")
    reviewer.write(
        "What about the system, and what did it lead to?",
        "Duty cover at night was one phone with no second route, so four calls in fifty minutes reached nobody who "
        "could decide.",
    )
    reviewer.press("Record the finding").sees("Lack of duty cover").looks()
    reviewer.does_not_see("failed to answer")


def the_actions_are_planned(loop: Loop) -> None:
    reviewer = loop.person("reviewer").open(f"/reviews/{loop.review.pk}/action-plan").looks()
    reviewer.press("Give out an action").looks()
    reviewer.write("What must be done?", "Put a second on-call line on the night rota and test it by ringing it.")
    reviewer.select("Who must do it?", "Dale Marlow").give_day("By which day?", date(2026, 4, 30))
    reviewer.press("Give it out")
    reviewer.open(f"/reviews/{loop.review.pk}/action-plan").press("Supply the action plan").looks()


def a_director_signs_it_off(loop: Loop) -> None:
    director = loop.person("director").open(f"/reviews/{loop.review.pk}/oversight").looks()
    director.choose("Do you sign this review off?", "Yes, I sign it off")
    director.write("What did you test", "The terms were met, the finding rests on the phone log, the plan answers it.")
    director.press("Put it on record").sees("Signed off").looks()


def the_reviewer_completes_the_review(loop: Loop) -> None:
    reviewer = loop.person("reviewer").open(f"/reviews/{loop.review.pk}").looks("review")
    reviewer.press("Complete the review").looks()
    reviewer.write(
        "What did the review find?",
        "At night one phone stood between a person in crisis and anybody who could decide. It had no second route.",
    )
    reviewer.press("Complete the review").sees("What the review found").looks()


def a_change_is_agreed(loop: Loop) -> None:
    loop.at(AGREED)
    reviewer = loop.person("reviewer").open(f"/incidents/{loop.incident.pk}")
    reviewer.press("Agree a change").looks()
    reviewer.page.get_by_label("Duty cover at night was one phone").check()
    reviewer.write(
        "What is different for the worker on Monday?",
        "When the duty manager has not answered in 15 minutes you ring the on-call director. Both numbers stand at the "
        "top of the escalation note, and the note cannot be closed without the time of the call.",
    )
    reviewer.choose("What kind of change is it?", "Escalation route")
    reviewer.write("A short name for it", "A second number when the duty phone is not answered")
    reviewer.select("Who owns it?", "Dale Marlow").give_day("When does it go live?", LIVE.date())
    reviewer.choose(
        "Which teams must it reach?",
        "North team, Riverside community service",
        "South team, Riverside community service",
    )
    reviewer.press("Agree the change").sees("Intermediate", "Rollout: 0 of 2 teams proven").looks()


def the_impact_check_is_declared_before_results(loop: Loop) -> None:
    lead = loop.person("quality_lead").open(f"/incidents/{loop.incident.pk}").looks()
    lead.follow("Plan the impact check").looks()
    lead.write("What will show it?", "Escalation notes with a decision within 30 minutes of the first call")
    lead.write("How is it counted?", "Every night escalation note of both teams: first call and decision, both timed.")
    lead.choose("What does it test?", "Did outcomes improve?")
    lead.choose("What kind of number is it?", "Records that meet a standard, of records read")
    lead.write("Counted in or out of what?", "escalation notes").choose("Which way is better?", "More or higher")
    lead.write("What is the smallest improvement worth having?", "20")
    lead.give_day("Baseline from", date(2025, 3, 1)).give_day("Baseline to", date(2026, 2, 28))
    lead.give_day("First team starts on", LIVE.date()).give_day("Last team starts on", PROVEN.date())
    lead.give_day("First look", date(2026, 10, 26))
    lead.choose("Does this one decide whether the change worked?", "Yes, it is the primary measure")
    lead.looks("impact-plan").press("Declare the plan").is_told("declared").looks()
    lead.press("Enter results").looks()
    results(lead, "The baseline", count="14", out_of="40")
    lead.sees("Too early").looks()


def results(lead: Hands, which: str, *, count: str, out_of: str) -> None:
    lead.choose("Which results are these?", which)
    lead.write("How many escalation notes met the standard?", count)
    lead.write("How many escalation notes were read?", out_of)
    lead.write("Where do the numbers come from?", "Audit of night escalation notes, read by two people")
    lead.press("Save the numbers")


def its_owner_takes_the_change_live(loop: Loop) -> None:
    loop.at(LIVE + timedelta(hours=2))
    owner = loop.person("duty_manager").open("/work").looks()
    owner.follow("A second number when the duty phone is not answered").looks()
    owner.press("Take it live").looks()
    owner.give_day("When did it go live?", LIVE).press("It is live").sees("Since").looks()


def the_rollout_is_proven_team_by_team(loop: Loop) -> None:
    loop.at(PROVEN)
    owner = loop.person("duty_manager")
    here = owner.page.url
    owner.press("Record proof").looks()
    owner.choose("What shows that the change reached a team?", "Briefing held").press("Continue").looks()
    owner.choose("Which team?", "North team, Riverside community service")
    owner.give_day("When was it?", date(2026, 4, 20))
    owner.write("How many different people of the team took part?", "11")
    owner.write("How many people of the team need it?", "12").write("Who took part?", "All shifts, and two bank staff")
    owner.press("Record it").sees("Rollout: 1 of 2 teams proven")
    owner.open(f"{here}/proof?kind=updated-duty-guidance").looks()
    owner.attach("The new version", "duty-guidance-2.txt", NEW_GUIDANCE)
    owner.choose("What does it replace?", "A version I attach now")
    owner.attach("The version it replaces", "duty-guidance-1.txt", OLD_GUIDANCE)
    owner.choose("In which teams is it in use?", "South team, Riverside community service")
    owner.give_day("From which day?", date(2026, 4, 27)).press("Record it")
    owner.sees("Rollout: 2 of 2 teams proven").looks("change")
    owner.follow("Compare the versions").sees("ring the on-call director").looks()


def the_action_is_accepted_by_somebody_else(loop: Loop) -> None:
    owner = loop.person("duty_manager").open("/work")
    owner.follow("Put a second on-call line on the night rota").looks()
    owner.write(
        "What was done, and what shows it?", "The line is on the rota; it was rung on three nights and answered."
    )
    owner.attach(
        "A file that shows it",
        "rota.txt",
        b"Night rota: first line, second line. Rung three times: answered.\n",
    )
    owner.press("Give the evidence").sees("You own this action").looks()
    judge = loop.person("quality_lead").open("/work")
    judge.follow("evidence").choose("Does it show that the action is done?", "Yes, accept it").looks("action")
    judge.press("Save the decision").sees("Accepted").looks()


def the_figures_show_that_it_worked(loop: Loop) -> None:
    loop.at(CHECKED)
    lead = loop.person("quality_lead").open("/tracker").looks("tracker-open")
    lead.follow("Enter the results of the look on 26 October 2026").looks()
    results(lead, "The look on 26 October 2026", count="37", out_of="41")
    lead.sees("Improved").looks("impact")


def the_learning_is_defensible(loop: Loop) -> None:
    lead = loop.person("lead").open(f"/incidents/{loop.incident.pk}")
    expect(lead.page.locator("main .nhsuk-tag", has_text="Defensible").first).to_have_text("Defensible")
    lead.does_not_see("Not defensible yet")
    story = lead.page.get_by_role("region", name="The story so far")
    story.get_by_text("The whole story").click()
    for words in ("Reported", "Triaged", "review", "finding", "change", "proof", "result"):
        expect(story.locator("li", has_text=words).filter(visible=True).first).to_be_visible()
    lead.looks("incident")


def the_reporter_sees_what_became_of_it(loop: Loop) -> None:
    worker = loop.person("worker").open("/work").follow(f"Incident {loop.incident.reference}")
    worker.sees("Received", "What was decided", "What was changed", "Did it work?").looks("my-report")
    worker.does_not_see("Dale Marlow", "Rowan Thwaite")


def the_tracker_shows_it_all_done(loop: Loop) -> None:
    lead = loop.person("lead").open("/tracker").sees("Nothing fits")
    lead.select("Show", "Done").press("Show")
    rows = lead.page.get_by_role("table", name="Tracked").get_by_role("row")
    for words in (
        "Triage incident",
        "Open the review",
        "Answer a finding",
        "Take the change live",
        "Prove the rollout",
    ):
        expect(rows.filter(has_text=words)).to_have_count(1)
    assert not [row for row in rows.all_inner_texts() if re.search(r"\blate\b", row, re.IGNORECASE)]
    lead.looks("tracker")
    assert not Obligation.objects.filter(met_at=None, cancelled_at=None).exists()
