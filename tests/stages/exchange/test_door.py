"""The door of integrations: which checklist somebody gets, in which team, by which key, and what is kept."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core import signing

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, create_person, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.exchange.integrating import (
    keep_refusal,
    keep_use,
    link_secret,
    open_link,
    read_ticket,
    signed_link,
    ticket_for,
)
from saferpractice.exchange.models import IntegrationUse, LinkOpened
from saferpractice.exchange.operations import renew_keys, revoke_integration, write_through
from saferpractice.exchange.operations.integrations import NewKeys, context_of, hash_of
from saferpractice.exchange.queries.integrations import (
    asks_too_often,
    checklist_for,
    integration_by_token,
    integration_in_force,
    integration_of,
    integrations_of,
    key_in_force,
    newest_uses,
    staff_of,
    teams_for,
)
from saferpractice.exchange.rules.links import CALLS_A_MINUTE, LINK_LIVES, TICKET_LIVES, Link, problem_with
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.pathways.operations import close_case
from saferpractice.pathways.queries import in_use
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.integrations import an_integration, signed
from tests.factories.pathways import a_case, a_record, hours, used
from tests.personas import LONG_AGO, NOW, PASSWORD, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]
AT = hours(10)
TWO = ["infection-risk", "refusal-of-care"]


@pytest.fixture
def keys(cast: Cast) -> NewKeys:
    used(cast)
    return an_integration(cast)


def through(keys: NewKeys, by: Person, team: Any, **changes: Any) -> PathwayRecord:
    given: dict[str, Any] = {
        "by": by, "at": AT, "integration": keys.integration, "team": team, "version": used_in(keys),
        "person_reference": "P-1", "happened_at": AT, "values": {"present": TWO}, "key": "one",
    }  # fmt: skip
    return write_through(**given | changes)


def used_in(keys: NewKeys) -> Any:
    return in_use(keys.integration.provider_id, AT)[0]


class TestWhoActs:
    @pytest.mark.parametrize("typed", ["worker@example.org", "WORKER@Example.ORG", "  worker@example.org "])
    def test_by_address_whatever_its_capitals(self, cast: Cast, keys: NewKeys, typed: str) -> None:
        assert staff_of(keys.integration, typed, AT) == cast.worker

    @pytest.mark.parametrize(
        ("who", "teams"),
        [
            ("worker", ["North team"]),
            ("duty_manager", ["North team", "South team"]),
            ("lead", ["North team", "South team"]),
            ("supervisor", ["North team"]),
            ("worker_elsewhere", []),
            ("duty_manager_elsewhere", []),
            ("administrator", []),
            ("commissioner", []),
            ("stranger", []),
        ],
    )
    def test_in_which_teams(self, cast: Cast, keys: NewKeys, who: str, teams: list[str]) -> None:
        person = cast.people()[who]
        assert [team.name for team in teams_for(keys.integration, person, AT)] == teams
        assert bool(staff_of(keys.integration, person.email, AT)) is bool(teams)

    def test_from_when_until_when(self, cast: Cast, keys: NewKeys) -> None:
        person = create_person(
            by=SET_UP, at=LONG_AGO, provider=cast.provider, name="New Starter", email="new@example.org",
            password=PASSWORD,
        )  # fmt: skip
        held = assign_role(by=SET_UP, at=AT, person=person, role=Role.SUPPORT_WORKER, place=cast.north.place)
        moment = timedelta(seconds=1)
        assert staff_of(keys.integration, "new@example.org", AT - moment) is None
        assert staff_of(keys.integration, "new@example.org", AT) is not None
        end_role(by=SET_UP, at=AT + timedelta(hours=1), assignment=held)
        assert staff_of(keys.integration, "new@example.org", AT + timedelta(hours=1)) is None

    def test_a_role_elsewhere_gives_nothing_here(self, cast: Cast, keys: NewKeys) -> None:
        assign_role(
            by=SET_UP, at=LONG_AGO, person=cast.worker_elsewhere, role=Role.ADMINISTRATOR, place=Place(cast.provider.pk)
        )
        person = Person.objects.get(pk=cast.worker_elsewhere.pk)
        assert staff_of(keys.integration, person.email, AT) is None


class TestWhichChecklist:
    def test_the_version_in_use_where_no_case_is_open(self, cast: Cast, keys: NewKeys) -> None:
        found = checklist_for(keys.integration, cast.worker, " p-1 ", "self-neglect", AT)
        assert found is not None
        assert (found.reference, found.case, found.team) == ("P-1", None, cast.north)

    def test_the_open_case_and_its_team(self, cast: Cast, keys: NewKeys) -> None:
        case = a_case(cast, by=cast.duty_manager, team=cast.south, person="P-1")
        found = checklist_for(keys.integration, cast.duty_manager, "P-1", "self-neglect", AT)
        assert found is not None
        assert (found.case, found.team) == (case, cast.south)

    def test_a_case_in_a_service_of_another_integration_is_not_in_view(self, cast: Cast, keys: NewKeys) -> None:
        a_case(cast, by=cast.lead, team=cast.east, person="P-1")
        found = checklist_for(keys.integration, cast.lead, "P-1", "self-neglect", AT)
        assert found is not None
        assert found.case is None
        both = an_integration(cast, name="Both", services=[cast.riverside, cast.harbour])
        wider = checklist_for(both.integration, cast.lead, "P-1", "self-neglect", AT)
        assert wider is not None
        assert wider.case is not None

    @pytest.mark.parametrize("pathway", ["lost-contact", "", "SELF-NEGLECT", "self-neglect "])
    def test_no_other_pathway(self, cast: Cast, keys: NewKeys, pathway: str) -> None:
        assert checklist_for(keys.integration, cast.worker, "P-1", pathway, AT) is None

    def test_only_teams_in_which_they_make_such_records(self, cast: Cast, keys: NewKeys) -> None:
        assign_role(by=SET_UP, at=LONG_AGO, person=cast.worker, role=Role.REVIEWER, place=cast.south.place)
        person = Person.objects.get(pk=cast.worker.pk)
        found = checklist_for(keys.integration, person, "P-1", "self-neglect", AT)
        assert found is not None
        assert [team.name for team in found.teams] == ["North team"]


class TestKeys:
    def test_the_newest_holds_alone(self, cast: Cast, keys: NewKeys) -> None:
        assert integration_by_token(hash_of(keys.token)) == keys.integration
        new = renew_keys(by=cast.administrator, at=AT, integration=keys.integration)
        assert integration_by_token(hash_of(keys.token)) is None
        assert integration_by_token(hash_of(new.token)) == keys.integration
        assert link_secret(keys.integration) == new.link_secret

    def test_no_two_are_alike(self, cast: Cast, keys: NewKeys) -> None:
        others = [renew_keys(by=cast.administrator, at=AT, integration=keys.integration) for _ in range(3)]
        assert len({one.token for one in (keys, *others)}) == 4
        assert len({one.link_secret for one in (keys, *others)}) == 4

    def test_a_secret_moved_to_another_integration_is_unreadable(self, cast: Cast, keys: NewKeys) -> None:
        other = an_integration(cast, name="Another")
        assert context_of(other.integration) != context_of(keys.integration)
        assert key_in_force(other.integration).link_secret_encrypted != other.link_secret

    def test_revoked_is_out_of_force_everywhere(self, cast: Cast, keys: NewKeys) -> None:
        revoke_integration(by=cast.administrator, at=AT, integration=keys.integration, reason="Ended")
        assert integration_in_force(keys.integration.pk) is None
        assert integration_by_token(hash_of(keys.token)) is None
        assert open_link(keys.integration.pk, signed(keys, AT), AT) is None


class TestLinksMadeHere:
    def test_they_hold_as_those_signed_elsewhere_do(self, cast: Cast, keys: NewKeys) -> None:
        parts = signed_link(keys.integration, person="P-1", staff=cast.worker.email, pathway="self-neglect", at=AT)
        link = Link(
            integration=str(keys.integration.pk), person="P-1", staff=cast.worker.email, pathway="self-neglect",
            expires=int(parts["expires"]), nonce=parts["nonce"],
        )  # fmt: skip
        assert problem_with(link, parts["signature"], keys.link_secret, AT) is None
        assert problem_with(link, parts["signature"], keys.link_secret, AT + LINK_LIVES) == "expired"
        assert "\n" not in urlencode(parts)

    def test_each_is_another(self, cast: Cast, keys: NewKeys) -> None:
        made = [signed_link(keys.integration, person="P-1", staff="x", pathway="p", at=AT) for _ in range(3)]
        assert len({one["nonce"] for one in made}) == len({one["signature"] for one in made}) == 3


class TestTickets:
    def test_it_says_one_thing(self, cast: Cast, keys: NewKeys) -> None:
        opened = open_link(keys.integration.pk, signed(keys, AT), AT)
        assert opened is not None
        back = read_ticket(ticket_for(opened, AT), AT)
        assert back is not None
        again, key = back
        assert (again.staff, again.reference, again.version) == (opened.staff, opened.reference, opened.version)
        assert len(key) == 32

    def test_two_tickets_save_two_records(self, cast: Cast, keys: NewKeys) -> None:
        opened = open_link(keys.integration.pk, signed(keys, AT), AT)
        assert opened is not None
        one, other = (read_ticket(ticket_for(opened, AT), AT) for _ in range(2))
        assert one and other
        assert one[1] != other[1]

    def test_a_ticket_of_another_installation_is_forged(self, cast: Cast, keys: NewKeys, settings: Any) -> None:
        opened = open_link(keys.integration.pk, signed(keys, AT), AT)
        assert opened is not None
        ticket = ticket_for(opened, AT)
        settings.SECRET_KEY = "another secret of another installation"
        assert read_ticket(ticket, AT) is None

    @pytest.mark.parametrize("salt", ["", "django.core.signing", "saferpractice.exchange.link"])
    def test_something_else_we_signed_is_no_ticket(self, cast: Cast, keys: NewKeys, salt: str) -> None:
        said = {
            "integration": str(keys.integration.pk), "keys": str(key_in_force(keys.integration).pk),
            "staff": str(cast.worker.pk), "person": "P-1", "pathway": "self-neglect",
            "until": int((AT + TICKET_LIVES).astimezone(UTC).timestamp()), "key": "k",
        }  # fmt: skip
        assert read_ticket(signing.dumps(said, salt=salt), AT) is None

    def test_the_case_closed_meanwhile_a_new_one_can_be_begun(self, cast: Cast, keys: NewKeys) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=[])
        opened = open_link(keys.integration.pk, signed(keys, AT), AT)
        assert opened is not None
        assert opened.case == case
        ticket = ticket_for(opened, AT)
        close_case(by=cast.duty_manager, at=AT, case=case, reason="Well.")
        back = read_ticket(ticket, AT)
        assert back is not None
        assert back[0].case is None


class TestWriting:
    def test_by_name_with_the_system_on_the_trail(self, cast: Cast, keys: NewKeys) -> None:
        record = through(keys, cast.worker, cast.north)
        assert record.decided_by_name == "Wren Ashdown"
        told = list(
            TrailEntry.objects.filter(story_id=record.case_id).order_by("sequence").values_list("operation", flat=True)
        )
        assert told[0] == "exchange.write_through"
        assert set(told[1:]) == {"pathways.begin_case", "pathways.open_case", "pathways.write_record"}

    def test_again_it_is_on_the_trail_once(self, cast: Cast, keys: NewKeys) -> None:
        assert through(keys, cast.worker, cast.north) == through(keys, cast.worker, cast.north)
        assert TrailEntry.objects.filter(operation="exchange.write_through").count() == 1

    @pytest.mark.parametrize("key", ["", "k" * 41])
    def test_a_key_that_cannot_be(self, cast: Cast, keys: NewKeys, key: str) -> None:
        with pytest.raises(Invalid, match="key of its own"):
            through(keys, cast.worker, cast.north, key=key)

    @pytest.mark.parametrize("who", ["worker_elsewhere", "administrator", "stranger", "commissioner", "reviewer"])
    def test_nobody_writes_more_than_by_hand(self, cast: Cast, keys: NewKeys, who: str) -> None:
        with pytest.raises(Refused):
            through(keys, cast.people()[who], cast.north)
        assert not PathwayCase.objects.exists()

    def test_a_failed_one_leaves_nothing(self, cast: Cast, keys: NewKeys) -> None:
        before = TrailEntry.objects.count()
        with pytest.raises(Invalid):
            through(keys, cast.worker, cast.north, values={"present": ["nothing-such"]})
        assert not PathwayCase.objects.exists()
        assert TrailEntry.objects.count() == before


class TestWhatIsKept:
    def test_the_newest_first_and_not_without_end(self, cast: Cast, keys: NewKeys) -> None:
        for minute in range(60):
            keep_use(keys.integration, AT + timedelta(minutes=minute), "call", f"done: {minute}", cast.worker)
        shown = [use.outcome for use in newest_uses(keys.integration)]
        assert (len(shown), shown[0], shown[-1]) == (50, "done: 59", "done: 10")

    @pytest.mark.parametrize(("made", "often"), [(CALLS_A_MINUTE - 1, False), (CALLS_A_MINUTE, True)])
    def test_what_is_too_often(self, keys: NewKeys, made: int, often: bool) -> None:
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=keys.integration, at=AT, way="call", outcome="x") for _ in range(made)
        )
        assert asks_too_often(keys.integration, AT + timedelta(seconds=59)) is often
        assert asks_too_often(keys.integration, AT + timedelta(seconds=60)) is False

    def test_one_integration_s_haste_is_not_another_s(self, cast: Cast, keys: NewKeys) -> None:
        other = an_integration(cast, name="Another")
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=other.integration, at=AT, way="call", outcome="x") for _ in range(CALLS_A_MINUTE)
        )
        assert not asks_too_often(keys.integration, AT)

    def test_a_refusal_of_nobody_is_in_the_log_only(self) -> None:
        keep_refusal(None, AT, "link", "no such integration")
        assert not IntegrationUse.objects.exists()

    def test_a_link_is_marked_with_when_it_was_opened(self, keys: NewKeys) -> None:
        parameters = signed(keys, AT)
        assert open_link(keys.integration.pk, parameters, AT) is not None
        opened = LinkOpened.objects.get()
        assert (opened.nonce, opened.opened_at) == (parameters["nonce"], AT)

    def test_two_integrations_may_use_one_nonce(self, cast: Cast, keys: NewKeys) -> None:
        other = an_integration(cast, name="Another")
        nonce = "0123456789abcdef"
        for one in (keys, other):
            assert open_link(one.integration.pk, signed(one, AT, nonce=nonce), AT) is not None


class TestWhoAdministers:
    def test_each_provider_sees_its_own(self, cast: Cast, keys: NewKeys) -> None:
        assert list(integrations_of(cast.administrator, AT)) == [keys.integration]
        assert integration_of(cast.administrator, AT, keys.integration.pk) == keys.integration
        for name, person in cast.people().items():
            if name != "administrator":
                assert not integrations_of(person, AT).exists(), name

    def test_who_has_left_administers_nothing(self, cast: Cast, keys: NewKeys) -> None:
        set_active(by=SET_UP, at=NOW, person=cast.administrator, active=False)
        assert not integrations_of(Person.objects.get(pk=cast.administrator.pk), AT).exists()
