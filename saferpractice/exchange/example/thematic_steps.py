"""Thematic reviews in the example, told from the quarters that are over on the day of loading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial

from saferpractice.deadlines.rules import local_day
from saferpractice.deadlines.rules.local_time import settled
from saferpractice.evidence import operations as evidence
from saferpractice.evidence.models import ThematicReview
from saferpractice.evidence.queries.thematic import hash_to_sign, meetings_of, review_of_quarter
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from saferpractice.exchange.example.shapes import DecidedShape, MetShape, ReviewedShape, ThematicFile
from saferpractice.exchange.example.world import UnknownKey, World

Taken = tuple[datetime, str, Callable[[], object]]
DRAWN, MET, SIGNED = 12, 19, 20
"""Days after the end of the quarter; never later than the loading."""


def in_order(file: ThematicFile, world: World) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages."""
    for says in file.reviews:
        quarter = newest_finished(world.calendar.today).before(says.quarters_ago - 1)
        drawn, met, signed = (_after(world, quarter, days) for days in (DRAWN, MET, SIGNED))
        yield drawn, f"numbers of {quarter.short}", partial(_draw, world, says, quarter, drawn)
        if says.meeting is not None:
            yield met, f"meeting on {quarter.short}", partial(_meet, world, says, quarter, met)
            yield signed, f"signature of {quarter.short}", partial(_sign, world, says.meeting, quarter, signed)


def _after(world: World, quarter: Quarter, days: int) -> datetime:
    return min(settled(quarter.last + timedelta(days=days), time(10)), world.calendar.loaded_at)


def _draw(world: World, says: ReviewedShape, quarter: Quarter, at: datetime) -> None:
    by = world.people[says.by]
    drawn = evidence.draw_review(by=by, at=at, provider=world.provider, quarter=quarter, supported=says.supported)
    for section, words in says.commentary.items():
        evidence.keep_commentary(by=by, at=at, review=drawn.review, section=section, words=words, based_on=0)


def _review(world: World, quarter: Quarter) -> ThematicReview:
    found = review_of_quarter(world.provider.pk, quarter)
    if found is None:
        raise UnknownKey(f"The numbers of {quarter.short} were not drawn.")
    return found


def _meet(world: World, says: ReviewedShape, quarter: Quarter, at: datetime) -> None:
    if says.meeting is None:
        return
    there = [
        *(evidence.There(person=world.people[key]) for key in (says.meeting.chair, *says.meeting.present)),
        *(evidence.There(person=world.people[key], present=False) for key in says.meeting.apologies),
        *(evidence.There(name=name, role=role) for name, role in says.meeting.others.items()),
    ]
    meeting = evidence.record_meeting(
        by=world.people[says.by],
        at=at,
        review=_review(world, quarter),
        held_on=local_day(at),
        chaired_by=world.people[says.meeting.chair],
        there=there,
        submission_key=f"example:meeting:{quarter.code}",
    )
    for number, decided in enumerate(says.meeting.decisions):
        evidence.record_decision(
            by=world.people[says.by],
            at=at,
            meeting=meeting,
            words=decided.words,
            submission_key=f"example:decision:{quarter.code}:{number}",
            to_do=_to_do(world, decided, at),
        )


def _to_do(world: World, decided: DecidedShape, at: datetime) -> evidence.ToDo | None:
    if not decided.what or decided.owner is None:
        return None
    due_on = local_day(at) + timedelta(days=decided.due_days)
    return evidence.ToDo(what=decided.what, owner=world.people[decided.owner], due_on=due_on)


def _sign(world: World, met: MetShape, quarter: Quarter, at: datetime) -> None:
    review = _review(world, quarter)
    if meetings_of(review):
        evidence.sign_review(by=world.people[met.chair], at=at, review=review, sha256=hash_to_sign(review))
