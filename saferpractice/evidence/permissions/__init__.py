"""Who may do what in stage 7, a module for each thing that is evidence."""

from __future__ import annotations

from saferpractice.evidence.permissions.inspections import (
    DISCLOSES,
    OVERSEES_INSPECTIONS,
    check_can_disclose,
    check_can_inspect,
    check_can_oversee_inspections,
    check_can_release,
)
from saferpractice.evidence.permissions.learning import check_can_keep_register, check_can_write_bulletin
from saferpractice.evidence.permissions.lessons import (
    SHARES,
    check_can_adopt,
    check_can_publish_lesson,
    check_can_share,
)
from saferpractice.evidence.permissions.packs import check_asked_for, check_can_make_packs
from saferpractice.evidence.permissions.publishing import PUBLISHES, check_can_publish
from saferpractice.evidence.permissions.thematic import (
    DRAFTS,
    check_can_draft,
    check_can_minute,
    check_can_sign,
    sees_numbers,
)

__all__ = [
    "DISCLOSES",
    "DRAFTS",
    "OVERSEES_INSPECTIONS",
    "PUBLISHES",
    "SHARES",
    "check_asked_for",
    "check_can_adopt",
    "check_can_disclose",
    "check_can_draft",
    "check_can_inspect",
    "check_can_keep_register",
    "check_can_make_packs",
    "check_can_minute",
    "check_can_oversee_inspections",
    "check_can_publish",
    "check_can_publish_lesson",
    "check_can_release",
    "check_can_share",
    "check_can_sign",
    "check_can_write_bulletin",
    "sees_numbers",
]
