"""What GitHub demands of a change: rulesets, branch protection, checks."""
