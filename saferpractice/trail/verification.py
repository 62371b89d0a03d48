"""Whether a trail is what was written: every entry hashed again, every head checked, in one reading.

What was changed is named: an edited, missing or moved entry, a tail cut off, a head that nobody signed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.x509 import Certificate

from saferpractice.trail import outside
from saferpractice.trail.emptied import Emptied
from saferpractice.trail.models import Seal, TrailEntry, TrailHead, Verification
from saferpractice.trail.reading import BEFORE_ALL, Found, entries_after
from saferpractice.trail.rules import (
    GENESIS,
    Forged,
    Head,
    NotATree,
    PublicKey,
    Tree,
    Trouble,
    TroubleKind,
    leaf_hash,
    named_changes,
    note_hash,
    read_head,
    span,
)
from saferpractice.trail.sealing import tree_under
from saferpractice.trail.stamps import Stamps

MOST_NAMED = 200
"""Troubles of one provider that are named; the rest is counted. Also what bounds the memory a ruined trail takes."""
SEALS_AT_ONCE = 500
MOST_KEPT = 20
"""Troubles of a verification that are written down as sentences."""


@dataclass(frozen=True, slots=True)
class Report:
    """What verifying one provider's trail found.

    Attributes:
        entries: how many there are.
        heads: how many signed heads hold.
        sealed: the newest head that holds; what came after it is only held by the chain.
        kept: how many heads kept outside the database were compared.
        stamps: how many time stamps of heads hold; ``unchecked`` ones could be held against no certificate.
        troubles: what is wrong, in the order of the trail; ``more`` further ones are only counted.
    """

    provider_id: UUID
    entries: int
    heads: int
    sealed: Head | None
    kept: int
    troubles: tuple[Trouble, ...]
    more: int
    stamps: int = 0
    unchecked: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.troubles


def providers() -> list[UUID]:
    """Every provider of which an entry, a head or a count is left anywhere."""
    found = outside.providers()
    for model in (TrailHead, TrailEntry, Seal):
        found |= set(model._default_manager.order_by().values_list("provider_id", flat=True).distinct())
    return sorted(found)


def verify(
    provider_id: UUID,
    keys: Iterable[PublicKey],
    notes: Iterable[str] = (),
    trusted: Collection[Certificate] = (),
) -> Report:
    """Verify one provider's trail.

    Entries may be added and heads signed meanwhile. What must be there is read before what is there.

    Args:
        keys: by which heads must be signed.
        notes: further heads that were kept outside, such as out of an e-mail; those of other providers are left out.
        trusted: certificates that must stand behind time stamps; without any, only that they are those kept is checked.
    """
    held = _Held(provider_id, tuple(keys), tuple(notes))
    newest = Seal.objects.filter(provider_id=provider_id).order_by("-number").values_list("number", flat=True).first()
    count = TrailHead.objects.filter(provider_id=provider_id).first()
    stamps = Stamps(provider_id, trusted)
    walk = _Walk(held, _seals(provider_id, newest or 0), count)
    for entry in entries_after(provider_id, BEFORE_ALL):
        walk.entry(entry)
        stamps.entry(entry)
    walk.end(TrailHead.objects.filter(provider_id=provider_id).first())
    stamps.end(walk.found.add)
    for first, last in outside.not_kept(provider_id, newest or 0):
        words = (
            f"{span(first, last, 'head', 'heads')} {'is' if first == last else 'are'} missing from the folder outside"
        )
        walk.found.add(TroubleKind.MISSING_HEAD, first, last, words)
    troubles = sorted(walk.found.named(), key=lambda trouble: (trouble.first, trouble.kind.value))
    return Report(
        provider_id, walk.entries, walk.holding, walk.sealed, held.compared, tuple(troubles), walk.found.more,
        stamps.holding, stamps.unchecked,
    )  # fmt: skip


def keep_report(report: Report, at: datetime) -> Verification:
    """Write down what verifying found, for the page that says how the trail stands."""
    words = [trouble.sentence for trouble in report.troubles]
    return Verification.objects.create(
        provider_id=report.provider_id,
        at=at,
        entries=report.entries,
        heads=report.heads,
        kept=report.kept,
        troubles=words[:MOST_KEPT],
        more=len(words[MOST_KEPT:]) + report.more,
    )


def to_verify(at: datetime, *, every: timedelta, most: int) -> list[UUID]:
    """Providers whose trail was not verified within ``every`` and has no more than ``most`` entries."""
    recent = Verification.objects.filter(at__gt=at - every).values("provider_id")
    found = TrailHead.objects.filter(sequence__lte=most).exclude(provider_id__in=recent)
    return list(found.order_by("provider_id").values_list("provider_id", flat=True))


def _seals(provider_id: UUID, upto: int) -> Iterator[Seal]:
    last = BEFORE_ALL
    while True:
        page = Seal.objects.filter(provider_id=provider_id, number__gt=last, number__lte=upto).order_by("number")
        rows = list(page[:SEALS_AT_ONCE])
        yield from rows
        if len(rows) < SEALS_AT_ONCE:
            return
        last = rows[-1].number


@dataclass
class _Troubles:
    """What was found so far, and the changed entries that may turn out to have changed places."""

    kept: list[Trouble] = field(default_factory=list)
    changed: list[Found] = field(default_factory=list)
    more: int = 0
    entries: int = 0
    """How many were about entries and not about heads."""

    def add(self, kind: TroubleKind, first: int, last: int, sentence: str) -> None:
        self.entries += kind.of_entries
        if len(self.kept) + len(self.changed) < MOST_NAMED:
            self.kept.append(Trouble(kind, first, last, sentence))
        else:
            self.more += 1

    def add_changed(self, entry: Found) -> None:
        self.entries += 1
        if len(self.kept) + len(self.changed) < MOST_NAMED:
            self.changed.append(entry)
        else:
            self.more += 1

    def named(self) -> list[Trouble]:
        return self.kept + named_changes(self.changed)


class _Held:
    """Heads kept outside the database, given out by their number as the walk comes to them."""

    def __init__(self, provider_id: UUID, keys: tuple[PublicKey, ...], notes: tuple[str, ...]) -> None:
        self.provider_id = provider_id
        self.keys = keys
        self.compared = 0
        self.forged: list[tuple[int, str]] = []
        mine = [note for note in notes if f"/{provider_id}\n" in note]
        self.given = sorted(self._read(mine), key=lambda pair: pair[0].number)
        self.file = self._read(outside.kept(provider_id))
        self.next = next(self.file, None)

    def _read(self, notes: Iterable[str]) -> Iterator[tuple[Head, str]]:
        for note in notes:
            try:
                head = read_head(note, self.keys)
            except Forged as error:
                self.forged.append((outside.number_in(note), str(error)))
                continue
            if head.provider_id == self.provider_id:
                self.compared += 1
                yield head, note

    def upto(self, number: int | None) -> Iterator[tuple[Head, str]]:
        """Those up to a number that were not given out yet; all the rest for None."""
        while self.given and (number is None or self.given[0][0].number <= number):
            yield self.given.pop(0)
        while self.next is not None and (number is None or self.next[0].number <= number):
            yield self.next
            self.next = next(self.file, None)


class _Heads:
    """The heads in the database, in order, each checked by itself and against those kept outside."""

    def __init__(self, held: _Held, seals: Iterator[Seal], found: _Troubles) -> None:
        self.held = held
        self.seals = seals
        self.found = found
        self.number = 0
        self.size = 0
        self.previous: str | None = GENESIS
        self.claim: tuple[int, str] = (0, "")
        """The most entries that a head kept outside speaks of, and which."""

    def following(self) -> tuple[Seal, Head] | None:
        """The next one that is signed and fits the one before; None when there are no more."""
        for seal in self.seals:
            self._compare(seal)
            if seal.number != self.number + 1:
                self._bad(TroubleKind.MISSING_HEAD, self.number + 1, seal.number - 1, "missing from the database")
                self.previous = None
            head = self._checked(seal)
            self.number = seal.number
            self.previous = note_hash(seal.note)
            if head is not None:
                self.size = head.size
                return seal, head
        for head, note in self.held.upto(None):
            self._kept(head, note)
        for number, why in self.held.forged:
            self._bad(TroubleKind.FORGED_HEAD, number, number, f"kept outside, and {why}")
        self.held.forged = []
        return None

    def _checked(self, seal: Seal) -> Head | None:
        try:
            head = read_head(seal.note, self.held.keys)
            tree = tree_under(seal)
        except (Forged, NotATree) as error:
            self._bad(TroubleKind.FORGED_HEAD, seal.number, seal.number, f"forged: {error}")
            return None
        says = (head.provider_id, head.number, head.size, head.at, head.root)
        if says != (seal.provider_id, seal.number, seal.size, seal.at, tree.root()):
            words = "forged: its row does not say what was signed"
        elif self.previous not in {None, head.previous}:
            words = "forged: it does not follow the head before"
        elif head.size <= self.size:
            words = "forged: it covers no more than the head before"
        else:
            return head
        self._bad(TroubleKind.FORGED_HEAD, seal.number, seal.number, words)
        return None

    def _compare(self, seal: Seal) -> None:
        """Hold it against the one kept outside, and those against the database that should have come before."""
        for head, note in self.held.upto(seal.number):
            if head.number == seal.number:
                self._same(head, note, seal.note)
            else:
                self._kept(head, note)

    def _kept(self, head: Head, note: str) -> None:
        """A head kept outside whose row did not come at its place."""
        rows = Seal.objects.filter(provider_id=head.provider_id, number=head.number)
        self._same(head, note, rows.values_list("note", flat=True).first())

    def _same(self, head: Head, note: str, here: str | None) -> None:
        self.claim = max(self.claim, (head.size, f"head {head.number} of {head.at:%Y-%m-%d %H:%M} UTC, kept outside"))
        if here is None:
            words = f"missing from the database; it was signed on {head.at:%Y-%m-%d %H:%M} UTC and kept outside"
            self._bad(TroubleKind.MISSING_HEAD, head.number, head.number, words)
        elif here != note:
            self._bad(TroubleKind.FORGED_HEAD, head.number, head.number, "not the one that was kept outside")

    def _bad(self, kind: TroubleKind, first: int, last: int, words: str) -> None:
        are = "is" if first == last else "are"
        self.found.add(kind, first, last, f"{span(first, last, 'head', 'heads')} {are} {words}")


class _Walk:
    """One reading of a trail, entry by entry."""

    def __init__(self, held: _Held, seals: Iterator[Seal], count: TrailHead | None) -> None:
        self.found = _Troubles()
        self.heads = _Heads(held, seals, self.found)
        self.count = count
        self.entries = 0
        self.holding = 0
        self.sealed: Head | None = None
        self.last = 0
        self.previous = GENESIS
        self.in_doubt = False
        """Whether the entry before was changed, so that this one need not fit it."""
        self.tree: Tree | None = Tree()
        self.covered = 0
        self.next = self.heads.following()
        self.before = self.found.entries
        self.emptied = Emptied(held.provider_id)

    def entry(self, entry: Found) -> None:
        """Take in the next one."""
        self.entries += 1
        if entry.sequence <= self.last:
            words = f"an entry was slipped in under the number {entry.sequence}"
            self.found.add(TroubleKind.SLIPPED_IN, entry.sequence, entry.sequence, words)
            return
        if entry.sequence > self.last + 1:
            self._gap(entry)
        as_written = entry.hashed() == entry.hash
        changed = not as_written and not self.emptied.fits(entry)
        if as_written:
            self.emptied.note(entry)
        if changed:
            self.found.add_changed(entry)
        elif entry.previous != self.previous and not self.in_doubt:
            words = f"entries {self.last} and {entry.sequence} do not fit: one was changed and given a new hash"
            self.found.add(TroubleKind.EDITED, self.last, entry.sequence, words)
        if self.tree is not None:
            self.tree.add(leaf_hash(_raw(entry.hash)))
        self.last, self.previous, self.in_doubt = entry.sequence, entry.hash, changed
        while self.next is not None and self.next[1].size <= self.last:
            self._head(*self.next)
            self.next = self.heads.following()
        count = self.count
        if count is not None and count.sequence == self.last and count.hash != entry.hash and not changed:
            words = f"entry {self.last} is not the one that the trail's own count knows as its newest"
            self.found.add(TroubleKind.REWRITTEN, self.last, self.last, words)

    def _gap(self, entry: Found) -> None:
        first, last = self.last + 1, entry.sequence - 1
        self.found.add(
            TroubleKind.MISSING, first, last, f"{span(first, last)} {'is' if first == last else 'are'} missing"
        )
        # The entry behind a gap still names the hash of the one before it.
        alone = first == last and (self.next is None or self.next[1].size != first)
        if self.tree is not None and alone:
            self.tree.add(leaf_hash(_raw(entry.previous)))
        else:
            self.tree = None
        self.last, self.previous = last, entry.previous

    def _head(self, seal: Seal, head: Head) -> None:
        """Hold a head against the entries up to it. Behind it the tree grows on from what was signed."""
        at_its_place = head.size == self.last
        fits = at_its_place and head.newest == self.previous
        if fits and self.tree is not None:
            fits = self.tree.root() == head.root
        if fits:
            self.holding += 1
            self.sealed = head
        elif at_its_place and self.found.entries == self.before:
            self._rewritten(head)
        self.tree = tree_under(seal) if at_its_place else None
        self.covered, self.before = head.size, self.found.entries

    def _rewritten(self, head: Head) -> None:
        first = self.covered + 1
        words = f"are not those over which head {head.number} was signed on {head.at:%Y-%m-%d %H:%M} UTC"
        self.found.add(TroubleKind.REWRITTEN, first, head.size, f"{span(first, head.size)} {words}")

    def end(self, count: TrailHead | None) -> None:
        """No more entries. ``count`` is the trail's own, read after the last of them."""
        for sequence in self.emptied.unaccounted():
            words = f"entry {sequence} was emptied, and no certificate of a disposal in the trail accounts for it"
            self.found.add(TroubleKind.EDITED, sequence, sequence, words)
        claim = self.count.sequence if self.count is not None else 0
        most = (claim, "the trail's own count")
        while self.next is not None:
            head = self.next[1]
            most = max(most, (head.size, f"head {head.number} of {head.at:%Y-%m-%d %H:%M} UTC"))
            self.next = self.heads.following()
        most = max(most, self.heads.claim)
        if most[0] > self.last:
            words = f"{span(self.last + 1, most[0])} at the end were cut off: {most[1]} covers them"
            self.found.add(TroubleKind.TRUNCATED, self.last + 1, most[0], words)
        if self.last > (count.sequence if count is not None else 0):
            first = (count.sequence if count is not None else 0) + 1
            words = f"{span(first, self.last)} at the end are unknown to the trail's own count"
            self.found.add(TroubleKind.SLIPPED_IN, first, self.last, words)


def _raw(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except (TypeError, ValueError):
        return b""
