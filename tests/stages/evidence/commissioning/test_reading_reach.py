"""Whose published quarters somebody reads, for how long, and the trace that each look leaves."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person, Team
from saferpractice.access.operations import assign_role, end_role, let_commissioner_read, set_active
from saferpractice.access.rules import Place, Role
from saferpractice.evidence.models import PublishedQuarter
from saferpractice.evidence.queries.commissioning import quarters_read
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused, SentBefore
from tests.factories.commissioning import (
    IN_QUARTER,
    PUBLISHED_AT,
    QUARTER,
    TRIAGE,
    a_target,
    another_provider,
    duties,
    published,
    somebody,
)
from tests.factories.web import signed_in, words
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.requirement("R32"), pytest.mark.usefixtures("db")]

OF_A_QUARTER = ("commissioner_quarter", "commissioner_file")
OF_A_CONTRACT = ("schedule", "schedule_file", "schedule_pdf")
PAGES = (*OF_A_QUARTER, *OF_A_CONTRACT)
LET_IN_AT = PUBLISHED_AT - timedelta(days=1)


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(PUBLISHED_AT)


def page(by: Person, name: str, provider_id: object, code: str = QUARTER.code) -> HttpResponse:
    args = [provider_id, code] if name in OF_A_QUARTER else [provider_id]
    return signed_in(by).get(reverse(f"evidence:{name}", args=args))  # type: ignore[return-value]


def again(person: Person) -> Person:
    """As the next request finds them."""
    return Person.objects.get(pk=person.pk)


def lines(response: HttpResponse) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


class TestEachLook:
    @pytest.mark.parametrize(
        ("name", "written", "detail"),
        [
            ("commissioner_quarter", "published quarter", "Example Care, Q3 2025/26"),
            ("commissioner_file", "published quarter as a file", "Example Care, Q3 2025/26"),
            ("schedule", "contract measures", "Example Care"),
            ("schedule_file", "contract measures as a file", "Example Care"),
            ("schedule_pdf", "contract measures as a PDF", "Example Care"),
        ],
    )
    def test_is_written_down(self, name: str, written: str, detail: str, cast: Cast) -> None:
        published(cast)
        assert page(cast.commissioner, name, cast.provider.pk).status_code == 200
        one = AccessEntry.objects.get(by_id=cast.commissioner.pk)
        assert (one.page, one.detail, one.at, one.story_id) == (written, detail, PUBLISHED_AT, None)
        assert (one.by_name, one.by_role, one.provider_id) == ("Cass Wyre", "Commissioner", cast.provider.pk)

    def test_at_providers_beside_each_other_says_by_what(self, cast: Cast) -> None:
        published(cast)
        client = signed_in(cast.commissioner)
        client.get(reverse("evidence:compare"), {"measure": TRIAGE, "quarter": "<b>Wren</b>"})
        one = AccessEntry.objects.get(by_id=cast.commissioner.pk)
        assert (one.page, one.detail) == ("published quarters compared", f"{TRIAGE}, Q3 2025/26")

    def test_of_a_service_says_which(self, cast: Cast) -> None:
        published(cast)
        local = somebody("harbour.commissioner", Role.COMMISSIONER, Place(cast.provider.pk, cast.harbour.pk))
        page(local, "commissioner_quarter", cast.provider.pk)
        assert AccessEntry.objects.get(by_id=local.pk).detail == f"{cast.harbour.name}, Example Care, Q3 2025/26"

    def test_at_what_is_not_there_leaves_none(self, cast: Cast) -> None:
        published(cast)
        for by in (cast.quality_lead, cast.inspector, cast.stranger):
            assert {page(by, name, cast.provider.pk).status_code for name in PAGES} == {404}
        assert page(cast.commissioner, "commissioner_quarter", cast.provider.pk, "2025-2").status_code == 404
        assert not AccessEntry.objects.exists()

    def test_that_cannot_be_written_does_not_happen(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        published(cast)

        def fails(**_: Any) -> None:
            raise DatabaseError("no room")

        monkeypatch.setattr("saferpractice.evidence.views.commissioning.record_look", fails)
        for name in PAGES:
            with pytest.raises(DatabaseError):
                page(cast.commissioner, name, cast.provider.pk)

    @pytest.mark.parametrize("name", PAGES)
    def test_changes_nothing(self, name: str, cast: Cast) -> None:
        published(cast)
        args = [cast.provider.pk, QUARTER.code] if name in OF_A_QUARTER else [cast.provider.pk]
        before = TrailEntry.objects.count()
        assert signed_in(cast.commissioner).post(reverse(f"evidence:{name}", args=args)).status_code == 405
        assert TrailEntry.objects.count() == before
        assert not AccessEntry.objects.exists()


class TestWhose:
    @pytest.fixture
    def other(self, cast: Cast) -> Team:
        """Another provider, which let the commissioner of this one read what it publishes."""
        team = another_provider("Zinnia Care")
        published(cast, provider=team.provider, by=SET_UP)
        let_commissioner_read(
            by=SET_UP, at=LET_IN_AT, provider=team.provider, email=cast.commissioner.email,
            place=Place(team.provider_id),
        )  # fmt: skip
        return team

    @pytest.mark.parametrize(
        ("ended", "here", "there"),
        [
            ("nothing", 200, 200),
            ("role there", 200, 404),
            ("role here", 404, 404),
            ("sign-in", 302, 302),
        ],
    )
    def test_while_the_role_holds_that_lets_them(
        self, ended: str, here: int, there: int, cast: Cast, other: Team
    ) -> None:
        """At another provider only while they are a commissioner at their own."""
        published(cast)
        person = again(cast.commissioner)
        held = {one.provider_id: one for one in person.role_assignments.all()}
        if ended == "sign-in":
            set_active(by=cast.administrator, at=PUBLISHED_AT, person=person, active=False)
        elif ended != "nothing":
            place = other.provider_id if ended == "role there" else cast.provider.pk
            end_role(by=SET_UP, at=PUBLISHED_AT, assignment=held[place])
        person = again(cast.commissioner)
        for name in PAGES:
            found = page(person, name, cast.provider.pk), page(person, name, other.provider_id)
            assert tuple(one.status_code for one in found) == (here, there), name
        read = {one.provider.name for one in quarters_read(person, PUBLISHED_AT)}
        expected = {name for name, code in (("Example Care", here), ("Zinnia Care", there)) if code == 200}
        assert read == expected

    def test_not_before_it_begins_nor_after_it_ended(self, cast: Cast, other: Team) -> None:
        def read(days: int) -> list[str]:
            found = quarters_read(again(cast.commissioner), PUBLISHED_AT + timedelta(days=days))
            return [one.provider.name for one in found]

        held = cast.commissioner.role_assignments.get(provider_id=other.provider_id)
        end_role(by=SET_UP, at=PUBLISHED_AT + timedelta(days=10), assignment=held)
        assert [read(days) for days in (-2, -1, 9, 10, 11)] == [[], ["Zinnia Care"], ["Zinnia Care"], [], []]

    @pytest.mark.parametrize("order", ["service first", "whole first"])
    def test_the_whole_provider_stands_before_a_service(self, order: str, cast: Cast) -> None:
        duties(cast.north, 31, 10)
        duties(cast.east, 22, 6)
        published(cast)
        places = [Place(cast.provider.pk, cast.harbour.pk), Place(cast.provider.pk)]
        first, second = places if order == "service first" else reversed(places)
        reader = somebody("both", Role.COMMISSIONER, first)
        assign_role(by=SET_UP, at=PUBLISHED_AT, person=reader, role=Role.COMMISSIONER, place=second)
        (one,) = quarters_read(again(reader), PUBLISHED_AT)
        assert one.place is None
        services = {each["Service"] for each in lines(page(reader, "commissioner_file", cast.provider.pk))}
        assert services == {"", cast.riverside.name, cast.harbour.name}

    @pytest.mark.parametrize("name", ["compare", "commissioner", *PAGES[:4]])
    def test_of_a_service_no_page_tells_of_another(self, name: str, cast: Cast) -> None:
        duties(cast.north, 31, 10)
        duties(cast.east, 22, 6)
        published(cast)
        a_target(cast)
        local = somebody("harbour.commissioner", Role.COMMISSIONER, Place(cast.provider.pk, cast.harbour.pk))
        if name in PAGES:
            found = page(local, name, cast.provider.pk)
        else:
            found = signed_in(local).get(reverse(f"evidence:{name}"))  # type: ignore[assignment]
        text = str(lines(found)) if found.streaming else words(found)
        assert cast.riverside.name not in text
        assert not re.findall(r"\b(?:55|70|40)\b", re.sub(r'<[^>]*>|[^ ]*="[^"]*"', " ", text.split("<main")[-1]))

    def test_a_service_that_came_later_has_no_numbers(self, cast: Cast) -> None:
        from saferpractice.access.operations import create_service

        duties(cast.north, 31, 10)
        published(cast)
        new = create_service(by=SET_UP, at=PUBLISHED_AT, provider=cast.provider, name="Meadow service")
        local = somebody("meadow", Role.COMMISSIONER, Place(cast.provider.pk, new.pk))
        found = lines(page(local, "commissioner_file", cast.provider.pk))
        assert {(one["Service"], one["Share %"], one["Count"], one["Out of"]) for one in found} == {
            ("Meadow service", "[c]", "[c]", "[c]")
        }


class TestOldQuarters:
    def test_every_quarter_that_is_listed_opens(self, cast: Cast) -> None:
        """Also after more than three years, with the years before it left out of the charts."""
        for back in range(13):
            published(cast, quarter=QUARTER.before(back))
        client = signed_in(cast.commissioner)
        listed = re.findall(r'href="([^"]*/2\d{3}-\d)"', client.get(reverse("evidence:commissioner")).content.decode())
        assert len(listed) == 13
        assert {client.get(one).status_code for one in (listed[0], listed[-1])} == {200}
        oldest = page(cast.commissioner, "commissioner_file", cast.provider.pk, QUARTER.before(12).code)
        assert {one["Quarter"] for one in lines(oldest)} == {QUARTER.before(12).short}

    @pytest.mark.parametrize(("back", "says"), [(4, "Better"), (5, "Cannot be told")])
    def test_an_older_one_does_not_stand_in_for_the_year_before(self, back: int, says: str, cast: Cast) -> None:
        """Nothing was published between: what was two years ago is not the year before."""
        earlier = QUARTER.before(back)
        duties(cast.north, 40, 60, at=earlier.starts_at)
        duties(cast.north, 95, 5)
        for quarter in (earlier, QUARTER):
            published(cast, quarter=quarter)
        found = lines(page(cast.commissioner, "commissioner_file", cast.provider.pk))
        (one,) = [each for each in found if (each["Code"], each["Service"]) == (TRIAGE, "")]
        assert one["Trend"] == says
        shown = words(page(cast.commissioner, "commissioner_quarter", cast.provider.pk))
        assert (">Better<" in shown) == (says == "Better")


class TestTheFile:
    def test_says_what_the_page_says(self, cast: Cast) -> None:
        duties(cast.north, 31, 10)
        duties(cast.east, 22, 6)
        published(cast)
        shown = words(page(cast.commissioner, "commissioner_quarter", cast.provider.pk))
        found = lines(page(cast.commissioner, "commissioner_file", cast.provider.pk))
        (kept,) = PublishedQuarter.objects.all()
        codes = [one["code"] for one in kept.data["measures"]]
        assert list(dict.fromkeys(one["Code"] for one in found)) == codes
        for one in found:
            assert one["Measure"] in shown
            if one["Share %"] != "[c]":
                assert f"about {one['Share %']}%" in shown
            assert {one["Count"], one["Out of"]} <= {"[c]", *(str(n) for n in range(5, 200, 5))}

    def test_a_service_cannot_be_named_so_that_a_spreadsheet_runs_it(self, cast: Cast) -> None:
        from saferpractice.access.models import Service

        Service.objects.filter(pk=cast.harbour.pk).update(name="=HYPERLINK(1)")
        published(cast)
        found = {one["Service"] for one in lines(page(cast.commissioner, "commissioner_file", cast.provider.pk))}
        assert "'=HYPERLINK(1)" in found
        assert "=HYPERLINK(1)" not in found


class TestWhoPublishes:
    @pytest.mark.parametrize("role", [Role.QUALITY_LEAD, Role.DIRECTOR])
    @pytest.mark.parametrize("where", ["a service", "another provider"])
    def test_not_who_answers_for_a_part_or_for_another(self, where: str, role: Role, cast: Cast) -> None:
        place = Place(cast.provider.pk, cast.riverside.pk) if where == "a service" else Place(cast.stranger.provider_id)
        by = somebody("local", role, place)
        for attempt in (lambda: published(cast, by=by), lambda: a_target(cast, by=by)):
            with pytest.raises(Refused, match="Only a quality lead or director of this place may publish"):
                attempt()
        assert not PublishedQuarter.objects.exists()
        code = signed_in(by).get(reverse("evidence:publish", args=[QUARTER.code])).status_code
        assert code == (404 if where == "a service" else 200), "of their own provider they may"

    @pytest.mark.parametrize("how", ["role", "sign-in"])
    def test_not_who_did_once(self, how: str, cast: Cast) -> None:
        if how == "role":
            end_role(by=SET_UP, at=PUBLISHED_AT, assignment=cast.quality_lead.role_assignments.get())
        else:
            set_active(by=SET_UP, at=PUBLISHED_AT, person=cast.quality_lead, active=False)
        with pytest.raises(Refused, match="may publish to commissioners"):
            published(cast, by=again(cast.quality_lead), at=PUBLISHED_AT + timedelta(days=1))

    def test_two_providers_publish_the_same_quarter_and_neither_counts_the_other(self, cast: Cast) -> None:
        team = another_provider("Zinnia Care")
        duties(cast.north, 40)
        duties(team, 10, 10)
        ours, theirs = published(cast), published(cast, provider=team.provider, by=SET_UP)
        whole = [next(one["whole"] for one in row.data["measures"] if one["code"] == TRIAGE) for row in (ours, theirs)]
        assert whole == [[40, 40], [10, 20]]
        assert set(theirs.data["services"].values()) == {"Service of Zinnia Care"}

    @pytest.mark.parametrize(
        ("differs", "expected"),
        [
            ({"target": 79}, SentBefore),
            ({"target": None}, SentBefore),
            ({"at_least": False}, SentBefore),
            ({"title": "Another"}, SentBefore),
            ({"from_quarter": QUARTER.after()}, SentBefore),
            ({"by": "quality_lead"}, Invalid),
        ],
        ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
    )
    def test_a_form_sent_again_with_anything_else_is_no_second_target(
        self, differs: dict[str, Any], expected: type[Exception], cast: Cast
    ) -> None:
        a_target(cast, submission_key="once")
        before = TrailEntry.objects.count()
        if "by" in differs:
            differs = {"by": cast.people()[differs["by"]]}
        with pytest.raises(expected):
            a_target(cast, submission_key="once", **differs)
        assert TrailEntry.objects.count() == before

    @pytest.mark.parametrize(
        ("given", "says"),
        [
            ({"target": 0}, "wrote down the target at least 0% for “Ω 🙂” from Q3 2025/26 on"),
            ({"target": 100, "at_least": False}, "wrote down the target at most 100% for “Ω 🙂” from Q3 2025/26 on"),
            ({"target": None}, "ended the target for “Ω 🙂” from Q3 2025/26 on"),
        ],
        ids=["nothing", "everything", "ended"],
    )
    def test_the_trail_says_what_was_agreed(self, given: dict[str, Any], says: str, cast: Cast) -> None:
        row = a_target(cast, title="Ω 🙂", **given)
        entry = TrailEntry.objects.get(subject_id=row.pk)
        assert (entry.sentence, entry.by_name, entry.facts) == (
            says, "Drew Castell", {"measure": TRIAGE, "target": given["target"]},
        )  # fmt: skip

    def test_the_trail_of_publishing_names_changes_by_number_alone(self, cast: Cast) -> None:
        from tests.factories.changes import a_live_change

        change = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        row = published(cast, changes=[change.pk])
        entry = TrailEntry.objects.get(subject_id=row.pk)
        assert entry.facts == {"sha256": row.sha256, "changes": [str(change.pk)]}
        assert change.title not in entry.sentence

    def test_a_change_chosen_twice_is_told_once(self, cast: Cast) -> None:
        from tests.factories.changes import a_live_change

        change = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        row = published(cast, changes=[change.pk, change.pk])
        assert [one["title"] for one in row.data["learned"]] == [change.title]
