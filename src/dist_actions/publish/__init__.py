"""The publish stage: distributions in a folder to an index, planned, resumable, read back."""
