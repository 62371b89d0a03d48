"""Who stands far enough from an incident to review it, or to oversee its review."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """What the software knows of how close somebody is to an incident. The rest is their own statement.

    Attributes:
        reported: they reported it.
        involved: they are recorded as involved in what happened.
        kept_from: they must not read it (an allegation is about them, family, another conflict).
        manages_reporter: they manage or supervise where the reporter works, or did when it was reported.
        manages_involved: they manage or supervise somebody who was involved, or did then.
        decided_threshold: they took a threshold decision that the review judges (matters for oversight only).
        decided_at_triage: they took decisions that the review looks at.
        reviews: they carry out the review (matters for oversight only).
    """

    reported: bool = False
    involved: bool = False
    kept_from: bool = False
    manages_reporter: bool = False
    manages_involved: bool = False
    decided_threshold: bool = False
    decided_at_triage: bool = False
    reviews: bool = False


def independence_problem(name: str, close: Closeness, *, name_withheld: bool) -> str | None:
    """Why ``name`` cannot review, as a sentence; None when nothing known stands against it.

    Where the reporter asked colleagues not to know their name (``name_withheld``), and wherever somebody is kept
    from the incident, the sentence does not say which tie it is: choosing people one by one must not reveal it.
    """
    if not (close.reported or close.involved or close.kept_from):
        return None
    if name_withheld or close.kept_from:
        return f"{name} is too close to this incident to review it. Choose somebody else."
    tie = "reported this incident" if close.reported else "was involved in this incident"
    return f"{name} {tie}, so cannot review it. Choose somebody else."


def independence_warnings(name: str, close: Closeness) -> tuple[str, ...]:
    """What speaks against ``name`` without ruling them out; to go on, the reason is written down.

    Source: Patient safety incident response standards (NHS England, 2022): not led by staff who were involved, nor by
    those who directly manage them.
    """
    found = []
    if close.manages_reporter:
        found.append(f"{name} manages or supervises where this was reported.")
    if close.manages_involved:
        found.append(f"{name} manages or supervises somebody who was involved.")
    if close.decided_at_triage:
        found.append(f"{name} took decisions at triage that this review looks at.")
    return tuple(found)


def oversight_problem(name: str, close: Closeness, *, senior: bool, name_withheld: bool) -> str | None:
    """Why ``name`` cannot sign off as senior oversight (R11), as a sentence; None when nothing stands against it."""
    if not senior:
        return "Only a safeguarding lead, quality lead or director of this place may sign off a formal investigation."
    if close.reviews:
        return f"{name} carries out this review, so somebody else senior must sign it off."
    if close.decided_threshold:
        return f"{name} took a safeguarding decision that this review judges, so somebody else senior must sign it off."
    problem = independence_problem(name, close, name_withheld=name_withheld)
    return problem.replace("review it", "oversee its review") if problem else None
