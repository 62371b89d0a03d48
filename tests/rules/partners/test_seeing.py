"""What a partner may see: tables of decisions, and the promise that nothing is shown against the newest of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.partners.rules import (
    Facts,
    Gift,
    Sight,
    answers_to,
    can_be_shared,
    field_about,
    may_see,
    seen,
    shows_name,
    sight,
    standing,
    stands_alone,
    why_not,
)
from saferpractice.pathways.rules.timeline import Record
from tests.rules.pathways.cases import LIBRARY, hours, record

pytestmark = pytest.mark.requirement("R27")
DEFINITION = LIBRARY["exploitation"]
WHOLE: dict[str, dict[str, str]] = {
    "given": {},
    "refused": {},
    "refused-overridden": {"lawful-basis": "vital-interests", "rationale": "He is in danger tonight"},
    "not-sought": {"why-not-sought": "It is not safe to ask"},
    "not-sought-overridden": {
        "why-not-sought": "It is not safe to ask",
        "lawful-basis": "vital-interests",
        "rationale": "He is in danger tonight",
    },
    "stopped": {"rationale": "She asked for it"},
}
LETS = {"given", "refused-overridden", "not-sought-overridden"}
"""The answers that let a partner see, said here once more by hand: the definition's own tests must agree."""


def decision(key: str, at: float, answer: str = "given", partner: str = "police", **more: Any) -> Record:
    values = {"partner": partner, "decision": answer, "told-person": "yes", **WHOLE.get(answer, {})}
    values |= more.pop("values", {})
    return record(key, "sharing-decision", at, values=values, **more)


def summary(key: str = "s", at: float = 1, **more: Any) -> Record:
    values = {"known": "Two men", "wishes": "Her key", "partners": ("police", "housing"), **more.pop("values", {})}
    return record(key, "shared-risk-summary", at, values=values, **more)


def action(key: str = "a", at: float = 1, partner: str = "police", **more: Any) -> Record:
    values = {"what": "other", "detail": "Ring", "done-by": "partner", "partner": partner, "by": hours(90)}
    return record(key, "agreed-action", at, values=values | more.pop("values", {}), **more)


def facts(*records: Record, police: list[Gift] | None = None, housing: list[Gift] | None = None, **more: Any) -> Facts:
    return Facts(DEFINITION, records, {"police": police or [], "housing": housing or []}, **more)


def gift(key: str = "s", at: float = 5, *, shared: bool = True, **more: Any) -> Gift:
    return Gift(key, shared, hours(at), **more)


def ids(found: Facts, partner: str = "police") -> list[str]:
    return [each.record.id for each in seen(found, partner)]


class TestConsent:
    @pytest.mark.parametrize("answer", sorted(WHOLE))
    def test_only_agreement_or_a_lawful_basis_lets_it_be_shared(self, answer: str) -> None:
        found = facts(summary(), decision("d", 2, answer), police=[gift()])
        assert may_see(found, "police") is (answer in LETS)
        assert ids(found) == (["s"] if answer in LETS else [])

    def test_without_a_decision_nothing_is_shown(self) -> None:
        assert ids(facts(summary(), action(), police=[gift()])) == []

    @pytest.mark.parametrize("missing", ["partner", "decision", "told-person", "lawful-basis", "rationale"])
    def test_an_override_that_lacks_something_lets_nothing_be_seen(self, missing: str) -> None:
        found = facts(summary(), decision("d", 2, "refused-overridden", values={missing: ""}), police=[gift()])
        assert not may_see(found, "police")

    def test_it_is_about_one_partner_only(self) -> None:
        found = facts(summary(), decision("d", 2, partner="housing"), police=[gift()], housing=[gift()])
        assert ids(found) == []
        assert ids(found, "housing") == ["s"]

    @pytest.mark.parametrize(("first", "then"), [("given", "refused"), ("given", "stopped"), ("refused", "given")])
    def test_the_newest_stands(self, first: str, then: str) -> None:
        found = facts(decision("1", 2, first), decision("2", 3, then))
        assert may_see(found, "police") is (then in LETS)
        last = standing(found, "police")
        assert last is not None
        assert last.record.id == "2"

    def test_whichever_order_they_are_handed_over_in(self) -> None:
        records = [decision("1", 2), decision("2", 3, "refused"), decision("3", 4)]
        assert may_see(facts(*records), "police")
        assert may_see(facts(*reversed(records)), "police")

    def test_of_two_at_one_moment_the_one_that_shows_nothing_stands(self) -> None:
        for pair in (("given", "refused"), ("refused", "given")):
            assert not may_see(facts(*(decision(answer, 2, answer) for answer in pair)), "police")

    def test_when_it_happened_does_not_matter_but_when_it_was_decided(self) -> None:
        back_dated = decision("2", 1, "refused", written=9)
        assert not may_see(facts(decision("1", 5), back_dated), "police")


class TestCorrections:
    def test_a_decision_put_right_counts_as_it_stands(self) -> None:
        given, refused = decision("1", 2), decision("2", 4, "refused", corrects="1")
        assert not may_see(facts(given, refused), "police")
        assert may_see(facts(decision("1", 2, "refused"), decision("2", 4, corrects="1")), "police")

    def test_an_old_one_put_right_does_not_become_the_newest(self) -> None:
        records = [decision("1", 2), decision("2", 3, "refused"), decision("3", 9, corrects="1")]
        assert not may_see(facts(*records), "police")

    def test_one_that_was_never_taken_lets_nothing_be_seen(self) -> None:
        gone = record("2", "sharing-decision", 4, corrects="1", withdrawn=True)
        assert not may_see(facts(decision("1", 2), gone), "police")
        assert not may_see(facts(decision("0", 1), decision("1", 2), gone), "police"), "nor brings back the one before"

    def test_one_put_right_to_another_partner_lets_this_one_see_nothing(self) -> None:
        moved = decision("2", 4, partner="housing", corrects="1")
        found = facts(decision("1", 2), moved)
        assert not may_see(found, "police")
        assert may_see(found, "housing")

    def test_what_was_shared_is_shown_as_it_was_then(self) -> None:
        found = facts(summary("s"), decision("d", 2), summary("t", 6, corrects="s"), police=[gift("s")])
        assert [(each.record.id, each.root, each.newer) for each in seen(found, "police")] == [("s", "s", True)]

    def test_until_somebody_shares_the_newer_version(self) -> None:
        records = [summary("s"), decision("d", 2), summary("t", 6, corrects="s")]
        found = facts(*records, police=[gift("s"), gift("t", 7)])
        assert [(each.record.id, each.newer) for each in seen(found, "police")] == [("t", False)]

    def test_what_never_happened_is_not_shown_any_more(self) -> None:
        gone = record("t", "shared-risk-summary", 6, corrects="s", withdrawn=True)
        assert ids(facts(summary("s"), decision("d", 2), gone, police=[gift("s")])) == []

    def test_who_is_named_by_what_stands_sees_it(self) -> None:
        moved = action("b", 6, "housing", corrects="a")
        found = facts(action("a"), moved, decision("d", 2), decision("e", 2, partner="housing"))
        assert ids(found) == []
        assert ids(found, "housing") == ["b"]


class TestSharing:
    OPEN = (summary(), decision("d", 2))

    def test_what_is_not_shared_is_not_seen(self) -> None:
        assert ids(facts(*self.OPEN)) == []

    def test_taken_back_it_is_not_seen_whichever_version_is_named(self) -> None:
        later = summary("t", 6, corrects="s")
        for key in ("s", "t"):
            found = facts(*self.OPEN, later, police=[gift("s"), gift(key, 7, shared=False)])
            assert ids(found) == []

    def test_taken_back_and_shared_again(self) -> None:
        assert ids(facts(*self.OPEN, police=[gift(), gift(at=6, shared=False), gift(at=7)])) == ["s"]

    def test_at_one_moment_taking_back_wins(self) -> None:
        for order in (1, -1):
            assert ids(facts(*self.OPEN, police=[gift(), gift(shared=False)][::order])) == []

    @pytest.mark.parametrize("closing", ["refused", "not-sought", "stopped"])
    def test_what_was_shared_before_it_closed_must_be_shared_again(self, closing: str) -> None:
        """She agrees anew to less than before: nothing of before comes back by itself."""
        records = [*self.OPEN, decision("e", 6, closing), decision("f", 8)]
        assert ids(facts(*records, police=[gift()])) == []
        assert ids(facts(*records, police=[gift(), gift(at=9)])) == ["s"]

    def test_nor_after_the_correction_of_a_decision_closed_it(self) -> None:
        records = [*self.OPEN, decision("e", 6, "refused", corrects="d"), decision("f", 8)]
        assert ids(facts(*records, police=[gift()])) == []

    @pytest.mark.parametrize("kind", [kind.id for kind in DEFINITION.records if kind.sharing in {"never", "decides"}])
    def test_some_kinds_are_never_shown_even_when_somebody_shared_them(self, kind: str) -> None:
        made = record("x", kind, 1, values={"partner": "police", "attended": ("police",)})
        assert ids(facts(made, decision("d", 2), police=[gift("x")])) == []

    def test_a_record_of_no_known_kind_is_not_shown(self) -> None:
        assert ids(facts(record("x", "gone", 1), decision("d", 2), police=[gift("x"), gift("never-was")])) == []

    def test_an_action_is_shown_to_its_owner_only(self) -> None:
        found = facts(action(), decision("d", 2), decision("e", 2, partner="housing"), housing=[gift("a")])
        assert ids(found) == ["a"]
        assert ids(found, "housing") == []

    def test_half_written_it_is_shown_to_nobody(self) -> None:
        assert ids(facts(action(values={"detail": ""}), decision("d", 2))) == []

    def test_what_can_be_shared_is_whole_and_stands(self) -> None:
        records = [
            summary("whole"),
            summary("half", values={"known": ""}),
            summary("first"),
            summary("second", 2, corrects="first"),
            summary("wrong"),
            record("gone", "shared-risk-summary", 3, corrects="wrong", withdrawn=True),
            action(),
            decision("d", 2),
        ]
        assert {each.id for each in can_be_shared(facts(*records))} == {"whole", "second"}


class TestNames:
    OPEN = (summary(), decision("d", 2))

    @pytest.mark.parametrize(
        ("gifts", "shown"),
        [
            ([gift()], False),
            ([gift(with_name=True)], True),
            ([gift(with_name=True), gift(at=6)], False),
            ([gift(with_name=True), gift(at=6, shared=False)], False),
            ([], False),
        ],
    )
    def test_a_name_is_told_only_where_somebody_chose_to(self, gifts: list[Gift], shown: bool) -> None:
        assert shows_name(facts(*self.OPEN, police=gifts), "police") is shown

    def test_and_only_while_something_is_shown(self) -> None:
        closed = decision("e", 6, "stopped")
        assert not shows_name(facts(*self.OPEN, closed, police=[gift(with_name=True)]), "police")
        assert not shows_name(facts(*self.OPEN, police=[gift(with_name=True)]), "housing")


class TestClosedAndRestricted:
    OPEN = (summary(), action(), decision("d", 2))

    def test_a_closed_case_shows_nothing(self) -> None:
        assert ids(facts(*self.OPEN, police=[gift()])) == ["a", "s"]
        assert ids(facts(*self.OPEN, police=[gift()], closed=True)) == []

    @pytest.mark.parametrize(
        ("decided", "given", "sees"),
        [(2, 5, []), (2, 9, []), (8, 5, ["a"]), (8, 9, ["a", "s"]), (7, 9, [])],
    )
    def test_restricting_suspends_what_was_decided_and_shared_before(
        self, decided: float, given: float, sees: list[str]
    ) -> None:
        records = (summary(), action(), decision("d", decided))
        found = facts(*records, police=[gift(at=given)], restricted_since=hours(7))
        assert ids(found) == sees


@pytest.mark.parametrize(
    ("records", "more", "word", "sentence"),
    [
        ([], {}, Sight.UNDECIDED, "Nobody has decided yet"),
        ([decision("d", 2)], {}, Sight.OPEN, ""),
        ([decision("d", 2, "refused")], {}, Sight.CLOSED, "nothing is shared with them"),
        ([decision("d", 2)], {"closed": True}, Sight.CLOSED, "The case is closed"),
        ([decision("d", 2)], {"restricted_since": hours(3)}, Sight.SUSPENDED, "was restricted since"),
        ([decision("d", 2, "refused")], {"restricted_since": hours(3)}, Sight.CLOSED, "nothing is shared with them"),
    ],
)
def test_how_it_stands_is_said(records: list[Record], more: dict[str, Any], word: Sight, sentence: str) -> None:
    found = facts(*records, **more)
    assert sight(found, "police") is word
    assert sentence in why_not(found, "police")
    assert (why_not(found, "police") == "") is may_see(found, "police")


class TestAnswers:
    @pytest.mark.requirement("R28", "R29")
    @pytest.mark.parametrize(
        ("about", "kinds"),
        [
            ("agreed-action", ["action-outcome"]),
            ("review-call", ["review-reply"]),
            ("risk-review", ["partner-view"]),
            ("shared-risk-summary", []),
            ("sharing-decision", []),
        ],
    )
    def test_what_a_partner_can_answer(self, about: str, kinds: list[str]) -> None:
        assert [kind.id for kind in answers_to(DEFINITION, about)] == kinds
        assert all(field_about(DEFINITION.kinds[kind], about) for kind in kinds)

    def test_what_it_adds_by_itself(self) -> None:
        assert [kind.id for kind in DEFINITION.records if stands_alone(kind)] == ["partner-part"]


# ---- random stories against an oracle that reads them plainly


@dataclass
class Step:
    """One thing done at its own hour: a decision, a correction of one, a record shared or taken back, a restriction."""

    what: str
    partner: str
    answer: str
    whole: bool
    which: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["decide", "decide", "correct", "withdraw", "share", "share", "take back", "write", "act"]),
        st.sampled_from(["police", "housing"]),
        st.sampled_from(sorted(WHOLE)),
        st.sampled_from([True, True, True, False]),
        st.integers(0, 3),
    ),
    max_size=14,
)


class Told:
    """A story as it is told, hour by hour, and what the plain reading of it comes to."""

    def __init__(self) -> None:
        self.records: list[Record] = [summary("s0", 0)]
        self.gifts: dict[str, list[Gift]] = {"police": [], "housing": []}
        self.decided: list[dict[str, Any]] = []
        self.said: list[tuple[datetime, str, bool]] = []
        self.hour = 1.0

    def do(self, step: Step) -> None:
        self.hour += 1
        key = f"r{self.hour}"
        summaries = [each.id for each in self.records if each.kind == "shared-risk-summary"]
        if step.what == "decide":
            self._decided(step, key, None)
        elif step.what in {"correct", "withdraw"} and self.decided:
            self._decided(step, key, self.decided[step.which % len(self.decided)])
        elif step.what in {"share", "take back"}:
            given = gift(summaries[step.which % len(summaries)], self.hour, shared=step.what == "share")
            self.gifts[step.partner].append(given)
        elif step.what == "write":
            self.records.append(summary(key, self.hour))
        elif step.what == "act":
            self.records.append(action(key, self.hour, step.partner))

    def _decided(self, step: Step, key: str, of: dict[str, Any] | None) -> None:
        gone = step.what == "withdraw"
        values = {} if step.whole else {"told-person": ""}
        partner = of["partner"] if of else step.partner
        made = decision(key, self.hour, step.answer, partner, values=values, corrects=of["last"] if of else None)
        if gone and of:
            made = record(key, "sharing-decision", self.hour, corrects=of["last"], withdrawn=True)
        self.records.append(made)
        lets = step.whole and not gone and step.answer in LETS
        self.said.append((made.recorded_at, partner, lets))
        if of is None:
            self.decided.append({"partner": partner, "last": key, "lets": lets})
        else:
            of |= {"last": key, "lets": lets}

    def newest_lets(self, partner: str) -> bool:
        mine = [each for each in self.decided if each["partner"] == partner]
        return bool(mine) and mine[-1]["lets"]


@given(STEPS)
def test_nothing_is_ever_shown_whose_newest_decision_is_not_given_or_overridden(steps: list[Step]) -> None:
    told = Told()
    for step in steps:
        told.do(step)
        found = Facts(DEFINITION, tuple(told.records), told.gifts)
        for partner in ("police", "housing"):
            shown = seen(found, partner)
            assert may_see(found, partner) is told.newest_lets(partner)
            assert told.newest_lets(partner) or shown == ()
            for each in shown:
                if each.record.kind == "shared-risk-summary":
                    newest = [one for one in told.gifts[partner] if one.record == each.record.id][-1]
                    assert newest.shared, "what was taken back last"
                else:
                    assert each.record.kind == "agreed-action"
                    assert each.record.values["partner"] == partner, "another's action"


@given(STEPS, st.integers(1, 15))
def test_a_restriction_shows_nothing_of_before(steps: list[Step], hour: int) -> None:
    told = Told()
    for step in steps:
        told.do(step)
    since: datetime = hours(hour)
    found = Facts(DEFINITION, tuple(told.records), told.gifts, restricted_since=since)
    free = Facts(DEFINITION, tuple(told.records), told.gifts)
    for partner in ("police", "housing"):
        shown = seen(found, partner)
        before = {each.record.id for each in seen(free, partner)}
        assert {each.record.id for each in shown} <= before, "a restriction never shows more"
        for each in shown:
            if each.record.kind == "shared-risk-summary":
                assert any(one.shared and one.at > since for one in told.gifts[partner])


class Plain:
    """What a partner sees, read out again in the plainest way there is: every record, every decision, in order."""

    def __init__(self, told: Told, partner: str, since: datetime | None = None) -> None:
        self.told, self.partner, self.since = told, partner, since

    def sees(self) -> set[str]:
        """The ids of what is seen, in the versions that are."""
        if not self._open():
            return set()
        found = {each.id for each in self.told.records if each.kind == "agreed-action"}
        return {key for key in found if self._owner(key) == self.partner} | self._given()

    def _open(self) -> bool:
        mine = [each for each in self.told.decided if each["partner"] == self.partner]
        if not mine or not mine[-1]["lets"]:
            return False
        return self.since is None or self._taken_at(mine[-1]) > self.since

    def _taken_at(self, of: dict[str, Any]) -> datetime:
        by_id = {each.id: each for each in self.told.records}
        record_ = by_id[of["last"]]
        while record_.corrects:
            record_ = by_id[record_.corrects]
        return record_.recorded_at

    def _owner(self, key: str) -> str:
        return str(next(each for each in self.told.records if each.id == key).values["partner"])

    def _given(self) -> set[str]:
        closed_at = [self.since] if self.since else []
        closed_at += [at for at, partner, lets in self.told.said if partner == self.partner and not lets]
        found = set()
        for key in {one.record for one in self.told.gifts[self.partner]}:
            newest = [one for one in self.told.gifts[self.partner] if one.record == key][-1]
            if newest.shared and all(newest.at > at for at in closed_at):
                found.add(key)
        return found


@given(STEPS, st.one_of(st.none(), st.integers(1, 15)))
def test_it_sees_what_a_plain_reading_finds_and_nothing_else(steps: list[Step], hour: int | None) -> None:
    told, since = Told(), hours(hour) if hour else None
    for step in steps:
        told.do(step)
    found = Facts(DEFINITION, tuple(told.records), told.gifts, restricted_since=since)
    for partner in ("police", "housing"):
        assert set(ids(found, partner)) == Plain(told, partner, since).sees()
