"""A definition in plain English, printed by the product itself, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.incidents.rules import ContactMethod
from saferpractice.pathways.rules.conditions import Condition, IndicatorsPresent, RecordsMade, Test
from saferpractice.pathways.rules.definition import Definition, Measure, Obligation, RecordField, RecordKind, Value
from saferpractice.pathways.rules.spans import field_named, local_named

ROLES = {
    "support_worker": "the worker",
    "duty_manager": "the duty manager",
    "safeguarding_lead": "the safeguarding lead",
    "reviewer": "the reviewer",
    "supervisor": "the supervisor",
    "quality_lead": "the quality lead",
    "director": "the director on call",
    "owner": "whoever owes it",
}
NUMBERS = dict(enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1))


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a definition says: the part and code it is about, and the sentence."""

    part: str
    code: str
    sentence: str


class Difference(StrEnum):
    """What became of something a definition says."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def label(self) -> str:
        """In a word, for a tag."""
        return {"new": "New", "changed": "Changed", "gone": "No longer there"}[self.value]


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference between two versions: what was said before and what is said now; either may be empty."""

    kind: Difference
    part: str
    code: str
    before: str
    after: str


def in_words(definition: Definition, local: Mapping[str, Value] | None = None) -> tuple[Said, ...]:
    """Everything a definition says, in sentences, with the values of ``local`` (or the defaults) filled in."""
    return tuple(_Words(definition, local).all())


def differences(before: Definition, after: Definition) -> tuple[Changed, ...]:
    """What ``after`` says otherwise than ``before``, in the order of ``after``, what is gone last."""
    old = {(said.part, said.code): said.sentence for said in (*in_words(before), *_beside(before))}
    new = {(said.part, said.code): said.sentence for said in (*in_words(after), *_beside(after))}
    found = []
    for (part, code), sentence in new.items():
        was = old.get((part, code), "")
        if was != sentence:
            kind = Difference.CHANGED if was else Difference.NEW
            found.append(Changed(kind, part, code, was, sentence))
    gone = [key for key in old if key not in new]
    return (*found, *(Changed(Difference.GONE, part, code, old[part, code], "") for part, code in gone))


def _beside(definition: Definition) -> Iterator[Said]:
    """What the sentences leave out, and a comparison must not: hints, and which numbers are as each service sets them.

    A local value is told as the number it is now, so by the sentences alone it could be swapped for that number.
    """
    for kind in definition.records:
        for part in kind.fields:
            if part.hint:
                said = f"Beside {_quoted(part)} of “{kind.label}” stands: “{part.hint}”."
                yield Said("records", f"{kind.id}/{part.id}/hint", said)
    owed = [
        ("obligations", each.id, f"“{each.title}”", each.model_dump(exclude={"shows"}))
        for each in definition.obligations
    ]
    for place, code, title, data in (*owed, ("closing", "closing", "closing", definition.closing.model_dump())):
        labels = [f"“{definition.locals[name].label}”" for name in _locals_in(data) if name in definition.locals]
        if labels:
            yield Said(place, f"{code}/local", f"In {title}, {_listed(labels, 'and')}: as each service sets it.")


def _locals_in(data: object) -> Iterator[str]:
    """The codes of the local values that a part of a definition, as plain data, names, in order."""
    if isinstance(data, Mapping):
        for value in data.values():
            yield from _locals_in(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _locals_in(value)
    elif isinstance(data, str) and (name := local_named(data)):
        yield name


class _Words:
    def __init__(self, definition: Definition, local: Mapping[str, Value] | None) -> None:
        self.definition = definition
        self.local = {**{value.id: value.default for value in definition.local}, **(local or {})}

    def all(self) -> Iterable[Said]:
        definition = self.definition
        yield Said("about", "title", f"It is called “{definition.title}”.")
        yield Said("about", "about", _sentence(definition.about))
        yield Said("about", "applies-to", _sentence(f"It is for: {definition.applies_to}"))
        yield Said("about", "source", _sentence(f"It comes from: {definition.source}"))
        for indicator in definition.indicators:
            looks = ", ".join(f"“{sign}”" for sign in indicator.look_for)
            yield Said("indicators", indicator.id, f"{indicator.label}. Look for: {looks}.")
        for kind in definition.records:
            yield Said("records", kind.id, self._record(kind))
        for obligation in definition.obligations:
            yield Said("obligations", obligation.id, self._obligation(obligation))
            yield Said("escalation", obligation.id, self._late(obligation))
        when, missing = self.condition(definition.closing.when), definition.closing.says.rstrip(".")
        said = f"A case may be closed when {when}. Until then it says what must be there: “{missing}”."
        yield Said("closing", "closing", said)
        if definition.supervision:
            cases, kind = definition.supervision.cases, definition.kinds[definition.supervision.record]
            count = "one open case of each team is" if cases == 1 else f"{_word(cases)} open cases of each team are"
            said = f"Each month {count} looked at in supervision, and written down as “{kind.label}”."
            yield Said("supervision", "supervision", said)
        for measure in definition.measures:
            yield Said("measures", measure.id, self._measure(measure))
        for value in definition.local:
            yield Said("local", value.id, self._local(value.id))

    def _record(self, kind: RecordKind) -> str:
        always = [_quoted(part) for part in kind.fields if part.required or part in kind.ticks]
        others = [
            _quoted(part) for part in kind.fields if not (part in kind.ticks or part.required or part.required_when)
        ]
        made = f"{kind.label}: made by {_listed([ROLES[role] for role in kind.made_by], 'or')}."
        if always:
            made += f" It counts only with {_listed(always, 'and')}."
        if others:
            made += f" It may hold {_listed(others, 'and')}."
        for part in kind.fields:
            if part.required_when:
                made += f" {_quoted(part)} is needed too when {self._test(kind, part.required_when)}."
            if part.options:
                answers = [f"“{option.label}”" for option in part.options]
                made += f" {_quoted(part)} is answered with {_listed(answers, 'or')}."
            if part.roles:
                made += f" {_quoted(part)} is answered with {_listed([ROLES[role] for role in part.roles], 'or')}."
            if part.of:
                named = [f"“{self.definition.kinds[code].label}”" for code in part.of]
                made += f" {_quoted(part)} names {_listed(named, 'or')}."
            if part.from_list:
                made += f" {_quoted(part)} is chosen from the list “{part.from_list}”."
        return made + self._shared(kind)

    def _shared(self, kind: RecordKind) -> str:
        """What partners see of such a record, and whether one makes it; "" where partners have no part in it."""
        said = ""
        if kind.sharing == "chosen":
            said = " It may be shared with partners, one record at a time, where a decision lets them see."
        if kind.sharing == "named":
            said = " The partners it names are shown it, where a decision lets them see."
        if kind.sharing == "decides":
            tests = _listed([self._test(kind, test) for test in kind.lets_share], "or")
            said = f" It decides what a partner may see: nothing, unless {tests}."
        return f"{said} A partner may make it too." if kind.by_partner else said

    def _obligation(self, obligation: Obligation) -> str:
        ways = _listed([self._way(obligation, number) for number in range(len(obligation.met_by))], "or")
        when = self.condition(obligation.when)
        start = {"once": "When", "every time": "Whenever", "for each record": "For each record by itself: when"}
        said = (
            f"{start[obligation.again]} {when}, {ROLES[obligation.who]} must {_lower(obligation.title)}, "
            f"{self._within(obligation)}. It is done when {ways} is written down in full."
        )
        for text in obligation.shows:
            shown = self.definition.locals[text.removeprefix("local ")]
            said += f" While it is owed, the case shows {_lower(shown.label)}."
        if obligation.repeats:
            until = self.condition(obligation.repeats.until)
            said += f" Then again {self.span(obligation.repeats.every)} after the last, until {until}."
        return said

    def _way(self, obligation: Obligation, number: int) -> str:
        way = obligation.met_by[number]
        kind = self.definition.kinds[way.record]
        if not way.tests:
            return f"“{kind.label}”"
        said = f"“{kind.label}” in which {_listed([self._test(kind, test) for test in way.tests], 'and')}"
        return f"({said})" if len(obligation.met_by) > 1 else said

    def _within(self, obligation: Obligation) -> str:
        name = field_named(obligation.within)
        if name is None:
            span = self.span(obligation.within)
            return "before the end of that day" if span == "same day" else f"within {span}"
        labels = dict.fromkeys(map(_quoted, self.definition.moments_of(name, obligation.when)))
        return f"by the moment written under {_listed(list(labels), 'or')}"

    def _late(self, obligation: Obligation) -> str:
        steps = []
        for number, step in enumerate(obligation.then):
            told = _listed([ROLES[role] for role in step.tell], "and")
            after = f"{self.span(step.after)} later" if step.after else "as soon as it is late"
            verb = f" {'are' if len(step.tell) > 1 else 'is'} told" if number == 0 else ""
            steps.append(f"{told}{verb} {after}")
        return f"If it is late: {'; then '.join(steps)}."

    def _measure(self, measure: Measure) -> str:
        shown = {
            "share-in-time": "the share done in time",
            "time-to-met": "the time until it is done",
            "completeness": "the share written down in full",
            "repeat": f"the share owed again within {measure.within_days} days",
        }[measure.shows]
        said = f"{measure.title}: of “{self.definition.owed[measure.of].title}”, {shown}."
        aim = f", and the target is {measure.target} per cent" if measure.target is not None else ""
        return f"{said} {measure.better.capitalize()} is better{aim}."

    def _local(self, code: str) -> str:
        value = self.definition.locals[code]
        said = f"{value.label}: {str(self.local[code]).strip()}"
        bounds = f" A service may set it from {value.lowest} to {value.highest}." if value.type != "text" else ""
        return f"{said.rstrip('.')}.{bounds} {_sentence(value.reason)}"

    def condition(self, condition: Condition) -> str:
        """A condition as the end of "when …"."""
        if condition.all_of:
            return _listed([self._inside(condition, part) for part in condition.all_of], "and")
        if condition.any_of:
            return _listed([self._inside(condition, part) for part in condition.any_of], "or")
        if condition.negated:
            return f"it is not so that {self._inside(condition, condition.negated)}"
        if condition.indicators:
            return self._indicators(condition.indicators)
        if condition.records:
            return self._records(condition.records)
        if condition.field:
            kind = self.definition.kinds[condition.field.record]
            return f"the newest “{kind.label}” says: {self._test(kind, condition.field)}"
        if condition.level_fallen:
            kind = self.definition.kinds[condition.level_fallen.record]
            return f"“{kind.by_id[condition.level_fallen.field].label}” has fallen below where it was at first"
        if condition.obligation:
            title = self.definition.owed[condition.obligation.id].title
            return f"“{title}” is {'done' if condition.obligation.equals == 'met' else 'late'}"
        raise AssertionError("a condition has exactly one part")

    def _inside(self, outer: Condition, part: Condition) -> str:
        """``part`` within ``outer``, in brackets where "and", "or" or "not" could be read as reaching further."""
        words = self.condition(part)
        alone = outer.negated is None and len(outer.parts()) == 1
        joins = part.parts() or (part.records and part.records.tests)
        return f"({words})" if joins and not alone else words

    def _indicators(self, asked: IndicatorsPresent) -> str:
        count = self._count(asked.at_least)
        named = [each.label for each in self.definition.indicators if not asked.of or each.id in asked.of]
        more = f"{_word(count)} or more" if count < len(named) else _word(count)
        among = f"these {_word(len(named))}" if not asked.of else f"these: {', '.join(named)}"
        return f"{more} of {among} {'is' if count == 1 else 'are'} present at once"

    def _records(self, asked: RecordsMade) -> str:
        kind, count = self.definition.kinds[asked.record], self._count(asked.at_least)
        said = f"“{kind.label}” is written down" if count == 1 else f"“{kind.label}” is written down {_times(count)}"
        if asked.within and count > 1:
            said += f" within {self.span(asked.within)}"
        tests = [self._test(kind, test) for test in asked.tests]
        return said + (f" and {_listed(tests, 'and')}" if tests else "")

    def _test(self, kind: RecordKind, test: Test) -> str:
        part = kind.by_id[test.field]
        if test.present is not None:
            return f"{_quoted(part)} is {'filled in' if test.present else 'empty'}"
        labels = (
            {"yes": "Yes", "no": "No"}
            | {option.id: option.label for option in part.options}
            | {way.value: way.label for way in ContactMethod if part.type == "contact-method"}
            | {each.id: each.label for each in self.definition.indicators if part.type == "indicators"}
        )
        return f"{_quoted(part)} is {_listed([f'“{labels.get(code, code)}”' for code in test.wanted], 'or')}"

    def _count(self, text: int | str) -> int:
        name = local_named(text) if isinstance(text, str) else None
        return int(self.local[name] if name else text)

    def span(self, text: str) -> str:
        """A length of time, the local value filled in."""
        name = local_named(text)
        return str(self.local[name]) if name else text


def _quoted(part: RecordField) -> str:
    return f"“{part.label.rstrip('?')}”"


def _sentence(text: str) -> str:
    return f"{text.strip().rstrip('.')}."


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def _word(count: int) -> str:
    return NUMBERS.get(count, f"{count}")


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{_word(count)} times"


def _listed(items: list[str], last: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
