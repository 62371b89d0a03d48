"""Publishing a quarter to commissioners, once, and agreeing targets with them (R32, R33)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Provider
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.permissions import check_can_publish
from saferpractice.evidence.queries.to_publish import quarter_to_publish, told_changes
from saferpractice.evidence.rules.commissioning.published import as_data
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.evidence.rules.thematic.signing import hash_of
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

NOT_OVER = "This quarter is not over. Choose one that is."
ONCE = "This quarter is published. It is published once: two versions beside each other would tell what each hides."


@operation
def publish_quarter(
    *, by: By, at: datetime, provider: Provider, quarter: Quarter, changes: Collection[UUID] = ()
) -> Entry[PublishedQuarter]:
    """Publish a finished quarter to commissioners: its numbers, guarded, and the titles of ``changes``.

    Args:
        changes: those whose titles somebody read and found fit to be told outside; only ones that are offered.

    Raises:
        Refused: ``by`` neither leads quality nor directs over the whole provider.
        Invalid: the quarter is not over, or a change is not one of those offered.
        Stale: it is published.
    """
    check_can_publish(by=by, at=at, provider_id=provider.pk)
    if quarter.last >= local_day(at):
        raise Invalid({"quarter": NOT_OVER})
    Provider.objects.select_for_update().get(pk=provider.pk)  # two may not publish at once
    if PublishedQuarter.objects.filter(provider=provider, year=quarter.year, number=quarter.number).exists():
        raise Stale(ONCE)
    offered = told_changes(provider, quarter, at)
    if any(one not in offered for one in changes):
        raise Invalid({"changes": "Choose among the changes that are offered."})
    learned = [told.learned for pk, told in offered.items() if pk in set(changes)]
    data = as_data(quarter_to_publish(provider, quarter, at, learned=learned))
    published = PublishedQuarter.objects.create(
        provider=provider,
        year=quarter.year,
        number=quarter.number,
        data=data,
        sha256=hash_of(data),
        **decided(by, at),
    )
    return Entry(
        result=published,
        subject=published,
        sentence=f"published {quarter.short} to commissioners",
        facts={"sha256": published.sha256, "changes": sorted(str(one) for one in changes)},
    )


@operation
def agree_target(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    measure: str,
    title: str,
    target: int | None,
    at_least: bool,
    from_quarter: Quarter,
    submission_key: str,
) -> Entry[ContractTarget] | Already[ContractTarget]:
    """Write down a target agreed with commissioners, from a quarter on; the earlier ones stay on record.

    Args:
        target: in whole per cent, 0 to 100; None when the contract no longer holds one for this measure.
        title: the measure in words, as it was published.

    Raises:
        Refused: ``by`` neither leads quality nor directs over the whole provider.
        Invalid: no measure, or no share.
        SentBefore: the form made a target before, and says something else now.
    """
    check_can_publish(by=by, at=at, provider_id=provider.pk)
    before = ContractTarget.objects.filter(submission_key=submission_key).first()
    if before is not None:
        return _sent_before(before, by=by, title=title, target=target, at_least=at_least, from_quarter=from_quarter)
    problems = {}
    if not as_written(measure) or not as_written(title):
        problems["measure"] = "Choose a measure."
    if target is not None and not 0 <= target <= 100:
        problems["target"] = "Enter a whole number from 0 to 100."
    if problems:
        raise Invalid(problems)
    agreed = ContractTarget.objects.create(
        provider=provider,
        measure=measure,
        title=title,
        target=target,
        at_least=at_least,
        from_year=from_quarter.year,
        from_number=from_quarter.number,
        submission_key=submission_key,
        **decided(by, at),
    )
    return Entry(result=agreed, subject=agreed, sentence=_said(agreed), facts={"measure": measure, "target": target})


def _sent_before(
    before: ContractTarget, *, by: By, title: str, target: int | None, at_least: bool, from_quarter: Quarter
) -> Already[ContractTarget]:
    check_same_answers(
        before,
        by=by,
        sentence="This target was already written down.",
        answers=[
            ("Measure", before.title, title),
            ("Target", _asked(before.target, at_least=before.at_least), _asked(target, at_least=at_least)),
            ("From", before.from_quarter.short, from_quarter.short),
        ],
    )
    return Already(before)


def _asked(target: int | None, *, at_least: bool) -> str:
    return "nothing any more" if target is None else f"{'at least' if at_least else 'at most'} {target}%"


def _said(agreed: ContractTarget) -> str:
    if agreed.target is None:
        return f"ended the target for “{agreed.title}” from {agreed.from_quarter.short} on"
    words = _asked(agreed.target, at_least=agreed.at_least)
    return f"wrote down the target {words} for “{agreed.title}” from {agreed.from_quarter.short} on"
