"""Bringing a file, saying which mapping reads it, and throwing its text away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from django.db.models import Q

from saferpractice.access.models import Person, Provider, Team
from saferpractice.config.models import new_id
from saferpractice.exchange.models import ImportFile
from saferpractice.exchange.permissions import check_can_import
from saferpractice.exchange.rules.mapping import ImportMapping, as_data
from saferpractice.exchange.rules.text import FileProblem
from saferpractice.exchange.staging import Staged, discard, stage
from saferpractice.files.storage import clean_name
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

KEPT_FOR = timedelta(days=2)
"""How long a file that nobody imports is kept."""


def bring_file(
    *, by: By, at: datetime, provider: Provider, team: Team | None, name: str, source: IO[bytes]
) -> ImportFile:
    """Take in a file to be looked at and imported. Its text is kept encrypted; nothing becomes an incident yet.

    Raises:
        Refused: ``by`` may not import here.
        Invalid: the file cannot be read; the name is "file".
    """
    check_can_import(by=by, at=at, provider_id=provider.pk)
    file_id = new_id()
    try:
        staged = stage(source, file_id)
    except FileProblem as problem:
        raise Invalid({"file": problem.sentence}) from problem
    return record_file(by=by, at=at, provider=provider, team=team, name=name, file_id=file_id, staged=staged)


@operation
def record_file(
    *, by: By, at: datetime, provider: Provider, team: Team | None, name: str, file_id: UUID, staged: Staged
) -> Entry[ImportFile]:
    """Record a file whose text was put aside (see ``bring_file``, which does both)."""
    check_can_import(by=by, at=at, provider_id=provider.pk)
    check_team(team, provider.pk)
    file = ImportFile.objects.create(
        id=file_id,
        provider=provider,
        team=team,
        uploaded_by=by if isinstance(by, Person) else None,
        uploaded_at=at,
        name=clean_name(name),
        sha256=staged.sha256,
        size=staged.size,
        encoding=staged.encoding,
        path=staged.path,
    )
    return Entry(
        result=file,
        subject=file,
        sentence=f"brought the file {file.name} to be imported",
        facts={"sha256": staged.sha256, "bytes": staged.size},
    )


def check_team(team: Team | None, provider_id: UUID) -> None:
    """Refuse a team of another provider.

    Raises:
        Invalid: the name is "team".
    """
    if team is not None and team.provider_id != provider_id:
        raise Invalid({"team": "Choose a team of this provider."})


@operation
def choose_mapping(
    *, by: By, at: datetime, file: ImportFile, mapping: ImportMapping
) -> Entry[ImportFile] | Already[ImportFile]:
    """Say which mapping reads the file."""
    check_can_import(by=by, at=at, provider_id=file.provider_id)
    data = as_data(mapping)
    if file.mapping == data:
        return Already(file)
    ImportFile.objects.filter(pk=file.pk).update(mapping=data)
    file.refresh_from_db(fields=["mapping"])
    return Entry(
        result=file,
        subject=file,
        sentence=f"chose the mapping {mapping.name} for the file {file.name}",
        facts={"source_system": mapping.source_system},
    )


@operation
def give_up_file(*, by: By, at: datetime, file: ImportFile) -> Entry[ImportFile] | Already[ImportFile]:
    """Throw away the text of a file that is not to be imported."""
    check_can_import(by=by, at=at, provider_id=file.provider_id)
    if not ImportFile.objects.filter(pk=file.pk, discarded_at__isnull=True, batch__isnull=True).update(discarded_at=at):
        return Already(file)
    discard(file)
    return Entry(result=file, subject=file, sentence=f"threw away the file {file.name} without importing it")


def discard_old_files(*, at: datetime) -> int:
    """Throw away the text of files nobody came back to for two days, and of those whose import is over; how many.

    A worker throws the text away after it has finished an import, and may be killed in between.
    """
    forgotten = Q(batch__isnull=True, uploaded_at__lte=at - KEPT_FOR)
    over = Q(batch__run__finished_at__isnull=False) | Q(batch__undo__isnull=False)
    files = list(ImportFile.objects.filter(forgotten | over, discarded_at__isnull=True))
    for file in files:
        discard(file)
        ImportFile.objects.filter(pk=file.pk).update(discarded_at=at)
    return len(files)
