"""Sending what is in the outbox for servers outside: signed heads, and requests for time stamps of them.

Only the worker does it, beside its rounds: a server that does not answer holds it up for seconds, and no deadline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from saferpractice.config import outgoing
from saferpractice.config.certificates import CertificateFileError
from saferpractice.config.outgoing import Destination, Limits, Network, NotDelivered, Sent
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.evidence.operations.heads import keep_stamp
from saferpractice.evidence.queries.heads import HEAD, STAMP
from saferpractice.jobs.sweeps import WORKER, claim, to_send, wait_after
from saferpractice.trail import stamps
from saferpractice.trail.models import Seal
from saferpractice.trail.outside import number_in
from saferpractice.trail.rules.stamps import (
    ASKED_AS,
    LARGEST_ANSWER,
    NotStamped,
    must_be_now,
    request_for,
    stamped_at,
)

FORMAT = "saferpractice.trail-head/1"
MOST_AT_ONCE = 20
"""Messages to one server in a minute."""
GIVEN_UP_AFTER = timedelta(days=1)
"""A message that was not taken for so long is given up: by then a newer head waits, and covers all that it covers."""
EXPECTED = (NotDelivered, NotStamped, CertificateFileError)
OURS = "Something went wrong here: the log says what."
REMOVED = "The setting that named where it goes names it no more."

log = structlog.get_logger()


def send_outside(at: datetime, network: Network | None = None) -> int:
    """Send what waits for servers outside, to each until one message is not taken; how many were.

    A message is claimed before it is sent and marked after. A worker that dies in between leaves it to be sent again,
    under the same key: a server is told at least once, and can leave out what it had.
    """
    net = network or Network()
    ways: list[tuple[str, Callable[..., None], Destination]] = [
        *((HEAD, _post_head, to) for to in settings.TRAIL_HEADS_WEBHOOK),
        *((STAMP, _get_stamp, to) for to in settings.TRAIL_TIMESTAMPS),
    ]
    _give_up_removed(at, {to.digest for _, _, to in ways})
    return sum(_send_all(what, partial(send, network=net), to, at) for what, send, to in ways)


def _send_all(what: str, send: Callable[..., None], to: Destination, at: datetime) -> int:
    theirs = Q(destination=to.digest, key__startswith=f"{what}:")
    # One that was not taken goes behind those that were not tried yet.
    in_turn = to_send(at).filter(theirs).order_by("send_after", "created_at", "pk")
    waiting = list(in_turn.values_list("pk", flat=True)[:MOST_AT_ONCE])
    for done, message_id in enumerate(waiting):
        for message in claim(Q(pk=message_id), at):
            try:
                send(message=message, to=to, at=at)
            except DatabaseError:
                raise
            except Exception as error:
                if not isinstance(error, EXPECTED):
                    log.exception("a message to a server outside could not be sent", message=str(message.pk))
                _put_back(message, to, at, str(error) if isinstance(error, EXPECTED) else OURS)
                return done
            _mark_sent(message, at)
    return len(waiting)


def _mark_sent(message: OutboxMessage, at: datetime) -> None:
    OutboxMessage.objects.filter(pk=message.pk).update(sent_at=at, claimed_until=None, last_error="")


def _put_back(message: OutboxMessage, to: Destination, at: datetime, why: str) -> None:
    """Try again later, or no more."""
    over = at - message.created_at >= GIVEN_UP_AFTER
    OutboxMessage.objects.filter(pk=message.pk).update(
        claimed_until=None,
        send_after=at + wait_after(message.attempts),
        last_error=why[:500],
        given_up_at=at if over else None,
    )
    what = "a message to a server outside was given up" if over else "a message to a server outside was not taken"
    log.warning(what, to=to.shown, provider=str(message.provider_id), message=str(message.pk), reason=why)


def _give_up_removed(at: datetime, known: set[str]) -> None:
    gone = OutboxMessage.objects.filter(sent_at__isnull=True, given_up_at__isnull=True).exclude(destination="")
    gone.exclude(destination__in=known).update(given_up_at=at, claimed_until=None, last_error=REMOVED)


def _post_head(message: OutboxMessage, to: Destination, at: datetime, network: Network) -> None:
    """The note as JSON. Its own signature is what counts; ``number`` and ``provider`` only help to file it.

    Raises:
        NotDelivered: it was not taken.
    """
    body = {
        "format": FORMAT,
        "provider": str(message.provider_id),
        "number": number_in(message.body),
        "note": message.body,
    }
    once = hashlib.sha256(message.key.encode()).hexdigest()
    sent = Sent(json.dumps(body, ensure_ascii=False).encode(), "application/json", {"Idempotency-Key": once})
    outgoing.post(to, sent, network=network)


def _get_stamp(message: OutboxMessage, to: Destination, at: datetime, network: Network) -> None:
    """A stamp of the note, kept where it holds.

    Raises:
        NotDelivered: the authority cannot be reached, or does not answer.
        NotStamped: what it answers is no stamp of this head made now by whom we trust.
        CertificateFileError: the certificates cannot be read.
    """
    request = request_for(message.body)
    answer = outgoing.post(to, Sent(request.content, ASKED_AS), Limits(answer=LARGEST_ANSWER), network)
    try:
        stamped = stamped_at(answer, message.body, stamps.roots(), nonce=request.nonce)
        must_be_now(stamped, at)
    except NotStamped as error:
        raise NotStamped(f"{to.shown} answered, but {error}.") from error
    seal = Seal.objects.get(provider_id=message.provider_id, number=number_in(message.body))
    with transaction.atomic():
        keep_stamp(by=WORKER, at=at, seal=seal, answer=answer, stamped_at=stamped, authority=to)
        _mark_sent(message, at)
