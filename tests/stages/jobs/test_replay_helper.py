"""A second process helps with long replays."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from saferpractice.jobs import sweeps
from saferpractice.jobs.management.commands import work
from saferpractice.jobs.processes import Child
from saferpractice.pathways.models import Replay, ReplayResult
from saferpractice.pathways.operations import replaying, stop_replay
from tests.conftest import TestClock
from tests.factories.pathways import a_case, hours
from tests.factories.replays import a_replay
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R18")
AFTER = hours(241)


@pytest.fixture
def three_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Replay:
    monkeypatch.setattr(replaying, "CASES_A_PART", 1)
    monkeypatch.setattr(sweeps, "PARTS_WORTH_HELP", 3)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for number in range(3):
        a_case(cast, person=f"P-{number}", at=hours(number))
    return a_replay(cast)


class FakeChild(Child):
    """Notes that it was started, and ends when it is told to."""

    started: list[Child] = []

    def start(self) -> None:
        self.started.append(self)
        self.ended = False

    def exit_code(self) -> int | None:
        return 0 if self.ended else None


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Child]]:
    monkeypatch.setattr(work, "Child", FakeChild)
    FakeChild.started = []
    yield FakeChild.started


class TestWhetherItIsNeeded:
    def test_while_enough_of_it_waits(self, three_parts: Replay) -> None:
        assert sweeps.replays_need_help(AFTER)
        replaying.carry_on_replays(at=AFTER)
        assert not sweeps.replays_need_help(AFTER), "two parts are done before a process has started"

    def test_not_on_one_core(self, three_parts: Replay, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "cpu_count", lambda: 1)
        assert not sweeps.replays_need_help(AFTER)

    def test_not_for_one_that_was_stopped(self, three_parts: Replay, cast: Cast) -> None:
        stop_replay(by=cast.lead, at=AFTER, replay=three_parts)
        assert not sweeps.replays_need_help(AFTER)

    @pytest.mark.usefixtures("cast")
    def test_not_when_nothing_waits(self) -> None:
        assert not sweeps.replays_need_help(AFTER)


class TestTheHelper:
    @pytest.mark.usefixtures("three_parts")
    def test_one_comes_and_no_second_beside_it(self, children: list[FakeChild]) -> None:
        helper = work.Helper()
        helper.come_if_needed(AFTER)
        helper.come_if_needed(AFTER)
        (child,) = children
        assert list(child.command)[-2:] == ["work", "--replays"]
        child.ended = True
        helper.come_if_needed(AFTER)
        assert len(children) == 2, "it ended while parts wait, and comes again"

    @pytest.mark.usefixtures("cast")
    def test_none_comes_for_nothing(self, children: list[FakeChild]) -> None:
        work.Helper().come_if_needed(AFTER)
        assert children == []
        work.Helper().stop()

    def test_it_does_what_waits_and_ends(
        self, three_parts: Replay, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        nice: list[int] = []
        monkeypatch.setattr(os, "nice", nice.append)
        monkeypatch.setattr(work, "close_old_connections", lambda: None)
        the_clock.stand_at(AFTER)
        work.help_with_replays(threading.Event())
        assert ReplayResult.objects.get(replay=three_parts).tally["cases"] == 3
        assert nice[0] > 0, "pages and deadlines come first"

    def test_told_to_stop_it_begins_no_other_part(
        self, three_parts: Replay, the_clock: TestClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "nice", lambda _: None)
        the_clock.stand_at(AFTER)
        stop = threading.Event()
        stop.set()
        work.help_with_replays(stop)
        assert three_parts.parts.filter(done_at__isnull=True).count() == 3
