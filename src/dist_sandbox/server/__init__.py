"""The process that serves every simulated service on one port."""
