"""Read which permissions a job token gets from `permissions:` of its job or workflow.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dist_sandbox.jobs import Access
from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.files import Workflow

#: The permissions of a token without `permissions:`, in organisations made since February 2023.
RESTRICTED_DEFAULT: Mapping[str, Access] = {"contents": "read", "packages": "read"}
#: Every scope of `permissions:`.
SCOPES = (
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
)
_NO_READ = frozenset({"id-token"})
_NO_WRITE = frozenset({"models"})


def job_permissions(
    workflow: Workflow, job_id: str, default: Mapping[str, Access] = RESTRICTED_DEFAULT
) -> dict[str, Access]:
    """Read the permissions of one job: its own, else the workflow's, else the default.

    Raises:
        WorkflowFileError: A scope or a value that GitHub does not know.
    """
    for holder in (workflow.jobs[job_id], workflow.document):
        if "permissions" in holder:
            return _read(workflow.path, holder["permissions"])
    return dict(default)


def let_write(workflow: Workflow) -> Workflow:
    """Give jobs without `permissions:` the other default, by which they may write everything."""
    if "permissions" in workflow.document:
        return workflow
    granted = {scope: access for scope, access in _all("write").items() if scope not in _NO_READ}
    return replace(workflow, document={**workflow.document, "permissions": granted})


def called_permissions(
    workflow: Workflow, job_id: str, allowed: Mapping[str, Access], caller: str
) -> dict[str, Access]:
    """Read the permissions of a job in a workflow that is called; its caller's are the most.

    Raises:
        WorkflowFileError: It asks for more; GitHub refuses the file `caller` then.
    """
    granted = job_permissions(workflow, job_id, allowed)
    for scope, access in granted.items():
        if access != allowed.get(scope) and allowed.get(scope) != "write":
            problem = f"Error calling workflow '{workflow.path}'. The nested job '{job_id}' is "
            problem += f"requesting '{scope}: {access}', but is only allowed "
            problem += f"'{scope}: {allowed.get(scope, 'none')}'."
            raise WorkflowFileError.invalid(caller, problem)
    return granted


def _read(path: str, value: Any) -> dict[str, Access]:
    if value in ("read-all", "write-all"):
        return _all("read" if value == "read-all" else "write")
    if not isinstance(value, dict):
        raise WorkflowFileError.invalid(path, f"Unexpected value '{value}' of `permissions`")
    granted: dict[str, Access] = {}
    for scope, access in value.items():
        if scope not in SCOPES:
            raise WorkflowFileError.invalid(path, f"Unexpected value '{scope}' in `permissions`")
        without_access = {"read": _NO_READ, "write": _NO_WRITE, "none": frozenset()}
        if scope in without_access.get(access, SCOPES):
            problem = f"Unexpected value '{access}' of permission `{scope}`"
            raise WorkflowFileError.invalid(path, problem)
        if access != "none":
            granted[scope] = access
    return granted


def _all(access: Access) -> dict[str, Access]:
    """Grant every scope this access; a scope that has only the other access gets that or none."""
    granted: dict[str, Access] = {}
    for scope in SCOPES:
        if access == "read" and scope in _NO_READ:
            continue
        granted[scope] = "read" if scope in _NO_WRITE else access
    return granted
