"""Commands of exchange, run as ``python -m saferpractice NAME``."""
