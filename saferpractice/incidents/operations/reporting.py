"""Report an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.models import Person, Provider, Team
from saferpractice.access.rules import Role
from saferpractice.config import encryption
from saferpractice.deadlines import ledger
from saferpractice.deadlines.local_times import local_time
from saferpractice.deadlines.recipients import Matter, role_that_answers
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import (
    HarmGrading,
    Incident,
    IncidentTheme,
    PersonSupported,
    ReferenceCounter,
    RestrictionDecision,
)
from saferpractice.incidents.operations.again import DECIDE_TRIAGE, TRIAGE, check_same_report
from saferpractice.incidents.operations.shared import give, who_reports
from saferpractice.incidents.permissions import check_can_report
from saferpractice.incidents.queries import name_context
from saferpractice.incidents.rules import Answer, Report, kept_reference, problems_of
from saferpractice.lists.queries import codes
from saferpractice.trail.operations import Already, Entry, operation, twice_at_once
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By


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
        Invalid: an answer cannot be used; ``SentBefore``: the key was used for a report with other answers.
    """
    check_can_report(by=by, at=at, team=team)
    earlier = Incident.objects.filter(provider_id=team.provider_id, submission_key=submission_key).first()
    if earlier is not None:
        check_same_report(earlier, by=by, team=team, report=report)
        return Already(earlier)
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


def _create(by: By, at: datetime, team: Team, report: Report, **columns: Any) -> Incident:
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
    who = who_reports(incident, by, at)
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


def _next_reference(provider: Provider, year: int) -> str:
    ReferenceCounter.objects.get_or_create(provider=provider, year=year)
    counter = ReferenceCounter.objects.select_for_update().get(provider=provider, year=year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{year}-{counter.last:05d}"


def _person_supported(provider: Provider, report: Report) -> PersonSupported | None:
    reference = kept_reference(report.person_reference)
    if not reference:
        return None
    person, _ = PersonSupported.objects.get_or_create(provider=provider, reference=reference)
    if as_written(report.person_name) and not person.name_encrypted:
        person.name_encrypted = encryption.encrypt(report.person_name.strip(), name_context(person))
        person.save(update_fields=["name_encrypted"])
    return person


def _name_leads(incident: Incident, at: datetime) -> None:
    """Name the safeguarding leads of the place, so that somebody can act on it; a lead who reports it, too.

    Where no lead but the reporter is there, the directors are named as well.
    """
    place = incident.team.place
    leads = list(Person.objects.holding(Role.SAFEGUARDING_LEAD, place, at))
    people = {person.pk: person for person in leads}
    if not people.keys() - {incident.reporter_id}:
        people |= {person.pk: person for person in Person.objects.holding(Role.DIRECTOR, place, at)}
    for person in people.values():
        give(incident, person, at, reason="Leads safeguarding here", given_by="Safer Practice")


def _ask_for_triage(incident: Incident, at: datetime) -> None:
    urgent = incident.still_at_risk != Answer.NO
    matter = Matter(incident.provider_id, incident.team, incident.pk, incident.restricted, at)
    usual = Role.SAFEGUARDING_LEAD if incident.restricted else Role.DUTY_MANAGER
    role = role_that_answers(usual, matter, DECIDE_TRIAGE)
    ledger.open_obligation(
        provider_id=incident.provider_id,
        team=incident.team,
        story_id=incident.pk,
        restricted=incident.restricted,
        subject=incident,
        kind=TRIAGE,
        title=f"Triage incident {incident.reference}" + (": somebody may still be at risk" if urgent else ""),
        timescale=local_time("triage-at-risk" if urgent else "triage", provider_id=incident.provider_id, at=at),
        clock_source="Local standard: how soon an incident is triaged, soonest when somebody may still be at risk",
        role=role,
        urgent=urgent,
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
            story_id=incident.pk,
            restricted=incident.restricted,
        )


def send_report(*, by: By, at: datetime, team: Team, report: Report, submission_key: str) -> Incident:
    """``report_incident``, also when the same form is sent twice at one moment: the loser finds the winner's."""
    return twice_at_once(lambda: report_incident(by=by, at=at, team=team, report=report, submission_key=submission_key))
