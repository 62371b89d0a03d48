"""Handing out a stored file: always to save, never to run in the page, and only as it was kept."""

from __future__ import annotations

from io import BytesIO

import structlog
from django.core.exceptions import PermissionDenied
from django.http import FileResponse

from saferpractice.files.models import StoredFile
from saferpractice.files.storage import contents

log = structlog.get_logger()
DAMAGED = (
    "This file is not as it was kept: its bytes are gone or were changed, so it is not handed out as evidence. "
    "Tell whoever looks after this system, who can bring it back from a backup."
)


def as_download(stored: StoredFile) -> FileResponse:
    """The file as a download under its own name. Whoever calls this has checked who asks, and recorded the look.

    Raises:
        PermissionDenied: the bytes are gone or do not match the hash they were kept with; the sentence says so.
    """
    found = contents(stored)
    if found is None:
        log.error("a stored file is gone or was changed", file=str(stored.pk))
        raise PermissionDenied(DAMAGED)
    response = FileResponse(BytesIO(found), as_attachment=True, filename=stored.name, content_type=stored.content_type)
    response["Content-Security-Policy"] = "sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
