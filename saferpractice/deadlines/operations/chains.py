"""Who is told when work is late: a provider's own chains, each a decision that stands beside the earlier ones."""

from __future__ import annotations

from datetime import datetime

from saferpractice.access.decisions import decided
from saferpractice.access.models import Provider, Service
from saferpractice.access.permissions import check_can_manage_people
from saferpractice.access.rules import Role
from saferpractice.deadlines import ledger
from saferpractice.deadlines.models import ChainDecision, Obligation
from saferpractice.deadlines.operations.escalating import chain_of
from saferpractice.deadlines.rules import EscalationChain, chain_problems, next_escalation_at
from saferpractice.design.typed import as_written
from saferpractice.trail.operations import Entry, operation
from saferpractice.trail.refusals import Invalid
from saferpractice.trail.rules import By

LONGEST_REASON = 300


@operation
def set_chain(
    *,
    by: By,
    at: datetime,
    provider: Provider,
    service: Service | None,
    role: Role | None,
    chain: EscalationChain | None,
    reason: str,
) -> Entry[ChainDecision]:
    """Decide who is told when work is late, from now on: in one service or, with None, wherever no service says else.

    Args:
        role: only for work that this role owes; None for everybody's.
        chain: within the bounds of ``chain_problems``; None goes back to what would hold without it.

    Raises:
        Refused: ``by`` is not an administrator.
        Invalid: the chain is outside the bounds, the service is another provider's, or no reason ("reason").
    """
    check_can_manage_people(by=by, at=at, provider_id=provider.pk)
    problems = chain_problems(chain) if chain is not None else {}
    if not as_written(reason):
        problems["reason"] = "Say why, so that the next administrator knows."
    elif len(reason.strip()) > LONGEST_REASON:
        problems["reason"] = f"Shorten this to {LONGEST_REASON} characters."
    if service is not None and service.provider_id != provider.pk:
        problems[""] = "Choose a service of this provider."
    if problems:
        raise Invalid(problems)
    decision = ChainDecision.objects.create(
        provider=provider,
        service=service,
        role=role or "",
        steps=chain.as_data() if chain is not None else None,
        reason=reason.strip(),
        **decided(by, at),
    )
    _reckon_again(provider, service, at)
    where = f"in {service.name}" if service else "of the provider"
    whose = f" for work of the {role.label.lower()}" if role else ""
    did = "set who is told when work is late" if chain is not None else "went back on who is told when work is late"
    return Entry(
        result=decision,
        subject=decision,
        sentence=f"{did} {where}{whose}",
        facts={"service": service.pk if service else None, "role": role or "", "steps": decision.steps},
    )


def _reckon_again(provider: Provider, service: Service | None, at: datetime) -> None:
    """Give what is late already its next moment by the new chain; what is not late begins with level 1 anyway."""
    late = Obligation.objects.late(at).filter(provider=provider).select_related("team")
    if service is not None:
        late = late.filter(team__service=service)
    calendar = ledger.calendar_for(provider.pk)
    for obligation in late.select_for_update(of=("self",)).prefetch_related("escalations"):
        already = {one.level for one in obligation.escalations.all()}
        moment = next_escalation_at(
            obligation.due_at, None, None, chain_of(obligation), already=already, calendar=calendar
        )
        Obligation.objects.filter(pk=obligation.pk).update(next_escalation_at=moment)
