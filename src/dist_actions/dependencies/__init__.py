"""What packages need of each other, and whether an index holds it."""
