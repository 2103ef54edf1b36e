"""Carry requests: connections that count, the limits of an exchange, certificates."""
