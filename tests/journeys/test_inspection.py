"""An inspector samples five moderate incidents of their own choosing, in a browser (R34)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from saferpractice.access.models import AccessEntry
from saferpractice.config import clock
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import Inspection, InspectionDraw
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from saferpractice.trail.draws import ranked
from tests.factories.changes import a_briefing_held, a_finding, a_live_change
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.factories.triage import a_triage, refer
from tests.journeys.hands import Hands, status_of
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R34")
NAMED = "Maud Ashgrove"


def eight_moderate_incidents(cast: Cast) -> list[Incident]:
    """Eight with moderate harm, every one with a name in its words; one is restricted, one carried to a change."""
    at = clock.now() - timedelta(days=30)
    words = f"{NAMED} fell. {cast.colleague.name} came."
    made = [
        an_incident(
            by=cast.worker, team=cast.north, at=at + timedelta(hours=number), physical_harm="moderate",
            person_reference=f"P-{number}", person_name=NAMED, what_happened=words,
        )
        for number in range(8)
    ]  # fmt: skip
    an_incident(by=cast.worker, team=cast.north, at=at)
    decide_restriction(by=cast.lead, at=at + timedelta(days=1), incident=made[0], restricted=True, reason="A colleague")
    for one in made[1:]:
        a_triage(by=cast.lead, at=at + timedelta(days=1), incident=one, threshold=refer(f"{NAMED} has needs."))
    later = at + timedelta(days=2)
    finding = a_finding(cast, review=a_review(cast, "B", incident=made[1], at=later), at=later)
    change = a_live_change(cast, findings=[finding], at=later)
    a_briefing_held(cast, change, cast.north, at=later)
    return made


def test_an_inspector_samples_five(browse: Callable[..., Page]) -> None:
    cast = build_cast(at=clock.now() - timedelta(days=400))
    made = eight_moderate_incidents(cast)
    today = local_day(clock.now())

    drew = Hands(browse(as_=cast.director))
    drew.open("/inspections").press("Open an inspection")
    drew.select("Who inspects?", cast.inspector.name).write("Their reference", "INS-2026-117")
    drew.choose(
        "By which power do they inspect?", "Health and Social Care Act 2008, section 64 (documents and information)"
    )
    drew.choose("Which services?", cast.riverside.name)
    drew.give_day("Incidents that became known from this day", today - timedelta(days=365))
    drew.give_day("to this day", today)
    drew.give_day("Until when may they look?", clock.now() + timedelta(days=7))
    drew.choose("Do they see who the incidents concern?", "No")
    drew.looks("inspection-open")
    drew.press("Open the inspection").sees("Nothing was looked at yet")

    indigo = Hands(browse(as_=cast.inspector))
    indigo.open("/work").follow("Inspection INS-2026-117")
    indigo.sees("Safe: learning culture", "Well-led: governance, management and sustainability")
    indigo.looks("inspection")
    start = indigo.page.url
    for statement in ("Safe: learning culture", "Safe: safeguarding"):
        indigo.open(start).follow(statement).looks(f"inspection-{statement.split()[-1]}")
    indigo.open(start)
    indigo.press("Draw incidents at random")
    indigo.select("Level of harm", "Moderate harm")
    indigo.looks("inspection-choose")
    indigo.press("Freeze the list").sees("8 incidents are on the list, and 5 will be drawn")
    indigo.looks("inspection-frozen")
    indigo.write("Your seed", "4 2 6 1 1 5").press("Draw")
    expect(indigo.page.locator("#drawn tbody tr")).to_have_count(5)
    indigo.looks("inspection-sample")

    draw = InspectionDraw.objects.get()
    assert set(draw.population.ids) == {str(one.pk) for one in made}, "the restricted one is on the list too"
    assert draw.drawn == [one.record_id for one in ranked("4 2 6 1 1 5", draw.population.ids)[:5]]
    sample = indigo.page.url
    for one in Incident.objects.filter(pk__in=draw.drawn, restricted=False):
        indigo.open(sample).follow(one.reference)
        indigo.sees("The report", "The tier, and which rule decided it", "[name removed] fell.")
        indigo.does_not_see("Maud", "Ashgrove", cast.colleague.name, cast.lead.name)
    stories = f"/inspections/{Inspection.objects.get().pk}/incidents"
    indigo.open(f"{stories}/{made[1].pk}")
    indigo.sees("What was changed, and whether it reached everyone", "Not defensible yet")
    indigo.looks("inspection-story")
    assert status_of(indigo.page, f"{stories}/{made[0].pk}") == 404

    drew.page.reload()
    drew.sees(made[1].reference).looks("inspection-log")
    assert AccessEntry.objects.filter(by_id=cast.inspector.pk, story_id=made[1].pk).exists()
    drew.press("End the inspection").write("Why does it end now?", "The visit is over.").press("End it now")
    drew.sees("The visit is over.")
    assert status_of(indigo.page, sample) == 404
