"""What stands around a promotion: workflow runs whose jobs are checks of a commit."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.promote.conftest import Chain


def begin_run(chain: "Chain", number: int, commit: str, job: str) -> None:
    """Begin a workflow run for a release of a commit, whose only job is under way."""
    described = {
        "path": ".github/workflows/promote.yml",
        "event": "release",
        "ref": "refs/tags/v0.1.0-dev",
        "sha": commit,
        "actor": "developer",
        "jobs": [job],
    }
    chain.sandbox.control("PUT", f"runs/{number}", described)
