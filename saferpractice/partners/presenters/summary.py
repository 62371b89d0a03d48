"""What is known and shared on a case, on one page."""

from __future__ import annotations

from typing import Any

from saferpractice.deadlines.rules import local_time_label
from saferpractice.pathways.models import PathwayCase
from saferpractice.pathways.presenters import Labels, values_shown
from saferpractice.pathways.queries import definition_of, worked_by


def summary_shown(case: PathwayCase) -> list[dict[str, Any]]:
    """The records that partners have a part in, as they stand, kind by kind in the order of the pathway."""
    definition, records = definition_of(case), list(case.records.order_by("happened_at", "decided_at", "pk"))
    labels = Labels.of(case.provider_id, worked_by(case), records)
    put_right = {record.corrects_id for record in records}
    standing = [record for record in records if record.pk not in put_right and not record.withdrawn]
    return [
        {
            "label": kind.label,
            "when": local_time_label(record.happened_at),
            "who": ", ".join(filter(None, (record.decided_by_name, record.decided_by_role))),
            "values": values_shown(definition, kind, record, labels),
        }
        for kind in definition.records
        for record in standing
        if record.kind == kind.id and (kind.sharing in {"chosen", "named"} or kind.by_partner)
    ]
