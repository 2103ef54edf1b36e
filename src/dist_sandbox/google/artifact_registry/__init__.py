"""Artifact Registry: repositories, uploads, pages and its API."""
