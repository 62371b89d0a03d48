"""Loading the example: set up its people, take every step in the order of time, escalate as the worker would have.

All of it goes through operations, each at its own moment, so the trail reads as if it had been lived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from saferpractice.access import operations as access
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import Place
from saferpractice.config.planning import renew_statistics
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.exchange.example import (
    audit_steps,
    change_steps,
    commissioning_steps,
    first_steps,
    inspection_steps,
    learning_steps,
    neighbour_steps,
    pathway_steps,
    review_steps,
    supervision_steps,
    thematic_steps,
)
from saferpractice.exchange.example.moments import Calendar
from saferpractice.exchange.example.reading import Example, ReadStep
from saferpractice.exchange.example.shapes import NeighbourFile, ProviderFile
from saferpractice.exchange.example.world import Here, UnknownKey, World
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import By, Process

SET_UP = Process("Example data")
WORKER = Process("Safer Practice worker")
"""Escalations of the past carry the name of the process that raises those of the present."""
NOT_SENT = "Not sent: this message belongs to the past of the example data."

DO: dict[str, Callable[[World, Here, Any], None]] = {
    "report": first_steps.report,
    "harm": first_steps.grade_harm,
    "correction": first_steps.correct,
    "named": first_steps.name,
    "kept-from": first_steps.keep_from,
    "withdraw-incident": first_steps.withdraw,
    "triage": first_steps.record_triage,
    "threshold": first_steps.decide_threshold,
    "telling": first_steps.decide_telling,
    "tier": first_steps.decide_tier,
    "referral": first_steps.send_referral,
    "acknowledged": first_steps.acknowledge,
    "hand-over": first_steps.hand_over,
    "safety-done": first_steps.safety_done,
    "review": review_steps.open_review,
    "reviewer": review_steps.assign_reviewer,
    "involved": review_steps.record_involved,
    "support": review_steps.offer_support,
    "draw-timeline": review_steps.draw_timeline,
    "entry": review_steps.add_entry,
    "document": review_steps.supply_document,
    "finding": review_steps.record_finding,
    "rapid-review": review_steps.rapid_review,
    "complete": review_steps.complete,
    "oversight": review_steps.oversee,
    "change": change_steps.agree,
    "briefing": change_steps.keep_briefing,
    "live": change_steps.go_live,
    "proof": change_steps.prove,
    "withdraw-change": change_steps.withdraw,
    "action": change_steps.give_action,
    "evidence": change_steps.give_evidence,
    "evidence-decision": change_steps.decide_evidence,
    "plan": change_steps.plan,
    "result": change_steps.enter_result,
    "pathway": pathway_steps.put_in_use,
    "case": pathway_steps.open_case,
    "wrote": pathway_steps.write_down,
    "case-closed": pathway_steps.close_case,
    "version": pathway_steps.new_version,
}
"""What each kind of step does, by the word that stands before it in a file."""


class CannotLoad(Exception):
    """The example was not loaded, and nothing of it was kept; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: counts for a sentence, and everything by the keys of the files."""

    world: World
    steps: int
    escalations: int
    messages: int
    neighbour: World | None = None

    @property
    def sentence(self) -> str:
        """What there is now."""
        there = [_what_there_is(world) for world in (self.world, self.neighbour) if world is not None]
        return (
            f"{'; '.join(there)}; "
            f"{self.steps} steps, {self.escalations} times that somebody was told that something is due or late. "
            f"None of the {self.messages} messages was or will be sent."
        )


def _what_there_is(world: World) -> str:
    return f"{world.provider.name}: {len(world.people)} people, {len(world.incidents)} incidents"


def is_loaded(provider: ProviderFile) -> bool:
    """Whether the example provider is in the database: all of it, because it is loaded whole or not at all."""
    return Provider.objects.filter(name=provider.name).exists()


def load(example: Example, *, at: datetime) -> Loaded:
    """Load the example as of ``at`` (UTC), the moment its days are told from. All of it, or nothing.

    Raises:
        CannotLoad: somebody else's data is in the database, or a step was refused; it names the step.
    """
    if Person.objects.exists():
        raise CannotLoad(
            "There are people in this database already, and example people do not belong among them. "
            "Use an empty data folder: DATA_DIR=/some/new/folder make example-data"
        )
    with transaction.atomic():
        password = example.provider.password
        world, neighbour = set_up(example.provider, Calendar(at), password=password), None
        steps = escalations = 0
        latest = world.calendar.moment(example.provider.since)
        if example.neighbour is not None:
            neighbour = set_up(example.neighbour, Calendar(at), password=password)
        for moment, name, take in everything(example, world, neighbour):
            escalations += escalate_until(moment, not_before=latest)
            _take(name, take)
            latest, steps = moment, steps + 1
        escalations += escalate_until(at, not_before=latest)
        messages = end_past(by=SET_UP, at=at, provider=world.provider)
        if neighbour is not None:
            messages += end_past(by=SET_UP, at=at, provider=neighbour.provider)
        renew_statistics()
    return Loaded(world, steps, escalations, messages, neighbour)


def set_up(file: ProviderFile | NeighbourFile, calendar: Calendar, *, password: str) -> World:
    """Set up a provider, its places and its people; those who sign in do so with ``password``."""
    at = calendar.moment(file.since)
    provider = access.create_provider(by=SET_UP, at=at, name=file.name)
    world = World(calendar, provider)
    for service in file.services:
        made = access.create_service(by=SET_UP, at=at, provider=provider, name=service.name)
        world.services[service.key] = made
        for team in service.teams:
            world.teams[team.key] = access.create_team(by=SET_UP, at=at, service=made, name=team.name)
    for person in file.people:
        world.people[person.key] = access.create_person(
            by=SET_UP,
            at=at,
            provider=provider,
            name=person.name,
            email=address(file, person.name),
            password=password if person.sign_in else None,
        )
        place = _place(world, person.at)
        access.assign_role(by=SET_UP, at=at, person=world.people[person.key], role=person.role, place=place)
    return world


def address(file: ProviderFile | NeighbourFile, name: str) -> str:
    """The e-mail address of somebody of this name. Its domain is one that no mail can reach."""
    return f"{'.'.join(name.lower().split())}@{file.mail_domain}"


def _place(world: World, key: str | None) -> Place:
    if key is not None and key in world.teams:
        return world.teams[key].place
    service = world.services[key] if key else None
    return Place(world.provider.pk, service.pk if service else None)


def in_order(example: Example, world: World) -> Iterator[tuple[Here, ReadStep]]:
    """Every step of every incident and case in the order of time; steps of one moment in the order of the files."""
    found = [
        (
            Here(
                incident.shape.key,
                world.teams[incident.shape.team],
                number,
                world.people[step.says.by],
                world.calendar.moment(step.says.at),
            ),
            step,
        )
        for incident in (*example.incidents, *example.care)
        for number, step in enumerate(incident.steps, start=1)
    ]
    yield from sorted(found, key=lambda pair: pair[0].at)


def everything(example: Example, world: World, neighbour: World | None = None) -> list[supervision_steps.Taken]:
    """Every step of everything in the files in the order of time: its moment, its name, what it does."""
    found: list[supervision_steps.Taken] = [
        (
            here.at,
            f"{here.incident_key}, step {here.number} ({step.word}, {step.says.at})",
            partial(DO[step.word], world, here, step.says),
        )
        for here, step in in_order(example, world)
    ]
    found += supervision_steps.in_order(example.supervision, world, WORKER)
    found += audit_steps.in_order(example.audits, world)
    found += thematic_steps.in_order(example.thematic, world)
    found += commissioning_steps.in_order(example.thematic, world)
    found += learning_steps.in_order(example.learning, world)
    found += inspection_steps.in_order(example.inspection, world)
    if example.neighbour is not None and neighbour is not None:
        found += neighbour_steps.in_order(example.neighbour, neighbour, world)
    return sorted(found, key=lambda one: one[0])


def _take(name: str, take: Callable[[], object]) -> None:
    try:
        take()
    except (Invalid, Refused, Stale, UnknownKey) as refusal:
        said = refusal.problems if isinstance(refusal, Invalid) else refusal.args[0]
        raise CannotLoad(f"{name}: {said} Nothing was loaded.") from refusal


def escalate_until(until: datetime, *, not_before: datetime) -> int:
    """Escalate what came due up to ``until``, each step at its own moment, as the worker would have; how many.

    ``not_before`` keeps the trail in order: an obligation recorded later than it began is escalated when recorded.
    """
    raised, now = 0, not_before
    while True:
        waiting = Obligation.objects.to_escalate(until).first()
        if waiting is None or waiting.next_escalation_at is None:
            return raised
        now = max(now, waiting.next_escalation_at)
        raised += len(escalate(by=WORKER, at=now, obligation_id=waiting.pk))


@operation
def end_past(*, by: By, at: datetime, provider: Provider) -> Entry[int]:
    """Take what the example's past would have mailed out of the outbox, so that starting the worker mails nobody.

    The rows stay, marked with why: who was told what is part of the history. How many.
    """
    kept = OutboxMessage.objects.filter(provider=provider, sent_at__isnull=True).update(
        sent_at=F("created_at"), last_error=NOT_SENT
    )
    return Entry(
        result=kept,
        subject=provider,
        sentence=f"loaded the example data, and kept the {kept} messages of its past from being sent",
    )
