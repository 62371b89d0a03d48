"""Reads: the partners there are, what each may see of a case, and who was shown what."""
