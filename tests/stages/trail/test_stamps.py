"""Time stamps that were kept of heads: verifying the trail names one that is forged or missing."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from saferpractice.jobs import sweeps
from saferpractice.trail import verification
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import Seal, TimeStamp, TrailEntry, Verification
from saferpractice.trail.rules import TroubleKind
from saferpractice.trail.rules.stamps import request_for, stamped_at
from saferpractice.trail.stamps import stamp_over
from saferpractice.trail.verification import Report, verify
from tests.factories.authority import Authority, certified, root
from tests.factories.trail import (
    STAMPS,
    add_entries,
    chain_again,
    delete,
    edit,
    entries_of,
    sealed_trail,
    seals_of,
    stamped,
    verified,
)
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.requirement("R5", "R34"), pytest.mark.django_db]
FORGED, MISSING = TroubleKind.FORGED_STAMP, TroubleKind.MISSING_STAMP


@pytest.fixture
def two(cast: Cast) -> UUID:
    """A trail with stamps on its first two heads, all of it under a third."""
    sealed_trail(cast.provider, 2, 2)
    for head in seals_of(cast.provider.pk):
        stamped(head)
    sweeps.seal_trails(NOW + timedelta(minutes=5))
    return cast.provider.pk


def stamp(provider_id: UUID, number: int) -> TimeStamp:
    return TimeStamp.objects.get(provider_id=provider_id, number=number)


def named(report: Report) -> list[tuple[TroubleKind, int]]:
    return [(trouble.kind, trouble.first) for trouble in report.troubles]


def said(report: Report) -> str:
    return " ".join(trouble.sentence for trouble in report.troubles)


class TestWhatHolds:
    def test_is_counted(self, two: UUID) -> None:
        report = verified(two)
        assert (report.whole, report.stamps, report.unchecked) == (True, 2, 0)

    def test_without_a_certificate_is_held_against_the_trail_only(self, two: UUID) -> None:
        report = verify(two, public_keys())
        assert (report.whole, report.stamps, report.unchecked) == (True, 0, 2)
        edit(stamp(two, 1), answer=b"something else")
        assert named(verify(two, public_keys())) == [(FORGED, 1)]

    def test_after_its_certificate_ran_out(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        (head,) = seals_of(cast.provider.pk)
        short = certified("Invented time stamps, a day", root(), until=NOW + timedelta(days=1))
        stamped(head, Authority(signs=short, at=head.at))
        assert verified(cast.provider.pk).stamps == 1

    def test_of_one_provider_says_nothing_of_another(self, two: UUID, cast: Cast) -> None:
        delete(TimeStamp.objects.filter(provider_id=two))
        sweeps.seal_trails(NOW)
        assert verified(cast.stranger.provider_id).whole

    def test_and_one_that_is_kept_while_the_trail_is_read(self, cast: Cast, monkeypatch: Any) -> None:
        """Its entry comes too late to be read, and its row does not."""
        sealed_trail(cast.provider, 1, 1)
        first, second = seals_of(cast.provider.pk)
        stamped(first)
        real = verification.entries_after

        def meanwhile(provider_id: UUID, after: int) -> Any:
            yield from list(real(provider_id, after))
            stamped(second)

        monkeypatch.setattr(verification, "entries_after", meanwhile)
        report = verified(cast.provider.pk)
        assert FORGED not in [trouble.kind for trouble in report.troubles]
        assert report.stamps == 1


class TestWhatDoesNot:
    def test_one_that_was_taken_away(self, two: UUID) -> None:
        delete(TimeStamp.objects.filter(provider_id=two, number=1))
        report = verified(two)
        assert named(report) == [(MISSING, 1)]
        assert said(report) == "the time stamp of head 1 is missing; the trail says that it was kept"
        assert report.stamps == 1

    def test_all_of_them(self, two: UUID) -> None:
        delete(TimeStamp.objects.filter(provider_id=two))
        assert named(verified(two)) == [(MISSING, 1), (MISSING, 2)]

    def test_one_that_was_exchanged_for_another_good_one(self, two: UUID) -> None:
        head = seals_of(two)[0]
        later = Authority(at=NOW + timedelta(days=1)).answer(request_for(head.note).content)
        assert stamped_at(later, head.note, (root().certificate,)) == NOW + timedelta(days=1)
        edit(stamp(two, 1), answer=later, stamped_at=NOW + timedelta(days=1))
        report = verified(two)
        assert named(report) == [(FORGED, 1)]
        assert "is not the one that was kept" in said(report)

    def test_one_bit_of_it(self, two: UUID) -> None:
        row = stamp(two, 2)
        answer = bytes(row.answer)
        edit(row, answer=answer[:-1] + bytes([answer[-1] ^ 1]))
        assert named(verified(two)) == [(FORGED, 2)]

    def test_one_that_was_slipped_in(self, two: UUID) -> None:
        head = seals_of(two)[2]
        answer = Authority(at=head.at).answer(request_for(head.note).content)
        TimeStamp.objects.create(
            provider_id=two, number=3, at=NOW, stamped_at=head.at, authority=STAMPS.shown, answer=answer
        )
        report = verified(two)
        assert named(report) == [(FORGED, 3)]
        assert "the trail says nothing of its being kept" in said(report)

    def test_one_that_was_given_to_another_head(self, two: UUID) -> None:
        edit(stamp(two, 2), number=3)
        assert named(verified(two)) == [(MISSING, 2), (FORGED, 3)]

    def test_two_that_changed_places(self, two: UUID) -> None:
        one, other = stamp(two, 1), stamp(two, 2)
        edit(one, number=99)
        edit(other, number=1)
        edit(one, number=2)
        assert named(verified(two)) == [(FORGED, 1), (FORGED, 2)]

    @pytest.mark.parametrize("days", [-1, 1])
    def test_one_whose_row_says_another_moment(self, days: int, two: UUID) -> None:
        row = stamp(two, 1)
        edit(row, stamped_at=row.stamped_at + timedelta(days=days))
        report = verified(two)
        assert named(report) == [(FORGED, 1)]
        assert "does not hold: it says 2026-03-04 02:06 UTC" in said(report)

    def test_one_by_somebody_whom_no_certificate_names(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        (head,) = seals_of(cast.provider.pk)
        stamped(head, Authority(signs=certified("Invented stranger"), at=head.at))
        report = verified(cast.provider.pk)
        assert named(report) == [(FORGED, 1)]
        assert "none of the certificates in TRAIL_TIMESTAMPS_CERTIFICATE stands behind it" in said(report)

    def test_one_of_another_head_s_words(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1, 1)
        first, second = seals_of(cast.provider.pk)
        second.note = first.note
        stamped(second)
        report = verified(cast.provider.pk)
        assert named(report) == [(FORGED, 2)]
        assert "stamps something else than this head" in said(report)

    def test_one_from_before_its_head_was_there(self, cast: Cast) -> None:
        """An authority whose clock was set back, or that lies."""
        sealed_trail(cast.provider, 1)
        (head,) = seals_of(cast.provider.pk)
        stamped(head, Authority(at=head.at - timedelta(days=1)))
        assert named(verified(cast.provider.pk)) == [(FORGED, 1)]

    def test_one_together_with_what_the_trail_says_of_it(self, two: UUID) -> None:
        """Who takes both away, and chains all anew, meets the heads that were signed since."""
        entry = TrailEntry.objects.get(provider_id=two, operation="evidence.keep_stamp", facts__head=1)
        delete(TimeStamp.objects.filter(provider_id=two, number=1))
        delete(TrailEntry.objects.filter(pk=entry.pk))
        assert (TroubleKind.MISSING, entry.sequence) in named(verified(two))

    def test_one_whose_entry_was_changed_to_fit(self, two: UUID) -> None:
        head = seals_of(two)[0]
        later = Authority(at=head.at).answer(request_for(head.note).content)
        entry = TrailEntry.objects.get(provider_id=two, operation="evidence.keep_stamp", facts__head=1)
        edit(stamp(two, 1), answer=later)
        edit(entry, facts={**entry.facts, "timestamp_sha256": hashlib.sha256(later).hexdigest()})
        assert named(verified(two)) == [(TroubleKind.EDITED, entry.sequence)]
        chain_again(two, entry.sequence - 1)
        assert TroubleKind.REWRITTEN in [trouble.kind for trouble in verified(two).troubles]

    @pytest.mark.parametrize("facts", [{}, {"head": "x"}, {"head": 1}, [], {"head": None, "timestamp_sha256": "y"}])
    def test_one_whose_entry_says_nothing_any_more(self, facts: Any, two: UUID) -> None:
        entry = TrailEntry.objects.get(provider_id=two, operation="evidence.keep_stamp", facts__head=1)
        edit(entry, facts=facts)
        assert {(TroubleKind.EDITED, entry.sequence), (FORGED, 1)} == set(named(verified(two)))

    def test_of_a_head_that_was_taken_away_the_head_is_named(self, two: UUID) -> None:
        delete(Seal.objects.filter(provider_id=two, number=1))
        report = verified(two)
        assert TroubleKind.MISSING_HEAD in [trouble.kind for trouble in report.troubles]
        assert (report.stamps, report.unchecked) == (1, 1)


class TestTheCommand:
    @pytest.fixture(autouse=True)
    def trusted(self, settings: Any, tmp_path: Path) -> Path:
        path = tmp_path / "root.pem"
        path.write_bytes(root().pem)
        settings.TRAIL_TIMESTAMPS_CERTIFICATE = str(path)
        return path

    def test_counts_them(self, two: UUID, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("trail", "verify", provider=two)
        assert "2 time stamps hold" in capsys.readouterr().out

    def test_says_where_no_certificate_is_set(self, two: UUID, settings: Any, capsys: Any) -> None:
        settings.TRAIL_TIMESTAMPS_CERTIFICATE = ""
        call_command("trail", "verify", provider=two)
        assert "2 time stamps held against no certificate" in capsys.readouterr().out

    def test_names_one_and_ends_badly(self, two: UUID, capsys: pytest.CaptureFixture[str]) -> None:
        delete(TimeStamp.objects.filter(provider_id=two, number=2))
        with pytest.raises(CommandError, match="1 thing is wrong"):
            call_command("trail", "verify", provider=two)
        assert "missing time stamp: the time stamp of head 2 is missing" in capsys.readouterr().out
        assert Verification.objects.latest("at", "pk").troubles[0].startswith("the time stamp of head 2")

    def test_says_that_the_certificates_cannot_be_read(self, two: UUID, trusted: Path) -> None:
        trusted.write_text("no certificate")
        with pytest.raises(CommandError, match="holds no certificates that can be read"):
            call_command("trail", "verify", provider=two)

    def test_the_worker_holds_them_against_the_certificates_too(self, two: UUID, trusted: Path) -> None:
        sweeps.verify_trails(NOW)
        assert Verification.objects.get(provider_id=two).troubles == []
        trusted.write_bytes(certified("Another", usages=()).pem)
        sweeps.verify_trails(NOW + timedelta(days=2))
        troubles = Verification.objects.filter(provider_id=two).latest("at").troubles
        assert [one.split(" does")[0] for one in troubles] == ["the time stamp of head 1", "the time stamp of head 2"]


class TestForPacks:
    def test_the_earliest_that_covers_so_many_entries(self, two: UUID) -> None:
        first, second, _ = seals_of(two)
        for size, number in ((1, 1), (first.size, 1), (first.size + 1, 2), (second.size, 2)):
            found = stamp_over(two, size)
            assert found is not None
            assert found.number == number
            assert stamped_at(found.answer, found.note.decode(), (root().certificate,)) == seals_of(two)[number - 1].at

    def test_none_where_no_stamp_covers_them_yet(self, two: UUID, cast: Cast) -> None:
        assert stamp_over(two, seals_of(two)[1].size + 1) is None
        add_entries(cast.provider, 1)
        assert stamp_over(two, len(entries_of(two))) is None
        assert stamp_over(cast.stranger.provider_id, 1) is None
