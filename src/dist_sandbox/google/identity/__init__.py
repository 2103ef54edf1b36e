"""Who is believed: token exchange, impersonation and keys."""
