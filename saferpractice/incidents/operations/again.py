"""A report that is sent again with other answers: what differs, and putting it beside the report."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person, Team
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.local_times import local_time
from saferpractice.deadlines.recipients import Matter, role_that_answers
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Correction, Incident
from saferpractice.incidents.operations.later import correct_report
from saferpractice.incidents.operations.shared import is_reporter
from saferpractice.incidents.permissions import check_can_correct
from saferpractice.incidents.rules import Answer, Precision, Report, kept_reference
from saferpractice.lists.queries import label_of
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Difference, Invalid, SentBefore, differing
from saferpractice.trail.rules import By

TRIAGE = "triage.decide"
"""The kind of the obligation to triage an incident."""
DECIDE_TRIAGE = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
"""Roles that can triage, so that one may be asked in place of another that nobody holds."""


def check_same_report(earlier: Incident, *, by: By, team: Team, report: Report) -> None:
    """Refuse a form key that somebody else used, or that this person used for a report with other answers.

    Raises:
        Invalid: the key is not this person's.
        SentBefore: it is, and the answers differ.
    """
    if earlier.reporter_id != (by.pk if isinstance(by, Person) else None):
        raise Invalid("This form was already sent. Start a new report.")
    found = _differences(earlier, team, report)
    if found:
        raise SentBefore(f"This report was already sent, as incident {earlier.reference}.", found)


def _differences(earlier: Incident, team: Team, report: Report) -> tuple[Difference, ...]:
    """What differs from the report as it was first written, whatever was corrected or decided since."""
    provider_id = earlier.provider_id
    graded = earlier.harm_gradings.order_by("decided_at", "pk").first()
    known = earlier.person_supported.reference if earlier.person_supported else ""
    named = bool(earlier.person_supported and earlier.person_supported.name_encrypted)
    restricted = earlier.restriction_decisions.filter(decided_at=earlier.recorded_at, restricted=True).exists()
    answers = [
        ("Still at risk", Answer(earlier.still_at_risk).label, report.still_at_risk.label),
        ("Who is at risk, and from what", earlier.risk_words, report.risk_words),
        ("What happened", earlier.what_happened, report.what_happened.strip()),
        ("When", _when(earlier.occurred_at, earlier.occurred_precision), _when(*_occurred(report))),
        ("Team", earlier.team.name, team.name if team.pk != earlier.team_id else earlier.team.name),
        ("Who it concerns", known, kept_reference(report.person_reference)),
        ("Their name", "", "" if named else report.person_name.strip()),
        *(
            (
                question,
                label_of(listed, getattr(graded, name), provider_id=provider_id),
                label_of(listed, getattr(report, name), provider_id=provider_id),
            )
            for question, name, listed in HARMS
        ),
        ("Done at once", earlier.done_at_once, report.done_at_once.strip()),
        ("Also known", earlier.also_known, report.also_known.strip()),
        (
            "What it is about",
            *(
                ", ".join(sorted({label_of("themes", code, provider_id=provider_id) for code in codes}))
                for codes in (earlier.themes, report.themes)
            ),
        ),
        ("Your name is withheld", _yes_no(earlier.name_withheld), _yes_no(report.name_withheld)),
        ("Only named people may see it", _yes_no(restricted), _yes_no(report.restricted)),
    ]
    return tuple(differing((question, recorded.strip(), typed.strip()) for question, recorded, typed in answers))


HARMS = (
    ("Physical harm", "physical_harm", "physical-harm"),
    ("Psychological harm", "psychological_harm", "psychological-harm"),
)


def _occurred(report: Report) -> tuple[datetime | None, str]:
    return report.occurred_at, report.occurred_precision


def _when(moment: datetime | None, precision: str) -> str:
    how_well = Precision(precision).label
    return f"{local_time_label(moment)}. {how_well}" if moment else how_well


def _yes_no(value: bool) -> str:  # noqa: FBT001
    return "Yes" if value else "No"


@operation
def add_to_report(
    *, by: By, at: datetime, incident: Incident, team: Team, report: Report
) -> Entry[Correction] | Already[Correction]:
    """Put what differs in a report sent again beside the first one (R7). What was first written stays.

    Where the harm is told otherwise, triage is asked for again the same day. When nobody was thought to be at risk and
    now somebody may be, it is asked for within the hour, and whoever decides is told at once. Sent twice, it is added
    once.

    Raises:
        Refused: ``by`` may not correct the report.
        Invalid: nothing differs.
    """
    check_can_correct(by=by, at=at, incident=incident)
    incident = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    found = _differences(incident, team, report)
    if not found:
        raise Invalid("Nothing differs from what was sent before.")
    text = _as_text(report, found)
    earlier = incident.corrections.filter(text=text).first()
    if earlier is not None:
        return Already(earlier)
    correction = correct_report(
        by=by,
        at=at,
        incident=incident,
        part="learnt_later",
        text=text,
        reason="The report was sent again with other answers.",
    )
    asked = {one.question for one in found}
    if incident.still_at_risk == Answer.NO and report.still_at_risk is not Answer.NO:
        _ask_again(incident, at, why="somebody may be at risk after all", urgent=True)
    elif asked & {question for question, _, _ in HARMS}:
        _ask_again(incident, at, why="the harm is told otherwise", urgent=False)
    return Entry(
        result=correction,
        subject=incident,
        story_id=incident.pk,
        sentence="sent the report again and added what differs",
        facts={"still_at_risk": report.still_at_risk},
        withhold_name=incident.name_withheld and is_reporter(incident, by),
    )


def _as_text(report: Report, found: tuple[Difference, ...]) -> str:
    """Every answer that differs, whole: a long one is cut where it is shown, never where it is kept."""
    whole = {
        "Who is at risk, and from what": report.risk_words,
        "What happened": report.what_happened,
        "Done at once": report.done_at_once,
        "Also known": report.also_known,
    }
    return "\n".join(
        f"{one.question}: {as_written(whole.get(one.question, one.typed)) or 'Not given'}" for one in found
    )


def _ask_again(incident: Incident, at: datetime, *, why: str, urgent: bool) -> None:
    """Ask for triage again. Whoever reports may not decide, so nothing is graded or decided anew by this."""
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
        title=f"Triage incident {incident.reference}: {why}",
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
            key=f"incident:{incident.pk}:at-risk-after-all",
            subject=f"Decide now: incident {incident.reference}, somebody may be at risk after all",
            body="Whoever reported an incident has now said that somebody is, or may be, still at risk. Sign in to "
            f"Safer Practice and open incident {incident.reference}.",
            at=at,
            story_id=incident.pk,
            restricted=incident.restricted,
        )
