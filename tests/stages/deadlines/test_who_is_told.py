"""Who is told when work is late: chains per service, gaps that are filled, and people who must not hear (R35)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import ChainDecision, Obligation, OutboxMessage
from saferpractice.deadlines.operations import escalate, set_chain
from saferpractice.deadlines.queries import gaps_of
from saferpractice.deadlines.rules import OWNER, EscalationChain, calendar_days, make_chain
from saferpractice.incidents.operations import keep_from
from saferpractice.incidents.rules import Answer, KeptFromReason
from saferpractice.jobs import sweeps
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.deadlines import TESTER, an_obligation
from tests.factories.incidents import an_incident
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
HOUR = timedelta(hours=1)
LATE = NOW + 5 * HOUR
"""An hour after ``an_obligation`` asked at NOW was due."""
CHAIN = make_chain([(0, [OWNER]), (2, ["supervisor"]), (6, ["quality_lead"]), (10, ["director"])])


def told() -> list[str]:
    return sorted(OutboxMessage.objects.values_list("to__name", flat=True))


def close(cast: Cast, *people: Person) -> None:
    for person in people:
        set_active(by=SET_UP, at=NOW, person=person, active=False)


def decide(cast: Cast, chain: EscalationChain | None = CHAIN, *, at: Any = NOW, **changes: Any) -> ChainDecision:
    details: dict[str, Any] = {"by": cast.administrator, "service": None, "role": None, "reason": "Our rota"} | changes
    return set_chain(at=at, provider=cast.provider, chain=chain, **details)


class TestTheChainThatHolds:
    @pytest.mark.parametrize(
        ("hours", "names"),
        [
            (5, ["Dale Marlow"]),
            (7, ["Dale Marlow", "Sorrel Beck"]),
            (11, ["Dale Marlow", "Quill Harker", "Sorrel Beck"]),
            (99, ["Dale Marlow", "Drew Castell", "Quill Harker", "Sorrel Beck"]),
        ],
    )
    def test_is_the_one_the_worker_uses(self, cast: Cast, hours: int, names: list[str]) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        decide(cast, service=cast.riverside)
        escalate(by=TESTER, at=NOW + hours * HOUR, obligation_id=one.pk)
        assert told() == names

    def test_of_a_service_is_not_anothers(self, cast: Cast) -> None:
        decide(cast, service=cast.harbour)
        one = an_obligation(team=cast.north, at=NOW)
        escalate(by=TESTER, at=NOW + 9 * HOUR, obligation_id=one.pk)
        assert told() == ["Dale Marlow", "Lark Penrose"]

    def test_for_one_roles_work_is_only_for_that(self, cast: Cast) -> None:
        decide(cast, role=Role.SUPERVISOR)
        for role in (Role.SUPERVISOR, Role.DUTY_MANAGER):
            escalate(by=TESTER, at=NOW + 9 * HOUR, obligation_id=an_obligation(team=cast.north, at=NOW, role=role).pk)
        messages = OutboxMessage.objects.values_list("to__name", flat=True)
        assert sorted(messages) == ["Dale Marlow", "Lark Penrose", "Sorrel Beck", "Sorrel Beck"]

    def test_going_back_brings_back_the_wider_one(self, cast: Cast) -> None:
        decide(cast, service=cast.riverside)
        decide(cast, None, service=cast.riverside, at=NOW + HOUR)
        escalate(by=TESTER, at=NOW + 9 * HOUR, obligation_id=an_obligation(team=cast.north, at=NOW).pk)
        assert told() == ["Dale Marlow", "Lark Penrose"]

    def test_what_is_late_already_goes_on_by_the_new_one(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        escalate(by=TESTER, at=LATE, obligation_id=one.pk)
        decide(cast, service=cast.riverside, at=LATE)
        assert Obligation.objects.get(pk=one.pk).next_escalation_at == one.due_at + 2 * HOUR
        assert sweeps.escalate_due(one.due_at + 2 * HOUR) == 1
        assert told() == ["Dale Marlow", "Sorrel Beck"]

    def test_one_that_had_reached_its_end_wakes_when_a_level_is_added(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        escalate(by=TESTER, at=NOW + 60 * HOUR, obligation_id=one.pk)
        assert Obligation.objects.get(pk=one.pk).next_escalation_at is None
        decide(cast, at=NOW + 61 * HOUR)
        sweeps.escalate_due(NOW + 61 * HOUR)
        assert list(one.escalations.order_by("level").values_list("level", flat=True)) == [1, 2, 3, 4]

    def test_what_is_not_late_and_another_service_are_left_alone(self, cast: Cast) -> None:
        later = an_obligation(team=cast.north, at=NOW, timescale=calendar_days(9))
        elsewhere = an_obligation(team=cast.east, at=NOW - 9 * HOUR)
        before = set(Obligation.objects.values_list("pk", "next_escalation_at"))
        decide(cast, service=cast.riverside, at=LATE)
        assert set(Obligation.objects.values_list("pk", "next_escalation_at")) == before
        assert {later.pk, elsewhere.pk} == {pk for pk, _ in before}

    @pytest.mark.parametrize("steps", ["rubbish", [{"level": 1, "to_roles": ["king"], "after": None}]])
    def test_one_that_cannot_be_read_stops_nothing(self, cast: Cast, steps: Any) -> None:
        made = decide(cast)
        ChainDecision.objects.bulk_create(
            [ChainDecision(provider=cast.provider, steps=steps, reason="x", decided_at=NOW + HOUR, decided_by_name="x")]
        )
        assert made.pk
        escalate(by=TESTER, at=NOW + 9 * HOUR, obligation_id=an_obligation(team=cast.north, at=NOW).pk)
        assert told() == ["Dale Marlow", "Lark Penrose"]


class TestDeciding:
    def test_is_on_the_trail_with_what_was_set(self, cast: Cast) -> None:
        made = decide(cast, service=cast.riverside, role=Role.REVIEWER)
        entry = TrailEntry.objects.get(operation="deadlines.set_chain")
        assert entry.by_name == "Alder Finch"
        assert entry.sentence == (
            "set who is told when work is late in Riverside community service for work of the reviewer"
        )
        assert entry.facts["steps"] == made.steps == CHAIN.as_data()

    def test_stands_beside_the_earlier_and_is_never_changed(self, cast: Cast) -> None:
        first = decide(cast)
        decide(cast, at=NOW + HOUR)
        assert ChainDecision.objects.count() == 2
        with pytest.raises(DatabaseError), transaction.atomic():
            ChainDecision.objects.filter(pk=first.pk).update(reason="other")
        with pytest.raises(DatabaseError), transaction.atomic():
            first.delete()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": " "}, "reason"),
            ({"reason": "x" * 301}, "reason"),
            ({"chain": make_chain([(0, [OWNER]), (73, ["director"])])}, "hours_2"),
            ({"chain": make_chain([(0, [OWNER]), (9, ["duty_manager"])])}, ""),
        ],
    )
    def test_outside_the_bounds_is_refused_and_nothing_is_written(
        self, cast: Cast, changes: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            decide(cast, **changes)
        assert set(refused.value.problems) == {field}
        assert not ChainDecision.objects.exists()

    def test_a_service_of_another_provider_is_refused(self, cast: Cast) -> None:
        from saferpractice.access.operations import create_service

        theirs = create_service(by=SET_UP, at=NOW, provider=cast.stranger.provider, name="Theirs")
        with pytest.raises(Invalid, match="of this provider"):
            decide(cast, service=theirs)

    @pytest.mark.parametrize("name", ["lead", "director", "quality_lead", "duty_manager", "stranger", "commissioner"])
    def test_only_an_administrator(self, cast: Cast, name: str) -> None:
        with pytest.raises(Refused):
            decide(cast, by=cast.people()[name])


class TestWhereNobodyHoldsARole:
    @pytest.mark.parametrize(
        ("left", "names"),
        [
            ((), ["Dale Marlow"]),
            (("duty_manager",), ["Lark Penrose"]),
            (("duty_manager", "lead"), ["Drew Castell"]),
            (("lead",), ["Dale Marlow"]),
            (("duty_manager", "lead", "director"), ["Alder Finch"]),
        ],
    )
    def test_the_next_in_the_chain_is_told_at_once(self, cast: Cast, left: tuple[str, ...], names: list[str]) -> None:
        one = an_obligation(team=cast.north, at=NOW)
        close(cast, *(cast.people()[name] for name in left))
        escalate(by=TESTER, at=LATE, obligation_id=one.pk)
        assert told() == names

    def test_an_owner_who_left_does_not_take_the_work_with_them(self, cast: Cast) -> None:
        decide(cast)
        one = an_obligation(team=cast.north, at=NOW, owner=cast.worker)
        close(cast, cast.worker)
        escalate(by=TESTER, at=LATE, obligation_id=one.pk)
        assert told() == ["Sorrel Beck"]
        assert TrailEntry.objects.order_by("-sequence")[0].sentence.endswith("nobody there is its owner")

    def test_a_reminder_of_an_owner_who_left_goes_to_the_next_too(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, owner=cast.worker, timescale=calendar_days(9))
        close(cast, cast.worker)
        escalate(by=TESTER, at=one.due_at - HOUR, obligation_id=one.pk)
        assert told() == ["Lark Penrose"]

    def test_administrators_hear_of_a_gap_and_nothing_of_the_matter(self, cast: Cast) -> None:
        one = an_obligation(team=cast.north, at=NOW, title="Triage incident 2026-00001")
        close(cast, cast.duty_manager, cast.lead, cast.director)
        escalate(by=TESTER, at=LATE, obligation_id=one.pk)
        message = OutboxMessage.objects.get()
        assert message.to == cast.administrator
        assert "2026-00001" not in message.subject + message.body
        assert "Nobody who can sign in is duty manager" in message.body

    def test_a_role_held_over_another_team_is_not_held_here(self, cast: Cast) -> None:
        decide(cast, make_chain([(0, ["supervisor"]), (2, ["director"])]))
        escalate(by=TESTER, at=LATE, obligation_id=an_obligation(team=cast.south, at=NOW).pk)
        assert told() == ["Drew Castell"], "Sorrel Beck supervises North team only"

    def test_nobody_is_told_twice_of_one_level(self, cast: Cast) -> None:
        assign_role(by=SET_UP, at=NOW, person=cast.lead, role=Role.DUTY_MANAGER, place=cast.north.place)
        close(cast, cast.duty_manager)
        decide(cast, make_chain([(0, ["duty_manager", "safeguarding_lead"]), (2, ["director"])]))
        escalate(by=TESTER, at=LATE, obligation_id=an_obligation(team=cast.north, at=NOW).pk)
        assert told() == ["Lark Penrose"]

    @pytest.mark.requirement("R6")
    @pytest.mark.parametrize(
        ("left", "names", "role"),
        [
            ((), ["Dale Marlow"], Role.DUTY_MANAGER),
            (("duty_manager",), ["Lark Penrose"], Role.SAFEGUARDING_LEAD),
            (("duty_manager", "lead"), ["Drew Castell"], Role.DIRECTOR),
            (("duty_manager", "lead", "director"), ["Alder Finch"], Role.DUTY_MANAGER),
        ],
    )
    def test_somebody_still_at_risk_always_reaches_somebody(
        self, cast: Cast, left: tuple[str, ...], names: list[str], role: Role
    ) -> None:
        close(cast, *(cast.people()[name] for name in left))
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.YES)
        assert told() == names
        assert Obligation.objects.get(story_id=incident.pk).role == role

    def test_the_gaps_are_found_for_each_service(self, cast: Cast) -> None:
        assert gaps_of(cast.provider, NOW) == []
        close(cast, cast.duty_manager_elsewhere)
        gap = gaps_of(cast.provider, NOW)
        assert [(one.service, one.role, one.teams) for one in gap] == [(cast.harbour, Role.DUTY_MANAGER, (cast.east,))]
        decide(cast, service=cast.riverside)
        found = {
            (one.service.name, one.role, tuple(team.name for team in one.teams)) for one in gaps_of(cast.provider, NOW)
        }
        assert (cast.riverside.name, Role.SUPERVISOR, ("South team",)) in found
        assert len(found) == 2


@pytest.mark.requirement("R34")
class TestWhoMustNotHear:
    def test_nobody_kept_from_an_incident_is_told_of_its_late_work(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.director, because=KeptFromReason.ALLEGED_SOURCE)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.RELATIVE)
        one = Obligation.objects.get(story_id=incident.pk)
        escalate(by=TESTER, at=one.due_at + 99 * HOUR, obligation_id=one.pk)
        assert set(told()) == {"Lark Penrose"}

    def test_an_owner_kept_from_it_is_not_told_either(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        one = an_obligation(team=cast.north, at=NOW, owner=cast.colleague, story_id=incident.pk)
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, because=KeptFromReason.OTHER)
        escalate(by=TESTER, at=LATE, obligation_id=one.pk)
        assert told() == ["Dale Marlow", "Lark Penrose"]

    @pytest.mark.parametrize("role", [Role.DUTY_MANAGER, Role.SUPERVISOR, Role.QUALITY_LEAD, Role.REVIEWER])
    def test_what_is_restricted_is_told_to_the_lead_in_place_of_any_other_role(self, cast: Cast, role: Role) -> None:
        decide(cast)
        one = an_obligation(team=cast.north, at=NOW, role=role, restricted=True)
        escalate(by=TESTER, at=NOW + 11 * HOUR, obligation_id=one.pk)
        assert set(told()) == {"Lark Penrose"}
        escalate(by=TESTER, at=NOW + 99 * HOUR, obligation_id=one.pk)
        assert set(told()) == {"Lark Penrose", "Drew Castell"}


def test_a_chain_for_the_whole_provider_reaches_work_without_a_team(cast: Cast) -> None:
    decide(cast, make_chain([(0, ["quality_lead"]), (2, ["director"])]))
    one = an_obligation(team=cast.north, at=NOW, role=Role.QUALITY_LEAD)
    Obligation.objects.filter(pk=one.pk).update(team=None)
    escalate(by=TESTER, at=LATE, obligation_id=one.pk)
    assert told() == ["Quill Harker"]
    assert Person.objects.holding(Role.QUALITY_LEAD, Place(cast.provider.pk), NOW).get() == cast.quality_lead
