"""The Jinja environment."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment


def environment(**options: Any) -> Environment:
    """The environment Django's Jinja backend uses."""
    return Environment(**options)  # noqa: S701 - Django passes autoescape=True
