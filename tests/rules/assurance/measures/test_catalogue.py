"""Every measure is defined once, in words, by what it is read from; and who is told of incidents by it."""

from __future__ import annotations

from collections import Counter

import pytest

from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.catalogue import AGAIN_DAYS, HARM, LOOP, by_key, catalogue
from saferpractice.assurance.rules.measures.defined import AGAIN, OF_OBLIGATIONS, OPEN_DAYS, WORKER_DAYS, Defined, Shows
from saferpractice.assurance.rules.measures.series import Better
from tests.rules.pathways.cases import LIBRARY

pytestmark = pytest.mark.requirement("R20", "R25", "R31", "R32")

THEMES = (("self-neglect", "Self-neglect"), ("lost-contact", "Lost contact"), ("medication", "Medication"))
EVERY = catalogue(LIBRARY.values(), THEMES)
KEYS = [pytest.param(each, id=each.key) for each in EVERY]
NUMBERS = {
    Shows.IN_TIME: Number.SHARE,
    Shows.TIME: Number.MEASURED,
    Shows.COMPLETE: Number.SHARE,
    Shows.AGAIN: Number.SHARE,
    Shows.AGAIN_RATE: Number.RATE,
    Shows.LATE_AGAIN_RATE: Number.RATE,
    Shows.INCIDENTS: Number.COUNT,
    Shows.INCIDENTS_RATE: Number.RATE,
    Shows.REPORTING: Number.RATE,
    Shows.UNMANAGED: Number.SHARE,
    Shows.SUPERVISED: Number.SHARE,
    Shows.AUDITED: Number.SHARE,
}


def source_of(key: str) -> Defined:
    return by_key(EVERY)[key]


def test_no_two_share_a_key_or_count_the_same_thing() -> None:
    assert [key for key, number in Counter(each.key for each in EVERY).items() if number > 1] == []
    assert [source for source, number in Counter(each.source for each in EVERY).items() if number > 1] == []


@pytest.mark.parametrize("each", KEYS)
def test_it_says_in_words_what_it_counts_of_what_and_from_which_rows(each: Defined) -> None:
    measure = each.measure
    assert measure.name and measure.numerator and measure.rows and each.section
    assert measure.number is NUMBERS[each.source.shows]
    assert bool(measure.denominator) is (measure.number is not Number.COUNT)
    assert bool(measure.exposure) is (each.source.shows in OPEN_DAYS | WORKER_DAYS)
    assert measure.number is not Number.SHARE or measure.unit == "%"
    of_one = each.source.shows in OF_OBLIGATIONS | {Shows.COMPLETE} and bool(each.source.pathway)
    assert bool(each.source.standard) is of_one
    assert (each.source.within_days > 0) is (each.source.shows in AGAIN | {Shows.UNMANAGED})
    if each.source.within_days:
        assert f"{each.source.within_days} days" in measure.numerator, "the days are said where they decide"


@pytest.mark.parametrize("each", [one for one in EVERY if one.source.pathway], ids=lambda one: one.key)
def test_of_a_pathway_it_reads_that_pathway_alone(each: Defined) -> None:
    definition = LIBRARY[each.source.pathway]
    assert each.key.startswith(f"{definition.pathway}.")
    assert each.section == definition.title
    if each.source.standard:
        assert each.source.standard.removeprefix(f"{definition.pathway}.") in definition.owed
    assert set(each.source.records) <= set(definition.kinds)


@pytest.mark.parametrize("code", sorted(LIBRARY))
def test_what_a_pathway_names_is_there_as_it_names_it(code: str) -> None:
    for named in LIBRARY[code].measures:
        found = source_of(f"{code}.{named.id}")
        assert found.named
        assert (found.measure.name, found.measure.better) == (named.title, Better(named.better))
        assert found.measure.target == (None if named.target is None else float(named.target))
        if found.source.shows in AGAIN:
            assert found.source.within_days == (named.within_days or AGAIN_DAYS)


@pytest.mark.parametrize("code", sorted(LIBRARY))
def test_every_obligation_is_read_for_being_in_time_and_for_how_long_it_took(code: str) -> None:
    for obligation in LIBRARY[code].obligations:
        mine = [each.source.shows for each in EVERY if each.source.standard == f"{code}.{obligation.id}"]
        assert mine.count(Shows.IN_TIME) == mine.count(Shows.TIME) == 1, obligation.id
        over_and_over = obligation.repeats is not None or obligation.again == "for each record"
        asked = {Shows.AGAIN_RATE, Shows.LATE_AGAIN_RATE} & set(mine)
        assert len(asked) == (0 if over_and_over else 2), "what is owed weekly by its nature cannot come again"


def test_some_are_owed_over_and_over_and_some_are_not() -> None:
    """So that the test above says something of both."""
    owed = [each for definition in LIBRARY.values() for each in definition.obligations]
    assert any(each.repeats is not None for each in owed)
    assert any(each.repeats is None and each.again != "for each record" for each in owed)


def test_within_how_many_days_is_what_the_pathway_says_and_holds_for_all_that_is_read_of_it() -> None:
    definition = LIBRARY["self-neglect"]
    named = tuple(
        each.model_copy(update={"within_days": 30}) if each.within_days else each for each in definition.measures
    )
    found = by_key(catalogue([definition.model_copy(update={"measures": named})], THEMES))
    for key in (
        "self-neglect.repeat-threshold",
        "self-neglect.consult.again-rate",
        "self-neglect.consult.late-again-rate",
    ):
        assert found[key].source.within_days == 30
        assert "30 days" in found[key].measure.numerator
    assert found["self-neglect.refer.again-rate"].source.within_days == AGAIN_DAYS, "it says nothing of referrals"


def test_one_pathway_more_changes_no_measure_of_another() -> None:
    alone = catalogue([LIBRARY["lost-contact"]], THEMES)
    both = by_key(catalogue([LIBRARY["exploitation"], LIBRARY["lost-contact"]], THEMES))
    assert all(both[each.key] == each for each in alone)
    assert len(both) > len(alone)


def test_a_theme_of_the_provider_is_counted_and_makes_its_pathway_answer_for_it() -> None:
    assert source_of("incidents.theme.medication").source.theme == "medication"
    assert source_of("self-neglect.unmanaged").source.theme == "self-neglect"
    assert "exploitation.unmanaged" not in by_key(EVERY), "no theme says which incidents are of it"
    assert "incidents.theme.medication" not in by_key(catalogue(LIBRARY.values(), THEMES[:2]))


def test_a_provider_without_pathways_has_the_loop_audits_and_incidents() -> None:
    found = catalogue([], ())
    assert not any(each.source.pathway for each in found)
    assert {f"loop.{key}.{what}" for key, *_ in LOOP for what in ("time", "in-time")} <= {each.key for each in found}
    assert [each for each in found if each.source.level is not None and each.source.shows is Shows.INCIDENTS] != []


@pytest.mark.parametrize(
    ("level", "better"), [(0, "neither"), (1, "neither"), (2, "lower"), (3, "lower"), (4, "lower")]
)
def test_more_reports_of_little_harm_may_be_good_news(level: int, better: str) -> None:
    assert source_of(f"incidents.harm.{level}").measure.better == better
    assert HARM[level] in source_of(f"incidents.harm.{level}").measure.name
    assert source_of("incidents.all").measure.better is Better.NEITHER


@pytest.mark.requirement("R34")
@pytest.mark.parametrize("each", KEYS)
def test_whoever_reads_their_own_team_only_is_told_of_no_incident(each: Defined) -> None:
    """A support worker reads how the team works by its pathways; not what became of incidents, nor the loop after."""
    tells = each.source.shows not in OF_OBLIGATIONS | {Shows.COMPLETE} or not each.key.startswith(tuple(LIBRARY))
    assert each.tells_of_incidents is tells


@pytest.mark.parametrize(
    ("key", "unit", "minutes"),
    [
        ("loop.triage.time", "hours", 60),
        ("loop.review.time", "days", 1440),
        ("self-neglect.threshold-to-referral", "hours", 60),
    ],
)
def test_times_are_read_in_their_unit(key: str, unit: str, minutes: int) -> None:
    assert (source_of(key).measure.unit, source_of(key).source.minutes) == (unit, minutes)
    assert f"in {unit}" in source_of(key).measure.numerator
