"""Evidence packs and inspections in the example, each step through its operation.

Which incidents an inspector draws differs from one loading to the next: it hangs on their ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from functools import partial

from saferpractice.deadlines.rules.local_time import settled
from saferpractice.evidence import operations as evidence
from saferpractice.evidence.models import EvidencePack, Inspection, InspectionPopulation
from saferpractice.evidence.queries.inspections import Wanted
from saferpractice.evidence.queries.packs import texts_of
from saferpractice.evidence.rules.inspections import HARM_LEVELS
from saferpractice.evidence.rules.packs.confirming import Choice
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.exchange.example.shapes import DrawShape, InspectionFile, InspectionShape, PackShape
from saferpractice.exchange.example.thematic_steps import Taken
from saferpractice.exchange.example.world import UnknownKey, World

CLOSES = time(18)
"""When on its last day an inspection ends."""


def in_order(file: InspectionFile, world: World) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages."""
    at = world.calendar.moment
    for number, pack in enumerate(file.packs):
        key, name = f"example:pack:{number}", f"pack of {pack.incident}"
        yield at(pack.at), name, partial(_ask, world, pack, key)
        if pack.confirmed:
            yield at(pack.confirmed), f"{name}, its texts", partial(_confirm, world, pack, key)
        if pack.built:
            yield at(pack.built), f"{name}, built", partial(_build, at(pack.built))
    for says in file.inspections:
        yield at(says.at), f"inspection {says.reference}", partial(_open, world, says)
        for number, draw in enumerate(says.draws):
            key, name = f"example:draw:{says.reference}:{number}", f"draw in {says.reference}"
            yield at(draw.frozen), f"{name}, its list", partial(_freeze, world, says, draw, key)
            yield at(draw.drawn), name, partial(_draw, world, says, draw, key)


def _ask(world: World, says: PackShape, key: str) -> None:
    incident = world.incidents[says.incident]
    evidence.ask_for_pack(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        wanted=evidence.Wanted(
            subject=Subject.INCIDENT,
            disclosure=Disclosure(says.readers),
            services=[incident.team.service],
            incident=incident,
        ),
        submission_key=key,
    )


def _confirm(world: World, says: PackShape, key: str) -> None:
    """Look through every text, share it as it is marked, and order the pack."""
    pack = EvidencePack.objects.filter(submission_key=key).first()
    if pack is None or says.confirmed is None:
        raise UnknownKey("Nobody asked for this pack at that moment.")
    by, at = world.people[says.by], world.calendar.moment(says.confirmed)
    choices = {text.said.key: (Choice.MASKED, "") for text in texts_of(pack, by, at)}
    evidence.confirm_texts(by=by, at=at, pack=pack, choices=choices)
    evidence.order_building(by=by, at=at, pack=pack)


def _build(at: datetime) -> None:
    if evidence.carry_on_packs(at=at) != 1:
        raise UnknownKey("No pack waits to be built at that moment.")


def _open(world: World, says: InspectionShape) -> None:
    keys = says.services or tuple(world.services)
    evidence.open_inspection(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        provider=world.provider,
        inspector=world.people[says.inspector],
        services=[world.services[one] for one in keys],
        authority=says.authority,
        reference=says.reference,
        period_from=world.calendar.day(says.first),
        period_to=world.calendar.day(says.last),
        ends_at=settled(world.calendar.day(says.ends), CLOSES),
        submission_key=f"example:inspection:{says.reference}",
    )


def _freeze(world: World, says: InspectionShape, draw: DrawShape, key: str) -> None:
    inspection = Inspection.objects.filter(submission_key=f"example:inspection:{says.reference}").first()
    if inspection is None:
        raise UnknownKey("The inspection is not open at that moment.")
    evidence.freeze_incidents(
        by=world.people[says.inspector],
        at=world.calendar.moment(draw.frozen),
        inspection=inspection,
        wanted=Wanted(harm=HARM_LEVELS.index(draw.harm) if draw.harm else None, tier=draw.tier),
        size=draw.size,
        submission_key=key,
    )


def _draw(world: World, says: InspectionShape, draw: DrawShape, key: str) -> None:
    frozen = InspectionPopulation.objects.filter(submission_key=key).first()
    if frozen is None:
        raise UnknownKey("There is no frozen list at that moment.")
    evidence.draw_incidents(
        by=world.people[says.inspector],
        at=world.calendar.moment(draw.drawn),
        population=frozen,
        seed=draw.seed,
    )
