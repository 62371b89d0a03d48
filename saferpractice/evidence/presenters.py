"""What pages show of a learning record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.rules import Missing, Supply, assess_learning
from saferpractice.incidents.models import Incident

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


def link_of(missing: Missing, review: str | None) -> str:
    """The page where what is missing is supplied."""
    if missing.supply is Supply.NEW_CHANGE:
        return f"{reverse('changes:new', args=[review])}?finding={missing.about}"
    return reverse(PAGES[missing.supply], args=[missing.about])


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """Whether the learning is defensible, step by step, with the link that supplies what is missing."""
    facts = learning_facts(incident)
    found = assess_learning(facts)
    steps = [
        {
            "text": step.step.label,
            "present": step.present,
            "missing": [{"text": one.sentence, "href": link_of(one, facts.review)} for one in step.missing],
        }
        for step in found.steps
    ]
    return {"defensible": found.defensible, "sentence": found.sentence, "steps": steps}
