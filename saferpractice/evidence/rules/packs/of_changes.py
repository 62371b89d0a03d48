"""The sections of a pack about changes: what is different, the proof, audits, impact, supervision, quality meetings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from saferpractice.evidence.rules.packs.document import (
    Block,
    Column,
    Fact,
    Facts,
    Note,
    Section,
    Story,
    Table,
    TableRow,
    Words,
)
from saferpractice.evidence.rules.packs.facts import Altered, Attached, Audited, Measured, Met, Proved, Tracked
from saferpractice.evidence.rules.packs.of_incidents import story
from saferpractice.evidence.rules.packs.telling import Teller


def changes(found: Sequence[Altered], teller: Teller) -> Section:
    """Each change with its proof."""
    blocks = tuple(block for change in found for block in _change(change, teller))
    return Section("Changes, and the proof that they reached everyone", blocks or (Note("No change was agreed yet."),))


def _change(change: Altered, teller: Teller) -> Iterator[Block]:
    reference = change.source.reference
    facts = [
        Fact("Change", reference),
        Fact("Title", teller.said(change.title)),
        Fact("What is different", teller.said(change.monday)),
        Fact("Kind, and how strong it is", f"{change.kind}; {change.strength.lower()}"),
        Fact("State", change.state),
        Fact("Answers findings of", ", ".join(change.incidents) or "Incidents that are not in this pack"),
        Fact("Owner", teller.who(change.owner)),
        Fact("Agreed by", teller.who(change.by)),
        Fact("Agreed", change.agreed_at),
        Fact("Live since", change.live_at or "Not live yet"),
        Fact("Teams with proof", f"{change.reached} of {change.reach}"),
    ]
    if change.withdrawn_because is not None:
        facts.append(Fact("Withdrawn because", teller.said(change.withdrawn_because)))
    yield Facts(tuple(facts), change.source)
    yield Table(
        name="proof",
        caption=f"Proof that change {reference} reached its teams",
        columns=(
            Column("team", "Team"),
            Column("kind", "Kind of proof"),
            Column("on", "On"),
            Column("reached", "Reached", numeric=True),
            Column("needed", "Of", numeric=True),
            Column("by", "Recorded by"),
        ),
        rows=tuple(_proof(one, change, teller) for one in change.proofs),
        empty="No proof is on record yet.",
    )


def _proof(one: Proved, change: Altered, teller: Teller) -> TableRow:
    return TableRow((one.team, one.kind, one.on, one.reached, one.needed, teller.who(one.by)), change.source)


def actions(tracked: Iterable[Tracked], teller: Teller) -> Table:
    """Tracked actions with owner, deadline and what shows that each is done (R35)."""
    return Table(
        name="actions",
        caption="Tracked actions",
        columns=(
            Column("action", "Action"),
            Column("what", "What must be done"),
            Column("owner", "Owner"),
            Column("due_on", "Due"),
            Column("state", "State"),
            Column("done_at", "Accepted"),
            Column("evidence", "What shows it"),
        ),
        rows=tuple(_action(one, teller) for one in tracked),
        empty="No action is tracked.",
    )


def _action(one: Tracked, teller: Teller) -> TableRow:
    cells = (
        one.source.reference,
        teller.said(one.what),
        teller.who(one.owner),
        one.due_on,
        one.state,
        one.done_at,
        teller.said(one.evidence),
    )
    return TableRow(cells, one.source)


def action_plan(found: Sequence[Altered], teller: Teller) -> Section:
    """All tracked actions of the changes."""
    return Section("Action plan", (actions((one for change in found for one in change.actions), teller),))


def audits(found: Sequence[Altered], teller: Teller) -> Section:
    """What each audit asked and found."""
    rows = tuple(_audit(one, change, teller) for change in found for one in change.audits)
    table = Table(
        name="audits",
        caption="Audits of whether changes are used",
        columns=(
            Column("audit", "Audit"),
            Column("change", "Change"),
            Column("title", "What is audited"),
            Column("period", "Records of"),
            Column("met", "Met the standard", numeric=True),
            Column("read", "Of those read", numeric=True),
            Column("answer", "Answer"),
            Column("sentence", "In words"),
            Column("found_at", "Found"),
        ),
        rows=rows,
        empty="No audit has been made.",
    )
    return Section("Audits", (Note("Records are drawn by lot from a list frozen before the seed was known."), table))


def _audit(one: Audited, change: Altered, teller: Teller) -> TableRow:
    cells = (
        one.source.reference,
        change.source.reference,
        teller.said(one.title),
        one.period,
        one.met,
        one.read,
        one.answer or "No result yet",
        teller.said(one.sentence),
        one.at,
    )
    return TableRow(cells, one.source)


def impact(found: Sequence[Altered], teller: Teller) -> Section:
    """Whether each change is shown to have worked, with its chart."""
    blocks = tuple(block for change in found for one in change.measured for block in _measured(one, change, teller))
    note = Note("What would count was declared before results were seen. The verdict is computed, never typed.")
    return Section("Did it work?", (note, *blocks) if blocks else (Note("No impact check has been planned yet."),))


def _measured(one: Measured, change: Altered, teller: Teller) -> Iterator[Block]:
    facts = [
        Fact("Impact check", f"{one.source.reference}, of change {change.source.reference}"),
        Fact("Measure", teller.said(one.measure)),
        Fact("Tests", one.serves),
        Fact("Verdict", (one.verdict or "None yet") + (" (exploratory)" if one.exploratory else "")),
    ]
    if one.reason is not None:
        facts.append(Fact("Why", teller.said(one.reason)))
    if one.at is not None:
        facts.append(Fact("Given", one.at))
    yield Facts(tuple(facts), one.source)
    if one.chart is not None:
        yield one.chart


def supervision(found: Sequence[Altered], teller: Teller) -> Section:
    """Which learning points were talked about, and how often (R38)."""
    rows = tuple(
        TableRow(
            (one.source.reference, one.change, teller.said(one.wording), one.discussions, one.workers, one.last_on),
            one.source,
        )
        for change in found
        for one in change.points
    )
    table = Table(
        name="supervision",
        caption="Learning points discussed in supervision",
        columns=(
            Column("point", "Learning point"),
            Column("change", "Change"),
            Column("wording", "What is discussed"),
            Column("discussions", "Discussions", numeric=True),
            Column("workers", "Workers", numeric=True),
            Column("last_on", "Last on"),
        ),
        rows=rows,
        empty="No learning point was taken from these changes.",
    )
    return Section("Supervision", (table,))


def attachments(found: Sequence[Attached], teller: Teller) -> Section:
    """The files that belong to the records, with their hashes."""
    table = Table(
        name="attachments",
        caption="Attached files",
        columns=(
            Column("record", "Record"),
            Column("name", "File"),
            Column("size", "Bytes", numeric=True),
            Column("sha256", "SHA-256"),
        ),
        rows=tuple(
            TableRow((one.source.reference, teller.said(one.name), one.size, one.sha256), one.source) for one in found
        ),
        empty="No file is attached to these records.",
    )
    return Section("Attached files", (Note("They are in the ZIP file of this pack, and nowhere else in it."), table))


def meetings(found: Sequence[Met], teller: Teller) -> Section:
    """The thematic reviews, and what the quality meetings they were put before decided (R36)."""
    blocks = tuple(block for one in found for block in _met(one, teller))
    return Section("Quality meetings", blocks or (Note("No thematic review of this time has been drawn."),))


def _met(one: Met, teller: Teller) -> Iterator[Block]:
    facts = [
        Fact("Thematic review", one.quarter),
        Fact("Quality meeting", one.held_on or "Not put before one yet"),
        Fact("Signed", one.signed_at or "Not signed"),
    ]
    if one.signed_by is not None:
        facts.append(Fact("Signed by", teller.who(one.signed_by)))
    yield Facts(tuple(facts), one.source)
    moments = story(one.decisions, teller)
    if moments:
        yield Story(moments)
    elif one.held_on is not None:
        yield Words("The meeting decided nothing that is on record.", one.source)
    if one.decisions:
        yield actions(one.actions, teller)
