"""Publish the learning bulletin of a quarter (R33)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Person, Provider
from saferpractice.deadlines.rules import local_day
from saferpractice.evidence.models import Bulletin
from saferpractice.evidence.permissions import check_can_write_bulletin
from saferpractice.evidence.queries.bulletins import found_in_bulletin, newest_edition
from saferpractice.evidence.rules.bulletin import PARTS, problems_of_bulletin
from saferpractice.evidence.rules.confirming import key_of, problems
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from saferpractice.trail.rules import By


@operation
def publish_bulletin(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    quarter: Quarter,
    edition: int,
    words: Mapping[str, str],
    stays: Collection[str],
    read: bool,
    submission_key: str,
) -> Entry[Bulletin] | Already[Bulletin]:
    """Publish what a quarter taught to everybody who works here. A later edition stands in the place of an earlier.

    Args:
        edition: the number of this one; 1 where none was published.
        words: the parts by name (``rules.bulletin.PARTS``).
        stays: what looks like an identifier in it and, as ``by`` says, names nobody.
        read: whether ``by`` says that they read every word for what could tell who somebody is.

    Raises:
        Refused: ``by`` does not lead quality here, or is no person.
        Invalid: something is missing, too long or too hard to read, or could tell who somebody is.
        SentBefore: the form was sent before, with other words.
        Stale: somebody published another edition meanwhile, or the quarter has not begun.
    """
    check_can_write_bulletin(by=by, at=at, provider_id=provider.pk)
    if not isinstance(by, Person):
        raise Refused("A person reads a bulletin before others do.")
    kept = {name: words.get(name, "").strip() for name in PARTS}
    earlier = Bulletin.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        answers = [(heading, str(earlier.words[name]), kept[name]) for name, heading in PARTS.items()]
        check_same_answers(earlier, by=by, sentence="This bulletin was published before.", answers=answers)
        return Already(earlier)
    Provider.objects.select_for_update().get(pk=provider.pk)
    newest = newest_edition(provider.pk, quarter)
    if edition != (newest.edition + 1 if newest else 1):
        raise Stale("Somebody published this bulletin meanwhile. Look at what stands now before you go on.")
    if quarter.first > local_day(at):
        raise Stale("This quarter has not begun.")
    found = found_in_bulletin(provider.pk, kept)
    wrong = problems_of_bulletin(kept) | problems(found, stays, tuple(PARTS))
    if not read:
        wrong["read"] = "Read every word of it, and tick that you did."
    if wrong:
        raise Invalid(wrong)
    asked = {key_of(one.text) for each in found.values() for one in each}
    bulletin = Bulletin.objects.create(
        provider=provider,
        year=quarter.year,
        number=quarter.number,
        edition=edition,
        words=kept,
        stays=sorted(text for text in stays if key_of(text) in asked),
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(
        result=bulletin,
        subject=bulletin,
        sentence=f"read the learning bulletin of {quarter.short} for identifiers and published it",
        facts={"edition": edition, "stays": len(bulletin.stays)},
    )
