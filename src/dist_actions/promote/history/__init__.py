"""What git tells of both ends of a promotion: commits, what arrived in the target, merges."""
