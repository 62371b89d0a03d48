"""What every operation of this stage needs: the incidents of a change, its story, locks, owners."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction

from saferpractice.access.models import Person
from saferpractice.access.rules import REPORTS, Role
from saferpractice.changes.models import GoLive, OperationalChange
from saferpractice.changes.queries import coverage_of
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import Timescale, working_days
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

T = TypeVar("T")

GO_LIVE = "changes.go_live"
"""An agreed change goes live on its day."""
PROOF = "changes.proof"
"""A live change is proven to have reached every team in its reach."""
ACTION = "changes.action"
"""A tracked action is done, with evidence."""
ACCEPT = "changes.accept_evidence"
"""Somebody other than the owner decides on completion evidence."""
PLAN = "assurance.plan"
"""A change needs an impact plan before its result can be known. Opened here, met in the next stage."""

PROOF_WORKING_DAYS = 10
ACCEPT_WORKING_DAYS = 5
LOCAL = "Local standard, which the provider may change"


def incidents_of(change: OperationalChange) -> list[Incident]:
    """The incidents whose findings the change answers; the first one is its home in lists and trails."""
    found = Incident.objects.filter(findings__changes=change).select_related("team__service").distinct()
    return sorted(found, key=lambda incident: (incident.recorded_at, incident.pk))


def ask(
    *,
    about: models.Model,
    incidents: list[Incident],
    kind: str,
    title: str,
    timescale: Timescale,
    source: str,
    at: datetime,
    owner: Person | None = None,
    role: Role | None = None,
    provider_id: UUID | None = None,
) -> None:
    """Open an obligation about a change, an action or its evidence, filed under the first of its incidents.

    What a quality meeting gave out has none, and then ``provider_id`` says whose it is: it is filed under no team.
    """
    home = incidents[0] if incidents else None
    ledger.open_obligation(
        provider_id=home.provider_id if home else provider_id,  # type: ignore[arg-type]
        team=home.team if home else None,
        story_id=home.pk if home else None,
        restricted=any(incident.restricted for incident in incidents),
        subject=about,
        kind=kind,
        title=title,
        timescale=timescale,
        clock_source=source,
        owner=owner,
        role=role,
        at=at,
    )


def after_go_live(change: OperationalChange, live: GoLive, at: datetime) -> list[Incident]:
    """What follows when a change is live: proof of its rollout is asked for unless it is there; its incidents."""
    ledger.meet(subject=change, kind=GO_LIVE, record=live, at=at)
    incidents = incidents_of(change)
    if not coverage_of(change).is_proven:
        ask(
            about=change,
            incidents=incidents,
            kind=PROOF,
            title=f"Prove the rollout in every team: {change.title}",
            timescale=working_days(PROOF_WORKING_DAYS),
            source=f"{LOCAL}: {PROOF_WORKING_DAYS} working days after go-live",
            owner=change.owner,
            at=live.live_at,
        )
    return incidents


def locked(change: OperationalChange) -> OperationalChange:
    """The change with its row locked, so that what is decided about it happens one after the other."""
    return OperationalChange.objects.select_for_update().get(pk=change.pk)


def must_stand(change: OperationalChange) -> None:
    """Refuse what comes too late.

    Raises:
        Stale: the change was withdrawn.
    """
    if hasattr(change, "withdrawal"):
        raise Stale("This change was withdrawn. Agree a new one instead.")


def only_once(create: Callable[[], T], sentence: str) -> T:
    """Create a row of which there can be one; whoever comes second is told so.

    Raises:
        Stale: with ``sentence``.
    """
    try:
        with transaction.atomic():
            return create()
    except IntegrityError:
        raise Stale(sentence) from None


def owner_problem(owner: Person, incidents: Iterable[Incident], at: datetime, provider_id: UUID | None = None) -> str:
    """Why ``owner`` cannot own a change or an action about these incidents; nothing where they can.

    ``provider_id`` is whose it is, for an action that is about no incident.
    """
    listed = list(incidents)
    whose = {incident.provider_id for incident in listed} | ({provider_id} if provider_id else set())
    if whose - {owner.provider_id} or not owner.is_active:
        return "Choose somebody who works here."
    if not owner.roles_anywhere(at) & REPORTS:
        return f"{owner.name} only reads here. Choose somebody who works here."
    if any(incident.kept_from.filter(person=owner).exists() for incident in listed):
        return f"{owner.name} has a conflict of interest in this. Choose somebody else."
    return ""


def tell_owner(owner: Person, by: By, *, key: str, what: str, at: datetime) -> None:
    """Tell a new owner by e-mail, without saying what it is about; not when they gave it to themselves."""
    if isinstance(by, Person) and by.pk == owner.pk:
        return
    ledger.tell(
        to=owner,
        key=key,
        subject=f"You now own {what}",
        body=f"Somebody asked you to own {what} in Safer Practice. Sign in and open your work to see it and its day.",
        at=at,
    )


def pass_obligations(subject: models.Model, *, to: Person) -> None:
    """What the previous owner still owed about ``subject`` is owed by ``to``. Its deadlines stay."""
    Obligation.objects.open().filter(subject_id=subject.pk, owner__isnull=False).update(owner=to)


def reason_given(reason: str, *, advice: str, most: int = 0) -> str:
    """The reason without space around it.

    Raises:
        Invalid: there is none, or it is too long.
    """
    if not as_written(reason):
        raise Invalid({"reason": advice})
    if most and len(reason.strip()) > most:
        raise Invalid({"reason": f"Shorten this to {most} characters."})
    return reason.strip()


@operation
def tell_other_story(
    *, by: By, at: datetime, change: OperationalChange, incident: Incident, sentence: str
) -> Entry[OperationalChange]:
    """Say in the story of a further incident what was done about a change that answers it too."""
    return Entry(result=change, subject=change, story_id=incident.pk, sentence=sentence)


def tell_other_stories(
    *, by: By, at: datetime, change: OperationalChange, incidents: list[Incident], sentence: str
) -> None:
    """Say it in every story but the first, whose entry the calling operation writes."""
    for incident in incidents[1:]:
        tell_other_story(by=by, at=at, change=change, incident=incident, sentence=sentence)
