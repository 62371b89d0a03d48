"""Partners from other agencies: what is shared with each, by whose decision, and their own part."""
