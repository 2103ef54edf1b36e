"""GitHub's REST API over HTTP."""
