"""A version goes live: what follows from it is done once, and open cases move to it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.decisions import decided
from saferpractice.access.models import Provider
from saferpractice.pathways import following
from saferpractice.pathways.models import CaseClosing, CaseMoved, PathwayCase, PathwayVersion, VersionWentLive
from saferpractice.pathways.operations.owing import bring_up_to_date
from saferpractice.pathways.permissions import check_can_draft
from saferpractice.pathways.queries import Worked, facts_of, state_of, version_in_use, versions_of, worked_by
from saferpractice.pathways.queries import definition_of_version as definition_of
from saferpractice.pathways.rules.moving import Carried, as_data
from saferpractice.pathways.rules.state import Owed
from saferpractice.trail.operations import Already, Entry, operation
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import By, Process

MOVES_CASES = Process("Pathways")
"""What moves open cases when a version goes live: nobody decides anything about a case by that."""


@operation
def take_live(*, by: By, at: datetime, version: PathwayVersion) -> Entry[VersionWentLive] | Already[VersionWentLive]:
    """Do, once, what follows when ``version`` comes into force: other rooms are told (see ``following``).

    An earlier approved version that it passed over is contained in it, and is told with it.

    Raises:
        Refused: ``by`` may not change pathways here.
        Invalid: it is not to be live yet, or was called off.
    """
    check_can_draft(by=by, at=at, provider_id=version.provider_id)
    Provider.objects.select_for_update().get(pk=version.provider_id)
    earlier = VersionWentLive.objects.filter(version=version).first()
    if earlier is not None:
        return Already(earlier)
    if version.live_from > at or facts_of([version])[0].called_off:
        raise Invalid("This version is not to be live now.")
    contained = [
        each
        for each in versions_of(version.provider_id, version.pathway)
        if each.number < version.number
        and hasattr(each, "approval")
        and not hasattr(each, "went_live")
        and not facts_of([each])[0].called_off
    ]
    for each in reversed(contained):
        VersionWentLive.objects.create(version=each, **decided(by, at))
        following.tell_went_live(each, at)
    went = VersionWentLive.objects.create(version=version, **decided(by, at))
    following.tell_went_live(version, at)
    return Entry(
        result=went, subject=version, sentence=f"took version {version.number} of the pathway “{version.title}” live"
    )


@operation
def move_case(*, by: By, at: datetime, case_id: UUID) -> Entry[CaseMoved | None] | Already[CaseMoved | None]:
    """Move an open case to the version of its pathway that is in use, with everything that is owed on it.

    Once for each version, whatever is killed or raced: the case is locked, and the database holds one move to each
    version. What is open stays owed and never comes due later (``rules/moving.py``). None when there is nothing to
    move.

    Raises:
        Refused: a person asks for it. Cases follow the version in use, and nobody chooses.
    """
    if not isinstance(by, Process):
        raise Refused("Cases move by themselves when a version goes live.")
    held = PathwayCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    worked = worked_by(held)
    version = version_in_use(held.provider_id, worked.version.pathway, at)
    closed = CaseClosing.objects.filter(case=held).exists()
    if version is None or closed or version.number <= worked.version.number:
        return Already(None)
    state = state_of(held, at)
    carried = [
        as_data(Carried(owed, definition_of(asked)), str(asked.pk)) for owed, asked in _asked(state.owed, worked)
    ]
    moved = CaseMoved.objects.create(
        case=held, from_version=worked.version, to_version=version, carried=carried, **decided(by, at)
    )
    fresh = PathwayCase.objects.get(pk=held.pk)
    opened = bring_up_to_date(fresh, at)
    return Entry(
        result=moved,
        subject=held,
        story_id=held.pk,
        sentence=f"moved the case to version {version.number} of the pathway “{version.title}”",
        facts={
            "from": worked.version.number,
            "to": version.number,
            "still_owed": [owed.obligation.title for owed in state.open],
            "owed": opened,
        },
    )


def _asked(owed: tuple[Owed, ...], worked: Worked) -> list[tuple[Owed, PathwayVersion]]:
    """Each thing owed, with the newest version of the case that asks for it in these very words."""
    return [
        (
            each,
            next(
                version
                for version in reversed(worked.versions)
                if definition_of(version).owed.get(each.obligation.id) == each.obligation
            ),
        )
        for each in owed
    ]
