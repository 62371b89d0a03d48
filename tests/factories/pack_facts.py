"""The facts of a pack made without a database: every typed text and every name is a word that stands nowhere else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from saferpractice.evidence.rules.packs.document import Chart, Column, Kind, Source, Table, TableRow
from saferpractice.evidence.rules.packs.facts import (
    Altered,
    Attached,
    Audited,
    Case,
    Condition,
    Gathered,
    Happening,
    Lacking,
    Learning,
    Measured,
    Met,
    Point,
    Proved,
    Reviewed,
    Said,
    Staff,
    Subject,
    Supplied,
    Supported,
    Tracked,
)

AT = datetime(2026, 3, 4, 2, 5, tzinfo=UTC)
TYPED, NAME, PERSON, REFERENCE = "typed-", "Nameof", "Maudof", "P-"
"""What begins every typed text, every name of staff, every name and every reference of a person supported."""
PARTS = (Subject.INCIDENT, Subject.LEARNING, Subject.THEME, Subject.QUARTER, Subject.INSPECTION)


def source(kind: Kind = Kind.INCIDENT, reference: str = "2026-00001") -> Source:
    return Source(kind, reference)


def typed(part: str, of: Source | None = None, record: str = "r") -> Said:
    """A typed text that only this part of this record holds."""
    at = of or source()
    return Said(source=at, record=f"{at.reference}/{record}", part=part, text=f"{TYPED}{at.reference}-{record}-{part}")


def staff(role: str = "Reviewer") -> Staff:
    return Staff(f"{NAME}{role.replace(' ', '')}", role)


def a_happening(label: str = "Tier B decided.", *, of: Source | None = None, **changes: Any) -> Happening:
    at = of or source(Kind.TRIAGE)
    given: dict[str, Any] = {"at": AT, "by": staff("Duty manager"), "label": label, "source": at}
    return Happening(**(given | changes))


def a_review(incident: str = "2026-00001", **changes: Any) -> Reviewed:
    at = source(Kind.REVIEW, f"{incident} R1")
    given: dict[str, Any] = {
        "source": at,
        "tier": "B",
        "method": "Structured review",
        "opened_at": AT,
        "due_at": AT + timedelta(days=28),
        "completed_at": AT + timedelta(days=20),
        "completed_by": staff("Reviewer"),
        "summary": typed("summary", at),
        "nothing_found": None,
        "documents": (Supplied("Timeline", AT, staff("Reviewer")), Supplied("Decision review", None, None)),
    }
    return Reviewed(**(given | changes))


def a_condition(incident: str = "2026-00001", changes: tuple[str, ...] = ("CH-0000000A",)) -> Condition:
    at = source(Kind.FINDING, f"{incident} F1")
    return Condition(
        source=at,
        condition="Lack of duty cover",
        at=AT,
        by=staff("Reviewer"),
        statement=typed("statement", at),
        more_likely=typed("more_likely", at),
        recurrence=typed("recurrence", at),
        rests_on=3,
        changes=changes,
    )


def a_case(reference: str = "2026-00001", **changes: Any) -> Case:
    """An incident with a decision of each kind of telling, a timeline, a review, a finding."""
    own, triage = source(Kind.INCIDENT, reference), source(Kind.TRIAGE, reference)
    given: dict[str, Any] = {
        "source": own,
        "service": "Riverside community service",
        "team": "North team",
        "person": Supported(f"{REFERENCE}{reference}", f"{PERSON}{reference}"),
        "reporter": staff("Support worker"),
        "occurred": "Wednesday 4 March 2026, 12:05am",
        "happened_on": date(2026, 3, 4),
        "known_at": AT,
        "recorded_at": AT,
        "themes": ("Self-neglect",),
        "physical": "Low physical harm",
        "psychological": "No psychological harm",
        "restricted": False,
        "tier": "B",
        "reported": (("What happened", typed("what_happened", own)), ("What was done", typed("done_at_once", own))),
        "decisions": (
            a_happening("Threshold decided.", of=triage, why=typed("rationale", triage)),
            a_happening("What the person wishes:", of=triage, what=typed("wishes", triage)),
            a_happening("Told: the police.", of=triage),
        ),
        "timeline": (a_happening("", of=own, what=typed("entry", own)),),
        "reviews": (a_review(reference),),
        "findings": (a_condition(reference),),
        "learning": Learning(
            False,
            "Not defensible yet. Missing: impact checked.",
            (("Root cause clear", True), ("Impact checked", False)),
            (Lacking("Check whether the change worked.", source(Kind.IMPACT, "IM-0000000A")),),
        ),
    }
    return Case(**(given | changes))


def an_action(reference: str = "AC-0000000A") -> Tracked:
    at = source(Kind.TRACKED_ACTION, reference)
    return Tracked(
        source=at,
        what=typed("what", at),
        owner=staff("Supervisor"),
        due_on=date(2026, 4, 1),
        state="Done",
        done_at=AT,
        evidence=typed("evidence", at),
    )


def a_chart(of: Source) -> Chart:
    table = Table("impact", "Before and after", (Column("when", "When"),), (TableRow(("Before",), of),), "")
    return Chart("<svg/>", "Before and after", "Before: 30%", table)


def a_change(reference: str = "CH-0000000A", **changes: Any) -> Altered:
    """A change with a proof, an action, an audit, an impact check with its chart and a learning point."""
    at = source(Kind.CHANGE, reference)
    audit, check, point = (
        source(kind, f"{letters}-0000000A")
        for kind, letters in ((Kind.AUDIT, "AU"), (Kind.IMPACT, "IM"), (Kind.SUPERVISION, "SU"))
    )
    given: dict[str, Any] = {
        "source": at,
        "title": typed("title", at),
        "monday": typed("monday", at),
        "kind": "Revised risk prompt",
        "strength": "Intermediate",
        "owner": staff("Duty manager"),
        "by": staff("Reviewer"),
        "agreed_at": AT,
        "live_at": AT,
        "state": "Rollout proven",
        "withdrawn_because": typed("reason", at),
        "incidents": ("2026-00001",),
        "reached": 2,
        "reach": 2,
        "proofs": (
            Proved(
                team="North team",
                kind="Briefing held",
                on=date(2026, 3, 4),
                reached=9,
                needed=10,
                by=staff("Safeguarding lead"),
            ),
        ),
        "actions": (an_action(),),
        "audits": (
            Audited(
                source=audit,
                title=typed("title", audit),
                period="March 2026",
                answer="Meets",
                sentence=typed("sentence", audit),
                met=18,
                read=20,
                at=AT,
            ),
        ),
        "measured": (
            Measured(
                source=check,
                measure=typed("measure", check),
                serves="Whether the change is used",
                verdict="Improved",
                exploratory=False,
                reason=typed("reason", check),
                at=AT,
                chart=a_chart(check),
            ),
        ),
        "points": (
            Point(
                source=point,
                wording=typed("wording", point),
                change=reference,
                discussions=7,
                workers=5,
                last_on=date(2026, 3, 12),
            ),
        ),
    }
    return Altered(**(given | changes))


def a_meeting() -> Met:
    at = source(Kind.THEMATIC, "Q4 2025/26")
    return Met(
        source=at,
        quarter="Quarter 4 of 2025/26, January to March 2026",
        held_on=date(2026, 4, 14),
        decisions=(a_happening("The meeting decided:", of=at, what=typed("words", at)),),
        actions=(an_action("AC-0000000B"),),
        signed_at=AT,
        signed_by=staff("Director"),
    )


def gathered(subject: Subject = Subject.INSPECTION, **changes: Any) -> Gathered:
    """A pack's worth of facts: two incidents, or one where the subject is one."""
    cases = (a_case(),) if subject.of_one else (a_case(), a_case("2026-00002"))
    file = source(Kind.CHANGE, "CH-0000000A")
    given: dict[str, Any] = {
        "subject": subject,
        "about": "2026-00001" if subject.of_one else "Riverside community service",
        "period": None if subject.of_one else (date(2026, 1, 1), date(2026, 3, 31)),
        "services": ("Riverside community service",),
        "cases": cases,
        "changes": (a_change(),),
        "meetings": () if subject.of_one else (a_meeting(),),
        "charts": () if subject.of_one else (a_chart(source(Kind.MEASURE, "incidents.reported")),),
        "left_out": 0,
        "attached": (Attached(source=file, name=typed("name", file), size=512, sha256="ab" * 32, path="00/ab"),),
    }
    return Gathered(**(given | changes))
