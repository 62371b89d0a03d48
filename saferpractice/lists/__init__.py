"""Dated lists of law, frameworks and choices, which a provider may edit."""
