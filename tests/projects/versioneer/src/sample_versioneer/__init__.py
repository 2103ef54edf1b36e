"""A project whose version versioneer derives from tags."""
