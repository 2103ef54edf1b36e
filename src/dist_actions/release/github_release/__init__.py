"""The GitHub release of a tag: its draft, its notes, and how it is published."""
