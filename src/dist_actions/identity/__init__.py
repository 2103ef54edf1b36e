"""Who the job is, and its credentials."""
