"""How measures name what a pathway asks for, whichever of its versions asked."""

from __future__ import annotations


def standard_of(pathway: str, code: str) -> str:
    """The name under which an obligation of a pathway is measured: "self-neglect.consult"."""
    return f"{pathway}.{code}"
