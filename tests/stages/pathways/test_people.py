"""The care record page of a person supported, and a case opened by the first indicator ticked."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import assign_role
from saferpractice.access.rules import Role
from saferpractice.deadlines.models import Obligation
from saferpractice.incidents.models import PersonSupported
from saferpractice.incidents.operations import decide_restriction
from saferpractice.pathways import operations
from saferpractice.pathways.models import PathwayCase, PathwayRecord, PathwayVersion
from saferpractice.pathways.queries import library
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.databases import Database
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast, build_cast

pytestmark = pytest.mark.requirement("R17")
TWO = ["infection-risk", "refusal-of-care"]


def begin(cast: Cast, by: Person | None = None, **changes: Any) -> PathwayRecord:
    given: dict[str, Any] = {
        "by": by or cast.worker,
        "at": NOW,
        "team": cast.north,
        "version": changes.pop("version", None) or used(cast),
        "person_reference": "P-1042",
        "happened_at": NOW,
        "values": {"present": TWO},
        "submission_key": "one tap",
    }
    return operations.begin_case(**given | changes)


@pytest.mark.django_db
class TestBeginning:
    def test_the_first_tick_opens_the_case_and_is_its_first_record(self, cast: Cast) -> None:
        record = begin(cast, values={"present": ["infection-risk"]})
        assert (record.case.person_supported.reference, record.case.team) == ("P-1042", cast.north)
        assert (record.kind, record.values) == ("checklist", {"present": ["infection-risk"]})

    def test_two_ticked_and_the_consultation_is_owed_today(self, cast: Cast) -> None:
        begin(cast)
        (owed,) = Obligation.objects.filter(kind="pathways.owed")
        assert owed.title.startswith("Consult the duty manager")

    def test_the_trail_tells_it_whole_and_in_parts(self, cast: Cast) -> None:
        version = used(cast)
        before = TrailEntry.objects.count()
        begin(cast, version=version)
        told = list(TrailEntry.objects.order_by("sequence").values_list("operation", flat=True))[before:]
        assert told == ["pathways.begin_case", "pathways.open_case", "pathways.write_record"]

    @pytest.mark.parametrize("present", [None, [], ()])
    def test_with_nothing_ticked_nothing_is_opened(self, cast: Cast, present: Any) -> None:
        with pytest.raises(Invalid, match="with none of them nothing is opened"):
            begin(cast, values={"present": present, "seen": "All is well."})
        assert not PathwayCase.objects.exists()
        assert not PersonSupported.objects.filter(reference="P-1042").exists()

    def test_a_pathway_without_a_checklist_begins_with_its_first_record(self, cast: Cast) -> None:
        record = begin(cast, version=used(cast, "lost-contact"), values={"what": "no-reply"})
        assert record.kind == "missed-contact"

    def test_tapped_twice_there_is_one_case_and_one_record(self, cast: Cast) -> None:
        first = begin(cast)
        again = begin(cast, at=NOW + timedelta(seconds=1), happened_at=NOW + timedelta(seconds=1))
        assert again == first
        assert (PathwayCase.objects.count(), PathwayRecord.objects.count()) == (1, 1)

    def test_tapped_twice_with_other_answers_the_first_stands(self, cast: Cast) -> None:
        begin(cast)
        with pytest.raises(Invalid, match="What was sent stands"):
            begin(cast, values={"present": ["infection-risk"]})

    @pytest.mark.parametrize("other", [{"person_reference": "P-7"}, {"code": "exploitation"}])
    def test_one_key_is_not_for_somebody_else_or_another_pathway(self, cast: Cast, other: dict[str, str]) -> None:
        begin(cast)
        if "code" in other:
            other = {"version": used(cast, other["code"])}  # type: ignore[dict-item]
        with pytest.raises(Invalid, match="for somebody else or on another pathway"):
            begin(cast, **other)
        assert PathwayCase.objects.count() == 1

    def test_where_a_case_is_open_it_is_written_on_that_one(self, cast: Cast) -> None:
        case = a_case(cast)
        assert begin(cast, by=cast.colleague).case == case
        assert begin(cast, submission_key="later", values={"present": []}).case == case

    def test_also_where_that_was_opened_from_an_incident(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        assert begin(cast).case != a_case(cast, by=cast.lead, incident=incident, person="P-8")
        tied = a_case(cast, by=cast.lead, incident=incident, person="P-9")
        assert begin(cast, submission_key="nine", person_reference="p-9").case == tied

    def test_a_restricted_incident_s_case_is_no_place_for_others_to_write(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        tied = a_case(cast, by=cast.lead, incident=incident)
        decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About staff")
        assert begin(cast, by=cast.colleague).case != tied

    def test_a_closed_case_stays_closed_and_a_new_one_is_opened(self, cast: Cast) -> None:
        old = a_case(cast)
        a_record(old, "checklist", -1, by=cast.worker, present=[])
        operations.close_case(by=cast.duty_manager, at=NOW, case=old, reason="Well.")
        assert begin(cast).case != old

    @pytest.mark.parametrize("who", ["worker_elsewhere", "administrator", "commissioner", "inspector", "stranger"])
    def test_who_does_not_work_there_opens_nothing(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused):
            begin(cast, by=cast.people()[who])
        assert not PathwayCase.objects.exists()

    def test_a_role_that_makes_no_checklist_leaves_no_empty_case(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="write down “Self-neglect checklist”"):
            begin(cast, by=cast.reviewer)
        assert not PathwayCase.objects.exists()
        assert not PersonSupported.objects.filter(reference="P-1042").exists()


def test_two_taps_at_one_moment_make_one_case_and_one_record(fresh_database: Database) -> None:
    cast = build_cast()
    version, gate = used(cast), threading.Barrier(2)
    made: list[Any] = []

    def tap() -> None:
        try:
            gate.wait()
            made.append(
                operations.send_beginning(
                    by=cast.worker, at=NOW, team=cast.north, version=version, person_reference="P-1",
                    happened_at=NOW, values={"present": TWO}, submission_key="one tap",
                ).pk
            )  # fmt: skip
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tap) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1
    assert (PathwayCase.objects.count(), PathwayRecord.objects.count()) == (1, 1)


class TestWhatBegins:
    @pytest.mark.parametrize(
        ("code", "kind"), [("self-neglect", "checklist"), ("lost-contact", "missed-contact"), ("exploitation", None)]
    )
    def test_each_of_the_library(self, code: str, kind: str | None) -> None:
        begins = library()[code].begins_with
        assert begins.id == kind if kind else begins.ticks

    def test_never_with_what_supervision_writes(self) -> None:
        definition = library()["self-neglect"]
        kinds = sorted(definition.records, key=lambda kind: kind.id != "supervision")
        turned = definition.model_copy(update={"records": tuple(kinds)})
        assert turned.begins_with.id == "checklist"


@pytest.mark.django_db
class TestPersonPage:
    @pytest.fixture(autouse=True)
    def _now(self, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(10))

    def found(self, person: Person, reference: str, name: str = "person") -> HttpResponse:
        supported = PersonSupported.objects.get(reference=reference)
        return signed_in(person).get(reverse(f"pathways:{name}", args=[supported.pk]))

    def test_cases_last_answers_and_the_way_to_tick(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=TWO)
        shown = words(self.found(cast.colleague, "P-1042"))
        assert "Last time: 2 of 5 present" in shown
        assert "Signs of infection risk" in shown
        assert "Wren Ashdown" in shown
        assert reverse("pathways:write", args=[case.pk, "checklist"]) in shown
        assert reverse("pathways:case", args=[case.pk]) in shown

    def test_each_pathway_in_use_can_be_begun(self, cast: Cast) -> None:
        a_case(cast)
        used(cast, "lost-contact")
        shown = words(self.found(cast.worker, "P-1042"))
        assert f"{reverse('pathways:begin', args=['lost-contact'])}?person=P-1042" in shown
        assert reverse("pathways:begin", args=["exploitation"]) not in shown, "it is not in use"

    def test_a_closed_case_and_its_last_answers_stay_in_view(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.worker, present=["infection-risk"])
        operations.close_case(by=cast.duty_manager, at=hours(2), case=case, reason="Well.")
        shown = words(self.found(cast.worker, "P-1042"))
        assert "Last time: 1 of 5 present" in shown
        assert "on a case that is closed" in shown
        assert "Closed" in shown

    @pytest.mark.parametrize("who", ["worker_elsewhere", "duty_manager_elsewhere", "stranger", "administrator"])
    def test_known_only_in_another_team_there_is_no_such_page(self, cast: Cast, who: str) -> None:
        a_case(cast)
        assert self.found(cast.people()[who], "P-1042").status_code == 404

    def test_another_team_s_case_is_not_on_the_page_of_a_person_both_know(self, cast: Cast) -> None:
        ours, theirs = a_case(cast), a_case(cast, by=cast.worker_elsewhere, team=cast.east)
        for who, mine, other in ((cast.worker, ours, theirs), (cast.worker_elsewhere, theirs, ours)):
            shown = words(self.found(who, "P-1042"))
            assert str(mine.pk) in shown
            assert str(other.pk) not in shown

    def test_a_restricted_incident_s_case_never_shows(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        tied = a_case(cast, by=cast.lead, incident=incident)
        a_record(tied, "checklist", 1, by=cast.lead, present=TWO)
        decide_restriction(by=cast.lead, at=hours(2), incident=incident, restricted=True, reason="About staff")
        assert self.found(cast.colleague, "P-1042").status_code == 404
        a_case(cast)
        shown = words(self.found(cast.colleague, "P-1042"))
        assert str(tied.pk) not in shown
        assert "Last time" not in shown
        assert str(tied.pk) in words(self.found(cast.lead, "P-1042"))

    def test_somebody_known_by_an_incident_one_may_open_has_a_page(self, cast: Cast) -> None:
        used(cast)
        an_incident(by=cast.worker, team=cast.north, person_reference="P-5")
        assert "No case was opened yet." in words(self.found(cast.duty_manager, "P-5"))
        assert self.found(cast.colleague, "P-5").status_code == 404, "a worker sees no incidents"

    def test_every_look_is_kept(self, cast: Cast) -> None:
        a_case(cast)
        self.found(cast.worker, "P-1042")
        entry = AccessEntry.objects.get(page="person supported")
        assert (entry.by_id, entry.story_id) == (
            cast.worker.pk,
            PersonSupported.objects.get(reference="P-1042").pk,
        )


@pytest.mark.django_db
class TestSearch:
    @pytest.fixture(autouse=True)
    def _now(self, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(10))

    def search(self, person: Person, reference: str) -> HttpResponse:
        return signed_in(person).get(reverse("pathways:people"), {"reference": reference})

    @pytest.mark.parametrize("typed", ["P-1042", "p-1042", "  p-1042 "])
    def test_by_reference(self, cast: Cast, typed: str) -> None:
        case = a_case(cast)
        found = self.search(cast.worker, typed)
        assert found["Location"] == reverse("pathways:person", args=[case.person_supported_id])

    def test_not_known_here_is_the_same_as_not_known_at_all(self, cast: Cast) -> None:
        a_case(cast, by=cast.worker_elsewhere, team=cast.east, person="Q-81")

        def shown(reference: str) -> str:
            page = words(self.search(cast.worker, reference)).replace(reference, "")
            return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)

        hidden, nobody = shown("Q-81"), shown("Q-82")
        assert hidden == nobody
        assert "Nothing is written down for" in hidden

    def test_somebody_not_known_can_be_begun_with(self, cast: Cast) -> None:
        used(cast)
        assert "begin/self-neglect?person=P-3" in words(self.search(cast.worker, "p-3"))

    def test_nothing_typed(self, cast: Cast) -> None:
        assert "Enter the person's reference" in words(self.search(cast.worker, " "))

    def test_a_search_is_kept_with_what_was_looked_for(self, cast: Cast) -> None:
        self.search(cast.worker, "p-3")
        assert AccessEntry.objects.get(page="person supported, search").detail == "P-3"

    @pytest.mark.parametrize("who", ["administrator", "commissioner", "inspector"])
    def test_who_works_in_no_team_has_no_such_page(self, cast: Cast, who: str) -> None:
        assert self.search(cast.people()[who], "P-1").status_code == 404


@pytest.mark.django_db
class TestBeginPage:
    @pytest.fixture(autouse=True)
    def _now(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(10))
        self.version: PathwayVersion = used(cast)

    address = "/pathways/begin/self-neglect"

    def send(self, person: Person, **data: Any) -> HttpResponse:
        return signed_in(person).post(f"{self.address}?person=P-1042", {"submission_key": "k", **data}, follow=True)

    def test_the_answer_says_how_many_and_what_is_to_be_done(self, cast: Cast) -> None:
        told = words(self.send(cast.worker, present=TWO))
        assert "Written down: Self-neglect checklist." in told
        assert "2 of 5 are present. Consult the duty manager or safeguarding lead. Due by the end of today." in told
        record = PathwayRecord.objects.get()
        assert (record.happened_at, record.decided_at) == (hours(10), hours(10))

    def test_one_is_not_yet_a_reason_to_consult(self, cast: Cast) -> None:
        told = words(self.send(cast.worker, present=["infection-risk"]))
        assert "1 of 5 is present." in told
        assert not Obligation.objects.filter(kind="pathways.owed").exists()

    def test_another_time_can_be_said(self, cast: Cast) -> None:
        self.send(cast.worker, present=TWO, happened_at=hours(4).isoformat())
        assert PathwayRecord.objects.get().happened_at == hours(4)

    def test_nothing_ticked_is_said_beside_the_boxes_and_what_was_written_is_kept(self, cast: Cast) -> None:
        told = words(self.send(cast.worker, seen="She looked well to me."))
        assert "with none of them nothing is opened" in told
        assert "She looked well to me." in told
        assert not PathwayCase.objects.exists()

    def test_what_to_look_for_stands_under_each(self, cast: Cast) -> None:
        shown = words(signed_in(cast.worker).get(f"{self.address}?person=P-1042"))
        for indicator in library()["self-neglect"].indicators:
            assert indicator.label in shown
            assert all(part in shown for part in indicator.look_for)

    def test_an_open_case_leads_to_its_own_checklist_with_last_time_s_answers(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 1, by=cast.colleague, present=TWO)
        went = signed_in(cast.worker).get(f"{self.address}?person=p-1042", follow=True)
        assert went.redirect_chain == [(reverse("pathways:write", args=[case.pk, "checklist"]), 302)]
        assert "Last time: 2 of 5 present" in words(went)
        assert "Corin Vale" in words(went)

    def test_whoever_works_in_several_teams_is_asked_which(self, cast: Cast) -> None:
        told = words(self.send(cast.lead, present=TWO))
        assert "Choose the team" in told
        self.send(cast.lead, present=TWO, team=str(cast.east.pk))
        assert PathwayCase.objects.get().team == cast.east

    def test_a_team_one_does_not_work_in_cannot_be_chosen(self, cast: Cast) -> None:
        assign_role(by=SET_UP, at=NOW, person=cast.worker, role=Role.SUPPORT_WORKER, place=cast.south.place)
        person = Person.objects.get(pk=cast.worker.pk)
        self.send(person, present=TWO, team=str(cast.east.pk))
        assert not PathwayCase.objects.exists()

    def test_without_a_reference_it_is_asked_for(self, cast: Cast) -> None:
        client = signed_in(cast.worker)
        told = words(client.post(self.address, {"submission_key": "k", "present": TWO}))
        assert "Enter the person's reference" in told
        client.post(self.address, {"submission_key": "k", "present": TWO, "person_reference": "p-6"})
        assert PathwayCase.objects.get().person_supported.reference == "P-6"

    def test_from_an_incident(self, cast: Cast) -> None:
        incident = an_incident(by=cast.worker, team=cast.north, person_reference="P-9")
        signed_in(cast.duty_manager).post(
            f"{self.address}?incident={incident.pk}",
            {"submission_key": "k", "present": TWO, "team": str(cast.north.pk)},
        )
        case = PathwayCase.objects.get()
        assert (case.incident, case.person_supported.reference) == (incident, "P-9")

    @pytest.mark.parametrize("address", ["/pathways/begin/nothing", "/pathways/begin/lost-contact"])
    def test_a_pathway_that_is_not_in_use(self, cast: Cast, address: str) -> None:
        assert signed_in(cast.worker).get(address).status_code == 404

    @pytest.mark.parametrize(
        ("moment", "shown"), [(hours(10), "4 March 2026, 12:05pm"), (hours(-30), "2 March 2026, 8:05pm")]
    )
    def test_last_time_s_moment_is_london_s(self, cast: Cast, moment: datetime, shown: str) -> None:
        case = a_case(cast, at=hours(-40))
        a_record(case, "checklist", (moment - NOW) / timedelta(hours=1), by=cast.worker, present=TWO)
        page: Callable[[], str] = lambda: words(  # noqa: E731
            signed_in(cast.worker).get(reverse("pathways:write", args=[case.pk, "checklist"]))
        )
        assert shown in page()
