"""What a reference case gives, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Given = Mapping[str, Any]
Answer = dict[str, Any]
