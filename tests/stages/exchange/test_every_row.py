"""Whatever a file holds: every row ends as exactly one thing, the dry run foretells it, and again adds nothing."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from saferpractice.exchange import queries
from saferpractice.exchange.models import ImportBatch, ImportFile, ImportLine
from saferpractice.exchange.queries.judging import SAID_OTHERWISE
from saferpractice.exchange.rules.mapping import ImportMapping
from saferpractice.exchange.rules.states import LineState
from saferpractice.incidents.models import Incident
from tests.factories.exchange import PLAIN, QUOTES, a_file, an_import, csv_text, plain_mapping, plain_rows
from tests.personas import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]

STORIES = (
    "Nobody answered.",
    QUOTES,
    "=1+1",
    "- a list\n- of two",
    "",
    "   ",
    "He said \u202esiht\u202c.",
    "🧍‍♀️ alone",
    "'quoted'",
)
DATES = ("02/02/2026", "2/2/26", "30/02/2026", "", "01/01/2090", "29/03/2026 01:30", "2026-02-02", "46055")
HARMS = ("None", "LOW", " moderate ", "death", "", "Sprain")
RISKS = ("No", "yes", "", "perhaps")
ENDS = {LineState.IMPORTED, LineState.HELD, LineState.ALREADY}


def messy(seed: int, count: int = 14) -> str:
    """A file with every kind of row, the same for the same ``seed``; about half of it is good."""
    chance = random.Random(seed)
    rows: list[list[str]] = []
    for number in range(count):
        if rows and chance.random() < 0.15:
            rows.append(list(chance.choice(rows)))
            continue
        good = [f"M-{number}", "02/02/2026 14:30", f"Visit {number}.", "None", "No"]
        odd = [f"M-{chance.randrange(count)}", *map(chance.choice, (DATES, STORIES, HARMS, RISKS))]
        row = [chance.choice([a, a, b]) for a, b in zip(good, odd, strict=True)]
        rows.append(row if chance.random() < 0.9 else row[: chance.randrange(1, 5)])
    return csv_text(PLAIN, rows)


def foretold(file: ImportFile, mapping: ImportMapping) -> list[tuple[int, str]]:
    table = queries.table_of(file, mapping)
    return [
        (one.row.number, one.state.value) for one in queries.judged(table=table, mapping=mapping, file=file, at=NOW)
    ]


def became(batch: ImportBatch) -> list[tuple[int, str]]:
    return list(ImportLine.objects.filter(batch=batch).order_by("number").values_list("number", "state"))


@pytest.mark.parametrize("seed", range(8))
def test_every_row_ends_as_one_thing_as_foretold_and_again_adds_nothing(cast: Cast, seed: int) -> None:
    text, mapping = messy(seed), plain_mapping()
    file = a_file(text, by=cast.lead, team=cast.north)
    dry, said = queries.dry_run(file=file, mapping=mapping, at=NOW), foretold(file, mapping)
    batch = an_import(text, by=cast.lead, team=cast.north)
    assert became(batch) == said
    assert {state for _, state in said} <= ENDS
    assert [number for number, _ in said] == sorted({number for number, _ in said})
    assert dry.rows == batch.rows == len(said)
    assert dict(Counter(state for _, state in said)) == {s.value: n for s, n in dry.counts.items() if n}
    held = queries.held_lines(batch)
    assert all(line.reason and queries.cells_of(line) for line in held)
    incidents = Incident.objects.count()
    assert incidents == dry.usable == len(set(Incident.objects.values_list("source_reference", flat=True)))

    again = foretold(a_file(text, by=cast.lead, team=cast.north), mapping)
    second = an_import(text, by=cast.quality_lead, team=cast.north, name="the same under another name.csv")
    assert became(second) == again
    assert LineState.IMPORTED not in {state for _, state in again}
    assert Incident.objects.count() == incidents


class TestOneReferenceMoreThanOnce:
    def rows(self, *stories: str) -> str:
        return csv_text(PLAIN, [["D-1", "02/02/2026", story, "None", "No"] for story in stories])

    @pytest.mark.parametrize(
        ("first", "then", "states", "notes"),
        [
            ("a", ("a", "a"), ("already", "already"), ("", "")),
            ("a", ("a", "b"), ("already", "already"), ("", SAID_OTHERWISE)),
            ("a", ("b", "a"), ("already", "already"), (SAID_OTHERWISE, "")),
            ("a", ("b", "b"), ("already", "already"), (SAID_OTHERWISE, SAID_OTHERWISE)),
        ],
    )
    def test_of_something_here_is_compared_with_what_is_here(
        self, cast: Cast, first: str, then: tuple[str, ...], states: tuple[str, ...], notes: tuple[str, ...]
    ) -> None:
        an_import(self.rows(first), by=cast.lead, team=cast.north)
        text = self.rows(*then)
        said = foretold(a_file(text, by=cast.lead, team=cast.north), plain_mapping())
        batch = an_import(text, by=cast.lead, team=cast.north)
        lines = ImportLine.objects.filter(batch=batch).order_by("number")
        assert [line.state for line in lines] == [state for _, state in said] == list(states)
        assert [line.reason for line in lines] == list(notes)

    @pytest.mark.parametrize(
        ("stories", "states"),
        [
            (("a", "a"), ("imported", "already")),
            (("a", "b"), ("imported", "held")),
            (("a", "b", "a"), ("imported", "held", "already")),
            (("", "b", "b"), ("held", "imported", "already")),
            (("a", "", "a"), ("imported", "held", "already")),
        ],
    )
    def test_of_something_new_the_first_good_row_counts(
        self, cast: Cast, stories: tuple[str, ...], states: tuple[str, ...]
    ) -> None:
        text = self.rows(*stories)
        said = foretold(a_file(text, by=cast.lead, team=cast.north), plain_mapping())
        batch = an_import(text, by=cast.lead, team=cast.north)
        assert became(batch) == said
        assert tuple(state for _, state in said) == states


class TestTheSameFile:
    @pytest.mark.parametrize(
        "changed",
        [
            {"name": "july.csv"},
            {"end": "\n"},
            {"delimiter": ";"},
            {"delimiter": "\t", "encoding": "utf-16"},
            {"encoding": "utf-8-sig"},
        ],
        ids=str,
    )
    def test_under_another_name_or_saved_otherwise_adds_nothing(self, cast: Cast, changed: dict[str, Any]) -> None:
        an_import(csv_text(PLAIN, plain_rows(4)), by=cast.lead, team=cast.north)
        how = {key: changed[key] for key in ("end", "delimiter") if key in changed}
        data = csv_text(PLAIN, plain_rows(4), **how).encode(changed.get("encoding", "utf-8"))
        name = changed.get("name", "incidents.csv")
        batch = an_import(data, by=cast.lead, team=cast.north, name=name)
        assert {state for _, state in became(batch)} == {"already"}
        assert batch.file_name == name
        assert Incident.objects.count() == 4

    def test_with_its_rows_and_columns_in_another_order_adds_nothing(self, cast: Cast) -> None:
        an_import(csv_text(PLAIN, plain_rows(4)), by=cast.lead, team=cast.north)
        turned = [row[::-1] for row in reversed(plain_rows(4))]
        batch = an_import(csv_text(PLAIN[::-1], turned), by=cast.lead, team=cast.north)
        assert {state for _, state in became(batch)} == {"already"}

    def test_mended_adds_only_what_was_held_back(self, cast: Cast) -> None:
        rows = plain_rows(4)
        broken = [[*row[:2], "", *row[3:]] if row[0] in {"D-2", "D-4"} else row for row in rows]
        an_import(csv_text(PLAIN, broken), by=cast.lead, team=cast.north)
        mended = an_import(csv_text(PLAIN, rows), by=cast.lead, team=cast.north)
        assert [state for _, state in became(mended)] == ["already", "imported", "already", "imported"]
        assert sorted(Incident.objects.values_list("what_happened", flat=True)) == [row[2] for row in rows]

    def test_of_another_provider_is_theirs(self, cast: Cast) -> None:
        an_import(csv_text(PLAIN, plain_rows(2)), by=cast.lead, team=cast.north)
        mapping = plain_mapping(answers={"team": {"value": cast.north.name}})
        batch = an_import(csv_text(PLAIN, plain_rows(2)), by=cast.stranger, team=None, mapping=mapping)
        assert {state for _, state in became(batch)} == {"held"}
        assert not Incident.objects.exclude(provider=cast.provider).exists()
