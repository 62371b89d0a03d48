"""The key that signs heads: in a file outside the database, readable by its owner only."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from saferpractice.config import secrets
from saferpractice.config.models import new_id
from saferpractice.trail.rules import PublicKey, Signer


def key_file() -> Path:
    """Where the secrets are (setting ``TRAIL_KEY_FILE``): one a line, the newest first."""
    return Path(settings.TRAIL_KEY_FILE or Path(settings.DATA_DIR) / "trail-key")


def signer() -> Signer:
    """What signs: the newest secret, made on first use. The public keys are published where they are not yet.

    Raises:
        SecretFileError: the file is empty.
        BadKey: a secret is too short.
    """
    signing = Signer(secrets.from_file_or_new(key_file()).splitlines()[0].strip())
    _publish(public_keys())
    return signing


def public_keys() -> tuple[PublicKey, ...]:
    """The keys that heads may be signed by, newest first; none where there is no file yet. Makes no file.

    Raises:
        BadKey: a secret is too short.
    """
    if not key_file().exists():
        return ()
    lines = (line.strip() for line in key_file().read_text().splitlines())
    return tuple(Signer(line).public for line in lines if line)


def public_key_file() -> Path:
    """Where the public keys are (setting ``TRAIL_PUBLIC_KEY_FILE``), one a line, for processes that read no secret."""
    return Path(settings.TRAIL_PUBLIC_KEY_FILE or Path(settings.DATA_DIR) / "trail-key.pub")


def published_keys() -> tuple[PublicKey, ...]:
    """The public keys as the worker published them, newest first; none before its first seal. Reads no secret.

    Good enough to hand out and to show. Who verifies compares them with what was told elsewhere.

    Raises:
        BadKey: the file holds something else.
    """
    path = public_key_file()
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(PublicKey.read(line) for line in lines if line.strip())


def _publish(keys: tuple[PublicKey, ...]) -> None:
    path, text = public_key_file(), "".join(f"{key}\n" for key in keys)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{new_id().hex}")  # of its own: whoever publishes at once moves theirs away
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)  # never half written
