"""The pages of commissioners, and those on which a provider publishes to them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import Person
from saferpractice.access.operations import let_commissioner_read
from saferpractice.access.rules import Place, Role
from saferpractice.assurance.rules.measures.series import Better
from saferpractice.evidence.models import ContractTarget, PublishedQuarter
from saferpractice.evidence.presenters import commissioning as presenters
from saferpractice.evidence.queries.commissioning import Commissioned, Standing
from saferpractice.evidence.rules.commissioning.published import Measure, Published, Section, Told
from saferpractice.evidence.rules.disclosure.shares import Share
from saferpractice.evidence.rules.thematic.small import guarded
from tests.factories.changes import a_live_change
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


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(PUBLISHED_AT)


def address(name: str, *args: Any) -> str:
    return reverse(f"evidence:{name}", args=args)


def quarter_page(cast: Cast, name: str = "commissioner_quarter", code: str = QUARTER.code) -> str:
    return address(name, cast.provider.pk, code)


def lines(response: HttpResponse) -> list[dict[str, str]]:
    """The rows of a file by the words at the top of its columns."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def line_of(cast: Cast, reader: Person, service: str = "") -> dict[str, str]:
    found = lines(signed_in(reader).get(quarter_page(cast, "commissioner_file")))
    return next(one for one in found if one["Code"] == TRIAGE and one["Service"] == service)


@pytest.fixture
def of_harbour(cast: Cast) -> Person:
    return somebody("harbour.commissioner", Role.COMMISSIONER, Place(cast.provider.pk, cast.harbour.pk))


class TestReadingAQuarter:
    def test_rounded_numbers_and_shares_of_them(self, cast: Cast) -> None:
        duties(cast.north, 31, 10)
        duties(cast.east, 22, 6)
        published(cast)
        page = words(signed_in(cast.commissioner).get(quarter_page(cast)))
        assert "about 79%" in page
        assert "Counted on Monday 26 January 2026" in page
        one, riverside = line_of(cast, cast.commissioner), line_of(cast, cast.commissioner, cast.riverside.name)
        assert (one["Share %"], one["Count"], one["Out of"]) == ("79", "55", "70")
        assert (riverside["Share %"], riverside["Count"], riverside["Out of"]) == ("75", "30", "40")

    def test_a_small_service_takes_the_others_with_it(self, cast: Cast) -> None:
        duties(cast.north, 30, 10)
        duties(cast.east, 2)
        published(cast)
        assert line_of(cast, cast.commissioner)["Count"] == "30"
        for service in (cast.riverside.name, cast.harbour.name):
            one = line_of(cast, cast.commissioner, service)
            assert {one["Share %"], one["Count"], one["Out of"]} == {"[c]"}
        page = words(signed_in(cast.commissioner).get(quarter_page(cast)))
        said = re.findall(r"No service’s number is on show of: ([^.]*)\.", page)
        assert any("From incident to triage: in time" in one for one in said)

    def test_better_or_worse_than_the_year_before(self, cast: Cast) -> None:
        for back in range(3):
            quarter = QUARTER.before(back)
            late = 60 if back else 5
            duties(cast.north, 100 - late, late, at=quarter.starts_at)
        for back in (2, 1, 0):
            published(cast, quarter=QUARTER.before(back))
        assert line_of(cast, cast.commissioner)["Trend"] == "Better"
        page = words(signed_in(cast.commissioner).get(quarter_page(cast)))
        assert "Each bar is what rounding leaves open" in page
        assert "<svg" in page

    @pytest.mark.requirement("R33")
    def test_what_was_learned_by_the_titles_that_were_confirmed(self, cast: Cast) -> None:
        told = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        kept = a_live_change(cast, at=IN_QUARTER, title="A second card at the door")
        published(cast, changes=[told.pk])
        page = words(signed_in(cast.commissioner).get(quarter_page(cast)))
        assert told.title in page
        assert kept.title not in page
        assert told.monday not in page, "what somebody typed at length is not told"
        row = page[page.index('id="learned"') :]
        for word in ("What it answers", "Lack of duty cover", "Not checked yet", "Nothing recorded"):
            assert word in row
        assert "Did they work?" not in page, "one change is no chart"

    @pytest.mark.requirement("R33")
    def test_whether_the_changes_worked_is_drawn_beside_their_table(self, cast: Cast) -> None:
        titles = ("Five questions in the visit note", "A second card at the door", "A named handover at midnight")
        changes = [a_live_change(cast, at=IN_QUARTER, title=title) for title in titles]
        published(cast, changes=[one.pk for one in changes])
        page = words(signed_in(cast.commissioner).get(quarter_page(cast)))
        assert "The verdicts of 3 changes" in page
        assert "<desc>Not checked yet: 3</desc>" in page

    @pytest.mark.parametrize("section", list(Section))
    def test_every_section_has_its_trend_as_a_chart_and_a_table(self, section: Section, cast: Cast) -> None:
        """Reviews, escalation and follow-up, action plans, audit and supervision, and what came back."""
        told = Told(code="a", title="A measure", section=section, better=Better.HIGHER, counts="What it counts.")
        quarters = []
        for back, met in enumerate((30, 3, 20)):
            share = Share(guarded(met), guarded(40))
            published = Published(counted_on="2026-01-26", services={}, measures=(Measure(told, share, {}),))
            quarters.append(Standing(Commissioned(cast.provider, None), QUARTER.before(back), published, PUBLISHED_AT))
        (part,) = presenters.parts(quarters[0], quarters[1:])
        (drawn,) = part.drawn
        assert part.heading == section.heading
        assert [row[:2] for row in drawn["rows"]] == [
            ["Q1 2025/26", "about 50%"], ["Q2 2025/26", "[c]"], ["Q3 2025/26", "about 75%"],
        ]  # fmt: skip
        assert drawn["chart"].count("<circle") == 2, "what is held back is not drawn"

    def test_of_a_service_only_that_service(self, cast: Cast, of_harbour: Person) -> None:
        duties(cast.north, 31, 10)
        duties(cast.east, 22, 6)
        published(cast)
        page = words(signed_in(of_harbour).get(quarter_page(cast)))
        assert cast.riverside.name not in page
        assert "about 79%" not in page, "the whole provider is not theirs"
        found = lines(signed_in(of_harbour).get(quarter_page(cast, "commissioner_file")))
        assert {one["Service"] for one in found} == {cast.harbour.name}
        assert line_of(cast, of_harbour, cast.harbour.name)["Count"] == "20"

    @pytest.mark.parametrize("code", ["2025-2", "2025-9", "nothing", "2031-1"])
    def test_a_quarter_that_is_not_published_is_not_there(self, cast: Cast, code: str) -> None:
        published(cast)
        client = signed_in(cast.commissioner)
        for name in ("commissioner_quarter", "commissioner_file"):
            assert client.get(quarter_page(cast, name, code)).status_code == 404

    def test_another_providers_are_not_there(self, cast: Cast) -> None:
        other = another_provider("Third Provider")
        published(cast, provider=other.provider, by=SET_UP)
        client = signed_in(cast.commissioner)
        for name in ("commissioner_quarter", "commissioner_file"):
            assert client.get(address(name, other.provider_id, QUARTER.code)).status_code == 404
        for name in ("schedule", "schedule_file"):
            assert client.get(address(name, other.provider_id)).status_code == 404
        assert "Third Provider" not in words(client.get(address("commissioner")))

    def test_a_commissioner_is_led_here(self, cast: Cast) -> None:
        page = words(signed_in(cast.commissioner).get(reverse("home:my_work")))
        assert address("commissioner") in page
        assert "Nothing has been shared with you yet" not in page
        assert "Example Care has published no quarter yet" in words(
            signed_in(cast.commissioner).get(address("commissioner"))
        )

    def test_nobody_else_is(self, cast: Cast) -> None:
        for one in (cast.inspector, cast.worker, cast.quality_lead):
            assert address("commissioner") + '"' not in words(signed_in(one).get(reverse("home:my_work")))


class TestComparing:
    @pytest.fixture
    def others(self, cast: Cast) -> list[Any]:
        """Two further providers that the commissioner reads; of the second, too little is counted."""
        found = []
        for name, in_time, late in (("Zinnia Care", 30, 30), ("Yarrow Care", 2, 1)):
            team = another_provider(name)
            duties(team, in_time, late)
            published(cast, provider=team.provider, by=SET_UP)
            let_commissioner_read(
                by=SET_UP, at=PUBLISHED_AT, provider=team.provider, email=cast.commissioner.email,
                place=Place(team.provider_id),
            )  # fmt: skip
            found.append(team)
        return found

    def test_by_name_with_limits_and_whose_is_held_back(self, cast: Cast, others: list[Any]) -> None:
        duties(cast.north, 55, 5)
        published(cast)
        page = words(signed_in(cast.commissioner).get(address("compare"), {"measure": TRIAGE, "quarter": QUARTER.code}))
        assert "Beyond the 95% limits" in page
        assert "Not drawn, because a number is held back: Yarrow Care." in page
        table = page[page.index("The numbers, by name") :]
        assert table.index("Example Care") < table.index("Yarrow Care") < table.index("Zinnia Care")
        assert page.count("<circle") == 2
        assert re.findall(r"<span>(\w+) Care</span>.*?Point </span>(?:<span>(\d)</span>)?", table) == [
            ("Example", "1"), ("Yarrow", ""), ("Zinnia", "2"),
        ]  # fmt: skip

    def test_one_alone_is_not_drawn(self, cast: Cast) -> None:
        duties(cast.north, 55, 5)
        published(cast)
        page = words(signed_in(cast.commissioner).get(address("compare"), {"measure": TRIAGE}))
        assert "Fewer than two can be drawn" in page
        assert "<circle" not in page

    @pytest.mark.parametrize(
        "query", [{}, {"measure": "nothing"}, {"quarter": "1999-1"}, {"quarter": "x", "measure": "\0"}]
    )
    def test_anything_odd_in_the_address_is_ignored(self, cast: Cast, query: str) -> None:
        published(cast)
        page = signed_in(cast.commissioner).get(f"{address('compare')}?{query}")
        assert QUARTER.label in words(page)

    def test_without_anything_published_it_says_so(self, cast: Cast) -> None:
        assert "Nothing is published yet" in words(signed_in(cast.commissioner).get(address("compare")))


class TestTheContract:
    @pytest.mark.parametrize(
        ("in_time", "late", "says"),
        [(100, 0, "Met"), (40, 60, "Not met"), (80, 20, "Cannot be told"), (3, 0, "Not publishable")],
    )
    def test_whether_a_target_was_met(self, cast: Cast, in_time: int, late: int, says: str) -> None:
        duties(cast.north, in_time, late)
        published(cast)
        a_target(cast)
        client = signed_in(cast.commissioner)
        (one,) = lines(client.get(address("schedule_file", cast.provider.pk)))
        assert (one["Met?"], one["Target"], one["Quarter"]) == (says, "at least 80%", "Q3 2025/26")
        assert f">{says}</strong>" in words(client.get(address("schedule", cast.provider.pk)))

    def test_of_a_service_by_its_own_share(self, cast: Cast, of_harbour: Person) -> None:
        duties(cast.north, 100, 0)
        duties(cast.east, 10, 40)
        published(cast)
        a_target(cast)
        (one,) = lines(signed_in(of_harbour).get(address("schedule_file", cast.provider.pk)))
        assert (one["Met?"], one["Count"]) == ("Not met", "10")

    def test_as_a_pdf_that_says_the_same(self, cast: Cast) -> None:
        duties(cast.north, 100, 0)
        published(cast)
        a_target(cast)
        sent = signed_in(cast.commissioner).get(address("schedule_pdf", cast.provider.pk))
        assert sent["Content-Type"] == "application/pdf"
        with pikepdf.open(io.BytesIO(sent.content)) as made:
            kept = "".join(one.get_file().read_bytes().decode() for one in made.attachments.values())
        for part in ("From incident to triage: in time", "at least 80%", "about 100%", "Met", "Example Care"):
            assert part in kept
        assert cast.commissioner.name not in kept

    def test_without_a_target_there_is_nothing_to_hold_against(self, cast: Cast) -> None:
        published(cast)
        page = words(signed_in(cast.commissioner).get(address("schedule", cast.provider.pk)))
        assert "nothing to hold against a target yet" in page


class TestPublishingPages:
    def test_what_is_shown_before_is_what_is_read_after(self, cast: Cast) -> None:
        duties(cast.north, 31, 10)
        change = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
        client, page = signed_in(cast.quality_lead), address("publish", QUARTER.code)
        before = words(client.get(page))
        assert "about 75%" in before
        assert change.title in before
        assert client.post(page, {"changes": [str(change.pk)]}).status_code == 200, "the tick is missing"
        assert not PublishedQuarter.objects.exists()
        sent = client.post(page, {"changes": [str(change.pk)], "read": "on"})
        assert sent.status_code == 302
        after = words(client.get(page))
        read = words(signed_in(cast.commissioner).get(quarter_page(cast)))
        for part in ("about 75%", change.title):
            assert part in after
            assert part in read
        assert "Publish this quarter" not in after

    def test_even_who_publishes_sees_guarded_numbers(self, cast: Cast) -> None:
        duties(cast.north, 3)
        assert ">3<" not in words(signed_in(cast.quality_lead).get(address("publish", QUARTER.code)))

    @pytest.mark.parametrize("code", ["2025-4", "nothing", "2025-7"])
    def test_a_quarter_that_is_not_over_is_no_page(self, cast: Cast, code: str) -> None:
        assert signed_in(cast.quality_lead).get(address("publish", code)).status_code == 404

    def test_the_list_says_which_are_published(self, cast: Cast) -> None:
        client = signed_in(cast.director)
        assert "Not published" in words(client.get(address("publishing")))
        published(cast)
        a_target(cast)
        page = words(client.get(address("publishing")))
        assert "Quill Harker" in page
        assert "at least 80%" in page

    def test_a_target_is_written_down(self, cast: Cast) -> None:
        client, page = signed_in(cast.director), address("target")
        sent = {
            "measure": TRIAGE,
            "asks": "at-most",
            "most": "30",
            "quarter": QUARTER.code,
            "submission_key": uuid4().hex,
        }
        assert client.post(page, sent).status_code == 302
        one = ContractTarget.objects.get()
        assert (one.measure, one.target, one.at_least, one.from_quarter) == (TRIAGE, 30, False, QUARTER)
        assert one.title == "From incident to triage: in time"
        assert client.post(page, sent | {"most": "40"}).status_code == 409
        assert client.post(page, sent | {"asks": "ended", "submission_key": uuid4().hex}).status_code == 302
        assert ContractTarget.objects.filter(target__isnull=True).count() == 1

    @pytest.mark.parametrize(
        "wrong", [{"measure": "nothing"}, {"most": ""}, {"most": "101"}, {"quarter": "1999-1"}, {"asks": ""}]
    )
    def test_what_is_no_target_is_shown_again(self, cast: Cast, wrong: dict[str, str]) -> None:
        sent = {"measure": TRIAGE, "asks": "at-most", "most": "30", "quarter": QUARTER.code}
        page = signed_in(cast.director).post(address("target"), sent | wrong)
        assert page.status_code == 200
        assert "There is a problem" in words(page)
        assert not ContractTarget.objects.exists()
