"""Supervision in the example, each step through its operation, and asked for at the start of each month."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial

from saferpractice.access import operations as access
from saferpractice.access.rules import Role
from saferpractice.assurance.operations import supervision
from saferpractice.assurance.queries.supervision import prompted, to_ask
from saferpractice.assurance.rules.supervision import month_after
from saferpractice.deadlines.rules import local_day
from saferpractice.deadlines.rules.local_time import settled
from saferpractice.exchange.example.shapes import (
    AwayStep,
    JoinsStep,
    PointStep,
    SupervisionFile,
    SupervisorsStep,
    TalksShape,
)
from saferpractice.exchange.example.world import UnknownKey, World
from saferpractice.trail.rules import By

Taken = tuple[datetime, str, Callable[[], object]]
ANSWERED_AFTER = timedelta(days=1)
MOST = 200


def in_order(file: SupervisionFile, world: World, worker: By) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages; ``worker`` asks at the start of each month."""
    at = world.calendar.moment
    for says in file.supervisors:
        yield at(says.at), f"supervision by {says.supervisor}", partial(_supervise, world, says)
    for joins in file.joins:
        yield at(joins.at), f"{joins.key} joins", partial(_join, world, joins)
    for point in file.points:
        yield at(point.at), f"learning point of {point.change}", partial(_word, world, point)
    for away in file.away:
        yield at(away.at), f"{away.worker} is away", partial(_away, world, away)
    for talks in file.talks:
        for number, text in enumerate(talks.at):
            moment = at(text)
            yield moment, f"talk of {talks.by}, {text}", partial(_talk, world, talks, number)
            for key in talks.workers:
                says_no = next((one for one in file.disputes if (one.worker, one.talk) == (key, text)), None)
                answered = min(moment + ANSWERED_AFTER, world.calendar.loaded_at)
                if key not in file.unanswered:
                    yield answered, f"answer of {key}, {text}", partial(_answer, world, key, answered, says_no)
    if file.supervisors:
        yield from _months(min(at(says.at) for says in file.supervisors), world, worker)


def _months(begun: datetime, world: World, worker: By) -> Iterator[Taken]:
    month = month_after(local_day(begun).replace(day=1))
    while (starts := settled(month, time(0, 5))) < world.calendar.loaded_at:
        yield starts, f"{month:%B %Y} begins", partial(_ask, starts, worker)
        month = month_after(month)


def _ask(at: datetime, worker: By) -> None:
    for one in to_ask(at, MOST):
        supervision.ask_for_discussion(by=worker, at=at, worker=one)


def _supervise(world: World, says: SupervisorsStep) -> None:
    at = world.calendar.moment(says.at)
    supervision.set_supervisor(
        by=world.people[says.by],
        at=at,
        workers=[world.people[key] for key in says.workers],
        supervisor=world.people[says.supervisor],
        from_on=local_day(at),
    )


def _join(world: World, says: JoinsStep) -> None:
    at, by = world.calendar.moment(says.at), world.people[says.by]
    email = f"{'.'.join(says.name.lower().split())}@{by.email.partition('@')[2]}"
    made = access.create_person(by=by, at=at, provider=world.provider, name=says.name, email=email)
    access.assign_role(by=by, at=at, person=made, role=Role(says.role), place=world.teams[says.team].place)
    world.people[says.key] = made
    supervision.set_supervisor(
        by=by, at=at, workers=[made], supervisor=world.people[says.supervisor], from_on=local_day(at)
    )


def _word(world: World, says: PointStep) -> None:
    supervision.word_learning_point(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        source=world.changes[says.change],
        wording=says.wording,
        submission_key=f"example:point:{says.change}",
    )


def _away(world: World, says: AwayStep) -> None:
    supervision.record_absence(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        worker=world.people[says.worker],
        from_on=world.calendar.day(says.first),
        until_on=world.calendar.day(says.last) if says.last else None,
    )


def _talk(world: World, says: TalksShape, number: int) -> None:
    at = world.calendar.moment(says.at[number])
    workers = [world.people[key] for key in says.workers]
    newest = prompted(workers[0], at).prompts
    if not newest:
        raise UnknownKey(f"There is nothing to talk about with {workers[0].name} at that moment.")
    supervision.record_discussions(
        by=world.people[says.by],
        at=at,
        workers=workers,
        account=supervision.Account(
            points=[newest[0].point], held_on=local_day(at), words=says.words[number % len(says.words)]
        ),
        submission_key=f"example:talk:{says.by}:{says.workers[0]}:{number}",
    )


def _answer(world: World, key: str, at: datetime, says_no: object) -> None:
    worker = world.people[key]
    newest = worker.discussions.order_by("held_on", "pk").last()
    if newest is not None:
        words = getattr(says_no, "words", "")
        supervision.answer_discussion(by=worker, at=at, discussion=newest, confirmed=not words, words=words)
