"""The Merkle tree, held against known answers of RFC 6962's reference implementation and against its definition."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.trail.rules import (
    NotATree,
    Tree,
    consistency_proof,
    consistent,
    included,
    inclusion_proof,
    leaf_hash,
    root_of,
)

pytestmark = pytest.mark.requirement("R5", "R34")

DATA = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
"""The leaves that the tests of Certificate Transparency use."""
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Their root for no leaf, for the first, for the first two, and so on."""
A, B, C, D, E = (
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
)
LEAVES = [leaf_hash(data) for data in DATA]
sizes = st.integers(1, 70)


def some_leaves(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def subtree_of(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    return lambda begin, end: root_of(leaves[begin:end])


def by_definition(data: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    split = 1
    while split * 2 < len(data):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(data[:split]) + by_definition(data[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (0, 8, [A, B, C]),
        (5, 8, [D, E, ROOTS[4]]),
        (2, 3, [ROOTS[2]]),
        (1, 5, [ROOTS[1], B, D]),
    ],
)
def test_known_inclusion_proofs(index: int, size: int, proof: list[str]) -> None:
    found = inclusion_proof(index, size, subtree_of(LEAVES))
    assert [node.hex() for node in found] == proof
    assert included(LEAVES[index], index, size, found, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [
        (1, 1, []),
        (1, 8, [A, B, C]),
        (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", E, ROOTS[4]]),
        (2, 5, [B, D]),
    ],
)
def test_known_consistency_proofs(old: int, new: int, proof: list[str]) -> None:
    found = consistency_proof(old, new, subtree_of(LEAVES))
    assert [node.hex() for node in found] == proof
    assert consistent(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), found)


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_root_is_that_of_the_definition(data: list[bytes]) -> None:
    assert root_of(leaf_hash(one) for one in data) == by_definition(data)


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_tree_goes_on_from_its_peaks_as_if_it_had_never_stopped(first: int, more: int) -> None:
    leaves = some_leaves(first + more)
    tree = Tree()
    for leaf in leaves[:first]:
        tree.add(leaf)
    again = Tree(tree.size, tree.peaks)
    for leaf in leaves[first:]:
        again.add(leaf)
    assert (again.size, again.root()) == (first + more, root_of(leaves))
    assert len(again.peaks) == again.size.bit_count()


@pytest.mark.parametrize(("size", "peaks"), [(0, [b"x" * 32]), (3, [b"x" * 32]), (1, [b"short"]), (-1, [])])
def test_peaks_that_make_no_tree_are_refused(size: int, peaks: list[bytes]) -> None:
    with pytest.raises(NotATree):
        Tree(size, peaks)


def test_a_leaf_cannot_pass_for_a_node() -> None:
    """Whoever may choose the text of an entry could otherwise make it stand for two others."""
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != root_of(LEAVES[:2])


@given(st.data(), sizes)
def test_every_entry_is_provably_there(data: st.DataObject, size: int) -> None:
    leaves = some_leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree_of(leaves))
    assert len(proof) <= (size - 1).bit_length()
    assert included(leaves[index], index, size, proof, root_of(leaves))


@given(st.data(), st.integers(2, 70))
def test_and_nothing_else_is(data: st.DataObject, size: int) -> None:
    """A proof holds for one leaf, at one place, in one tree: whatever of it is changed, it fails."""
    leaves = some_leaves(size)
    root, index = root_of(leaves), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, subtree_of(leaves))
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    broken = data.draw(st.integers(0, len(proof) - 1))
    bad = [leaf_hash(node) if place == broken else node for place, node in enumerate(proof)]
    assert not included(leaves[other], index, size, proof, root)
    assert not included(leaves[index], other, size, proof, root)
    assert not included(leaves[index], index, size, bad, root)
    assert not included(leaves[index], index, size, proof[:-1], root)
    assert not included(leaves[index], index, size, [*proof, proof[0]], root)
    assert not included(leaves[index], index, size, proof, root_of([*leaves, leaves[0]]))


@given(st.data(), sizes)
def test_what_grew_is_provably_the_same_trail(data: st.DataObject, new: int) -> None:
    leaves = some_leaves(new)
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, subtree_of(leaves))
    assert consistent(old, new, root_of(leaves[:old]), root_of(leaves), proof)


@given(st.data(), st.integers(2, 70))
def test_and_what_was_rewritten_is_provably_not(data: st.DataObject, new: int) -> None:
    leaves = some_leaves(new)
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [leaf_hash(leaf) if place == changed else leaf for place, leaf in enumerate(leaves)]
    kept = root_of(leaves[:old])
    for proof in (consistency_proof(old, new, subtree_of(rewritten)), consistency_proof(old, new, subtree_of(leaves))):
        assert not consistent(old, new, kept, root_of(rewritten), proof)
    proof = consistency_proof(old, new, subtree_of(leaves))
    assert not consistent(old, new, kept, root_of(leaves), proof[:-1])
    assert not consistent(old, new, kept, root_of(leaves), [*proof, proof[-1]])


@pytest.mark.parametrize(("old", "new"), [(0, 4), (5, 4), (-1, 4)])
def test_there_is_no_proof_about_trees_that_do_not_follow(old: int, new: int) -> None:
    with pytest.raises(NotATree):
        consistency_proof(old, new, subtree_of(LEAVES))
    assert not consistent(old, new, root_of([]), root_of(LEAVES[:4]), [])


@pytest.mark.parametrize(("index", "size"), [(4, 4), (-1, 4), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(NotATree):
        inclusion_proof(index, size, subtree_of(LEAVES))
    assert not included(LEAVES[0], index, size, [], LEAVES[0])


def test_a_tree_is_the_same_as_itself_only() -> None:
    root = root_of(LEAVES)
    assert consistent(8, 8, root, root, [])
    assert not consistent(8, 8, root, LEAVES[0], [])
    assert not consistent(8, 8, root, root, [root])
    assert not consistent(3, 8, root_of(LEAVES[:3]), root, [])
