"""Care record systems, and what they send."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.exchange.models import Integration
from saferpractice.exchange.operations import set_up_integration
from saferpractice.exchange.operations.integrations import NewKeys
from tests.personas import LONG_AGO, Cast

ORIGIN = "https://records.example.org"


def an_integration(cast: Cast, *, origins: str = ORIGIN, **changes: Any) -> NewKeys:
    """A care record system of Riverside service."""
    given = {"name": "Example Records", "services": [cast.riverside], "origins": origins} | changes
    return set_up_integration(by=cast.administrator, at=LONG_AGO, provider=cast.provider, **given)


def signed(keys: NewKeys, at: datetime, *, secret: str | None = None, **changes: Any) -> dict[str, str]:
    """The parameters of a link, signed as the care record system's supplier would from the description of it."""
    given = {
        "person": "P-1042",
        "staff": "worker@example.org",
        "pathway": "self-neglect",
        "expires": str(int((at + timedelta(minutes=2)).timestamp())),
        "nonce": uuid4().hex,
    } | changes
    lines = ["saferpractice-link-1", str(keys.integration.pk), *(given[n] for n in given)]
    text = "\n".join(lines).encode()
    return given | {"signature": hmac.new((secret or keys.link_secret).encode(), text, hashlib.sha256).hexdigest()}


def open_link(integration: Integration, parameters: dict[str, str]) -> HttpResponse:
    """What a frame gets that opens a link; no cookies go along."""
    return Client().get(reverse("embed:checklist", args=[integration.pk]), parameters)
