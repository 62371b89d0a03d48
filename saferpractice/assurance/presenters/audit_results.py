"""What pages show of an audit's result, and of what two auditors read differently."""

from __future__ import annotations

from typing import Any

from saferpractice.assurance.models import AuditPlan, AuditPopulation, AuditResult
from saferpractice.assurance.queries.audits import SampleState, questions_of, teams_of_lists
from saferpractice.assurance.rules.audits import Answer
from saferpractice.assurance.rules.sampling import Against
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.charts import Interval
from saferpractice.design.words import tag

MEANING = {Against.MEETS: "good", Against.DOES_NOT: "bad", Against.CANNOT_SAY: "warning"}


def who(row: Any) -> str:
    """Who decided it, in which role, and when."""
    return f"{row.decided_by_name} ({row.decided_by_role}), {local_time_label(row.decided_at)}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}%"


def result_shown(plan: AuditPlan, population: AuditPopulation, result: AuditResult) -> dict[str, Any]:
    """The result: the answer, each question, each team, and how far two auditors agreed."""
    numbers, questions = result.numbers, {one.code: one for one in questions_of(plan)}
    asked = numbers["questions"]
    chart = [
        Interval(questions[one["code"]].ask, 100 * one["met"] / one["applied"], 100 * one["low"], 100 * one["high"])
        for one in asked
        if one["applied"]
    ]
    whole = [
        Interval(
            "The whole standard",
            100 * (numbers["estimate"] if numbers["estimate"] is not None else result.met / result.read),
            100 * numbers["low"] / numbers["listed"],
            100 * numbers["high"] / numbers["listed"],
        )
    ] if result.read else []  # fmt: skip
    return {
        "row": result,
        "answer": result.answer.capitalize(),
        "meaning": MEANING[Against(result.answer)],
        "sentence": result.sentence,
        "claim": _claim_kept(population, result),
        "chart": whole + chart,
        "target": 100 * numbers["target"],
        "questions": [
            [
                questions[one["code"]].ask,
                f"{one['met']} of {one['applied']}",
                f"{_percent(one['low'])} to {_percent(one['high'])}" if one["applied"] else "Applied to none",
            ]
            for one in asked
        ],
        "teams": team_rows(population, numbers["teams"]),
        "estimate": _percent(numbers["estimate"]),
        "agreement": agreement_rows(questions, numbers["agreement"]),
        "not_auditable": numbers["not_auditable"],
        "by": who(result),
        "corrects": result.corrects,
    }


def _claim_kept(population: AuditPopulation, result: AuditResult) -> str:
    """What the size was chosen for, now that the result is in; nothing for an estimate, whose interval says it."""
    if population.allowed is None or not result.read:
        return ""
    failed = result.read - result.met
    words = "No record" if failed == 0 else f"{failed} of the {result.read} records read"
    verdict = "It passes" if failed <= population.allowed else "It does not pass"
    short = " Fewer records could be read than planned." if result.read < population.size else ""
    return (
        f"{verdict} by what was decided beforehand: at most {population.allowed} may fail, and "
        f"{words.lower()} did.{short}"
    )


def team_rows(population: AuditPopulation, teams: dict[str, dict[str, int]]) -> list[list[Any]]:
    """Each team's part, where each was drawn for."""
    names = teams_of_lists(population)
    rows = [[names.get(team, team), one["listed"], one["read"], one["met"]] for team, one in teams.items()]
    return sorted(rows, key=lambda row: str(row[0]))


def agreement_rows(questions: dict[str, Any], agreement: dict[str, Any] | None) -> list[list[Any]]:
    """How far two auditors agreed: of the record as a whole, and of each question."""
    if agreement is None:
        return []
    parts = [("The whole standard", agreement["whole"])]
    parts += [(questions[code].ask, one) for code, one in agreement["questions"].items()]
    return [
        [
            words,
            one["pairs"],
            _percent(one["agreed"]),
            f"{one['kappa']:.2f} ({one['low']:.2f} to {one['high']:.2f})"
            if one["kappa"] is not None
            else one["why_not"],
        ]
        for words, one in parts
    ]


# ---- where two differ


def side_by_side(state: SampleState) -> list[list[Any]]:
    """Both auditors' answers to each question; those that differ are marked."""
    plan = state.sample.population.plan
    rows = []
    for one in questions_of(plan):
        said = [
            Answer(score.answers[one.code]).label if not score.why_not else "Not auditable" for score in state.scores
        ]
        mark = tag("Differs", "warning") if len(set(said)) > 1 else "Yes"
        rows.append([one.ask, *said, mark])
    remarks = [score.why_not or score.remark or None for score in state.scores]
    return [*rows, ["Why not, or remark", *remarks, None]] if any(remarks) else rows


def agreed_answers(state: SampleState) -> dict[str, Any]:
    """Where a settlement starts: what both said alike, or what was settled before."""
    if state.settled is not None:
        settled = state.settled
        return {
            **settled.answers,
            "cannot": bool(settled.why_not),
            "why_not": settled.why_not,
            "reason": settled.reason,
        }
    first, *others = (score.answers for score in state.scores)
    return {code: said for code, said in first.items() if all(other.get(code) == said for other in others)}
