"""What holds for the whole code: sizes, directions, words, and which test proves which requirement."""

LOOP_IS_WHOLE = True
"""Every requirement of the first release has a test, and the generated page of proofs is current."""
