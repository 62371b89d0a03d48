"""When the rollout of a change is proven: every team in its reach, by enough people or a document in use."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.changes.rules import ENOUGH, Proof, coverage, people_needed

pytestmark = pytest.mark.requirement("R3")

TEAMS = ("north", "south", "east")


def counted(team: str, reached: int, needed: int, kind: str = "briefing") -> Proof[str]:
    return Proof(team, kind, reached, needed)


def document(team: str, kind: str = "revised-template") -> Proof[str]:
    return Proof(team, kind)


@st.composite
def proofs(draw: st.DrawFn) -> Proof[str]:
    team = draw(st.sampled_from((*TEAMS, "elsewhere")))
    if draw(st.booleans()):
        return document(team, draw(st.sampled_from(("revised-template", "updated-duty-guidance"))))
    needed = draw(st.integers(1, 40))
    kind = draw(st.sampled_from(("briefing", "training-attendance")))
    return counted(team, draw(st.integers(1, needed)), needed, kind)


some_proofs = st.lists(proofs(), max_size=8)
some_reach = st.lists(st.sampled_from(TEAMS), max_size=4)


@pytest.mark.parametrize(
    ("reached", "needed", "is_enough"),
    [(1, 1, True), (1, 20, False), (4, 5, True), (3, 5, False), (8, 10, True), (79, 100, False), (80, 100, True)],
)
def test_four_in_five_people_are_enough(reached: int, needed: int, is_enough: bool) -> None:
    assert counted("north", reached, needed).is_enough is is_enough


def test_a_document_in_use_is_enough() -> None:
    assert document("north").is_enough
    assert document("north").share is None


@pytest.mark.parametrize(("needed", "people"), [(1, 1), (2, 2), (4, 4), (5, 4), (6, 5), (10, 8), (11, 9)])
def test_the_people_needed_are_whole(needed: int, people: int) -> None:
    assert people_needed(needed) == people


@given(st.integers(1, 500))
def test_the_people_needed_are_the_fewest_that_are_enough(needed: int) -> None:
    people = people_needed(needed)
    assert counted("north", people, needed).is_enough
    assert people == 1 or not counted("north", people - 1, needed).is_enough


def test_every_team_must_be_reached() -> None:
    one = coverage(["north", "south"], [document("north")])
    assert not one.is_proven
    assert one.reached == 1
    assert one.share == Fraction(1, 2)
    assert [team.team for team in one.unreached] == ["south"]
    both = coverage(["north", "south"], [document("north"), counted("south", 9, 10)])
    assert both.is_proven
    assert both.unreached == ()


def test_sessions_are_never_added_up() -> None:
    """Five and five of ten may be the same five people."""
    twice = coverage(["north"], [counted("north", 5, 10), counted("north", 5, 10)])
    assert not twice.is_proven


def test_a_change_that_must_reach_nobody_is_never_proven() -> None:
    assert not coverage([], [document("north")]).is_proven
    assert coverage([], []).share == 0


def test_proof_in_a_team_outside_the_reach_counts_for_nothing() -> None:
    assert coverage(["north"], [document("elsewhere")]).reached == 0


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([], "Nothing yet shows that the change reached this team."),
        (
            [counted("north", 3, 10), counted("north", 5, 10)],
            "5 of 10 people is too few: at least 8 of 10 must be reached, or a revised template or guidance be in use.",
        ),
        ([document("north")], ""),
    ],
)
def test_what_is_missing_is_said(found: list[Proof[str]], sentence: str) -> None:
    assert coverage(["north"], found).teams[0].missing == sentence


def test_the_best_proof_of_a_kind_is_shown() -> None:
    team = coverage(["north"], [counted("north", 3, 10), counted("north", 7, 10), document("north")]).teams[0]
    assert team.best_of("briefing") == counted("north", 7, 10)
    assert team.best_of("revised-template") == document("north")
    assert team.best_of("training-attendance") is None


@given(some_reach, some_proofs)
def test_proven_means_every_team_is_reached(reach: list[str], found: list[Proof[str]]) -> None:
    result = coverage(reach, found)
    assert result.is_proven == (bool(reach) and not result.unreached)
    assert result.reached + len(result.unreached) == len(set(reach))
    assert all(bool(team.missing) is not team.is_reached for team in result.teams)


@given(some_reach, some_proofs, proofs())
def test_more_proof_never_proves_less(reach: list[str], found: list[Proof[str]], more: Proof[str]) -> None:
    before, after = coverage(reach, found), coverage(reach, [*found, more])
    assert after.reached >= before.reached
    assert after.is_proven or not before.is_proven


@given(some_reach, some_proofs, st.randoms(use_true_random=False))
def test_the_order_of_proofs_does_not_matter(reach: list[str], found: list[Proof[str]], chance) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    one, other = coverage(reach, found), coverage(reach, shuffled)
    assert [(t.team, t.is_reached, t.missing) for t in one.teams] == [
        (t.team, t.is_reached, t.missing) for t in other.teams
    ]


@given(some_reach, some_proofs)
def test_a_longer_reach_is_never_easier_to_prove(reach: list[str], found: list[Proof[str]]) -> None:
    wider = coverage([*reach, "west"], found)
    assert not wider.is_proven


@given(proofs())
def test_enough_is_a_share_or_a_document(proof: Proof[str]) -> None:
    assert proof.is_enough == (proof.share is None or proof.share >= ENOUGH)


class TestPeopleWhoComeAndGo:
    """A team is not the same people for ever; each count says who needed it on its day."""

    @pytest.mark.parametrize(
        ("counts", "is_reached"),
        [
            ([(7, 10)], False),
            ([(7, 10), (8, 10)], True),
            # Three left and nobody came: the seven who were briefed are now all there are.
            ([(7, 10), (7, 7)], True),
            # Five joined before enough had been reached.
            ([(7, 10), (9, 15)], False),
            ([(7, 10), (12, 15)], True),
            # Two sessions of the same half.
            ([(5, 10), (5, 10), (5, 10)], False),
        ],
    )
    def test_a_later_count_of_different_people_decides(self, counts: list[tuple[int, int]], is_reached: bool) -> None:
        (team,) = coverage(["north"], [counted("north", *count) for count in counts]).teams
        assert team.is_reached is is_reached

    def test_somebody_in_two_teams_counts_in_each_of_them_and_proves_neither_for_the_other(self) -> None:
        only_north = coverage(["north", "south"], [counted("north", 1, 1)])
        assert [team.is_reached for team in only_north.teams] == [True, False]
        both = coverage(["north", "south"], [counted("north", 1, 1), counted("south", 1, 1)])
        assert both.is_proven

    def test_kinds_are_not_added_up_either(self) -> None:
        half_and_half = [counted("north", 5, 10, "briefing"), counted("north", 5, 10, "training-attendance")]
        assert not coverage(["north"], half_and_half).is_proven

    @pytest.mark.parametrize(
        ("counts", "sentence"),
        [
            ([(1, 2)], "1 of 2 people is too few: at least 2 of 2 must be reached"),
            ([(7, 10), (9, 15)], "7 of 10 people is too few: at least 8 of 10 must be reached"),
            ([(3, 10), (6, 20)], "6 of 20 people is too few: at least 16 of 20 must be reached"),
        ],
    )
    def test_what_is_missing_is_said_of_the_best_count(self, counts: list[tuple[int, int]], sentence: str) -> None:
        (team,) = coverage(["north"], [counted("north", *count) for count in counts]).teams
        assert team.missing.startswith(sentence)

    @given(st.integers(1, 300), st.integers(0, 300))
    def test_the_border_is_four_in_five_in_whole_people(self, needed: int, reached: int) -> None:
        reached = min(reached, needed)
        assert counted("north", reached, needed).is_enough is (5 * reached >= 4 * needed)
