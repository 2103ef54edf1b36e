"""Edges of doctor: what reads the facts, from files and services."""
