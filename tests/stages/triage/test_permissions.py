"""Who may do what at triage: every person of the cast, in every state an incident can be in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Role
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, keep_from, name_person, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import Process
from saferpractice.triage.permissions import (
    check_can_decide_threshold,
    check_can_decide_tier,
    check_can_hand_over,
    check_can_propose_tier_again,
    check_can_refer,
    check_can_tell,
    check_can_triage,
)
from tests.factories.incidents import an_incident
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R6")

DECIDES = {"duty_manager", "lead", "director"}
TELLS = DECIDES | {"quality_lead"}
OPENS = TELLS | {"supervisor"}
CHECKS: dict[Callable[..., None], set[str]] = {
    check_can_triage: DECIDES,
    check_can_decide_threshold: DECIDES,
    check_can_decide_tier: DECIDES,
    check_can_hand_over: DECIDES,
    check_can_tell: TELLS,
    check_can_refer: TELLS,
    check_can_propose_tier_again: OPENS,
}
CASES = [pytest.param(check, may, id=check.__name__) for check, may in CHECKS.items()]


def allowed(check: Callable[..., None], cast: Cast, incident: Incident, **given: Any) -> set[str]:
    """The names of those whom ``check`` lets pass."""
    passed = set()
    for name, person in cast.people().items():
        try:
            check(by=person, at=given.get("at", NOW), incident=incident)
        except Refused:
            continue
        passed.add(name)
    return passed


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


@pytest.mark.parametrize(("check", "may"), CASES)
class TestEveryone:
    def test_an_incident_of_their_place(
        self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident
    ) -> None:
        assert allowed(check, cast, incident) == may

    def test_an_incident_of_another_service(self, check: Callable[..., None], may: set[str], cast: Cast) -> None:
        elsewhere = an_incident(by=cast.worker_elsewhere, team=cast.east)
        there = (may - {"duty_manager", "supervisor"}) | {"duty_manager_elsewhere"}
        assert allowed(check, cast, elsewhere) == there

    def test_a_restricted_incident_only_those_named(
        self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident
    ) -> None:
        decide_restriction(
            by=cast.lead, at=NOW, incident=incident, restricted=True, reason="An allegation against a colleague"
        )
        assert allowed(check, cast, incident) == {"lead"}
        name_person(by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, reason="Decides tonight")
        name_person(by=cast.lead, at=NOW, incident=incident, person=cast.colleague, reason="Was there")
        named = {"lead", "duty_manager", "colleague"}
        assert allowed(check, cast, incident) == named & (named if check is check_can_propose_tier_again else DECIDES)

    def test_nobody_who_must_not_read_it(
        self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident
    ) -> None:
        keep_from(
            by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.ALLEGED_SOURCE
        )
        assert allowed(check, cast, incident) == may - {"duty_manager"}

    def test_nobody_once_it_is_withdrawn(
        self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident
    ) -> None:
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="Reported twice by mistake")
        assert allowed(check, cast, incident) == set()

    def test_nobody_who_has_left(
        self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident
    ) -> None:
        set_active(by=cast.administrator, at=NOW, person=cast.duty_manager, active=False)
        cast.duty_manager.refresh_from_db()
        assert allowed(check, cast, incident) == may - {"duty_manager"}

    def test_nobody_whose_role_has_ended(
        self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident
    ) -> None:
        held = cast.duty_manager.role_assignments.get()
        end_role(by=cast.administrator, at=NOW, assignment=held)
        fresh = Person.objects.get(pk=cast.duty_manager.pk)
        with pytest.raises(Refused):
            check(by=fresh, at=NOW, incident=incident)
        check(by=fresh, at=NOW - timedelta(seconds=1), incident=incident)

    def test_a_named_process(self, check: Callable[..., None], may: set[str], cast: Cast, incident: Incident) -> None:
        check(by=Process("import"), at=NOW, incident=incident)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (
            check_can_triage,
            "Only a duty manager, safeguarding lead or director of this place may triage this incident.",
        ),
        (
            check_can_decide_threshold,
            "Only a duty manager, safeguarding lead or director of this place may decide on the safeguarding "
            "threshold.",
        ),
        (
            check_can_decide_tier,
            "Only a duty manager, safeguarding lead or director of this place may decide the tier.",
        ),
        (
            check_can_hand_over,
            "Only a duty manager, safeguarding lead or director of this place may hand this incident over.",
        ),
        (
            check_can_tell,
            "Only a duty manager, safeguarding lead, quality lead or director of this place may record who outside "
            "was told.",
        ),
        (
            check_can_refer,
            "Only a duty manager, safeguarding lead, quality lead or director of this place may send the referral or "
            "record its answer.",
        ),
    ],
)
def test_the_refusal_says_who_may(check: Callable[..., None], sentence: str, cast: Cast, incident: Incident) -> None:
    with pytest.raises(Refused) as refused:
        check(by=cast.supervisor, at=NOW, incident=incident)
    assert refused.value.sentence == sentence


def test_the_refusal_does_not_say_whether_it_exists(cast: Cast, incident: Incident) -> None:
    with pytest.raises(Refused) as refused:
        check_can_triage(by=cast.stranger, at=NOW, incident=incident)
    assert refused.value.sentence == "There is no such incident among those you may see."


def test_a_role_of_one_team_does_not_reach_the_next(cast: Cast) -> None:
    there = an_incident(by=cast.worker, team=cast.south)
    assign_role(by=SET_UP, at=NOW, person=cast.colleague, role=Role.DUTY_MANAGER, place=cast.north.place)
    with pytest.raises(Refused):
        check_can_triage(by=cast.colleague, at=NOW, incident=there)
