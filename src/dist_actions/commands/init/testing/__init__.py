"""How a project is tested: test files, what they need, who lists it, and the commands."""
