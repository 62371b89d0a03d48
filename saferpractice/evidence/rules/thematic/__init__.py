"""Rules of the quarterly thematic review (R36)."""
