"""The results of a rehearsal: observed, installed, reported."""
