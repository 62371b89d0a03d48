"""Handing out a stored file: always to save, never to run in the page."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.http import FileResponse

from saferpractice.files.models import StoredFile


def as_download(stored: StoredFile) -> FileResponse:
    """The file as a download under its own name. Whoever calls this has checked who asks, and recorded the look."""
    response = FileResponse(
        default_storage.open(stored.path), as_attachment=True, filename=stored.name, content_type=stored.content_type
    )
    response["Content-Security-Policy"] = "sandbox"
    response["Cache-Control"] = "no-store"
    return response
