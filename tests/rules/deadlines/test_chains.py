"""Which escalation chain holds where, its bounds, and who stands in for a role that nobody holds (R35)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.deadlines.rules import (
    DEFAULT_CHAIN,
    LONGEST_HOURS,
    MAY_BE_TOLD,
    OWNER,
    ChainSet,
    EscalationChain,
    EscalationError,
    EscalationStep,
    chain_in_force,
    chain_problems,
    clock_hours,
    hours_of,
    levels_due,
    make_chain,
    may_hear,
    roles_of,
    same_day,
    standing_in,
)

pytestmark = pytest.mark.requirement("R35")
NOW = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
HERE, THERE = uuid4(), uuid4()
QUICK = make_chain([(0, [OWNER]), (1, ["director"])])
SLOW = make_chain([(0, [OWNER, "duty_manager"]), (6, ["safeguarding_lead"]), (48, ["director"])])


def decided(
    service: UUID | None, role: str, chain: EscalationChain | None, hours: int = 0, steps: Any = None
) -> ChainSet:
    return ChainSet(service, role, chain.as_data() if chain else steps, NOW + timedelta(hours=hours))


class TestWhichHolds:
    @pytest.mark.parametrize(
        ("decisions", "found"),
        [
            ([], DEFAULT_CHAIN),
            ([decided(None, "", QUICK)], QUICK),
            ([decided(THERE, "", QUICK)], DEFAULT_CHAIN),
            ([decided(HERE, "", QUICK), decided(None, "", SLOW)], QUICK),
            ([decided(HERE, "", QUICK), decided(None, "reviewer", SLOW)], QUICK),
            ([decided(HERE, "", QUICK), decided(HERE, "reviewer", SLOW)], SLOW),
            ([decided(HERE, "supervisor", QUICK)], DEFAULT_CHAIN),
            ([decided(None, "reviewer", QUICK), decided(None, "", SLOW)], QUICK),
            ([decided(HERE, "", QUICK), decided(HERE, "", SLOW, 1)], SLOW),
            ([decided(HERE, "", SLOW, 1), decided(HERE, "", QUICK)], SLOW),
            ([decided(HERE, "", QUICK), decided(HERE, "", None, 1), decided(None, "", SLOW)], SLOW),
            ([decided(HERE, "", QUICK), decided(HERE, "", None, 1)], DEFAULT_CHAIN),
            ([decided(HERE, "", None), decided(HERE, "", QUICK, 1)], QUICK),
        ],
    )
    def test_the_newest_of_the_nearest(self, decisions: list[ChainSet], found: EscalationChain) -> None:
        assert chain_in_force(decisions, HERE, "reviewer").chain == found
        assert chain_in_force(reversed(decisions), HERE, "reviewer").chain == found

    @pytest.mark.parametrize(
        "steps",
        [
            "rubbish",
            [],
            [{"level": 1}],
            [{"level": 1, "to_roles": ["owner"], "after": {"kind": "moons", "amount": 2}}],
            make_chain([(0, ["inspector"]), (4, ["director"])]).as_data(),
            [{"level": 1, "to_roles": ["owner"], "after": None}],
            {"level": 1},
            7,
        ],
    )
    def test_one_that_cannot_be_used_never_stops_an_escalation(self, steps: Any) -> None:
        found = chain_in_force([decided(None, "", SLOW), decided(HERE, "", None, steps=steps)], HERE, "")
        assert (found.chain, found.unreadable) == (DEFAULT_CHAIN, True)

    def test_it_says_which_decision_it_comes_from(self) -> None:
        mine = decided(HERE, "", QUICK)
        assert chain_in_force([mine, decided(None, "", SLOW)], HERE, "").decision is mine
        assert chain_in_force([], HERE, "").decision is None


class TestBounds:
    @pytest.mark.parametrize(
        ("levels", "problems"),
        [
            ([(0, [OWNER]), (1, ["director"])], set()),
            ([(0, [OWNER]), (LONGEST_HOURS, ["safeguarding_lead"])], set()),
            ([(0, ["duty_manager"]), (1, ["supervisor"]), (2, ["quality_lead"]), (3, ["director"])], set()),
            ([(0, ["director"])], {""}),
            ([(0, [OWNER]), (1, [OWNER]), (2, [OWNER]), (3, [OWNER]), (4, ["director"])], {""}),
            ([(0, [OWNER]), (4, ["duty_manager"])], {""}),
            ([(0, [OWNER]), (LONGEST_HOURS + 1, ["director"])], {"hours_2"}),
            ([(0, [OWNER]), (4, ["duty_manager"]), (4, ["director"])], {"hours_3"}),
            ([(0, [OWNER]), (5, ["duty_manager"]), (4, ["director"])], {"hours_3"}),
            ([(0, ["commissioner"]), (4, ["director"])], {"level_1"}),
            ([(0, [OWNER]), (4, ["director", "administrator"])], {"level_2"}),
            ([(0, [OWNER]), (4, ["director", "support_worker"])], {"level_2"}),
        ],
    )
    def test_each_mistake_is_named_where_it_is(self, levels: list[tuple[int, list[str]]], problems: set[str]) -> None:
        found = chain_problems(make_chain(levels))
        assert set(found) == problems
        assert all(sentence.endswith(".") for sentence in found.values())

    @pytest.mark.parametrize(
        ("steps", "problem"),
        [
            ([(1, OWNER, clock_hours(1)), (2, "director", clock_hours(2))], "level_1"),
            ([(1, OWNER, None), (2, "director", None)], "hours_2"),
            ([(1, OWNER, None), (2, "director", same_day())], "hours_2"),
            ([(1, OWNER, None), (3, "director", clock_hours(2))], "level_2"),
        ],
    )
    def test_what_no_form_makes_is_refused_too(self, steps: list[Any], problem: str) -> None:
        chain = EscalationChain(tuple(EscalationStep(level, (role,), after) for level, role, after in steps))
        assert problem in chain_problems(chain)

    def test_the_chain_as_shipped_is_within_them(self) -> None:
        assert chain_problems(DEFAULT_CHAIN) == {}

    def test_a_level_that_tells_nobody_cannot_be_made(self) -> None:
        with pytest.raises(EscalationError):
            make_chain([(0, []), (1, ["director"])])


CHAINS = st.lists(
    st.tuples(st.integers(1, LONGEST_HOURS), st.lists(st.sampled_from((OWNER, *MAY_BE_TOLD)), min_size=1, unique=True)),
    min_size=2,
    max_size=4,
    unique_by=lambda level: level[0],
).map(lambda levels: make_chain([(0, levels[0][1]), *sorted(levels[1:])]))


@given(CHAINS)
def test_every_chain_within_the_bounds_is_kept_and_read_as_it_was(chain: EscalationChain) -> None:
    kept = chain_in_force([decided(HERE, "", chain)], HERE, "")
    assert kept.chain == (DEFAULT_CHAIN if chain_problems(chain) else chain)


@given(CHAINS, st.integers(0, 100), st.sets(st.integers(0, 4)))
def test_a_level_is_raised_exactly_when_its_hours_have_passed(
    chain: EscalationChain, hours: int, already: set[int]
) -> None:
    at = NOW + timedelta(hours=hours, seconds=1)
    raised = {step.level for step in levels_due(NOW, None, None, chain, at=at, already=already)}
    assert raised == {step.level for step in chain.steps if hours_of(step) <= hours} - already


class TestStandingIn:
    @pytest.mark.parametrize(
        ("level", "groups"),
        [
            (1, (("safeguarding_lead",), ("director",), ("safeguarding_lead",), ("director",))),
            (2, (("director",), ("safeguarding_lead",), ("director",))),
            (3, (("safeguarding_lead",), ("director",))),
        ],
    )
    def test_the_levels_above_then_the_last_resort(self, level: int, groups: tuple[tuple[str, ...], ...]) -> None:
        assert standing_in(DEFAULT_CHAIN, level) == groups

    def test_an_owner_stands_in_for_nobody(self) -> None:
        chain = make_chain([(0, [OWNER]), (1, [OWNER]), (2, [OWNER, "quality_lead"]), (3, ["director"])])
        assert standing_in(chain, 1)[:2] == (("quality_lead",), ("director",))

    @given(CHAINS, st.integers(1, 4))
    def test_whatever_the_chain_a_lead_and_a_director_are_tried(self, chain: EscalationChain, level: int) -> None:
        tried = {role for group in standing_in(chain, level) for role in group}
        assert {"safeguarding_lead", "director"} <= tried


@pytest.mark.requirement("R34")
@pytest.mark.parametrize("role", [*MAY_BE_TOLD, "reviewer", "support_worker", "administrator"])
def test_only_the_lead_and_a_director_hear_of_what_is_restricted(role: str) -> None:
    assert may_hear(role, restricted=False) == role
    assert may_hear(role, restricted=True) == ("director" if role == "director" else "safeguarding_lead")


def test_the_roles_of_a_chain_stand_in_its_order_without_the_owner() -> None:
    assert roles_of(DEFAULT_CHAIN) == ("duty_manager", "safeguarding_lead", "director")
