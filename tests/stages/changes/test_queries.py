"""Reads of changes: states in SQL as in the rules, answers to findings, what came after, the incident's page."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saferpractice.access.models import Person
from saferpractice.changes import beside, presenters
from saferpractice.changes.models import OperationalChange, RolloutProof
from saferpractice.changes.operations import go_live, supply_action_plan, withdraw_change
from saferpractice.changes.queries import (
    answers_to,
    changes_after,
    coverage_of,
    planned_actions,
    reporter_line,
    state_of,
    with_facts,
)
from saferpractice.changes.rules import Answered, ChangeState
from saferpractice.findings.operations import correct_finding
from saferpractice.incidents.models import Incident
from saferpractice.reviews.queries import missing_of
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.factories.changes import (
    a_briefing_held,
    a_change,
    a_finding,
    a_live_change,
    a_template_in_use,
    an_action,
)
from tests.factories.findings import finding_words
from tests.factories.incidents import an_incident
from tests.factories.reviews import a_review
from tests.personas import NOW, Cast

LATER = NOW + timedelta(days=3)


@pytest.mark.requirement("R3")
class TestStates:
    @settings(
        max_examples=25,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        deadline=None,
    )
    @given(data=st.data())
    def test_the_database_says_what_the_rules_say(self, cast: Cast, data: st.DataObject) -> None:
        from django.db import transaction

        with transaction.atomic():
            change = a_change(cast, reach=data.draw(st.sampled_from([[cast.north], [cast.north, cast.south]])))
            if data.draw(st.booleans()):
                go_live(by=cast.lead, at=NOW, change=change, live_at=NOW)
            for team in change.reach.all():
                for _ in range(data.draw(st.integers(0, 2))):
                    needed = data.draw(st.integers(1, 12))
                    a_briefing_held(cast, change, team, reached=data.draw(st.integers(1, needed)), needed=needed)
                if data.draw(st.integers(0, 3)) == 0:
                    a_template_in_use(cast, change, [team])
            if data.draw(st.integers(0, 4)) == 0:
                withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
            found = with_facts(OperationalChange.objects.filter(pk=change.pk)).get()
            said = [s for s in ChangeState if OperationalChange.objects.in_state(s).filter(pk=change.pk).exists()]
            assert said == [state_of(found)]
            enough = set(RolloutProof.objects.enough().filter(change=change).values_list("team_id", flat=True))
            assert {team.team for team in coverage_of(found).teams if team.is_reached} == enough
            transaction.set_rollback(True)

    def test_facts_are_read_in_a_fixed_number_of_queries(self, cast: Cast, django_assert_num_queries: Any) -> None:
        finding = a_finding(cast)
        for _ in range(5):
            change = a_live_change(cast, findings=[finding])
            a_briefing_held(cast, change, cast.north)
        with django_assert_num_queries(5):
            states = [state_of(change) for change in with_facts(OperationalChange.objects.all())]
        assert states == [ChangeState.PARTLY_PROVEN] * 5


@pytest.mark.requirement("R14")
class TestAnswers:
    def test_a_finding_without_a_change_is_not_answered(self, cast: Cast) -> None:
        finding = a_finding(cast)
        assert answers_to([finding])[finding.pk].state is Answered.NOT_YET

    def test_a_finding_with_weaker_changes_only_says_so_until_a_better_one_is_agreed(self, cast: Cast) -> None:
        finding = a_finding(cast)
        a_change(cast, findings=[finding], change_type="training")
        assert answers_to([finding])[finding.pk].state is Answered.ONLY_WEAKER
        a_change(cast, findings=[finding])
        assert answers_to([finding])[finding.pk].state is Answered.YES

    def test_a_withdrawn_change_answers_nothing(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        assert answers_to([finding])[finding.pk].changes == ()

    def test_what_puts_a_finding_right_keeps_its_answer(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        words = finding_words(finding.review, statement="Duty cover ended at 11pm, and the rota said midnight.")
        later = correct_finding(
            by=cast.reviewer, at=NOW, finding=finding, words=words, corrected_because="The rota was read again today."
        )
        assert answers_to([later])[later.pk].changes == (change,)

    def test_what_is_now_about_something_else_does_not(self, cast: Cast) -> None:
        finding = a_finding(cast)
        a_change(cast, findings=[finding])
        words = finding_words(finding.review, condition="unclear-threshold")
        later = correct_finding(
            by=cast.reviewer, at=NOW, finding=finding, words=words, corrected_because="It was the threshold after all."
        )
        assert answers_to([later])[later.pk].state is Answered.NOT_YET

    def test_many_findings_cost_no_more_than_one(self, cast: Cast, django_assert_max_num_queries: Any) -> None:
        review = a_review(cast, "B")
        found = [a_finding(cast, review=review, statement=f"Duty cover ended early on night {n}.") for n in range(4)]
        for finding in found:
            a_change(cast, findings=[finding])
        with django_assert_max_num_queries(7):
            assert {answer.state for answer in answers_to(found).values()} == {Answered.YES}


@pytest.mark.requirement("R10")
class TestWhatWasChangedAfterEarlierIncidents:
    def test_each_incident_has_its_changes_in_order(self, cast: Cast) -> None:
        first, second = a_finding(cast), a_finding(cast)
        one = a_live_change(cast, findings=[first])
        both = a_change(cast, findings=[first, second], at=LATER)
        after = changes_after([first.incident_id, second.incident_id])
        assert [(found.change, found.state) for found in after[first.incident_id]] == [
            (one, ChangeState.LIVE),
            (both, ChangeState.AGREED),
        ]
        assert [found.change for found in after[second.incident_id]] == [both]

    def test_a_change_that_was_given_up_is_worth_knowing(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        assert changes_after([finding.incident_id])[finding.incident_id][0].state is ChangeState.WITHDRAWN

    def test_nothing_was_changed(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert changes_after([incident.pk]) == {incident.pk: ()}


def line(incident_id: Any) -> str | None:
    return reporter_line(incident=Incident.objects.get(pk=incident_id))


@pytest.mark.requirement("R6")
class TestWhatTheReporterLearns:
    def test_nothing_while_nothing_was_agreed(self, cast: Cast) -> None:
        finding = a_finding(cast)
        assert line(finding.incident_id) is None
        change = a_change(cast, findings=[finding])
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        assert line(finding.incident_id) is None

    def test_how_many_and_whether_they_are_in_use(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_change(cast, findings=[finding])
        assert line(finding.incident_id) == "A change to how we work was agreed. It is not in use yet."
        go_live(by=cast.lead, at=NOW, change=change, live_at=NOW)
        assert line(finding.incident_id) == "A change to how we work was agreed and is in use."
        other = a_change(cast, findings=[finding])
        assert line(finding.incident_id) == "2 changes were agreed. 1 of them is in use."
        a_change(cast, findings=[finding])
        go_live(by=cast.lead, at=NOW, change=other, live_at=NOW)
        assert line(finding.incident_id) == "3 changes were agreed. 2 of them are in use."

    def test_in_plain_words_without_names_or_detail(self, cast: Cast) -> None:
        change = a_live_change(cast)
        said = line(change.findings.get().incident_id) or ""
        assert change.title not in said
        assert not [person.name for person in cast.people().values() if person.name in said]

    def test_on_their_own_page(self, cast: Cast) -> None:
        change = a_live_change(cast)
        client = Client()
        client.force_login(cast.worker)
        page = client.get(reverse("home:my_report", args=[change.findings.get().incident_id])).content.decode()
        assert "A change to how we work was agreed and is in use." in page
        assert change.title not in page


def incident_page(person: Person, incident: Incident) -> str:
    client = Client()
    client.force_login(person)
    return html.unescape(client.get(reverse("home:incident", args=[incident.pk])).content.decode())


@pytest.mark.requirement("R14", "R35")
class TestThePanelOfTheIncidentPage:
    def test_nothing_to_say_says_nothing(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert presenters.panel(incident=incident, by=cast.lead, at=NOW) is None

    def test_an_unanswered_finding_asks_for_a_change(self, cast: Cast) -> None:
        finding = a_finding(cast)
        page = incident_page(cast.lead, finding.incident)
        assert "No change answers this yet" in page
        assert reverse("changes:new", args=[finding.review_id]) in page

    def test_a_finding_answered_only_by_weaker_changes_says_so(self, cast: Cast) -> None:
        finding = a_finding(cast)
        a_change(cast, findings=[finding], change_type="policy")
        page = incident_page(cast.lead, finding.incident)
        assert "Answered only by weaker changes" in page
        assert "Add one that changes the work itself." in page

    def test_changes_and_actions_are_shown_with_their_state(self, cast: Cast) -> None:
        finding = a_finding(cast)
        change = a_live_change(cast, findings=[finding])
        a_template_in_use(cast, change, [cast.north, cast.south])
        action = an_action(cast, change=change)
        page = incident_page(cast.lead, finding.incident)
        assert change.title in page
        assert "Rollout proven" in page
        assert action.what in page
        assert "No change answers this yet" not in page

    def test_somebody_who_may_not_agree_reads_why(self, cast: Cast) -> None:
        finding = a_finding(cast)
        page = incident_page(cast.supervisor, finding.incident)
        assert "may agree a change" in page
        panel = presenters.panel(incident=finding.incident, by=cast.supervisor, at=NOW)
        assert panel is not None
        assert panel["agree"] == ""


@pytest.mark.requirement("R11")
class TestActionPlan:
    def test_it_holds_the_actions_of_the_review_and_of_the_changes_that_answer_it(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        change = a_change(cast, findings=[a_finding(cast, review=review)])
        own, of_change = an_action(cast, review=review), an_action(cast, change=change)
        an_action(cast)  # of another incident
        assert set(planned_actions(review)) == {own, of_change}
        plan = supply_action_plan(by=cast.reviewer, at=NOW, review=review)
        assert set(plan.actions.all()) == {own, of_change}

    def test_supplying_it_meets_what_a_formal_review_requires(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        assert "action-plan" in {one.kind for one in missing_of(review)}
        an_action(cast, review=review)
        plan = supply_action_plan(by=cast.reviewer, at=NOW, review=review)
        assert "action-plan" not in {one.kind for one in missing_of(review)}
        document = review.documents.filter(kind="action-plan").order_by("-decided_at", "-pk")[0]
        assert (document.from_type, document.from_id) == ("changes.actionplan", plan.pk)

    def test_actions_of_a_withdrawn_change_are_not_in_it(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        change = a_change(cast, findings=[a_finding(cast, review=review)])
        an_action(cast, change=change)
        withdraw_change(by=cast.lead, at=NOW, change=change, reason="Another way was found.")
        with pytest.raises(Invalid, match="at least one action"):
            supply_action_plan(by=cast.reviewer, at=NOW, review=review)

    def test_the_same_plan_again_adds_nothing_and_a_longer_one_does(self, cast: Cast) -> None:
        review = a_review(cast, "C")
        an_action(cast, review=review)
        first = supply_action_plan(by=cast.reviewer, at=NOW, review=review)
        assert supply_action_plan(by=cast.reviewer, at=LATER, review=review) == first
        an_action(cast, review=review, what="Print the cards")
        assert supply_action_plan(by=cast.reviewer, at=LATER, review=review) != first
        assert TrailEntry.objects.filter(operation="changes.supply_action_plan").count() == 2

    @pytest.mark.parametrize("who", ["worker", "supervisor", "stranger", "administrator", "duty_manager_elsewhere"])
    def test_who_may_not_supply_it(self, cast: Cast, who: str) -> None:
        review = a_review(cast, "C")
        an_action(cast, review=review)
        with pytest.raises(Refused):
            supply_action_plan(by=cast.people()[who], at=NOW, review=review)


@pytest.mark.requirement("R4")
class TestWhatStandsBesideAChange:
    def test_the_next_stage_shows_itself_on_its_page(self, cast: Cast, the_clock: Any) -> None:
        the_clock.stand_at(NOW)
        change = a_change(cast)
        client = Client()
        client.force_login(cast.quality_lead)
        page = client.get(reverse("changes:change", args=[change.pk])).content.decode()
        assert "Did it work?" in page
        assert reverse("assurance:new_plan", args=[change.pk]) in page

    def test_a_source_is_asked_once_and_may_have_nothing_to_say(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(beside, "_sources", [])
        change = a_change(cast)

        def silent(_change: OperationalChange, _by: Person, _at: Any) -> None:
            return None

        def speaks(_change: OperationalChange, _by: Person, _at: Any) -> beside.Beside:
            return beside.Beside("x.html", {"said": True})

        for source in (silent, speaks, speaks):
            beside.register(source)
        assert beside.beside(change, cast.lead, NOW) == [beside.Beside("x.html", {"said": True})]
