"""Small numbers in tables with totals: what may be published, and what somebody can work out from it."""
