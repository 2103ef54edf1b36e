"""The operations of GitHub's REST API, one module per subject."""
