"""Typst in a process of its own: what it says, what it is given, and that it ends."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from saferpractice.evidence.rendering import NotTypeset, workshop
from saferpractice.evidence.rendering.places import DATA
from tests.factories.packs_drawn import AT

pytestmark = pytest.mark.requirement("R32")


def a_template(folder: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pack.typ").write_text(source)
    (folder / "fonts").symlink_to(DATA / "fonts")
    monkeypatch.setattr(workshop, "DATA", folder)


TITLED = '#set document(title: "One")\n#set text(font: "Liberation Sans", fallback: false)\n'


def test_a_mistake_is_said_without_the_words_of_the_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_template(tmp_path, TITLED + "#json(bytes(sys.inputs.pack))", monkeypatch)
    with pytest.raises(NotTypeset) as refused:
        workshop.typeset({"pack": '"\U0001f600 Rowan"'}, AT)
    assert "could not be displayed" in str(refused.value)
    assert "\U0001f600" not in str(refused.value)


def test_a_complaint_is_a_mistake_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_template(tmp_path, TITLED + '#text(font: "No such font", fallback: false, "x")\n= One', monkeypatch)
    with pytest.raises(NotTypeset, match="unknown font family"):
        workshop.typeset({}, AT)


@pytest.mark.parametrize(
    "source",
    ['#image("/etc/hostname")', '#read("../../../../../../../etc/passwd")', '#import "@preview/cetz:0.3.0"'],
)
def test_nothing_beside_the_template_is_read_or_fetched(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_template(tmp_path, TITLED + source, monkeypatch)
    with pytest.raises(NotTypeset):
        workshop.typeset({}, AT)


def test_it_does_not_go_on_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    press = tmp_path / "press.py"
    press.write_text("import signal; signal.pause()")
    monkeypatch.setattr(workshop, "PRESS", press)
    monkeypatch.setattr(workshop, "LONGEST", 0.2)
    with pytest.raises(NotTypeset, match="did not end"):
        workshop.typeset({}, AT)


def test_it_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    press = tmp_path / "press.py"
    press.write_text("import os, sys; sys.stdout.write(','.join(sorted(os.environ)))")
    monkeypatch.setattr(workshop, "PRESS", press)
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usr/lib")
    given = set(workshop.typeset({}, AT).decode().split(","))
    assert given - {"LC_CTYPE"} == {"LD_LIBRARY_PATH", "MALLOC_MMAP_THRESHOLD_"}


def test_a_crash_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    press = tmp_path / "press.py"
    press.write_text("import os; os.abort()")
    monkeypatch.setattr(workshop, "PRESS", press)
    _no_dump()
    with pytest.raises(NotTypeset, match="it ended with -6"):
        workshop.typeset({}, AT)


def _no_dump() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
