"""Texts for tests of likeness: all invented. Two go wrong in the same way, the others each in their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from saferpractice.access.models import Person, Team
from saferpractice.incidents.models import Incident
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast

LEAVE = (
    "The patient went on unescorted leave and did not return to the ward. The leave sheet was blank and "
    "nobody rang the police until the morning."
)
LEAVE_AGAIN = (
    "Unescorted leave was given although the plan said escorted. The patient did not return, the leave sheet was "
    "blank, and the police were rung late."
)
TABLETS = "Two tablets of the wrong strength were given at breakfast, because both boxes look the same in the trolley."
MONEY = "Two men in his flat take his card on pay day, and he is afraid to tell anybody about the money."
FALL = "She slipped on the wet floor of the bathroom at night and broke her wrist, the mat had been taken away."
VISIT = "Nobody answered the door at the second visit this week. The curtains were closed and letters lay inside."
OTHERS = {"tablets": TABLETS, "money": MONEY, "fall": FALL, "visit": VISIT}


def told(
    cast: Cast, text: str, *, at: datetime = NOW, by: Person | None = None, team: Team | None = None, **more: Any
) -> Incident:
    """An incident of North team told as ``text``, with nothing else in it that could be alike."""
    given: dict[str, Any] = {"done_at_once": "", "person_reference": "", "themes": ()}
    return an_incident(by=by or cast.worker, team=team or cast.north, at=at, what_happened=text, **(given | more))
