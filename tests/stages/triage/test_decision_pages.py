"""The pages of single decisions: threshold, telling others, referral, its answer, tier, hand-over, safety actions."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client

from saferpractice.access.models import AccessEntry, Person
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import grade_harm
from saferpractice.triage.models import (
    ImmediateSafetyAction,
    PartnerEscalation,
    ReferralAcknowledgement,
    SafeguardingReferral,
    SafetyActionDone,
    StatutoryNotification,
    ThresholdDecision,
    TierDecision,
    TriageHandover,
)
from saferpractice.triage.operations import (
    decide_telling,
    decide_threshold,
    decide_tier,
    hand_over,
    record_safety_action_done,
)
from saferpractice.triage.presenters import panel
from saferpractice.triage.rules.form import SafetyAction
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.triage import (
    DEPARTURE,
    RATIONALE,
    a_referral,
    a_triage,
    choose,
    do_not_refer,
    must_be_told,
    need_not_be_told,
    refer,
    was_told,
)
from tests.personas import NOW, Cast
from tests.stages.triage.web import moment

pytestmark = pytest.mark.requirement("R6")
AT = NOW + timedelta(minutes=10)
DECIDES, TELLS = {"duty_manager", "lead", "director"}, {"duty_manager", "lead", "director", "quality_lead"}
OPENS = TELLS | {"supervisor"}


@pytest.fixture
def incident(cast: Cast, the_clock: TestClock) -> Incident:
    the_clock.stand_at(AT)
    return an_incident(by=cast.worker, team=cast.north)


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    client.force_login(cast.duty_manager)
    return client


def text(answer: HttpResponse) -> str:
    """The page without its entities."""
    return html.unescape(answer.content.decode())


def shows(answer: HttpResponse, *words: str) -> None:
    page = text(answer)
    assert [word for word in words if word not in page] == []


def key() -> dict[str, str]:
    return {"submission_key": uuid4().hex}


PAGES: dict[str, tuple[set[str], set[str]]] = {
    "threshold": (OPENS, DECIDES),
    "telling?duty=police": (OPENS, TELLS),
    "referral": (OPENS, TELLS),
    "tier": (OPENS, DECIDES),
    "handover": (DECIDES, DECIDES),
}


class TestWhoSeesThem:
    @pytest.mark.parametrize("page", PAGES)
    def test_those_who_may_open_it_look_those_who_may_decide_send(
        self, cast: Cast, incident: Incident, client: Client, page: str
    ) -> None:
        a_triage(by=cast.lead, incident=incident)
        address, (look, send) = f"/incidents/{incident.pk}/{page}", PAGES[page]
        looked, sent = set(), set()
        for name, person in cast.people().items():
            client.force_login(person)
            if client.get(address).status_code == 200:
                looked.add(name)
            if client.post(address, key()).status_code == 200:
                sent.add(name)
        assert (looked, sent) == (look, send)

    @pytest.mark.parametrize("page", PAGES)
    def test_each_look_is_recorded(self, cast: Cast, incident: Incident, manager: Client, page: str) -> None:
        manager.get(f"/incidents/{incident.pk}/{page}")
        assert AccessEntry.objects.of_story(incident.pk).count() == 1

    @pytest.mark.parametrize("page", ["threshold", "telling", "referral", "tier"])
    def test_who_may_only_look_reads_why_they_may_not(
        self, cast: Cast, incident: Incident, client: Client, page: str
    ) -> None:
        client.force_login(cast.supervisor)
        answer = client.get(f"/incidents/{incident.pk}/{page}")
        shows(answer, "Only a duty manager, safeguarding lead")
        assert "<textarea" not in text(answer)

    def test_pages_reached_by_another_id_go_through_the_incident(
        self, cast: Cast, incident: Incident, client: Client
    ) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        action = SafetyAction(what="Change the locks", who="Housing officer")
        record = a_triage(by=cast.duty_manager, incident=incident, safety_actions=(action,))
        by_page = {
            f"/referrals/{referral.pk}/acknowledgement": TELLS,
            f"/safety-actions/{record.safety_actions.get().pk}/done": DECIDES,
        }
        for address, may in by_page.items():
            looked = set()
            for name, person in cast.people().items():
                client.force_login(person)
                if client.get(address).status_code == 200:
                    looked.add(name)
                assert client.post(address).status_code in ({200} if name in may else {404})
            assert looked == may, address
        client.force_login(cast.lead)
        assert client.get(f"/referrals/{uuid4()}/acknowledgement").status_code == 404
        assert client.get(f"/safety-actions/{uuid4()}/done").status_code == 404


class TestThreshold:
    def send(self, client: Client, incident: Incident, **changes: Any) -> HttpResponse:
        given = {"outcome": "refer", "rationale": RATIONALE, **key()}
        return client.post(f"/incidents/{incident.pk}/threshold", {**given, **changes})

    @pytest.mark.requirement("R7")
    def test_shows_every_decision_with_who_why_and_when(self, cast: Cast, incident: Incident, manager: Client) -> None:
        decide_threshold(by=cast.duty_manager, at=NOW, incident=incident, choice=do_not_refer())
        decide_threshold(by=cast.lead, at=AT, incident=incident, choice=refer())
        answer = manager.get(f"/incidents/{incident.pk}/threshold")
        shows(
            answer,
            "He returned the card by himself and she sees no risk.",
            RATIONALE,
            "Dale Marlow, duty manager, Wednesday 4 March 2026, 2:05am",
            "Lark Penrose, safeguarding lead, Wednesday 4 March 2026, 2:15am",
        )
        assert text(answer).count("In force") == 1

    def test_refer_leads_on_to_the_referral(self, incident: Incident, manager: Client) -> None:
        answer = self.send(manager, incident)
        assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}/referral")

    def test_more_information_takes_a_day(self, incident: Incident, manager: Client) -> None:
        day = {name: value for name, value in moment("more_information_by", day=6).items() if "time" not in name}
        assert self.send(manager, incident, outcome="more_information", **day).status_code == 302
        assert str(ThresholdDecision.objects.get().more_information_by) == "2026-03-06"

    def test_against_the_tests_it_asks_once_to_think_again(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        a_triage(by=cast.lead, incident=incident)
        why = "Her brother paid it all back and she asks us to leave it."
        answer = self.send(manager, incident, outcome="do_not_refer", rationale=why)
        shows(
            answer,
            "Think again before you decide",
            "points to a referral",
            why,
            'name="considered" id="id_considered" value="yes"',
        )
        assert not ThresholdDecision.objects.exists()
        again = self.send(manager, incident, outcome="do_not_refer", rationale=why, considered="yes")
        assert again.status_code == 302
        assert ThresholdDecision.objects.get().outcome == "do_not_refer"

    @pytest.mark.parametrize("rationale", ["", "n/a", "see notes"])
    def test_nothing_without_a_rationale(self, incident: Incident, manager: Client, rationale: str) -> None:
        answer = self.send(manager, incident, rationale=rationale)
        assert answer.status_code == 200
        shows(answer, 'href="#id_rationale"', "Error: Safeguarding threshold")
        assert not ThresholdDecision.objects.exists()

    def test_sent_twice_is_one(self, incident: Incident, manager: Client) -> None:
        sent = key()
        self.send(manager, incident, **sent)
        assert self.send(manager, incident, **sent).status_code == 302
        assert ThresholdDecision.objects.count() == 1

    def test_shows_what_happened_after_a_decision_not_to_refer(
        self, cast: Cast, the_clock: TestClock, incident: Incident, manager: Client
    ) -> None:
        decide_threshold(by=cast.duty_manager, at=AT, incident=incident, choice=do_not_refer())
        address = f"/incidents/{incident.pk}/threshold"
        shows(manager.get(address), "no other incident about the same person was reported")
        later = an_incident(by=cast.worker, team=cast.north, at=AT + timedelta(days=4))
        hidden = an_incident(by=cast.worker_elsewhere, team=cast.east, at=AT + timedelta(days=5))
        the_clock.stand_at(AT + timedelta(days=6))
        answer = manager.get(address)
        shows(answer, "the subject of 2 more incidents", later.reference, "1 that you may not open")
        assert hidden.reference not in text(answer)


class TestTelling:
    def address(self, incident: Incident, duty: str = "") -> str:
        return f"/incidents/{incident.pk}/telling" + (f"?duty={duty}" if duty else "")

    def test_shows_each_duty_with_trigger_paragraph_and_clock(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        a_triage(by=cast.lead, incident=incident, tellings=[must_be_told("cqc-18-abuse"), need_not_be_told("police")])
        decide_telling(by=cast.lead, at=AT, incident=incident, telling=was_told("lfpse", reference="LF-12"))
        answer = manager.get(self.address(incident))
        shows(
            answer,
            "CQC, abuse or an allegation of abuse (regulation 18, 2009)",
            "There was abuse of a person using the service, or somebody alleges it.",
            "Regulation 18(2)(e), Care Quality Commission (Registration) Regulations 2009",
            "Due by Thursday 5 March 2026, 2:05am",
            "Need not be told",
            "Nothing here is a crime, and nobody is in danger.",
            "Told on Wednesday 4 March 2026, 2:05am, reference LF-12".replace("Told on", "on"),
            "All others (",
        )

    def test_a_late_one_says_how_late(
        self, cast: Cast, the_clock: TestClock, incident: Incident, manager: Client
    ) -> None:
        decide_telling(by=cast.lead, at=NOW, incident=incident, telling=must_be_told("cqc-18-abuse"))
        the_clock.stand_at(NOW + timedelta(days=3))
        shows(manager.get(self.address(incident)), "2 days late")

    def test_required_done_and_not_required(self, incident: Incident, manager: Client) -> None:
        police = self.address(incident, "police")
        assert manager.post(police, {"state": "required", **key()}).status_code == 302
        done = {"state": "done", **moment("done_at"), "their_reference": "CAD 9", "note": "They come at 8.", **key()}
        assert manager.post(police, done).status_code == 302
        cqc = {"state": "not_required", "reason": "The trust has told NHS England already.", **key()}
        assert manager.post(self.address(incident, "cqc-18-abuse"), cqc).status_code == 302
        assert [row.state for row in PartnerEscalation.objects.order_by("pk")] == ["required", "done"]
        assert StatutoryNotification.objects.get().reason == "The trust has told NHS England already."

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({}, "Choose whether this must be told: Police"),
            ({"state": "done"}, "Enter when they were told"),
            ({"state": "not_required"}, "Write why they need not be told"),
            ({"state": "done", **moment("done_at", time="9pm")}, "in the past"),
        ],
    )
    def test_each_refusal_says_what_to_do(
        self, incident: Incident, manager: Client, sent: dict[str, str], words: str
    ) -> None:
        answer = manager.post(self.address(incident, "police"), {**key(), **sent})
        assert answer.status_code == 200
        shows(answer, words)
        assert not PartnerEscalation.objects.exists()

    def test_a_poor_reason_is_refused_beside_its_box(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(self.address(incident, "police"), {"state": "not_required", "reason": "n/a", **key()})
        assert answer.status_code == 200
        shows(answer, 'href="#id_reason"', "does not tell a later reader anything")

    @pytest.mark.parametrize("duty", ["the-moon", "local-authority-concern", "cqc-17-absence", "%00", "😀"])
    def test_a_duty_made_up_is_no_page_to_send_to(self, incident: Incident, manager: Client, duty: str) -> None:
        assert manager.get(self.address(incident, duty)).status_code == 200
        assert manager.post(self.address(incident, duty), {"state": "required", **key()}).status_code == 404

    def test_sent_twice_is_one(self, incident: Incident, manager: Client) -> None:
        sent = {"state": "required", **key()}
        manager.post(self.address(incident, "police"), sent)
        manager.post(self.address(incident, "police"), sent)
        assert PartnerEscalation.objects.count() == 1


class TestReferral:
    def send(self, client: Client, incident: Incident, **changes: Any) -> HttpResponse:
        given = {"authority": "Norwood County Council", "how": "Web form", **moment("sent_at"), **key()}
        return client.post(f"/incidents/{incident.pk}/referral", {**given, **changes})

    def test_is_offered_only_after_a_decision_to_refer(self, cast: Cast, incident: Incident, manager: Client) -> None:
        address = f"/incidents/{incident.pk}/referral"
        shows(manager.get(address), "Decide to refer first")
        answer = self.send(manager, incident)
        shows(answer, "Decide to refer first, with the rationale", "Norwood County Council")
        assert not SafeguardingReferral.objects.exists()
        decide_threshold(by=cast.lead, at=NOW, incident=incident, choice=refer())
        shows(manager.get(address), RATIONALE, "Which local authority?")
        assert self.send(manager, incident).status_code == 302

    def test_the_authority_s_answer_is_recorded(self, cast: Cast, incident: Incident, manager: Client) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        address = f"/incidents/{incident.pk}/referral"
        shows(manager.get(address), "Sent, not acknowledged", "Record the authority's answer")
        sent = {"authority_reference": "NCC/114", "answer": "They decide by Friday.", **key()}
        answer = manager.post(
            f"/referrals/{referral.pk}/acknowledgement", {**sent, **moment("received_at", time="2:10am")}
        )
        assert (answer.status_code, answer["Location"]) == (302, address)
        assert ReferralAcknowledgement.objects.get().authority_reference == "NCC/114"
        shows(manager.get(address), "Acknowledged", "reference NCC/114", "They decide by Friday.")

    def test_an_empty_answer_says_what_is_missing(self, cast: Cast, incident: Incident, manager: Client) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        answer = manager.post(
            f"/referrals/{referral.pk}/acknowledgement", {**moment("received_at", time="2:10am"), **key()}
        )
        shows(answer, "Enter the authority's reference, or below what it answered.")


@pytest.mark.requirement("R8")
class TestTier:
    def send(self, client: Client, incident: Incident, tier: str, seen: str = "A", reason: str = "") -> HttpResponse:
        sent = {"tier": tier, "seen": seen, "reason": reason, **key()}
        return client.post(f"/incidents/{incident.pk}/tier", sent)

    def test_before_triage_there_is_nothing_to_decide(self, incident: Incident, manager: Client) -> None:
        shows(manager.get(f"/incidents/{incident.pk}/tier"), "Triage the incident first")

    def test_shows_the_rule_and_each_decision(self, cast: Cast, incident: Incident, manager: Client) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        decide_tier(by=cast.lead, at=AT, incident=incident, choice=choose("B", DEPARTURE))
        shows(
            manager.get(f"/incidents/{incident.pk}/tier"),
            "The rules propose tier A, rapid review.",
            "Rule: low harm",
            "As the rules proposed: harm was low, and nothing known calls for more.",
            "Departs from the proposal of tier A, rapid review",
            DEPARTURE,
        )

    def test_a_departure_without_a_reason_keeps_what_was_chosen(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        answer = self.send(manager, incident, "C", reason="because")
        shows(answer, 'href="#id_reason"', "because</textarea>", 'value="C" checked')
        assert not TierDecision.objects.exists()
        assert self.send(manager, incident, "C", reason=DEPARTURE).status_code == 302

    def test_what_changed_meanwhile_is_shown_first(self, cast: Cast, incident: Incident, manager: Client) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        grade_harm(
            by=cast.lead,
            at=AT,
            incident=incident,
            physical_harm="severe",
            psychological_harm="low",
            reason="The hospital rang: her hip is broken",
        )
        answer = self.send(manager, incident, "A")
        shows(answer, "The rules now propose Tier C", 'id="id_seen" value="C"', "severe")
        assert self.send(manager, incident, "C", seen="C").status_code == 302
        assert TierDecision.objects.get().proposal.rule_id == "harm-severe-physical"


def test_handing_over_from_its_own_page(cast: Cast, incident: Incident, manager: Client) -> None:
    address = f"/incidents/{incident.pk}/handover"
    shows(manager.get(address), "They are told at once, at any hour.")
    shows(manager.post(address, {"question": "", **key()}), "Say what you are unsure about")
    assert manager.post(address, {"question": "Is it section 42? 😀", **key()}).status_code == 302
    assert TriageHandover.objects.get().question == "Is it section 42? 😀"


def test_a_safety_action_is_reported_done(cast: Cast, incident: Incident, manager: Client) -> None:
    action = SafetyAction(what="Change the locks", who="Housing officer")
    a_triage(by=cast.duty_manager, incident=incident, safety_actions=(action,))
    row = ImmediateSafetyAction.objects.get()
    address = f"/safety-actions/{row.pk}/done"
    shows(manager.get(address), "Housing officer: Change the locks")
    shows(manager.post(address, moment("done_at", time="11pm")), "in the past")
    answer = manager.post(address, {**moment("done_at", time="2:12am"), "note": "New lock fitted"})
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{incident.pk}")
    assert SafetyActionDone.objects.get().note == "New lock fitted"


class TestThePanel:
    """What the incident's page shows of triage."""

    def page(self, person: Person, incident: Incident) -> str:
        content = panel(incident=Incident.objects.get(pk=incident.pk), by=person, at=AT)
        return html.unescape(render_to_string("triage/panel.html", {"panel": content}, using="jinja2"))

    def test_before_triage_it_offers_the_next_step(self, cast: Cast, incident: Incident) -> None:
        page = self.page(cast.duty_manager, incident)
        assert f'href="/incidents/{incident.pk}/triage"' in page
        assert f'href="/incidents/{incident.pk}/handover"' in page

    def test_or_says_why_not(self, cast: Cast, incident: Incident) -> None:
        page = self.page(cast.supervisor, incident)
        assert "Only a duty manager, safeguarding lead or director of this place may triage this incident." in page
        assert f'href="/incidents/{incident.pk}/triage"' not in page

    def test_a_hand_over_stands_there_until_it_is_answered(self, cast: Cast, incident: Incident) -> None:
        hand_over(by=cast.duty_manager, at=NOW, incident=incident, question="Is it section 42?")
        assert "Is it section 42?" in self.page(cast.lead, incident)
        a_triage(by=cast.lead, incident=incident)
        assert "Is it section 42?" not in self.page(cast.lead, incident)

    def test_afterwards_it_says_what_was_decided(self, cast: Cast, incident: Incident) -> None:
        a_triage(
            by=cast.duty_manager,
            incident=incident,
            threshold=refer(),
            tellings=[must_be_told("police"), was_told("lfpse", reference="LF-12")],
            tier=choose("B", DEPARTURE),
        )
        page = self.page(cast.duty_manager, incident)
        for words in (
            "Refer to the local authority",
            RATIONALE,
            "Record that the concern was sent",
            "The rules proposed tier A, rapid review: harm was low",
            DEPARTURE,
            "Stopped the bank card with her",
            "reference LF-12",
            "To be told",
            "LFPSE records this as an Outcome of type 4",
        ):
            assert words in page

    def test_a_safety_action_still_to_be_done_is_marked(self, cast: Cast, incident: Incident) -> None:
        action = SafetyAction(what="Change the locks", who="Housing officer")
        a_triage(by=cast.duty_manager, incident=incident, safety_actions=(action,))
        assert "Still to be done" in self.page(cast.duty_manager, incident)
        row = ImmediateSafetyAction.objects.get()
        record_safety_action_done(by=cast.duty_manager, at=AT, safety_action=row, done_at=NOW)
        page = self.page(cast.duty_manager, incident)
        assert "Still to be done" not in page
        assert "Housing officer, Wednesday 4 March 2026, 2:05am" in page

    def test_earlier_triage_is_still_there(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        a_triage(by=cast.lead, incident=incident)
        page = self.page(cast.lead, incident)
        assert "Triaged before: 1 time" in page
        assert "Dale Marlow, duty manager" in page

    def test_a_restricted_earlier_incident_is_only_a_number(self, cast: Cast, incident: Incident) -> None:
        hidden = an_incident(
            by=cast.worker,
            team=cast.north,
            at=NOW - timedelta(days=3),
            restricted=True,
            restricted_reason="A colleague",
        )
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("B"))
        page = self.page(cast.duty_manager, incident)
        assert "and 1 that you may not open" in page
        assert hidden.reference not in page
        assert hidden.reference in self.page(cast.lead, incident)

    def test_harm_graded_worse_since_asks_for_the_tier_again(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, tier=choose("A"))
        assert "The rules now propose" not in self.page(cast.duty_manager, incident)
        grade_harm(
            by=cast.lead,
            at=AT,
            incident=incident,
            physical_harm="severe",
            psychological_harm="low",
            reason="The hospital rang: her hip is broken",
        )
        assert "The rules now propose Tier C, formal investigation." in self.page(cast.duty_manager, incident)
        decide_tier(by=cast.lead, at=AT, incident=incident, choice=choose("A", DEPARTURE))
        assert "The rules now propose" not in self.page(cast.duty_manager, incident)


def test_the_reporter_reads_their_line(cast: Cast, incident: Incident, client: Client) -> None:
    a_triage(by=cast.duty_manager, incident=incident, threshold=refer(), tier=choose("A"))
    client.force_login(cast.worker)
    answer = client.get(f"/reports/{incident.pk}")
    shows(answer, "Decided on Wednesday 4 March 2026. A safeguarding concern goes to the local authority.")
    assert RATIONALE not in text(answer)
