"""Secrets kept in the data folder, made on first use, readable by their owner only."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


class SecretFileError(ValueError):
    """A file that should hold a secret cannot be used; the message says what to do."""


def from_file_or_new(path: Path, *, nbytes: int = 48) -> str:
    """The secret text in ``path``; made at random and written (mode 0600) when the file is absent.

    Two processes starting together agree: the file is created exclusively and the loser reads it. The secret is on
    disk before it is returned, for what is encrypted under a secret lost in a power cut is lost too.

    Raises:
        SecretFileError: the file is there and empty, so something that needs its secret may be lost.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_unless_there(path, secrets.token_urlsafe(nbytes))
    secret = path.read_text().strip()
    if not secret:
        raise SecretFileError(
            f"{path} is empty. Put the secret back from a backup; remove the file only if nothing was saved under it."
        )
    return secret


def _write_unless_there(path: Path, secret: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)  # atomic: fails when another process was first, never half written
    finally:
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
