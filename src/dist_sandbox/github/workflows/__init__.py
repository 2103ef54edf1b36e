"""Workflow runs, deployments, and the settings that jobs get."""
