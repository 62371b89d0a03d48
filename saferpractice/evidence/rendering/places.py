"""Where the templates, the style sheet and the fonts lie."""

from pathlib import Path

DATA = Path(__file__).parent / "data"
