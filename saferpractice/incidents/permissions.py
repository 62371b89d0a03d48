"""Who may report, open, correct and restrict incidents."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person, Team
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import REPORTS, Role
from saferpractice.incidents.models import Incident
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process

DECIDES_ON_ACCESS = frozenset({Role.SAFEGUARDING_LEAD, Role.DIRECTOR})


def check_can_report(*, by: By, at: datetime, team: Team) -> None:
    """Refuse unless ``by`` works for the provider of ``team``. Anyone who works here may report from any team.

    Raises:
        Refused: with the reason as a sentence.
    """
    if isinstance(by, Process):
        return
    if not isinstance(by, Person) or by.provider_id != team.provider_id or not by.roles_anywhere(at) & REPORTS:
        raise Refused("Only people who work for this provider may report an incident here.")


def check_can_report_somewhere(*, by: By, at: datetime) -> None:
    """Refuse unless ``by`` works for a provider. Commissioners and inspectors read; they do not report here.

    Raises:
        Refused: with the reason as a sentence.
    """
    if isinstance(by, Person) and not by.roles_anywhere(at) & REPORTS:
        raise Refused("Only people who work for this provider may report an incident here.")


def check_can_open(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may open ``incident`` (see ``Incidents.visible_to``).

    Raises:
        Refused: worded so that it does not say whether the incident exists.
    """
    if isinstance(by, Process):
        return
    if not isinstance(by, Person) or not Incident.objects.visible_to(by, at).filter(pk=incident.pk).exists():
        raise Refused("There is no such incident among those you may see.")


def check_can_work_on(*, by: By, at: datetime, incident: Incident, among: frozenset[Role], to_do: str) -> None:
    """Refuse unless ``by`` may open ``incident`` and holds one of the roles ``among`` over its team.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_open(by=by, at=at, incident=incident)
    check_has_role(by=by, at=at, place=incident.team.place, among=among, to_do=to_do)


def check_can_correct(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` reported the incident or may open it."""
    if isinstance(by, Person) and incident.reporter_id == by.pk:
        return
    check_can_open(by=by, at=at, incident=incident)


def check_can_decide_access(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` is a safeguarding lead or director who may open the incident."""
    check_can_work_on(by=by, at=at, incident=incident, among=DECIDES_ON_ACCESS, to_do="decide who may see an incident")


ACTS_FOR_THE_PERSON = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.DIRECTOR})


def check_can_see_name(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may open the incident and must act for the person it concerns: whoever triages it."""
    check_can_work_on(
        by=by, at=at, incident=incident, among=ACTS_FOR_THE_PERSON, to_do="see the name of the person it concerns"
    )


def check_can_see_reporter(*, by: By, at: datetime, incident: Incident) -> None:
    """Refuse unless ``by`` may know the name of a reporter who asked colleagues not to.

    The safeguarding lead may, because the reporter may need protecting; so may the reporter.
    """
    if isinstance(by, Person) and incident.reporter_id == by.pk:
        return
    check_can_decide_access(by=by, at=at, incident=incident)
