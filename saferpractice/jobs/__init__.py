"""The worker: calls operations on time, decides nothing."""
