"""Pure rules of stage 4: wording that blames, stating a cause, what a finding needs, the Pareto of conditions."""

from saferpractice.findings.rules.blame import BlameMatch, BlameWords, blame_in, blame_words
from saferpractice.findings.rules.causation import CausationHint, CausationRules, causation_hints, causation_rules
from saferpractice.findings.rules.checks import check_finding
from saferpractice.findings.rules.pareto import ParetoRow, pareto

__all__ = [
    "BlameMatch",
    "BlameWords",
    "CausationHint",
    "CausationRules",
    "ParetoRow",
    "blame_in",
    "blame_words",
    "causation_hints",
    "causation_rules",
    "check_finding",
    "pareto",
]
