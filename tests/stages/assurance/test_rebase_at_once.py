"""Two quality leads who begin new limits on one day at one moment: one decision stands, and both charts agree."""

from __future__ import annotations

import pytest

from saferpractice.assurance.models import ChartRebase
from saferpractice.assurance.queries.charts import rebases_of, rebases_within
from saferpractice.trail.queries import check_chain
from tests.databases import Database
from tests.factories.assurance import a_rebase
from tests.personas import build_cast
from tests.stages.assurance.test_races import at_once

pytestmark = pytest.mark.requirement("R4")
KEY = "self-neglect.same-day-consultation"


def test_one_decision_stands(fresh_database: Database) -> None:
    cast = build_cast()
    kinds = at_once(*(lambda n=n: a_rebase(cast, reason=f"Reason {n}") for n in range(4)))  # type: ignore[misc]
    assert kinds == ["ChartRebase", "Invalid", "Invalid", "Invalid"]
    rebase = ChartRebase.objects.get()
    assert [one.reason for one in rebases_of(cast.north.place, KEY)] == [rebase.reason]
    assert [one.reason for one in rebases_within(cast.provider.pk, KEY)[cast.north.place]] == [rebase.reason]
    assert check_chain(cast.provider.pk).whole


def test_of_two_days_or_two_places_both_stand(fresh_database: Database) -> None:
    cast = build_cast()
    kinds = at_once(
        lambda: a_rebase(cast, periods_ago=5),
        lambda: a_rebase(cast, periods_ago=6),
        lambda: a_rebase(cast, place=cast.south.place),
    )
    assert kinds == ["ChartRebase"] * 3
    assert len(rebases_of(cast.north.place, KEY)) == 2
