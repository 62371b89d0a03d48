"""How practice works is read by everybody who works by it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import RoleAssignment
from saferpractice.access.operations import end_role
from saferpractice.pathways.queries import library
from tests.conftest import TestClock
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R17", "R21", "R26")


def test_the_list_leads_to_each(cast: Cast) -> None:
    client = signed_in(cast.worker)
    page = words(client.get(reverse("pathways:index")))
    for code, definition in library().items():
        assert definition.title in page
        assert client.get(reverse("pathways:one", args=[code])).status_code == 200


def test_one_is_told_in_plain_english(cast: Cast) -> None:
    page = words(signed_in(cast.worker).get(reverse("pathways:one", args=["self-neglect"])))
    assert (
        "Whenever two or more of these five are present at once, the worker must consult the duty manager or "
        "safeguarding lead, before the end of that day." in page
    )
    assert "Hydration or nutrition concerns" in page
    assert "A service may set it from 1 to 4." in page


@pytest.mark.parametrize("code", ["nothing", "Self-Neglect"])
def test_what_is_not_there(cast: Cast, code: str) -> None:
    assert signed_in(cast.worker).get(f"/pathways/{code}").status_code == 404


def test_everybody_with_a_role_reads_them(cast: Cast) -> None:
    for name, person in cast.people().items():
        assert signed_in(person).get(reverse("pathways:index")).status_code == 200, name


def test_nobody_else(cast: Cast, the_clock: TestClock) -> None:
    assert Client().get(reverse("pathways:index")).status_code == 302
    end_role(by=SET_UP, at=NOW, assignment=RoleAssignment.objects.get(person=cast.reviewer))
    the_clock.stand_at(NOW)
    client = signed_in(cast.reviewer)
    assert client.get(reverse("pathways:index")).status_code == 404
    assert client.get(reverse("pathways:one", args=["self-neglect"])).status_code == 404
