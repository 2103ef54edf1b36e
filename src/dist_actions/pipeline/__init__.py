"""What a project sets: environments, packages and tags."""
