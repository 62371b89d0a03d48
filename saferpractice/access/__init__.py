"""Providers, services, teams, people, roles, scope, and the log of looking."""
