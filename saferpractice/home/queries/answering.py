"""What was gathered for somebody's request: what it holds, what is still to be confirmed, and the files that leave."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.template.loader import render_to_string

from saferpractice.access.models import Person
from saferpractice.config import encryption
from saferpractice.deadlines.rules import local_day, utc
from saferpractice.evidence.rendering.pages import style_hash
from saferpractice.home.models import AddedWords, GatheredRecords, PlacesConfirmed, RecordsRelease
from saferpractice.home.queries.gathering import BY_HAND, LEFT_OUT, entries_about
from saferpractice.home.queries.held import held_about
from saferpractice.home.rules.gathered import Gathered, Mark, Question, marks_in, questions, without
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.proving import proofs_of
from saferpractice.trail.rules import Manifest, Shown, manifest_of

RELEASE = "home.release_records"
"""The operation whose entry holds the hash of the files' list."""
STYLE = "home/records_file.css"
"""How the page that is given away looks: it stands in the page itself, which fetches nothing."""
THE_SAME_EACH_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Answer:
    """Something gathered, with everything decided about it so far."""

    row: GatheredRecords
    content: Gathered
    added: tuple[str, ...]
    taken_out: frozenset[str]
    kept: frozenset[str]
    release: RecordsRelease | None

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """Every place that may tell of somebody else."""
        return marks_in(self.content, self.added)

    @property
    def open(self) -> tuple[Question, ...]:
        """What nobody confirmed yet."""
        decided = self.taken_out | self.kept
        return questions(self.content, [mark for mark in self.marks if mark.key not in decided])

    @property
    def all(self) -> tuple[Question, ...]:
        """Everything to be confirmed, confirmed or not."""
        return questions(self.content, self.marks)

    def as_released(self) -> Gathered:
        """What would leave as it stands: what nobody confirmed is taken out."""
        return without(self.content, self.marks, self.kept)


def answer_of(by: Person, at: datetime, gathered_id: UUID) -> Answer | None:
    """What ``by`` gathered; None when somebody else did, or when ``by`` may no longer read all of it."""
    row = GatheredRecords.objects.filter(pk=gathered_id, provider_id=by.provider_id, decided_by=by).first()
    return read_answer(row, by, at) if row is not None else None


def read_answer(row: GatheredRecords, by: Person, at: datetime) -> Answer | None:
    """The same of a row at hand."""
    held = held_about(by, at, row.person_supported_id)
    kept = json.loads(encryption.decrypt(row.content_encrypted, content_context(row)))
    if held is None or not set(kept["stories"]) <= {str(one) for one in held.stories()}:
        return None
    out: set[str] = set()
    stay: set[str] = set()
    for one in PlacesConfirmed.objects.filter(gathered=row).order_by("decided_at", "pk"):
        out, stay = (out | set(one.taken_out)) - set(one.kept), (stay | set(one.kept)) - set(one.taken_out)
    added = AddedWords.objects.filter(gathered=row).order_by("pk")
    words = tuple(encryption.decrypt(one.words_encrypted, words_context(one)) for one in added)
    release = RecordsRelease.objects.filter(gathered=row).first()
    return Answer(row, Gathered.read(kept["gathered"]), words, frozenset(out), frozenset(stay), release)


def gathered_by(by: Person) -> list[GatheredRecords]:
    """What ``by`` gathered, newest first."""
    found = GatheredRecords.objects.filter(decided_by=by, provider_id=by.provider_id)
    return list(found.select_related("person_supported", "release").order_by("-decided_at")[:50])


def files_of(answer: Answer) -> dict[str, bytes]:
    """The files that leave, by path: one to read, and the same as data."""
    content, row = answer.as_released(), answer.row
    told = {
        "format": "saferpractice records 1",
        "reference": content.reference,
        "gathered_at": utc(row.decided_at).isoformat(),
        "not_gathered": sorted(set(LEFT_OUT.values())),
        "files": BY_HAND,
        "records": [
            {"kind": one.kind, "parts": [{"what": part.label, "text": part.text} for part in one.parts]}
            for one in content.records
        ],
    }
    shown = {
        "content": content, "row": row, "left_out": told["not_gathered"], "by_hand": BY_HAND,
        "style_hash": style_hash(render_to_string(STYLE)),
    }  # fmt: skip
    page = render_to_string("home/records_file.html", shown)
    return {
        "records.html": page.encode(),
        "records.json": (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(),
    }


def manifest_of_release(row: GatheredRecords, files: dict[str, bytes], at: datetime) -> Manifest:
    """The list of the files that leave."""
    title = f"Records held about {row.person_supported.reference}, {local_day(row.decided_at):%-d %B %Y}"
    return manifest_of(title=title, provider_id=row.provider_id, at=at, files=files)


def pack_of(release: RecordsRelease, by: Person, at: datetime) -> bytes:
    """The ZIP that was released, with proofs of everything the trail says about the person.

    Raises:
        NotSealedYet: the release is not under a signed head yet.
        CannotProve: the trail does not fit its newest head.
    """
    row = release.gathered
    texts = json.loads(encryption.decrypt(release.files_encrypted, release_context(release)))
    files = {path: text.encode() for path, text in texts.items()}
    manifest = manifest_of_release(row, files, release.decided_at)
    entry = TrailEntry.objects.get(provider_id=row.provider_id, operation=RELEASE, subject_id=row.pk)
    held = held_about(by, at, row.person_supported_id)
    about = entries_about(held) if held is not None else []
    cited = dict.fromkeys((one for one in about if one < entry.sequence), Shown.HASH) | {entry.sequence: Shown.WORDS}
    files |= {"manifest.json": manifest.text(), "proofs.json": proofs_of(row.provider_id, cited).text()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(path, THE_SAME_EACH_TIME), files[path], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def content_context(row: GatheredRecords) -> str:
    """What gathered content is bound to: it cannot be read out of another row."""
    return f"home.gatheredrecords:{row.pk}"


def words_context(row: AddedWords) -> str:
    """What added words are bound to."""
    return f"home.addedwords:{row.pk}"


def release_context(row: RecordsRelease) -> str:
    """What released files are bound to."""
    return f"home.recordsrelease:{row.pk}"
