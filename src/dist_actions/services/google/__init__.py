"""Google Cloud: access tokens and Artifact Registry."""
