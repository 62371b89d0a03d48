"""What would be published of a quarter: guarded already, for whoever is about to publish it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Provider, Service
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.queries import state_of, with_facts
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.queries.counted import counted
from saferpractice.evidence.queries.facts import verdicts_of
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.queries.register import clauses_of, needs_of
from saferpractice.evidence.rules.commissioning.published import Learned, Published, Section, publish
from saferpractice.evidence.rules.identifiers import identifiers_in
from saferpractice.evidence.rules.register import RegisterState
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from saferpractice.findings.models import Finding
from saferpractice.lists.queries import labels_of

NO_VERDICT, NOTHING_RECORDED = "Not checked yet", "Nothing recorded"
LEFT_TO_DO = (
    RegisterState.OVERDUE,
    RegisterState.NOBODY,
    RegisterState.OPEN,
    RegisterState.DONE,
    RegisterState.AGREED,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A change that may be told outside, as it would be."""

    change_id: UUID
    learned: Learned


def quarter_to_publish(
    provider: Provider, quarter: Quarter, at: datetime, *, learned: Sequence[Learned] = ()
) -> Published:
    """A finished quarter as it would be published at ``at``."""
    services = Service.objects.filter(provider=provider).order_by("name", "pk").values_list("pk", "name")
    return publish(
        counted(provider, quarter, at),
        counted_on=str(local_day(at)),
        services={str(pk): name for pk, name in services},
        learned=learned,
    )


def told_changes(provider: Provider, quarter: Quarter, at: datetime) -> dict[UUID, Told]:
    """The changes in use by the end of the quarter whose titles hold nothing that tells who somebody is, newest first.

    That is no proof that they are fit: a person reads each. What answers a restricted incident is not among them.
    """
    found = OperationalChange.objects.standing().filter(provider=provider, go_live__live_at__lt=quarter.ends_at)
    found = found.exclude(findings__incident__restricted=True)
    changes = list(with_facts(found).order_by("-go_live__live_at", "pk"))
    verdicts, kinds = verdicts_of(changes), labels_of("change-types", provider_id=provider.pk)
    conditions = _conditions(provider, changes)
    known = known_of(provider.pk)
    return {
        one.pk: Told(
            one.pk,
            Learned(
                title=one.title,
                condition="; ".join(conditions[one.pk]),
                kind=kinds.get(one.change_type, one.change_type),
                rollout=state_of(one).label,
                verdict=verdicts.get(one.pk, NO_VERDICT),
                training=_went_where(each.state for each in needs_of(one, at)),
                specification=_went_where(each.state for each in clauses_of(one, at)),
            ),
        )
        for one in changes
        if not identifiers_in(one.title, known)
    }


def _conditions(provider: Provider, changes: Sequence[OperationalChange]) -> dict[UUID, list[str]]:
    """By change: the system conditions that it answers, in the words of the list, by word."""
    labels = labels_of("system-conditions", provider_id=provider.pk)
    answered = Finding.objects.standing().filter(changes__in=changes).values_list("changes", "condition").distinct()
    found: dict[UUID, list[str]] = {one.pk: [] for one in changes}
    for change, words in sorted((pk, labels.get(code, code)) for pk, code in answered):
        found[change].append(words)
    return found


def _went_where(states: Iterable[RegisterState]) -> str:
    """The state that most is left to do of; words without a number, for how many work somewhere is small."""
    found = set(states)
    return next((state.value for state in LEFT_TO_DO if state in found), NOTHING_RECORDED)


def measures_offered(provider: Provider, at: datetime) -> list[tuple[str, str]]:
    """The measures a contract can name, code and words, by section and title."""
    told = [each for one in counted(provider, newest_finished(local_day(at)), at) for _, each in one.measures]
    found = sorted(told, key=lambda each: (list(Section).index(each.section), each.title))
    return [(each.code, each.title) for each in found]
