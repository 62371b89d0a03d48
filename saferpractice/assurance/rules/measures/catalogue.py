"""Every measure there is, each defined once: those of the pathways from their definitions, and those of the loop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from saferpractice.assurance.rules.charts.which import Number
from saferpractice.assurance.rules.measures.defined import (
    EXPOSED,
    HAPPENED,
    IN_TIME_OUT_OF,
    STILL_OPEN,
    Defined,
    Shows,
    Source,
)
from saferpractice.assurance.rules.measures.series import Better, Measure
from saferpractice.assurance.rules.measures.times import GRID_WORDS
from saferpractice.pathways.rules.definition import Definition, Obligation
from saferpractice.pathways.rules.definition import Measure as Named
from saferpractice.pathways.rules.standards import standard_of

OWED = "pathways.owed"
EVERYBODY = 100.0
"""Per cent: one discussion for every worker and month is the standard, not a share of them (R38)."""
AGAIN_DAYS = 90
"""Within how many days another counts as again, where a pathway does not say: the next quarter."""
HOURS, DAYS = ("hours", 60), ("days", 1440)
LOOP = (
    ("triage", "triage.decide", "From incident to triage", HOURS),
    ("review", "reviews.complete", "From triage to the review completed", DAYS),
    ("change", "findings.answer", "From a finding to the change that answers it", DAYS),
    ("proof", "changes.proof", "From a change going live to proof of its rollout", DAYS),
)
"""The steps of the loop: key, the kind of obligation each is read from, its name, and the unit of its times."""
HARM = ("No harm", "Low harm", "Moderate harm", "Severe harm", "Fatal harm")
"""The worse of the physical and the psychological harm, by level."""
FROM_HARM = 2
"""The level of harm from which fewer is better: below it, more reports may be good news."""
LOOP_SECTION, INCIDENTS_SECTION = "From incident to proof", "Incidents"
SHOWN = {
    "share-in-time": Shows.IN_TIME,
    "time-to-met": Shows.TIME,
    "completeness": Shows.COMPLETE,
    "repeat": Shows.AGAIN,
}


def catalogue(definitions: Iterable[Definition], themes: Sequence[tuple[str, str]]) -> tuple[Defined, ...]:
    """Every measure of a provider that works by ``definitions`` and names incidents by ``themes`` (code, label)."""
    used = list(definitions)
    of_pathways = chain.from_iterable(_of_pathway(each, dict(themes)) for each in used)
    return (*of_pathways, *_of_loop(), _of_audits(), _of_supervision(), *_of_incidents(themes))


def by_key(measures: Iterable[Defined]) -> dict[str, Defined]:
    """The measures by their keys."""
    return {each.key: each for each in measures}


# ---- pathways


@dataclass(frozen=True, slots=True)
class _Titled:
    """What a measure of an obligation is called, and what its pathway says of it."""

    key: str
    title: str
    better: Better
    target: float | None = None
    within_days: int = AGAIN_DAYS
    named: bool = False


def _of_pathway(definition: Definition, themes: dict[str, str]) -> Iterator[Defined]:
    for named in definition.measures:
        obligation = definition.owed[named.of]
        yield _of_obligation(definition, obligation, SHOWN[named.shows], _as_named(definition, named))
    taken = {(each.of, SHOWN[each.shows]) for each in definition.measures}
    records_taken = {_records(definition.owed[of]) for of, shows in taken if shows is Shows.COMPLETE}
    for obligation in definition.obligations:
        for shows in _generic(definition, obligation):
            if (obligation.id, shows) in taken:
                continue
            if shows is Shows.COMPLETE:
                if _records(obligation) in records_taken:
                    continue
                records_taken.add(_records(obligation))
            yield _of_obligation(definition, obligation, shows, _generic_title(definition, obligation, shows))
    if definition.pathway in themes:
        yield _unmanaged(definition, themes[definition.pathway])


def _records(obligation: Obligation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(way.record for way in obligation.met_by))


def _generic(definition: Definition, obligation: Obligation) -> Iterator[Shows]:
    """What is read from every obligation. What is owed over and over by its nature cannot come again."""
    yield Shows.IN_TIME
    yield Shows.TIME
    if any(definition.kinds[kind].needed for kind in _records(obligation)):
        yield Shows.COMPLETE
    if obligation.repeats is None and obligation.again != "for each record":
        yield from (Shows.AGAIN, Shows.AGAIN_RATE, Shows.LATE_AGAIN_RATE)


def _as_named(definition: Definition, named: Named) -> _Titled:
    return _Titled(
        key=f"{definition.pathway}.{named.id}",
        title=named.title,
        better=Better(named.better),
        target=None if named.target is None else float(named.target),
        within_days=named.within_days or AGAIN_DAYS,
        named=True,
    )


_SUFFIX = {
    Shows.IN_TIME: ("in-time", "in time", Better.HIGHER),
    Shows.TIME: ("time", "time taken", Better.LOWER),
    Shows.COMPLETE: ("complete", "record complete", Better.HIGHER),
    Shows.AGAIN: ("again", "asked for again", Better.LOWER),
    Shows.AGAIN_RATE: ("again-rate", "asked for again, for 1,000 open days", Better.LOWER),
    Shows.LATE_AGAIN_RATE: ("late-again-rate", "late again, for 1,000 open days", Better.LOWER),
}


def _generic_title(definition: Definition, obligation: Obligation, shows: Shows) -> _Titled:
    suffix, words, better = _SUFFIX[shows]
    title = f"{obligation.title}: {words}"
    days = next((each.within_days for each in definition.measures if each.of == obligation.id and each.within_days), 0)
    return _Titled(
        f"{standard_of(definition.pathway, obligation.id)}.{suffix}", title, better, within_days=days or AGAIN_DAYS
    )


def _of_obligation(definition: Definition, obligation: Obligation, shows: Shows, titled: _Titled) -> Defined:
    what = f"“{obligation.title}” of the pathway “{definition.title}”"
    source = Source(
        shows,
        kind=OWED,
        standard=standard_of(definition.pathway, obligation.id),
        pathway=definition.pathway,
        records=_records(obligation) if shows is Shows.COMPLETE else (),
        within_days=titled.within_days if shows in _AGAIN_WORDS else 0,
    )
    if shows is Shows.COMPLETE:
        labels = " or ".join(f"“{definition.kinds[kind].label}”" for kind in source.records)
        numbers = _share(
            f"records {labels} that had every required part when they were first written",
            f"all such records of what happened in the period. Those withdrawn are left out. {HAPPENED}",
            f"records of the pathway “{definition.title}”",
        )
    elif shows in _AGAIN_WORDS:
        numbers = _again_numbers(shows, what, titled.within_days)
    else:
        numbers = _numbers(shows, what, HOURS)
    measure = _measure(titled.key, titled.title, titled.better, numbers, titled.target)
    return Defined(measure, source, definition.title, titled.named)


_AGAIN_WORDS = {
    Shows.AGAIN: "those asked for again",
    Shows.AGAIN_RATE: "those asked for again",
    Shows.LATE_AGAIN_RATE: "those not in time again",
}


@dataclass(frozen=True, slots=True)
class _Numbers:
    number: Number
    numerator: str
    denominator: str
    rows: str
    exposure: str = ""
    unit: str = ""


def _measure(key: str, title: str, better: Better, of: _Numbers, target: float | None = None) -> Measure:
    return Measure(
        key=key,
        name=title,
        number=of.number,
        better=better,
        numerator=of.numerator,
        denominator=of.denominator,
        rows=of.rows,
        exposure=of.exposure,
        unit=of.unit,
        target=target,
    )


def _share(numerator: str, denominator: str, rows: str) -> _Numbers:
    return _Numbers(Number.SHARE, numerator, denominator, rows, unit="%")


def _numbers(shows: Shows, what: str, unit: tuple[str, int]) -> _Numbers:
    rows = f"obligations {what}"
    if shows is Shows.IN_TIME:
        return _share("those met at or before the moment they were due", f"{IN_TIME_OUT_OF} {HAPPENED}", rows)
    return _Numbers(
        Number.MEASURED,
        f"the time by which half were met (the median), from opening, in {unit[0]}. {GRID_WORDS}",
        f"{STILL_OPEN} {HAPPENED}",
        rows,
        unit=unit[0],
    )


def _again_numbers(shows: Shows, what: str, days: int) -> _Numbers:
    rows = f"obligations {what}"
    if shows is Shows.LATE_AGAIN_RATE:
        counted = (
            f"those opened in the period and not met in time, where the same was not met in time before for the same "
            f"person, opened at most {days} days earlier"
        )
    else:
        counted = (
            f"those opened in the period for a person for whom the same had ended (met, or no longer owed) at most "
            f"{days} days earlier"
        )
    if shows is Shows.AGAIN:
        return _share(counted, f"all of them opened in the period, but for those never owed. {HAPPENED}", rows)
    return _Numbers(
        Number.RATE,
        counted,
        "thousands of days for which cases of the pathway were open in the period",
        rows,
        exposure=f"{EXPOSED:,.0f} open days",
        unit=f"for {EXPOSED:,.0f} open days",
    )


def _unmanaged(definition: Definition, theme: str) -> Defined:
    numbers = _share(
        f"those before which nothing that the pathway “{definition.title}” asks for was done for the person in "
        f"{AGAIN_DAYS} days",
        f"all incidents of the theme “{theme}” that happened in the period to a person who is named by a reference. "
        f"Incidents withdrawn are left out. {HAPPENED}",
        "incidents, and obligations of the pathway",
    )
    return Defined(
        _measure(f"{definition.pathway}.unmanaged", f"{theme}: incidents unmanaged before", Better.LOWER, numbers),
        Source(Shows.UNMANAGED, pathway=definition.pathway, theme=definition.pathway, within_days=AGAIN_DAYS),
        definition.title,
        named=True,
    )


# ---- the loop, and incidents


def _of_loop() -> Iterator[Defined]:
    for key, kind, name, unit in LOOP:
        what = f"“{name}”"
        yield Defined(
            _measure(f"loop.{key}.time", name, Better.LOWER, _numbers(Shows.TIME, what, unit)),
            Source(Shows.TIME, kind=kind, minutes=unit[1]),
            LOOP_SECTION,
            named=True,
        )
        yield Defined(
            _measure(f"loop.{key}.in-time", f"{name}: in time", Better.HIGHER, _numbers(Shows.IN_TIME, what, unit)),
            Source(Shows.IN_TIME, kind=kind),
            LOOP_SECTION,
            named=True,
        )


def _of_audits() -> Defined:
    numbers = _share(
        "records that met the standard of their audit",
        "records read in audits of what was kept until a day in the period, where every record drawn is read. Each "
        "counts in the team it was kept in: of a team there are fewer, and so they say less",
        "results of audits",
    )
    measure = _measure("audits.compliance", "Records that meet the standard in audits", Better.HIGHER, numbers)
    return Defined(measure, Source(Shows.AUDITED), LOOP_SECTION, named=True)


def _of_supervision() -> Defined:
    numbers = _share(
        "discussions of a safeguarding learning point that were held and that their worker does not dispute",
        "discussions owed, one for each worker and month, for the months that end in the period. Leave, joiners and "
        "leavers are allowed for. Those still to be held in time are left out and shown as such. A worker counts where "
        "they work last in the month; whoever works in no single team counts in their service, or in the provider",
        "discussions in supervision, what workers answer, absences and roles",
    )
    title = "Safeguarding learning discussed in supervision"
    measure = _measure("supervision.coverage", title, Better.HIGHER, numbers, EVERYBODY)
    return Defined(measure, Source(Shows.SUPERVISED), LOOP_SECTION, named=True)


def _of_incidents(themes: Sequence[tuple[str, str]]) -> Iterator[Defined]:
    yield from _counted("all", "Incidents", "incidents that happened in the period", Better.NEITHER)
    for code, label in themes:
        counted = f"incidents of the theme “{label}” that happened in the period"
        yield from _counted(f"theme.{code}", f"Incidents: {label}", counted, Better.NEITHER, theme=code)
    for level, label in enumerate(HARM):
        counted = f"incidents that happened in the period whose worse harm, physical or psychological, is “{label}”"
        better = Better.LOWER if level >= FROM_HARM else Better.NEITHER
        yield from _counted(f"harm.{level}", f"Incidents: {label}", counted, better, level=level)
    numbers = _rate("incidents reported (written down) in the period, whenever they happened", "incidents")
    yield Defined(
        _measure("incidents.reporting", "Reporting rate", Better.NEITHER, numbers),
        Source(Shows.REPORTING),
        INCIDENTS_SECTION,
        named=True,
    )


def _counted(
    key: str, name: str, counted: str, better: Better, *, theme: str = "", level: int | None = None
) -> Iterator[Defined]:
    counted = f"{counted}, by when it happened or, where that is not known, when it became known. {_WITHDRAWN}"
    count = _Numbers(Number.COUNT, counted, "", "incidents")
    yield Defined(
        _measure(f"incidents.{key}", name, better, count),
        Source(Shows.INCIDENTS, theme=theme, level=level),
        INCIDENTS_SECTION,
        named=True,
    )
    title = f"{name}, for {EXPOSED:,.0f} worker days"
    yield Defined(
        _measure(f"incidents.{key}.rate", title, better, _rate(counted, "incidents")),
        Source(Shows.INCIDENTS_RATE, theme=theme, level=level),
        INCIDENTS_SECTION,
    )


_WITHDRAWN = "Incidents withdrawn are left out."


def _rate(counted: str, rows: str) -> _Numbers:
    return _Numbers(
        Number.RATE,
        counted,
        "thousands of worker days: one for each support worker of a team and each day of the period",
        rows,
        exposure=f"{EXPOSED:,.0f} worker days",
        unit=f"for {EXPOSED:,.0f} worker days",
    )
