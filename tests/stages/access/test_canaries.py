"""Nothing of an incident reaches those who may not see it: all they have is read for its words and its number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.urls import reverse

from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from saferpractice.incidents.rules import Answer as Said
from saferpractice.jobs.sweeps import escalate_due
from tests.factories.findings import a_finding
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.factories.triage import a_triage, refer
from tests.stages.access.asking import (
    OF_INCIDENTS,
    OF_PROVIDERS,
    OURS,
    Answer,
    address_of,
    ask,
)
from tests.stages.access.scene import AT, CANARY, ELSEWHERE, ORDINARY, RESTRICTED, THEIRS, WITHDRAWN, Scene
from tests.stages.access.table import EVERYBODY, RECORDS

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34"), pytest.mark.usefixtures("quiet")]

# Lists are asked in every way that shows more: what is settled, what is cancelled, everything, each sphere.
WIDER = {
    "home:tracker": ("?show=all", "?show=late", "?show=met", "?show=cancelled", "?show=all&sort=-due"),
    "home:tracker_file": ("?show=all", "?show=cancelled"),
    "home:incidents": ("?risk=1", "?theme=lost-contact"),
    "changes:list": ("?state=withdrawn", "?state=agreed"),
}


def lists_of(scene: Scene, name: str) -> Iterator[tuple[str, Answer]]:
    """Every page and file that ``name`` has and that names no incident: lists, counts, exports, forms, imports."""
    mine = scene.theirs if name == "stranger" else scene.ours
    for row in OF_PROVIDERS:
        if name in (row.may("GET", OURS) or ()):
            for query in ("", *WIDER.get(row.name, ())):
                address = address_of(row, mine) + query
                yield address, ask(scene.client(name), "GET", address)


def records_of(scene: Scene, name: str, state: str) -> Iterator[tuple[str, Answer]]:
    """Every page and file of one incident that ``name`` has."""
    for row in OF_INCIDENTS:
        if name in (row.may("GET", state) or ()):
            address = address_of(row, scene.stories[state].ids)
            yield address, ask(scene.client(name), "GET", address)


def may_read(name: str, state: str) -> bool:
    """Whether some of its words are for ``name``: it is theirs to open, they wrote it, or it is their work."""
    return any(name in RECORDS[kind][state] for kind in ("incident", "report", "action", "work", "inspected"))


def leaks(scene: Scene, name: str, answers: Iterator[tuple[str, Answer]]) -> list[str]:
    """What ``answers`` tell ``name`` of incidents that are not theirs."""
    words = {state: word for state, word in CANARY.items() if not may_read(name, state)}
    if name not in RECORDS["report"][RESTRICTED] and name != "stranger":
        words["the number"] = scene.stories[RESTRICTED].incident.reference
    found = []
    for address, answer in answers:
        text = answer.text
        assert answer.status in {200, 302}, address
        found += [f"{name} reads of “{state}” at {address}" for state, word in words.items() if word in text]
    return found


@pytest.mark.parametrize("name", sorted(EVERYBODY))
def test_no_list_count_export_or_form_tells_of_it(scene: Scene, name: str) -> None:
    assert leaks(scene, name, lists_of(scene, name)) == []


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("duty_manager", ORDINARY),
        ("supervisor", ORDINARY),
        ("quality_lead", ORDINARY),
        ("worker_elsewhere", RESTRICTED),  # the change of it reaches them, and nothing else does
        ("duty_manager_elsewhere", RESTRICTED),
        ("kept_from", ORDINARY),
        ("duty_manager", WITHDRAWN),
    ],
)
def test_no_page_of_another_record_tells_of_it(scene: Scene, name: str, state: str) -> None:
    answers = list(records_of(scene, name, state))
    assert answers
    assert leaks(scene, name, iter(answers)) == []


def test_the_words_are_where_they_belong(scene: Scene) -> None:
    """The search above finds them when they are there: on the pages about the incident, for those who may."""
    for name, state in (("lead", RESTRICTED), ("stranger", THEIRS)):
        pages = [answer.text for _, answer in records_of(scene, name, state)]
        assert sum(CANARY[state] in page for page in pages) > 20
        everything = "".join(pages)
        for part in ("What happened", "At once", "Corrected", "Learnt", "Wish", "Key holder", "By phone",
                     "Entry", "Source", "Pack", "Bytes", "Offer", "Question", "Told", "Shift", "Done"):  # fmt: skip
            assert f"{part} {CANARY[state]}" in everything, part


def without_choices(text: str) -> str:
    """A page without what it offers to choose from: everybody of the provider stands in such a list."""
    return re.sub(r"<option.*?</option>", "", text, flags=re.DOTALL)


LISTS_OF_STAFF = ("people", "supervision", "meeting")
"""Pages about everybody who works somewhere, whatever they reported."""


@pytest.mark.parametrize("name", ["duty_manager_elsewhere", "quality_lead"])
def test_a_reporter_who_is_not_to_be_known_is_named_nowhere(scene: Scene, name: str) -> None:
    reporter = scene.cast.worker
    ask(scene.client("worker"), "GET", reverse("home:my_report", args=[scene.stories[ELSEWHERE].incident.pk]))
    named = [
        address
        for address, answer in (*records_of(scene, name, ELSEWHERE), *lists_of(scene, name))
        if reporter.name in without_choices(answer.text) and not any(staff in address for staff in LISTS_OF_STAFF)
    ]
    assert named == []


def everything_listed(scene: Scene, name: str) -> dict[str, str]:
    """Every list, count, export and form of ``name``, without what differs on each request."""
    return {address: answer.without_its_request(address) for address, answer in lists_of(scene, name)}


BYSTANDERS = ("duty_manager", "supervisor", "quality_lead", "director", "colleague", "administrator", "former")


@pytest.mark.parametrize("name", BYSTANDERS)
def test_a_restricted_incident_changes_nothing_that_others_see(scene: Scene, name: str) -> None:
    """Not a word, not a count: their pages are the same bytes before and after it was reported and reviewed."""
    cast = scene.cast
    before = everything_listed(scene, name)
    incident = an_incident(
        by=cast.worker, team=cast.north, at=AT, restricted=True, restricted_reason="About a colleague",
        still_at_risk=Said.YES, person_reference="P-77", themes=("self-neglect",),
    )  # fmt: skip
    a_triage(by=cast.lead, incident=incident, at=AT, threshold=refer())
    review = a_review(cast, "B", incident=incident, at=AT)
    a_finding(review, cast, at=AT)
    after = everything_listed(scene, name)
    assert [address for address in before if before[address] != after[address]] == []
    assert any(incident.reference in page for page in everything_listed(scene, "lead").values())


def test_a_restriction_takes_it_out_of_every_list_at_once(scene: Scene) -> None:
    incident = scene.stories[ORDINARY].incident
    listed = lambda: "".join(everything_listed(scene, "supervisor").values())  # noqa: E731
    assert incident.reference in listed()
    decide_restriction(by=scene.cast.lead, at=AT, incident=incident, restricted=True, reason="About a colleague")
    assert incident.reference not in listed()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("duty_manager", "home:incidents"),
        ("director", "home:incidents"),
        ("kept_from", "home:incidents"),
        ("duty_manager", "home:tracker"),
        ("quality_lead", "changes:list"),
        ("worker", "changes:list"),
    ],
)
def test_searching_for_its_words_finds_as_little_as_for_nonsense(scene: Scene, name: str, address: str) -> None:
    story = scene.stories[RESTRICTED]
    page = reverse(address)
    nonsense = "nonesuchword"
    expected = ask(scene.client(name), "GET", f"{page}?q={nonsense}").without_its_request(page)
    words = (CANARY[RESTRICTED], story.incident.reference, str(story.incident.pk), f"P-{CANARY[RESTRICTED]}")
    for word in words:
        found = ask(scene.client(name), "GET", f"{page}?q={word}").without_its_request(page)
        assert found.replace(word, nonsense) == expected, word


@pytest.mark.parametrize("name", ["worker", "colleague"])
def test_a_list_begun_after_a_record_one_may_not_see_is_the_whole_list(scene: Scene, name: str) -> None:
    page = reverse("changes:list")
    hidden = scene.stories[RESTRICTED].change.pk
    plain = ask(scene.client(name), "GET", page).without_its_request(page)
    begun = [ask(scene.client(name), "GET", f"{page}?after={pk}").without_its_request(page) for pk in (hidden, uuid4())]
    assert begun == [plain, plain]


@pytest.mark.requirement("R10")
@pytest.mark.parametrize(("name", "sees"), [("duty_manager", False), ("lead", True)])
def test_a_repeat_shown_at_triage_names_only_what_one_may_open(scene: Scene, name: str, *, sees: bool) -> None:
    hidden = scene.stories[RESTRICTED].incident
    again = an_incident(
        by=scene.cast.worker, team=scene.cast.north, at=AT, person_reference=f"P-{CANARY[RESTRICTED]}", themes=()
    )
    page = ask(scene.client(name), "GET", reverse("triage:record", args=[again.pk])).text
    assert "The same person" in page or "same person" in page, "the repeat itself is said"
    assert (hidden.reference in page) is (str(hidden.pk) in page) is sees
    assert f"What happened {CANARY[RESTRICTED]}" not in page


def test_a_view_is_its_owners_own(scene: Scene) -> None:
    word = f"View {scene.ours['word']}"
    page = reverse("home:tracker")
    who = {name for name in EVERYBODY if word in ask(scene.client(name), "GET", page).text}
    assert who == {"lead"}


class TestMail:
    """What leaves the system: no words of an incident at all, and its number only to those who may open it."""

    def late_for_everybody(self) -> None:
        for _ in range(12):
            if not escalate_due(AT.replace(year=2027), limit=500):
                break

    def numbers(self, incident: Incident) -> set[str]:
        told = OutboxMessage.objects.filter(subject__contains=incident.reference) | OutboxMessage.objects.filter(
            body__contains=incident.reference
        )
        return set(told.filter(provider_id=incident.provider_id).values_list("to__name", flat=True))

    def test_no_message_carries_a_word_of_an_incident(self, scene: Scene) -> None:
        self.late_for_everybody()
        said = "".join(f"{one.subject}\n{one.body}\n" for one in OutboxMessage.objects.all())
        assert said
        assert [word for word in CANARY.values() if word in said] == []

    def test_the_number_of_a_restricted_incident_goes_to_few(self, scene: Scene) -> None:
        """The director is told by number that the lead's work is late, or nobody would be; nobody else is."""
        incident, cast = scene.stories[RESTRICTED].incident, scene.cast
        assert self.numbers(incident) <= {cast.lead.name, cast.reviewer.name}
        self.late_for_everybody()
        assert self.numbers(incident) == {cast.lead.name, cast.reviewer.name, cast.director.name}

    def test_somebody_kept_from_an_incident_is_told_nothing_of_it(self, scene: Scene) -> None:
        kept, incident = scene.people["kept_from"], scene.stories[ORDINARY].incident
        fresh = an_incident(by=scene.cast.worker, team=scene.cast.north, at=AT)
        self.late_for_everybody()
        assert kept.name in self.numbers(fresh), "they are told of other incidents"
        assert Obligation.objects.filter(story_id=incident.pk, escalations__isnull=False).exists()
        assert kept.name not in self.numbers(incident)
