"""Stage 6: impact plans, results and verdicts (R4, R16)."""
