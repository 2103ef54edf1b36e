"""Pull requests: reviews, merging, auto-merge and merge queues."""
