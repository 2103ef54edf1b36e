"""What a repository's settings on GitHub are, and what the project's workflows need of them."""
