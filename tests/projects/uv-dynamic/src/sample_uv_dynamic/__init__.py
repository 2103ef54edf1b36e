"""A project whose version uv-dynamic-versioning derives from tags."""
