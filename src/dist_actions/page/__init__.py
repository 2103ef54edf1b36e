"""What self-contained pages share: how they are rendered, and what they look like."""
