"""Releases, their assets and notes."""
