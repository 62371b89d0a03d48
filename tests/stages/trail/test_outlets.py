"""Administrators see where heads go, when the last one arrived, and what is in its way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.config.outgoing import Destination
from saferpractice.deadlines.models import OutboxMessage
from saferpractice.evidence.queries.heads import Outlet, outlets_of
from saferpractice.home.presenters import outlet_rows, stamp_shown, trail_shown
from saferpractice.home.presenters.trail import TAKEN_WITHIN
from saferpractice.jobs import sweeps
from saferpractice.jobs.outside import send_outside
from saferpractice.trail.queries import TrailState, state_of
from tests.factories.servers import Servers, answered
from tests.factories.trail import sealed_trail, seals_of, stamped
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.requirement("R5", "R34"), pytest.mark.django_db]
HOOK = Destination.read("https://heads.example.org/in?key=s3cret")
STAMPS = Destination.read("http://stamps.example.org/tsr", ("http",))
AUDITOR = "auditor@invented.example"
AWAY = answered(b"", "503 Away")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def places(settings: Any) -> None:
    settings.TRAIL_HEADS_TO = (AUDITOR,)
    settings.TRAIL_HEADS_WEBHOOK = (HOOK,)
    settings.TRAIL_TIMESTAMPS = (STAMPS,)


def shown(cast: Cast, at: Any = NOW) -> list[Outlet]:
    return outlets_of(
        cast.provider.pk, at, addresses=(AUDITOR,), webhooks=(HOOK,), authorities=(STAMPS,)
    )  # fmt: skip


def states(cast: Cast, at: Any = NOW) -> list[str]:
    return [str(row[3]) for row in outlet_rows(shown(cast, at))]


def worries(cast: Cast, at: Any) -> tuple[str, ...]:
    nothing = TrailState(None, None, None)
    before = trail_shown(nothing, at).worries
    return trail_shown(nothing, at, shown(cast, at)).worries[len(before) :]


def queued(cast: Cast) -> None:
    sweeps.seal_trails(NOW)
    sweeps.send_heads(NOW)


class TestOutlets:
    def test_are_what_the_settings_name_in_their_order(self, cast: Cast) -> None:
        assert [(one.means, one.to) for one in shown(cast)] == [
            ("e-mail", AUDITOR), ("webhook", "https://heads.example.org"), ("time stamps", "http://stamps.example.org"),
        ]  # fmt: skip

    def test_before_anything_went(self, cast: Cast) -> None:
        assert {(one.sent, one.newest) for one in shown(cast)} == {(None, None)}
        assert ["Nothing yet" in one for one in states(cast)] == [True] * 3
        assert worries(cast, NOW) == ()

    def test_while_it_waits(self, cast: Cast) -> None:
        queued(cast)
        assert ["Waiting" in one for one in states(cast)] == [True] * 3
        assert worries(cast, NOW + 2 * TAKEN_WITHIN) == (), "a worker that does not run is told elsewhere"

    def test_once_it_arrived(self, cast: Cast) -> None:
        queued(cast)
        sweeps.send_mail(NOW)
        send_outside(NOW, Servers().network)
        mail, hook, _ = shown(cast)
        assert mail.sent is not None
        assert hook.sent is not None
        assert (mail.sent.sent_at, hook.sent.sent_at) == (NOW, NOW)
        assert [">Sent<" in one for one in states(cast)[:2]] == [True] * 2

    def test_the_last_that_arrived_stays_shown_beside_the_one_that_does_not(self, cast: Cast) -> None:
        queued(cast)
        send_outside(NOW, Servers().network)
        tomorrow = NOW + timedelta(days=1)
        sweeps.seal_trails(tomorrow)
        sweeps.send_heads(tomorrow)
        send_outside(tomorrow, Servers(says=AWAY).network)
        send_outside(tomorrow + MINUTE, Servers(says=AWAY).network)
        hook = shown(cast, tomorrow)[1]
        assert hook.sent is not None
        assert hook.newest is not None
        assert (hook.sent.sent_at, hook.newest.last_error) == (NOW, "https://heads.example.org answered 503.")

    def test_an_e_mail_of_last_week_is_looked_back_at(self, cast: Cast) -> None:
        queued(cast)
        sweeps.send_mail(NOW)
        assert shown(cast, NOW + timedelta(days=6))[0].sent is not None
        assert shown(cast, NOW + timedelta(days=7))[0].sent is None

    def test_another_provider_s_are_not_shown(self, cast: Cast) -> None:
        queued(cast)
        OutboxMessage.objects.filter(provider=cast.provider).delete()
        assert {one.newest for one in shown(cast)} == {None}


class TestWhatIsInTheWay:
    @pytest.fixture(autouse=True)
    def _tried(self, cast: Cast) -> None:
        """Both providers' heads, tried once: a round ends at the first that is not taken."""
        queued(cast)
        for after in (0, 1):
            send_outside(NOW + after * MINUTE, Servers(says=AWAY).network)

    def test_one_that_was_not_taken_goes_behind_those_not_tried_yet(self) -> None:
        tried = OutboxMessage.objects.filter(destination=HOOK.digest).values_list("attempts", flat=True)
        assert list(tried) == [1, 1]

    def test_is_told_beside_it(self, cast: Cast) -> None:
        _, hook, stamps = states(cast)
        for state, place in ((hook, HOOK), (stamps, STAMPS)):
            assert "Not taken yet" in state
            assert f"{place.shown} answered 503." in state
            assert "so far, and it is tried again" in state

    def test_is_a_worry_after_an_hour(self, cast: Cast) -> None:
        assert worries(cast, NOW + TAKEN_WITHIN) == ()
        assert worries(cast, NOW + TAKEN_WITHIN + MINUTE) == (
            "Signed heads do not reach https://heads.example.org. https://heads.example.org answered 503.",
            "No time stamp comes from http://stamps.example.org. http://stamps.example.org answered 503.",
        )

    def test_is_a_worry_at_once_when_it_was_given_up(self, cast: Cast) -> None:
        OutboxMessage.objects.filter(destination=HOOK.digest).update(given_up_at=NOW)
        assert len(worries(cast, NOW)) == 1
        assert "Given up" in states(cast)[1]

    def test_is_no_worry_once_it_arrived(self, cast: Cast) -> None:
        send_outside(NOW + TAKEN_WITHIN, Servers().network)
        assert worries(cast, NOW + 2 * TAKEN_WITHIN) == (
            "No time stamp comes from http://stamps.example.org. http://stamps.example.org answered, but it is no time"
            " stamp.",
        )

    def test_of_an_e_mail_is_told_without_what_the_mail_server_said(self, cast: Cast) -> None:
        def refuses(_mail: object) -> int:
            raise ConnectionError("550 no such person as Ann")

        sweeps.send_mail(NOW, send=refuses)
        state = states(cast)[0]
        assert "The mail server refuses them or is away." in state
        assert "Ann" not in state
        assert worries(cast, NOW + TAKEN_WITHIN + MINUTE)[0].startswith(
            f"Signed heads cannot be e-mailed to {AUDITOR}."
        )


class TestThePage:
    def page(self, cast: Cast) -> str:
        return words(signed_in(cast.administrator).get(reverse("home:trail_state")))

    def test_shows_each_place_and_no_secret(self, cast: Cast) -> None:
        page = self.page(cast)
        for text in (AUDITOR, "https://heads.example.org", "http://stamps.example.org", "Webhook", "Time stamps"):
            assert text in page
        assert "s3cret" not in page
        assert "set TRAIL_HEADS_TO" not in page

    def test_shows_what_is_in_the_way(self, cast: Cast) -> None:
        queued(cast)
        OutboxMessage.objects.filter(destination=HOOK.digest).update(given_up_at=NOW, last_error="It <b>burns</b>.")
        page = self.page(cast)
        assert "Signed heads do not reach https://heads.example.org. It <b>burns</b>." in page, "as text, not as markup"

    def test_shows_the_newest_time_stamp(self, cast: Cast) -> None:
        assert "None yet" in self.page(cast)
        sealed_trail(cast.provider, 1, 1)
        for head in seals_of(cast.provider.pk):
            stamped(head)
        assert "Head 2, seen by http://stamps.example.org on Wednesday 4 March 2026, 2:07am" in self.page(cast)

    def test_says_nothing_of_stamps_where_none_are_asked_for(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_TIMESTAMPS = ()
        assert "time stamp" not in self.page(cast).lower()

    def test_stamps_alone_send_heads_to_nobody(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_HEADS_TO = settings.TRAIL_HEADS_WEBHOOK = ()
        assert "set TRAIL_HEADS_TO or TRAIL_HEADS_WEBHOOK" in self.page(cast)

    def test_state_and_stamp_are_read_for_one_provider(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        assert state_of(cast.stranger.provider_id).seal is None
        assert stamp_shown(None) == "None yet"
