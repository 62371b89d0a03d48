"""Stage 5: operational changes, tracked actions and rollout proof (R2, R3, R14, R15, R35)."""
