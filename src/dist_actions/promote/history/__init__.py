"""What git tells of both ends of a promotion: commits, what the target got before, merges."""
