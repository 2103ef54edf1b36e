"""The pull request of a promotion: what it says, and how it is opened, superseded and merged."""
