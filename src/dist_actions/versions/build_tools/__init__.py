"""Versions as each build tool reads them from its own files."""
