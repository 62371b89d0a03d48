"""Make docs/reference/example-service.md: who and what is in the example data, from ``example-data/*.yml``.

``python -m tests.architecture.example_page --write`` (part of ``make fix``).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from saferpractice.access.rules import Role
from saferpractice.triage.rules import TierCode
from tests.architecture.source import PRODUCT, ROOT, write_or_compare

FOLDER = ROOT / "example-data"
PAGE = ROOT / "docs" / "reference" / "example-service.md"
INTRODUCTION = """\
# The example service

**Everything here is invented**: no person, place, organisation or incident is real, and no mail can reach an address.
`make run` loads it into an empty database, so that every page has something to show. Days are told from the day of
loading: something is always due today, and something always late. This page is made from `example-data/*.yml` by
`make fix`; a test fails when it is out of date.
"""
NO_INCIDENTS = {
    f"{name}.yml"
    for name in ("provider", "supervision", "thematic", "audits", "care", "learning", "inspection", "neighbour")
}
UNITS = {"m": "minute", "h": "hour", "d": "day", "w": "week"}
Step = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """One incident of the example as the page tells it."""

    file: str
    key: str
    team: str
    shows: str
    verdict: str
    steps: tuple[Step, ...]

    def all_of(self, *words: str) -> list[dict[str, Any]]:
        """What the steps of these kinds say, in order."""
        return [says for word, says in self.steps if word in words]

    @property
    def title(self) -> str:
        """Its key as words."""
        return self.key.replace("-", " ").capitalize()

    @property
    def reported(self) -> str:
        """How long before the day of loading it was reported: "76 weeks"."""
        return before(self.steps[0][1]["at"])

    @property
    def tier(self) -> str:
        """The tier decided last, or nothing."""
        decided = [says["tier"] for says in self.all_of("triage") if says.get("tier")] + self.all_of("tier")
        return str(decided[-1]["tier"]) if decided else ""

    @property
    def findings(self) -> list[str]:
        """The keys of its findings."""
        of_rapid = [says["finding"] for says in self.all_of("rapid-review") if says.get("finding")]
        return [found["key"] for found in self.all_of("finding") + of_rapid]

    @property
    def became(self) -> str:
        """Where it stands, from its steps."""
        if self.all_of("withdraw-incident"):
            return "Withdrawn"
        if not self.all_of("triage"):
            return "Handed over, to be triaged" if self.all_of("hand-over") else "To be triaged"
        if not self.tier:
            return "Triaged, the tier is open"
        if not self.all_of("review", "rapid-review"):
            return "Triaged, the review is to be opened"
        if not self.all_of("rapid-review", "complete"):
            return "Under review"
        count = len(self.findings)
        found = f"{count} {'finding' if count == 1 else 'findings'}" if count else "nothing about the system found"
        return f"Reviewed: {found}"


def before(moment: str) -> str:
    """How long before the day of loading a moment of the files lies: "w-76 Thu 16:40" is 76 weeks, roughly."""
    found = re.match(r"(?:now-(\d+)([mh])|([wd])-(\d+))", moment)
    if found is None:
        return "now"
    number, unit = (found[1], found[2]) if found[1] else (found[4], found[3])
    return f"{number} {UNITS[unit]}{'' if number == '1' else 's'}"


def provider(folder: Path = FOLDER, file: str = "provider") -> dict[str, Any]:
    """What provider.yml says, or another file that holds named parts."""
    said: dict[str, Any] = yaml.safe_load((folder / f"{file}.yml").read_text(encoding="utf-8"))
    return said


@cache
def incidents(folder: Path = FOLDER) -> list[Told]:
    """Every incident, in the order of the files."""
    return [
        Told(
            file=path.stem,
            key=one["key"],
            team=one["team"],
            shows=" ".join(one["shows"].split()),
            verdict=one.get("verdict", ""),
            steps=tuple((word, says) for step in one["steps"] for word, says in step.items()),
        )
        for path in sorted(folder.glob("*.yml"))
        if path.name not in NO_INCIDENTS
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def change_types() -> dict[str, str]:
    """The kinds of change that ship, by code."""
    listed = yaml.safe_load((PRODUCT / "lists" / "data" / "change-types.yml").read_text(encoding="utf-8"))
    return {one["code"]: one["label"] for one in listed["entries"]}


def state_of(change: str, told: Iterable[Told]) -> str:
    """Where a change stands: withdrawn, live, or agreed."""
    said = [(word, says.get("change")) for one in told for word, says in one.steps]
    if ("withdraw-change", change) in said:
        return "withdrawn"
    return "live" if {("live", change), ("version", change)} & set(said) else "agreed, not live"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(columns)
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in row)} |"
    yield ""


def _people(said: dict[str, Any], beside: dict[str, Any]) -> Iterator[str]:
    places = {key: name for service in said["services"] for key, name in _places(service)}
    signing_in = [(said, one) for one in said["people"] if one.get("sign_in")]
    signing_in += [(beside, one) for one in beside.get("people", ()) if one.get("sign_in")]
    colleagues = [one for one in said["people"] if not one.get("sign_in")]
    yield f"## Who is in it\n\nThese {len(signing_in)} can sign in, all with the password `{said['password']}`.\n"
    yield from _table(
        ("role", "name", "address", "where", "try first"),
        (
            (
                Role(one["role"]).label,
                one["name"],
                f"`{'.'.join(one['name'].lower().split())}@{of['mail_domain']}`",
                places.get(one.get("at"), "whole provider" if of is said else "the second provider"),
                one["sign_in"]["try_first"],
            )
            for of, one in signing_in
        ),
    )
    yield f"Their colleagues ({len(colleagues)}) cannot sign in: they reported, reviewed and decided what is here.\n"


def _places(service: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield service["key"], service["name"]
    yield from ((team["key"], team["name"]) for team in service["teams"])


def _where(said: dict[str, Any]) -> Iterator[str]:
    yield "## Places\n"
    working = [one.get("at") for one in said["people"]]
    for service in said["services"]:
        teams = ", ".join(f"{team['name']} ({working.count(team['key'])})" for team in service["teams"])
        yield f"- {service['name']}: {teams}"
    yield "\nIn brackets: how many of the example's people work in the team.\n"


def _incidents(told: list[Told], teams: dict[str, str]) -> Iterator[str]:
    yield f"## {len(told)} incidents, and what became of each\n"
    yield f"Oldest first. {'; '.join(tier.label for tier in TierCode)}.\n"
    rows = (
        (
            one.title,
            teams[one.team],
            one.reported if one.reported == "now" else f"{one.reported} ago",
            one.tier or "–",
            one.became,
            one.shows,
        )
        for one in sorted(told, key=_age, reverse=True)
    )
    yield from _table(("incident", "team", "reported", "tier", "what became of it", "what it is here to show"), rows)


def _ago(one: Told) -> str:
    return one.reported if one.reported == "now" else f"{one.reported} ago"


def _age(one: Told) -> float:
    number, _, unit = one.reported.partition(" ")
    hours = {"minute": 1 / 60, "hour": 1, "day": 24, "week": 168}
    return int(number) * hours[unit.removesuffix("s")] if unit else 0


def _changes(told: list[Told], teams: dict[str, str]) -> Iterator[str]:
    kinds = change_types()
    yield "## Changes and verdicts\n"
    yield (
        "The verdict is what the declared measures say at the last look so far; "
        "[how it is reached](../explanation/impact-verdicts.md).\n"
    )
    rows = (
        (
            change["title"],
            kinds[change["type"]],
            one.title,
            state_of(change["key"], told),
            ", ".join(teams[key] for key in change["reach"]),
            "–" if state_of(change["key"], told) == "withdrawn" else one.verdict or "none yet",
        )
        for one in sorted(told, key=_age, reverse=True)
        for change in one.all_of("change")
    )
    yield from _table(("change", "kind", "agreed after", "state", "for", "verdict"), rows)


def audits(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """What audits.yml says of each audit."""
    said = yaml.safe_load((folder / "audits.yml").read_text(encoding="utf-8"))
    return list(said["audits"])


def _audits(told: list[Told], audited: Iterable[dict[str, Any]]) -> Iterator[str]:
    titles = {change["key"]: change["title"] for one in told for change in one.all_of("change")}
    yield "## Audits\n"
    yield "Which records are drawn differs from one loading to the next; what an auditor finds stands in the record.\n"
    rows = (
        (
            one["title"],
            titles[one["change"]],
            "two auditors" if one.get("by_two") else "one auditor",
            "finished and answered for" if one.get("answered") else "being read",
        )
        for one in audited
    )
    yield from _table(("audit", "of the change", "read by", "state"), rows)


def _further(told: list[Told], learned: dict[str, Any]) -> Iterator[str]:
    """What went further than the incident: training, the contract, the bulletin, the library of lessons."""
    titles = {change["key"]: change["title"] for one in told for change in one.all_of("change")}
    yield "## What was learned goes further\n"
    rows = [
        (
            titles[one["change"]],
            f"training: {one['what']}",
            f"{sum(len(each['people']) for each in one.get('trained', ()))} trained so far",
        )
        for one in learned["needs"]
    ]
    rows += [
        (titles[one["change"]], f"clause {one['clause']}", "agreed" if one.get("agreed") else "to be agreed")
        for one in learned["clauses"]
    ]
    rows += [(titles[one["change"]], f"lesson: {one['title']}", "in the library") for one in learned["lessons"]]
    yield from _table(("because of the change", "what", "how it stands"), rows)
    yield "The bulletin of the last finished quarter is published to everybody who works here.\n"


def _outside(told: list[Told], inspected: dict[str, Any]) -> Iterator[str]:
    """The packs that were made, and the inspection that is open."""
    titles = {one.key: one.title for one in told}
    yield "## Packs, and an inspection\n"
    readers = {"full": "stays inside, everything in it", "inspector": "an inspector"}
    rows = [
        (
            titles[one["incident"]],
            readers[one["readers"]],
            "built" if one.get("built") else "its texts wait to be confirmed",
        )
        for one in inspected["packs"]
    ]
    yield from _table(("pack about", "for whom", "state"), rows)
    for one in inspected["inspections"]:
        drawn = ", ".join(f"{draw['size']} incidents of {draw.get('harm', 'any')} harm" for draw in one["draws"])
        yield f"Inspection {one['reference']} is open. Drawn by chance so far: {drawn}.\n"


def _beside(said: dict[str, Any]) -> Iterator[str]:
    """The second provider, and what of it is published."""
    teams = sum(len(service["teams"]) for service in said["services"])
    yield "## A second provider\n"
    yield (
        f"{said['name']}: {len(said['people'])} people, {teams} teams. It is there to be read beside the first, and to "
        "adopt its lesson. What it published:\n"
    )
    rows = (
        (
            "the last finished quarter" if one["quarters_ago"] == 1 else f"{one['quarters_ago']} quarters ago",
            str(len(one.get("incidents", ()))),
            str(len(one.get("lost_contact", ()))),
        )
        for one in said["quarters"]
    )
    yield from _table(("quarter", "incidents", "cases of lost contact"), rows)


def page(
    said: dict[str, Any],
    told: list[Told],
    audited: Iterable[dict[str, Any]] = (),
    further: Mapping[str, dict[str, Any]] | None = None,
) -> str:
    """The page as Markdown; ``further`` holds what the files learning, inspection and neighbour say, if they do."""
    more = further or {}
    teams = {team["key"]: team["name"] for service in said["services"] for team in service["teams"]}
    parts = [_people(said, more.get("neighbour", {})), _where(said), _incidents(told, teams), _changes(told, teams)]
    parts.append(_audits(told, audited))
    parts += [_further(told, more["learning"])] if "learning" in more else []
    parts += [_outside(told, more["inspection"])] if "inspection" in more else []
    parts += [_beside(more["neighbour"])] if "neighbour" in more else []
    return "\n".join([INTRODUCTION, *(line for part in parts for line in part)]).rstrip() + "\n"


def everything_told() -> dict[str, dict[str, Any]]:
    """What the files of this example say beside incidents and audits."""
    return {name: provider(file=name) for name in ("learning", "inspection", "neighbour")}


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page(provider(), incidents(), audits(), everything_told()), sys.argv[1:]))
