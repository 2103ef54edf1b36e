"""The project of a rehearsal: its copy, its clone, and what it needs."""
