"""Where the actions of a workflow come from in a rehearsal."""
