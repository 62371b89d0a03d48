"""Earlier incidents and findings in the same words, what was changed after them, and whether it worked."""
