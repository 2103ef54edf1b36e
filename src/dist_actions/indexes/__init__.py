"""Indexes as a job names them: from its inputs to a client that is logged in."""
