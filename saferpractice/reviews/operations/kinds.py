"""The kinds of obligation this stage opens and meets."""

from __future__ import annotations

OPEN = "reviews.open"
"""To open the review that the tier decision asks for; opened at triage, about the incident."""
COMPLETE = "reviews.complete"
"""To complete a review; about the review."""
DOCUMENT = "reviews.document"
"""To supply one required document; about the ``RequiredDocument``."""
OVERSIGHT = "reviews.oversight"
"""To sign off a formal investigation; about the ``RequiredDocument`` that is the sign-off."""
