"""The kinds of obligation this stage opens and meets."""

from __future__ import annotations

from saferpractice.access.rules import Role
from saferpractice.incidents.models import Incident

OPEN = "reviews.open"
"""To open the review that the tier decision asks for; opened at triage, about the incident."""
COMPLETE = "reviews.complete"
"""To complete a review; about the review."""
DOCUMENT = "reviews.document"
"""To supply one required document; about the ``RequiredDocument``."""
OVERSIGHT = "reviews.oversight"
"""To sign off a formal investigation; about the ``RequiredDocument`` that is the sign-off."""


def oversight_role(incident: Incident) -> Role:
    """Whose work the sign-off is: a director's, or the lead's where only named people may know of it.

    The safeguarding lead is named on every restricted incident and can name somebody senior to sign it off.
    """
    return Role.SAFEGUARDING_LEAD if incident.restricted else Role.DIRECTOR
