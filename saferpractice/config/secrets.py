"""Secrets kept in the data folder, made on first use, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def from_file_or_new(path: Path, *, nbytes: int = 48) -> str:
    """The secret text in ``path``; made at random and written (mode 0600) when the file is absent.

    Two processes starting together agree: the file is created exclusively and the loser reads it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_urlsafe(nbytes)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(fresh)
    try:
        os.link(temporary, path)  # atomic: fails when another process was first, never half written
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return path.read_text().strip()
