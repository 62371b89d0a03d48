"""What pages show of an impact check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance import rules
from saferpractice.assurance.models import ImpactCheck, ImpactPlan, ImpactResult
from saferpractice.assurance.permissions.impact import check_can_enter_results, check_can_plan_impact
from saferpractice.assurance.queries import (
    as_rule,
    baseline_of,
    changes_of,
    newest_by_look,
    newest_check,
    plans_of,
    verdict_today,
)
from saferpractice.changes.beside import Beside
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import local_day
from saferpractice.design.charts import Interval
from saferpractice.incidents.models import Incident

MEANING = {
    rules.VerdictWord.IMPROVED: "good",
    rules.VerdictWord.GOT_WORSE: "bad",
    rules.VerdictWord.NO_WORTHWHILE_CHANGE: "warning",
    rules.VerdictWord.NOT_SHOWN: "warning",
    rules.VerdictWord.TOO_EARLY: "waiting",
    rules.VerdictWord.CANNOT_BE_JUDGED: "quiet",
}


def verdict_words(verdict: rules.Verdict) -> dict[str, Any]:
    """A verdict as a page shows it."""
    return {
        "word": verdict.word.value,
        "meaning": MEANING[verdict.word],
        "reason": verdict.reason,
        "cautions": [caution.sentence for caution in verdict.cautions],
        "exploratory": verdict.exploratory,
        "rule": f"{verdict.rule} {verdict.rule_version}: {verdict.method}",
        "alpha": verdict.alpha,
    }


def chart_rows(plan: ImpactPlan) -> list[Interval]:
    """The points of the before-and-after chart."""
    baseline, results = baseline_of(plan), newest_by_look(plan)
    entered: list[tuple[str, ImpactResult]] = [("Before", baseline)] if baseline else []
    entered += [(f"By {day:%-d %b %Y}", result) for day, result in sorted(results.items())]
    rows = []
    for label, result in entered:
        if plan.kind == rules.Kind.PROPORTION and result.out_of:
            within = rules.wilson(result.count, int(result.out_of))
            rows.append(Interval(label, 100 * result.count / float(result.out_of), 100 * within.low, 100 * within.high))
    return rows


def result_rows(plan: ImpactPlan) -> list[list[Any]]:
    """The numbers entered, oldest first: which, how many, out of how many, from where, by whom."""
    baseline, results = baseline_of(plan), newest_by_look(plan)
    entered: list[tuple[str, ImpactResult]] = [("Baseline", baseline)] if baseline else []
    entered += [(f"Look on {day:%-d %B %Y}", result) for day, result in sorted(results.items())]
    return [
        [
            label,
            result.count,
            f"{result.out_of.normalize():f} {plan.exposure}",
            result.source,
            f"{result.decided_by_name}, {local_day(result.decided_at):%-d %B %Y}",
        ]
        for label, result in entered
    ]


def check_row(check: ImpactCheck) -> list[Any]:
    """One verdict on record."""
    return [
        f"{check.look.on:%-d %B %Y}",
        check.verdict + (" (exploratory)" if check.exploratory else ""),
        check.reason,
        check.rule_version,
        f"{check.decided_by_name}, {local_day(check.decided_at):%-d %B %Y}",
    ]


def plans_shown(change: OperationalChange, at: datetime) -> list[dict[str, Any]]:
    """The plans of a change with the verdict that stands today."""
    return [
        {"plan": plan, "verdict": verdict_words(verdict_today(plan, local_day(at))), "checked": newest_check(plan)}
        for plan in plans_of(change)
    ]


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """The impact checks of an incident's changes, with the next step ``by`` may take."""
    changes = [_shown(change, by, at) for change in changes_of(incident)]
    return {"changes": changes} if changes else None


def beside_change(change: OperationalChange, by: Person, at: datetime) -> Beside:
    """The impact checks of one change, on its page."""
    return Beside("assurance/panel.html", {"changes": [_shown(change, by, at)]})


def _shown(change: OperationalChange, by: Person, at: datetime) -> dict[str, Any]:
    plans = plans_shown(change, at)
    return {
        "change": change,
        "plans": plans,
        "not_tested": _not_tested({shown["plan"].serves for shown in plans}) if plans else "",
        "may_plan": may_plan(change, by, at),
    }


def _not_tested(serves: set[str]) -> str:
    """What no plan of the change tests yet (R16), as a sentence; nothing where both are tested."""
    lacking = {"used": "whether the change is used", "outcome": "whether outcomes improve"}
    found = next((words for code, words in lacking.items() if code not in serves), "")
    return f"No plan tests yet {found}." if found else ""


def smallest_in_words(plan: ImpactPlan) -> str:
    """The smallest effect worth having, as the plan declares it: "A fall of 30%"."""
    words = rules.worthwhile_in_words(as_rule(plan))
    return words[0].upper() + words[1:]


def may_plan(change: OperationalChange, by: Person, at: datetime) -> bool:
    """Whether ``by`` may plan or amend a check of the change, and there is still one to check."""
    return not hasattr(change, "withdrawal") and allowed(check_can_plan_impact, by=by, at=at, change=change)[0]


def may_enter(plan: ImpactPlan, by: Person, at: datetime) -> tuple[bool, str]:
    """Whether ``by`` may enter results, else why not."""
    if hasattr(plan.change, "withdrawal"):
        return False, "The change was withdrawn, so there is nothing to check."
    return allowed(check_can_enter_results, by=by, at=at, change=plan.change)
