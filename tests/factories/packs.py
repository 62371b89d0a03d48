"""A trail and a pack made without a database, and the ways to tamper with a pack."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from saferpractice.trail.rules import (
    GENESIS,
    PROOFS_FORMAT,
    About,
    Head,
    Parts,
    Proofs,
    ProvenEntry,
    Signature,
    Signer,
    Tree,
    Words,
    content_hash,
    entry_hash,
    inclusion_proofs,
    leaf_hash,
    manifest_facts,
    manifest_of,
    plain,
)

AT = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
PROVIDER, OTHER_PROVIDER = UUID(int=7), UUID(int=8)
OURS = Signer("a secret of the service, long enough for a key")
OTHER = Signer("a secret of somebody else, long enough for a key")
FILES = {"index.html": b"<h1>Invented</h1>", "data/incidents.csv": b"one,two\r\n", "empty.txt": b""}


def an_entry(sequence: int, previous: str, facts: Mapping[str, Any], provider: UUID = PROVIDER) -> ProvenEntry:
    """The entry ``sequence`` with everything of it shown, not proven yet."""
    at, signature = AT + timedelta(minutes=sequence), Signature(UUID(int=20), "Sam Lee", "Reviewer")
    about = About("incidents.incident", UUID(int=sequence), UUID(int=30))
    words = Words("5a" * 16, f"did thing {sequence}", dict(facts))
    content = content_hash(salt=words.salt, sentence=words.sentence, facts=facts)
    own = entry_hash(
        previous=previous,
        provider_id=provider,
        sequence=sequence,
        at=at,
        operation="incidents.report",
        signature=signature,
        about=about,
        content=content,
    )
    parts = Parts(
        previous,
        plain(at),
        "incidents.report",
        str(signature.id),
        signature.name,
        signature.role,
        about.subject_type,
        str(about.subject_id),
        str(about.story_id),
        content,
    )
    return ProvenEntry(sequence, own, [], parts, words)


def some_proofs(size: int = 9, facts: Mapping[str, Any] | None = None, signer: Signer = OURS) -> Proofs:
    """A whole trail of so many entries, each proven and shown whole; the last one has ``facts``."""
    entries: list[ProvenEntry] = []
    for sequence in range(1, size + 1):
        previous = entries[-1].hash if entries else GENESIS
        entries.append(an_entry(sequence, previous, (facts or {}) if sequence == size else {"number": sequence}))
    tree = Tree()
    leaves = [leaf_hash(bytes.fromhex(entry.hash)) for entry in entries]
    paths = inclusion_proofs(range(size), leaves, tree)
    head = Head(PROVIDER, 4, size, tree.root(), entries[-1].hash, GENESIS, AT)
    proven = [
        ProvenEntry(entry.sequence, entry.hash, [node.hex() for node in paths[number]], entry.parts, entry.words)
        for number, entry in enumerate(entries)
    ]
    return Proofs(PROOFS_FORMAT, signer.sign(head), [str(signer.public)], proven)


def a_pack(files: Mapping[str, bytes] = FILES, signer: Signer = OURS) -> dict[str, bytes]:
    """Every file of a pack by its path; the last entry of its trail is the one that says it was made."""
    manifest = manifest_of(title="Pack for an inspector", provider_id=PROVIDER, at=AT, files=files)
    proofs = some_proofs(facts=manifest_facts(manifest), signer=signer)
    return {**files, "manifest.json": manifest.text(), "proofs.json": proofs.text()}


def with_json(pack: Mapping[str, bytes], name: str, change: Callable[[Any], object]) -> dict[str, bytes]:
    """The pack with something changed in one of its two JSON files."""
    value = json.loads(pack[name])
    change(value)
    return {**pack, name: (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()}


def zipped(pack: Mapping[str, bytes], path: Path) -> Path:
    """The pack as a ZIP."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pack.items():
            archive.writestr(name, content)
    return path


def in_folder(pack: Mapping[str, bytes], top: Path) -> Path:
    """The pack as a folder."""
    for name, content in pack.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return top
