"""``python -m saferpractice load_example``: put the example provider into an empty database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from saferpractice.config import clock
from saferpractice.exchange import example


class Command(BaseCommand):
    """Load the example; a second time adds nothing and says so."""

    help = (
        "Load the example provider and its neighbour (invented people, 18 months of incidents) into an empty database."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load it.

        Raises:
            CommandError: it cannot be loaded; the message says why, and nothing was kept.
        """
        try:
            shipped = example.shipped_example()
            if example.is_loaded(shipped.provider):
                self.stdout.write(f"{shipped.provider.name} is here already. Nothing was added.")
                return
            loaded = example.load(shipped, at=clock.now())
        except (example.CannotLoad, example.ExampleMistakes) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(loaded.sentence)
