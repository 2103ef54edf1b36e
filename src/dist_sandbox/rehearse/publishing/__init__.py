"""What of a project's workflows publishes, how it starts, and what it needs."""
