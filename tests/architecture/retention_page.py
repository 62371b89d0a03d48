"""Make docs/reference/retention.md: how long records are kept, from the list that ships and the rules that read it.

``python -m tests.architecture.retention_page --write`` (part of ``make fix``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from saferpractice.home.rules.retention import HoldKind, OpenWork
from saferpractice.lists.rules import DATA, ListFile, load
from saferpractice.lists.rules.retention import LIST
from tests.architecture.source import ROOT, write_or_compare

PAGE = ROOT / "docs" / "reference" / "retention.md"
INTRODUCTION = """\
# How long records are kept

What the software ships, in the words of its own pages. A provider may keep records longer and never shorter. Whose
time is over is listed, with what keeps a record all the same; one person proposes that it goes, another approves it.
[How long](../adr/0027-how-long-records-are-kept.md), [how they go](../adr/0028-how-records-go.md). Made by `make fix`,
held current by a test. Nothing here is legal advice.
"""


def schedule() -> ListFile:
    """The list that ships."""
    return load(DATA / f"{LIST}.yml")


def page(listed: ListFile) -> str:
    """The page as Markdown."""
    lines = [INTRODUCTION, *_kinds(listed)]
    lines += ["## What keeps a record whatever its age", "", "Open work:", ""]
    lines += [f"- {work.label}" for work in OpenWork]
    lines += ["", "A hold, until somebody ends it with a reason:", ""]
    lines += [f"- {kind.label}{f' ({kind.hint})' if kind.hint else ''}" for kind in HoldKind]
    return "\n".join(lines).rstrip() + "\n"


def _kinds(listed: ListFile) -> Iterator[str]:
    for entry in listed.entries:
        detail = entry.detail
        yield f"## {entry.label}"
        yield ""
        yield entry.hint
        yield ""
        yield f"- **Kept for:** {detail['years']} years. The national minimum is {detail['at_least']}."
        yield f"- **Counted from:** {detail['counted_from']}"
        yield f"- **What happens then:** {detail['afterwards']}"
        yield f"- **Legal basis:** {'; '.join(detail['basis'])}."
        yield f"- **Source:** [{entry.source.title}]({entry.source.url}), read on {entry.checked_on:%-d %B %Y}."
        yield ""


if __name__ == "__main__":
    sys.exit(write_or_compare(PAGE, page(schedule()), sys.argv[1:]))
