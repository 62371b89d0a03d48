"""Ways of looking at the tracker that people keep for themselves. Nothing of an incident is in them, so no trail."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.models import Person
from saferpractice.home.models import SavedView


def keep_view(*, person: Person, name: str, query: str, at: datetime) -> SavedView:
    """Keep a view under ``name``; the same name again replaces it."""
    view, _ = SavedView.objects.update_or_create(person=person, name=name, defaults={"query": query, "saved_at": at})
    return view
