"""``make bench`` works: small, but on every page."""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings


def test_it_measures_every_page() -> None:
    kind = settings.TEST_DATABASE
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.bench",
            "--sizes",
            "5",
            "--rounds",
            "2",
            "--databases",
            kind,
            "--charts",
            "1",
            "--timelines",
            "50",
            "--entries",
            "500",
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line for line in done.stdout.splitlines() if f"| {kind} |" in line]
    assert len(rows) >= 8, done.stderr
    assert "| verifying a trail |" in done.stdout, done.stderr
