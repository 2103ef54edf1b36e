"""A project on hatchling."""
