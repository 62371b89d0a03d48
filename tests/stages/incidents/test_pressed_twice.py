"""Buttons pressed twice and pages that stood open: nothing is done twice, nothing turns into its opposite."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.incidents.models import Incident, PersonSupported, ReportDraft
from saferpractice.incidents.operations import (
    correct_report,
    decide_restriction,
    end_named_access,
    grade_harm,
    keep_from,
    name_person,
    pass_on,
    withdraw_incident,
)
from saferpractice.incidents.rules import KeptFromReason, kept_reference
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]
MINUTE = timedelta(minutes=1)
WHY = "An allegation about a colleague"


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(NOW)


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north)


@pytest.fixture
def restricted(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, restricted=True, restricted_reason=WHY)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def hidden(page: HttpResponse, name: str) -> str:
    """What the page carries in a field nobody sees."""
    text = page.content.decode()
    return text.split(f'name="{name}"')[1].split('value="')[1].split('"')[0]


def said(operation: str) -> int:
    return TrailEntry.objects.filter(operation=f"incidents.{operation}").count()


class TestRestricting:
    def address(self, incident: Incident) -> str:
        return reverse("incidents:restrict", args=[incident.pk])

    def test_pressed_twice_it_stays_restricted(self, cast: Cast, incident: Incident) -> None:
        lead = signed_in(cast.lead)
        sent = {"wanted": hidden(lead.get(self.address(incident)), "wanted"), "reason": WHY}
        answers = [lead.post(self.address(incident), sent) for _ in range(3)]
        assert [one.status_code for one in answers] == [302, 302, 302]
        incident.refresh_from_db()
        assert incident.restricted
        assert (incident.restriction_decisions.count(), said("decide_restriction")) == (1, 1)
        assert not Incident.objects.visible_to(cast.duty_manager, NOW).exists()

    def test_lifted_twice_it_stays_open(self, cast: Cast, restricted: Incident) -> None:
        lead = signed_in(cast.lead)
        sent = {"wanted": hidden(lead.get(self.address(restricted)), "wanted"), "reason": "It was another person"}
        for _ in range(2):
            lead.post(self.address(restricted), sent)
        restricted.refresh_from_db()
        assert not restricted.restricted
        assert restricted.restriction_decisions.count() == 2

    def test_a_page_that_stood_open_does_not_lift_what_another_restricted(self, cast: Cast, incident: Incident) -> None:
        director = signed_in(cast.director)
        wanted = hidden(director.get(self.address(incident)), "wanted")
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason=WHY)
        name_person(by=cast.lead, at=NOW, incident=incident, person=cast.director, reason="To decide with me")
        page = director.post(self.address(incident), {"wanted": wanted, "reason": "A colleague is named"})
        assert "This incident is already restricted." in page.content.decode()
        assert "A colleague is named" in page.content.decode()
        assert "Restrict to named people" in page.content.decode()
        incident.refresh_from_db()
        assert incident.restricted

    @pytest.mark.parametrize("wanted", [None, "", "yes", "Restricted"])
    def test_without_what_the_page_offered_nothing_is_decided(
        self, cast: Cast, incident: Incident, wanted: str | None
    ) -> None:
        sent = {"reason": WHY} | ({} if wanted is None else {"wanted": wanted})
        page = signed_in(cast.lead).post(self.address(incident), sent)
        assert "open this page again" in page.content.decode()
        assert not incident.restriction_decisions.exists()

    def test_restricted_lifted_and_restricted_again_are_three_decisions(self, cast: Cast, incident: Incident) -> None:
        for minute, restricts in enumerate((True, False, True)):
            decide_restriction(
                by=cast.lead, at=NOW + minute * MINUTE, incident=incident, restricted=restricts, reason=WHY
            )
        assert list(incident.restriction_decisions.order_by("decided_at").values_list("restricted", flat=True)) == [
            True, False, True,
        ]  # fmt: skip

    def test_another_lead_with_the_same_words_is_told_how_it_stands(self, cast: Cast, incident: Incident) -> None:
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason=WHY)
        name_person(by=cast.lead, at=NOW, incident=incident, person=cast.director, reason="Decides with me")
        with pytest.raises(Invalid, match="already restricted"):
            decide_restriction(by=cast.director, at=NOW, incident=incident, restricted=True, reason=WHY)


class TestNaming:
    def test_pressed_twice_one_end_ends_it(self, cast: Cast, restricted: Incident) -> None:
        lead, address = signed_in(cast.lead), reverse("incidents:name_person", args=[restricted.pk])
        for _ in range(2):
            assert lead.post(address, {"person": cast.reviewer.pk, "reason": "Reviews it"}).status_code == 302
        named = restricted.named_access.filter(person=cast.reviewer)
        assert (named.count(), said("name_person")) == (1, 1)
        lead.post(reverse("incidents:end_named", args=[restricted.pk, named.get().pk]))
        assert not Incident.objects.visible_to(cast.reviewer, NOW + MINUTE).exists()

    def test_named_again_after_the_end_they_see_it_again(self, cast: Cast, restricted: Incident) -> None:
        for day in range(2):
            at = NOW + timedelta(days=day)
            named = name_person(by=cast.lead, at=at, incident=restricted, person=cast.reviewer, reason="Reviews it")
            assert Incident.objects.visible_to(cast.reviewer, at).exists()
            end_named_access(by=cast.lead, at=at + MINUTE, named=named)
            assert not Incident.objects.visible_to(cast.reviewer, at + MINUTE).exists()

    def test_for_another_reason_it_is_another_row(self, cast: Cast, restricted: Incident) -> None:
        rows = [
            name_person(by=cast.lead, at=NOW, incident=restricted, person=cast.reviewer, reason=reason)
            for reason in ("Reviews it", "Knows the service", " Reviews it ")
        ]
        assert rows[0] == rows[2] != rows[1]


class TestSomebodyMustBeLeft:
    """A restricted incident that nobody can open is lost: no deadline of it is on anybody's list."""

    def test_the_last_who_decides_cannot_leave(self, cast: Cast, restricted: Incident) -> None:
        mine = restricted.named_access.get(person=cast.lead)
        name_person(by=cast.lead, at=NOW, incident=restricted, person=cast.reviewer, reason="Reviews it")
        lead, address = signed_in(cast.lead), reverse("incidents:end_named", args=[restricted.pk, mine.pk])
        page = lead.post(address, follow=True)
        assert "Let another safeguarding lead or director see this incident first" in page.content.decode()
        assert Incident.objects.visible_to(cast.lead, NOW).exists()

    def test_once_another_is_named_they_can(self, cast: Cast, restricted: Incident) -> None:
        name_person(by=cast.lead, at=NOW, incident=restricted, person=cast.director, reason="Takes it over")
        end_named_access(by=cast.lead, at=NOW, named=restricted.named_access.get(person=cast.lead))
        assert not Incident.objects.visible_to(cast.lead, NOW).exists()
        assert Incident.objects.visible_to(cast.director, NOW).exists()

    @pytest.mark.parametrize("why", ["left", "kept from it", "ended"])
    def test_somebody_who_cannot_open_it_does_not_count(self, cast: Cast, restricted: Incident, why: str) -> None:
        named = name_person(by=cast.lead, at=NOW, incident=restricted, person=cast.director, reason="Takes it over")
        if why == "left":
            set_active(by=cast.administrator, at=NOW, person=cast.director, active=False)
        elif why == "ended":
            end_named_access(by=cast.lead, at=NOW, named=named)
        else:
            keep_from(by=cast.lead, at=NOW, incident=restricted, person=cast.director, because=KeptFromReason.RELATIVE)
        with pytest.raises(Invalid, match="Nobody could open it"):
            end_named_access(by=cast.lead, at=NOW, named=restricted.named_access.get(person=cast.lead))

    def test_where_it_is_open_to_its_service_anybody_may_go(self, cast: Cast, incident: Incident) -> None:
        named = name_person(by=cast.lead, at=NOW, incident=incident, person=cast.lead, reason="To follow it")
        end_named_access(by=cast.lead, at=NOW, named=named)
        assert Incident.objects.visible_to(cast.lead, NOW).exists()

    def test_nobody_who_may_not_open_it_ends_anything(self, cast: Cast, restricted: Incident) -> None:
        with pytest.raises(Refused):
            end_named_access(by=cast.director, at=NOW, named=restricted.named_access.get(person=cast.lead))


class TestSomebodyLeaves:
    """A sign-in closed or a role ended must not take with it the last who could open a restricted incident."""

    def close(self, cast: Cast, person: Person) -> None:
        set_active(by=cast.administrator, at=NOW, person=person, active=False)

    def end(self, cast: Cast, person: Person) -> None:
        end_role(by=cast.administrator, at=NOW, assignment=person.role_assignments.get())

    def named(self, incident: Incident) -> set[str]:
        return set(incident.named_access.filter(until_at__isnull=True).values_list("person__name", flat=True))

    @pytest.mark.parametrize("how", ["close", "end"])
    def test_the_other_leads_of_the_place_are_named(self, cast: Cast, restricted: Incident, how: str) -> None:
        other = Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=SET_UP, at=NOW, person=cast.supervisor, role=Role.SAFEGUARDING_LEAD, place=other)
        getattr(self, how)(cast, cast.lead)
        supervisor = Person.objects.get(pk=cast.supervisor.pk)
        assert Incident.objects.visible_to(supervisor, NOW).filter(pk=restricted.pk).exists()
        assert not Incident.objects.visible_to(cast.director, NOW).exists()
        entry = TrailEntry.objects.filter(story_id=restricted.pk).latest("sequence")
        assert entry.sentence.startswith("named Sorrel Beck on this incident, because nobody else")
        assert (entry.by_name, entry.by_id) == ("Safer Practice", None)

    @pytest.mark.parametrize("how", ["close", "end"])
    def test_without_another_lead_the_directors_are(self, cast: Cast, restricted: Incident, how: str) -> None:
        getattr(self, how)(cast, cast.lead)
        assert Incident.objects.visible_to(cast.director, NOW).filter(pk=restricted.pk).exists()

    def test_nobody_who_is_kept_from_it_is_named(self, cast: Cast, restricted: Incident) -> None:
        assign_role(
            by=SET_UP, at=NOW, person=cast.supervisor, role=Role.SAFEGUARDING_LEAD, place=Place(cast.provider.pk)
        )
        keep_from(by=cast.lead, at=NOW, incident=restricted, person=cast.supervisor, because=KeptFromReason.RELATIVE)
        self.close(cast, cast.lead)
        assert cast.supervisor.name not in self.named(restricted)
        assert cast.director.name in self.named(restricted)

    @pytest.mark.parametrize("how", ["close", "end"])
    def test_where_nobody_can_be_named_nothing_ends_and_no_incident_is_told_of(
        self, cast: Cast, restricted: Incident, how: str
    ) -> None:
        self.end(cast, cast.director)
        with pytest.raises(Invalid, match="Make somebody else safeguarding lead or director first") as refused:
            getattr(self, how)(cast, cast.lead)
        assert restricted.reference not in str(refused.value)
        lead = Person.objects.get(pk=cast.lead.pk)
        assert Incident.objects.visible_to(lead, NOW).filter(pk=restricted.pk).exists()
        assert Role.SAFEGUARDING_LEAD in lead.roles(Place(cast.provider.pk), NOW)

    @pytest.mark.parametrize(
        "why", ["another is named", "it is open to its service", "it was withdrawn", "a reviewer goes"]
    )
    def test_otherwise_nobody_is_named(self, cast: Cast, restricted: Incident, why: str) -> None:
        leaver = cast.lead
        if why == "another is named":
            name_person(by=cast.lead, at=NOW, incident=restricted, person=cast.director, reason="Takes it over")
        elif why == "it is open to its service":
            decide_restriction(by=cast.lead, at=NOW, incident=restricted, restricted=False, reason="It was not so")
        elif why == "it was withdrawn":
            withdraw_incident(by=cast.lead, at=NOW, incident=restricted, reason="Made twice")
        else:
            name_person(by=cast.lead, at=NOW, incident=restricted, person=cast.reviewer, reason="Reviews it")
            leaver = cast.reviewer
        before = self.named(restricted)
        self.close(cast, leaver)
        assert self.named(restricted) == before

    def test_reopening_names_nobody(self, cast: Cast, restricted: Incident) -> None:
        self.close(cast, cast.lead)
        count = restricted.named_access.count()
        set_active(by=cast.administrator, at=NOW, person=cast.lead, active=True)
        assert restricted.named_access.count() == count

    def test_no_person_passes_one_on(self, cast: Cast, restricted: Incident) -> None:
        with pytest.raises(Refused, match="follows from somebody leaving"):
            pass_on(by=cast.administrator, at=NOW, incident=restricted)


class TestWhatIsAddedLater:
    SAID = {"part": "when", "text": "It was the evening before.", "reason": "The rota says so."}

    def test_a_correction_pressed_twice_is_one(self, cast: Cast, incident: Incident) -> None:
        worker = signed_in(cast.worker)
        for _ in range(2):
            assert worker.post(reverse("incidents:correct", args=[incident.pk]), self.SAID).status_code == 302
        assert (incident.corrections.count(), said("correct_report")) == (1, 1)

    @pytest.mark.parametrize(
        "changes", [{"part": "where"}, {"text": "It was the morning."}, {"reason": "She told me."}, {"by": "lead"}]
    )
    def test_another_answer_or_another_person_is_another(
        self, cast: Cast, incident: Incident, changes: dict[str, str]
    ) -> None:
        correct_report(by=cast.worker, at=NOW, incident=incident, **self.SAID)
        by = cast.people()[changes.get("by", "worker")]
        correct_report(by=by, at=NOW, incident=incident, **self.SAID | {k: v for k, v in changes.items() if k != "by"})
        assert incident.corrections.count() == 2

    def test_a_reporter_who_is_not_named_is_not_taken_for_a_colleague(self, cast: Cast) -> None:
        told = an_incident(by=cast.lead, team=cast.north, name_withheld=True)
        for by in (cast.lead, cast.duty_manager, cast.lead):
            correct_report(by=by, at=NOW, incident=told, **self.SAID)
        assert sorted(told.corrections.values_list("decided_by_name", flat=True)) == [
            "A colleague (name withheld)", "Dale Marlow",
        ]  # fmt: skip

    def test_a_grading_pressed_twice_is_one_and_the_newest_counts(self, cast: Cast, incident: Incident) -> None:
        graded: dict[str, Any] = {"physical_harm": "low", "psychological_harm": "severe", "reason": "The ward rang."}
        lead, address = signed_in(cast.lead), reverse("incidents:grade_harm", args=[incident.pk])
        for _ in range(2):
            assert lead.post(address, graded).status_code == 302
        assert (incident.harm_gradings.count(), said("grade_harm")) == (2, 1)
        incident.refresh_from_db()
        assert (incident.physical_harm, incident.psychological_harm) == ("low", "severe")

    def test_graded_to_and_fro_each_stands(self, cast: Cast, incident: Incident) -> None:
        for minute, level in enumerate(("low", "moderate", "low")):
            grade_harm(
                by=cast.lead, at=NOW + minute * MINUTE, incident=incident, physical_harm=level,
                psychological_harm="low", reason="Seen again.",
            )  # fmt: skip
            assert incident.physical_harm == level
        assert incident.harm_gradings.count() == 4


class TestKeys:
    """A key that comes with a request is anything somebody wrote there."""

    ODD = ["%00", "a%00b", "%0a", "%E2%80%AE", "%F0%9F%92%99", "x" * 300]

    @pytest.mark.parametrize("key", ODD)
    def test_a_draft_s_key_can_be_anything(self, cast: Cast, key: str) -> None:
        worker = signed_in(cast.worker)
        assert worker.get(f"{reverse('incidents:report')}?draft={key}").status_code == 200
        saved = worker.post(f"/report/drafts/{key}", {"what_happened": "Half a sentence"})
        there = "%00" not in key
        assert saved.status_code == (200 if there else 404)
        assert ReportDraft.objects.exists() is there
        assert worker.post(f"/report/drafts/{key}/discard").status_code == (302 if there else 404)
        assert not ReportDraft.objects.exists()

    @pytest.mark.parametrize("key", ["a\x00b", "\u202ea", "💙" * 100])
    def test_a_report_s_key_can_be_anything(self, cast: Cast, key: str) -> None:
        sent = {
            "submission_key": key, "what_happened": "He fell.", "occurred_precision": "unknown",
            "team": cast.north.pk, "physical_harm": "none", "psychological_harm": "none", "still_at_risk": "no",
        }  # fmt: skip
        assert signed_in(cast.worker).post(reverse("incidents:report"), sent).status_code == 302
        assert Incident.objects.get().submission_key.isprintable()

    @pytest.mark.parametrize("reference", ["2026-00001\x00", "nothing", "x" * 9000])
    def test_a_report_to_add_to_that_is_not_there(self, cast: Cast, reference: str) -> None:
        sent = {
            "submission_key": "k", "what_happened": "He fell.", "occurred_precision": "unknown", "add": reference,
            "team": cast.north.pk, "physical_harm": "none", "psychological_harm": "none", "still_at_risk": "no",
        }  # fmt: skip
        assert signed_in(cast.worker).post(reverse("incidents:report"), sent).status_code == 404
        assert not Incident.objects.exists()


class TestOnePersonIsOne:
    @pytest.mark.parametrize(
        "typed",
        ["P-1042", " p-1042 ", "P-\u200b1042", "\ufeffP-1042", "P-1042\u00ad", "P-10\x0042", "\u202dP-1042\u202c"],
    )
    def test_however_it_was_typed_or_pasted(self, cast: Cast, incident: Incident, typed: str) -> None:
        again = an_incident(by=cast.worker, team=cast.north, person_reference=typed)
        assert again.person_supported == incident.person_supported
        assert PersonSupported.objects.count() == 1

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("p  10\u00a042", "P 10 42"),
            ("\u200b", ""),
            ("groß", "GROSS"),
            ("ñ-1", "Ñ-1"),
            ("ف-١", "ف-١"),
            ("p\n1", "P 1"),
        ],
    )
    def test_what_is_kept(self, typed: str, kept: str) -> None:
        assert kept_reference(typed) == kept == kept_reference(kept)

    @pytest.mark.parametrize(
        ("typed", "usable"), [("p" * 60, True), ("p" * 61, False), ("ß" * 30, True), ("ß" * 31, False)]
    )
    def test_it_fits_as_it_is_kept(self, cast: Cast, typed: str, usable: bool) -> None:
        if usable:
            assert an_incident(by=cast.worker, team=cast.north, person_reference=typed).person_supported
        else:
            with pytest.raises(Invalid, match="60 characters or fewer"):
                an_incident(by=cast.worker, team=cast.north, person_reference=typed)

    def test_a_name_for_a_reference_that_nobody_sees_is_asked_for_again(self, cast: Cast) -> None:
        with pytest.raises(Invalid) as no:
            an_incident(by=cast.worker, team=cast.north, person_reference="\u200b", person_name="Somebody")
        assert set(no.value.problems) == {"person_reference"}
