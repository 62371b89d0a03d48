"""What a commissioner of another provider finds at every address, in the scene of the access table."""

from __future__ import annotations

import pytest
from django.test import Client

from saferpractice.access.models import Person
from tests.factories.web import signed_in
from tests.stages.access.asking import ADDRESSES, OF_INCIDENTS, OF_PROVIDERS, address_of, ask
from tests.stages.access.scene import STATES, Scene

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R32")]


def from_outside() -> Client:
    """The commissioner of a third provider whom the scene let in, signed in."""
    return signed_in(Person.objects.get(email="our.outside@example.org"))


READS = {row.name for row in OF_PROVIDERS if row.get == frozenset({"commissioner"})}


def test_every_other_page_is_not_there_for_them(scene: Scene, undrawn: None) -> None:
    """Of the provider that let them in, of each incident of it, and of one that did not."""
    client, wrong = from_outside(), []
    asked = [(row, state, dict(scene.stories[state].ids)) for row in OF_INCIDENTS for state in STATES]
    asked += [(row, "theirs", dict(scene.theirs)) for row in OF_PROVIDERS]
    asked += [(row, "ours", dict(scene.ours)) for row in OF_PROVIDERS]
    for row, whose, ids in asked:
        if row.get is None:
            continue
        answered = ask(client, "GET", address_of(row, ids)).status in {200, 302}
        may = "commissioner" in (row.may("GET", whose) or ())
        names_them = "provider_id" in ADDRESSES[row.name]
        if row.name in READS and answered != (whose == "ours" or not names_them):
            wrong.append(f"{row.name}, {whose}: answered {answered}")
        if answered and not may:
            wrong.append(f"{row.name}, {whose}: answered")
    assert not wrong, "\n".join(wrong)
    assert len(READS) == 7
