"""Reporting an incident: the fewest questions, nothing lost, nobody waiting (R6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saferpractice.access.rules import Role
from saferpractice.config import encryption
from saferpractice.deadlines.models import Obligation, OutboxMessage
from saferpractice.deadlines.rules import local_day
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident, NamedAccess, PersonSupported
from saferpractice.incidents.operations import (
    correct_report,
    grade_harm,
    report_incident,
    send_report,
    withdraw_incident,
)
from saferpractice.incidents.queries import name_context
from saferpractice.incidents.rules import Answer, Precision
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import NAME_WITHHELD
from tests.factories.incidents import a_report, an_incident
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


class TestWhatAReportMakes:
    def test_an_incident_with_a_reference_of_its_year(self, cast: Cast) -> None:
        first = an_incident(by=cast.worker, team=cast.north)
        second = an_incident(by=cast.worker, team=cast.east)
        assert (first.reference, second.reference) == ("2026-00001", "2026-00002")
        assert first.recorded_at == first.known_at == NOW
        assert first.reporter == cast.worker

    def test_each_provider_counts_its_own(self, cast: Cast) -> None:
        from saferpractice.access.operations import create_service, create_team
        from tests.personas import SET_UP

        an_incident(by=cast.worker, team=cast.north)
        service = create_service(by=SET_UP, at=NOW, provider=cast.stranger.provider, name="Theirs")
        team = create_team(by=SET_UP, at=NOW, service=service, name="Their team")
        assert an_incident(by=cast.stranger, team=team).reference == "2026-00001"

    def test_the_year_is_that_of_london(self, cast: Cast) -> None:
        just_after = NOW.replace(year=2026, month=6, day=30, hour=23, minute=30)
        assert local_day(just_after).day == 1
        new_year = NOW.replace(month=1, day=1, hour=0, minute=0)
        assert an_incident(by=cast.worker, team=cast.north, at=new_year).reference.startswith("2026-")

    def test_a_first_grading_of_harm_and_a_story(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        grading = incident.harm_gradings.get()
        assert (grading.physical_harm, grading.psychological_harm) == ("none", "low")
        story = TrailEntry.objects.story(incident.pk)
        assert [f"{e.by_name} {e.sentence}" for e in story] == ["Wren Ashdown reported incident 2026-00001"]

    def test_themes_as_rows_once_each(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, themes=("lost-contact", "exploitation", "lost-contact"))
        assert sorted(row.theme for row in incident.theme_rows.all()) == ["exploitation", "lost-contact"]


class TestTriageIsAskedFor:
    def one(self, incident: Incident) -> Obligation:
        return Obligation.objects.get(story_id=incident.pk)

    def test_the_same_day_when_nobody_is_at_risk(self, cast: Cast) -> None:
        asked = self.one(an_incident(by=cast.worker, team=cast.north))
        assert (asked.role, asked.team) == (Role.DUTY_MANAGER, cast.north)
        assert asked.due_at == NOW.replace(hour=0, minute=0) + timedelta(days=1)
        assert not OutboxMessage.objects.exists()

    @pytest.mark.parametrize("answer", [Answer.YES, Answer.UNKNOWN])
    def test_within_the_hour_and_told_at_once_when_somebody_may_be(self, cast: Cast, answer: Answer) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, still_at_risk=answer)
        assert self.one(incident).due_at == NOW + timedelta(hours=1)
        message = OutboxMessage.objects.get()
        assert message.to == cast.duty_manager
        assert incident.reference in message.body
        assert "P-1042" not in message.body + message.subject
        assert "curtains" not in message.body

    def test_at_two_in_the_morning_it_does_not_wait_for_monday(self, cast: Cast) -> None:
        saturday = NOW.replace(month=3, day=7)
        incident = an_incident(by=cast.worker, team=cast.north, at=saturday, still_at_risk=Answer.YES)
        assert self.one(incident).due_at == saturday + timedelta(hours=1)


class TestOneReportOneIncident:
    def test_the_same_form_sent_twice_gives_one(self, cast: Cast) -> None:
        form = {"key": "k", "still_at_risk": Answer.YES, "occurred_at": NOW}
        first = an_incident(by=cast.worker, team=cast.north, **form)
        again = an_incident(by=cast.worker, team=cast.north, at=NOW + timedelta(seconds=2), **form)
        assert again == first
        assert Incident.objects.count() == TrailEntry.objects.story(first.pk).count() == 1
        assert Obligation.objects.count() == OutboxMessage.objects.count() == 1

    def test_the_same_form_with_other_words_is_not_swallowed(self, cast: Cast) -> None:
        first = an_incident(by=cast.worker, team=cast.north, key="k")
        with pytest.raises(Invalid, match=first.reference):
            an_incident(by=cast.worker, team=cast.north, key="k", what_happened="Something else altogether.")

    def test_somebody_elses_key_does_not_open_their_report(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, key="k")
        with pytest.raises(Invalid):
            an_incident(by=cast.colleague, team=cast.north, key="k")

    def test_send_report_is_report_incident(self, cast: Cast) -> None:
        sent = send_report(by=cast.worker, at=NOW, team=cast.north, report=a_report(), submission_key="k")
        assert sent == an_incident(by=cast.worker, team=cast.north, key="k")


@pytest.mark.parametrize("name", ["commissioner", "inspector", "stranger"])
def test_who_may_not_report(cast: Cast, name: str) -> None:
    with pytest.raises(Refused, match="work for this provider"):
        an_incident(by=cast.people()[name], team=cast.north)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "name", ["worker", "worker_elsewhere", "duty_manager", "reviewer", "supervisor", "administrator", "director"]
)
def test_whoever_works_here_may_report_from_any_team(cast: Cast, name: str) -> None:
    assert an_incident(by=cast.people()[name], team=cast.south).team == cast.south


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"what_happened": "   "}, "what_happened"),
        ({"what_happened": "x" * 50_001}, "what_happened"),
        ({"occurred_at": None}, "occurred_at"),
        ({"occurred_at": NOW + timedelta(minutes=6)}, "occurred_at"),
        ({"physical_harm": "enormous"}, "physical_harm"),
        ({"psychological_harm": "fatal"}, "psychological_harm"),
        ({"themes": ("lost-contact", "nonsense")}, "themes"),
        ({"person_reference": "", "person_name": "Somebody"}, "person_reference"),
        ({"restricted": True, "restricted_reason": " "}, "restricted_reason"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_and_nothing_is_written(
    cast: Cast, answers: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        an_incident(by=cast.worker, team=cast.north, **answers)
    assert set(refused.value.problems) == {field}
    assert refused.value.problems[field].endswith(".")
    assert not Incident.objects.exists()
    assert not PersonSupported.objects.exists()


@pytest.mark.parametrize("minutes", [0, 5])
def test_clocks_may_differ_by_five_minutes(cast: Cast, minutes: int) -> None:
    an_incident(by=cast.worker, team=cast.north, occurred_at=NOW + timedelta(minutes=minutes))


def test_when_is_not_known_is_an_answer(cast: Cast) -> None:
    incident = an_incident(by=cast.worker, team=cast.north, occurred_at=None, occurred_precision=Precision.UNKNOWN)
    assert incident.occurred_at is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), min_size=1))
def test_any_words_come_back_as_they_were_written(cast: Cast, words: str) -> None:
    if not as_written(words):
        return
    incident = an_incident(by=cast.worker, team=cast.north, what_happened=words)
    assert Incident.objects.get(pk=incident.pk).what_happened == words.strip()


def test_ten_thousand_characters_and_emoji_come_back(cast: Cast) -> None:
    words = "She said “I’m fine” 🙂. " * 500
    incident = an_incident(by=cast.worker, team=cast.north, what_happened=words)
    assert Incident.objects.get(pk=incident.pk).what_happened == words.strip()


class TestThePersonSupported:
    def test_is_one_row_however_the_reference_is_typed(self, cast: Cast) -> None:
        for typed in ("P-1042", " p-1042 ", "P-1042"):
            an_incident(by=cast.worker, team=cast.north, person_reference=typed)
        assert PersonSupported.objects.get().incidents.count() == 3

    def test_a_name_is_encrypted_and_bound_to_its_row(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, person_name="Invented Name")
        person = incident.person_supported
        assert person is not None
        assert "Invented" not in person.name_encrypted
        assert encryption.decrypt(person.name_encrypted, name_context(person)) == "Invented Name"
        other = PersonSupported.objects.create(provider=cast.provider, reference="P-1")
        with pytest.raises(encryption.CannotDecrypt):
            encryption.decrypt(person.name_encrypted, name_context(other))

    def test_a_name_once_given_is_not_replaced_by_a_later_report(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, person_name="First Name")
        later = an_incident(by=cast.worker, team=cast.north, person_name="Other Name")
        assert later.person_supported is not None
        assert encryption.decrypt(later.person_supported.name_encrypted, name_context(later.person_supported)) == (
            "First Name"
        )

    def test_a_report_may_concern_nobody_known(self, cast: Cast) -> None:
        assert an_incident(by=cast.worker, team=cast.north, person_reference="").person_supported is None


class TestANameWithheld:
    def test_is_in_no_row_that_colleagues_read(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        assert incident.harm_gradings.get().decided_by_name == NAME_WITHHELD
        assert [e.by_name for e in TrailEntry.objects.story(incident.pk)] == [NAME_WITHHELD]

    def test_stays_withheld_when_the_reporter_adds_to_the_report(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, name_withheld=True)
        correct_report(by=cast.worker, at=NOW, incident=incident, part="when", text="It was Tuesday", reason="Diary")
        assert incident.corrections.get().decided_by_name == NAME_WITHHELD
        assert {e.by_name for e in TrailEntry.objects.story(incident.pk)} == {NAME_WITHHELD}


class TestARestrictedReport:
    def test_goes_to_the_lead_and_not_to_the_duty_manager(self, cast: Cast) -> None:
        incident = an_incident(
            by=cast.worker,
            team=cast.north,
            restricted=True,
            restricted_reason="An allegation against a colleague",
            still_at_risk=Answer.YES,
        )
        asked = Obligation.objects.get(story_id=incident.pk)
        assert asked.role == Role.SAFEGUARDING_LEAD
        assert asked.restricted
        assert OutboxMessage.objects.get().to == cast.lead
        assert [n.person for n in NamedAccess.objects.filter(incident=incident)] == [cast.lead]


class TestLaterWordsStandBesideTheFirst:
    @pytest.mark.requirement("R7")
    def test_a_second_grading_leaves_the_first(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        later = NOW + timedelta(days=1)
        grade_harm(
            by=cast.duty_manager,
            at=later,
            incident=incident,
            physical_harm="moderate",
            psychological_harm="severe",
            reason="Seen by the doctor",
        )
        assert [g.physical_harm for g in incident.harm_gradings.order_by("decided_at")] == ["none", "moderate"]
        assert Incident.objects.get(pk=incident.pk).psychological_harm == "severe"

    @pytest.mark.parametrize("change", [{"physical_harm": "x"}, {"psychological_harm": ""}, {"reason": " "}])
    def test_a_grading_needs_real_harm_and_a_reason(self, cast: Cast, change: dict[str, str]) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        values = {"physical_harm": "low", "psychological_harm": "low", "reason": "Seen"} | change
        with pytest.raises(Invalid) as refused:
            grade_harm(by=cast.duty_manager, at=NOW, incident=incident, **values)
        assert set(refused.value.problems) == set(change)
        assert incident.harm_gradings.count() == 1

    @pytest.mark.requirement("R7")
    def test_a_correction_leaves_the_report(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        was = incident.what_happened
        correct_report(
            by=cast.duty_manager,
            at=NOW,
            incident=incident,
            part="what_happened",
            text="It was the third visit",
            reason="Log",
        )
        assert Incident.objects.get(pk=incident.pk).what_happened == was
        assert incident.corrections.get().text == "It was the third visit"

    def test_a_colleague_without_sight_of_it_cannot_correct(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        with pytest.raises(Refused, match="no such incident"):
            correct_report(by=cast.colleague, at=NOW, incident=incident, part="when", text="x", reason="y")

    def test_a_withdrawn_incident_leaves_pages_and_keeps_its_row(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="Reported twice, see the other")
        assert not Incident.objects.visible_to(cast.lead, NOW).exists()
        assert Incident.objects.reported_by(cast.worker).get() == incident, "its reporter sees what became of it"
        assert Incident.objects.filter(pk=incident.pk).exists()
        assert not Obligation.objects.open().exists()
        assert TrailEntry.objects.story(incident.pk).count() == 2


def test_an_operation_called_directly_by_a_process_keeps_when_it_was_known(cast: Cast) -> None:
    from saferpractice.trail.rules import Process

    known = NOW - timedelta(days=30)
    report = replace(a_report(at=known), person_reference="")
    incident = report_incident(
        by=Process("import"),
        at=NOW,
        team=cast.north,
        report=report,
        submission_key="k",
        known_at=known,
        source_system="register",
        source_reference="7",
    )
    assert (incident.known_at, incident.recorded_at, incident.reporter) == (known, NOW, None)
