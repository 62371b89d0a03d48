"""What an evidence pack is made of, before anybody decides what of it a reader may see: plain facts of the records."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from saferpractice.evidence.rules.packs.document import Chart, Kind, Source


class Subject(StrEnum):
    """What a pack is about."""

    INCIDENT = "incident"
    LEARNING = "learning"
    THEME = "theme"
    QUARTER = "quarter"
    INSPECTION = "inspection"

    @property
    def label(self) -> str:
        """The subject in words."""
        return {
            "incident": "One incident",
            "learning": "What was learnt from one incident",
            "theme": "A theme",
            "quarter": "A quarter",
            "inspection": "An inspection: services over a period",
        }[self.value]

    @property
    def of_one(self) -> bool:
        """Whether it is about one incident."""
        return self in {Subject.INCIDENT, Subject.LEARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words somebody typed, with the record and the part of it they stand in. They may name anybody."""

    source: Source
    record: str
    part: str
    text: str

    @property
    def key(self) -> str:
        """What a confirmation of these words is kept under: the record, the part and the words themselves."""
        whole = "\n".join((self.record, self.part, self.text))
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who works here, as they signed: with the name, which not every reader may know."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Supported:
    """The person supported: the reference they are known by, and the name where a pack may say who they are."""

    reference: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something done, decided or written down: ``label`` is the product's words, ``what`` and ``why`` are typed."""

    at: datetime
    by: Staff
    label: str
    source: Source
    what: Said | None = None
    why: Said | None = None


@dataclass(frozen=True, slots=True)
class Supplied:
    """A document that a review requires, and when and by whom it was supplied, if it was."""

    label: str
    at: datetime | None
    by: Staff | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One review of an incident."""

    source: Source
    tier: str
    method: str
    opened_at: datetime
    due_at: datetime
    completed_at: datetime | None
    completed_by: Staff | None
    summary: Said | None
    nothing_found: Said | None
    documents: tuple[Supplied, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A standing finding. ``changes`` are the references of the changes that answer it."""

    source: Source
    condition: str
    at: datetime
    by: Staff
    statement: Said | None
    more_likely: Said | None
    recurrence: Said | None
    rests_on: int
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing missing from a learning record: what to do, in the product's words, and the record it is missing of."""

    sentence: str
    source: Source


@dataclass(frozen=True, slots=True)
class Learning:
    """How far the learning from an incident is defensible: each step by its words, the sentence, what is missing."""

    defensible: bool
    sentence: str
    steps: tuple[tuple[str, bool], ...]
    missing: tuple[Lacking, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident with everything that was decided, reviewed and found about it."""

    source: Source
    service: str
    team: str
    person: Supported | None
    reporter: Staff
    occurred: str
    happened_on: date
    known_at: datetime
    recorded_at: datetime
    themes: tuple[str, ...]
    physical: str
    psychological: str
    restricted: bool
    tier: str
    reported: tuple[tuple[str, Said], ...]
    decisions: tuple[Happening, ...]
    timeline: tuple[Happening, ...]
    reviews: tuple[Reviewed, ...]
    findings: tuple[Condition, ...]
    learning: Learning


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """One proof that a change reached a team; ``reached`` of ``needed`` where people are counted."""

    team: str
    kind: str
    on: date
    reached: int | None
    needed: int | None
    by: Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A tracked action, and what showed that it was done."""

    source: Source
    what: Said | None
    owner: Staff
    due_on: date
    state: str
    done_at: datetime | None
    evidence: Said | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """One audit of a change; without a result ``answer`` is empty."""

    source: Source
    title: Said | None
    period: str
    answer: str
    sentence: Said | None
    met: int | None
    read: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What an impact plan tests and what was found; without a verdict ``verdict`` is empty."""

    source: Source
    measure: Said | None
    serves: str
    verdict: str
    exploratory: bool
    reason: Said | None
    at: datetime | None
    chart: Chart | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A learning point, and how often it was discussed in supervision, with how many workers."""

    source: Source
    wording: Said | None
    change: str
    discussions: int
    workers: int
    last_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """An operational change with what proves it. ``incidents`` are the references of those it answers, as far as shown.

    ``reached`` of ``reach`` teams are proven.
    """

    source: Source
    title: Said | None
    monday: Said | None
    kind: str
    strength: str
    owner: Staff
    by: Staff
    agreed_at: datetime
    live_at: datetime | None
    state: str
    withdrawn_because: Said | None
    incidents: tuple[str, ...]
    reached: int
    reach: int
    proofs: tuple[Proved, ...]
    actions: tuple[Tracked, ...]
    audits: tuple[Audited, ...]
    measured: tuple[Measured, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A thematic review put before a quality meeting: when, what was decided, what is tracked, whether it is signed."""

    source: Source
    quarter: str
    held_on: date | None
    decisions: tuple[Happening, ...]
    actions: tuple[Tracked, ...]
    signed_at: datetime | None
    signed_by: Staff | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file attached to a record: its name as it was uploaded, its size in bytes, its hash and where it lies."""

    source: Source
    name: Said | None
    size: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """An entry of the trail that a pack cites: its place there, when it was written, and the record that it is of.

    ``by_name`` says whether readers inside the service may see who wrote it.
    """

    entry: int
    at: datetime
    source: Source
    by_name: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Everything a pack is made of. ``left_out`` incidents are not here because whoever made it may not open them.

    ``attached`` files go with a pack that stays inside, and with no other.
    """

    subject: Subject
    about: str
    period: tuple[date, date] | None
    services: tuple[str, ...]
    cases: tuple[Case, ...]
    changes: tuple[Altered, ...]
    meetings: tuple[Met, ...]
    charts: tuple[Chart, ...]
    left_out: int
    attached: tuple[Attached, ...] = ()


PREFIXES = {
    Kind.CHANGE: "CH",
    Kind.TRACKED_ACTION: "AC",
    Kind.AUDIT: "AU",
    Kind.IMPACT: "IM",
    Kind.SUPERVISION: "SU",
}


def short_reference(kind: Kind, record: str) -> str:
    """The reference of a record that has none of its own: its kind and the last eight characters of its id.

    The first characters of an id are its moment, and alike for records made together; the last are drawn by chance.
    """
    return f"{PREFIXES[kind]}-{record.replace('-', '')[-8:].upper()}"


def part_reference(incident: str, letter: str, number: int) -> str:
    """The reference of a part of an incident's story: "INC-2026-0014 F2" is its second finding."""
    return f"{incident} {letter}{number}"
