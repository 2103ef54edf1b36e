"""What a tag releases, and from which files: what the stages release and publish both decide by."""
