"""A pack for a commissioner holds what was published and nothing else, whichever services it is about (R32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saferpractice.assurance.rules.measures.series import Better
from saferpractice.evidence.rendering import data, html
from saferpractice.evidence.rules.commissioning.judging import Trend
from saferpractice.evidence.rules.commissioning.published import Counted, Learned, Published, Told, publish
from saferpractice.evidence.rules.commissioning.published import Section as Heading
from saferpractice.evidence.rules.disclosure.tables import WHOLE, Counts, pairs
from saferpractice.evidence.rules.packs.document import Cleared, Disclosure, Note, Pack
from saferpractice.evidence.rules.packs.of_quarters import COLUMNS, Quarterly, pack_for_commissioner
from saferpractice.evidence.rules.thematic.quarters import Quarter
from saferpractice.evidence.rules.thematic.small import FEWEST_VALUES, HIDDEN, HIDE_BELOW, Guard, Guarded

pytestmark = pytest.mark.requirement("R32")

QUARTER = Quarter(2025, 3)
AT = datetime(2026, 1, 26, 10, 0, tzinfo=UTC)
PERIOD = (date(2025, 10, 1), date(2025, 12, 31))
LEARNED = Learned(
    title="Ring the same day", kind="K", rollout="R", verdict="V", training="T", specification="S", condition="C"
)
NAMES = ("Riverside", "Harbour", "Meadow", "Orchard")


def counted(met: list[int], out_of: list[int], code: str = "a.measure", *, rest: bool = False) -> Counted:
    told = Told(code=code, title=code.title(), section=Heading.TIMELINESS, better=Better.HIGHER, counts="What it is.")
    places = tuple(f"s{place}" for place in range(len(met) - rest))
    return Counted(pairs(met, out_of, rest=rest), places, ((0, told),))


def published(*tables: Counted, learned: tuple[Learned, ...] = ()) -> Published:
    services = {f"s{place}": name for place, name in enumerate(NAMES)}
    return publish(tables, counted_on="2026-01-20", services=services, learned=learned)


def a_quarter(made: Published, places: tuple[str, ...] | None = None, quarter: Quarter = QUARTER) -> Quarterly:
    return Quarterly(quarter=quarter, published=made, by_role="Quality lead", at=AT, places=places)


def a_pack(*quarters: Quarterly, before: tuple[Quarterly, ...] = (), period: tuple[date, date] = PERIOD) -> Pack:
    return pack_for_commissioner(
        quarters,
        [*before, *quarters],
        about="Riverside; October to December 2025",
        period=period,
        provider="Example Care",
        made_by="Director",
        made_at=AT,
    )


def numbers(pack: Pack) -> dict[tuple[str, str, str], Guarded]:
    """Every count of a pack, by measure, place and column."""
    found = {}
    for table in pack.tables():
        for row in table.rows if table.columns == COLUMNS else ():
            measure, place, _, count, out_of, _ = row.cells
            found[(str(measure), str(place), "count")] = count
            found[(str(measure), str(place), "out_of")] = out_of
    return found  # type: ignore[return-value]


def on_record(made: Published) -> dict[tuple[str, str, str], Guarded]:
    """Every count that was published, likewise."""
    found = {}
    for one in made.measures:
        named = {"Provider": one.whole} | {made.services[place]: share for place, share in one.places.items()}
        for name, share in named.items():
            found[(one.told.title, name, "count")], found[(one.told.title, name, "out_of")] = share.count, share.out_of
    return found


@st.composite
def tables(draw: st.DrawFn) -> list[Counted]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        out_of = draw(st.lists(st.one_of(st.integers(0, 9), st.integers(0, 60)), min_size=1, max_size=4))
        met = [draw(st.integers(0, one)) for one in out_of]
        rest = len(out_of) > 1 and draw(st.booleans())
        found.append(counted(met, out_of, f"measure {'abc'[number]}", rest=rest))
    return found


CHOICES = st.one_of(st.none(), st.lists(st.sampled_from(["s0", "s1", "s2", "s3"]), unique=True, min_size=1).map(tuple))


@given(tables(), CHOICES)
def test_every_number_is_the_published_one(made: list[Counted], places: tuple[str, ...] | None) -> None:
    row = published(*made)
    shown, known = numbers(a_pack(a_quarter(row, places))), on_record(row)
    assert {where: number for where, number in shown.items() if known[where] != number} == {}
    told = {NAMES[int(place[1])] for place in places} if places is not None else {"Provider", *NAMES}
    assert {place for _, place, _ in shown} <= told


@given(tables(), st.lists(CHOICES, min_size=2, max_size=4))
def test_no_packs_held_against_each_other_tell_a_small_number(
    made: list[Counted], chosen: list[tuple[str, ...] | None]
) -> None:
    """Whoever has several packs of a quarter subtracts what they may from what they may."""
    row = published(*made)
    together: dict[tuple[str, str, str], Guarded] = {}
    for places in chosen:
        for where, number in numbers(a_pack(a_quarter(row, places))).items():
            assert together.setdefault(where, number) == number, "two packs differ"
    for one in made:
        (_, told), *_ = one.measures
        for column, part in (("count", 0), ("out_of", WHOLE)):
            narrowed = differences(one.table, together, told.title, column, part)
            assert [cell for cell in narrowed if cell[1] - cell[0] + 1 < FEWEST_VALUES] == []


def differences(
    table: Counts, shown: dict[tuple[str, str, str], Guarded], title: str, column: str, part: int
) -> list[tuple[int, int]]:
    """The least and the most of each small number that is held back, by subtracting the others from the whole."""
    whole = shown.get((title, "Provider", column), HIDDEN)
    places = [place for place in table.places if not (table.rest and place == table.places[-1])]
    others = {place: shown.get((title, NAMES[place], column), HIDDEN) for place in places}
    rest = table.of((table.places[-1], part)) if table.rest else 0
    found = []
    for place in places:
        known = [one for each, one in others.items() if each != place]
        hidden = others[place] == HIDDEN and table.of((place, part)) < HIDE_BELOW
        if hidden and whole.guard is Guard.ROUNDED and all(one.guard is Guard.ROUNDED for one in known):
            least = whole.least - rest - sum(one.most(10**6) for one in known)
            found.append((max(0, least), whole.most(10**6) - rest - sum(one.least for one in known)))
    return found


def test_the_subtraction_finds_what_is_there() -> None:
    """The test itself: of numbers that nobody guarded, it would find the small one."""
    table = pairs([20, 2], [20, 2])
    shown = {
        ("A", "Provider", "out_of"): Guarded(Guard.ROUNDED, 20),
        ("A", "Riverside", "out_of"): Guarded(Guard.ROUNDED, 20),
    }
    assert differences(table, shown, "A", "out_of", WHOLE) == [(0, 4)]
    shown = {where: Guarded(Guard.ROUNDED, 5) for where in shown}
    assert differences(table, shown, "A", "out_of", WHOLE) == [(0, 2)]


@given(tables())
def test_no_exact_number_stands_anywhere_in_it(made: list[Counted]) -> None:
    pack = a_pack(a_quarter(published(*made)))
    assert [cell for _, cell in pack.cells() if isinstance(cell, int | float)] == []
    assert pack.disclosure is Disclosure.COMMISSIONER


def rows_of(pack: Pack, name: str = "published") -> list[list[Any]]:
    return [list(row.cells) for table in pack.tables() if table.name == name for row in table.rows]


def test_the_whole_provider_with_each_service() -> None:
    pack = a_pack(a_quarter(published(counted([20, 30], [40, 50]))))
    assert [row[:3] for row in rows_of(pack)] == [
        ["A.Measure", "Provider", "about 56%"],
        ["A.Measure", "Riverside", "about 50%"],
        ["A.Measure", "Harbour", "about 60%"],
    ]


def test_one_service_without_the_provider() -> None:
    pack = a_pack(a_quarter(published(counted([20, 30], [40, 50])), ("s1",)))
    assert [row[1] for row in rows_of(pack)] == ["Harbour"]
    notes = [block.text for section in pack.sections for block in section.blocks if isinstance(block, Note)]
    assert "It is about some of the provider’s services. The numbers of the whole provider are left out." in notes


def test_a_service_of_which_nothing_was_published() -> None:
    pack = a_pack(a_quarter(published(counted([20], [40])), ("s3",)))
    assert rows_of(pack) == []
    (empty,) = [table for table in pack.tables() if table.name == "published"]
    assert empty.empty == "Nothing was published of these services."


def test_a_provider_of_one_service_says_each_number_once() -> None:
    assert [row[1] for row in rows_of(a_pack(a_quarter(published(counted([20], [40])))))] == ["Provider"]


def test_of_what_no_service_has_a_number_the_provider_alone_is_told() -> None:
    pack = a_pack(a_quarter(published(counted([20, 1], [40, 2]), counted([20, 30], [40, 50], "b.measure"))))
    assert [row[:2] for row in rows_of(pack)] == [
        ["A.Measure", "Provider"],
        ["B.Measure", "Provider"], ["B.Measure", "Riverside"], ["B.Measure", "Harbour"],
    ]  # fmt: skip
    notes = [block.text for section in pack.sections for block in section.blocks if isinstance(block, Note)]
    assert [note.partition(":")[2][:11] for note in notes if note.startswith("No service")] == [" A.Measure."]


def test_what_is_held_back_says_so_in_every_column() -> None:
    ((_, _, *shown, compared),) = rows_of(a_pack(a_quarter(published(counted([1], [3])))))
    assert shown == [HIDDEN, HIDDEN, HIDDEN]
    assert compared == Trend.CANNOT_BE_TOLD.value


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], Trend.CANNOT_BE_TOLD),
        ([(1, 40)], Trend.CANNOT_BE_TOLD),
        ([(50, 200)], Trend.BETTER),
        ([(195, 200)], Trend.WORSE),
        ([(120, 200)], Trend.NO_CLEAR_CHANGE),
        ([(5000, 5000), (50, 200), (50, 200), (50, 200), (50, 200)], Trend.BETTER),
    ],
    ids=["none", "held back", "fewer", "more", "alike", "the newest four alone"],
)
def test_it_is_compared_with_the_year_before(earlier: list[tuple[int, int]], expected: Trend) -> None:
    """Oldest first: of five quarters before it, the oldest is left out."""
    before = tuple(
        a_quarter(published(counted([met], [out_of])), quarter=QUARTER.before(len(earlier) - number))
        for number, (met, out_of) in enumerate(earlier)
    )
    now = a_quarter(published(counted([120], [200])))
    ((*_, compared),) = rows_of(a_pack(now, before=before))
    assert compared == expected.value


def test_what_was_two_years_ago_is_not_the_year_before() -> None:
    """Not even where nothing was published in between."""
    long_ago = a_quarter(published(counted([50], [200])), quarter=QUARTER.before(5))
    ((*_, compared),) = rows_of(a_pack(a_quarter(published(counted([120], [200]))), before=(long_ago,)))
    assert compared == Trend.CANNOT_BE_TOLD.value


def test_quarters_after_it_are_not_before_it() -> None:
    later = a_quarter(published(counted([50], [200])), quarter=QUARTER.after())
    ((*_, compared),) = rows_of(a_pack(a_quarter(published(counted([120], [200]))), before=(later,)))
    assert compared == Trend.CANNOT_BE_TOLD.value


def test_what_was_learned_stands_as_it_was_confirmed() -> None:
    pack = a_pack(a_quarter(published(counted([20], [40]), learned=(LEARNED, replace(LEARNED, condition="")))))
    title = Cleared("Ring the same day", "Quality lead", AT)
    assert rows_of(pack, "changes_told") == [
        [title, "C", "K", "R", "V", "T", "S"],
        [title, None, "K", "R", "V", "T", "S"],
    ]


def test_several_quarters_stand_one_after_the_other_each_with_its_source() -> None:
    row = published(counted([20], [40]))
    pack = a_pack(a_quarter(row), a_quarter(row, quarter=QUARTER.after()))
    titles = [section.title for section in pack.sections if section.level == 1]
    assert titles == ["About this pack", QUARTER.label, QUARTER.after().label]
    assert {source.reference for source in pack.sources()} == {"Q3 2025/26", "Q4 2025/26"}
    assert {source.kind.value for source in pack.sources()} == {"published"}


def test_it_says_which_quarters_of_its_time_it_holds() -> None:
    pack = a_pack(a_quarter(published()), period=(date(2025, 9, 20), date(2026, 1, 5)))
    about = " ".join(block.text for block in pack.sections[0].blocks if isinstance(block, Note))
    assert "Saturday 20 September 2025 to Monday 5 January 2026" in about
    assert "as far as whole quarters of it were published: Q3 2025/26." in about


def test_page_and_files_say_the_same() -> None:
    pack = a_pack(a_quarter(published(counted([20], [40]), counted([1], [3], "b.measure"), learned=(LEARNED,))))
    page, files = html(pack), data(pack)
    assert set(files) == {"pack.json", "published.csv", "changes_told.csv"}
    for text in ("about 40", "not shown", "Ring the same day", "Published quarter Q3 2025/26"):
        assert text in page
    lines = files["published.csv"].decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + len(rows_of(pack))
    assert all('"published","Q3 2025/26"' in line for line in lines[1:])
