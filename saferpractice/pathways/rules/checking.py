"""What one part of a definition says of another: every code it names exists and means what it is used for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from saferpractice.incidents.rules import ContactMethod
from saferpractice.lists.rules.mistakes import Mistake
from saferpractice.pathways.rules.conditions import Condition, IndicatorsPresent, Test
from saferpractice.pathways.rules.definition import Definition, LocalValue, RecordKind
from saferpractice.pathways.rules.spans import field_named, local_named

YES_NO = ("yes", "no")
METHODS = tuple(method.value for method in ContactMethod)


def problems(definition: Definition, name: str) -> list[Mistake]:
    """Every mistake in how the parts of ``definition`` fit together; ``name`` says where it came from."""
    return [Mistake(name, place, sentence) for place, sentence in _Checks(definition).all()]


Found = Iterator[tuple[str, str]]


class _Checks:
    """Each check gives the place and a sentence that says what to write instead."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.indicators = {indicator.id for indicator in definition.indicators}

    def all(self) -> Found:
        yield from self._twice()
        yield from self._records()
        yield from self._sharing()
        for obligation in self.definition.obligations:
            yield from self._obligation(obligation.id)
        yield from self._circles()
        yield from self._condition("closing", self.definition.closing.when)
        if self.definition.supervision:
            yield from self._known("supervision", self.definition.supervision.record)
        for measure in self.definition.measures:
            if measure.of not in self.definition.owed:
                yield f"measures.{measure.id}", self._no("of", measure.of, "an obligation", self.definition.owed)
            if (measure.within_days is not None) is not (measure.shows == "repeat"):
                yield (
                    f"measures.{measure.id}",
                    '"within_days": Write it for a measure that shows repeat, and for no other.',
                )

    def _twice(self) -> Found:
        parts: dict[str, Iterable[str]] = {
            "local": [part.id for part in self.definition.local],
            "indicators": [part.id for part in self.definition.indicators],
            "records": [part.id for part in self.definition.records],
            "obligations": [part.id for part in self.definition.obligations],
            "measures": [part.id for part in self.definition.measures],
        }
        for kind in self.definition.records:
            parts[f"records.{kind.id}"] = [part.id for part in kind.fields]
            for part in kind.fields:
                parts[f"records.{kind.id}.{part.id}"] = [option.id for option in part.options]
        for place, codes in parts.items():
            for code, count in Counter(codes).items():
                if count > 1:
                    yield place, f'"{code}" is written twice. Give one of them another code.'

    def _records(self) -> Found:
        for kind in self.definition.records:
            place = f"records.{kind.id}"
            ticks = [part.id for part in kind.fields if part.type == "indicators"]
            if ticks and not self.indicators:
                yield place, f'"{ticks[0]}": there are no indicators to tick. Write some, or take the field out.'
            methods = [part.id for part in kind.fields if part.type == "contact-method"]
            if len(methods) > 1:
                yield place, f'"{methods[1]}": a record names one contact method. Take this one out.'
            if len(ticks) > 1:
                yield place, f'"{ticks[1]}": a record ticks indicators in one field. Take this one out.'
            for part in kind.fields:
                if part.required_when:
                    yield from self._test(place, kind, part.required_when)
                for code in part.of:
                    yield from self._known(place, code)

    def _sharing(self) -> Found:
        deciding = [kind.id for kind in self.definition.records if kind.sharing == "decides"]
        for kind in self.definition.records:
            place = f"records.{kind.id}"
            for test in kind.lets_share:
                yield from self._test(place, kind, test)
            if kind.sharing in {"chosen", "named"} and not deciding:
                yield (
                    place,
                    '"sharing": no record decides what a partner may see, so this would never be shared. Write a kind '
                    'of record with "sharing: decides".',
                )
            if kind.by_partner and not deciding:
                yield (
                    place,
                    '"by_partner": no record decides what a partner may see, so none could make it. Write a kind of '
                    'record with "sharing: decides".',
                )
        if len(deciding) > 1:
            yield f"records.{deciding[1]}", f'"sharing": {deciding[0]} decides already. Let one kind of record decide.'

    def _obligation(self, code: str) -> Found:
        obligation = self.definition.owed[code]
        yield from self._condition(code, obligation.when)
        for way in obligation.met_by:
            yield from self._known(code, way.record)
            kind = self.definition.kinds.get(way.record)
            if kind:
                for test in way.tests:
                    yield from self._test(code, kind, test)
                yield from self._together(code, kind, way.tests, whole=True)
            if kind and way.about and (way.about not in kind.by_id or kind.by_id[way.about].type != "record"):
                fitting = [part.id for part in kind.fields if part.type == "record"]
                yield code, self._no("about", way.about, f"a field of type record of {kind.id}", fitting)
        name = field_named(obligation.within)
        if name is not None:
            yield from self._moment(code, name, obligation.when)
        else:
            yield from self._span(code, obligation.within)
        if obligation.repeats:
            yield from self._span(code, obligation.repeats.every)
            yield from self._condition(code, obligation.repeats.until)
        for text in obligation.shows:
            yield from self._local(code, text, "text")
        for step in obligation.then:
            yield from self._span(code, step.after)

    def _moment(self, code: str, name: str, when: Condition) -> Found:
        if not self.definition.moments_of(name, when):
            yield (
                code,
                f'"within": {name} is no field of type moment of a record named under "when". '
                "Write a length of time, or a field that such a record has.",
            )

    def _condition(self, place: str, condition: Condition) -> Found:
        for part in condition.whole():
            if part.indicators:
                yield from self._number(place, part.indicators.at_least)
                yield from self._enough(place, part.indicators)
                for code in part.indicators.of:
                    if code not in self.indicators:
                        yield place, self._no("of", code, "an indicator", self.indicators)
                if not self._ticked_somewhere():
                    yield place, "No record ticks indicators. Give one of them a field of type indicators."
            elif part.records:
                yield from self._number(place, part.records.at_least)
                yield from self._span(place, part.records.within)
                yield from self._known(place, part.records.record)
                kind = self.definition.kinds.get(part.records.record)
                if kind:
                    for test in part.records.tests:
                        yield from self._test(place, kind, test)
                    yield from self._together(place, kind, part.records.tests)
            elif part.field:
                yield from self._known(place, part.field.record)
                kind = self.definition.kinds.get(part.field.record)
                if kind:
                    yield from self._test(place, kind, part.field)
            elif part.level_fallen:
                yield from self._known(place, part.level_fallen.record)
                kind = self.definition.kinds.get(part.level_fallen.record)
                level = kind.by_id.get(part.level_fallen.field) if kind else None
                if kind and (level is None or level.type != "level"):
                    levels = [each.id for each in kind.fields if each.type == "level"]
                    yield place, self._no("level_fallen", part.level_fallen.field, f"a level of {kind.id}", levels)
            elif part.obligation and part.obligation.id not in self.definition.owed:
                yield place, self._no("obligation", part.obligation.id, "an obligation", self.definition.owed)

    def _ticked_somewhere(self) -> bool:
        return any(part.type == "indicators" for kind in self.definition.records for part in kind.fields)

    def _known(self, place: str, code: str) -> Found:
        if code not in self.definition.kinds:
            yield place, self._no("record", code, "a kind of record", self.definition.kinds)

    def _test(self, place: str, kind: RecordKind, test: Test) -> Found:
        part = kind.by_id.get(test.field)
        if part is None:
            yield place, self._no("field", test.field, f"a field of {kind.id}", kind.by_id)
            return
        known: Iterable[str] = [option.id for option in part.options]
        if part.type == "yes-no":
            known = YES_NO
        elif part.type == "indicators":
            known = self.indicators
        elif part.type == "contact-method":
            known = METHODS
        elif test.wanted and not part.options:
            yield place, f'"{test.field}" is a field of type {part.type}. Test whether it is present, true or false.'
            return
        for code in test.wanted:
            if code not in set(known):
                yield place, self._no(test.field, code, "one of its options", known)

    def _number(self, place: str, count: int | str) -> Found:
        yield from self._local(place, count, "count")
        value = self._value(count)
        if value and isinstance(value.lowest, int) and value.lowest < 1:
            yield (
                place,
                f'"at_least": {value.id} could be set to {value.lowest}. Let the lowest be 1, or it always holds.',
            )

    def _enough(self, place: str, asked: IndicatorsPresent) -> Found:
        """Not more indicators at once than there are, whatever a service sets for itself."""
        among = len(set(asked.of) if asked.of else self.indicators)
        value = self._value(asked.at_least)
        most = value.highest if value else asked.at_least
        if not isinstance(most, int) or most <= among or not among:
            return
        of = f"{among} indicator{'' if among == 1 else 's'}"
        if value:
            yield place, f'"at_least": {value.id} could be set to {most} of {of}. Let its highest be {among}.'
        else:
            yield place, f'"at_least": {most} of {of} can never be there at once. Write {among} at most.'

    def _together(self, place: str, kind: RecordKind, tests: Iterable[Test], *, whole: bool = False) -> Found:
        """Tests of one record that cannot all hold; those of a ``whole`` record leave no required field empty."""
        by_field: dict[str, list[Test]] = {}
        for test in tests:
            by_field.setdefault(test.field, []).append(test)
        for field, several in by_field.items():
            part = kind.by_id.get(field)
            if part is None:
                continue
            one_value = part.type not in {"choices", "indicators"}
            empty = any(test.present is False for test in several)
            wanted = [set(test.wanted) for test in several if test.present is None]
            if (empty and (wanted or any(test.present for test in several))) or (
                one_value and wanted and not set.intersection(*wanted)
            ):
                yield place, f'"{field}": no record can pass all these tests of it. Take one of them out.'
            elif whole and empty and part.required:
                yield place, f'"{field}" must be filled in, so it cannot be tested for being empty. Take the test out.'

    def _value(self, text: int | str | None) -> LocalValue | None:
        return next((each for each in self.definition.local if text == f"local {each.id}"), None)

    def _span(self, place: str, span: str | None) -> Found:
        yield from self._local(place, span, "span")

    def _local(self, place: str, text: int | str | None, wanted: str) -> Found:
        name = local_named(text) if isinstance(text, str) else None
        if name is None:
            return
        value = self._value(text)
        if value is None or value.type != wanted:
            fitting = [each.id for each in self.definition.local if each.type == wanted]
            yield place, self._no("local", name, f"a local value of type {wanted}", fitting)

    def _circles(self) -> Found:
        """An obligation that waits for itself would never be owed."""
        needs: dict[str, set[str]] = {}
        for obligation in self.definition.obligations:
            conditions = [obligation.when, *([obligation.repeats.until] if obligation.repeats else [])]
            needs[obligation.id] = {
                part.obligation.id for condition in conditions for part in condition.whole() if part.obligation
            }
        for code, direct in needs.items():
            seen: set[str] = set()
            waiting = list(direct)
            while waiting:
                other = waiting.pop()
                if other == code:
                    yield (
                        code,
                        "This obligation waits for itself. Take the condition on obligations out of one of them.",
                    )
                    break
                if other not in seen:
                    seen.add(other)
                    waiting += needs.get(other, ())

    @staticmethod
    def _no(part: str, code: str, what: str, known: Iterable[str]) -> str:
        names = ", ".join(sorted(known))
        return f'"{part}": {code} is not {what}. ' + (f"Write one of {names}." if names else "There is none yet.")
