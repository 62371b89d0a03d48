"""What the example has made so far, by the keys its files use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from saferpractice.access.models import Person, Provider, Service, Team
from saferpractice.assurance.models import AuditPlan, ImpactPlan
from saferpractice.changes.models import CompletionEvidence, OperationalChange, TrackedAction
from saferpractice.exchange.example.moments import Calendar
from saferpractice.exchange.example.shapes import FileShape
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import PathwayCase
from saferpractice.reviews.models import Review, TimelineEntry

T = TypeVar("T")


class UnknownKey(LookupError):
    """A step names something that does not exist (yet); the message says what."""


class Store(dict[str, T]):
    """Things of one kind by key."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what

    def __missing__(self, key: str) -> T:
        raise UnknownKey(f'There is no {self.what} "{key}" at that moment.')


@dataclass(slots=True)
class World:
    """Everything made so far. Reviews are kept by the key of their incident.

    ``fails`` holds the questions, by number, that a record does not meet when it is audited.
    """

    calendar: Calendar
    provider: Provider
    services: Store[Service] = field(default_factory=lambda: Store("service"))
    teams: Store[Team] = field(default_factory=lambda: Store("team"))
    people: Store[Person] = field(default_factory=lambda: Store("person"))
    incidents: Store[Incident] = field(default_factory=lambda: Store("incident"))
    reviews: Store[Review] = field(default_factory=lambda: Store("review"))
    entries: Store[TimelineEntry] = field(default_factory=lambda: Store("timeline entry"))
    findings: Store[Finding] = field(default_factory=lambda: Store("finding"))
    changes: Store[OperationalChange] = field(default_factory=lambda: Store("change"))
    actions: Store[TrackedAction] = field(default_factory=lambda: Store("action"))
    evidence: Store[CompletionEvidence] = field(default_factory=lambda: Store("evidence for the action"))
    plans: Store[ImpactPlan] = field(default_factory=lambda: Store("impact plan"))
    cases: Store[PathwayCase] = field(default_factory=lambda: Store("case on a pathway"))
    audits: Store[AuditPlan] = field(default_factory=lambda: Store("audit"))
    fails: dict[UUID, frozenset[int]] = field(default_factory=dict)

    def moment(self, text: str | None) -> datetime | None:
        """A moment of the files in UTC, if there is one."""
        return self.calendar.moment(text) if text else None


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when a step stands, and who takes it."""

    incident_key: str
    team: Team
    number: int
    by: Person
    at: datetime

    @property
    def submission_key(self) -> str:
        """The key a form would carry: the same for the same step of the same incident."""
        return f"example:{self.incident_key}:{self.number}"


def upload(file: FileShape | None) -> SimpleUploadedFile | None:
    """A text file as a browser would send it."""
    if file is None:
        return None
    return SimpleUploadedFile(file.name, file.text.encode(), content_type="text/plain")
