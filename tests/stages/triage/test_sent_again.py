"""Back in the browser, an answer changed, the same form sent again: told, kept, recorded beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import models
from django.http import HttpResponse
from django.test import Client

from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, SentBefore
from saferpractice.triage.models import (
    PartnerEscalation,
    ReferralAcknowledgement,
    SafeguardingReferral,
    StatutoryNotification,
    Submitted,
    ThresholdDecision,
    TierDecision,
    TriageHandover,
    TriageRecord,
)
from saferpractice.triage.operations import (
    decide_telling,
    decide_threshold,
    decide_tier,
    hand_over,
    record_acknowledgement,
    record_triage,
    send_referral,
)
from saferpractice.triage.rules import Answer
from saferpractice.triage.rules.form import SafetyAction
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.triage import (
    DEPARTURE,
    RATIONALE,
    a_form,
    a_referral,
    a_triage,
    choose,
    do_not_refer,
    more_information,
    must_be_told,
    need_not_be_told,
    refer,
    was_told,
)
from tests.personas import NOW, Cast
from tests.stages.triage.web import HALF, moment, whole

pytestmark = pytest.mark.requirement("R6", "R7")
AT = NOW + timedelta(minutes=10)
LATER = AT + timedelta(minutes=5)
NOTICE = "You sent this before, with other answers"
LONG = ("She told us again and again what he does. 😀 " * 220)[:10_000].strip()


@pytest.fixture
def incident(cast: Cast, the_clock: TestClock) -> Incident:
    the_clock.stand_at(AT)
    return an_incident(by=cast.worker, team=cast.north)


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    client.force_login(cast.duty_manager)
    return client


def text(answer: HttpResponse) -> str:
    return html.unescape(answer.content.decode())


def key_in(answer: HttpResponse) -> str:
    """The key that the page sends next, from the form's own hidden input."""
    keys = set(re.findall(r'name="submission_key"[^>]*value="([^"]+)"', text(answer)))
    assert len(keys) == 1, text(answer)
    return keys.pop()


def rows_of(table: type[Submitted]) -> list[Any]:
    return list(table._default_manager.order_by("decided_at", "pk"))


class Case:
    """One form of triage: its page, what is sent, a change, how the change is named, and the table it writes to."""

    def __init__(self, page: str, sent: dict[str, Any], change: dict[str, Any], asked: str, table: Any) -> None:
        self.page, self.sent, self.change, self.asked, self.table = page, sent, change, asked, table


REASON = "They can look after this themselves and say so."
CASES = {
    "threshold": Case(
        "threshold",
        {"outcome": "refer", "rationale": RATIONALE, "considered": "yes"},
        {"outcome": "do_not_refer", "rationale": REASON},
        "The threshold",
        ThresholdDecision,
    ),
    "the reasons of the threshold": Case(
        "threshold",
        {"outcome": "refer", "rationale": RATIONALE, "considered": "yes"},
        {"rationale": LONG},
        "Why",
        ThresholdDecision,
    ),
    "telling": Case(
        "telling?duty=police",
        {"state": "required"},
        {"state": "not_required", "reason": REASON},
        "Need not be told",
        PartnerEscalation,
    ),
    "the reference of a notification": Case(
        "telling?duty=cqc-18-abuse",
        {"state": "done", **moment("done_at"), "their_reference": "ABC 1"},
        {"their_reference": "ABC 2"},
        "ABC 2",
        StatutoryNotification,
    ),
    "referral": Case(
        "referral",
        {"authority": "Norwood County Council", "how": "Their web form", **moment("sent_at")},
        {"authority": "Southwood City Council"},
        "Which local authority",
        SafeguardingReferral,
    ),
    "tier": Case("tier", {"tier": "A", "seen": "A"}, {"tier": "C", "reason": DEPARTURE}, "The tier", TierDecision),
    "hand-over": Case(
        "handover",
        {"question": "Is her brother the one who may decide?"},
        {"question": "Does she want to be asked?"},
        "What you are unsure about",
        TriageHandover,
    ),
}


@pytest.mark.parametrize("name", CASES)
class TestEachForm:
    @pytest.fixture
    def case(self, name: str, cast: Cast, incident: Incident) -> Case:
        a_triage(by=cast.lead, incident=incident)
        if CASES[name].page == "referral":
            decide_threshold(by=cast.lead, at=NOW, incident=incident, choice=refer())
        return CASES[name]

    @pytest.fixture
    def send(self, case: Case, incident: Incident, manager: Client) -> Callable[..., HttpResponse]:
        address = f"/incidents/{incident.pk}/{case.page}"
        return lambda **changes: manager.post(address, {"submission_key": "one-form", **case.sent, **changes})

    def test_the_same_answers_are_one_record_and_the_same_way_on(
        self, case: Case, send: Callable[..., HttpResponse], the_clock: TestClock
    ) -> None:
        before = len(rows_of(case.table))
        first = send()
        the_clock.stand_at(LATER)
        again = send()
        assert (first.status_code, again.status_code) == (302, 302), text(first)
        assert again["Location"] == first["Location"]
        assert len(rows_of(case.table)) == before + 1

    def test_other_answers_are_told_kept_and_can_be_recorded_beside_the_first(
        self, case: Case, send: Callable[..., HttpResponse], the_clock: TestClock
    ) -> None:
        assert send().status_code == 302
        kept = rows_of(case.table)
        the_clock.stand_at(LATER)
        answer = send(**case.change)
        assert answer.status_code == 409
        page = text(answer)
        assert NOTICE in page
        assert case.asked in page
        assert "Dale Marlow recorded it on Wednesday 4 March 2026, 2:15am" in page
        assert [typed for typed in case.change.values() if typed not in page] == [], "nothing typed is lost"
        assert rows_of(case.table) == kept, "and nothing is recorded yet"

        fresh = key_in(answer)
        assert fresh != "one-form"
        assert send(**case.change, submission_key=fresh).status_code == 302
        later = rows_of(case.table)
        assert later[:-1] == kept, "what was decided first stands"
        assert later[-1].decided_at == LATER

    def test_the_first_answers_after_the_second_are_not_recorded_twice_either(
        self, case: Case, send: Callable[..., HttpResponse], the_clock: TestClock
    ) -> None:
        send()
        the_clock.stand_at(LATER)
        fresh = key_in(send(**case.change))
        for _ in range(2):
            assert send(**case.change, submission_key=fresh).status_code == 302
        assert send().status_code == 302
        assert len([row for row in rows_of(case.table) if row.submission_key]) == 2

    def test_a_mistake_is_shown_as_a_mistake_first(self, case: Case, send: Callable[..., HttpResponse]) -> None:
        send()
        answer = send(**dict.fromkeys(case.sent, ""))
        assert answer.status_code == 200
        assert NOTICE not in text(answer)

    def test_somebody_else_with_the_key_learns_nothing_of_the_record(
        self, case: Case, send: Callable[..., HttpResponse], cast: Cast, incident: Incident, client: Client
    ) -> None:
        send()
        client.force_login(cast.director)
        answer = client.post(
            f"/incidents/{incident.pk}/{case.page}", {"submission_key": "one-form", **case.sent, **case.change}
        )
        assert answer.status_code == 200
        assert "This form was already sent. Open the incident again and start a new one." in text(answer)
        assert NOTICE not in text(answer)


class TestTheAuthoritysAnswer:
    def test_another_answer_with_the_same_form(self, cast: Cast, incident: Incident, manager: Client) -> None:
        referral = a_referral(by=cast.duty_manager, incident=incident)
        address = f"/referrals/{referral.pk}/acknowledgement"
        sent = {"submission_key": "k", "authority_reference": "SG 1", **moment("received_at", time="2:10am")}
        assert manager.post(address, sent).status_code == 302
        assert manager.post(address, sent).status_code == 302
        answer = manager.post(address, {**sent, "answer": "They make an enquiry."})
        assert answer.status_code == 409
        assert "What they answered" in text(answer)
        assert "Record it as well" in text(answer)
        assert ReferralAcknowledgement.objects.count() == 1
        again = {**sent, "answer": "They make an enquiry.", "submission_key": key_in(answer)}
        assert manager.post(address, again).status_code == 302
        assert [row.answer for row in rows_of(ReferralAcknowledgement)] == ["", "They make an enquiry."]

    def test_the_key_of_another_referral_is_another_answer(self, cast: Cast, incident: Incident) -> None:
        one, other = (a_referral(by=cast.duty_manager, incident=incident) for _ in range(2))
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "authority_reference": "1", "received_at": AT}
        record_acknowledgement(referral=one, submission_key="k", **call)
        found = record_acknowledgement(referral=one, submission_key="k", **call)
        assert found.referral == one
        other.authority = "Elsewhere Council"
        with pytest.raises(SentBefore):
            record_acknowledgement(referral=other, submission_key="k", **call)


def a_change(**changes: Any) -> dict[str, Any]:
    """A change of the whole form, "-" written "__"."""
    return {name.replace("__", "-"): value for name, value in changes.items()}


WHOLE_CHANGES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "still at risk": (a_change(still_at_risk="yes", risk_words="He has a key."), ("Still at risk", "He has a key.")),
    "a Care Act test": (a_change(needs_care_and_support="unknown"), ("Needs for care and support", "Not known yet")),
    "the third test": (a_change(unable_to_protect_self="no"), ("Cannot protect themselves", "Not given")),
    "types of abuse": (
        a_change(abuse_types=["financial", "physical"]),
        ("Types of abuse or neglect", "Physical abuse", "Financial or material abuse"),
    ),
    "wishes": (a_change(wishes="asked-none"), ("Asked what they want", "Asked, and did not say")),
    "their words": (a_change(wishes_said=LONG), ("What they want", "I want my card back.")),
    "a family's warning": (
        a_change(
            family_warning="yes",
            family_warning_words="Her sister rang twice.",
            tell__family__or__advocate__state="required",
        ),
        ("A family's or carer's warning", "Her sister rang twice."),
    ),
    "what must be done": (
        a_change(action__0__what="Changed the locks"),
        ("Safety action 1", "Stopped the bank card with her (Wren Ashdown, still to be done)", "Changed the locks"),
    ),
    "another safety action": (
        a_change(rows="2", action__1__what="Rang her sister", action__1__who="Dale", action__1__done="to_do"),
        ("Safety action 2", "Rang her sister (Dale, still to be done)"),
    ),
    "the threshold": (
        a_change(threshold__outcome="do_not_refer", threshold__rationale=REASON),
        ("The threshold", "Refer to the local authority", "Do not refer"),
    ),
    "who is told": (
        a_change(tell__police__state="not_required", tell__police__reason=REASON),
        ("To be told", "Need not be told", REASON),
    ),
    "who else is told": (a_change(tell__others=["commissioner"]), ("commissioner", "Not given")),
    "the tier": (
        a_change(tier__tier="C", tier__reason=DEPARTURE),
        ("The tier", "Tier A, rapid review", "Tier C, formal investigation", DEPARTURE),
    ),
}


class TestTheStandardForm:
    def post(self, manager: Client, incident: Incident, **sent: Any) -> HttpResponse:
        return manager.post(f"/incidents/{incident.pk}/triage", {**whole(submission_key="one-form"), **sent})

    @pytest.mark.parametrize("name", WHOLE_CHANGES)
    def test_an_answer_changed(self, incident: Incident, manager: Client, the_clock: TestClock, name: str) -> None:
        change, words = WHOLE_CHANGES[name]
        assert self.post(manager, incident).status_code == 302
        before = TrailEntry.objects.count()
        the_clock.stand_at(LATER)
        answer = self.post(manager, incident, **change)
        page = text(answer)
        assert answer.status_code == 409, page
        assert NOTICE in page
        assert [word for word in words if word not in page] == []
        assert "Record it as a later decision" in page
        typed = [one for value in change.values() for one in (value if isinstance(value, list) else [value])]
        assert [one for one in typed if one not in page] == []
        assert (TriageRecord.objects.count(), TrailEntry.objects.count()) == (1, before)

        assert self.post(manager, incident, **change, submission_key=key_in(answer)).status_code == 302
        first, second = rows_of(TriageRecord)
        assert (second.corrects, second.decided_at) == (first, LATER)

    def test_an_answer_left_out_counts_as_changed(self, incident: Incident, manager: Client) -> None:
        self.post(manager, incident, unable_to_protect_self="yes", tell__others=["commissioner"])
        answer = self.post(manager, incident)
        assert answer.status_code == 409
        assert "Cannot protect themselves because of those needs" in text(answer)

    def test_what_was_recorded_later_beside_it_does_not_count(
        self, cast: Cast, incident: Incident, manager: Client, the_clock: TestClock
    ) -> None:
        assert self.post(manager, incident).status_code == 302
        the_clock.stand_at(LATER)
        decide_threshold(by=cast.lead, at=LATER, incident=incident, choice=do_not_refer())
        decide_tier(by=cast.lead, at=LATER, incident=incident, choice=choose("B", DEPARTURE))
        decide_telling(by=cast.lead, at=LATER, incident=incident, telling=need_not_be_told("police"))
        assert self.post(manager, incident).status_code == 302, "the same form is still the same answer"
        assert TriageRecord.objects.count() == 1

    def test_the_same_form_after_the_rules_propose_more(
        self, cast: Cast, incident: Incident, manager: Client, the_clock: TestClock
    ) -> None:
        assert self.post(manager, incident).status_code == 302
        the_clock.stand_at(LATER)
        an_incident(by=cast.worker, team=cast.north, at=AT)
        answer = self.post(manager, incident)
        assert answer.status_code == 302, text(answer)
        assert TriageRecord.objects.count() == 1

    def test_handed_over_twice_with_more_filled_in(
        self, incident: Incident, manager: Client, the_clock: TestClock
    ) -> None:
        asked = {"hand_over": "yes", "handover-question": "Who may decide?", "record": ""}
        assert self.post(manager, incident, **asked).status_code == 302
        assert self.post(manager, incident, **asked).status_code == 302
        assert TriageHandover.objects.count() == 1
        the_clock.stand_at(LATER)
        answer = self.post(manager, incident, **asked, still_at_risk="yes", risk_words="He has a key.")
        page = text(answer)
        assert answer.status_code == 409
        assert NOTICE in page
        assert "He has a key." in page
        again = {**asked, "still_at_risk": "yes", "risk_words": "He has a key.", "submission_key": key_in(answer)}
        assert self.post(manager, incident, **again).status_code == 302
        kept = rows_of(TriageHandover)
        assert [row.so_far["still_at_risk"] for row in kept] == [["no"], ["yes"]]


class TestOperations:
    """The same beneath the pages, where another way in could send a key twice."""

    def test_what_each_says_differs(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.lead, incident=incident, threshold=refer())
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "incident": incident, "submission_key": "k"}
        decide_threshold(choice=more_information(date(2026, 3, 9)), **call)
        with pytest.raises(SentBefore) as one:
            decide_threshold(choice=more_information(date(2026, 3, 10)), **call)
        assert [(d.question, d.recorded, d.typed) for d in one.value.differences] == [
            ("By which day it is decided", "Monday 9 March 2026", "Tuesday 10 March 2026")
        ]
        decide_telling(telling=was_told("police", at=NOW), **call)
        with pytest.raises(SentBefore) as two:
            decide_telling(telling=was_told("police", at=AT), **call)
        assert [d.question.rpartition(": ")[2] for d in two.value.differences] == ["when"]
        with pytest.raises(SentBefore) as three:
            decide_telling(telling=was_told("commissioner", at=NOW), **call)
        assert ("Who is to be told", "police", "commissioner") in [
            (d.question, d.recorded, d.typed) for d in three.value.differences
        ]
        decide_tier(choice=choose("B", DEPARTURE), **call)
        with pytest.raises(SentBefore) as four:
            decide_tier(choice=choose("B", DEPARTURE + " And there is more."), **call)
        assert [d.question for d in four.value.differences] == ["Why that tier"]

    def test_a_referral(self, cast: Cast, incident: Incident) -> None:
        decide_threshold(by=cast.lead, at=NOW, incident=incident, choice=refer())
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "incident": incident, "submission_key": "k"}
        send_referral(authority="Norwood", how="By phone", sent_at=NOW, **call)
        with pytest.raises(SentBefore) as differs:
            send_referral(authority="Norwood", how="By phone to Ms Ode", sent_at=AT, **call)
        assert [d.question for d in differs.value.differences] == ["How it was sent", "When it was sent"]

    def test_spaces_around_an_answer_are_no_other_answer(self, cast: Cast, incident: Incident) -> None:
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "incident": incident, "submission_key": "k"}
        first = record_triage(form=a_form(), threshold=refer(), **call)
        assert record_triage(form=a_form(), threshold=refer(f"  {RATIONALE}\n"), **call) == first

    def test_types_in_another_order_are_no_other_answer(self, cast: Cast, incident: Incident) -> None:
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "incident": incident, "submission_key": "k"}
        first = record_triage(form=a_form(abuse_types=("financial", "domestic")), **call)
        assert record_triage(form=a_form(abuse_types=("domestic", "financial", "domestic")), **call) == first

    def test_two_records_in_one_instant_keep_their_own_tellings(self, cast: Cast, incident: Incident) -> None:
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "incident": incident, "form": a_form()}
        first = record_triage(submission_key="a", tellings=[must_be_told("police")], **call)
        second = record_triage(submission_key="b", tellings=[need_not_be_told("police")], **call)
        assert record_triage(submission_key="b", tellings=[need_not_be_told("police")], **call) == second
        assert record_triage(submission_key="a", tellings=[must_be_told("police")], **call) == first

    @pytest.mark.parametrize(
        ("change", "question"),
        [
            ({"healthcare_acts_suspected": Answer.YES}, "Healthcare acts or omissions"),
            ({"prolonged_psychological_harm": Answer.YES}, "Psychological harm of 28 days or more"),
            ({"multi_agency_breakdown": Answer.YES}, "Agencies failed to come together"),
            ({"high_risk_failure": Answer.YES}, "A safeguard against a high risk failed"),
            ({"nationally_required": "leder"}, "A response that national policy requires"),
            ({"unable_to_protect_self": Answer.UNKNOWN}, "Cannot protect themselves because of those needs"),
            ({"safety_actions": (), "no_safety_actions_because": "She is in hospital."}, "Safety action 1"),
            (
                {"safety_actions": (SafetyAction(what="Stopped the bank card with her", who="Wren Ashdown"),)},
                "Safety action 1",
            ),
        ],
    )
    def test_no_answer_of_the_form_is_overlooked(
        self, cast: Cast, incident: Incident, change: dict[str, Any], question: str
    ) -> None:
        call: dict[str, Any] = {"by": cast.lead, "at": AT, "incident": incident, "submission_key": "k"}
        record_triage(form=a_form(), **call)
        with pytest.raises(SentBefore) as differs:
            record_triage(form=a_form(**change), **call)
        assert question in [d.question for d in differs.value.differences]

    def test_a_key_for_another_incident_says_nothing_of_the_first(self, cast: Cast, incident: Incident) -> None:
        hand_over(by=cast.duty_manager, at=AT, incident=incident, question="Who decides?", submission_key="k")
        other = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Invalid) as refused:
            hand_over(by=cast.duty_manager, at=AT, incident=other, question="Who decides?", submission_key="k")
        assert not isinstance(refused.value, SentBefore)


def test_every_answer_of_the_form_has_a_name_here() -> None:
    """A column added to the record and not named would be silently taken as sent."""
    from saferpractice.triage.operations.again import QUESTIONS

    own = {"id", "incident", "corrects", "submission_key", "decided_by", "decided_by_name", "decided_by_role"}
    columns = {field.name for field in TriageRecord._meta.get_fields() if isinstance(field, models.Field)}
    assert set(QUESTIONS) == columns - own - {"decided_at"}
    assert HALF.keys() - {"rows", "wishes_said"} <= set(QUESTIONS) | {
        name for name in HALF if name.startswith(("action", "threshold"))
    }
