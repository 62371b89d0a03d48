"""What a call of a care record system may not do: refused with a way on, kept with who asked, and nothing written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from saferpractice.access.models import AccessEntry
from saferpractice.access.operations import assign_role, create_person
from saferpractice.access.rules import Place, Role
from saferpractice.exchange.models import IntegrationUse
from saferpractice.exchange.operations import renew_keys, revoke_integration, set_up_integration
from saferpractice.exchange.rules.links import CALLS_A_MINUTE
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.refusals import Refused
from tests.conftest import TestClock
from tests.factories.integrations import an_integration
from tests.factories.pathways import used
from tests.personas import LONG_AGO, PASSWORD, SET_UP, Cast
from tests.stages.exchange.test_api import AT, TWO, Caller, answer, problem

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]


@pytest.fixture
def call(cast: Cast, the_clock: TestClock) -> Caller:
    the_clock.stand_at(AT)
    used(cast)
    return Caller(an_integration(cast))


def kept() -> list[tuple[str, str | None]]:
    return list(IntegrationUse.objects.order_by("at", "pk").values_list("outcome", "by__name"))


class TestWhatIsKept:
    @pytest.mark.parametrize(
        ("changes", "status", "outcome", "by"),
        [
            ({}, 200, "done: checklist", "Wren Ashdown"),
            ({"staff": "stranger@example.org"}, 403, "refused: not staff of these services", None),
            ({"staff": "worker.elsewhere@example.org"}, 403, "refused: not staff of these services", None),
            ({"staff": "reviewer@example.org"}, 404, "refused: no such checklist", "Rowan Thwaite"),
            ({"pathway": "exploitation"}, 404, "refused: no such checklist", "Wren Ashdown"),
            ({"values": {"present": ["nothing-such"]}}, 422, "refused: not written down", "Wren Ashdown"),
            ({"values": {}}, 422, "refused: not written down", "Wren Ashdown"),
            ({"happened_at": "1825-03-04T10:00:00Z"}, 422, "refused: not written down", "Wren Ashdown"),
            ({"key": "k" * 41}, 422, "refused: not written down", "Wren Ashdown"),
            ({"team": "East team", "staff": "duty@example.org"}, 422, "refused: not written down", "Dale Marlow"),
            ({"happened_at": "yesterday"}, 422, "refused: not readable", None),
            ({"person": " "}, 422, "refused: not readable", None),
            ({"key": None}, 422, "refused: not readable", None),
            ({"staff": None}, 422, "refused: not readable", None),
        ],
    )
    def test_who_asked_and_what_they_got_and_never_about_whom(
        self, call: Caller, changes: dict[str, Any], status: int, outcome: str, by: str | None
    ) -> None:
        assert call.write(**changes).status_code == status
        assert kept() == [(outcome, by)]
        assert "P-1042" not in str(list(IntegrationUse.objects.values()))

    def test_an_unknown_token_is_kept_on_nobody_s_page(self, call: Caller) -> None:
        problem(call.write(token="sp_guessed"), 401)
        assert kept() == []

    def test_who_asks_too_often_is_kept_no_more_and_may_ask_again_after_a_minute(
        self, call: Caller, the_clock: TestClock
    ) -> None:
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=call.keys.integration, at=AT, way="call", outcome="refused: x")
            for _ in range(CALLS_A_MINUTE)
        )
        for _ in range(3):
            problem(call.write(), 429)
        assert IntegrationUse.objects.count() == CALLS_A_MINUTE
        assert not PathwayRecord.objects.exists()
        the_clock.stand_at(AT + timedelta(minutes=1))
        answer(call.write())

    @pytest.mark.parametrize(
        "wrong",
        [{"values": {"present": ["nothing-such"]}}, {"values": {}}, {"happened_at": "yesterday"}, {"person": " "}],
        ids=str,
    )
    def test_what_cannot_be_written_counts_like_any_other_call(self, call: Caller, wrong: dict[str, Any]) -> None:
        """Or whoever holds a token could send nonsense without end, and look people up with it."""
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=call.keys.integration, at=AT, way="call", outcome="done: answers")
            for _ in range(CALLS_A_MINUTE - 2)
        )
        assert [call.write(**wrong).status_code for _ in range(4)] == [422, 422, 429, 429]
        assert IntegrationUse.objects.count() == CALLS_A_MINUTE
        looks = AccessEntry.objects.count()
        problem(call.write(**wrong), 429)
        problem(call.ask("answers", person="P-1042", pathway="self-neglect"), 429)
        assert AccessEntry.objects.count() == looks, "who is asked to wait has looked at nobody"

    def test_what_is_no_json_counts_too_and_says_when_to_come_back(self, call: Caller) -> None:
        heads = {"Authorization": f"Bearer {call.keys.token}", "On-Behalf-Of": "worker@example.org"}
        answers = [
            call.client.post("/api/v1/links", "{", content_type="application/json", headers=heads)
            for _ in range(CALLS_A_MINUTE + 1)
        ]
        assert {one.status_code for one in answers[:-1]} == {400}
        assert (answers[-1].status_code, answers[-1]["Retry-After"]) == (429, "60")
        assert kept() == [("refused: not readable", None)] * CALLS_A_MINUTE

    def test_one_that_asks_too_often_does_not_hold_up_another(self, cast: Cast, call: Caller) -> None:
        IntegrationUse.objects.bulk_create(
            IntegrationUse(integration=call.keys.integration, at=AT, way="call", outcome="done: answers")
            for _ in range(CALLS_A_MINUTE)
        )
        problem(call.ask("pathways"), 429)
        answer(Caller(an_integration(cast, name="Another")).ask("pathways"))


class TestInWhoseName:
    @pytest.mark.parametrize("staff", ["WORKER@Example.ORG", " worker@example.org "])
    def test_an_address_is_one_person_however_it_is_typed(self, call: Caller, staff: str) -> None:
        answer(call.write(staff=staff))
        assert PathwayRecord.objects.get().decided_by_name == "Wren Ashdown"

    def test_within_the_integration_s_services_only(self, cast: Cast, call: Caller) -> None:
        harbour = Caller(an_integration(cast, name="Harbour", services=[cast.harbour]))
        problem(harbour.write(), 403)
        problem(call.write(staff="worker.elsewhere@example.org"), 403)
        answer(harbour.write(staff="worker.elsewhere@example.org"))
        assert PathwayCase.objects.get().team == cast.east

    def test_a_colleague_who_sends_the_same_again_writes_no_second_record(self, call: Caller) -> None:
        answer(call.write())
        call.write(staff="colleague@example.org")
        assert PathwayRecord.objects.get().decided_by_name == "Wren Ashdown"

    def test_an_integration_of_another_provider_speaks_for_nobody_here(self, cast: Cast, call: Caller) -> None:
        theirs = Caller(an_integration_elsewhere(cast))
        for response in (theirs.write(), theirs.ask("pathways"), theirs.ask("answers", person="P-1", pathway="x")):
            problem(response, 403)
        assert not PathwayCase.objects.exists()
        assert not AccessEntry.objects.exists()


class TestWhatIsSent:
    @pytest.mark.parametrize(
        "changes",
        [
            {"pathway": "Self-Neglect"},
            {"pathway": ""},
            {"person": "P\n1"},
            {"person": " "},
            {"values": ["present"]},
            {"team": 5},
            {"happened_at": "yesterday"},
            {"happened_at": "1825-03-04T10:00:00Z"},
        ],
        ids=str,
    )
    def test_what_is_wrong_is_named_and_nothing_else(self, call: Caller, changes: dict[str, Any]) -> None:
        said = problem(call.write(**changes), 422)
        assert set(said["errors"]) == set(changes)
        assert not PathwayRecord.objects.exists()

    def test_put_right_and_sent_again_under_its_key_it_is_written(self, call: Caller) -> None:
        problem(call.write(values={"present": ["nothing-such"]}), 422)
        answer(call.write())
        assert PathwayRecord.objects.get().values["present"] == TWO


class TestKeys:
    def test_only_the_newest_of_several_renewals_works(self, cast: Cast, call: Caller) -> None:
        minutes = (timedelta(minutes=number) for number in (1, 2))
        keys = [renew_keys(by=cast.administrator, at=AT + one, integration=call.keys.integration) for one in minutes]
        tokens = [call.keys.token, *(one.token for one in keys)]
        assert [call.ask("pathways", token=token).status_code for token in tokens] == [401, 401, 200]

    def test_revoking_one_leaves_the_other_at_work(self, cast: Cast, call: Caller) -> None:
        another = Caller(an_integration(cast, name="Another"))
        revoke_integration(by=cast.administrator, at=AT, integration=call.keys.integration, reason="Ended")
        problem(call.write(), 401)
        answer(another.write())

    def test_an_administrator_of_another_provider_neither_renews_nor_revokes(self, cast: Cast, call: Caller) -> None:
        theirs = administrator_elsewhere(cast)
        with pytest.raises(Refused):
            renew_keys(by=theirs, at=AT, integration=call.keys.integration)
        with pytest.raises(Refused):
            revoke_integration(by=theirs, at=AT, integration=call.keys.integration, reason="Not ours")
        answer(call.ask("pathways"))


def administrator_elsewhere(cast: Cast) -> Any:
    provider = cast.stranger.provider
    made = create_person(
        by=SET_UP, at=LONG_AGO, provider=provider, name="Ash Rowe", email="ash@example.org", password=PASSWORD
    )
    assign_role(by=SET_UP, at=LONG_AGO, person=made, role=Role.ADMINISTRATOR, place=Place(provider.pk))
    return made


def an_integration_elsewhere(cast: Cast) -> Any:
    provider = cast.stranger.provider
    service = provider.services.create(name="Their service")
    return set_up_integration(
        by=administrator_elsewhere(cast), at=LONG_AGO, provider=provider, name="Theirs", origins="", services=[service]
    )
