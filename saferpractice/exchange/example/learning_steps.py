"""Carrying learning further in the example: training, the contract, the bulletin and the library of lessons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from saferpractice.deadlines.rules.local_time import settled
from saferpractice.evidence import operations as evidence
from saferpractice.evidence.models import SpecificationClause, TrainingNeed
from saferpractice.evidence.rules.lessons import LessonWords
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from saferpractice.exchange.example.shapes import (
    BulletinShape,
    ClauseShape,
    LearningFile,
    LessonStep,
    NeedShape,
    TakesPartStep,
    TrainedShape,
)
from saferpractice.exchange.example.thematic_steps import Taken
from saferpractice.exchange.example.world import UnknownKey, World

PUBLISHED = 24
"""Days after the end of the quarter in which its bulletin comes out; never later than the loading."""


def in_order(file: LearningFile, world: World) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages."""
    at = world.calendar.moment
    for number, need in enumerate(file.needs):
        key = f"example:need:{number}"
        yield at(need.at), f"training because of {need.change}", partial(_need, world, need, key)
        for trained in need.trained:
            yield at(trained.at), f"training because of {need.change}, held", partial(_train, world, trained, key)
    for number, clause in enumerate(file.clauses):
        key = f"example:clause:{number}"
        yield at(clause.at), f"clause because of {clause.change}", partial(_clause, world, clause, key)
        if clause.agreed is not None:
            yield (
                at(clause.agreed.at),
                f"clause because of {clause.change}, agreed",
                partial(_agree, world, clause, key),
            )
    for says in file.bulletins:
        quarter = newest_finished(world.calendar.today).before(says.quarters_ago - 1)
        moment = min(settled(quarter.last + timedelta(days=PUBLISHED), time(15)), world.calendar.loaded_at)
        yield moment, f"bulletin of {quarter.short}", partial(_bulletin, world, says, quarter, moment)
    if file.takes_part is not None:
        yield at(file.takes_part.at), "taking part in the library", partial(take_part, world, file.takes_part)
    for lesson in file.lessons:
        yield at(lesson.at), f"lesson of {lesson.change}", partial(_lesson, world, lesson)


def _need(world: World, says: NeedShape, key: str) -> None:
    evidence.record_need(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        change=world.changes[says.change],
        what=says.what,
        roles=says.roles,
        teams=[world.teams[one] for one in says.teams],
        by_on=world.calendar.day(says.due),
        submission_key=key,
    )


def _train(world: World, says: TrainedShape, key: str) -> None:
    need = TrainingNeed.objects.filter(submission_key=key).first()
    if need is None:
        raise UnknownKey("Nobody needs this training at that moment.")
    evidence.record_attendance(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        need=need,
        people=[world.people[one] for one in says.people],
        trained_on=world.calendar.day(says.held),
    )


def _clause(world: World, says: ClauseShape, key: str) -> None:
    evidence.record_clause(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        change=world.changes[says.change],
        clause=says.clause,
        wording=says.wording,
        wanted_by=world.calendar.day(says.wanted_by),
        submission_key=key,
    )


def _agree(world: World, says: ClauseShape, key: str) -> None:
    wanted = SpecificationClause.objects.filter(submission_key=key).first()
    if wanted is None or says.agreed is None:
        raise UnknownKey("Nobody wants this clause at that moment.")
    evidence.record_clause(
        by=world.people[says.agreed.by],
        at=world.calendar.moment(says.agreed.at),
        change=wanted.change,
        clause=wanted.clause,
        wording=wanted.wording,
        agreed_with=says.agreed.agreed_with,
        agreed_on=world.calendar.day(says.agreed.agreed_on),
        submission_key=f"{key}:agreed",
        replaces=wanted,
    )


def _bulletin(world: World, says: BulletinShape, quarter: Quarter, at: datetime) -> None:
    evidence.publish_bulletin(
        by=world.people[says.by],
        at=at,
        provider=world.provider,
        quarter=quarter,
        edition=1,
        words={"learned": says.learned, "different": says.different, "worked": says.worked, "ask": says.ask},
        stays=says.stays,
        read=True,
        submission_key=f"example:bulletin:{quarter.code}",
    )


def take_part(world: World, says: TakesPartStep) -> None:
    """Take part in the library of lessons."""
    evidence.choose_sharing(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        provider=world.provider,
        takes_part=True,
        reason=says.reason,
    )


def _lesson(world: World, says: LessonStep) -> None:
    evidence.publish_lesson(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        change=world.changes[says.change],
        words=LessonWords(title=says.title, problem=says.problem, change=says.different, advice=says.advice),
        stays=says.stays,
        read=True,
        submission_key=f"example:lesson:{says.change}",
    )
