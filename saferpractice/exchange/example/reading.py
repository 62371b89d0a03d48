"""Reading the files of the example: every mistake in them as a sentence, and all of them at once."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml

from saferpractice.exchange.example.moments import Calendar
from saferpractice.exchange.example.shapes import (
    STEPS,
    AuditsFile,
    CountedQuarterShape,
    IncidentShape,
    InspectionFile,
    LearningFile,
    NeighbourFile,
    OfAQuarterShape,
    ProviderFile,
    ReportStep,
    Step,
    SupervisionFile,
    ThematicFile,
)
from saferpractice.lists.rules.mistakes import Mistake, Shape, parse

PROVIDER = "provider.yml"
SUPERVISION, THEMATIC, AUDITS, CARE = "supervision.yml", "thematic.yml", "audits.yml", "care.yml"
LEARNING, INSPECTION, NEIGHBOUR = "learning.yml", "inspection.yml", "neighbour.yml"
NO_INCIDENTS = frozenset({PROVIDER, SUPERVISION, THEMATIC, AUDITS, LEARNING, INSPECTION, NEIGHBOUR})
"""Files that hold something else than incidents and cases."""
NEEDED_KEYS = ("name", "since", "password", "mail_domain", "services", "people")
EVERY_WEEKDAY = tuple(
    Calendar(datetime(2026, 3, 23, hour, tzinfo=UTC) + timedelta(days=number))
    for number, hour in itertools.product(range(7), (0, 23))
)
"""Days of loading, over the night the clocks go forward: the order of steps must be the same on each."""

ShapeType = TypeVar("ShapeType", bound=Shape)


class ExampleMistakes(ValueError):
    """The example cannot be loaded. ``mistakes`` holds every one found, not only the first."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class ReadStep:
    """One step: its number in the incident from 1, the word before it, and what it says."""

    number: int
    word: str
    says: Step


@dataclass(frozen=True, slots=True)
class ReadIncident:
    """One incident with its steps in order."""

    file: str
    shape: IncidentShape
    steps: tuple[ReadStep, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """Everything in the files, read and checked. ``care`` are cases on pathways that no incident began."""

    provider: ProviderFile
    incidents: tuple[ReadIncident, ...]
    care: tuple[ReadIncident, ...] = ()
    supervision: SupervisionFile = field(default_factory=SupervisionFile)
    thematic: ThematicFile = field(default_factory=ThematicFile)
    audits: AuditsFile = field(default_factory=AuditsFile)
    learning: LearningFile = field(default_factory=LearningFile)
    inspection: InspectionFile = field(default_factory=InspectionFile)
    neighbour: NeighbourFile | None = None


def read_example(folder: Path) -> Example:
    """The example in ``folder``: provider.yml, what stands in files of its own if it is there, and else incidents.

    Raises:
        ExampleMistakes: every mistake, each with what to write instead.
    """
    mistakes: list[Mistake] = []
    provider = _provider(folder / PROVIDER, mistakes)
    incidents: list[ReadIncident] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name not in NO_INCIDENTS:
            incidents += _incidents(path, mistakes)
    if provider is not None:
        mistakes += _slips(provider, incidents)
    supervision = _parts(SupervisionFile, folder / SUPERVISION, mistakes)
    thematic = _parts(ThematicFile, folder / THEMATIC, mistakes)
    audits = _parts(AuditsFile, folder / AUDITS, mistakes)
    learning = _parts(LearningFile, folder / LEARNING, mistakes)
    inspection = _parts(InspectionFile, folder / INSPECTION, mistakes)
    neighbour = _neighbour(folder / NEIGHBOUR, mistakes)
    if provider is None or supervision is None or thematic is None or audits is None:
        raise ExampleMistakes(mistakes)
    if learning is None or inspection is None:
        raise ExampleMistakes(mistakes)
    mistakes += _unknown_people(provider, thematic)
    mistakes += _unknown_in_audits(provider, audits)
    mistakes += _unknown_in_learning(provider, learning)
    mistakes += _unknown_in_inspection(provider, incidents, inspection)
    if neighbour is not None:
        mistakes += _unknown_in_neighbour(provider, neighbour)
    if mistakes:
        raise ExampleMistakes(mistakes)
    reported = tuple(read for read in incidents if read.file != CARE)
    care = tuple(read for read in incidents if read.file == CARE)
    return Example(provider, reported, care, supervision, thematic, audits, learning, inspection, neighbour)


def _load(path: Path, mistakes: list[Mistake]) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        mistakes.append(Mistake(path.name, "file", "This file is missing. Put it back, or take it from a release."))
    except yaml.YAMLError as error:
        mistakes.append(Mistake(path.name, "file", f"This is not YAML: {' '.join(str(error).split())}."))
    return None


def _provider(path: Path, mistakes: list[Mistake]) -> ProviderFile | None:
    data = _load(path, mistakes)
    if not isinstance(data, Mapping):
        if data is not None:
            mistakes.append(Mistake(path.name, "file", f"Write the parts it holds: {', '.join(NEEDED_KEYS)}."))
        return None
    return _parsed(ProviderFile, data, path.name, "provider", mistakes)


def _neighbour(path: Path, mistakes: list[Mistake]) -> NeighbourFile | None:
    return _parts(NeighbourFile, path, mistakes) if path.exists() else None


def _parts(shape: type[ShapeType], path: Path, mistakes: list[Mistake]) -> ShapeType | None:
    """A file that may be missing and holds named parts."""
    data = _load(path, mistakes) if path.exists() else {}
    if not isinstance(data, Mapping):
        mistakes.append(Mistake(path.name, "file", f"Write the parts it holds: {', '.join(shape.model_fields)}."))
        return None
    return _parsed(shape, data, path.name, path.stem, mistakes)


def _parsed(
    shape: type[ShapeType], data: Mapping[str, Any], file: str, entry: str, mistakes: list[Mistake]
) -> ShapeType | None:
    found, sentences = parse(shape, data)
    mistakes += [Mistake(file, entry, sentence) for sentence in sentences]
    return found


def _incidents(path: Path, mistakes: list[Mistake]) -> Iterator[ReadIncident]:
    data = _load(path, mistakes)
    if not isinstance(data, list):
        mistakes.append(Mistake(path.name, "file", "Write a list of incidents: each begins with a hyphen."))
        return
    for number, one in enumerate(data, start=1):
        if not isinstance(one, Mapping):
            mistakes.append(Mistake(path.name, f"incident {number}", "Write key, team, shows and steps."))
            continue
        name = str(one.get("key") or f"incident {number}")
        shape = _parsed(IncidentShape, one, path.name, name, mistakes)
        if shape is not None:
            yield ReadIncident(path.name, shape, tuple(_steps(shape, path.name, mistakes)))


def _steps(shape: IncidentShape, file: str, mistakes: list[Mistake]) -> Iterator[ReadStep]:
    for number, step in enumerate(shape.steps, start=1):
        where = f"{shape.key}, step {number}"
        if len(step) != 1:
            mistakes.append(Mistake(file, where, "Write one word such as report: and its parts under it."))
            continue
        ((word, parts),) = step.items()
        if word not in STEPS:
            close = difflib.get_close_matches(word, STEPS, n=1)
            advice = f'Did you mean "{close[0]}"?' if close else f"Write one of: {', '.join(STEPS)}."
            mistakes.append(Mistake(file, where, f'"{word}" is no kind of step. {advice}'))
            continue
        if not isinstance(parts, Mapping):
            mistakes.append(Mistake(file, where, f'Write the parts of "{word}" on lines of their own.'))
            continue
        says = _parsed(STEPS[word], parts, file, f"{where} ({word})", mistakes)
        if says is not None:
            yield ReadStep(number, word, says)


def _slips(provider: ProviderFile, incidents: list[ReadIncident]) -> Iterator[Mistake]:
    """What each part may say for itself and is wrong beside the others."""
    teams = {team.key for service in provider.services for team in service.teams}
    places = teams | {service.key for service in provider.services}
    people = {person.key for person in provider.people}
    for person in provider.people:
        if person.at is not None and person.at not in places:
            yield Mistake(PROVIDER, person.key, _unknown("at", person.at, places))
    for key in _twice([*[person.key for person in provider.people], *sorted(places)]):
        yield Mistake(PROVIDER, key, "This key is used twice. Give one of them another.")
    for key in _twice([incident.shape.key for incident in incidents]):
        yield Mistake("incidents", key, "There are two incidents of this key. Give one of them another.")
    for incident in incidents:
        name = incident.shape.key
        if incident.shape.team not in teams:
            yield Mistake(incident.file, name, _unknown("team", incident.shape.team, teams))
        if incident.file != CARE and "report" not in incident.shape.steps[0]:
            yield Mistake(incident.file, name, "Begin with a report: before it there is no incident.")
        if incident.file == CARE and "case" not in incident.shape.steps[0]:
            yield Mistake(incident.file, name, "Begin with a case: before it there is nothing to write on.")
        for step in incident.steps:
            for word in ("by", "person", "owner", "reviewer", "approved_by"):
                named = getattr(step.says, word, None)
                if named and named not in people and not (word == "person" and isinstance(step.says, ReportStep)):
                    yield Mistake(incident.file, f"{name}, step {step.number}", _unknown(word, named, people))
        yield from _out_of_order(incident)


def _unknown_people(provider: ProviderFile, thematic: ThematicFile) -> Iterator[Mistake]:
    people = {person.key for person in provider.people}
    for says in thematic.reviews:
        met = says.meeting
        owners = [one.owner for one in met.decisions if one.owner] if met else []
        named = [says.by, *((met.chair, *met.present, *met.apologies, *owners) if met else ())]
        for key in dict.fromkeys(named):
            if key not in people:
                yield Mistake(THEMATIC, f"quarter {says.quarters_ago} ago", _unknown("person", key, people))
    told = [(one.quarters_ago, one.by) for one in thematic.published]
    told += [(one.quarters_ago, one.by) for one in thematic.targets]
    for quarters_ago, by in told:
        if by not in people:
            yield Mistake(THEMATIC, f"for commissioners, {quarters_ago} ago", _unknown("person", by, people))


def _unknown_in_audits(provider: ProviderFile, audits: AuditsFile) -> Iterator[Mistake]:
    people = {person.key for person in provider.people}
    teams = {team.key for service in provider.services for team in service.teams}
    for case in audits.cases:
        yield from _strangers(AUDITS, case.key, people, case.worker, case.manager, case.supervisor)
        if case.team not in teams:
            yield Mistake(AUDITS, case.key, _unknown("team", case.team, teams))
    for says in audits.audits:
        owner = [says.answered.owner] if says.answered else []
        settled = [says.settled.by] if says.settled else []
        yield from _strangers(AUDITS, says.key, people, says.by, *(one.by for one in says.readings), *settled, *owner)


def _unknown_in_learning(provider: ProviderFile, learning: LearningFile) -> Iterator[Mistake]:
    people = {person.key for person in provider.people}
    teams = {team.key for service in provider.services for team in service.teams}
    for need in learning.needs:
        trained = [key for one in need.trained for key in (one.by, *one.people)]
        yield from _strangers(LEARNING, need.change, people, need.by, *trained)
        yield from (
            Mistake(LEARNING, need.change, _unknown("team", one, teams)) for one in need.teams if one not in teams
        )
    for clause in learning.clauses:
        agreed = [clause.agreed.by] if clause.agreed else []
        yield from _strangers(LEARNING, clause.change, people, clause.by, *agreed)
    for bulletin in learning.bulletins:
        yield from _strangers(LEARNING, f"bulletin, {bulletin.quarters_ago} ago", people, bulletin.by)
    for lesson in learning.lessons:
        yield from _strangers(LEARNING, lesson.change, people, lesson.by)
    if learning.takes_part is not None:
        yield from _strangers(LEARNING, "takes_part", people, learning.takes_part.by)


def _unknown_in_inspection(
    provider: ProviderFile, incidents: Iterable[ReadIncident], inspection: InspectionFile
) -> Iterator[Mistake]:
    people = {person.key for person in provider.people}
    services = {service.key for service in provider.services}
    known = {one.shape.key for one in incidents if one.file != CARE}
    for pack in inspection.packs:
        yield from _strangers(INSPECTION, pack.incident, people, pack.by)
        if pack.incident not in known:
            yield Mistake(INSPECTION, pack.incident, _unknown("incident", pack.incident, known))
    for one in inspection.inspections:
        yield from _strangers(INSPECTION, one.reference, people, one.by, one.inspector)
        for key in one.services:
            if key not in services:
                yield Mistake(INSPECTION, one.reference, _unknown("services", key, services))


def _of(quarter: CountedQuarterShape) -> tuple[OfAQuarterShape, ...]:
    return (*quarter.incidents, *quarter.lost_contact)


def _unknown_in_neighbour(provider: ProviderFile, neighbour: NeighbourFile) -> Iterator[Mistake]:
    people = {person.key for person in neighbour.people}
    teams = {team.key for service in neighbour.services for team in service.teams}
    places = teams | {service.key for service in neighbour.services}
    for person in neighbour.people:
        if person.at is not None and person.at not in places:
            yield Mistake(NEIGHBOUR, person.key, _unknown("at", person.at, places))
    for says in neighbour.quarters:
        who = (says.published_by, says.led_by, says.reviewed_by)
        yield from _strangers(NEIGHBOUR, f"{says.quarters_ago} ago", people, *who)
        for one in _of(says):
            yield from _strangers(NEIGHBOUR, one.key, people, one.by)
            if one.team not in teams:
                yield Mistake(NEIGHBOUR, one.key, _unknown("team", one.team, teams))
    for step in (*neighbour.pathways, *([neighbour.takes_part] if neighbour.takes_part else [])):
        yield from _strangers(NEIGHBOUR, step.at, people, step.by)
    if neighbour.lets_read is not None:
        yield from _strangers(NEIGHBOUR, "lets_read", people, neighbour.lets_read.by)
        yield from _strangers(
            NEIGHBOUR, "lets_read", {one.key for one in provider.people}, neighbour.lets_read.commissioner
        )
    keys = [one.key for says in neighbour.quarters for one in _of(says)]
    for key in _twice(keys):
        yield Mistake(NEIGHBOUR, key, "This key is used twice. Give one of them another.")


def _strangers(file: str, entry: str, people: set[str], *named: str) -> Iterator[Mistake]:
    for key in dict.fromkeys(named):
        if key not in people:
            yield Mistake(file, entry, _unknown("person", key, people))


def _out_of_order(incident: ReadIncident) -> Iterator[Mistake]:
    """Where the order of steps hangs on the weekday of loading, or something comes before the report."""
    orders = [_order(incident, calendar) for calendar in EVERY_WEEKDAY]
    for other in orders[1:]:
        for one, two in zip(orders[0], other, strict=True):
            if one != two:
                first, second = (incident.steps[place] for place in (one, two))
                yield Mistake(
                    incident.file,
                    f"{incident.shape.key}, steps {first.number} and {second.number}",
                    f'"{first.says.at}" comes before "{second.says.at}" on some days of loading and after it on '
                    "others. Write both in weeks, or both in days.",
                )
                return
    if orders[0] and orders[0][0] != 0:
        step = incident.steps[orders[0][0]]
        yield Mistake(
            incident.file,
            f"{incident.shape.key}, step {step.number}",
            f'"{step.says.at}" lies before the {incident.steps[0].word}. Nothing can be done before it.',
        )


def _order(incident: ReadIncident, calendar: Calendar) -> list[int]:
    return sorted(range(len(incident.steps)), key=lambda number: calendar.moment(incident.steps[number].says.at))


def _unknown(word: str, given: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(given, list(known), n=1)
    return f'"{word}": there is no "{given}".' + (f' Did you mean "{close[0]}"?' if close else "")


def _twice(keys: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield key
        seen.add(key)
