"""The lines that promote writes into commits and pull requests, and auto-tag reads."""
