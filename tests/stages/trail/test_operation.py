"""An operation writes its rows and its trail entry together, or nothing (promise 3)."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from saferpractice.access.models import Provider, Service
from saferpractice.trail.models import TrailEntry, TrailHead
from saferpractice.trail.operations import (
    OPERATIONS,
    Already,
    Entry,
    NotInOperation,
    must_be_in_operation,
    operation,
    twice_at_once,
    undo_on_failure,
)
from saferpractice.trail.queries import check_chain
from saferpractice.trail.rules import NAME_WITHHELD, NotCanonical, Process
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]
TESTER = Process("test")


def made(function: Any) -> Any:
    """``function`` as an operation that the register forgets again."""
    run = operation(function)
    OPERATIONS.pop(f"{function.__module__.split('.')[1]}.{function.__name__}")
    return run


@made
def add_service(*, by: Any, at: datetime, provider: Provider, name: str, facts: dict[str, Any] | None = None) -> Any:
    service = Service.objects.create(provider=provider, name=name)
    return Entry(result=service, subject=service, sentence=f"added {name}", facts=facts or {})


@made
def add_two(*, by: Any, at: datetime, provider: Provider, fail: bool) -> Any:
    add_service(by=by, at=at, provider=provider, name="first of two")
    add_service(by=by, at=at, provider=provider, name="second of two")
    if fail:
        raise RuntimeError("the second step failed")
    return Entry(result=None, subject=provider, sentence="added two services")


@made
def leave_outside(*, by: Any, at: datetime, left: list[str], then: Exception | None, what: str = "a file") -> Any:
    left.append(what)
    undo_on_failure(lambda: left.remove(what))
    if then is not None:
        raise then
    return Entry(result=None, subject=Provider.objects.earliest("pk"), sentence="left something outside")


@made
def leave_two(*, by: Any, at: datetime, left: list[str], first: Exception | None, then: Exception | None) -> Any:
    with contextlib.suppress(ValueError):
        leave_outside(by=by, at=at, left=left, then=first, what="the first")
    return leave_outside.__wrapped__(by=by, at=at, left=left, then=then, what="the second")


def entries(cast: Cast) -> list[TrailEntry]:
    return list(TrailEntry.objects.filter(provider_id=cast.provider.pk).order_by("sequence"))


def test_the_entry_says_who_did_what_and_when(cast: Cast) -> None:
    add_service(by=cast.lead, at=NOW, provider=cast.provider, name="Outreach")
    entry = entries(cast)[-1]
    assert (entry.by_name, entry.by_role) == ("Lark Penrose", "Safeguarding lead")
    assert entry.sentence == "added Outreach"
    assert entry.at == NOW
    assert entry.subject_type == "access.service"


def test_a_failure_leaves_neither_row_nor_entry(cast: Cast) -> None:
    before = len(entries(cast))
    with pytest.raises(RuntimeError):
        add_two(by=TESTER, at=NOW, provider=cast.provider, fail=True)
    assert len(entries(cast)) == before
    assert not Service.objects.filter(name="first of two").exists()
    with pytest.raises(NotInOperation):
        must_be_in_operation()


def test_an_operation_that_calls_others_tells_the_whole_before_the_parts(cast: Cast) -> None:
    before = len(entries(cast))
    add_two(by=TESTER, at=NOW, provider=cast.provider, fail=False)
    assert [e.sentence for e in entries(cast)[before:]] == [
        "added two services",
        "added first of two",
        "added second of two",
    ]


def test_an_operation_caught_inside_another_leaves_no_entry_of_itself(cast: Cast) -> None:
    @made
    def tries(*, by: Any, at: datetime) -> Any:
        with pytest.raises(IntegrityError):
            add_service(by=by, at=at, provider=cast.provider, name="Riverside community service")
        return Entry(result=None, subject=cast.provider, sentence="tried")

    before = len(entries(cast))
    tries(by=TESTER, at=NOW)
    assert [e.sentence for e in entries(cast)[before:]] == ["tried"]


def test_what_says_nothing_is_not_an_operation(cast: Cast) -> None:
    @made
    def silent(*, by: Any, at: datetime) -> Any:
        Service.objects.create(provider=cast.provider, name="unseen")
        return Service

    @made
    def blank(*, by: Any, at: datetime) -> Any:
        return Entry(result=None, subject=cast.provider, sentence="  ")

    for silence in (silent, blank):
        with pytest.raises(TypeError, match="must return an Entry"):
            silence(by=TESTER, at=NOW)
    assert not Service.objects.filter(name="unseen").exists()


def test_an_operation_takes_by_and_at_by_keyword() -> None:
    def positional(by: Any, *, at: datetime) -> Any: ...

    def without_at(*, by: Any) -> Any: ...

    for wrong in (positional, without_at):
        with pytest.raises(TypeError, match="keyword-only"):
            operation(wrong)


def test_two_operations_cannot_share_a_name() -> None:
    def report_incident(*, by: Any, at: datetime) -> Any: ...

    report_incident.__module__ = "saferpractice.access.operations"
    report_incident.__name__ = "create_provider"
    with pytest.raises(TypeError, match="already an operation"):
        operation(report_incident)


def test_a_moment_without_a_time_zone_is_refused(cast: Cast) -> None:
    with pytest.raises(ValueError, match="time zone"):
        add_service(by=TESTER, at=datetime(2026, 3, 4, 2, 5), provider=cast.provider, name="x")  # noqa: DTZ001


def test_facts_may_hold_no_floats(cast: Cast) -> None:
    with pytest.raises(NotCanonical):
        add_service(by=TESTER, at=NOW, provider=cast.provider, name="x", facts={"share": 0.5})
    assert not Service.objects.filter(name="x").exists()


def test_done_already_writes_nothing(cast: Cast) -> None:
    @made
    def again(*, by: Any, at: datetime) -> Any:
        return Already("the same")

    before = len(entries(cast))
    assert again(by=TESTER, at=NOW) == "the same"
    assert len(entries(cast)) == before


def test_a_withheld_name_is_not_written(cast: Cast) -> None:
    @made
    def quiet(*, by: Any, at: datetime) -> Any:
        return Entry(result=None, subject=cast.provider, sentence="reported something", withhold_name=True)

    quiet(by=cast.worker, at=NOW)
    entry = entries(cast)[-1]
    assert (entry.by_name, entry.by_role) == (NAME_WITHHELD, "")
    assert "Wren" not in str(entry.__dict__)


def test_sent_twice_at_once_the_loser_finds_the_row_another_wrote_first() -> None:
    found: list[str] = []

    def loses_once() -> str:
        if found:
            return found[0]
        found.append("theirs")
        raise IntegrityError("the key is taken")

    def loses() -> str:
        raise IntegrityError("the key is taken")

    assert twice_at_once(loses_once) == "theirs"
    with pytest.raises(IntegrityError):
        twice_at_once(loses)


class TestTheDatabaseHoldsTheTrail:
    """Append-only holds against everything that can reach the database, not only against our own code."""

    @pytest.fixture(autouse=True)
    def _an_entry(self, cast: Cast) -> None:
        add_service(by=TESTER, at=NOW, provider=cast.provider, name="Outreach")

    def test_no_entry_can_be_changed(self) -> None:
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            TrailEntry.objects.update(sentence="did something else")

    def test_no_entry_can_be_deleted(self) -> None:
        with (
            pytest.raises(DatabaseError, match="never changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM trail_trailentry")

    def test_no_entry_can_be_replaced(self) -> None:
        other = "ON CONFLICT (id) DO UPDATE SET sentence = 'did something else'"
        insert, after = ("INSERT OR REPLACE", "") if connection.vendor == "sqlite" else ("INSERT", other)
        with (
            pytest.raises(DatabaseError, match="never changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{insert} INTO trail_trailentry SELECT * FROM trail_trailentry WHERE true {after}")

    def test_the_table_cannot_be_emptied(self) -> None:
        if connection.vendor != "postgresql":
            return  # SQLite has no TRUNCATE; DELETE is refused above
        with (
            pytest.raises(DatabaseError, match="never changed or deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("TRUNCATE trail_trailentry")


def without_triggers(table: str, statement: str) -> None:
    """What somebody with full rights over the database can do: switch the guard off first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        else:
            for kind in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{kind}")
            cursor.execute(statement)


class TestTheChainShowsTampering:
    """What the triggers cannot stop, the chain shows."""

    @pytest.fixture(autouse=True)
    def _five_entries(self, cast: Cast) -> None:
        for name in ("a", "b", "c", "d", "e"):
            add_service(by=TESTER, at=NOW, provider=cast.provider, name=name, facts={"n": name})

    def test_an_untouched_chain_is_whole(self, cast: Cast) -> None:
        found = check_chain(cast.provider.pk)
        assert found.whole
        assert found.entries == len(entries(cast))

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            ("UPDATE trail_trailentry SET sentence='added z' WHERE sentence='added c'", "changed"),
            ("UPDATE trail_trailentry SET by_name='Somebody Else' WHERE sentence='added c'", "changed"),
            ("DELETE FROM trail_trailentry WHERE sentence='added c'", "missing"),
            ("DELETE FROM trail_trailentry WHERE sentence='added e'", "newest"),
        ],
    )
    def test_tampering_shows(self, cast: Cast, statement: str, reason: str) -> None:
        without_triggers("trail_trailentry", statement)
        found = check_chain(cast.provider.pk)
        assert not found.whole
        assert reason in found.reason

    def test_each_provider_has_a_chain_of_its_own(self, cast: Cast) -> None:
        without_triggers("trail_trailentry", "UPDATE trail_trailentry SET sentence='x' WHERE sentence='added c'")
        assert check_chain(cast.stranger.provider_id).whole
        assert TrailHead.objects.count() == 2


def test_times_read_back_as_written(cast: Cast) -> None:
    odd = datetime(2026, 10, 25, 0, 59, 59, 999_999, tzinfo=UTC)
    add_service(by=TESTER, at=odd, provider=cast.provider, name="clock change")
    assert entries(cast)[-1].at == odd
    assert check_chain(cast.provider.pk).whole


class TestWhatTheDatabaseDoesNotUndo:
    """Bytes of a file: they are taken away with the row that did not come to be."""

    def test_stays_with_what_is_done(self, cast: Cast) -> None:
        left: list[str] = []
        leave_two(by=TESTER, at=NOW, left=left, first=None, then=None)
        assert left == ["the first", "the second"]

    def test_goes_with_what_failed_and_no_further(self, cast: Cast) -> None:
        left: list[str] = []
        leave_two(by=TESTER, at=NOW, left=left, first=ValueError(), then=None)
        assert left == ["the second"], "a step that failed and was gone round"
        with pytest.raises(RuntimeError):
            leave_two(by=TESTER, at=NOW, left=left, first=None, then=RuntimeError())
        assert left == ["the second"], "of an earlier operation nothing is undone"

    def test_stays_where_nobody_knows_what_became_of_it(self, cast: Cast) -> None:
        """The connection was lost as it was committed: its row may be there."""
        left: list[str] = []
        with pytest.raises(OperationalError):
            leave_outside(by=TESTER, at=NOW, left=left, then=OperationalError("lost"))
        assert left == ["a file"]

    def test_belongs_to_an_operation(self) -> None:
        with pytest.raises(NotInOperation):
            undo_on_failure(list)
