"""A project whose version poetry-dynamic-versioning derives from tags."""
