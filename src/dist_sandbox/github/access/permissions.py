"""Which permission each operation of the REST API needs: one table.

The values have the form of GitHub's `X-Accepted-GitHub-Permissions` header: `;` separates ways to
be allowed, `,` what one way needs together. Three words stand for other credentials: `app` (a JWT
of an App), `user` (a person's token) and `anyone` (a token or none).

Spec: https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""

from collections.abc import Mapping

APP = "app"
USER = "user"
ANYONE = "anyone"

_REPO = "/repos/{owner}/{repo}"

ACCEPTED: Mapping[str, str] = {
    "GET /app": APP,
    "GET /app/installations": APP,
    "POST /app/installations/{installation_id}/access_tokens": APP,
    f"GET {_REPO}/installation": APP,
    "GET /orgs/{org}/installation": APP,
    "GET /users/{username}/installation": APP,
    "GET /installation/repositories": "metadata=read",
    "DELETE /installation/token": "metadata=read",
    "GET /": ANYONE,
    "GET /meta": ANYONE,
    "GET /rate_limit": ANYONE,
    "GET /users/{username}": ANYONE,
    "GET /user": USER,
    "GET /orgs/{org}/repos": "metadata=read",
    f"GET {_REPO}": "metadata=read",
    f"GET {_REPO}/tags": "metadata=read",
    f"GET {_REPO}/rulesets": "metadata=read",
    f"GET {_REPO}/rulesets/{{ruleset_id}}": "metadata=read",
    f"GET {_REPO}/rules/branches/{{branch}}": "metadata=read",
    f"GET {_REPO}/branches": "contents=read",
    f"GET {_REPO}/branches/{{branch}}": "contents=read",
    f"GET {_REPO}/branches/{{branch}}/protection": "administration=read",
    f"PUT {_REPO}/branches/{{branch}}/protection": "administration=write",
    f"DELETE {_REPO}/branches/{{branch}}/protection": "administration=write",
    f"GET {_REPO}/commits": "contents=read",
    f"GET {_REPO}/commits/{{ref}}": "contents=read",
    f"GET {_REPO}/commits/{{commit_sha}}/pulls": "pull_requests=read; contents=read",
    f"GET {_REPO}/commits/{{ref}}/check-runs": "checks=read",
    f"GET {_REPO}/commits/{{ref}}/check-suites": "checks=read",
    f"GET {_REPO}/commits/{{ref}}/status": "statuses=read",
    f"GET {_REPO}/commits/{{ref}}/statuses": "statuses=read",
    f"POST {_REPO}/statuses/{{sha}}": "statuses=write",
    f"POST {_REPO}/check-runs": "checks=write",
    f"GET {_REPO}/check-runs/{{check_run_id}}": "checks=read",
    f"PATCH {_REPO}/check-runs/{{check_run_id}}": "checks=write",
    f"GET {_REPO}/compare/{{basehead}}": "contents=read",
    f"GET {_REPO}/contents/{{path}}": "contents=read",
    f"GET {_REPO}/git/matching-refs/{{ref}}": "contents=read",
    f"GET {_REPO}/git/ref/{{ref}}": "contents=read",
    f"POST {_REPO}/git/refs": "contents=write; contents=write,workflows=write",
    f"PATCH {_REPO}/git/refs/{{ref}}": "contents=write; contents=write,workflows=write",
    f"DELETE {_REPO}/git/refs/{{ref}}": "contents=write",
    f"GET {_REPO}/git/tags/{{tag_sha}}": "contents=read",
    f"POST {_REPO}/git/tags": "contents=write",
    f"GET {_REPO}/git/commits/{{commit_sha}}": "contents=read",
    f"POST {_REPO}/git/commits": "contents=write; contents=write,workflows=write",
    f"POST {_REPO}/merges": "contents=write; contents=write,workflows=write",
    f"GET {_REPO}/pulls": "pull_requests=read",
    f"POST {_REPO}/pulls": "pull_requests=write",
    f"GET {_REPO}/pulls/{{pull_number}}": "pull_requests=read; contents=read",
    f"PATCH {_REPO}/pulls/{{pull_number}}": "pull_requests=write; contents=write",
    f"PUT {_REPO}/pulls/{{pull_number}}/merge": "contents=write; contents=write,workflows=write",
    f"GET {_REPO}/pulls/{{pull_number}}/merge": "contents=read; pull_requests=read",
    f"PUT {_REPO}/pulls/{{pull_number}}/update-branch": "pull_requests=write",
    f"POST {_REPO}/pulls/{{pull_number}}/requested_reviewers": "pull_requests=write",
    f"GET {_REPO}/pulls/{{pull_number}}/commits": "pull_requests=read",
    f"GET {_REPO}/pulls/{{pull_number}}/files": "pull_requests=read",
    f"GET {_REPO}/pulls/{{pull_number}}/reviews": "pull_requests=read",
    f"POST {_REPO}/pulls/{{pull_number}}/reviews": "pull_requests=write",
    f"POST {_REPO}/issues/{{issue_number}}/comments": "issues=write; pull_requests=write",
    f"GET {_REPO}/issues/{{issue_number}}/comments": "issues=read; pull_requests=read",
    f"POST {_REPO}/issues/{{issue_number}}/labels": "issues=write; pull_requests=write",
    f"GET {_REPO}/issues/{{issue_number}}/labels": "issues=read; pull_requests=read",
    f"GET {_REPO}/releases": "contents=read",
    f"POST {_REPO}/releases": "contents=write; contents=write,workflows=write",
    f"GET {_REPO}/releases/latest": "contents=read",
    f"GET {_REPO}/releases/tags/{{tag}}": "contents=read",
    f"POST {_REPO}/releases/generate-notes": "contents=write",
    f"GET {_REPO}/releases/{{release_id}}": "contents=read",
    f"PATCH {_REPO}/releases/{{release_id}}": "contents=write; contents=write,workflows=write",
    f"DELETE {_REPO}/releases/{{release_id}}": "contents=write",
    f"GET {_REPO}/releases/{{release_id}}/assets": "contents=read",
    f"POST {_REPO}/releases/{{release_id}}/assets": "contents=write",
    f"GET {_REPO}/releases/assets/{{asset_id}}": "contents=read",
    f"DELETE {_REPO}/releases/assets/{{asset_id}}": "contents=write",
    f"GET {_REPO}/environments": "actions=read",
    f"GET {_REPO}/environments/{{environment_name}}": "actions=read",
    f"PUT {_REPO}/environments/{{environment_name}}": "administration=write",
    f"GET {_REPO}/environments/{{environment_name}}/deployment-branch-policies": "actions=read",
    f"POST {_REPO}/environments/{{environment_name}}/deployment-branch-policies": (
        "administration=write"
    ),
    f"GET {_REPO}/environments/{{environment_name}}/variables": "environments=read",
    f"POST {_REPO}/environments/{{environment_name}}/variables": "environments=write",
    f"GET {_REPO}/environments/{{environment_name}}/variables/{{name}}": "environments=read",
    f"PATCH {_REPO}/environments/{{environment_name}}/variables/{{name}}": "environments=write",
    f"GET {_REPO}/environments/{{environment_name}}/secrets": "environments=read",
    f"GET {_REPO}/actions/variables": "actions_variables=read",
    f"GET {_REPO}/actions/organization-variables": "actions_variables=read",
    f"GET {_REPO}/actions/secrets": "secrets=read",
    f"GET {_REPO}/actions/organization-secrets": "secrets=read",
    f"GET {_REPO}/actions/runs": "actions=read",
    f"GET {_REPO}/actions/runs/{{run_id}}": "actions=read",
    f"GET {_REPO}/actions/runs/{{run_id}}/approvals": "actions=read",
    f"GET {_REPO}/actions/runs/{{run_id}}/pending_deployments": "actions=read",
    f"POST {_REPO}/actions/runs/{{run_id}}/pending_deployments": USER,
    f"GET {_REPO}/deployments": "deployments=read",
    f"POST {_REPO}/deployments": "deployments=write",
    f"POST {_REPO}/deployments/{{deployment_id}}/statuses": "deployments=write",
}


def ways(accepted: str) -> list[list[tuple[str, str]]]:
    """The ways to be allowed, each a list of permission and access."""
    return [[_pair(one) for one in way.split(",")] for way in accepted.split(";") if "=" in way]


def _pair(text: str) -> tuple[str, str]:
    name, _, access = text.strip().partition("=")
    return name, access
