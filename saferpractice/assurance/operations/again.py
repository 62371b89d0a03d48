"""A plan whose form was sent before: the same answers are the same plan, other answers are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from saferpractice.access.decisions import check_same_answers
from saferpractice.assurance import rules
from saferpractice.assurance.models import ImpactPlan
from saferpractice.assurance.operations.shared import SERVES, Declared, Own, rule_of
from saferpractice.assurance.queries import as_rule
from saferpractice.assurance.queries.own_measures import own_of
from saferpractice.assurance.rules.measures.periods import Length
from saferpractice.deadlines.rules import day_label
from saferpractice.trail.rules import By

KINDS = {rules.Kind.RATE: "Events over time or contacts", rules.Kind.PROPORTION: "Records that meet a standard"}
DIRECTIONS = {rules.Direction.REDUCE: "Fewer or lower", rules.Direction.INCREASE: "More or higher"}


def check_same_plan(earlier: ImpactPlan, *, by: By, declared: Declared, why: str = "") -> None:
    """Refuse a form that declared ``earlier`` when somebody else sent it, or when it now holds another plan.

    Raises:
        Invalid: the form was somebody else's; ``SentBefore``: the plans differ.
    """
    rule = as_rule(earlier)
    recorded, typed = _words(earlier, rule), _words(declared, rule_of(declared, rule.declared_on))
    check_same_answers(
        earlier,
        by=by,
        sentence="This form was already sent, and a plan was declared with it.",
        answers=[
            *((question, one, other) for (question, one), (_, other) in zip(recorded, typed, strict=True)),
            ("Why it is amended", earlier.why_amended, why.strip()),
        ],
    )


def _words(plan: ImpactPlan | Declared, rule: rules.ImpactPlan) -> Iterator[tuple[str, str]]:
    """Each question of the form with what a plan answers, in words."""
    yield "What will show it", plan.measure.strip()
    yield "How it is counted", plan.definition.strip()
    yield "What it tests", SERVES[plan.serves]
    yield "Kind of number", KINDS[rule.kind]
    yield "Counted in or out of", plan.exposure.strip()
    yield "It counts reported incidents", "Yes" if plan.counts_incidents else "No"
    yield "Which way is better", DIRECTIONS[rule.direction]
    yield "Smallest improvement worth having", rules.worthwhile_in_words(rule)
    yield "It decides whether the change worked", "Yes" if plan.primary else "No"
    yield "Baseline", _days(plan.baseline_from, plan.baseline_to)
    yield "Teams start", _days(plan.roll_in_from, plan.roll_in_to)
    yield "Looks", _days(*sorted(rule.looks))
    own = plan.own if isinstance(plan, Declared) else own_declared(plan)
    yield "Measure of this system", own.measure_key if own else "None: entered by hand"
    yield "Whose numbers", str(own.place.team_id or own.place.service_id or "All") if own else ""
    yield "By", own.length.value if own else ""
    yield "Compared with", str(own.compared_with or "") if own else ""


def own_declared(plan: ImpactPlan) -> Own | None:
    """The measure that a plan reads, as it was declared."""
    own = own_of(plan)
    if own is None:
        return None
    return Own(
        measure_key=own.measure_key, place=own.place, length=Length(own.length), compared_with=own.compared_with_id
    )


def _days(*days: date) -> str:
    return ", ".join(day_label(day) for day in days)
