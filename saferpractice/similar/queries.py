"""Reads of what is similar, scoped to the person asking: what they may not open is not even compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.findings.models import Finding
from saferpractice.findings.queries import seen_by
from saferpractice.incidents.models import Correction, Incident, Incidents
from saferpractice.incidents.search import holding_any
from saferpractice.similar.rules import Like, Words, most_alike, telling, words_in

NEWEST = 500
"""Texts that are always compared: the newest the person may open. A page must not wait for more."""
OLDER = 300
"""Older incidents that are compared too, where they hold a word that hardly any of the newest holds."""
_TEXT = ("pk", "what_happened", "also_known")


@dataclass(frozen=True, slots=True)
class LikeIncident:
    """An earlier incident, and the words that both reports say."""

    incident: Incident
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LikeFinding:
    """An earlier finding, and the words that both say."""

    finding: Finding
    words: tuple[str, ...]


def similar_incidents(incident: Incident, *, by: Person, at: datetime) -> list[LikeIncident]:
    """Earlier incidents that ``by`` may open and that are most like ``incident``, the likest first; at most five.

    Earlier means that the service came to know of them no later. Pass only an incident that ``by`` may open.
    """
    asked = _words_of([incident])[incident.pk]
    earlier = Incident.objects.visible_to(by, at).exclude(pk=incident.pk).filter(known_at__lte=incident.known_at)
    found = most_alike(asked, _pool(asked, earlier))
    whole = Incident.objects.select_related("team").in_bulk([like.key for like in found])
    return [LikeIncident(whole[like.key], like.words) for like in found]


def _pool(asked: Words, earlier: Incidents) -> dict[UUID, Words]:
    newest = list(earlier.order_by("-recorded_at", "-pk").only(*_TEXT, "recorded_at")[:NEWEST])
    pool = _words_of(newest)
    if len(newest) == NEWEST:
        rare = telling(asked, pool.values())
        older = holding_any(earlier.filter(recorded_at__lte=newest[-1].recorded_at), rare)
        pool |= _words_of(older.order_by("-recorded_at", "-pk").only(*_TEXT)[:OLDER])
    return pool


def _words_of(incidents: Iterable[Incident]) -> dict[UUID, Words]:
    """What each report says happened, with what was learnt later."""
    texts = {one.pk: [one.what_happened, one.also_known] for one in incidents}
    for incident_id, text in Correction.objects.filter(incident__in=list(texts)).values_list("incident_id", "text"):
        texts[incident_id].append(text)
    return {pk: words_in("\n".join(parts)) for pk, parts in texts.items()}


def similar_findings(findings: Sequence[Finding], *, by: Person, at: datetime) -> dict[UUID, list[LikeFinding]]:
    """For each of ``findings``, the earlier ones of other incidents that ``by`` may open and that are most like it.

    The likest first, at most five. Pass only findings of incidents that ``by`` may open.
    """
    if not findings:
        return {}
    others = seen_by(by, at).filter(decided_at__lte=max(one.decided_at for one in findings))
    others = others.exclude(incident__in={one.incident_id for one in findings}).order_by("-decided_at", "-pk")
    texts = {one.pk: one for one in others.select_related("incident", "team")[:NEWEST]}
    pool = {pk: _words_of_finding(one) for pk, one in texts.items()}

    def alike(finding: Finding) -> list[Like[UUID]]:
        before = {pk: words for pk, words in pool.items() if texts[pk].decided_at <= finding.decided_at}
        return most_alike(_words_of_finding(finding), before)

    return {one.pk: [LikeFinding(texts[like.key], like.words) for like in alike(one)] for one in findings}


def _words_of_finding(finding: Finding) -> Words:
    """The condition as it was stated, and what made it more likely; not what would help, which is another matter."""
    return words_in(f"{finding.statement}\n{finding.made_more_likely}")
