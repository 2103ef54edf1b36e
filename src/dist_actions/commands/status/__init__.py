"""What stands where, and what promotion would do next; nothing here changes anything."""
