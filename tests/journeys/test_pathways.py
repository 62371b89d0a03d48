"""Practice runs: two of the brief's examples, from the first thing written down to the closed case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Escalation, OutboxMessage
from saferpractice.jobs.sweeps import escalate_due
from saferpractice.pathways.models import PathwayCase
from tests.conftest import TestClock
from tests.factories.pathways import a_case, used
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, Cast, build_cast

MORNING = NOW + timedelta(hours=8)


@pytest.fixture
def cast(live_site: Site, the_clock: TestClock) -> Cast:
    the_clock.stand_at(MORNING)
    return build_cast()


class Day:
    """The people at their windows, and the clock."""

    def __init__(self, cast: Cast, browse: Callable[..., Page], clock: TestClock) -> None:
        self.cast, self.browse, self.clock = cast, browse, clock
        self.windows: dict[str, Hands] = {}

    def at(self, moment: datetime) -> None:
        self.clock.stand_at(moment)

    def person(self, name: str, **more: int) -> Hands:
        if name not in self.windows:
            who: Person = self.cast.people()[name]
            self.windows[name] = Hands(self.browse(as_=who, **more))
        return self.windows[name]


@pytest.fixture
def day(cast: Cast, browse: Callable[..., Page], the_clock: TestClock) -> Day:
    return Day(cast, browse, the_clock)


@pytest.mark.requirement("R17", "R18")
def test_self_neglect_from_the_first_tick_to_the_closed_case(day: Day) -> None:
    lead = day.person("lead").open("/pathways/self-neglect").looks("pathway")
    lead.press("Put this pathway in use").is_told("in use, version 1")

    worker = day.person("worker", width=375).open("/pathways/cases/").sees("No cases yet")
    worker.press("Open a case").looks()
    worker.select("Which pathway?", "Self-neglect threshold").write("Who is it about?", "P-1042")
    worker.press("Open the case").sees("Nothing is owed.")
    worker.follow("Self-neglect checklist").looks("checklist")
    worker.choose("What is present today?", "Signs of infection risk", "Essential care refused again and again")
    worker.write("What did you see or hear?", "The wound on her leg is open, and she would not let me near it.")
    worker.press("Save").is_told("Written down: Self-neglect checklist")
    worker.sees("Consult the duty manager or safeguarding lead", "Due by the end of today").looks("case")

    day.at(MORNING + timedelta(hours=2))
    manager = day.person("duty_manager").open("/tracker").sees("Consult the duty manager or safeguarding lead")
    manager.open(f"/pathways/cases/{PathwayCase.objects.get().pk}")
    manager.follow("Consult the duty manager").select("Who was consulted?", "Duty manager")
    manager.choose("What was decided?", "Refer to the local authority").press("Save")
    manager.is_told("“Why?” is needed before this counts").looks()
    manager.write("Why?", "Two indicators, the wound smells, and she refuses the nurse.", exact=True)
    manager.write("What was considered about the person's mental capacity", "Presumed. She weighs it and says no.")
    manager.write("What does the person want to happen?", "She wants nobody in the flat but Wren.")
    manager.write("What is done now to keep them safe?", "Wren stays with her until the nurse rings.")
    manager.press("Save").is_told("Written down: Consultation").sees("Send the safeguarding referral")

    day.at(MORNING + timedelta(hours=4))
    manager.follow("Send the safeguarding referral").write("Which local authority?", "Example Council")
    manager.write("The authority's reference", "LA-26-118").choose("Was the person told?", "Yes").press("Save")
    manager.is_told("Written down: Safeguarding referral").sees("Nothing is owed.")

    day.at(MORNING + timedelta(days=9))
    worker.open(f"/pathways/cases/{PathwayCase.objects.get().pk}").follow("Self-neglect checklist")
    expect(worker.question("What is present today?").get_by_label("Signs of infection risk")).to_be_checked()
    worker.question("What is present today?").get_by_label("Signs of infection risk").uncheck()
    worker.press("Save").is_told("Written down")
    manager.open(f"/pathways/cases/{PathwayCase.objects.get().pk}").press("Close the case")
    manager.write("Why is it closed?", "The wound heals and the nurse comes twice a week.").press("Close the case")
    manager.is_told("The case is closed").sees("Closed on").looks("case-closed")


@pytest.mark.requirement("R18")
def test_self_neglect_late_and_escalated_each_level_once(day: Day, cast: Cast) -> None:
    used(cast, "self-neglect")
    a_case(cast, "self-neglect")
    address = f"/pathways/cases/{PathwayCase.objects.get().pk}"
    worker = day.person("worker", width=375).open(address).follow("Self-neglect checklist")
    worker.choose("What is present today?", "Hydration or nutrition concerns", "Unsafe environment")
    worker.write("What did you see or hear?", "The kitchen is empty and the heater smokes.").press("Save")
    worker.sees("Consult the duty manager or safeguarding lead", "Due by the end of today")

    midnight = MORNING.replace(hour=0, minute=0) + timedelta(days=1)
    told = Escalation.objects.filter(obligation__title__startswith="Consult the duty manager")
    for level, (late, who) in enumerate([(0.5, "duty_manager"), (2.5, "lead"), (12.5, "director")], start=1):
        moment = midnight + timedelta(hours=late)
        day.at(moment)
        escalate_due(moment)
        escalate_due(moment + timedelta(minutes=1))
        assert list(told.order_by("level").values_list("level", flat=True)) == list(range(1, level + 1))
        assert OutboxMessage.objects.filter(to=cast.people()[who]).count() == 1
    worker.open(address).sees("late").looks()

    manager = day.person("duty_manager").open("/duty").sees("Consult the duty manager", "Escalated").looks("desk-late")
    manager.follow("Consult the duty manager").select("Who was consulted?", "Duty manager")
    manager.choose("What was decided?", "Do not refer").write("Why?", "Her brother moved in last night.", exact=True)
    manager.write("What was considered about the person's mental capacity", "Presumed. Nothing speaks against it.")
    manager.write("What does the person want to happen?", "To stay, with her brother there.")
    manager.write("What is done now to keep them safe?", "The heater is off and the brother shops today.")
    manager.press("Save").is_told("Written down: Consultation")
    manager.open(address).sees("Nothing is owed.").page.get_by_text("What was owed before").click()
    manager.sees("Met 1 day late")
    manager.open("/duty").does_not_see("Consult the duty manager")
    escalate_due(midnight + timedelta(days=3))
    assert told.count() == 3, "it stops when it is met"

    day.at(midnight + timedelta(days=4))
    worker.open(address).follow("Self-neglect checklist")
    for gone in ("Hydration or nutrition concerns", "Unsafe environment"):
        worker.question("What is present today?").get_by_label(gone).uncheck()
    worker.choose("What is present today?", "None of these").press("Save").is_told("Written down")
    manager.open(address).press("Close the case")
    manager.write("Why is it closed?", "Fed, warm, and the brother stays.").press("Close the case")
    manager.is_told("The case is closed")


@pytest.mark.requirement("R21", "R22", "R23", "R24")
def test_lost_contact_late_and_escalated_each_level_once(day: Day, cast: Cast) -> None:
    used(cast, "lost-contact")
    a_case(cast, "lost-contact")
    address = f"/pathways/cases/{PathwayCase.objects.get().pk}"
    worker = day.person("worker", width=375).open(address)
    worker.follow("Missed contact").choose("What happened?", "No reply").press("Save")
    worker.sees("Try the ways the person prefers")
    worker.follow("Contact attempt").choose("How?", "Phone call").choose("Was the person reached?", "No").press("Save")
    worker.sees("Nothing is owed.")

    day.at(MORNING + timedelta(days=1))
    worker.open(address).follow("Missed contact").choose("What happened?", "Nobody at home at a visit").press("Save")
    worker.sees("Tell duty leadership", "Look at the risk indicators", "Start the welfare check route").looks(
        "case-lost"
    )

    day.at(MORNING + timedelta(days=1, hours=3))
    escalate_due(MORNING + timedelta(days=1, hours=3))
    escalate_due(MORNING + timedelta(days=1, hours=3, minutes=1))
    told = Escalation.objects.filter(obligation__title__startswith="Tell duty leadership", level=1)
    assert told.count() == 1
    assert OutboxMessage.objects.filter(to=cast.duty_manager).exists()
    worker.open(address).sees("late")

    worker.follow("Tell duty leadership").select("Who in duty leadership was told?", "Duty manager")
    worker.write("Risk indicators now", "No tablets since Sunday.").write("Actions taken", "Two visits, six calls.")
    worker.write("Partner contacts", "GP has not seen him.").choose("The welfare check route", "Started").press("Save")
    worker.is_told("“Next review” is needed before this counts")
    worker.give_day("Next review", MORNING + timedelta(days=1, hours=8)).press("Save")
    worker.is_told("Written down: Escalation note").sees("Review as the escalation note says").looks()

    day.at(MORNING + timedelta(days=1, hours=6))
    worker.open(address).follow("Contact regained").write("How was the person reached?", "He rang his sister")
    worker.write("How are they?", "Tired and hungry").press("Save").sees("See or speak to the person again")
    worker.follow("See or speak to the person again").write(
        "What came of it?", "Seen at his sister's, took his tablets"
    )
    worker.choose("The safety plan", "Updated").press("Save")
    worker.follow("Contact attempt").choose("How?", "Visit").choose("Was the person reached?", "Yes").press("Save")
    worker.sees("Nothing is owed. This case may be closed.")
    escalate_due(MORNING + timedelta(days=3))
    assert told.count() == 1
    manager = day.person("duty_manager").open(address).press("Close the case")
    manager.write("Why is it closed?", "Contact is regained and the safety plan is up to date.").press("Close the case")
    manager.is_told("The case is closed")
