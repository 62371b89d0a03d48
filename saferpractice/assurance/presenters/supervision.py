"""What the pages of supervision show. States are words first; colour says them a second time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.assurance.models import Absence, LearningPoint, SupervisedBy, SupervisionDiscussion
from saferpractice.assurance.permissions.supervision import check_can_hold, check_can_word
from saferpractice.assurance.queries.supervision import Grid, Prompted, since_of, wording_shown
from saferpractice.assurance.rules.supervision import Cell, CellState, Coverage, Said, Span
from saferpractice.changes.models import OperationalChange
from saferpractice.deadlines.rules import day_label, local_day, local_time_label
from saferpractice.design.words import plural, tag
from saferpractice.findings.models import Finding

MEANING = {
    CellState.CONFIRMED: "good",
    CellState.UNCONFIRMED: "working",
    CellState.DISPUTED: "warning",
    CellState.NOT_YET: "waiting",
    CellState.MISSING: "bad",
    CellState.NOT_EXPECTED: "quiet",
}
SHORT = {
    CellState.CONFIRMED: "✓ Confirmed",
    CellState.UNCONFIRMED: "✓ Unconfirmed",
    CellState.DISPUTED: "! Disputed",
    CellState.NOT_YET: "… Not yet",
    CellState.MISSING: "✗ Missing",
    CellState.NOT_EXPECTED: "– Not expected",
}


def cell_words(cell: Cell) -> str:
    """A cell in words, with what belongs to it."""
    if cell.state is CellState.NOT_YET:
        return f"{cell.state.label}: {plural(cell.days_left, 'working day')} left"
    if cell.state is CellState.NOT_EXPECTED:
        return f"{cell.state.label}: {cell.why[:1].lower()}{cell.why[1:]}"
    return (
        cell.state.label if cell.owed else f"{cell.state.label} (none was owed: {cell.why[:1].lower()}{cell.why[1:]})"
    )


def cell_tag(cell: Cell) -> Markup:
    """A cell of the grid: a sign and words, and how many days are left."""
    text = SHORT[cell.state]
    return tag(f"{text} ({cell.days_left} left)" if cell.state is CellState.NOT_YET else text, MEANING[cell.state])


def place_words(grid: Grid, cell: Cell) -> str:
    """Where a cell is counted."""
    team, service = grid.teams.get(cell.team) if cell.team else None, None
    if cell.service and team is None:
        service = grid.services.get(cell.service)
    return team.name if team else service.name if service else "The whole provider"


def grid_rows(grid: Grid, months: Sequence[date]) -> list[list[Any]]:
    """A row for each worker: their name with where they work, and each month."""
    rows: list[list[Any]] = []
    for pk, person in grid.people.items():
        by_month = {one.month: one for one in grid.of(pk)}
        last = by_month[max(by_month)]
        name = Markup('<a href="{}">{}</a><br><span class="sp-clock">{}</span>').format(
            reverse("assurance:worker", args=[pk]), person.name, place_words(grid, last)
        )
        rows.append(
            [
                name,
                *(cell_tag(by_month[month]) if month in by_month else None for month in months),
            ]
        )
    return rows


FILE_HEADER = ("Worker", "Place", "Supervisor", "Month", "Owed", "State", "Why or how long")


def file_lines(grid: Grid) -> Iterator[list[Any]]:
    """The grid as lines of a file: one for each worker and month."""
    for pk, person in grid.people.items():
        supervisor = grid.supervisors.get(pk)
        for cell in grid.of(pk):
            rest = plural(cell.days_left, "working day") if cell.days_left else cell.why
            yield [
                person.name,
                place_words(grid, cell),
                supervisor.name if supervisor else "Nobody",
                f"{cell.month:%Y-%m}",
                cell.owed,
                cell.state.label,
                rest,
            ]


def lacking_rows(grid: Grid, cells: Iterable[Cell], by: Person, at: datetime) -> list[list[Any]]:
    """Who is missing, or disputes, newest month first, each with the way to put it right."""
    rows: list[list[Any]] = []
    for cell in sorted(cells, key=lambda one: (one.month, grid.people[one.worker].name), reverse=True):
        person, supervisor = grid.people[cell.worker], grid.supervisors.get(cell.worker)
        may = allowed(check_can_hold, by=by, at=at, worker=person)[0]
        rows.append(
            [
                {"text": person.name, "href": reverse("assurance:worker", args=[cell.worker])},
                f"{cell.month:%B %Y}",
                place_words(grid, cell),
                supervisor.name if supervisor else "Nobody",
                cell_tag(cell),
                {"text": "Write it down", "href": record_address([person])} if may else None,
            ]
        )
    return rows


def record_address(people: Iterable[Person]) -> str:
    """The page to write down a discussion with ``people``."""
    return f"{reverse('assurance:record_discussion')}?" + "&".join(f"worker={one.pk}" for one in people)


def coverage_words(found: Coverage) -> str:
    """How many of how many, in words."""
    if not found.owed:
        return "None was owed"
    words = f"{found.discussed} of {found.owed} discussed"
    more = [
        (len(found.missing), "missing"),
        (len(found.disputed), "disputed"),
        (len(found.not_yet), "not yet"),
    ]
    return ", ".join([words, *(f"{number} {word}" for number, word in more if number)])


def coverage_rows(grid: Grid, parts: Iterable[tuple[str, Coverage]]) -> list[list[Any]]:
    """Rows of a table of coverage; who is missing stands beside every number."""
    rows: list[list[Any]] = []
    for name, found in parts:
        lacking = [grid.people[one.worker].name for one in (*found.missing, *found.disputed)]
        rows.append(
            [
                name,
                found.owed,
                found.discussed,
                found.confirmed,
                len(found.disputed),
                len(found.not_yet),
                len(found.missing),
                ", ".join(sorted(set(lacking))) or None,
            ]
        )
    return rows


def by_place(grid: Grid, found: Coverage) -> list[tuple[str, Coverage]]:
    """The coverage of each service, and of each team within it."""
    parts: list[tuple[str, Coverage]] = []
    for service in sorted(grid.services.values(), key=lambda one: one.name):
        of = found.of_service(service.pk)
        parts.append((service.name, of))
        teams = sorted((one for one in grid.teams.values() if one.service_id == service.pk), key=lambda one: one.name)
        parts += [(f"{service.name}: {team.name}", of.of_team(team.pk)) for team in teams]
    return parts


def people_cards(found: Iterable[tuple[Prompted, Cell | None]]) -> list[dict[str, Any]]:
    """What a supervisor sees of each of their people this month."""
    return [
        {
            "name": one.worker.name,
            "href": reverse("assurance:worker", args=[one.worker.pk]),
            "record": record_address([one.worker]),
            "state": tag(cell_words(cell), MEANING[cell.state]) if cell else None,
            "last": day_label(one.last_held) if one.last_held else "Never",
            "new": [_prompt(each.point) for each in one.new],
            "older": [
                _prompt(each.point)
                for each in one.prompts
                if each.discussed_on is None and each.since is not None and each not in one.new
            ],
        }
        for one, cell in found
    ]


def _prompt(point: LearningPoint) -> dict[str, str]:
    since = since_of(point)
    source = "Finding" if point.finding_id else "Briefing" if point.briefing_id else "Change"
    return {"text": point.wording, "source": f"{source}, {day_label(since)}" if since else source}


SAID = {
    Said.SO: ("Confirmed", "good"),
    Said.NOT_SO: ("Disputed", "warning"),
    Said.NOTHING: ("To be confirmed", "working"),
}


def discussion_state(discussion: SupervisionDiscussion, said: Said) -> Markup:
    """Whether a discussion stands, and what its worker says of it."""
    if discussion.taken_back:
        return tag("Was not held", "quiet")
    if hasattr(discussion, "corrected_by"):
        return tag("Corrected since", "quiet")
    return tag(*SAID[said])


def discussion_rows(discussions: Iterable[SupervisionDiscussion], said: dict[Any, Said]) -> list[list[Any]]:
    """Rows of discussions: the day, with whom, what about, and what the worker says."""
    return [
        [
            {"text": day_label(one.held_on), "href": reverse("assurance:discussion", args=[one.pk])},
            one.supervisor.name,
            "; ".join(dict.fromkeys(wording_shown(point) for point in one.points.all())),
            discussion_state(one, said.get(one.pk, Said.NOTHING)),
        ]
        for one in discussions
    ]


def points_of(discussion: SupervisionDiscussion, changes_seen: set[Any]) -> list[dict[str, str]]:
    """The points of a discussion, with a link to the change where the reader may open it."""
    return [
        {
            "text": wording_shown(point),
            "href": reverse("changes:change", args=[point.change_id]) if point.change_id in changes_seen else "",
        }
        for point in discussion.points.all()
    ]


def account_story(discussion: SupervisionDiscussion) -> list[dict[str, Any]]:
    """Both accounts in the order in which they were given: the supervisor's, and what the worker said of it."""
    story = [
        {
            "when": local_time_label(discussion.decided_at),
            "who": f"{discussion.decided_by_name}, {discussion.decided_by_role.lower()}",
            "text": f"Corrected, because: {discussion.corrected_because}"
            if discussion.corrects_id
            else "Wrote it down",
        }
    ]
    for answer in discussion.answers.order_by("decided_at", "pk"):
        story.append(
            {
                "when": local_time_label(answer.decided_at),
                "who": f"{answer.decided_by_name}, {answer.decided_by_role.lower()}",
                "text": "This is how it was" if answer.confirmed else "This is not how it was",
                "detail": answer.words,
            }
        )
    return story


def month_rows(cells: Iterable[Cell]) -> list[list[Any]]:
    """A worker's months, newest first."""
    return [
        [f"{one.month:%B %Y}", tag(SHORT[one.state], MEANING[one.state]), cell_words(one)]
        for one in sorted(cells, key=lambda one: one.month, reverse=True)
    ]


def absence_rows(absences: Iterable[Absence], *, may: bool) -> list[list[Any]]:
    """When somebody is on record as away, and who recorded it when."""
    rows = []
    for one in absences:
        words = Span(one.from_on, one.until_on).words
        text = words[:1].upper() + words[1:]
        href = reverse("assurance:correct_absence", args=[one.pk]) if may else ""
        by = f"{one.decided_by_name}, {day_label(local_day(one.decided_at))}"
        rows.append([{"text": text, "href": href}, by])
    return rows


def supervised_rows(history: Iterable[SupervisedBy]) -> list[list[Any]]:
    """Who supervised somebody since when."""
    return [
        [one.supervisor.name if one.supervisor else "Nobody", day_label(one.from_on), one.decided_by_name]
        for one in history
    ]


def point_rows(points: Iterable[LearningPoint], by: Person, at: datetime) -> list[list[Any]]:
    """Rows of learning points: the words, what they were taken from, for whom, and since when."""
    rows: list[list[Any]] = []
    for one in points:
        withdrawn = getattr(one, "withdrawal", None)
        may = withdrawn is None and allowed(check_can_word, by=by, at=at, source=one.source)[0]
        rows.append(
            [
                one.wording,
                _prompt(one)["source"],
                ", ".join(sorted(team.name for team in one.teams.all())),
                tag(f"Withdrawn: {withdrawn.reason}", "quiet") if withdrawn else tag("To be discussed", "good"),
                {"text": "Withdraw", "href": reverse("assurance:withdraw_point", args=[one.pk])} if may else None,
            ]
        )
    return rows


def source_rows(changes: Iterable[OperationalChange], findings: Iterable[Finding]) -> list[list[Any]]:
    """What nobody has put into words yet, with the way to do so."""
    listed: list[tuple[str, str, Any, str]] = [("change", "Change", one, one.title) for one in changes]
    listed += [("finding", "Finding", one, one.statement) for one in findings]
    return [
        [
            text,
            what,
            day_label(local_day(one.decided_at)),
            {"text": "Put into words", "href": reverse("assurance:word_point", args=[kind, one.pk])},
        ]
        for kind, what, one, text in listed
    ]
