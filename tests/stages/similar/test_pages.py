"""What the pages say: why each is named, what was changed then, how it worked, and how far to trust it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.findings.models import Finding
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction
from saferpractice.similar.presenters import why
from tests.conftest import TestClock
from tests.factories.assurance import FIRST_LOOK, a_plan, counted
from tests.factories.changes import a_change, a_finding, a_live_change
from tests.factories.reviews import a_review
from tests.factories.similar import LEAVE, LEAVE_AGAIN, VISIT, told
from tests.personas import NOW, Cast
from tests.stages.similar import test_findings as words

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R10")]
BEFORE = NOW - timedelta(days=40)
SUMMER = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
MODEST = "about one in five of those listed had gone wrong in the same way"


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


@pytest.fixture
def earlier(cast: Cast) -> Incident:
    return told(cast, LEAVE_AGAIN, at=BEFORE, themes=("lost-contact",))


@pytest.fixture
def now(cast: Cast, earlier: Incident) -> Incident:
    return told(cast, LEAVE, themes=("lost-contact", "exploitation"))


def page(by: Person, address: str) -> str:
    client = Client()
    client.force_login(by)
    response = client.get(address)
    assert response.status_code == 200
    return html.unescape(response.content.decode())


def part(by: Person, incident: Incident) -> str:
    """The words of the part of the incident's page, or "" where there is none."""
    shown = page(by, reverse("home:incident", args=[incident.pk]))
    found = re.search(r'<section class="sp-panel" aria-labelledby="panel-similar">.*?</section>', shown, re.DOTALL)
    assert bool(found) is ("#stage-similar" in shown), "the contents lead to it where it is, and only there"
    return text_of(found[0]) if found else ""


def text_of(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


class TestBesideAnIncident:
    def test_nothing_similar_nothing_said(self, cast: Cast) -> None:
        told(cast, VISIT, at=BEFORE)
        assert part(cast.duty_manager, told(cast, LEAVE)) == ""

    def test_which_when_where_why_and_what_then(self, cast: Cast, now: Incident, earlier: Incident) -> None:
        shown = part(cast.duty_manager, now)
        assert f"Incident {earlier.reference} , Friday 23 January 2026, North team" in shown
        assert "Same theme: Lost contact or late crisis escalation. Both say: " in shown
        assert "sheet" in shown
        assert "Nothing was changed then." in shown

    def test_it_leads_to_the_incident(self, cast: Cast, now: Incident, earlier: Incident) -> None:
        assert f'href="/incidents/{earlier.pk}">Incident {earlier.reference}</a>' in page(
            cast.duty_manager, f"/incidents/{now.pk}"
        )

    def test_it_claims_no_more_than_was_measured(self, cast: Cast, now: Incident) -> None:
        shown = part(cast.duty_manager, now)
        assert MODEST in shown
        assert "Words can mislead" in shown
        assert not re.search(r"\d\s*%|score|match", shown)

    def test_what_was_changed_then_without_a_verdict(self, cast: Cast, now: Incident, earlier: Incident) -> None:
        finding = a_finding(cast, review=a_review(cast, "B", incident=earlier, at=BEFORE), at=BEFORE)
        change = a_change(cast, findings=[finding], title="One leave sheet")
        shown = page(cast.duty_manager, f"/incidents/{now.pk}")
        assert f'<a href="/changes/{change.pk}">One leave sheet</a>' in shown
        assert "What was changed then: One leave sheet Agreed, not yet live Effect not checked" in part(
            cast.duty_manager, now
        )

    @pytest.mark.parametrize(("before", "then", "verdict"), [(60, 180, "Improved"), (180, 60, "Got worse")])
    def test_and_the_verdict_on_it(
        self, cast: Cast, now: Incident, earlier: Incident, the_clock: TestClock, before: int, then: int, verdict: str
    ) -> None:
        finding = a_finding(cast, review=a_review(cast, "B", incident=earlier, at=BEFORE), at=BEFORE)
        change = a_live_change(cast, findings=[finding], title="One leave sheet", live_at=NOW)
        plan = a_plan(by=cast.quality_lead, change=change)
        counted(by=cast.quality_lead, plan=plan, count=before, out_of=200)
        counted(by=cast.quality_lead, plan=plan, count=then, out_of=200, look=FIRST_LOOK)
        the_clock.stand_at(SUMMER)
        assert f"One leave sheet Live, rollout not proven {verdict}" in part(cast.lead, now)

    def test_a_name_that_both_reports_hold_is_not_listed(self, cast: Cast) -> None:
        earlier = told(cast, f"{LEAVE_AGAIN} Mrs Smithson rang twice.", at=BEFORE)
        shown = part(cast.duty_manager, told(cast, f"{LEAVE} Mrs Smithson waited."))
        assert earlier.reference in shown
        assert "smithson" not in shown.lower()

    def test_a_restricted_one_is_not_there_and_not_counted(self, cast: Cast, now: Incident, earlier: Incident) -> None:
        before = part(cast.duty_manager, now)
        hidden = told(cast, LEAVE, at=BEFORE)
        decide_restriction(by=cast.lead, at=BEFORE, incident=hidden, restricted=True, reason="About a colleague")
        assert part(cast.duty_manager, now) == before
        assert hidden.reference in part(cast.lead, now)

    def test_somebody_who_may_not_open_the_incident_sees_nothing_of_it(self, cast: Cast, now: Incident) -> None:
        client = Client()
        client.force_login(cast.colleague)
        assert client.get(reverse("home:incident", args=[now.pk])).status_code == 404


class TestBesideAFinding:
    @pytest.fixture
    def before(self, cast: Cast) -> Finding:
        return a_finding(cast, at=BEFORE, **words.LEAVE_AGAIN)

    def shown(self, cast: Cast, by: Person, **given: Any) -> str:
        finding = a_finding(cast, at=NOW, **(words.LEAVE | given))
        return page(by, reverse("findings:of_review", args=[finding.review_id]))

    def test_nothing_similar_nothing_said(self, cast: Cast) -> None:
        a_finding(cast, at=BEFORE, **words.ALARMS)
        assert "Similar before" not in self.shown(cast, cast.lead)

    def test_which_why_and_what_answered_it(self, cast: Cast, before: Finding) -> None:
        change = a_change(cast, findings=[before], title="One leave sheet")
        markup = self.shown(cast, cast.lead)
        shown = text_of(markup)
        assert "Similar before (1 earlier finding)" in shown
        assert f'href="/reviews/{before.review_id}/findings#finding-{before.pk}"' in markup
        assert before.statement in shown
        assert "Same condition: " in shown
        assert MODEST in shown
        assert f'<a href="/changes/{change.pk}">One leave sheet</a>' in markup
        assert "One leave sheet Agreed, not yet live Effect not checked" in shown

    def test_another_condition_in_the_same_words(self, cast: Cast, before: Finding) -> None:
        shown = text_of(self.shown(cast, cast.lead, condition="no-duty-cover"))
        assert "Same condition" not in shown
        assert "Both say: " in shown
        assert "Nothing was changed then." in shown

    def test_what_people_wrote_is_escaped(self, cast: Cast) -> None:
        bad = words.LEAVE_AGAIN["statement"] + " <script>alert(1)</script>"
        a_finding(cast, at=BEFORE, **(words.LEAVE_AGAIN | {"statement": bad}))
        finding = a_finding(cast, at=NOW, **words.LEAVE)
        client = Client()
        client.force_login(cast.lead)
        raw = client.get(reverse("findings:of_review", args=[finding.review_id])).content.decode()
        assert "&lt;script&gt;alert(1)" in raw
        assert "<script>alert(1)" not in raw

    def test_a_restricted_one_is_not_there(self, cast: Cast, before: Finding) -> None:
        decide_restriction(by=cast.lead, at=BEFORE, incident=before.incident, restricted=True, reason="A colleague")
        assert "Similar before" not in self.shown(cast, cast.director)
        assert "Similar before" in self.shown(cast, cast.lead)


@pytest.mark.parametrize(
    ("labels", "said", "sentence"),
    [
        (["Lost contact"], ["leave", "sheet"], "Same theme: Lost contact. Both say: leave, sheet."),
        (["Lost contact", "Self-neglect"], [], "Same themes: Lost contact, Self-neglect."),
        ([], ["leave"], "Both say: leave."),
        ([], [], "Both use many of the same words."),
    ],
)
def test_why_in_words(labels: list[str], said: list[str], sentence: str) -> None:
    assert why("theme", labels, said) == sentence
