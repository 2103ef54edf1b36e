"""A project whose version hatch-vcs derives from tags."""
