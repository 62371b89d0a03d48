"""Open cases move when a version goes live: each once, with an entry on the trail, and nothing owed is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from saferpractice.jobs.sweeps import take_versions_live
from saferpractice.pathways import operations
from saferpractice.pathways.models import CaseMoved, CaseObligation, PathwayCase
from saferpractice.pathways.operations import MOVES_CASES, move_case
from saferpractice.pathways.operations import going_live as going
from saferpractice.pathways.queries import kinds_to_write, owed_rows, state_of, worked_by
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.pathways import CONSULTATION, a_case, a_record, approved, hours, used, within, without
from tests.personas import Cast

pytestmark = pytest.mark.requirement("R18", "R14", "R30")
TWO = ["infection-risk", "refusal-of-care"]


def ticked(cast: Cast, happened: float = 0, person: str = "P-1042") -> PathwayCase:
    """A case at the threshold: the consultation is owed by the end of that day."""
    case = a_case(cast, person=person)
    a_record(case, "checklist", happened, by=cast.worker, values={"present": TWO})
    return case


def fresh(case: PathwayCase) -> PathwayCase:
    return PathwayCase.objects.get(pk=case.pk)


def rows(case: PathwayCase) -> list[tuple[str, datetime, bool]]:
    """What is owed on the case as rows: its code, when it is due, and whether it is still open."""
    return [
        (row.row.code, row.obligation.due_at, not (row.obligation.met_at or row.obligation.cancelled_at))
        for row in owed_rows(case)
    ]


def moved_to(case: PathwayCase) -> list[int]:
    return [version.number for version in worked_by(fresh(case)).versions]


class TestAtTheMoment:
    def test_it_moves_with_what_is_owed_and_says_so(self, cast: Cast) -> None:
        case = ticked(cast)
        [(_, due, _)] = rows(case)
        approved(cast, within("consult", "5 working days"), at=hours(1))
        assert take_versions_live(hours(1)) == 1
        assert moved_to(case) == [1, 2]
        assert rows(case) == [("consult", due, True)]
        [owed] = state_of(fresh(case), hours(2)).open
        assert (owed.due_at, owed.obligation.within) == (due, "5 working days")
        entry = TrailEntry.objects.get(operation="pathways.move_case")
        assert entry.story_id == case.pk
        assert entry.sentence == "moved the case to version 2 of the pathway “Self-neglect threshold”"
        assert entry.facts["still_owed"] == ["Consult the duty manager or safeguarding lead"]

    def test_a_shorter_time_counts_at_once(self, cast: Cast) -> None:
        case = ticked(cast)
        approved(cast, within("consult", "2 hours"), at=hours(1))
        take_versions_live(hours(1))
        assert rows(case) == [("consult", hours(2), True)]

    def test_nothing_moves_before_and_each_once(self, cast: Cast) -> None:
        cases = [ticked(cast), ticked(cast, person="P-2")]
        approved(cast, at=hours(1), live_from=hours(24))
        assert take_versions_live(hours(23)) == 0
        assert take_versions_live(hours(24)) == 3
        assert take_versions_live(hours(25)) == 0
        assert [moved_to(case) for case in cases] == [[1, 2], [1, 2]]

    def test_closed_cases_and_those_of_others_stay(self, cast: Cast) -> None:
        case = ticked(cast)
        a_record(case, "consultation", 1, by=cast.duty_manager, values=CONSULTATION)
        a_record(case, "checklist", 1.5, by=cast.worker, values={"present": []})
        operations.close_case(by=cast.duty_manager, at=hours(2), case=case, reason="Over.")
        other = a_case(cast, "lost-contact")
        approved(cast, at=hours(3))
        take_versions_live(hours(3))
        assert (moved_to(case), moved_to(other)) == ([1], [1])

    def test_a_case_opened_from_an_older_page_is_worked_by_what_is_in_use(self, cast: Cast) -> None:
        old = used(cast)
        approved(cast)
        case = a_case(cast, version=old, at=hours(1))
        assert moved_to(case) == [2]

    def test_a_version_that_was_passed_over_is_not_moved_to(self, cast: Cast) -> None:
        case = ticked(cast)
        approved(cast, at=hours(1), live_from=hours(5))
        approved(cast, within("consult", "3 hours"), at=hours(2))
        take_versions_live(hours(2))
        take_versions_live(hours(6))
        assert moved_to(case) == [1, 3]

    def test_nobody_chooses_which_case_moves(self, cast: Cast) -> None:
        case = ticked(cast)
        approved(cast, at=hours(1))
        with pytest.raises(Refused):
            move_case(by=cast.director, at=hours(1), case_id=case.pk)


class TestWhatTheNewVersionNoLongerKnows:
    """A duty, and a kind of record, that is gone from the new version."""

    @staticmethod
    def no_consultation(content: dict[str, Any]) -> None:
        without("consult")(content)
        without("refer")(content)
        without("decide-again")(content)
        content["records"] = [each for each in content["records"] if each["id"] != "consultation"]
        content["obligations"] = [
            {
                "id": "visit",
                "title": "Visit",
                "when": {"indicators": {"at_least": 1}},
                "who": "support_worker",
                "met_by": [{"record": "referral"}],
                "within": "2 working days",
                "then": [{"tell": ["owner"]}],
            }
        ]
        content["closing"] = {"when": {"records": {"record": "referral"}}, "says": "A referral."}
        content["measures"] = []

    def test_it_is_still_owed_and_can_still_be_met(self, cast: Cast) -> None:
        case = ticked(cast)
        [(_, due, _)] = rows(case)
        approved(cast, self.no_consultation, at=hours(1))
        take_versions_live(hours(1))
        case = fresh(case)
        assert [(code, open_) for code, _, open_ in rows(case)] == [("consult", True), ("visit", True)]
        assert rows(case)[0][1] == due
        assert rows(case)[1][1] >= hours(24), "what only the new version asks for has its whole time"
        assert "consultation" in kinds_to_write(case, hours(2))
        a_record(case, "consultation", 2, by=cast.duty_manager, values=CONSULTATION)
        assert [(code, open_) for code, _, open_ in rows(case)] == [("consult", False), ("visit", True)]
        assert "consultation" not in kinds_to_write(fresh(case), hours(3))
        with pytest.raises(Invalid, match="no such record any more"):
            a_record(fresh(case), "consultation", 3, by=cast.duty_manager, values=CONSULTATION)

    def test_what_was_done_stays_done_and_can_be_put_right(self, cast: Cast) -> None:
        case = ticked(cast)
        record = a_record(case, "consultation", 0.5, by=cast.duty_manager, values=CONSULTATION)
        approved(cast, self.no_consultation, at=hours(1))
        take_versions_live(hours(1))
        case = fresh(case)
        before = [owed for owed in state_of(case, hours(2)).owed if owed.obligation.id == "consult"]
        assert [owed.met_by for owed in before] == [str(record.pk)]
        operations.correct_record(
            by=cast.duty_manager,
            at=hours(3),
            record=record,
            happened_at=hours(0.5),
            values={**CONSULTATION, "rationale": "Put right."},
            reason="A slip.",
            submission_key="right",
        )
        assert case.records.count() == 3
        assert not [owed for owed in state_of(fresh(case), hours(4)).open if owed.obligation.id == "consult"]


class TestKilledAndRaced:
    def test_killed_in_the_middle_it_goes_on(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        cases = [ticked(cast), ticked(cast, person="P-2")]
        approved(cast, at=hours(1))
        real, calls = going.bring_up_to_date, []

        def killed(case: PathwayCase, at: datetime) -> list[str]:
            calls.append(case)
            if len(calls) == 1:
                raise RuntimeError("killed")
            return real(case, at)

        monkeypatch.setattr(going, "bring_up_to_date", killed)
        take_versions_live(hours(1))
        assert sorted(len(moved_to(case)) for case in cases) == [1, 2]
        assert CaseMoved.objects.count() == TrailEntry.objects.filter(operation="pathways.move_case").count() == 1
        take_versions_live(hours(2))
        assert [moved_to(case) for case in cases] == [[1, 2], [1, 2]]

    def test_one_row_for_each_version(self, cast: Cast) -> None:
        case = ticked(cast)
        approved(cast, at=hours(1))
        first = move_case(by=MOVES_CASES, at=hours(1), case_id=case.pk)
        assert first is not None
        assert move_case(by=MOVES_CASES, at=hours(1), case_id=case.pk) is None
        with pytest.raises(IntegrityError), transaction.atomic():
            CaseMoved.objects.create(
                case=case, from_version=first.from_version, to_version=first.to_version, decided_at=hours(1)
            )

    def test_moved_twice_everything_is_still_there(self, cast: Cast) -> None:
        case = ticked(cast)
        for number, span in enumerate(("3 working days", "6 working days"), start=1):
            approved(cast, within("consult", span), at=hours(number))
            take_versions_live(hours(number))
        a_record(fresh(case), "consultation", 3, by=cast.duty_manager, values=CONSULTATION)
        assert moved_to(case) == [1, 2, 3]
        assert [(code, open_) for code, _, open_ in rows(case)] == [("consult", False)]
        assert CaseObligation.objects.filter(case=case).count() == 1

    def test_a_record_written_late_belongs_to_what_is_in_force(self, cast: Cast) -> None:
        case = ticked(cast)
        approved(cast, within("consult", "2 hours"), at=hours(1))
        take_versions_live(hours(1))
        a_record(fresh(case), "consultation", 0.5, by=cast.duty_manager, written=3, values=CONSULTATION)
        [owed] = [each for each in state_of(fresh(case), hours(4)).owed if each.obligation.id == "consult"]
        assert (owed.met_at, owed.due_at, owed.was_written_late) == (hours(3), hours(2), True)
