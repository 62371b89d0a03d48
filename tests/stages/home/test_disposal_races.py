"""Disposal while somebody else is at work: all of it goes and they are told so, or it is kept whole. Never half."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.urls import reverse

from saferpractice.access.middleware import has_gone
from saferpractice.changes.models import OperationalChange
from saferpractice.evidence.models import ThematicDraft
from saferpractice.evidence.operations import draw_review
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.files.models import StoredFile
from saferpractice.home import sweeps
from saferpractice.home.models import DisposalCertificate, DisposalDecision, DisposalPermit, DisposalStop
from saferpractice.home.operations import decide_disposal, disposing
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import correct_report, grade_harm, send_report, withdraw_incident
from saferpractice.trail import operations as writing
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Refused
from tests.databases import Database
from tests.factories.changes import a_finding, a_template_in_use
from tests.factories.disposal import DUE, REASON, a_change_that_is_over, approved, proposed
from tests.factories.held import gathered
from tests.factories.incidents import a_report
from tests.factories.pathways import a_case, used
from tests.factories.retention import a_finished_incident, a_hold, at_rest
from tests.factories.reviews import a_review, completed
from tests.factories.trail import verified
from tests.factories.web import signed_in
from tests.personas import Cast, usual_cast
from tests.stages.home.everywhere import places_of, places_of_id
from tests.waiting import wait_for

pytestmark = [pytest.mark.requirement("R7", "R34"), pytest.mark.timeout(900)]

WORD = "Quillonby"
LATER = DUE + timedelta(minutes=1)
NAMED_STILL = {
    "home_proposedincident.incident_id",
    "trail_trailentry.story_id",
    "trail_trailentry.subject_id",
    "access_accessentry.story_id",
}
"""Where the id of an incident may stand when it has gone."""


@pytest.fixture
def cast(fresh_database: Database) -> Cast:
    return usual_cast()


@dataclass
class Story:
    cast: Cast
    incident: Incident
    change: OperationalChange


@pytest.fixture
def story(cast: Cast) -> Story:
    review = a_review(cast, "B", person_reference="P-7", what_happened=WORD)
    finding = a_finding(cast, review=review)
    completed(review, cast)
    change = a_change_that_is_over(cast, finding, WORD)
    at_rest(review.incident)
    used(cast, "self-neglect")
    approved(review.incident, cast)
    return Story(cast, review.incident, change)


class Halt:
    """Stops the thread of a name where it calls a function, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, who: str) -> None:
        self.reached, self.go = Event(), Event()
        real = getattr(module, name)

        def halted(*args: Any, **given: Any) -> Any:
            if threading.current_thread().name == who:
                self.reached.set()
                assert self.go.wait(timeout=300)
            return real(*args, **given)

        monkeypatch.setattr(module, name, halted)


class Doing(Thread):
    """Does something in a thread and on a connection of its own; what it gave, or what it met."""

    def __init__(self, name: str, do: Callable[[], Any]) -> None:
        super().__init__(name=name, daemon=True)
        self.do, self.begun = do, Event()
        self.met: Exception | None = None
        self.gave: Any = None
        self.start()

    def run(self) -> None:
        self.begun.set()
        try:
            self.gave = self.do()
        except Exception as error:  # looked at by the test
            self.met = error
        finally:
            connections.close_all()

    def is_over(self) -> bool:
        return not self.is_alive()

    def ended(self) -> Doing:
        self.join(timeout=300)
        assert self.is_over(), f"{self.name} waits for ever"
        return self


def nobody_moves(other: Doing) -> bool:
    """Whether the other has ended, or waits for a lock. On SQLite one that writes always waits for the first."""
    if other.is_over():
        return True
    if connection.vendor == "sqlite":
        return other.begun.is_set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def the_worker() -> Doing:
    return Doing("worker", partial(sweeps.dispose_of_what_was_decided, LATER))


def person_of(incident: Incident) -> UUID:
    assert incident.person_supported_id is not None
    return incident.person_supported_id


OTHERS: dict[str, Callable[[Story], Any]] = {
    "a correction": lambda s: correct_report(
        by=s.cast.lead, at=LATER, incident=s.incident, part="where", text=WORD, reason=WORD
    ),
    "a grading": lambda s: grade_harm(
        by=s.cast.lead, at=LATER, incident=s.incident, physical_harm="severe", psychological_harm="low", reason=WORD
    ),
    "a withdrawal": lambda s: withdraw_incident(by=s.cast.lead, at=LATER, incident=s.incident, reason=WORD),
    "a case": lambda s: a_case(s.cast, incident=s.incident, by=s.cast.lead, at=LATER, person="P-7"),
    "a file": lambda s: a_template_in_use(s.cast, s.change, [s.cast.south], at=LATER, new=WORD.encode()),
    "a hold on it": lambda s: a_hold(by=s.cast.lead, incident=s.incident, at=LATER),
    "a hold on the person": lambda s: a_hold(by=s.cast.lead, at=LATER, person_supported=s.incident.person_supported),
    "a hold on everything": lambda s: a_hold(by=s.cast.lead, at=LATER),
    "answers gathered": lambda s: gathered(person_of(s.incident), by=s.cast.lead, at=LATER),
    "a thematic draft": lambda s: draw_review(
        by=s.cast.quality_lead, at=LATER, provider=s.cast.provider, quarter=Quarter(2026, 1)
    ),
}
KEEPS_NOTHING = {"a hold on everything", "a thematic draft"}
"""What may come after a disposal: it is about whatever there is then."""


def stored() -> set[str]:
    """The files that there are, by their words too."""
    folders, _ = default_storage.listdir("")
    return {f"{folder}/{name}" for folder in folders for name in default_storage.listdir(folder)[1]}


def all_or_nothing(story: Story, what: str, other: Doing) -> None:
    """It went whole and the other was told, or it is there whole and the other has what they wrote."""
    incident, cast = story.incident, story.cast
    gone = DisposalCertificate.objects.exists()
    assert gone is not Incident.objects.filter(pk=incident.pk).exists()
    assert not DisposalPermit.objects.exists()
    connection.check_constraints()
    assert check_chain(cast.provider.pk).whole
    assert verified(cast.provider.pk).troubles == ()
    if not gone:
        assert other.met is None, other.met
        assert {row.path for row in StoredFile.objects.all()} <= stored()
        return
    if what in KEEPS_NOTHING:
        assert other.met is None, other.met
    else:
        assert other.met is not None, other.gave
        assert isinstance(other.met, Refused) or has_gone(other.met), other.met
    assert places_of(WORD) == set()
    assert places_of_id(incident.pk) <= NAMED_STILL
    assert not stored(), "bytes of it are left"
    assert not PersonSupported.objects.exists()
    assert not any(str(incident.pk) in str(one.data) for one in ThematicDraft.objects.all())


ONCE_ASKED, ONCE_GONE = "_dispose", "forget"
"""Where the worker stands: it has asked everything again; and the rows are gone, and nobody knows yet."""


@pytest.mark.parametrize(
    ("what", "where"),
    [*((what, ONCE_GONE) for what in OTHERS), ("a hold on it", ONCE_ASKED), ("answers gathered", ONCE_ASKED)],
)
def test_somebody_begins_while_it_goes(story: Story, monkeypatch: pytest.MonkeyPatch, what: str, where: str) -> None:
    """They read the incident before: the page was open."""
    halt = Halt(monkeypatch, disposing, where, "worker")
    worker = the_worker()
    assert halt.reached.wait(timeout=300)
    other = Doing("other", partial(OTHERS[what], story))
    wait_for(lambda: nobody_moves(other), what="the other", seconds=300)
    halt.go.set()
    assert worker.ended().met is None
    other.ended()
    assert DisposalCertificate.objects.exists(), "who came later waits, and keeps nothing"
    all_or_nothing(story, what, other)


@pytest.mark.parametrize("what", OTHERS)
def test_it_begins_while_somebody_is_at_work(story: Story, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """They have written their rows, and nobody sees them yet."""
    halt = Halt(monkeypatch, writing, "_write", "other")
    other = Doing("other", partial(OTHERS[what], story))
    assert halt.reached.wait(timeout=300) or other.is_over()
    worker = the_worker()
    wait_for(lambda: nobody_moves(worker), what="the worker", seconds=300)
    halt.go.set()
    assert worker.ended().met is None
    other.ended()
    sweeps.dispose_of_what_was_decided(LATER)
    assert DisposalCertificate.objects.exists() is not DisposalStop.objects.exists(), "it was decided one way"
    all_or_nothing(story, what, other)


@pytest.mark.parametrize("where", [ONCE_ASKED, ONCE_GONE])
def test_a_report_about_the_same_person_is_never_lost(
    story: Story, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The person would go with the incident, and somebody reports another about them."""
    halt = Halt(monkeypatch, disposing, where, "worker")
    worker = the_worker()
    assert halt.reached.wait(timeout=300)
    report = a_report(person_reference="P-7")
    cast = story.cast
    other = Doing(
        "other", lambda: send_report(by=cast.worker, at=LATER, team=cast.north, report=report, submission_key="r")
    )
    wait_for(lambda: nobody_moves(other), what="the report", seconds=300)
    halt.go.set()
    assert worker.ended().met is None
    assert other.ended().met is None
    assert Incident.objects.get().person_supported == PersonSupported.objects.get(reference="P-7")
    assert DisposalCertificate.objects.count() == 1
    assert check_chain(cast.provider.pk).whole


@pytest.mark.parametrize("where", [ONCE_ASKED, ONCE_GONE])
def test_two_workers_dispose_of_it_once(story: Story, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    halt = Halt(monkeypatch, disposing, where, "worker")
    first = the_worker()
    assert halt.reached.wait(timeout=300)
    second = Doing("other", partial(sweeps.dispose_of_what_was_decided, LATER))
    wait_for(lambda: nobody_moves(second), what="the second worker", seconds=300)
    halt.go.set()
    assert (first.ended().met, second.ended().met) == (None, None)
    assert DisposalCertificate.objects.count() == 1
    assert not stored()
    assert check_chain(story.cast.provider.pk).whole


@pytest.mark.parametrize("first", [True, False], ids=["approved first", "taken back first"])
def test_who_approves_and_who_takes_back_at_once_decide_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    incident = a_finished_incident(cast)
    proposal = proposed(incident, cast.lead)
    decide = partial(decide_disposal, at=DUE, proposal=proposal, reason=REASON)
    both = {
        True: partial(decide, by=cast.director, approved=True),
        False: partial(decide, by=cast.lead, approved=False),
    }
    halt = Halt(monkeypatch, writing, "_write", "first")
    one = Doing("first", both[first])
    assert halt.reached.wait(timeout=300)
    two = Doing("second", both[not first])
    wait_for(lambda: nobody_moves(two), what="the second", seconds=300)
    halt.go.set()
    assert one.ended().met is None
    assert isinstance(two.ended().met, Refused)
    assert DisposalDecision.objects.get().approved is first
    sweeps.dispose_of_what_was_decided(LATER)
    assert Incident.objects.exists() is not first


def test_a_page_that_was_open_answers_that_it_does_not_exist(
    story: Story, monkeypatch: pytest.MonkeyPatch, the_clock: Any
) -> None:
    """Who pressed "Save" the moment it went gets "not found", and no fault."""
    the_clock.stand_at(LATER)
    client = signed_in(story.cast.lead)
    halt = Halt(monkeypatch, disposing, "forget", "worker")
    worker = the_worker()
    assert halt.reached.wait(timeout=300)
    address = reverse("incidents:correct", args=[story.incident.pk])
    said = {"part": "where", "text": WORD, "reason": WORD}
    other = Doing("other", lambda: client.post(address, said).status_code)
    wait_for(lambda: nobody_moves(other), what="the page", seconds=300)
    halt.go.set()
    assert worker.ended().met is None
    assert (other.ended().met, other.gave) == (None, 404)
    assert places_of(WORD) == set()
