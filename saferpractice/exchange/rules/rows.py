"""From one row of a file to one report: what it says in our words, or what must be put right first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.exchange.rules.mapping import CODED, LABELS, Fill, ImportMapping, formats_of
from saferpractice.exchange.rules.moments import Moment, moment_in
from saferpractice.exchange.rules.table import TableRow
from saferpractice.incidents.rules import Answer, Precision, Report, problems_of

LONGEST_REFERENCE = 120
CLOCKS_DIFFER = timedelta(minutes=5)
LISTS = {"themes": "themes", "physical_harm": "physical-harm", "psychological_harm": "psychological-harm"}
"""The answers that hold codes, and the list of each."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be used: the answer, the column that fills it ("" for none), what stands there, what to do."""

    answer: str
    column: str
    value: str
    sentence: str

    @property
    def reason(self) -> str:
        """The reason without what the cell holds, fit to be kept in the open."""
        place = f"Column “{self.column}”" if self.column else LABELS.get(self.answer, "")
        return f"{place}: {self.sentence}" if place else self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What rows are judged against.

    Attributes:
        at: now (UTC).
        codes: for each coded answer, words in small letters (a code, or its label) and the code they mean.
        teams: names of teams in small letters ("north team", "riverside / north team") and the teams so called.
        default_team: the team of a row that names none.
    """

    at: datetime
    codes: Mapping[str, Mapping[str, str]]
    teams: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    default_team: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A row in our words. ``report`` and ``team`` are there when ``problems`` is empty."""

    number: int
    reference: str
    report: Report | None
    known_at: datetime | None
    team: UUID | None
    problems: tuple[Problem, ...]

    @property
    def reason(self) -> str:
        """Every problem, one after the other."""
        return " ".join(problem.reason for problem in self.problems)


def prepare(row: TableRow, columns: Sequence[str], mapping: ImportMapping, known: Known) -> Prepared:
    """What ``row`` says as a report, by ``mapping``; or everything that must be put right before it can be one."""
    if row.trouble:
        return Prepared(
            number=row.number,
            reference="",
            report=None,
            known_at=None,
            team=None,
            problems=(Problem("", "", "", row.trouble),),
        )
    return _Reading(row, columns, mapping, known).prepared()


def reference_of(cells: Mapping[str, str], mapping: ImportMapping) -> str:
    """The source's own reference: the first of its columns that is not empty; "" when all are.

    Without such columns it is a fingerprint of all that the row says. A long one is cut and made unmistakable.
    """
    if not mapping.reference:
        said = "\x1f".join(f"{name}\x1e{' '.join(text.split())}" for name, text in sorted(cells.items()))
        return f"row-{hashlib.sha256(said.encode()).hexdigest()[:40]}"
    text = next((words for name in mapping.reference if (words := " ".join(cells[name].split()))), "")
    if len(text) <= LONGEST_REFERENCE:
        return text
    return f"{text[:80]}…{hashlib.sha256(text.encode()).hexdigest()[:32]}"


class _Reading:
    """One row being read; problems gather as they are found."""

    def __init__(self, row: TableRow, columns: Sequence[str], mapping: ImportMapping, known: Known) -> None:
        self.row, self.mapping, self.known = row, mapping, known
        self.cells = dict(zip(columns, row.cells, strict=True))
        self.problems: list[Problem] = []

    def prepared(self) -> Prepared:
        reference = reference_of(self.cells, self.mapping)
        if not reference:
            self._note("", self.mapping.reference[0], "Give the row the source's own reference, so it goes in once.")
        team = self._team()
        known_at = self._moment("known_at")
        report = self._report()
        known_moment = self._known_moment(known_at, report)
        return Prepared(
            number=self.row.number,
            reference=reference,
            report=None if self.problems else report,
            known_at=known_moment,
            team=team,
            problems=tuple(self.problems),
        )

    def _note(self, answer: str, column: str, sentence: str) -> None:
        self.problems.append(Problem(answer, column, self.cells.get(column, "").strip(), sentence))

    def _note_answer(self, answer: str, sentence: str) -> None:
        fill = _fill_of(self.mapping, answer)
        self._note(answer, fill.read[0] if fill and fill.read else "", sentence)

    def _report(self) -> Report:
        when = self._moment("occurred_at")
        report = Report(
            what_happened=self._text("what_happened"),
            done_at_once=self._text("done_at_once"),
            also_known=self._text("also_known"),
            risk_words=self._text("risk_words"),
            occurred_at=when.at if when else None,
            occurred_precision=_precision(when),
            physical_harm=self._code("physical_harm"),
            psychological_harm=self._code("psychological_harm"),
            still_at_risk=Answer(self._code("still_at_risk") or Answer.UNKNOWN),
            person_reference=self._word("person_reference"),
            person_name=self._word("person_name"),
            themes=self._themes(),
        )
        noted = {problem.answer for problem in self.problems}
        codes = {name: frozenset(self.known.codes[answer].values()) for answer, name in LISTS.items()}
        for answer, sentence in problems_of(report, at=self.known.at, codes=codes).items():
            if answer not in noted:
                self._note_answer(answer, _ADVICE.get(sentence, sentence))
        if (
            self.mapping.triage is not None
            and report.still_at_risk is not Answer.NO
            and not as_written(report.risk_words)
        ):
            self._note_answer("risk_words", _RISK_UNSAID)
        return report

    def _known_moment(self, known: Moment | None, report: Report) -> datetime | None:
        if known is None:
            return None
        if known.at > self.known.at + CLOCKS_DIFFER:
            self._note_answer("known_at", "Enter a time that has passed. This one is in the future.")
        happened = report.occurred_at
        if happened is None or known.at >= happened:
            return known.at
        if known.only_day and local_day(known.at) == local_day(happened):
            return happened
        self._note_answer("known_at", "This is before it happened. Check both times.")
        return None

    def _fill(self, answer: str) -> Fill | None:
        return _fill_of(self.mapping, answer)

    def _text(self, answer: str) -> str:
        fill = self._fill(answer)
        if fill is None:
            return ""
        if fill.value is not None:
            return fill.value
        parts = []
        for column in fill.read:
            text = as_written(self.cells[column])
            if text:
                heading = fill.headings.get(column)
                parts.append(f"{heading}\n{text}" if heading else text)
        return "\n\n".join(parts) or (fill.otherwise or "")

    def _word(self, answer: str) -> str:
        return " ".join(self._text(answer).split())

    def _given(self, fill: Fill) -> str:
        """What a coded cell says after the mapping's translation; what "otherwise" says when it is empty."""
        raw = fill.value if fill.value is not None else self.cells[fill.read[0]]
        words = as_written(" ".join(raw.split()))
        if not words:
            return fill.otherwise or ""
        return _translated(fill, words)

    def _code(self, answer: str) -> str:
        fill = self._fill(answer)
        given = self._given(fill) if fill else ""
        code = self.known.codes[answer].get(given.casefold())
        if code is None:
            self._note_answer(answer, _not_a_code(answer, given))
            return ""
        return code

    def _themes(self) -> tuple[str, ...]:
        fill = self._fill("themes")
        if fill is None:
            return ()
        raw = fill.value if fill.value is not None else self.cells[fill.read[0]]
        parts = raw.split(fill.separator) if fill.separator else [raw]
        words = [" ".join(part.split()) for part in parts if as_written(part)]
        said = [_translated(fill, word) for word in words] or ([fill.otherwise] if fill.otherwise else [])
        codes = [self.known.codes["themes"].get(one.casefold()) for one in said]
        if None in codes:
            self._note_answer("themes", _not_a_code("themes", "said"))
        return tuple(dict.fromkeys(code for code in codes if code))

    def _moment(self, answer: str) -> Moment | None:
        fill = self._fill(answer)
        text = as_written(self.cells[fill.read[0]]) if fill and fill.read else ""
        if fill is None or not text:
            return None
        found = moment_in(text, formats_of(fill))
        if isinstance(found, str):
            self._note_answer(answer, found)
            return None
        return found

    def _team(self) -> UUID | None:
        fill = self._fill("team")
        given = self._given(fill) if fill else ""
        if not given:
            if self.known.default_team is None:
                self._note_answer("team", "Say which team it happened in.")
            return self.known.default_team
        found = self.known.teams.get(given.casefold(), ())
        if len(found) == 1:
            return found[0]
        self._note_answer("team", _NO_TEAM if not found else "Several teams have this name. Write “Service / Team”.")
        return None


def _fill_of(mapping: ImportMapping, answer: str) -> Fill | None:
    return next((fill for name, fill in mapping.answers.items() if name == answer), None)


def _precision(when: Moment | None) -> Precision:
    if when is None:
        return Precision.UNKNOWN
    return Precision.DAY if when.only_day else Precision.EXACT


def _translated(fill: Fill, words: str) -> str:
    folded = {" ".join(key.split()).casefold(): meant for key, meant in fill.translate.items()}
    return folded.get(words.casefold(), words)


_NO_TEAM = "No team here has this name. Write the team's name as it is here, or say in the mapping what it means."
_RISK_UNSAID = (
    "Somebody is or may be at risk, and the row does not say who, and from what. Write it, or import without triage."
)
_ADVICE = {"Enter what happened. A sentence is enough.": "This is empty. Enter what happened. A sentence is enough."}


def _not_a_code(answer: str, given: str) -> str:
    what = LABELS[answer].lower()
    if not given:
        return f"This is empty. Say the {what}, or say in the mapping what an empty cell means."
    return f"This is not a value known here for {what}. Correct it, or say in the mapping what it means."


def values_to_translate(
    rows: Iterable[Mapping[str, str]], mapping: ImportMapping, known: Known
) -> dict[str, list[str]]:
    """For each coded answer filled from a column, the values in ``rows`` that are not known here yet."""
    found: dict[str, dict[str, None]] = {answer: {} for answer in CODED}
    for cells in rows:
        for answer in CODED:
            fill = _fill_of(mapping, answer)
            if fill is None or not fill.read:
                continue
            raw = cells[fill.read[0]]
            for part in raw.split(fill.separator) if fill.separator else [raw]:
                words = " ".join(part.split())
                if words and _translated(fill, words).casefold() not in known.codes[answer]:
                    found[answer].setdefault(words, None)
    return {answer: list(values) for answer, values in found.items() if values}
