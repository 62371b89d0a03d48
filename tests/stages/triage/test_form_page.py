"""The page of the standard form: nothing typed is lost, nothing shown to those who may not, one form is one triage."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from saferpractice.access.models import AccessEntry, Person
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, grade_harm, keep_from
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.triage.models import (
    PartnerEscalation,
    StatutoryNotification,
    ThresholdDecision,
    TierDecision,
    TriageHandover,
    TriageRecord,
)
from saferpractice.triage.operations import hand_over
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.triage import DEPARTURE, a_triage, choose, refer
from tests.personas import NOW, Cast
from tests.stages.triage.web import half, moment, whole

pytestmark = pytest.mark.requirement("R6")
AT = NOW + timedelta(minutes=10)
MAY = {"duty_manager", "lead", "director"}


@pytest.fixture
def incident(cast: Cast, the_clock: TestClock) -> Incident:
    the_clock.stand_at(AT)
    return an_incident(by=cast.worker, team=cast.north)


@pytest.fixture
def manager(cast: Cast, client: Client) -> Client:
    client.force_login(cast.duty_manager)
    return client


def address(incident: Incident) -> str:
    return f"/incidents/{incident.pk}/triage"


def text(answer: HttpResponse) -> str:
    """The page without its entities."""
    return html.unescape(answer.content.decode())


def shows(answer: HttpResponse, *words: str) -> None:
    page = text(answer)
    assert [word for word in words if word not in page] == []


class TestWhoSeesIt:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_only_those_who_may_triage(self, cast: Cast, incident: Incident, client: Client, method: str) -> None:
        seen = set()
        for name, person in cast.people().items():
            client.force_login(person)
            answer = client.get(address(incident)) if method == "get" else client.post(address(incident), half())
            assert answer.status_code in {200, 404}, name
            if answer.status_code == 200:
                seen.add(name)
        assert seen == MAY

    def test_nobody_signed_out(self, incident: Incident, client: Client) -> None:
        answer = client.get(address(incident))
        assert answer.status_code == 302
        assert "/account/login" in answer["Location"]

    def test_one_restricted_or_kept_from_looks_like_none_at_all(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        nowhere = manager.get(f"/incidents/{cast.north.pk}/triage")
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")
        restricted = manager.get(address(incident))
        other = an_incident(by=cast.worker, team=cast.north)
        keep_from(by=cast.lead, at=NOW, incident=other, person=cast.duty_manager, because=KeptFromReason.RELATIVE)
        kept = manager.get(address(other))
        assert [answer.status_code for answer in (nowhere, restricted, kept)] == [404, 404, 404]
        assert len({text(answer).partition("<main")[2] for answer in (nowhere, restricted, kept)}) == 1

    def test_each_look_is_recorded(self, cast: Cast, incident: Incident, manager: Client) -> None:
        manager.get(address(incident))
        manager.post(address(incident), half())
        looks = AccessEntry.objects.of_story(incident.pk)
        assert [(look.by_name, look.page, look.at) for look in looks] == [("Dale Marlow", "triage", AT)] * 2

    def test_a_look_that_is_refused_shows_nothing_and_leaves_no_trace(
        self, cast: Cast, incident: Incident, client: Client
    ) -> None:
        client.force_login(cast.stranger)
        assert client.get(address(incident)).status_code == 404
        assert not AccessEntry.objects.filter(story_id=incident.pk).exists()


class TestTheEmptyPage:
    def test_shows_the_report_beside_the_questions(self, incident: Incident, manager: Client) -> None:
        shows(
            manager.get(address(incident)),
            "Nobody answered the door at the second visit this week.",
            "Called the person's sister and the duty manager.",
            "P-1042",
            "No physical harm, low psychological harm",
            "Is there reason to think the person has needs for care and support?",
            "because of those needs, find it hard to protect themselves? (optional)",
        )

    def test_says_nothing_of_tier_or_telling_yet(self, incident: Incident, manager: Client) -> None:
        page = text(manager.get(address(incident)))
        assert "Record the triage" not in page
        assert "The rules propose" not in page

    def test_shows_earlier_incidents_and_counts_those_hidden(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        mine = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(days=5))
        theirs = an_incident(by=cast.worker_elsewhere, team=cast.east, at=NOW - timedelta(days=6))
        answer = manager.get(address(incident))
        shows(answer, "The same person (P-1042): 2 other incidents within 90 days.", mine.reference)
        shows(answer, "and 1 that you may not open", "not triaged yet")
        assert theirs.reference not in text(answer)

    def test_of_a_withheld_name_shows_none(self, cast: Cast, the_clock: TestClock, manager: Client) -> None:
        the_clock.stand_at(AT)
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        assert "Wren Ashdown" not in text(manager.get(address(incident)))


class TestWorkingOut:
    def test_keeps_nothing_yet(self, incident: Incident, manager: Client) -> None:
        manager.post(address(incident), half())
        assert not TriageRecord.objects.exists()
        assert not ThresholdDecision.objects.exists()

    @pytest.mark.requirement("R8")
    def test_shows_the_tier_the_rule_that_fired_and_why(self, incident: Incident, manager: Client) -> None:
        shows(
            manager.post(address(incident), half()),
            "The rules propose tier A, rapid review.",
            "Harm was low, and nothing known calls for more.",
            "Rule: low harm",
        )

    @pytest.mark.requirement("R8")
    def test_says_what_is_not_known_and_could_raise_it(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), half(high_risk_failure="unknown"))
        shows(answer, "Not known yet: Did a safeguard against a high risk fail? The answer could make it Tier C")

    def test_asks_about_those_the_answers_point_to(self, incident: Incident, manager: Client) -> None:
        page = text(manager.post(address(incident), half()))
        for code in ("police", "cqc-18-abuse", "lfpse"):
            assert f'name="tell-{code}-state"' in page
        assert 'name="tell-coroner-state"' not in page
        assert 'value="coroner"' in page, "it can still be ticked"

    def test_shows_paragraph_with_its_year_and_each_clock_by_name(self, incident: Incident, manager: Client) -> None:
        shows(
            manager.post(address(incident), half()),
            "Regulation 18(2)(e), Care Quality Commission (Registration) Regulations 2009",
            'nhsuk-tag--red">Law</strong> without delay',
            "Local</strong> within 24 hours of knowing (an example, the law gives no number)",
        )

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"threshold__outcome": "do_not_refer"}, "Both of the first two tests are answered yes"),
            (
                {"threshold__outcome": "do_not_refer", "abuse_or_neglect": "unknown", "abuse_types": None},
                "One of the first two tests is not known yet.",
            ),
            (
                {"abuse_or_neglect": "no", "abuse_types": None},
                "One of the first two tests is answered no. You may still refer",
            ),
        ],
    )
    def test_prompts_a_second_thought_and_blocks_nothing(
        self, incident: Incident, manager: Client, changes: dict[str, Any], sentence: str
    ) -> None:
        answer = manager.post(address(incident), half(**changes))
        shows(answer, sentence, "Record the triage")

    def test_a_harm_graded_meanwhile_counts(self, cast: Cast, incident: Incident, manager: Client) -> None:
        manager.post(address(incident), half())
        grade_harm(
            by=cast.lead,
            at=AT,
            incident=incident,
            physical_harm="severe",
            psychological_harm="low",
            reason="The hospital rang: her hip is broken",
        )
        shows(manager.post(address(incident), half()), "The rules propose tier C, formal investigation.")


class TestRecording:
    def test_keeps_everything_and_says_so(self, cast: Cast, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), whole())
        assert answer.status_code == 302
        assert answer["Location"] == f"/incidents/{incident.pk}"
        record = TriageRecord.objects.get()
        assert (record.decided_by, record.decided_at) == (cast.duty_manager, AT)
        assert record.nationally_required == ""
        assert record.safety_actions.get().done_at is None
        assert ThresholdDecision.objects.get().outcome == "refer"
        assert TierDecision.objects.get().tier == "A"
        assert {row.duty_code for row in StatutoryNotification.objects.all()} == {"cqc-18-abuse", "lfpse"}
        assert PartnerEscalation.objects.get().duty_code == "police"

    def test_what_was_done_carries_its_times(self, incident: Incident, manager: Client) -> None:
        done = {"action-0-done": "done", **moment("action-0-done_at", time="1:50am")}
        told = {
            "tell-police-state": "done",
            **moment("tell-police-done_at", time="01:55"),
            "tell-police-their_reference": "CAD 88",
            "tell-police-note": "They take it as a crime.",
        }
        assert manager.post(address(incident), {**whole(), **done, **told}).status_code == 302
        assert TriageRecord.objects.get().safety_actions.get().done_at == NOW - timedelta(minutes=15)
        police = PartnerEscalation.objects.get()
        assert (police.their_reference, police.done_at) == ("CAD 88", NOW - timedelta(minutes=10))
        assert police.reason == "They take it as a crime."

    def test_what_was_done_without_a_time_is_asked_for_by_name(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), whole(**{"action-0-done": "done"}))
        shows(answer, "Enter when the safety action was done")
        assert not TriageRecord.objects.exists()

    def test_a_ticked_other_must_be_told(self, incident: Incident, manager: Client) -> None:
        manager.post(address(incident), whole(**{"tell__others": ["commissioner", "coroner"]}))
        assert StatutoryNotification.objects.get(duty_code="coroner").state == "required"
        assert PartnerEscalation.objects.get(duty_code="commissioner").state == "required"

    def test_the_same_form_sent_twice_is_one_triage(self, incident: Incident, manager: Client) -> None:
        sent = whole()
        first, second = manager.post(address(incident), sent), manager.post(address(incident), sent)
        assert (first.status_code, second.status_code) == (302, 302)
        assert TriageRecord.objects.count() == 1
        assert Obligation.objects.filter(kind="triage.tell").count() == 3

    @pytest.mark.requirement("R8")
    @pytest.mark.parametrize("tier", ["B", "C"])
    def test_a_departure_needs_its_reason(self, incident: Incident, manager: Client, tier: str) -> None:
        answer = manager.post(address(incident), whole(tier__tier=tier))
        assert answer.status_code == 200
        shows(answer, "where the rules propose Tier A, rapid review", 'href="#id_tier-reason"')
        assert not TriageRecord.objects.exists()
        answer = manager.post(address(incident), whole(tier__tier=tier, tier__reason=DEPARTURE))
        assert answer.status_code == 302
        assert TierDecision.objects.get().reason == DEPARTURE

    @pytest.mark.requirement("R8")
    def test_a_proposal_that_changed_is_shown_before_anything_is_kept(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        an_incident(by=cast.colleague, team=cast.north, at=NOW - timedelta(days=3))
        answer = manager.post(address(incident), whole())
        shows(answer, "The rules now propose Tier B, structured review", "Look again, then choose.")
        assert not TriageRecord.objects.exists()
        assert 'name="tier-seen" id="id_tier-seen" value="B"' in text(answer)
        assert manager.post(address(incident), whole(tier__seen="B", tier__tier="B")).status_code == 302

    def test_a_likely_duty_must_be_answered(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), whole(**{"tell__police__state": None}))
        shows(answer, "Choose whether this must be told: Police")
        assert not TriageRecord.objects.exists()

    def test_without_a_tier_nothing_is_kept(self, incident: Incident, manager: Client) -> None:
        shows(manager.post(address(incident), whole(tier__tier=None)), "Choose a tier")
        assert not TriageRecord.objects.exists()

    @pytest.mark.parametrize("rationale", ["", "n/a", "as above"])
    @pytest.mark.parametrize("outcome", ["refer", "do_not_refer", "more_information"])
    def test_no_threshold_decision_without_a_rationale(
        self, incident: Incident, manager: Client, outcome: str, rationale: str
    ) -> None:
        sent = whole(threshold__outcome=outcome, threshold__rationale=rationale)
        answer = manager.post(address(incident), {**sent, **moment("threshold-more_information_by", day=5)})
        assert answer.status_code == 200
        shows(answer, 'href="#id_threshold-rationale"')
        assert not TriageRecord.objects.exists()

    def test_somebody_who_lost_the_role_meanwhile_keeps_nothing(
        self, cast: Cast, incident: Incident, manager: Client
    ) -> None:
        held = cast.duty_manager.role_assignments.get()
        type(held).objects.filter(pk=held.pk).update(until_at=NOW)
        assert manager.post(address(incident), whole()).status_code == 404
        assert not TriageRecord.objects.exists()


LONG = "wort und wort " * 700
HOSTILE = [
    pytest.param("😀 She said: “Nö!” 👩🏽‍⚕️", id="emoji"),
    pytest.param('"><script>alert(1)</script>', id="markup"),
    pytest.param("= 1 + 1 {{ 7 * 7 }} {% raw %}", id="formula and template"),
    pytest.param("می‌خواهم کارتم را پس بگیرم", id="right to left"),
    pytest.param(LONG[:9_999], id="10,000 characters"),
]


class TestNothingTypedIsLost:
    @pytest.mark.parametrize("words", HOSTILE)
    def test_on_an_error_everything_stands_as_it_was_typed(
        self, incident: Incident, manager: Client, words: str
    ) -> None:
        sent = whole(
            wishes_said=words,
            threshold__rationale=words,
            tier__reason=words,
            **{"action__0__what": words, "tell__police__note": words},
        )
        answer = manager.post(address(incident), {**sent, "still_at_risk": ""})
        assert answer.status_code == 200
        assert text(answer).count(words) >= 5
        assert "<script>alert" not in answer.content.decode()

    @pytest.mark.parametrize("words", HOSTILE)
    def test_and_is_kept_as_it_was_typed(self, incident: Incident, manager: Client, words: str) -> None:
        assert manager.post(address(incident), whole(wishes_said=words)).status_code == 302
        assert TriageRecord.objects.get().wishes_words == words.strip()

    def test_control_characters_are_dropped_and_nothing_breaks(self, incident: Incident, manager: Client) -> None:
        sent = whole(
            wishes_said="I want\x00 my card\x07 back", threshold__rationale="He\x00 takes her money every week"
        )
        assert manager.post(address(incident), sent).status_code == 302
        assert TriageRecord.objects.get().wishes_words == "I want my card back"
        assert ThresholdDecision.objects.get().rationale == "He takes her money every week"

    def test_too_much_is_refused_and_shown(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), whole(wishes_said="word " * 4_001))
        shows(answer, "must be 20000 characters or fewer", "word word word word")
        assert not TriageRecord.objects.exists()

    def test_the_second_half_stays_while_the_first_is_put_right(self, incident: Incident, manager: Client) -> None:
        told = {"tell-police-state": "done", **moment("tell-police-done_at"), "tell-police-their_reference": "CAD 7"}
        sent = whole(needs_care_and_support=None, tier__tier="C", tier__reason=DEPARTURE)
        answer = manager.post(address(incident), {**sent, **told, "tell-others": ["coroner"]})
        shows(answer, 'value="CAD 7"', DEPARTURE, "Put right what is marked above")
        page = text(answer)
        assert 'name="tier-tier" type="radio" value="C" checked' in page
        assert 'value="coroner" checked' in page

    def test_one_more_row_keeps_and_judges_nothing(self, incident: Incident, manager: Client) -> None:
        sent = half(work_out=None, add_action="yes", wishes_said="I want my card back.", wishes=None)
        answer = manager.post(address(incident), sent)
        page = text(answer)
        assert "There is a problem" not in page
        assert 'name="rows" id="id_rows" value="2"' in page
        shows(answer, "Safety action 2", "Stopped the bank card with her", "I want my card back.")

    def test_a_row_left_blank_is_left_out(self, incident: Incident, manager: Client) -> None:
        second = {"action-1-what": "Rang her sister", "action-1-who": "Wren", "action-1-done": "to_do"}
        blank = {"action-0-what": "", "action-0-who": "", "action-0-done": None, "rows": "3"}
        sent = {k: v for k, v in {**whole(), **blank, **second}.items() if v is not None}
        assert manager.post(address(incident), sent).status_code == 302
        assert [row.what for row in TriageRecord.objects.get().safety_actions.all()] == ["Rang her sister"]

    def test_an_error_of_the_operation_finds_the_row_it_means(self, incident: Incident, manager: Client) -> None:
        later = {"action-2-what": " ", "action-2-who": "Wren", "action-2-done": "to_do", "rows": "3"}
        answer = manager.post(address(incident), {**half(), **later})
        shows(answer, 'href="#id_action-2-what"')

    @pytest.mark.parametrize("rows", ["-1", "0", "999999", "１", "two", "1e3", "", "9" * 50])
    def test_a_number_of_rows_made_up_breaks_nothing(self, incident: Incident, manager: Client, rows: str) -> None:
        assert manager.post(address(incident), half(rows=rows)).status_code == 200

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("still_at_risk", "perhaps"),
            ("wishes", "not-recorded"),
            ("abuse_types", ["unkindness"]),
            ("threshold-outcome", "moon"),
            ("nationally_required", "moon"),
            ("action-0-done", "moon"),
        ],
    )
    def test_a_choice_made_up_is_an_error_beside_its_question(
        self, incident: Incident, manager: Client, name: str, value: Any
    ) -> None:
        answer = manager.post(address(incident), {**half(), name: value})
        shows(answer, "There is a problem", f'href="#id_{name}')

    @pytest.mark.parametrize("name", ["tier-tier", "tell-police-state", "tell-others"])
    def test_so_it_is_in_the_second_half(self, incident: Incident, manager: Client, name: str) -> None:
        answer = manager.post(address(incident), {**whole(), name: "moon"})
        shows(answer, "There is a problem", f'href="#id_{name}')

    def test_a_proposal_made_up_counts_as_not_seen(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), whole(tier__seen="<b>Z</b>"))
        assert answer.status_code in {200, 302}

    def test_a_row_left_blank_is_not_marked_as_wrong_and_the_summary_asks_once(
        self, incident: Incident, manager: Client
    ) -> None:
        page = text(manager.post(address(incident), {"work_out": "yes", "rows": "2"}))
        assert page.count("Enter what was done to keep people safe, or say why nothing had to be done") == 2
        assert "Enter who did it, or who will" not in page
        assert "Choose whether it is done" not in page
        assert 'href="#id_no_safety_actions_because"' in page

    @pytest.mark.parametrize(
        "said", [{"no_safety_actions_because": "He is at his mother's."}, {"action-0-what": "Rang his mother"}]
    )
    def test_something_said_of_safety_is_enough(
        self, incident: Incident, manager: Client, said: dict[str, str]
    ) -> None:
        page = text(manager.post(address(incident), {"work_out": "yes", "rows": "1"} | said))
        assert "There is a problem" in page
        assert "Enter what was done to keep people safe, or say why" not in page

    def test_nothing_at_all_is_answered_with_what_is_missing(self, incident: Incident, manager: Client) -> None:
        answer = manager.post(address(incident), {"record": "yes"})
        assert answer.status_code == 200
        shows(answer, "There is a problem")


class TestHandingOver:
    def test_takes_what_is_filled_in_along(self, cast: Cast, incident: Incident, manager: Client) -> None:
        sent = half(work_out=None, hand_over="yes", threshold__outcome=None, threshold__rationale="")
        sent |= {"handover-question": "Is this section 42?", "rows": "2", "action-1-what": "Rang \x00her sister"}
        assert manager.post(address(incident), sent).status_code == 302
        kept = TriageHandover.objects.get()
        assert kept.question == "Is this section 42?"
        assert kept.so_far["wishes_said"] == ["I want my card back."]
        assert kept.so_far["action-1-what"] == ["Rang her sister"]
        assert "csrfmiddlewaretoken" not in kept.so_far
        assert not TriageRecord.objects.exists()

    def test_the_lead_goes_on_from_there(self, cast: Cast, incident: Incident, manager: Client) -> None:
        sent = half(work_out=None, hand_over="yes", **{"handover__question": "Is this section 42?"})
        manager.post(address(incident), {**sent, "rows": "2", "action-1-what": "Rang her sister"})
        manager.force_login(cast.lead)
        answer = manager.get(address(incident))
        shows(
            answer,
            "Handed over by Dale Marlow, duty manager",
            "Is this section 42?",
            "Rang her sister",
            "I want my card back.",
            "Safety action 2",
        )

    def test_without_a_question_it_asks_and_keeps_the_rest(self, incident: Incident, manager: Client) -> None:
        sent = half(work_out=None, hand_over="yes", **{"handover__question": " "})
        answer = manager.post(address(incident), sent)
        shows(answer, "Say what you are unsure about. A sentence is enough", "I want my card back.")
        assert not TriageHandover.objects.exists()

    def test_sent_twice_it_is_one(self, incident: Incident, manager: Client) -> None:
        sent = half(work_out=None, hand_over="yes", **{"handover__question": "Is this section 42?"})
        manager.post(address(incident), sent)
        manager.post(address(incident), sent)
        assert TriageHandover.objects.count() == 1

    def test_a_lead_is_told_why_not(self, cast: Cast, incident: Incident, client: Client) -> None:
        client.force_login(cast.lead)
        sent = half(work_out=None, hand_over="yes", **{"handover__question": "Is this section 42?"})
        shows(client.post(address(incident), sent), "You lead safeguarding here yourself.")


@pytest.mark.requirement("R7")
class TestTriagingAgain:
    def test_starts_from_what_was_answered(self, cast: Cast, incident: Incident, manager: Client) -> None:
        a_triage(by=cast.lead, incident=incident, threshold=refer(), tier=choose("A"))
        answer = manager.get(address(incident))
        shows(answer, "Triaged before by Lark Penrose, safeguarding lead", "I want my card back.")

    def test_a_hand_over_after_triage_goes_before_it(self, cast: Cast, incident: Incident, manager: Client) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        hand_over(
            by=cast.duty_manager,
            at=AT,
            incident=incident,
            question="And now?",
            so_far={"rows": ["1"], "wishes": ["asked-expressed"], "wishes_said": ["She changed her mind."]},
        )
        manager.force_login(cast.lead)
        shows(manager.get(address(incident)), "She changed her mind.", "And now?")

    def test_a_second_record_is_kept_beside_the_first(self, cast: Cast, incident: Incident, manager: Client) -> None:
        a_triage(by=cast.lead, incident=incident, threshold=refer(), tier=choose("A"))
        assert manager.post(address(incident), whole()).status_code == 302
        assert TriageRecord.objects.count() == 2


def test_the_page_asks_a_fixed_number_of_questions(
    cast: Cast, incident: Incident, manager: Client, django_assert_max_num_queries: Any
) -> None:
    for days in range(1, 9):
        an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(days=days))
    person = Person.objects.get(pk=cast.duty_manager.pk)
    manager.force_login(person)
    with django_assert_max_num_queries(41):
        manager.get(address(incident))
