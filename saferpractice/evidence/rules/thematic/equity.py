"""Who it happens to: the people of the quarter by what the provider records of them, guarded before it is kept.

The counts are frozen as everybody may read them. What is hidden stands nowhere in the review, so no later reader, file
or page can bring it out. A quarter is counted by itself: windows that overlap would give single people away by
subtraction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from saferpractice.evidence.rules.thematic.facts import QuarterFacts
from saferpractice.evidence.rules.thematic.small import FEWEST_PEOPLE, HIDDEN, guard_groups

NOT_RECORDED = "not-recorded"
NOT_RECORDED_WORDS = "Not recorded"
COUNTED_ANEW_FROM = 5
"""So many people more or fewer before a second draft counts groups anew: two drafts side by side would tell."""


def equity(facts: QuarterFacts) -> dict[str, Any]:
    """A table for each characteristic that is recorded; ``enough`` says whether there are people enough to show any."""
    people = sorted({one.person for one in facts.in_quarter if one.person is not None})
    enough = len(people) >= FEWEST_PEOPLE
    tables = [
        {"title": title, "rows": _rows(people, facts.groups.get(title, {}), labels)}
        for title, labels in facts.labels.groups.items()
    ]
    return {
        "enough": enough,
        "people": len(people),
        "tables": tables if enough else [],
        "counted_on": str(facts.drawn_on),
    }


def _rows(people: list[str], group_of: Mapping[str, str], labels: Mapping[str, str]) -> list[list[str]]:
    counts = Counter(group_of.get(person, NOT_RECORDED) for person in people)
    codes = [*labels, *sorted(set(counts) - set(labels) - {NOT_RECORDED}), NOT_RECORDED]
    shown = guard_groups([counts[code] for code in codes])
    words = {**labels, NOT_RECORDED: NOT_RECORDED_WORDS}
    return [[words.get(code, code), one.words] for code, one in zip(codes, shown, strict=True)]


def kept_or_new(earlier: Mapping[str, Any], drawn: Mapping[str, Any]) -> dict[str, Any]:
    """The equity section of a draft drawn again: the earlier one, unless enough came in between to hide each person.

    Enough is five people more or fewer, or about ten more of whom something was recorded meanwhile.

    Raises:
        KeyError: either is no equity section.
    """
    moved = abs(int(drawn["people"]) - int(earlier["people"])) >= COUNTED_ANEW_FROM
    return dict(drawn if moved or _more_was_recorded(earlier, drawn) else earlier)


def _more_was_recorded(earlier: Mapping[str, Any], drawn: Mapping[str, Any]) -> bool:
    before = {table["title"]: _about(table["rows"]) for table in earlier["tables"]}
    now = {table["title"]: _about(table["rows"]) for table in drawn["tables"]}
    return any(abs(now[title] - before.get(title, now[title])) >= 2 * COUNTED_ANEW_FROM for title in now)


def _about(rows: list[list[str]]) -> int:
    """The rounded number of people of whom nothing is recorded; 0 where it is not shown."""
    words = next((words for label, words in rows if label == NOT_RECORDED_WORDS), "")
    return int(words.removeprefix("about ")) if words.startswith("about ") else 0


def nothing_to_show(section: Mapping[str, Any]) -> str:
    """Why there is no table, in a sentence; "" where there is one."""
    if not section["tables"] and section["enough"]:
        return "The provider records no characteristics of the people it supports."
    if not section["enough"]:
        return f"There were fewer than {FEWEST_PEOPLE} people: too few to show any group without showing somebody."
    hidden = all(words == HIDDEN.words for table in section["tables"] for _, words in table["rows"])
    return "No group can be shown without giving another away." if hidden else ""
