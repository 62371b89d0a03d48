"""The page of the report: what the reporter is told when it is sent, and by whom it is taken up."""

from __future__ import annotations

import html
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.incidents.models import Incident
from tests.personas import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


def filled_in(cast: Cast, **changes: str) -> dict[str, str]:
    sent = {
        "submission_key": uuid4().hex,
        "still_at_risk": "no",
        "what_happened": "Nobody answered the door twice.",
        "occurred_precision": "unknown",
        "team": str(cast.north.pk),
        "physical_harm": "none",
        "psychological_harm": "low",
    }
    return sent | changes


def sent(cast: Cast, **changes: str) -> Any:
    client = Client()
    client.force_login(cast.worker)
    return client.post(reverse("incidents:report"), filled_in(cast, **changes), follow=True)


RESTRICTED = {"restricted": "on", "restricted_reason": "It is about somebody who works here."}


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, "The duty manager decides what happens next."),
        ({"still_at_risk": "yes"}, "The duty manager is told now that somebody may be at risk."),
        ({"still_at_risk": "unknown"}, "The duty manager is told now that somebody may be at risk."),
        (RESTRICTED, "The safeguarding lead decides what happens next."),
        ({"still_at_risk": "yes"} | RESTRICTED, "The safeguarding lead is told now that somebody may be at risk."),
    ],
)
def test_the_reporter_is_told_who_has_it_now(cast: Cast, answers: dict[str, str], told: str) -> None:
    response = sent(cast, **answers)
    incident = Incident.objects.get()
    page = html.unescape(response.content.decode())
    assert response.redirect_chain == [(reverse("home:my_report", args=[incident.pk]), 302)]
    assert f'banner__heading">Your report was sent.</p><p>It is incident {incident.reference}. {told} ' in page


def test_only_with_scripts_does_it_promise_to_keep_what_is_typed(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.worker)
    page = client.get(reverse("incidents:report")).content.decode()
    assert page.count("What you type is saved as you go.") == 1
    assert '<span class="sp-needs-script">What you type is saved as you go.</span>' in page
    assert "Save for later" in page
