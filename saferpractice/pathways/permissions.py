"""Who may read how practice works, put a pathway in use, and work on a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person, Service, Team
from saferpractice.access.permissions import check_has_role
from saferpractice.access.queries import teams_covered
from saferpractice.access.rules import Place, Role
from saferpractice.incidents.models import PersonSupported
from saferpractice.pathways.models import WORKS_ON_CASES, PathwayCase, PathwayDraft, VersionProposal
from saferpractice.pathways.queries import person_known
from saferpractice.pathways.rules.definition import RecordKind
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process

PUTS_IN_USE = frozenset({Role.SAFEGUARDING_LEAD, Role.QUALITY_LEAD, Role.DIRECTOR})


def can_read_pathways(person: Person, at: datetime) -> bool:
    """Whether ``person`` holds any role: how practice works is for everybody who works by it or checks it."""
    return bool(person.roles_anywhere(at))


def check_can_put_in_use(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over the whole provider.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=PUTS_IN_USE, to_do="put a pathway in use")


def check_can_draft(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over the whole provider: who may see drafts,
    work on them, propose them, and retire a version.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=PUTS_IN_USE, to_do="change a pathway")


def wrote_any_of(person: Person, draft: PathwayDraft) -> bool:
    """Whether ``person`` is an author of ``draft``: began it, changed it, or proposed it."""
    began = draft.decided_by_id == person.pk
    return began or any(rows.filter(decided_by=person).exists() for rows in (draft.edits, draft.proposals))


def check_can_decide(*, by: By, at: datetime, proposal: VersionProposal) -> None:
    """Refuse unless ``by`` may put pathways in use and wrote no part of what is proposed. No process decides.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Person):
        raise Refused("A person decides on a proposal.")
    check_has_role(
        by=by, at=at, place=Place(proposal.provider_id), among=PUTS_IN_USE, to_do="decide on a proposed version"
    )
    if wrote_any_of(by, proposal.draft):
        raise Refused("You worked on this version. Somebody else decides on it.")


def check_can_take_back(*, by: By, at: datetime, proposal: VersionProposal) -> None:
    """Refuse unless ``by`` may change pathways and is an author of what is proposed.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_draft(by=by, at=at, provider_id=proposal.provider_id)
    if isinstance(by, Person) and not wrote_any_of(by, proposal.draft):
        raise Refused("Only somebody who worked on this version takes it back. Send it back instead.")


def check_can_set_values(*, by: By, at: datetime, service: Service) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over ``service``.

    Raises:
        Refused: with the reason as a sentence.
    """
    place = Place(service.provider_id, service.pk)
    check_has_role(by=by, at=at, place=place, among=PUTS_IN_USE, to_do="set the values of a pathway")


def check_can_open_case(*, by: By, at: datetime, team: Team) -> None:
    """Refuse unless ``by`` works in or for ``team``.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=team.place, among=WORKS_ON_CASES, to_do="open a case of this team")


def check_can_see_case(*, by: By, at: datetime, case: PathwayCase) -> None:
    """Refuse unless ``by`` may open ``case`` (see ``PathwayCases.visible_to``).

    Raises:
        Refused: worded so that it does not say whether the case exists.
    """
    if isinstance(by, Process):
        return
    if not isinstance(by, Person) or not PathwayCase.objects.visible_to(by, at).filter(pk=case.pk).exists():
        raise Refused("There is no such case among those you may see.")


def check_can_write(*, by: By, at: datetime, case: PathwayCase, kind: RecordKind) -> None:
    """Refuse unless ``by`` may open ``case`` and holds a role that makes records of ``kind`` over its team.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_see_case(by=by, at=at, case=case)
    among = frozenset(Role(role) for role in kind.made_by)
    check_has_role(by=by, at=at, place=case.team.place, among=among, to_do=f"write down “{kind.label}”")


def check_can_write_down_ways(*, by: By, at: datetime, case: PathwayCase) -> None:
    """Refuse unless ``by`` may open ``case`` and works in or for its team.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_see_case(by=by, at=at, case=case)
    to_do = "write down how the person wants to be reached"
    check_has_role(by=by, at=at, place=case.team.place, among=WORKS_ON_CASES, to_do=to_do)


def check_can_close(*, by: By, at: datetime, case: PathwayCase) -> None:
    """Refuse unless ``by`` may open ``case`` and is its duty manager, safeguarding lead or director.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_see_case(by=by, at=at, case=case)
    among = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD, Role.DIRECTOR})
    check_has_role(by=by, at=at, place=case.team.place, among=among, to_do="close a case")


def check_can_replay(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` leads safeguarding or quality, or directs, over the whole provider.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_has_role(by=by, at=at, place=Place(provider_id), among=PUTS_IN_USE, to_do="replay a pathway")


def check_is_the_worker(*, by: By, at: datetime) -> None:
    """Refuse every person: what is drawn for supervision is nobody's choice.

    Raises:
        Refused: with the reason as a sentence.
    """
    if not isinstance(by, Process):
        raise Refused("Cases are drawn for supervision by the system, so that nobody chooses them.")


def check_can_record_characteristics(*, by: By, at: datetime, person: PersonSupported) -> None:
    """Refuse unless ``by`` works in or for a team and may know of this person through a case or an incident.

    Raises:
        Refused: worded so that it does not say whether there is such a person.
    """
    if isinstance(by, Process):
        return
    works = isinstance(by, Person) and teams_covered(by, at, WORKS_ON_CASES).exists()
    if not works or not isinstance(by, Person) or person_known(by, at, person.pk) is None:
        raise Refused("There is no such person among those you may know of.")
