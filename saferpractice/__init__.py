"""Safer Practice: mental health services learn from safeguarding incidents, and can prove it."""

__version__ = "0.1.0"
