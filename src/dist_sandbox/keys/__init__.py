"""RSA keys: those of the sandbox, and those of issuers of ID tokens."""
