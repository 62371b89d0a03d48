"""What holds for the whole code: sizes, directions, words, and which test proves which requirement."""

LOOP_IS_WHOLE = False
"""FLIP THIS when the whole loop is built. From then on every requirement of the first release must have a test,
the generated page must be current, and the tests must weigh enough."""
