"""A promotion branch, rules for `qa`, and what tests ask of a pull request between the two."""

from pathlib import Path
from typing import Any

import requests

from support.sandbox.fixtures import Sandbox, commit_file, git

HEAD = "promote/v0.5.0-to-qa"
#: What has to be said to protect a branch, where nothing is demanded.
NO_DEMANDS: dict[str, Any] = {
    "required_status_checks": None,
    "enforce_admins": None,
    "required_pull_request_reviews": None,
    "restrictions": None,
}


def push_promotion(sandbox: Sandbox, checkout: Path, *, name: str = HEAD, file: str = "a") -> str:
    """Push a branch with a commit that qa lacks, and return the commit."""
    git("checkout", "-q", "-B", "work", "origin/dev", cwd=checkout)
    sha = commit_file(checkout, f"{file}.txt", f"{file}\n", f"Add {file}")
    git("push", "-q", "-f", "origin", f"HEAD:refs/heads/{name}", cwd=checkout)
    return sha


def push_hotfix(checkout: Path) -> str:
    """Push a commit to qa that no promotion brought."""
    git("fetch", "-q", "origin", cwd=checkout)
    git("checkout", "-q", "-B", "qa", "origin/qa", cwd=checkout)
    sha = commit_file(checkout, "hotfix.txt", "h\n", "Mend")
    git("push", "-q", "origin", "qa", cwd=checkout)
    return sha


def open_pull(sandbox: Sandbox, token: str, *, head: str = HEAD, **more: Any) -> dict[str, Any]:
    """Open a pull request to qa."""
    body = {"title": "chore: promote", "body": "text", "head": head, "base": "qa", **more}
    answer = sandbox.request("POST", "pulls", token=token, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def protect(sandbox: Sandbox, *rules: dict[str, Any]) -> int:
    """Hold qa to some rules."""
    names = {"include": ["refs/heads/qa"], "exclude": []}
    body = {"name": "qa", "conditions": {"ref_name": names}, "rules": list(rules)}
    return int(sandbox.control("POST", "rulesets", body)["id"])


def protect_classically(sandbox: Sandbox, **settings: Any) -> None:
    """Protect qa by branch protection of the older kind."""
    path, body = "branches/qa/protection", {**NO_DEMANDS, **settings}
    answer = sandbox.request("PUT", path, token=sandbox.user_token, json=body)
    assert answer.status_code == 200, answer.text


def requires(*contexts: str, **more: Any) -> dict[str, Any]:
    """Make the rule that these checks must succeed."""
    checks = [{"context": context} for context in contexts]
    parameters = {"required_status_checks": checks, **more}
    return {"type": "required_status_checks", "parameters": parameters}


def reviewed(count: int = 1, **more: Any) -> dict[str, Any]:
    """Make the rule that so many people must approve."""
    parameters = {"required_approving_review_count": count, **more}
    return {"type": "pull_request", "parameters": parameters}


def merge(sandbox: Sandbox, token: str, number: int = 1, **body: Any) -> requests.Response:
    """Ask for the merge of a pull request."""
    return sandbox.request("PUT", f"pulls/{number}/merge", token=token, json=body)


def state(sandbox: Sandbox, token: str, number: int = 1) -> str:
    """Read `mergeable_state` of a pull request, from the second look."""
    for _ in range(2):
        pull_request = sandbox.request("GET", f"pulls/{number}", token=token).json()
    return str(pull_request["mergeable_state"])


def query(sandbox: Sandbox, token: str, text: str, **variables: Any) -> dict[str, Any]:
    """Send a query to the GraphQL API; return the answer."""
    answer = requests.post(
        sandbox.world.addresses.github_graphql,
        json={"query": text, "variables": variables},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
