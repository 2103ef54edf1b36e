"""Checks of a commit on GitHub: check runs, and the older commit statuses."""

import re
from dataclasses import dataclass
from typing import Any, Literal

from github import GithubException
from github.Repository import Repository

from dist_actions.services.github.client import GitHubClient

State = Literal["passed", "pending", "failed"]

#: Conclusions that do not keep a pull request from being merged either.
#: Spec: https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks
_GOOD = frozenset({"success", "neutral", "skipped"})
_HIDDEN = frozenset({403, 404})
_ACTIONS = "github-actions"
_RUN = re.compile(r"/actions/runs/(\d+)(?:/|$)", re.ASCII)
#: Pages of a hundred.
_MOST_PAGES = 5


@dataclass(frozen=True)
class Check:
    """One check of a commit.

    Attributes:
        result: GitHub's own word: `success`, `skipped`, `in_progress`, …
        run_id: Of the workflow run that it is a job of; empty where it is of none.
    """

    name: str
    state: State
    result: str
    run_id: str = ""


class Checks:
    """Reads checks.

    Spec: https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference and
    https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference
    """

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    def of(self, commit_sha: str) -> tuple[Check, ...]:
        """The latest of each name, by name.

        Raises:
            GitHubApiError: GitHub refused; the token needs checks and statuses, both read.
        """
        runs = self._pages(commit_sha, "check-runs", "check_runs")
        statuses = self._pages(commit_sha, "status", "statuses")
        found = [*map(_of_run, runs), *map(_of_status, statuses)]
        return tuple(sorted(found, key=lambda check: check.name))

    def workflow_of(self, run_id: str) -> str:
        """Path of the workflow file of a run; empty where the token may not read that."""

        def get(repo: Repository) -> str:
            run = repo.requester.requestJsonAndCheck("GET", f"{repo.url}/actions/runs/{run_id}")[1]
            return str(run.get("path") or "").partition("@")[0]

        try:
            return self._client.call(f"read the workflow run {run_id}", get, meaningful=_HIDDEN)
        except GithubException:
            return ""

    def _pages(self, commit_sha: str, path: str, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, _MOST_PAGES + 1):
            answer = self._client.read(
                f"read the checks of {commit_sha[:7]}",
                f"commits/{commit_sha}/{path}",
                per_page=100,
                page=page,
            )
            found += answer[key]
            if len(found) >= int(answer["total_count"]) or not answer[key]:
                break
        return found


def _of_run(run: dict[str, Any]) -> Check:
    done = run["status"] == "completed"
    result = str(run["conclusion"] if done else run["status"])
    state: State = "passed" if done and result in _GOOD else "failed" if done else "pending"
    of_actions = (run.get("app") or {}).get("slug") == _ACTIONS
    found = _RUN.search(str(run.get("details_url") or "")) if of_actions else None
    return Check(str(run["name"]), state, result, found[1] if found else "")


def _of_status(status: dict[str, Any]) -> Check:
    result = str(status["state"])
    states: dict[str, State] = {"success": "passed", "pending": "pending"}
    return Check(str(status["context"]), states.get(result, "failed"), result)
