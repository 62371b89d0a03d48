"""Who may share, invite and keep the list of partners; and what a partner may reach."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from saferpractice.access.models import Person
from saferpractice.access.permissions import check_has_role
from saferpractice.access.rules import Role
from saferpractice.partners.models import Agency, Contact
from saferpractice.partners.queries.seeing import case_for
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.permissions import check_can_see_case
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import By, Process

SHARES = frozenset({Role.DUTY_MANAGER, Role.SAFEGUARDING_LEAD})


def check_can_share(*, by: By, at: datetime, case: PathwayCase) -> None:
    """Refuse unless ``by`` may open ``case`` and is its duty manager or safeguarding lead.

    Raises:
        Refused: with the reason as a sentence.
    """
    check_can_see_case(by=by, at=at, case=case)
    check_has_role(by=by, at=at, place=case.team.place, among=SHARES, to_do="share with partners")


def check_can_keep_partners(*, by: By, at: datetime, provider_id: UUID) -> None:
    """Refuse unless ``by`` is a duty manager or safeguarding lead anywhere at the provider.

    Raises:
        Refused: with the reason as a sentence.
    """
    if isinstance(by, Process):
        return
    if not isinstance(by, Person) or by.provider_id != provider_id or not by.roles_anywhere(at) & SHARES:
        raise Refused("Only a duty manager or safeguarding lead may keep the list of partners.")


def check_partner_may_see(*, by: By, at: datetime, case: PathwayCase) -> Contact:
    """The contact that ``by`` is, when something of ``case`` is shared with their agency and they were let in.

    Raises:
        Refused: worded so that it does not say whether the case exists.
    """
    if not isinstance(by, Contact) or case_for(by, at, case.pk) is None:
        raise Refused("There is no such case among those shared with you.")
    return by


def check_is_ours(case: PathwayCase, agency: Agency) -> None:
    """Refuse an agency of another provider.

    Raises:
        Refused: worded so that it does not say whether it exists.
    """
    if agency.provider_id != case.provider_id:
        raise Refused("There is no such partner.")
