"""Setting up a care record system: by an administrator, keys shown once, revoked for good."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.exchange.integrating import keep_use, link_secret
from saferpractice.exchange.models import Integration, IntegrationEnd, IntegrationKey, LinkOpened
from saferpractice.exchange.operations import renew_keys, revoke_integration, set_up_integration
from saferpractice.exchange.operations.integrations import hash_of
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.integrations import ORIGIN, an_integration
from tests.factories.pathways import hours
from tests.factories.web import signed_in, words
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]
AT = hours(10)


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(AT)


def send(person: Person, name: str, /, *args: Any, **data: Any) -> HttpResponse:
    return signed_in(person).post(reverse(f"integrations:{name}", args=args), data)


class TestSettingUp:
    def test_keys_are_shown_once_and_kept_unreadable(self, cast: Cast) -> None:
        page = send(
            cast.administrator, "new", name="Example Records", origins=ORIGIN, services=[str(cast.riverside.pk)]
        )
        shown = words(page)
        token = re.search(r"sp_[\w-]{40,}", shown)
        assert token
        integration, key = Integration.objects.get(), IntegrationKey.objects.get()
        assert key.token_hash == hash_of(token[0])
        assert link_secret(integration) in shown
        later = words(signed_in(cast.administrator).get(reverse("integrations:one", args=[integration.pk])))
        assert token[0] not in later
        assert link_secret(integration) not in later
        assert page["Cache-Control"] == "no-store"

    def test_the_trail_holds_no_secret(self, cast: Cast) -> None:
        keys = an_integration(cast)
        entry = TrailEntry.objects.get(operation="exchange.set_up_integration")
        assert entry.facts == {"origins": [ORIGIN], "services": [cast.riverside.name]}
        assert keys.token not in str(list(TrailEntry.objects.values()))

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": "  "}, "name"),
            ({"origins": "http://records.example.org"}, "origins"),
            ({"origins": "https://*.example.org"}, "origins"),
            ({"services": []}, "services"),
        ],
    )
    def test_what_cannot_be(self, cast: Cast, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as said:
            an_integration(cast, **changes)
        assert set(said.value.problems) == {field}
        assert not Integration.objects.exists()

    def test_another_provider_s_service(self, cast: Cast) -> None:
        theirs = cast.stranger.provider.services.create(name="Their service")
        with pytest.raises(Invalid):
            an_integration(cast, services=[cast.riverside, theirs])

    @pytest.mark.parametrize("who", ["worker", "lead", "quality_lead", "director", "stranger"])
    def test_only_an_administrator(self, cast: Cast, who: str) -> None:
        person = cast.people()[who]
        keys = an_integration(cast)
        with pytest.raises(Refused):
            set_up_integration(
                by=person, at=AT, provider=cast.provider, name="x", origins="", services=[cast.riverside]
            )
        with pytest.raises(Refused):
            renew_keys(by=person, at=AT, integration=keys.integration)
        with pytest.raises(Refused):
            revoke_integration(by=person, at=AT, integration=keys.integration, reason="x")
        for name, args in (("all", []), ("new", []), ("one", [keys.integration.pk])):
            assert signed_in(person).get(reverse(f"integrations:{name}", args=args)).status_code == 404

    def test_bad_input_is_said_beside_its_field_and_kept(self, cast: Cast) -> None:
        shown = words(
            send(cast.administrator, "new", name="Mine", origins="records.example.org", services=[cast.riverside.pk])
        )
        assert "is not an origin. Write scheme and host only" in shown
        assert "records.example.org</textarea>" in shown


class TestAfterwards:
    def test_the_list_says_when_it_was_last_used(self, cast: Cast) -> None:
        keys = an_integration(cast)
        address = reverse("integrations:all")
        assert "Never" in words(signed_in(cast.administrator).get(address))
        keep_use(keys.integration, hours(3), "link", "refused: forged")
        assert "Never" in words(signed_in(cast.administrator).get(address)), "a refusal is no use"
        keep_use(keys.integration, hours(4), "link", "done: opened", cast.worker)
        assert "6:05am" in words(signed_in(cast.administrator).get(address))

    def test_its_page_tells_what_it_asked_for_and_names_nobody_supported(self, cast: Cast) -> None:
        keys = an_integration(cast)
        keep_use(keys.integration, hours(3), "link", "refused: forged")
        shown = words(signed_in(cast.administrator).get(reverse("integrations:one", args=[keys.integration.pk])))
        assert "Refused: forged" in shown
        assert ORIGIN in shown
        assert str(keys.integration.pk) in shown

    def test_renewed_keys_replace_those_before(self, cast: Cast) -> None:
        keys = an_integration(cast)
        shown = words(send(cast.administrator, "renew_keys", keys.integration.pk))
        assert "sp_" in shown
        assert link_secret(keys.integration) != keys.link_secret

    def test_revoked_for_good(self, cast: Cast) -> None:
        keys = an_integration(cast)
        assert "Enter why it is revoked" in words(send(cast.administrator, "revoke", keys.integration.pk, reason=""))
        send(cast.administrator, "revoke", keys.integration.pk, reason="Contract ended")
        send(cast.administrator, "revoke", keys.integration.pk, reason="Again")
        assert IntegrationEnd.objects.get().reason == "Contract ended"
        assert send(cast.administrator, "renew_keys", keys.integration.pk).status_code == 404
        with pytest.raises(Invalid, match="is revoked"):
            renew_keys(by=cast.administrator, at=AT, integration=keys.integration)
        shown = words(signed_in(cast.administrator).get(reverse("integrations:one", args=[keys.integration.pk])))
        assert "Contract ended" in shown
        assert "Renew the keys" not in shown

    @pytest.mark.parametrize(
        "table",
        ["integration", "integration_services", "integrationkey", "integrationend", "integrationuse", "linkopened"],
    )
    def test_nothing_of_it_can_be_altered(self, cast: Cast, table: str) -> None:
        keys = an_integration(cast)
        keep_use(keys.integration, AT, "link", "done: opened")
        revoke_integration(by=cast.administrator, at=AT, integration=keys.integration, reason="Ended")
        LinkOpened.objects.create(integration=keys.integration, nonce="n", opened_at=AT)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM exchange_{table}")
