"""Entries emptied by a disposal are proven still, by what the trail says of it. Any other that says nothing is not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection

from saferpractice.home.models import DisposalCertificate
from saferpractice.trail.emptied import content_of, digest_of
from saferpractice.trail.models import EmptiedEntry, TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.rules import Trouble, TroubleKind
from saferpractice.trail.sealing import CannotSeal, seal
from tests.factories.disposal import DUE, disposed
from tests.factories.retention import a_finished_incident
from tests.factories.trail import chain_again, edit, unguarded, verified
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R34")]


@pytest.fixture
def certificate(cast: Cast) -> DisposalCertificate:
    """Of an incident whose entries were under a head before, with a head over the disposal."""
    incident = a_finished_incident(cast)
    seal(provider_id=cast.provider.pk, at=NOW)
    made = disposed(incident, cast)
    seal(provider_id=cast.provider.pk, at=DUE)
    return made


def troubles(cast: Cast) -> tuple[Trouble, ...]:
    return verified(cast.provider.pk).troubles


def emptied_of(certificate: DisposalCertificate) -> list[EmptiedEntry]:
    return list(EmptiedEntry.objects.filter(certificate_id=certificate.pk).order_by("sequence"))


def add_emptied(row: TrailEntry, certificate_id: UUID) -> None:
    EmptiedEntry.objects.create(
        provider_id=row.provider_id, sequence=row.sequence, content=content_of(row), certificate_id=certificate_id
    )


class TestWhatIsAccountedFor:
    def test_is_whole_under_every_head_before_and_after(self, cast: Cast, certificate: DisposalCertificate) -> None:
        report = verified(cast.provider.pk)
        assert report.troubles == ()
        assert report.heads == 2
        assert check_chain(cast.provider.pk).whole

    def test_says_nothing_and_keeps_who_and_when(self, cast: Cast, certificate: DisposalCertificate) -> None:
        rows = emptied_of(certificate)
        assert len(rows) == certificate.emptied["trail_trailentry"] > 5
        entries = TrailEntry.objects.filter(sequence__in=[row.sequence for row in rows], provider_id=cast.provider.pk)
        assert set(entries.values_list("sentence", "salt")) == {("", "")}
        assert all(entry.facts == {} and entry.operation and entry.by_name for entry in entries)

    def test_is_under_a_hash_in_the_entry_of_the_disposal(self, cast: Cast, certificate: DisposalCertificate) -> None:
        told = TrailEntry.objects.get(operation="home.dispose")
        assert told.facts["certificate"] == str(certificate.pk)
        pairs = [(row.sequence, row.content) for row in emptied_of(certificate)]
        assert told.facts["emptied_sha256"] == digest_of(pairs) == certificate.emptied_sha256

    def test_can_be_sealed_after_it_was_emptied(self, cast: Cast) -> None:
        """A worker that did not seal for a while, as after a restored backup."""
        disposed(a_finished_incident(cast), cast)
        assert seal(provider_id=cast.provider.pk, at=DUE) is not None
        assert troubles(cast) == ()


class TestWhatIsNot:
    def one_more(self, cast: Cast) -> TrailEntry:
        """An entry about something else, the words of which stand."""
        return TrailEntry.objects.filter(provider_id=cast.provider.pk).exclude(sentence="").earliest("sequence")

    def test_an_entry_emptied_by_hand_is_named(self, cast: Cast, certificate: DisposalCertificate) -> None:
        row = self.one_more(cast)
        edit(row, sentence="", facts={}, salt="")
        assert [(one.kind, one.first) for one in troubles(cast)] == [(TroubleKind.EDITED, row.sequence)]
        assert not check_chain(cast.provider.pk).whole

    @pytest.mark.parametrize("known", [True, False], ids=["in the name of a certificate", "of one that never was"])
    def test_so_is_one_with_a_row_written_beside_it(
        self,
        cast: Cast,
        certificate: DisposalCertificate,
        known: bool,
    ) -> None:
        row = self.one_more(cast)
        add_emptied(row, certificate.pk if known else uuid4())
        edit(row, sentence="", facts={}, salt="")
        named = troubles(cast)
        assert row.sequence in {one.first for one in named}
        assert {one.kind for one in named} == {TroubleKind.EDITED}

    def test_so_are_all_of_a_disposal_whose_entry_was_changed(
        self, cast: Cast, certificate: DisposalCertificate
    ) -> None:
        told = TrailEntry.objects.get(operation="home.dispose")
        edit(told, facts={**told.facts, "emptied_sha256": "0" * 64})
        named = {one.first for one in troubles(cast)}
        assert {row.sequence for row in emptied_of(certificate)} | {told.sequence} <= named

    def test_another_content_does_not_fit(self, cast: Cast, certificate: DisposalCertificate) -> None:
        first = emptied_of(certificate)[0]
        with unguarded(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE trail_emptiedentry DISABLE TRIGGER USER")
            else:
                cursor.execute("DROP TRIGGER trail_emptiedentry_no_update")
            EmptiedEntry.objects.filter(pk=first.pk).update(content="0" * 64)
        assert first.sequence in {one.first for one in troubles(cast)}

    def test_who_did_what_cannot_be_changed_in_an_emptied_entry(
        self, cast: Cast, certificate: DisposalCertificate
    ) -> None:
        first = emptied_of(certificate)[0]
        row = TrailEntry.objects.get(provider_id=cast.provider.pk, sequence=first.sequence)
        edit(row, by_name="Somebody else")
        assert [(one.kind, one.first) for one in troubles(cast)] == [(TroubleKind.EDITED, row.sequence)]

    def test_words_left_in_an_emptied_entry_are_named(self, cast: Cast, certificate: DisposalCertificate) -> None:
        first = emptied_of(certificate)[0]
        row = TrailEntry.objects.get(provider_id=cast.provider.pk, sequence=first.sequence)
        edit(row, sentence="was never here")
        assert [(one.kind, one.first) for one in troubles(cast)] == [(TroubleKind.EDITED, row.sequence)]

    def test_a_history_made_anew_without_the_entry_of_the_disposal_is_named(
        self, cast: Cast, certificate: DisposalCertificate
    ) -> None:
        told = TrailEntry.objects.get(operation="home.dispose")
        edit(told, facts={})
        chain_again(cast.provider.pk, told.sequence - 1)
        assert {row.sequence for row in emptied_of(certificate)} <= {one.first for one in troubles(cast)}

    def test_one_emptied_by_hand_is_not_sealed(self, cast: Cast) -> None:
        a_finished_incident(cast)
        edit(self.one_more(cast), sentence="", facts={}, salt="")
        with pytest.raises(CannotSeal):
            seal(provider_id=cast.provider.pk, at=NOW + timedelta(minutes=1))
