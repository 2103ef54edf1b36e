"""Who asks: accounts, Apps, tokens, permissions and the OIDC issuer."""
