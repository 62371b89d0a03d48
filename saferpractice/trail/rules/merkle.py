"""The Merkle tree of RFC 6962: its hash, and proofs that an entry is in it or that it grew out of an earlier one.

Hashes are 32 bytes of SHA-256. Leaves and inner nodes are hashed with different first bytes, so that neither can pass
for the other. Proofs are read by the algorithms of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Container, Iterable, Sequence

Subtree = Callable[[int, int], bytes]
"""The hash of the tree over the leaves from the first number (counted from 0) up to and without the second."""


class NotATree(ValueError):
    """The parts given do not make a tree of that size."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows by a leaf at a time and remembers no more than one hash for each bit of its size.

    ``peaks`` are the hashes of the full trees it is made of, the largest first. They are all that is needed to go on.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """An empty tree, or one that goes on where another stopped.

        Raises:
            NotATree: a tree of ``size`` leaves has another number of peaks.
        """
        if size < 0 or len(peaks) != size.bit_count() or any(len(one) != 32 for one in peaks):
            raise NotATree(f"a tree of {size} leaves is not made of these {len(peaks)} peaks")
        self.size = size
        self.peaks = list(peaks)

    def add(self, leaf: bytes) -> None:
        """Grow by a leaf, given by its hash."""
        self.size += 1
        size = self.size
        while not size & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            size >>= 1
        self.peaks.append(leaf)

    def root(self) -> bytes:
        """The Merkle tree hash."""
        if not self.peaks:
            return hashlib.sha256().digest()
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The Merkle tree hash over leaves given by their hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """What proves that the leaf ``index`` (from 0) is in the tree of the first ``size`` leaves; lowest first.

    Raises:
        NotATree: there is no such leaf.
    """
    if not 0 <= index < size:
        raise NotATree(f"there is no leaf {index} in a tree of {size}")
    return _path(index, 0, size, subtree)


def consistency_proof(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """What proves that the tree of the first ``new`` leaves begins with the tree of the first ``old`` ones.

    Raises:
        NotATree: ``old`` is not from 1 to ``new``.
    """
    if not 1 <= old <= new:
        raise NotATree(f"a tree of {new} leaves does not begin with one of {old}")
    return _consistency(old, 0, new, subtree, whole=True)


def inclusion_proofs(indices: Collection[int], leaves: Iterable[bytes], tree: Tree) -> dict[int, list[bytes]]:
    """Inclusion proofs of several leaves in the whole tree, by their numbers from 0, in one reading of the leaves.

    Args:
        indices: which; none before the end of ``tree``.
        leaves: the hashes of those that come after ``tree``.
        tree: where to start; afterwards it is the whole. Of what it covers its peaks are enough.

    Raises:
        NotATree: there is no such leaf among them.
    """
    first, known = tree.size, _full_trees(tree)
    needed = {_sibling(index, level) for index in indices for level in range(_MOST_LEVELS)}
    for leaf in leaves:
        _grow(tree, leaf, needed, known)
    if any(not first <= index < tree.size for index in indices):
        raise NotATree(f"not every leaf asked for is from {first} up to {tree.size}")
    known |= _full_trees(tree)

    def subtree(begin: int, end: int) -> bytes:
        if (begin, end) in known:
            return known[begin, end]
        middle = begin + _half(end - begin)
        return node_hash(subtree(begin, middle), subtree(middle, end))

    return {index: inclusion_proof(index, tree.size, subtree) for index in indices}


_MOST_LEVELS = 48
"""More than a tree ever has."""


def _sibling(index: int, level: int) -> tuple[int, int]:
    """The full tree of 2 to the ``level`` leaves beside the one that holds the leaf."""
    block = (index >> level) ^ 1
    return block << level, (block + 1) << level


def _full_trees(tree: Tree) -> dict[tuple[int, int], bytes]:
    """The peaks of a tree, by which leaves they cover."""
    found, begin = {}, 0
    bits = [1 << level for level in reversed(range(tree.size.bit_length())) if tree.size >> level & 1]
    for peak, size in zip(tree.peaks, bits, strict=True):
        found[begin, begin + size] = peak
        begin += size
    return found


def _grow(tree: Tree, leaf: bytes, needed: Container[tuple[int, int]], known: dict[tuple[int, int], bytes]) -> None:
    """As ``Tree.add``, and put each full tree that is needed into ``known`` as it is made."""
    tree.size += 1
    node, level = leaf, 0
    while True:
        place = (tree.size - (1 << level), tree.size)
        if place in needed:
            known[place] = node
        if tree.size >> level & 1:
            break
        node, level = node_hash(tree.peaks.pop(), node), level + 1
    tree.peaks.append(node)


def _half(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _path(index: int, begin: int, end: int, subtree: Subtree) -> list[bytes]:
    if end - begin == 1:
        return []
    middle = begin + _half(end - begin)
    if index < middle:
        return [*_path(index, begin, middle, subtree), subtree(middle, end)]
    return [*_path(index, middle, end, subtree), subtree(begin, middle)]


def _consistency(old: int, begin: int, end: int, subtree: Subtree, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [subtree(begin, end)]
    middle = begin + _half(end - begin)
    if old <= middle:
        return [*_consistency(old, begin, middle, subtree, whole=whole), subtree(middle, end)]
    return [*_consistency(old, middle, end, subtree, whole=False), subtree(begin, middle)]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` shows the leaf of this hash at ``index`` in the tree of ``size`` leaves with this root."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(node, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, node)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``new`` leaves begins with the tree of ``old`` leaves."""
    if not 1 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    earlier = later = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            earlier, later = node_hash(node, earlier), node_hash(node, later)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            later = node_hash(later, node)
        place, last = place >> 1, last >> 1
    return last == 0 and earlier == old_root and later == new_root
