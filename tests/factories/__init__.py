"""Builders of records for tests; each calls the operations, so what they make could have been made by people."""
