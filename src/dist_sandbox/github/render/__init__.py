"""The JSON bodies of GitHub's answers, made from the sandbox's state."""
