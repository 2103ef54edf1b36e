"""The login stage: a job reads the private index of its environment, and nothing else.

It is the one stage whose token stands beside the project's code, so it only ever holds a reader's.
"""
