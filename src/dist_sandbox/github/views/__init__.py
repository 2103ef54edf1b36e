"""The operations of GitHub's REST API, one module per subject."""

from dist_sandbox.github.operations import Operations
from dist_sandbox.github.views import apps, git, meta


def all_operations() -> list[Operations]:
    """The operations below `/api/v3`."""
    return [apps.operations, git.operations, meta.operations]


def upload_operations() -> Operations:
    """The operations below `/api/uploads`."""
    return Operations()
