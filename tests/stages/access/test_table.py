"""The table of every address, held against every person, every place and every state of an incident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.template.backends import jinja2
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from tests.stages.access import table
from tests.stages.access.asking import (
    ADDRESSES,
    OF_INCIDENTS,
    OF_PROVIDERS,
    OURS,
    ROWS,
    Answer,
    address_of,
    ask,
)
from tests.stages.access.scene import ORDINARY, RESTRICTED, STATES, THEIRS, WITHDRAWN, Scene
from tests.stages.access.table import EVERYBODY, RECORDS, Row

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

WRITTEN_IN = {ORDINARY, RESTRICTED, OURS}
"""The states in which everybody tries each POST; the others are tried where answers are compared, byte for byte."""
NOT_THERE = "drawn from design/404.html"


def said(answer: Answer) -> str:
    """What an answer comes to: "an answer", "not there", "no such method", "sign in", or whatever else it is."""
    code = answer.status
    if code == 404 and answer.body == NOT_THERE:
        return "not there"
    if code == 405:
        return "no such method"
    if code == 302 and answer.heads["Location"].startswith(reverse("account_login")):
        return "sign in"
    return "an answer" if code in {200, 302} else f"status {code}"


def expected_of(row: Row, method: str, name: str, state: str) -> str:
    """What the table says ``name`` gets."""
    may = row.may(method, state)
    if name == "nobody":
        return "sign in"
    if may is None:
        return "no such method"
    return "an answer" if name in may else "not there"


def test_the_table_has_every_address_once_and_none_that_is_gone() -> None:
    listed = [row.name for row in ROWS] + [
        *table.OPEN,
        *table.BY_KEY,
        *table.SIGNING_IN,
        *table.OWN_ACCOUNT,
        *table.OF_PARTNERS,
        *table.CLOSED,
    ]
    assert sorted(set(ADDRESSES) - set(listed)) == [], "add these addresses to tests/stages/access/table.py"
    assert sorted(set(listed) - set(ADDRESSES)) == [], "these addresses are gone from the project"
    assert len(listed) == len(set(listed))


def test_the_table_names_everybody_and_every_state(scene: Scene) -> None:
    assert set(scene.people) == EVERYBODY
    assert all(set(by_state) == set(STATES) for by_state in RECORDS.values())


def wrong_answers(scene: Scene, name: str, rows: list[Row], states: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Each answer that is not what the table says, in words."""
    client = scene.client(name)
    for row in rows:
        for state, ids in states.items():
            address = address_of(row, ids)
            for method in ("GET", "POST") if state in WRITTEN_IN else ("GET",):
                got = said(ask(client, method, address, row.sent(dict(ids))))
                expected = expected_of(row, method, name, state)
                if got != expected:
                    yield f"{name}: {method} {row.name}, {state}: expected {expected}, got {got}"


@pytest.mark.parametrize("name", ["nobody", *sorted(EVERYBODY)])
def test_records_of_incidents(scene: Scene, undrawn: None, name: str) -> None:
    states = {state: story.ids for state, story in scene.stories.items()}
    wrong = list(wrong_answers(scene, name, OF_INCIDENTS, states))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["nobody", *sorted(EVERYBODY)])
def test_what_belongs_to_a_provider(scene: Scene, undrawn: None, name: str) -> None:
    mine = scene.theirs if name == "stranger" else scene.ours
    wrong = list(wrong_answers(scene, name, OF_PROVIDERS, {OURS: mine}))
    assert not wrong, "\n".join(wrong)


NAMES_NO_RECORD = {"key", "list_code", "measure_key", "number", "pathway", "quarter", "section", "subject"}
"""Parameters that are words, not records."""


def names_a_record(row: Row) -> bool:
    """Whether the row's address names something that a provider has."""
    taken = set(ADDRESSES[row.name]) - (NAMES_NO_RECORD - set(row.swap))
    return bool(taken)


@pytest.mark.parametrize("name", ["administrator", "lead", "quality_lead", "stranger"])
def test_what_belongs_to_another_provider_is_not_there(scene: Scene, undrawn: None, name: str) -> None:
    other = scene.ours if name == "stranger" else scene.theirs
    asked = [
        (row, method)
        for row in OF_PROVIDERS
        for method in ("GET", "POST")
        if names_a_record(row) and row.may(method, OURS) is not None
    ]
    got = [(row.name, method, said(ask(scene.client(name), method, address_of(row, other)))) for row, method in asked]
    assert len(got) > 30
    assert [one for one in got if one[2] != "not there"] == []


@pytest.mark.parametrize(
    ("name", "state"),
    [("duty_manager", RESTRICTED), ("kept_from", ORDINARY), ("lead", THEIRS), ("director", WITHDRAWN)],
)
def test_a_record_one_may_not_see_answers_as_one_that_never_was(
    scene: Scene, quiet: None, name: str, state: str
) -> None:
    """The same status, the same headers and the very same bytes, for a look and for a deed."""
    told, ids = [], scene.stories[state].ids
    for row in OF_INCIDENTS:
        for method in ("GET", "POST"):
            may = row.may(method, state)
            if may is None or name in may:
                continue
            pair = [(address_of(row, ids, ghost=ghost), ghost) for ghost in (False, True)]
            answers = [(ask(scene.client(name), method, address, row.sent(ids)), address) for address, _ in pair]
            bodies = {answer.without_its_request(address) for answer, address in answers}
            heads = {(one.status, *sorted(set(one.heads) - {"Content-Length"})) for one, _ in answers}
            if len(bodies) != 1 or len(heads) != 1:
                told.append(f"{name}: {method} {row.name}, {state}")
    assert told == []


def test_every_look_is_on_record_before_anything_is_shown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry is written first: by the time a page is drawn or a file is read, the look is on record."""
    seen: list[int] = []

    def counts() -> None:
        seen.append(AccessEntry.objects.count())

    monkeypatch.setattr(jinja2.Template, "render", lambda self, *_: counts() or "drawn")
    monkeypatch.setattr(FileSystemStorage, "_open", lambda self, *_: counts() or ContentFile(b""))
    silent = []
    for row in OF_INCIDENTS:
        if row.leaves_trace and "lead" in (row.may("GET", ORDINARY) or ()):
            before = AccessEntry.objects.count()
            seen.clear()
            ask(scene.client("lead"), "GET", address_of(row, scene.stories[ORDINARY].ids))
            at_the_end = AccessEntry.objects.count()
            if (seen or [at_the_end])[0] <= before:
                silent.append(row.name)
    assert silent == []
