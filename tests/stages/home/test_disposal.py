"""Disposal: everything of an incident goes, nothing of another, and never but by two people whose rule still holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from saferpractice.home.models import DisposalPermit
from saferpractice.home.queries.disposal import rows_of, uuids_of
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.sealing import seal
from tests.factories.disposal import DUE, a_whole_story, disposed
from tests.factories.trail import verified
from tests.personas import NOW, Cast
from tests.stages.home.everywhere import places_of, tables

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]

WORD = "Quillonby"
"""In every text of the incident that goes."""
OTHER = "Marrowdale"
"""In every text of the one beside it, of the same person and team."""


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Any) -> None:
    settings.TRAIL_HEADS = str(tmp_path / "heads")
    settings.TRAIL_KEY_FILE = str(tmp_path / "keys" / "trail-key")
    settings.TRAIL_PUBLIC_KEY_FILE = str(tmp_path / "keys" / "trail-key.pub")


def rows_of_table(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return {repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)) for row in cursor.fetchall()}


class TestItGoes:
    def test_leaving_none_of_its_words_and_nothing_of_another_touched(self, cast: Cast) -> None:
        kept = a_whole_story(cast, OTHER, person="P-7", at=NOW + timedelta(days=400))
        incident = a_whole_story(cast, WORD, person="P-7")
        before = {table: rows_of_table(table) for table in tables()}
        there = places_of(WORD)
        assert len(there) >= 20, there
        seal(provider_id=cast.provider.pk, at=DUE)
        assert verified(cast.provider.pk).whole

        named = uuids_of(rows_of([incident]))
        certificate = disposed(incident, cast)

        assert places_of(WORD) == set()
        about = TrailEntry.objects.exclude(sentence="").values_list("story_id", "subject_id", "operation")
        assert [each for each in about if named & set(each[:2])] == [], "no entry about a row that went says anything"
        assert not Incident.objects.filter(pk=incident.pk).exists()
        assert Incident.objects.filter(pk=kept.pk).exists()
        assert PersonSupported.objects.filter(reference="P-7").exists(), "another incident is about the same person"
        assert not DisposalPermit.objects.exists()
        connection.check_constraints()
        seal(provider_id=cast.provider.pk, at=DUE + timedelta(minutes=1))
        assert verified(cast.provider.pk).troubles == ()
        assert check_chain(cast.provider.pk).whole
        assert certificate.counts["incidents_incident"] == 1
        gone = {table: len(rows - rows_of_table(table)) for table, rows in before.items()}
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            changed = certificate.counts.get(table, 0) + certificate.emptied.get(table, 0)
            if table not in {"trail_trailhead", "jobs_heartbeat"}:
                assert gone[table] == changed, f"{table}: {gone[table]} rows went or changed, and it says {changed}"
