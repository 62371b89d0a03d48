"""What stands in a pack, by its subject: the same facts, told to the readers of each level by their own teller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from saferpractice.deadlines.rules import day_label
from saferpractice.evidence.rules.packs import of_changes, of_incidents
from saferpractice.evidence.rules.packs.document import Block, Disclosure, Note, Pack, Section
from saferpractice.evidence.rules.packs.facts import Gathered, Said, Staff, Subject
from saferpractice.evidence.rules.packs.telling import Asking, Teller

MEASURE = "incidents.reported"
"""What counts over all incidents of a pack cite."""


def pack_of(
    found: Gathered,
    teller: Teller,
    *,
    title: str,
    provider: str,
    disclosure: Disclosure,
    made_by: Staff,
    made_at: datetime,
) -> Pack:
    """The whole pack.

    Raises:
        Unconfirmed: it would tell words outside that nobody has confirmed.
        Discloses: it would hold what its level does not allow; a mistake here, never in what was asked for.
    """
    return Pack(
        title=title,
        about=found.about,
        provider=provider,
        disclosure=disclosure,
        made_at=made_at,
        made_by=teller.who(made_by),
        sections=tuple(sections(found, teller)),
    )


def texts_to_confirm(found: Gathered) -> tuple[Said, ...]:
    """Every typed text that a pack of these facts tells outside, each once, in the order of the pack."""
    asking = Asking()
    for _ in sections(found, asking):
        pass
    return tuple(asking.asked.values())


def sections(found: Gathered, teller: Teller) -> Iterator[Section]:
    """The sections, in their order."""
    yield _about(found, teller)
    yield from SECTIONS[found.subject](found, teller)
    yield of_changes.changes(found.changes, teller)
    yield of_changes.action_plan(found.changes, teller)
    yield of_changes.audits(found.changes, teller)
    yield of_changes.impact(found.changes, teller)
    yield of_changes.supervision(found.changes, teller)
    if not found.subject.of_one:
        yield of_changes.meetings(found.meetings, teller)
    yield of_incidents.missing(found.cases)
    if not teller.outside:
        yield of_changes.attachments(found.attached, teller)


def _about(found: Gathered, teller: Teller) -> Section:
    """What the pack covers, and what it leaves out and why."""
    notes = ["Every statement carries the reference of the record it came from."]
    if found.period is not None:
        first, last = found.period
        notes.append(f"It covers what happened from {day_label(first)} to {day_label(last)}.")
    if found.services:
        notes.append(f"Services: {', '.join(found.services)}.")
    if teller.outside:
        notes += [
            "Members of staff stand here by their role. What they typed was looked through for what tells who a person "
            "is, and a person confirmed each text; one that was not to be shared says so.",
            "Incidents that only named people may open stand here only if whoever made the pack is one of them.",
        ]
    elif found.left_out:
        one = found.left_out == 1
        notes.append(
            f"{found.left_out} {'incident is' if one else 'incidents are'} left out: whoever made this pack may not "
            f"open {'it' if one else 'them'}."
        )
    else:
        notes.append("No incident is left out.")
    return Section("About this pack", tuple(Note(note) for note in notes))


def _incident(found: Gathered, teller: Teller) -> Iterator[Section]:
    for case in found.cases:
        yield of_incidents.summary(case, teller)
        yield of_incidents.reported(case, teller)
        yield of_incidents.decisions(case, teller)
        yield of_incidents.timeline(case, teller)
        yield of_incidents.reviews(case, teller)
        yield of_incidents.findings([case], teller)
        yield of_incidents.defensible(case)


def _learning(found: Gathered, teller: Teller) -> Iterator[Section]:
    for case in found.cases:
        yield of_incidents.summary(case, teller)
        yield of_incidents.defensible(case)
        yield of_incidents.reviews(case, teller)
        yield of_incidents.findings([case], teller)


def _many(found: Gathered, teller: Teller) -> Iterator[Section]:
    overview: tuple[Block, ...] = (
        of_incidents.proportionate(found.cases, MEASURE),
        *found.charts,
        of_incidents.listed(found.cases),
    )
    yield Section("Incidents, and how they were reviewed", overview)
    if found.cases:
        yield Section("Decisions, incident by incident", ())
        for case in found.cases:
            yield of_incidents.one_of_many(case, teller)
    yield of_incidents.findings(found.cases, teller)


SECTIONS: dict[Subject, Callable[[Gathered, Teller], Iterator[Section]]] = {
    Subject.INCIDENT: _incident,
    Subject.LEARNING: _learning,
    Subject.THEME: _many,
    Subject.QUARTER: _many,
    Subject.INSPECTION: _many,
}
