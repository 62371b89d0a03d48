"""A row is an incident whole or is held back whole: whatever is refused, breaks or is killed on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from saferpractice.access.operations import assign_role, end_role
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation
from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportLine, ImportRun
from saferpractice.exchange.operations import carry_on, carry_on_waiting, importing, retry_line, running
from saferpractice.exchange.rules.states import BatchState
from saferpractice.incidents.models import Incident
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.queries import check_chain
from saferpractice.trail.refusals import Invalid
from saferpractice.triage.models import TierDecision, TriageRecord
from tests.factories.exchange import PLAIN, a_file, an_import, csv_text, plain_mapping, plain_rows
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6", "R7")]

TRIAGE = {
    "tier": "C",
    "reason": "These were all formal investigations in the old system.",
    "no_safety_actions_because": "They were closed in the old system years ago.",
}


def lines(batch: ImportBatch) -> dict[int, tuple[str, str]]:
    return {line.number: (line.state, line.reason) for line in ImportLine.objects.filter(batch=batch)}


def written() -> tuple[int, ...]:
    """How many rows there are of everything that an import writes."""
    return tuple(m.objects.count() for m in (Incident, TriageRecord, TierDecision, Obligation, ImportLine, TrailEntry))


def waiting(cast: Cast, rows: int = 4, **mapping: Any) -> ImportBatch:
    text = csv_text(PLAIN, plain_rows(rows))
    return an_import(text, by=cast.lead, team=cast.north, finish=False, mapping=plain_mapping(**mapping))


class TestRefusedOnTheWay:
    def test_an_incident_that_cannot_be_triaged_on_import_is_not_left_behind(self, cast: Cast) -> None:
        by, place = cast.quality_lead, cast.north.place
        role = assign_role(by=SET_UP, at=NOW - timedelta(days=9), person=by, role=Role.DUTY_MANAGER, place=place)
        text = csv_text(PLAIN, plain_rows(2))
        batch = an_import(text, by=by, team=cast.north, mapping=plain_mapping(triage=TRIAGE), finish=False)
        end_role(by=SET_UP, at=NOW, assignment=role)
        carry_on(batch=ImportBatch.objects.get(pk=batch.pk), at=NOW + timedelta(minutes=1), limit=10)
        assert [state for state, _ in lines(batch).values()] == ["held", "held"]
        assert not Incident.objects.exists(), "held back means that nothing of it is here"
        assert not TrailEntry.objects.filter(operation="incidents.report_incident").exists()
        assert not Obligation.objects.exists()

    @pytest.mark.parametrize(
        ("triage", "says"),
        [
            ({"wishes": "no-such-code"}, "Choose whether the person was asked what they want."),
            ({"wishes": "asked-expressed"}, "Write down what the person wants"),
        ],
    )
    def test_what_triage_lacks_is_the_reason_and_no_fault_of_ours(
        self, cast: Cast, triage: dict[str, str], says: str
    ) -> None:
        batch = waiting(cast, 2, triage=TRIAGE | triage)
        before = Incident.objects.count()
        with capture_logs() as logged:
            carry_on(batch=batch, at=NOW, limit=10)
        assert [(state, says in reason) for state, reason in lines(batch).values()] == [("held", True)] * 2
        assert set(ImportLine.objects.values_list("source_reference", flat=True)) == {"D-1", "D-2"}
        assert Incident.objects.count() == before
        assert logged == []

    @pytest.mark.parametrize(("risk", "held"), [("Yes", True), ("I don't know", True), ("", True), ("No", False)])
    def test_a_risk_nobody_describes_is_foretold_by_the_dry_run(self, cast: Cast, risk: str, held: bool) -> None:
        rows = plain_rows(1)
        rows[0][4] = risk
        text, mapping = csv_text(PLAIN, rows), plain_mapping(triage=TRIAGE)
        dry = queries.dry_run(file=a_file(text, by=cast.lead, team=cast.north), mapping=mapping, at=NOW)
        batch = an_import(text, by=cast.lead, team=cast.north, mapping=mapping)
        ((state, reason),) = lines(batch).values()
        assert (state == "held", dry.usable == 0) == (held, held)
        assert ("does not say who, and from what" in reason) is held

    def test_without_triage_it_goes_in_and_the_team_asks(self, cast: Cast) -> None:
        rows = plain_rows(1)
        rows[0][4] = "Yes"
        batch = an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        assert [state for state, _ in lines(batch).values()] == ["imported"]

    def test_a_correction_that_triage_refuses_leaves_the_row_as_it_was(self, cast: Cast) -> None:
        batch = waiting(cast, 1, triage=TRIAGE | {"wishes": "no-such-code"})
        carry_on(batch=batch, at=NOW, limit=10)
        line, before = queries.held_lines(batch)[0], written()
        with pytest.raises(Invalid, match="Choose whether the person was asked"):
            retry_line(by=cast.lead, at=NOW, line=line, cells=plain_rows(1)[0])
        assert written() == before
        assert queries.cells_of(ImportLine.objects.get(pk=line.pk)) == plain_rows(1)[0]


class TestAFaultOfOurs:
    @pytest.mark.parametrize("place", ["prepare", "report_incident", "record_triage"])
    def test_wherever_it_is_the_row_is_held_and_nothing_of_it_stays(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, place: str
    ) -> None:
        real, calls = getattr(importing, place), [0]

        def broken(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == 2:
                raise KeyError("what the row says of J. Smith")
            return real(*args, **kwargs)

        monkeypatch.setattr(importing, place, broken)
        batch = waiting(cast, 3, triage=TRIAGE)
        with capture_logs() as logged:
            carry_on(batch=batch, at=NOW, limit=10)
        assert lines(batch) == {2: ("imported", ""), 3: ("held", running.FAULT), 4: ("imported", "")}
        assert Incident.objects.count() == TriageRecord.objects.count() == 2
        assert queries.cells_of(queries.held_lines(batch)[0]) == plain_rows(3)[1]
        assert check_chain(cast.provider.pk).whole
        (entry,) = logged
        assert (entry["row"], entry["fault"].split(",")[0]) == (3, "KeyError in test_all_or_nothing.py")
        assert "Smith" not in str(logged), "what a row says is never logged"

    def test_the_row_can_be_tried_again_when_the_fault_is_mended(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(importing, "report_incident", lambda **_: 1 / 0)
            batch = waiting(cast, 1)
            carry_on(batch=batch, at=NOW, limit=10)
        line = queries.held_lines(batch)[0]
        done = retry_line(by=cast.lead, at=NOW, line=line, cells=queries.cells_of(line))
        assert (done.state, queries.standing(batch).state) == ("imported", BatchState.DONE)


class TestKilledOnTheWay:
    """``KeyboardInterrupt`` stands for a process that ends: nothing catches it, and nothing after it runs."""

    @pytest.mark.parametrize("place", ["report_incident", "record_triage"])
    @pytest.mark.parametrize("nth", [1, 3])
    def test_no_row_is_half_written_and_the_next_worker_goes_on(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, place: str, nth: int
    ) -> None:
        batch = waiting(cast, 4, triage=TRIAGE)
        real, calls = getattr(importing, place), [0]

        def killed(**kwargs: Any) -> Any:
            done, calls[0] = real(**kwargs), calls[0] + 1
            if calls[0] == nth:
                raise KeyboardInterrupt
            return done

        with monkeypatch.context() as dying:
            dying.setattr(importing, place, killed)
            with pytest.raises(KeyboardInterrupt):
                carry_on(batch=batch, at=NOW, limit=10)
        done = nth - 1
        assert Incident.objects.count() == TriageRecord.objects.count() == ImportLine.objects.count() == done
        assert TrailEntry.objects.filter(operation="incidents.report_incident").count() == done
        assert queries.standing(batch).state is BatchState.WORKING
        assert carry_on(batch=batch, at=NOW, limit=10) is None, "the claim of the dead is still good"
        assert carry_on_waiting(at=NOW + running.CLAIMED_FOR) == 4 - done
        assert lines(batch) == dict.fromkeys(range(2, 6), ("imported", ""))
        assert Incident.objects.values("source_reference").distinct().count() == Incident.objects.count() == 4
        assert check_chain(cast.provider.pk).whole

    def test_a_database_that_does_not_answer_is_nobody_s_fault(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch = waiting(cast, 3)
        real, calls = importing.report_incident, [0]

        def away(**kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == 2:
                raise OperationalError("database is locked")
            return real(**kwargs)

        with monkeypatch.context() as gone:
            gone.setattr(importing, "report_incident", away)
            with pytest.raises(OperationalError):
                carry_on(batch=batch, at=NOW, limit=10)
        assert lines(batch) == {2: ("imported", "")}
        assert ImportRun.objects.get().claimed_until is None, "the batch is given back at once"
        assert carry_on_waiting(at=NOW) == 2
        assert Incident.objects.count() == 3


class TestTwoAtOnce:
    def test_a_second_worker_leaves_a_batch_alone_that_is_worked_on(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch, other = waiting(cast, 3), []
        real = running.import_row

        def while_another_looks(**kwargs: Any) -> Any:
            other.append(carry_on(batch=batch, at=NOW, limit=10))
            return real(**kwargs)

        monkeypatch.setattr(running, "import_row", while_another_looks)
        assert carry_on(batch=batch, at=NOW, limit=10) == 3
        assert other == [None] * 3
        assert Incident.objects.count() == 3

    def test_when_a_claim_ran_out_too_soon_both_together_do_each_row_once(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch, slow = waiting(cast, 4), [True]
        real = running.import_row

        def overtaken(**kwargs: Any) -> Any:
            if slow.pop() if slow else False:
                carry_on(batch=batch, at=NOW + running.CLAIMED_FOR, limit=2)
            return real(**kwargs)

        monkeypatch.setattr(running, "import_row", overtaken)
        carry_on(batch=batch, at=NOW, limit=10)
        assert lines(batch) == dict.fromkeys(range(2, 6), ("imported", ""))
        assert Incident.objects.count() == 4

    def test_another_batch_is_taken_up_while_the_first_is_worked_on(self, cast: Cast) -> None:
        first, second = waiting(cast, 2), waiting(cast, 3, source_system="another system")
        ImportRun.objects.filter(batch=first).update(claimed_until=NOW + running.CLAIMED_FOR)
        assert carry_on_waiting(at=NOW) == 3
        assert queries.standing(second).state is BatchState.DONE
        assert queries.standing(first).state is BatchState.WORKING

    def test_one_file_in_two_batches_gives_each_row_once(self, cast: Cast) -> None:
        first, second = waiting(cast, 4), waiting(cast, 4)
        for batch in (first, second, first, second):
            carry_on(batch=batch, at=NOW, limit=2)
        states = [[state for state, _ in lines(batch).values()] for batch in (first, second)]
        assert sorted(zip(*states, strict=True)) == [("imported", "already")] * 4
        assert Incident.objects.count() == 4

    def test_a_finished_batch_is_not_taken_up_again(self, cast: Cast) -> None:
        batch = waiting(cast, 2)
        assert carry_on(batch=batch, at=NOW, limit=10) == 2
        assert carry_on(batch=batch, at=NOW + timedelta(days=1), limit=10) is None
        assert carry_on_waiting(at=NOW + timedelta(days=1)) == 0
