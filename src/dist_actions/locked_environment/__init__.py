"""The environment that an action makes for itself: where, by which installer, and whether it works.

It uses the standard library alone, and nothing of the user's workspace. Where the environment
stands already, what makes it is not even imported.
"""
