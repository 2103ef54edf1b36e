"""Deployments: what was put where, as GitHub's environments page shows it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dist_sandbox.github.access.accounts import Account


@dataclass
class Deployment:
    """A ref that was to be deployed to an environment.

    Attributes:
        payload: What its maker wants to remember with it.
        states: The states it went through, oldest first.
        run_id: The workflow run whose job it is; None for one that was made by hand.
    """

    deployment_id: int
    sha: str
    ref: str
    task: str
    environment: str
    description: str | None
    payload: Any
    creator: Account
    created_at: datetime
    states: list[str] = field(default_factory=list)
    run_id: int | None = None
