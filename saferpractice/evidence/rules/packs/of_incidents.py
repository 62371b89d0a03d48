"""The sections of a pack about incidents: what was reported, what was decided and why, the reviews, the findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from saferpractice.evidence.rules.packs.document import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Kind,
    Missing,
    Moment,
    Note,
    Section,
    Source,
    Story,
    Table,
    TableRow,
    Words,
)
from saferpractice.evidence.rules.packs.facts import Case, Condition, Happening, Reviewed
from saferpractice.evidence.rules.packs.telling import Teller


def summary(case: Case, teller: Teller) -> Section:
    """What kind of incident it is."""
    facts = [
        Fact("Incident", case.source.reference),
        Fact("Service and team", f"{case.service}, {case.team}"),
        Fact("Person", teller.person(case.person)),
        Fact("Happened", case.occurred),
        Fact("Known to the service", case.known_at),
        Fact("Written down", case.recorded_at),
        Fact("Reported by", teller.who(case.reporter)),
        Fact("Themes", ", ".join(case.themes) or "None"),
        Fact("Physical harm, as graded now", case.physical),
        Fact("Psychological harm, as graded now", case.psychological),
        Fact("Tier of review", case.tier or "Not decided yet"),
    ]
    if case.restricted:
        facts.append(Fact("Who may open it", "Only people named on it"))
    return Section("The incident", (Facts(tuple(facts), case.source),))


def reported(case: Case, teller: Teller) -> Section:
    """What was reported, in the words of the report."""
    blocks = tuple(Facts((Fact(label, teller.said(said)),), said.source) for label, said in case.reported)
    return Section("What was reported", blocks or (Note("Nothing is written down of what happened."),))


def story(happenings: Iterable[Happening], teller: Teller) -> tuple[Moment, ...]:
    """Happenings as entries of a story: the product's words, and after them what was typed."""
    return tuple(
        Moment(
            each.at, teller.who(each.by), teller.said(each.what, after=each.label), teller.said(each.why), each.source
        )
        for each in happenings
    )


def decisions(case: Case, teller: Teller) -> Section:
    """Every decision with who made it, when and why; later ones stand beside earlier ones."""
    moments = story(case.decisions, teller)
    note = Note("Every decision stands as it was made. A later one stands beside the earlier.")
    return Section("Decisions", (note, Story(moments)) if moments else (Note("Nothing has been decided yet."),))


def timeline(case: Case, teller: Teller) -> Section:
    """What happened, as the newest review put it together."""
    moments = story(case.timeline, teller)
    return Section("Timeline", (Story(moments),) if moments else (Note("No review has put a timeline together yet."),))


def reviews(case: Case, teller: Teller) -> Section:
    """Each review: its tier, its documents, what it came to."""
    blocks = tuple(block for review in case.reviews for block in _review(review, teller))
    return Section("Reviews", blocks or (Note("No review has been opened yet."),))


def _review(review: Reviewed, teller: Teller) -> Iterator[Block]:
    facts = [
        Fact("Review", f"{review.source.reference}, tier {review.tier}"),
        Fact("Method", review.method),
        Fact("Opened", review.opened_at),
        Fact("Due", review.due_at),
        Fact("Completed", review.completed_at or "Not completed"),
    ]
    if review.completed_by is not None:
        facts.append(Fact("Completed by", teller.who(review.completed_by)))
    if review.summary is not None:
        facts.append(Fact("What it came to", teller.said(review.summary)))
    if review.nothing_found is not None:
        facts.append(Fact("Why no system condition was found", teller.said(review.nothing_found)))
    yield Facts(tuple(facts), review.source)
    reference = review.source.reference
    yield Table(
        name="documents",
        caption=f"Documents that review {reference} requires",
        columns=(
            Column("document", "Document"),
            Column("supplied_at", "Supplied"),
            Column("supplied_by", "By"),
        ),
        rows=tuple(
            TableRow(
                (one.label, one.at or "Missing", teller.who(one.by) if one.by is not None else None), review.source
            )
            for one in review.documents
        ),
        empty="It requires no document.",
    )


def findings(cases: Sequence[Case], teller: Teller) -> Section:
    """The system conditions behind the incidents."""
    blocks = tuple(_finding(one, teller) for case in cases for one in case.findings)
    return Section("Findings", blocks or (Note("No system condition has been found."),))


def _finding(found: Condition, teller: Teller) -> Facts:
    facts = (
        Fact("System condition", found.condition),
        Fact("What was found", teller.said(found.statement)),
        Fact("What made the incident more likely", teller.said(found.more_likely)),
        Fact("What would make it less likely to come back", teller.said(found.recurrence)),
        Fact("Entries of the timeline it rests on", found.rests_on),
        Fact("Changes that answer it", ", ".join(found.changes) or "None yet"),
        Fact("Found by", teller.who(found.by)),
        Fact("Found", found.at),
    )
    return Facts(facts, found.source)


def defensible(case: Case) -> Section:
    """Whether the learning is defensible, step by step."""
    rows = tuple(
        TableRow((step, "Present" if present else "Missing"), case.source) for step, present in case.learning.steps
    )
    return Section(
        "Is the learning defensible?",
        (
            Words(case.learning.sentence, case.source),
            Table(
                name="defensible",
                caption="The four steps",
                columns=(Column("step", "Step"), Column("state", "State")),
                rows=rows,
                empty="",
            ),
        ),
    )


def missing(cases: Sequence[Case]) -> Section:
    """What is still missing, and of which record."""
    items = tuple(Words(one.sentence, one.source) for case in cases for one in case.learning.missing)
    note = Note("Worked out from the records. Nobody can set it.")
    return Section("What is still missing, and why", (note, Missing(items)))


LISTED = (
    Column("incident", "Incident"),
    Column("team", "Team"),
    Column("happened_on", "Happened"),
    Column("physical_harm", "Physical harm"),
    Column("psychological_harm", "Psychological harm"),
    Column("tier", "Tier"),
    Column("review", "Review"),
    Column("findings", "Findings", numeric=True),
    Column("changes", "Changes", numeric=True),
    Column("learning", "Learning"),
)


def listed(cases: Sequence[Case]) -> Table:
    """All incidents, a row each: how each was reviewed and how far its learning has come."""
    return Table(
        name="incidents",
        caption="Every incident in this pack",
        columns=LISTED,
        rows=tuple(_row(case) for case in cases),
        empty="No incident was recorded.",
    )


def _row(case: Case) -> TableRow:
    cells: tuple[Cell, ...] = (
        case.source.reference,
        f"{case.service}, {case.team}",
        case.happened_on,
        case.physical,
        case.psychological,
        case.tier or "Not decided",
        review_words(case),
        len(case.findings),
        len({one for found in case.findings for one in found.changes}),
        "Defensible" if case.learning.defensible else "Not yet",
    )
    return TableRow(cells, case.source)


def review_words(case: Case) -> str:
    """How far the newest review has come."""
    if not case.reviews:
        return "Not opened"
    return "Complete" if case.reviews[-1].completed_at else "Open"


def proportionate(cases: Sequence[Case], reference: str) -> Table:
    """How many incidents were reviewed at which tier, and how far (R34)."""
    tiers = sorted({case.tier for case in cases}, key=lambda tier: (not tier, tier))
    return Table(
        name="reviewed",
        caption="How incidents were reviewed",
        columns=(
            Column("tier", "Tier"),
            Column("incidents", "Incidents", numeric=True),
            Column("complete", "Review complete", numeric=True),
            Column("open", "Review open", numeric=True),
            Column("not_opened", "Review not opened", numeric=True),
        ),
        rows=tuple(_tier_row(tier, cases, reference) for tier in tiers),
        empty="No incident was recorded.",
    )


def _tier_row(tier: str, cases: Sequence[Case], reference: str) -> TableRow:
    of_tier = [review_words(case) for case in cases if case.tier == tier]
    counts = (len(of_tier), *(of_tier.count(word) for word in ("Complete", "Open", "Not opened")))
    return TableRow((tier or "Not decided", *counts), Source(Kind.MEASURE, reference))


def one_of_many(case: Case, teller: Teller) -> Section:
    """One incident in a pack of many: what happened, what was decided, and what its reviews came to."""
    blocks: list[Block] = [Words(teller.said(said), said.source) for _, said in case.reported[:1]]
    moments = story(case.decisions, teller)
    if moments:
        blocks.append(Story(moments))
    for review in case.reviews:
        if review.summary is not None:
            blocks.append(Words(teller.said(review.summary), review.source))
        if review.nothing_found is not None:
            blocks.append(Words(teller.said(review.nothing_found), review.source))
    return Section(
        f"Incident {case.source.reference}", tuple(blocks) or (Note("Nothing has been decided yet."),), level=2
    )
