"""What an administrator would change in Google Cloud."""
