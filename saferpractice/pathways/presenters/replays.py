"""What the pages of replays show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from saferpractice.deadlines.rules import day_label, days_between, local_day, local_time_label
from saferpractice.design.charts import Bar
from saferpractice.design.words import tag
from saferpractice.incidents.models import Incident
from saferpractice.pathways.models import Replay, ReplayCase
from saferpractice.pathways.rules.definition import Definition
from saferpractice.pathways.rules.replaying import Difference, Differs, Side, days_before
from saferpractice.pathways.rules.tally import CANDIDATE, LIVE, Forestalled, Pair, Tally

REPLAY_HEADER = ["Person", "Service", "Team", "How it differs", "Incident", "Threshold before the incident, in days"]
REPLAY_HEADER += ["The same in the version in use"]
WEEKS_DRAWN = 12


def state_tag(replay: Replay, done: int) -> Any:
    """Where a replay stands, as a tag."""
    if hasattr(replay, "stopped"):
        return tag("Stopped", "quiet")
    if hasattr(replay, "result"):
        return tag("Done", "good")
    return tag(f"{percent(done, replay.cases)}%", "working")


def percent(done: int, cases: int) -> int:
    """How much of it is done, never 100 before it is."""
    return 100 * done // cases if cases else 0


def progress_words(done: int, cases: int) -> str:
    """How far it is, as a sentence."""
    return f"{done:,} of {cases:,} cases replayed."


def replay_rows(replays: Iterable[Replay], done: Mapping[UUID, int]) -> list[list[Any]]:
    """A row for each replay, newest first."""
    return [
        [
            {"text": replay.candidate_name, "href": reverse("pathways:replay", args=[replay.pk])},
            f"Version {replay.live.number}",
            f"{replay.cases:,}",
            f"{local_time_label(replay.decided_at)}, {replay.decided_by_name}",
            state_tag(replay, done.get(replay.pk, 0)),
        ]
        for replay in replays
    ]


def headlines(tally: Tally) -> list[dict[str, Any]]:
    """The numbers at a glance."""
    more = tally.triggered[CANDIDATE] - tally.triggered[LIVE]
    return [
        {"number": f"{tally.triggered[CANDIDATE]:,}", "text": f"of {tally.cases:,} cases would have triggered"},
        {"number": _signed(more), "text": "cases triggered, beside the version in use"},
        {"number": f"{tally.differ:,}", "text": "cases differ", "meaning": "warning" if tally.differ else "quiet"},
    ]


def beside(tally: Tally, found: Forestalled) -> list[list[Any]]:
    """Both definitions side by side: what, the version in use, the candidate, the difference."""
    opened = tally.by_obligation()
    rows = [
        ("Cases that would have triggered", tally.triggered),
        ("Things asked for", _total(opened)),
        ("Of these late", _total(tally.late)),
    ]
    if found.incidents:
        rows.append((f"Past incidents before which the threshold was met, of {found.incidents:,}", found.before))
    return [[what, *_both(pair)] for what, pair in rows]


def incident_sentences(found: Forestalled) -> list[str]:
    """What it would have meant for past incidents."""
    if not found.incidents:
        return ["No person on these cases had an incident after the first thing written down on their case."]
    said = []
    if found.earlier:
        count, middle, most = len(found.earlier), found.median_earlier or 0.0, found.earlier[-1]
        by = f"by {_days(most)}" if count == 1 else f"by {_days(middle)} in the middle of them, {_days(most)} at most"
        said.append(f"Before {_times(count, 'past incident')} the threshold would have been met earlier, {by}.")
    if found.later:
        count, last = len(found.later), _days(found.later[-1])
        by = f"by {last}" if count == 1 else f"by up to {last}"
        said.append(f"Before {_times(count, 'past incident')} it would have been met later, {by}, or not at all.")
    return said or ["It would have made no difference before any past incident."]


def obligation_rows(tally: Tally, live: Definition, candidate: Definition) -> list[list[Any]]:
    """For each obligation how often it was asked for, and how often late, under both."""
    opened = tally.by_obligation()
    order = list(dict.fromkeys([*candidate.owed, *live.owed]))
    return [
        [title(code, live, candidate), *_both(opened[code]), *map(_count, tally.late.get(code, [0, 0]))]
        for code in order
        if code in opened
    ]


def service_rows(tally: Tally, names: Mapping[str, str], duty_managers: Mapping[str, int]) -> list[list[Any]]:
    """For each service what came to be asked for a week, and a week for each of its duty managers."""
    weeks = len(tally.by_week()) or 1
    rows = []
    for service, pair in sorted(tally.by_service().items(), key=lambda each: names.get(each[0], "")):
        people = duty_managers.get(service, 0)
        a_week = [_rate(count, weeks) for count in pair]
        each = [_rate(count, weeks * people) for count in pair] if people else ["–", "–"]
        rows.append([names.get(service, "A service"), _count(people), *a_week, *each])
    return rows


def week_bars(tally: Tally) -> list[Bar]:
    """The newest weeks, as a chart: the candidate as bars, the version in use beside the number."""
    return [
        Bar(
            day_label(week),
            pair[CANDIDATE],
            note=f"(in use: {pair[LIVE]:,})",
            strong=pair[CANDIDATE] > pair[LIVE],
        )
        for week, pair in tally.by_week()[-WEEKS_DRAWN:]
    ]


def week_rows(tally: Tally) -> list[list[Any]]:
    """Every week, newest first: its Monday and both numbers."""
    return [[day_label(week), *_both(pair)] for week, pair in reversed(tally.by_week())]


def title(code: str, live: Definition, candidate: Definition) -> str:
    """What an obligation asks for, in the words of the definition that has it."""
    obligation = candidate.owed.get(code) or live.owed.get(code)
    return obligation.title if obligation else code


def differences_of(row: ReplayCase) -> list[Difference]:
    """What was kept of a case, as the rules say it."""
    return [Difference(code, _side(live), _side(candidate)) for code, live, candidate in row.differences]


def _side(kept: Sequence[Any]) -> Side:
    times, first_at, late = kept
    return Side(times, datetime.fromisoformat(first_at) if first_at else None, late)


def difference_words(found: Difference, name: str) -> str:
    """How a case differs in one obligation, as a sentence."""
    live, candidate = found.live, found.candidate
    if live.first_at is None:
        return f"“{name}” would have been asked for{_often(candidate.times)}{_on(candidate.first_at)}."
    if candidate.first_at is None:
        return f"“{name}” would not have been asked for. It was{_often(live.times)}{_on(live.first_at)}."
    match found.kind:
        case Differs.EARLIER | Differs.LATER:
            sooner = "earlier" if found.kind is Differs.EARLIER else "later"
            apart = _apart(abs(days_between(candidate.first_at, live.first_at)))
            return f"“{name}” would have been asked for {apart} {sooner},{_on(candidate.first_at)}."
        case Differs.OFTEN | Differs.SELDOM:
            return f"“{name}” would have been asked for {_times(candidate.times, 'time')} instead of {live.times}."
    return f"“{name}” would have been late {_times(candidate.late, 'time')} instead of {live.late}."


def replayed_rows(
    found: Sequence[ReplayCase], incidents: Mapping[UUID, Incident], live: Definition, candidate: Definition
) -> list[list[Any]]:
    """A row for each case that differs: who, where, how, and what that means for an incident the reader may open."""
    return [
        [
            {"text": row.case.person_supported.reference, "href": reverse("pathways:case", args=[row.case_id])},
            f"{row.case.team.name}, {row.case.team.service.name}",
            _how(row, live, candidate),
            _incident_words(row, incidents),
        ]
        for row in found
    ]


def _how(row: ReplayCase, live: Definition, candidate: Definition) -> str:
    return " ".join(difference_words(each, title(each.code, live, candidate)) for each in differences_of(row))


def _incident_words(row: ReplayCase, incidents: Mapping[UUID, Incident]) -> str | None:
    incident = incidents.get(row.incident_id) if row.incident_id else None
    if incident is None or row.incident_at is None:
        return None
    now = _before(days_before(row.candidate_at, row.incident_at))
    was = _before(days_before(row.live_at, row.incident_at))
    said = f"{incident.reference} on {day_label(local_day(row.incident_at))}: the threshold {now}"
    return f"{said}." if now == was else f"{said}; in the version in use {was}."


def _before(days: float | None) -> str:
    if days is None:
        return "is never met"
    return (
        f"is met {_apart(days)} before" if days > 0 else f"is met {_apart(-days)} after" if days else "is met with it"
    )


def replay_lines(
    found: Iterable[ReplayCase], incidents: Mapping[UUID, Incident], live: Definition, candidate: Definition
) -> Iterator[list[Any]]:
    """A line of plain text for each case that differs."""
    for row in found:
        incident = incidents.get(row.incident_id) if row.incident_id else None
        line: list[Any] = [row.case.person_supported.reference, row.case.team.service.name, row.case.team.name]
        line += [_how(row, live, candidate), incident.reference if incident else None]
        for moment in (row.candidate_at, row.live_at):
            days = days_before(moment, row.incident_at) if incident and row.incident_at else None
            line.append(None if days is None else f"{days:.1f}")
        yield line


def _both(pair: Pair) -> list[str]:
    return [_count(pair[LIVE]), _count(pair[CANDIDATE]), _signed(pair[CANDIDATE] - pair[LIVE])]


def _total(parts: Mapping[str, Pair]) -> Pair:
    return [sum(pair[side] for pair in parts.values()) for side in (LIVE, CANDIDATE)]


def _count(number: int) -> str:
    return f"{number:,}"


def _signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number else "0"


def _rate(count: int, over: int) -> str:
    return f"{count / over:,.1f}"


def _on(moment: datetime | None) -> str:
    return f" on {local_time_label(moment)}" if moment else ""


def _often(times: int) -> str:
    return "" if times == 1 else f" {_times(times, 'time')}, first"


def _times(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


def _days(days: float) -> str:
    return "1 day" if days == 1 else f"{days:,.1f} days".replace(".0 ", " ")


def _apart(days: float) -> str:
    """A length of time in the largest unit that says something: "3 days", "5 hours", "20 minutes"."""
    for unit, length in (("day", 1.0), ("hour", 1 / 24)):
        if days >= length:
            return _times(int(days / length + 1e-9), unit)
    return _times(max(1, round(days * 1440)), "minute")
