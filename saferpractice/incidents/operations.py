"""Writes of stage 1: report, correct, grade harm, decide who may see."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person, Provider, Team
from saferpractice.access.rules import Role
from saferpractice.config import encryption
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import clock_hours, local_day, same_day
from saferpractice.incidents.models import (
    Correction,
    HarmGrading,
    Incident,
    IncidentTheme,
    KeptFrom,
    NamedAccess,
    PersonSupported,
    ReferenceCounter,
    RestrictionDecision,
    Withdrawal,
)
from saferpractice.incidents.permissions import (
    check_can_correct,
    check_can_decide_access,
    check_can_open,
    check_can_report,
)
from saferpractice.incidents.rules import Answer, KeptFromReason, Report, problems_of
from saferpractice.lists.queries import codes
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import NAME_WITHHELD, By

TRIAGE = "triage.decide"
"""The kind of the obligation to triage an incident."""


@operation
def report_incident(
    *,
    by: By,
    at: datetime,
    team: Team,
    report: Report,
    submission_key: str,
    known_at: datetime | None = None,
    source_system: str = "",
    source_reference: str = "",
) -> Entry[Incident] | Already[Incident]:
    """Report an incident (R6). The same ``submission_key`` again gives the same incident, not a second one.

    Opens the obligation to triage it: the same day; within the hour when somebody is or may be still at risk,
    and then whoever must decide is told at once.

    Raises:
        Refused: ``by`` does not work here.
        Invalid: an answer cannot be used, or the key was used for a report with other answers.
    """
    check_can_report(by=by, at=at, team=team)
    earlier = Incident.objects.filter(provider_id=team.provider_id, submission_key=submission_key).first()
    if earlier is not None:
        return _again(earlier, by, report)
    _check_answers(report, team, at)
    incident = _create(
        by,
        at,
        team,
        report,
        submission_key=submission_key,
        known_at=known_at or at,
        source_system=source_system,
        source_reference=source_reference,
    )
    _write_what_goes_with_it(incident, by, at, report)
    _ask_for_triage(incident, at)
    return Entry(
        result=incident,
        subject=incident,
        story_id=incident.pk,
        sentence=f"reported incident {incident.reference}",
        facts={"team": team.name, "themes": report.themes, "still_at_risk": report.still_at_risk},
        withhold_name=report.name_withheld,
    )


def _check_answers(report: Report, team: Team, at: datetime) -> None:
    day = local_day(at)
    listed = {
        name: codes(name, provider_id=team.provider_id, on=day)
        for name in ("themes", "physical-harm", "psychological-harm")
    }
    problems = problems_of(report, at=at, codes=listed)
    if problems:
        raise Invalid(problems)


def _create(by: By, at: datetime, team: Team, report: Report, **columns: object) -> Incident:
    return Incident.objects.create(
        provider_id=team.provider_id,
        team=team,
        reference=_next_reference(team.provider, local_day(at).year),
        reporter=by if isinstance(by, Person) else None,
        name_withheld=report.name_withheld,
        person_supported=_person_supported(team.provider, report),
        what_happened=report.what_happened.strip(),
        done_at_once=report.done_at_once.strip(),
        also_known=report.also_known.strip(),
        occurred_at=report.occurred_at,
        occurred_precision=report.occurred_precision,
        recorded_at=at,
        themes=list(report.themes),
        physical_harm=report.physical_harm,
        psychological_harm=report.psychological_harm,
        still_at_risk=report.still_at_risk,
        risk_words=report.risk_words.strip(),
        restricted=report.restricted,
        **columns,
    )


def _write_what_goes_with_it(incident: Incident, by: By, at: datetime, report: Report) -> None:
    who = _who(incident, by, at)
    IncidentTheme.objects.bulk_create(
        IncidentTheme(incident=incident, team=incident.team, theme=theme, recorded_at=at)
        for theme in dict.fromkeys(report.themes)
    )
    HarmGrading.objects.create(
        incident=incident, physical_harm=report.physical_harm, psychological_harm=report.psychological_harm, **who
    )
    if report.restricted:
        RestrictionDecision.objects.create(
            incident=incident, restricted=True, reason=report.restricted_reason.strip(), **who
        )
        _name_leads(incident, at)


def _again(earlier: Incident, by: By, report: Report) -> Already[Incident]:
    reporter_id = by.pk if isinstance(by, Person) else None
    if earlier.reporter_id == reporter_id and earlier.what_happened == report.what_happened.strip():
        return Already(earlier)
    raise Invalid(
        f"This report was already sent, as incident {earlier.reference}. To add to it, open it and add a correction; "
        "to report something else, start a new report."
    )


def _who(incident: Incident, by: By, at: datetime) -> dict[str, object]:
    columns = decided(by, at)
    if incident.name_withheld and isinstance(by, Person) and by.pk == incident.reporter_id:
        columns |= {"decided_by": None, "decided_by_name": NAME_WITHHELD, "decided_by_role": ""}
    return columns


def _next_reference(provider: Provider, year: int) -> str:
    ReferenceCounter.objects.get_or_create(provider=provider, year=year)
    counter = ReferenceCounter.objects.select_for_update().get(provider=provider, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{year}-{counter.last:05d}"


def _person_supported(provider: Provider, report: Report) -> PersonSupported | None:
    reference = " ".join(report.person_reference.split()).upper()
    if not reference:
        return None
    person, _ = PersonSupported.objects.get_or_create(provider=provider, reference=reference)
    if report.person_name.strip() and not person.name_encrypted:
        person.name_encrypted = encryption.encrypt(report.person_name.strip(), name_context(person))
        person.save(update_fields=["name_encrypted"])
    return person


def name_context(person: PersonSupported) -> str:
    """What a person's encrypted name is bound to: it cannot be read out of another row."""
    return f"incidents.personsupported:{person.pk}"


def _name_leads(incident: Incident, at: datetime) -> None:
    """Name the safeguarding leads of the place (else its directors), so that somebody can act on it."""
    place = incident.team.place
    people = Person.objects.holding(Role.SAFEGUARDING_LEAD, place, at)
    for person in people or Person.objects.holding(Role.DIRECTOR, place, at):
        if person.pk != incident.reporter_id:
            _give(incident, person, at, reason="Leads safeguarding here", given_by="Safer Practice")


def _give(incident: Incident, person: Person, at: datetime, *, reason: str, given_by: str) -> NamedAccess:
    return NamedAccess.objects.create(
        incident=incident, person=person, reason=reason[:300], given_by_name=given_by, from_at=at
    )


def _ask_for_triage(incident: Incident, at: datetime) -> None:
    urgent = incident.still_at_risk != Answer.NO
    role = Role.SAFEGUARDING_LEAD if incident.restricted else Role.DUTY_MANAGER
    ledger.open_obligation(
        provider_id=incident.provider_id,
        team=incident.team,
        story_id=incident.pk,
        restricted=incident.restricted,
        subject=incident,
        kind=TRIAGE,
        title=f"Triage incident {incident.reference}" + (": somebody may still be at risk" if urgent else ""),
        timescale=clock_hours(1) if urgent else same_day(),
        clock_source="Local standard: triage the same day, within the hour when somebody may still be at risk",
        role=role,
        at=at,
    )
    if urgent:
        ledger.tell_role(
            role=role,
            team=incident.team,
            key=f"incident:{incident.pk}:at-risk",
            subject=f"Decide now: incident {incident.reference}, somebody may still be at risk",
            body="An incident was reported in which somebody is, or may be, still at risk. Sign in to Safer Practice "
            f"and open incident {incident.reference}.",
            at=at,
        )


@operation
def grade_harm(
    *, by: By, at: datetime, incident: Incident, physical_harm: str, psychological_harm: str, reason: str
) -> Entry[HarmGrading]:
    """Grade the harm again, with the reason. The earlier grading stays beside it (R7)."""
    check_can_open(by=by, at=at, incident=incident)
    problems = {}
    for name, listed, value in (
        ("physical_harm", "physical-harm", physical_harm),
        ("psychological_harm", "psychological-harm", psychological_harm),
    ):
        if value not in codes(listed, provider_id=incident.provider_id, on=local_day(at)):
            problems[name] = f"Choose the {name.replace('_', ' ')} that fits best."
    if not reason.strip():
        problems["reason"] = "Say what is known now that changes the grading."
    if problems:
        raise Invalid(problems)
    grading = HarmGrading.objects.create(
        incident=incident,
        physical_harm=physical_harm,
        psychological_harm=psychological_harm,
        reason=reason.strip(),
        **_who(incident, by, at),
    )
    Incident.objects.filter(pk=incident.pk).update(physical_harm=physical_harm, psychological_harm=psychological_harm)
    incident.refresh_from_db(fields=["physical_harm", "psychological_harm"])
    return Entry(
        result=grading,
        subject=incident,
        story_id=incident.pk,
        sentence="graded the harm again",
        facts={"physical": physical_harm, "psychological": psychological_harm},
        withhold_name=incident.name_withheld and _is_reporter(incident, by),
    )


def _is_reporter(incident: Incident, by: By) -> bool:
    return isinstance(by, Person) and by.pk == incident.reporter_id


@operation
def correct_report(*, by: By, at: datetime, incident: Incident, part: str, text: str, reason: str) -> Entry[Correction]:
    """Put a correction, or something learnt later, beside the report. What was first written stays (R7)."""
    check_can_correct(by=by, at=at, incident=incident)
    problems = {}
    if not text.strip():
        problems["text"] = "Enter the correction or what you have learnt."
    if not reason.strip():
        problems["reason"] = "Say how you know."
    if problems:
        raise Invalid(problems)
    correction = Correction.objects.create(
        incident=incident, part=part[:40], text=text.strip(), reason=reason.strip(), **_who(incident, by, at)
    )
    return Entry(
        result=correction,
        subject=incident,
        story_id=incident.pk,
        sentence="added a correction to the report",
        facts={"part": part},
        withhold_name=incident.name_withheld and _is_reporter(incident, by),
    )


@operation
def decide_restriction(
    *, by: By, at: datetime, incident: Incident, restricted: bool, reason: str
) -> Entry[RestrictionDecision]:
    """Restrict an incident to named people, or lift that. Whoever restricts is named, so somebody can act."""
    check_can_decide_access(by=by, at=at, incident=incident)
    if not reason.strip():
        raise Invalid({"reason": "Say why."})
    if incident.restricted == restricted:
        raise Invalid("This incident is already " + ("restricted." if restricted else "open to its service."))
    decision = RestrictionDecision.objects.create(
        incident=incident, restricted=restricted, reason=reason.strip(), **decided(by, at)
    )
    Incident.objects.filter(pk=incident.pk).update(restricted=restricted)
    Obligation.objects.filter(story_id=incident.pk).update(restricted=restricted)
    incident.refresh_from_db(fields=["restricted"])
    if restricted and isinstance(by, Person):
        _give(incident, by, at, reason="Restricted this incident", given_by=by.name)
    did = "restricted this incident to named people" if restricted else "lifted the restriction"
    return Entry(result=decision, subject=incident, story_id=incident.pk, sentence=did)


@operation
def name_person(*, by: By, at: datetime, incident: Incident, person: Person, reason: str) -> Entry[NamedAccess]:
    """Let ``person`` into this incident by name, with the reason."""
    check_can_decide_access(by=by, at=at, incident=incident)
    return _named(by, at, incident, person, reason)


@operation
def name_reviewer(*, by: By, at: datetime, incident: Incident, person: Person, reason: str) -> Entry[NamedAccess]:
    """Let somebody asked to review into the incident. Whoever may ask for the review may do this with it."""
    check_can_open(by=by, at=at, incident=incident)
    return _named(by, at, incident, person, reason)


def _named(by: By, at: datetime, incident: Incident, person: Person, reason: str) -> Entry[NamedAccess]:
    if person.provider_id != incident.provider_id:
        raise Invalid({"person": "Choose somebody of this provider."})
    if incident.kept_from.filter(person=person).exists():
        raise Invalid({"person": f"{person.name} must not read this incident. Choose somebody else."})
    if not reason.strip():
        raise Invalid({"reason": "Say why they need to see it."})
    named = _give(incident, person, at, reason=reason.strip(), given_by=by.signature(at).name)
    return Entry(result=named, subject=incident, story_id=incident.pk, sentence=f"named {person.name} on this incident")


@operation
def end_named_access(*, by: By, at: datetime, named: NamedAccess) -> Entry[NamedAccess]:
    """End somebody's access by name. It takes effect with their next page."""
    check_can_decide_access(by=by, at=at, incident=named.incident)
    if not NamedAccess.objects.filter(pk=named.pk, until_at__isnull=True).update(until_at=at):
        raise Invalid("This access has already ended.")
    named.refresh_from_db()
    return Entry(
        result=named,
        subject=named.incident,
        story_id=named.incident_id,
        sentence=f"ended the access of {named.person.name}",
    )


@operation
def end_reviewer_access(
    *, by: By, at: datetime, incident: Incident, person: Person, reason: str
) -> Entry[int] | Already[int]:
    """End what ``name_reviewer`` gave ``person`` for ``reason``, when somebody else takes the review over."""
    check_can_open(by=by, at=at, incident=incident)
    ended = incident.named_access.filter(person=person, reason=reason, until_at__isnull=True).update(until_at=at)
    if not ended:
        return Already(0)
    return Entry(
        result=ended, subject=incident, story_id=incident.pk, sentence=f"ended the access of {person.name} as reviewer"
    )


@operation
def keep_from(
    *, by: By, at: datetime, incident: Incident, person: Person, because: KeptFromReason
) -> Entry[KeptFrom] | Already[KeptFrom]:
    """Keep ``person`` from ever reading this incident: an allegation is about them, they are family…"""
    check_can_decide_access(by=by, at=at, incident=incident)
    if isinstance(by, Person) and by.pk == person.pk:
        raise Invalid({"person": "Ask another safeguarding lead or a director to do this for you."})
    earlier = KeptFrom.objects.filter(incident=incident, person=person).first()
    if earlier is not None:
        return Already(earlier)
    kept = KeptFrom.objects.create(incident=incident, person=person, because=because, **decided(by, at))
    return Entry(
        result=kept, subject=incident, story_id=incident.pk, sentence="recorded a conflict of interest of a colleague"
    )


@operation
def withdraw_incident(*, by: By, at: datetime, incident: Incident, reason: str) -> Entry[Withdrawal]:
    """Withdraw an incident that should not stand. Its row and its trail stay; its obligations are cancelled."""
    check_can_decide_access(by=by, at=at, incident=incident)
    if not reason.strip():
        raise Invalid({"reason": "Say why this incident should not stand."})
    withdrawal = Withdrawal.objects.create(incident=incident, reason=reason.strip(), **decided(by, at))
    Obligation.objects.open().filter(story_id=incident.pk).update(
        cancelled_at=at, cancelled_because="The incident was withdrawn", next_escalation_at=None
    )
    return Entry(
        result=withdrawal,
        subject=incident,
        story_id=incident.pk,
        sentence=f"withdrew incident {incident.reference}",
        facts={"reason": reason},
    )


def send_report(*, by: By, at: datetime, team: Team, report: Report, submission_key: str) -> Incident:
    """``report_incident``, also when the same form is sent twice at one moment: the loser finds the winner's."""
    try:
        return report_incident(by=by, at=at, team=team, report=report, submission_key=submission_key)
    except IntegrityError:
        return report_incident(by=by, at=at, team=team, report=report, submission_key=submission_key)
