"""Audits in the example and the records they read, each step through its operation.

Which records are drawn hangs on their ids, which differ from one loading to the next. So nothing here says what an
auditor found in which record: they find what the file says that stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from saferpractice.assurance import operations as assurance
from saferpractice.assurance.models import AuditPopulation, AuditSample
from saferpractice.assurance.queries.audit_populations import read_choice
from saferpractice.assurance.queries.audits import SampleState, states_of
from saferpractice.assurance.rules.audits import About, Answer, Claim, Question, Standing
from saferpractice.exchange.example.pathway_steps import in_use_at, values_of
from saferpractice.exchange.example.shapes import AuditedCaseShape, AuditsFile, AuditShape, NoteShape, ReadingsShape
from saferpractice.exchange.example.world import UnknownKey, World
from saferpractice.pathways import operations as pathways

Taken = tuple[datetime, str, Callable[[], object]]
APART = timedelta(minutes=4)
"""Between one record read and the next."""
HUNDRED = Decimal(100)


def in_order(file: AuditsFile, world: World) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages."""
    for case in file.cases:
        yield from _case(world, case)
    for audit in file.audits:
        yield from _audit(world, audit)


# ---- the records


def _case(world: World, says: AuditedCaseShape) -> Iterator[Taken]:
    at = world.calendar.moment
    yield at(says.at), f"{says.key} is opened", partial(_open, world, says)
    for number, sitting in enumerate(says.notes):
        moment = at(sitting.at)
        for place, note in enumerate(sitting.wrote):
            moment += timedelta(minutes=note.after if place else 0)
            name = f"{says.key}, {sitting.at}, {note.kind}"
            yield moment, name, partial(_write, world, says, note, f"{number}:{place}", moment)
    last = NoteShape(who="worker", kind="checklist", values=says.ended.values)
    ended = at(says.ended.at)
    yield ended, f"{says.key}, last checklist", partial(_write, world, says, last, "last", ended)
    yield ended + timedelta(minutes=10), f"{says.key} is closed", partial(_close, world, says)


def _open(world: World, says: AuditedCaseShape) -> None:
    at = world.calendar.moment(says.at)
    world.cases[says.key] = pathways.open_case(
        by=world.people[says.worker],
        at=at,
        team=world.teams[says.team],
        version=in_use_at(world, says.pathway, at),
        person_reference=says.reference,
        submission_key=f"example:case:{says.key}",
    )


def _write(world: World, says: AuditedCaseShape, note: NoteShape, number: str, at: datetime) -> None:
    case = world.cases[says.key]
    record = pathways.write_record(
        by=world.people[getattr(says, note.who)],
        at=at,
        case=case,
        kind=note.kind,
        happened_at=at,
        values=values_of(world, case, note.kind, note.values),
        submission_key=f"example:note:{says.key}:{number}",
    )
    world.fails[record.pk] = frozenset(note.fails)


def _close(world: World, says: AuditedCaseShape) -> None:
    at = world.calendar.moment(says.ended.at) + timedelta(minutes=10)
    pathways.close_case(by=world.people[says.manager], at=at, case=world.cases[says.key], reason=says.ended.reason)


# ---- the audits


def _audit(world: World, says: AuditShape) -> Iterator[Taken]:
    at = world.calendar.moment
    yield at(says.at), f"{says.key} is planned", partial(_declare, world, says)
    yield at(says.list.at), f"list of {says.key}", partial(_freeze, world, says)
    yield at(says.draw.at), f"draw of {says.key}", partial(_draw, world, says)
    for readings in says.readings:
        for number in range(readings.records):
            moment = at(readings.at) + number * APART
            name = f"{says.key}, record {number + 1} by {readings.by}"
            yield moment, name, partial(_read, world, says, readings, number, moment)
    if says.settled is not None:
        yield at(says.settled.at), f"{says.key} is settled", partial(_settle, world, says)
    if says.answered is not None:
        yield at(says.answered.at), f"{says.key} is answered for", partial(_answer_for, world, says)


def _declare(world: World, says: AuditShape) -> None:
    source, filters = read_choice(says.records)
    world.audits[says.key] = assurance.declare_audit(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        change=world.changes[says.change],
        declared=assurance.AuditDeclared(
            title=says.title,
            questions=tuple(
                Question(f"q{number}", one.ask, one.look_for, Answer.YES, About(one.about))
                for number, one in enumerate(says.questions, start=1)
            ),
            source=source,
            filters=filters,
            claim=Claim(says.claim),
            numbers={name: Decimal(value) for name, value in says.numbers.items()},
            target=Decimal(says.target) / HUNDRED,
            read_by_two=says.by_two,
            by_team=False,
            months=says.months,
            first_on=world.calendar.day(says.due),
        ),
        submission_key=f"example:audit:{says.key}",
    )


def _freeze(world: World, says: AuditShape) -> None:
    assurance.freeze_list(
        by=world.people[says.by],
        at=world.calendar.moment(says.list.at),
        plan=world.audits[says.key],
        period_from=world.calendar.day(says.list.first),
        period_to=world.calendar.day(says.list.last),
    )


def _population(world: World, says: AuditShape) -> AuditPopulation:
    return world.audits[says.key].populations.get()


def _draw(world: World, says: AuditShape) -> None:
    assurance.enter_seed(
        by=world.people[says.by],
        at=world.calendar.moment(says.draw.at),
        population=_population(world, says),
        seed=says.draw.seed,
        published=False,
        published_on=None,
        words=says.draw.words,
    )


def _read(world: World, says: AuditShape, readings: ReadingsShape, number: int, at: datetime) -> None:
    samples = list(_population(world, says).samples.order_by("rank"))
    if number >= len(samples):
        raise UnknownKey(f"Only {len(samples)} records were drawn.")
    found = _found(world, says, samples[number])
    odd = next((one for one in samples if _meets(_found(world, says, one))), None)
    if odd == samples[number] and readings.otherwise is not None:
        found |= {f"q{readings.otherwise}": Answer.NO.value}
    assurance.score_record(by=world.people[readings.by], at=at, sample=samples[number], answers=found)


def _found(world: World, says: AuditShape, sample: AuditSample) -> dict[str, str]:
    """What stands in a record: yes to every question but those it fails."""
    fails = world.fails.get(sample.record_id, frozenset())
    return {
        f"q{number}": (Answer.NO if number in fails else Answer.YES).value
        for number, _ in enumerate(says.questions, start=1)
    }


def _meets(answers: dict[str, str]) -> bool:
    return set(answers.values()) == {Answer.YES.value}


def _standing(world: World, says: AuditShape, standing: Standing) -> list[SampleState]:
    return [one for one in states_of(_population(world, says)) if one.standing is standing]


def _settle(world: World, says: AuditShape) -> None:
    if says.settled is None:
        return
    for one in _standing(world, says, Standing.DIFFERS):
        assurance.settle_record(
            by=world.people[says.settled.by],
            at=world.calendar.moment(says.settled.at),
            sample=one.sample,
            answers=_found(world, says, one.sample),
            reason=says.settled.reason,
        )


def _answer_for(world: World, says: AuditShape) -> None:
    if says.answered is None:
        return
    by, at = world.people[says.by], world.calendar.moment(says.answered.at)
    first, *others = _standing(world, says, Standing.NOT_MET)
    assurance.follow_up(
        by=by,
        at=at,
        sample=first.sample,
        what=says.answered.what,
        owner=world.people[says.answered.owner],
        due_on=world.calendar.day(says.answered.due),
    )
    for one in others:
        assurance.follow_up(by=by, at=at, sample=one.sample, why_none=says.answered.others)
