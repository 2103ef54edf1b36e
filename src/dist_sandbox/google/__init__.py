"""The simulated Google Cloud: token exchange, impersonation, Artifact Registry."""
