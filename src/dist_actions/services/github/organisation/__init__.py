"""What GitHub has of an organisation: its repositories, with releases and pull requests."""
