"""Every operation of the REST API, by the address that it answers at."""

from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.views import (
    actions,
    apps,
    assets,
    branch_protection,
    checks,
    commits,
    git,
    issues,
    merges,
    meta,
    pulls,
    releases,
    repositories,
    reviews,
    rulesets,
    settings,
    workflow_runs,
)

_SUBJECTS = (
    actions,
    apps,
    assets,
    branch_protection,
    checks,
    commits,
    git,
    issues,
    merges,
    meta,
    pulls,
    releases,
    repositories,
    reviews,
    rulesets,
    settings,
    workflow_runs,
)


def api_operations() -> list[Operations]:
    """The operations below `/api/v3`."""
    return [subject.operations for subject in _SUBJECTS]


def upload_operations() -> Operations:
    """The operations below `/api/uploads`."""
    return assets.uploads
