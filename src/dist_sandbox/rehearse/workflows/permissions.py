"""What `permissions:` of a job or workflow grants its job token.

Spec: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from collections.abc import Mapping
from typing import Any, Literal

from dist_sandbox.rehearse.errors import WorkflowFileError
from dist_sandbox.rehearse.workflows.files import Workflow

Access = Literal["read", "write"]

#: What a token gets where nothing is written, in organisations made since February 2023.
RESTRICTED_DEFAULT: Mapping[str, Access] = {"contents": "read", "packages": "read"}
#: Every scope that can be written; `id-token` and `attestations` know no other use than `write`.
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


def job_permissions(workflow: Workflow, job_id: str) -> dict[str, Access]:
    """The permissions of one job: its own, else the workflow's, else the restricted default.

    Raises:
        WorkflowFileError: A scope or a value that GitHub does not know.
    """
    for holder in (workflow.jobs[job_id], workflow.document):
        if "permissions" in holder:
            return _read(workflow.path, holder["permissions"])
    return dict(RESTRICTED_DEFAULT)


def _read(path: str, written: Any) -> dict[str, Access]:
    if written in ("read-all", "write-all"):
        return _all("read" if written == "read-all" else "write")
    if not isinstance(written, dict):
        raise WorkflowFileError.invalid(path, f"Unexpected value '{written}' of `permissions`")
    granted: dict[str, Access] = {}
    for scope, value in written.items():
        if scope not in SCOPES:
            raise WorkflowFileError.invalid(path, f"Unexpected value '{scope}' in `permissions`")
        allowed = {"none"} | ({"read"} - _only(scope, _NO_READ, "read"))
        allowed |= {"write"} - _only(scope, _NO_WRITE, "write")
        if value not in allowed:
            problem = f"Unexpected value '{value}' of permission `{scope}`"
            raise WorkflowFileError.invalid(path, problem)
        if value != "none":
            granted[scope] = value
    return granted


def _only(scope: str, scopes: frozenset[str], value: str) -> set[str]:
    return {value} if scope in scopes else set()


def _all(access: Access) -> dict[str, Access]:
    """`read-all` and `write-all`; a scope that lacks the level gets what it has."""
    granted: dict[str, Access] = {}
    for scope in SCOPES:
        if access == "read" and scope in _NO_READ:
            continue
        granted[scope] = "read" if scope in _NO_WRITE else access
    return granted
