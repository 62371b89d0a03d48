"""Signed heads go to servers outside, and come back with time stamps; what does not arrive is tried again, and told."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from structlog.testing import capture_logs

from saferpractice.config.outgoing import Destination
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.evidence.operations.heads import ask_for_stamp, keep_stamp, post_head
from saferpractice.jobs import outside as posting
from saferpractice.jobs import sweeps
from saferpractice.jobs.outside import GIVEN_UP_AFTER, REMOVED, send_outside
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import TimeStamp, TrailEntry
from saferpractice.trail.outside import number_in
from saferpractice.trail.refusals import Refused
from saferpractice.trail.rules import read_head
from saferpractice.trail.rules.stamps import LARGEST_ANSWER
from tests.factories.authority import Authority, certified, root
from tests.factories.servers import OK, Asked, Servers, answered
from tests.factories.trail import add_entries, chain_again, delete, seals_of, verified
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.requirement("R5", "R34"), pytest.mark.django_db]
HOOK = Destination.read("https://heads.example.org/in?key=s3cret")
OTHER = Destination.read("https://keeper.example.org/")
STAMPS = Destination.read("http://stamps.example.org/tsr", ("http",))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.TRAIL_HEADS = str(tmp_path / "heads")
    settings.TRAIL_HEADS_WEBHOOK = ()
    settings.TRAIL_TIMESTAMPS = ()
    (tmp_path / "root.pem").write_bytes(root().pem)
    settings.TRAIL_TIMESTAMPS_CERTIFICATE = str(tmp_path / "root.pem")


def sealed(at: datetime = NOW) -> None:
    """Heads over all there is, in the outbox for whom the settings name."""
    sweeps.seal_trails(at)
    sweeps.send_heads(at)


def outbox(destination: Destination = HOOK) -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(destination=destination.digest).order_by("created_at", "key"))


def ours(cast: Cast, destination: Destination = HOOK) -> OutboxMessage:
    return OutboxMessage.objects.filter(destination=destination.digest, provider=cast.provider).latest("created_at")


class TestHeadsByWebhook:
    @pytest.fixture(autouse=True)
    def _to(self, settings: Any) -> None:
        settings.TRAIL_HEADS_WEBHOOK = (HOOK,)

    def test_arrive_signed(self, cast: Cast) -> None:
        servers = Servers()
        sealed()
        assert send_outside(NOW, servers.network) == 2
        bodies = [json.loads(asked.body) for asked in servers.asked]
        assert {body["provider"] for body in bodies} == {str(cast.provider.pk), str(cast.stranger.provider_id)}
        for body in bodies:
            head = read_head(body["note"], public_keys())
            assert (str(head.provider_id), head.number) == (body["provider"], body["number"])
            assert body["format"] == "saferpractice.trail-head/1"
        assert {asked.headers["Content-Type"] for asked in servers.asked} == {"application/json"}
        assert {asked.first for asked in servers.asked} == {"POST /in?key=s3cret HTTP/1.1"}

    def test_hold_nothing_about_anybody(self, cast: Cast) -> None:
        servers = Servers()
        sealed()
        send_outside(NOW, servers.network)
        everything = b"".join(asked.body for asked in servers.asked)
        for name in (cast.lead.name, cast.lead.email, cast.provider.name):
            assert name.encode() not in everything

    def test_what_arrived_shows_a_trail_that_was_cut(self, cast: Cast) -> None:
        servers = Servers()
        sealed()
        send_outside(NOW, servers.network)
        notes = [json.loads(asked.body)["note"] for asked in servers.asked]
        assert verified(cast.provider.pk, *notes).whole
        last = seals_of(cast.provider.pk)[-1].size
        delete(TrailEntry.objects.filter(provider_id=cast.provider.pk, sequence=last))
        chain_again(cast.provider.pk, last - 2)
        assert not verified(cast.provider.pk, *notes).whole

    def test_go_once_a_day_in_london_and_never_twice(self, cast: Cast) -> None:
        before_midnight = datetime(2026, 7, 1, 22, 59, tzinfo=UTC)
        sealed(before_midnight)
        sealed(before_midnight)
        assert len(outbox()) == 2
        add_entries(cast.provider, 1)
        sealed(before_midnight)
        assert len(outbox()) == 2, "one a day"
        sealed(before_midnight + timedelta(minutes=1))
        assert len(outbox()) == 4
        assert len({(one.provider_id, number_in(one.body)) for one in outbox()}) == 4

    def test_the_same_head_does_not_go_again_on_another_day(self, cast: Cast) -> None:
        sealed()
        assert sweeps.send_heads(NOW + 5 * DAY) == 0
        assert len(outbox()) == 2, "nothing was sealed since"

    def test_go_to_each_server_by_itself(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_HEADS_WEBHOOK = (HOOK, OTHER)

        def says(asked: Asked) -> bytes:
            return OK if asked.host == OTHER.host else answered(b"", "503 Away")

        servers = Servers(says=says)
        sealed()
        assert send_outside(NOW, servers.network) == 2
        assert all(one.sent_at == NOW for one in outbox(OTHER))
        assert all(one.sent_at is None for one in outbox(HOOK))

    def test_the_trail_says_so_and_not_the_secret(self, cast: Cast) -> None:
        sealed()
        (entry,) = TrailEntry.objects.filter(provider_id=cast.provider.pk, operation="evidence.post_head")
        assert entry.sentence == "sent signed head 1 to https://heads.example.org"
        assert entry.facts["size"] == seals_of(cast.provider.pk)[0].size
        assert "s3cret" not in json.dumps(entry.facts)
        assert not any("s3cret" in f"{one.key}{one.body}{one.subject}{one.destination}" for one in outbox())

    def test_a_person_does_not_choose_what_is_sent(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        (seal,) = seals_of(cast.provider.pk)
        for act in (
            lambda: post_head(by=cast.administrator, at=NOW, seal=seal, to=HOOK),
            lambda: ask_for_stamp(by=cast.administrator, at=NOW, seal=seal, to=STAMPS),
            lambda: keep_stamp(by=cast.administrator, at=NOW, seal=seal, answer=b"x", stamped_at=NOW, authority=STAMPS),
        ):
            with pytest.raises(Refused, match="by the worker only"):
                act()

    def test_two_workers_at_one_moment_send_one(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        (seal,) = seals_of(cast.provider.pk)
        assert post_head(by=sweeps.WORKER, at=NOW, seal=seal, to=HOOK) is True
        assert post_head(by=sweeps.WORKER, at=NOW, seal=seal, to=HOOK) is False
        assert len(outbox()) == 1

    def test_a_worker_that_died_is_made_up_for_under_the_same_key(self, cast: Cast, monkeypatch: Any) -> None:
        def killed(_message: OutboxMessage, _at: datetime) -> None:
            raise KeyboardInterrupt

        servers = Servers()
        sealed()
        with monkeypatch.context() as patch:
            patch.setattr(posting, "_mark_sent", killed)
            with pytest.raises(KeyboardInterrupt):
                send_outside(NOW, servers.network)
        assert send_outside(NOW + timedelta(minutes=1), servers.network) == 1, "the other one; this one is claimed"
        assert send_outside(NOW + timedelta(minutes=6), servers.network) == 1
        keys = [asked.headers["Idempotency-Key"] for asked in servers.asked]
        assert len(keys) == 3
        assert len(set(keys)) == 2

    def test_mail_and_posts_do_not_take_each_other_s(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_HEADS_TO = ("auditor@invented.example",)
        servers = Servers()
        sealed()
        assert sweeps.send_mail(NOW) == 2
        assert all(one.sent_at is None for one in outbox())
        assert send_outside(NOW, servers.network) == 2
        assert OutboxMessage.objects.filter(sent_at__isnull=True).count() == 0

    def test_nothing_goes_where_nothing_is_set(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_HEADS_WEBHOOK = ()
        sealed()
        servers = Servers()
        assert (send_outside(NOW, servers.network), servers.looked_up) == (0, [])


class TestWhatIsNotTaken:
    @pytest.fixture(autouse=True)
    def _to(self, settings: Any) -> None:
        settings.TRAIL_HEADS_WEBHOOK = (HOOK,)

    def test_waits_longer_each_time_and_arrives_in_the_end(self, cast: Cast) -> None:
        sealed()
        OutboxMessage.objects.exclude(provider=cast.provider).update(sent_at=NOW)
        failing = Servers(says=answered(b"", "500 Oh"))
        waits, at = [], NOW
        for _ in range(9):
            assert send_outside(at - timedelta(seconds=1), failing.network) == 0
            send_outside(at, failing.network)
            waits.append(ours(cast).send_after - at)
            at = ours(cast).send_after
        assert len(failing.asked) == 9, "not a second before its time"
        assert waits == sorted(waits)
        assert waits[0] <= timedelta(minutes=1)
        assert waits[-1] == HOUR
        assert ours(cast).last_error == "https://heads.example.org answered 500."
        assert send_outside(at, Servers().network) == 1
        assert (ours(cast).sent_at, ours(cast).last_error) == (at, "")

    def test_stops_the_round_so_that_a_dead_server_holds_nobody_up(self, cast: Cast) -> None:
        sealed()
        servers = Servers(says=TimeoutError())
        assert send_outside(NOW, servers.network) == 0
        assert len(servers.connected) == 1

    @pytest.mark.parametrize(("age", "over"), [(DAY - timedelta(seconds=1), False), (DAY, True), (3 * DAY, True)])
    def test_is_given_up_after_a_day_and_not_before(self, age: timedelta, over: bool, cast: Cast) -> None:
        assert GIVEN_UP_AFTER == DAY
        sealed()
        with capture_logs() as logged:
            send_outside(NOW + age, Servers(says=answered(b"", "404 No")).network)
        (tried,) = [one for one in outbox() if one.attempts]
        assert (tried.given_up_at is not None) is over
        assert tried.last_error == "https://heads.example.org answered 404."
        (line,) = logged
        assert line["event"].endswith("given up" if over else "not taken")
        assert (line["to"], line["reason"]) == (HOOK.shown, tried.last_error)
        assert "s3cret" not in json.dumps(line)

    def test_is_not_sent_any_more_once_given_up(self, cast: Cast) -> None:
        sealed()
        for _ in range(2):
            send_outside(NOW + DAY, Servers(says=answered(b"", "404 No")).network)
        servers = Servers()
        assert (send_outside(NOW + 2 * DAY, servers.network), servers.asked) == (0, [])

    def test_the_next_day_goes_on_with_the_newest(self, cast: Cast) -> None:
        sealed()
        for _ in range(2):
            send_outside(NOW + DAY, Servers(says=answered(b"", "404 No")).network)
        sealed(NOW + DAY)
        servers = Servers()
        assert send_outside(NOW + DAY, servers.network) == 2
        assert {json.loads(asked.body)["number"] for asked in servers.asked} == {2}

    def test_is_given_up_when_the_setting_names_its_server_no_more(self, cast: Cast, settings: Any) -> None:
        sealed()
        settings.TRAIL_HEADS_WEBHOOK = (OTHER,)
        servers = Servers()
        assert (send_outside(NOW, servers.network), servers.asked) == (0, [])
        assert {(one.given_up_at, one.last_error) for one in outbox()} == {(NOW, REMOVED)}

    def test_is_not_sent_where_the_name_leads_inside(self, cast: Cast) -> None:
        sealed()
        servers = Servers(leads_to=["169.254.169.254"])
        assert (send_outside(NOW, servers.network), servers.connected) == (0, [])
        assert "inner network" in next(one.last_error for one in outbox() if one.attempts)

    def test_by_a_fault_of_ours_is_put_back_too(self, cast: Cast, monkeypatch: Any) -> None:
        def broken(**_named: object) -> None:
            raise RuntimeError("s3cret")

        monkeypatch.setattr(posting, "_post_head", broken)
        sealed()
        with capture_logs() as logged:
            assert send_outside(NOW) == 0
        (tried,) = [one for one in outbox() if one.attempts]
        assert (tried.claimed_until, tried.last_error) == (None, posting.OURS)
        assert logged[0]["event"] == "a message to a server outside could not be sent"

    def test_a_database_that_is_away_is_the_worker_s_to_see(self, cast: Cast, monkeypatch: Any) -> None:
        def away(**_named: object) -> None:
            raise DatabaseError

        monkeypatch.setattr(posting, "_post_head", away)
        sealed()
        with pytest.raises(DatabaseError):
            send_outside(NOW)

    def test_the_database_lets_none_be_sent_and_given_up(self, cast: Cast) -> None:
        sealed()
        with pytest.raises(DatabaseError), transaction.atomic():
            OutboxMessage.objects.filter(destination=HOOK.digest).update(sent_at=NOW, given_up_at=NOW)

    @pytest.mark.parametrize(
        "columns",
        [
            {},
            {"destination": "x", "address": "a@b.example"},
            {"destination": "x", "to": "lead"},
            {"address": "a@b.example", "to": "lead"},
            {"destination": "x", "address": "a@b.example", "to": "lead"},
        ],
        ids=str,
    )
    def test_the_database_lets_none_go_to_nobody_or_to_two(self, columns: dict[str, Any], cast: Cast) -> None:
        named = {**columns, **({"to": cast.lead} if "to" in columns else {})}
        with pytest.raises(DatabaseError), transaction.atomic():
            OutboxMessage.objects.create(
                provider=cast.provider, key="k", subject="s", body="b", created_at=NOW, send_after=NOW, **named
            )


def stamping(authority: Authority | None = None) -> Callable[[Asked], bytes]:
    """A server on which an authority answers."""

    def says(asked: Asked) -> bytes:
        assert asked.headers["Content-Type"] == "application/timestamp-query"
        return answered((authority or Authority()).answer(asked.body))

    return says


class TestTimeStamps:
    @pytest.fixture(autouse=True)
    def _by(self, settings: Any) -> None:
        settings.TRAIL_TIMESTAMPS = (STAMPS,)

    def test_are_kept_beside_the_seal(self, cast: Cast) -> None:
        sealed()
        assert send_outside(NOW, Servers(says=stamping()).network) == 2
        (stamp,) = TimeStamp.objects.filter(provider_id=cast.provider.pk)
        assert (stamp.number, stamp.at, stamp.stamped_at, stamp.authority) == (1, NOW, NOW, STAMPS.shown)
        assert all(one.sent_at == NOW for one in outbox(STAMPS))

    def test_the_trail_says_that_it_was_asked_for_and_what_was_kept(self, cast: Cast) -> None:
        sealed()
        send_outside(NOW, Servers(says=stamping()).network)
        said = TrailEntry.objects.filter(provider_id=cast.provider.pk, operation__contains="stamp").order_by("sequence")
        assert [entry.sentence for entry in said] == [
            "asked http://stamps.example.org for a time stamp of signed head 1",
            "kept the time stamp of signed head 1 by http://stamps.example.org",
        ]
        answer = bytes(TimeStamp.objects.get(provider_id=cast.provider.pk).answer)
        assert said[1].facts["timestamp_sha256"] == hashlib.sha256(answer).hexdigest()

    def test_the_authority_learns_nothing_but_a_hash(self, cast: Cast) -> None:
        servers = Servers(says=stamping())
        sealed()
        send_outside(NOW, servers.network)
        for asked in servers.asked:
            assert str(cast.provider.pk).encode() not in asked.body
            assert len(asked.body) < 100

    def test_are_asked_for_once_a_day(self, cast: Cast) -> None:
        sealed()
        send_outside(NOW, Servers(says=stamping()).network)
        sealed(NOW + HOUR)
        assert send_outside(NOW + HOUR, Servers(says=stamping()).network) == 0
        sealed(NOW + DAY)
        later = Authority().with_(at=NOW + DAY)
        assert send_outside(NOW + DAY, Servers(says=stamping(later)).network) == 2
        numbers = TimeStamp.objects.filter(provider_id=cast.provider.pk).values_list("number", flat=True)
        assert sorted(numbers) == [1, 2]

    @pytest.mark.parametrize(
        ("says", "why"),
        [
            pytest.param(lambda: Authority().with_(status=2), "refused to stamp it (status 2)", id="refused"),
            pytest.param(lambda: Authority().with_(digest=lambda _: bytes(32)), "something else", id="another hash"),
            pytest.param(lambda: Authority().with_(nonce=lambda n: n - 1), "an earlier request", id="old nonce"),
            pytest.param(lambda: Authority().with_(signs=certified("No")), "stands behind it", id="wrong certificate"),
            pytest.param(lambda: Authority().with_(at=NOW - HOUR), "one of the clocks is wrong", id="an hour ago"),
            pytest.param(lambda: Authority().with_(at=NOW + HOUR), "one of the clocks is wrong", id="in an hour"),
            pytest.param(lambda: answered(b"<html>"), "is no time stamp", id="garbage"),
            pytest.param(lambda: answered(b""), "is no time stamp", id="nothing"),
            pytest.param(lambda: answered(b"x" * (LARGEST_ANSWER + 1)), "more than is read", id="huge"),
            pytest.param(lambda: answered(b"", "302 Over there"), "not followed", id="redirect"),
            pytest.param(lambda: answered(b"", "503 Away"), "answered 503", id="away"),
            pytest.param(TimeoutError, "did not answer within", id="slow"),
            pytest.param(ConnectionRefusedError, "cannot be reached", id="no server"),
            pytest.param(socket.gaierror, "cannot be reached", id="no name"),
        ],
    )  # fmt: skip
    def test_of_no_use_are_told_and_asked_for_again(self, says: Callable[[], Any], why: str, cast: Cast) -> None:
        sealed()
        made = says()
        wrong = Servers(says=stamping(made) if isinstance(made, Authority) else made)
        with capture_logs() as logged:
            assert send_outside(NOW, wrong.network) == 0
        assert TimeStamp.objects.count() == 0
        (tried,) = [one for one in outbox(STAMPS) if one.attempts]
        assert why in tried.last_error
        assert tried.last_error.startswith(STAMPS.shown)
        assert [line["reason"] for line in logged] == [tried.last_error]
        later = NOW + timedelta(minutes=2)
        assert send_outside(later, Servers(says=stamping(Authority().with_(at=later))).network) == 2
        assert TimeStamp.objects.count() == 2

    def test_that_never_came_are_asked_for_the_next_day_of_the_newest_head(self, cast: Cast) -> None:
        sealed()
        for _ in range(2):
            send_outside(NOW + DAY, Servers(says=answered(b"", "503 Away")).network)
        assert {one.given_up_at for one in outbox(STAMPS)} == {NOW + DAY}
        sealed(NOW + DAY)
        tomorrow = Authority().with_(at=NOW + DAY)
        assert send_outside(NOW + DAY, Servers(says=stamping(tomorrow)).network) == 2
        assert set(TimeStamp.objects.values_list("number", flat=True)) == {2}

    def test_a_certificate_file_that_went_away_is_told(self, cast: Cast, settings: Any, tmp_path: Path) -> None:
        sealed()
        (tmp_path / "root.pem").unlink()
        assert send_outside(NOW, Servers(says=stamping()).network) == 0
        assert "cannot be read" in next(one.last_error for one in outbox(STAMPS) if one.attempts)
        assert TimeStamp.objects.count() == 0

    def test_two_workers_keep_one(self, cast: Cast) -> None:
        sweeps.seal_trails(NOW)
        (seal,) = seals_of(cast.provider.pk)
        named = {"by": sweeps.WORKER, "at": NOW, "seal": seal, "stamped_at": NOW, "authority": STAMPS}
        assert keep_stamp(**named, answer=b"first") is True
        assert keep_stamp(**named, answer=b"second") is False
        assert [bytes(one.answer) for one in TimeStamp.objects.all()] == [b"first"]

    def test_a_stamp_that_cannot_be_marked_as_come_is_not_kept_either(self, cast: Cast, monkeypatch: Any) -> None:
        def fails(_message: OutboxMessage, _at: datetime) -> None:
            raise DatabaseError

        monkeypatch.setattr(posting, "_mark_sent", fails)
        sealed()
        with pytest.raises(DatabaseError):
            send_outside(NOW, Servers(says=stamping()).network)
        assert TimeStamp.objects.count() == 0
        assert not TrailEntry.objects.filter(operation="evidence.keep_stamp").exists()

    def test_the_database_keeps_them(self, cast: Cast) -> None:
        sealed()
        send_outside(NOW, Servers(says=stamping()).network)
        for statement in ("UPDATE trail_timestamp SET number = 9", "DELETE FROM trail_timestamp"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
