"""``python -m saferpractice trail …``: verify the trail, seal it, or show the key that its heads are checked by."""

from __future__ import annotations

import email
import email.policy
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from saferpractice.config import clock
from saferpractice.config.certificates import CertificateFileError
from saferpractice.config.secrets import SecretFileError
from saferpractice.design.words import plural
from saferpractice.trail import keys, outside, stamps
from saferpractice.trail.rules import BadKey, PublicKey, notes_in
from saferpractice.trail.sealing import CannotSeal, seal, waiting
from saferpractice.trail.verification import Report, keep_report, providers, verify


class Command(BaseCommand):
    """Look after the trail from the command line."""

    help = "Verify that no entry of the trail was changed, sign a head over what is new, or show the public key."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """``verify``, ``seal`` and ``key``."""
        parts = parser.add_subparsers(dest="part", required=True)
        one = parts.add_parser(
            "verify", help="hash every entry again and check every head; exit code 1 if one is wrong"
        )
        one.add_argument("--provider", type=UUID, help="one provider's trail only, by id")
        one.add_argument(
            "--head",
            type=Path,
            action="append",
            default=[],
            help="a file of heads kept elsewhere, such as a saved e-mail",
        )
        one.add_argument("--key", action="append", default=[], help="a public key to check by, instead of the key file")
        parts.add_parser("seal", help="sign a head over all entries that are under none yet")
        parts.add_parser("key", help="print the public key, by which anybody can check a head")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked for.

        Raises:
            CommandError: something is wrong with a trail, or a key or a file cannot be used.
        """
        at = clock.now()
        try:
            {"verify": self.verify, "seal": self.seal, "key": self.key}[options["part"]](at, options)
        except (BadKey, SecretFileError, CertificateFileError, CannotSeal, OSError) as error:
            raise CommandError(str(error)) from error

    def verify(self, at: datetime, options: dict[str, Any]) -> None:
        """Verify one trail or all, and say what was found."""
        known = tuple(PublicKey.read(text) for text in options["key"]) or keys.public_keys()
        notes = [note for path in options["head"] for note in _notes(path)]
        wanted = [options["provider"]] if options["provider"] else providers()
        wrong, trusted = 0, stamps.roots()
        for provider_id in wanted:
            report = verify(provider_id, known, notes, trusted)
            try:
                keep_report(report, at)
            except DatabaseError:  # a copy that can only be read
                self.stderr.write("What was found could not be written down in this database.")
            self.say(report)
            wrong += len(report.troubles) + report.more
        if wrong:
            raise CommandError(
                f"The trail is not what was written: {wrong} {'thing is' if wrong == 1 else 'things are'} wrong."
            )

    def say(self, report: Report) -> None:
        """What verifying one trail found, a line for each trouble."""
        sealed = report.sealed
        until = f"sealed to entry {sealed.size} on {sealed.at:%Y-%m-%d %H:%M} UTC" if sealed else "not sealed yet"
        hold = "1 head holds" if report.heads == 1 else f"{report.heads} heads hold"
        words = f"{report.entries} entries, {hold}, {until}, {plural(report.kept, 'head')} kept outside"
        if report.stamps:
            words += f", {plural(report.stamps, 'time stamp holds', 'time stamps hold')}"
        if report.unchecked:
            words += f", {plural(report.unchecked, 'time stamp')} held against no certificate"
        self.stdout.write(f"{report.provider_id}: {'whole' if report.whole else 'NOT WHOLE'}: {words}")
        for trouble in report.troubles:
            self.stdout.write(f"  {trouble.kind.value}: {trouble.sentence}")
        if report.more:
            self.stdout.write(f"  and {report.more} more")

    def seal(self, at: datetime, _options: dict[str, Any]) -> None:
        """Seal all there is, and keep the heads outside too."""
        while some := waiting(limit=100):
            for provider_id in some:
                made = seal(provider_id=provider_id, at=at)
                outside.keep(provider_id)
                if made is not None:
                    self.stdout.write(made.note)

    def key(self, _at: datetime, _options: dict[str, Any]) -> None:
        """Print the public keys, newest first."""
        known = keys.public_keys() or (keys.signer().public,)
        self.stdout.write("\n".join(str(key) for key in known))


def _notes(path: Path) -> list[str]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",)) if message["Content-Type"] else None
    text = body.get_content() if body is not None else path.read_text(encoding="utf-8", errors="replace")
    found = notes_in(text)
    if not found:
        raise CommandError(f"There is no signed head in {path}.")
    return found
