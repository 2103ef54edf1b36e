"""Every operation of the REST API, by the address that it answers at."""

from dist_sandbox.github.rest.operations import Operations
from dist_sandbox.github.views import (
    apps,
    assets,
    branch_protection,
    checks,
    commits,
    deployments,
    git,
    issues,
    meta,
    pulls,
    releases,
    repositories,
    rulesets,
    settings,
    workflow_runs,
)


def api_operations() -> list[Operations]:
    """List the operations below `/api/v3`, by subject."""
    return [
        apps.operations,
        assets.operations,
        branch_protection.operations,
        checks.operations,
        commits.operations,
        deployments.operations,
        git.operations,
        issues.operations,
        meta.operations,
        pulls.operations,
        releases.operations,
        repositories.operations,
        rulesets.operations,
        settings.operations,
        workflow_runs.operations,
    ]


def upload_operations() -> Operations:
    """Return the operations below `/api/uploads`."""
    return assets.uploads
