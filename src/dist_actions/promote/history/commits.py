"""Commits of both ends in memory: who descends from whom; pure.

A join says that a commit holds all of another one although git does not know it, because a squash
threw the second parent away. Joins count like parents.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from packaging.version import Version

from dist_actions.promote.promotion import Commit


@dataclass(frozen=True)
class Ends:
    """Where both ends of a promotion are in the repository that was fetched.

    Attributes:
        source: The commit that is promoted.
        target: Tip of the target's branch.
        branch: Tip of the source's branch, which may be newer; empty where it was not fetched.
        newest: The newest version that is tagged in the target, with its tag.
        same_version: Ref of the target's tag of the version that is promoted; empty for none.
    """

    source: str
    target: str
    branch: str = ""
    newest: tuple[Version, str] | None = None
    same_version: str = ""


class CommitGraph:
    """The commits of both ends with all their ancestors.

    Args:
        commits: By SHA; a commit stands before its ancestors.
    """

    def __init__(self, commits: Mapping[str, Commit]) -> None:
        self.commits = commits
        self.joins: dict[str, tuple[str, ...]] = {}
        self._position = {sha: position for position, sha in enumerate(commits)}

    def without_joins(self) -> "CommitGraph":
        """Copy the commits as git knows them."""
        return CommitGraph(self.commits)

    def join(self, commit: str, ancestor: str) -> bool:
        """Note that a commit holds another one; False where that one descends from it.

        History cannot run in circles, so who claims such a thing is wrong.
        """
        if commit in self.ancestors(ancestor):
            return False
        self.joins[commit] = (*self.joins.get(commit, ()), ancestor)
        return True

    def parents(self, sha: str) -> tuple[str, ...]:
        """List parents and joined commits: the SHAs that a history holds, and no others."""
        return (*self.commits[sha].parents, *self.joins.get(sha, ()))

    def ancestors(self, *shas: str, beyond: Collection[str] = ()) -> set[str]:
        """Collect commits and all that they descend from.

        Args:
            *shas: The commits.
            beyond: Commits that are left out with what only they descend from.
        """
        ancestors: set[str] = set()
        waiting = list(shas)
        while waiting:
            sha = waiting.pop()
            if sha not in ancestors and sha not in beyond and sha in self.commits:
                ancestors.add(sha)
                waiting.extend(self.parents(sha))
        return ancestors

    def first_parents(self, sha: str) -> Iterable[Commit]:
        """Walk a branch's own line: its tip, the tip's first parent, and so on."""
        commit = self.commits.get(sha)
        while commit:
            yield commit
            commit = self.commits.get(commit.parents[0]) if commit.parents else None

    def newest(self, shas: Iterable[str]) -> str:
        """Find the commit that none of the others descends from; empty for none."""
        return min(shas, key=self._position.__getitem__, default="")

    def oldest_first(self, shas: Iterable[str]) -> list[str]:
        """Sort commits so that ancestors stand before their descendants."""
        return sorted(shas, key=self._position.__getitem__, reverse=True)
