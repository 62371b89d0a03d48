"""Where signed heads of a trail go, and whether they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from saferpractice.access.models import Provider
from saferpractice.config.outgoing import Destination
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.trail.models import Seal, TimeStamp

HEAD, STAMP = "trail-head", "trail-stamp"
"""What the keys of messages begin with: a head that is sent, and a head of which a stamp is asked."""
LOOKED_BACK = 7
"""Days of e-mails that are looked at."""


def address_key(provider_id: UUID, address: str, at: datetime) -> str:
    """One message for each provider, address and day in London."""
    return f"{HEAD}:{provider_id}:{local_day(at)}:{address}"[:200]


def server_key(what: str, seal: Seal, to: Destination) -> str:
    """One message for each head and server, whatever day it is: a server is never sent the same head again."""
    return f"{what}:{seal.provider_id}:{seal.number}:{to.digest}"


def heads_to_send(at: datetime, addresses: tuple[str, ...]) -> list[tuple[Seal, str]]:
    """The newest head of each provider, for each address it was not sent to on this day in London."""
    wanted = [(seal, address) for seal in _newest(addresses) for address in addresses]
    keys = {(seal, address): address_key(seal.provider_id, address, at) for seal, address in wanted}
    sent = set(OutboxMessage.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    return [one for one in wanted if keys[one] not in sent]


def heads_for_servers(what: str, at: datetime, servers: tuple[Destination, ...]) -> list[tuple[Seal, Destination]]:
    """The newest head of each provider, for each server that was asked nothing of the kind on this day in London."""
    return [
        (seal, to)
        for seal in _newest(servers)
        for to in servers
        if not _had_one(what, seal, to, at)
    ]  # fmt: skip


def _had_one(what: str, seal: Seal, to: Destination, at: datetime) -> bool:
    """Whether one went to the server today, or this very head ever."""
    theirs = OutboxMessage.objects.filter(
        provider=seal.provider_id, destination=to.digest, key__startswith=f"{what}:"
    ).order_by("-created_at")
    newest = theirs.first()
    if newest is None:
        return False
    return local_day(newest.created_at) == local_day(at) or theirs.filter(key=server_key(what, seal, to)).exists()


def _newest(places: Iterable[object]) -> list[Seal]:
    """The newest head of each provider; none where there is no place to send it to."""
    providers: list[UUID] = list(Provider.objects.order_by("pk").values_list("pk", flat=True)) if places else []
    found = (Seal.objects.filter(provider_id=provider_id).order_by("-number").first() for provider_id in providers)
    return [seal for seal in found if seal is not None]


@dataclass(frozen=True, slots=True)
class Outlet:
    """One place that heads go to.

    Attributes:
        means: "e-mail", "webhook" or "time stamps".
        to: what may be shown of it.
        sent: the newest message that arrived; None where there is none (of the last week, for e-mails).
        newest: the newest message, whatever became of it.
    """

    means: str
    to: str
    sent: OutboxMessage | None
    newest: OutboxMessage | None


def outlets_of(
    provider_id: UUID,
    at: datetime,
    *,
    addresses: Sequence[str],
    webhooks: Sequence[Destination],
    authorities: Sequence[Destination],
) -> list[Outlet]:
    """Every place that the settings name, and what went there of this provider's heads."""
    servers = [("webhook", HEAD, to) for to in webhooks] + [("time stamps", STAMP, to) for to in authorities]
    return [_by_mail(provider_id, at, address) for address in addresses] + [
        _by_post(provider_id, means, what, to) for means, what, to in servers
    ]


def _by_mail(provider_id: UUID, at: datetime, address: str) -> Outlet:
    keys = [address_key(provider_id, address, at - timedelta(days=days)) for days in range(LOOKED_BACK)]
    found = OutboxMessage.objects.filter(key__in=keys).order_by("-created_at")
    return Outlet("e-mail", address, found.filter(sent_at__isnull=False).first(), found.first())


def _by_post(provider_id: UUID, means: str, what: str, to: Destination) -> Outlet:
    found = OutboxMessage.objects.filter(provider=provider_id, destination=to.digest, key__startswith=f"{what}:")
    newest_first = found.order_by("-created_at")
    return Outlet(means, to.shown, newest_first.filter(sent_at__isnull=False).first(), newest_first.first())


def newest_stamp(provider_id: UUID) -> TimeStamp | None:
    """The newest time stamp that was kept."""
    return TimeStamp.objects.filter(provider_id=provider_id).order_by("-number").first()
