"""Checks of a commit, but for those of the workflow that asks.

A promotion that began with the release of a commit is a check of that commit itself: under way now,
and failed for ever where an earlier run stopped. Neither says anything about the commit.
"""

from dataclasses import dataclass, field

from dist_actions.services.github.checks import Check, Checks

#: Workflow runs that are looked up.
_MOST_RUNS = 10


@dataclass
class OthersChecks:
    """Reads the checks that count.

    Attributes:
        run_id: Of this workflow run; empty outside of one.
        workflow: Path of its file in the repository.
    """

    checks: Checks
    run_id: str = ""
    workflow: str = ""
    _workflows: dict[str, str] = field(default_factory=dict)

    def of(self, commit_sha: str) -> tuple[Check, ...]:
        """The checks of a commit that others made.

        Which workflow made one is asked only of those that are not good; where the token may not
        read that, only this very run is left out.
        """
        return tuple(one for one in self.checks.of(commit_sha) if not self._is_own(one))

    def _is_own(self, check: Check) -> bool:
        if not check.run_id or not self.run_id:
            return False
        if check.run_id == self.run_id:
            return True
        if check.state == "passed" or not self.workflow:
            return False
        if check.run_id not in self._workflows and len(self._workflows) < _MOST_RUNS:
            self._workflows[check.run_id] = self.checks.workflow_of(check.run_id)
        return self._workflows.get(check.run_id) == self.workflow
