"""How an operation says no: a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Mapping


class Refused(Exception):
    """The person may not do this. ``sentence`` says why, and is what the page shows."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Invalid(Exception):
    """The input breaks a rule. ``problems`` maps a field name ("" for the whole) to what to do about it."""

    def __init__(self, problems: Mapping[str, str] | str) -> None:
        self.problems: dict[str, str] = {"": problems} if isinstance(problems, str) else dict(problems)
        super().__init__(" ".join(self.problems.values()))


class Stale(Exception):
    """Somebody else saved this meanwhile. ``sentence`` says so; what was typed must be kept and shown."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
