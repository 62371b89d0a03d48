"""What the worker does on each round: new versions of pathways, escalations, mail, imports, replays, tidying.

Any number of workers may run at once, and any of them may be killed at any moment.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet

from saferpractice.access.models import Person
from saferpractice.assurance.operations import read_numbers
from saferpractice.assurance.operations.supervision import ask_for_discussion, bring_into_step
from saferpractice.assurance.queries.own_measures import plans_to_read
from saferpractice.assurance.queries.supervision import to_ask, to_follow
from saferpractice.config import encryption
from saferpractice.config.planning import renew_statistics
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate
from saferpractice.evidence.operations import carry_on_packs, owe_review, sign_lesson
from saferpractice.evidence.operations.heads import ask_for_stamp, post_head, send_head
from saferpractice.evidence.queries.heads import HEAD, STAMP, heads_for_servers, heads_to_send
from saferpractice.evidence.queries.lessons import to_sign
from saferpractice.evidence.queries.thematic import quarters_owed
from saferpractice.exchange.operations import carry_on_waiting, discard_old_files
from saferpractice.incidents.drafts import discard_old_drafts
from saferpractice.jobs.further import do_further
from saferpractice.jobs.models import Heartbeat
from saferpractice.pathways.operations import (
    MOVES_CASES,
    carry_on_replays,
    draw_cases,
    freeze_cases,
    move_case,
    replace_pick,
    take_live,
)
from saferpractice.pathways.queries import (
    cases_behind_all,
    lists_to_draw_from,
    lists_to_freeze,
    out_of_reach,
    parts_waiting,
    waiting_to_go_live,
)
from saferpractice.trail import outside, sealing, stamps, verification
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import Seal
from saferpractice.trail.rules import Process

WORKER = Process("Safer Practice worker")
BATCH = 50
PUSHED_BACK = timedelta(minutes=10)
"""How long one obligation that cannot be escalated waits, so that it does not hold up the others."""
CLAIMED_FOR = timedelta(minutes=5)
"""How long a message belongs to the worker that claimed it; after that its worker must have died."""
LONGEST_WAIT = timedelta(hours=1)
MOST_IN_ONE_MAIL = 40
SEALS_IN_A_ROUND = 4
VERIFY_EVERY = timedelta(days=1)
VERIFIED_BY_WORKER = 500_000
"""Entries that are read again in a few seconds."""
"""Heads signed of one trail before the others have their turn: with what a head covers, a few seconds of work."""
PARTS_WORTH_HELP = 8
"""Parts of replays for which it is worth starting a second process: a few seconds of work."""

log = structlog.get_logger()


def escalate_due(at: datetime, *, limit: int = BATCH) -> int:
    """Escalate up to ``limit`` obligations whose next step has come by ``at``; how many were looked at.

    Zero means that nothing was waiting. One that fails is put back and the others go on.
    """
    waiting = list(Obligation.objects.to_escalate(at).values_list("pk", flat=True)[: 4 * limit])
    # Workers that start together would otherwise all reach for the same row.
    chosen = random.sample(waiting, min(limit, len(waiting)))
    for obligation_id in chosen:
        what, do = (
            "an obligation could not be escalated",
            partial(escalate, by=WORKER, at=at, obligation_id=obligation_id),
        )
        if not tried(what, do, obligation=str(obligation_id)):
            _push_back(obligation_id, at)
    return len(chosen)


def tried(what: str, do: Callable[[], object], **about: str) -> int:
    """1 when it was done, else 0: what went wrong is in the log as ``what``, and the others go on."""
    try:
        do()
    except Exception as error:
        if isinstance(error, DatabaseError) and not _database_answers():
            raise
        log.exception(what, **about)
        return 0
    return 1


def _database_answers() -> bool:
    try:
        return Obligation.objects.exists() in {True, False}
    except DatabaseError:
        return False


def _push_back(obligation_id: UUID, at: datetime) -> None:
    Obligation.objects.open().filter(pk=obligation_id).update(next_escalation_at=at + PUSHED_BACK)


def take_versions_live(at: datetime, *, limit: int = BATCH) -> int:
    """Do what follows from every version of a pathway that came into force by ``at``, and move open cases to it.

    How much was done, ``limit`` cases at most in one round. Each version and each case is a transaction of its own:
    one that fails is looked at again in the next round, and the others go on.
    """
    due = waiting_to_go_live(at)
    what = "what follows from a new version could not be done"
    went = sum(tried(what, partial(take_live, by=WORKER, at=at, version=each), version=str(each.pk)) for each in due)
    behind = cases_behind_all(at)
    # Workers that start together would otherwise all reach for the same case, and a case that fails hold up the rest.
    chosen = random.sample(behind, min(limit, len(behind)))
    return went + sum(
        tried(what, partial(move_case, by=MOVES_CASES, at=at, case_id=each), case=str(each)) for each in chosen
    )


def send_mail(at: datetime, *, send: Callable[[EmailMessage], int] | None = None) -> int:
    """Send waiting messages, one e-mail a person however many wait for them; how many messages went.

    A message is claimed before it is sent and marked after. A worker that dies in between leaves it to be sent
    again, under the same Message-ID: a person is told at least once, and a mail program can show it once.
    """
    one_each = send or EmailMessage.send
    people = list(to_send(at).filter(to__isnull=False).order_by().values_list("to", flat=True).distinct()[:BATCH])
    others = list(to_send(at).exclude(address="").order_by("created_at").values_list("pk", flat=True)[:BATCH])
    return sum(_send_claimed(claim(Q(to_id=person_id), at), at, one_each) for person_id in people) + sum(
        _send_claimed(claim(Q(pk=message_id), at), at, one_each) for message_id in others
    )


def to_send(at: datetime) -> QuerySet[OutboxMessage]:
    """What should go out now. Somebody whose sign-in is closed is sent nothing: they have left."""
    unclaimed = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    has_a_reader = Q(to__isnull=True) | Q(to__is_active=True)
    return OutboxMessage.objects.filter(
        unclaimed, has_a_reader, sent_at__isnull=True, given_up_at__isnull=True, send_after__lte=at
    )


def _send_claimed(claimed: list[OutboxMessage], at: datetime, send: Callable[[EmailMessage], int]) -> int:
    if not claimed:
        return 0
    ids = [message.pk for message in claimed]
    try:
        send(_mail(claimed))
    except Exception as error:
        OutboxMessage.objects.filter(pk__in=ids).update(
            claimed_until=None,
            send_after=at + wait_after(claimed[0].attempts),
            last_error=f"{type(error).__name__}: {error}"[:500],
        )
        log.warning("mail was not sent", messages=len(ids), error=type(error).__name__)
        return 0
    OutboxMessage.objects.filter(pk__in=ids).update(sent_at=at, claimed_until=None, last_error="")
    OutboxMessage.objects.filter(pk__in=ids, to__isnull=True).update(body="")
    return len(ids)


def wait_after(attempts: int) -> timedelta:
    """How long a message waits that failed after so many earlier tries: half a minute first, an hour at most."""
    return min(LONGEST_WAIT, timedelta(seconds=30) * (1 << min(attempts, 7)))


def claim(whose: Q, at: datetime) -> list[OutboxMessage]:
    """Messages that make one e-mail. Those that were tried together go together, or their Message-ID would change."""
    with transaction.atomic():
        waiting = to_send(at).filter(whose).order_by("-attempts", "created_at", "pk")
        first = waiting.first()
        if first is None:
            return []
        same = {name: getattr(first, name) for name in ("attempts", "claimed_until")}
        if first.attempts:
            same["send_after"] = first.send_after
        rows = list(waiting.filter(**same).select_for_update(skip_locked=True, of=("self",))[:MOST_IN_ONE_MAIL])
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            # one moment for all of them, by which they are found together again should this worker die now
            claimed_until=at + CLAIMED_FOR,
            send_after=at,
            attempts=F("attempts") + 1,
        )
    return rows


def _mail(messages: list[OutboxMessage]) -> EmailMessage:
    """One e-mail of messages to the same person, or of one to an address."""
    first = messages[0]
    to = Person.objects.get(pk=first.to_id).email if first.to_id else first.address
    if not first.to_id:
        subject, body = first.subject, encryption.decrypt(first.body, f"deadlines.outboxmessage:{first.key}")
    elif len(messages) == 1:
        subject, body = first.subject, first.body
    else:
        subject = f"{len(messages)} things need you in Safer Practice"
        body = "\n\n".join(f"• {message.subject}" for message in messages)
    digest = hashlib.sha256("\n".join(message.key for message in messages).encode()).hexdigest()[:32]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=f"{body}\n\n{settings.BASE_URL}\n",
        to=[to],
        headers={"Message-ID": f"<{digest}@{domain}>"},
    )


def beat(at: datetime, name: str = "worker") -> None:
    """Show a sign of life, with how long the oldest due step has waited."""
    oldest = Obligation.objects.to_escalate(at).values_list("next_escalation_at", flat=True).first()
    waited = int((at - oldest).total_seconds()) if oldest else 0
    Heartbeat.objects.update_or_create(name=name, defaults={"at": at, "oldest_wait_seconds": max(0, waited)})


def round_of_work(at: datetime) -> int:
    """One round: new versions, escalate, send, imports, replays and packs, show life; how much there was to do.

    Zero lets the worker rest.
    """
    done = take_versions_live(at) + escalate_due(at) + send_mail(at)
    done += carry_on_waiting(at=at) + carry_on_replays(at=at) + carry_on_packs(at=at) + do_further(at)
    beat(at)
    return done


def supervise(at: datetime, *, limit: int = 4 * BATCH) -> int:
    """Draw this month's cases for supervision, where that is not done yet; how many steps it took.

    A list is frozen in one transaction and drawn from in another. A worker that dies in between leaves a frozen list,
    and the next one draws from it; a month in which no worker ran is not made up for.
    """
    what, because = "a step of supervision could not be taken", "Its incident may be seen by named people only"
    freeze, draw, replace = (partial(do, by=WORKER, at=at) for do in (freeze_cases, draw_cases, replace_pick))
    wanted = lists_to_freeze(at, limit)
    done = sum(tried(what, partial(freeze, team=w.team, version=w.version), step="freeze") for w in wanted)
    done += sum(tried(what, partial(draw, frozen=f), step="draw") for f in lists_to_draw_from(limit))
    return done + sum(tried(what, partial(replace, pick=p, because=because), step="replace") for p in out_of_reach(at))


def ask_for_supervision(at: datetime, *, limit: int = 4 * BATCH) -> int:
    """Ask for this month's discussions that nobody was asked for, and bring into step what is owed of earlier ones.

    How much was done. Each worker is a transaction of its own; one that fails is looked at again, the others go on.
    """
    what = "a step of supervision could not be taken"
    wanted: list[tuple[Callable[..., object], Person]] = [(ask_for_discussion, worker) for worker in to_ask(at, limit)]
    wanted += [(bring_into_step, worker) for worker in to_follow(at, limit)]
    return sum(tried(what, partial(do, by=WORKER, at=at, worker=one), worker=str(one.pk)) for do, one in wanted)


def ask_for_reviews(at: datetime) -> int:
    """Ask the quality leads for the thematic review of the quarter that is over, once for each; how many were asked."""
    what = "a thematic review could not be asked for"
    return sum(
        tried(
            what,
            partial(owe_review, by=WORKER, at=at, provider=provider, quarter=quarter),
            provider=str(provider.pk),
        )
        for provider, quarter in quarters_owed(at)
    )


def sign_lessons(at: datetime, *, limit: int = BATCH) -> int:
    """Sign the files of lessons that were published: only the worker reads the key; how many were signed."""
    what = "a lesson could not be signed"
    return sum(
        tried(what, partial(sign_lesson, by=WORKER, at=at, lesson=lesson), lesson=str(lesson.pk))
        for lesson in to_sign(limit)
    )


def read_looks(at: datetime, *, limit: int = BATCH) -> int:
    """Read from the records the baselines and looks of impact plans that are over; how many plans were read.

    Each plan is a transaction of its own; one that fails is looked at again, the others go on.
    """
    what = "the numbers of an impact plan could not be read"
    return sum(
        tried(what, partial(read_numbers, by=WORKER, at=at, plan=plan), plan=str(plan.pk))
        for plan in plans_to_read(at, limit)
    )


def seal_trails(at: datetime) -> int:
    """Sign a head over what is new in each provider's trail, and keep it outside the database; how many were tried.

    A trail that does not fit is not signed: the log says so each time, and the others go on.
    """
    providers = sealing.waiting(limit=20 * BATCH)
    for provider_id in providers:
        tried("a trail could not be sealed", partial(_seal_trail, provider_id, at), provider=str(provider_id))
    return len(providers)


def _seal_trail(provider_id: UUID, at: datetime) -> None:
    try:
        for _ in range(SEALS_IN_A_ROUND):
            if sealing.seal(provider_id=provider_id, at=at) is None:
                break
    except sealing.CannotSeal as error:
        log.error("a trail could not be sealed", provider=str(provider_id), reason=str(error))  # noqa: TRY400 - no text
    outside.keep(provider_id)


def verify_trails(at: datetime) -> int:
    """Verify each trail that was not verified for a day, and write down what was found; how many were tried.

    A trail of more entries than are read in some seconds is left to ``saferpractice trail verify``: deadlines
    would wait.
    """
    providers = verification.to_verify(at, every=VERIFY_EVERY, most=VERIFIED_BY_WORKER)
    for provider_id in providers:
        tried("a trail could not be verified", partial(_verify_trail, provider_id, at), provider=str(provider_id))
    return len(providers)


def _verify_trail(provider_id: UUID, at: datetime) -> None:
    report = verification.verify(provider_id, public_keys(), trusted=stamps.roots())
    verification.keep_report(report, at)
    if not report.whole:
        log.error("a trail is not what was written", provider=str(provider_id), troubles=len(report.troubles))


def send_heads(at: datetime) -> int:
    """Put the newest head of each trail in the outbox for whoever keeps heads outside, once a day; how many.

    By e-mail (``TRAIL_HEADS_TO``), to servers (``TRAIL_HEADS_WEBHOOK``), and for time stamps (``TRAIL_TIMESTAMPS``).
    """
    what = "a signed head could not be sent"
    to_do: list[tuple[Seal, Callable[..., object], dict[str, object]]] = [
        (seal, send_head, {"address": address}) for seal, address in heads_to_send(at, settings.TRAIL_HEADS_TO)
    ]
    for kind, do, servers in (
        (HEAD, post_head, settings.TRAIL_HEADS_WEBHOOK),
        (STAMP, ask_for_stamp, settings.TRAIL_TIMESTAMPS),
    ):
        to_do += [(seal, do, {"to": to}) for seal, to in heads_for_servers(kind, at, servers)]
    return sum(
        tried(what, partial(do, by=WORKER, at=at, seal=seal, **where), provider=str(seal.provider_id))
        for seal, do, where in to_do
    )


def replays_need_help(at: datetime) -> bool:
    """Whether a second process would make a replay quicker: enough of it waits, and there is a core for it."""
    return (os.cpu_count() or 1) > 1 and parts_waiting(at) >= PARTS_WORTH_HELP


def tidy(at: datetime) -> int:
    """Draw and ask for supervision, ask for thematic reviews, read the looks that have come.

    Throw away old drafts, and files nobody came back for.

    SQLite chooses its indexes by statistics that only this renews; PostgreSQL renews its own.
    """
    if connection.vendor == "sqlite":
        renew_statistics()
    supervise(at)
    ask_for_supervision(at)
    ask_for_reviews(at)
    read_looks(at)
    return discard_old_drafts(at=at) + discard_old_files(at=at)
