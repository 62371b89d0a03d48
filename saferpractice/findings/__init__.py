"""Stage 4: the system conditions behind an incident (R1, R13)."""
