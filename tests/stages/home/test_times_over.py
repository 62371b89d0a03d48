"""The list of incidents whose time is over, the schedule they are kept by, and who reads either."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import reverse

from saferpractice.access.models import AccessEntry, Person
from saferpractice.home.queries import retention
from saferpractice.home.queries.retention import KeptFilter, times_over, times_over_page
from saferpractice.home.rules.retention import OTHER, SERIOUS, HoldKind, Kept
from saferpractice.incidents.models import Incident
from saferpractice.incidents.operations import decide_restriction, grade_harm, keep_from, withdraw_incident
from saferpractice.incidents.rules import KeptFromReason
from saferpractice.lists.models import ListEntry
from saferpractice.lists.operations import add_entry, end_entry
from saferpractice.lists.queries import shipped
from saferpractice.pathways.models import PathwayCase
from saferpractice.trail.refusals import Invalid, Refused
from tests.conftest import TestClock
from tests.factories.incidents import an_incident
from tests.factories.pathways import a_case
from tests.factories.retention import OVER, OVER_TOO, a_finished_incident, a_hold, at_rest
from tests.factories.web import signed_in, words
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R34")]

A_DAY = timedelta(days=1)


def withdrawn(cast: Cast, **changes: Any) -> Incident:
    """The cheapest incident over which no work is open (but a ``case``): a report that was made twice."""
    case, team = changes.pop("case", False), changes.pop("team", cast.north)
    incident = an_incident(by=cast.worker, team=team, **changes)
    if case:
        a_case(cast, incident=incident, by=cast.lead, person=changes["person_reference"])
    withdraw_incident(by=cast.lead, at=NOW, incident=incident, reason="It was reported twice.")
    return incident


def named(record: Incident | PathwayCase) -> str:
    return record.reference if isinstance(record, Incident) else str(record)


def found(by: Person, at: Any = OVER, **wanted: Any) -> list[str]:
    return [named(one.record) for one in times_over(by, at, KeptFilter(**wanted))]


def page(by: Person, query: str = "", name: str = "home:times_over") -> HttpResponse:
    return signed_in(by).get(f"{reverse(name)}{query}")


def lines(by: Person, query: str = "") -> list[list[str]]:
    text = b"".join(page(by, query, "home:times_over_file").streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))[1:]


class TestTheList:
    @pytest.fixture
    def three(self, cast: Cast) -> dict[str, Incident]:
        """One due, one held, one with open work."""
        due, held, open_ = (withdrawn(cast, person_reference=f"P-{n}", case=n == 2) for n in range(3))
        a_hold(by=cast.lead, incident=held, kind=HoldKind.CLAIM)
        return {"due": due, "held": held, "open": open_}

    @pytest.mark.parametrize(
        ("state", "shown"),
        [(Kept.DUE, ["due"]), (Kept.BACK, ["held", "open"]), (Kept.ALL, ["due", "held", "open"])],
    )
    def test_shows_what_is_asked_the_oldest_first(
        self, cast: Cast, three: dict[str, Incident], state: Kept, shown: list[str]
    ) -> None:
        assert found(cast.lead, state=state) == [three[name].reference for name in shown]
        assert found(cast.lead, at=OVER - 3 * A_DAY, state=state) == [], "nobody's time is over"

    def test_by_team_and_by_kind(self, cast: Cast, three: dict[str, Incident]) -> None:
        east = withdrawn(cast, team=cast.east)
        assert found(cast.lead, team_id=cast.east.pk) == [east.reference]
        assert found(cast.lead, code=OTHER, state=Kept.ALL) == [
            *(one.reference for one in three.values()), east.reference
        ]  # fmt: skip
        assert found(cast.lead, code=SERIOUS) == []
        serious = withdrawn(cast, physical_harm="fatal")
        assert found(cast.lead, code=SERIOUS, at=OVER_TOO) == [serious.reference]

    def test_in_pages_none_lost_none_twice(
        self, cast: Cast, three: dict[str, Incident], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also when what is read at once ends within a page, and several were recorded at one moment."""
        monkeypatch.setattr(retention, "AT_ONCE", 2)
        others = [withdrawn(cast, person_reference=f"Q-{n}") for n in range(4)]
        seen: list[str] = []
        after = None
        while True:
            rows, after = times_over_page(cast.lead, OVER, KeptFilter(Kept.ALL), after, 3)
            seen += [named(row.record) for row in rows]
            if after is None:
                break
        everything = [one.reference for one in (*three.values(), *others)]
        assert sorted(seen) == sorted(everything)
        assert len(seen) == len(set(seen))

    @pytest.mark.parametrize(("name", "how"), [("quality_lead", "restricted"), ("director", "kept from it")])
    def test_an_incident_one_may_not_read_changes_nothing_of_it(
        self, cast: Cast, three: dict[str, Incident], the_clock: TestClock, name: str, how: str
    ) -> None:
        person = cast.people()[name]
        the_clock.stand_at(OVER)
        before = lines(person, "?show=all")
        hidden = an_incident(by=cast.worker, team=cast.north, person_reference="P-8")
        if how == "restricted":
            decide_restriction(by=cast.lead, at=NOW, incident=hidden, restricted=True, reason="About a colleague")
        else:
            keep_from(by=cast.lead, at=NOW, incident=hidden, person=person, because=KeptFromReason.RELATIVE)
        withdraw_incident(by=cast.lead, at=NOW, incident=hidden, reason="It was reported twice.")
        assert lines(person, "?show=all") == before
        assert len(lines(cast.lead, "?show=all")) == len(before) + 1

    def test_who_may_not_read_a_hold_learns_only_that_it_stands(self, cast: Cast, the_clock: TestClock) -> None:
        """Kept from another incident of the person: who put a hold on that person is not theirs to read."""
        seen = withdrawn(cast)
        other = an_incident(by=cast.worker, team=cast.north)
        keep_from(by=cast.lead, at=NOW, incident=other, person=cast.director, because=KeptFromReason.RELATIVE)
        a_hold(by=cast.lead, person_supported=seen.person_supported, kind=HoldKind.COMPLAINT)
        the_clock.stand_at(OVER)
        assert lines(cast.director, "?show=back") == [[*lines(cast.lead, "?show=back")[0][:-1], "A hold stands"]]
        assert lines(cast.lead, "?show=back")[0][-1] == "Hold: a complaint"


class TestThePageAndTheFile:
    @pytest.fixture(autouse=True)
    def _today(self, the_clock: TestClock) -> None:
        the_clock.stand_at(OVER)

    def test_say_the_same(self, cast: Cast) -> None:
        kept = a_finished_incident(cast)
        gone = withdrawn(cast, team=cast.east)
        a_hold(by=cast.lead, incident=gone)
        shown = words(page(cast.lead, "?show=all"))
        for reference in (kept.reference, f"{gone.reference} (withdrawn)"):
            assert reference in shown
        assert reverse("home:incident", args=[gone.pk]) not in shown, "there is no page of it"
        assert lines(cast.lead, "?show=all") == [
            [kept.reference, "North team, Riverside community service",
             "Other incidents", "10", "2036-03-04", "Due", ""],
            [gone.reference, "East team, Harbour crisis service",
             "Other incidents", "10", "2036-03-04", "Kept",
             "Hold: a statutory inquiry or an inquest"],
        ]  # fmt: skip
        assert [line[0] for line in lines(cast.lead)] == [kept.reference]
        assert [line[0] for line in lines(cast.lead, f"?team={cast.east.pk}&show=back")] == [gone.reference]
        assert [line[0] for line in lines(cast.lead, "?show=nonsense&team=x&kind=y")] == [kept.reference]

    def test_older_ones_are_a_link_away(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("saferpractice.home.views.retention.PAGE", 1)
        first, second = (withdrawn(cast, person_reference=f"P-{n}") for n in range(2))
        shown = words(page(cast.lead))
        assert first.reference in shown
        assert second.reference not in shown
        (link,) = [part.split('"')[0] for part in shown.split('href="') if "after=" in part.split('"')[0]]
        assert second.reference in words(signed_in(cast.lead).get(link))

    def test_whoever_reads_them_is_seen_to_have(self, cast: Cast) -> None:
        page(cast.director, "?show=back&nonsense=1")
        lines(cast.director)
        assert list(
            AccessEntry.objects.filter(by_id=cast.director.pk).order_by("pk").values_list("page", "detail")
        ) == [
            ("records whose time is over", "show=back"),
            ("records whose time is over, export", ""),
        ]

    def test_an_empty_list_says_so(self, cast: Cast) -> None:
        assert "Nothing is due for disposal" in words(page(cast.lead))
        assert "No record you may read fits these filters" in words(page(cast.lead, "?show=all"))


class TestTheSchedule:
    @pytest.fixture(autouse=True)
    def _today(self, the_clock: TestClock) -> None:
        the_clock.stand_at(NOW)

    def longer(self, cast: Cast, code: str = OTHER, by: Any = None, **changes: Any) -> ListEntry:
        entry = next(one for one in shipped("retention").entries if one.code == code)
        return add_entry(
            by=by or cast.quality_lead, at=NOW, provider=cast.provider, list_code="retention",
            data={
                "code": code, "label": entry.label, "hint": entry.hint, "detail": {**entry.detail, **changes},
                "source": {"title": "Board paper 12"}, "valid_from": NOW.date(), "valid_to": None,
            },
        )  # fmt: skip

    @pytest.mark.parametrize("name", ["administrator", "quality_lead", "lead", "director"])
    def test_prints_how_long_from_when_why_and_what_then(self, cast: Cast, name: str) -> None:
        text = words(page(cast.people()[name], name="home:schedule"))
        for part in (
            "20 years", "10 years", "UK GDPR, Article 5(1)(e)", "UK GDPR, Article 17(3)(b)", "Article 17(3)(e)",
            "Data Protection Act 2018, Schedule 1", "Records Management Code of Practice for Health and Social Care",
            "The London day on which the last work about it ended", "place of deposit", "legal advice",
        ):  # fmt: skip
            assert part in text, part
        assert (reverse("home:times_over") in text) is (name != "administrator")

    def test_a_provider_keeps_them_longer_and_the_list_follows(self, cast: Cast) -> None:
        withdrawn(cast)
        assert len(found(cast.lead)) == 1
        self.longer(cast, years=25)
        assert found(cast.lead) == []
        assert "25 years" in (text := words(page(cast.administrator, name="home:schedule")))
        assert "Your own: the minimum is 10" in text
        assert len(found(cast.lead, at=OVER.replace(year=2051))) == 1
        assert found(cast.lead, at=OVER.replace(year=2051, month=3, day=4)) == []

    @pytest.mark.parametrize(
        ("changes", "field", "says"),
        [
            ({"years": 9}, "detail.years", "Enter 10 or more"),
            ({"years": 0}, "detail.years", "at least 1"),
            ({"years": 101}, "detail.years", "100"),
            ({"years": 1, "at_least": 1}, "detail.years", "Enter 10 or more"),
            ({"years": 12, "at_least": 1}, "", "Only the number of years is yours"),
            ({"basis": ["Because"]}, "", "Only the number of years is yours"),
            ({"counted_from": "The report"}, "", "Only the number of years is yours"),
            ({"afterwards": "Shred it"}, "", "Only the number of years is yours"),
        ],
    )
    def test_and_never_shorter_nor_on_another_basis(
        self, cast: Cast, changes: dict[str, Any], field: str, says: str
    ) -> None:
        with pytest.raises(Invalid) as refused:
            self.longer(cast, **changes)
        assert says in refused.value.problems[field]
        assert not ListEntry.objects.exists()

    def test_a_kind_can_be_neither_added_nor_ended(self, cast: Cast) -> None:
        with pytest.raises(Refused):
            add_entry(
                by=cast.quality_lead, at=NOW, provider=cast.provider, list_code="retention",
                data={"code": "letters", "label": "Letters", "detail": shipped("retention").entries[0].detail,
                      "source": {"title": "Board paper 12"}, "valid_from": NOW.date()},
            )  # fmt: skip
        with pytest.raises(Refused):
            end_entry(
                by=cast.quality_lead, at=NOW, provider=cast.stranger.provider, list_code="retention", code=OTHER,
                last_day=NOW.date(), reason="We shred.",
            )  # fmt: skip

    def test_a_longer_time_of_their_own_that_ends_leaves_the_minimum(self, cast: Cast) -> None:
        withdrawn(cast)
        self.longer(cast, years=30)
        end_entry(
            by=cast.quality_lead, at=NOW, provider=cast.provider, list_code="retention", code=OTHER,
            last_day=date(2026, 12, 31), reason="The board decided so.",
        )  # fmt: skip
        assert len(found(cast.lead)) == 1

    @pytest.mark.parametrize(("typed", "kept"), [("9", None), ("10", 10), ("40", 40), ("", None), ("ten", None)])
    def test_the_form_takes_the_minimum_or_more(self, cast: Cast, typed: str, kept: int | None) -> None:
        address = reverse("lists:replace", args=["retention", OTHER])
        sent = {"detail.years": typed, "source.title": "Board paper 12", "valid_from": NOW.date().isoformat()}
        answer = signed_in(cast.quality_lead).post(address, sent)
        assert [row.detail["years"] for row in ListEntry.objects.all()] == ([kept] if kept else [])
        assert answer.status_code == (302 if kept else 200)
        if not kept:
            assert "national minimum" in words(answer)


def test_a_graver_grading_takes_it_off_the_list_of_the_same_day(cast: Cast) -> None:
    incident = a_finished_incident(cast)
    assert found(cast.lead) == [incident.reference]
    grade_harm(
        by=cast.lead, at=NOW, incident=incident, physical_harm="severe", psychological_harm="low", reason="Seen."
    )  # fmt: skip
    at_rest(incident)
    assert found(cast.lead, state=Kept.ALL) == []
