"""What is gathered reaches everything about one person and nothing else, for whoever may and while they may."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.access.operations import assign_role, end_role, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.deadlines.models import Obligation
from saferpractice.home.models import AddedWords, GatheredRecords, PlacesConfirmed, RecordsRelease
from saferpractice.home.operations import add_words, confirm_places, gather_records, release_records
from saferpractice.home.queries import held_about
from saferpractice.home.queries.answering import answer_of, files_of
from saferpractice.home.queries.gathering import gather
from saferpractice.incidents.models import Incident, PersonSupported
from saferpractice.incidents.operations import decide_restriction, end_named_access, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.pathways.models import PathwayCase
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from saferpractice.trail.sealing import seal
from tests.conftest import TestClock
from tests.factories.held import answer, confirmed, gathered, released
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case, a_record
from tests.factories.web import signed_in, words
from tests.personas import NOW, SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R34")]

LATER = NOW + timedelta(hours=6)
TOLD = "Maud had not eaten. Her brother Tom Ellery rang 01632 960123; Wren Ashdown stayed."


@pytest.fixture
def incident(cast: Cast) -> Incident:
    return an_incident(by=cast.worker, team=cast.north, what_happened=TOLD, person_name="Maud Ellery")


@pytest.fixture
def row(cast: Cast, incident: Incident) -> GatheredRecords:
    return gathered(person_of(incident).pk, by=cast.lead)


def person_of(incident: Incident) -> PersonSupported:
    assert incident.person_supported is not None
    return incident.person_supported


def records_of(by: Person, person: PersonSupported) -> list[dict[str, Any]]:
    held = held_about(by, LATER, person.pk)
    if held is None:
        return []
    found: list[dict[str, Any]] = gather(held).plain()["records"]
    return found


def kinds_of(by: Person, person: PersonSupported) -> set[str]:
    return {one["kind"] for one in records_of(by, person)}


def owing(cast: Cast, incident: Incident | None, **more: Any) -> PathwayCase:
    """A case with a duty to consult, opened by the lead, who may open every incident here."""
    case = a_case(cast, by=cast.lead, incident=incident, **more)
    a_record(case, "checklist", 1, by=cast.lead, present=("infection-risk", "refusal-of-care"))
    return case


class TestWhatOnlyNamedPeopleMayKnow:
    @pytest.fixture
    def kept(self, cast: Cast, incident: Incident) -> Incident:
        """A restricted incident about the same person, with a case on it, of which the director may not know."""
        made = an_incident(by=cast.lead, team=cast.north, restricted=True, restricted_reason="About a colleague")
        owing(cast, made)
        end_named_access(by=cast.lead, at=NOW, named=made.named_access.get(person=cast.director))
        return made

    def test_what_is_owed_in_it_is_told_to_who_may_read_it(self, cast: Cast, kept: Incident) -> None:
        told = json.dumps(records_of(cast.lead, person_of(kept)), ensure_ascii=False)
        hidden = [one.title for one in Obligation.objects.filter(story_id=kept.pk)]
        assert len(hidden) > 1
        assert all(title in told for title in hidden)

    def test_and_not_even_that_something_is_owed_to_anybody_else(self, cast: Cast, kept: Incident) -> None:
        assert Obligation.objects.filter(person_supported_id=person_of(kept).pk, restricted=True).exists()
        told = json.dumps(records_of(cast.director, person_of(kept)), ensure_ascii=False)
        hidden = [one.title for one in Obligation.objects.filter(story_id=kept.pk)]
        assert hidden
        assert not [title for title in hidden if title in told]
        assert "Pathway" not in told

    def test_a_duty_on_a_case_without_an_incident_is_told_to_both(self, cast: Cast, incident: Incident) -> None:
        case = owing(cast, None)
        owed = [one.title for one in Obligation.objects.filter(person_supported_id=case.person_supported_id)]
        assert owed
        for by in (cast.lead, cast.director):
            told = json.dumps(records_of(by, person_of(incident)), ensure_ascii=False)
            assert all(title in told for title in owed)


class TestNothingIsForgotten:
    def test_a_case_from_an_incident_that_names_nobody(self, cast: Cast, incident: Incident) -> None:
        """The report says "a man at the door"; the case says who he is."""
        unnamed = an_incident(by=cast.worker, team=cast.north, person_reference="")
        assert unnamed.person_supported is None
        owing(cast, unnamed)
        assert {"Pathway case", "Pathway record", "Obligation"} <= kinds_of(cast.lead, person_of(incident))

    def test_also_where_nothing_else_is_held(self, cast: Cast) -> None:
        case = owing(cast, an_incident(by=cast.worker, team=cast.north, person_reference=""), person="P-77")
        assert "Pathway record" in kinds_of(cast.lead, case.person_supported)

    def test_but_not_where_that_incident_may_not_be_read(self, cast: Cast) -> None:
        unnamed = an_incident(
            by=cast.lead, team=cast.north, restricted=True, restricted_reason="A colleague", person_reference=""
        )
        case = owing(cast, unnamed, person="P-77")
        end_named_access(by=cast.lead, at=NOW, named=unnamed.named_access.get(person=cast.director))
        assert records_of(cast.director, case.person_supported) == []
        assert records_of(cast.lead, case.person_supported)

    def test_whoever_is_kept_from_that_incident_answers_nothing_about_the_person(
        self, cast: Cast, incident: Incident
    ) -> None:
        """As for one that names the person: half an answer would tell them of it."""
        unnamed = an_incident(by=cast.worker, team=cast.north, person_reference="")
        owing(cast, unnamed)
        keep_from(by=cast.lead, at=NOW, incident=unnamed, person=cast.director, because=KeptFromReason.ALLEGED_SOURCE)
        assert records_of(cast.director, person_of(incident)) == []

    def test_a_report_that_was_withdrawn_is_still_held(self, cast: Cast, incident: Incident) -> None:
        withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="It was reported twice.")
        told = json.dumps(records_of(cast.lead, person_of(incident)), ensure_ascii=False)
        assert TOLD in told
        assert "It was reported twice." in told

    @pytest.mark.parametrize("sort", ["another person", "another provider"])
    def test_and_nothing_of_others_is_in_it(self, sort: str, cast: Cast, incident: Incident) -> None:
        before = len(records_of(cast.lead, person_of(incident)))
        if sort == "another person":
            owing(cast, an_incident(by=cast.worker, team=cast.north, person_reference="P-9"), person="P-9")
        else:
            case = owing(cast, None, person="P-9")
            Obligation.objects.filter(person_supported_id=case.person_supported_id).update(
                provider_id=cast.stranger.provider_id, person_supported_id=person_of(incident).pk
            )
        assert len(records_of(cast.lead, person_of(incident))) == before
        assert held_about(cast.stranger, LATER, person_of(incident).pk) is None


OPERATIONS = ("gather", "add words", "confirm", "release")


def do(which: str, by: Any, row: GatheredRecords, at: datetime = NOW) -> Any:
    if which == "gather":
        return gather_records(
            by=by, at=at, person=row.person_supported, asked_by="x", asked_on=date(2026, 3, 1), submission_key="other"
        )
    if which == "add words":
        return add_words(by=by, at=at, gathered=row, words="Tom Ellery")
    if which == "confirm":
        return confirm_places(by=by, at=at, gathered=row, taken_out=["anything"], kept=[])
    return release_records(by=by, at=at, gathered=row, to_whom="x", how="y")


def written() -> tuple[int, ...]:
    models: tuple[Any, ...] = (GatheredRecords, AddedWords, PlacesConfirmed, RecordsRelease, TrailEntry)
    return tuple(model.objects.count() for model in models)


class TestWhoMay:
    @pytest.mark.parametrize(
        "name",
        [
            "worker", "duty_manager", "supervisor", "reviewer", "quality_lead", "administrator", "commissioner",
            "inspector", "stranger",
        ],
    )  # fmt: skip
    def test_every_step_is_refused_to_everybody_else(self, name: str, cast: Cast, row: GatheredRecords) -> None:
        before = written()
        for which in OPERATIONS:
            with pytest.raises(Refused, match="may gather what is held about somebody"):
                do(which, cast.people()[name], row)
        assert written() == before

    def test_no_process_answers_for_a_person(self, row: GatheredRecords) -> None:
        before = written()
        for which in OPERATIONS:
            with pytest.raises(Refused):
                do(which, SET_UP, row)
        assert written() == before

    @pytest.mark.parametrize("place", ["service", "team"])
    @pytest.mark.parametrize("role", [Role.SAFEGUARDING_LEAD, Role.DIRECTOR])
    def test_the_role_over_a_part_of_the_provider_is_not_enough(
        self, role: Role, place: str, cast: Cast, row: GatheredRecords
    ) -> None:
        where = cast.north.place if place == "team" else Place(cast.provider.pk, cast.riverside.pk)
        assign_role(by=cast.administrator, at=NOW, person=cast.colleague, role=role, place=where)
        local = Person.objects.get(pk=cast.colleague.pk)
        for which in OPERATIONS:
            with pytest.raises(Refused, match="may gather"):
                do(which, local, row)
        assert signed_in(local).get(reverse("home:gather", args=[row.person_supported_id])).status_code == 404

    @pytest.mark.parametrize("how", ["role ended", "sign-in closed", "restricted", "kept from it"])
    def test_whoever_may_no_longer_stops_in_the_middle(
        self, how: str, cast: Cast, incident: Incident, the_clock: TestClock
    ) -> None:
        """The director began; every page is gone then, every step refused, and the lead can still answer."""
        the_clock.stand_at(LATER)
        mine = gathered(person_of(incident).pk, by=cast.director)
        confirmed(mine, by=cast.director)
        if how == "role ended":
            end_role(by=cast.administrator, at=NOW, assignment=cast.director.role_assignments.get())
        elif how == "sign-in closed":
            set_active(by=cast.administrator, at=NOW, person=cast.director, active=False)
        elif how == "restricted":
            decide_restriction(by=cast.lead, at=NOW, incident=incident, restricted=True, reason="About a colleague")
            for named in incident.named_access.filter(person=cast.director):
                end_named_access(by=cast.lead, at=NOW, named=named)
        else:
            reason = KeptFromReason.ALLEGED_SOURCE
            keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.director, because=reason)
        director, before = Person.objects.get(pk=cast.director.pk), written()
        for which in OPERATIONS:
            with pytest.raises(Refused):
                do(which, director, mine, LATER)
        assert written() == before
        assert answer_of(director, LATER, mine.pk) is None
        if director.is_active:
            seen = {visit(director, name, mine.pk).status_code for name in PAGES}
            assert seen == {404}
        assert released(person_of(incident).pk, by=cast.lead, at=LATER)

    def test_what_was_released_is_closed_to_them_too(self, cast: Cast, incident: Incident) -> None:
        mine = released(person_of(incident).pk, by=cast.director)
        assert visit(cast.director, "gathered", mine.pk).status_code == 200
        reason = KeptFromReason.ALLEGED_SOURCE
        keep_from(by=cast.lead, at=NOW, incident=incident, person=cast.director, because=reason)
        assert {visit(cast.director, name, mine.pk).status_code for name in PAGES} == {404}

    def test_a_refused_page_leaves_no_look_and_a_shown_one_does(self, cast: Cast, row: GatheredRecords) -> None:
        for by, looks in ((cast.director, 0), (cast.lead, 2)):
            for name in ("gathered", "gathered_preview"):
                visit(by, name, row.pk)
            assert AccessEntry.objects.filter(by_id=by.pk, story_id=row.person_supported_id).count() == looks


PAGES = ("gathered", "gathered_preview", "gathered_pack", "gathered_words", "release_gathered")


def visit(by: Person, name: str, pk: object, **sent: Any) -> HttpResponse:
    client, address = signed_in(by), reverse(f"home:{name}", args=[pk])
    if sent or name in ("gathered_words", "release_gathered"):
        return client.post(address, sent, follow=True)  # type: ignore[return-value]
    return client.get(address, follow=True)  # type: ignore[return-value]


class TestTheForm:
    @pytest.mark.parametrize(
        ("asked_on", "at", "taken"),
        [
            (date(2026, 7, 2), datetime(2026, 7, 1, 23, 0, tzinfo=UTC), True),
            (date(2026, 7, 2), datetime(2026, 7, 1, 22, 59, tzinfo=UTC), False),
            (date(2026, 12, 2), datetime(2026, 12, 1, 23, 59, tzinfo=UTC), False),
            (date(2026, 12, 2), datetime(2026, 12, 2, 0, 0, tzinfo=UTC), True),
            (date(1990, 1, 1), NOW, True),
        ],
        ids=["summer midnight", "before it", "before winter's", "winter midnight", "long ago"],
    )
    def test_today_is_the_day_in_london(
        self, asked_on: date, at: datetime, taken: bool, cast: Cast, incident: Incident
    ) -> None:
        def ask() -> GatheredRecords:
            return gather_records(
                by=cast.lead, at=at, person=person_of(incident), asked_by="x", asked_on=asked_on, submission_key="k"
            )

        if taken:
            assert ask().asked_on == asked_on
            return
        with pytest.raises(Invalid, match="today or in the past"):
            ask()
        assert not GatheredRecords.objects.exists()

    @pytest.mark.parametrize("differs", ["about whom", "who asked", "when", "sent by"])
    def test_a_form_sent_twice_never_answers_with_what_it_did_not_ask(
        self, differs: str, cast: Cast, incident: Incident
    ) -> None:
        other = an_incident(by=cast.worker, team=cast.north, person_reference="P-77")
        sent: dict[str, Any] = {
            "by": cast.lead, "person": person_of(incident), "asked_by": "She", "asked_on": date(2026, 3, 1),
        }  # fmt: skip
        gather_records(**sent, at=NOW, submission_key="k")
        sent |= {
            "about whom": {"person": person_of(other)},
            "who asked": {"asked_by": "Her son"},
            "when": {"asked_on": date(2026, 3, 2)},
            "sent by": {"by": cast.director},
        }[differs]
        expected = Invalid if differs == "sent by" else SentBefore
        with pytest.raises(expected):
            gather_records(**sent, at=LATER, submission_key="k")
        assert GatheredRecords.objects.count() == 1

    @pytest.mark.parametrize(
        ("answers", "problem"),
        [
            ({"asked_by": ""}, "Enter who asked"),
            ({"asked_by": "   "}, "Enter who asked"),
            ({"asked_by": "x" * 201}, "200"),
            ({"asked_on": ""}, "Answer “When did they ask?”"),
            ({"asked_on": "2026-02-30"}, "The day on which they asked"),
            ({"asked_on": "2026-03-05"}, "The day on which they asked"),
            ({"asked_on": "9999-12-31"}, "Year must be between 1900 and 2100"),
        ],
        ids=["nobody", "spaces", "long", "no day", "no such day", "tomorrow", "far"],
    )
    def test_what_is_no_request_is_shown_again_with_what_was_typed(
        self, answers: dict[str, str], problem: str, cast: Cast, incident: Incident, the_clock: TestClock
    ) -> None:
        the_clock.stand_at(NOW)
        sent = {"asked_by": "Her solicitor ✉️", "asked_on": "2026-03-01", "submission_key": "k"} | answers
        page = visit(cast.lead, "gather", person_of(incident).pk, **sent)
        assert "There is a problem" in words(page)
        assert problem in words(page)
        if "asked_by" not in answers:
            assert "Her solicitor ✉️" in words(page)
        assert not GatheredRecords.objects.exists()


HARD = {
    "long": "Nobody came. " * 760,
    "emoji": "She smiled 🙂👩🏽‍⚕️ and left.",
    "right to left": "She said \u202eabc\u202c and \u05e9\u05dc\u05d5\u05dd.",
    "markup": "</dd><script>alert(1)</script> &amp; <!-- {{ 7*7 }}",
    "lines": "One\n\n\tTwo\r\nThree",
    "marks": "¶ [removed] ¶",
}


class TestWhatLeaves:
    @pytest.mark.parametrize("sort", sorted(HARD))
    def test_whatever_was_typed_leaves_as_it_was_in_both_files(self, sort: str, cast: Cast) -> None:
        made = an_incident(by=cast.worker, team=cast.north, what_happened=HARD[sort])
        row = gathered(person_of(made).pk, by=cast.lead)
        confirmed(row, by=cast.lead)
        files = files_of(answer(row, cast.lead))
        texts = [part["text"] for one in json.loads(files["records.json"])["records"] for part in one["parts"]]
        assert made.what_happened in texts
        page = files["records.html"].decode()
        assert not re.search(r"<script|<!--|49", re.sub(r"<!DOCTYPE[^>]*>", "", page))
        assert page.count("<dd>") == page.count("</dd>") == len(texts), "each text stands once, within its own element"

    def test_words_added_after_everything_was_confirmed_are_asked_about(self, cast: Cast, row: GatheredRecords) -> None:
        confirmed(row, by=cast.lead)
        assert add_words(by=cast.lead, at=NOW, gathered=row, words="had not eaten") == 1
        with pytest.raises(Refused, match="1 place is still"):
            do("release", cast.lead, row)
        assert "had not eaten" not in files_of(answer(row, cast.lead))["records.html"].decode()
        confirmed(row, by=cast.lead)
        do("release", cast.lead, row)

    def test_a_place_that_was_kept_is_asked_about_again_when_it_grows(self, cast: Cast, row: GatheredRecords) -> None:
        """That a number may stay is no answer to whether "Ellery rang" with it may."""
        confirmed(row, by=cast.lead, keep="01632 960123")
        assert add_words(by=cast.lead, at=NOW, gathered=row, words="rang 01632") == 1
        assert "01632 9" not in files_of(answer(row, cast.lead))["records.html"].decode()
        with pytest.raises(Refused, match="still to be confirmed"):
            do("release", cast.lead, row)

    def test_questions_on_a_page_from_before_that_decide_nothing(self, cast: Cast, row: GatheredRecords) -> None:
        page = visit(cast.lead, "gathered", row.pk).content.decode()
        shown = re.findall(r'name="question" value="(\w+)"', page)
        add_words(by=cast.lead, at=NOW, gathered=row, words="rang 01632")
        said = words(visit(cast.lead, "gathered", row.pk, question=shown, keep=shown))
        assert "The places have changed" in said
        assert not PlacesConfirmed.objects.exists()

    def test_a_release_sent_twice_is_one(self, cast: Cast, row: GatheredRecords) -> None:
        confirmed(row, by=cast.lead)
        sent = {"to_whom": "Maud", "how": "by hand", "read": "on"}
        assert "The release is recorded" in words(visit(cast.lead, "release_gathered", row.pk, **sent))
        again = words(visit(cast.lead, "release_gathered", row.pk, **(sent | {"to_whom": "Tom"})))
        assert "were released" in again
        assert RecordsRelease.objects.get().to_whom == "Maud"

    @pytest.mark.parametrize("lacks", ["to_whom", "how", "read"])
    def test_nothing_is_released_without(self, lacks: str, cast: Cast, row: GatheredRecords) -> None:
        confirmed(row, by=cast.lead)
        sent = {"to_whom": "Maud", "how": "by hand", "read": "on"}
        page = visit(cast.lead, "release_gathered", row.pk, **{key: sent[key] for key in sent if key != lacks})
        assert "There is a problem" in words(page)
        assert not RecordsRelease.objects.exists()

    def test_what_was_written_since_the_gathering_is_in_no_file(
        self, cast: Cast, incident: Incident, tmp_path: Path, settings: Any
    ) -> None:
        """What leaves is what was read and confirmed, and its proofs show no words of anything else."""
        settings.TRAIL_KEY_FILE = str(tmp_path / "trail-key")
        settings.TRAIL_PUBLIC_KEY_FILE = str(tmp_path / "trail-key.pub")
        row = released(person_of(incident).pk, by=cast.lead)
        promised = RecordsRelease.objects.get().manifest_sha256
        an_incident(by=cast.worker, team=cast.north, what_happened="Quince marmalade.", at=LATER)
        withdraw_incident(by=cast.lead, at=LATER, incident=incident, reason="Quince jelly.")
        seal(provider_id=cast.provider.pk, at=LATER)
        with zipfile.ZipFile(BytesIO(visit(cast.lead, "gathered_pack", row.pk).content)) as archive:
            files = {name: archive.read(name).decode() for name in archive.namelist()}
        assert not [name for name, text in files.items() if "Quince" in text]
        assert promised in files["proofs.json"]
        assert "Wren" not in files["records.html"] + files["proofs.json"]


def test_the_trail_of_an_answer_holds_no_word_of_it(cast: Cast, incident: Incident) -> None:
    gathered_row = gather_records(
        by=cast.lead, at=NOW, person=person_of(incident), asked_by="Maud's son Tom", asked_on=date(2026, 3, 1),
        submission_key="k",
    )  # fmt: skip
    add_words(by=cast.lead, at=NOW, gathered=gathered_row, words="had not eaten")
    confirmed(gathered_row, by=cast.lead)
    release_records(by=cast.lead, at=NOW, gathered=gathered_row, to_whom="the person", how="by hand")
    entries = TrailEntry.objects.filter(operation__startswith="home.").order_by("sequence")
    assert [one.operation.removeprefix("home.") for one in entries] == [
        "gather_records", "add_words", "confirm_places", "release_records",
    ]  # fmt: skip
    assert {one.subject_id for one in entries} == {gathered_row.pk}
    told = json.dumps([[one.sentence, one.facts] for one in entries])
    for word in ("Maud", "Tom", "Ellery", "01632 9", "eaten", "Wren"):
        assert word not in told
    out, kept = entries[2].facts["taken_out"], entries[2].facts["kept"]
    assert (entries[3].facts["taken_out"], entries[3].facts["kept"]) == (out, kept)
    assert out > 0


class TestTheList:
    @pytest.mark.parametrize(
        ("now", "says"),
        [
            (datetime(2026, 4, 4, 22, 59, tzinfo=UTC), "Not released"),
            (datetime(2026, 4, 4, 23, 0, tzinfo=UTC), "Late"),
        ],
        ids=["last minute of the last day", "midnight in London"],
    )
    def test_says_how_far_each_is(
        self, now: datetime, says: str, cast: Cast, row: GatheredRecords, the_clock: TestClock
    ) -> None:
        the_clock.stand_at(now)
        page = words(signed_in(cast.lead).get(reverse("home:records")))
        states = re.findall(r"nhsuk-tag[^>]*>\s*(Late|Not released|Released)\s*<", page)
        assert states == [says]
        confirmed(row, by=cast.lead)
        do("release", cast.lead, row)
        assert re.findall(
            r"nhsuk-tag[^>]*>\s*(Late|Not released|Released)\s*<",
            words(signed_in(cast.lead).get(reverse("home:records"))),
        ) == ["Released"]

    def test_holds_what_one_gathered_oneself(self, cast: Cast, row: GatheredRecords) -> None:
        address = reverse("home:gathered", args=[row.pk])
        shown = {
            name: address in words(signed_in(cast.people()[name]).get(reverse("home:records")))
            for name in ("lead", "director", "quality_lead")
        }
        assert shown == {"lead": True, "director": False, "quality_lead": False}
