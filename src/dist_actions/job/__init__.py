"""What a workflow job hands to a stage, and what all stages do around their own work."""
