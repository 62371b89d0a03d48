"""Sending signed heads of the trail to people and servers outside, so that no change of what they cover can go unseen.

The newest head of each day goes out. What is sent is an entry of its own, so there is a newer head the next day.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from saferpractice.access.models import Provider
from saferpractice.config.outgoing import Destination
from saferpractice.deadlines import ledger
from saferpractice.evidence.queries.heads import HEAD, STAMP, address_key, server_key
from saferpractice.trail.models import Seal, TimeStamp
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process
from saferpractice.trail.rules.stamps import STAMPED_FACT

WORDS = """This is a signed head of the record of everything done at {provider} in Safer Practice. It says
nothing about any person. Please keep this e-mail: while you do, none of the {size} entries it covers can be changed or
taken away without its showing.

{note}
To check, save this e-mail and have "trail verify --head FILE" run, or compare it with the head of the same number in
an evidence pack. One comes each day. If none comes, please ask why.
"""


def _by_the_worker(by: By) -> None:
    if not isinstance(by, Process):
        raise Refused("Signed heads are sent by the worker only.")


@operation
def send_head(*, by: By, at: datetime, seal: Seal, address: str) -> Entry[bool] | Already[bool]:
    """Put the head of a seal in the outbox for an address outside, once for each day in London.

    Raises:
        Refused: ``by`` is a person: the worker does this, so that nobody chooses which heads are sent.
    """
    _by_the_worker(by)
    provider = Provider.objects.get(pk=seal.provider_id)
    sent = ledger.tell_address(
        provider_id=provider.pk,
        address=address,
        key=address_key(seal.provider_id, address, at),
        subject=f"Signed head {seal.number} of the record at {provider.name}",
        body=WORDS.format(provider=provider.name, size=f"{seal.size:,}", note=seal.note),
        at=at,
    )
    if not sent:
        return Already(False)
    return _queued(seal, provider, f"sent signed head {seal.number} to {address}", address)


@operation
def post_head(*, by: By, at: datetime, seal: Seal, to: Destination) -> Entry[bool] | Already[bool]:
    """Put the head of a seal in the outbox for a server outside, once.

    Raises:
        Refused: ``by`` is a person.
    """
    _by_the_worker(by)
    provider = Provider.objects.get(pk=seal.provider_id)
    if not _tell(HEAD, seal, to, f"Signed head {seal.number} of the record at {provider.name}", at):
        return Already(False)
    return _queued(seal, provider, f"sent signed head {seal.number} to {to.shown}", to.shown)


@operation
def ask_for_stamp(*, by: By, at: datetime, seal: Seal, to: Destination) -> Entry[bool] | Already[bool]:
    """Put the request for a time stamp of a head in the outbox, once.

    Raises:
        Refused: ``by`` is a person.
    """
    _by_the_worker(by)
    provider = Provider.objects.get(pk=seal.provider_id)
    if not _tell(STAMP, seal, to, f"Time stamp of head {seal.number} of the record at {provider.name}", at):
        return Already(False)
    return _queued(seal, provider, f"asked {to.shown} for a time stamp of signed head {seal.number}", to.shown)


@operation
def keep_stamp(
    *, by: By, at: datetime, seal: Seal, answer: bytes, stamped_at: datetime, authority: Destination
) -> Entry[bool] | Already[bool]:
    """Keep the time stamp of a head beside its seal: the first that was given, once. It was checked by the caller.

    The trail keeps the hash of it, so that a stamp that is exchanged or taken away shows.

    Raises:
        Refused: ``by`` is a person.
    """
    _by_the_worker(by)
    _, kept = TimeStamp.objects.get_or_create(
        provider_id=seal.provider_id,
        number=seal.number,
        defaults={"at": at, "stamped_at": stamped_at, "authority": authority.shown, "answer": answer},
    )
    if not kept:
        return Already(False)
    return Entry(
        result=True,
        subject=Provider.objects.get(pk=seal.provider_id),
        sentence=f"kept the time stamp of signed head {seal.number} by {authority.shown}",
        facts={
            "head": seal.number,
            "stamped_at": stamped_at,
            "authority": authority.shown,
            STAMPED_FACT: hashlib.sha256(answer).hexdigest(),
        },
    )


def _queued(seal: Seal, provider: Provider, sentence: str, to: str) -> Entry[bool]:
    """The entry of what went into the outbox for a head: which head, of how many entries, and to whom."""
    facts = {"head": seal.number, "size": seal.size, "to": to}
    return Entry(result=True, subject=provider, sentence=sentence, facts=facts)


def _tell(what: str, seal: Seal, to: Destination, subject: str, at: datetime) -> bool:
    return ledger.tell_server(
        provider_id=seal.provider_id,
        destination=to.digest,
        key=server_key(what, seal, to),
        subject=subject,
        body=seal.note,
        at=at,
    )
