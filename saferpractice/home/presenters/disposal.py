"""What is shown of what goes and what went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model
from django.urls import reverse
from markupsafe import Markup

from saferpractice.deadlines.rules import local_time_label
from saferpractice.design.words import lines, localday, plural, tag
from saferpractice.home.models import DisposalCertificate, DisposalProposal

CERTIFICATES_HEADER = (
    "Incidents", "Disposed of at (UTC)", "Proposed by", "Proposed because", "Approved by", "Approved because",
    "Kept as", "Kept until (London day)", "Rows", "Entries and looks emptied", "Files", "SHA-256 of the rows",
)  # fmt: skip


def named(proposal: DisposalProposal) -> str:
    """The numbers of its incidents."""
    return ", ".join(one.reference for one in proposal.incidents.all())


def state_of(proposal: DisposalProposal) -> Any:
    """Where it stands, as a tag."""
    if hasattr(proposal, "certificate"):
        return tag("Disposed of", "quiet")
    if hasattr(proposal, "stop"):
        return tag("Kept all the same", "working")
    if not hasattr(proposal, "decision"):
        return tag("Waits for somebody else", "warning")
    return tag("Approved", "working") if proposal.decision.approved else tag("Not approved", "quiet")


def is_to_do(proposal: DisposalProposal) -> bool:
    """Whether it is approved, and neither disposed of nor stopped yet."""
    decided = hasattr(proposal, "decision") and proposal.decision.approved
    return decided and not hasattr(proposal, "certificate") and not hasattr(proposal, "stop")


def proposal_rows(found: Iterable[DisposalProposal]) -> list[list[Any]]:
    """Rows of the list of proposals."""
    return [
        [
            {"text": named(one), "href": reverse("home:disposal", args=[one.pk])},
            one.decided_by_name,
            local_time_label(one.decided_at),
            state_of(one),
        ]
        for one in found
    ]


def waiting_disposals(found: Sequence[DisposalProposal]) -> list[dict[str, str]]:
    """The proposals that wait for a second person, as My work lists them."""
    return [
        {
            "text": f"Decide about the disposal of {named(one)}",
            "href": reverse("home:disposal", args=[one.pk]),
            "by": one.decided_by_name,
            "on": local_time_label(one.decided_at),
        }
        for one in found
    ]


def proposal_summary(proposal: DisposalProposal, pages: Collection[UUID] = ()) -> list[dict[str, Any]]:
    """One proposal whole, with what became of it, and links to those of its incidents in ``pages``."""
    linked = [
        Markup('<a href="{}">{}</a>').format(reverse("home:incident", args=[one.incident_id]), one.reference)
        if one.incident_id in pages
        else one.reference
        for one in proposal.incidents.all()
    ]
    rows: list[dict[str, Any]] = [
        {"key": "Incidents", "value": Markup(", ").join(linked)},
        {"key": "Proposed by", "value": f"{proposal.decided_by_name} ({proposal.decided_by_role})"},
        {"key": "Proposed on", "value": local_time_label(proposal.decided_at)},
        {"key": "Why it may go", "value": lines(proposal.reason)},
    ]
    if hasattr(proposal, "decision"):
        decision = proposal.decision
        did = "Approved" if decision.approved else "Refused"
        rows += [
            {"key": f"{did} by", "value": f"{decision.decided_by_name} ({decision.decided_by_role})"},
            {"key": f"{did} on", "value": local_time_label(decision.decided_at)},
            {"key": "Why", "value": lines(decision.reason)},
        ]
    if hasattr(proposal, "stop"):
        rows.append({"key": "What keeps it", "value": Markup("<br>").join(proposal.stop.why)})
    return rows


def certificate_rows(found: Iterable[DisposalCertificate]) -> list[list[Any]]:
    """Rows of the list of certificates."""
    return [
        [
            {"text": named(one.proposal), "href": reverse("home:certificate", args=[one.pk])},
            local_time_label(one.decided_at),
            one.proposal.decided_by_name,
            one.proposal.decision.decided_by_name,
            plural(sum(one.counts.values()), "row"),
        ]
        for one in found
    ]


def certificate_summary(one: DisposalCertificate) -> list[dict[str, Any]]:
    """One certificate whole, but for the counts."""
    kept = [f"{each['incident']}: {each['rule'].lower()}, {each['years']} years" for each in one.basis]
    bases = sorted({basis for each in one.basis for basis in each["basis"]})
    until = [f"{each.reference}: until {localday(each.kept_until)}" for each in one.proposal.incidents.all()]
    return [
        *proposal_summary(one.proposal),
        {"key": "Disposed of", "value": local_time_label(one.decided_at)},
        {"key": "Rule", "value": Markup("<br>").join(kept)},
        {"key": "Had to be kept", "value": Markup("<br>").join(until)},
        {"key": "Legal basis", "value": Markup("<br>").join(bases)},
        {"key": "Entries of the trail emptied", "value": str(one.emptied.get("trail_trailentry", 0))},
        {"key": "Looks that lost what was typed", "value": str(one.emptied.get("access_accessentry", 0))},
        {"key": "Files", "value": str(one.files)},
        {"key": "Hash of the list of rows (SHA-256)", "value": one.rows_sha256},
        {"key": "Hash of the list of entries (SHA-256)", "value": one.emptied_sha256},
    ]


def count_rows(one: DisposalCertificate) -> list[list[Any]]:
    """What went, by kind of record, the most first."""
    names = {model._meta.db_table: _kind(model) for model in apps.get_models(include_auto_created=True)}
    counted = sorted(one.counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [[names.get(table, table), count] for table, count in counted]


def _kind(model: type[Model]) -> str:
    """What a table holds, in words."""
    if model._meta.auto_created:
        sides = [
            field.remote_field.model._meta.verbose_name for field in model._meta.local_fields if field.remote_field
        ]
        return f"Which {sides[-1]} belongs to which {sides[0]}"
    return str(model._meta.verbose_name).capitalize()


def certificate_lines(found: Iterable[DisposalCertificate]) -> Iterator[list[Any]]:
    """Lines of the file."""
    for one in found:
        proposal, decision = one.proposal, one.proposal.decision
        yield [
            named(proposal),
            one.decided_at.isoformat(timespec="seconds"),
            f"{proposal.decided_by_name} ({proposal.decided_by_role})",
            proposal.reason,
            f"{decision.decided_by_name} ({decision.decided_by_role})",
            decision.reason,
            "; ".join(sorted({each["rule"] for each in one.basis})),
            "; ".join(sorted({each.kept_until.isoformat() for each in proposal.incidents.all()})),
            sum(one.counts.values()),
            sum(one.emptied.values()),
            one.files,
            one.rows_sha256,
        ]
