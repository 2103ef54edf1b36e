"""The auto-tag stage: a push to an environment's branch becomes an annotated tag."""

from dist_actions.auto_tag.main import main

__all__ = ["main"]
