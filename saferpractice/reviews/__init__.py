"""Stage 3: tier A, B and C reviews and the documents each requires (R9-R12)."""
