"""The key that signs heads: in a file outside the database, readable by its owner only."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from saferpractice.config import secrets
from saferpractice.trail.rules import PublicKey, Signer


def key_file() -> Path:
    """Where the secrets are (setting ``TRAIL_KEY_FILE``): one a line, the newest first."""
    return Path(settings.TRAIL_KEY_FILE or Path(settings.DATA_DIR) / "trail-key")


def signer() -> Signer:
    """What signs: the newest secret, made on first use.

    Raises:
        SecretFileError: the file is empty.
        BadKey: a secret is too short.
    """
    return Signer(secrets.from_file_or_new(key_file()).splitlines()[0].strip())


def public_keys() -> tuple[PublicKey, ...]:
    """The keys that heads may be signed by, newest first; none where there is no file yet. Makes no file.

    Raises:
        BadKey: a secret is too short.
    """
    if not key_file().exists():
        return ()
    lines = (line.strip() for line in key_file().read_text().splitlines())
    return tuple(Signer(line).public for line in lines if line)
