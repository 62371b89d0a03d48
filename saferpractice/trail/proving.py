"""Proofs that entries are under a signed head, for others to check without this database (``rules.bundles``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from saferpractice.trail import outside
from saferpractice.trail.emptied import content_of
from saferpractice.trail.keys import published_keys
from saferpractice.trail.models import Seal, TrailEntry
from saferpractice.trail.rules import (
    PROOFS_FORMAT,
    NotATree,
    Parts,
    Proofs,
    ProvenEntry,
    Shown,
    Tree,
    Words,
    check_proofs,
    inclusion_proofs,
    leaf_hash,
    plain,
)
from saferpractice.trail.sealing import seal, tree_under

AT_ONCE = 10_000
MOST_SEALS = 40
"""So many heads are signed to come to an entry: a million entries that nobody sealed yet, about a minute."""


class NotSealedYet(Exception):
    """An entry is newer than the newest signed head: the worker signs the next within a minute or so."""


class CannotProve(Exception):
    """The trail does not fit its newest head. ``saferpractice trail verify`` says what was done to it."""


def proofs_of(provider_id: UUID, cited: Mapping[int, Shown]) -> Proofs:
    """The entries that something cites, proven into the newest seal of the provider.

    Reads no secret, so a web process can do it. Costs one reading of the hashes of the entries that came after the last
    seal before the first one cited.

    Args:
        provider_id: whose trail.
        cited: the sequences of the entries, and how much of each is shown. What names staff is not shown to somebody
            who may not know it: the proof holds without.

    Raises:
        NotSealedYet: one is newer than the newest seal, or there is no seal.
        CannotProve: an entry is missing, or the entries do not make the tree that was signed.
    """
    seal = Seal.objects.filter(provider_id=provider_id).order_by("-number").first()
    if seal is None or any(sequence > seal.size for sequence in cited):
        raise NotSealedYet("The newest entries of the trail are not signed yet. Try again in a minute.")
    rows = list(TrailEntry.objects.filter(provider_id=provider_id, sequence__in=cited).order_by("sequence"))
    if len(rows) != len(cited):
        raise CannotProve("An entry that is cited is not in the trail.")
    paths = _paths(seal, [row.sequence for row in rows])
    entries = [_proven(row, cited[row.sequence], paths[row.sequence - 1]) for row in rows]
    keys = published_keys()
    proofs = Proofs(PROOFS_FORMAT, seal.note, [str(key) for key in keys], entries)
    troubles = check_proofs(proofs, keys).troubles if keys else ()
    if troubles:
        raise CannotProve(troubles[0])
    return proofs


def sealed_proofs_of(provider_id: UUID, cited: Mapping[int, Shown], at: datetime) -> Proofs:
    """As ``proofs_of``, with what is newer than the newest seal sealed first, at ``at``. Reads the secret: worker only.

    Raises:
        CannotSeal: an entry was changed, taken away or moved.
        NotSealedYet: there was more to seal than is done at once. What was sealed stays.
        CannotProve: as ``proofs_of``.
    """
    newest = max(cited)
    for _ in range(MOST_SEALS):
        if Seal.objects.filter(provider_id=provider_id, size__gte=newest).exists():
            break
        seal(provider_id=provider_id, at=at)  # None where another worker was quicker: then there is a newer one to see
    transaction.on_commit(partial(outside.keep, provider_id))
    return proofs_of(provider_id, cited)


def proofs_for(entries: Iterable[TrailEntry], shown: Shown = Shown.HASH) -> Proofs:
    """As ``proofs_of``, of rows that were read already: at least one, all of one provider, all shown alike.

    Raises:
        ValueError: there is none, or they are of several providers.
    """
    rows = list(entries)
    (provider_id,) = {row.provider_id for row in rows}
    return proofs_of(provider_id, {row.sequence: shown for row in rows})


def _paths(seal: Seal, sequences: list[int]) -> dict[int, list[bytes]]:
    if not sequences:
        return {}
    before = Seal.objects.filter(provider_id=seal.provider_id, size__lt=sequences[0]).order_by("-size").first()
    try:
        tree = tree_under(before) if before is not None else Tree()
        whole = tree_under(seal).root()
        leaves = _leaves(seal.provider_id, tree.size, seal.size)
        paths = inclusion_proofs([sequence - 1 for sequence in sequences], leaves, tree)
    except (NotATree, ValueError) as error:
        raise CannotProve("The entries do not make the tree that was signed.") from error
    if (tree.size, tree.root()) != (seal.size, whole):
        raise CannotProve("The entries do not make the tree that was signed.")
    return paths


def _leaves(provider_id: UUID, after: int, upto: int) -> Iterator[bytes]:
    """The leaves of the entries after ``after`` to ``upto``, in order."""
    mine = TrailEntry.objects.filter(provider_id=provider_id, sequence__lte=upto).order_by("sequence")
    while True:
        page = list(mine.filter(sequence__gt=after).values_list("sequence", "hash")[:AT_ONCE])
        for sequence, own in page:
            after = sequence
            yield leaf_hash(bytes.fromhex(own))
        if len(page) < AT_ONCE:
            return


def _proven(row: TrailEntry, shown: Shown, path: list[bytes]) -> ProvenEntry:
    parts = words = None
    if shown is not Shown.HASH:
        parts = Parts(
            previous=row.previous_hash,
            at=plain(row.at),
            operation=row.operation,
            by=plain(row.by_id),
            name=row.by_name,
            role=row.by_role,
            subject=row.subject_type,
            subject_id=plain(row.subject_id),
            story=plain(row.story_id),
            content=content_of(row),
        )
    if shown is Shown.WORDS and row.salt:  # an emptied entry says nothing any more
        words = Words(row.salt, row.sentence, row.facts)
    return ProvenEntry(row.sequence, row.hash, [node.hex() for node in path], parts, words)
