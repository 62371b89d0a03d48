"""What pages show of earlier incidents and findings in the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.findings.beside import Beside
from saferpractice.findings.models import Finding
from saferpractice.findings.presenters import condition_words
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import label_of
from saferpractice.similar.after import what_answered
from saferpractice.similar.queries import LikeFinding, LikeIncident, similar_findings, similar_incidents
from saferpractice.triage.beside import changed_after


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """Earlier incidents most like this one that ``by`` may open, each with what was changed then; None for none."""
    found = similar_incidents(incident, by=by, at=at)
    changed = changed_after([like.incident.pk for like in found], by=by, at=at)
    shown = [_incident_shown(like, incident) | {"changed": changed[like.incident.pk]} for like in found]
    return {"found": shown} if shown else None


def _incident_shown(like: LikeIncident, incident: Incident) -> dict[str, Any]:
    earlier = like.incident
    themes = [theme for theme in earlier.themes if theme in incident.themes]
    labels = [label_of("themes", theme, provider_id=incident.provider_id) for theme in themes]
    return {
        "reference": earlier.reference,
        "href": reverse("home:incident", args=[earlier.pk]),
        "when": day_label(local_day(earlier.occurred_at or earlier.known_at)),
        "team": earlier.team.name,
        "why": why("theme", labels, like.words),
    }


def beside_findings(findings: Sequence[Finding], by: Person, at: datetime) -> Mapping[UUID, Beside]:
    """Under each finding, the earlier ones most like it that ``by`` may open, with the changes that answered them."""
    found = similar_findings(findings, by=by, at=at)
    answered = what_answered([like.finding for likes in found.values() for like in likes])
    shown = {
        one.pk: [_finding_shown(like, one) | {"changed": answered[like.finding.pk]} for like in found[one.pk]]
        for one in findings
    }
    return {pk: Beside("similar/finding.html", {"found": likes}) for pk, likes in shown.items() if likes}


def _finding_shown(like: LikeFinding, finding: Finding) -> dict[str, Any]:
    earlier = like.finding
    condition = condition_words(earlier)
    return {
        "statement": earlier.statement,
        "condition": condition,
        "reference": earlier.incident.reference,
        "href": reverse("findings:of_review", args=[earlier.review_id]) + f"#finding-{earlier.pk}",
        "when": day_label(local_day(earlier.decided_at)),
        "team": earlier.team.name,
        "why": why("condition", [condition] if earlier.condition == finding.condition else [], like.words),
    }


def why(noun: str, labels: Sequence[str], words: Sequence[str]) -> str:
    """Why something is named, in plain words: what people called the same, and the words that both say."""
    same = f"Same {noun}{'s' if len(labels) > 1 else ''}: {', '.join(labels)}." if labels else ""
    both = f"Both say: {', '.join(words)}." if words else ""
    return " ".join(part for part in (same, both) if part) or "Both use many of the same words."
