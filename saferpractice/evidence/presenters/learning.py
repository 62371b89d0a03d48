"""What pages show of a learning record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance.permissions.impact import check_can_plan_impact
from saferpractice.assurance.presenters.audits import used_lines
from saferpractice.changes.permissions import check_works_on
from saferpractice.changes.queries import change_seen
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.rules import LearningFacts, Missing, Supply, assess_learning
from saferpractice.incidents.models import Incident
from saferpractice.triage.permissions import check_can_triage

PAGES = {
    Supply.TRIAGE: "triage:record",
    Supply.OPEN_REVIEW: "reviews:open",
    Supply.REVIEW: "reviews:review",
    Supply.FINDING: "findings:new",
    Supply.CORRECTION: "findings:correct",
    Supply.CHANGE: "changes:change",
    Supply.PROOF: "changes:change",
    Supply.NEW_PLAN: "assurance:new_plan",
    Supply.PLAN: "assurance:plan",
}


def may_supply(missing: Missing, *, incident: Incident, by: Person, at: datetime) -> bool:
    """Whether ``by`` gets through to the page where ``missing`` is supplied: nobody is led to a page that is closed."""
    if missing.supply is Supply.TRIAGE:
        return allowed(check_can_triage, by=by, at=at, incident=incident)[0]
    if missing.supply is Supply.NEW_CHANGE:
        return allowed(check_works_on, by=by, at=at, incident=incident, to_do="agree a change")[0]
    if missing.supply is Supply.NEW_PLAN:
        change = change_seen(by, at, UUID(missing.about))
        return change is not None and allowed(check_can_plan_impact, by=by, at=at, change=change)[0]
    return True


def link_of(missing: Missing, review: str | None) -> str:
    """The page where what is missing is supplied."""
    if missing.supply is Supply.NEW_CHANGE:
        return f"{reverse('changes:new', args=[review])}?finding={missing.about}"
    return reverse(PAGES[missing.supply], args=[missing.about])


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """Whether the learning is defensible, step by step, with the link that supplies what is missing."""
    facts = learning_facts(incident)
    found = assess_learning(facts)
    links = _links(found.missing, facts=facts, incident=incident, by=by, at=at)
    steps = [
        {
            "text": step.step.label,
            "present": step.present,
            "missing": [{"text": one.sentence, "href": links.get(one, "")} for one in step.missing],
        }
        for step in found.steps
    ]
    words = found.sentence.removeprefix("Not defensible yet. ").removeprefix("Defensible: ")
    return {
        "defensible": found.defensible,
        "sentence": words[:1].upper() + words[1:],
        "steps": steps,
        "used": used_lines([UUID(change.id) for change in facts.changes], by, at),
    }


def _links(
    missing: Iterable[Missing], *, facts: LearningFacts, incident: Incident, by: Person, at: datetime
) -> dict[Missing, str]:
    """Where what is missing is supplied: for those who can, each way once, and none before the step it waits for."""
    links: dict[Missing, str] = {}
    for one in missing:
        href = link_of(one, facts.review)
        waits = one.supply is Supply.OPEN_REVIEW and not facts.triaged
        if not waits and href not in links.values() and may_supply(one, incident=incident, by=by, at=at):
            links[one] = href
    return links
