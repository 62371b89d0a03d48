"""Rollout proof: who, of how many, or the document in use; team by team against the reach."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from saferpractice.access.decisions import decided
from saferpractice.changes.models import OperationalChange, RolloutProof
from saferpractice.changes.operations import PROOF, record_proof
from saferpractice.changes.queries import coverage_of, state_of
from saferpractice.changes.rules import ChangeState, ProposedProof
from saferpractice.deadlines.models import Obligation
from saferpractice.deadlines.rules import local_day
from saferpractice.files.models import StoredFile
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.changes import (
    a_briefing_held,
    a_change,
    a_file,
    a_live_change,
    a_template_in_use,
    owed,
)
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R3")

TODAY = local_day(NOW)


def fresh(change: OperationalChange) -> OperationalChange:
    return OperationalChange.objects.get(pk=change.pk)


def record(cast: Cast, change: OperationalChange, **given: Any) -> tuple[RolloutProof, ...]:
    answers: dict[str, Any] = {"kind": "briefing", "held_on": TODAY, "reached": 9, "needed": 10, "who": "Day shift"}
    call: dict[str, Any] = {"by": cast.lead, "teams": [cast.north], "submission_key": "k"}
    for name, value in given.items():
        (answers if name in ProposedProof.__slots__ else call)[name] = value
    return record_proof(at=NOW, change=change, proof=ProposedProof(**answers), **call)


def problems(cast: Cast, change: OperationalChange | None = None, **given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as no:
        record(cast, change or a_change(cast), **given)
    return no.value.problems


class TestWhatProves:
    def test_team_by_team_until_all_are_proven(self, cast: Cast) -> None:
        change = a_live_change(cast)
        a_briefing_held(cast, change, cast.north)
        assert state_of(fresh(change)) is ChangeState.PARTLY_PROVEN
        assert owed(change, PROOF)
        (last,) = a_template_in_use(cast, change, [cast.south])
        assert state_of(fresh(change)) is ChangeState.PROVEN
        met = Obligation.objects.get(subject_id=change.pk, kind=PROOF)
        assert met.met_by_id == last.pk

    def test_too_few_people_do_not_prove_a_team(self, cast: Cast) -> None:
        change = a_live_change(cast, reach=[cast.north])
        a_briefing_held(cast, change, cast.north, reached=7, needed=10)
        assert state_of(fresh(change)) is ChangeState.LIVE
        assert owed(change, PROOF)
        a_briefing_held(cast, change, cast.north, reached=8, needed=10)
        assert state_of(fresh(change)) is ChangeState.PROVEN

    def test_one_document_may_be_in_use_in_several_teams(self, cast: Cast) -> None:
        change = a_live_change(cast)
        rows = a_template_in_use(cast, change, [cast.north, cast.south])
        assert {row.team for row in rows} == {cast.north, cast.south}
        assert StoredFile.objects.count() == 2
        assert state_of(fresh(change)) is ChangeState.PROVEN

    def test_an_attendance_sheet_is_no_document_in_use(self, cast: Cast) -> None:
        """A count stays a count, whatever is attached to it."""
        change = a_live_change(cast, reach=[cast.north])
        record(cast, change, reached=1, needed=10, upload=a_file("sheet.txt"))
        assert not coverage_of(fresh(change)).is_proven

    def test_what_is_said_is_kept(self, cast: Cast) -> None:
        (row,) = record(
            cast, a_change(cast), kind="training-attendance", who="Nine named on the sheet", words="2 hours"
        )
        assert (row.kind, row.reached, row.needed, row.who, row.words) == (
            "training-attendance",
            9,
            10,
            "Nine named on the sheet",
            "2 hours",
        )

    def test_a_later_version_replaces_the_one_recorded_before(self, cast: Cast) -> None:
        change = a_change(cast)
        (first,) = a_template_in_use(cast, change, [cast.north], new=b"Version 2\n")
        (second,) = record(
            cast,
            change,
            kind="revised-template",
            upload=a_file("v3.txt", b"Version 3\n"),
            previous=first.file,
            submission_key="second",
        )
        assert second.previous_file == first.file


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"kind": "hearsay"}, "kind"),
            ({"who": ""}, "who"),
            ({"reached": 0}, "reached"),
            ({"reached": 11}, "reached"),
            ({"needed": None}, "needed"),
            ({"held_on": TODAY + timedelta(days=1)}, "held_on"),
            ({"held_on": TODAY - timedelta(days=400)}, "held_on"),
            ({"teams": []}, "teams"),
        ],
    )
    def test_each_answer_says_what_to_do(self, cast: Cast, given: dict, field: str) -> None:
        assert list(problems(cast, **given)) == [field]
        assert not RolloutProof.objects.exists()

    def test_a_team_outside_the_reach_is_refused(self, cast: Cast) -> None:
        assert problems(cast, teams=[cast.east]) == {"teams": "Choose teams that this change must reach."}

    def test_people_are_counted_team_by_team(self, cast: Cast) -> None:
        assert list(problems(cast, teams=[cast.north, cast.south])) == ["teams"]

    def test_a_template_needs_its_file_and_the_one_it_replaces(self, cast: Cast) -> None:
        assert list(problems(cast, kind="revised-template")) == ["file"]
        assert list(problems(cast, kind="revised-template", upload=a_file())) == ["previous_file"]

    def test_the_same_file_twice_is_no_revision(self, cast: Cast) -> None:
        change = a_change(cast)
        found = problems(
            cast,
            change,
            kind="revised-template",
            upload=a_file("new.txt", b"same"),
            previous=a_file("old.txt", b"same"),
        )
        assert list(found) == ["previous_file"]
        assert not StoredFile.objects.exists()

    def test_a_file_of_another_change_is_not_its_earlier_version(self, cast: Cast) -> None:
        (other,) = a_template_in_use(cast, a_change(cast), [cast.north])
        found = problems(cast, kind="revised-template", upload=a_file(), previous=other.file, submission_key="other")
        assert list(found) == ["previous_file"]

    @pytest.mark.parametrize(
        ("who", "may"),
        [
            ("duty_manager", True),  # owns it
            ("supervisor", True),  # leads North team
            ("lead", True),
            ("reviewer", True),
            ("quality_lead", True),
            ("worker", False),
            ("duty_manager_elsewhere", False),
            ("administrator", False),
            ("inspector", False),
            ("stranger", False),
        ],
    )
    def test_who_may_record_it(self, cast: Cast, who: str, may: bool) -> None:
        change, person = a_change(cast), cast.people()[who]
        if may:
            assert record(cast, change, by=person)[0].decided_by == person
        else:
            with pytest.raises(Refused):
                record(cast, change, by=person)

    def test_a_supervisor_records_for_their_own_team_only(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            record(cast, a_change(cast), by=cast.supervisor, teams=[cast.south])

    def test_the_same_form_again_gives_the_same_rows(self, cast: Cast) -> None:
        change = a_change(cast)
        assert record(cast, change) == record(cast, change)
        assert RolloutProof.objects.count() == 1


class TestTheDatabaseItself:
    """What no operation would write, the tables refuse as well."""

    @pytest.mark.parametrize(
        "columns",
        [
            {"reached": 5, "needed": 3},
            {"reached": 0, "needed": 3},
            {"reached": 5, "needed": None},
            {"reached": None, "needed": None},
        ],
    )
    def test_an_impossible_proof_is_refused(self, cast: Cast, columns: dict) -> None:
        change = a_change(cast)
        with pytest.raises(IntegrityError), transaction.atomic():
            RolloutProof.objects.create(
                change=change,
                kind="briefing",
                team=cast.north,
                held_on=TODAY,
                submission_key="k",
                **columns,
                **decided(cast.lead, NOW),
            )

    @pytest.mark.parametrize("table", ["reach", "findings"])
    def test_what_was_agreed_is_not_changed_afterwards(self, cast: Cast, table: str) -> None:
        change = a_change(cast)
        with pytest.raises(IntegrityError), transaction.atomic():
            getattr(change, table).clear()

    def test_proof_is_not_deleted(self, cast: Cast) -> None:
        change = a_change(cast)
        a_briefing_held(cast, change, cast.north)
        with pytest.raises(IntegrityError), transaction.atomic():
            RolloutProof.objects.all()._raw_delete("default")
        with pytest.raises(IntegrityError), transaction.atomic():
            RolloutProof.objects.update(reached=10)
