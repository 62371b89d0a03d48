"""The draft of a thematic review: a function of the facts, in plain values that can be frozen.

It holds ids of incidents and changes, and none of their words or numbers: what a reader may see of them is looked up
when they read. Counts count everything, also what only named people may open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from saferpractice.evidence.rules.thematic.equity import equity
from saferpractice.evidence.rules.thematic.facts import Happened, QuarterFacts
from saferpractice.evidence.rules.thematic.quarters import Quarter, months_up_to
from saferpractice.evidence.rules.thematic.repeats import repeats
from saferpractice.evidence.rules.thematic.words import said_of
from saferpractice.findings.rules import pareto

RULE = "thematic-review 1"
MONTHS_SHOWN = 24
QUARTERS_BEFORE = 4
CHANGES_DAYS = 365
OVERALL, CONDITIONS, REPEATS, CHANGES, RISKS, EQUITY = (
    "overall",
    "conditions",
    "repeats",
    "changes",
    "risks",
    "equity",
)
THEME = "theme:"
REQUIRED_THEMES = ("self-neglect", "exploitation", "lost-contact")
"""The patterns that a quarterly review must look at, whether there was any or none (R36)."""
NEEDS_COMMENTARY = (OVERALL, *(THEME + theme for theme in REQUIRED_THEMES))
"""The sections on which somebody must have said something before the review is signed."""

Section = dict[str, Any]


def draft(facts: QuarterFacts) -> dict[str, Any]:
    """The draft for a quarter."""
    quarter = facts.quarter
    return {
        "rule": RULE,
        "quarter": {
            "code": quarter.code,
            "label": quarter.label,
            "first": str(quarter.first),
            "last": str(quarter.last),
        },
        "drawn_on": str(facts.drawn_on),
        "services": sorted({one.service for one in facts.in_quarter}),
        "supported": facts.supported,
        "sections": [
            _overall(facts),
            *(_theme(facts, code, label) for code, label in _themes(facts)),
            _conditions(facts),
            _repeats(facts),
            _changes(facts),
            _risks(facts),
            {"code": EQUITY, "title": "Who it happens to", **equity(facts)},
        ],
    }


def _themes(facts: QuarterFacts) -> Iterable[tuple[str, str]]:
    """The three that must be looked at, then every other that the list has or the quarter brought, in list order."""
    used = {theme for one in facts.in_quarter for theme in one.themes}
    listed = [*REQUIRED_THEMES, *facts.labels.themes, *sorted(used)]
    for code in dict.fromkeys(listed):
        yield code, facts.labels.themes.get(code, code.replace("-", " ").capitalize())


def _overall(facts: QuarterFacts) -> Section:
    section = _counted(facts, OVERALL, "All incidents", lambda one: True)
    quarter = facts.quarter
    section["learnt_late"] = sum(quarter.holds(one.known_on) and one.on < quarter.first for one in facts.incidents)
    if facts.supported:
        # Whole numbers: a decimal would promise more than the count holds.
        section["rate"] = (section["total"] * 100 + facts.supported // 2) // facts.supported
    return section


def _theme(facts: QuarterFacts, code: str, label: str) -> Section:
    return _counted(facts, THEME + code, label, lambda one: code in one.themes)


def _counted(facts: QuarterFacts, code: str, title: str, belongs: Callable[[Happened], bool]) -> Section:
    """How many there were, by harm and by team, held against the quarters and the months before."""
    here = [one for one in facts.in_quarter if belongs(one)]
    all_days = [one.on for one in facts.incidents if belongs(one)]
    quarters = [facts.quarter.before(many) for many in range(QUARTERS_BEFORE, 0, -1)]
    # One that was recorded in part is no quarter to compare with.
    recorded = [quarter for quarter in quarters if quarter.first >= facts.recorded_since.replace(day=1)]
    months = months_up_to(facts.quarter, MONTHS_SHOWN, facts.recorded_since)
    by_month = Counter((day.year, day.month) for day in all_days)
    counts = [(month, by_month[(month.year, month.month)]) for month in months]
    shown = [day for day in all_days if months and months[0] <= day <= facts.quarter.last]
    said = said_of(counts, shown, facts.quarter.first)
    return {
        "code": code,
        "title": title,
        "total": len(here),
        "said": {"stands_out": said.stands_out, "sentence": said.sentence, "chart": said.chart},
        "dots": [list(dot) for dot in said.dots],
        "quarters": [[one.short, _how_many(all_days, one)] for one in (*recorded, facts.quarter)],
        "months": [[str(month), count] for month, count in counts],
        "harm": _by_harm(here, facts.labels.harms),
        "teams": [[*place, count] for place, count in sorted(Counter((one.service, one.team) for one in here).items())],
        "incidents": [one.id for one in here],
    }


def _how_many(days: Iterable[date], quarter: Quarter) -> int:
    return sum(quarter.holds(day) for day in days)


def _by_harm(here: Sequence[Happened], harms: Sequence[str]) -> list[list[Any]]:
    counts = Counter(one.harm for one in here)
    return [[label, counts[level]] for level, label in enumerate(harms)]


def _conditions(facts: QuarterFacts) -> Section:
    """Each finding once, whatever answers it."""
    found = [one for one in facts.findings if facts.quarter.holds(one.found_on)]
    rows = pareto(Counter(one.condition for one in found))
    labels = facts.labels.conditions
    return {
        "code": CONDITIONS,
        "title": "System conditions",
        "total": len(found),
        "rows": [[labels.get(row.code, row.code), row.count] for row in rows],
        "incidents": sorted({one.incident for one in found}),
    }


def _repeats(facts: QuarterFacts) -> Section:
    found = repeats(facts)
    labels: dict[str, Mapping[str, str]] = {"theme": facts.labels.themes, "condition": facts.labels.conditions}
    return {
        "code": REPEATS,
        "title": "What came back",
        "total": len({one.incident for one in found}),
        "days": facts.repeat_days,
        "rows": [
            {
                "kind": one.kind.value,
                "about": labels.get(one.kind.value.split("-")[-1], {}).get(one.about, one.about),
                "incident": one.incident,
                "earlier": list(one.earlier),
                "after": list(one.after),
            }
            for one in found
        ],
        "incidents": sorted({one.incident for one in found}),
    }


def _changes(facts: QuarterFacts) -> Section:
    """Those agreed in the year up to the end of the quarter, and older ones in use without a verdict."""
    since = facts.quarter.last - timedelta(days=CHANGES_DAYS)
    shown = [one for one in facts.changes if one.agreed_on > since or (one.live_on is not None and not one.verdict)]
    counts = Counter(_word(one.verdict) for one in shown)
    return {
        "code": CHANGES,
        "title": "Changes, and whether they worked",
        "total": len(shown),
        "rows": [[word, count] for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))],
        "changes": [
            {
                "id": one.id,
                "agreed_on": str(one.agreed_on),
                "live_on": str(one.live_on) if one.live_on else None,
                "verdict": _word(one.verdict),
            }
            for one in sorted(shown, key=lambda one: (one.agreed_on, one.id))
        ],
    }


UNCHECKED = "Not checked yet"


def _word(verdict: str) -> str:
    return verdict or UNCHECKED


def _risks(facts: QuarterFacts) -> Section:
    live = [one for one in facts.changes if one.live_on is not None]
    rows = [
        ["Incidents after which somebody may still be at risk", len(facts.risks.at_risk)],
        ["Tracked actions that are late", facts.risks.late_actions],
        *([f"Late: {words}", count] for words, count in facts.risks.late_duties.items()),
        ["Changes in use that nobody has planned to check", sum(not one.planned for one in live)],
        ["Changes in use without a verdict yet", sum(one.planned and not one.verdict for one in live)],
    ]
    return {
        "code": RISKS,
        "title": "Open risks",
        "total": sum(count for _, count in rows),
        "rows": rows,
        "incidents": sorted(facts.risks.at_risk),
    }
