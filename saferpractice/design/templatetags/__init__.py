"""Template tags for the pages of allauth, the only ones written for Django's own template engine."""
