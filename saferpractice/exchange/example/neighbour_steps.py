"""The second provider of the example: small, published quarter by quarter, so that one can be read beside the other.

Its incidents are told by the week of a quarter, so that a finished quarter holds the same whatever the day of loading.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial

from saferpractice.access import operations as access
from saferpractice.access.rules import Place
from saferpractice.deadlines.rules.local_time import local, local_day, settled
from saferpractice.evidence.rules.thematic.quarters import Quarter, newest_finished
from saferpractice.exchange.example import first_steps, pathway_steps, review_steps, shapes
from saferpractice.exchange.example.commissioning_steps import publish
from saferpractice.exchange.example.learning_steps import take_part
from saferpractice.exchange.example.moments import WEEKDAYS
from saferpractice.exchange.example.thematic_steps import Taken
from saferpractice.exchange.example.world import Here, World

REPORTED, FIRST_MISSED = time(10), time(10)
REVIEW_OPENED, REVIEWED = timedelta(hours=1), timedelta(days=1)
"""After triage."""
TRIED = timedelta(minutes=30)
SEEN = timedelta(minutes=25)
"""From what happened to the report."""


def in_order(file: shapes.NeighbourFile, world: World, first: World) -> Iterator[Taken]:
    """Everything the file says, with its moment and a name for messages; ``first`` is the world of the first
    provider, whose commissioner is let in."""
    at = world.calendar.moment
    if file.lets_read is not None:
        yield at(file.lets_read.at), "a commissioner is let in", partial(_let_read, world, first, file.lets_read)
    if file.takes_part is not None:
        yield at(file.takes_part.at), "taking part in the library", partial(take_part, world, file.takes_part)
    for step in file.pathways:
        moment = at(step.at)
        yield moment, f"{step.code} is put in use", partial(_put_in_use, world, step, moment)
    for says in file.quarters:
        quarter = newest_finished(world.calendar.today).before(says.quarters_ago - 1)
        for one in says.incidents:
            yield from _incident(world, quarter, says, one)
        for lost in says.lost_contact:
            yield from _lost(world, quarter, says, lost)
        yield publish(world, quarter, says.published_by, ())


def _let_read(world: World, first: World, says: shapes.LetReadShape) -> None:
    access.let_commissioner_read(
        by=world.people[says.by],
        at=world.calendar.moment(says.at),
        provider=world.provider,
        email=first.people[says.commissioner].email,
        place=Place(world.provider.pk),
    )


def _put_in_use(world: World, says: shapes.PathwayStep, at: datetime) -> None:
    anywhere = next(iter(world.teams.values()))
    pathway_steps.put_in_use(world, Here(says.code, anywhere, 1, world.people[says.by], at), says)


def _here(world: World, one: shapes.OfAQuarterShape, number: int, by: str, at: datetime) -> Here:
    return Here(one.key, world.teams[one.team], number, world.people[by], at)


def _words(world: World, at: datetime) -> str:
    """A moment as the files write one."""
    back = (world.calendar.today - local_day(at)).days
    return f"d-{back} {local(at):%H:%M}"


def _day(quarter: Quarter, one: shapes.OfAQuarterShape) -> date:
    """The weekday in the week of the quarter; its first week is the first whole one."""
    monday = quarter.first + timedelta(days=-quarter.first.weekday() % 7)
    return monday + timedelta(weeks=one.week - 1, days=WEEKDAYS.index(one.day))


# ---- an incident, from the report to a review on one page


def _incident(
    world: World, quarter: Quarter, says: shapes.CountedQuarterShape, one: shapes.CountedShape
) -> Iterator[Taken]:
    reported = settled(_day(quarter, one), REPORTED)
    triaged = reported + timedelta(hours=one.triaged_after)
    opened, reviewed = triaged + REVIEW_OPENED, triaged + REVIEWED
    here = partial(_here, world, one)
    report, triage, review, rapid = _told(world, says, one, reported)
    for at, name, take in (
        (reported, "is reported", partial(first_steps.report, world, here(1, one.by, reported), report)),
        (triaged, "is triaged", partial(first_steps.record_triage, world, here(2, says.led_by, triaged), triage)),
        (opened, "is to be reviewed", partial(review_steps.open_review, world, here(3, says.led_by, opened), review)),
        (
            reviewed,
            "is reviewed",
            partial(review_steps.rapid_review, world, here(4, says.reviewed_by, reviewed), rapid),
        ),
    ):
        yield at, f"{one.key} {name}", take


def _told(
    world: World, says: shapes.CountedQuarterShape, one: shapes.CountedShape, reported: datetime
) -> tuple[shapes.ReportStep, shapes.TriageStep, shapes.ReviewStep, shapes.RapidStep]:
    at = _words(world, reported)
    report = shapes.ReportStep(
        at=at,
        by=one.by,
        what=one.what,
        when=_words(world, reported - SEEN),
        done=one.done,
        physical="none",
        psychological="none",
        risk="no",
        themes=(one.theme,),
        person=one.person,
    )
    triage = shapes.TriageStep(
        at=at,
        by=says.led_by,
        abuse="no",
        wishes="asked-expressed",
        wishes_words=one.wishes,
        nothing_at_once="Nobody was at risk.",
        threshold=shapes.ThresholdShape(outcome="do_not_refer", why=one.why),
        tier=shapes.TierShape(tier="A"),
    )
    review = shapes.ReviewStep(
        at=at,
        by=says.led_by,
        method="rapid-review",
        reviewer=says.reviewed_by,
        independence="Works across the provider, not in this service.",
    )
    answers = {
        "immediate-actions": {"done": one.done, "still-open": "Nothing is open.", "affected": "The person is well."},
        "quick-root-cause": {"usual": "Usually it is seen sooner.", "more-likely": one.likely, "before": "No."},
    }
    rapid = shapes.RapidStep(at=at, by=says.reviewed_by, answers=answers, nothing_found_because=one.found)
    return report, triage, review, rapid


# ---- a case in which contact was lost


def _lost(world: World, quarter: Quarter, says: shapes.CountedQuarterShape, one: shapes.LostShape) -> Iterator[Taken]:
    first = settled(_day(quarter, one), FIRST_MISSED)
    second = settled(_day(quarter, one) + timedelta(days=1), FIRST_MISSED)
    note = second + timedelta(minutes=one.note_after)
    followed = settled(_day(quarter, one) + timedelta(days=2), FIRST_MISSED)
    note_says = {
        "told": "duty_manager",
        "risk-indicators": one.risk,
        "actions-taken": one.tried,
        "partner-contacts": "Nobody else was rung.",
        "welfare-check": "not-needed",
        "why-not-needed": "The person was seen at a window.",
        "next-review": _words(world, followed),
    }
    opened = shapes.CaseStep(
        at=_words(world, first), by=one.by, key=one.key, pathway="lost-contact", reference=one.person
    )
    yield (
        first,
        f"{one.key} is opened",
        partial(pathway_steps.open_case, world, _here(world, one, 0, one.by, first), opened),
    )
    for number, (at, by, kind, values) in enumerate(
        (
            (first, one.by, "missed-contact", {"what": "no-reply"}),
            (first + TRIED, one.by, "attempt", {"method": "phone", "reached": "no"}),
            (second, one.by, "missed-contact", {"what": "not-at-home"}),
            (second + TRIED, one.by, "attempt", {"method": "text", "reached": "no"}),
            (note, one.by, "escalation-note", note_says),
            (note + TRIED, one.by, "contact-regained", {"how": one.found, "state": "Well."}),
            (followed, one.by, "follow-up", {"outcome": one.outcome, "safety-plan": "updated"}),
        ),
        start=1,
    ):
        wrote = shapes.WroteStep(at=_words(world, first), by=by, case=one.key, kind=kind, values=values)
        yield (
            at,
            f"{one.key}, {kind}",
            partial(pathway_steps.write_down, world, _here(world, one, number, by, at), wrote),
        )
    closed = shapes.ClosedCaseStep(
        at=_words(world, first), by=says.led_by, case=one.key, reason="Seen, and the plan is up to date."
    )
    ended = followed + TRIED
    yield (
        ended,
        f"{one.key} is closed",
        partial(pathway_steps.close_case, world, _here(world, one, 9, says.led_by, ended), closed),
    )
