"""The worker seals every trail each minute, and sends the newest heads to those who keep them outside, each day."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from structlog.testing import capture_logs

from saferpractice.config import clock
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.evidence.operations.heads import send_head
from saferpractice.jobs import sweeps
from saferpractice.jobs.management.commands import work
from saferpractice.trail import outside, sealing
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import Seal, TrailEntry
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import notes_in, read_head
from tests.databases import Database
from tests.factories.trail import add_entries, delete, edit, entries_of, seals_of, verified
from tests.personas import NOW, Cast, build_cast

pytestmark = pytest.mark.requirement("R5", "R34")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def outside_heads(settings: Any, tmp_path: Path) -> Path:
    settings.TRAIL_HEADS = str(tmp_path / "heads")
    return tmp_path / "heads"


@pytest.mark.django_db
class TestSealing:
    def test_every_trail_comes_under_a_head_that_is_kept_outside(self, cast: Cast) -> None:
        assert sweeps.seal_trails(NOW) == 2
        for provider_id in (cast.provider.pk, cast.stranger.provider_id):
            report = verified(provider_id)
            assert (report.whole, report.heads, report.kept) == (True, 1, 1)
            assert report.sealed is not None
            assert report.sealed.size == report.entries
        assert sweeps.seal_trails(NOW) == 0

    def test_a_trail_that_does_not_fit_does_not_hold_up_the_others(self, cast: Cast) -> None:
        one, other = sorted([cast.provider.pk, cast.stranger.provider_id])
        edit(entries_of(one)[2], sentence="set up nothing")
        with capture_logs() as logged:
            assert sweeps.seal_trails(NOW) == 2
        assert (len(seals_of(one)), len(seals_of(other))) == (0, 1)
        (line,) = logged
        assert line["reason"] == f"the trail of {one} does not fit at entry 3"
        assert "exc_info" not in line, "a traceback would show what was written"

    def test_a_long_one_in_parts_over_several_rounds(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        real = sealing.seal
        monkeypatch.setattr(sealing, "seal", lambda **named: real(**named, most=4))
        monkeypatch.setattr(sweeps, "SEALS_IN_A_ROUND", 2)
        size = len(entries_of(cast.provider.pk))
        rounds = 0
        while sweeps.seal_trails(NOW):
            rounds += 1
        assert rounds == -(-size // 8) > 1
        assert verified(cast.provider.pk).whole

    def test_heads_that_cannot_be_kept_are_kept_with_the_next(self, cast: Cast, outside_heads: Path) -> None:
        outside_heads.write_text("in the way of the folder")
        sweeps.seal_trails(NOW)
        outside_heads.unlink()
        add_entries(cast.provider, 1)
        sweeps.seal_trails(NOW + DAY)
        assert list(outside.kept(cast.provider.pk)) == [seal.note for seal in seals_of(cast.provider.pk)]


@pytest.mark.django_db
class TestSendingHeads:
    ADDRESSES = ("auditor@invented.example", "commissioner@invented.example")

    @pytest.fixture(autouse=True)
    def _to(self, settings: Any) -> None:
        settings.TRAIL_HEADS_TO = self.ADDRESSES

    def waiting(self) -> list[OutboxMessage]:
        return list(OutboxMessage.objects.filter(key__startswith="trail-head:").order_by("key"))

    def test_the_newest_of_each_trail_to_each_address(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        assert sweeps.send_heads(NOW) == 4
        found = {(message.provider_id, message.address) for message in self.waiting()}
        assert found == {
            (provider, to) for provider in (cast.provider.pk, cast.stranger.provider_id) for to in self.ADDRESSES
        }

    def test_what_arrives_can_be_checked(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        sweeps.send_heads(NOW)
        sweeps.send_mail(NOW)
        sent = [one for one in mail.outbox if one.to == [self.ADDRESSES[0]]]
        notes = [note for one in sent for note in notes_in(str(one.body))]
        heads = {read_head(note, public_keys()).provider_id for note in notes}
        assert heads == {cast.provider.pk, cast.stranger.provider_id}
        assert verified(cast.provider.pk, *notes).kept == 2

    def test_and_read_out_of_the_saved_message(self, cast: Cast, tmp_path: Path) -> None:
        """As a mail program saves it, whatever encoding it chose. The trail was cut since."""
        sweeps.seal_trails(NOW)
        sweeps.send_heads(NOW)
        sweeps.send_mail(NOW)
        ours = next(one for one in mail.outbox if str(cast.provider.pk) in str(one.body))
        saved = tmp_path / "saved.eml"
        saved.write_bytes(ours.message().as_bytes())
        call_command("trail", "verify", "--head", str(saved))
        outside.file_of(cast.provider.pk).unlink()
        delete(Seal.objects.filter(provider_id=cast.provider.pk))
        with pytest.raises(Exception, match="1 thing is wrong"):
            call_command("trail", "verify", "--head", str(saved))

    def test_once_a_day_in_london(self, cast: Cast) -> None:
        before_midnight = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)
        sweeps.seal_trails(before_midnight)
        assert sweeps.send_heads(before_midnight) == 4
        assert sweeps.send_heads(before_midnight) == 0
        add_entries(cast.provider, 1)
        sweeps.seal_trails(before_midnight)
        assert sweeps.send_heads(before_midnight) == 0
        assert sweeps.send_heads(before_midnight + timedelta(minutes=1)) == 4

    def test_the_trail_says_that_it_was_sent(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        sweeps.send_heads(NOW)
        said = TrailEntry.objects.filter(provider_id=cast.provider.pk, operation="evidence.send_head")
        assert {entry.sentence for entry in said} == {f"sent signed head 1 to {to}" for to in self.ADDRESSES}
        assert {entry.facts["size"] for entry in said} == {seals_of(cast.provider.pk)[0].size}

    def test_nothing_is_sent_before_a_head_is_signed_or_to_nobody(self, cast: Cast, settings: Any) -> None:
        assert sweeps.send_heads(NOW) == 0
        sweeps.seal_trails(NOW)
        settings.TRAIL_HEADS_TO = ()
        assert sweeps.send_heads(NOW) == 0
        assert self.waiting() == []

    def test_two_workers_at_one_moment_send_one(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        seal = seals_of(cast.provider.pk)[0]
        assert send_head(by=sweeps.WORKER, at=NOW, seal=seal, address=self.ADDRESSES[0]) is True
        assert send_head(by=sweeps.WORKER, at=NOW, seal=seal, address=self.ADDRESSES[0]) is False
        assert len(self.waiting()) == 1

    def test_a_person_does_not_choose_what_is_sent(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        with pytest.raises(Refused, match="by the worker only"):
            send_head(by=cast.administrator, at=NOW, seal=seals_of(cast.provider.pk)[0], address="a@b.example")


class TestTheWorker:
    def test_leaves_everything_under_a_head_when_it_has_nothing_to_do(self, fresh_database: Database) -> None:
        cast = build_cast(at=clock.now())
        environment = {
            **os.environ,
            **fresh_database.environment,
            "DJANGO_SETTINGS_MODULE": "saferpractice.config.settings",
            "TRAIL_HEADS": "",
        }
        command = [sys.executable, "-m", "saferpractice", "work", "--until-idle"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        (seal,) = seals_of(cast.provider.pk)
        assert seal.size == len(entries_of(cast.provider.pk))
        kept = fresh_database.data_dir / "trail-heads" / f"{cast.provider.pk}.jsonl"
        assert len(kept.read_text().splitlines()) == 1

    def test_seals_each_minute_and_not_each_round(self, monkeypatch: pytest.MonkeyPatch, the_clock: Any) -> None:
        import threading

        stop, sealed = threading.Event(), []
        times = iter([0, 5, 59, 60, 65, 119, 120])
        monkeypatch.setattr(sweeps, "seal_trails", sealed.append)
        for name in ("tidy", "send_heads", "replays_need_help"):
            monkeypatch.setattr(sweeps, name, lambda at: 0)
        monkeypatch.setattr(work.outside, "send_outside", lambda at: 0)
        monkeypatch.setattr(work, "close_old_connections", lambda: None)
        monkeypatch.setattr(work, "REST_SECONDS", 0)

        def round_of_work(at: datetime) -> int:
            seconds = next(times, None)
            if seconds is None:
                stop.set()
            else:
                the_clock.stand_at(NOW + timedelta(seconds=seconds))
            return 1

        the_clock.stand_at(NOW)
        monkeypatch.setattr(sweeps, "round_of_work", round_of_work)
        work.Command().work(stop, False, work.Helper())
        assert sealed == [NOW + timedelta(seconds=seconds) for seconds in (0, 60, 120)]
