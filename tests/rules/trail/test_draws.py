"""A draw that anybody can repeat, held against R's answers and against what a sample must never do."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.draws import NoSeed, TwiceOnList, digest_of, frozen_list, list_hash, next_in_rank, ranked

pytestmark = pytest.mark.requirement("R19", "R37")

TWELVE = [f"REC-{number:04}" for number in range(1, 13)]
SEVENTEEN = [f"REC-{number:04}" for number in range(1, 18)]
IDS = st.lists(st.text("abcdef0123456789-", min_size=1, max_size=12), min_size=1, max_size=30, unique=True)
SEEDS = st.text(min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("ids", "drawn", "first", "last"),
    [
        # Answered by R 4.2.2 with the package digest; made for this set.
        (
            TWELVE,
            ["REC-0004", "REC-0008", "REC-0010", "REC-0011", "REC-0003"],
            "2071a0e4b13026ebd208d2d0d4537fce88092f8c65ef8a1bbf5df2eeb6e310eb",
            "9447fed3eb5b37854c5cc3764e9d8acf5353c524ee26c37a05c91957df758152",
        ),
        (
            SEVENTEEN,
            ["REC-0004", "REC-0008", "REC-0010", "REC-0013", "REC-0015"],
            "2071a0e4b13026ebd208d2d0d4537fce88092f8c65ef8a1bbf5df2eeb6e310eb",
            "523486b7044cc3efd12259f998fbbb736155f8c23b0ce947b45b58767f1acb72",
        ),
    ],
)
def test_five_drawn_as_r_draws_them(ids: list[str], drawn: list[str], first: str, last: str) -> None:
    order = ranked("example-seed-1", ids)
    assert [one.record_id for one in order[:5]] == drawn
    assert (order[0].digest, order[4].digest) == (first, last)


def test_a_known_answer_of_the_keyed_hash() -> None:
    """RFC 4231, test case 2: the key "Jefe"."""
    assert digest_of("Jefe", "what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize(
    ("ids", "text"),
    [([], ""), (["b", "a"], "a\nb"), (["a", "b"], "a\nb"), (["10", "9"], "10\n9"), (["é"], "é")],
)
def test_the_hash_of_a_list_is_that_of_its_sorted_lines(ids: list[str], text: str) -> None:
    assert list_hash(ids) == hashlib.sha256(text.encode()).hexdigest()


def test_a_record_that_stands_twice_is_refused() -> None:
    for way in (frozen_list, list_hash, lambda ids: ranked("seed", ids)):
        with pytest.raises(TwiceOnList):
            way(["a", "b", "a"])


def test_without_a_seed_there_is_no_draw() -> None:
    with pytest.raises(NoSeed):
        ranked("", TWELVE)


@given(IDS, SEEDS, st.randoms())
def test_the_order_of_the_list_does_not_matter(ids: list[str], seed: str, shuffle: random.Random) -> None:
    shuffled = list(ids)
    shuffle.shuffle(shuffled)
    assert ranked(seed, shuffled) == ranked(seed, ids)
    assert list_hash(shuffled) == list_hash(ids)


@given(IDS, SEEDS)
def test_everybody_has_one_rank_and_ranks_follow_the_digest(ids: list[str], seed: str) -> None:
    order = ranked(seed, ids)
    assert sorted(one.record_id for one in order) == sorted(ids)
    assert [one.rank for one in order] == list(range(1, len(ids) + 1))
    assert [one.digest for one in order] == sorted(digest_of(seed, each) for each in ids)


@given(IDS, SEEDS, st.text("ghij", min_size=1, max_size=6))
def test_one_more_record_never_reshuffles_the_others(ids: list[str], seed: str, more: str) -> None:
    before = [one.record_id for one in ranked(seed, ids)]
    after = [one.record_id for one in ranked(seed, [*ids, more])]
    assert [one for one in after if one != more] == before


def test_another_seed_draws_otherwise() -> None:
    drawn = {tuple(one.record_id for one in ranked(f"seed {number}", TWELVE)[:3]) for number in range(40)}
    assert len(drawn) > 30


class TestNextInRank:
    order = ranked("example-seed-1", TWELVE)
    ids = [one.record_id for one in order]

    @pytest.mark.parametrize(
        ("after", "gone", "wanted", "ranks"),
        [
            (0, (), 1, [1]),
            (0, (), 3, [1, 2, 3]),
            (0, (1,), 1, [2]),
            (0, (1, 2, 4), 2, [3, 5]),
            (1, (), 1, [2]),
            (1, (2, 3), 1, [4]),
            (11, (), 5, [12]),
            (12, (), 1, []),
            (0, tuple(range(1, 13)), 1, []),
        ],
    )
    def test_who_comes_next(self, after: int, gone: tuple[int, ...], wanted: int, ranks: list[int]) -> None:
        usable = {one.record_id for one in self.order if one.rank not in gone}
        assert [one.rank for one in next_in_rank(self.order, after, usable, wanted)] == ranks
