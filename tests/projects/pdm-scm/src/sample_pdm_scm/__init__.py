"""A project whose version pdm-backend derives from tags."""
