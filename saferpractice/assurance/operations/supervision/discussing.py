"""Write down a discussion, answer it, correct it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person
from saferpractice.access.rules import Role
from saferpractice.assurance.models import DiscussionAnswer, LearningPoint, SupervisionDiscussion
from saferpractice.assurance.operations.supervision.owing import ask_to_confirm, follow, lock
from saferpractice.assurance.permissions.supervision import check_can_answer, check_can_correct, check_can_hold
from saferpractice.assurance.queries.supervision import (
    CONFIRM,
    agreed_on,
    cells_of,
    picks_for,
    points_for,
    wording_shown,
)
from saferpractice.deadlines import ledger
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.design.typed import as_written
from saferpractice.pathways.models import SupervisionPick
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Account:
    """What is written down of a discussion.

    ``points`` were talked about on the London day ``held_on``; ``words`` say what will be done differently; ``pick``
    is a case drawn for supervision that was looked at.
    """

    points: Sequence[LearningPoint]
    held_on: date
    words: str
    pick: SupervisionPick | None = None


@operation
def record_discussions(
    *,
    by: Person,
    at: datetime,
    workers: Sequence[Person],
    account: Account,
    submission_key: str,
) -> Entry[list[SupervisionDiscussion]] | Already[list[SupervisionDiscussion]]:
    """Write down that ``by`` talked with each of ``workers`` about learning points; one discussion each.

    Meets what was owed about them, and asks each of them whether it was so.

    Raises:
        Refused: ``by`` may not hold one of them.
        Invalid: what is missing or does not fit. ``SentBefore``: the form was sent before with other answers.
    """
    for worker in workers:
        check_can_hold(by=by, at=at, worker=worker)
    taken = lock(workers)
    earlier = _earlier(submission_key)
    if earlier:
        _check_same(earlier, by, taken, account)
        return Already(earlier)
    _check(by, at, taken, account)
    made = [_hold(by, at, worker, account, submission_key) for worker in taken]
    for other in made[1:]:
        tell_of_discussion(by=by, at=at, discussion=other)
    return _entry(made[0], made)


@operation
def tell_of_discussion(*, by: By, at: datetime, discussion: SupervisionDiscussion) -> Entry[SupervisionDiscussion]:
    """Say in the trail of each further discussion of a group that it was held."""
    return _entry(discussion, discussion)


def _entry(told: SupervisionDiscussion, result: object) -> Entry:
    with_whom, points = told.worker.name, [str(point.pk) for point in told.points.all()]
    return Entry(
        result=result,
        subject=told,
        sentence=f"wrote down the supervision of {with_whom} on {day_label(told.held_on)}",
        facts={"points": points, "held_on": told.held_on},
    )


def _earlier(key: str) -> list[SupervisionDiscussion]:
    found = SupervisionDiscussion.objects.filter(submission_key=key).select_related("worker").prefetch_related("points")
    return list(found.order_by("worker_id"))


def _check_same(earlier: list[SupervisionDiscussion], by: By, workers: Sequence[Person], account: Account) -> None:
    check_same_answers(
        earlier[0],
        by=by,
        sentence="This form was already sent, and a discussion was written down with it.",
        answers=[
            ("With whom", _names([one.worker for one in earlier]), _names(workers)),
            *_answers(earlier[0], account),
        ],
    )


def _answers(earlier: SupervisionDiscussion, account: Account) -> list[tuple[str, str, str]]:
    """Each question of the form with what is on record and what is typed now."""
    pick = account.pick
    return [
        ("On which day", day_label(earlier.held_on), day_label(account.held_on)),
        ("What was discussed", _wordings(earlier.points.all()), _wordings(account.points)),
        ("What will be done differently", earlier.words, account.words.strip()),
        ("A case that was drawn", _case(earlier.pick), _case(pick)),
    ]


def _case(pick: SupervisionPick | None) -> str:
    return pick.case.person_supported.reference if pick else "None"


def _names(people: Sequence[Person]) -> str:
    return ", ".join(sorted(one.name for one in people))


def _wordings(points: Iterable[LearningPoint]) -> str:
    return "; ".join(sorted(wording_shown(point) for point in points))


def _check(by: Person, at: datetime, workers: Sequence[Person], account: Account) -> None:
    problems = _problems(account, at)
    if not workers:
        problems["workers"] = "Choose at least one person."
    for worker in workers:
        theirs = {point.pk for point in points_for([worker], at)}
        other = next((point for point in account.points if point.pk not in theirs), None)
        if other is not None:
            problems["points"] = f"“{wording_shown(other)}” is not for the team of {worker.name}, or was withdrawn."
    if account.pick is not None and account.pick.pk not in {one.pk for one in picks_for(by, at, workers)}:
        problems["pick"] = "Choose a case that was drawn this month in their team and that you may open."
    if problems:
        raise Invalid(problems)


def _problems(account: Account, at: datetime) -> dict[str, str]:
    problems = {}
    if not account.points:
        problems["points"] = "Choose at least one learning point: each comes from a real finding or change."
    if account.held_on > local_day(at):
        problems["held_on"] = "Enter today or a day before: a discussion is written down after it was held."
    early = next((point for point in account.points if agreed_on(point) > account.held_on), None)
    if early is not None:
        problems["held_on"] = f"“{wording_shown(early)}” came about on {day_label(agreed_on(early))}. Check the day."
    if not as_written(account.words):
        problems["words"] = "Say in one sentence what will be done differently."
    elif len(account.words.strip()) > LONGEST:
        problems["words"] = f"Shorten this to {LONGEST} characters."
    return problems


def _hold(by: Person, at: datetime, worker: Person, account: Account, key: str) -> SupervisionDiscussion:
    month = account.held_on.replace(day=1)
    (cell,) = cells_of(worker.provider_id, [worker.pk], month, month, at)
    made = SupervisionDiscussion.objects.create(
        provider_id=worker.provider_id,
        team_id=cell.team,
        worker=worker,
        supervisor=by,
        held_on=account.held_on,
        words=account.words.strip(),
        pick=account.pick,
        submission_key=key,
        **decided(by, at),
    )
    made.points.set(account.points)
    ask_to_confirm(made, at)
    follow(worker, at)
    return made


@operation
def correct_discussion(
    *,
    by: By,
    at: datetime,
    discussion: SupervisionDiscussion,
    account: Account,
    because: str,
    submission_key: str,
    taken_back: bool = False,
) -> Entry[SupervisionDiscussion] | Already[SupervisionDiscussion]:
    """Put a corrected discussion in the place of one on record, or say that it was not held. The earlier one stays.

    The worker is asked anew. What was owed follows: where nothing stands any more, it is owed again.

    Raises:
        Refused: ``by`` neither held it nor may hold one with the worker.
        Invalid: what is missing. ``Stale``: it was corrected meanwhile. ``SentBefore``: sent with other answers.
    """
    check_can_correct(by=by, at=at, discussion=discussion)
    lock([discussion.worker])
    earlier = SupervisionDiscussion.objects.filter(submission_key=submission_key, corrects=discussion).first()
    if earlier is not None:
        check_same_answers(
            earlier,
            by=by,
            sentence="This form was already sent, and a correction was made with it.",
            answers=[
                ("It was held", _yes(not earlier.taken_back), _yes(not taken_back)),
                *_answers(earlier, account),
                ("Why it is corrected", earlier.corrected_because, because.strip()[:300]),
            ],
        )
        return Already(earlier)
    if SupervisionDiscussion.objects.filter(corrects=discussion).exists():
        raise Stale("This was corrected meanwhile. Open the newest one and correct that.")
    _check_correction(discussion, account, because, at, held=not taken_back)
    made = SupervisionDiscussion.objects.create(
        provider_id=discussion.provider_id,
        team_id=discussion.team_id,
        worker=discussion.worker,
        supervisor=discussion.supervisor,
        held_on=account.held_on,
        words=account.words.strip(),
        pick=account.pick,
        corrects=discussion,
        corrected_because=because.strip()[:300],
        taken_back=taken_back,
        submission_key=submission_key,
        **decided(by, at),
    )
    made.points.set(account.points)
    ledger.cancel(subject=discussion, kind=CONFIRM, because="It was corrected", at=at)
    if not taken_back:
        ask_to_confirm(made, at)
    follow(discussion.worker, at)
    now = "was not held" if taken_back else f"was held on {day_label(account.held_on)}"
    return Entry(
        result=made,
        subject=made,
        sentence=f"corrected the supervision of {discussion.worker.name}: it {now}, because: {because.strip()}",
        facts={"corrects": str(discussion.pk)},
    )


def _check_correction(
    discussion: SupervisionDiscussion, account: Account, because: str, at: datetime, *, held: bool
) -> None:
    problems = _problems(account, at) if held else {}
    may = {point.pk for point in (*points_for([discussion.worker], at), *discussion.points.all())}
    if any(point.pk not in may for point in account.points):
        problems["points"] = f"Choose among what is for the team of {discussion.worker.name}."
    if not as_written(because):
        problems["because"] = "Say why it is corrected."
    if problems:
        raise Invalid(problems)


def _yes(so: bool) -> str:  # noqa: FBT001
    return "Yes" if so else "No"


@operation
def answer_discussion(
    *, by: By, at: datetime, discussion: SupervisionDiscussion, confirmed: bool, words: str = ""
) -> Entry[DiscussionAnswer] | Already[DiscussionAnswer]:
    """The worker says that it is written down as it was, or that it was not, with words. Both stand.

    A safeguarding lead is told of a dispute. A later answer stands beside the earlier; the same one adds nothing.

    Raises:
        Refused: ``by`` is not the worker.
        Invalid: a dispute without words. ``Stale``: the supervisor corrected it meanwhile.
    """
    check_can_answer(by=by, at=at, discussion=discussion)
    lock([discussion.worker])
    if SupervisionDiscussion.objects.filter(corrects=discussion).exists():
        raise Stale("Your supervisor corrected this meanwhile. Open the corrected one and answer that.")
    if not confirmed and not as_written(words):
        raise Invalid({"words": "Say how it was."})
    newest = discussion.answers.order_by("decided_at", "pk").last()
    if newest is not None and (newest.confirmed, newest.words) == (confirmed, words.strip()):
        return Already(newest)
    made = DiscussionAnswer.objects.create(
        discussion=discussion, confirmed=confirmed, words=words.strip(), **decided(by, at)
    )
    ledger.meet(subject=discussion, kind=CONFIRM, record=made, at=at)
    if not confirmed and discussion.team is not None:
        ledger.tell_role(
            role=Role.SAFEGUARDING_LEAD,
            team=discussion.team,
            key=f"supervision-disputed:{made.pk}",
            subject="Somebody disputes how their supervision is written down",
            body="Sign in to Safer Practice and open Supervision: both accounts stand there.",
            at=at,
        )
    said = "is written down as it was" if confirmed else "was not as it is written down"
    return Entry(
        result=made, subject=discussion, sentence=f"said that the supervision of {day_label(discussion.held_on)} {said}"
    )
