"""A month of supervision: what is new, a discussion, the worker's say on a phone, who is missing, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Escalation, OutboxMessage
from saferpractice.jobs.sweeps import ask_for_supervision, escalate_due
from tests.conftest import TestClock
from tests.factories.changes import a_live_change
from tests.journeys.conftest import Site
from tests.journeys.hands import Hands
from tests.personas import NOW, build_cast

MORNING = NOW + timedelta(hours=8)
FIRST = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
"""The first of April, a Wednesday. The last working day of the month is Thursday the 30th."""
OVER = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
POINT = "At two signs of self-neglect, ring the duty manager the same day."


@pytest.mark.requirement("R38", "R33")
def test_a_month_of_supervision(live_site: Site, browse: Callable[..., Page], the_clock: TestClock) -> None:
    the_clock.stand_at(MORNING)
    cast = build_cast()
    a_live_change(cast)

    def person(who: Person, **more: int) -> Hands:
        return Hands(browse(as_=who, **more))

    # What the change teaches, in the words of whoever agreed it; and who supervises whom.
    reviewer = person(cast.reviewer).open("/supervision/learning").sees("Self-neglect checklist in the visit note")
    reviewer.follow("Put into words").looks().write("What does it teach, in one sentence?", POINT)
    reviewer.press("Put it before supervisors").is_told("among what supervisors are prompted with")
    administrator = person(cast.administrator).open("/supervision/arrange").sees("2 without a supervisor").looks()
    administrator.page.get_by_role("heading", name="North team").locator("xpath=..").get_by_role(
        "button", name="Set who supervises here"
    ).click()
    administrator.looks().select("Who supervises them?", "Sorrel Beck").press("Set this")
    administrator.is_told("It is set").does_not_see("2 without a supervisor")

    # The month begins; the supervisor is asked, and prompted with what is new for the team.
    the_clock.stand_at(FIRST)
    ask_for_supervision(FIRST)
    supervisor = person(cast.supervisor).open("/work").sees("Supervision of Wren Ashdown in April 2026")
    supervisor.open("/supervision/people").sees("New since then", POINT, "20 working days left").looks("supervision")
    supervisor.open("/supervision/people").press("Write down a group supervision").looks()
    supervisor.question("With whom?").get_by_label("Corin Vale").uncheck()
    supervisor.press("Write it down").sees("Choose at least one learning point").looks()
    supervisor.choose("What did you talk about?", POINT)
    supervisor.write("What will be done differently?", "Ring from the doorstep.").press("Write it down")
    supervisor.is_told("1 discussion written down").sees("Discussed, not yet confirmed")

    # The worker says on a phone that it was so.
    worker = person(cast.worker, width=375).open("/work").follow("Say whether your supervision of 1 April 2026")
    worker.sees("Ring from the doorstep.").looks("supervision-answer")
    worker.choose("Is this how it was?", "Yes, this is how it was").press("Send this").is_told("stands as confirmed")
    worker.open("/supervision").sees("Your supervision", "Confirmed").does_not_see("Corin Vale").looks()

    # The month is over: the number stands beside who is missing, and what was missed went up the chain.
    the_clock.stand_at(OVER)
    while escalate_due(OVER):
        pass
    ask_for_supervision(OVER)
    told = {one.name for step in Escalation.objects.filter(level__gte=1) for one in step.told.all()}
    assert {"Sorrel Beck", "Dale Marlow"} <= told
    assert OutboxMessage.objects.filter(to=cast.duty_manager).exists()
    manager = person(cast.duty_manager).open("/work").sees("Escalated to you: late and not done yet")
    assert "Supervision of Corin Vale in April 2026" in manager.page.content()  # among what is one tap away
    manager.open("/supervision").sees("Who is missing", "Corin Vale", "✗ Missing", "✓ Confirmed").looks(
        "supervision-grid"
    )
    supervisor.open("/supervision").follow("Write it down").sees("Supervision with Corin Vale")
