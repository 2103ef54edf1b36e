"""Signatures of distributions by Sigstore."""
