"""Sealing: what was added to a trail since the last signed head goes under the next one.

Nothing here is waited for by whoever writes entries, and a seal leaves no entry: it would need another seal.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from saferpractice.trail.emptied import Emptied
from saferpractice.trail.keys import public_keys, signer
from saferpractice.trail.models import Seal, TrailHead
from saferpractice.trail.reading import entries_after
from saferpractice.trail.rules import GENESIS, Forged, Head, NotATree, Tree, leaf_hash, note_hash, read_head

MOST_AT_ONCE = 25_000
"""Entries under one seal at most: a second or so, so that a trail as old as the service does not hold the worker up."""


class CannotSeal(Exception):
    """Something in the trail does not fit, so it is not signed. ``saferpractice trail verify`` says what."""


def waiting(limit: int) -> list[UUID]:
    """Providers whose trail has entries under no seal yet."""
    newest = Seal.objects.filter(provider_id=OuterRef("provider_id")).order_by("-number").values("size")
    unsealed = TrailHead.objects.annotate(sealed=Coalesce(Subquery(newest[:1]), 0)).filter(sequence__gt=F("sealed"))
    return list(unsealed.order_by("provider_id").values_list("provider_id", flat=True)[:limit])


def seal(*, provider_id: UUID, at: datetime, most: int = MOST_AT_ONCE) -> Seal | None:
    """Sign a head over all entries of a provider, or ``most`` more than the last one; None when none are new.

    Every new entry is hashed again first. Two workers may try at once: one of them seals.

    Raises:
        CannotSeal: an entry was changed, taken away or moved, or the last head is not one of ours.
    """
    signing = signer()
    before = Seal.objects.filter(provider_id=provider_id).order_by("-number").first()
    tree, newest, previous = _where_it_stopped(before)
    known = TrailHead.objects.filter(provider_id=provider_id).values_list("sequence", flat=True).first() or 0
    upto, emptied = min(known, tree.size + most), Emptied(provider_id)
    for entry in entries_after(provider_id, tree.size, upto):
        if (
            entry.sequence != tree.size + 1
            or entry.previous != newest
            or not (entry.hashed() == entry.hash or emptied.fits(entry))
        ):
            raise CannotSeal(f"the trail of {provider_id} does not fit at entry {tree.size + 1}")
        newest = entry.hash
        tree.add(leaf_hash(bytes.fromhex(newest)))
    if tree.size < upto:
        raise CannotSeal(f"the trail of {provider_id} ends at entry {tree.size} and should go on to {upto}")
    if tree.size == (before.size if before else 0):
        return None
    head = Head(provider_id, before.number + 1 if before else 1, tree.size, tree.root(), newest, previous, at)
    row = Seal(
        provider_id=provider_id,
        number=head.number,
        size=head.size,
        at=at,
        note=signing.sign(head),
        peaks=[peak.hex() for peak in tree.peaks],
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return None  # another worker was quicker
    return row


def _where_it_stopped(seal: Seal | None) -> tuple[Tree, str, str]:
    """The tree under a seal, the hashes of its newest entry and of its note. From a forged one nothing goes on."""
    if seal is None:
        return Tree(), GENESIS, GENESIS
    try:
        head = read_head(seal.note, public_keys())
        tree = tree_under(seal)
    except (Forged, NotATree) as error:
        raise CannotSeal(f"head {seal.number} of {seal.provider_id}: {error}") from error
    if (head.provider_id, head.number, head.size, head.root) != (
        seal.provider_id, seal.number, tree.size, tree.root(),
    ):  # fmt: skip
        raise CannotSeal(f"head {seal.number} of {seal.provider_id} is not what was signed")
    return tree, head.newest, note_hash(seal.note)


def tree_under(seal: Seal) -> Tree:
    """The Merkle tree that a seal was made of, ready to grow on.

    Raises:
        NotATree: its peaks do not make one.
    """
    try:
        return Tree(seal.size, [bytes.fromhex(peak) for peak in seal.peaks])
    except (TypeError, ValueError) as error:
        raise NotATree(f"the peaks of head {seal.number} make no tree") from error
