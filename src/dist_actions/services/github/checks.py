"""Checks of a commit on GitHub: check runs, and the older commit statuses."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from dist_actions.abbreviation import short_sha
from dist_actions.services.github.client import GitHubClient
from dist_actions.services.github.refusals import RefusedError
from dist_actions.services.json_fields import items, number, text

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
        name: As branch rules name it.
        state: Whether it keeps a commit from being merged.
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
        """Read the latest check of each name, by name.

        Raises:
            GitHubApiError: GitHub refused; the token needs checks and statuses, both read.
        """
        runs = self._pages(commit_sha, "check-runs", "check_runs", _of_run)
        statuses = self._pages(commit_sha, "status", "statuses", _of_status)
        return tuple(sorted([*runs, *statuses], key=lambda check: check.name))

    def workflow_of(self, run_id: str) -> str:
        """Read the path of a run's workflow file; empty where the token may not read that."""
        operation = f"read the workflow run {run_id}"
        try:
            path = f"actions/runs/{run_id}"
            return self._client.read(operation, path, _workflow_path, meaningful=_HIDDEN)
        except RefusedError:
            return ""

    def _pages(
        self, commit_sha: str, path: str, key: str, parse: Callable[[Any], Check]
    ) -> list[Check]:
        entries: list[Check] = []

        def parse_page(data: Any) -> tuple[list[Check], int]:
            return [parse(entry) for entry in items(data[key])], number(data["total_count"])

        for page in range(1, _MOST_PAGES + 1):
            checks, total = self._client.read(
                f"read the checks of {short_sha(commit_sha)}",
                f"commits/{commit_sha}/{path}",
                parse_page,
                per_page=100,
                page=page,
            )
            entries += checks
            if len(entries) >= total or not checks:
                break
        return entries


def _workflow_path(run: Any) -> str:
    return str(run.get("path") or "").partition("@")[0]


def _of_run(run: Any) -> Check:
    completed = run["status"] == "completed"
    result = text(run["conclusion"] if completed else run["status"])
    ended: State = "passed" if result in _GOOD else "failed"
    of_actions = (run.get("app") or {}).get("slug") == _ACTIONS
    run_page = _RUN.search(str(run.get("details_url") or "")) if of_actions else None
    return Check(
        name=text(run["name"]),
        state=ended if completed else "pending",
        result=result,
        run_id=run_page[1] if run_page else "",
    )


def _of_status(status: Any) -> Check:
    result = text(status["state"])
    states: dict[str, State] = {"success": "passed", "pending": "pending"}
    return Check(text(status["context"]), states.get(result, "failed"), result)
