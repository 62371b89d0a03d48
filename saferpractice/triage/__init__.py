"""Stage 2: safety actions, the threshold decision, who must be told, the tier (R6-R8)."""
