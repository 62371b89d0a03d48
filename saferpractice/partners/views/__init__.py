"""Pages of partners: for staff, and the partners' own small area."""

from saferpractice.partners.views.entering import code, invitation, sign_in, sign_out
from saferpractice.partners.views.keeping import (
    add_agency,
    add_contact,
    agencies,
    agency,
    change_agency,
    end_agency,
    end_contact,
)
from saferpractice.partners.views.partner import answer, correct, home, partner_case, write
from saferpractice.partners.views.sharing import case, end_invitation, invite, share, summary, take_back

__all__ = [
    "add_agency",
    "add_contact",
    "agencies",
    "agency",
    "answer",
    "case",
    "change_agency",
    "code",
    "correct",
    "end_agency",
    "end_contact",
    "end_invitation",
    "home",
    "invitation",
    "invite",
    "partner_case",
    "share",
    "sign_in",
    "sign_out",
    "summary",
    "take_back",
    "write",
]
