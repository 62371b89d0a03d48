"""What pages show of a review: what it needs, where each piece is supplied, what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.forms import CharField, Form
from django.urls import NoReverseMatch, reverse

from saferpractice.access.models import Person
from saferpractice.access.permissions import allowed
from saferpractice.deadlines.ledger import calendar_for
from saferpractice.deadlines.rules import (
    Calendar,
    ClockKind,
    day_label,
    due_at,
    due_label,
    local_day,
    local_time_label,
    working_days,
)
from saferpractice.design.typed import as_written
from saferpractice.incidents.models import Incident
from saferpractice.lists.queries import choices, label_of
from saferpractice.reviews.drafts import parts_begun
from saferpractice.reviews.models import RequiredDocument, Review, TimelineEntry
from saferpractice.reviews.permissions import (
    check_can_assign,
    check_can_correct,
    check_can_offer_support,
    check_can_open_review,
    check_can_oversee,
    check_can_record_involved,
    check_can_review,
)
from saferpractice.reviews.queries import (
    Held,
    asks_for_review,
    clocks_of,
    closeness,
    current_review,
    held_by,
    reviewer_of,
    standing_of,
)
from saferpractice.reviews.records import outcome_words
from saferpractice.reviews.rules import (
    Affected,
    Missing,
    Record,
    ReviewState,
    Verdict,
    due_words,
    independence_problem,
    oversight_problem,
    required_for,
)
from saferpractice.triage.models import TierDecision
from saferpractice.triage.rules import TierCode

PLACES = {
    Record.TIMELINE: ("reviews:timeline", "review"),
    Record.FINDINGS: ("findings:of_review", "review"),
    Record.TRACKED_ACTIONS: ("changes:action_plan", "review"),
    Record.SIGN_OFF: ("reviews:oversight", "review"),
    Record.SAFETY_ACTIONS: ("triage:record", "incident"),
}
"""The page where each record comes about, and whether its address names the review or the incident."""

MEANINGS = {
    ReviewState.WAITING: "warning",
    ReviewState.UNDER_WAY: "working",
    ReviewState.READY: "new",
    ReviewState.COMPLETE: "good",
    ReviewState.TAKEN_FURTHER: "quiet",
}


def tier_words(tier: str) -> str:
    """The tier in words: "Tier B, structured review"."""
    return TierCode(tier).label


def method_words(review: Review) -> str:
    """How the review is carried out, in words."""
    return label_of("review-methods", review.method, provider_id=review.incident.provider_id)


def address_of(review: Review, kind: str, record: str) -> str:
    """The page where a document of ``review`` is supplied; the review's own page where this installation has none."""
    try:
        if record:
            name, about = PLACES[Record(record)]
            return reverse(name, args=[review.incident_id if about == "incident" else review.pk])
        return reverse("reviews:document", args=[review.pk, kind])
    except NoReverseMatch:
        return reverse("reviews:review", args=[review.pk])


def triage_address(incident: Incident) -> str:
    """The page where the incident is triaged; the incident's own page where this installation has none."""
    try:
        return reverse("triage:record", args=[incident.pk])
    except NoReverseMatch:
        return reverse("home:incident", args=[incident.pk])


def due_sentence(at: datetime, due: datetime, calendar: Calendar, kind: ClockKind) -> str:
    """How soon something of a review is due, by when, and who set that."""
    return f"{due_words(at, due, calendar)}: by {due_label(due)}, {kind.set_by}."


def good_words(hint: str) -> str:
    """What a good document does, to stand under a heading that says so."""
    words = hint.removeprefix("Good: ")
    return words[:1].upper() + words[1:]


def missing_links(review: Review, missing: tuple[Missing, ...]) -> list[dict[str, str]]:
    """What is missing, each with the page where it is supplied and why it does not count yet."""
    return [
        {"text": one.label, "href": address_of(review, one.kind, one.record), "why": one.why, "kind": one.kind}
        for one in missing
    ]


def needed_rows(review: Review, held: Held, by: Person, at: datetime) -> list[dict[str, Any]]:
    """Everything the review requires: present or missing, by when, with the page where it is supplied (R12)."""
    begun = parts_begun(review=review, person=by)
    lacking = {one.kind: one for one in held.missing()}
    calendar, clocks = calendar_for(review.incident.provider_id), clocks_of(review)
    rows = []
    for row in held.required:
        one = lacking.get(row.kind)
        href = address_of(review, row.kind, row.record)
        if one is None:
            rows.append({"text": row.label, "href": href, "present": True, "hint": supplied_words(held, row)})
            continue
        clock = clocks[row.pk]
        late = at > clock.due_at
        hint = f"{due_sentence(at, clock.due_at, calendar, clock.kind)} {_why(one)}".strip()
        if row.kind in begun:
            hint += f" You began it on {local_time_label(begun[row.kind])}."
        rows.append(
            {
                "text": row.label,
                "href": href,
                "present": False,
                "hint": hint,
                "status": "Late" if late else "Missing",
                "meaning": "bad" if late else "warning",
            }
        )
    return rows


def _why(missing: Missing) -> str:
    return missing.why if missing.record == Record.SIGN_OFF else ""


def supplied_words(held: Held, required: RequiredDocument) -> str:
    """When a document was supplied, and by whom."""
    newest: Any = held.sign_offs if required.record == Record.SIGN_OFF else held.of_kind(required.kind)
    if not newest:
        return "Nothing was found; the completion says why."
    return f"{local_time_label(newest[0].decided_at)}, {newest[0].decided_by_name}"


def shown_documents(held: Held) -> list[dict[str, Any]]:
    """What was supplied in words and files, to be read: the newest of each, in order, and how many stood before."""
    shown = []
    for row in held.required:
        documents = held.of_kind(row.kind)
        if not documents or (row.record and not documents[0].text):
            continue
        document = documents[0]
        shown.append(
            {
                "kind": row.kind,
                "label": row.label,
                "answers": document.answers,
                "decisions": [decision_shown(one) for one in document.decisions],
                "text": document.text,
                "file": document.file,
                "who": f"{document.decided_by_name}, {local_time_label(document.decided_at)}",
                "earlier": len(documents) - 1,
            }
        )
    return shown


def decision_shown(one: dict[str, str]) -> dict[str, str]:
    """The view taken of one threshold decision, in words."""
    verdict = Verdict(one["verdict"])
    outcome = outcome_words(one["outcome"])
    return {
        "outcome": outcome[:1].upper() + outcome[1:],
        "decided_by": one["decided_by"],
        "verdict": verdict.label,
        "meaning": {"sound": "good", "not_sound": "warning", "cannot_tell": "quiet"}[verdict],
        "why": one["why"],
    }


def when_words(entry: TimelineEntry) -> str:
    """When an entry happened, as well as it is known."""
    if entry.precision == "day":
        return f"{day_label(local_day(entry.happened_at))}, time not known"
    about = "About " if entry.precision == "about" else ""
    return about + local_time_label(entry.happened_at)


def entry_rows(entries: list[TimelineEntry]) -> list[dict[str, Any]]:
    """The entries of a timeline, with where each comes from and whether it was put right."""
    return [
        {
            "entry": entry,
            "when": when_words(entry),
            "from_record": bool(entry.from_type),
            "written_by": f"{entry.decided_by_name}, {local_time_label(entry.decided_at)}",
            "put_right": entry.corrects,
            "before": when_words(entry.corrects) if entry.corrects else "",
        }
        for entry in entries
    ]


def why_this_tier(review: Review) -> list[str]:
    """Why the incident gets this review: the rule that fired, and the reason where somebody departed from it (R8)."""
    decision = review.tier_decision
    words = [decision.proposal.why]
    if decision.tier != decision.proposal.tier:
        words = [f"The rules proposed tier {decision.proposal.tier}: {decision.proposal.why}"]
    if decision.reason:
        words.append(f"{decision.decided_by_name} chose tier {decision.tier}: {decision.reason}")
    return words


def required_rows(decision: TierDecision, at: datetime) -> list[list[str]]:
    """What the review that ``decision`` asks for will require, before it is opened, each with its day."""
    provider_id = decision.incident.provider_id
    calendar = calendar_for(provider_id)
    listed = choices("required-documents", provider_id=provider_id, on=local_day(at))
    rows = []
    for document in required_for(decision.tier, listed):
        due = due_at(decision.decided_at, working_days(document.working_days), calendar)
        by = f"{due_label(due)[:1].upper()}{due_label(due)[1:]}, {ClockKind(document.clock).set_by}"
        rows.append([document.label, good_words(document.hint), by])
    return rows


def support_rows(review: Review) -> list[dict[str, str]]:
    """What was offered to whom, oldest first, as a story."""
    rows = []
    for offer in review.support_offers.order_by("decided_at", "id"):
        parts = [f"Offered: {offer.offered}"]
        if offer.questions:
            parts.append(f"They want to know: {offer.questions}")
        if offer.told:
            parts.append(f"They were told: {offer.told}")
        rows.append(
            {
                "when": local_time_label(offer.decided_at),
                "who": offer.decided_by_name,
                "text": f"{Affected(offer.affected).label}: {offer.who}",
                "detail": "\n\n".join(parts),
            }
        )
    return rows


CHECKS = {
    "review": check_can_review,
    "assign": check_can_assign,
    "oversee": check_can_oversee,
    "correct": check_can_correct,
    "support": check_can_offer_support,
}


def may(review: Review, by: Person, at: datetime, *what: str) -> dict[str, tuple[bool, str]]:
    """Whether ``by`` may do each of ``what`` with the review, with the reason when not."""
    found = {name: allowed(CHECKS[name], by=by, at=at, review=review) for name in what if name in CHECKS}
    if "involved" in what:
        found["involved"] = allowed(check_can_record_involved, by=by, at=at, incident=review.incident)
    return found


def still_independent(may: tuple[bool, str], review: Review, by: Person, at: datetime, *, oversee: bool) -> Any:
    """``may``, unless ``by`` stands too close to review or to oversee: said before anything is written, not after."""
    if not may[0]:
        return may
    incident = review.incident
    close = closeness(person=by, incident=incident, at=at, review=review if oversee else None)
    problem = (
        oversight_problem(by.name, close, senior=True, name_withheld=incident.name_withheld)
        if oversee
        else independence_problem(by.name, close, name_withheld=incident.name_withheld)
    )
    return (False, problem) if problem else may


def unrecorded(form: Form) -> list[dict[str, str]]:
    """The texts a sent form holds, for a page that can no longer take them: what was typed is never thrown away."""
    if not form.is_bound:
        return []
    fields = [name for name, field in form.fields.items() if isinstance(field, CharField)]
    typed = [form[name] for name in fields if not form[name].is_hidden]
    return [{"label": str(one.label), "text": str(one.value())} for one in typed if as_written(str(one.value() or ""))]


def frame(review: Review, held: Held, by: Person, at: datetime, *what: str) -> dict[str, Any]:
    """What every page of a review shows: which it is, where it stands, and whether ``by`` may do ``what``."""
    state = standing_of(review, held)
    going_on = state.goes_on
    calendar, clock = calendar_for(review.incident.provider_id), clocks_of(review)[review.pk]
    return {
        "review": review,
        "incident": review.incident,
        "tier": tier_words(review.tier),
        "state": state,
        "meaning": MEANINGS[state],
        "going_on": going_on,
        "late": going_on and at > clock.due_at,
        "due": due_sentence(at, clock.due_at, calendar, clock.kind),
        "missing": missing_links(review, held.missing()),
        "completion": held.completion,
        "reviewer": reviewer_of(review),
        "may": may(review, by, at, *what),
    }


def overview(review: Review, by: Person, at: datetime) -> dict[str, Any]:
    """The review as its own page shows it."""
    held = held_by(review)
    return frame(review, held, by, at, "review", "assign", "support", "involved") | {
        "method": method_words(review),
        "why": why_this_tier(review),
        "needed": needed_rows(review, held, by, at),
        "documents": shown_documents(held),
        "sign_offs": held.sign_offs,
        "later": getattr(review, "taken_further_by", None),
    }


def panel(*, incident: Incident, by: Person, at: datetime) -> dict[str, Any] | None:
    """The review as the incident page shows it; None before triage has decided a tier."""
    asked, review = asks_for_review(incident), current_review(incident)
    if asked is None and review is None:
        return None
    may_open, why_not = allowed(check_can_open_review, by=by, at=at, incident=incident)
    content: dict[str, Any] = {
        "incident": incident,
        "asked": tier_words(asked.tier) if asked else "",
        "may_open": may_open,
        "why_not": why_not,
        "review": None,
    }
    if review is not None:
        review.incident = incident
        content |= frame(review, held_by(review), by, at, "review")
        content["earlier"] = list(incident.reviews.exclude(pk=review.pk).order_by("-decided_at"))
    return content
