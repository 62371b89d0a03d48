"""What of a definition can be changed in a form by people who do not program, and how it is put back.

A definition is taken apart into inputs, each with the path to what it changes: a list of things with codes is
entered by code, another list by place. Whatever no input shows stays as it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Literal

from saferpractice.deadlines.rules import Timescale, TimescaleKind
from saferpractice.pathways.rules.spans import field_named, local_named, read_span, write_span

Kind = Literal["line", "text", "lines", "number", "count", "span", "role", "roles", "need", "remove", "type"]
Path = tuple[str | int, ...]
UNITS = {
    TimescaleKind.SAME_DAY: "the same day",
    TimescaleKind.CLOCK_HOURS: "hours",
    TimescaleKind.WORKING_HOURS: "working hours",
    TimescaleKind.CALENDAR_DAYS: "days",
    TimescaleKind.WORKING_DAYS: "working days",
    TimescaleKind.WEEKS: "weeks",
}
"""The units of a length of time, as the form offers them."""
NEW = "NEW"
"""What stands for something added in the form. It is no code that anything in a definition can have."""
NEW_TYPES = {"text": "Words", "yes-no": "Yes or no", "moment": "A day and a time", "partner": "A partner agency"}
"""The types of question that can be added. One with answers to choose from needs somebody who writes them."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to fill in. ``choices`` are what it may hold beside what is typed, by code."""

    path: Path
    kind: Kind
    label: str
    value: Any
    hint: str = ""
    required: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name in a form."""
        return ".".join(str(part) for part in self.path)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing with its inputs: an indicator, a record, an obligation."""

    code: str
    title: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a definition."""

    code: str
    title: str
    items: tuple[Item, ...]


def sections(content: Mapping[str, Any]) -> list[Section]:
    """The inputs of a definition, part by part, with what each holds now."""
    return [section for section in _Form(content).sections() if section.items]


class _Form:
    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.counts = {f"local {each['id']}": _set(each) for each in self._all("local") if each["type"] == "count"}
        self.spans = {f"local {each['id']}": _set(each) for each in self._all("local") if each["type"] == "span"}
        parts = [part for kind in self._all("records") for part in kind["fields"] if part["type"] == "moment"]
        labels: dict[str, dict[str, None]] = {}
        for part in parts:
            labels.setdefault(part["id"], {})[f"“{part['label']}”"] = None
        self.moments = {f"the moment in {code}": f"the moment under {' or '.join(of)}" for code, of in labels.items()}

    def _all(self, part: str) -> list[dict[str, Any]]:
        return list(self.content.get(part, ()))

    def sections(self) -> Iterator[Section]:
        yield Section("about", "What it is", (Item("about", "", tuple(self._about())),))
        yield Section("indicators", "What staff look for", tuple(self._indicators()))
        yield Section("obligations", "What must be done, by whom, by when", tuple(self._obligations()))
        yield Section("records", "What is written down", tuple(self._records()))
        yield Section("local", "What a service sets for itself", tuple(map(self._local, self._all("local"))))
        yield Section("closing", "Closing, supervision and measures", tuple(self._rest()))

    def _about(self) -> Iterator[Input]:
        yield self._line(("title",), "What is it called?")
        yield self._text(("about",), "What is it for?")
        yield self._text(("applies_to",), "Whom is it for?")
        yield self._text(("source",), "Where does this practice come from?")

    def _indicators(self) -> Iterator[Item]:
        look = "One on each line."
        for each in self._all("indicators"):
            at = ("indicators", each["id"])
            yield Item(
                each["id"],
                each["label"],
                (
                    self._line((*at, "label"), "Indicator"),
                    Input((*at, "look_for"), "lines", "What to look for", list(each["look_for"]), look),
                    Input((*at, "remove"), "remove", "Take this indicator out", value=False, required=False),
                ),
            )
        if self.content.get("indicators"):
            new = ("indicators", NEW)
            yield Item(
                NEW,
                "Add an indicator",
                (
                    Input((*new, "label"), "line", "Indicator", "", required=False),
                    Input((*new, "look_for"), "lines", "What to look for", [], look, required=False),
                ),
            )

    def _obligations(self) -> Iterator[Item]:
        for each in self._all("obligations"):
            at = ("obligations", each["id"])
            inputs = [
                self._line((*at, "title"), "What must be done?", "Begin with a verb."),
                Input((*at, "who"), "role", "Who must do it?", each["who"]),
                self._span((*at, "within"), "Within how long?", each["within"], moments=True),
                *self._condition((*at, "when"), each["when"]),
            ]
            if "repeats" in each:
                every = (*at, "repeats", "every")
                inputs.append(self._span(every, "And again how long after the last?", each["repeats"]["every"]))
                inputs += self._condition((*at, "repeats", "until"), each["repeats"]["until"], ending=True)
            for number, step in enumerate([*each["then"], {"tell": []}]):
                inputs += self._step((*at, "then", number), number, step, new=number == len(each["then"]))
            yield Item(each["id"], each["title"], tuple(inputs))

    def _step(self, at: Path, number: int, step: Mapping[str, Any], *, new: bool) -> Iterator[Input]:
        first = number == 0
        label = "Who is told as soon as it is late?" if first else "Who is told next?"
        hint = "" if first else "Tick nobody to leave this step out."
        yield Input((*at, "tell"), "roles", label, list(step["tell"]), hint, required=first)
        if not first or "after" in step:
            after = step.get("after", "1 working day")
            yield self._span((*at, "after"), "How long after the deadline?", after, required=not new)

    def _condition(self, at: Path, condition: Mapping[str, Any], *, ending: bool = False) -> Iterator[Input]:
        """The counts and windows of a condition, wherever in it they stand."""
        if "indicators" in condition:
            asked = condition["indicators"]
            label = "To end it: how many indicators?" if ending else "How many indicators call for it?"
            yield self._count((*at, "indicators", "at_least"), label, asked["at_least"])
        if "records" in condition:
            asked = condition["records"]
            if asked.get("at_least", 1) != 1:
                label = get(self.content, ("records", asked["record"], "label"))
                label = f"{'To end it: how' if ending else 'How'} many times must “{label}” be written down?"
                yield self._count((*at, "records", "at_least"), label, asked["at_least"])
            if "within" in asked:
                label = "To end it: within which window?" if ending else "Within which window?"
                yield self._span((*at, "records", "within"), label, asked["within"])
        for key in ("all_of", "any_of"):
            for number, part in enumerate(condition.get(key, ())):
                yield from self._condition((*at, key, number), part, ending=ending)
        if "not" in condition:
            yield from self._condition((*at, "not"), condition["not"], ending=ending)

    def _records(self) -> Iterator[Item]:
        for kind in self._all("records"):
            at = ("records", kind["id"])
            inputs = [
                self._line((*at, "label"), "What is the record called?"),
                Input((*at, "made_by"), "roles", "Who makes it?", list(kind["made_by"])),
            ]
            for part in kind["fields"]:
                inputs += self._question((*at, "fields", part["id"]), part)
            new = (*at, "fields", NEW)
            inputs += [
                Input((*new, "label"), "line", "Add a question", "", "Leave this empty to add none.", required=False),
                Input((*new, "type"), "type", "How is it answered?", "text", choices=NEW_TYPES),
                self._need((*new, "required"), {}, "Is it needed before the record counts?"),
            ]
            yield Item(kind["id"], kind["label"], tuple(inputs))

    def _question(self, at: Path, part: Mapping[str, Any]) -> Iterator[Input]:
        yield self._line((*at, "label"), "Question")
        if part["type"] != "indicators":
            yield self._need((*at, "required"), part, "Is it needed before the record counts?")
        yield Input((*at, "remove"), "remove", "Take this question out", value=False, required=False)

    @staticmethod
    def _need(at: Path, part: Mapping[str, Any], label: str) -> Input:
        choices = {"always": "Yes, always", "never": "No"}
        if part.get("required_when"):
            choices = {"sometimes": "Only for some answers, as it is now", **choices}
        now = "sometimes" if part.get("required_when") else "always" if part.get("required") else "never"
        return Input(at, "need", label, now, choices=choices)

    def _local(self, each: Mapping[str, Any]) -> Item:
        at = ("local", each["id"])
        kind: Kind = {"count": "number", "span": "line", "text": "text"}[each["type"]]  # type: ignore[assignment]
        hint = "For example “2 working days”." if each["type"] == "span" else ""
        inputs = [
            self._line((*at, "label"), "What does a service set?"),
            Input((*at, "default"), kind, "What holds where nothing is set?", each["default"], hint),
        ]
        if each["type"] != "text":
            inputs.append(Input((*at, "lowest"), kind, "From", each["lowest"], hint))
            inputs.append(Input((*at, "highest"), kind, "To", each["highest"], hint))
        return Item(each["id"], each["label"], (*inputs, self._text((*at, "reason"), "Why?")))

    def _rest(self) -> Iterator[Item]:
        closing = self.content["closing"]
        says = self._text(("closing", "says"), "What must be there before a case is closed?", "As a sentence.")
        yield Item("closing", "Closing a case", (says, *self._condition(("closing", "when"), closing["when"])))
        supervision = self.content.get("supervision")
        if supervision:
            label = "How many open cases of each team, each month?"
            number = Input(("supervision", "cases"), "number", label, supervision["cases"])
            yield Item("supervision", "Supervision", (number,))
        for each in self._all("measures"):
            at = ("measures", each["id"])
            inputs = [self._line((*at, "title"), "What is it called?")]
            if "target" in each:
                inputs.append(Input((*at, "target"), "number", "Target, in per cent", each["target"]))
            if "within_days" in each:
                inputs.append(Input((*at, "within_days"), "number", "Within how many days?", each["within_days"]))
            yield Item(each["id"], f"Measure: {each['title']}", tuple(inputs))

    def _line(self, at: Path, label: str, hint: str = "") -> Input:
        return Input(at, "line", label, get(self.content, at), hint)

    def _text(self, at: Path, label: str, hint: str = "") -> Input:
        return Input(at, "text", label, str(get(self.content, at)).strip(), hint)

    def _count(self, at: Path, label: str, value: object) -> Input:
        return Input(at, "count", label, value, choices=self.counts)

    def _span(self, at: Path, label: str, value: str, *, moments: bool = False, required: bool = True) -> Input:
        choices = {**self.spans, **(self.moments if moments else {})}
        return Input(at, "span", label, value, required=required, choices=choices)


def _set(local: Mapping[str, Any]) -> str:
    return f"what a service sets: “{local['label']}”"


def get(content: Any, path: Path) -> Any:
    """What stands at ``path``."""
    for part in path:
        content = _within(content, part)
    return content


def _within(content: Any, part: str | int) -> Any:
    if isinstance(content, list) and isinstance(part, str):
        return next(each for each in content if each["id"] == part)
    return content[part]


def span_text(unit: str, amount: int | None) -> str:
    """The text of a length of time chosen in a form: a unit and a number, or a local value or moment by its text."""
    if unit not in set(TimescaleKind):
        return unit
    kind = TimescaleKind(unit)
    return write_span(Timescale(kind) if kind is TimescaleKind.SAME_DAY else Timescale(kind, amount))


def span_parts(text: str) -> tuple[str, int | None]:
    """The unit and the number that ``text`` of a definition writes; a local value or moment is its own unit."""
    if local_named(text) or field_named(text):
        return text, None
    span = read_span(text)
    return span.kind.value, span.amount


def with_values(content: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``content`` with what was filled in, by the names of its inputs; what is not among them stays."""
    changed: dict[str, Any] = copy.deepcopy(dict(content))
    for obligation in changed["obligations"]:
        # The step that can be added; it is taken out again where nobody is told.
        obligation["then"].append({"tell": []})
    for section in sections(content):
        for item in section.items:
            for each in item.inputs:
                if each.name in values and NEW not in each.path and each.kind != "remove":
                    _put(changed, each, values[each.name])
    _take_out(changed, content, values)
    _add(changed, values)
    for obligation in changed["obligations"]:
        obligation["then"] = [step for number, step in enumerate(obligation["then"]) if step["tell"] or number == 0]
    return changed


def _put(content: dict[str, Any], each: Input, value: Any) -> None:
    *above, last = each.path
    place = get(content, tuple(above))
    if each.kind == "need":
        place.pop("required", None)
        if value != "sometimes":
            place.pop("required_when", None)
        if value == "always":
            place["required"] = True
    else:
        place[last] = value


def _take_out(changed: dict[str, Any], content: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    for section in sections(content):
        for item in section.items:
            for each in item.inputs:
                if each.kind == "remove" and values.get(each.name):
                    *above, code, _ = each.path
                    among = get(changed, tuple(above))
                    among[:] = [other for other in among if other["id"] != code]


def _add(changed: dict[str, Any], values: Mapping[str, Any]) -> None:
    label = values.get(f"indicators.{NEW}.label")
    if label:
        among = changed["indicators"]
        looks = values.get(f"indicators.{NEW}.look_for")
        among.append({"id": new_code(label, among), "label": label, "look_for": looks})
    for kind in changed["records"]:
        start = f"records.{kind['id']}.fields.{NEW}"
        label = values.get(f"{start}.label")
        if label:
            part = {"id": new_code(label, kind["fields"]), "label": label, "type": values[f"{start}.type"]}
            if values.get(f"{start}.required") == "always":
                part["required"] = True
            kind["fields"].append(part)


def new_code(label: str, among: list[dict[str, Any]]) -> str:
    """A code for something new, made from its label, that nothing in ``among`` has."""
    plain = re.sub(r"[^a-z0-9]+", "-", label.lower())[:40].strip("-") or "added"
    taken = {str(each["id"]) for each in among}
    code, number = plain, 1
    while code in taken:
        number += 1
        code = f"{plain}-{number}"
    return code


def place_of(sentence: str, entry: str, content: Mapping[str, Any]) -> str:
    """The name of the input that a mistake is about: the nearest to the place it names, or "" for the whole.

    ``entry`` and ``sentence`` are those of the mistake: the code of a part, or a place such as "obligations.1.title".
    """
    quoted = re.match(r'"([^"]+)":', sentence)
    words = quoted[1].split(".") if quoted else []
    inputs = [(item.code, each) for section in sections(content) for item in section.items for each in item.inputs]
    if entry == "definition":
        way = _codes(words, content)
        fits = [_in_common(way, each.path) for _, each in inputs]
    else:
        place = entry.split(".")
        fits = [
            sum(str(part) in (*place, *words) for part in each.path) if code in place or each.path[0] in place else 0
            for code, each in inputs
        ]
    most = max(fits)
    return inputs[fits.index(most)][1].name if most else ""


def _in_common(way: list[str], path: Path) -> int:
    """How far ``path`` leads the same way."""
    return len(list(takewhile(lambda both: both[0] == str(both[1]), zip(way, path, strict=False))))


def _codes(words: list[str], content: Mapping[str, Any]) -> list[str]:
    """A place as a file counts it ("obligations.1.title", from 1) by the codes of what stands there."""
    found: list[str] = []
    here: Any = content
    for word in words:
        if isinstance(here, list):
            here = here[int(word) - 1]
            found.append(here["id"] if isinstance(here, dict) and "id" in here else str(int(word) - 1))
        else:
            here = here.get(word) if isinstance(here, dict) else None
            found.append(word)
    return found
