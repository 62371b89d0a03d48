"""What stands at the top of every page, filled in by the rooms above.

A room adds its entry once, in its ``AppConfig.ready``::

    navigation.register_navigation(lambda request: [navigation.Item("Report", url, order=20)])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Item:
    """One link of the primary navigation. ``count`` is shown in brackets, for what waits for this person."""

    text: str
    href: str
    order: int = 100
    count: int | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, as the header says it."""

    name: str
    detail: str = ""
    href: str | None = None


_sources: list[Callable[[HttpRequest], Iterable[Item]]] = []
_identify: list[Callable[[HttpRequest], Identity | None]] = []


def register_navigation(source: Callable[[HttpRequest], Iterable[Item]]) -> None:
    """Add links to the primary navigation; ``source`` is asked on every page and may look at the person."""
    if source not in _sources:
        _sources.append(source)


def register_identity(source: Callable[[HttpRequest], Identity | None]) -> None:
    """Say how the signed-in person is named in the header; the room that knows people calls this once."""
    _identify[:] = [source]


def navigation_for(request: HttpRequest | None) -> list[Item]:
    """The primary navigation for this request, in order, with the page's own section marked as current."""
    if request is None:
        return []
    items = sorted((item for source in _sources for item in source(request)), key=lambda item: (item.order, item.text))
    if any(item.current for item in items):
        return items
    here = [item.href for item in items if _covers(item.href, request.path)]
    nearest = max(here, key=len, default=None)
    return [replace(item, current=item.href == nearest) for item in items]


def _covers(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))


def identity_for(request: HttpRequest | None) -> Identity | None:
    """The signed-in person as the header shows them, or ``None``."""
    user = getattr(request, "user", None)
    if request is None or user is None or not user.is_authenticated:
        return None
    for source in _identify:
        return source(request)
    return Identity(str(user))


def url_or_none(name: str) -> str | None:
    """The address of a named page, or ``None`` where this installation has no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
