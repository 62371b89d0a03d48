"""A report sent again with other answers is never silently taken as sent, least of all when somebody is at risk."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.drafts import drafts_of
from saferpractice.incidents.models import Correction, Incident
from saferpractice.incidents.operations import add_to_report
from saferpractice.incidents.rules import Answer, Precision
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.trail.rules import NAME_WITHHELD
from tests.conftest import TestClock
from tests.factories.incidents import a_report, an_incident
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R6", "R7")
AT = NOW + timedelta(minutes=10)
LATER = AT + timedelta(minutes=5)
NOTICE = "You sent this before, with other answers"


def text(answer: HttpResponse) -> str:
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("change", "question", "recorded", "typed"),
    [
        ({"still_at_risk": Answer.YES}, "Still at risk", "No", "Yes"),
        ({"still_at_risk": Answer.UNKNOWN}, "Still at risk", "No", "I don't know"),
        ({"risk_words": "He has a key."}, "Who is at risk, and from what", "Not given", "He has a key."),
        ({"what_happened": "He fell."}, "What happened", None, "He fell."),
        ({"physical_harm": "severe"}, "Physical harm", "No physical harm", "Severe physical harm"),
        ({"psychological_harm": "severe"}, "Psychological harm", None, "Severe psychological harm"),
        ({"done_at_once": ""}, "Done at once", "Called the person's sister and the duty manager.", "Not given"),
        ({"also_known": "His sister knew."}, "Also known", "Not given", "His sister knew."),
        ({"person_reference": "P-7"}, "Who it concerns", "P-1042", "P-7"),
        ({"person_name": "Ash Reed"}, "Their name", "Not given", "Ash Reed"),
        ({"themes": ()}, "What it is about", None, "Not given"),
        ({"name_withheld": True}, "Your name is withheld", "No", "Yes"),
        ({"restricted": True, "restricted_reason": "About a colleague"}, "Only named people may see it", "No", "Yes"),
        (
            {"occurred_at": None, "occurred_precision": Precision.UNKNOWN},
            "When",
            "Wednesday 4 March 2026, 1:05am. I know the time",
            "I don't know when",
        ),
        (
            {"occurred_precision": Precision.ABOUT},
            "When",
            None,
            "Wednesday 4 March 2026, 1:05am. About this time",
        ),
    ],
)
def test_each_answer_that_differs_is_named(
    cast: Cast, change: dict[str, Any], question: str, recorded: str | None, typed: str
) -> None:
    first = an_incident(by=cast.worker, team=cast.north, key="k")
    with pytest.raises(SentBefore, match=first.reference) as differs:
        an_incident(by=cast.worker, team=cast.north, key="k", **change)
    (found,) = differs.value.differences
    assert (found.question, found.typed) == (question, typed)
    assert recorded is None or found.recorded == recorded
    assert Incident.objects.get() == first


def test_another_team_differs_even_with_the_same_name(cast: Cast) -> None:
    an_incident(by=cast.worker, team=cast.north, key="k")
    with pytest.raises(SentBefore) as differs:
        an_incident(by=cast.worker, team=cast.south, key="k")
    assert [(one.question, one.typed) for one in differs.value.differences] == [("Team", "South team")]


def test_what_was_decided_since_does_not_make_it_another_report(cast: Cast) -> None:
    from saferpractice.incidents.operations import decide_restriction, grade_harm

    first = an_incident(by=cast.worker, team=cast.north, key="k")
    grade_harm(by=cast.lead, at=AT, incident=first, physical_harm="severe", psychological_harm="low", reason="Seen")
    decide_restriction(by=cast.lead, at=AT, incident=first, restricted=True, reason="About a colleague")
    assert an_incident(by=cast.worker, team=cast.north, key="k") == first


class TestAddingWhatDiffers:
    def add(self, cast: Cast, incident: Incident, *, by: str = "worker", **changes: Any) -> Correction:
        return add_to_report(
            by=cast.people()[by], at=LATER, incident=incident, team=cast.north, report=a_report(**changes)
        )

    @pytest.fixture
    def incident(self, cast: Cast) -> Incident:
        return an_incident(by=cast.worker, team=cast.north)

    def test_stands_beside_the_report_whole_and_once(self, cast: Cast, incident: Incident) -> None:
        long = "He fell again. " * 600
        added = self.add(cast, incident, what_happened=long, done_at_once="")
        assert added.text == f"What happened: {long.strip()}\nDone at once: Not given"
        assert self.add(cast, incident, what_happened=long, done_at_once="") == added
        incident.refresh_from_db()
        assert incident.what_happened.startswith("Nobody answered the door")
        assert [entry.sentence for entry in TrailEntry.objects.story(incident.pk)][1:] == [
            "sent the report again and added what differs",
            "added a correction to the report",
        ]

    @pytest.mark.parametrize("answer", [Answer.YES, Answer.UNKNOWN])
    def test_somebody_at_risk_after_all_is_told_at_once(self, cast: Cast, incident: Incident, answer: Answer) -> None:
        self.add(cast, incident, still_at_risk=answer)
        asked = Obligation.objects.open().filter(kind="triage.decide").order_by("due_at").first()
        assert asked is not None
        assert (asked.due_at, asked.urgent) == (LATER + timedelta(hours=1), True)
        message = OutboxMessage.objects.get()
        assert message.to == cast.duty_manager
        assert incident.reference in message.subject
        assert "curtains" not in message.body + message.subject

    def test_harm_told_otherwise_is_to_be_triaged_and_graded_by_whoever_may(
        self, cast: Cast, incident: Incident
    ) -> None:
        self.add(cast, incident, physical_harm="severe")
        asked = Obligation.objects.open().get(title__contains="the harm is told otherwise")
        assert (asked.urgent, asked.due_at.date()) == (False, (NOW + timedelta(days=1)).date())
        assert incident.harm_gradings.count() == 1
        assert not OutboxMessage.objects.exists()

    def test_nothing_else_asks_for_triage_again(self, cast: Cast, incident: Incident) -> None:
        self.add(cast, incident, what_happened="He fell.")
        assert Obligation.objects.filter(kind="triage.decide").count() == 1

    def test_nothing_that_differs_is_nothing_to_add(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid, match="Nothing differs"):
            self.add(cast, incident)

    def test_a_colleague_may_not(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Refused):
            self.add(cast, incident, by="colleague", what_happened="He fell.")

    def test_a_withheld_name_stays_withheld(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        added = self.add(cast, incident, name_withheld=True, what_happened="He fell.")
        assert added.decided_by is None
        assert {entry.by_name for entry in TrailEntry.objects.story(incident.pk)} == {NAME_WITHHELD}


class TestThePage:
    def sent(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        return {
            "submission_key": "k",
            "still_at_risk": "no",
            "what_happened": "Nobody answered the door.",
            "occurred_precision": "unknown",
            "team": str(cast.north.pk),
            "person_reference": "P-1042",
            "physical_harm": "none",
            "psychological_harm": "none",
            "done_at_once": "Rang his sister.",
            **changes,
        }

    @pytest.fixture
    def worker(self, cast: Cast, client: Client, the_clock: TestClock) -> Client:
        the_clock.stand_at(AT)
        client.force_login(cast.worker)
        return client

    def post(self, client: Client, sent: dict[str, Any]) -> HttpResponse:
        return client.post("/report", sent)

    def test_says_so_keeps_all_and_saves_it_as_a_draft_of_its_own(self, cast: Cast, worker: Client) -> None:
        assert self.post(worker, self.sent(cast)).status_code == 302
        assert self.post(worker, self.sent(cast)).status_code == 302
        long = ("He fell again 😀. " * 700)[:10_000].strip()
        answer = self.post(worker, self.sent(cast, what_happened=long, still_at_risk="yes", risk_words="A key"))
        page = text(answer)
        assert answer.status_code == 409
        for words in (NOTICE, "2026-00001", "Nobody answered the door.", long, "A key", "Still at risk"):
            assert words in page
        assert Incident.objects.count() == 1
        (draft,) = drafts_of(person=cast.worker, at=AT)
        assert draft.key in page
        assert draft.key != "k"

    def test_what_differs_is_added_to_it(self, cast: Cast, worker: Client) -> None:
        self.post(worker, self.sent(cast))
        changed = self.sent(cast, still_at_risk="yes", risk_words="He has a key.")
        (key,) = set(re.findall(r'name="submission_key"[^>]*value="([^"]+)"', text(self.post(worker, changed))))
        answer = self.post(worker, {**changed, "submission_key": key, "add": "2026-00001"})
        incident = Incident.objects.get()
        assert answer["Location"] == f"/reports/{incident.pk}"
        assert Correction.objects.get().text == "Still at risk: Yes\nWho is at risk, and from what: He has a key."
        assert not list(drafts_of(person=cast.worker, at=AT)), "sent is no longer a draft"

    def test_or_is_another_report(self, cast: Cast, worker: Client) -> None:
        self.post(worker, self.sent(cast))
        changed = self.sent(cast, what_happened="Something else altogether.")
        (key,) = set(re.findall(r'name="submission_key"[^>]*value="([^"]+)"', text(self.post(worker, changed))))
        assert self.post(worker, {**changed, "submission_key": key}).status_code == 302
        assert Incident.objects.count() == 2

    def test_only_beside_one_s_own_report(self, cast: Cast, worker: Client) -> None:
        an_incident(by=cast.colleague, team=cast.north)
        for reference in ("2026-00001", "2026-99999", "x" * 500):
            assert self.post(worker, self.sent(cast, add=reference)).status_code == 404
        assert not Correction.objects.exists()
