"""Files: kept with their hash, under a name that is safe, and handed out to save and never to run (R34)."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from saferpractice.access.models import AccessEntry, Person
from saferpractice.design.uploads import CONTENT_TYPES, problem_with
from saferpractice.files.models import StoredFile
from saferpractice.files.serving import as_download
from saferpractice.files.storage import clean_name, contents, keep_file
from saferpractice.incidents.models import Incident
from saferpractice.trail.operations import OPERATIONS, Entry, NotInOperation, operation
from tests.databases import Database
from tests.factories.deadlines import TESTER
from tests.factories.incidents import an_incident
from tests.personas import NOW, Cast, usual_cast

pytestmark = pytest.mark.requirement("R34")


def _keep(*, by: object, at: object, upload: Any, provider_id: Any, story_id: Any) -> Entry[StoredFile]:
    kept = keep_file(upload=upload, by=None, at=NOW, provider_id=provider_id, story_id=story_id)
    return Entry(result=kept, subject=kept, sentence="kept a file")


_keep_operation = operation(_keep)
OPERATIONS.pop("stages._keep")


def a_file(
    cast: Cast,
    *,
    name: str = "log.txt",
    data: bytes = b"Words",
    content_type: str = "text/plain",
    story: Incident | None = None,
) -> StoredFile:
    upload = SimpleUploadedFile(name, data, content_type)
    story_id = story.pk if story else None
    return _keep_operation(by=TESTER, at=NOW, upload=upload, provider_id=cast.provider.pk, story_id=story_id)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\me\\Note.docx", "Note.docx"),
        ("/", "file"),
        ("..", "file"),
        ("...", "file"),
        ("", "file"),
        ("a\x00b\r\nSet-Cookie: x.txt", "abSet-Cookie: x.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u200b\ufeff.pdf", "pdf"),
        (" spaced .pdf ", "spaced .pdf"),
        ("Zoë – émigré 🙂.pdf", "Zoë – émigré 🙂.pdf"),
        ("x" * 300 + ".pdf", "x" * 140 + ".pdf"),
        ("x" * 300, "x" * 150),
        ("a." + "y" * 300, "a." + "y" * 9),
    ],
)
def test_a_name_is_made_safe_to_show(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def zipped(**parts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return held.getvalue()


HOSTILE = {
    "a program called a picture": ("photo.png", b"MZ\x90\x00" + b"\x00" * 60),
    "a page called a picture": ("photo.png", b"<html><script>alert(1)</script>"),
    "a picture with a page before it": ("photo.jpg", b"<script>\xff\xd8\xff"),
    "a page": ("page.html", b"<p>hello</p>"),
    "a drawing that runs": ("drawing.svg", b"<svg onload='alert(1)'/>"),
    "a program behind a picture's name": ("photo.png.exe", b"\x89PNG\r\n\x1a\n"),
    "no ending": ("README", b"words"),
    "nothing in it": ("empty.txt", b""),
    "bytes called text": ("log.txt", b"words\x00\x01\x02"),
    "an archive called a document": ("plan.docx", zipped(**{"readme.txt": b"x"})),
    "a document with macros": (
        "plan.docx",
        zipped(**{"[Content_Types].xml": b"<x/>", "word__document.xml": b"<x/>", "word__vbaProject.bin": b"x"}),
    ),
    "a sheet called a document": ("plan.docx", zipped(**{"[Content_Types].xml": b"<x/>", "xl__workbook.xml": b"<x/>"})),
    "half an archive": ("plan.docx", zipped(**{"[Content_Types].xml": b"<x/>", "word__document.xml": b"x"})[:40]),
    "a document whose archive lies about its mimetype": ("notes.odt", zipped(mimetype=b"application/zip")),
    "a picture that begins late": ("photo.png", b"\n\x89PNG\r\n\x1a\n"),
    "a program": ("run.sh", b"#!/bin/sh\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_not_what_it_says_is_refused_in_words(name: str) -> None:
    file_name, data = HOSTILE[name]
    held = io.BytesIO(data)
    problem = problem_with(file_name, len(data), held)
    assert problem
    assert problem[0].isupper()
    assert held.tell() == 0, "it is left where it was"


def test_size_is_judged_before_the_bytes_are_read() -> None:
    class Unread(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("a huge file must not be read to be refused")

    assert "smaller than 10 MB" in problem_with("a.pdf", 10 * 1024 * 1024 + 1, Unread(b"%PDF-"))
    assert problem_with("a.pdf", 10 * 1024 * 1024, io.BytesIO(b"%PDF-1.7")) == ""


def test_a_polyglot_is_kept_as_what_its_name_and_beginning_say_and_never_shown_inline() -> None:
    both = b"%PDF-1.7\n<script>alert(1)</script>"
    assert problem_with("a.pdf", len(both), io.BytesIO(both)) == ""
    assert "html" not in " ".join(CONTENT_TYPES.values())
    assert "svg" not in " ".join(CONTENT_TYPES.values())


@pytest.mark.django_db
class TestKeeping:
    def test_a_file_is_kept_with_its_hash_under_a_name_of_ours(self, cast: Cast) -> None:
        kept = a_file(cast, name="../../etc/passwd", data=b"root")
        assert (kept.name, kept.size, kept.sha256) == ("passwd", 4, hashlib.sha256(b"root").hexdigest())
        assert "passwd" not in kept.path
        assert ".." not in kept.path
        assert contents(kept) == b"root"

    def test_a_large_one_in_pieces_has_the_hash_of_the_whole(self, cast: Cast) -> None:
        data = bytes(range(256)) * 1200
        kept = a_file(cast, name="scan.pdf", data=data)
        assert (kept.size, kept.sha256) == (len(data), hashlib.sha256(data).hexdigest())

    def test_two_of_one_name_are_two(self, cast: Cast) -> None:
        first, second = a_file(cast, data=b"one"), a_file(cast, data=b"two")
        assert first.path != second.path
        assert (contents(first), contents(second)) == (b"one", b"two")

    def test_only_inside_an_operation(self, cast: Cast) -> None:
        with pytest.raises(NotInOperation):
            keep_file(
                upload=SimpleUploadedFile("a.txt", b"x"), by=None, at=NOW, provider_id=cast.provider.pk, story_id=None
            )
        assert not StoredFile.objects.exists()


@pytest.mark.parametrize("when", ["before the commit", "after the commit"])
def test_bytes_go_with_a_row_that_did_not_come_to_be_and_stay_with_one_that_did(
    fresh_database: Database, when: str
) -> None:
    cast = usual_cast()

    def fail() -> None:
        raise RuntimeError

    def keep_one(*, by: Any, at: Any) -> Any:
        upload = SimpleUploadedFile("a.txt", b"What was seen")
        kept = keep_file(upload=upload, by=None, at=at, provider_id=cast.provider.pk, story_id=None)
        paths.append(kept.path)
        fail() if when == "before the commit" else transaction.on_commit(fail)
        return Entry(result=kept, subject=cast.provider, sentence="kept a file")

    paths: list[str] = []
    run = operation(keep_one)
    OPERATIONS.pop("stages.keep_one")
    with pytest.raises(RuntimeError):
        run(by=TESTER, at=NOW)
    stays = when == "after the commit"
    assert (StoredFile.objects.exists(), default_storage.exists(paths[0])) == (stays, stays)


def damage(kept: StoredFile, data: bytes | None) -> None:
    path = Path(default_storage.path(kept.path))
    path.unlink() if data is None else path.write_bytes(data)


@pytest.mark.django_db
class TestHandingOut:
    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("log.txt", "text/plain"),
            ("page.html", "text/html"),
            ("drawing.svg", "image/svg+xml"),
            ("Zoë “1”.pdf", "application/pdf"),
        ],
    )
    def test_always_to_save_and_never_to_run(self, cast: Cast, name: str, content_type: str) -> None:
        response = as_download(a_file(cast, name=name, data=b"<script>alert(1)</script>", content_type=content_type))
        assert response["Content-Disposition"].startswith("attachment;")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "sandbox"
        assert response["Cache-Control"] == "no-store"
        assert b"".join(response) == b"<script>alert(1)</script>"

    @pytest.mark.parametrize("data", [None, b"", b"Other words", b"Words "])
    def test_what_is_gone_or_changed_is_not_handed_out_as_evidence(self, cast: Cast, data: bytes | None) -> None:
        kept = a_file(cast)
        damage(kept, data)
        assert contents(kept) is None
        with pytest.raises(PermissionDenied, match="not as it was kept"):
            as_download(kept)

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("duty_manager", 200),
            ("lead", 200),
            ("supervisor", 200),
            ("quality_lead", 200),
            ("director", 200),
            ("worker", 404),
            ("colleague", 404),
            ("duty_manager_elsewhere", 404),
            ("reviewer", 404),
            ("administrator", 404),
            ("commissioner", 404),
            ("inspector", 404),
            ("stranger", 404),
        ],
    )
    def test_an_incidents_file_goes_to_whoever_may_open_it_and_the_look_is_recorded(
        self, cast: Cast, name: str, status: int
    ) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        kept = a_file(cast, story=incident)
        assert signed_in(cast.people()[name]).get(f"/files/{kept.pk}").status_code == status
        assert AccessEntry.objects.filter(page="file log.txt", story_id=incident.pk).exists() is (status == 200)

    def test_a_damaged_one_says_so_on_a_page(self, cast: Cast) -> None:
        kept = a_file(cast, story=an_incident(by=cast.worker, team=cast.north))
        damage(kept, b"Other")
        response = signed_in(cast.lead).get(f"/files/{kept.pk}")
        assert response.status_code == 403
        assert "its bytes are gone or were changed" in response.content.decode()
        assert b"Other" not in response.content

    def test_not_there_and_not_yours_are_one_answer(self, cast: Cast) -> None:
        client = signed_in(cast.lead)
        theirs = StoredFile.objects.create(
            provider_id=cast.stranger.provider_id,
            name="x",
            content_type="text/plain",
            size=1,
            sha256="0" * 64,
            path="aa/x",
            uploaded_at=NOW,
        )
        assert {client.get(f"/files/{pk}").status_code for pk in (theirs.pk, uuid4())} == {404}
        assert Client().get(f"/files/{theirs.pk}").status_code == 302
