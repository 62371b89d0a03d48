"""What a learning bulletin is drawn from, and the bulletins there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Provider
from saferpractice.assurance.models import ImpactCheck, LearningPoint
from saferpractice.assurance.queries.impact import REPORTER_WORDS
from saferpractice.assurance.rules import VerdictWord
from saferpractice.changes.models import OperationalChange
from saferpractice.evidence.models import Bulletin
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.rules.confirming import Found, found_in
from saferpractice.evidence.rules.identifiers import identifiers_in, removed
from saferpractice.evidence.rules.thematic.quarters import Quarter


def bulletins_seen(person: Person, at: datetime) -> list[Bulletin]:
    """The newest edition of each quarter that ``person`` may read, newest first."""
    return list(Bulletin.objects.visible_to(person, at).standing().order_by("-year", "-number"))


def bulletin_seen(person: Person, at: datetime, bulletin_id: UUID) -> Bulletin | None:
    """One bulletin, also an earlier edition, when ``person`` may read it; else None."""
    return Bulletin.objects.visible_to(person, at).filter(pk=bulletin_id).first()


def newest_edition(provider_id: UUID, quarter: Quarter) -> Bulletin | None:
    """What was published last for a quarter."""
    found = Bulletin.objects.filter(provider=provider_id, year=quarter.year, number=quarter.number)
    return found.order_by("-edition").first()


def suggested_bulletin(provider: Provider, quarter: Quarter) -> dict[str, str]:
    """Where to begin: the learning points, changes and verdicts of the quarter, with masks; nothing of what is
    restricted. A person writes from it what everybody may read."""
    restricted = OperationalChange.objects.filter(findings__incident__restricted=True)
    within = {"decided_at__gte": quarter.starts_at, "decided_at__lt": quarter.ends_at}
    points = LearningPoint.objects.standing().filter(provider=provider, **within).exclude(change__in=restricted)
    live = OperationalChange.objects.standing().filter(
        provider=provider, go_live__live_at__gte=quarter.starts_at, go_live__live_at__lt=quarter.ends_at
    )
    checks = ImpactCheck.objects.filter(
        plan__change__provider=provider, plan__primary=True, plan__change__withdrawal__isnull=True, **within
    ).exclude(plan__change__in=restricted)
    newest = {one.plan.change_id: one for one in checks.select_related("plan__change").order_by("decided_at", "pk")}
    parts = {
        "learned": _lines(one.wording for one in points.order_by("decided_at", "pk")),
        "different": _lines(one.monday for one in live.exclude(pk__in=restricted).order_by("go_live__live_at", "pk")),
        "worked": _lines(
            f"{one.plan.change.title}. {REPORTER_WORDS[VerdictWord(one.verdict)]}" for one in newest.values()
        ),
    }
    known = known_of(provider.pk)
    return {name: removed(text, identifiers_in(text, known)) for name, text in parts.items()}


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(" ".join(text.split()) for text in texts))


def found_in_bulletin(provider_id: UUID, words: dict[str, str]) -> Found:
    """What in a bulletin could tell who somebody is."""
    return found_in(words.items(), known_of(provider_id))
