"""What the worker does on each round: one that fails stops no other, and a second time adds nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError

from saferpractice.deadlines.models import Escalation, Obligation, OutboxMessage
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportRun
from saferpractice.exchange.operations import carry_on_waiting
from saferpractice.exchange.rules.states import BatchState
from saferpractice.incidents.models import Incident
from saferpractice.jobs import sweeps
from saferpractice.jobs.models import Heartbeat
from saferpractice.trail.models import TrailEntry
from tests.factories.deadlines import an_obligation
from tests.factories.exchange import PLAIN, a_file, an_import, csv_text, plain_rows
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R35")]
HOUR = timedelta(hours=1)
LATE = NOW + 5 * HOUR


def late_ones(cast: Cast, number: int) -> list[Obligation]:
    return [an_obligation(team=cast.north, at=NOW, title=f"Decide {place}") for place in range(number)]


def breaking(monkeypatch: pytest.MonkeyPatch, name: str, key: str, *broken: Any) -> Callable[[], None]:
    """Have what the sweeps do under ``name`` fail for ``broken``; what is given back mends it."""
    real = getattr(sweeps, name)

    def sometimes(**kwargs: Any) -> object:
        if kwargs[key] in broken:
            raise RuntimeError("a fault of ours")
        return real(**kwargs)

    monkeypatch.setattr(sweeps, name, sometimes)
    return lambda: monkeypatch.setattr(sweeps, name, real)


class TestEscalating:
    @pytest.mark.parametrize(("waiting", "limit", "rounds"), [(5, 2, [2, 2, 1, 0]), (3, 3, [3, 0]), (2, 50, [2, 0])])
    def test_a_round_has_an_end_and_the_next_goes_on(
        self, cast: Cast, waiting: int, limit: int, rounds: list[int]
    ) -> None:
        late_ones(cast, waiting)
        assert [sweeps.escalate_due(LATE, limit=limit) for _ in rounds] == rounds
        assert Escalation.objects.count() == Escalation.objects.values("obligation").distinct().count() == waiting

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_wherever_one_fails_the_others_are_told(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, place: int
    ) -> None:
        late = late_ones(cast, 3)
        breaking(monkeypatch, "escalate", "obligation_id", late[place].pk)
        assert sweeps.escalate_due(LATE) == 3
        told = set(Escalation.objects.values_list("obligation_id", flat=True))
        assert told == {one.pk for one in late} - {late[place].pk}

    def test_even_if_each_of_them_fails_a_new_one_is_told(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        late = late_ones(cast, 3)
        mend = breaking(monkeypatch, "escalate", "obligation_id", *(one.pk for one in late))
        sweeps.escalate_due(LATE)
        assert sweeps.escalate_due(LATE) == 0, "put back for ten minutes"
        new = an_obligation(team=cast.east, at=NOW)
        assert sweeps.escalate_due(LATE) == 1
        assert [one.obligation_id for one in Escalation.objects.all()] == [new.pk]
        mend()
        assert sweeps.escalate_due(LATE + sweeps.PUSHED_BACK) == 3
        assert Escalation.objects.count() == 4

    def test_what_was_met_while_it_was_put_back_stays_met(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        (one,) = late_ones(cast, 1)

        def met_and_fails(**kwargs: Any) -> None:
            Obligation.objects.filter(pk=one.pk).update(
                met_at=LATE, met_by_type="test", met_by_id=uuid4(), next_escalation_at=None
            )
            raise RuntimeError("too late")

        monkeypatch.setattr(sweeps, "escalate", met_and_fails)
        sweeps.escalate_due(LATE)
        one.refresh_from_db()
        assert one.next_escalation_at is None

    def test_a_failure_leaves_nothing_half_written(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        late_ones(cast, 1)
        before = TrailEntry.objects.count()

        def no_message(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError("in the middle")

        monkeypatch.setattr(OutboxMessage.objects, "bulk_create", no_message)
        monkeypatch.setattr(OutboxMessage.objects, "get_or_create", no_message)
        monkeypatch.setattr(OutboxMessage.objects, "create", no_message)
        sweeps.escalate_due(LATE)
        assert (Escalation.objects.count(), OutboxMessage.objects.count()) == (0, 0)
        assert TrailEntry.objects.count() == before

    def test_a_database_that_is_gone_ends_the_round_and_puts_nothing_back(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (one,) = late_ones(cast, 1)

        def gone(**kwargs: Any) -> None:
            raise OperationalError("the server closed the connection")

        monkeypatch.setattr(sweeps, "escalate", gone)
        monkeypatch.setattr(sweeps, "_database_answers", lambda: False)
        with pytest.raises(OperationalError):
            sweeps.escalate_due(LATE)
        due = one.next_escalation_at
        one.refresh_from_db()
        assert one.next_escalation_at == due

    def test_one_row_the_database_refuses_is_put_back_like_any_other(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        late_ones(cast, 2)

        def refused(**kwargs: Any) -> None:
            raise OperationalError("this row")

        monkeypatch.setattr(sweeps, "escalate", refused)
        assert sweeps.escalate_due(LATE) == 2
        assert not Obligation.objects.to_escalate(LATE).exists()


class Items:
    """Things of a sweep that are named and numbered, one of which fails."""

    def __init__(self, *broken: str) -> None:
        self.broken, self.done = broken, []  # type: tuple[str, ...], list[str]

    def do(self, name: str) -> None:
        if name in self.broken:
            raise RuntimeError("a fault of ours")
        self.done.append(name)


class TestWhatIsAskedEachMonthAndQuarter:
    """One team, worker or provider whose data cannot be worked with never keeps the others from what they are owed."""

    @pytest.mark.parametrize("broken", [("north",), ("south",), ("north", "south")])
    def test_a_team_whose_list_cannot_be_frozen(self, monkeypatch: pytest.MonkeyPatch, broken: tuple[str, ...]) -> None:
        items = Items(*broken)
        wanted = [SimpleNamespace(team=name, version=1) for name in ("north", "south", "east")]
        monkeypatch.setattr(sweeps, "lists_to_freeze", lambda at, limit: wanted[:limit])
        monkeypatch.setattr(sweeps, "freeze_cases", lambda *, by, at, team, version: items.do(team))
        assert sweeps.supervise(NOW) == 3 - len(broken)
        assert items.done == [name for name in ("north", "south", "east") if name not in broken]

    @pytest.mark.parametrize("step", ["freeze_cases", "draw_cases", "replace_pick"])
    def test_a_step_that_fails_for_everybody_keeps_no_other_step(
        self, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        items = Items(step)
        monkeypatch.setattr(sweeps, "lists_to_freeze", lambda at, limit: [SimpleNamespace(team="t", version=1)])
        monkeypatch.setattr(sweeps, "lists_to_draw_from", lambda limit: ["list"])
        monkeypatch.setattr(sweeps, "out_of_reach", lambda at: ["pick"])
        for name in ("freeze_cases", "draw_cases", "replace_pick"):
            monkeypatch.setattr(sweeps, name, lambda name=name, **kwargs: items.do(name))
        assert sweeps.supervise(NOW) == 2
        assert {*items.done, step} == {"freeze_cases", "draw_cases", "replace_pick"}

    def test_a_worker_who_cannot_be_asked_for(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        items = Items(cast.worker.name)
        monkeypatch.setattr(sweeps, "to_ask", lambda at, limit: [cast.worker, cast.colleague])
        monkeypatch.setattr(sweeps, "to_follow", lambda at, limit: [cast.worker_elsewhere])
        for name in ("ask_for_discussion", "bring_into_step"):
            monkeypatch.setattr(sweeps, name, lambda *, by, at, worker: items.do(worker.name))
        assert sweeps.ask_for_supervision(NOW) == 2
        assert items.done == [cast.colleague.name, cast.worker_elsewhere.name]

    def test_a_provider_whose_quarter_cannot_be_asked_for(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        items = Items(cast.provider.name)
        owed = [(cast.provider, "2025-Q4"), (cast.stranger.provider, "2025-Q4")]
        monkeypatch.setattr(sweeps, "quarters_owed", lambda at: owed)
        monkeypatch.setattr(sweeps, "owe_review", lambda *, by, at, provider, quarter: items.do(provider.name))
        assert sweeps.ask_for_reviews(NOW) == 1
        assert items.done == ["Another Provider"]

    def test_none_of_them_keeps_old_files_from_being_thrown_away(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = a_file(csv_text(PLAIN, plain_rows(1)), by=cast.lead, team=cast.north)
        monkeypatch.setattr(sweeps, "quarters_owed", lambda at: [(cast.provider, "2025-Q4")])
        monkeypatch.setattr(sweeps, "owe_review", lambda **kwargs: Items("x").do("x"))
        assert sweeps.tidy(NOW + timedelta(days=3)) == 1
        assert not default_storage.exists(old.path)


class TestImports:
    @staticmethod
    def two(cast: Cast) -> tuple[ImportBatch, ImportBatch]:
        one, other = (
            an_import(csv_text(PLAIN, plain_rows(3, first=first)), by=cast.lead, team=cast.north, finish=False)
            for first in (1, 11)
        )
        return one, other

    @pytest.mark.parametrize("broken", [0, 1])
    def test_one_whose_text_is_gone_does_not_hold_up_the_other(self, cast: Cast, broken: int) -> None:
        both = self.two(cast)
        default_storage.delete(both[broken].file.path)
        for _ in range(3):
            sweeps.round_of_work(NOW)
        states = [queries.standing(batch).state for batch in both]
        assert states[broken] is BatchState.STOPPED
        assert states[1 - broken] is BatchState.DONE
        assert Incident.objects.count() == 3

    def test_both_are_done_to_the_end_and_then_the_worker_rests(self, cast: Cast) -> None:
        both = self.two(cast)
        rounds = []
        while done := carry_on_waiting(at=NOW, limit=2):
            rounds.append(done)
            assert done <= 2
        assert sum(rounds) == 6
        assert [queries.standing(batch).state for batch in both] == [BatchState.DONE] * 2
        assert ImportRun.objects.filter(finished_at__isnull=True).count() == 0

    def test_one_somebody_else_is_at_does_not_hold_up_the_other(self, cast: Cast) -> None:
        one, other = self.two(cast)
        ImportRun.objects.filter(batch=one).update(claimed_until=NOW + HOUR)
        while carry_on_waiting(at=NOW):
            pass
        assert queries.standing(one).looked_at == 0
        assert queries.standing(other).state is BatchState.DONE


class TestARound:
    def test_with_nothing_to_do_lets_the_worker_rest_and_still_shows_life(self, cast: Cast) -> None:
        assert sweeps.round_of_work(NOW) == 0
        assert sweeps.round_of_work(NOW + HOUR) == 0
        life = Heartbeat.objects.get()
        assert (life.at, life.oldest_wait_seconds) == (NOW + HOUR, 0)

    def test_done_again_at_the_same_moment_adds_nothing(self, cast: Cast) -> None:
        late_ones(cast, 2)
        an_import(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north, finish=False)
        sweeps.tidy(LATE)
        while sweeps.round_of_work(LATE):
            pass
        after = [model.objects.count() for model in (Escalation, OutboxMessage, Incident, TrailEntry)]
        sweeps.round_of_work(LATE)
        sweeps.tidy(LATE)
        sweeps.round_of_work(LATE)
        assert [model.objects.count() for model in (Escalation, OutboxMessage, Incident, TrailEntry)] == after
        assert not OutboxMessage.objects.filter(sent_at__isnull=True, send_after__lte=LATE).exists()

    @pytest.mark.parametrize("minutes", [0, 1, 90])
    def test_life_says_how_long_the_oldest_step_has_waited(self, cast: Cast, minutes: int) -> None:
        for one in late_ones(cast, 2):
            Obligation.objects.filter(pk=one.pk).update(next_escalation_at=LATE)
        an_obligation(team=cast.south, at=LATE)
        sweeps.beat(LATE + timedelta(minutes=minutes))
        assert Heartbeat.objects.get().oldest_wait_seconds == 60 * minutes

    def test_two_workers_of_two_names_show_two_signs(self) -> None:
        sweeps.beat(NOW, "worker")
        sweeps.beat(NOW, "replay helper")
        sweeps.beat(NOW + HOUR, "worker")
        signs = dict(Heartbeat.objects.values_list("name", "at"))
        assert signs == {"worker": NOW + HOUR, "replay helper": NOW}
