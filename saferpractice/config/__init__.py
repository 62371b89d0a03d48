"""Settings, root addresses, secrets and encryption."""
