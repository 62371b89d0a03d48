"""Stage 1: what happened, to whom, and how it is known (R6)."""
