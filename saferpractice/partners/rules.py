"""What a partner may see of a case. Pure: the same records and decisions always give the same answer.

Two things must come together, and either alone shows nothing. What was last decided about this partner lets it see at
all (a kind of record that "decides", in the words of the pathway's definition); and the record itself was shared with
it by choice, or names it and is of a kind shown to those it names.

On the side of showing nothing:

* the newest decision stands, by when it was first taken; one that is incomplete or withdrawn lets nothing be seen;
* what was shared before sharing was last closed is not seen again until somebody shares it again;
* while the incident behind a case is restricted, only what was decided and shared since counts;
* a record shared by choice is shown as it was then: a later correction is not, until somebody shares that. Where it
  turns out that nothing of the sort happened, it is not shown any more;
* a closed case shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from saferpractice.pathways.rules.definition import Definition, RecordKind
from saferpractice.pathways.rules.timeline import Record, lacking, passes

LINK_LASTS = timedelta(days=7)
"""How long an invitation's link can be used. A week: a small housing office may answer on Mondays only."""
CODE_LASTS = timedelta(minutes=15)
CODES_AN_HOUR = 5
TRIES = 5
"""Wrong tries after which a code is worth nothing. With six digits, five tries guess one code in 200,000."""
SESSION_LASTS = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Gift:
    """A record (one version of it) shared with a partner at a moment, or taken back; with the person's name or not."""

    record: str
    shared: bool
    at: datetime
    with_name: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as these rules read it. ``restricted_since`` is None while its incident is not restricted."""

    definition: Definition
    records: tuple[Record, ...]
    gifts: Mapping[str, Sequence[Gift]] = field(default_factory=dict)
    restricted_since: datetime | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What was last decided about sharing with a partner: the record as it stands, and whether it lets it see."""

    record: Record
    taken_at: datetime
    lets: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A record a partner sees, in the version it sees. ``newer`` says that a later version was not shared with it."""

    root: str
    record: Record
    newer: bool = False


class Sight(StrEnum):
    """How sharing with a partner stands, for the eye."""

    OPEN = "May be shared"
    CLOSED = "Not shared"
    UNDECIDED = "Not decided"
    SUSPENDED = "Decide again"


def chains(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Every record with its corrections, oldest first, by the id of the first; also those withdrawn."""
    before = {record.id: record.corrects for record in records}
    found: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda each: (each.recorded_at, each.corrects is not None, each.id)):
        root = record.id
        while (earlier := before.get(root)) is not None:
            root = earlier
        found.setdefault(root, []).append(record)
    return found


def named_by(kind: RecordKind, record: Record) -> frozenset[str]:
    """The partners a record names."""
    named: set[str] = set()
    for part in kind.naming_partners:
        value = record.values.get(part.id)
        named |= {value} if isinstance(value, str) else set(value or ())
    return frozenset(named)


def is_whole(kind: RecordKind, record: Record) -> bool:
    """Whether a record counts, by the note standard that held when it was written."""
    return not lacking(record.standard or kind, record.values)


def lets_see(kind: RecordKind, record: Record, partner: str) -> bool:
    """Whether this version of a decision, by itself, lets ``partner`` see what is shared with it."""
    held = record.standard or kind
    return (
        not record.withdrawn
        and partner in named_by(held, record)
        and not lacking(held, record.values)
        and any(passes(test, record.values) for test in held.lets_share)
    )


def standing(facts: Facts, partner: str) -> Standing | None:
    """What was last decided about sharing with ``partner``; None when nobody decided yet."""
    newest: Standing | None = None
    for _, chain, kind in _decisions(facts, partner):
        taken_at = chain[0].recorded_at
        found = Standing(chain[-1], taken_at, lets_see(kind, chain[-1], partner))
        # Of two taken at the very same moment, the one that shows nothing stands.
        if newest is None or (taken_at, not found.lets) > (newest.taken_at, not newest.lets):
            newest = found
    return newest


def may_see(facts: Facts, partner: str) -> bool:
    """Whether ``partner`` may be shown anything of the case now."""
    last = standing(facts, partner)
    return (
        not facts.closed
        and last is not None
        and last.lets
        and (facts.restricted_since is None or last.taken_at > facts.restricted_since)
    )


def sight(facts: Facts, partner: str) -> Sight:
    """How sharing with ``partner`` stands, in a word."""
    last = standing(facts, partner)
    if last is None:
        return Sight.UNDECIDED
    if may_see(facts, partner):
        return Sight.OPEN
    return Sight.SUSPENDED if last.lets and not facts.closed else Sight.CLOSED


def why_not(facts: Facts, partner: str) -> str:
    """Why nothing may be shared with ``partner`` now, as a sentence; "" when it may."""
    return {
        Sight.OPEN: "",
        Sight.CLOSED: "The case is closed." if facts.closed else "It was decided that nothing is shared with them.",
        Sight.UNDECIDED: "Nobody has decided yet whether anything is shared with them.",
        Sight.SUSPENDED: "The incident was restricted since it was decided. Decide on sharing with them again.",
    }[sight(facts, partner)]


def seen(facts: Facts, partner: str) -> tuple[Seen, ...]:
    """The records ``partner`` sees now, each in the version it sees, in the order in which they were first written."""
    if not may_see(facts, partner):
        return ()
    given = standing_gifts(facts, partner)
    found = []
    for root, chain in chains(facts.records).items():
        kind, stands = facts.definition.kinds.get(chain[-1].kind), chain[-1]
        if kind is None or stands.withdrawn:
            continue
        if kind.sharing == "named" and partner in named_by(kind, stands) and is_whole(kind, stands):
            found.append(Seen(root, stands))
        elif kind.sharing == "chosen" and root in given:
            version = next(each for each in chain if each.id == given[root].record)
            found.append(Seen(root, version, newer=version is not stands))
    return tuple(found)


def shows_name(facts: Facts, partner: str) -> bool:
    """Whether ``partner`` is told the person's name: something it sees was shared with it."""
    shown = {each.root for each in seen(facts, partner)}
    return any(gift.with_name for root, gift in standing_gifts(facts, partner).items() if root in shown)


def can_be_shared(facts: Facts) -> tuple[Record, ...]:
    """The records that can be chosen to be shared: as they stand, whole, of a kind that allows it."""
    found = []
    for chain in chains(facts.records).values():
        kind, stands = facts.definition.kinds.get(chain[-1].kind), chain[-1]
        if kind and kind.sharing == "chosen" and not stands.withdrawn and is_whole(kind, stands):
            found.append(stands)
    return tuple(found)


def answers_to(definition: Definition, code: str) -> tuple[RecordKind, ...]:
    """The kinds of record by which a partner answers a record of kind ``code``."""
    return tuple(kind for kind in definition.records if kind.by_partner and field_about(kind, code))


def field_about(kind: RecordKind, code: str) -> str | None:
    """The field in which a record of ``kind`` says which record of kind ``code`` it answers."""
    return next((part.id for part in kind.fields if part.type == "record" and code in part.of), None)


def stands_alone(kind: RecordKind) -> bool:
    """Whether a partner makes such a record by itself, not in answer to another."""
    return kind.by_partner and not any(part.type == "record" for part in kind.fields)


def _decisions(facts: Facts, partner: str) -> Iterable[tuple[str, list[Record], RecordKind]]:
    """Every decision that names or once named ``partner``."""
    for root, chain in chains(facts.records).items():
        kind = facts.definition.kinds.get(chain[0].kind)
        named = kind is not None and any(partner in named_by(kind, version) for version in chain)
        if kind is not None and kind.sharing == "decides" and named:
            yield root, chain, kind


def standing_gifts(facts: Facts, partner: str) -> dict[str, Gift]:
    """What is shared of each record, by its first, counting from when sharing was last closed."""
    closed = [
        version.recorded_at
        for _, chain, kind in _decisions(facts, partner)
        for version in chain
        if not lets_see(kind, version, partner)
    ]
    after = max([*closed, *([facts.restricted_since] if facts.restricted_since else [])], default=None)
    roots = {record.id: root for root, chain in chains(facts.records).items() for record in chain}
    newest: dict[str, Gift] = {}
    for gift in sorted(facts.gifts.get(partner, ()), key=lambda each: (each.at, not each.shared)):
        if gift.record in roots:
            newest[roots[gift.record]] = gift
    return {root: gift for root, gift in newest.items() if gift.shared and (after is None or gift.at > after)}
