"""What a quality statement counts, in words that fit the number, and what it leaves out (R34)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.access.models import Team
from saferpractice.access.operations import end_role
from saferpractice.changes.operations import decide_evidence
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.queries.quality_statements import LISTED, PROOFS, proofs_of
from saferpractice.evidence.rules.inspections import Link, Masked, Proof, Roles
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, withdraw_incident
from saferpractice.reviews.models import Review
from saferpractice.triage.operations import decide_threshold
from tests.factories.audits import a_draw, an_audit_plan, read_all
from tests.factories.changes import a_briefing_held, a_finding, a_live_change, an_action, some_evidence
from tests.factories.incidents import an_incident
from tests.factories.inspections import an_inspection
from tests.factories.reviews import a_review, completed
from tests.factories.supervision import a_point, supervised, talked
from tests.factories.thematic import MET_AT, a_draft, a_meeting, signed
from tests.factories.triage import a_referral, a_triage, choose, do_not_refer, refer
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R34")
OPENED = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
AT = OPENED + timedelta(hours=2)


def inspected(cast: Cast, **changes: Any) -> Inspection:
    return an_inspection(cast, at=OPENED, **changes)


def proof(made: Inspection, title: str) -> Proof:
    """What the records say under a title."""
    every = [one for code in PROOFS for one in proofs_of(made, code, AT)]
    return next(one for one in every if one.title.startswith(title))


def incident_of(cast: Cast, team: Team | None = None, **changes: Any) -> Incident:
    return an_incident(by=cast.worker, team=team or cast.north, **changes)


def hide(cast: Cast, incident: Incident) -> None:
    decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")


def counts(made: Inspection) -> dict[str, str]:
    """The count that each title begins with."""
    return {one.title: one.count for code in PROOFS for one in proofs_of(made, code, AT)}


NONE = {
    "Incidents reported, and reviewed in proportion": "0 incidents reported",
    "What was found": "0 findings",
    "Triaged straight after the incident": "0 triaged in time",
    "Safeguarding decisions with their rationale": "0 threshold decisions",
    "Who was told": "0 referrals to the local authority",
    "Action plans": "0 actions done, with evidence accepted",
    "Audits of what was changed": "0 audits with a result",
    "Supervision on safeguarding learning": "0 discussions held",
    "Quality meetings": "0 quality meetings held on a thematic review",
    "Changes to how work is done": "0 changes proven in every team",
}
ONE = {
    "Incidents reported, and reviewed in proportion": "1 incident reported",
    "What was found": "1 finding",
    "Triaged straight after the incident": "1 triaged in time",
    "Safeguarding decisions with their rationale": "1 threshold decision",
    "Who was told": "1 referral to the local authority",
    "Action plans": "1 action done, with evidence accepted",
    "Audits of what was changed": "1 audit with a result",
    "Supervision on safeguarding learning": "1 discussion held",
    "Quality meetings": "1 quality meeting held on a thematic review",
    "Changes to how work is done": "1 change proven in every team",
}


def one_of_each(cast: Cast) -> Incident:
    """An incident with exactly one record under every title."""
    incident = incident_of(cast, at=NOW - timedelta(hours=2))
    a_triage(by=cast.lead, incident=incident)
    a_referral(by=cast.lead, incident=incident)
    finding = a_finding(cast, review=a_review(cast, "B", incident=incident))
    change = a_live_change(cast, findings=[finding], reach=[cast.north], live_at=NOW)
    a_briefing_held(cast, change, cast.north)
    evidence = some_evidence(an_action(cast, change=change))
    decide_evidence(by=cast.lead, at=NOW, evidence=evidence, accepted=True)
    read_all(a_draw(cast, plan=an_audit_plan(cast, change=change)), by=cast.lead)
    supervised(cast, cast.worker)
    talked(cast.supervisor, cast.worker, a_point(cast, source=change))
    signed(cast)
    return incident


def test_with_nothing_on_record_every_count_is_none_and_says_so(cast: Cast) -> None:
    made = inspected(cast)
    assert counts(made) == NONE
    every = [one for code in PROOFS for one in proofs_of(made, code, AT)]
    listing = [one for one in every if one.columns and one.title not in ALWAYS_ROWS]
    assert [one.title for one in listing if one.rows or not one.nothing] == []
    assert proofs_of(made, "kindness", AT) == ()


ALWAYS_ROWS = ("Incidents reported, and reviewed in proportion", "Supervision on safeguarding learning")
"""Tables of tiers and of services: there whatever is recorded."""


def test_one_of_each_is_said_in_the_singular_and_leads_to_its_story(cast: Cast, the_clock: Any) -> None:
    incident = one_of_each(cast)
    made = inspected(cast)
    assert counts(made) == ONE
    listed = {"What was found", "Safeguarding decisions with their rationale", "Action plans"}
    for title in listed | {"Changes to how work is done"}:
        assert Link(incident.reference, incident.pk) in [cell for row in proof(made, title).rows for cell in row], title
    the_clock.stand_at(AT)
    first = words(signed_in(cast.inspector).get(reverse("evidence:inspection", args=[made.pk])))
    assert [count for count in ONE.values() if f"<li>{count}</li>" not in first] == []


def test_of_a_restricted_incident_there_are_numbers_and_no_record(cast: Cast) -> None:
    """What was found, changed and audited belongs to its story, so it is not even counted."""
    incident = one_of_each(cast)
    hide(cast, incident)
    made = inspected(cast)
    gone = {"What was found", "Audits of what was changed", "Changes to how work is done"}
    assert counts(made) == {title: (NONE if title in gone else ONE)[title] for title in ONE}
    every = [one for code in PROOFS for one in proofs_of(made, code, AT)]
    cells = [cell for one in every for row in one.rows for cell in row]
    assert [cell for cell in cells if isinstance(cell, Link | Masked | Roles)] == []
    assert incident.reference not in " ".join([*map(str, cells), *(one.sentence for one in every)])
    assert "Restricted to named people: 1," in proof(made, "Incidents reported").sentence


def in_another_service(cast: Cast) -> Incident:
    return incident_of(cast, team=cast.east)


def known_too_early(cast: Cast) -> Incident:
    long_ago = datetime(2025, 3, 4, 23, 59, tzinfo=UTC)
    return incident_of(cast, occurred_at=long_ago - timedelta(hours=1), known_at=long_ago)


def made_by_mistake(cast: Cast) -> Incident:
    return incident_of(cast)


@pytest.mark.parametrize(
    ("make", "besides"),
    [(in_another_service, ""), (known_too_early, ""),
     (made_by_mistake, " Besides these, 1 report made twice or by mistake.")],
)  # fmt: skip
def test_what_is_not_of_the_inspection_is_not_counted(
    cast: Cast, make: Callable[[Cast], Incident], besides: str
) -> None:
    incident = make(cast)
    a_triage(by=cast.lead, incident=incident, threshold=refer())
    finding = a_finding(cast, review=a_review(cast, "B", incident=incident))
    some_evidence(an_action(cast, change=a_live_change(cast, findings=[finding])))
    if besides:
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="Made twice.")
    made = inspected(cast)
    assert counts(made) == NONE
    assert proof(made, "Incidents").sentence == f"Reviews: 0 in time, 0 done late, 0 under way, 0 overdue.{besides}"
    assert proof(made, "Action").sentence == "Tracked actions: 0, of them 0 done and 0 late."


def test_of_a_service_they_inspect_no_longer_nothing_is_counted(cast: Cast) -> None:
    a_triage(by=cast.lead, incident=incident_of(cast))
    made = inspected(cast)
    assert counts(made)["Triaged straight after the incident"] == "1 triaged in time"
    end_role(by=cast.administrator, at=AT, assignment=cast.inspector.role_assignments.get())
    assert counts(Inspection.objects.get(pk=made.pk)) == NONE
    assert proof(Inspection.objects.get(pk=made.pk), "Supervision").rows == ()


def test_each_tier_with_how_its_reviews_stand(cast: Cast) -> None:
    """A: due in 72 hours, one done late and one overdue. B and C are under way. Two incidents have no review."""
    done = a_review(cast, "A", at=NOW)
    complete_late(cast, done)
    for tier, at in (("A", NOW), ("B", AT - timedelta(days=1)), ("C", AT - timedelta(days=1))):
        a_review(cast, tier, at=at)
    a_triage(by=cast.lead, incident=incident_of(cast), tier=choose("B", "Because it repeats."))
    incident_of(cast)
    found = proof(inspected(cast), "Incidents reported")
    assert {str(row[0])[:6]: row[1:] for row in found.rows} == {
        "Tier A": ("2", "0", "1", "0", "1", "0"),
        "Tier B": ("2", "0", "0", "1", "0", "1"),
        "Tier C": ("1", "0", "0", "1", "0", "0"),
        "No tie": ("1", "0", "0", "0", "0", "1"),
    }
    assert found.columns == (
        "Tier",
        "Reported",
        "In time",
        "Done late",
        "Under way, in time",
        "Overdue",
        "No review open",
    )
    assert found.count == "6 incidents reported"
    assert found.sentence == "Reviews: 0 in time, 1 done late, 2 under way, 1 overdue."


def complete_late(cast: Cast, review: Review) -> None:
    completed(review, cast, at=review.due_at + timedelta(seconds=1))


def test_thresholds_are_counted_by_outcome_and_listed_newest_first(cast: Cast) -> None:
    said = [f"The {one} time she asked for help, and her brother was there." for one in ("first", "second", "third")]
    for number, choice in enumerate((refer(said[0]), do_not_refer(said[1]), refer(said[2]))):
        decide_threshold(by=cast.lead, at=NOW + timedelta(hours=number), incident=incident_of(cast), choice=choice)
    found = proof(inspected(cast), "Safeguarding decisions")
    assert found.sentence.startswith("2 refer")
    assert found.sentence.endswith("3 of 3 have a rationale.")
    assert [str(row[3]) for row in found.rows] == said[::-1]
    assert {str(row[4]) for row in found.rows} == {"Safeguarding lead"}


@pytest.mark.parametrize(("days", "late"), [(0, 0), (1, 1)], ids=["due today", "due yesterday"])
def test_an_action_is_late_the_day_after_it_was_due(cast: Cast, days: int, late: int) -> None:
    review = a_review(cast, "B", incident=incident_of(cast))
    action = an_action(cast, review=review, due_on=AT.date() - timedelta(days=days))
    assert proof(inspected(cast), "Action").sentence == f"Tracked actions: 1, of them 0 done and {late} late."
    decide_evidence(by=cast.lead, at=NOW, evidence=some_evidence(action), accepted=True)
    assert proof(inspected(cast), "Action").sentence == "Tracked actions: 1, of them 1 done and 0 late."


@pytest.mark.parametrize(
    ("period", "held"),
    [
        ({"period_from": MET_AT.date()}, 1),
        ({"period_from": MET_AT.date() + timedelta(days=1)}, 0),
        ({"period_to": MET_AT.date()}, 1),
        ({"period_to": MET_AT.date() - timedelta(days=1)}, 0),
    ],
)
def test_meetings_of_the_period_count_whole_days_both_in_it(cast: Cast, period: dict[str, Any], held: int) -> None:
    a_meeting(cast, a_draft(cast).review)
    found = proof(inspected(cast, **period), "Quality meetings")
    assert found.count == f"{held} quality meeting{'' if held else 's'} held on a thematic review"
    assert found.sentence == "They are of the whole provider. Of the reviews, signed: 0."
    assert [row[-1] for row in found.rows] == ["Not signed yet"] * held


def test_a_long_list_is_cut_and_its_count_is_whole(cast: Cast) -> None:
    review = a_review(cast, "B", incident=incident_of(cast))
    for number in range(LISTED + 1):
        a_finding(cast, review=review, at=NOW + timedelta(minutes=number), statement=f"Nobody held phone {number}.")
    found = proof(inspected(cast), "What was found")
    assert found.count == f"{LISTED + 1} findings"
    assert [str(row[-1]) for row in found.rows] == [f"Nobody held phone {one}." for one in range(LISTED, 0, -1)]


def test_what_staff_wrote_stands_only_where_it_was_masked(cast: Cast) -> None:
    """Whoever writes a word into every text finds it in no cell of plain words."""
    word = "periwinkle"
    incident = incident_of(cast, what_happened=word, done_at_once=word)
    a_triage(
        by=cast.lead,
        incident=incident,
        threshold=refer(f"She asked for help because a {word} grew there."),
        wishes_words=word,
    )
    finding = a_finding(cast, review=a_review(cast, "B", incident=incident), statement=f"A {word} grew there.")
    change = a_live_change(cast, findings=[finding], title=f"No {word} in the phone room")
    an_action(cast, change=change, what=f"Dig out the {word}")
    every = [one for code in PROOFS for one in proofs_of(inspected(cast), code, AT)]
    cells = [cell for one in every for row in one.rows for cell in row]
    assert {type(cell) for cell in cells if word in str(cell)} == {Masked}
    assert sum(word in str(cell) for cell in cells) == 4
    assert [one.title for one in every if word in one.sentence + one.count] == []
