"""Failures on demand: faults of services, a gate for requests, and a ledger of what happened."""
