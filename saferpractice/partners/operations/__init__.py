"""What staff do to share with partners, and what partners do."""

from saferpractice.partners.operations.entering import ask_for_code, ask_for_code_again, come_in, leave
from saferpractice.partners.operations.inviting import end_invitation, invite
from saferpractice.partners.operations.keeping import (
    add_agency,
    add_contact,
    change_agency,
    end_agency,
    end_contact,
)
from saferpractice.partners.operations.parts import Answer, add_part, correct_part, look
from saferpractice.partners.operations.sharing import share, take_back

__all__ = [
    "Answer",
    "add_agency",
    "add_contact",
    "add_part",
    "ask_for_code",
    "ask_for_code_again",
    "change_agency",
    "come_in",
    "correct_part",
    "end_agency",
    "end_contact",
    "end_invitation",
    "invite",
    "leave",
    "look",
    "share",
    "take_back",
]
