"""Heads of a test are kept in a folder of its own: the next one's provider has the same id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def outside_heads(settings: Any, tmp_path: Path) -> Path:
    settings.TRAIL_HEADS = str(tmp_path / "heads")
    settings.TRAIL_KEY_FILE = str(tmp_path / "keys" / "trail-key")
    settings.TRAIL_PUBLIC_KEY_FILE = str(tmp_path / "keys" / "trail-key.pub")
    return tmp_path / "heads"
