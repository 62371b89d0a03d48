"""Two people at once: every decision stands, what is owed is owed and met once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections

from saferpractice.access.models import Person
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.operations import twice_at_once
from saferpractice.trail.queries import check_chain
from saferpractice.triage.models import ThresholdDecision, TierDecision, TriageRecord
from saferpractice.triage.operations import decide_threshold, decide_tier
from tests.databases import Database
from tests.factories.incidents import an_incident
from tests.factories.triage import DEPARTURE, a_triage, choose, do_not_refer, must_be_told, refer
from tests.personas import NOW, Cast, build_cast

pytestmark = [pytest.mark.requirement("R6"), pytest.mark.requirement("R7")]


@pytest.fixture
def cast(fresh_database: Database) -> Cast:
    return build_cast()


def at_once(*jobs: Callable[[], object]) -> None:
    """Run the jobs in threads of their own, started together; the first error is raised here."""
    ready, errors = Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        try:
            ready.wait()
            job()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def anew(person: Person) -> Person:
    """The person as another process sees them."""
    return Person.objects.get(pk=person.pk)


def test_two_managers_triage_at_once(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    for_two = [cast.duty_manager, cast.lead, cast.director]

    def triage(person: Person) -> Callable[[], object]:
        return lambda: a_triage(
            by=anew(person),
            incident=Incident.objects.get(pk=incident.pk),
            threshold=refer(),
            tellings=[must_be_told("police")],
            tier=choose("A"),
        )

    at_once(*[triage(person) for person in for_two])
    assert {row.decided_by for row in TriageRecord.objects.all()} == set(for_two)
    assert (ThresholdDecision.objects.count(), TierDecision.objects.count()) == (3, 3)
    kinds = sorted(Obligation.objects.values_list("kind", flat=True))
    assert kinds == ["reviews.open", "triage.decide", "triage.send_referral", "triage.tell"]
    met = Obligation.objects.get(kind="triage.decide")
    assert TriageRecord.objects.filter(pk=met.met_by_id).exists()
    chain = check_chain(cast.provider.pk)
    assert chain.whole
    assert TrailEntry.objects.story(incident.pk).filter(operation="triage.record_triage").count() == 3


def test_the_same_form_sent_twice_at_once(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)

    def send() -> object:
        return twice_at_once(
            lambda: a_triage(by=anew(cast.duty_manager), incident=incident, key="k", threshold=refer())
        )

    at_once(send, send, send)
    assert (TriageRecord.objects.count(), ThresholdDecision.objects.count()) == (1, 1)


def test_opposite_decisions_at_once_leave_what_the_last_one_asks_for(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    at_once(
        lambda: decide_threshold(by=anew(cast.duty_manager), at=NOW, incident=incident, choice=refer()),
        lambda: decide_threshold(
            by=anew(cast.lead), at=NOW + timedelta(seconds=1), incident=incident, choice=do_not_refer()
        ),
    )
    assert ThresholdDecision.objects.count() == 2
    in_order = list(ThresholdDecision.objects.order_by("pk").values_list("outcome", flat=True))
    owed = Obligation.objects.open().filter(kind="triage.send_referral").count()
    assert owed == (1 if in_order[-1] == "refer" else 0), "what was written last decides what is owed"


def test_two_tiers_at_once_owe_one_review(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north)
    a_triage(by=cast.lead, incident=incident)
    at_once(
        lambda: decide_tier(by=anew(cast.duty_manager), at=NOW, incident=incident, choice=choose("A")),
        lambda: decide_tier(by=anew(cast.lead), at=NOW, incident=incident, choice=choose("C", DEPARTURE)),
    )
    assert TierDecision.objects.count() == 2
    assert Obligation.objects.open().filter(kind="reviews.open").count() == 1
