"""Forms of stage 6."""
