"""What a person does on GitHub in a rehearsal."""
