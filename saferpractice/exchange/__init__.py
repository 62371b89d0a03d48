"""The ways in and out: imports and exports."""
