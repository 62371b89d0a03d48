"""The mapping: which column fills which answer, what stands in every row, and what is decided on the way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import Field, StringConstraints

from saferpractice.exchange.rules.moments import FORMATS_TO_TRY, format_problem
from saferpractice.exchange.rules.table import Table
from saferpractice.lists.rules import reason_problem
from saferpractice.lists.rules.mistakes import Shape, parse

AnswerName = Literal[
    "what_happened",
    "done_at_once",
    "also_known",
    "occurred_at",
    "known_at",
    "team",
    "person_reference",
    "person_name",
    "themes",
    "physical_harm",
    "psychological_harm",
    "still_at_risk",
    "risk_words",
]
ANSWERS: tuple[str, ...] = get_args(AnswerName)
REQUIRED = ("what_happened", "physical_harm", "psychological_harm", "still_at_risk")
TEXTS = frozenset({"what_happened", "done_at_once", "also_known", "risk_words"})
TIMES = frozenset({"occurred_at", "known_at"})
CODED = ("themes", "physical_harm", "psychological_harm", "still_at_risk")
LABELS = {
    "what_happened": "What happened",
    "done_at_once": "What was done at once",
    "also_known": "What else is known",
    "occurred_at": "When it happened",
    "known_at": "When the service came to know of it",
    "team": "Team",
    "person_reference": "The person's reference",
    "person_name": "The person's name",
    "themes": "Themes",
    "physical_harm": "Physical harm",
    "psychological_harm": "Psychological harm",
    "still_at_risk": "Anyone still at risk",
    "risk_words": "Who is at risk, and from what",
}
LONGEST_FILE = 200_000
"""Characters of a mapping file."""
DEEPEST = 50
"""Brackets within brackets. The reader takes the square of them: a file of nothing else would keep it for hours."""

Short = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Heading = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class MappingProblem(ValueError):
    """A mapping cannot be used. ``sentences`` say what to put right, all of it."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(" ".join(self.sentences))


class Fill(Shape):
    """How one answer is filled: from a column, from several, or the same in every row."""

    column: Heading | None = Field(default=None, description="the heading of the column")
    columns: tuple[Heading, ...] = Field(default=(), description="the headings of several columns, one below another")
    headings: dict[str, str] = Field(default_factory=dict, description="by column, the words to stand above its text")
    value: str | None = Field(default=None, max_length=2000, description="what every row has")
    translate: dict[str, str] = Field(default_factory=dict, description="what the file says, and what it means here")
    otherwise: str | None = Field(default=None, max_length=2000, description="what an empty cell means")
    formats: tuple[Short, ...] = Field(default=(), description="how days and times are written, such as %d/%m/%Y")
    separator: str | None = Field(default=None, max_length=5, description="what stands between several themes")

    @property
    def read(self) -> tuple[str, ...]:
        """The columns it reads, in order."""
        return (self.column,) if self.column else self.columns


class ThresholdOnImport(Shape):
    """The safeguarding threshold as decided for everything in the file, with its rationale."""

    outcome: Literal["refer", "do_not_refer"] = Field(description="refer or do_not_refer")
    rationale: str = Field(min_length=1, max_length=5000, description="why")


class TriageOnImport(Shape):
    """What triage records of everything in the file. Whatever is not stated is recorded as not known."""

    tier: Literal["A", "B", "C"] = Field(description="A, B or C")
    reason: str = Field(min_length=1, max_length=5000, description="why this tier, also where the rules differ")
    no_safety_actions_because: str = Field(min_length=1, max_length=5000, description="why nothing was done at once")
    threshold: ThresholdOnImport | None = Field(default=None, description="the threshold decision, if it is taken")
    wishes: str = Field(default="not-recorded", max_length=40, description="a code of the list of the person's wishes")


class ImportMapping(Shape):
    """Everything a mapping file holds."""

    name: str = Field(min_length=1, max_length=120, description="what people call this mapping")
    about: str = Field(default="", max_length=2000, description="what it is for")
    source_system: str = Field(min_length=1, max_length=60, description="the system the file comes from")
    reference: tuple[Heading, ...] = Field(
        default=(), description="the columns that hold the source's own reference; the first that is not empty counts"
    )
    delimiter: Literal[",", ";", "tab"] | None = Field(default=None, description="a comma, a semicolon or tab")
    answers: dict[AnswerName, Fill] = Field(description="the answers of a report, each with how it is filled")
    triage: TriageOnImport | None = Field(default=None, description="what triage records of every row, if anything")

    @property
    def sign(self) -> str | None:
        """What stands between cells; None when it is to be found out."""
        return "\t" if self.delimiter == "tab" else self.delimiter

    @property
    def read(self) -> frozenset[str]:
        """Every column the mapping reads."""
        return frozenset(self.reference) | {name for fill in self.answers.values() for name in fill.read}


def mapping_from_text(text: str) -> ImportMapping:
    """A mapping written as YAML or JSON.

    Raises:
        MappingProblem: with everything there is to put right.
    """
    if len(text) > LONGEST_FILE:
        raise MappingProblem(["The mapping file is too long to be one. Choose the file that says what each column is."])
    if _depth(text) > DEEPEST:
        raise MappingProblem(["The mapping file is neither YAML nor JSON. It opens brackets and does not close them."])
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" Look at line {mark.line + 1}." if mark else ""
        raise MappingProblem([f"The mapping file is neither YAML nor JSON.{where}"]) from error
    return mapping_from_data(data)


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in text:
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth = max(0, depth - 1)
    return deepest


def mapping_from_data(data: Any) -> ImportMapping:
    """A mapping as plain data.

    Raises:
        MappingProblem: with everything there is to put right.
    """
    if not isinstance(data, Mapping):
        raise MappingProblem(["A mapping begins with name, source_system and answers. See the guide to importing."])
    mapping, sentences = parse(ImportMapping, data)
    if mapping is None:
        raise MappingProblem(sentences)
    found = list(_mistakes(mapping))
    if found:
        raise MappingProblem(found)
    return mapping


def _mistakes(mapping: ImportMapping) -> Iterator[str]:
    for name in REQUIRED:
        if name not in mapping.answers:
            yield f"“answers.{name}” is missing. Say which column fills it, or the value that every row has."
    for name, fill in mapping.answers.items():
        yield from (f"“answers.{name}”: {sentence}" for sentence in _fill_mistakes(name, fill))
    if mapping.triage is not None:
        reasons = {
            "triage.reason": (mapping.triage.reason, "why every row gets this tier"),
            "triage.no_safety_actions_because": (mapping.triage.no_safety_actions_because, "why nothing was done"),
        }
        if mapping.triage.threshold is not None:
            reasons["triage.threshold.rationale"] = (mapping.triage.threshold.rationale, "the rationale")
        for place, (words, what) in reasons.items():
            problem = reason_problem(words, what=what)
            if problem:
                yield f"“{place}”: {problem}"


def _fill_mistakes(name: str, fill: Fill) -> Iterator[str]:
    given = [way for way in ("column", "columns") if getattr(fill, way)] + ["value"] * (fill.value is not None)
    if len(given) != 1:
        yield "write one of column, columns or value."
    if fill.columns and name not in TEXTS:
        yield "only a text can be made of several columns. Write column."
    if set(fill.headings) - set(fill.read):
        yield "headings names a column that is not read here."
    if fill.formats and name not in TIMES:
        yield "formats belong to times only."
    if name in TIMES and fill.value is not None:
        yield "a time comes from a column; leave it out when the file has none."
    for pattern in fill.formats:
        problem = format_problem(pattern)
        if problem:
            yield problem
    if fill.separator is not None and name != "themes":
        yield "only themes can be several in one cell. Take separator out."


def formats_of(fill: Fill) -> tuple[str, ...]:
    """How the days and times of ``fill`` are written; day first, as in Britain, when nothing is said."""
    return fill.formats or FORMATS_TO_TRY


def column_problems(mapping: ImportMapping, table: Table) -> list[str]:
    """Why ``mapping`` does not fit the heading of ``table``: missing columns, or headings that stand twice."""
    missing = sorted(mapping.read - set(table.columns))
    found = []
    if missing:
        had = ", ".join(f"“{name}”" for name in table.columns)
        found.append(
            f"The mapping reads {_listed(missing)}, which the file does not have. Its columns are {had}. "
            "Choose another mapping, or say which columns to read."
        )
    found += [
        f"Two columns are called “{name}”, and the mapping reads it. Give one of them another heading in the file."
        for name in sorted(table.repeated & mapping.read)
    ]
    return found


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def as_data(mapping: ImportMapping) -> dict[str, Any]:
    """The mapping as plain data, without what was not said; ``mapping_from_data`` reads it back."""
    data: dict[str, Any] = mapping.model_dump(mode="json", exclude_defaults=True)
    return data


def as_text(mapping: ImportMapping) -> str:
    """The mapping as a YAML file that ``mapping_from_text`` reads back."""
    return str(yaml.safe_dump(as_data(mapping), allow_unicode=True, sort_keys=False, width=110))
