"""The promote stage: a released version becomes a pull request to the next environment."""

from dist_actions.promote.main import main

__all__ = ["main"]
