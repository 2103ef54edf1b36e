"""What is left after a rehearsal: observed, installed, reported."""
