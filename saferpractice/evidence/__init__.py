"""Stage 7: whether the learning is defensible (R5)."""
