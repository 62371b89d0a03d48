"""Several people at one moment: one question asked, one wording, nothing owed by somebody away."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection

from saferpractice.access.models import Person
from saferpractice.assurance.models import LearningPoint
from saferpractice.assurance.operations.supervision import ask_for_discussion, record_absence, word_learning_point
from saferpractice.deadlines.models import Obligation
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.databases import Database
from tests.factories.changes import a_live_change
from tests.factories.supervision import AT, WORKER, supervised
from tests.personas import Cast, build_cast

pytestmark = pytest.mark.requirement("R38")

MARCH = date(2026, 3, 1)


def at_once(number: int, do: Callable[[int], object]) -> list[object]:
    """What came of doing it ``number`` times at one moment: results, or the refusals."""

    def one(which: int) -> object:
        try:
            return do(which)
        except (Invalid, Stale, Refused) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


class TestAtOnce:
    @pytest.fixture
    def ready(self, fresh_database: Database) -> Cast:
        cast = build_cast()
        supervised(cast)
        return cast

    def test_two_workers_ask_once(self, ready: Cast) -> None:
        at_once(3, lambda _: ask_for_discussion(by=WORKER, at=AT, worker=ready.worker))
        assert Obligation.objects.filter(kind="supervision.discuss").count() == 1

    def test_two_people_put_one_change_into_words(self, ready: Cast) -> None:
        change = a_live_change(ready)
        by: list[Person] = [ready.reviewer, ready.quality_lead]
        found = at_once(
            2,
            lambda n: word_learning_point(
                by=by[n], at=AT, source=change, wording=f"Wording {n}", submission_key=f"k{n}"
            ),
        )
        assert [type(one) for one in found].count(Invalid) == 1
        assert LearningPoint.objects.count() == 1

    def test_an_absence_while_it_is_asked_for_leaves_nothing_owed(self, ready: Cast) -> None:
        at_once(
            2,
            lambda n: (
                ask_for_discussion(by=WORKER, at=AT, worker=ready.worker)
                if n
                else record_absence(by=ready.lead, at=AT, worker=ready.worker, from_on=MARCH, until_on=None)
            ),
        )
        assert not Obligation.objects.open().filter(kind="supervision.discuss").exists()
