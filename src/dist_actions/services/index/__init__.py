"""Package indexes: pages, uploads, and Trusted Publishing."""
