"""Git as GitHub keeps and serves it."""
