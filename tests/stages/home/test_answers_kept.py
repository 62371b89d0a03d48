"""An answer to who asked what is held about somebody keeps what it tells of, for as long as the schedule says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from saferpractice.home.queries.disposal import rows_of, why_not
from saferpractice.home.rules.belonging import SHARED
from saferpractice.home.rules.retention import ANSWER
from saferpractice.incidents.models import Incident
from saferpractice.lists.models import ListEntry
from saferpractice.lists.operations import add_entry
from saferpractice.lists.queries import shipped
from saferpractice.trail.refusals import Invalid
from tests.factories.held import released
from tests.factories.retention import a_finished_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]


@pytest.fixture
def answered(cast: Cast) -> Incident:
    """An incident about whose person somebody was answered at NOW."""
    incident = a_finished_incident(cast)
    assert incident.person_supported_id is not None
    released(incident.person_supported_id, by=cast.lead)
    return incident


def kept_by_it(incident: Incident, year: int, month: int, day: int) -> bool:
    at = datetime(year, month, day, 12, tzinfo=UTC)
    return SHARED["home_gatheredrecords"] in why_not([incident], rows_of([incident]), at)


def keep_answers(cast: Cast, years: int) -> None:
    entry = next(one for one in shipped("retention").entries if one.code == ANSWER)
    add_entry(
        by=cast.quality_lead, at=NOW, provider=cast.provider, list_code="retention",
        data={
            "code": ANSWER, "label": entry.label, "hint": entry.hint, "detail": {**entry.detail, "years": years},
            "source": {"title": "Board paper 12"}, "valid_from": NOW.date(), "valid_to": None,
        },
    )  # fmt: skip


def test_it_is_kept_for_six_years_and_its_last_day(answered: Incident) -> None:
    assert kept_by_it(answered, 2032, 3, 4)
    assert not kept_by_it(answered, 2032, 3, 5)


def test_a_provider_keeps_it_longer_and_never_shorter(cast: Cast, answered: Incident) -> None:
    with pytest.raises(Invalid):
        keep_answers(cast, 5)
    keep_answers(cast, 9)
    assert kept_by_it(answered, 2032, 3, 5)
    assert kept_by_it(answered, 2035, 3, 4)
    assert not kept_by_it(answered, 2035, 3, 5)


def test_a_row_below_the_minimum_counts_for_nothing(cast: Cast, answered: Incident) -> None:
    """Written past the form and the operation, as by somebody with the database open."""
    ListEntry.objects.create(
        provider=cast.provider, list_code="retention", code=ANSWER, label="Shorter", source="Nobody",
        detail={"years": 1, "at_least": 6, "counted_from": "x", "basis": ["x"], "afterwards": "x"},
        valid_from=NOW.date(), added_at=NOW,
    )  # fmt: skip
    assert kept_by_it(answered, 2032, 3, 4)
