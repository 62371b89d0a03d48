"""The standard form of triage: kept whole or not at all, added beside what was decided before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.trail.rules import Process
from saferpractice.triage.models import (
    ImmediateSafetyAction,
    PartnerEscalation,
    RepeatedPattern,
    SafetyActionDone,
    StatutoryNotification,
    ThresholdDecision,
    TierDecision,
    TierProposal,
    TriageRecord,
)
from saferpractice.triage.operations import record_safety_action_done, record_triage
from saferpractice.triage.rules import Answer, TierCode
from saferpractice.triage.rules.form import SafetyAction, TierChoice
from tests.factories.incidents import an_incident
from tests.factories.triage import (
    DEPARTURE,
    a_form,
    a_triage,
    choose,
    do_not_refer,
    must_be_told,
    need_not_be_told,
    refer,
    was_told,
)
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R6")

TABLES = (
    TriageRecord,
    ImmediateSafetyAction,
    ThresholdDecision,
    StatutoryNotification,
    PartnerEscalation,
    RepeatedPattern,
    TierProposal,
    TierDecision,
)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def counts() -> dict[str, int]:
    """How many rows there are of everything triage writes, the trail and the obligations."""
    return {table.__name__: table._default_manager.count() for table in (*TABLES, Obligation, TrailEntry)}


def open_kinds(incident: Incident) -> list[str]:
    """The kinds of what is owed about the incident, in order."""
    return sorted(Obligation.objects.open().filter(story_id=incident.pk).values_list("kind", flat=True))


def problems(cast: Cast, incident: Incident, **given: Any) -> dict[str, str]:
    """What the operation asks to put right; and that it wrote nothing."""
    before = counts()
    with pytest.raises(Invalid) as invalid:
        a_triage(by=cast.duty_manager, incident=incident, **given)
    assert counts() == before
    return invalid.value.problems


class TestOneForm:
    def test_keeps_every_answer(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(
            by=cast.duty_manager,
            incident=incident,
            unable_to_protect_self=Answer.UNKNOWN,
            abuse_types=("financial", "psychological"),
            family_warning=Answer.YES,
            family_warning_words="Her sister rang on Monday.",
            prolonged_psychological_harm=Answer.UNKNOWN,
        )
        kept = TriageRecord.objects.get(pk=record.pk)
        assert (kept.needs_care_and_support, kept.abuse_or_neglect, kept.unable_to_protect_self) == (
            "yes",
            "yes",
            "unknown",
        )
        assert kept.abuse_types == ["financial", "psychological"]
        assert (kept.wishes, kept.wishes_words) == (
            "asked-expressed",
            "I want my card back. I don't want him in trouble.",
        )
        assert (kept.family_warning, kept.family_warning_words) == ("yes", "Her sister rang on Monday.")
        assert kept.prolonged_psychological_harm == "unknown"

    def test_says_who_in_which_role_and_when(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(by=cast.duty_manager, incident=incident)
        assert record.decided_by == cast.duty_manager
        assert (record.decided_by_name, record.decided_by_role) == ("Dale Marlow", "Duty manager")
        assert record.decided_at == NOW

    def test_a_name_and_role_of_that_time_stay(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(by=cast.duty_manager, incident=incident)
        cast.duty_manager.name = "Dale Marlow-Frost"
        cast.duty_manager.save()
        record.refresh_from_db()
        assert record.decided_by_name == "Dale Marlow"

    def test_keeps_its_parts_with_it(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(
            by=cast.duty_manager,
            incident=incident,
            threshold=refer(),
            tellings=[must_be_told("police"), was_told("cqc-18-abuse"), need_not_be_told("coroner")],
            tier=choose("A"),
        )
        assert record.threshold_decisions.get().outcome == "refer"
        assert record.safety_actions.get().what == "Stopped the bank card with her"
        assert [row.duty_code for row in PartnerEscalation.objects.all()] == ["police"]
        assert {row.duty_code: row.state for row in StatutoryNotification.objects.all()} == {
            "cqc-18-abuse": "done",
            "coroner": "not_required",
        }
        assert record.tier_proposals.get().decisions.get().tier == "A"

    def test_is_one_story(self, cast: Cast, incident: Incident) -> None:
        a_triage(
            by=cast.duty_manager,
            incident=incident,
            threshold=refer(),
            tellings=[must_be_told("police")],
            tier=choose("B", DEPARTURE),
        )
        told = [(entry.by_name, entry.sentence) for entry in TrailEntry.objects.story(incident.pk)][1:]
        assert told == [
            (
                "Dale Marlow",
                "triaged the incident and chose tier B, structured review, where the rules propose tier A",
            ),
            ("Dale Marlow", "decided to refer to the local authority"),
            ("Dale Marlow", "decided that this must be told: Police"),
        ]
        assert check_chain(cast.provider.pk).whole

    def test_may_leave_threshold_and_tier_open_and_owes_them(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        assert not ThresholdDecision.objects.exists()
        assert not TierDecision.objects.exists()
        assert open_kinds(incident) == ["triage.decide_tier", "triage.threshold"]

    def test_meets_the_obligation_to_triage(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(by=cast.duty_manager, incident=incident, at=NOW + timedelta(minutes=20))
        met = Obligation.objects.get(kind="triage.decide")
        assert met.met_at == NOW + timedelta(minutes=20)
        assert (met.met_by_type, met.met_by_id) == ("triage.triagerecord", record.pk)

    def test_works_at_any_hour_of_a_bank_holiday(self, cast: Cast) -> None:
        christmas_night = datetime(2025, 12, 25, 3, 33, tzinfo=UTC)
        incident = an_incident(by=cast.worker, team=cast.north, at=christmas_night)
        action = SafetyAction(what="Sat with him", who="Night worker", done_at=christmas_night)
        a_triage(
            by=cast.duty_manager, incident=incident, at=christmas_night, threshold=refer(), safety_actions=(action,)
        )
        referral = Obligation.objects.get(kind="triage.send_referral")
        assert referral.due_at == datetime(2025, 12, 26, 0, 0, tzinfo=UTC), "the same day, holiday or not"

    def test_a_named_process_may_do_it(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(by=Process("example data"), incident=incident, threshold=refer(), tier=choose("A"))
        assert (record.decided_by, record.decided_by_name) == (None, "example data")


@pytest.mark.requirement("R7")
class TestBesideTheEarlier:
    def test_a_second_triage_stands_beside_the_first(self, cast: Cast, incident: Incident) -> None:
        first = a_triage(by=cast.duty_manager, incident=incident, threshold=do_not_refer(), tier=choose("A"))
        second = a_triage(
            by=cast.lead, incident=incident, at=NOW + timedelta(hours=7), threshold=refer(), tier=choose("A")
        )
        assert list(incident.triage_records.order_by("decided_at")) == [first, second]
        assert second.corrects == first
        assert [d.outcome for d in incident.threshold_decisions.order_by("decided_at")] == ["do_not_refer", "refer"]

    def test_the_first_keeps_the_moment_of_its_obligation(self, cast: Cast, incident: Incident) -> None:
        first = a_triage(by=cast.duty_manager, incident=incident)
        a_triage(by=cast.lead, incident=incident, at=NOW + timedelta(hours=7))
        met = Obligation.objects.get(kind="triage.decide")
        assert (met.met_by_id, met.met_at) == (first.pk, NOW)

    def test_what_was_left_open_is_owed_once(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident)
        a_triage(by=cast.lead, incident=incident, at=NOW + timedelta(hours=7))
        assert open_kinds(incident) == ["triage.decide_tier", "triage.threshold"]

    @pytest.mark.parametrize("change", ["update", "delete"])
    def test_the_database_itself_refuses_to_rewrite_it(self, cast: Cast, incident: Incident, change: str) -> None:
        record = a_triage(by=cast.duty_manager, incident=incident, threshold=refer(), tier=choose("A"))
        rows = [
            TriageRecord.objects.filter(pk=record.pk),
            record.safety_actions.all(),
            record.threshold_decisions.all(),
            record.tier_proposals.all(),
            TierDecision.objects.all(),
        ]
        for found in rows:
            with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
                if change == "delete":
                    found._raw_delete(found.db)
                elif found.model is ImmediateSafetyAction:
                    found.update(what="Something else")
                else:
                    found.update(decided_by_name="Somebody else")


class TestTheSameFormTwice:
    def test_is_one_triage(self, cast: Cast, incident: Incident) -> None:
        first = a_triage(by=cast.duty_manager, incident=incident, key="k", threshold=refer(), tier=choose("A"))
        before = counts()
        again = a_triage(by=cast.duty_manager, incident=incident, key="k", threshold=refer(), tier=choose("A"))
        assert again == first
        assert counts() == before

    def test_is_not_somebody_else_s(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, key="k")
        with pytest.raises(Invalid, match="already sent"):
            a_triage(by=cast.lead, incident=incident, key="k")

    def test_is_not_another_incident_s(self, cast: Cast, incident: Incident) -> None:
        a_triage(by=cast.duty_manager, incident=incident, key="k")
        other = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Invalid, match="Open the incident again"):
            a_triage(by=cast.duty_manager, incident=other, key="k")


class TestRefusals:
    def test_who_may_not_leaves_nothing(self, cast: Cast, incident: Incident) -> None:
        before = counts()
        with pytest.raises(Refused):
            a_triage(by=cast.worker, incident=incident, threshold=refer())
        assert counts() == before

    def test_everything_is_said_at_once(self, cast: Cast, incident: Incident) -> None:
        found = problems(
            cast,
            incident,
            abuse_types=(),
            wishes="not-asked",
            wishes_words="",
            safety_actions=(),
            threshold=refer("as above"),
            tellings=[need_not_be_told("police", "n/a"), must_be_told("the-moon")],
            tier=choose("C"),
        )
        assert set(found) == {
            "abuse_types",
            "wishes_words",
            "no_safety_actions_because",
            "threshold-rationale",
            "tell-police-reason",
            "tell-the-moon-duty",
            "tier-reason",
        }

    @pytest.mark.parametrize(
        ("changes", "name", "sentence"),
        [
            ({"abuse_types": ("unkindness",)}, "abuse_types", "Choose types of abuse from the list."),
            (
                {"abuse_types": ()},
                "abuse_types",
                "Choose every type of abuse or neglect you have reason to suspect. You need not be sure.",
            ),
            ({"wishes": "dunno"}, "wishes", "Choose whether the person was asked what they want."),
            (
                {"wishes_words": " "},
                "wishes_words",
                "Write down what the person wants, in their own words where you can.",
            ),
            (
                {"wishes": "not-asked", "wishes_words": ""},
                "wishes_words",
                "Say why the person was not asked, and when somebody will ask them.",
            ),
            (
                {"family_warning": Answer.YES},
                "family_warning_words",
                "Write down what they warned of, when, and whom they told.",
            ),
            (
                {"still_at_risk": Answer.UNKNOWN},
                "risk_words",
                "Say who is or may be at risk, from what, and what protects them until then.",
            ),
            ({"nationally_required": "moon"}, "nationally_required", "Choose from the list, or none of these."),
            (
                {"safety_actions": ()},
                "no_safety_actions_because",
                "Enter what was done to keep people safe, or say why nothing had to be done at once.",
            ),
            (
                {"safety_actions": (SafetyAction(what="", who="Wren"),)},
                "action-0-what",
                "Enter what was done, or must be done.",
            ),
            (
                {"safety_actions": (SafetyAction(what="Called", who=" "),)},
                "action-0-who",
                "Enter who did it, or who will.",
            ),
            (
                {"safety_actions": (SafetyAction(what="Called", who="Wren", done_at=NOW + timedelta(hours=1)),)},
                "action-0-done_at",
                "Enter a time that has passed. This one is in the future.",
            ),
            ({"risk_words": "x" * 20_001}, "risk_words", "Shorten this to 20,000 characters."),
        ],
    )
    def test_each_says_what_to_do(
        self, cast: Cast, incident: Incident, changes: dict[str, Any], name: str, sentence: str
    ) -> None:
        assert problems(cast, incident, **changes) == {name: sentence}

    @pytest.mark.requirement("R8")
    def test_a_departure_without_a_reason(self, cast: Cast, incident: Incident) -> None:
        assert "tier-reason" in problems(cast, incident, tier=choose("C"))
        assert "tier-reason" in problems(cast, incident, tier=choose("B", "because"))

    @pytest.mark.requirement("R8")
    def test_a_proposal_that_is_no_longer_the_one_seen(self, cast: Cast, incident: Incident) -> None:
        an_incident(by=cast.colleague, team=cast.north, at=NOW - timedelta(days=3))
        found = problems(cast, incident, tier=TierChoice(tier=TierCode.A, seen=TierCode.A))
        assert found["tier-tier"] == (
            "The rules now propose Tier B, structured review: the same person had an earlier incident within the "
            "window, a repeated pattern. Look again, then choose."
        )


@pytest.mark.parametrize(
    "third", [None, Answer.YES, Answer.NO, Answer.UNKNOWN], ids=["left alone", "yes", "no", "unknown"]
)
@pytest.mark.parametrize("choice", [refer(), do_not_refer(), None], ids=["refer", "do not refer", "left open"])
def test_the_third_test_never_blocks(cast: Cast, incident: Incident, third: Answer | None, choice: Any) -> None:
    record = a_triage(by=cast.duty_manager, incident=incident, unable_to_protect_self=third, threshold=choice)
    assert record.unable_to_protect_self == (third or "")


HOSTILE = [
    pytest.param("😀👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 she said é̂ 𝒜", id="emoji"),
    pytest.param("<script>alert(1)</script>' OR 1=1; --", id="markup"),
    pytest.param("می‌خواهم کارتم را پس بگیرم", id="right to left"),
    pytest.param("wish " * 2_000, id="10,000 characters"),
    pytest.param("line\nline\n\n\tline", id="lines"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_typed_is_kept_to_the_letter(cast: Cast, incident: Incident, text: str) -> None:
    record = a_triage(
        by=cast.duty_manager,
        incident=incident,
        wishes_words=text,
        safety_actions=(SafetyAction(what=text, who="Wren Ashdown"),),
    )
    assert TriageRecord.objects.get(pk=record.pk).wishes_words == text.strip()
    assert record.safety_actions.get().what == text.strip()


class TestSafetyActions:
    def an_action(self, cast: Cast, incident: Incident, **changes: Any) -> ImmediateSafetyAction:
        action = SafetyAction(what="Change the locks", who="Housing officer")
        return a_triage(
            by=cast.duty_manager, incident=incident, safety_actions=(action,), **changes
        ).safety_actions.get()

    def test_one_still_to_be_done_is_owed(self, cast: Cast, incident: Incident) -> None:
        self.an_action(cast, incident)
        owed = Obligation.objects.get(kind="triage.safety_action")
        assert owed.due_at == NOW + timedelta(hours=4)
        assert owed.clock == "local"

    def test_within_the_hour_when_somebody_is_at_risk(self, cast: Cast, incident: Incident) -> None:
        self.an_action(cast, incident, still_at_risk=Answer.YES, risk_words="He has a key.")
        assert Obligation.objects.get(kind="triage.safety_action").due_at == NOW + timedelta(hours=1)

    def test_done_later_meets_it_at_the_time_it_was_done(self, cast: Cast, incident: Incident) -> None:
        action = self.an_action(cast, incident)
        at = NOW + timedelta(hours=6)
        done = record_safety_action_done(
            by=cast.duty_manager, at=at, safety_action=action, done_at=NOW + timedelta(hours=2), note="New lock fitted"
        )
        owed = Obligation.objects.get(kind="triage.safety_action")
        assert (owed.met_at, owed.met_by_id) == (NOW + timedelta(hours=2), done.pk)
        assert TrailEntry.objects.story(incident.pk).last().sentence == "recorded that a safety action was done"

    def test_done_twice_is_done_once(self, cast: Cast, incident: Incident) -> None:
        action = self.an_action(cast, incident)
        first = record_safety_action_done(by=cast.duty_manager, at=NOW, safety_action=action, done_at=NOW)
        later = NOW + timedelta(hours=1)
        assert record_safety_action_done(by=cast.lead, at=later, safety_action=action, done_at=NOW) == first
        with pytest.raises(SentBefore, match="Dale Marlow has recorded this as done") as differs:
            record_safety_action_done(by=cast.lead, at=later, safety_action=action, done_at=later, note="It held")
        assert [one.question for one in differs.value.differences] == ["When", "How it went"]
        assert SafetyActionDone.objects.get() == first

    def test_it_cannot_be_done_in_the_future(self, cast: Cast, incident: Incident) -> None:
        action = self.an_action(cast, incident)
        with pytest.raises(Invalid) as invalid:
            record_safety_action_done(
                by=cast.duty_manager, at=NOW, safety_action=action, done_at=NOW + timedelta(hours=1)
            )
        assert invalid.value.problems == {"done_at": "Enter a time that has passed. This one is in the future."}

    def test_nor_what_was_done_at_triage(self, cast: Cast, incident: Incident) -> None:
        action = a_triage(by=cast.duty_manager, incident=incident).safety_actions.get()
        with pytest.raises(Invalid, match="was done when the incident was triaged"):
            record_safety_action_done(by=cast.duty_manager, at=NOW, safety_action=action, done_at=NOW)

    def test_nor_by_just_anybody(self, cast: Cast, incident: Incident) -> None:
        action = self.an_action(cast, incident)
        with pytest.raises(Refused):
            record_safety_action_done(by=cast.worker, at=NOW, safety_action=action, done_at=NOW)

    def test_nothing_to_do_needs_its_reason_only(self, cast: Cast, incident: Incident) -> None:
        record = a_triage(
            by=cast.duty_manager,
            incident=incident,
            safety_actions=(),
            no_safety_actions_because="She moved to her sister's before we knew.",
        )
        assert record.no_safety_actions_because == "She moved to her sister's before we knew."


def test_a_restricted_incident_is_owed_by_the_lead(cast: Cast) -> None:
    incident = an_incident(
        by=cast.worker,
        team=cast.north,
        restricted=True,
        restricted_reason="About a colleague",
    )
    record_triage(by=cast.lead, at=NOW, incident=incident, form=a_form(), submission_key="k")
    assert {o.role for o in Obligation.objects.open()} == {"safeguarding_lead"}
    assert all(o.restricted for o in Obligation.objects.all())
