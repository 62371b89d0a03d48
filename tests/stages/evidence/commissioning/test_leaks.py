"""Everything that a commissioner is given, read against itself: no page, chart or file tells more than another."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from saferpractice.access.models import Person, Team
from saferpractice.access.operations import let_commissioner_read
from saferpractice.access.rules import Place, Role
from saferpractice.evidence.models import PublishedQuarter
from saferpractice.incidents.operations import decide_restriction
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
from tests.factories.incidents import an_incident
from tests.factories.pdf_text import text_of
from tests.factories.web import signed_in
from tests.personas import LONG_AGO, SET_UP, Cast
from tests.stages.evidence.commissioning.reading import (
    HIDDEN,
    beyond_what_is_drawn,
    cells,
    charts_of,
    content_of,
    file_lines,
    main_of,
    points_measured,
    share_said,
    shares_measured,
    tables_of,
    without_marks,
)
from tests.stages.exchange.leaks import narrowed

pytestmark = [pytest.mark.requirement("R32"), pytest.mark.usefixtures("db")]

REPEATS, ANSWER = "incidents.repeats", "loop.change.in-time"
NAMED = "Marigold Quennell"


@pytest.fixture(autouse=True)
def today(the_clock: Any) -> None:
    the_clock.stand_at(PUBLISHED_AT)


@pytest.fixture
def zinnia(cast: Cast) -> Team:
    """Another provider, which let the commissioner read."""
    team = another_provider("Zinnia Care")
    let_commissioner_read(
        by=SET_UP, at=LONG_AGO, provider=team.provider, email=cast.commissioner.email, place=Place(team.provider_id)
    )
    return team


@pytest.fixture
def there(cast: Cast, zinnia: Team) -> Cast:
    """Three quarters of two services, in one of which some counts are small; a person, a target, a change, a funnel."""
    for back, (in_time, late, elsewhere) in enumerate([(31, 10, 3), (28, 12, 9), (40, 4, 2)]):
        at = QUARTER.before(back).starts_at + timedelta(days=9)
        duties(cast.north, in_time, late, at=at)
        duties(cast.east, elsewhere, 4, at=at)
        duties(cast.north, 12, 3, at=at, kind="findings.answer")
        duties(zinnia, 20 + back, 21, at=at)
    for day in range(7):
        an_incident(
            by=cast.worker, team=cast.north, at=IN_QUARTER + timedelta(days=day), person_reference="P-77",
            person_name=NAMED, themes=("self-neglect",),
        )  # fmt: skip
    a_target(cast, from_quarter=QUARTER.before(2))
    a_target(cast, measure=REPEATS, title="Incidents like an earlier one", at_least=False, from_quarter=QUARTER)
    a_target(cast, measure="actions.evidenced-in-time", title="Actions done in time", from_quarter=QUARTER)
    a_target(cast, measure="no.such", title="A measure of last year", from_quarter=QUARTER.before())
    change = a_live_change(cast, at=IN_QUARTER, title="Five questions in the visit note")
    for back in (2, 1, 0):
        published(cast, quarter=QUARTER.before(back), changes=[] if back else [change.pk])
        published(cast, quarter=QUARTER.before(back), provider=zinnia.provider, by=SET_UP)
    return cast


def address(name: str, cast: Cast, *more: str, query: str = "") -> str:
    return reverse(f"evidence:{name}", args=[cast.provider.pk, *more]) + query


def page(client: Client, *where: Any, **more: Any) -> str:
    return content_of(client.get(address(*where, **more))).decode()


def comparisons(client: Client) -> Iterator[tuple[str, str, str]]:
    """Every page of the comparison: quarter, measure, and what it says."""
    first = content_of(client.get(reverse("evidence:compare"))).decode()
    offered = {
        name: re.findall(r'<option value="([^"]+)"', first.split(f'name="{name}"')[1].split("</select>")[0])
        for name in ("quarter", "measure")
    }
    assert TRIAGE in offered["measure"]
    for quarter in offered["quarter"]:
        for measure in (TRIAGE, ANSWER, REPEATS):
            asked = client.get(reverse("evidence:compare"), {"quarter": quarter, "measure": measure})
            yield quarter, measure, content_of(asked).decode()


def test_the_page_of_a_quarter_says_what_its_file_says(there: Cast) -> None:
    """Number by number, of the whole and of each service, with what is said of it; and the tables beside the charts."""
    client = signed_in(there.commissioner)
    files = {
        QUARTER.before(back).short: file_lines(
            client.get(address("commissioner_file", there, QUARTER.before(back).code))
        )
        for back in range(3)
    }
    found = tables_of(page(client, "commissioner_quarter", there, QUARTER.code))
    here = files[QUARTER.short]
    whole = [[one["Measure"], *cells(one), one["Trend"]] for one in here if not one["Service"]]
    sections = ("reviews", "timeliness", "actions", "audits", "repeats")
    assert sorted(row for name in sections for row in found[name]) == sorted(whole)
    parts = [[one["Measure"], one["Service"], *cells(one)] for one in here if one["Service"]]
    shown = [row for name in sections for row in found.get(f"{name}-services", [])]
    assert shown
    assert all(row in parts for row in shown)
    assert all(HIDDEN in row for row in parts if row not in shown), "what the file has beside it is held back"
    trends = {name: rows for name, rows in found.items() if "-trend-" in name}
    assert trends
    for rows in trends.values():
        assert [row[0] for row in rows] == [QUARTER.before(back).short for back in (2, 1, 0)]
        beside = [
            {tuple(cells(one)) for one in files[short] if not one["Service"]} for short in (row[0] for row in rows)
        ]
        assert all(tuple(row[1:]) in known for row, known in zip(rows, beside, strict=True))


def test_a_share_tells_no_more_than_the_two_numbers_beside_it(there: Cast) -> None:
    """Where one of them is held back there is none; else it is theirs, and not the true one."""
    client = signed_in(there.commissioner)
    for back in range(3):
        for one in file_lines(client.get(address("commissioner_file", there, QUARTER.before(back).code))):
            assert cells(one)[0] == share_said(one["Count"], one["Out of"])
            assert {one["Count"], one["Out of"]} <= {HIDDEN, *(str(number) for number in range(5, 500, 5))}
    for _, _, text in comparisons(client):
        for row in tables_of(text).get("compared", []):
            assert row[2] == share_said(row[3], row[4])


def test_no_chart_holds_a_number_that_its_table_does_not(there: Cast) -> None:
    """By its coordinates, as somebody would who measures them; a quarter that is held back is not drawn at all."""
    client = signed_in(there.commissioner)
    text = page(client, "commissioner_quarter", there, QUARTER.code)
    tables = {name: rows for name, rows in tables_of(text).items() if "-trend-" in name}
    charts = charts_of(text)
    assert len(charts) == len(tables) > 1
    drawn_of_fewer = 0
    for chart, rows in zip(charts, tables.values(), strict=True):
        assert beyond_what_is_drawn(chart) == []
        shown = {row[0]: row for row in rows if row[1] != HIDDEN}
        drawn_of_fewer += len(shown) < len(rows)
        measured = list(shares_measured(chart))
        assert [one.label for one in measured] == list(shown)
        for one in measured:
            _, share, count, out_of = shown[one.label]
            met, of = int(count), int(out_of)
            assert f"about {one.share:.0f}%" == share
            assert one.least == pytest.approx(100 * max(5, met - 2) / (of + 2), abs=0.8)
            assert one.most == pytest.approx(min(100, 100 * (met + 2) / max(5, of - 2)), abs=0.8)
        words = {without_marks(row[0]) for row in rows if row[1] == HIDDEN}
        assert not any(word in "".join(chart.itertext()) for word in words)


def test_no_funnel_holds_a_number_that_its_table_does_not(there: Cast) -> None:
    client, drawn = signed_in(there.commissioner), 0
    for _, _, text in comparisons(client):
        for chart in charts_of(text):
            rows = tables_of(text)["compared"]
            shown = [row for row in rows if row[1] != "–"]
            assert beyond_what_is_drawn(chart) == []
            assert all(HIDDEN in row for row in rows if row not in shown)
            for (out_of, share), row in zip(points_measured(chart), shown, strict=True):
                drawn += 1
                assert out_of == pytest.approx(int(row[4]), abs=0.3)
                assert f"about {share:.0f}%" == row[2]
    assert drawn > 3


def test_what_is_compared_is_what_each_quarter_says(there: Cast) -> None:
    client = signed_in(there.commissioner)
    for quarter, measure, text in comparisons(client):
        (line,) = [
            one
            for one in file_lines(client.get(address("commissioner_file", there, quarter)))
            if (one["Code"], one["Service"]) == (measure, "")
        ]
        (row,) = [each for each in tables_of(text)["compared"] if each[0] == "Example Care"]
        assert row[2:5] == cells(line)


def test_the_contract_is_the_same_on_the_page_in_the_file_and_in_the_pdf(there: Cast) -> None:
    client = signed_in(there.commissioner)
    shown = tables_of(page(client, "schedule", there))["schedule"]
    lines = file_lines(client.get(address("schedule_file", there)))
    header = ("Measure", "Quarter", "Target", "Share", "Count", "Out of", "Met?")
    assert [[one[name] or "–" for name in header] for one in lines] == shown
    assert {row[-1] for row in shown} >= {"Not counted", "Not publishable", "Cannot be told"}
    sent = content_of(client.get(address("schedule_pdf", there)))
    with pikepdf.open(io.BytesIO(sent)) as made:
        printed = "".join(text_of(made).split())
        kept = "".join(one.get_file().read_bytes().decode() for one in made.attachments.values())
    for title, quarter, *rest in shown:
        said = [word for word in (title, *rest) if word != "–"]
        assert "".join("".join(said).split()) in printed, (title, quarter)
        assert title in kept
    numbers = {word for row in shown for word in row[3:6]}
    assert len(re.findall(r"Q[1-4]20\d\d/\d\d", printed)) >= len({row[1] for row in shown})
    assert set(re.findall(r"about\d+%", printed)) == {
        "".join(word.split()) for word in numbers if word.startswith("about")
    }


def everything(client: Client, cast: Cast) -> dict[str, bytes]:
    """What a commissioner is given, without what differs at each answer."""
    asked = [reverse("evidence:commissioner"), reverse("evidence:compare"), address("schedule", cast)]
    asked += [address("schedule_file", cast)]
    asked += [
        address(name, cast, QUARTER.before(back).code)
        for back in range(3)
        for name in ("commissioner_quarter", "commissioner_file")
    ]
    return {one: re.sub(rb'value="[A-Za-z0-9]{64}"', b"", content_of(client.get(one))) for one in asked}


def test_nothing_written_down_later_moves_anything(there: Cast) -> None:
    """Today's pages less yesterday's are nothing, whatever was recorded, put right or restricted between."""
    client = signed_in(there.commissioner)
    before = everything(client, there)
    duties(there.north, 3, 2)
    duties(there.east, 30)
    late = an_incident(by=there.worker, team=there.north, at=IN_QUARTER, person_reference="P-77")
    decide_restriction(by=SET_UP, at=PUBLISHED_AT, incident=late, restricted=True, reason="Few may know.")
    a_live_change(there, at=IN_QUARTER, title="A later change")
    assert everything(client, there) == before


def test_nothing_unseen_stands_in_a_page(there: Cast) -> None:
    """No remark, no data for a script, and nobody: whoever reads the source finds what the page says."""
    client = signed_in(there.commissioner)
    for where, sent in everything(client, there).items():
        text = sent.decode("utf-8-sig")
        for word in (NAMED, "Quennell", "P-77", there.worker.name, there.quality_lead.name, str(there.worker.pk)):
            assert word not in text, where
        if "<main" in text:
            inside = main_of(text)
            assert not re.search(r'<!--|<script| data-[a-z-]*="[^"]*\d', inside), where


@pytest.mark.parametrize("knows", ["whole", "both services", "all three"])
def test_who_puts_files_together_works_no_small_count_out(knows: str, there: Cast) -> None:
    """The provider's file, those of two who commission a service each, and all of them side by side."""
    readers: list[Person] = [there.commissioner] if knows != "both services" else []
    if knows != "whole":
        readers += [
            somebody(f"of.{one.name[:3]}", Role.COMMISSIONER, Place(there.provider.pk, one.pk))
            for one in (there.riverside, there.harbour)
        ]
    for back in range(3):
        quarter = QUARTER.before(back)
        files = [content_of(signed_in(one).get(address("commissioner_file", there, quarter.code))) for one in readers]
        first, *others = [one.decode("utf-8-sig") for one in files]
        together = first + "".join(one.split("\r\n", 1)[1] for one in others)
        row = PublishedQuarter.objects.get(provider=there.provider, year=quarter.year, number=quarter.number)
        assert narrowed(there.provider, row, together) == []


def test_a_service_says_the_same_to_whoever_reads_it(there: Cast) -> None:
    """Two readers who hold their files against each other find no difference to work with."""
    whole = file_lines(signed_in(there.commissioner).get(address("commissioner_file", there, QUARTER.code)))
    for service in (there.riverside, there.harbour):
        reader = somebody(f"of.{service.name[:3]}", Role.COMMISSIONER, Place(there.provider.pk, service.pk))
        theirs = file_lines(signed_in(reader).get(address("commissioner_file", there, QUARTER.code)))
        assert [cells(one) for one in theirs] == [cells(one) for one in whole if one["Service"] == service.name]
