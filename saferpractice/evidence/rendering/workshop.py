"""Typst in a process of its own, for each PDF a new one.

Typst keeps what it laid out, some hundred megabytes for a long pack, until ten other documents were made. In a process
of its own it gives them back at once, and a crash or an endless layout stops nobody else.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from saferpractice.evidence.rendering.places import DATA

LONGEST = 300
"""Seconds. A pack of 200 incidents takes a few."""
PRESS = Path(__file__).with_name("press.py")
SPARING = {"MALLOC_MMAP_THRESHOLD_": str(128 * 1024)}
"""For the GNU library, elsewhere unknown: each large block goes back at once. By itself it raises that size as it goes
along, up to 32 MB, and what lists outgrow stays behind as holes: a fifth of all for a long pack."""
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")


class NotTypeset(RuntimeError):
    """Typst could not draw a pack; the message says what it said, without anything that it quotes from the pack."""


def typeset(inputs: Mapping[str, str], at: datetime) -> bytes:
    """The PDF that the template makes of ``inputs`` (JSON texts by name); ``at`` is the moment it says it was made.

    Raises:
        NotTypeset: Typst refused, complained, or did not end.
    """
    asked = "\n".join([str(DATA), str(int(at.timestamp())), *(text for pair in inputs.items() for text in pair)])
    command = [sys.executable, "-I", str(PRESS)]
    try:
        done = subprocess.run(  # noqa: S603 (our own program, and what it is given is no argument)
            command, input=asked.encode(), capture_output=True, check=False, timeout=LONGEST, env=_environment()
        )
    except subprocess.TimeoutExpired:
        raise NotTypeset(f"Typst did not end within {LONGEST} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"it ended with {done.returncode}"]
        raise NotTypeset(_QUOTED.sub("…", said[-1]))
    return done.stdout


def _environment() -> dict[str, str]:
    """What the program is given: of ours where its libraries lie, and no secret."""
    return SPARING | {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
