"""How the trail stands, for whoever looks after it: what is signed, what was verified, what must be done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from saferpractice.home.presenters import trail_shown
from saferpractice.jobs import sweeps
from saferpractice.trail import outside
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import Verification
from saferpractice.trail.queries import state_of
from saferpractice.trail.verification import MOST_KEPT, keep_report, to_verify
from tests.factories.trail import add_entries, edit, entries_of, sealed_trail, verified
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.requirement("R34"), pytest.mark.django_db]

SOON = NOW + timedelta(minutes=5)


def verify_and_keep(cast: Cast, at: Any = NOW) -> Verification:
    return keep_report(verified(cast.provider.pk), at)


class TestState:
    def test_of_a_trail_that_was_never_signed(self, cast: Cast) -> None:
        state = state_of(cast.provider.pk)
        assert (state.seal, state.verified) == (None, None)
        assert state.first_unsealed == entries_of(cast.provider.pk)[0]

    def test_knows_the_oldest_entry_after_the_newest_head(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1, 2)
        assert state_of(cast.provider.pk).first_unsealed is None
        add_entries(cast.provider, 2)
        state = state_of(cast.provider.pk)
        assert state.first_unsealed == entries_of(cast.provider.pk)[-2]
        assert state.seal is not None
        assert state.seal.number == 2

    def test_of_a_provider_without_one(self, db: None) -> None:
        state = state_of(uuid4())
        assert (state.seal, state.first_unsealed, state.verified) == (None, None, None)

    def test_knows_the_newest_verification_of_this_provider(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        verify_and_keep(cast, NOW)
        newest = verify_and_keep(cast, SOON)
        keep_report(verified(cast.stranger.provider_id), SOON + timedelta(days=1))
        assert state_of(cast.provider.pk).verified == newest


class TestWhatMustBeDone:
    def worries(self, cast: Cast, at: Any = SOON) -> tuple[str, ...]:
        return trail_shown(state_of(cast.provider.pk), at).worries

    def test_nothing_where_all_is_signed_and_verified(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        verify_and_keep(cast)
        assert self.worries(cast) == ()

    @pytest.mark.parametrize(("minutes", "worried"), [(10, False), (11, True)])
    def test_entries_that_wait_too_long_for_a_head(self, minutes: int, worried: bool, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        verify_and_keep(cast)
        add_entries(cast.provider, 1)
        found = self.worries(cast, NOW + timedelta(minutes=minutes))
        assert [one.startswith("There are entries under no signed head") for one in found] == (
            [True] if worried else []
        )

    @pytest.mark.parametrize(("days", "worried"), [(2, False), (2.01, True)])
    def test_nobody_verified_it_lately(self, days: float, worried: bool, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        verify_and_keep(cast)
        assert ("not verified" in " ".join(self.worries(cast, NOW + timedelta(days=days)))) == worried

    def test_it_was_never_verified(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        assert "not verified" in " ".join(self.worries(cast))

    def test_it_is_not_what_was_written(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 3)
        edit(entries_of(cast.provider.pk)[-1], sentence="did something else")
        verify_and_keep(cast)
        shown = trail_shown(state_of(cast.provider.pk), SOON)
        assert "not what was written" in shown.worries[0]
        assert "not whole" in shown.verified
        assert "was changed after it was written" in shown.troubles[0]


class TestWhatIsKeptOfAVerification:
    def test_all_that_was_counted(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1, 1)
        row = verify_and_keep(cast)
        assert (row.entries, row.heads, row.kept, row.troubles, row.more) == (
            len(entries_of(cast.provider.pk)),
            2,
            2,
            [],
            0,
        )

    def test_the_first_troubles_and_how_many_more(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        rows = entries_of(cast.provider.pk)
        for row in rows:
            edit(row, sentence="did something else")
        kept = verify_and_keep(cast)
        assert len(kept.troubles) == MOST_KEPT
        assert len(kept.troubles) + kept.more == len(rows)
        assert trail_shown(state_of(cast.provider.pk), SOON).troubles[-1] == f"And {kept.more} more."

    def test_the_database_keeps_it(self, cast: Cast) -> None:
        verify_and_keep(cast)
        for statement in ("UPDATE trail_verification SET entries = 0", "DELETE FROM trail_verification"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)

    def test_the_command_keeps_what_it_found(self, cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
        sealed_trail(cast.provider, 1)
        call_command("trail", "verify", provider=cast.provider.pk)
        assert Verification.objects.get().troubles == []
        edit(entries_of(cast.provider.pk)[-1], sentence="did something else")
        with pytest.raises(CommandError):
            call_command("trail", "verify", provider=cast.provider.pk)
        assert len(Verification.objects.latest("at", "pk").troubles) == 1


class TestTheWorker:
    def test_verifies_every_trail_once_a_day(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 1)
        assert sweeps.verify_trails(NOW) == 2
        assert sweeps.verify_trails(NOW + timedelta(hours=23)) == 0
        assert sweeps.verify_trails(NOW + timedelta(hours=25)) == 2
        assert set(Verification.objects.values_list("provider_id", flat=True)) == {
            cast.provider.pk, cast.stranger.provider_id,
        }  # fmt: skip

    def test_leaves_a_very_long_one_to_the_command(self, cast: Cast) -> None:
        longest = len(entries_of(cast.provider.pk))
        assert cast.provider.pk in to_verify(NOW, every=timedelta(days=1), most=longest)
        assert cast.provider.pk not in to_verify(NOW, every=timedelta(days=1), most=longest - 1)

    def test_says_it_when_one_is_not_whole(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        said: list[tuple[str, dict[str, Any]]] = []
        monkeypatch.setattr(sweeps.log, "error", lambda what, **more: said.append((what, more)))
        sealed_trail(cast.provider, 2)
        sweeps.verify_trails(NOW)
        assert said == []
        edit(entries_of(cast.provider.pk)[-1], sentence="did something else")
        sweeps.verify_trails(NOW + timedelta(days=2))
        assert said == [("a trail is not what was written", {"provider": str(cast.provider.pk), "troubles": 1})]


class TestThePage:
    def test_says_where_heads_go_and_by_which_key(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_HEADS_TO = ("auditor@example.org",)
        sealed_trail(cast.provider, 1)
        page = words(signed_in(cast.administrator).get(reverse("home:trail_state")))
        for shown in (str(outside.folder()), "auditor@example.org", str(public_keys()[0]), "Head 1, over"):
            assert shown in page

    def test_says_that_nobody_gets_them(self, cast: Cast, settings: Any) -> None:
        settings.TRAIL_HEADS_TO = ()
        assert "set TRAIL_HEADS_TO" in words(signed_in(cast.administrator).get(reverse("home:trail_state")))

    def test_names_what_was_done_to_the_trail(self, cast: Cast) -> None:
        sealed_trail(cast.provider, 3)
        edit(entries_of(cast.provider.pk)[-1], sentence="did something else")
        verify_and_keep(cast)
        assert "was changed after it was written" in words(
            signed_in(cast.administrator).get(reverse("home:trail_state"))
        )  # fmt: skip
