"""What is counted for a quarter, before and after it is guarded."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from saferpractice.access.rules import Role
from saferpractice.assurance.queries.measures.owed import IN_TIME
from saferpractice.changes.operations import decide_evidence
from saferpractice.evidence.queries.counted import counted
from saferpractice.evidence.rules.commissioning.published import Counted, Section
from saferpractice.evidence.rules.disclosure.tables import WHOLE
from saferpractice.incidents.operations import decide_restriction
from tests.factories.changes import an_action, some_evidence
from tests.factories.commissioning import IN_QUARTER, PUBLISHED_AT, QUARTER, TRIAGE, duties
from tests.factories.incidents import an_incident
from tests.factories.measures import obligation, saved, some_rows
from tests.factories.reviews import a_review
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.requirement("R32"), pytest.mark.usefixtures("db")]
FIRST = datetime(2025, 9, 30, 23, 0, tzinfo=UTC)
"""Midnight of 1 October in London."""
LAST = datetime(2026, 1, 1, 0, 0, tzinfo=UTC) - timedelta(minutes=1)


def tables(cast: Cast) -> dict[str, Counted]:
    """The tables by the code of each measure."""
    found = counted(cast.provider, QUARTER, PUBLISHED_AT)
    return {told.code: one for one in found for _, told in one.measures}


def numbers(cast: Cast, code: str) -> dict[str, tuple[int, int]]:
    """Of a measure, the count and how many it is of: of the whole, of each service by name, of what belongs to none."""
    one = tables(cast)[code]
    (part,) = (part for part, told in one.measures if told.code == code)
    names = {str(cast.riverside.pk): "riverside", str(cast.harbour.pk): "harbour"}
    found = {"whole": (one.table.of((WHOLE, part)), one.table.of((WHOLE, WHOLE)))}
    for place, service in enumerate(one.places):
        found[names[service]] = one.table.of((place, part)), one.table.of((place, WHOLE))
    if one.table.rest:
        last = one.table.places[-1]
        found["none"] = one.table.of((last, part)), one.table.of((last, WHOLE))
    return found


def test_a_measure_by_service_and_whole(cast: Cast) -> None:
    duties(cast.north, 6, 2)
    duties(cast.south, 1)
    duties(cast.east, 3, 1)
    assert numbers(cast, TRIAGE) == {"whole": (10, 13), "riverside": (7, 9), "harbour": (3, 4)}


def test_what_belongs_to_no_service_is_in_the_whole(cast: Cast) -> None:
    duties(cast.north, 6)
    lone = obligation(cast.north, IN_QUARTER, met=1, kind="triage.decide", standard="")
    lone.team = None
    saved(lone)
    assert numbers(cast, TRIAGE) == {"whole": (7, 7), "riverside": (6, 6), "harbour": (0, 0), "none": (1, 1)}


@pytest.mark.parametrize(
    ("at", "counts"),
    [(FIRST, 1), (FIRST - timedelta(minutes=1), 0), (LAST, 1), (LAST + timedelta(minutes=1), 0)],
    ids=["first minute", "before it", "last minute", "after it"],
)
def test_the_quarter_is_of_london_days(cast: Cast, at: datetime, counts: int) -> None:
    duties(cast.north, 1, at=at)
    assert numbers(cast, TRIAGE)["whole"] == (counts, counts)


def test_restricted_ones_are_left_out_and_so_are_another_providers(cast: Cast) -> None:
    hidden = obligation(cast.north, IN_QUARTER, met=1, kind="triage.decide", standard="")
    hidden.restricted = True
    saved(hidden)
    assert numbers(cast, TRIAGE)["whole"] == (0, 0)


def test_reviews_are_counted_by_their_tier(cast: Cast) -> None:
    rapid, structured = a_review(cast, "A", at=IN_QUARTER), a_review(cast, "B", at=IN_QUARTER)
    before = {tier: numbers(cast, f"reviews.{tier}.in-time")["whole"] for tier in "abc"}
    duties(cast.north, 4, 1, kind="reviews.complete", about=rapid.pk)
    duties(cast.east, 0, 2, kind="reviews.complete", about=structured.pk)
    met, out_of = before["a"]
    assert numbers(cast, "reviews.a.in-time")["whole"] == (met + 4, out_of + 5)
    met, out_of = before["b"]
    assert numbers(cast, "reviews.b.in-time")["whole"] == (met, out_of + 2)
    assert numbers(cast, "reviews.c.in-time")["whole"] == before["c"] == (0, 0)


def test_all_reviews_together_are_not_published_beside_their_tiers(cast: Cast) -> None:
    """What is left of the whole when two tiers are taken away is the third."""
    assert "loop.review.in-time" not in tables(cast)


def test_no_two_tables_count_the_same_duties(cast: Cast) -> None:
    """Of two that count nearly the same, one would tell what the other holds back."""
    told = [each for one in tables(cast).values() for _, each in one.measures]
    assert not [one.code for one in told if one.code.endswith((".again", ".complete", ".time"))]
    assert not [one.code for one in told if one.code.startswith("incidents.") and one.code != "incidents.repeats"]


@pytest.mark.requirement("R35")
def test_actions_are_done_when_their_evidence_was_accepted(cast: Cast) -> None:
    action = an_action(cast, at=IN_QUARTER, due_on=datetime(2025, 12, 1, tzinfo=UTC).date())
    evidence = some_evidence(action, at=IN_QUARTER + timedelta(days=2))
    assert numbers(cast, "actions.evidenced-in-time")["whole"] == (0, 1), "nobody has accepted it"
    decide_evidence(by=cast.lead, at=IN_QUARTER + timedelta(days=3), evidence=evidence, accepted=True)
    assert numbers(cast, "actions.evidenced-in-time")["whole"] == (1, 1)
    duties(cast.north, 2, 3, kind="changes.action", about=action.pk)
    assert numbers(cast, "actions.evidenced-in-time")["whole"] == (3, 6)
    assert numbers(cast, "actions.evidenced-late")["whole"] == (3, 6)


def test_incidents_that_came_back_count_once(cast: Cast) -> None:
    for day in range(4):
        an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER + timedelta(days=day), person_reference="P-1",
            themes=("self-neglect",),
        )  # fmt: skip
    an_incident(by=cast.worker, team=cast.east, at=IN_QUARTER, person_reference="P-2", themes=("exploitation",))
    assert numbers(cast, "incidents.repeats") == {"whole": (3, 5), "riverside": (3, 4), "harbour": (0, 1)}


def test_restricted_incidents_are_in_no_number_and_count_as_no_earlier_one(cast: Cast) -> None:
    """Every other number leaves them out: what one had more than the others would be those that few may know of."""
    first, second, other = (
        an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER + timedelta(days=day), person_reference=reference,
            themes=("self-neglect",),
        )
        for day, reference in enumerate(["P-1", "P-1", "P-3"])
    )  # fmt: skip
    assert numbers(cast, "incidents.repeats")["whole"] == (2, 3)
    for one, left in ((first, (1, 2)), (second, (0, 1))):
        decide_restriction(by=SET_UP, at=PUBLISHED_AT, incident=one, restricted=True, reason="Few may know of it.")
        assert numbers(cast, "incidents.repeats")["whole"] == left
    decide_restriction(by=SET_UP, at=PUBLISHED_AT, incident=other, restricted=True, reason="Few may know of it.")
    assert {one.table.of((WHOLE, WHOLE)) for one in tables(cast).values()} == {0}, "in none of them"


def test_every_section_has_a_measure(cast: Cast) -> None:
    sections = {told.section for one in tables(cast).values() for _, told in one.measures}
    assert sections == set(Section)


def test_the_services_and_the_rest_add_up_to_the_whole(cast: Cast) -> None:
    some_rows(cast, random.Random(7), IN_QUARTER - timedelta(days=30), 80, 60)
    for code in tables(cast):
        found = numbers(cast, code)
        whole = found.pop("whole")
        assert whole == tuple(map(sum, zip(*found.values(), strict=True)))


def test_the_rows_that_were_met_in_time_are_those(cast: Cast) -> None:
    some_rows(cast, random.Random(8), IN_QUARTER - timedelta(days=30), 80, 80)
    (count, out_of) = numbers(cast, "self-neglect.same-day-consultation")["whole"]
    assert 0 < count < out_of
    assert IN_TIME == 0, "the first state is the one that is counted as met"


def test_a_role_is_no_place(cast: Cast) -> None:
    """A service that nobody works in is still one of the places, and counts nothing."""
    assert Role.COMMISSIONER in cast.commissioner.roles_anywhere(PUBLISHED_AT)
    found: dict[str, Any] = numbers(cast, TRIAGE)
    assert found == {"whole": (0, 0), "riverside": (0, 0), "harbour": (0, 0)}
