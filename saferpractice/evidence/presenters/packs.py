"""What the pages of evidence packs show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.words import tag
from saferpractice.evidence.models import PACKS, EvidencePack
from saferpractice.evidence.operations.building import STEPS
from saferpractice.evidence.queries.packs import PackState, proves_itself, state_of
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.files.models import StoredFile
from saferpractice.trail.keys import published_keys

MEANING = {
    PackState.ASKED: "waiting",
    PackState.BUILDING: "working",
    PackState.FAILED: "bad",
    PackState.BUILT: "good",
    PackState.WITHDRAWN: "quiet",
}
HEADER = ("About", "Kind", "For whom", "State", "Asked for by", "Asked for", "Incidents", "SHA-256 of the PDF")
SUBJECT_HINTS = {
    Subject.INSPECTION: "What inspectors ask for: how incidents were reviewed, decisions, changes and their proof.",
    Subject.QUARTER: "The same for one quarter, with what the quality meeting decided.",
    Subject.THEME: "Incidents that share a theme, and what was changed because of them.",
    Subject.INCIDENT: "The whole story of one incident, from the report to the impact check.",
    Subject.LEARNING: "What was found and changed after one incident, and whether the learning is defensible.",
}


def may_use_packs(person: Person, at: datetime) -> bool:
    """Whether the pages of packs are for ``person``: they lead safeguarding or quality, or direct, over a service."""
    held = person.holdings() if person.is_active else ()
    return any(one.role in PACKS and one.holds(at) and one.place.team_id is None for one in held)


def state_tag(pack: EvidencePack) -> Any:
    """How far a pack has come, as a tag."""
    state = state_of(pack)
    return tag(state.label, MEANING[state])


def row(pack: EvidencePack) -> list[Any]:
    """A pack in the list."""
    return [
        {"text": pack.about, "href": reverse("evidence:pack", args=[pack.pk])},
        Subject(pack.subject).label,
        readers(pack),
        state_tag(pack),
        f"{pack.decided_by_name}, {local_time_label(pack.decided_at)}",
    ]


def readers(pack: EvidencePack) -> str:
    """For whom a pack is."""
    named = ", with who the people supported are" if pack.identity_basis else ""
    return Disclosure(pack.disclosure).label + named


def line(pack: EvidencePack) -> list[Any]:
    """A pack in the file of the list."""
    built = getattr(pack, "built", None)
    return [
        pack.about,
        Subject(pack.subject).label,
        readers(pack),
        state_of(pack).label,
        pack.decided_by_name,
        local_time_label(pack.decided_at),
        built.incidents if built else None,
        built.pdf.sha256 if built else "",
    ]


def subjects() -> list[dict[str, Any]]:
    """What a pack can be made of, the widest first."""
    return [
        {"label": one.label, "href": reverse("evidence:new_pack_of", args=[one.value]), "hint": hint}
        for one, hint in SUBJECT_HINTS.items()
    ]


FILES = (
    ("pdf", "pdf", "The pack as a PDF"),
    ("html", "page", "The pack as a page that any browser opens"),
    ("zip", "bundle", "Everything: PDF, page, tables and data, and attached files"),
)
"""What can be fetched: its name in the address, where it is kept, and what it is."""


def files(pack: EvidencePack) -> list[dict[str, Any]]:
    """The files of a built pack."""
    return [
        {
            "text": words,
            "href": reverse("evidence:pack_file", args=[pack.pk, name]),
            "size": size_words(kept.size),
            "sha256": kept.sha256,
        }
        for name, where, words in FILES
        for kept in [_file(pack, where)]
    ]


def how_to_check(pack: EvidencePack) -> dict[str, Any]:
    """What whoever gets the ZIP of a built pack types to check it, with our keys; none for one without proofs."""
    keys = published_keys()
    given = "".join(f' --key "{key}"' for key in keys)
    command = f"python -m saferpractice verify {pack.built.bundle.name}{given}"
    return {"command": command if proves_itself(pack) else "", "of_keys": len(keys)}


def _file(pack: EvidencePack, where: str) -> StoredFile:
    return getattr(pack.built, where)  # type: ignore[no-any-return]


def is_file_name(name: str) -> bool:
    """Whether a file of a pack can have this name in its address. No other is recorded: some no database keeps."""
    return any(known == name for known, _, _ in FILES)


def file_of(pack: EvidencePack, name: str) -> StoredFile | None:
    """The file of a pack with this name in the address, if it is built and was not taken back."""
    if state_of(pack) is not PackState.BUILT:
        return None
    return next((_file(pack, where) for known, where, _ in FILES if known == name), None)


def size_words(size: int) -> str:
    """A size for people."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, round(size / 1000))} kB"


def progress(pack: EvidencePack) -> dict[str, Any]:
    """How far the building is."""
    step = min(pack.building.step, len(STEPS) - 1)
    return {
        "said": f"{STEPS[step]}.",
        "done": step,
        "rows": len(STEPS),
        "working": state_of(pack) is PackState.BUILDING,
    }
