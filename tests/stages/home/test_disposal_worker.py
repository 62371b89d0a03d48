"""The worker disposes once and whole, whatever interrupts it, and files go after what they belonged to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import IntegrityError, connection, transaction

from saferpractice.files.models import StoredFile
from saferpractice.home import sweeps
from saferpractice.home.models import DisposalCertificate, DisposalPermit, DisposalStop, DisposedFile
from saferpractice.home.operations import disposing
from saferpractice.incidents.models import HarmGrading, Incident, PersonSupported
from saferpractice.jobs import further
from saferpractice.trail.models import EmptiedEntry, TrailEntry
from tests.databases import Database
from tests.factories.disposal import DUE, a_whole_story, approved
from tests.factories.retention import a_finished_incident, a_hold
from tests.personas import Cast, usual_cast

pytestmark = pytest.mark.requirement("R7", "R34")

LATER = DUE + timedelta(minutes=1)


@pytest.fixture
def committing(fresh_database: Database) -> Cast:
    return usual_cast()


def files_on_disk() -> set[str]:
    folders = default_storage.listdir("")[0]
    return {f"{folder}/{name}" for folder in folders for name in default_storage.listdir(folder)[1]}


def files_with(word: str) -> set[str]:
    """Files on disk that hold a word."""
    found = set()
    for path in files_on_disk():
        with default_storage.open(path) as file:
            if word.encode() in file.read():
                found.add(path)
    return found


def test_a_forgotten_permit_undoes_the_whole_transaction(committing: Cast) -> None:
    incident = a_finished_incident(committing)
    proposal = approved(incident, committing)
    grading = HarmGrading.objects.get(incident=incident)
    key = grading.pk.hex if connection.vendor == "sqlite" else str(grading.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        DisposalPermit.objects.create(
            proposal=proposal, table_name="incidents_harmgrading", row_id=key, until_the_end_id=uuid4()
        )
        HarmGrading.objects.filter(pk=grading.pk)._raw_delete("default")
    assert HarmGrading.objects.filter(pk=grading.pk).exists()
    assert not DisposalPermit.objects.exists()


def test_a_round_disposes_of_what_was_decided_and_then_of_its_files(committing: Cast) -> None:
    incident = a_whole_story(committing, "Quillonby", person="P-7")
    paths = set(StoredFile.objects.values_list("path", flat=True))
    assert paths <= files_on_disk()
    assert files_with("Quillonby")
    approved(incident, committing)
    assert further.do_further(LATER) == 1 + len(paths)
    assert not Incident.objects.exists()
    assert not files_on_disk() & paths
    assert not files_with("Quillonby")
    assert set(DisposedFile.objects.values_list("path", "gone_at")) == {(path, LATER) for path in paths}
    assert not PersonSupported.objects.exists(), "nothing else is held about them"
    assert further.do_further(LATER) == 0
    assert DisposalCertificate.objects.count() == 1


def test_a_file_that_an_interruption_left_is_swept_up(committing: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = a_whole_story(committing, "Quillonby", person="P-7")
    paths = set(StoredFile.objects.values_list("path", flat=True))
    approved(incident, committing)

    def broken(_: Any, name: str) -> None:
        raise OSError("the disk is away")

    with monkeypatch.context() as away:
        away.setattr(FileSystemStorage, "delete", broken)
        assert further.do_further(LATER) == 1
    assert paths <= files_on_disk()
    assert DisposedFile.objects.filter(gone_at=None).count() == len(paths)
    assert sweeps.sweep_disposed_files(LATER) == len(paths)
    assert not files_on_disk() & paths
    assert sweeps.sweep_disposed_files(LATER) == 0


def test_a_file_that_is_away_already_counts_as_gone(committing: Cast) -> None:
    incident = a_whole_story(committing, "Quillonby", person="P-7")
    approved(incident, committing)
    for path in files_on_disk():
        Path(default_storage.path(path)).unlink()
    further.do_further(LATER)
    assert not DisposedFile.objects.filter(gone_at=None).exists()


@pytest.mark.parametrize("part", ["forget", "digest_of", "_basis", "references_of"])
def test_what_fails_half_way_leaves_everything(committing: Cast, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    incident = a_finished_incident(committing)
    approved(incident, committing)
    before = TrailEntry.objects.count()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the worker died here")

    with monkeypatch.context() as dying:
        dying.setattr(disposing, part, broken)
        assert further.do_further(LATER) == 0
    assert Incident.objects.filter(pk=incident.pk).exists()
    assert TrailEntry.objects.count() == before
    assert not EmptiedEntry.objects.exists()
    assert not TrailEntry.objects.filter(salt="").exists()
    assert further.do_further(LATER) > 0, "and the next round does it whole"
    assert not Incident.objects.filter(pk=incident.pk).exists()


def test_one_that_is_kept_is_stopped_and_the_others_go_on(committing: Cast) -> None:
    kept = a_finished_incident(committing, person_reference="P-1")
    gone = a_finished_incident(committing, person_reference="P-2")
    for one in (kept, gone):
        approved(one, committing)
    a_hold(by=committing.lead, incident=kept, at=DUE)
    further.do_further(LATER)
    assert [*Incident.objects.all()] == [kept]
    assert DisposalStop.objects.get().why == [f"{kept.reference}: A hold stands"]
    assert sweeps.dispose_of_what_was_decided(LATER) == 0, "and it is not tried again"
