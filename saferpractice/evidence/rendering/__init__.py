"""Evidence packs drawn: pure functions of a ``Pack``, the same bytes for the same pack. No database, no clock."""

from saferpractice.evidence.rendering.bundles import Attachment, bundle, prove
from saferpractice.evidence.rendering.files import data
from saferpractice.evidence.rendering.pages import html
from saferpractice.evidence.rendering.typesetting import pdf
from saferpractice.evidence.rendering.workshop import NotTypeset

__all__ = ["Attachment", "NotTypeset", "bundle", "data", "html", "pdf", "prove"]
