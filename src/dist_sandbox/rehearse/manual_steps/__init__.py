"""What people do on GitHub in a rehearsal."""
