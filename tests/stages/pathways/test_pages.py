"""The pages of pathways and of the cases worked by them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person, RoleAssignment
from saferpractice.access.operations import end_role
from saferpractice.deadlines.rules import local
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayVersion
from saferpractice.pathways.queries import library, owed_rows
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.partners import a_risk_review, an_agency
from tests.factories.pathways import CONSULTATION, a_case, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = pytest.mark.requirement("R17", "R21", "R26")
TWO = ("infection-risk", "refusal-of-care")


@pytest.fixture(autouse=True)
def _now(the_clock: TestClock) -> None:
    the_clock.stand_at(hours(10))


def at(name: str, moment: datetime) -> dict[str, str]:
    """A moment as the form's fields take it."""
    clock = local(moment)
    return {
        f"{name}-day": str(clock.day),
        f"{name}-month": str(clock.month),
        f"{name}-year": str(clock.year),
        f"{name}-time": f"{clock:%H:%M}",
    }


def page(person: Person, name: str, *args: object) -> str:
    response = signed_in(person).get(reverse(f"pathways:{name}", args=args))
    assert response.status_code == 200, name
    return words(response)


def send(person: Person, name: str, /, *args: object, **data: Any) -> HttpResponse:
    return signed_in(person).post(reverse(f"pathways:{name}", args=args), data)


class TestReading:
    def test_the_list_leads_to_each(self, cast: Cast) -> None:
        shown = page(cast.worker, "index")
        for code, definition in library().items():
            assert definition.title in shown
            assert page(cast.worker, "one", code)

    def test_one_is_told_in_plain_english(self, cast: Cast) -> None:
        shown = page(cast.worker, "one", "self-neglect")
        assert (
            "Whenever two or more of these five are present at once, the worker must consult the duty manager or "
            "safeguarding lead, before the end of that day." in shown
        )
        assert "Hydration or nutrition concerns" in shown
        assert "A service may set it from 1 to 4." in shown

    @pytest.mark.parametrize("code", ["nothing", "Self-Neglect"])
    def test_what_is_not_there(self, cast: Cast, code: str) -> None:
        assert signed_in(cast.worker).get(f"/pathways/{code}").status_code == 404

    def test_everybody_with_a_role_reads_them(self, cast: Cast) -> None:
        for name, person in cast.people().items():
            assert signed_in(person).get(reverse("pathways:index")).status_code == 200, name

    def test_nobody_else(self, cast: Cast) -> None:
        assert Client().get(reverse("pathways:index")).status_code == 302
        end_role(by=SET_UP, at=NOW, assignment=RoleAssignment.objects.get(person=cast.reviewer))
        for address in (reverse("pathways:index"), reverse("pathways:one", args=["self-neglect"])):
            assert signed_in(cast.reviewer).get(address).status_code == 404


class TestPuttingInUse:
    def test_a_lead_does(self, cast: Cast) -> None:
        assert "Not in use" in page(cast.lead, "one", "self-neglect")
        response = signed_in(cast.lead).post(reverse("pathways:put_in_use", args=["self-neglect"]), follow=True)
        assert "“Self-neglect threshold” is in use, version 1." in words(response)
        assert "In use, version 1" in page(cast.worker, "one", "self-neglect")

    def test_a_worker_reads_why_not(self, cast: Cast) -> None:
        assert "Only a safeguarding lead, quality lead or director" in page(cast.worker, "one", "self-neglect")
        assert send(cast.worker, "put_in_use", "self-neglect").status_code == 404
        assert not PathwayVersion.objects.exists()

    def test_what_does_not_ship_or_is_only_looked_at(self, cast: Cast) -> None:
        assert send(cast.lead, "put_in_use", "nothing").status_code == 404
        address = reverse("pathways:put_in_use", args=["self-neglect"])
        assert signed_in(cast.lead).get(address).status_code == 405


class TestLocalValues:
    def test_a_lead_sets_them_for_a_service(self, cast: Cast) -> None:
        assert "Set them for Riverside community service" in page(cast.lead, "one", "lost-contact")
        assert "From 1 day to 28 days; 7 days where nothing is set." in page(
            cast.lead, "local_values", "lost-contact", cast.riverside.pk
        )
        response = send(cast.lead, "local_values", "lost-contact", cast.riverside.pk, window="3 days")
        assert response["Location"] == reverse("pathways:one", args=["lost-contact"])
        assert 'value="3 days"' in page(cast.lead, "local_values", "lost-contact", cast.riverside.pk)

    def test_out_of_bounds_is_said_beside_the_field_and_kept(self, cast: Cast) -> None:
        shown = words(send(cast.lead, "local_values", "lost-contact", cast.riverside.pk, window="40 days"))
        assert "Write a value from 1 day to 28 days." in shown
        assert 'value="40 days"' in shown

    @pytest.mark.parametrize("who", ["worker", "duty_manager", "administrator", "commissioner", "stranger"])
    def test_others_have_no_such_page(self, cast: Cast, who: str) -> None:
        address = reverse("pathways:local_values", args=["lost-contact", cast.riverside.pk])
        assert signed_in(cast.people()[who]).get(address).status_code == 404
        assert signed_in(cast.people()[who]).post(address, {"window": "3 days"}).status_code == 404

    def test_no_such_pathway(self, cast: Cast) -> None:
        address = reverse("pathways:local_values", args=["nothing", cast.riverside.pk])
        assert signed_in(cast.lead).get(address).status_code == 404


class TestOpening:
    def answers(self, cast: Cast, **changes: Any) -> dict[str, Any]:
        usual = {"version": used(cast).pk, "person_reference": "p-7", "team": cast.north.pk, "submission_key": "k"}
        return {**usual, **changes}

    def test_a_case_is_opened(self, cast: Cast) -> None:
        response = send(cast.worker, "new_case", **self.answers(cast))
        case = PathwayCase.objects.get()
        assert response["Location"] == reverse("pathways:case", args=[case.pk])
        assert (case.person_supported.reference, case.decided_by) == ("P-7", cast.worker)

    def test_sent_twice_it_is_one(self, cast: Cast) -> None:
        for _ in range(2):
            send(cast.worker, "new_case", **self.answers(cast))
        assert PathwayCase.objects.count() == 1

    def test_what_lacks_is_said_and_the_rest_kept(self, cast: Cast) -> None:
        shown = words(send(cast.worker, "new_case", **self.answers(cast, version="")))
        assert "Choose the pathway" in shown
        assert 'value="p-7"' in shown
        assert not PathwayCase.objects.exists()

    def test_teams_of_others_are_not_offered(self, cast: Cast) -> None:
        used(cast)
        assert "East team" not in page(cast.worker, "new_case")
        send(cast.worker, "new_case", **self.answers(cast, team=cast.east.pk))
        assert not PathwayCase.objects.exists()

    def test_from_an_incident(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW, person_reference="P-9")
        address = reverse("pathways:new_case") + f"?incident={incident.pk}"
        shown = words(signed_in(cast.duty_manager).get(address))
        assert f"From incident {incident.reference}." in shown
        assert 'value="P-9"' in shown
        signed_in(cast.duty_manager).post(address, self.answers(cast, person_reference="P-9"))
        assert PathwayCase.objects.get().incident == incident

    @pytest.mark.parametrize("named", ["not-an-id", "00000000-0000-0000-0000-000000000000"])
    def test_an_odd_address_opens_one_by_itself(self, cast: Cast, named: str) -> None:
        address = reverse("pathways:new_case") + f"?incident={named}"
        signed_in(cast.worker).post(address, self.answers(cast))
        assert PathwayCase.objects.get().incident is None

    @pytest.mark.parametrize("who", ["administrator", "commissioner", "inspector"])
    def test_who_has_no_such_page(self, cast: Cast, who: str) -> None:
        for name in ("new_case", "cases", "cases_file"):
            assert signed_in(cast.people()[who]).get(reverse(f"pathways:{name}")).status_code == 404


class TestOnTheIncidentPage:
    def shown(self, cast: Cast, who: str, incident: Any) -> str:
        return words(signed_in(cast.people()[who]).get(reverse("home:incident", args=[incident.pk])))

    def test_it_leads_to_a_new_case_and_to_those_there_are(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, at=NOW, person_reference="P-9")
        assert "Open a case on a pathway" not in self.shown(cast, "duty_manager", incident), "none is in use"
        used(cast)
        assert f"{reverse('pathways:new_case')}?incident={incident.pk}" in self.shown(cast, "duty_manager", incident)
        case = a_case(cast, by=cast.duty_manager, incident=incident, person="P-9")
        a_case(cast, person="P-10")
        shown = self.shown(cast, "duty_manager", incident)
        assert reverse("pathways:case", args=[case.pk]) in shown
        assert "P-10" not in shown


class TestList:
    def test_it_shows_what_one_may_open_newest_first(self, cast: Cast) -> None:
        a_case(cast, person="P-1")
        a_case(cast, person="P-2", at=hours(2))
        a_case(cast, person="P-3", by=cast.worker_elsewhere, team=cast.east)
        shown = page(cast.worker, "cases")
        assert shown.index("P-2") < shown.index("P-1")
        assert "P-3" not in shown

    def test_it_is_narrowed(self, cast: Cast) -> None:
        a_case(cast, person="P-1")
        a_case(cast, "lost-contact", person="P-2")
        client, address = signed_in(cast.worker), reverse("pathways:cases")
        assert "P-2" not in words(client.get(address, {"pathway": "self-neglect"}))
        assert "P-1" not in words(client.get(address, {"person": "p-2"}))
        assert "No case fits" in words(client.get(address, {"state": "closed"}))
        assert "P-1" in words(client.get(address, {"state": "nonsense"}))

    def test_nothing_yet(self, cast: Cast) -> None:
        assert "No cases yet" in page(cast.worker, "cases")

    def test_the_file_says_what_the_list_says(self, cast: Cast) -> None:
        a_case(cast, person="=P-1")
        a_case(cast, person="P-3", by=cast.worker_elsewhere, team=cast.east)
        response = signed_in(cast.worker).get(reverse("pathways:cases_file"))
        text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert '"\'=P-1","Self-neglect threshold","1","North team"' in text
        assert "P-3" not in text

    def test_its_cost_does_not_grow_with_each_case(self, cast: Cast, django_assert_max_num_queries: Any) -> None:
        for number in range(12):
            a_case(cast, person=f"P-{number}")
        client = signed_in(cast.worker)
        with django_assert_max_num_queries(24):
            client.get(reverse("pathways:cases"))


class TestCase:
    def test_it_says_what_must_be_done_now(self, cast: Cast) -> None:
        case = a_case(cast)
        assert "Nothing is owed." in page(cast.worker, "case", case.pk)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        shown = page(cast.worker, "case", case.pk)
        assert "Consult the duty manager or safeguarding lead" in shown
        assert "Due by the end of today" in shown
        assert reverse("pathways:write", args=[case.pk, "consultation"]) in shown
        assert "Signs of infection risk; Essential care refused again and again" in shown

    @pytest.mark.parametrize(
        ("who", "may"),
        [("worker", True), ("duty_manager", True), ("reviewer", False), ("quality_lead", False), ("supervisor", False)],
    )
    def test_what_must_be_done_leads_only_whoever_may_do_it(self, cast: Cast, who: str, may: bool) -> None:
        """To everybody else the form is a page that is not there: they read what is owed, and by whom."""
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        client = signed_in(cast.people()[who])
        shown = client.get(reverse("pathways:case", args=[case.pk])).content.decode()
        assert "Consult the duty manager or safeguarding lead" in shown
        assert (reverse("pathways:write", args=[case.pk, "consultation"]) in shown) is may
        for address in sorted(set(re.findall(rf'href="(/pathways/cases/{case.pk}/write/[^"]+)"', shown))):
            assert client.get(address).status_code == 200, address

    def test_a_look_leaves_a_trace(self, cast: Cast) -> None:
        case = a_case(cast)
        page(cast.worker, "case", case.pk)
        entry = AccessEntry.objects.get(story_id=case.pk)
        assert (entry.by_id, entry.page) == (cast.worker.pk, "pathway case")

    @pytest.mark.parametrize(
        "who", ["worker_elsewhere", "duty_manager_elsewhere", "administrator", "commissioner", "stranger"]
    )
    def test_who_finds_no_such_case(self, cast: Cast, who: str) -> None:
        case = a_case(cast)
        record = a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        owed = owed_rows(case)[0].row
        for name, args in {
            "case": [case.pk],
            "write": [case.pk, "checklist"],
            "correct": [case.pk, record.pk],
            "close": [case.pk],
            "owed": [owed.pk],
        }.items():
            assert signed_in(cast.people()[who]).get(reverse(f"pathways:{name}", args=args)).status_code == 404, name

    def test_each_kind_says_who_may_write_it(self, cast: Cast) -> None:
        shown = page(cast.worker, "case", a_case(cast).pk)
        assert "Only a supervisor of this place may write down “Case looked at in supervision”." in shown

    def test_what_is_hers_to_write_stands_before_what_is_not(self, cast: Cast) -> None:
        shown = page(cast.worker, "case", a_case(cast).pk)
        hers, others = shown.split("What others write down (", 1)
        assert "/checklist" in hers.split("Write down", 1)[1]
        assert "Only a supervisor of this place" not in hers
        assert "Case looked at in supervision" in others

    def test_markup_in_a_note_is_text(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=[], seen="<script>alert(1)</script> 🙂")
        response = signed_in(cast.worker).get(reverse("pathways:case", args=[case.pk]))
        assert b"<script>alert" not in response.content
        assert "🙂" in response.content.decode()

    def test_what_was_owed_before_is_told(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        a_record(case, "consultation", 2, by=cast.worker, values=CONSULTATION)
        assert "What was owed before" in page(cast.worker, "case", case.pk)

    def test_work_leads_to_it(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        listed = words(signed_in(cast.worker).get(reverse("home:my_work")))
        row = owed_rows(case)[0]
        assert row.obligation.title in listed
        response = signed_in(cast.worker).get(reverse("pathways:owed", args=[row.row.pk]))
        assert response["Location"] == reverse("pathways:case", args=[case.pk])


class TestWriting:
    def test_ticks_are_written_down(self, cast: Cast) -> None:
        case = a_case(cast)
        response = send(
            cast.worker, "write", case.pk, "checklist", present=TWO, submission_key="k", **at("happened_at", hours(9))
        )
        assert response.status_code == 302, words(response)
        assert case.records.get().values == {"present": list(TWO)}

    def test_none_of_these_is_an_answer_too(self, cast: Cast) -> None:
        case = a_case(cast)
        send(
            cast.worker,
            "write",
            case.pk,
            "checklist",
            present="none-of-these",
            seen="All well",
            submission_key="k",
            **at("happened_at", hours(9)),
        )
        assert case.records.get().values == {"present": [], "seen": "All well"}
        assert "None of these" in page(cast.worker, "case", case.pk)
        shown = page(cast.worker, "correct", case.pk, case.records.get().pk)
        assert re.search(r'value="none-of-these"[^>]* checked', shown)

    def test_last_time_s_ticks_are_in_view(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        shown = page(cast.worker, "write", case.pk, "checklist")
        assert shown.count(" checked") == 2
        assert "Wounds not cared for; Infestation" in shown

    def test_what_lacks_is_said_and_nothing_is_lost(self, cast: Cast) -> None:
        case = a_case(cast)
        shown = words(
            send(
                cast.worker,
                "write",
                case.pk,
                "consultation",
                rationale="Because of the stairs",
                submission_key="k",
                **at("happened_at", hours(9)),
            )
        )
        assert "“What was decided?” is needed before this counts" in shown
        assert "Because of the stairs" in shown
        assert not case.records.exists()

    def test_it_can_be_saved_unfinished_and_says_so(self, cast: Cast) -> None:
        case = a_case(cast)
        send(
            cast.worker,
            "write",
            case.pk,
            "consultation",
            rationale="Because of the stairs",
            submission_key="k",
            unfinished="yes",
            **at("happened_at", hours(9)),
        )
        assert "Does not count yet. Still empty: Who was consulted?" in page(cast.worker, "case", case.pk)

    def test_a_moment_and_a_role_are_read(self, cast: Cast) -> None:
        case = a_case(cast)
        values = {**CONSULTATION, "decision": "more-information", "submission_key": "k"}
        send(
            cast.worker,
            "write",
            case.pk,
            "consultation",
            **values,
            **at("more-by", hours(40)),
            **at("happened_at", hours(9)),
        )
        assert case.records.get().values["more-by"] == hours(40).isoformat()
        assert "Duty manager" in page(cast.worker, "case", case.pk)

    def test_the_future_is_refused_beside_its_field(self, cast: Cast) -> None:
        case = a_case(cast)
        response = send(cast.worker, "write", case.pk, "checklist", submission_key="k", **at("happened_at", hours(30)))
        assert response.status_code == 200
        assert not case.records.exists()

    @pytest.mark.parametrize("kind", ["nothing", "supervision"])
    def test_a_kind_one_may_not_write_is_no_page(self, cast: Cast, kind: str) -> None:
        assert signed_in(cast.worker).get(reverse("pathways:write", args=[a_case(cast).pk, kind])).status_code == 404

    @pytest.mark.requirement("R29")
    def test_an_outcome_names_its_action(self, cast: Cast) -> None:
        case = a_case(cast, "exploitation")
        values = {
            "what": "other",
            "detail": "Change the lock",
            "done-by": "us",
            "role": "duty_manager",
            "by": hours(60),
        }
        action = a_record(case, "agreed-action", 1, by=cast.lead, values=values)
        assert "Agreed action, Wednesday 4 March 2026, 3:05am: Change the lock" in page(
            cast.worker, "write", case.pk, "action-outcome"
        )
        given = {"action": action.pk, "outcome": "Done", "submission_key": "k", **at("happened_at", hours(9))}
        send(cast.worker, "write", case.pk, "action-outcome", **given)
        assert [row.obligation.met_at for row in owed_rows(case)] == [hours(10)]


class TestPuttingRight:
    def test_it_stands_beside_the_first(self, cast: Cast) -> None:
        case = a_case(cast)
        record = a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        address = ("correct", case.pk, record.pk)
        assert "Put right: Self-neglect checklist" in page(cast.worker, *address)
        data = {"present": TWO[:1], "reason": "Ticked by mistake", "submission_key": "k", **at("happened_at", hours(1))}
        assert send(cast.worker, *address, **data).status_code == 302
        shown = page(cast.worker, "case", case.pk)
        assert "Put right because: Ticked by mistake" in shown
        assert "Put right later; this is what was written first." in shown
        assert "Nothing is owed." in shown

    def test_it_did_not_happen(self, cast: Cast) -> None:
        case = a_case(cast)
        record = a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        data = {"reason": "Wrong person", "submission_key": "k", "withdraw": "yes", **at("happened_at", hours(1))}
        send(cast.worker, "correct", case.pk, record.pk, **data)
        assert "This did not happen." in page(cast.worker, "case", case.pk)

    def test_a_reason_is_asked_for(self, cast: Cast) -> None:
        case = a_case(cast)
        record = a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        shown = words(
            send(cast.worker, "correct", case.pk, record.pk, submission_key="k", **at("happened_at", hours(1)))
        )
        assert "Enter why it is put right" in shown

    def test_one_put_right_or_of_another_case_is_no_page(self, cast: Cast) -> None:
        case, other = a_case(cast), a_case(cast, person="P-2")
        record = a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        assert signed_in(cast.worker).get(reverse("pathways:correct", args=[other.pk, record.pk])).status_code == 404
        operations.correct_record(
            by=cast.worker,
            at=hours(2),
            record=record,
            happened_at=hours(1),
            values={"present": []},
            reason="Mistake",
            submission_key="c",
        )
        assert signed_in(cast.worker).get(reverse("pathways:correct", args=[case.pk, record.pk])).status_code == 404


class TestClosing:
    def test_a_duty_manager_closes_when_it_may_be(self, cast: Cast) -> None:
        case = a_case(cast)
        assert "A checklist on which fewer indicators are present" in page(cast.duty_manager, "case", case.pk)
        a_record(case, "checklist", 1, by=cast.worker, present=())
        assert reverse("pathways:close", args=[case.pk]) in page(cast.duty_manager, "case", case.pk)
        assert send(cast.duty_manager, "close", case.pk, reason="All is well").status_code == 302
        shown = page(cast.worker, "case", case.pk)
        assert "Closed on" in shown
        assert "Put this right" not in shown
        assert signed_in(cast.worker).get(reverse("pathways:write", args=[case.pk, "checklist"])).status_code == 404

    def test_too_soon_is_said_on_the_form(self, cast: Cast) -> None:
        case = a_case(cast)
        assert "cannot be closed yet" in words(send(cast.duty_manager, "close", case.pk, reason="Quick"))

    def test_a_worker_has_no_such_page(self, cast: Cast) -> None:
        assert signed_in(cast.worker).get(reverse("pathways:close", args=[a_case(cast).pk])).status_code == 404


def test_a_review_each_week_shows_which_is_next(cast: Cast) -> None:
    case = a_case(cast, "exploitation")
    a_record(case, "checklist", 1, by=cast.worker, present=("coercion",))
    a_risk_review(case, an_agency(cast), by=cast.lead, hour=5)
    shown = page(cast.lead, "case", case.pk)
    due = (hours(5) + timedelta(days=7)).day
    assert f"Due by the end of Wednesday {due} March 2026" in shown
