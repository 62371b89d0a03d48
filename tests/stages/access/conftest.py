"""One scene for all questions about access: made once in a database of its own, and never changed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.template.backends import jinja2

from tests.databases import Databases, in_use
from tests.stages.access.scene import AT, Scene, build_scene


@pytest.fixture(scope="module")
def shared_scene(databases: Databases, django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """The scene of ``tests/stages/access/scene.py``, for every test of a module."""
    with databases.copy() as database, django_db_blocker.unblock(), in_use(database):
        scene = build_scene()
        for name in ("nobody", *scene.people):
            scene.client(name)
        yield scene


@pytest.fixture
def scene(shared_scene: Scene, db: None, the_clock: Any) -> Scene:
    """The scene, at the moment when everybody looks; what a test does to it is taken back."""
    the_clock.stand_at(AT)
    return shared_scene


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of refusals need not be logged."""
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)


@pytest.fixture
def undrawn(quiet: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Pages say only which template would have drawn them: this table asks who, and thousands of times."""
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    monkeypatch.setattr(jinja2.Template, "render", lambda self, *_: f"drawn from {self.template.name}")
