"""Pure rules across the loop: the tracker's filters, and the order of the duty desk."""

from saferpractice.home.rules.desk import Weight, belongs, horizon, left_words
from saferpractice.home.rules.tracker import Cursor, Sort, Sphere, Which

__all__ = ["Cursor", "Sort", "Sphere", "Weight", "Which", "belongs", "horizon", "left_words"]
