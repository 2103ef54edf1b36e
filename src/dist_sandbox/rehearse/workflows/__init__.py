"""Workflow files: read, selected by their triggers, compiled for act."""
