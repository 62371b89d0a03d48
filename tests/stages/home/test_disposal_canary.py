"""What stays when an incident was disposed of: none of its words, in no table, in no file, on no page of the disk."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from saferpractice.config import encryption
from saferpractice.config.planning import renew_statistics
from saferpractice.evidence.operations import withdraw_pack
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.home.models import DisposalCertificate
from saferpractice.home.queries.disposal import rows_of
from saferpractice.incidents.models import Incident
from saferpractice.jobs import further
from saferpractice.reviews.drafts import save_draft
from saferpractice.trail import check_pack
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import EmptiedEntry
from saferpractice.trail.proving import proofs_of
from saferpractice.trail.queries import check_chain
from saferpractice.trail.rules import Shown, check_proofs
from saferpractice.trail.sealing import seal
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.disposal import DUE, a_whole_story, approved
from tests.factories.packs_made import ask, built, bytes_of
from tests.factories.trail import verified
from tests.factories.web import signed_in
from tests.personas import NOW, Cast, usual_cast
from tests.stages.home.everywhere import places_of

pytestmark = [pytest.mark.requirement("R5", "R34"), pytest.mark.timeout(900)]

WORD = "Quillonby"
PERSON = "P-70077"
LATER = DUE + timedelta(minutes=1)


@pytest.fixture
def cast(fresh_database: Database, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    settings.TRAIL_HEADS = str(fresh_database.data_dir / "heads")
    settings.TRAIL_KEY_FILE = str(fresh_database.data_dir / "trail-key")
    settings.TRAIL_PUBLIC_KEY_FILE = str(fresh_database.data_dir / "trail-key.pub")
    return usual_cast()


@pytest.fixture
def in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is encrypted stands as it is, so that it can be looked for."""
    monkeypatch.setattr(encryption, "encrypt", lambda text, *_, **__: f"open:{text}")
    monkeypatch.setattr(encryption, "decrypt", lambda text, *_, **__: text.removeprefix("open:"))


def files_with(folder: Path, word: str) -> set[str]:
    """The files under a folder in which a word stands, those of the database itself too."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and word.lower() in path.read_bytes().decode("latin-1").lower()
    }


def sampled(word: str) -> set[str]:
    """The columns of which PostgreSQL has kept a value with a word, to plan by."""
    if connection.vendor == "sqlite":
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = 'public' AND "
            "concat(most_common_vals::text, histogram_bounds::text, most_common_elems::text) ILIKE %s",
            [f"%{word}%"],
        )
        return {name for (name,) in cursor.fetchall()}


def a_withdrawn_pack(cast: Cast, incident: Incident) -> bytes:
    """A pack of it that was built and taken back; the ZIP that somebody has kept."""
    at = DUE - timedelta(days=9000)
    pack = ask(
        cast.quality_lead, at=at, subject=Subject.INCIDENT, disclosure=Disclosure.FULL, incident=incident,
        services=[cast.riverside],
    )  # fmt: skip
    whole = bytes_of(built(pack, at=at).bundle)
    withdraw_pack(by=cast.quality_lead, at=at, pack=pack, reason=f"{WORD} was told apart.")
    return whole


def looked_for(cast: Cast) -> None:
    """People look for the person and for the incidents about them, each in their own hand."""
    lead = signed_in(cast.lead)
    for typed in (PERSON, PERSON.lower(), f" {PERSON} "):
        lead.get(reverse("home:records"), {"reference": typed})
        lead.get(reverse("pathways:people"), {"reference": typed})
    lead.get(reverse("home:tracker_file"), {"q": f"the door of {PERSON.lower()}"})
    lead.get(reverse("home:tracker_file"), {"q": f"{PERSON}0 is another person"})


def test_nothing_of_it_is_left_anywhere(
    cast: Cast, fresh_database: Database, in_the_open: None, the_clock: TestClock, tmp_path: Path, capsys: Any
) -> None:
    incident = a_whole_story(cast, WORD, person=PERSON)
    person = incident.person_supported
    assert person is not None
    whole = a_withdrawn_pack(cast, incident)
    save_draft(review=incident.reviews.get(), person=cast.lead, part="timeline", answers={"what": [WORD]}, at=NOW)
    the_clock.stand_at(LATER)
    looked_for(cast)
    seal(provider_id=cast.provider.pk, at=DUE)
    renew_statistics()
    there = places_of(WORD, PERSON)
    assert len(there) >= 25, sorted(there)
    assert files_with(fresh_database.data_dir, WORD)
    filled = {table for table, keys in rows_of([incident]).items() if keys}
    assert len(filled) >= 45, sorted(filled)
    approved(incident, cast)

    assert further.do_further(LATER) > 1

    assert DisposalCertificate.objects.count() == 1
    assert places_of(WORD) == set()
    assert places_of(PERSON + "0") == {"access_accessentry.detail"}, "what was typed about others stands"
    with connection.cursor() as cursor:
        cursor.execute("SELECT detail FROM access_accessentry WHERE detail <> ''")
        typed = [detail for (detail,) in cursor.fetchall()]
    assert [one for one in typed if PERSON.lower() in one.lower() and f"{PERSON}0" not in one] == []
    assert files_with(fresh_database.data_dir, WORD) == set()
    assert sampled(WORD) == set()
    seal(provider_id=cast.provider.pk, at=LATER)
    assert verified(cast.provider.pk).troubles == ()
    assert check_chain(cast.provider.pk).whole
    kept = tmp_path / "pack.zip"
    kept.write_bytes(whole)
    assert check_pack.main([str(kept), "--key", str(public_keys()[0])]) == 0, capsys.readouterr()
    emptied = list(EmptiedEntry.objects.values_list("sequence", flat=True))
    for shown in Shown:
        proofs = proofs_of(cast.provider.pk, dict.fromkeys(emptied, shown))
        assert check_proofs(proofs, public_keys()).troubles == (), "what cites an emptied entry is proven"
        assert not any(entry.words for entry in proofs.entries)
