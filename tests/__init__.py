"""The tests: rules (no database), stages (database), journeys (browser), architecture."""
