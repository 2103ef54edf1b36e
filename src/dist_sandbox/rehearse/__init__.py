"""Rehearsals: a project's own workflow files, really run with act against the sandbox.

`workflows` chooses the workflows of an event and enforces what act ignores, `runs` runs them with
act, `manual_steps` does what a person does on GitHub, `results` observes and reports the outcome.
They reach the sandbox over HTTP only.
"""
