"""Hold the product's figures against a file of reference cases: ``saferpractice assess-reference FILE``."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saferpractice.assurance.rules.reference import answers_to


class Command(BaseCommand):
    """Prints one JSON object: the id of each case with what the product computes from the case's input."""

    help = "Print what the product computes for each case of a file of reference cases, as JSON."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, help="a JSON file with a list named cases")

    def handle(self, *_: Any, file: Path, **__: Any) -> None:
        """Read, compute, print."""
        try:
            answers = answers_to(json.loads(file.read_text(encoding="utf-8-sig")))
        except (OSError, ValueError, RecursionError) as problem:
            raise CommandError(f"{file} cannot be used: {problem}") from problem
        # In ASCII: half a character in a case's name is answered as it came, wherever the output goes.
        self.stdout.write(json.dumps(answers, allow_nan=False))
