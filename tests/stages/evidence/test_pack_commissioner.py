"""Packs for commissioners: of what was published, never of what was not, and the same as their own page says (R32)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from saferpractice.evidence.models import EvidencePack, PackBuilding, PackBuilt, PackIncident, PublishedQuarter
from saferpractice.evidence.operations import carry_on_packs, publish_quarter
from saferpractice.evidence.presenters.commissioning import file_lines
from saferpractice.evidence.queries.commissioning import commissioned, quarters_of
from saferpractice.evidence.queries.packs import pack_seen, published_within, texts_of
from saferpractice.evidence.rules.packs.document import Disclosure
from saferpractice.evidence.rules.packs.facts import Subject
from saferpractice.evidence.rules.packs.of_quarters import BY_THEME, NONE_PUBLISHED, OF_ONE
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.trail import check_pack
from saferpractice.trail.keys import public_keys
from saferpractice.trail.models import TrailEntry
from saferpractice.trail.refusals import Invalid, Refused
from saferpractice.trail.rules import MANIFEST_FACT, read_manifest, read_proofs
from tests.factories.changes import a_live_change
from tests.factories.commissioning import IN_QUARTER, QUARTER, duties, published
from tests.factories.incidents import an_incident
from tests.factories.packs_made import PACKED_AT, asked, built, bytes_of, parts_of
from tests.factories.web import signed_in, words
from tests.personas import SET_UP, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R32", "R34")]

COMMISSIONER = Disclosure.COMMISSIONER
PERIOD = (QUARTER.first, QUARTER.last)
LATER = PACKED_AT + timedelta(hours=1)


def of_quarter(cast: Cast, **more: Any) -> EvidencePack:
    given: dict[str, Any] = {"subject": Subject.QUARTER, "period": PERIOD, "services": [cast.riverside, cast.harbour]}
    return asked(cast, disclosure=COMMISSIONER, **(given | more))


def a_full_quarter(cast: Cast) -> PublishedQuarter:
    """A quarter with numbers on show and numbers held back."""
    duties(cast.north, 55, 5)
    duties(cast.east, 30, 20)
    duties(cast.north, 3, 1, kind="findings.answer")
    return published(cast)


def lines_of(made: PackBuilt, name: str = "published") -> list[dict[str, str]]:
    text = parts_of(made)[f"data/{name}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


class TestAsking:
    @pytest.mark.parametrize(
        ("wanted", "problem"),
        [
            ({"subject": Subject.INCIDENT}, {"disclosure": OF_ONE}),
            ({"subject": Subject.LEARNING}, {"disclosure": OF_ONE}),
            ({"subject": Subject.THEME, "theme": "self-neglect"}, {"disclosure": BY_THEME}),
            ({"period": (date(2026, 1, 1), date(2026, 3, 31))}, {"disclosure": NONE_PUBLISHED}),
            ({"period": (QUARTER.first + timedelta(days=1), QUARTER.last)}, {"disclosure": NONE_PUBLISHED}),
            ({"period": (QUARTER.first, QUARTER.last - timedelta(days=1))}, {"disclosure": NONE_PUBLISHED}),
            ({"period": (QUARTER.last, QUARTER.first)}, {"period_to": "Enter a day on or after the first."}),
        ],
    )
    def test_what_cannot_be_one_is_refused_with_why(
        self, cast: Cast, wanted: dict[str, Any], problem: dict[str, str]
    ) -> None:
        published(cast)
        if wanted.get("subject") in {Subject.INCIDENT, Subject.LEARNING}:
            wanted = wanted | {"incident": an_incident(by=cast.worker, team=cast.north), "period": None}
        with pytest.raises(Invalid) as no:
            of_quarter(cast, **wanted)
        assert no.value.problems == problem
        assert not EvidencePack.objects.exists()

    def test_a_quarter_that_another_provider_published_is_none_of_ours(self, cast: Cast) -> None:
        published(cast, provider=cast.stranger.provider, by=SET_UP)
        with pytest.raises(Invalid, match="No quarter of this time was published"):
            of_quarter(cast)

    @pytest.mark.parametrize("who", ["worker", "reviewer", "administrator", "commissioner", "inspector", "stranger"])
    def test_by_nobody_who_does_not_lead_there(self, cast: Cast, who: str) -> None:
        published(cast)
        with pytest.raises(Refused, match="make an evidence pack"):
            of_quarter(cast, by=getattr(cast, who))

    def test_it_waits_for_no_text_and_is_ordered_at_once(self, cast: Cast) -> None:
        published(cast)
        pack = of_quarter(cast)
        assert texts_of(pack, cast.quality_lead, PACKED_AT) == []
        assert PackBuilding.objects.get().pack == pack

    @pytest.mark.parametrize(
        ("period", "quarters"),
        [
            ((date(2025, 7, 1), date(2025, 12, 31)), [Quarter(2025, 2), Quarter(2025, 3)]),
            ((date(2025, 7, 2), date(2025, 12, 31)), [Quarter(2025, 3)]),
            ((date(2025, 7, 1), date(2025, 12, 30)), [Quarter(2025, 2)]),
            ((date(2025, 7, 2), date(2025, 12, 30)), []),
        ],
    )
    def test_quarters_that_lie_in_it_whole(
        self, cast: Cast, period: tuple[date, date], quarters: list[Quarter]
    ) -> None:
        for quarter in (QUARTER, QUARTER.before()):
            published(cast, quarter=quarter)
        assert [one.quarter for one in published_within(cast.provider.pk, *period)] == quarters


class TestWhatItHolds:
    def test_the_numbers_are_those_of_the_page_of_commissioners(self, cast: Cast) -> None:
        for quarter, late in ((QUARTER.before(6), 0), (QUARTER.before(2), 45)):
            duties(cast.north, 50, late, at=quarter.starts_at + timedelta(days=9))
            published(cast, quarter=quarter)
        a_full_quarter(cast)
        made = built(of_quarter(cast))
        standing, *before = quarters_of(cast.commissioner, PACKED_AT, *commissioned(cast.commissioner, PACKED_AT))
        said = {line[4]: line[9] for line in file_lines(standing, before) if not line[1]}
        theirs = {
            (line[4], line[1] or "Provider"): tuple(str(cell) for cell in line[6:9])
            for line in file_lines(standing, [])
        }
        ours = {(line["measure"], line["place"]): line for line in lines_of(made)}
        assert {theirs[where] for where in set(theirs) - set(ours)} <= {("[c]", "[c]", "[c]")}
        assert {place for _, place in ours} == {"Provider", cast.riverside.name, cast.harbour.name}
        for where, line in ours.items():
            shown = tuple(_number(line[name]) for name in ("share", "count", "out_of"))
            assert shown == theirs[where], where
        assert {line["measure"]: line["trend"] for line in lines_of(made) if line["place"] == "Provider"} == said
        assert "Better" in said.values()
        kinds = {share for share, _, _ in theirs.values()}
        assert "[c]" in kinds
        assert len(kinds) > 2

    def test_of_one_service_its_own_numbers_alone(self, cast: Cast) -> None:
        a_full_quarter(cast)
        made = built(of_quarter(cast, services=[cast.harbour]))
        assert {line["place"] for line in lines_of(made)} == {cast.harbour.name}
        assert cast.riverside.name not in parts_of(made)["pack.html"].decode()

    def test_titles_of_changes_as_they_were_confirmed(self, cast: Cast) -> None:
        told, kept = a_live_change(cast, title="Ring the same day"), a_live_change(cast, title="Lock the side door")
        published(cast, quarter=Quarter(2025, 4), at=PACKED_AT, changes=[told.pk])
        made = built(of_quarter(cast, period=(date(2026, 1, 1), date(2026, 3, 31))))
        assert [line["title"] for line in lines_of(made, "changes_told")] == ["Ring the same day"]
        whole = " ".join(part.decode() for name, part in parts_of(made).items() if not name.endswith(".pdf"))
        assert kept.title not in whole

    def test_nothing_of_an_incident_and_nothing_attached(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER, what_happened="Zephyrine was found")
        a_full_quarter(cast)
        made = built(of_quarter(cast))
        assert not PackIncident.objects.exists()
        assert (made.incidents, made.left_out) == (0, 0)
        assert set(parts_of(made)) == {
            "pack.pdf", "pack.html", "data/pack.json", "data/published.csv", "data/changes_told.csv", "data/trail.csv",
            "manifest.json", "proofs.json",
        }  # fmt: skip

    def test_what_happens_after_a_quarter_was_published_changes_nothing_in_it(self, cast: Cast) -> None:
        """Neither by hand nor by subtracting an earlier pack from a later can anybody see what was added."""
        a_full_quarter(cast)
        first = parts_of(built(of_quarter(cast)))
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        duties(cast.north, 9, 9)
        duties(cast.east, 9, 9)
        second = parts_of(built(of_quarter(cast)))
        assert {name for name in first | second if first.get(name) != second.get(name)} == {"proofs.json"}

    def test_it_proves_what_was_published_and_tells_no_count(self, cast: Cast, tmp_path: Path) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        a_full_quarter(cast)
        made = built(of_quarter(cast))
        parts, path = parts_of(made), tmp_path / "pack.zip"
        path.write_bytes(bytes_of(made.bundle))
        assert check_pack.main([str(path), "--key", str(public_keys()[0])]) == 0
        entry = TrailEntry.objects.get(operation="evidence.publish_quarter")
        assert read_manifest(parts["manifest.json"]).entries == [entry.sequence]
        proofs = read_proofs(parts["proofs.json"])
        assert [one.words.facts.keys() for one in proofs.entries if one.words] == [{MANIFEST_FACT}]
        assert [one.sequence for one in proofs.entries if one.parts] == [proofs.entries[-1].sequence]


def _number(shown: str) -> str:
    """A cell of the pack as the file of commissioners writes it."""
    found = re.fullmatch(r"about ([\d,]+)%?", shown)
    return found[1].replace(",", "") if found else {"not shown": "[c]"}[shown]


class TestItsPages:
    @pytest.fixture(autouse=True)
    def today(self, the_clock: Any) -> None:
        the_clock.stand_at(PACKED_AT)

    @pytest.mark.parametrize(
        ("subject", "offered"),
        [("quarter", True), ("inspection", True), ("theme", False), ("incident", False), ("learning", False)],
    )
    def test_a_commissioner_is_offered_where_one_may_read_it(self, cast: Cast, subject: str, offered: bool) -> None:
        page = signed_in(cast.quality_lead).get(reverse("evidence:new_pack_of", args=[subject])).content.decode()
        assert ('value="commissioner"' in page) is offered

    @pytest.mark.parametrize("subject", ["theme", "incident"])
    def test_sent_by_hand_for_another_subject_it_is_no_choice(self, cast: Cast, subject: str) -> None:
        incident = an_incident(by=cast.worker, team=cast.north)
        form = {
            "reference": incident.reference, "theme": incident.themes[0], "services": [str(cast.riverside.pk)],
            "period_from": "2025-10-01", "period_to": "2025-12-31", "disclosure": "commissioner", "submission_key": "k",
        }  # fmt: skip
        sent: Any = signed_in(cast.quality_lead).post(reverse("evidence:new_pack_of", args=[subject]), form)
        assert "Select a valid choice" in words(sent)
        assert not EvidencePack.objects.exists()

    def test_one_is_asked_for_built_and_read(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        a_full_quarter(cast)
        client = signed_in(cast.quality_lead)
        services = [str(cast.riverside.pk), str(cast.harbour.pk)]
        form = {
            "quarter": QUARTER.code, "services": services, "disclosure": "commissioner", "submission_key": "k",
        }  # fmt: skip
        sent: Any = client.post(reverse("evidence:new_pack_of", args=["quarter"]), form)
        assert "Being built" in words(client.get(sent.url))
        assert carry_on_packs(at=PACKED_AT) == 1
        shown = words(client.get(sent.url))
        assert "For a commissioner" in shown
        assert "must not leave the service" not in shown
        assert re.search(r"Holds\W+\d+ statements", re.sub(r"<[^>]*>", " ", shown)), "and no count of incidents"
        made = PackBuilt.objects.get()
        assert pack_seen(cast.commissioner, LATER, made.pack_id) is None, "it is handed to them"

    def test_where_nothing_is_published_it_says_what_to_do(self, cast: Cast) -> None:
        an_incident(by=cast.worker, team=cast.north, at=IN_QUARTER)
        form = {"quarter": QUARTER.code, "services": [str(cast.riverside.pk)], "disclosure": "commissioner"}
        sent: Any = signed_in(cast.quality_lead).post(reverse("evidence:new_pack_of", args=["quarter"]), form)
        assert "Publish a quarter that lies in it whole" in words(sent)


def test_one_published_between_asking_and_building_is_in_it(cast: Cast) -> None:
    published(cast)
    pack = of_quarter(cast, subject=Subject.INSPECTION, period=(date(2025, 7, 1), date(2025, 12, 31)))
    publish_quarter(by=cast.director, at=PACKED_AT, provider=cast.provider, quarter=QUARTER.before())
    carry_on_packs(at=LATER)
    page = parts_of(PackBuilt.objects.get(pack=pack))["pack.html"].decode()
    assert page.index(QUARTER.before().label) < page.index(QUARTER.label)
