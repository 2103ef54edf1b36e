"""The page of a rehearsal: one self-contained HTML file."""
