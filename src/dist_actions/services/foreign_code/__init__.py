"""Other people's code and tools, run in processes of their own."""
