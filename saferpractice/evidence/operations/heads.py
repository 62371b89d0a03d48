"""Sending signed heads of the trail to people outside, so that no change of what they cover can go unseen."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Provider
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.models import Seal
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process

WORDS = """This is a signed head of the record of everything done at {provider} in Safer Practice. It says
nothing about any person. Please keep this e-mail: while you do, none of the {size} entries it covers can be changed or
taken away without its showing.

{note}
To check, save this e-mail and have "trail verify --head FILE" run, or compare it with the head of the same number in
an evidence pack. One comes each day. If none comes, please ask why.
"""


@operation
def send_head(*, by: By, at: datetime, seal: Seal, address: str) -> Entry[bool] | Already[bool]:
    """Put the head of a seal in the outbox for an address outside, once for each day in London.

    Raises:
        Refused: ``by`` is a person: the worker does this, so that nobody chooses which heads are sent.
    """
    if not isinstance(by, Process):
        raise Refused("Signed heads are sent by the worker only.")
    provider = Provider.objects.get(pk=seal.provider_id)
    sent = ledger.tell_address(
        provider_id=provider.pk,
        address=address,
        key=key_of(seal, address, at),
        subject=f"Signed head {seal.number} of the record at {provider.name}",
        body=WORDS.format(provider=provider.name, size=f"{seal.size:,}", note=seal.note),
        at=at,
    )
    if not sent:
        return Already(False)
    return Entry(
        result=True,
        subject=provider,
        sentence=f"sent signed head {seal.number} to {address}",
        facts={"head": seal.number, "size": seal.size, "to": address},
    )


def key_of(seal: Seal, address: str, at: datetime) -> str:
    """One message for each provider, address and day."""
    return f"trail-head:{seal.provider_id}:{local_day(at)}:{address}"[:200]


def heads_to_send(at: datetime, addresses: tuple[str, ...]) -> list[tuple[Seal, str]]:
    """The newest head of each provider, for each address it was not sent to on this day in London."""
    newest: dict[object, Seal] = {}
    for provider_id in Provider.objects.order_by("pk").values_list("pk", flat=True) if addresses else []:
        seal = Seal.objects.filter(provider_id=provider_id).order_by("-number").first()
        if seal is not None:
            newest[provider_id] = seal
    wanted = [(seal, address) for seal in newest.values() for address in addresses]
    keys = {key_of(seal, address, at) for seal, address in wanted}
    sent = set(OutboxMessage.objects.filter(key__in=keys).values_list("key", flat=True))
    return [(seal, address) for seal, address in wanted if key_of(seal, address, at) not in sent]
