"""Obligations, working days, escalation, the outbox: what must be done, by whom, by when."""
