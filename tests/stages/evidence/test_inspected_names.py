"""Whoever a record of an inspection can be about is taken out of its words, wherever their incident is (R34)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from saferpractice.changes.models import OperationalChange
from saferpractice.evidence.models import Inspection
from saferpractice.evidence.queries.inspected import story_of
from saferpractice.evidence.queries.quality_statements import PROOFS, proofs_of
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, withdraw_incident
from tests.factories.assurance import a_plan
from tests.factories.changes import a_briefing_held, a_finding, a_live_change, an_action, some_evidence
from tests.factories.incidents import an_incident
from tests.factories.inspections import LOOKED_AT, an_inspection
from tests.factories.reviews import a_review
from tests.factories.supervision import a_point
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R34")
OTHER = "Tibor Lindqvist"
REFERENCE = "KX-9910"
TELLS = "so tibor can ring, lindqvist or T. Lindqvist, see kx 9910"
"""The other person as colleagues write: small, in part, by an initial, by their reference."""
SIGNS = ("tibor", "lindqvist", "9910")


@pytest.fixture
def one(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, person_reference="P-7731", person_name="Maud Ashgrove")


def shared(cast: Cast, one: Incident, other: Incident) -> OperationalChange:
    """A live change that answers a finding of each, in whose every record a colleague wrote of the other person."""
    findings = [a_finding(cast, review=a_review(cast, "B", incident=each)) for each in (one, other)]
    change = a_live_change(
        cast, findings=findings, title=f"The title, {TELLS}", monday=f"On Monday you ring the same day, {TELLS}."
    )
    a_briefing_held(cast, change, cast.north)
    some_evidence(an_action(cast, change=change, what=f"The action, {TELLS}"), words=f"The evidence, {TELLS}")
    a_plan(by=cast.duty_manager, change=change, measure=f"The measure, {TELLS}", definition=f"The count, {TELLS}")
    a_point(cast, source=change, wording=f"The point: ring the same day, {TELLS}.")
    return change


WRITTEN = ("title", "on monday", "action", "evidence", "measure", "count", "point")


def said_of(made: Inspection, incident: Incident) -> str:
    """Everything an inspector can read: the story, and each quality statement."""
    proofs = [proofs_of(made, code, LOOKED_AT) for code in PROOFS]
    cells = [str(cell) for each in proofs for proof in each for row in proof.rows for cell in row]
    told = [one for part in story_of(made, incident).parts for one in part.statements]
    return " ".join([*cells, *(f"{one.label} {name} {text}" for one in told for name, text in one.words)]).casefold()


def as_it_is(cast: Cast, other: Incident) -> None:
    """It is shown like the first."""


def restricted(cast: Cast, other: Incident) -> None:
    decide_restriction(by=cast.lead, at=LOOKED_AT, incident=other, restricted=True, reason="About a colleague")


def withdrawn(cast: Cast, other: Incident) -> None:
    withdraw_incident(by=cast.lead, at=LOOKED_AT, incident=other, reason="Made twice.")


@pytest.mark.parametrize(
    ("team", "state"), [("north", as_it_is), ("north", restricted), ("north", withdrawn), ("east", as_it_is)]
)
def test_the_other_whose_incident_a_change_answers_too_is_not_named(
    cast: Cast, one: Incident, team: str, state: Callable[[Cast, Incident], None]
) -> None:
    """A change that learns from two incidents stands in the story of each, with its words; East is not inspected."""
    other = an_incident(by=cast.worker, team=getattr(cast, team), person_reference=REFERENCE, person_name=OTHER)
    shared(cast, one, other)
    state(cast, other)
    shown = said_of(an_inspection(cast), one)
    assert [place for place in WRITTEN if place not in shown] == [], "the words themselves are there"
    assert [sign for sign in SIGNS if sign in shown] == []
