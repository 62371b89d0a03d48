"""What an inspector is shown is made of types that cannot say who anybody is (R34)."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.access.rules import Role
from saferpractice.evidence.rules import inspections as rules
from saferpractice.evidence.rules.inspections import (
    Known,
    Masked,
    Roles,
    Standing,
    Story,
    harm_level,
    in_words,
    mask,
    problems_of_disclosure,
    problems_of_draw,
    problems_of_opening,
    standing_of,
)

pytestmark = pytest.mark.requirement("R34")
AT = datetime(2026, 3, 7, 10, 0, tzinfo=UTC)
STAFF = ("Dale Marlow", "Siân O'Brien-Smith", "Corin Vale")
KNOWN = Known.of([*STAFF, "Maud Sedge"], ["P-1042", "RIO 77/3", "Q9"])


def masked(text: str) -> str:
    return str(mask(text, KNOWN))


class TestMasked:
    @pytest.mark.parametrize(
        ("text", "gone"),
        [
            ("Dale Marlow rang her.", "Marlow"),
            ("Marlow rang her.", "Marlow"),
            ("DALE rang, then marlow.", "marlow"),
            ("Sian OBrien Smith was there.", "OBrien"),
            ("S. O’Brien‑Smith was there.", "Brien"),
            ("maudsedge was not in.", "maudsedge"),
            ("M.S. was not in.", "M.S."),
            ("About P-1042 again.", "1042"),
            ("About p 1042, again.", "1042"),
            ("(RIO 77/3)", "77/3"),
            ("See Q9.", "Q9"),
            ("Mrs Abernathy opened.", "Abernathy"),
            ("NHS 943 476 5919", "943"),
            ("Ring 07700 900123 after six.", "900123"),
            ("Write to maud@invented.example now.", "maud@"),
            ("She lives at SW1A 1AA.", "SW1A"),
        ],
    )
    def test_what_says_who_somebody_is_is_gone(self, text: str, gone: str) -> None:
        shown = masked(text)
        assert gone not in shown
        assert "removed]" in shown

    @pytest.mark.parametrize(
        "text", ["Nobody answered the door at the second visit.", "The dale was flooded.", "Incident 2026-00014.", ""]
    )
    def test_everything_else_stays(self, text: str) -> None:
        assert masked(text) == text

    def test_nothing_but_mask_makes_one(self) -> None:
        with pytest.raises(TypeError, match="only mask"):
            Masked("Dale Marlow", key=object())
        with pytest.raises(TypeError):
            Masked("Dale Marlow")  # type: ignore[call-arg]

    def test_the_beginning_of_masked_words_is_masked_too(self) -> None:
        words = mask("Dale Marlow " + "walked on and on. " * 20, KNOWN)
        assert str(words.short()).startswith("[name removed] walked")
        assert len(str(words.short())) == 90
        assert mask("Short.", KNOWN).short() == mask("Short.", KNOWN)

    @given(
        st.lists(
            st.sampled_from([*STAFF, "Maud Sedge", "P-1042", "walked", "and", "rang", ".", "\n", "—"]), max_size=12
        ),
        st.sampled_from([" ", "  ", "\u00a0", "\n", " \u200b"]),
        st.sampled_from([str.upper, str.title, lambda text: text]),
    )
    def test_no_known_name_is_left_however_it_is_set(self, words: list[str], between: str, case: Any) -> None:
        shown = masked(case(between.join(words))).casefold()
        for name in (*STAFF, "Maud Sedge"):
            assert name.casefold() not in shown
            assert name.split()[-1].casefold() not in shown
        assert "1042" not in shown


class TestRoles:
    @pytest.mark.parametrize(
        ("signed_as", "shown"),
        [
            ("Duty manager", "Duty manager"),
            ("Duty manager, Reviewer", "Duty manager, Reviewer"),
            ("Dale Marlow, Reviewer", "Reviewer"),
            ("Dale Marlow", "No role on record"),
            ("", "No role on record"),
            ("No role", "No role on record"),
        ],
    )
    def test_only_what_is_a_role_stays(self, signed_as: str, shown: str) -> None:
        assert str(Roles(signed_as)) == shown

    def test_every_role_is_known(self) -> None:
        assert {str(Roles(role.label)) for role in Role} == {role.label for role in Role}


MAY_HOLD = {Masked, Roles, datetime, bool, type(None)}
"""What a story may be made of, besides words of the product's own in the fields below."""
OWN_WORDS = {
    "Story": {"reference", "place", "harm", "tier", "themes", "sentence"},
    "Part": {"code", "title", "nothing"},
    "Statement": {"label", "words", "state"},
    "Reference": {"kind", "number"},
    "Identity": {"reference", "name", "power", "because"},
}


def leaves(hint: Any) -> Iterator[Any]:
    """The types that a field is made of."""
    arguments = [one for one in typing.get_args(hint) if one is not ...]
    if typing.get_origin(hint) in {tuple, types.UnionType, typing.Union}:
        for one in arguments:
            yield from leaves(one)
    else:
        yield hint


def fields_of(shape: Any, seen: set[Any]) -> Iterator[tuple[str, str, Any]]:
    """Every field of a story and of what it is made of, with its type."""
    if shape in seen:
        return
    seen.add(shape)
    for name, hint in typing.get_type_hints(shape, vars(rules)).items():
        for leaf in leaves(hint):
            yield shape.__name__, name, leaf
            if dataclasses.is_dataclass(leaf):
                yield from fields_of(leaf, seen)


def test_a_story_has_no_place_for_words_that_were_not_masked() -> None:
    """Fields of plain words are named above: a new one has to be thought about."""
    found = list(fields_of(Story, set()))
    plain = {(shape, name) for shape, name, leaf in found if leaf is str}
    assert plain == {(shape, name) for shape, names in OWN_WORDS.items() for name in names}
    others = {leaf for _, _, leaf in found if leaf is not str and not dataclasses.is_dataclass(leaf)}
    assert others == MAY_HOLD


@pytest.mark.parametrize(
    ("physical", "psychological", "level"),
    [
        ("none", "none", 0),
        ("none", "low", 1),
        ("moderate", "low", 2),
        ("low", "moderate", 2),
        ("severe", "moderate", 3),
        ("fatal", "none", 4),
        ("no-such-code", "low", 1),
    ],
)
def test_harm_is_the_worse_of_both_levels(physical: str, psychological: str, level: int) -> None:
    assert harm_level(physical, psychological) == level


def opening(**changes: Any) -> dict[str, str]:
    usual: dict[str, Any] = {
        "period_from": date(2025, 3, 7),
        "period_to": date(2026, 3, 7),
        "ends_at": AT + timedelta(days=14),
        "at": AT,
        "today": AT.date(),
        "services": 1,
    }
    return problems_of_opening(**(usual | changes))


class TestOpening:
    def test_the_usual_one_is_opened(self) -> None:
        assert opening() == {}

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"services": 0}, "services"),
            ({"period_to": date(2025, 3, 6)}, "period_to"),
            ({"period_to": date(2026, 3, 8)}, "period_to"),
            ({"period_from": date(2021, 3, 2)}, "period_from"),
            ({"ends_at": AT}, "ends_at"),
            ({"ends_at": AT + timedelta(days=92)}, "ends_at"),
        ],
    )
    def test_what_cannot_be_right(self, changes: dict[str, Any], field: str) -> None:
        assert list(opening(**changes)) == [field]

    @pytest.mark.parametrize(
        "changes",
        [
            {"period_from": date(2026, 3, 7)},
            {"ends_at": AT + timedelta(minutes=1)},
            {"ends_at": AT + timedelta(days=92, seconds=-1)},
            {"period_from": date(2021, 3, 3)},
        ],
    )
    def test_just_right(self, changes: dict[str, Any]) -> None:
        assert opening(**changes) == {}

    @pytest.mark.parametrize(
        ("power", "because", "allows", "fields"),
        [
            ("hsca-2008-64", "They compare records.", True, set()),
            ("hsca-2008-64", "  ", True, {"identity_because"}),
            ("", "They compare records.", False, {"identity_power"}),
            ("by-agreement", "They compare records.", False, {"identity_power"}),
            ("", "", False, {"identity_power", "identity_because"}),
        ],
    )
    def test_identity_needs_a_power_that_reaches_it_and_a_reason(
        self, power: str, because: str, fields: set[str], *, allows: bool
    ) -> None:
        assert set(problems_of_disclosure(power, because, allows=allows)) == fields


@pytest.mark.parametrize(("seed", "usable"), [("42611", False), ("426115", True), ("", False)])
def test_a_seed_has_at_least_six_characters(seed: str, *, usable: bool) -> None:
    assert (problems_of_draw(seed) == {}) is usable


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "done", "standing"),
    [
        (AT, AT, Standing.IN_TIME),
        (AT, AT - HOUR, Standing.IN_TIME),
        (AT - HOUR, AT, Standing.LATE),
        (AT, None, Standing.UNDER_WAY),
        (AT + HOUR, None, Standing.UNDER_WAY),
        (AT - HOUR, None, Standing.OVERDUE),
    ],
)
def test_how_something_owed_stands(due: datetime, done: datetime | None, standing: Standing) -> None:
    assert standing_of(due, done, AT) is standing


def test_counts_are_said_in_words() -> None:
    assert in_words({Standing.IN_TIME: 4, Standing.OVERDUE: 2}) == "4 in time, 0 done late, 0 under way, 2 overdue"
