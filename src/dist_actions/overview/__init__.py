"""What is released in each environment."""
