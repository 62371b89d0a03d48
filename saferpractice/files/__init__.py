"""Bytes kept with their hash, and who may fetch them."""
