"""Whether learning is defensible, worked out from the records of every stage, with the way to what is missing (R5)."""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.test import Client
from django.urls import get_resolver, reverse

from saferpractice.access.models import Person
from saferpractice.changes.models import OperationalChange
from saferpractice.changes.operations import withdraw_change
from saferpractice.design.forms import Form
from saferpractice.evidence import presenters, queries
from saferpractice.evidence.queries import learning_facts
from saferpractice.evidence.queries.learning import Judged
from saferpractice.evidence.rules import LearningFacts, Outcome, Step, Supply, assess_learning
from saferpractice.findings.models import Finding
from saferpractice.findings.operations import complete_rapid_review, correct_finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.models import Review
from saferpractice.reviews.operations import complete_review, open_review, state_nothing_found
from saferpractice.trail.operations import OPERATIONS
from tests.conftest import TestClock
from tests.factories.assurance import LAST_LOOK, a_plan, counted
from tests.factories.changes import a_briefing_held, a_change, a_live_change
from tests.factories.findings import a_finding, finding_words
from tests.factories.incidents import an_incident
from tests.factories.reviews import (
    INDEPENDENT,
    METHODS,
    a_tier_decision,
    answers_for,
    supply_all,
)
from tests.factories.triage import DEPARTURE, a_triage, choose, do_not_refer
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5")]

LATER = NOW + timedelta(days=1)
NOTHING = "We looked at rota, phone and plan with the team, and each had worked as written."


def triaged(cast: Cast, tier: str = "B", **changes: Any) -> Incident:
    incident = an_incident(by=cast.worker, team=cast.north, at=NOW - timedelta(hours=1), **changes)
    a_triage(by=cast.lead, incident=incident, threshold=do_not_refer(), tier=choose(tier, DEPARTURE))
    return incident


def opened(cast: Cast, tier: str = "B") -> Review:
    return open_review(
        by=cast.lead,
        at=NOW,
        incident=triaged(cast, tier),
        method=METHODS[tier],
        reviewer=cast.reviewer,
        independence=INDEPENDENT,
    )


def found(cast: Cast) -> Finding:
    return a_finding(opened(cast), cast)


def completed(cast: Cast, review: Review) -> None:
    supply_all(review, cast)
    complete_review(by=cast.reviewer, at=NOW, review=review, summary="Duty cover ended before the visit.")


def facts(incident: Incident) -> LearningFacts:
    return learning_facts(Incident.objects.get(pk=incident.pk))


def lacking(incident: Incident) -> dict[Step, list[Supply]]:
    """What is missing, step by step."""
    found = assess_learning(facts(incident))
    return {step.step: [one.supply for one in step.missing] for step in found.steps if not step.present}


def judged(change: OperationalChange, by: Person, *, before: tuple[int, int], after: tuple[int, int]) -> None:
    """A plan with its baseline, its last look, and so a verdict."""
    plan = a_plan(by=by, change=change)
    counted(by=by, plan=plan, count=before[0], out_of=before[1])
    counted(by=by, plan=plan, count=after[0], out_of=after[1], look=LAST_LOOK)


def proven(cast: Cast, finding: Finding) -> OperationalChange:
    change = a_live_change(cast, findings=[finding])
    for team in (cast.north, cast.south):
        a_briefing_held(cast, change, team)
    return change


class TestStepByStep:
    """One incident carried through the loop: what is missing shrinks, and each step names what supplies it."""

    def test_reported(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert lacking(incident) == {
            Step.ROOT_CAUSE: [Supply.TRIAGE, Supply.OPEN_REVIEW],
            Step.CHANGE: [Supply.OPEN_REVIEW],
            Step.ROLLOUT: [Supply.OPEN_REVIEW],
            Step.IMPACT: [Supply.OPEN_REVIEW],
        }

    def test_triaged(self, cast: Cast) -> None:
        assert lacking(triaged(cast))[Step.ROOT_CAUSE] == [Supply.OPEN_REVIEW]

    def test_under_review(self, cast: Cast) -> None:
        review = opened(cast)
        assert lacking(review.incident) == {
            Step.ROOT_CAUSE: [Supply.REVIEW, Supply.FINDING],
            Step.CHANGE: [Supply.FINDING],
            Step.ROLLOUT: [Supply.FINDING],
            Step.IMPACT: [Supply.FINDING],
        }

    def test_with_a_finding(self, cast: Cast) -> None:
        finding = found(cast)
        assert lacking(finding.incident) == {
            Step.ROOT_CAUSE: [Supply.REVIEW],
            Step.CHANGE: [Supply.NEW_CHANGE],
            Step.ROLLOUT: [Supply.NEW_CHANGE],
            Step.IMPACT: [Supply.NEW_CHANGE],
        }

    def test_with_a_change_agreed(self, cast: Cast) -> None:
        finding = found(cast)
        a_change(cast, findings=[finding])
        assert lacking(finding.incident) == {
            Step.ROOT_CAUSE: [Supply.REVIEW],
            Step.ROLLOUT: [Supply.CHANGE],
            Step.IMPACT: [Supply.NEW_PLAN],
        }

    @pytest.mark.requirement("R3")
    def test_live_and_not_proven_in_every_team(self, cast: Cast) -> None:
        finding = found(cast)
        change = a_live_change(cast, findings=[finding])
        a_briefing_held(cast, change, cast.north)
        assert lacking(finding.incident)[Step.ROLLOUT] == [Supply.PROOF]
        a_briefing_held(cast, change, cast.south)
        assert Step.ROLLOUT not in lacking(finding.incident)

    @pytest.mark.requirement("R4")
    def test_planned_and_not_judged(self, cast: Cast) -> None:
        finding = found(cast)
        plan = a_plan(by=cast.quality_lead, change=proven(cast, finding))
        assert lacking(finding.incident)[Step.IMPACT] == [Supply.PLAN]
        counted(by=cast.quality_lead, plan=plan, count=30, out_of=100)
        assert lacking(finding.incident)[Step.IMPACT] == [Supply.PLAN], "a baseline is no verdict"

    @pytest.mark.requirement("R3", "R4")
    def test_whole(self, cast: Cast) -> None:
        finding = found(cast)
        completed(cast, finding.review)
        judged(proven(cast, finding), cast.quality_lead, before=(30, 100), after=(90, 100))
        assert lacking(finding.incident) == {}
        assert assess_learning(facts(finding.incident)).sentence.startswith("Defensible: the cause is clear")

    @pytest.mark.requirement("R4")
    def test_whole_and_not_shown_to_have_worked_it_says_so(self, cast: Cast) -> None:
        finding = found(cast)
        completed(cast, finding.review)
        judged(proven(cast, finding), cast.quality_lead, before=(60, 100), after=(50, 100))
        known = facts(finding.incident)
        assert [change.outcome for change in known.changes] == [Outcome.NOT_IMPROVED]
        assert assess_learning(known).defensible
        assert "the risk may still be there" in assess_learning(known).sentence

    @pytest.mark.requirement("R4")
    def test_an_exploratory_verdict_is_a_check_and_shows_nothing_to_have_worked(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finding = found(cast)
        completed(cast, finding.review)
        judged(proven(cast, finding), cast.quality_lead, before=(30, 100), after=(90, 100))
        plainly = queries.learning.judged_of

        def amended_late(change_ids: Iterable[UUID]) -> dict[UUID, list[Judged]]:
            found = plainly(change_ids)
            for one in found.values():
                assert one[0].check is not None
                one[0].check.exploratory = True
            return found

        monkeypatch.setattr(queries.learning, "judged_of", amended_late)
        assert assess_learning(facts(finding.incident)).defensible
        assert "the risk may still be there" in assess_learning(facts(finding.incident)).sentence

    def test_the_rapid_review_is_a_whole_root_cause(self, cast: Cast) -> None:
        review = opened(cast, "A")
        complete_rapid_review(
            by=cast.reviewer,
            at=NOW,
            review=review,
            answers={kind: answers_for(review, kind) for kind in ("immediate-actions", "quick-root-cause")},
            words=finding_words(evidence=()),
        )
        assert Step.ROOT_CAUSE not in lacking(review.incident)


class TestWhatTakesAStepBack:
    """Only these: a change withdrawn, a finding put right into another, a further review, something not triaged."""

    def test_a_withdrawn_change(self, cast: Cast) -> None:
        finding = found(cast)
        change = proven(cast, finding)
        withdraw_change(by=cast.quality_lead, at=LATER, change=change, reason="The pathway it belonged to has ended.")
        assert lacking(finding.incident) | {Step.ROOT_CAUSE: []} == {
            Step.ROOT_CAUSE: [],
            Step.CHANGE: [Supply.NEW_CHANGE],
            Step.ROLLOUT: [Supply.NEW_CHANGE],
            Step.IMPACT: [Supply.NEW_CHANGE],
        }

    def test_a_finding_put_right_stays_answered(self, cast: Cast) -> None:
        finding = found(cast)
        a_change(cast, findings=[finding])
        correct_finding(
            by=cast.reviewer,
            at=LATER,
            finding=finding,
            words=finding_words(finding.review, statement="Cover ended at ten, so nobody could decide."),
            corrected_because="The rota says ten, not midnight.",
        )
        assert Step.CHANGE not in lacking(finding.incident)
        assert [one.statement for one in facts(finding.incident).findings] == [
            "Cover ended at ten, so nobody could decide."
        ]

    def test_one_now_about_something_else_asks_for_a_change_again(self, cast: Cast) -> None:
        finding = found(cast)
        a_change(cast, findings=[finding])
        correct_finding(
            by=cast.reviewer,
            at=LATER,
            finding=finding,
            words=finding_words(finding.review, condition="workload"),
            corrected_because="It was the number of calls, not the rota.",
        )
        assert lacking(finding.incident)[Step.CHANGE] == [Supply.NEW_CHANGE]

    def test_a_second_finding_needs_its_own_change(self, cast: Cast) -> None:
        finding = found(cast)
        a_change(cast, findings=[finding])
        second = a_finding(
            finding.review, cast, condition="workload", statement="Each held 41 cases, so visits slipped."
        )
        assessed = assess_learning(facts(finding.incident))
        assert [(one.supply, one.about) for one in assessed.steps[1].missing] == [(Supply.NEW_CHANGE, str(second.pk))]

    def test_one_change_may_answer_both(self, cast: Cast) -> None:
        finding = found(cast)
        second = a_finding(
            finding.review, cast, condition="workload", statement="Each held 41 cases, so visits slipped."
        )
        a_change(cast, findings=[finding, second])
        assert Step.CHANGE not in lacking(finding.incident)
        assert len(facts(finding.incident).changes) == 1

    def test_a_further_review_must_be_complete_too(self, cast: Cast) -> None:
        finding = found(cast)
        completed(cast, finding.review)
        assert Step.ROOT_CAUSE not in lacking(finding.incident)
        a_tier_decision(finding.incident, "C", by=cast.lead, at=LATER)
        open_review(by=cast.lead, at=LATER, incident=finding.incident, method="psii")
        assert lacking(finding.incident)[Step.ROOT_CAUSE] == [Supply.REVIEW]

    def test_another_incidents_change_counts_for_nothing_here(self, cast: Cast) -> None:
        mine, other = found(cast), found(cast)
        proven(cast, other)
        assert facts(mine.incident).changes == ()


class TestNothingFound:
    @pytest.mark.parametrize("tier", ["A", "B"])
    def test_said_at_completion(self, cast: Cast, tier: str) -> None:
        review = opened(cast, tier)
        supply_all(review, cast, but="findings")
        complete_review(
            by=cast.reviewer, at=NOW, review=review, summary="It all went as written.", nothing_found_because=NOTHING
        )
        assert lacking(review.incident) == {}
        assert "no system condition was found" in assess_learning(facts(review.incident)).sentence

    @pytest.mark.requirement("R11")
    def test_stated_for_oversight_to_test(self, cast: Cast) -> None:
        from tests.factories.reviews import supply

        review = opened(cast, "C")
        supply_all(review, cast, but="findings")
        state_nothing_found(by=cast.reviewer, at=NOW, review=review, because=NOTHING)
        supply(review, "oversight-sign-off", cast)
        assert Step.ROOT_CAUSE in lacking(review.incident), "stated is not complete"
        complete_review(by=cast.reviewer, at=NOW, review=review, summary="It all went as written.")
        assert lacking(review.incident) == {}


@pytest.fixture
def _at_work(the_clock: TestClock) -> None:
    the_clock.stand_at(LATER)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def reported(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


def with_change(cast: Cast) -> Incident:
    finding = found(cast)
    a_change(cast, findings=[finding])
    return finding.incident


def with_proof_lacking(cast: Cast) -> Incident:
    finding = found(cast)
    a_plan(by=cast.quality_lead, change=a_live_change(cast, findings=[finding]))
    return finding.incident


@pytest.mark.usefixtures("_at_work")
class TestThePanel:
    """On the incident page: four steps, each present or missing, with a page that answers behind each link."""

    @pytest.mark.parametrize(
        "where",
        [
            reported,
            triaged,
            lambda cast: opened(cast).incident,
            lambda cast: found(cast).incident,
            with_change,
            with_proof_lacking,
        ],
        ids=["reported", "triaged", "under review", "found", "changed", "live"],
    )
    def test_every_link_leads_to_a_page(self, cast: Cast, where: Any) -> None:
        incident = where(cast)
        shown = presenters.panel(incident=incident, by=cast.lead, at=LATER)
        assert shown is not None
        client = signed_in(cast.lead)
        # what somebody else must do has no link: it would lead to a page that is closed to this reader
        links = [one["href"] for step in shown["steps"] for one in step["missing"] if one["href"]]
        assert links
        for link in dict.fromkeys(links):
            assert client.get(link).status_code == 200, link

    @pytest.mark.parametrize("supply", list(Supply))
    def test_everything_that_can_be_missing_has_its_page(self, supply: Supply) -> None:
        from saferpractice.evidence.rules import Missing

        about = "0190a0a0-0000-7000-8000-000000000000"
        assert presenters.link_of(Missing("Do it.", supply, about), about).startswith("/")

    def test_it_says_present_and_missing_and_no_button_sets_it(self, cast: Cast) -> None:
        finding = found(cast)
        page = html.unescape(
            signed_in(cast.lead).get(reverse("home:incident", args=[finding.incident_id])).content.decode()
        )
        start = page.index('id="panel-evidence"')
        panel = page[start : page.index("</section>", start)]
        assert ">Not defensible yet</strong>" in panel
        assert "Missing: root cause clear, change agreed, rollout proven and impact checked." in panel
        assert panel.count("Missing") == 5
        assert "<form" not in panel
        assert "<button" not in panel
        assert "<input" not in panel

    def test_when_it_is_whole_it_says_so(self, cast: Cast) -> None:
        finding = found(cast)
        completed(cast, finding.review)
        judged(proven(cast, finding), cast.quality_lead, before=(30, 100), after=(90, 100))
        page = signed_in(cast.lead).get(reverse("home:incident", args=[finding.incident_id])).content.decode()
        start = page.index('id="panel-evidence"')
        panel = page[start : page.index("</section>", start)]
        assert (panel.count("Present"), panel.count("Missing")) == (4, 0)
        assert "Not audited" in panel, "an audit stands beside the four steps: they do not wait for it"

    def test_a_hostile_title_is_text(self, cast: Cast) -> None:
        finding = found(cast)
        a_change(cast, findings=[finding], title="<script>alert(1)</script> a prompt in the note")
        page = signed_in(cast.lead).get(reverse("home:incident", args=[finding.incident_id])).content.decode()
        assert "<script>alert(1)" not in page

    @pytest.mark.parametrize(
        ("who", "sees"),
        [("worker", False), ("duty_manager", True), ("lead", True), ("commissioner", False), ("stranger", False)],
    )
    def test_only_those_who_may_open_the_incident(self, cast: Cast, who: str, sees: bool) -> None:
        incident = found(cast).incident
        response = signed_in(cast.people()[who]).get(reverse("home:incident", args=[incident.pk]))
        assert response.status_code == (200 if sees else 404)
        assert (b"panel-evidence" in response.content) is sees


class TestNobodySetsIt:
    """No column, no field, no operation, no address and no list holds whether learning is defensible."""

    SAYS = ("defensib",)

    def test_no_column(self) -> None:
        fields = [
            f"{model._meta.label}.{field.name}"
            for model in apps.get_models()
            for field in model._meta.get_fields()
            if any(word in field.name.lower() for word in self.SAYS)
        ]
        assert fields == []
        tables = list(apps.get_app_config("evidence").get_models())
        about = {
            (one.__name__, field.name)
            for one in tables
            for field in one._meta.get_fields()
            if field.many_to_one and field.related_model in {Incident, OperationalChange}
        }
        assert about == self.CARRIED_ON, "no other row of this room is about an incident or a change"

    def test_no_field_of_a_form(self) -> None:
        get_resolver().url_patterns  # noqa: B018  # imports every view, and so every form

        def kinds(of: type[Form]) -> set[type[Form]]:
            return {of} | {each for sub in of.__subclasses__() for each in kinds(sub)}

        every = kinds(Form)
        assert len(every) > 20
        assert [
            f"{form.__module__}.{form.__name__}.{name}"
            for form in every
            for name in form.base_fields
            if any(word in name for word in self.SAYS)
        ] == []

    CARRY_ON = {
        "evidence.release_incident",
        "evidence.publish_lesson",
        "evidence.record_need",
        "evidence.record_clause",
    }
    """What this room writes about an incident or a change: who else may read it, what others are to learn of it."""

    CARRIED_ON = {
        ("EvidencePack", "incident"), ("InspectionRelease", "incident"), ("PackIncident", "incident"),
        ("Lesson", "change"), ("SpecificationClause", "change"), ("TrainingNeed", "change"),
    }  # fmt: skip
    """The rows of this room that are about one: whom it is shown to, what others learn of it. None says how it is."""

    def test_no_operation_takes_it_and_what_this_room_writes_carries_it_on(self) -> None:
        import inspect

        takes = {name: set(inspect.signature(run).parameters) for name, run in OPERATIONS.items()}
        assert len(takes) > 40
        of_room = {name: words for name, words in takes.items() if name.startswith("evidence.")}
        about = {name for name, words in of_room.items() if words & {"incident", "finding", "change"}}
        assert about == self.CARRY_ON
        assert [name for name, words in takes.items() if any("defensib" in word for word in words)] == []
