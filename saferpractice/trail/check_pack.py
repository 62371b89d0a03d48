"""``python -m saferpractice verify PACK``: check a pack on any machine, without a database and without settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from saferpractice.trail.packs import BadPack, Found, check
from saferpractice.trail.rules.heads import BadKey, PublicKey

LONGEST_KEY_FILE = 64 * 1024


def main(arguments: Sequence[str]) -> int:
    """Check the pack that the arguments name and say what was found; 0 when it holds, else 1."""
    parser = argparse.ArgumentParser(
        prog="saferpractice verify",
        description="Check that a pack is what was sealed: every file, every trail entry it cites, and who signed.",
    )
    parser.add_argument("pack", type=Path, help="a ZIP or a folder with manifest.json and proofs.json")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        help="the provider's public key as it was told elsewhere: its text or a file",
    )
    parser.add_argument("--list", default="", help="the SHA-256 of manifest.json, where the provider told it elsewhere")
    options = parser.parse_args(arguments)
    try:
        keys = [key for text in options.key for key in _keys(text)]
        found = check(options.pack, keys, options.list)
    except (BadPack, BadKey) as error:
        print(f"NOT WHOLE: {error}", file=sys.stderr)
        return 1
    _say(found)
    return 1 if found.troubles else 0


def _keys(text: str) -> list[PublicKey]:
    """The keys that an argument gives: itself, or the lines of the file of that name.

    Raises:
        BadKey: it is neither.
    """
    if "+" in text and not Path(text).exists():
        return [PublicKey.read(text)]
    try:
        with Path(text).open("rb") as file:
            lines = file.read(LONGEST_KEY_FILE).decode("utf-8", errors="replace").splitlines()
    except (OSError, ValueError) as error:
        raise BadKey(f"{text!r} is neither a public key nor a file with one.") from error
    found = [PublicKey.read(line) for line in lines if line.strip()]
    if not found:
        raise BadKey(f"There is no public key in {text}.")
    return found


def _say(found: Found) -> None:
    title = _printable(found.manifest.title) if found.manifest is not None else "the pack"
    print(f"{'NOT WHOLE' if found.troubles else 'WHOLE'}: {title}")
    for trouble in found.troubles:
        print(f"  {_printable(trouble)}")
    print(f"Files checked: {found.files}. Trail entries checked: {found.entries}.")
    if found.head is not None:
        head = found.head
        print(f"Signed head {head.number} of {head.provider_id}: {head.size} entries, {head.at:%Y-%m-%d %H:%M} UTC.")
    if found.manifest_sha256:
        print(f"SHA-256 of the list of files: {found.manifest_sha256}")
    for note in found.notes:
        print(f"WARNING: {_printable(note)}")


def _printable(text: str) -> str:
    """Text from a pack as one line without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
