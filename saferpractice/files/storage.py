"""Keeping the bytes of uploaded files."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from saferpractice.access.models import Person
from saferpractice.config.models import new_id
from saferpractice.files.models import StoredFile
from saferpractice.trail.operations import must_be_in_operation, undo_on_failure


def clean_name(name: str) -> str:
    """``name`` fit to show: no folders, no control or direction marks, at most 150 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    return (f"{stem[:140]}{dot}{ending[:9]}" if stem else kept[:150]) or "file"


def digest_of(upload: File[bytes]) -> str:
    """The SHA-256 of an upload in hexadecimal, the upload left at its beginning."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def keep_file(
    *, upload: File[bytes], by: Person | None, at: datetime, provider_id: UUID, story_id: UUID | None
) -> StoredFile:
    """Keep an upload under a random name and return its row. Call inside an operation.

    The bytes are written first, so there is never a row without its bytes. They are taken away again when the operation
    fails; of one that is killed, unowned bytes remain.
    """
    must_be_in_operation()
    digest, file_id = digest_of(upload), new_id()
    path = default_storage.save(f"{file_id.hex[-2:]}/{file_id.hex}", upload)
    undo_on_failure(partial(default_storage.delete, path))
    return StoredFile.objects.create(
        id=file_id,
        provider_id=provider_id,
        story_id=story_id,
        name=clean_name(upload.name or "file"),
        content_type=getattr(upload, "content_type", "") or "application/octet-stream",
        size=upload.size,
        sha256=digest,
        path=path,
        uploaded_by=by,
        uploaded_at=at,
    )


def contents(stored: StoredFile) -> bytes | None:
    """The bytes of a stored file, or None when they are gone or no longer match the hash they were kept with."""
    try:
        with default_storage.open(stored.path) as file:
            found: bytes = file.read()
    except FileNotFoundError:
        return None
    return found if hashlib.sha256(found).hexdigest() == stored.sha256 else None
