"""Rehearsals: a project's own workflow files, really run with act against the sandbox.

`triggers` chooses the workflows of an event, `compile` enforces what act ignores, `act` runs them,
`rehearsal` carries a version from the first environment to production, `report` says what stands
where. They speak to the sandbox over HTTP only.
"""
