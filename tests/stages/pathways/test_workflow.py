"""Draft, proposed, approved by somebody other than its authors, live from a moment, retired (R14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from saferpractice.deadlines.models import Obligation
from saferpractice.jobs.sweeps import take_versions_live
from saferpractice.pathways import following, operations
from saferpractice.pathways.models import (
    PathwayDraft,
    PathwayVersion,
    ProposalDecision,
    VersionProposal,
    VersionWentLive,
)
from saferpractice.pathways.queries import (
    definition_of_draft,
    definition_of_version,
    in_use,
    library,
    newest_version,
    standings,
    state_of_draft,
    version_in_use,
)
from saferpractice.pathways.rules.versions import Outcome
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, Stale
from tests.factories.pathways import CONSULT_SOONER, a_draft, a_proposal, approved, edited, hours, used, within
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R14", "R3")
LEADS = ("lead", "quality_lead", "director")
OTHERS = ("worker", "duty_manager", "supervisor", "reviewer", "administrator", "commissioner", "inspector", "stranger")


def told(cast: Cast) -> list[str]:
    """What the trail says was done, oldest first."""
    entries = TrailEntry.objects.filter(provider_id=cast.provider.pk, operation__startswith="pathways.")
    return [f"{entry.by_name} {entry.sentence}" for entry in entries.order_by("sequence")]


def stand(cast: Cast, at: Any = NOW) -> dict[int, str]:
    return {each.version.number: each.state.value for each in standings(cast.provider.pk, "self-neglect", at)}


class TestDrafting:
    def test_a_draft_begins_as_the_version_in_use(self, cast: Cast) -> None:
        version = used(cast)
        draft = operations.begin_draft(by=cast.lead, at=NOW, provider=cast.provider, pathway="self-neglect")
        assert (draft.content, draft.begun_from, draft.revision) == (version.content, version, 1)
        assert state_of_draft(draft) == "draft"

    def test_one_of_ones_own_that_nobody_touched_is_given_back(self, cast: Cast) -> None:
        used(cast)

        def begin(who: str) -> PathwayDraft:
            return operations.begin_draft(by=cast.people()[who], at=NOW, provider=cast.provider, pathway="self-neglect")

        first = begin("lead")
        assert begin("lead") == first
        assert begin("director") != first
        operations.change_draft(
            by=cast.lead, at=NOW, draft=first, revision=1, definition=edited(definition_of_draft(first), CONSULT_SOONER)
        )
        assert begin("lead") != first

    def test_a_pathway_that_is_new_here_begins_as_it_ships(self, cast: Cast) -> None:
        draft = operations.begin_draft(by=cast.lead, at=NOW, provider=cast.provider, pathway="lost-contact")
        assert draft.begun_from is None
        assert definition_of_draft(draft) == library()["lost-contact"]

    def test_or_takes_over_what_ships_now(self, cast: Cast) -> None:
        used(cast, definition=edited(library()["self-neglect"], CONSULT_SOONER))
        draft = operations.begin_draft(
            by=cast.lead, at=NOW, provider=cast.provider, pathway="self-neglect", from_library=True
        )
        assert definition_of_draft(draft) == library()["self-neglect"]
        assert draft.begun_from is not None

    def test_no_such_pathway(self, cast: Cast) -> None:
        with pytest.raises(Invalid):
            operations.begin_draft(by=cast.lead, at=NOW, provider=cast.provider, pathway="nothing")

    def test_what_was_saved_meanwhile_is_not_written_over(self, cast: Cast) -> None:
        draft = a_draft(cast)
        mine, theirs = (edited(definition_of_draft(draft), within("consult", span)) for span in ("3 hours", "4 hours"))
        operations.change_draft(by=cast.director, at=NOW, draft=draft, revision=2, definition=theirs)
        with pytest.raises(Stale, match="Drew Castell saved this draft meanwhile"):
            operations.change_draft(by=cast.lead, at=NOW, draft=draft, revision=2, definition=mine)
        assert definition_of_draft(PathwayDraft.objects.get()) == theirs

    def test_saving_the_same_again_is_no_change(self, cast: Cast) -> None:
        draft = a_draft(cast)
        before = TrailEntry.objects.count()
        operations.change_draft(
            by=cast.director, at=NOW, draft=draft, revision=1, definition=definition_of_draft(draft)
        )
        assert TrailEntry.objects.count() == before
        assert draft.edits.count() == 1

    def test_the_definition_of_another_pathway_is_refused(self, cast: Cast) -> None:
        with pytest.raises(Invalid):
            operations.change_draft(
                by=cast.lead, at=NOW, draft=a_draft(cast), revision=2, definition=library()["lost-contact"]
            )

    def test_a_dropped_draft_stays_and_is_not_gone_on_with(self, cast: Cast) -> None:
        draft = a_draft(cast)
        with pytest.raises(Invalid):
            operations.drop_draft(by=cast.lead, at=NOW, draft=draft, reason=" ")
        operations.drop_draft(by=cast.lead, at=NOW, draft=draft, reason="Not needed.")
        assert state_of_draft(PathwayDraft.objects.get(pk=draft.pk)) == "dropped"
        with pytest.raises(Stale, match="dropped"):
            operations.propose(by=cast.lead, at=NOW, draft=draft, revision=2, why="Because.")


def every_step(cast: Cast) -> dict[str, Callable[[Any], object]]:
    """Each step by its name, taken by somebody."""
    draft = a_draft(cast, by=cast.director)
    proposal = a_proposal(cast, within("consult", "3 hours"), by=cast.director)
    version = used(cast, "lost-contact")
    return {
        "begin": lambda by: operations.begin_draft(by=by, at=NOW, provider=cast.provider, pathway="lost-contact"),
        "change": lambda by: operations.change_draft(
            by=by, at=NOW, draft=draft, revision=2, definition=definition_of_draft(draft)
        ),
        "go on": lambda by: operations.go_on_from_newest(by=by, at=NOW, draft=draft, revision=2),
        "propose": lambda by: operations.propose(by=by, at=NOW, draft=draft, revision=2, why="Because."),
        "drop": lambda by: operations.drop_draft(by=by, at=NOW, draft=draft, reason="Because."),
        "approve": lambda by: operations.approve(by=by, at=NOW, proposal=proposal, reason="Because."),
        "send back": lambda by: operations.send_back(by=by, at=NOW, proposal=proposal, reason="Because."),
        "take back": lambda by: operations.take_back(by=by, at=NOW, proposal=proposal, reason="Because."),
        "retire": lambda by: operations.retire_version(by=by, at=NOW, version=version, reason="Because."),
    }


class TestWhoMay:
    def test_nobody_else_does_any_of_it(self, cast: Cast) -> None:
        for name, step in every_step(cast).items():
            for who in OTHERS:
                with pytest.raises(Refused):
                    step(cast.people()[who])
                    pytest.fail(f"{who} could {name}")

    @pytest.mark.parametrize("who", LEADS)
    @pytest.mark.parametrize("name", ["begin", "change", "propose", "drop", "retire"])
    def test_who_leads_may(self, cast: Cast, who: str, name: str) -> None:
        assert every_step(cast)[name](cast.people()[who])

    def test_an_author_never_decides(self, cast: Cast) -> None:
        """Whoever began it, changed it or proposed it."""
        used(cast)
        draft = operations.begin_draft(by=cast.lead, at=NOW, provider=cast.provider, pathway="self-neglect")
        operations.change_draft(
            by=cast.director,
            at=NOW,
            draft=draft,
            revision=1,
            definition=edited(definition_of_draft(draft), CONSULT_SOONER),
        )
        proposal = operations.propose(by=cast.quality_lead, at=NOW, draft=draft, revision=2, why="Because.")
        for who in LEADS:
            for decide in (operations.approve, operations.send_back):
                with pytest.raises(Refused, match="Somebody else decides"):
                    decide(by=cast.people()[who], at=NOW, proposal=proposal, reason="Mine.")
        assert operations.take_back(by=cast.director, at=NOW, proposal=proposal, reason="Mine.")

    def test_no_process_approves(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="A person decides"):
            operations.approve(by=SET_UP, at=NOW, proposal=a_proposal(cast), reason="It is right.")

    def test_only_an_author_takes_back(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="Send it back instead"):
            operations.take_back(by=cast.director, at=NOW, proposal=a_proposal(cast), reason="Wrong.")

    def test_a_pathway_in_use_is_not_replaced_without_a_second_person(self, cast: Cast) -> None:
        used(cast)
        other = edited(library()["self-neglect"], CONSULT_SOONER)
        with pytest.raises(Invalid, match="Draft the change"):
            operations.put_in_use(by=cast.director, at=NOW, provider=cast.provider, definition=other)
        assert PathwayVersion.objects.count() == 1


class TestProposing:
    def test_it_is_frozen_and_waits(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        draft = PathwayDraft.objects.get()
        assert (proposal.content, proposal.number, state_of_draft(draft)) == (draft.content, 1, "proposed")
        with pytest.raises(Stale, match="waits to be approved"):
            operations.change_draft(by=cast.lead, at=NOW, draft=draft, revision=2, definition=library()["self-neglect"])

    def test_sent_twice_it_is_one(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        draft = PathwayDraft.objects.get()
        again = operations.propose(by=cast.lead, at=NOW, draft=draft, revision=2, why="Two hours matter.")
        assert (again, VersionProposal.objects.count()) == (proposal, 1)

    @pytest.mark.parametrize(("why", "edits"), [("", [CONSULT_SOONER]), ("Because.", [lambda content: None])])
    def test_it_needs_a_reason_and_a_change(self, cast: Cast, why: str, edits: list[Any]) -> None:
        draft = a_draft(cast, *edits)
        with pytest.raises(Invalid):
            operations.propose(by=cast.lead, at=NOW, draft=draft, revision=draft.revision, why=why)

    def test_what_was_saved_since_it_was_read_is_not_proposed(self, cast: Cast) -> None:
        draft = a_draft(cast)
        with pytest.raises(Stale):
            operations.propose(by=cast.lead, at=NOW, draft=draft, revision=1, why="Because.")

    def test_somebody_who_may_decide_owes_the_decision(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        owed = Obligation.objects.get(subject_id=proposal.pk)
        assert (owed.role, owed.met_at, owed.provider) == ("quality_lead", None, cast.provider)
        operations.send_back(by=cast.director, at=hours(1), proposal=proposal, reason="Ask the nights first.")
        assert Obligation.objects.get(subject_id=proposal.pk).met_at == hours(1)

    def test_of_the_quality_lead_the_safeguarding_lead_decides(self, cast: Cast) -> None:
        proposal = a_proposal(cast, by=cast.quality_lead)
        assert Obligation.objects.get(subject_id=proposal.pk).role == "safeguarding_lead"

    def test_sent_back_it_is_changed_and_proposed_again(self, cast: Cast) -> None:
        first = a_proposal(cast)
        with pytest.raises(Invalid):
            operations.send_back(by=cast.director, at=NOW, proposal=first, reason="")
        operations.send_back(by=cast.director, at=NOW, proposal=first, reason="Ask the nights first.")
        draft = PathwayDraft.objects.get()
        assert state_of_draft(draft) == "sent-back"
        other = edited(definition_of_draft(draft), within("consult", "4 hours"))
        operations.change_draft(by=cast.lead, at=NOW, draft=draft, revision=2, definition=other)
        second = operations.propose(by=cast.lead, at=NOW, draft=draft, revision=3, why="Asked.")
        assert (second.number, first.content == second.content) == (2, False)
        with pytest.raises(Stale, match="was decided"):
            operations.approve(by=cast.quality_lead, at=NOW, proposal=first, reason="It is right.")


class TestApproving:
    def test_it_is_live_at_once(self, cast: Cast) -> None:
        version = approved(cast)
        assert (version.number, version.live_from, stand(cast)) == (2, NOW, {1: "replaced", 2: "live"})
        assert definition_of_version(version).owed["consult"].within == "2 hours"
        assert told(cast)[-4:] == [
            "Lark Penrose changed the draft of the pathway “Self-neglect threshold”",
            "Lark Penrose proposed a version of the pathway “Self-neglect threshold”",
            "Quill Harker approved version 2 of the pathway “Self-neglect threshold”, to go live at once",
            "Quill Harker took version 2 of the pathway “Self-neglect threshold” live",
        ]

    def test_or_from_a_moment(self, cast: Cast) -> None:
        approved(cast, live_from=hours(48))
        assert stand(cast) == {1: "live", 2: "coming"}
        assert stand(cast, hours(48)) == {1: "replaced", 2: "live"}
        assert not VersionWentLive.objects.exists()

    @pytest.mark.parametrize("wanted", [NOW - timedelta(minutes=1), NOW + timedelta(days=400)])
    def test_not_from_a_moment_that_has_passed_or_is_far_off(self, cast: Cast, wanted: Any) -> None:
        with pytest.raises(Invalid) as refused:
            approved(cast, live_from=wanted)
        assert set(refused.value.problems) == {"live_from"}

    def test_it_needs_a_reason(self, cast: Cast) -> None:
        with pytest.raises(Invalid):
            operations.approve(by=cast.director, at=NOW, proposal=a_proposal(cast), reason=" ")

    def test_sent_twice_it_is_one_and_another_decision_is_refused(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        first = operations.approve(by=cast.director, at=NOW, proposal=proposal, reason="It is right.")
        again = operations.approve(by=cast.director, at=hours(1), proposal=proposal, reason="It is right.")
        assert (again, PathwayVersion.objects.count()) == (first, 2)
        for decide in (operations.approve, operations.send_back):
            with pytest.raises(Stale):
                decide(by=cast.quality_lead, at=NOW, proposal=proposal, reason="Or not.")

    def test_a_version_that_came_meanwhile_is_not_lost(self, cast: Cast) -> None:
        mine, theirs = a_draft(cast), a_proposal(cast, within("refer", "1 working day"), by=cast.director)
        waiting = operations.propose(by=cast.lead, at=NOW, draft=mine, revision=2, why="Because.")
        operations.approve(by=cast.quality_lead, at=NOW, proposal=theirs, reason="It is right.")
        with pytest.raises(Stale, match="Version 2 came since"):
            operations.approve(by=cast.quality_lead, at=NOW, proposal=waiting, reason="It is right.")
        operations.take_back(by=cast.lead, at=NOW, proposal=waiting, reason="To look at version 2.")
        with pytest.raises(Stale, match="go on from it first"):
            operations.propose(by=cast.lead, at=NOW, draft=mine, revision=2, why="Because.")
        operations.go_on_from_newest(by=cast.lead, at=NOW, draft=mine, revision=2)
        again = operations.propose(by=cast.lead, at=NOW, draft=mine, revision=3, why="Because.")
        assert operations.approve(by=cast.quality_lead, at=NOW, proposal=again, reason="Yes.").number == 3

    def test_one_database_row_for_each_decision(self, cast: Cast) -> None:
        proposal = a_proposal(cast)
        operations.send_back(by=cast.director, at=NOW, proposal=proposal, reason="No.")
        row = ProposalDecision.objects.get()
        with pytest.raises(IntegrityError), transaction.atomic():
            ProposalDecision.objects.create(
                proposal=proposal, outcome=Outcome.SENT_BACK, reason="Twice.", decided_at=NOW
            )
        with pytest.raises(IntegrityError), transaction.atomic():
            ProposalDecision.objects.filter(pk=row.pk).update(reason="Otherwise.")


class TestGoingLive:
    def test_others_are_told_once_and_in_order(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        heard: list[int] = []
        follower = following.Follower(
            went_live=lambda version, at: heard.append(version.number), met=lambda case, codes, at: None
        )
        monkeypatch.setattr(following, "_followers", [follower])
        approved(cast, live_from=hours(48))
        assert heard == []
        take_versions_live(hours(47))
        assert heard == []
        for _ in range(2):
            take_versions_live(hours(48))
        assert heard == [2]

    def test_one_that_is_passed_over_is_told_with_the_later(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        heard: list[int] = []
        follower = following.Follower(
            went_live=lambda version, at: heard.append(version.number), met=lambda case, codes, at: None
        )
        monkeypatch.setattr(following, "_followers", [follower])
        approved(cast, live_from=hours(48))
        approved(cast, within("refer", "1 working day"), at=hours(1))
        take_versions_live(hours(48))
        assert heard == [2, 3]
        assert stand(cast, hours(48)) == {1: "replaced", 2: "replaced", 3: "live"}

    def test_what_follows_fails_and_nothing_is_approved(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("the change cannot go live")

        monkeypatch.setattr(following, "_followers", [following.Follower(went_live=fail, met=fail)])
        with pytest.raises(RuntimeError):
            approved(cast)
        assert not ProposalDecision.objects.exists()
        assert stand(cast) == {1: "live"}

    def test_one_that_fails_does_not_hold_up_the_others(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(version: PathwayVersion, *_: object) -> None:
            if version.pathway == "self-neglect":
                raise RuntimeError("this one fails")

        monkeypatch.setattr(following, "_followers", [following.Follower(went_live=fail, met=fail)])
        approved(cast, live_from=hours(1))
        change = lambda content: content.update(about="Otherwise.")  # noqa: E731
        approved(cast, change, live_from=hours(1), code="lost-contact")
        take_versions_live(hours(1))
        assert [each.version.pathway for each in VersionWentLive.objects.all()] == ["lost-contact"]


class TestRetiring:
    def test_no_new_case_and_what_it_replaced_does_not_come_back(self, cast: Cast) -> None:
        version = approved(cast)
        operations.retire_version(by=cast.director, at=hours(1), version=version, reason="Another service does it.")
        assert stand(cast, hours(1)) == {1: "replaced", 2: "retired"}
        assert in_use(cast.provider.pk, hours(1)) == []
        with pytest.raises(Invalid):
            operations.open_case(
                by=cast.worker,
                at=hours(2),
                team=cast.north,
                version=version,
                person_reference="P-9",
                submission_key="k",
            )

    def test_from_a_moment(self, cast: Cast) -> None:
        version = used(cast)
        operations.retire_version(by=cast.director, at=NOW, version=version, reason="Over.", retired_at=hours(24))
        assert version_in_use(cast.provider.pk, "self-neglect", hours(23)) == version
        assert version_in_use(cast.provider.pk, "self-neglect", hours(24)) is None

    def test_called_off_before_it_is_live_it_never_is(self, cast: Cast) -> None:
        version = approved(cast, live_from=hours(48))
        operations.retire_version(by=cast.director, at=hours(1), version=version, reason="The form is not ready.")
        assert stand(cast, hours(99)) == {1: "live", 2: "called-off"}
        assert take_versions_live(hours(99)) == 0
        newest = newest_version(cast.provider.pk, "self-neglect")
        assert newest is not None
        assert newest.number == 1
        assert approved(cast, at=hours(2)).number == 3

    @pytest.mark.parametrize("more", [{"reason": " "}, {"reason": "Over.", "retired_at": NOW - timedelta(minutes=1)}])
    def test_it_needs_a_reason_and_a_moment_to_come(self, cast: Cast, more: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            operations.retire_version(by=cast.director, at=NOW, version=used(cast), **more)

    def test_what_is_over_is_not_retired(self, cast: Cast) -> None:
        first = used(cast)
        approved(cast)
        with pytest.raises(Stale, match="A later version replaced"):
            operations.retire_version(by=cast.director, at=NOW, version=first, reason="Over.")

    def test_it_is_in_use_again_by_a_new_version(self, cast: Cast) -> None:
        version = used(cast)
        operations.retire_version(by=cast.director, at=NOW, version=version, reason="Over.")
        again = operations.put_in_use(
            by=cast.lead, at=hours(1), provider=cast.provider, definition=library()["self-neglect"]
        )
        assert again.number == 2
        assert stand(cast, hours(1)) == {1: "replaced", 2: "live"}
