"""A learning point of a finding whose incident only few may know of since: it is nowhere, until that is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.assurance.models import LearningPoint
from saferpractice.assurance.operations.supervision import withdraw_learning_point
from saferpractice.assurance.queries.supervision import (
    point_seen,
    points_for,
    points_seen,
    prompted,
    standing_point,
    without_words,
)
from saferpractice.findings.models import Finding
from saferpractice.incidents.operations import decide_restriction
from saferpractice.trail.refusals import Invalid, SentBefore
from tests.factories.changes import a_finding, a_live_change
from tests.factories.supervision import AT, a_point, a_talk, supervised, talked
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R38", "R34")]

SAID = "Somebody on the night shift had the only key."


def restrict(cast: Cast, finding: Finding, *, restricted: bool = True) -> None:
    decide_restriction(
        by=cast.lead, at=AT, incident=finding.incident, restricted=restricted, reason="It is about a colleague"
    )


@pytest.fixture
def point(cast: Cast) -> LearningPoint:
    """What a finding teaches North team, put into words before its incident was restricted."""
    supervised(cast)
    return a_point(cast, source=a_finding(cast), wording=SAID)


def test_before_it_is_what_north_team_talks_about(cast: Cast, point: LearningPoint) -> None:
    assert points_for([cast.worker], AT) == [point]
    assert [one.point for one in prompted(cast.worker, AT).prompts] == [point]


@pytest.mark.parametrize("name", ["worker", "colleague", "supervisor", "duty_manager", "quality_lead", "reviewer"])
def test_then_nobody_is_told_of_it(cast: Cast, point: LearningPoint, name: str) -> None:
    assert point.finding is not None
    person = cast.people()[name]
    assert point_seen(person, AT, point.pk) == point
    restrict(cast, point.finding)
    assert point_seen(person, AT, point.pk) is None
    assert list(points_seen(person, AT)) == []
    assert points_for([person], AT) == []
    assert prompted(person, AT).prompts == ()


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("worker", "learning"),
        ("quality_lead", "learning"),
        ("supervisor", "my_people"),
        ("supervisor", "record_discussion"),
        ("duty_manager", "learning"),
    ],
)
def test_no_page_says_it(cast: Cast, point: LearningPoint, the_clock: Any, name: str, page: str) -> None:
    assert point.finding is not None
    the_clock.stand_at(AT)
    client, address = signed_in(cast.people()[name]), reverse(f"assurance:{page}")
    assert SAID in words(client.get(address))
    restrict(cast, point.finding)
    assert SAID not in words(client.get(address))


def test_a_form_that_still_shows_it_writes_nothing_down(cast: Cast, point: LearningPoint) -> None:
    assert point.finding is not None
    restrict(cast, point.finding)
    with pytest.raises(Invalid) as refused:
        talked(cast.supervisor, cast.worker, point)
    assert set(refused.value.problems) == {"points"}
    assert not point.discussions.exists()


def test_a_point_of_a_change_is_not_touched_by_it(cast: Cast, point: LearningPoint) -> None:
    """A change is for everybody it reaches, also where the incident behind it is for few."""
    assert point.finding is not None
    other = a_point(cast, source=a_live_change(cast, findings=[point.finding]), wording="Each shift has a key.")
    restrict(cast, point.finding)
    assert points_for([cast.worker], AT) == [other]


def test_lifted_it_is_there_again_and_was_never_said_twice(cast: Cast, point: LearningPoint) -> None:
    assert point.finding is not None
    restrict(cast, point.finding)
    assert without_words(cast.quality_lead, AT)[1] == [], "nor is the finding offered to be put into words anew"
    restrict(cast, point.finding, restricted=False)
    assert points_for([cast.worker], AT) == [point]
    assert standing_point(finding=point.finding) == point
    with pytest.raises(Invalid, match="has its words already"):
        a_point(cast, source=point.finding, wording="In other words.")


@pytest.mark.parametrize(
    ("name", "page", "of"),
    [
        ("worker", "discussion", "talk"),
        ("supervisor", "discussion", "talk"),
        ("quality_lead", "discussion", "talk"),
        ("supervisor", "correct_discussion", "talk"),
        ("worker", "worker", "worker"),
        ("supervisor", "worker", "worker"),
        ("director", "worker", "worker"),
    ],
)
def test_nor_does_the_page_of_a_discussion_held_before(
    cast: Cast, point: LearningPoint, the_clock: Any, name: str, page: str, of: str
) -> None:
    assert point.finding is not None
    the_clock.stand_at(AT)
    talk = a_talk(cast, point=point)
    client = signed_in(cast.people()[name])
    address = reverse(f"assurance:{page}", args=[talk.pk if of == "talk" else cast.worker.pk])
    assert SAID in words(client.get(address))
    restrict(cast, point.finding)
    after = words(client.get(address))
    assert SAID not in after
    assert "A learning point that is not shown any more" in after
    restrict(cast, point.finding, restricted=False)
    assert SAID in words(client.get(address))


def test_nor_does_what_a_correction_is_told(cast: Cast, point: LearningPoint) -> None:
    """The form still holds the point it was about; what comes back names it no more."""
    assert point.finding is not None
    (talk,) = talked(cast.supervisor, cast.worker, point, key="sent")
    restrict(cast, point.finding)
    with pytest.raises(SentBefore) as told:
        talked(cast.supervisor, cast.worker, a_point(cast), key="sent")
    assert SAID not in str([(one.recorded, one.typed) for one in told.value.differences])
    with pytest.raises(Invalid) as refused:
        talked(cast.supervisor, cast.colleague, point)
    assert SAID not in str(refused.value)
    assert list(talk.points.all()) == [point]


def test_what_was_discussed_before_still_counts_as_discussed(cast: Cast, point: LearningPoint) -> None:
    assert point.finding is not None
    talk = a_talk(cast, point=point)
    restrict(cast, point.finding)
    assert prompted(cast.worker, AT + timedelta(days=1)).last_held == talk.held_on
    assert list(talk.points.all()) == [point]


def test_one_withdrawn_by_its_author_stays_withdrawn_when_the_restriction_is_lifted(
    cast: Cast, point: LearningPoint
) -> None:
    assert point.finding is not None
    withdraw_learning_point(by=cast.reviewer, at=NOW, point=point, reason="Too close to one person")
    restrict(cast, point.finding)
    restrict(cast, point.finding, restricted=False)
    assert points_for([cast.worker], AT) == []
