"""A change carried out by a version of a pathway: its going live is the rollout, its use is the proof (R3)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from saferpractice.changes import operations
from saferpractice.changes.models import CarriedOutByPathway, GoLive, OperationalChange, ProofByUse
from saferpractice.changes.operations import BY_ITSELF, PROOF, carry_out, take_off, withdraw_change
from saferpractice.changes.queries import coverage_of, state_of
from saferpractice.changes.rules import BY_USE, ChangeState
from saferpractice.deadlines.models import Obligation
from saferpractice.jobs.sweeps import take_versions_live
from saferpractice.pathways import operations as pathways
from saferpractice.pathways.models import PathwayCase, PathwayDraft, PathwayVersion
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.changes import a_change
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, a_case, a_draft, a_record, hours, used, within
from tests.factories.web import signed_in
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R3", "R14", "R2")
TWO = ["infection-risk", "refusal-of-care"]


def named(cast: Cast, *edits: Any, **given: Any) -> tuple[OperationalChange, PathwayDraft]:
    """A change of North team that a draft carries out; the consultation within two hours, unless ``edits``."""
    change = a_change(cast, reach=[cast.north], **given)
    draft = a_draft(cast, *edits)
    carry_out(by=cast.lead, at=NOW, change=change, draft=draft)
    return change, draft


def live(cast: Cast, draft: PathwayDraft, at: Any = NOW, live_from: Any = None) -> PathwayVersion:
    proposal = pathways.propose(by=cast.lead, at=at, draft=draft, revision=draft.revision, why="Two hours matter.")
    return pathways.approve(by=cast.quality_lead, at=at, proposal=proposal, reason="Right.", live_from=live_from)


def fresh(change: OperationalChange) -> OperationalChange:
    return OperationalChange.objects.get(pk=change.pk)


def consulted(
    cast: Cast, start: float, *, person: str = "P-7", version: PathwayVersion | None = None, **more: Any
) -> PathwayCase:
    """A case on which the consultation came about at hour ``start`` and was had an hour later."""
    case = a_case(cast, person=person, version=version, at=hours(start), by=cast.lead, **more)
    a_record(case, "checklist", start, by=cast.lead, values={"present": TWO})
    a_record(case, "consultation", start + 1, by=cast.lead, values=CONSULTATION)
    return case


class TestNaming:
    def test_it_is_named_once_and_told_in_its_story(self, cast: Cast) -> None:
        change, draft = named(cast)
        carry_out(by=cast.lead, at=NOW, change=change, draft=draft)
        assert CarriedOutByPathway.objects.count() == 1
        told = TrailEntry.objects.get(operation="changes.carry_out")
        assert told.story_id == change.findings.get().incident_id
        assert change.title in told.sentence

    @pytest.mark.parametrize("who", ["worker", "duty_manager", "supervisor", "reviewer", "administrator", "stranger"])
    def test_who_may_not(self, cast: Cast, who: str) -> None:
        """The reviewer and the duty manager carry the change, and change no pathway."""
        change, draft = a_change(cast), a_draft(cast)
        with pytest.raises(Refused):
            carry_out(by=cast.people()[who], at=NOW, change=change, draft=draft)

    def test_what_is_over_is_not_named(self, cast: Cast) -> None:
        draft = a_draft(cast)
        done, gone, late = a_change(cast), a_change(cast), a_change(cast)
        operations.go_live(by=cast.lead, at=NOW, change=done, live_at=NOW)
        withdraw_change(by=cast.lead, at=NOW, change=gone, reason="Another way.")
        with pytest.raises(Invalid, match="live already"):
            carry_out(by=cast.lead, at=NOW, change=fresh(done), draft=draft)
        with pytest.raises(Stale):
            carry_out(by=cast.lead, at=NOW, change=fresh(gone), draft=draft)
        live(cast, draft)
        with pytest.raises(Stale, match="approved or dropped"):
            carry_out(by=cast.lead, at=NOW, change=late, draft=draft)

    def test_taken_off_it_does_not_go_live(self, cast: Cast) -> None:
        change, draft = named(cast)
        link = CarriedOutByPathway.objects.get()
        with pytest.raises(Invalid):
            take_off(by=cast.lead, at=NOW, link=link, reason=" ")
        take_off(by=cast.lead, at=NOW, link=link, reason="It is done by a form.")
        with pytest.raises(Invalid, match="taken off"):
            carry_out(by=cast.lead, at=NOW, change=change, draft=draft)
        live(cast, draft)
        assert state_of(fresh(change)) is ChangeState.AGREED

    def test_once_approved_it_stays_named(self, cast: Cast) -> None:
        _, draft = named(cast)
        live(cast, draft, live_from=hours(48))
        with pytest.raises(Stale):
            take_off(by=cast.lead, at=NOW, link=CarriedOutByPathway.objects.get(), reason="After all.")


class TestGoingLive:
    def test_with_the_version_in_the_same_breath(self, cast: Cast) -> None:
        change, draft = named(cast)
        live(cast, draft, at=hours(1))
        found = GoLive.objects.get(change=change)
        assert (found.live_at, found.decided_by) == (hours(1), None)
        assert found.words == "Version 2 of the pathway “Self-neglect threshold” went live, and this change with it."
        assert Obligation.objects.get(subject_id=change.pk, kind="changes.go_live").met_at == hours(1)
        assert Obligation.objects.get(subject_id=change.pk, kind=PROOF).met_at is None

    def test_from_its_moment_by_the_worker(self, cast: Cast) -> None:
        change, draft = named(cast)
        live(cast, draft, live_from=hours(48))
        assert state_of(fresh(change)) is ChangeState.AGREED
        take_versions_live(hours(49))
        assert GoLive.objects.get(change=change).live_at == hours(48)

    def test_sent_back_nothing_happens(self, cast: Cast) -> None:
        change, draft = named(cast)
        proposal = pathways.propose(by=cast.lead, at=NOW, draft=draft, revision=2, why="Because.")
        pathways.send_back(by=cast.director, at=NOW, proposal=proposal, reason="Not yet.")
        assert state_of(fresh(change)) is ChangeState.AGREED

    def test_one_that_is_live_or_withdrawn_stays_as_it_is(self, cast: Cast) -> None:
        change, draft = named(cast)
        other = a_change(cast)
        carry_out(by=cast.lead, at=NOW, change=other, draft=draft)
        operations.go_live(by=cast.lead, at=NOW, change=change, live_at=NOW, words="By hand.")
        withdraw_change(by=cast.lead, at=NOW, change=other, reason="Another way.")
        live(cast, draft)
        assert GoLive.objects.get().words == "By hand."

    def test_nobody_asks_for_it(self, cast: Cast) -> None:
        change, draft = named(cast)
        version = live(cast, draft)
        with pytest.raises(Refused):
            operations.go_live_with_version(by=cast.director, at=NOW, change=change, version=version)


class TestProofByUse:
    def test_what_the_version_changed_and_was_then_done_proves_the_team(self, cast: Cast) -> None:
        change, draft = named(cast)
        version = live(cast, draft)
        assert state_of(fresh(change)) is ChangeState.LIVE
        case = consulted(cast, 1, version=version)
        [proof] = ProofByUse.objects.all()
        assert (proof.team, proof.version, proof.case, proof.code) == (cast.north, version, case, "consult")
        assert state_of(fresh(change)) is ChangeState.PROVEN
        assert Obligation.objects.get(subject_id=change.pk, kind=PROOF).met_at == hours(2)
        [covered] = coverage_of(fresh(change)).teams
        assert [each.kind for each in covered.proofs] == [BY_USE]

    def test_once_for_each_team_and_team_by_team(self, cast: Cast) -> None:
        change = a_change(cast, reach=[cast.north, cast.south])
        draft = a_draft(cast)
        carry_out(by=cast.lead, at=NOW, change=change, draft=draft)
        version = live(cast, draft)
        consulted(cast, 1, version=version)
        consulted(cast, 4, version=version, person="P-8")
        assert state_of(fresh(change)) is ChangeState.PARTLY_PROVEN
        consulted(cast, 7, version=version, person="P-9", team=cast.south)
        assert state_of(fresh(change)) is ChangeState.PROVEN
        assert ProofByUse.objects.count() == 2
        proven = OperationalChange.objects.in_state(ChangeState.PROVEN)
        assert list(proven) == [change]

    @pytest.mark.parametrize(
        "why", ["another duty was changed", "it came about before", "not in reach", "restricted", "withdrawn"]
    )
    def test_what_proves_nothing(self, cast: Cast, why: str) -> None:
        used(cast)
        before = a_case(cast, person="P-1", by=cast.lead)
        if why == "it came about before":
            a_record(before, "checklist", 0, by=cast.lead, values={"present": TWO})
        edits = [within("refer", "1 working day")] if why == "another duty was changed" else []
        change, draft = named(cast, *edits)
        version = live(cast, draft, at=hours(1))
        take_versions_live(hours(1))
        if why == "it came about before":
            a_record(PathwayCase.objects.get(pk=before.pk), "consultation", 2, by=cast.lead, values=CONSULTATION)
        elif why == "not in reach":
            consulted(cast, 2, version=version, team=cast.south)
        elif why == "restricted":
            incident = an_incident(
                by=cast.worker, team=cast.north, at=NOW, restricted=True, restricted_reason="About staff"
            )
            consulted(cast, 2, version=version, incident=incident)
        elif why == "withdrawn":
            withdraw_change(by=cast.lead, at=hours(1), change=fresh(change), reason="Another way.")
            consulted(cast, 2, version=version)
        else:
            consulted(cast, 2, version=version)
        assert not ProofByUse.objects.exists()

    def test_a_later_version_contains_it(self, cast: Cast) -> None:
        change, draft = named(cast)
        live(cast, draft)
        later = live(cast, a_draft(cast, within("refer", "1 working day")))
        consulted(cast, 1, version=later)
        assert [proof.version.number for proof in change.use_proofs.all()] == [2]

    def test_nobody_enters_it(self, cast: Cast) -> None:
        change, draft = named(cast)
        version = live(cast, draft)
        case = a_case(cast, version=version)
        shown = operations.carrying_out.Used(change, version, "consult", "Consult")
        for by in (cast.director, cast.quality_lead):
            with pytest.raises(Refused):
                operations.prove_by_use(by=by, at=NOW, used=shown, case=case)
        assert operations.prove_by_use(by=BY_ITSELF, at=NOW, used=shown, case=case)
        assert operations.prove_by_use(by=SET_UP, at=NOW, used=shown, case=case) == ProofByUse.objects.get()


class TestPages:
    def test_the_change_shows_its_version_and_its_use(self, cast: Cast) -> None:
        change, draft = named(cast)
        page = signed_in(cast.lead).get(reverse("changes:change", args=[change.pk])).content.decode()
        assert "a version that is being prepared" in page
        version = live(cast, draft)
        case = consulted(cast, 1, version=version)
        for who, sees_case in (("lead", True), ("kept", False)):
            person = cast.lead if who == "lead" else cast.duty_manager_elsewhere
            if not sees_case:
                operations.hand_over_change(
                    by=cast.lead, at=hours(3), change=fresh(change), owner=person, reason="On leave."
                )
            page = signed_in(person).get(reverse("changes:change", args=[change.pk])).content.decode()
            assert "Self-neglect threshold, version 2" in page
            assert "Used on a pathway" in page
            assert "done under version 2" in page
            assert (reverse("pathways:case", args=[case.pk]) in page) is sees_case
            assert "P-7" not in page

    def test_the_version_shows_the_change_to_those_who_may_open_it(self, cast: Cast) -> None:
        change, draft = named(cast)
        version = live(cast, draft)
        address = reverse("pathways:version", args=[version.pathway, version.number])
        assert change.title in signed_in(cast.lead).get(address).content.decode()
        page = signed_in(cast.worker_elsewhere).get(address).content.decode()
        assert change.title not in page
        assert "1 change that you may not open is carried out by it" in page

    def test_naming_and_taking_off(self, cast: Cast) -> None:
        change, draft = a_change(cast), a_draft(cast)
        client = signed_in(cast.lead)
        address = reverse("changes:carry_out", args=[draft.pk])
        assert "Choose the change" in client.post(address, {"change": ""}).content.decode()
        page = client.post(address, {"change": str(change.pk)}, follow=True).content.decode()
        assert change.title in page
        off = reverse("changes:take_off", args=[CarriedOutByPathway.objects.get().pk])
        assert off in page
        page = client.post(off, {"reason": "A form does it."}, follow=True).content.decode()
        assert "Taken off" in page
        assert off not in page
