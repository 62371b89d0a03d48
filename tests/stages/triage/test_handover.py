"""An unsure case is handed to the safeguarding lead in one step, at any hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from saferpractice.access.operations import assign_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import Answer, KeptFromReason
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.triage.models import TriageHandover
from saferpractice.triage.operations import decide_threshold, hand_over
from tests.factories.incidents import an_incident
from tests.factories.triage import a_triage, refer
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R6")
QUESTION = "He says he gave the card freely. Is this section 42?"


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def hand(cast: Cast, incident: Incident, **changes: Any) -> TriageHandover:
    given: dict[str, Any] = {"by": cast.duty_manager, "at": NOW, "question": QUESTION}
    return hand_over(incident=incident, **(given | changes))


def owed() -> Obligation:
    """The obligation a hand-over opens."""
    return Obligation.objects.get(kind="triage.handover")


class TestHandingOver:
    def test_keeps_the_question_and_what_was_filled_in(self, cast: Cast, incident: Incident) -> None:
        kept = hand(cast, incident, so_far={"form": {"wishes": ["not-asked"]}})
        kept.refresh_from_db()
        assert (kept.question, kept.so_far) == (QUESTION, {"form": {"wishes": ["not-asked"]}})
        assert (kept.decided_by_name, kept.decided_by_role) == ("Dale Marlow", "Duty manager")

    def test_the_lead_is_told_at_once_without_a_word_about_the_person(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        [message] = OutboxMessage.objects.all()
        assert message.to == cast.lead
        assert message.send_after == NOW
        assert incident.reference in message.subject
        for private in ("P-1042", "card", "curtains"):
            assert private not in message.subject + message.body

    def test_the_lead_owes_an_answer_in_hours_not_office_hours(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        assert (owed().role, owed().due_at) == ("safeguarding_lead", NOW + timedelta(hours=4))

    def test_within_the_hour_when_somebody_may_be_at_risk(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.UNKNOWN)
        hand(cast, incident)
        assert owed().due_at == NOW + timedelta(hours=1)

    def test_the_deadline_to_triage_runs_on(self, cast: Cast, incident: Incident) -> None:
        before = Obligation.objects.get(kind="triage.decide").due_at
        hand(cast, incident)
        triage = Obligation.objects.open().get(kind="triage.decide")
        assert triage.due_at == before

    def test_is_told_in_the_story(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        entry = TrailEntry.objects.story(incident.pk).last()
        assert entry.sentence == "was unsure and handed the incident to the safeguarding lead"
        assert entry.facts == {"told": ["Lark Penrose"]}

    def test_twice_is_asked_twice_and_owed_once(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        hand(cast, incident, question="And must his employer be told?", at=NOW + timedelta(hours=1))
        assert TriageHandover.objects.count() == 2
        assert owed().due_at == NOW + timedelta(hours=4)

    def test_the_same_key_is_the_same_hand_over(self, cast: Cast, incident: Incident) -> None:
        assert hand(cast, incident, submission_key="k") == hand(cast, incident, submission_key="k")
        assert OutboxMessage.objects.count() == 1


class TestToWhom:
    def test_every_lead_of_the_place(self, cast: Cast, incident: Incident) -> None:
        assign_role(by=SET_UP, at=NOW, person=cast.supervisor, role=Role.SAFEGUARDING_LEAD, place=cast.north.place)
        hand(cast, incident)
        assert {message.to for message in OutboxMessage.objects.all()} == {cast.lead, cast.supervisor}

    def test_not_a_lead_of_another_place(self, cast: Cast, incident: Incident) -> None:
        assign_role(by=SET_UP, at=NOW, person=cast.colleague, role=Role.SAFEGUARDING_LEAD, place=cast.east.place)
        hand(cast, incident)
        assert [message.to for message in OutboxMessage.objects.all()] == [cast.lead]

    def test_the_director_where_no_lead_may_open_it(self, cast: Cast, incident: Incident) -> None:
        keep_from(by=cast.director, at=NOW, incident=incident, person=cast.lead, because=KeptFromReason.RELATIVE)
        hand(cast, incident)
        assert [message.to for message in OutboxMessage.objects.all()] == [cast.director]
        assert owed().role == "director"

    def test_nobody_left_is_said(self, cast: Cast, incident: Incident) -> None:
        keep_from(by=cast.director, at=NOW, incident=incident, person=cast.lead, because=KeptFromReason.RELATIVE)
        set_active(by=cast.administrator, at=NOW, person=cast.director, active=False)
        with pytest.raises(Invalid, match="Nobody else who leads safeguarding or directs here may open"):
            hand(cast, incident)
        assert not TriageHandover.objects.exists()

    def test_a_lead_has_nobody_to_hand_it_to(self, cast: Cast, incident: Incident) -> None:
        with pytest.raises(Invalid, match="You lead safeguarding here yourself"):
            hand(cast, incident, by=cast.lead)

    def test_a_director_hands_it_to_the_lead(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident, by=cast.director)
        assert [message.to for message in OutboxMessage.objects.all()] == [cast.lead]

    def test_of_a_restricted_incident_only_leads_named_on_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason="A colleague")
        assign_role(
            by=SET_UP, at=NOW, person=cast.colleague, role=Role.SAFEGUARDING_LEAD, place=Place(cast.provider.pk)
        )
        from saferpractice.incidents.operations import name_person

        name_person(by=cast.lead, at=NOW, incident=incident, person=cast.director, reason="Decides with the lead")
        hand(cast, incident, by=cast.director)
        assert [message.to for message in OutboxMessage.objects.all()] == [cast.lead]


class TestTheAnswer:
    def test_the_lead_s_decision_meets_it(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        decision = decide_threshold(by=cast.lead, at=NOW + timedelta(hours=1), incident=incident, choice=refer())
        assert (owed().met_by_id, owed().met_at) == (decision.pk, NOW + timedelta(hours=1))

    def test_the_lead_s_triage_meets_it(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        record = a_triage(by=cast.lead, incident=incident)
        assert owed().met_by_id == record.pk

    def test_the_one_who_asked_cannot_answer(self, cast: Cast, incident: Incident) -> None:
        hand(cast, incident)
        a_triage(by=cast.duty_manager, incident=incident, threshold=refer())
        assert owed().met_at is None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("  ", "Say what you are unsure about. A sentence is enough."),
        ("x" * 20_001, "Shorten this to 20,000 characters."),
    ],
)
def test_a_question_is_asked(cast: Cast, incident: Incident, question: str, sentence: str) -> None:
    with pytest.raises(Invalid) as invalid:
        hand(cast, incident, question=question)
    assert invalid.value.problems == {"question": sentence}


def test_only_those_who_may(cast: Cast, incident: Incident) -> None:
    with pytest.raises(Refused, match="hand this incident over"):
        hand(cast, incident, by=cast.supervisor)
