"""The chain of entries: whatever is changed behind its back shows, and nothing done in the open breaks it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, connections, transaction

from saferpractice.access.looks import record_look
from saferpractice.access.models import AccessEntry, Person, Provider, RoleAssignment, Service
from saferpractice.access.operations import create_service, end_role
from saferpractice.trail.models import TrailEntry, TrailHead
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid
from tests.databases import Database
from tests.personas import NOW, SET_UP, Cast, build_cast

pytestmark = pytest.mark.requirement("R7", "R34")

TABLE = "trail_trailentry"


def add(provider: Provider, name: str) -> Service:
    return create_service(by=SET_UP, at=NOW, provider=provider, name=name)


def numbers(provider_id: UUID) -> list[int]:
    return list(
        TrailEntry.objects.filter(provider_id=provider_id).order_by("sequence").values_list("sequence", flat=True)
    )


def unguarded(change: Callable[[], object]) -> None:
    """Do what only somebody with full rights over the database can: switch its guard off first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        else:
            for kind in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER {TABLE}_no_{kind}")
    change()


@pytest.mark.django_db
class TestWhatWasChangedShows:
    @pytest.fixture
    def chain(self, cast: Cast) -> list[TrailEntry]:
        """The entries of the provider; five are added here, and the tests change one of them."""
        for name in ("one", "two", "three", "four", "five"):
            add(cast.provider, name)
        return list(TrailEntry.objects.filter(provider_id=cast.provider.pk).order_by("sequence"))

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("sentence", "set up nothing"),
            ("facts", {"and": "more"}),
            ("salt", "0" * 32),
            ("at", datetime.fromisoformat("2026-03-04T02:05:00.000001+00:00")),
            ("operation", "access.create_team"),
            ("by_id", uuid4()),
            ("by_name", "Somebody Else"),
            ("by_role", "Director"),
            ("subject_type", "access.team"),
            ("subject_id", uuid4()),
            ("story_id", uuid4()),
            ("previous_hash", "1" * 64),
            ("hash", "1" * 64),
        ],
    )
    def test_in_any_column_of_an_entry(self, cast: Cast, chain: list[TrailEntry], column: str, value: Any) -> None:
        target = chain[-3]
        unguarded(lambda: TrailEntry.objects.filter(pk=target.pk).update(**{column: value}))
        found = check_chain(cast.provider.pk)
        assert (found.broken_at, found.entries, found.reason) == (
            target.sequence, target.sequence - 1, "an entry was changed",
        )  # fmt: skip

    def test_no_column_is_left_out(self) -> None:
        """A new column of an entry must be bound by its hash, or say here why it need not be."""
        bound = {
            "sentence", "facts", "salt", "at", "operation", "by_id", "by_name", "by_role", "subject_type",
            "subject_id", "story_id", "previous_hash", "hash",
        }  # fmt: skip
        moved = {"provider_id", "sequence"}  # below: an entry moved
        a_name_for_the_row = {"id"}
        columns = {field.attname for field in TrailEntry._meta.concrete_fields}
        assert columns == bound | moved | a_name_for_the_row

    def test_two_entries_changed_places(self, cast: Cast, chain: list[TrailEntry]) -> None:
        one, two = chain[-3], chain[-2]

        def swap() -> None:
            for pk, number in ((one.pk, -1), (two.pk, one.sequence), (one.pk, two.sequence)):
                TrailEntry.objects.filter(pk=pk).update(sequence=number)

        unguarded(swap)
        assert check_chain(cast.provider.pk).broken_at == one.sequence

    @pytest.mark.parametrize(("which", "reason"), [(0, "missing"), (-3, "missing"), (-1, "newest")])
    def test_an_entry_taken_away(self, cast: Cast, chain: list[TrailEntry], which: int, reason: str) -> None:
        unguarded(lambda: TrailEntry.objects.filter(pk=chain[which].pk).delete())
        found = check_chain(cast.provider.pk)
        assert found.broken_at == chain[which].sequence
        assert reason in found.reason

    def test_an_entry_moved_to_another_provider(self, cast: Cast, chain: list[TrailEntry]) -> None:
        other = cast.stranger.provider_id
        last = numbers(other)[-1]
        TrailHead.objects.filter(provider_id=other).update(sequence=last + 1, hash=chain[-1].hash)
        unguarded(lambda: TrailEntry.objects.filter(pk=chain[-1].pk).update(provider_id=other, sequence=last + 1))
        assert check_chain(cast.provider.pk).broken_at == chain[-1].sequence
        assert check_chain(other).broken_at == last + 1

    def test_an_entry_slipped_in_at_the_end(self, cast: Cast, chain: list[TrailEntry]) -> None:
        last = chain[-1]
        columns = {field.attname: getattr(last, field.attname) for field in TrailEntry._meta.concrete_fields}
        TrailEntry.objects.create(**(columns | {"id": uuid4(), "sequence": last.sequence + 1}))
        assert check_chain(cast.provider.pk).broken_at == last.sequence + 1

    @pytest.mark.parametrize("head", ["wound back", "taken away"])
    def test_the_newest_link_itself(self, cast: Cast, chain: list[TrailEntry], head: str) -> None:
        found = TrailHead.objects.filter(provider_id=cast.provider.pk)
        if head == "wound back":
            found.update(sequence=chain[-2].sequence, hash=chain[-2].hash)
        else:
            found.delete()
        assert not check_chain(cast.provider.pk).whole

    def test_and_only_there(self, cast: Cast, chain: list[TrailEntry]) -> None:
        unguarded(lambda: TrailEntry.objects.filter(pk=chain[-3].pk).update(sentence="set up nothing"))
        assert check_chain(cast.stranger.provider_id).whole

    def test_a_provider_without_entries_has_a_whole_chain(self, db: None) -> None:
        found = check_chain(uuid4())
        assert found.whole
        assert found.entries == 0


@pytest.mark.django_db
class TestWhatFailsLeavesNoGap:
    def test_an_operation_that_is_refused(self, cast: Cast) -> None:
        before = numbers(cast.provider.pk)
        with pytest.raises(Invalid):
            add(cast.provider, "Riverside community service")
        add(cast.provider, "Meadow")
        assert numbers(cast.provider.pk) == [*before, len(before) + 1]

    def test_a_request_that_fails_after_its_operation(self, cast: Cast) -> None:
        before = numbers(cast.provider.pk)
        for name in ("Meadow", "Orchard"):
            with pytest.raises(RuntimeError), transaction.atomic():
                add(cast.provider, name)
                raise RuntimeError("the page could not be drawn")
        add(cast.provider, "Meadow")
        assert numbers(cast.provider.pk) == [*before, len(before) + 1]
        assert check_chain(cast.provider.pk).whole
        assert not Service.objects.filter(name="Orchard").exists()

    def test_chains_of_two_providers_do_not_share_numbers(self, cast: Cast) -> None:
        other = Provider.objects.get(pk=cast.stranger.provider_id)
        counts = {pk: len(numbers(pk)) for pk in (cast.provider.pk, other.pk)}
        for n in range(3):
            add(cast.provider, f"Ours {n}")
            add(other, f"Theirs {n}")
        for pk, count in counts.items():
            assert numbers(pk) == list(range(1, count + 4))
            assert check_chain(pk).whole


def test_people_at_work_at_once_leave_whole_chains(fresh_database: Database) -> None:
    """Four threads write into two providers; some of what they do fails. No number is missing or given twice."""
    cast = build_cast()
    providers = [cast.provider, Provider.objects.get(pk=cast.stranger.provider_id)]
    counts = {one.pk: len(numbers(one.pk)) for one in providers}
    ready, errors = Barrier(4), []

    def work(worker: int) -> None:
        try:
            ready.wait()
            for n in range(6):
                try:
                    with transaction.atomic():
                        add(providers[(worker + n) % 2], f"Service {worker}-{n}")
                        if n == 2:
                            raise RuntimeError("the page could not be drawn")
                except RuntimeError:
                    continue
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sum(len(numbers(pk)) - count for pk, count in counts.items()) == 4 * 5
    for pk in counts:
        assert numbers(pk) == list(range(1, len(numbers(pk)) + 1))
        assert check_chain(pk).whole


@pytest.mark.django_db
class TestTheDatabaseRefuses:
    """Against our own code, a console, or a mistake in a migration alike."""

    @pytest.fixture(autouse=True)
    def _a_look(self, cast: Cast) -> None:
        record_look(by=cast.lead, at=NOW, page="incident", story_id=uuid4())

    def refused(self, do: Callable[[], object]) -> None:
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            do()

    @pytest.mark.parametrize("table", [TrailEntry, AccessEntry, RoleAssignment])
    def test_to_change_any_column(self, table: Any) -> None:
        for field in table._meta.concrete_fields:
            if field.attname == "until_at" or field.primary_key:
                continue
            row = table.objects.first()
            other = {"UUIDField": uuid4(), "ForeignKey": uuid4(), "BigIntegerField": 999, "JSONField": {"x": 1}}.get(
                field.get_internal_type(), "2020-01-01 00:00:00+00:00"
            )
            self.refused(lambda row=row, field=field, other=other: self.write(table, field.column, other, row.pk))

    def write(self, table: Any, column: str, value: Any, pk: Any) -> None:
        field = next(one for one in table._meta.concrete_fields if one.column == column)
        prepared = value if field.is_relation else field.get_db_prep_save(value, connection)
        prepared = prepared.hex if isinstance(prepared, UUID) and connection.vendor == "sqlite" else prepared
        key = table._meta.pk.get_db_prep_value(pk, connection)
        with connection.cursor() as cursor:
            cursor.execute(f'UPDATE {table._meta.db_table} SET "{column}" = %s WHERE id = %s', [prepared, key])

    @pytest.mark.parametrize("table", [TrailEntry, AccessEntry, RoleAssignment])
    def test_to_delete_one_or_all(self, table: Any) -> None:
        count = table.objects.count()
        self.refused(lambda: table.objects.filter(pk=table.objects.first().pk)._raw_delete(using="default"))
        self.refused(lambda: table.objects.all()._raw_delete(using="default"))
        assert table.objects.count() == count > 0

    @pytest.mark.parametrize("table", [TrailEntry, AccessEntry, RoleAssignment])
    def test_to_save_a_row_again_with_other_words(self, table: Any) -> None:
        row = table.objects.first()
        for name in ("sentence", "page", "role"):
            if hasattr(row, name):
                setattr(row, name, "other")
        self.refused(row.save)

    def test_a_role_may_end_and_that_is_all(self, cast: Cast) -> None:
        held = cast.worker.role_assignments.get()
        end_role(by=cast.administrator, at=NOW, assignment=held)
        assert RoleAssignment.objects.get(pk=held.pk).until_at == NOW
        self.refused(lambda: RoleAssignment.objects.filter(pk=held.pk).update(role="director"))

    def test_somebody_who_is_in_the_trail_cannot_be_removed(self, cast: Cast) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Person.objects.filter(pk=cast.worker.pk)._raw_delete(using="default")
            connection.check_constraints()
        assert Person.objects.filter(pk=cast.worker.pk).exists()
