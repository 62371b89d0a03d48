"""Consent and sharing, partner by partner: on the case's page at a glance, on the page of its partners in full."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import local_time_label
from saferpractice.partners.models import Agency, PartnerInvitation, ShownRecord
from saferpractice.partners.queries.listed import agencies_of, invitations_of, shown_on
from saferpractice.partners.queries.seeing import Shared, facts_of, shared_with
from saferpractice.partners.rules import Facts, Sight, named_by, sight, standing, why_not
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.presenters import Labels, record_label, values_shown
from saferpractice.pathways.queries import definition_of, worked_by
from saferpractice.pathways.rules.definition import RecordKind

MEANING = {Sight.OPEN: "good", Sight.CLOSED: "quiet", Sight.UNDECIDED: "waiting", Sight.SUSPENDED: "warning"}


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One partner on a case: how sharing stands, by whose decision, what it sees, and who was let in."""

    agency: Agency
    sight: Sight
    meaning: str
    why_not: str
    decision: list[dict[str, str]]
    decided: str
    answer: str
    shared: list[dict[str, Any]]
    invitations: list[dict[str, Any]]
    looked: str


def panel(case: PathwayCase, by: Person, at: datetime) -> dict[str, Any] | None:
    """The partners of a case, as its page shows them; None where its pathway shares nothing."""
    if definition_of(case).deciding is None:
        return None
    return {"case": case, "lines": lines(case, at)}


def lines(case: PathwayCase, at: datetime) -> list[PartnerLine]:
    """Every partner that has a part in the case, or that somebody named in it, by name."""
    facts, records = facts_of(case), list(case.records.all())
    labels = Labels.of(case.provider_id, worked_by(case), records)
    invitations, shown = invitations_of(case), list(shown_on(case))
    found = []
    for agency in agencies_of(case.provider_id):
        mine = [invitation for invitation in invitations if invitation.contact.agency_id == agency.pk]
        if mine or str(agency.pk) in _named(facts):
            looks = [each for each in shown if each.contact.agency_id == agency.pk]
            found.append(
                _line(
                    case, facts, agency, labels, invitations=[invitation_shown(each, at) for each in mine], looks=looks
                )
            )
    return found


def _named(facts: Facts) -> set[str]:
    named: set[str] = set()
    for record in facts.records:
        kind = facts.definition.kinds.get(record.kind)
        named |= named_by(kind, record) if kind else frozenset()
    return named


def _line(
    case: PathwayCase,
    facts: Facts,
    agency: Agency,
    labels: Labels,
    *,
    invitations: list[dict[str, Any]],
    looks: list[ShownRecord],
) -> PartnerLine:
    code = str(agency.pk)
    last, now = standing(facts, code), sight(facts, code)
    row = case.records.get(pk=last.record.id) if last else None
    said = values_shown(facts.definition, _about_one(facts.definition.kinds[row.kind]), row, labels) if row else []
    return PartnerLine(
        agency=agency,
        sight=now,
        meaning=MEANING[now],
        why_not=why_not(facts, code),
        decision=said,
        decided=f"{row.decided_by_name}, {row.decided_by_role}, {local_time_label(row.decided_at)}" if row else "",
        answer=_answer(facts, row, labels),
        shared=[_shared(case, facts, agency, each) for each in shared_with(case, agency, facts)],
        invitations=invitations,
        looked=local_time_label(looks[0].at) if looks else "",
    )


def _about_one(kind: RecordKind) -> RecordKind:
    """``kind`` without the field that names the partner: on these pages it stands above."""
    return kind.model_copy(update={"fields": tuple(part for part in kind.fields if part not in kind.naming_partners)})


def _answer(facts: Facts, row: PathwayRecord | None, labels: Labels) -> str:
    """What was decided, in the words of the answer that decides it."""
    kind = facts.definition.deciding
    if row is None or kind is None:
        return ""
    tested = {test.field for test in kind.lets_share}
    asked = {part.label for part in kind.fields if part.id in tested}
    return "; ".join(
        said["value"] for said in values_shown(facts.definition, kind, row, labels) if said["key"] in asked
    )


def _shared(case: PathwayCase, facts: Facts, agency: Agency, each: Shared) -> dict[str, Any]:
    chosen = facts.definition.kinds[each.row.kind].sharing == "chosen"
    return {
        "label": f"{facts.definition.kinds[each.row.kind].label}, {local_time_label(each.row.happened_at)}",
        "newer": each.seen.newer,
        "take_back": reverse("partners:take_back", args=[case.pk, agency.pk, each.row.pk]) if chosen else "",
    }


def invitation_shown(invitation: PartnerInvitation, at: datetime) -> dict[str, Any]:
    """An invitation as staff see it: to whom, and whether it can be used, was used, or is over."""
    if invitation.ended_at is not None:
        state, when, meaning = "Ended", local_time_label(invitation.ended_at), "quiet"
    elif invitation.used_at is not None:
        state, when, meaning = "Came in", local_time_label(invitation.used_at), "good"
    elif invitation.expires_at <= at:
        state, when, meaning = "Ran out", local_time_label(invitation.expires_at), "warning"
    else:
        state, when, meaning = "Sent", f"works until {local_time_label(invitation.expires_at)}", "working"
    end = reverse("partners:end_invitation", args=[invitation.case_id, invitation.pk])
    return {
        "who": invitation.contact.name,
        "state": state,
        "when": when,
        "meaning": meaning,
        "end": "" if invitation.ended_at else end,
    }


def look_rows(case: PathwayCase, shown: Iterable[ShownRecord]) -> list[list[Any]]:
    """Who was shown what, a row each."""
    worked = worked_by(case)
    return [
        [local_time_label(each.at), each.contact.name, each.contact.agency.name, record_label(each.record, worked)]
        for each in shown
    ]
