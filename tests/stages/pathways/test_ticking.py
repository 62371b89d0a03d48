"""A checklist as it is filled in: of this moment unless another is said, whole rows, last time's answers beside it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import AccessEntry
from saferpractice.incidents.rules import kept_reference
from saferpractice.jobs import sweeps
from saferpractice.pathways import operations, presenters
from saferpractice.pathways.forms import BeginForm, RecordForm, initial_of
from saferpractice.pathways.models import PathwayCase, PathwayRecord, SupervisionList
from saferpractice.pathways.presenters.ticking import counted, labels_of, last_time, ticked_codes, written
from saferpractice.pathways.queries import (
    case_to_tick,
    last_ticked,
    latest_case_on,
    library,
    team_of_person,
    teams_to_begin_in,
)
from tests.conftest import TestClock
from tests.factories.pathways import CONSULTATION, a_case, a_record, hours, used
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = pytest.mark.requirement("R17", "R18")
SELF_NEGLECT = library()["self-neglect"]
TWO = ["infection-risk", "refusal-of-care"]
FIVE = [indicator.id for indicator in SELF_NEGLECT.indicators]


class TestWords:
    @pytest.mark.parametrize(
        ("codes", "said"),
        [
            ([], "none of 5"),
            (FIVE[:1], "1 of 5"),
            (FIVE[:2], "2 of 5"),
            (FIVE, "5 of 5"),
            ([FIVE[0], FIVE[0]], "1 of 5"),
        ],
    )
    def test_how_many(self, codes: list[str], said: str) -> None:
        assert counted(SELF_NEGLECT, codes) == said

    def test_labels_stand_in_the_order_of_the_checklist(self) -> None:
        assert labels_of(SELF_NEGLECT, reversed(FIVE)) == tuple(one.label for one in SELF_NEGLECT.indicators)

    def test_a_code_that_is_gone_is_left_out(self) -> None:
        assert labels_of(SELF_NEGLECT, ["no-longer", FIVE[1]]) == ("Signs of infection risk",)

    def test_nothing_before_is_nothing(self) -> None:
        assert last_time(None) is None

    @pytest.mark.parametrize(
        ("typed", "kept"), [("p-1042", "P-1042"), ("  P-1042\t", "P-1042"), ("p  10 42", "P 10 42"), ("", "")]
    )
    def test_a_reference_however_it_was_typed(self, typed: str, kept: str) -> None:
        assert kept_reference(typed) == kept


class TestForm:
    """A form alone, without a page."""

    def form(self, code: str = "self-neglect", kind: str = "checklist", **data: Any) -> RecordForm:
        definition = library()[code]
        given = {"submission_key": "k", **data}
        return RecordForm(given, definition=definition, kind=definition.kinds[kind], now=NOW)

    def test_a_checklist_is_of_this_moment(self) -> None:
        form = self.form(present=TWO)
        assert form.is_valid(), form.errors
        assert form.moment(NOW) == NOW
        assert not form.says_when

    def test_unless_another_is_said(self) -> None:
        form = self.form(present=TWO, happened_at="2026-03-03T09:00:00+00:00")
        assert form.is_valid(), form.errors
        assert form.moment(NOW) == datetime.fromisoformat("2026-03-03T09:00:00+00:00")
        assert form.says_when

    @pytest.mark.parametrize("typed", ["2026-03-09T09:00:00+00:00", "yesterday"])
    def test_one_that_cannot_be_is_shown_unfolded(self, typed: str) -> None:
        form = self.form(present=TWO, happened_at=typed)
        assert not form.is_valid()
        assert form.says_when

    def test_part_of_a_moment_is_an_error_and_not_now(self) -> None:
        form = self.form(present=TWO, **{"happened_at-day": "3", "happened_at-month": "", "happened_at-year": ""})
        assert not form.is_valid()
        assert "happened_at" in form.errors

    def test_other_records_still_say_when(self) -> None:
        form = self.form("lost-contact", "missed-contact", what="no-reply")
        assert not form.is_valid()
        assert set(form.errors) == {"happened_at"}

    def test_what_is_put_right_keeps_saying_when(self) -> None:
        form = RecordForm(
            {"submission_key": "k", "present": TWO, "reason": "Slip"}, definition=SELF_NEGLECT,
            kind=SELF_NEGLECT.kinds["checklist"], correcting=True, now=NOW,
        )  # fmt: skip
        assert not form.is_valid()
        assert set(form.errors) == {"happened_at"}

    def test_none_of_these_and_something_is_asked_about(self) -> None:
        form = self.form(present=["none-of-these", *TWO])
        assert not form.is_valid()
        assert "Select what applies" in str(form.errors["present"])

    def test_none_of_these_is_an_empty_list(self) -> None:
        form = self.form(present=["none-of-these"])
        assert form.is_valid()
        assert form.values()["present"] == []

    def test_what_a_form_begins_with(self) -> None:
        kind = SELF_NEGLECT.kinds["checklist"]
        assert initial_of(kind, {"present": tuple(TWO), "gone": "x"}, None) == {"present": TWO, "happened_at": None}


@pytest.mark.django_db
class TestBeginForm:
    def form(self, cast: Cast, who: str, reference: str = "P-1", **data: Any) -> BeginForm:
        teams = teams_to_begin_in(cast.people()[who], NOW)
        return BeginForm(
            {"submission_key": "k", "present": TWO, **data}, definition=SELF_NEGLECT,
            kind=SELF_NEGLECT.begins_with, teams=teams, reference=reference, now=NOW,
        )  # fmt: skip

    def test_one_team_is_not_asked_for(self, cast: Cast) -> None:
        form = self.form(cast, "worker", team=str(cast.east.pk))
        assert "team" not in form.fields
        assert form.is_valid()
        assert (form.team(), form.reference()) == (cast.north, "P-1")

    def test_of_several_one_is_chosen(self, cast: Cast) -> None:
        assert set(self.form(cast, "lead").errors) == {"team"}
        form = self.form(cast, "lead", team=str(cast.east.pk))
        assert form.is_valid()
        assert form.team() == cast.east

    def test_a_known_reference_cannot_be_typed_over(self, cast: Cast) -> None:
        form = self.form(cast, "worker", person_reference="P-2")
        assert form.is_valid()
        assert form.reference() == "P-1"

    def test_an_unknown_one_is_asked_for_first(self, cast: Cast) -> None:
        form = self.form(cast, "lead", reference="")
        assert next(iter(form.fields)) == "person_reference"
        assert set(form.errors) == {"person_reference", "team"}


@pytest.mark.django_db
class TestWhichCase:
    def test_the_newest_open_one_in_the_teams_given(self, cast: Cast) -> None:
        old = a_case(cast, at=hours(-2))
        east = a_case(cast, by=cast.lead, team=cast.east, at=hours(-1))
        every = teams_to_begin_in(cast.lead, NOW)
        assert case_to_tick(cast.lead, NOW, "p-1042", "self-neglect") == east
        assert case_to_tick(cast.lead, NOW, "P-1042", "self-neglect", every.filter(pk=cast.north.pk)) == old
        assert case_to_tick(cast.lead, NOW, "P-1042", "self-neglect", every.filter(pk=cast.south.pk)) is None

    @pytest.mark.parametrize(("reference", "pathway"), [("P-10420", "self-neglect"), ("P-1042", "lost-contact")])
    def test_not_another_person_s_nor_another_pathway_s(self, cast: Cast, reference: str, pathway: str) -> None:
        a_case(cast)
        assert case_to_tick(cast.worker, NOW, reference, pathway) is None

    def test_a_closed_one_is_only_read(self, cast: Cast) -> None:
        case = a_case(cast, at=hours(-3))
        a_record(case, "checklist", -2, by=cast.worker, present=["infection-risk"])
        operations.close_case(by=cast.duty_manager, at=hours(-1), case=case, reason="Well.")
        assert case_to_tick(cast.worker, NOW, "P-1042", "self-neglect") is None
        assert latest_case_on(cast.worker, NOW, "P-1042", "self-neglect") == case

    def test_last_time_is_the_newest_that_stands(self, cast: Cast) -> None:
        case = a_case(cast)
        first = a_record(case, "checklist", 1, by=cast.worker, present=["infection-risk"])
        second = a_record(case, "checklist", 3, by=cast.worker, present=TWO)
        assert last_ticked(case) == second
        operations.correct_record(
            by=cast.worker, at=hours(4), record=second, happened_at=hours(3), values={}, reason="Another person",
            submission_key="c", withdrawn=True,
        )  # fmt: skip
        assert last_ticked(case) == first

    def test_written_late_it_is_not_last(self, cast: Cast) -> None:
        case = a_case(cast)
        newest = a_record(case, "checklist", 3, by=cast.worker, present=TWO)
        a_record(case, "checklist", 1, written=5, by=cast.worker, present=[])
        assert last_ticked(case) == newest

    def test_where_no_checklist_begins_there_is_no_last_time(self, cast: Cast) -> None:
        case = a_case(cast, "lost-contact")
        a_record(case, "missed-contact", 1, by=cast.worker, what="no-reply")
        assert last_ticked(case) is None
        assert last_ticked(None) is None

    def test_in_which_team_one_begins(self, cast: Cast) -> None:
        lead, worker = teams_to_begin_in(cast.lead, NOW), teams_to_begin_in(cast.worker, NOW)
        assert team_of_person(cast.worker, NOW, "P-1", worker) == cast.north
        assert team_of_person(cast.lead, NOW, "P-1", lead) is None
        a_case(cast, by=cast.lead, team=cast.east, person="P-1")
        assert team_of_person(cast.lead, NOW, "p-1", lead) == cast.east
        assert team_of_person(cast.lead, NOW, "P-1", lead.filter(service=cast.riverside)) is None


@pytest.mark.django_db
class TestWhatFollows:
    @pytest.mark.parametrize(
        ("present", "told"),
        [
            ([], "None of 5 is present. This case may be closed."),
            (FIVE[:1], "1 of 5 is present. This case may be closed."),
            (FIVE[:2], "2 of 5 are present. Consult the duty manager or safeguarding lead. Due by the end of today."),
            (FIVE, "5 of 5 are present. Consult the duty manager or safeguarding lead. Due by the end of today."),
        ],
    )
    def test_is_said_by_the_engine(self, cast: Cast, present: list[str], told: str) -> None:
        record = a_record(a_case(cast), "checklist", 0, by=cast.worker, present=present)
        assert written(record, NOW) == f"Written down: Self-neglect checklist. {told}"
        assert ticked_codes(record, SELF_NEGLECT) == present

    def test_a_service_that_asks_sooner_is_told_sooner(self, cast: Cast) -> None:
        used(cast)
        operations.set_local_values(
            by=cast.lead, at=NOW, service=cast.riverside, definition=SELF_NEGLECT, values={"how-many": 1}
        )
        record = a_record(a_case(cast), "checklist", 0, by=cast.worker, present=FIVE[:1])
        assert "1 of 5 is present. Consult the duty manager" in written(record, NOW)

    def test_a_record_that_is_no_checklist_says_what_it_is(self, cast: Cast) -> None:
        case = a_case(cast)
        a_record(case, "checklist", 0, by=cast.worker, present=TWO)
        record = a_record(case, "consultation", 1, by=cast.duty_manager, values=CONSULTATION)
        assert written(record, hours(1)) == "Written down: Consultation."

    @pytest.mark.requirement("R22")
    def test_a_second_missed_contact_says_all_that_is_owed_now(self, cast: Cast) -> None:
        """At night and at the weekend too: what must be done within hours is not first said on Monday."""
        case = a_case(cast, "lost-contact")
        first = a_record(case, "missed-contact", 0, by=cast.worker, what="no-reply")
        assert "Try the ways the person prefers" in written(first, NOW)
        second = a_record(case, "missed-contact", 1, by=cast.worker, what="not-at-home")
        said = written(second, hours(1))
        assert said.startswith("Written down: Missed contact. ")
        for owed in ("Tell duty leadership.", "Look at the risk indicators", "Start the welfare check route."):
            assert owed in said

    def test_tiles_only_for_what_one_writes(self, cast: Cast) -> None:
        used(cast)
        used(cast, "exploitation")
        for person, some in ((cast.worker, True), (cast.reviewer, False)):
            found = {tile.title for tile in presenters.tiles(person, NOW, "P-1")}
            assert bool(found) is some, person

    def test_a_reviewer_sees_an_open_case_without_a_button(self, cast: Cast) -> None:
        a_case(cast)
        (tile,) = presenters.tiles(cast.reviewer, NOW, "P-1042")
        assert tile.case is not None
        assert tile.href == ""


@pytest.mark.django_db
class TestPage:
    @pytest.fixture(autouse=True)
    def _case(self, cast: Cast, the_clock: TestClock) -> None:
        the_clock.stand_at(hours(10))
        self.case = a_case(cast)
        self.address = reverse("pathways:write", args=[self.case.pk, "checklist"])

    def post(self, cast: Cast, **data: Any) -> HttpResponse:
        return signed_in(cast.worker).post(self.address, {"submission_key": "k", **data}, follow=True)

    def test_saved_with_one_tap_it_is_of_now(self, cast: Cast, the_clock: TestClock) -> None:
        signed_in(cast.worker).get(self.address)
        the_clock.stand_at(hours(10) + timedelta(minutes=20))
        self.post(cast, present=TWO)
        record = PathwayRecord.objects.get()
        assert record.happened_at == record.decided_at == hours(10) + timedelta(minutes=20)

    def test_none_present_on_an_open_case_is_written_down(self, cast: Cast) -> None:
        told = words(self.post(cast, present=["none-of-these"]))
        assert "None of 5 is present." in told
        assert (PathwayRecord.objects.get().kind, PathwayRecord.objects.get().values) == (
            "checklist",
            {"present": []},
        )

    def test_left_empty_it_is_asked_again_and_nothing_is_written_down(self, cast: Cast) -> None:
        """Left empty it would read as if nothing were the matter, and close what earlier ticks opened."""
        shown = words(self.post(cast, seen="She would not open."))
        assert "Tick what is present, or say that none of these is." in shown
        assert "She would not open." in shown
        assert not re.search(r'value="none-of-these"[^>]* checked', shown)
        assert not PathwayRecord.objects.exists()

    def test_the_question_when_stands_folded_and_its_error_unfolded(self, cast: Cast) -> None:
        folded = words(signed_in(cast.worker).get(self.address))
        assert re.search(r'<details class="nhsuk-details">\s*<summary', folded)
        unfolded = words(self.post(cast, present=TWO, happened_at=hours(30).isoformat()))
        assert re.search(r'<details class="nhsuk-details" open>', unfolded)
        assert not PathwayRecord.objects.exists()

    def test_what_was_typed_is_kept_with_the_error(self, cast: Cast) -> None:
        shown = words(self.post(cast, present=TWO, seen="She would not open.", happened_at=hours(30).isoformat()))
        assert "She would not open." in shown
        assert len(re.findall(r'value="(?:infection-risk|refusal-of-care)"[^>]* checked', shown)) == 2

    def test_a_checklist_with_nothing_required_has_no_unfinished(self, cast: Cast) -> None:
        assert "Save unfinished" not in words(signed_in(cast.worker).get(self.address))
        address = reverse("pathways:write", args=[self.case.pk, "supervision"])
        assert "Save unfinished" in words(signed_in(cast.supervisor).get(address))

    def test_both_kinds_of_page_leave_a_look(self, cast: Cast) -> None:
        signed_in(cast.worker).get(self.address)
        signed_in(cast.worker).get(reverse("pathways:begin", args=["self-neglect"]) + "?person=P-5")
        looks = AccessEntry.objects.filter(by_id=cast.worker.pk).order_by("pk").values_list("page", "detail")
        assert list(looks) == [("pathway record", ""), ("pathway, beginning", "P-5")]


@pytest.mark.django_db
@pytest.mark.requirement("R19")
class TestWorker:
    def test_the_worker_draws_when_it_tidies(self, cast: Cast) -> None:
        case: PathwayCase = a_case(cast)
        sweeps.tidy(NOW)
        assert SupervisionList.objects.get(team=cast.north).case_ids == [str(case.pk)]

    def test_more_teams_than_one_round_takes_are_done_in_the_next(self, cast: Cast) -> None:
        a_case(cast)
        sweeps.supervise(NOW, limit=2)
        assert SupervisionList.objects.count() == 2
        sweeps.supervise(NOW, limit=2)
        assert SupervisionList.objects.count() == 3
        assert SupervisionList.objects.filter(draw__isnull=True).count() == 0

    def test_two_providers_are_each_drawn_for(self, cast: Cast) -> None:
        a_case(cast)
        other = cast.stranger.provider
        service = other.services.create(name="Their service")
        team = other.teams.create(service=service, name="Their team")
        operations.put_in_use(by=cast.stranger, at=hours(-24 * 60), provider=other, definition=SELF_NEGLECT)
        sweeps.supervise(NOW)
        assert SupervisionList.objects.get(team=team).provider_id == other.pk
        assert SupervisionList.objects.filter(provider=other).count() == 1
