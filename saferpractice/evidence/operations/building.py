"""Building evidence packs: claimed by any number of workers, drawn, kept, and then never changed."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, cast
from uuid import UUID

import structlog
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models import F, Q

from saferpractice.access.decisions import decided
from saferpractice.access.models import Person
from saferpractice.evidence.models import EvidencePack, PackBuilding, PackBuilt, PackIncident, PackWithdrawal
from saferpractice.evidence.permissions import check_can_make_packs
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.queries.packs import confirmed_among, entries_cited, gathered, period_of, quarters_told
from saferpractice.evidence.rendering.bundles import HTML_NAME, PDF_NAME, Attachment, bundle, prove
from saferpractice.evidence.rules.packs.document import Disclosure, Pack
from saferpractice.evidence.rules.packs.facts import Cited, Gathered, Staff
from saferpractice.evidence.rules.packs.of_quarters import pack_for_commissioner
from saferpractice.evidence.rules.packs.sections import pack_of, texts_to_confirm
from saferpractice.evidence.rules.packs.telling import Identity, Inside, Teller, ToInspector, Unconfirmed
from saferpractice.files.models import StoredFile
from saferpractice.files.storage import keep_file
from saferpractice.incidents.models import Incident
from saferpractice.trail.keys import published_keys
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.packs import BadPack, check
from saferpractice.trail.proving import CannotProve, sealed_proofs_of
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, Manifest, Process, Shown, manifest_facts
from saferpractice.trail.sealing import CannotSeal

PACKER = Process("Safer Practice packs")
CLAIMED_FOR = timedelta(minutes=5)
"""How long a pack belongs to the worker that claimed it; after that its worker must have died."""
MOST_TRIES = 3
STEPS = (
    "Waiting for a worker",
    "Reading the records",
    "Drawing the pack",
    "Signing what it cites",
    "Keeping its files",
)
"""What is being done, by ``PackBuilding.step``."""
SAID_SO = "It could not be built, and whoever looks after the system has been told. Try again, or ask them."
CHANGED = "A record changed while it was built. Confirm what is new, and have it built again."
WORKER_ONLY = "Evidence packs are built by the worker only."
WITHDRAWN = "This pack was withdrawn."
UNSIGNED = "The trail could not be signed, so the pack could not prove itself. Whoever looks after the system was told."
MAY_NOT = "Whoever asked for it may not make packs of these services any more."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A pack before it is kept: what it says, whose stories, the list of its files, the entries it cites, and the ZIP.

    The ZIP holds everything but the proofs until ``_prove`` adds them.
    """

    pack: Pack
    incidents: Sequence[UUID]
    left_out: int
    manifest: Manifest
    cited: Sequence[Cited]
    archive: IO[bytes]


def carry_on_packs(*, at: datetime) -> int:
    """Claim one pack that waits and build it; 1 when there was one."""
    for building in PackBuilding.objects.waiting(at).select_related("pack__decided_by", "pack__provider")[:20]:
        if _claim(building, at):
            _build(building, at)
            return 1
    return 0


def _claim(building: PackBuilding, at: datetime) -> bool:
    """Take a pack on. One that was taken on too often is given up: something in it ends its workers."""
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=at)
    mine = PackBuilding.objects.filter(free, pk=building.pk, gave_up_at__isnull=True)
    if building.tries >= MOST_TRIES:
        mine.update(gave_up_at=at, because=SAID_SO, claimed_until=None)
        return False
    return bool(mine.update(claimed_until=at + CLAIMED_FOR, tries=F("tries") + 1, step=1))


def _build(building: PackBuilding, at: datetime) -> None:
    pack = building.pack
    rows = PackBuilding.objects.filter(pk=building.pk)
    give_up = partial(rows.update, gave_up_at=at, claimed_until=None)
    try:
        with tempfile.TemporaryFile() as archive, tempfile.NamedTemporaryFile() as whole:
            drawn = draw(pack, at, archive, step=lambda number: rows.update(step=number))
            list_pack_files(by=PACKER, at=at, pack=pack, manifest=drawn.manifest)
            proven = _prove(pack, drawn, at, whole)
            rows.update(step=4)
            finish_pack(by=PACKER, at=at, pack=pack, drawn=proven)
    except Unconfirmed:
        give_up(because=CHANGED)
    except Refused:
        give_up(because=MAY_NOT)
    except Invalid as no:
        log.info("a pack was not kept", pack=str(pack.pk), because=str(no))
    except (CannotSeal, CannotProve, BadPack) as no:
        log.error("a pack could not be proven", pack=str(pack.pk), because=str(no))  # noqa: TRY400 - no text of records
        give_up(because=UNSIGNED)
    except DatabaseError:
        rows.update(claimed_until=None)
        raise
    except Exception:
        log.exception("a pack could not be built", pack=str(pack.pk))
        rows.update(claimed_until=None)


def draw(pack: EvidencePack, at: datetime, archive: IO[bytes], *, step: Callable[[int], object]) -> Drawn:
    """Read and draw a pack as it stands at ``at`` into ``archive``.

    Raises:
        Refused: whoever asked for it may not make it any more.
        Unconfirmed: it would tell words outside that nobody has confirmed.
    """
    maker = pack.decided_by
    if maker is None or not maker.is_active:
        raise Refused(MAY_NOT)
    check_can_make_packs(by=maker, at=at, services=pack.services.all())
    made, incidents, left_out, attached = _made(pack, maker, at)
    cited = entries_cited(pack, incidents)
    step(2)
    listed = bundle(made, attached, None, archive, provider_id=pack.provider_id, cited=cited)  # type: ignore[arg-type]
    manifest = cast("Manifest", listed)  # with a provider there is one
    step(3)
    return Drawn(made, [incident.pk for incident in incidents], left_out, manifest, cited, archive)


def _made(
    pack: EvidencePack, maker: Person, at: datetime
) -> tuple[Pack, Sequence[Incident], int, Sequence[Attachment]]:
    """What a pack says, of which incidents, how many are left out, and the files that go with it."""
    if pack.disclosure == Disclosure.COMMISSIONER:
        return _published(pack, at), (), 0, ()
    found, incidents = gathered(pack, maker, at)
    made = pack_of(
        found,
        _teller(pack, found),
        title="Evidence pack",
        provider=pack.provider.name,
        disclosure=Disclosure(pack.disclosure),
        made_by=Staff(pack.decided_by_name, pack.decided_by_role),
        made_at=at,
    )
    return made, incidents, found.left_out, _attachments(found)


def _published(pack: EvidencePack, at: datetime) -> Pack:
    quarters, before = quarters_told(pack)
    return pack_for_commissioner(
        quarters,
        before,
        about=pack.about,
        period=period_of(pack),
        provider=pack.provider.name,
        made_by=pack.decided_by_role,
        made_at=at,
    )


@operation
def list_pack_files(*, by: By, at: datetime, pack: EvidencePack, manifest: Manifest) -> Entry[None] | Already[None]:
    """Write the hash of a pack's list of files into the trail, before anybody has the pack: it is proven in the pack.

    A worker that dies after it leaves an entry for a pack that nobody has; the next one draws it again, and writes
    another. Readers of the pack read this entry, so nothing stands in it that not every reader may know.

    Raises:
        Refused: ``by`` is a person.
        Invalid: it was withdrawn meanwhile.
    """
    if not isinstance(by, Process):
        raise Refused(WORKER_ONLY)
    EvidencePack.objects.select_for_update().get(pk=pack.pk)
    if PackWithdrawal.objects.filter(pack=pack).exists():
        raise Invalid(WITHDRAWN)
    facts = manifest_facts(manifest)
    if _listing(pack, facts) is not None:
        return Already(None)
    sentence = f"listed the files of the evidence pack “{pack.about}”"
    return Entry(result=None, subject=pack, sentence=sentence, facts=facts)


def _listing(pack: EvidencePack, facts: Mapping[str, str]) -> int | None:
    """The place of the entry with these facts of a pack's list; None where there is none."""
    rows = TrailEntry.objects.filter(provider_id=pack.provider_id, subject_id=pack.pk)
    return next((row.sequence for row in rows.order_by("-sequence") if facts.items() <= row.facts.items()), None)


def _prove(pack: EvidencePack, drawn: Drawn, at: datetime, whole: IO[bytes]) -> Drawn:
    """The pack with its proofs, in the named file ``whole``: checked as whoever gets it will check it.

    Raises:
        CannotSeal, NotSealedYet, CannotProve: as ``sealed_proofs_of``; CannotProve also where the check finds anything.
    """
    listing = _listing(pack, manifest_facts(drawn.manifest))
    if listing is None:
        raise CannotProve("The entry that holds the list of files is not in the trail.")
    inside = pack.disclosure == Disclosure.FULL
    shown = {one.entry: Shown.PARTS if inside and one.by_name else Shown.HASH for one in drawn.cited}
    proofs = sealed_proofs_of(pack.provider_id, shown | {listing: Shown.WORDS}, at)
    drawn.archive.seek(0)
    prove(drawn.archive, proofs.text(), whole)  # type: ignore[arg-type]
    whole.flush()
    troubles = check(Path(whole.name), published_keys()).troubles
    if troubles:
        raise CannotProve(troubles[0])
    return replace(drawn, archive=whole)


def _teller(pack: EvidencePack, found: Gathered) -> Teller:
    """Who speaks to the readers of a pack. To a commissioner nobody does: what they read was published before."""
    if pack.disclosure == Disclosure.FULL:
        return Inside()
    if pack.disclosure != Disclosure.INSPECTOR:
        raise Refused("Nothing of an incident is told to a commissioner.")
    keys = [said.key for said in texts_to_confirm(found)]
    identity = Identity(pack.identity_basis, pack.identity_why) if pack.identity_basis else None
    known = known_of(pack.provider_id, incidents=False)
    return ToInspector(confirmed_among(pack.provider_id, keys, known), identity)


def _attachments(found: Gathered) -> list[Attachment]:
    """The attached files whose bytes are still there. A pack that goes outside has none: nobody looked through them."""
    lying = [(one, Path(default_storage.path(one.path))) for one in found.attached]
    return [
        Attachment(f"{one.source.reference} {one.name.text if one.name else 'file'}", path)
        for one, path in lying
        if path.is_file()
    ]


@operation
def finish_pack(*, by: By, at: datetime, pack: EvidencePack, drawn: Drawn) -> Entry[PackBuilt] | Already[PackBuilt]:
    """Keep what was drawn of a pack. Once, whoever comes first; the hashes of its files stand in the trail.

    Raises:
        Refused: ``by`` is a person: the worker builds, so that nobody chooses what is kept.
        Invalid: it was withdrawn meanwhile.
    """
    if not isinstance(by, Process):
        raise Refused(WORKER_ONLY)
    EvidencePack.objects.select_for_update().get(pk=pack.pk)
    earlier = PackBuilt.objects.filter(pack=pack).first()
    if earlier is not None:
        return Already(earlier)
    if PackWithdrawal.objects.filter(pack=pack).exists():
        raise Invalid(WITHDRAWN)
    pdf, page, whole = _keep(pack, drawn, at)
    built = PackBuilt.objects.create(
        pack=pack,
        pdf=pdf,
        page=page,
        bundle=whole,
        incidents=len(drawn.incidents),
        left_out=drawn.left_out,
        statements=sum(1 for _ in drawn.pack.sources()),
        **decided(by, at),
    )
    PackIncident.objects.bulk_create(PackIncident(pack=pack, incident_id=pk) for pk in drawn.incidents)
    return Entry(
        result=built,
        subject=pack,
        story_id=pack.incident_id,
        sentence=f"built the evidence pack “{pack.about}”",
        facts={
            "incidents": built.incidents,
            "statements": built.statements,
            "pdf": pdf.sha256,
            "html": page.sha256,
            "zip": whole.sha256,
            **manifest_facts(drawn.manifest),
        },
    )


def _keep(pack: EvidencePack, drawn: Drawn, at: datetime) -> tuple[StoredFile, StoredFile, StoredFile]:
    """The PDF and the page, each as it stands in the ZIP, and the ZIP."""
    name = f"evidence-pack-{str(pack.pk)[-8:]}"
    drawn.archive.seek(0)
    with zipfile.ZipFile(drawn.archive) as parts:
        pdf, page = parts.read(PDF_NAME), parts.read(HTML_NAME)
    drawn.archive.seek(0)
    whole = File(drawn.archive, name=f"{name}.zip")
    return (
        _keep_one(pack, ContentFile(pdf, name=f"{name}.pdf"), "application/pdf", at),
        _keep_one(pack, ContentFile(page, name=f"{name}.html"), "text/html", at),
        _keep_one(pack, whole, "application/zip", at),
    )


def _keep_one(pack: EvidencePack, upload: File[bytes], kind: str, at: datetime) -> StoredFile:
    upload.content_type = kind  # type: ignore[attr-defined]
    maker: Person | None = pack.decided_by
    return keep_file(upload=upload, by=maker, at=at, provider_id=pack.provider_id, story_id=None)
