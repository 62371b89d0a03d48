"""Write docs/reference/openapi.json: what care record systems can ask for. ``make fix`` runs it with ``--write``."""

from __future__ import annotations

import json
import os
import sys

import django

from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "reference" / "openapi.json"


def text() -> str:
    """The description as a file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from saferpractice.exchange.views.api import description

    return json.dumps(description(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(text())
    else:
        sys.stdout.write(text())
