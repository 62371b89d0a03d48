"""A refusal that no page caught is an answer in words, never a fault."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from saferpractice.access.middleware import RefusalMiddleware, has_gone
from saferpractice.access.models import Person
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


class NoSuchRow(Exception):
    """As PostgreSQL says that a row refers to one that is not there, or that there is one already."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def refused(sqlstate: str) -> IntegrityError:
    error = IntegrityError("refused")
    error.__cause__ = NoSuchRow(sqlstate)
    return error


class NeverHadOne(Person.DoesNotExist, AttributeError):
    """As a row says that it never had the other beside it."""


@pytest.mark.parametrize(
    "error",
    [Person.DoesNotExist(), refused("23503"), IntegrityError("FOREIGN KEY constraint failed")],
    ids=["read again", "added to, on PostgreSQL", "added to, on SQLite"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_went_meanwhile_is_not_found(method: str, error: Exception) -> None:
    """A record that is disposed of while a page is at work on it."""
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    with pytest.raises(Http404):
        middleware.process_exception(getattr(RequestFactory(), method)("/"), error)


@pytest.mark.parametrize(
    "error",
    [refused("23505"), IntegrityError("UNIQUE constraint failed"), NeverHadOne(), ValueError()],
    ids=["twice, on PostgreSQL", "twice, on SQLite", "never had one", "a fault"],
)
def test_other_faults_stay_faults(error: Exception) -> None:
    assert not has_gone(error)
