"""The checkout, through git's own command."""
