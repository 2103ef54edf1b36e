"""The publish stage: distributions in a folder to an index, planned, resumable, read back."""

from dist_actions.publish.main import main

__all__ = ["main"]
