"""Put into words what a change, a briefing or a finding teaches, and take that back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from saferpractice.access.decisions import check_same_answers, decided
from saferpractice.access.models import Team
from saferpractice.assurance.models import LearningPoint, LearningPointWithdrawal
from saferpractice.assurance.permissions.supervision import check_can_word
from saferpractice.assurance.queries.supervision import standing_point
from saferpractice.changes.models import Briefing, OperationalChange
from saferpractice.changes.operations.shared import locked, reason_given
from saferpractice.design.typed import as_written
from saferpractice.findings.models import Finding
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Stale
from saferpractice.trail.rules import By

LONGEST = 300


@operation
def word_learning_point(
    *,
    by: By,
    at: datetime,
    source: OperationalChange | Briefing | Finding,
    wording: str,
    teams: Sequence[Team] = (),
    submission_key: str,
) -> Entry[LearningPoint] | Already[LearningPoint]:
    """Say in one wording what a change, a briefing or a finding teaches (R33, R38).

    A change and its briefing teach the teams that the change must reach; a finding the team it is about and ``teams``
    beside it.

    Raises:
        Refused: ``by`` neither agreed it nor leads on quality there.
        Invalid: no words or too many; or it was put into words already, or is about an incident few people may know of.
        Stale: the change was withdrawn or the finding corrected. ``SentBefore``: the form was sent with other answers.
    """
    check_can_word(by=by, at=at, source=source)
    _lock(source)
    earlier = LearningPoint.objects.filter(submission_key=submission_key).first()
    if earlier is not None:
        check_same_answers(
            earlier,
            by=by,
            sentence="This form was already sent, and a learning point was made with it.",
            answers=[("What it teaches", earlier.wording, wording.strip())],
        )
        return Already(earlier)
    _check_wording(source, wording)
    of = source.change if isinstance(source, Briefing) else source
    point = LearningPoint.objects.create(
        provider_id=of.incident.provider_id if isinstance(of, Finding) else of.provider_id,
        wording=wording.strip(),
        change=None if isinstance(of, Finding) else of,
        briefing=source if isinstance(source, Briefing) else None,
        finding=of if isinstance(of, Finding) else None,
        submission_key=submission_key,
        **decided(by, at),
    )
    point.teams.set({of.team, *teams} if isinstance(of, Finding) else of.reach.all())
    return Entry(
        result=point,
        subject=point,
        story_id=of.incident_id if isinstance(of, Finding) else None,
        sentence=f"put into words what is to be learnt: {point.wording}",
    )


def _lock(source: OperationalChange | Briefing | Finding) -> None:
    """Two people take turns at one source, so that there is one wording."""
    if isinstance(source, Finding):
        Finding.objects.select_for_update().get(pk=source.pk)
        if Finding.objects.filter(corrects=source).exists():
            raise Stale("This finding was corrected meanwhile. Open the newest one.")
        return
    change = locked(source.change if isinstance(source, Briefing) else source)
    if hasattr(change, "withdrawal"):
        raise Stale("This change was withdrawn, so there is nothing to learn from it.")


def _check_wording(source: OperationalChange | Briefing | Finding, wording: str) -> None:
    if not as_written(wording):
        raise Invalid({"wording": "Say in one sentence what it teaches."})
    if len(wording.strip()) > LONGEST:
        raise Invalid({"wording": f"Shorten this to {LONGEST} characters: it is one point to talk about."})
    if isinstance(source, Finding) and source.incident.restricted:
        raise Invalid("Few people may know of its incident. Put the change that answers it into words instead.")
    if isinstance(source, Finding):
        stands = standing_point(finding=source)
    elif isinstance(source, Briefing):
        stands = standing_point(change=source.change, briefing=source)
    else:
        stands = standing_point(change=source)
    if stands is not None:
        raise Invalid(f"This has its words already: “{stands.wording}” Withdraw them first to say it differently.")


@operation
def withdraw_learning_point(
    *, by: By, at: datetime, point: LearningPoint, reason: str
) -> Entry[LearningPointWithdrawal] | Already[LearningPointWithdrawal]:
    """Take a learning point off what is to be discussed, with the reason. Discussions of it stay.

    Raises:
        Refused: ``by`` may not put its source into words either.
        Invalid: no reason. ``Stale``: somebody withdrew it meanwhile.
    """
    check_can_word(by=by, at=at, source=point.source)
    LearningPoint.objects.select_for_update().get(pk=point.pk)
    words = reason_given(reason, advice="Say why it is not to be discussed any more.")
    earlier = LearningPointWithdrawal.objects.filter(point=point).first()
    if earlier is not None:
        if earlier.reason == words:
            return Already(earlier)
        raise Stale("This learning point was withdrawn meanwhile.")
    made = LearningPointWithdrawal.objects.create(point=point, reason=words, **decided(by, at))
    return Entry(result=made, subject=point, sentence=f"withdrew the learning point “{point.wording}”: {words}")
