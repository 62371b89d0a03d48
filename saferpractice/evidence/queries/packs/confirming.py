"""The texts of a pack that a person must look through before they go outside, and what was decided about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.evidence.models import EvidencePack, TextConfirmation
from saferpractice.evidence.queries.known import known_of
from saferpractice.evidence.queries.packs.gathering import gathered
from saferpractice.evidence.rules.packs.confirming import Choice, Marked, marked
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Said
from saferpractice.evidence.rules.packs.sections import texts_to_confirm
from saferpractice.evidence.rules.packs.telling import Confirmed


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a pack: what was typed, how it would go out, and what stands decided about it, if that holds."""

    said: Said
    marked: Marked
    confirmed: Confirmed | None


def confirmed_among(provider_id: UUID, keys: Iterable[str], known: Collection[str]) -> dict[str, Confirmed]:
    """What stands decided about the texts with these keys.

    Words in which the software finds something now that it did not find then (a name that came to the records since)
    count as decided by nobody.
    """
    wanted = list(keys)
    rows: list[TextConfirmation] = []
    for some in (wanted[at : at + 500] for at in range(0, len(wanted), 500)):
        rows += TextConfirmation.objects.filter(provider_id=provider_id, key__in=some).order_by("number")
    newest = {row.key: row for row in rows}
    return {
        key: Confirmed(row.words, row.choice == Choice.LEFT_OUT, row.decided_by_role, row.decided_at)
        for key, row in newest.items()
        if not marked(row.words, known).found
    }


def texts_of(pack: EvidencePack, person: Person, at: datetime) -> Sequence[Text]:
    """The texts that ``pack`` would tell outside as ``person`` may read it, in its order."""
    if pack.disclosure != Disclosure.INSPECTOR:
        return []
    found, _ = gathered(pack, person, at)
    listed = texts_to_confirm(found)
    known = known_of(pack.provider_id, incidents=False)
    decided = confirmed_among(pack.provider_id, (one.key for one in listed), known)
    return [Text(one, marked(one.text, known), decided.get(one.key)) for one in listed]


def still_open(texts: Iterable[Text]) -> list[Text]:
    """Those that nobody has decided about."""
    return [text for text in texts if text.confirmed is None]


def numbers_of(provider_id: UUID, keys: Collection[str]) -> Mapping[str, int]:
    """How often each of these texts was decided about."""
    rows = TextConfirmation.objects.filter(provider_id=provider_id, key__in=list(keys)).order_by("number")
    return dict(rows.values_list("key", "number"))
