"""``import_incidents``: the same import without a browser."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from saferpractice.exchange.models import ImportBatch, ImportFile
from saferpractice.exchange.operations import keep_mapping
from saferpractice.exchange.rules.mapping import as_text
from saferpractice.incidents.models import Incident
from tests.factories.exchange import CORONERS, PLAIN, coroners_rows, csv_text, plain_mapping, plain_rows
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rows = plain_rows(4)
    rows[2][2] = ""
    (tmp_path / "incidents.csv").write_text(csv_text(PLAIN, rows), encoding="utf-8")
    (tmp_path / "mapping.yml").write_text(as_text(plain_mapping()), encoding="utf-8")
    return tmp_path


def run(file: Path, **options: object) -> str:
    out = io.StringIO()
    given = {"provider": "Example Care", "team": "North team", "email": "lead@example.org"} | options
    call_command("import_incidents", file, stdout=out, **given)
    return out.getvalue()


def test_it_imports_and_says_what_became_of_the_rows(cast: Cast, files: Path) -> None:
    said = run(files / "incidents.csv", mapping=str(files / "mapping.yml"))
    assert "4 rows of incidents.csv: 3 imported, 1 held back" in said
    assert "row 4: Column “Story”: This is empty." in said
    assert Incident.objects.filter(reporter=cast.lead, team=cast.north).count() == 3


def test_a_dry_run_imports_nothing_and_keeps_nothing(cast: Cast, files: Path) -> None:
    said = run(files / "incidents.csv", mapping=str(files / "mapping.yml"), dry_run=True)
    assert "4 rows: 3 to import, 0 here already, 1 held back" in said
    assert "Nothing was imported." in said
    assert not Incident.objects.exists()
    assert ImportFile.objects.get().discarded_at is not None


def test_again_adds_nothing(cast: Cast, files: Path) -> None:
    run(files / "incidents.csv", mapping=str(files / "mapping.yml"))
    assert "3 already here, 1 held back" in run(files / "incidents.csv", mapping=str(files / "mapping.yml"))
    assert ImportBatch.objects.count() == 2


def test_a_mapping_that_ships(cast: Cast, tmp_path: Path, the_clock: object) -> None:
    file = tmp_path / "reports.csv"
    rows = [[*row[:1], row[1].replace("2031", "2021"), *row[2:]] for row in coroners_rows(3)]
    file.write_text(csv_text(CORONERS, rows), encoding="utf-8")
    assert "3 imported" in run(file, mapping="prevention-of-future-deaths")


def test_a_mapping_that_was_kept(cast: Cast, files: Path) -> None:
    keep_mapping(by=cast.lead, at=NOW, provider=cast.provider, mapping=plain_mapping())
    assert "3 imported" in run(
        files / "incidents.csv", mapping="old system", team="Riverside community service / North team"
    )


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"provider": "Nobody"}, "no provider called"),
        ({"email": "nobody@example.org"}, "Nobody of Example Care signs in"),
        ({"email": "stranger@example.org"}, "Nobody of Example Care signs in"),
        ({"email": "worker@example.org"}, "may import incidents"),
        ({"team": "Moon base"}, "no team called"),
        ({"mapping": "no-such"}, "no mapping file"),
    ],
)
def test_what_cannot_be_is_said(cast: Cast, files: Path, options: dict[str, str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(files / "incidents.csv", **({"mapping": str(files / "mapping.yml")} | options))
    assert not Incident.objects.exists()


def test_a_file_that_is_not_there(cast: Cast, files: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        run(files / "nothing.csv", mapping=str(files / "mapping.yml"))


def test_a_mapping_with_mistakes(cast: Cast, files: Path) -> None:
    (files / "mapping.yml").write_text("name: x\n")
    with pytest.raises(CommandError, match="source_system"):
        run(files / "incidents.csv", mapping=str(files / "mapping.yml"))


def test_a_file_that_does_not_fit(cast: Cast, files: Path) -> None:
    (files / "incidents.csv").write_text("a,b\n1,2\n")
    for dry_run in (True, False):
        with pytest.raises(CommandError, match="does not have"):
            run(files / "incidents.csv", mapping=str(files / "mapping.yml"), dry_run=dry_run)
