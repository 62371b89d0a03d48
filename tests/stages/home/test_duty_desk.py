"""The duty desk: what is on it for whom, in which order, and the way from a row to the form and back."""

from __future__ import annotations

import csv
import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import assign_role, end_role
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import EscalationSeen, Obligation
from saferpractice.deadlines.operations import escalate, see_escalation
from saferpractice.deadlines.rules import clock_hours
from saferpractice.home.queries import DeskFilter, desk, flags
from saferpractice.home.rules import Sphere
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, keep_from, name_person
from saferpractice.incidents.rules import Answer, KeptFromReason
from saferpractice.jobs import sweeps
from saferpractice.pathways.models import PathwayCase, PathwayRecord
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Refused
from tests.conftest import TestClock
from tests.factories.deadlines import an_obligation
from tests.factories.incidents import an_incident
from tests.factories.pathways import CONSULTATION, a_case, a_record, hours
from tests.factories.triage import a_triage, more_information
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18", "R22")]
TWO = ("infection-risk", "refusal-of-care")
EVERYTHING = DeskFilter()


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(hours(8))


def at_threshold(cast: Cast, person: str = "P-1042", **case: Any) -> PathwayCase:
    """A case at the self-neglect threshold: the consultation is due by the end of the day."""
    made = a_case(cast, person=person, **case)
    a_record(made, "checklist", 1, by=case.get("by") or cast.worker, present=TWO)
    return made


def about(person: Person, at: Any = None, wanted: DeskFilter = EVERYTHING) -> list[str]:
    """What the desk of ``person`` is about, in order: references of people and incidents."""
    return [
        one.case.person_supported.reference if one.case else one.incident.reference if one.incident else "?"
        for one in desk(person, at or hours(8), wanted)
    ]


def shown(person: Person, query: str = "") -> str:
    response = signed_in(person).get(reverse("home:duty") + query)
    assert response.status_code == 200
    return words(response)


class TestWhatIsOnIt:
    def test_what_triage_and_pathways_ask_for_today(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        at_threshold(cast)
        assert sorted(about(cast.duty_manager)) == sorted([incident.reference, "P-1042"])

    def test_a_threshold_to_decide_again_and_nothing_that_is_due_next_week(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        today, next_week = hours(8).date(), hours(24 * 7).date()
        a_triage(by=cast.duty_manager, incident=incident, threshold=more_information(today))
        later = an_incident(by=cast.worker, team=cast.north)
        a_triage(by=cast.duty_manager, incident=later, threshold=more_information(next_week))
        titles = [one.obligation.title for one in desk(cast.duty_manager, hours(8), EVERYTHING)]
        assert [title for title in titles if "with the information asked for" in title] == [
            f"Decide the threshold of incident {incident.reference} with the information asked for"
        ]

    def test_the_next_review_of_a_lost_contact_is_watched(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact")
        for hour in (1, 2):
            a_record(case, "missed-contact", hour, by=cast.worker, what="no-reply")
        note = {
            "told": "duty_manager", "risk-indicators": "No tablets.", "actions-taken": "Two visits.",
            "partner-contacts": "GP rung.", "welfare-check": "started", "next-review": hours(9),
        }  # fmt: skip
        a_record(case, "escalation-note", 3, by=cast.worker, values=note)
        asked = [one.asked.id for one in desk(cast.duty_manager, hours(8), EVERYTHING) if one.asked]
        assert "next-review" in asked
        assert "tell-leadership" not in asked, "what the note met is not owed any more"

    def test_the_numbers_above_it_say_that_they_are_parts_of_it(self, cast: Cast) -> None:
        """The desk also lists what is late elsewhere: “0 late” beside that would be a contradiction."""
        an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.YES)
        at_threshold(cast)
        page = " ".join(re.sub(r"<[^>]+>", " ", shown(cast.duty_manager)).split())
        assert (
            "2 to decide today 1 of these: somebody may still be at risk 1 of these: late 0 of these: escalated" in page
        )

    def test_what_is_done_leaves(self, cast: Cast) -> None:
        case = at_threshold(cast)
        a_record(case, "consultation", 2, by=cast.duty_manager, values=CONSULTATION)
        assert about(cast.duty_manager) == []
        assert "Nothing to decide today" in shown(cast.duty_manager)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("duty_manager", {"P-NORTH", "P-SOUTH"}),
            ("duty_manager_elsewhere", {"P-EAST"}),
            ("lead", {"P-NORTH", "P-SOUTH", "P-EAST"}),
            ("director", {"P-NORTH", "P-SOUTH", "P-EAST"}),
            ("stranger", set()),
        ],
    )
    def test_only_the_teams_where_one_decides(self, cast: Cast, name: str, expected: set[str]) -> None:
        for team in (cast.north, cast.south, cast.east):
            at_threshold(cast, person=f"P-{team.name.split()[0]}", team=team, by=cast.lead)
        assert set(about(cast.people()[name])) == expected

    def test_not_after_the_role_has_ended(self, cast: Cast) -> None:
        at_threshold(cast)
        end_role(by=cast.administrator, at=hours(5), assignment=cast.duty_manager.role_assignments.get())
        former = Person.objects.get(pk=cast.duty_manager.pk)
        assert about(former) == []
        assert signed_in(former).get(reverse("home:duty")).status_code == 404

    @pytest.mark.requirement("R34")
    def test_what_somebody_is_kept_from_is_not_there(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        at_threshold(cast, incident=incident, by=cast.lead)
        keep_from(
            by=cast.lead, at=NOW, incident=incident, person=cast.duty_manager, because=KeptFromReason.ALLEGED_SOURCE
        )
        assert about(cast.duty_manager) == []
        assert len(about(cast.lead)) == 2

    @pytest.mark.requirement("R34")
    def test_what_is_restricted_shows_to_those_named_on_it(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        at_threshold(cast, incident=incident, by=cast.lead)
        decide_restriction(by=cast.lead, at=hours(2), incident=incident, restricted=True, reason="About a colleague")
        assert about(cast.duty_manager) == []
        name_person(by=cast.lead, at=hours(3), incident=incident, person=cast.duty_manager, reason="Covers tonight")
        assert len(about(cast.duty_manager)) == 2
        name_person(by=cast.lead, at=hours(3), incident=incident, person=cast.duty_manager_elsewhere, reason="Knows")
        assert about(cast.duty_manager_elsewhere) == [], "named, and yet not the desk of that place"


class TestTheOrder:
    def test_at_risk_then_harm_then_time(self, cast: Cast) -> None:
        low = an_incident(by=cast.worker, team=cast.north, physical_harm="low")
        severe = an_incident(by=cast.worker, team=cast.north, physical_harm="none", psychological_harm="severe")
        at_risk = an_incident(
            by=cast.worker, team=cast.north, still_at_risk=Answer.UNKNOWN, risk_words="He is still there",
            psychological_harm="none",
        )  # fmt: skip
        at_threshold(cast, person="P-NOT-GRADED")
        assert about(cast.duty_manager) == [at_risk.reference, severe.reference, "P-NOT-GRADED", low.reference]

    def test_the_newest_triage_says_whether_somebody_is_still_at_risk(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=Answer.YES, risk_words="He is there")
        before = desk(cast.duty_manager, hours(8), EVERYTHING)
        assert [one.weight.still_at_risk for one in before] == [True]
        a_triage(
            by=cast.duty_manager,
            incident=incident,
            still_at_risk=Answer.NO,
            risk_words="He has moved away and the lock is changed",
        )
        assert not any(one.weight.still_at_risk for one in desk(cast.duty_manager, hours(8), EVERYTHING))

    def test_the_page_says_why_in_words(self, cast: Cast) -> None:
        an_incident(
            by=cast.worker, team=cast.north, still_at_risk=Answer.YES, risk_words="There", physical_harm="moderate"
        )
        at_threshold(cast)
        page = shown(cast.duty_manager)
        assert "Still at risk" in page
        assert "Moderate" in page
        assert "Not known" in page
        assert "13 hours left" in page  # from five past ten to midnight
        assert "P-1042, Self-neglect threshold. North team" in page

    @pytest.mark.requirement("R6")
    def test_an_incident_that_the_title_names_is_named_once(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        page = shown(cast.duty_manager)
        assert page.count(incident.reference) == 1
        assert '<span class="sp-clock">North team</span>' in page


class TestNarrowing:
    def test_by_team_by_kind_and_by_escalation(self, cast: Cast) -> None:
        north, south = an_incident(by=cast.worker, team=cast.north), an_incident(by=cast.worker, team=cast.south)
        at_threshold(cast)
        late = Obligation.objects.get(story_id=south.pk, kind="triage.decide")
        Obligation.objects.filter(pk=late.pk).update(due_at=hours(7), next_escalation_at=hours(7))
        escalate(by=SET_UP, at=hours(8), obligation_id=late.pk)
        by = cast.duty_manager
        assert set(about(by, wanted=DeskFilter(team_id=cast.south.pk))) == {south.reference}
        assert set(about(by, wanted=DeskFilter(sphere=Sphere.PATHWAYS))) == {"P-1042"}
        assert set(about(by, wanted=DeskFilter(sphere=Sphere.DECISIONS))) == {north.reference, south.reference}
        assert about(by, wanted=DeskFilter(escalated=True)) == [south.reference]

    def test_nothing_that_fits_says_so(self, cast: Cast) -> None:
        at_threshold(cast)
        assert "Nothing fits" in shown(cast.duty_manager, f"?team={cast.south.pk}")

    @pytest.mark.parametrize("query", ["?team=1", "?what=weather", "?escalated=maybe", "?team=&x=<script>"])
    def test_anything_odd_in_the_address_is_ignored(self, cast: Cast, query: str) -> None:
        at_threshold(cast)
        assert "<script>" not in shown(cast.duty_manager, query)

    def test_another_provider_s_team_narrows_nothing_open(self, cast: Cast) -> None:
        at_threshold(cast)
        assert "P-1042" in shown(cast.duty_manager, f"?team={cast.east.pk}"), "a team that is not theirs is ignored"

    def test_the_same_rows_as_a_file(self, cast: Cast) -> None:
        at_threshold(cast)
        an_incident(by=cast.worker, team=cast.south)
        response = signed_in(cast.duty_manager).get(reverse("home:duty_file") + f"?team={cast.north.pk}")
        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        head, *rows = csv.reader(text.splitlines())
        assert head[:3] == ["What must be decided", "About", "Team"]
        assert [row[:3] for row in rows] == [
            ["Consult the duty manager or safeguarding lead", "P-1042, Self-neglect threshold", "North team"]
        ]


class TestFromARowToTheForm:
    def link(self, person: Person) -> str:
        page = signed_in(person).get(reverse("home:duty")).content.decode()
        found = re.search(r'<a href="([^"]+)" data-row', page)
        assert found
        return html.unescape(found[1])

    def test_the_form_begins_with_what_is_known(self, cast: Cast) -> None:
        at_threshold(cast)
        page = signed_in(cast.duty_manager).get(self.link(cast.duty_manager)).content.decode()
        assert re.search(r'<option value="duty_manager"\s+selected', page), "who was consulted: oneself"
        assert 'value="10:05"' in page, "when: now"
        few, _, more = page.partition("<details")
        assert "Why?" in few
        assert "happened_at" not in few
        assert "happened_at" in more

    @pytest.mark.parametrize(("name", "role"), [("lead", "safeguarding_lead"), ("duty_manager", "duty_manager")])
    def test_whoever_consults_is_the_one_consulted(self, cast: Cast, name: str, role: str) -> None:
        at_threshold(cast)
        person = cast.people()[name]
        page = signed_in(person).get(self.link(person)).content.decode()
        assert re.search(rf'<option value="{role}"\s+selected', page)

    def test_a_worker_is_nobody_to_consult(self, cast: Cast) -> None:
        case = at_threshold(cast)
        page = signed_in(cast.worker).get(reverse("pathways:write", args=[case.pk, "checklist"])).content.decode()
        assert "selected" not in page

    def test_saved_it_is_met_and_one_is_back_at_the_desk_as_it_was(self, cast: Cast) -> None:
        case = at_threshold(cast)
        client = signed_in(cast.duty_manager)
        page = client.get(reverse("home:duty") + f"?team={cast.north.pk}").content.decode()
        address = html.unescape(re.search(r'<a href="([^"]+)" data-row', page)[1])  # type: ignore[index]
        form = client.get(address).content.decode()
        key = re.search(r'name="submission_key"[^>]* value="([^"]+)"', form)[1]  # type: ignore[index]
        when = {
            "happened_at-day": "4",
            "happened_at-month": "3",
            "happened_at-year": "2026",
            "happened_at-time": "10:05",
        }
        sent = client.post(address, {**CONSULTATION, **when, "submission_key": key})
        assert sent.status_code == 302
        assert sent.headers["Location"] == f"/duty?team={cast.north.pk}"
        assert Obligation.objects.get(subject_id=case.obligations.get().pk).met_at == hours(8)
        assert about(cast.duty_manager) == []

    def test_the_link_names_what_is_owed(self, cast: Cast) -> None:
        case = at_threshold(cast)
        asked = parse_qs(urlsplit(self.link(cast.duty_manager)).query)
        assert asked == {"owed": [str(case.obligations.get().pk)], "back": ["/duty"]}

    def test_what_another_case_owes_is_nothing_here(self, cast: Cast) -> None:
        case, other = at_threshold(cast), at_threshold(cast, person="P-2")
        address = reverse("pathways:write", args=[case.pk, "consultation"])
        response = signed_in(cast.duty_manager).get(f"{address}?owed={other.obligations.get().pk}")
        assert "More: when it happened" not in words(response)

    @pytest.mark.parametrize(
        "back",
        [
            "https://elsewhere.example/",
            "//elsewhere.example",
            "javascript:elsewhere(1)",
            "/\\elsewhere.example",
            "duty",
        ],
    )
    def test_no_link_leads_away_from_here(self, cast: Cast, back: str) -> None:
        case = at_threshold(cast)
        address = reverse("pathways:write", args=[case.pk, "checklist"])
        page = signed_in(cast.worker).get(address, {"back": back}).content.decode()
        assert "elsewhere" not in page
        key = re.search(r'name="submission_key"[^>]* value="([^"]+)"', page)[1]  # type: ignore[index]
        when = {
            "happened_at-day": "4",
            "happened_at-month": "3",
            "happened_at-year": "2026",
            "happened_at-time": "10:05",
        }
        answers = {"present": "infection-risk", "unfinished": "yes", "submission_key": key}
        sent = signed_in(cast.worker).post(f"{address}?{urlencode({'back': back})}", answers | when)  # fmt: skip
        assert sent.headers["Location"] == reverse("pathways:case", args=[case.pk])

    def test_what_is_answered_is_named_already(self, cast: Cast) -> None:
        case = a_case(cast, "exploitation", by=cast.duty_manager)
        values = {"what": "other", "detail": "Change the lock", "done-by": "us", "role": "duty_manager", "by": hours(6)}
        first = a_record(case, "agreed-action", 1, by=cast.duty_manager, values=values)
        a_record(case, "agreed-action", 2, by=cast.duty_manager, values=values)
        found = [one for one in desk(cast.duty_manager, hours(24 * 60), EVERYTHING) if one.because == (str(first.pk),)]
        (one,) = found
        assert one.asked
        address = reverse("pathways:write", args=[case.pk, one.asked.met_by[0].record])
        page = signed_in(cast.duty_manager).get(f"{address}?owed={one.obligation.subject_id}").content.decode()
        assert re.search(rf'<option value="{first.pk}"\s+selected', page)
        assert PathwayRecord.objects.count() == 2


class TestKeptFresh:
    def test_the_part_that_is_asked_for_again_is_the_part_of_the_page(self, cast: Cast) -> None:
        at_threshold(cast)
        whole = shown(cast.duty_manager)
        part = words(signed_in(cast.duty_manager).get(reverse("home:duty_rows")))
        assert "<html" not in part
        assert re.findall(r'data-row="[^"]+"', part) == re.findall(r'data-row="[^"]+"', whole) != []

    def test_opening_it_leaves_a_trace_and_keeping_it_open_does_not(self, cast: Cast) -> None:
        client = signed_in(cast.duty_manager)
        client.get(reverse("home:duty"))
        client.get(reverse("home:duty_rows"))
        client.get(reverse("home:duty_rows"))
        client.get(reverse("home:duty_file"))
        assert list(AccessEntry.objects.order_by("at", "pk").values_list("page", flat=True)) == [
            "duty desk", "duty desk export",
        ]  # fmt: skip

    @pytest.mark.parametrize("name", ["duty", "duty_rows"])
    def test_a_silent_worker_is_said(self, cast: Cast, name: str) -> None:
        address = reverse(f"home:{name}")
        assert "Deadlines are not being watched" in words(signed_in(cast.duty_manager).get(address))
        sweeps.beat(hours(8))
        assert "Deadlines are not being watched" not in words(signed_in(cast.duty_manager).get(address))

    def test_without_scripts_there_is_a_link(self, cast: Cast) -> None:
        page = signed_in(cast.duty_manager).get(f"{reverse('home:duty')}?what=pathways").content.decode()
        assert '<a href="/duty?what=pathways">Refresh</a>' in page

    def test_it_asks_little_of_the_database_however_much_is_on_it(
        self, cast: Cast, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(8):
            at_threshold(cast, person=f"P-{number}")
            an_incident(by=cast.worker, team=cast.north)
        person = Person.objects.get(pk=cast.duty_manager.pk)
        with django_assert_max_num_queries(14):
            assert len(desk(person, hours(8), EVERYTHING)) == 16


def late_triage(cast: Cast, **report: Any) -> Incident:
    """An incident whose triage has been late since an hour ago, escalated to the first level."""
    incident = an_incident(by=cast.worker, team=cast.north, **report)
    owed = Obligation.objects.get(story_id=incident.pk, kind="triage.decide")
    Obligation.objects.filter(pk=owed.pk).update(due_at=hours(6), next_escalation_at=hours(6))
    escalate(by=SET_UP, at=hours(7), obligation_id=owed.pk)
    return incident


class TestFlags:
    """Everybody told by an escalation sees it on their own pages until it is met or they have seen it."""

    def test_whoever_was_told_sees_it_and_nobody_else(self, cast: Cast) -> None:
        incident = late_triage(cast)
        assert [one.obligation.story_id for one in flags(cast.duty_manager, hours(8))] == [incident.pk]
        for other in ("worker", "lead", "director", "duty_manager_elsewhere", "administrator", "stranger"):
            assert flags(cast.people()[other], hours(8)) == [], other
        for page in ("home:my_work", "home:duty"):
            text = words(signed_in(cast.duty_manager).get(reverse(page)))
            assert f"Triage incident {incident.reference}" in text
            assert "2 hours late. You were told" in text

    def test_the_row_says_to_whom_it_went(self, cast: Cast) -> None:
        late_triage(cast)
        assert "Escalated" in shown(cast.lead)
        assert "To Dale Marlow, " in shown(cast.lead)

    def test_each_level_flags_those_it_told_and_the_newest_counts(self, cast: Cast) -> None:
        incident = late_triage(cast)
        owed = Obligation.objects.get(story_id=incident.pk, kind="triage.decide")
        escalate(by=SET_UP, at=hours(11), obligation_id=owed.pk)
        assert [one.escalation.level for one in flags(cast.lead, hours(11))] == [2]
        assert [one.escalation.level for one in flags(cast.duty_manager, hours(11))] == [1]

    def test_it_ends_when_the_work_is_done(self, cast: Cast) -> None:
        incident = late_triage(cast)
        a_triage(by=cast.lead, incident=incident, at=hours(8))
        assert flags(cast.duty_manager, hours(9)) == []

    def test_it_ends_when_it_is_seen_and_the_trail_says_so(self, cast: Cast) -> None:
        late_triage(cast)
        (flag,) = flags(cast.duty_manager, hours(8))
        address = reverse("home:seen", args=[flag.escalation.pk])
        for _ in range(2):  # a button pressed twice
            response = signed_in(cast.duty_manager).post(address, {"back": "/duty"})
            assert response.headers["Location"] == "/duty"
        assert flags(cast.duty_manager, hours(8)) == []
        assert EscalationSeen.objects.get().at == hours(8)
        assert TrailEntry.objects.filter(operation="deadlines.see_escalation").count() == 1
        assert len(desk(cast.duty_manager, hours(8), DeskFilter(escalated=True))) == 1, "seen is not done"

    def test_seen_at_one_level_it_comes_again_at_the_next(self, cast: Cast) -> None:
        incident = late_triage(cast)
        assign_role(by=SET_UP, at=NOW, person=cast.duty_manager, role=Role.SAFEGUARDING_LEAD, place=cast.north.place)
        person = Person.objects.get(pk=cast.duty_manager.pk)
        (flag,) = flags(person, hours(8))
        see_escalation(by=person, at=hours(8), escalation=flag.escalation)
        assert flags(person, hours(9)) == []
        owed = Obligation.objects.get(story_id=incident.pk, kind="triage.decide")
        escalate(by=SET_UP, at=hours(11), obligation_id=owed.pk)
        assert [one.escalation.level for one in flags(person, hours(11))] == [2]

    def test_only_whoever_was_told_can_have_seen_it(self, cast: Cast) -> None:
        late_triage(cast)
        (flag,) = flags(cast.duty_manager, hours(8))
        with pytest.raises(Refused):
            see_escalation(by=cast.lead, at=hours(8), escalation=flag.escalation)
        assert signed_in(cast.lead).post(reverse("home:seen", args=[flag.escalation.pk])).status_code == 404
        assert not EscalationSeen.objects.exists()

    @pytest.mark.requirement("R34")
    def test_it_ends_for_whoever_is_kept_from_the_incident_or_loses_the_role(self, cast: Cast) -> None:
        incident = late_triage(cast)
        keep_from(
            by=cast.lead, at=hours(8), incident=incident, person=cast.duty_manager, because=KeptFromReason.RELATIVE
        )
        assert flags(cast.duty_manager, hours(8)) == []

    @pytest.mark.requirement("R34")
    def test_it_ends_with_the_role(self, cast: Cast) -> None:
        late_triage(cast)
        end_role(by=cast.administrator, at=hours(8), assignment=cast.duty_manager.role_assignments.get())
        assert flags(Person.objects.get(pk=cast.duty_manager.pk), hours(9)) == []

    @pytest.mark.requirement("R34")
    def test_of_something_restricted_it_says_only_that_it_is_late(self, cast: Cast) -> None:
        incident = late_triage(cast, restricted=True, restricted_reason="About a colleague")
        owed = Obligation.objects.get(story_id=incident.pk, kind="triage.decide")
        escalate(by=SET_UP, at=hours(31), obligation_id=owed.pk)
        (flag,) = flags(cast.director, hours(31))
        assert not flag.open
        page = words(signed_in(cast.director).get(reverse("home:my_work")))
        assert "Something restricted to named people" in page
        assert incident.reference not in page

    def test_more_than_three_are_folded_away(self, cast: Cast) -> None:
        for _ in range(5):
            late_triage(cast)
        assert "2 more" in words(signed_in(cast.duty_manager).get(reverse("home:my_work")))

    def test_a_reminder_is_no_escalation(self, cast: Cast) -> None:
        owed = an_obligation(team=cast.north, at=NOW, timescale=clock_hours(72))
        assert escalate(by=SET_UP, at=NOW + timedelta(hours=60), obligation_id=owed.pk)
        assert flags(cast.duty_manager, NOW + timedelta(hours=60)) == []
