"""A refusal that no page caught is an answer in words, never a fault."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from saferpractice.access.middleware import RefusalMiddleware
from saferpractice.trail.refusals import Refused
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R34")


def test_a_look_is_not_found_and_a_deed_is_told_why() -> None:
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    with pytest.raises(Http404):
        middleware.process_exception(RequestFactory().get("/"), Refused("Only a director may."))
    with pytest.raises(PermissionDenied, match="Only a director may"):
        middleware.process_exception(RequestFactory().post("/"), Refused("Only a director may."))
    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None  # type: ignore[func-returns-value]
    assert middleware(RequestFactory().get("/")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/account/email/", "/account/signup/"])
def test_nobody_gives_themselves_an_address_or_a_sign_in(cast: Cast, address: str) -> None:
    client = Client()
    client.force_login(cast.worker)
    assert client.get(address).status_code == 404
    assert client.post(address, {"email": "other@example.org"}).status_code == 404
    assert Client().get(reverse("account_login")).status_code == 200
