"""Who supervises whom, who is away, and who is owed a discussion each month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider
from saferpractice.access.rules import REPORTS, Role
from saferpractice.assurance.models import Absence, SupervisedBy, SupervisionSetting
from saferpractice.assurance.operations.supervision.owing import follow, lock
from saferpractice.assurance.permissions.supervision import check_can_arrange, check_can_say_away, check_can_set_needs
from saferpractice.assurance.rules.supervision import Needs, Span, month_after
from saferpractice.deadlines.rules import day_label, local_day
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

LONGEST_AHEAD = timedelta(days=366)


@operation
def set_supervisor(
    *, by: By, at: datetime, workers: Sequence[Person], supervisor: Person | None, from_on: date
) -> Entry[list[SupervisedBy]] | Already[list[SupervisedBy]]:
    """Say who supervises ``workers`` from a London day on (None: nobody). What is owed passes on with it.

    The same again adds nothing.

    Raises:
        Refused: ``by`` may not arrange the supervision of one of them.
        Invalid: nobody was chosen, the supervisor does not fit, or the day lies ahead or before the last change.
    """
    if not workers:
        raise Invalid({"workers": "Choose at least one worker."})
    for worker in workers:
        check_can_arrange(by=by, at=at, worker=worker)
    if from_on > local_day(at):
        raise Invalid({"from_on": "Enter today or a day before: what is planned is set on the day it begins."})
    made = [one for worker in lock(workers) if (one := _set(by, at, worker, supervisor, from_on)) is not None]
    if not made:
        return Already([])
    names = ", ".join(one.worker.name for one in made)
    return Entry(
        result=made,
        subject=made[0],
        sentence=f"set {supervisor.name if supervisor else 'nobody'} to supervise {names} from {day_label(from_on)}",
        facts={"workers": [str(one.worker_id) for one in made]},
    )


def _set(by: By, at: datetime, worker: Person, supervisor: Person | None, from_on: date) -> SupervisedBy | None:
    if supervisor is not None:
        if supervisor.pk == worker.pk:
            raise Invalid({"supervisor": f"{worker.name} is to be supervised. Choose somebody else."})
        works = frozenset(REPORTS) & supervisor.roles_anywhere(at)
        if supervisor.provider_id != worker.provider_id or not works:
            raise Invalid({"supervisor": "Choose somebody who works here and can sign in."})
    newest = SupervisedBy.objects.in_order().filter(worker=worker).last()
    if newest is not None and newest.supervisor_id == (supervisor.pk if supervisor else None):
        return None
    if newest is None and supervisor is None:
        return None
    if newest is not None and from_on < newest.from_on:
        since = day_label(newest.from_on)
        raise Invalid(
            {"from_on": f"Who supervises {worker.name} last changed on {since}. Enter that day or a later one."}
        )
    made = SupervisedBy.objects.create(
        provider_id=worker.provider_id, worker=worker, supervisor=supervisor, from_on=from_on, **decided(by, at)
    )
    follow(worker, at)
    return made


@operation
def record_absence(
    *, by: By, at: datetime, worker: Person, from_on: date, until_on: date | None
) -> Entry[Absence] | Already[Absence]:
    """Record that ``worker`` is away from a London day to another (None: until further notice), and never why.

    Takes back what is owed about months in which they are away for most of it. The same days again add nothing.

    Raises:
        Refused: ``by`` may not; nobody records their own.
        Invalid: the days are not usable, or lie over those of another absence on record.
    """
    check_can_say_away(by=by, at=at, worker=worker)
    lock([worker])
    same = Absence.objects.standing().filter(worker=worker, from_on=from_on, until_on=until_on).first()
    if same is not None:
        return Already(same)
    made = _away(by, at, worker, from_on, until_on)
    return Entry(
        result=made, subject=made, sentence=f"recorded that {worker.name} is away {Span(from_on, until_on).words}"
    )


@operation
def correct_absence(
    *, by: By, at: datetime, absence: Absence, from_on: date, until_on: date | None, taken_back: bool = False
) -> Entry[Absence] | Already[Absence]:
    """Put other days in the place of those of an absence, or say that it was none. The earlier row stays.

    Raises:
        Refused: ``by`` may not.
        Invalid: the days are not usable, or lie over those of another absence.
        Stale: it was corrected meanwhile.
    """
    check_can_say_away(by=by, at=at, worker=absence.worker)
    lock([absence.worker])
    later = Absence.objects.filter(corrects=absence).first()
    if later is not None:
        if (later.from_on, later.until_on, later.taken_back) == (from_on, until_on, taken_back):
            return Already(later)
        raise Stale("This absence was corrected meanwhile. Open the newest one and correct that.")
    if (absence.from_on, absence.until_on, absence.taken_back) == (from_on, until_on, taken_back):
        return Already(absence)
    made = _away(by, at, absence.worker, from_on, until_on, corrects=absence, taken_back=taken_back)
    now = "was not away after all" if taken_back else f"is away {Span(from_on, until_on).words}"
    return Entry(
        result=made,
        subject=made,
        sentence=f"corrected an absence: {absence.worker.name} {now}",
        facts={"was": Span(absence.from_on, absence.until_on).words},
    )


def _away(
    by: By,
    at: datetime,
    worker: Person,
    from_on: date,
    until_on: date | None,
    *,
    corrects: Absence | None = None,
    taken_back: bool = False,
) -> Absence:
    problems = {}
    if until_on is not None and until_on < from_on:
        problems["until_on"] = "Enter a last day that is not before the first."
    if from_on - local_day(at) > LONGEST_AHEAD:
        problems["from_on"] = "Enter a first day within a year from today."
    others = Absence.objects.standing().filter(worker=worker)
    others = others.exclude(pk=corrects.pk) if corrects else others
    for other in others if not taken_back else ():
        if (until_on is None or other.from_on <= until_on) and (other.until_on is None or from_on <= other.until_on):
            problems["from_on"] = (
                f"They are on record as away {Span(other.from_on, other.until_on).words} already. Correct that instead."
            )
    if problems:
        raise Invalid(problems)
    made = Absence.objects.create(
        provider_id=worker.provider_id,
        worker=worker,
        from_on=from_on,
        until_on=until_on,
        corrects=corrects,
        taken_back=taken_back,
        **decided(by, at),
    )
    follow(worker, at)
    return made


@operation
def set_supervision_needs(*, by: By, at: datetime, provider: Provider, needs: Needs) -> Entry[SupervisionSetting]:
    """Say who is owed a discussion each month, from next month on: what was asked before is judged as it was asked.

    Raises:
        Refused: ``by`` does not look after people here.
        Invalid: no role, or a number of days that no month has.
    """
    check_can_set_needs(by=by, at=at, provider_id=provider.pk)
    problems = {}
    if not needs.roles or not needs.roles <= {role.value for role in REPORTS}:
        problems["roles"] = "Choose at least one role of people who work here."
    for name in ("fewest_days", "joiner_days"):
        if not 1 <= getattr(needs, name) <= 20:
            problems[name] = "Enter a number of working days from 1 to 20."
    if problems:
        raise Invalid(problems)
    month = month_after(local_day(at).replace(day=1))
    made = SupervisionSetting.objects.create(
        provider=provider,
        roles=sorted(needs.roles),
        fewest_days=needs.fewest_days,
        joiner_days=needs.joiner_days,
        from_month=month,
        **decided(by, at),
    )
    roles = ", ".join(role.label.lower() for role in Role if role in needs.roles)
    return Entry(
        result=made,
        subject=made,
        sentence=f"set who is owed supervision from {month:%B %Y}: {roles}, there on {needs.fewest_days} working days, "
        f"joiners on {needs.joiner_days}",
    )
