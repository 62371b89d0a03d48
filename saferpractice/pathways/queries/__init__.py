"""The pathways there are, and the cases on them, scoped to the person asking."""

from saferpractice.pathways.queries.cases import (
    case_of_owed,
    case_seen,
    cases_seen,
    filtered,
    incident_to_open_from,
    teams_worked_in,
)
from saferpractice.pathways.queries.practice import (
    definition_of,
    in_use,
    library,
    service_to_set,
    services_of,
    values_of,
    versions_in_use,
)
from saferpractice.pathways.queries.records import (
    OwedRow,
    owed_on,
    owed_rows,
    record_of,
    record_on,
    record_values,
    records_newest_first,
    state_of,
    ticked_last,
)

__all__ = [
    "OwedRow",
    "case_of_owed",
    "case_seen",
    "cases_seen",
    "definition_of",
    "filtered",
    "in_use",
    "incident_to_open_from",
    "library",
    "owed_on",
    "owed_rows",
    "record_of",
    "record_on",
    "record_values",
    "records_newest_first",
    "service_to_set",
    "services_of",
    "state_of",
    "teams_worked_in",
    "ticked_last",
    "values_of",
    "versions_in_use",
]
