"""Two versions of a document, as a page compares them."""

from __future__ import annotations

from dataclasses import dataclass

from saferpractice.changes.rules import Line, comparable, compare, words_of_file
from saferpractice.files.models import StoredFile
from saferpractice.files.storage import contents

WHY_NOT_TEXT = (
    "The words of these files cannot be read here, so they cannot be compared line by line. What can be shown is that "
    "the files differ: their sizes, dates and fingerprints. Open both to see what was changed."
)
WHY_TOO_LONG = "These files are too long to compare line by line on a page. Open both to see what was changed."
WHY_SAME_WORDS = "The words of both files are the same. What differs is how they are laid out or saved."
WHY_DAMAGED = "One of these files no longer matches the fingerprint it was kept with. Tell an administrator."


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two versions: lines where they can be read, else why not."""

    lines: tuple[Line, ...]
    why_not: str


def comparison_of(old: StoredFile, new: StoredFile) -> Comparison:
    """Compare two stored files line by line, where their words can be read and are short enough."""
    before, after = contents(old), contents(new)
    if before is None or after is None:
        return Comparison((), WHY_DAMAGED)
    was, is_now = words_of_file(before, old.content_type), words_of_file(after, new.content_type)
    if was is None or is_now is None:
        return Comparison((), WHY_NOT_TEXT)
    if not comparable(was) or not comparable(is_now):
        return Comparison((), WHY_TOO_LONG)
    lines = compare(was, is_now)
    return Comparison(lines, "" if lines else WHY_SAME_WORDS)
