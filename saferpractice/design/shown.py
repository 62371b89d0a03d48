"""What the page shows of a field beyond what Django knows."""

from __future__ import annotations

from typing import Any


class Shown:
    """What the page shows of a field beyond what Django knows.

    ``hint`` stands under the label. ``required_message`` says what to do when nothing was entered. ``noun`` names the
    thing in error messages where the label is a question. ``size`` is that of the label: s, m, l or xl; ``heading``
    makes it the page's heading. ``width`` is in characters: 2, 3, 4, 5, 10, 20 or 30.
    """

    hint: str = ""
    required_message: str = ""
    noun: str = ""
    size: str = "s"
    heading: bool = False
    width: int | None = None
    mark_optional: bool = True

    def __init__(self, label: str = "", **kwargs: Any) -> None:
        for name in ("hint", "required_message", "noun", "size", "heading", "width", "mark_optional"):
            if name in kwargs:
                setattr(self, name, kwargs.pop(name))
        super().__init__(label=label, **kwargs)  # type: ignore[call-arg]
