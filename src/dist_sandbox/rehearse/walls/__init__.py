"""The walls around the jobs of a rehearsal: what of this machine and its network they reach."""
