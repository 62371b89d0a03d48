"""The page about the example service is made from its files, and says what they say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.architecture.example_page import (
    PAGE,
    Told,
    audits,
    before,
    everything_told,
    incidents,
    page,
    provider,
    state_of,
)
from tests.architecture.source import ROOT

REPORT = ("report", {"at": "w-3 Mon 09:00"})
TRIAGE = ("triage", {"tier": {"tier": "B"}})
REVIEW = ("review", {})
FINDING = ("finding", {"key": "one"})
WITH_FINDING = ("rapid-review", {"finding": {"key": "one"}})


def told(*steps: tuple[str, dict[str, Any]], key: str = "out-of-hours", verdict: str = "") -> Told:
    return Told("file", key, "alder", "Something.", verdict, (REPORT, *steps))


def said(**more: Any) -> dict[str, Any]:
    people = [
        {
            "key": "a",
            "name": "Wren Ashdown",
            "role": "support_worker",
            "at": "alder",
            "sign_in": {"try_first": "Look."},
        },
        {"name": "Bram Ostler", "role": "supervisor", "at": "alder"},
    ]
    teams = [{"key": "alder", "name": "Alder team"}, {"key": "birch", "name": "Birch team"}]
    services = [{"key": "community", "name": "Community service", "teams": teams}]
    return {"password": "words", "mail_domain": "x.example", "services": services, "people": people, **more}


def rows(made: str, heading: str) -> list[list[str]]:
    """The rows of the table under ``heading``, without the table's own head."""
    part = made.split(f"{heading}\n", 1)[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_it_is_current() -> None:
    made = page(provider(), incidents(), audits(), everything_told())
    assert PAGE.read_text(encoding="utf-8").splitlines() == made.splitlines(), "run make fix"


def test_it_says_first_that_everything_is_invented() -> None:
    assert PAGE.read_text(encoding="utf-8").splitlines()[2].startswith("**Everything here is invented**")


def test_every_incident_and_change_has_a_row() -> None:
    made = PAGE.read_text(encoding="utf-8")
    titles = [row[0] for row in rows(made, f"## {len(incidents())} incidents, and what became of each")]
    assert sorted(titles) == sorted(one.title for one in incidents())
    changes = [row[0] for row in rows(made, "## Changes and verdicts")]
    assert sorted(changes) == sorted(change["title"] for one in incidents() for change in one.all_of("change"))


def test_the_readme_names_those_who_sign_in_and_no_others() -> None:
    address = r"`([a-z.]+@(?:invented|neighbour)\.example)`"
    named = set(re.findall(address, (ROOT / "README.md").read_text(encoding="utf-8")))
    on_the_page = re.findall(address, PAGE.read_text(encoding="utf-8"))
    people = [*provider()["people"], *everything_told()["neighbour"]["people"]]
    assert named == set(on_the_page)
    assert len(on_the_page) == len(named) == len([one for one in people if one.get("sign_in")])


class TestWhatGoesFurther:
    CHANGE = ("change", {"key": "board", "title": "A board", "type": "tool", "reach": ["alder"]})

    def made(self, **further: Any) -> str:
        return page(said(), [told(self.CHANGE)], (), further)

    def test_training_counts_those_who_were_there_and_a_clause_says_if_it_is_agreed(self) -> None:
        trained = [{"people": ["a", "b"]}, {"people": ["c"]}]
        learned: dict[str, Any] = {
            "needs": [
                {"change": "board", "what": "Look at it.", "trained": trained},
                {"change": "board", "what": "Ring."},
            ],
            "clauses": [
                {"change": "board", "clause": "1", "agreed": {"agreed_on": "w-2 Mon"}},
                {"change": "board", "clause": "2"},
            ],
            "lessons": [{"change": "board", "title": "Boards"}],
        }
        found = [row[1:] for row in rows(self.made(learning=learned), "## What was learned goes further")]
        assert found == [
            ["training: Look at it.", "3 trained so far"],
            ["training: Ring.", "0 trained so far"],
            ["clause 1", "agreed"],
            ["clause 2", "to be agreed"],
            ["lesson: Boards", "in the library"],
        ]

    def test_a_pack_says_for_whom_it_is_and_whether_it_is_built(self) -> None:
        packs = [
            {"incident": "out-of-hours", "readers": "full", "built": "d-1 09:00"},
            {"incident": "out-of-hours", "readers": "inspector"},
        ]
        inspection = {"reference": "INS-1", "draws": [{"size": 5, "harm": "moderate"}]}
        made = self.made(inspection={"packs": packs, "inspections": [inspection]})
        assert [row[1:] for row in rows(made, "## Packs, and an inspection")] == [
            ["stays inside, everything in it", "built"],
            ["an inspector", "its texts wait to be confirmed"],
        ]
        assert "Inspection INS-1 is open. Drawn by chance so far: 5 incidents of moderate harm." in made

    def test_the_second_provider_has_its_sign_ins_in_the_one_table(self) -> None:
        theirs = said(name="Next door", mail_domain="next.example", quarters=[{"quarters_ago": 2, "incidents": [1, 2]}])
        made = self.made(neighbour=theirs)
        assert [row[2] for row in rows(made, "## Who is in it")] == [
            "`wren.ashdown@x.example`",
            "`wren.ashdown@next.example`",
        ]
        assert rows(made, "## A second provider") == [["2 quarters ago", "2", "0"]]


class TestWhatBecameOfAnIncident:
    @pytest.mark.parametrize(
        ("steps", "became", "tier"),
        [
            ([], "To be triaged", ""),
            ([("hand-over", {})], "Handed over, to be triaged", ""),
            ([("hand-over", {}), TRIAGE], "Triaged, the review is to be opened", "B"),
            ([("triage", {})], "Triaged, the tier is open", ""),
            ([("triage", {}), ("tier", {"tier": "C"})], "Triaged, the review is to be opened", "C"),
            ([TRIAGE, ("tier", {"tier": "A"}), ("tier", {"tier": "C"})], "Triaged, the review is to be opened", "C"),
            ([TRIAGE, REVIEW], "Under review", "B"),
            ([TRIAGE, REVIEW, FINDING], "Under review", "B"),
            ([TRIAGE, REVIEW, FINDING, ("complete", {})], "Reviewed: 1 finding", "B"),
            ([TRIAGE, REVIEW, FINDING, FINDING, ("complete", {})], "Reviewed: 2 findings", "B"),
            ([TRIAGE, REVIEW, ("complete", {})], "Reviewed: nothing about the system found", "B"),
            ([TRIAGE, REVIEW, WITH_FINDING], "Reviewed: 1 finding", "B"),
            ([TRIAGE, REVIEW, ("rapid-review", {})], "Reviewed: nothing about the system found", "B"),
            ([("withdraw-incident", {})], "Withdrawn", ""),
            ([TRIAGE, ("withdraw-incident", {})], "Withdrawn", "B"),
        ],
    )
    def test_is_read_from_its_steps(self, steps: list[tuple[str, dict[str, Any]]], became: str, tier: str) -> None:
        one = told(*steps)
        assert (one.became, one.tier) == (became, tier)

    @pytest.mark.parametrize(
        ("moment", "words"),
        [
            ("w-76 Thu 16:40", "76 weeks"),
            ("w-1 Mon 09:00", "1 week"),
            ("d-3 09:15", "3 days"),
            ("d-1 09:15", "1 day"),
            ("now-35m", "35 minutes"),
            ("now-1h", "1 hour"),
            ("now", "now"),
        ],
    )
    def test_when_is_told_from_the_day_of_loading(self, moment: str, words: str) -> None:
        assert before(moment) == words

    def test_they_stand_oldest_first_whatever_the_unit(self) -> None:
        moments = ["now", "now-50m", "d-6 10:00", "w-2 Mon 10:00", "now-7h", "d-13 10:00"]
        made = page(said(), [Told("f", m, "alder", "x", "", (("report", {"at": m}),)) for m in moments])
        reported = [row[2] for row in rows(made, "## 6 incidents, and what became of each")]
        assert reported == ["2 weeks ago", "13 days ago", "6 days ago", "7 hours ago", "50 minutes ago", "now"]


class TestChanges:
    CHANGE = ("change", {"key": "board", "title": "A board", "type": "tool", "reach": ["alder", "birch"]})

    @pytest.mark.parametrize(
        ("later", "state", "verdict"),
        [
            ([], "agreed, not live", "Improved"),
            ([("live", {"change": "another"})], "agreed, not live", "Improved"),
            ([("live", {"change": "board"})], "live", "Improved"),
            ([("version", {"change": "board", "pathway": "p"})], "live", "Improved"),
            ([("live", {"change": "board"}), ("withdraw-change", {"change": "board"})], "withdrawn", "–"),
        ],
    )
    def test_each_says_where_it_stands(self, later: list[tuple[str, dict[str, Any]]], state: str, verdict: str) -> None:
        agreed, then = told(self.CHANGE, verdict="Improved"), told(*later, key="elsewhere")
        assert state_of("board", [agreed, then]) == state
        (row,) = rows(page(said(), [agreed, then]), "## Changes and verdicts")
        assert row[:5] == ["A board", "Changed tool or software", "Out of hours", state, "Alder team, Birch team"]
        assert row[5] == verdict

    def test_one_without_a_verdict_says_so(self) -> None:
        (row,) = rows(page(said(), [told(self.CHANGE)]), "## Changes and verdicts")
        assert row[5] == "none yet"


class TestPeople:
    def test_those_who_sign_in_stand_with_their_address(self) -> None:
        (row,) = rows(page(said(), [told()]), "## Who is in it")
        assert row == ["Support worker", "Wren Ashdown", "`wren.ashdown@x.example`", "Alder team", "Look."]

    def test_the_others_are_counted_and_teams_say_how_many_work_there(self) -> None:
        made = page(said(), [told()])
        assert "Their colleagues (1) cannot sign in" in made
        assert "- Community service: Alder team (2), Birch team (0)" in made

    def test_a_bar_in_a_text_does_not_break_the_table(self) -> None:
        one = Told("f", "k", "alder", "this | that\nand more", "", (REPORT,))
        (row,) = rows(page(said(), [one]), "## 1 incidents, and what became of each")
        assert row[5] == "this / that and more"


class TestAudits:
    CHANGE = ("change", {"key": "board", "title": "A board", "type": "tool", "reach": ["alder"]})

    @pytest.mark.parametrize(
        ("more", "ends"),
        [
            ({}, ["one auditor", "being read"]),
            ({"by_two": True}, ["two auditors", "being read"]),
            ({"answered": {"what": "Do it."}}, ["one auditor", "finished and answered for"]),
        ],
    )
    def test_each_says_how_far_it_is(self, more: dict[str, Any], ends: list[str]) -> None:
        (row,) = rows(page(said(), [told(self.CHANGE)], [{"title": "Notes", "change": "board"} | more]), "## Audits")
        assert row == ["Notes", "A board", *ends]
