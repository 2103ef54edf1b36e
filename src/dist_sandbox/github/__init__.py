"""GitHub as the actions and their clients see it: REST, smart HTTP and the OIDC issuer."""
