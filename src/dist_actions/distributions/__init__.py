"""Distributions in a folder: their files, metadata, checks and manifest."""
