"""A definition in plain English, printed by the product itself, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from saferpractice.incidents.rules import ContactMethod
from saferpractice.pathways.rules.conditions import Condition, IndicatorsPresent, RecordsMade, Test
from saferpractice.pathways.rules.definition import Definition, Obligation, RecordField, RecordKind, Value
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
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


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
    old = {(said.part, said.code): said.sentence for said in in_words(before)}
    new = {(said.part, said.code): said.sentence for said in in_words(after)}
    found = []
    for (part, code), sentence in new.items():
        was = old.get((part, code), "")
        if was != sentence:
            kind = Difference.CHANGED if was else Difference.NEW
            found.append(Changed(kind, part, code, was, sentence))
    gone = [key for key in old if key not in new]
    return (*found, *(Changed(Difference.GONE, part, code, old[part, code], "") for part, code in gone))


class _Words:
    def __init__(self, definition: Definition, local: Mapping[str, Value] | None) -> None:
        self.definition = definition
        self.local = {**{value.id: value.default for value in definition.local}, **(local or {})}

    def all(self) -> Iterable[Said]:
        definition = self.definition
        yield Said("about", "about", _sentence(definition.about))
        yield Said("about", "applies-to", _sentence(f"It is for: {definition.applies_to}"))
        for indicator in definition.indicators:
            looks = ", ".join(f"“{sign}”" for sign in indicator.look_for)
            yield Said("indicators", indicator.id, f"{indicator.label}. Look for: {looks}.")
        for kind in definition.records:
            yield Said("records", kind.id, self._record(kind))
        for obligation in definition.obligations:
            yield Said("obligations", obligation.id, self._obligation(obligation))
            yield Said("escalation", obligation.id, self._late(obligation))
        yield Said("closing", "closing", f"A case may be closed when {self.condition(definition.closing.when)}.")
        if definition.supervision:
            count = _number(definition.supervision.cases, "open case")
            yield Said("supervision", "supervision", f"Each month {count} of each team is looked at in supervision.")
        for measure in definition.measures:
            yield Said("measures", measure.id, self._measure(measure.title, measure.better, measure.target))
        for value in definition.local:
            yield Said("local", value.id, self._local(value.id))

    def _record(self, kind: RecordKind) -> str:
        always = [_quoted(part) for part in kind.fields if part.required]
        made = f"{kind.label}: made by {_listed([ROLES[role] for role in kind.made_by], 'or')}."
        if always:
            made += f" It counts only with {_listed(always, 'and')}."
        for part in kind.fields:
            if part.required_when:
                made += f" {_quoted(part)} is needed too when {self._test(kind, part.required_when)}."
            if part.of:
                named = [f"“{self.definition.kinds[code].label}”" for code in part.of]
                made += f" {_quoted(part)} names {_listed(named, 'or')}."
            if part.from_list:
                made += f" {_quoted(part)} is chosen from the list “{part.from_list}”."
        return made + self._shared(kind)

    def _shared(self, kind: RecordKind) -> str:
        """What partners see of such a record, and whether one makes it; "" where partners have no part in it."""
        said = {
            "never": "",
            "chosen": " It may be shared with partners, one record at a time, where a decision lets them see.",
            "named": " The partners it names are shown it, where a decision lets them see.",
        }
        tests = [self._test(kind, test) for test in kind.lets_share]
        shown = (
            said.get(kind.sharing)
            if kind.sharing in said
            else (f" It decides what a partner may see: nothing, unless {_listed(tests, 'or')}.")
        )
        return f"{shown}{' A partner may make it too.' if kind.by_partner else ''}"

    def _obligation(self, obligation: Obligation) -> str:
        ways = _listed([self._way(obligation, number) for number in range(len(obligation.met_by))], "or")
        when = self.condition(obligation.when)
        start = {"once": "When", "every time": "Whenever", "for each record": "For each record by itself: when"}
        said = (
            f"{start[obligation.again]} {when}, {ROLES[obligation.who]} must {_lower(obligation.title)}, "
            f"{self._within(obligation)}. It is done when {ways} is written down in full."
        )
        for text in obligation.shows:
            name = local_named(text)
            said += f" While it is owed, the case shows {_lower(self.definition.locals[name].label)}." if name else ""
        if obligation.repeats:
            until = self.condition(obligation.repeats.until)
            said += f" Then again {self.span(obligation.repeats.every)} after the last, until {until}."
        return said

    def _way(self, obligation: Obligation, number: int) -> str:
        way = obligation.met_by[number]
        kind = self.definition.kinds[way.record]
        tests = [self._test(kind, test) for test in way.tests]
        return f"“{kind.label}”" + (f" in which {_listed(tests, 'and')}" if tests else "")

    def _within(self, obligation: Obligation) -> str:
        name = field_named(obligation.within)
        if name is None:
            span = self.span(obligation.within)
            return "before the end of that day" if span == "same day" else f"within {span}"
        label = next(_quoted(kind.by_id[name]) for kind in self.definition.records if name in kind.by_id)
        return f"by the moment written under {label}"

    def _late(self, obligation: Obligation) -> str:
        steps = []
        for number, step in enumerate(obligation.then):
            told = _listed([ROLES[role] for role in step.tell], "and")
            after = f"{self.span(step.after)} later" if step.after else "as soon as it is late"
            verb = f" {'are' if len(step.tell) > 1 else 'is'} told" if number == 0 else ""
            steps.append(f"{told}{verb} {after}")
        return f"If it is late: {'; then '.join(steps)}."

    def _measure(self, title: str, better: str, target: int | None) -> str:
        said = f"{title}: {better} is better"
        return f"{said}, and the target is {target} per cent." if target is not None else f"{said}."

    def _local(self, code: str) -> str:
        value = self.definition.locals[code]
        said = f"{value.label}: {str(self.local[code]).strip()}"
        bounds = f" A service may set it from {value.lowest} to {value.highest}." if value.type != "text" else ""
        return f"{said.rstrip('.')}.{bounds} {_sentence(value.reason)}"

    def condition(self, condition: Condition) -> str:
        """A condition as the end of "when …"."""
        if condition.all_of:
            return _listed([self.condition(part) for part in condition.all_of], "and")
        if condition.any_of:
            return _listed([self.condition(part) for part in condition.any_of], "or")
        if condition.negated:
            return f"it is not so that {self.condition(condition.negated)}"
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
        given = (test.equals,) if test.equals is not None else test.one_of or ()
        return f"{_quoted(part)} is {_listed([f'“{labels.get(code, code)}”' for code in given], 'or')}"

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
    return NUMBERS[count] if count < len(NUMBERS) else f"{count}"


def _number(count: int, what: str) -> str:
    return f"{_word(count)} {what}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{_word(count)} times"


def _listed(items: list[str], last: str) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"
