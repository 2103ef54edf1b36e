"""The publish stage: distributions in a folder to its indexes, planned, resumable, read back."""
