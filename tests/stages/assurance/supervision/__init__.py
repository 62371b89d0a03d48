"""Supervision, with a database."""
