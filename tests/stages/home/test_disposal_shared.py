"""What is kept and needs an incident keeps it: one table after the other, each with the sentence that is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from saferpractice.access.decisions import decided
from saferpractice.assurance.models import AuditPopulation, AuditSample, LearningPoint, SupervisionDiscussion
from saferpractice.changes.models import OperationalChange, ProofByUse, TrackedAction
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.evidence.models import (
    EvidencePack,
    Lesson,
    PackBuilt,
    PackIncident,
    PackWithdrawal,
    SpecificationClause,
    TextConfirmation,
    ThematicDraft,
    ThematicReview,
    TrainingNeed,
)
from saferpractice.files.models import StoredFile
from saferpractice.home.models import DisposalStop
from saferpractice.home.queries.disposal import CONFIRMS, rows_of, why_not
from saferpractice.home.rules.belonging import SHARED
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import withdraw_incident
from saferpractice.pathways.models import CaseClosing, PathwayCase, Replay, ReplayCase
from saferpractice.trail.models import TrailEntry
from saferpractice.triage.models import RepeatedPattern
from tests.factories.audits import an_audit_plan
from tests.factories.changes import a_finding, a_live_change
from tests.factories.disposal import DUE, approved, disposed, done
from tests.factories.pathways import a_case, a_pick
from tests.factories.retention import a_finished_incident, at_rest
from tests.factories.reviews import a_review, completed
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]


@dataclass
class World:
    """One incident with a change and a case of its own, another with a change and a case, and all of it recorded."""

    cast: Cast
    incident: Incident
    change: OperationalChange
    case: PathwayCase
    other: Incident
    other_change: OperationalChange
    other_case: PathwayCase

    @property
    def by(self) -> dict[str, Any]:
        return decided(self.cast.lead, NOW)

    def why(self, at: Any = DUE) -> list[str]:
        """Sentences of what is shared, those of open work left out."""
        return [one for one in why_not([self.incident], rows_of([self.incident]), at) if one in set(SHARED.values())]


def one_with_a_change(cast: Cast, person: str) -> tuple[Incident, OperationalChange, PathwayCase]:
    review = a_review(cast, "B", person_reference=person)
    finding = a_finding(cast, review=review)
    completed(review, cast)
    change = a_live_change(cast, findings=[finding])
    case = a_case(cast, incident=review.incident, by=cast.lead, person=person)
    CaseClosing.objects.create(case=case, reason="Over", **decided(cast.lead, NOW))
    at_rest(review.incident)
    return review.incident, change, case


@pytest.fixture
def world(cast: Cast) -> World:
    other = one_with_a_change(cast, "P-2")  # the first, or a pattern of its own would count the other as an earlier one
    return World(cast, *one_with_a_change(cast, "P-1"), *other)


def a_pattern(world: World) -> None:
    row = RepeatedPattern.objects.create(
        incident=world.other, kind="person", what="x", window_days=90, how_many=1, **world.by
    )
    row.earlier.add(world.incident)


def an_action_of_the_other(world: World) -> None:
    TrackedAction.objects.create(
        provider=world.cast.provider, incident=world.other, change=world.change, what="x", owner=world.cast.lead,
        due_on=NOW.date(), submission_key="shared", **world.by,
    )  # fmt: skip


def a_proof_by_its_case(world: World) -> None:
    ProofByUse.objects.create(
        change=world.other_change, team=world.cast.north, version=world.case.version, case=world.case, code="x",
        title="x", **world.by,
    )  # fmt: skip


def a_population(world: World) -> AuditPopulation:
    plan = an_audit_plan(world.cast, change=world.other_change)
    return AuditPopulation.objects.create(
        provider=world.cast.provider, plan=plan, number=1, period_from=NOW.date(), period_to=NOW.date(),
        before_live=False, words="x", lines=[str(world.incident.pk)], count=1, restricted=0, list_hash="x", size=1,
        claim_words="x", **world.by,
    )  # fmt: skip


def a_draw_of_it(world: World) -> None:
    AuditSample.objects.create(
        population=a_population(world), rank=1, record_id=world.incident.pk, digest="x", drawn_at=NOW
    )


def a_pack(world: World, **changes: Any) -> EvidencePack:
    given: dict[str, Any] = {"subject": "incident", "incident": world.incident, "disclosure": "full", "about": "x"}
    pack = EvidencePack.objects.create(
        provider=world.cast.provider, submission_key=f"pack-{uuid4()}", **(given | changes), **world.by
    )
    PackWithdrawal.objects.create(pack=pack, reason="Not used", **world.by)
    return pack


def a_pack_of_both(world: World) -> None:
    pack = a_pack(world)
    for one in (world.incident, world.other):
        PackIncident.objects.create(pack=pack, incident=one)


def confirmed_for(world: World, pack: EvidencePack) -> TextConfirmation:
    """As the operation leaves it: the row, and an entry that says who did it when."""
    TrailEntry.objects.create(
        provider_id=world.cast.provider.pk, sequence=10**6, at=NOW, operation=CONFIRMS, by_id=world.cast.lead.pk,
        by_name="x", by_role="x", subject_type="evidence.evidencepack", subject_id=pack.pk, sentence="x", salt="x",
        previous_hash="x", hash="x",
    )  # fmt: skip
    return TextConfirmation.objects.create(
        provider=world.cast.provider, key="x", number=1, choice="edited", words="Said otherwise", **world.by
    )


def a_pack_of_its_time(world: World) -> None:
    day = NOW.date()
    pack = a_pack(
        world, subject="theme", incident=None, period_from=day - timedelta(days=9), period_to=day + timedelta(days=9)
    )
    pack.services.add(world.cast.riverside)
    confirmed_for(world, pack)


def a_lesson(world: World) -> None:
    Lesson.objects.create(
        provider=world.cast.provider, change=world.change, check_id=uuid4(), title="x", content={}, submission_key="x",
        **world.by,
    )  # fmt: skip


def a_training_need(world: World) -> None:
    TrainingNeed.objects.create(
        provider=world.cast.provider, change=world.change, what="x", roles=[], by_on=NOW.date(), submission_key="x",
        **world.by,
    )  # fmt: skip


def a_clause(world: World) -> None:
    SpecificationClause.objects.create(
        provider=world.cast.provider, change=world.change, clause="x", wording="x", wanted_by=NOW.date(),
        submission_key="x", **world.by,
    )  # fmt: skip


def a_replay_beside(world: World) -> None:
    replay = Replay.objects.create(
        provider=world.cast.provider, pathway="x", live=world.case.version, candidate={}, candidate_name="x", cases=1,
        setting={}, submission_key="x", **world.by,
    )  # fmt: skip
    ReplayCase.objects.create(replay=replay, case=world.other_case, incident=world.incident, differs=True)


def a_thematic_draft(world: World) -> ThematicDraft:
    review = ThematicReview.objects.create(provider=world.cast.provider, year=2025, number=4, **world.by)
    return ThematicDraft.objects.create(
        review=review, number=1, data={"incidents": [str(world.incident.pk)]}, sha256="x", **world.by
    )


TIES: dict[str, Callable[[World], Any]] = {
    "triage_repeatedpattern_earlier": a_pattern,
    "changes_trackedaction": an_action_of_the_other,
    "changes_proofbyuse": a_proof_by_its_case,
    "assurance_auditsample": a_draw_of_it,
    "evidence_packincident": a_pack_of_both,
    "evidence_textconfirmation": a_pack_of_its_time,
    "evidence_lesson": a_lesson,
    "evidence_trainingneed": a_training_need,
    "evidence_specificationclause": a_clause,
    "pathways_supervisionpick": lambda world: a_pick(world.case, date(2026, 3, 1)),
    "pathways_replaycase": a_replay_beside,
    "evidence_thematicdraft": a_thematic_draft,
}


@pytest.mark.parametrize("table", TIES)
def test_what_is_kept_and_needs_it_keeps_it(world: World, table: str) -> None:
    assert world.why() == []
    TIES[table](world)
    assert world.why() == [SHARED[table]]


def test_a_table_that_nobody_thought_of_keeps_it_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any foreign key of a row that stays is enough, with a sentence for all of them."""
    from saferpractice.home.rules import belonging

    a_lesson(world)
    monkeypatch.setattr(belonging, "SHARED", {})
    assert belonging.SOMETHING in why_not([world.incident], rows_of([world.incident]), DUE)


def test_a_list_of_an_audit_that_did_not_draw_it_holds_an_id_and_keeps_nothing(world: World) -> None:
    a_population(world)
    assert world.why() == []


def test_a_withdrawn_pack_of_it_alone_goes_with_its_files_and_the_words_put_in(world: World) -> None:
    pack = a_pack(world)
    PackIncident.objects.create(pack=pack, incident=world.incident)
    files = [
        StoredFile.objects.create(
            provider=world.cast.provider, name=f"{n}", content_type="x", size=1, sha256="x", path=f"p/{n}",
            uploaded_at=NOW,
        )
        for n in range(3)
    ]  # fmt: skip
    PackBuilt.objects.create(
        pack=pack, pdf=files[0], page=files[1], bundle=files[2], incidents=1, left_out=0, statements=1, **world.by
    )
    words = confirmed_for(world, pack)
    rows = rows_of([world.incident])
    assert world.why() == []
    assert {file.pk for file in files} <= rows["files_storedfile"]
    assert rows["evidence_textconfirmation"] == {words.pk}


def test_messages_about_it_go_and_those_about_others_stay(world: World) -> None:
    def message(about: object) -> OutboxMessage:
        return OutboxMessage.objects.create(
            provider=world.cast.provider, key=f"what:{about}:more", to=world.cast.lead, subject="x", body="x",
            created_at=NOW, send_after=NOW,
        )  # fmt: skip

    review = world.incident.reviews.get()
    mine = {message(one.pk).pk for one in (world.incident, review, world.change, world.case)}
    theirs = {message(one.pk).pk for one in (world.other, world.other_change, world.cast.lead)}
    found = rows_of([world.incident])["deadlines_outboxmessage"]
    assert mine <= found
    assert not theirs & found


def test_duties_about_any_of_it_go_and_no_others(world: World) -> None:
    rows = rows_of([world.incident])["deadlines_obligation"]
    mine = Obligation.objects.filter(story_id=world.incident.pk)
    assert mine.exists()
    assert set(mine.values_list("pk", flat=True)) <= rows
    assert not set(Obligation.objects.filter(story_id=world.other.pk).values_list("pk", flat=True)) & rows


class TestThePerson:
    def test_goes_when_nothing_else_is_held(self, cast: Cast) -> None:
        incident = a_finished_incident(cast, person_reference="P-5")
        disposed(incident, cast)
        assert not PersonSupported.objects.filter(reference="P-5").exists()

    @pytest.mark.parametrize("held", ["another incident", "a case of no incident", "a withdrawn one"])
    def test_stays_while_something_else_is(self, cast: Cast, held: str) -> None:
        incident = a_finished_incident(cast, person_reference="P-5")
        if held == "a case of no incident":
            a_case(cast, by=cast.lead, person="P-5")
        else:
            other = a_finished_incident(cast, person_reference="P-5")
            if held == "a withdrawn one":
                withdraw_incident(by=cast.lead, at=NOW, incident=other, reason="Reported twice.")
        rows = rows_of([incident])
        assert rows["incidents_personsupported"] == set()

    def test_a_discussion_in_supervision_stays_without_the_point(self, cast: Cast, world: World) -> None:
        point = LearningPoint.objects.create(
            provider=cast.provider, wording="Ring first", change=world.change, submission_key="x", **world.by
        )
        discussion = SupervisionDiscussion.objects.create(
            provider=cast.provider, worker=cast.worker, supervisor=cast.supervisor, held_on=NOW.date(), words="Agreed.",
            submission_key="x", **world.by,
        )  # fmt: skip
        discussion.points.add(point)
        rows = rows_of([world.incident])
        assert world.why() == []
        assert rows["assurance_learningpoint"] == {point.pk}
        assert len(rows["assurance_supervisiondiscussion_points"]) == 1


def test_what_came_to_be_shared_since_stops_it(cast: Cast) -> None:
    incident, other = (a_finished_incident(cast, person_reference=f"P-{n}") for n in range(2))
    proposal = approved(incident, cast)
    row = RepeatedPattern.objects.create(
        incident=other, kind="person", what="x", window_days=90, how_many=1, **decided(cast.lead, DUE)
    )
    row.earlier.add(incident)
    stop = done(proposal)
    assert isinstance(stop, DisposalStop)
    assert stop.why == [SHARED["triage_repeatedpattern_earlier"]]
    connection.check_constraints()
