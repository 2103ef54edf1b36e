"""Workflow runs with act, and what they print."""
